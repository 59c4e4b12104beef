/*
 * Synthetic worlds: "messages=300,photos=40,video=3x30MB,docs=2x4GB,albums=10,topics=12,seed=7"
 * makes a source chat of that much and an empty target. All of it follows from the seed. A message
 * is a row of 16 bytes until somebody looks at it; a file is a number.
 *
 * first=ID: the messages' ids begin there.
 *
 * Order of making: lots of files, then units (an album, one file, one text) in a shuffled order,
 * then rows. One message id in SYNTH_GAP is left out, as deleted messages leave gaps.
 */
#include "tools/tgsim/synth_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { START_DATE = 1672531200, STEP_S = 41, TEXT_UNIT = -1 };

static const struct {
	const char *key;
	uint64_t size_max;
} forms[SYNTH_FORMS] = {
    [SYNTH_PHOTO] = {"photos", 10 << 20},  [SYNTH_VIDEO] = {"video", 4194304000},
    [SYNTH_DOC] = {"docs", 4194304000},    [SYNTH_VOICE] = {"voice", 100 << 20},
    [SYNTH_AUDIO] = {"audio", 4194304000}, [SYNTH_ROUND] = {"rounds", 100 << 20},
    [SYNTH_GIF] = {"gifs", 100 << 20},
};

/* ---- the spec ---- */

struct plain {
	const char *key;
	uint64_t min, max;
};
enum { KEY_MESSAGES, KEY_ALBUMS, KEY_TOPICS, KEY_SEED, KEY_FIRST, PLAIN_KEYS };
static const struct plain plain_keys[PLAIN_KEYS] = {
    [KEY_MESSAGES] = {"messages", 0, 10000000},
    [KEY_ALBUMS] = {"albums", 0, 1000000},
    [KEY_TOPICS] = {"topics", 0, 1000},
    [KEY_SEED] = {"seed", 0, UINT64_MAX},
    [KEY_FIRST] = {"first", 1, INT32_MAX},
};

static int wrong(char *error, size_t len, const char *key, const char *value, const char *why)
{
	snprintf(error, len, "--synth: %s=%s: %s", key, value, why);
	return 64;
}

static bool read_number(const char **text, uint64_t *out)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*out = strtoull(*text, &end, 10);
	*text = end;
	return errno == 0;
}

/* "30MB", "512KiB", "1000": powers of 1000, or of 1024 with an i. */
static bool read_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit;
	uint64_t step = 1000;

	if (!read_number(&text, out))
		return false;
	if (*text == 'B')
		return text[1] == 0;
	if (*text == 0)
		return true;
	unit = strchr(units, *text);
	if (unit == NULL)
		return false;
	text++;
	if (*text == 'i') {
		step = 1024;
		text++;
	}
	if (*text == 'B')
		text++;
	for (const char *u = units; u <= unit; u++) {
		if (*out > UINT64_MAX / step)
			return false;
		*out *= step;
	}
	return *text == 0;
}

static int read_lot(struct synth *s, enum synth_form form, const char *value, char *error,
		    size_t len)
{
	struct lot *lot = &s->lots[s->lot_count];
	const char *key = forms[form].key, *text = value;
	uint64_t count = 0;
	char why[96];

	if (s->lot_count == SYNTH_LOTS)
		return wrong(error, len, key, value, "more than 32 lots of files");
	if (!read_number(&text, &count) || count > 1000000)
		return wrong(error, len, key, value, "COUNT or COUNTxSIZE, COUNT up to 1000000");
	*lot = (struct lot){.form = form, .count = (uint32_t)count, .first = s->file_count};
	snprintf(why, sizeof(why), "a SIZE is 64 to %llu bytes, with KB, MB, GB or KiB, MiB, GiB",
		 (unsigned long long)forms[form].size_max);
	if (*text == 'x' && (!read_size(text + 1, &lot->size) || lot->size < 64 ||
			     lot->size > forms[form].size_max))
		return wrong(error, len, key, value, why);
	if (*text != 'x' && *text != 0)
		return wrong(error, len, key, value, "COUNT or COUNTxSIZE");
	s->file_count += lot->count;
	s->lot_count++;
	return 0;
}

static int read_plain(uint64_t values[PLAIN_KEYS], bool given[PLAIN_KEYS], size_t key,
		      const char *value, char *error, size_t len)
{
	const char *text = value;
	char why[64];

	snprintf(why, sizeof(why), "a number from %llu to %llu",
		 (unsigned long long)plain_keys[key].min, (unsigned long long)plain_keys[key].max);
	if (!read_number(&text, &values[key]) || *text != 0 || values[key] > plain_keys[key].max)
		return wrong(error, len, plain_keys[key].key, value, why);
	if (given[key])
		return wrong(error, len, plain_keys[key].key, value, "given twice");
	given[key] = true;
	return 0;
}

static int read_pair(struct synth *s, uint64_t values[PLAIN_KEYS], bool given[PLAIN_KEYS],
		     char *pair, char *error, size_t len)
{
	char *value = strchr(pair, '=');

	if (value == NULL)
		return wrong(error, len, pair, "", "a key needs a value");
	*value++ = 0;
	for (size_t i = 0; i < SYNTH_FORMS; i++)
		if (strcmp(pair, forms[i].key) == 0)
			return read_lot(s, (enum synth_form)i, value, error, len);
	for (size_t i = 0; i < PLAIN_KEYS; i++)
		if (strcmp(pair, plain_keys[i].key) == 0)
			return read_plain(values, given, i, value, error, len);
	return wrong(error, len, pair, value,
		     "no such key (messages, photos, video, docs, voice, audio, rounds, gifs, "
		     "albums, topics, seed, first)");
}

static uint32_t album_items(const struct synth *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->lot_count; i++)
		if (s->lots[i].form <= SYNTH_VIDEO)
			n += s->lots[i].count;
	return n;
}

/* What was left out of the spec, and what contradicts itself. */
static int complete(struct synth *s, const uint64_t values[PLAIN_KEYS],
		    const bool given[PLAIN_KEYS], char *error, size_t len)
{
	char text[32];

	s->seed = mix64(given[KEY_SEED] ? values[KEY_SEED] : 1);
	s->topics = (uint32_t)values[KEY_TOPICS];
	s->first_id = (int32_t)values[KEY_FIRST];
	s->albums = (uint32_t)values[KEY_ALBUMS];
	snprintf(text, sizeof(text), "%u", s->albums);
	if (album_items(s) == 0 && s->albums > 0) {
		if (s->lot_count == SYNTH_LOTS)
			return wrong(error, len, "albums", text, "more than 32 lots of files");
		s->lots[s->lot_count++] =
		    (struct lot){SYNTH_PHOTO, 3 * s->albums, s->file_count, 0};
		s->file_count += 3 * s->albums;
	}
	if (album_items(s) < 2 * s->albums)
		return wrong(error, len, "albums", text, "an album takes two photos or videos");
	s->messages = given[KEY_MESSAGES] ? (uint32_t)values[KEY_MESSAGES] : s->file_count;
	snprintf(text, sizeof(text), "%u", s->messages);
	if (s->messages < s->file_count)
		return wrong(error, len, "messages", text,
			     "fewer than the photos, videos and documents together");
	snprintf(text, sizeof(text), "%d", s->first_id);
	if (values[KEY_FIRST] + s->messages + s->messages / (SYNTH_GAP - 1) > (UINT64_C(1) << 31))
		return wrong(error, len, "first", text, "the last message's id is out of range");
	return 0;
}

static int parse(struct synth *s, const char *spec, char *error, size_t len)
{
	uint64_t values[PLAIN_KEYS] = {0};
	bool given[PLAIN_KEYS] = {false};
	char *copy = strdup(spec), *save = NULL;
	int rc = 0;

	check(copy != NULL);
	for (char *p = strtok_r(copy, ",", &save); p != NULL && rc == 0;
	     p = strtok_r(NULL, ",", &save))
		rc = read_pair(s, values, given, p, error, len);
	free(copy);
	return rc != 0 ? rc : complete(s, values, given, error, len);
}

/* ---- units and rows ---- */

struct unit {
	int64_t file; /* place in the order of files, or TEXT_UNIT */
	uint32_t len;
};

struct plan {
	uint32_t *order; /* file numbers: those that may be in albums first, each part shuffled */
	struct unit *units;
	uint32_t unit_count;
};

static void shuffle_numbers(const struct synth *s, uint32_t *list, uint32_t count, uint32_t what)
{
	for (uint32_t i = count; i > 1; i--) {
		uint32_t j = (uint32_t)(synth_hash(s, what, i) % i), t = list[i - 1];

		list[i - 1] = list[j];
		list[j] = t;
	}
}

static void order_files(struct synth *s, struct plan *p)
{
	uint32_t front = 0, back = album_items(s);

	for (uint32_t i = 0; i < s->lot_count; i++) {
		const struct lot *lot = &s->lots[i];

		for (uint32_t k = 0; k < lot->count; k++)
			p->order[lot->form <= SYNTH_VIDEO ? front++ : back++] = lot->first + k;
	}
	shuffle_numbers(s, p->order, front, 1);
}

static void make_units(struct synth *s, struct plan *p)
{
	uint32_t at = 0, albumable = album_items(s);

	for (uint32_t i = 0; i < s->albums; i++) {
		uint32_t spare = albumable - at - 2 * (s->albums - i);
		uint32_t more = (uint32_t)(synth_hash(s, 2, i) % 5);

		p->units[p->unit_count] = (struct unit){at, 2 + (more < spare ? more : spare)};
		at += p->units[p->unit_count++].len;
	}
	for (; at < s->file_count; at++)
		p->units[p->unit_count++] = (struct unit){at, 1};
	for (uint32_t i = s->file_count; i < s->messages; i++)
		p->units[p->unit_count++] = (struct unit){TEXT_UNIT, 1};
	for (uint32_t i = p->unit_count; i > 1; i--) {
		uint32_t j = (uint32_t)(synth_hash(s, 3, i) % i);
		struct unit t = p->units[i - 1];

		p->units[i - 1] = p->units[j];
		p->units[j] = t;
	}
}

static int32_t id_of_row(const struct synth *s, uint32_t row)
{
	return s->first_id + (int32_t)(row + row / (SYNTH_GAP - 1));
}

static bool row_of_id(const struct synth *s, int32_t id, uint32_t *row)
{
	uint32_t n = (uint32_t)(id - s->first_id);

	*row = n - n / SYNTH_GAP;
	return id >= s->first_id && n % SYNTH_GAP != SYNTH_GAP - 1 && *row < s->messages;
}

bool synth_has(const struct synth *s, int32_t id)
{
	uint32_t row;

	return row_of_id(s, id, &row);
}

/* Every fifth unit answers one of the last messages of its topic. */
static int32_t choose_reply(const struct synth *s, const struct idlist *before, uint32_t row)
{
	uint64_t h = synth_hash(s, 4, row);
	uint32_t back;

	if (h % 5 != 0 || before->count == 0)
		return 0;
	back = 1 + (uint32_t)(h / 5 % (before->count < 40 ? before->count : 40));
	return before->ids[before->count - back] >= s->first_id ? before->ids[before->count - back]
								: 0;
}

static void make_rows(struct synth *s, const struct plan *p)
{
	struct history *h = s->chat->history;
	uint32_t row = 0, album = 0;

	for (uint32_t i = 0; i < p->unit_count; i++) {
		const struct unit *u = &p->units[i];
		uint16_t topic =
		    s->topics == 0 ? 0 : (uint16_t)(synth_hash(s, 5, i) % (s->topics + 1));
		struct topic *t = s->topics == 0 ? NULL : topic_find(s->chat, 1 + topic);
		int32_t reply = choose_reply(s, t == NULL ? &h->messages : &t->messages, row);

		album += u->len > 1;
		for (uint32_t k = 0; k < u->len; k++, row++) {
			s->rows[row] = (struct row){
			    .file = u->file == TEXT_UNIT ? 0 : p->order[u->file + k] + 1,
			    .album = u->len > 1 ? album : 0,
			    .reply = reply,
			    .topic = topic,
			    .start = (uint16_t)k};
			idlist_add(s->world, &h->messages, id_of_row(s, row));
			if (t != NULL)
				idlist_add(s->world, &t->messages, id_of_row(s, row));
		}
	}
	check(row == s->messages);
}

static void lay_out(struct synth *s)
{
	struct plan p = {0};

	p.order = calloc((size_t)s->file_count + 1, sizeof(*p.order));
	p.units = calloc((size_t)s->messages + 1, sizeof(*p.units));
	check(p.order != NULL);
	check(p.units != NULL);
	order_files(s, &p);
	make_units(s, &p);
	make_rows(s, &p);
	free(p.order);
	free(p.units);
}

/* ---- chats ---- */

static void post_service(struct synth *s, struct arena *tmp, const struct tl_obj *action)
{
	struct post post = {
	    .to = s->chat->history, .from = s->users[0], .date = START_DATE, .quiet = true};
	struct tl_obj *o = tl_new(tmp, TLC_messageService);

	tl_set_obj(o, TLF_action, action);
	msg_post(s->world, &post, o);
}

static void make_topics(struct synth *s, struct arena *tmp)
{
	static const int32_t colors[] = {0x6fb9f0, 0xffd67e, 0xcb86db,
					 0x8eee98, 0xff93b2, 0xfb6f5f};

	for (uint32_t i = 0; i < s->topics; i++) {
		struct tl_obj *o = tl_new(tmp, TLC_messageActionTopicCreate);
		char title[32];

		snprintf(title, sizeof(title), "Topic %u", i + 1);
		tl_set_str(o, TLF_title, title);
		tl_set_int(o, TLF_icon_color, colors[i % countof(colors)]);
		post_service(s, tmp, o);
		arena_rewind(tmp, 0);
	}
}

static void make_source(struct synth *s)
{
	static const char *const names[SYNTH_USERS] = {"Ada", "Bento", "Clara", "Dario", "Elis"};
	uint8_t room[16384];
	struct arena tmp;

	arena_init(&tmp, room, sizeof(room));
	for (size_t i = 0; i < SYNTH_USERS; i++)
		s->users[i] = user_make(s->world, 0, names[i], "Synth");
	s->chat = target_make(s->world, CHAT_SUPERGROUP, s->topics > 0, "Synthetic source", 0);
	make_topics(s, &tmp);
	if (s->first_id <= s->chat->box.last_id)
		s->first_id = s->chat->box.last_id + 1;
	s->first_date = START_DATE + 60;
}

static uint64_t largest(const struct synth *s)
{
	uint64_t max = 0;

	for (uint32_t i = 0; i < s->lot_count; i++)
		if (s->lots[i].size > max)
			max = s->lots[i].size;
	return max;
}

int synth_open(struct world *w, const char *spec, char *error, size_t error_len)
{
	struct synth *s = world_take(w, sizeof(*s));
	struct chat *target;
	int rc;

	s->world = w;
	rc = parse(s, spec, error, error_len);
	if (rc != 0)
		return rc;
	s->rows = world_take(w, ((size_t)s->messages + 1) * sizeof(*s->rows));
	make_source(s);
	lay_out(s);
	if (s->messages > 0)
		box_made_lazily(&s->chat->box, s, s->chat->history, id_of_row(s, s->messages - 1));
	w->synth = s;
	target = target_make(w, CHAT_SUPERGROUP, s->topics > 0, "Empty target", 0);
	check(target == world_chat_at(w, 1));
	if (w->opt.account_count == 0 && largest(s) > 2097152000)
		for (struct account *a = w->accounts; a != NULL; a = a->next)
			a->user->premium = true;
	return 0;
}

/* ---- facts of one message ---- */

static const struct row *row_at(const struct synth *s, int32_t id)
{
	uint32_t row;

	check(row_of_id(s, id, &row));
	return &s->rows[row];
}

void synth_fill(struct synth *s, struct world *w, struct msg *m)
{
	const struct row *r = row_at(s, m->id);
	uint32_t first = (uint32_t)(r - s->rows) - r->start;

	m->date = s->first_date + (int32_t)(first * STEP_S);
	m->from_id = s->users[synth_hash(s, 6, first) % SYNTH_USERS]->id;
	m->topic_id = s->topics == 0 ? 0 : 1 + r->topic;
	if (r->album != 0)
		m->grouped_id = (int64_t)(synth_hash(s, 7, r->album) >> 1);
	if (r->file != 0)
		m->file = synth_file_at(s, r->file - 1);
}

const struct row *synth_row(const struct synth *s, int32_t id)
{
	return row_at(s, id);
}
