/*
 * Measures of the opening of packets that are not ours, to be run by hand:
 *
 *     hostile_packets [COUNT]         COUNT damaged packets (default 10^6): none is opened
 *     hostile_packets timing [COUNT]  Welch's t between two kinds of refused packets
 *
 * timing: does the time of a refusal tell what was decrypted? Class A has a wrong hash over a plaintext
 * with a sound inner length, class B over one with a wild one; and the first or the last byte of msg_key
 * is the wrong one. Both are refused by the hash, so |t| must stay small (below 4.5). The machine should
 * have nothing else to do.
 */
#include "proto/base/check.h"
#include "proto/crypto/ige.h"
#include "proto/wire/envelope.h"
#include "tests/wire/wire_kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

enum { BODY = 480, WARM = 1000 };

static struct auth_key key;

/*
 * A packet with a right msg_key, or with one of its bytes wrong (0 .. 15): encrypted under the wrong one,
 * so that it is opened to this plaintext all the same, and only the hash can tell.
 */
static void craft(struct room *room, uint32_t stated, int wrong)
{
	uint8_t large[32], aes_key[32], aes_iv[32];
	struct buf *b = room_empty(room);
	uint8_t *plain = buf_put(b, 32 + BODY + 16), *clear;

	memset(plain, 0x5a, 32 + BODY + 16);
	store_le32(plain + 28, stated);
	msgkey_large(large, &key, MSG_FROM_SERVER, buf_view(b));
	if (wrong >= 0)
		large[8 + wrong] ^= 1;
	msgkey_derive(aes_key, aes_iv, &key, large + 8, MSG_FROM_SERVER);
	ige_encrypt(aes_key, aes_iv, plain, 32 + BODY + 16);
	clear = buf_push(b, 24);
	store_le64(clear, key.id);
	memcpy(clear + 8, large + 8, 16);
}

static enum envelope_fault open_one(struct room *room)
{
	struct envelope_job job = {.packet = &room->buf, .key = &key, .dir = MSG_FROM_SERVER};

	envelope_open_batch(&job, 1);
	return job.fault;
}

static int damage_many(uint64_t count)
{
	static struct room room;
	uint64_t seed = 1, opened = 0, by[ENVELOPE_PADDING + 1] = {0};

	for (uint64_t i = 0; i < count; i++) {
		uint32_t at, n = 1 + (uint32_t)(kit_next(&seed) % 4);
		enum envelope_fault fault;

		craft(&room, i % 2 == 0 ? BODY : (uint32_t)kit_next(&seed), -1);
		if (i % 8 == 7)
			buf_trim(&room.buf, (uint32_t)(8 + kit_next(&seed) % (room.buf.len - 8)));
		while (n-- > 0 && i % 8 != 7) {
			at = 8 + (uint32_t)(kit_next(&seed) % (room.buf.len - 8));
			buf_at(&room.buf)[at] ^= (uint8_t)(1u << (kit_next(&seed) & 7));
			if (n == 0) /* two flips may undo each other: this one nobody undoes */
				buf_at(&room.buf)[8] ^= 0xff;
		}
		fault = open_one(&room);
		by[fault]++;
		opened += fault != ENVELOPE_MSG_KEY && fault != ENVELOPE_SHORT;
	}
	printf("%llu damaged packets: %llu refused by the hash, %llu too short, %llu otherwise\n",
	       (unsigned long long)count, (unsigned long long)by[ENVELOPE_MSG_KEY],
	       (unsigned long long)by[ENVELOPE_SHORT], (unsigned long long)opened);
	return opened == 0 ? 0 : 1;
}

struct sum {
	double n, mean, m2;
};

static void put(struct sum *s, double x)
{
	double d = x - s->mean;

	s->n++;
	s->mean += d / s->n;
	s->m2 += d * (x - s->mean);
}

static double welch(const struct sum *a, const struct sum *b)
{
	return (a->mean - b->mean) /
	       sqrt(a->m2 / (a->n - 1) / a->n + b->m2 / (b->n - 1) / b->n);
}

static int compare_cycles(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Interrupts and neighbours are cut off at the same height for both classes. */
static double t_of(const uint64_t *cycles, const uint8_t *classes, uint64_t count, double keep)
{
	uint64_t *sorted = malloc(count * sizeof(*sorted)), limit;
	struct sum sums[2] = {{0}, {0}};

	check(sorted != NULL);
	memcpy(sorted, cycles, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_cycles);
	limit = sorted[(uint64_t)((double)(count - 1) * keep)];
	free(sorted);
	for (uint64_t i = 0; i < count; i++)
		if (cycles[i] <= limit)
			put(&sums[classes[i]], (double)cycles[i]);
	return welch(&sums[0], &sums[1]);
}

static int timing(uint64_t count)
{
	static struct room sound, wild, room;
	uint64_t *cycles = malloc(count * sizeof(*cycles)), seed = 7;
	uint8_t *classes = malloc(count);
	unsigned aux;
	double worst = 0;

	check(cycles != NULL && classes != NULL);
	craft(&sound, BODY, 0);
	craft(&wild, 0xdeadbeef, 15);
	for (uint64_t i = 0; i < count + WARM; i++) {
		uint8_t class = (uint8_t)(kit_next(&seed) & 1);
		const struct room *from = class ? &wild : &sound;
		uint64_t begin;

		room_with(&room, buf_view(&from->buf));
		begin = __rdtscp(&aux);
		check(open_one(&room) == ENVELOPE_MSG_KEY);
		if (i >= WARM) {
			cycles[i - WARM] = __rdtscp(&aux) - begin;
			classes[i - WARM] = class;
		}
	}
	for (int percent = 50; percent <= 99; percent += percent < 90 ? 20 : 9) {
		double t = t_of(cycles, classes, count, percent / 100.0);

		printf("the quicker %2d %%: t = %+.2f\n", percent, t);
		worst = fabs(t) > worst ? fabs(t) : worst;
	}
	printf("%llu samples, largest |t| %.2f (limit 4.5)\n", (unsigned long long)count, worst);
	free(cycles);
	free(classes);
	return worst < 4.5 ? 0 : 1;
}

int main(int argc, char **argv)
{
	bool timed = argc > 1 && strcmp(argv[1], "timing") == 0;
	const char *number = argc > 1 + timed ? argv[1 + timed] : "1000000";
	uint64_t count = strtoull(number, NULL, 10);

	for (uint32_t i = 0; i < sizeof(key.key); i++)
		key.key[i] = (uint8_t)(i * 7 + 1);
	authkey_finish(&key);
	if (count < 10)
		count = 10;
	return timed ? timing(count) : damage_many(count);
}
