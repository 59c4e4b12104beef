/*
 * Wrappers around a method: layer, connection data, order, updates, takeout, ranges, gzip. Order
 * and number do not matter here, as they do not to real servers. Owns nothing; what the wrappers
 * mean for key and session is for dc_rpc.c.
 */
#include "tools/tgsim/dc_query.h"

#include "proto/wire/inflate.h"
#include "proto/wire/tl.h"

enum {
	WRAP_LAYER = (int)0xda9b0d0du,
	WRAP_INIT = (int)0xc1cd5ea9u,
	WRAP_AFTER = (int)0xcb9f372du,
	WRAP_AFTER_MANY = 0x3dc4b4f0,
	WRAP_NO_UPDATES = (int)0xbf9459b7u,
	WRAP_TAKEOUT = (int)0xaca9fd2eu,
	WRAP_RANGE = 0x365275f2,
	MESSAGE_RANGE = 0x0ae30253,
	CLIENT_PROXY = 0x75588b3f,
};

static bool fail(struct dc_query *q, enum stat_rule rule, const char *error)
{
	q->error = error;
	q->rule = rule;
	return false;
}

static void read_init(const struct dc_server *s, struct dc_query *q, struct tl_reader *r)
{
	uint32_t flags = tl_read_u32(r);
	int32_t api_id = tl_read_i32(r);
	struct cspan device = tl_read_bytes(r), system = tl_read_bytes(r), app = tl_read_bytes(r);
	struct cspan system_lang = tl_read_bytes(r);
	struct tl_error error;
	size_t skipped;

	tl_read_bytes(r); /* lang_pack */
	tl_read_bytes(r); /* lang_code */
	if ((flags & 1) != 0) {
		if (tl_read_u32(r) != CLIENT_PROXY)
			tl_fail(r, TL_UNKNOWN);
		tl_read_bytes(r);
		tl_read_i32(r);
	}
	if ((flags & 2) != 0 && tl_ok(r)) {
		skipped = tl_skip(cspan_of(r->at, tl_left(r)), &error);
		if (skipped == 0)
			tl_fail(r, error.fault);
		tl_read_raw(r, skipped);
	}
	if (!tl_ok(r))
		fail(q, RULE_QUERY, "INPUT_FETCH_ERROR");
	else if (api_id <= 0 || (s->o.api_id != 0 && api_id != s->o.api_id))
		fail(q, RULE_INIT, "CONNECTION_API_ID_INVALID");
	else if (device.len == 0)
		fail(q, RULE_INIT, "CONNECTION_DEVICE_MODEL_EMPTY");
	else if (system.len == 0)
		fail(q, RULE_INIT, "CONNECTION_SYSTEM_EMPTY");
	else if (app.len == 0)
		fail(q, RULE_INIT, "CONNECTION_APP_VERSION_EMPTY");
	else if (system_lang.len == 0)
		fail(q, RULE_INIT, "CONNECTION_SYSTEM_LANG_CODE_EMPTY");
	else
		q->init = true;
}

static void read_after(struct dc_query *q, struct tl_reader *r, uint32_t count)
{
	if (count > QUERY_AFTER_MAX - q->after_count) {
		fail(q, RULE_QUERY, "INPUT_FETCH_ERROR");
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		q->after[q->after_count++] = tl_read_u64(r);
}

static void read_gzip(struct dc_server *s, struct dc_query *q, struct tl_reader *r)
{
	struct cspan packed = tl_read_bytes(r);
	struct span to = {s->inflated[1], INFLATE_OUT_MAX};
	size_t len = 0;

	/* A second one would be unpacked onto the first. */
	if (!tl_ok(r) || r->start == s->inflated[1] ||
	    inflate_object(packed, to, &len) != INFLATE_OK) {
		fail(q, RULE_GZIP, "INPUT_FETCH_ERROR");
		return;
	}
	tl_reader_init(r, cspan_of(to.at, len));
}

static void read_range(struct dc_query *q, struct tl_reader *r)
{
	if (tl_read_u32(r) != MESSAGE_RANGE)
		tl_fail(r, TL_UNKNOWN);
	q->range_min = tl_read_i32(r);
	q->range_max = tl_read_i32(r);
}

static void read_layer(struct dc_query *q, struct tl_reader *r)
{
	q->layer = tl_read_i32(r);
	if (tl_ok(r) && q->layer <= 0)
		fail(q, RULE_INIT, "CONNECTION_LAYER_INVALID");
}

/* One wrapper; false when the next object is none, with r in front of it. */
static bool read_wrapper(struct dc_server *s, struct dc_query *q, struct tl_reader *r)
{
	struct tl_reader before = *r;

	switch (tl_read_u32(r)) {
	case (uint32_t)WRAP_LAYER:
		read_layer(q, r);
		return true;
	case (uint32_t)WRAP_INIT:
		read_init(s, q, r);
		return true;
	case (uint32_t)WRAP_AFTER:
		read_after(q, r, 1);
		return true;
	case WRAP_AFTER_MANY:
		read_after(q, r, tl_read_vector(r, 8));
		return true;
	case (uint32_t)WRAP_NO_UPDATES:
		q->without_updates = true;
		return true;
	case (uint32_t)WRAP_TAKEOUT:
		q->takeout_id = (int64_t)tl_read_u64(r);
		return true;
	case WRAP_RANGE:
		read_range(q, r);
		return true;
	case ID_GZIP:
		read_gzip(s, q, r);
		return true;
	default:
		*r = before;
		return false;
	}
}

bool dc_query_read(struct dc_server *s, struct dc_query *q, struct cspan body)
{
	struct tl_reader r;

	memset(q, 0, sizeof(*q));
	tl_reader_init(&r, body);
	for (uint32_t i = 0; read_wrapper(s, q, &r); i++) {
		if (q->error != NULL)
			return false;
		if (!tl_ok(&r) || i == QUERY_WRAPS_MAX)
			return fail(q, RULE_QUERY, "INPUT_FETCH_ERROR");
	}
	q->body = cspan_of(r.at, tl_left(&r));
	return true;
}
