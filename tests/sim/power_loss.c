/*
 * Power losses and kills under the real ledger (reliability.md P6, P7, P8): random histories of a
 * job, a death at any write, sync or name, and then what a restart finds: everything that was
 * durable, nothing invented, whole groups in their order, and never a file called damaged.
 *
 *     power_loss [IMAGES] [SEED]      one seed lives through some deaths; IMAGES counts those
 *
 * The first line says the seed, the last one what fired and a hash that equal seeds repeat. A
 * failure prints the command that shows it again, and ends with 129.
 */
#include "tests/sim/disk.h"
#include "tests/sim/job_model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEATHS = 6, INVARIANT = 129, WHY = 256 };

static const char path[] = "job.ledger";

/* One disk, from its first ledger to its last death. */
struct life {
	uint64_t first, seed; /* as begun; as it goes on */
	struct disk *disk;
	struct ledger *ledger;
	bool made; /* an open has succeeded: the file must be there ever after */
	struct model base, issued;
	struct record records[MODEL_RECORDS];
	uint32_t count, durable; /* records since base */
	/* What the last death lost: a job that is started again does the same again. */
	struct record again[MODEL_RECORDS];
	uint32_t again_at, again_count;
	uint32_t opened_at; /* ticket 0 of the open ledger is this record */
	uint64_t hash;
	char why[WHY];
};

struct totals {
	uint64_t images, recoveries, kills, restarts, faults, records, lost, reopens;
	struct disk_counts disk;
	uint64_t hash;
};

static uint32_t roll(struct life *f, uint32_t n)
{
	return (uint32_t)(disk_random(&f->seed) % n);
}

static void fail(const struct life *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(const struct life *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "seed %" PRIu64 ": ", f->first);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\nagain: power_loss 1 %" PRIu64 "\n", f->first);
	va_end(args);
	exit(INVARIANT);
}

static enum ledger_fault open_ledger(struct life *f)
{
	struct ledger_options options = {.disk = disk_calls(f->disk),
					 .threadless = true,
					 .log_pages = roll(f, 2) ? 4 + roll(f, 40) : 0};
	struct ledger_job job = {.account = 1, .source = -1001, .target = -1002, .generation = 1};
	enum ledger_fault fault =
	    ledger_open_on(&f->ledger, &options, path, &job, !f->made, f->why, sizeof(f->why));

	f->made |= fault == LEDGER_SOUND;
	f->opened_at = f->count;
	return fault;
}

/* How far the ledger says that all is safe, among the records since base. */
static void note_durable(struct life *f)
{
	if (f->ledger != NULL)
		f->durable = f->opened_at + (uint32_t)ledger_durable(f->ledger);
}

/* What a restart finds is the records up to some number between the durable and the issued. */
static uint32_t verify(struct life *f)
{
	struct model got, want = f->base;
	char first[MODEL_WHY] = "", why[MODEL_WHY];

	model_read(&got, f->ledger);
	if (ledger_fault(f->ledger, why, sizeof(why)) != LEDGER_SOUND)
		fail(f, "restart: %s", why);
	for (uint32_t n = 0;; n++) {
		if (n >= f->durable && model_equal(&got, &want, n == f->durable ? first : why))
			return n;
		if (n == f->count)
			break;
		model_apply(&want, &f->records[n]);
	}
	fail(
	    f,
	    "no prefix of the %u records, %u of them durable\nafter the durable: %s\nafter all: %s",
	    f->count, f->durable, first, f->durable == f->count ? first : why);
	return 0;
}

/* The power goes again while the ledger recovers, and again. */
static void cut_recovery(struct life *f, struct totals *t)
{
	while (roll(f, 3) == 0) {
		disk_fail(f->disk, &(struct disk_faults){.cut_at = 1 + roll(f, 40)});
		open_ledger(f);
		if (f->ledger != NULL)
			ledger_close(&f->ledger);
		if (!disk_dead(f->disk))
			continue;
		disk_crash(f->disk, DISK_POWER, disk_random(&f->seed));
		t->recoveries++;
	}
}

static void restart(struct life *f, struct totals *t)
{
	enum ledger_fault fault;
	uint32_t n;

	cut_recovery(f, t);
	disk_fail(f->disk, &(struct disk_faults){0});
	fault = open_ledger(f);
	if (fault != LEDGER_SOUND)
		fail(f, "a restart is refused, fault %d: %s", fault, f->why);
	n = verify(f);
	t->lost += f->count - n;
	f->again_at = 0;
	f->again_count = roll(f, 4) != 0 ? f->count - n : 0;
	memcpy(f->again, &f->records[n], f->again_count * sizeof(f->again[0]));
	f->hash = f->hash * 31 + n;
	model_read(&f->base, f->ledger);
	f->issued = f->base;
	f->count = f->durable = f->opened_at = 0;
}

/* P7: the ledger has met a fault, the machine goes on. Nothing is written any more, by no call. */
static void after_fault(struct life *f)
{
	uint64_t writes = disk_counts(f->disk).writes, durable = ledger_durable(f->ledger);
	struct record rec;

	disk_fail(f->disk, &(struct disk_faults){0});
	record_draw(&rec, &f->issued, &f->seed);
	if (rec.kind != RECORD_RETRY)
		record_hand_in(&rec, f->ledger);
	if (ledger_turn(f->ledger) || ledger_sync(f->ledger) == LEDGER_SOUND)
		fail(f, "the ledger goes on after its fault");
	if (ledger_durable(f->ledger) != durable)
		fail(f, "something became durable after the fault");
	if (ledger_close(&f->ledger) == LEDGER_SOUND)
		fail(f, "the close of a ledger with a fault says nothing");
	if (disk_counts(f->disk).writes != writes)
		fail(f, "something was written after the fault");
}

static void draw_faults(struct life *f)
{
	struct disk_faults faults = {0};
	uint32_t rate = 65536 / (20 + roll(f, 400));

	if (roll(f, 4) != 0)
		faults.cut_at = 1 + roll(f, 1U << (2 + roll(f, 8)));
	switch (roll(f, 12)) {
	case 0:
		faults.full_rate = rate;
		break;
	case 1:
		faults.full_at = 1 + roll(f, 200);
		break;
	case 2:
	case 3:
		faults.sync_rate = rate;
		break;
	case 4:
		faults.write_rate = rate;
		break;
	case 5:
		faults.read_rate = rate;
		break;
	default:
		break;
	}
	disk_fail(f->disk, &faults);
}

static void hand_in(struct life *f, struct totals *t)
{
	struct record *rec = &f->records[f->count];

	if (f->again_at < f->again_count)
		*rec = f->again[f->again_at++];
	else
		record_draw(rec, &f->issued, &f->seed);
	f->count++; /* before: a retry commits it at once */
	record_hand_in(rec, f->ledger);
	model_apply(&f->issued, rec);
	t->records++;
}

/* False: the ledger is closed; that failed, or it could not be opened again. */
static bool reopen(struct life *f, struct totals *t)
{
	note_durable(f);
	snprintf(f->why, sizeof(f->why), "the close failed");
	t->reopens++;
	if (ledger_close(&f->ledger) != LEDGER_SOUND)
		return false;
	f->durable = f->count;
	return open_ledger(f) == LEDGER_SOUND;
}

/* Until the power goes, a fault shows, or the work is done. */
static void work(struct life *f, struct totals *t)
{
	uint32_t steps = 20 + roll(f, 380);

	while (f->ledger == NULL || (steps-- > 0 && f->count < MODEL_RECORDS)) {
		uint32_t dice = roll(f, 100);

		if (f->ledger == NULL) {
			if (open_ledger(f) != LEDGER_SOUND)
				return;
		} else if (dice < 60) {
			hand_in(f, t);
		} else if (dice < 90) {
			ledger_turn(f->ledger);
		} else if (dice < 97) {
			ledger_sync(f->ledger);
		} else if (!reopen(f, t)) {
			return;
		}
		if (disk_dead(f->disk) || ledger_fault(f->ledger, NULL, 0) != LEDGER_SOUND)
			return;
	}
}

static void die(struct life *f, struct totals *t)
{
	bool power = disk_dead(f->disk) || roll(f, 3) != 0;

	note_durable(f);
	disk_crash(f->disk, power ? DISK_POWER : DISK_KILL, disk_random(&f->seed));
	if (f->ledger != NULL)
		ledger_close(&f->ledger);
	f->hash = f->hash * 31 + disk_hash(f->disk);
	t->images += power;
	t->kills += !power;
}

/* The ledger's own fault ends the process, not the machine: the next one sees what was written. */
static void exit_and_go_on(struct life *f, struct totals *t)
{
	note_durable(f);
	t->faults++;
	if (f->ledger != NULL)
		after_fault(f);
	t->restarts++;
}

static void live(uint64_t seed, struct totals *t)
{
	static struct life life; /* large */
	struct life *f = &life;
	const struct disk_counts *c;

	memset(f, 0, sizeof(*f));
	f->first = seed;
	f->seed = seed ^ 0x706f776572;
	f->disk = disk_open(seed);
	for (int k = 0; k < DEATHS; k++) {
		draw_faults(f);
		work(f, t);
		if (!disk_dead(f->disk) &&
		    (f->ledger == NULL || ledger_fault(f->ledger, NULL, 0) != LEDGER_SOUND)) {
			if (f->ledger == NULL && f->why[0] == 0)
				fail(f, "refused without a word");
			exit_and_go_on(f, t);
		} else {
			die(f, t);
		}
		restart(f, t);
	}
	ledger_close(&f->ledger);
	t->hash = t->hash * 31 + (f->hash ^ disk_hash(f->disk));
	const struct disk_counts counts = disk_counts(f->disk);

	c = &counts;
	for (size_t i = 0; i < sizeof(*c) / sizeof(uint64_t); i++)
		((uint64_t *)(void *)&t->disk)[i] += ((const uint64_t *)(const void *)c)[i];
	disk_close(&f->disk);
}

static bool fired(const char *what, uint64_t n)
{
	if (n == 0)
		fprintf(stderr, "%s: never happened\n", what);
	return n > 0;
}

static int report(const struct totals *t, uint64_t lives)
{
	const struct disk_counts *c = &t->disk;
	bool all = true;

	printf("%" PRIu64 " images of power loss and %" PRIu64 " in recoveries, %" PRIu64
	       " kills, %" PRIu64 " restarts after a fault, in %" PRIu64
	       " lives: nothing lost, nothing invented\n",
	       t->images, t->recoveries, t->kills, t->restarts, lives);
	printf("records %" PRIu64 " (%" PRIu64 " not durable and gone), reopens %" PRIu64 "\n",
	       t->records, t->lost, t->reopens);
	printf("writes %" PRIu64 ", syncs %" PRIu64 ", directory syncs %" PRIu64 ", names %" PRIu64
	       ", reads %" PRIu64 "\n",
	       c->writes, c->syncs, c->dir_syncs, c->names, c->reads);
	printf("sectors lost %" PRIu64 ", kept %" PRIu64 ", torn %" PRIu64 "; names lost %" PRIu64
	       ", kept %" PRIu64 "\n",
	       c->sectors_old, c->sectors_new, c->sectors_torn, c->names_old, c->names_new);
	printf("disk full %" PRIu64 ", failed writes %" PRIu64 ", reads %" PRIu64 ", syncs %" PRIu64
	       "\n",
	       c->full, c->write_errors, c->read_errors, c->sync_errors);
	if (t->images >= 200) {
		all &= fired("kill", t->kills);
		all &= fired("cut recovery", t->recoveries);
		all &= fired("torn sector", c->sectors_torn);
		all &= fired("lost sector", c->sectors_old);
		all &= fired("lost name", c->names_old);
		all &= fired("kept name", c->names_new);
		all &= fired("full disk", c->full);
		all &= fired("failed write", c->write_errors);
		all &= fired("failed read", c->read_errors);
		all &= fired("failed sync", c->sync_errors);
		all &= fired("lost record", t->lost);
	}
	printf("TRACE %016" PRIx64 "\n", t->hash);
	return all ? 0 : INVARIANT;
}

int main(int argc, char **argv)
{
	uint64_t images = argc > 1 ? strtoull(argv[1], NULL, 10) : 300;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1, lives = 0;
	struct totals t = {0};

	printf("SEED %" PRIu64 " IMAGES %" PRIu64 "\n", seed, images);
	fflush(stdout);
	while (t.images < images || lives == 0)
		live(seed + lives++, &t);
	return report(&t, lives);
}
