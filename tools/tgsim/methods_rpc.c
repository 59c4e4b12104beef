/*
 * What every method needs: refusing, answering, the state that the methods keep beside the world,
 * and the knobs that turn it.
 */
#include "tools/tgsim/methods_priv.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

void rpc_error(struct rpc_reply *out, int32_t code, const char *format, ...)
{
	va_list args;

	out->outcome = RPC_ERROR;
	out->code = code;
	out->result = NULL;
	va_start(args, format);
	vsnprintf(out->text, sizeof(out->text), format, args);
	va_end(args);
}

void rpc_result(struct rpc_reply *out, const struct tl_obj *result)
{
	if (result == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	out->outcome = RPC_OBJECT;
	out->result = result;
}

void rpc_bool(const struct rpc *r, struct rpc_reply *out, bool value)
{
	rpc_result(out, tl_new_bool(r->arena, value));
}

int32_t rpc_date(const struct rpc *r)
{
	return (int32_t)(r->now / 1000000000);
}

int64_t rpc_new_id(const struct rpc *r)
{
	int64_t id = world_random(r->world) & INT64_MAX;

	return id != 0 ? id : 1;
}

bool rpc_limit(const struct rpc *r, enum limit_kind kind, int64_t peer, uint32_t cost,
	       struct rpc_reply *out)
{
	int64_t account = r->account != NULL ? r->account->user->id : (int64_t)r->auth_key_id;
	int32_t wait =
	    limits_take(&methods_of(r->world)->limits, kind, account, peer, cost, r->now);

	if (wait > 0)
		rpc_error(out, 420, "FLOOD_WAIT_%d", wait);
	return wait == 0;
}

const char *rpc_cstr(const struct rpc *r, struct cspan s, size_t limit)
{
	char *copy;

	if (s.len > limit || memchr(s.at != NULL ? s.at : (const uint8_t *)"", 0, s.len) != NULL)
		return "";
	copy = arena_take(r->arena, s.len + 1);
	if (copy == NULL)
		return "";
	if (s.len > 0)
		memcpy(copy, s.at, s.len);
	return copy;
}

bool rpc_newest_form(const struct tl_obj *q)
{
	uint32_t id = tl_wire_id(q);

	return id == 0 || id == tl_id(tl_cons(q), TL_LAYER);
}

const struct tl_obj *rpc_peer_field(const struct tl_obj *q)
{
	const struct tl_obj *peer = tl_sub(q, TLF_peer);

	return peer != NULL ? peer : tl_sub(q, TLF_channel);
}

/* ---- state ---- */

struct methods *methods_of(struct world *w)
{
	void **slot = world_methods(w);
	struct methods *m = *slot;

	if (m != NULL)
		return m;
	m = world_take(w, sizeof(*m));
	m->limits.world = w;
	m->short_sent = true;
	m->file_hashes = true;
	*slot = m;
	return m;
}

int methods_home(struct world *w)
{
	const struct methods *m = methods_of(w);

	return m->home_dc != 0 ? (int)m->home_dc : world_options(w)->home_dc;
}

struct account_state *account_state(struct world *w, struct account *a)
{
	if (a->methods == NULL)
		a->methods = world_take(w, sizeof(struct account_state));
	return a->methods;
}

void methods_add_dc(struct world *w, const struct methods_dc *dc)
{
	struct methods *m = methods_of(w);

	if (m->dc_count == METHODS_DCS_MAX)
		return;
	m->dcs[m->dc_count] = *dc;
	m->dcs[m->dc_count].host = world_str(w, cspan_str(dc->host));
	m->dc_count++;
}

uint64_t methods_flood_waits(struct world *w)
{
	return methods_of(w)->limits.refused;
}

uint64_t methods_repeats(struct world *w)
{
	return methods_of(w)->repeats;
}

/* ---- knobs ---- */

static bool number(const char *text, uint32_t most, uint32_t *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != 0 || n > most)
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool knob_flag(struct methods *m, const char *name, const char *value, bool *known)
{
	const struct {
		const char *name;
		bool *at;
	} flags[] = {
	    {"random-id-forget", &m->random_forget},
	    {"media-first", &m->media_first},
	    {"min-users", &m->min_users},
	    {"short-sent", &m->short_sent},
	    {"premium-emoji", &m->premium_emoji},
	    {"history-slice", &m->history_slice},
	    {"file-hashes", &m->file_hashes},
	    {"thumb-gone", &m->thumb_gone},
	    {"replay-bare", &m->replay_bare},
	    {"page-ascending", &m->page_ascending},
	    {"topics-by-date", &m->topics_by_date},
	    {"reply-refused", &m->reply_refused},
	    {"convert-file", &m->convert_file},
	};
	uint32_t n;

	for (size_t i = 0; i < countof(flags); i++) {
		if (strcmp(flags[i].name, name) != 0)
			continue;
		*known = true;
		if (!number(value, 1, &n))
			return false;
		*flags[i].at = n != 0;
		return true;
	}
	return false;
}

static bool knob_number(struct methods *m, const char *name, const char *value, bool *known)
{
	const struct {
		const char *name;
		uint32_t *at;
		int32_t *seconds;
	} numbers[] = {
	    {"random-id-busy", &m->random_busy, NULL},    {"album-part", &m->album_part, NULL},
	    {"part-false", &m->part_false, NULL},         {"part-lose", &m->part_lose, NULL},
	    {"short-read", &m->short_read, NULL},         {"upload-ttl", NULL, &m->upload_ttl_s},
	    {"long-read", &m->long_read, NULL},           {"cdn-redirect", &m->cdn_redirect, NULL},
	    {"home-dc", &m->home_dc, NULL},               {"page-empty", &m->page_empty, NULL},
	    {"takeout-delay", NULL, &m->takeout_delay_s}, {"count-more", &m->count_more, NULL},
	    {"newest-empty", &m->newest_empty, NULL},      {"convert-edit", &m->convert_edit, NULL},
	    {"forward-mute", &m->forward_mute, NULL},      {"video-convert", NULL, &m->convert_s},
	};
	uint32_t n;

	for (size_t i = 0; i < countof(numbers); i++) {
		if (strcmp(numbers[i].name, name) != 0)
			continue;
		*known = true;
		if (!number(value, INT32_MAX, &n))
			return false;
		if (numbers[i].at != NULL)
			*numbers[i].at = n;
		else
			*numbers[i].seconds = (int32_t)n;
		return true;
	}
	return false;
}

static bool knob_word(struct methods *m, const char *name, const char *value)
{
	static const char *const webpages[] = {"simple", "pending", "none"};
	static const char *const modes[] = {"replay", "duplicate"};

	if (strcmp(name, "webpage") == 0) {
		for (uint32_t i = 0; i < countof(webpages); i++)
			if (strcmp(value, webpages[i]) == 0)
				return m->webpage = (enum webpage_mode)i, true;
	} else if (strcmp(name, "random-id") == 0) {
		for (uint32_t i = 0; i < countof(modes); i++)
			if (strcmp(value, modes[i]) == 0)
				return m->random_mode = (enum random_mode)i, true;
	}
	return false;
}

bool methods_knob(struct world *w, const char *name, const char *value)
{
	struct methods *m = methods_of(w);
	struct limit_rule rule;
	bool known = false, done;
	uint32_t most;

	if (strncmp(name, "limit.", 6) == 0) {
		enum limit_kind kind = limits_kind(name + 6);

		if (kind == LIMIT_NONE || !limits_parse(value, &rule))
			return false;
		limits_set(&m->limits, kind, rule);
		return true;
	}
	if (strcmp(name, "inline-up-to") == 0) {
		if (!number(value, 200 * 1024, &most))
			return false;
		world_inline(w, most);
		return true;
	}
	if (strcmp(name, "announce-less") == 0) {
		if (!number(value, INT32_MAX, &most))
			return false;
		world_announce_less(w, most);
		return true;
	}
	done = knob_flag(m, name, value, &known);
	if (!known)
		done = knob_number(m, name, value, &known);
	return known ? done : knob_word(m, name, value);
}
