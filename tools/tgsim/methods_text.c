/*
 * Message text, pure: UTF-8 in, the stored form and its entities out. It walks the text once for
 * the ends and once for what can be derived from it. It knows nothing of messages, peers or limits
 * other than those of entities; who a mention by id means was settled by the caller.
 */
#include "tools/tgsim/methods_text.h"

#include "proto/base/check.h"

#include <stdlib.h>

/* One code point at p; its length in bytes, 0 when it is not one. */
static uint32_t decode(struct cspan s, size_t at, uint32_t *cp)
{
	const uint8_t *p = s.at + at;
	size_t left = s.len - at;
	uint32_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};

	if (n == 1) {
		*cp = p[0];
		return 1;
	}
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > left)
		return 0;
	*cp = p[0] & (0xffu >> (n + 1));
	for (uint32_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	return *cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000) ? 0 : n;
}

static uint32_t units_of(uint32_t cp)
{
	return cp >= 0x10000 ? 2 : 1;
}

int32_t text_units(struct cspan s)
{
	int32_t units = 0;
	uint32_t cp;

	for (size_t at = 0; at < s.len;) {
		uint32_t n = decode(s, at, &cp);

		if (n == 0)
			return -1;
		units += (int32_t)units_of(cp);
		at += n;
	}
	return units;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000;
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_latin(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters of any script, roughly: what is neither ASCII nor punctuation nor a symbol block. */
static bool is_word(uint32_t c)
{
	if (c < 0x80)
		return is_latin(c) || is_digit(c) || c == '_';
	if (c < 0xc0)
		return c == 0xaa || c == 0xb5 || c == 0xba;
	return c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c < 0x2c00) &&
	       !(c >= 0x3000 && c < 0x3040) && !(c >= 0xe000 && c < 0xf900) &&
	       !(c >= 0xfe00 && c < 0xfe70) && c < 0x1f000;
}

/* ---- the walk: an array of code points with their offsets, so that looking back is easy ---- */

struct walk {
	struct cspan s;
	uint32_t *cp;
	uint32_t *unit; /* UTF-16 offset of each; one more at the end */
	uint32_t count;
};

static bool walk_init(struct walk *w, struct arena *a, struct cspan s)
{
	uint32_t units = 0;

	w->s = s;
	w->count = 0;
	w->cp = arena_take_many(a, s.len + 1, sizeof(*w->cp));
	w->unit = arena_take_many(a, s.len + 1, sizeof(*w->unit));
	if (w->cp == NULL || w->unit == NULL)
		return false;
	for (size_t at = 0; at < s.len;) {
		at += decode(s, at, &w->cp[w->count]);
		w->unit[w->count] = units;
		units += units_of(w->cp[w->count]);
		w->count++;
	}
	w->unit[w->count] = units;
	w->cp[w->count] = 0;
	return true;
}

struct found {
	enum tlc kind;
	uint32_t from, to; /* code point indices */
};

static bool host_char(uint32_t c)
{
	return is_word(c) ? c != '_' : c == '-';
}

static bool known_top(const struct walk *w, uint32_t from, uint32_t to)
{
	static const char *const tops[] = {"com", "org", "net",  "io",  "me",  "ru", "br", "de",
					   "dev", "app", "info", "edu", "gov", "uk", "fr", "es",
					   "pt",  "it",  "co",   "tv",  "ai",  "xyz"};

	for (size_t t = 0; t < countof(tops); t++) {
		size_t n = strlen(tops[t]), i = 0;

		while (i < n && from + i < to && (w->cp[from + i] | 0x20) == (uint32_t)tops[t][i])
			i++;
		if (i == n && from + n == to)
			return true;
	}
	return false;
}

/* A host name from i on: the index behind it, and whether its last label is a known top. */
static uint32_t host_end(const struct walk *w, uint32_t i, bool *top)
{
	uint32_t from = i, label = i, dots = 0;

	while (i < w->count &&
	       (host_char(w->cp[i]) || (w->cp[i] == '.' && i > label && host_char(w->cp[i + 1])))) {
		if (w->cp[i] == '.') {
			dots++;
			label = i + 1;
		}
		i++;
	}
	*top = dots > 0 && known_top(w, label, i);
	return i > from ? i : from;
}

/* The tail of an address: up to white space, without the punctuation that ends a sentence. */
static uint32_t path_end(const struct walk *w, uint32_t i)
{
	uint32_t open = 0, from = i;

	if (i < w->count && w->cp[i] != '/' && w->cp[i] != '?' && w->cp[i] != '#' &&
	    w->cp[i] != ':')
		return i;
	while (i < w->count && !is_space(w->cp[i]) && w->cp[i] != '<' && w->cp[i] != '>' &&
	       w->cp[i] != '"' && w->cp[i] != 0xab && w->cp[i] != 0xbb) {
		open += w->cp[i] == '(';
		if (w->cp[i] == ')') {
			if (open == 0)
				break;
			open--;
		}
		i++;
	}
	while (i > from && w->cp[i - 1] < 0x80 && strchr(".,:;!?'", (int)w->cp[i - 1]) != NULL)
		i--;
	return i;
}

static bool match_ascii(const struct walk *w, uint32_t i, const char *word)
{
	size_t n = strlen(word);

	for (size_t k = 0; k < n; k++)
		if (i + k >= w->count || w->cp[i + k] >= 0x80 ||
		    (w->cp[i + k] | (is_latin(w->cp[i + k]) ? 0x20 : 0)) != (uint32_t)word[k])
			return false;
	return true;
}

static bool find_url(const struct walk *w, uint32_t i, struct found *f)
{
	static const char *const schemes[] = {"https://", "http://", "ftp://", "tg://", "ton://"};
	bool top;
	uint32_t host = i, end;

	if (i > 0 && (is_word(w->cp[i - 1]) || w->cp[i - 1] == '@' || w->cp[i - 1] == '.' ||
		      w->cp[i - 1] == '-' || w->cp[i - 1] == '/'))
		return false;
	for (size_t s = 0; s < countof(schemes); s++)
		if (match_ascii(w, i, schemes[s]))
			host = i + (uint32_t)strlen(schemes[s]);
	end = host_end(w, host, &top);
	if (end == host || (host == i && !top))
		return false;
	if (w->cp[end] == '@' && host == i)
		return false; /* an e-mail address */
	*f = (struct found){TLC_messageEntityUrl, i, path_end(w, end)};
	return true;
}

static bool find_email(const struct walk *w, uint32_t i, struct found *f)
{
	uint32_t at = i, end;
	bool top;

	if (i > 0 && (is_word(w->cp[i - 1]) || w->cp[i - 1] == '.' || w->cp[i - 1] == '-' ||
		      w->cp[i - 1] == '+'))
		return false;
	while (at < w->count && w->cp[at] < 0x80 &&
	       (is_word(w->cp[at]) || strchr(".-+", (int)w->cp[at]) != NULL))
		at++;
	if (at == i || at >= w->count || w->cp[at] != '@')
		return false;
	end = host_end(w, at + 1, &top);
	*f = (struct found){TLC_messageEntityEmail, i, end};
	return top;
}

static uint32_t name_end(const struct walk *w, uint32_t i)
{
	while (i < w->count && w->cp[i] < 0x80 && is_word(w->cp[i]))
		i++;
	return i;
}

/* @name #tag $TAG /command: i is at the sign, and the sign stands free. */
static bool find_signed(const struct walk *w, uint32_t i, struct found *f)
{
	uint32_t end = i + 1, digits = 0;

	if (i > 0 && (is_word(w->cp[i - 1]) || w->cp[i - 1] == w->cp[i] || w->cp[i - 1] == '/' ||
		      (w->cp[i] == '/' && (w->cp[i - 1] == '<' || w->cp[i - 1] == '>'))))
		return false;
	switch (w->cp[i]) {
	case '@':
		end = name_end(w, i + 1);
		*f = (struct found){TLC_messageEntityMention, i, end};
		return end - i > 4 && end - i <= 33 && is_latin(w->cp[i + 1]);
	case '/':
		end = name_end(w, i + 1);
		if (end == i + 1 || end - i > 65 || is_word(w->cp[end]) || w->cp[end] == '/')
			return false;
		if (w->cp[end] == '@' && name_end(w, end + 1) > end + 3)
			end = name_end(w, end + 1);
		*f = (struct found){TLC_messageEntityBotCommand, i, end};
		return true;
	case '#':
		for (; end < w->count && is_word(w->cp[end]); end++)
			digits += is_digit(w->cp[end]);
		*f = (struct found){TLC_messageEntityHashtag, i, end};
		return end - i > 1 && end - i <= 257 && digits < end - i - 1 && w->cp[end] != '#';
	case '$':
		while (end < w->count && w->cp[end] >= 'A' && w->cp[end] <= 'Z')
			end++;
		*f = (struct found){TLC_messageEntityCashtag, i, end};
		return end - i > 3 && end - i <= 9 && !is_word(w->cp[end]);
	default:
		return false;
	}
}

static bool find_at(const struct walk *w, uint32_t i, struct found *f)
{
	return find_signed(w, i, f) ||
	       (w->cp[i] != '@' && (find_email(w, i, f) || find_url(w, i, f)));
}

/* ---- entities ---- */

struct piece {
	int32_t offset, length;
	const struct tl_obj *obj; /* NULL: derived, kind says what */
	enum tlc kind;
	uint32_t nth; /* keeps the order stable */
};

static bool keeps_others_out(enum tlc kind)
{
	switch (kind) {
	case TLC_messageEntityCode:
	case TLC_messageEntityPre:
	case TLC_messageEntityTextUrl:
	case TLC_messageEntityMentionName:
	case TLC_messageEntityUrl:
	case TLC_messageEntityEmail:
	case TLC_messageEntityMention:
	case TLC_messageEntityHashtag:
	case TLC_messageEntityCashtag:
	case TLC_messageEntityBotCommand:
	case TLC_messageEntityPhone:
	case TLC_messageEntityBankCard:
		return true;
	default:
		return false;
	}
}

static bool taken(const struct piece *p, uint32_t count, int32_t offset, int32_t length)
{
	for (uint32_t i = 0; i < count; i++)
		if (keeps_others_out(p[i].kind) && p[i].offset < offset + length &&
		    offset < p[i].offset + p[i].length)
			return true;
	return false;
}

static int by_place(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->length != y->length)
		return x->length > y->length ? -1 : 1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

/* Sent ones, moved by what the trimming took in front and cut to what is left. */
static uint32_t clip(struct piece *out, const struct tl_obj *const *in, uint32_t count,
		     int32_t front, int32_t units)
{
	uint32_t n = 0, emoji = 0, others = 0;

	for (uint32_t i = 0; i < count; i++) {
		bool is_emoji = tl_cons(in[i]) == TLC_messageEntityCustomEmoji;
		int32_t from = tl_int(in[i], TLF_offset) - front;
		int32_t to = from + tl_int(in[i], TLF_length);

		if ((is_emoji ? emoji++ : others++) >= TEXT_ENTITIES_MAX)
			continue;
		from = from < 0 ? 0 : from;
		to = to > units ? units : to;
		if (from < to)
			out[n] = (struct piece){from, to - from, in[i], tl_cons(in[i]), n}, n++;
	}
	return n;
}

static uint32_t derive(struct piece *p, uint32_t count, uint32_t room, const struct walk *w)
{
	uint32_t sent = count;
	struct found f;

	for (uint32_t i = 0; i < w->count; i++) {
		int32_t offset = (int32_t)w->unit[i];

		if (is_space(w->cp[i]) || !find_at(w, i, &f))
			continue;
		if (count < room && !taken(p, sent, offset, (int32_t)w->unit[f.to] - offset))
			p[count] = (struct piece){offset, (int32_t)w->unit[f.to] - offset, NULL,
						  f.kind, count},
			count++;
		i = f.to - 1;
	}
	return count;
}

static enum text_fault store(struct arena *a, struct text *out, const struct piece *p, uint32_t n)
{
	out->entities = arena_take_many(a, n + 1, sizeof(out->entities[0]));
	if (out->entities == NULL)
		return TEXT_MEMORY;
	for (uint32_t i = 0; i < n; i++) {
		struct tl_obj *e = p[i].obj != NULL ? tl_copy(a, p[i].obj) : tl_new(a, p[i].kind);

		if (e == NULL)
			return TEXT_MEMORY;
		tl_set_int(e, TLF_offset, p[i].offset);
		tl_set_int(e, TLF_length, p[i].length);
		out->entities[i] = e;
	}
	out->count = n;
	return TEXT_SOUND;
}

/* Bytes and units of white space at the front; the view loses both ends. */
static int32_t trim(struct cspan *s)
{
	size_t end = 0, at = 0, front = 0;
	int32_t units = 0;
	bool seen = false;
	uint32_t cp;

	while (at < s->len) {
		at += decode(*s, at, &cp);
		if (!is_space(cp)) {
			seen = true;
			end = at;
		} else if (!seen) {
			front = at;
			units += (int32_t)units_of(cp);
		}
	}
	*s = seen ? (struct cspan){s->at + front, end - front} : (struct cspan){s->at, 0};
	return units;
}

enum text_fault text_take(struct arena *a, struct cspan s, const struct tl_obj *const *entities,
			  uint32_t count, struct text *out)
{
	int32_t units = text_units(s), front;
	uint32_t room = TEXT_ENTITIES_MAX * 3, n;
	size_t bytes = 0;
	struct piece *p;
	struct walk w;

	*out = (struct text){s, 0, NULL, 0};
	if (units < 0)
		return TEXT_NOT_UTF8;
	for (uint32_t i = 0; i < count; i++) {
		int32_t offset = tl_int(entities[i], TLF_offset);
		int32_t length = tl_int(entities[i], TLF_length);

		if (offset < 0 || length <= 0 || offset > units || length > units - offset)
			return TEXT_BOUNDS;
		bytes += tl_bytes(entities[i], TLF_url).len;
	}
	if (bytes > TEXT_ENTITIES_BYTES)
		return TEXT_LARGE;
	front = trim(&out->bytes);
	p = arena_take_many(a, room, sizeof(*p));
	if (p == NULL || !walk_init(&w, a, out->bytes))
		return TEXT_MEMORY;
	out->units = w.unit[w.count];
	n = clip(p, entities, count, front, (int32_t)out->units);
	n = derive(p, n, room, &w);
	qsort(p, n, sizeof(*p), by_place);
	return store(a, out, p, n);
}

void text_set_entities(struct arena *a, struct tl_obj *o, enum tlf field, const struct text *t)
{
	if (t->count == 0)
		return;
	tl_set_vec(a, o, field, t->count);
	for (uint32_t i = 0; i < t->count; i++)
		tl_put_obj(o, field, i, t->entities[i]);
}

struct cspan text_slice(struct cspan s, int32_t offset, int32_t length)
{
	int32_t unit = 0;
	size_t from = 0, at = 0;
	uint32_t cp;

	if (offset < 0 || length < 0)
		return (struct cspan){s.at, 0};
	while (at < s.len && unit < offset + length) {
		uint32_t n = decode(s, at, &cp);

		if (n == 0)
			break;
		at += n;
		unit += (int32_t)units_of(cp);
		if (unit <= offset)
			from = at;
	}
	if (unit != offset + length)
		return (struct cspan){s.at, 0};
	return (struct cspan){s.at + from, at - from};
}

struct cspan text_first_url(const struct text *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct tl_obj *e = t->entities[i];
		struct cspan url = {NULL, 0};

		if (tl_cons(e) == TLC_messageEntityTextUrl)
			url = tl_bytes(e, TLF_url);
		else if (tl_cons(e) == TLC_messageEntityUrl)
			url = text_slice(t->bytes, tl_int(e, TLF_offset), tl_int(e, TLF_length));
		if (url.len > 7 && memcmp(url.at, "http", 4) == 0)
			return url;
	}
	return (struct cspan){NULL, 0};
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool text_contains(struct cspan hay, struct cspan needle)
{
	for (size_t i = 0; i + needle.len <= hay.len; i++) {
		size_t k = 0;

		while (k < needle.len && lower(hay.at[i + k]) == lower(needle.at[k]))
			k++;
		if (k == needle.len)
			return true;
	}
	return false;
}
