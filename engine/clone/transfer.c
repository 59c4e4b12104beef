/*
 * Files, part by part: asked for at their DC, received into chunks, re-framed where they landed, and
 * sent to the home DC's upload area; the chunk is free again at the server's yes. A download is only
 * asked for when a chunk will be there for it, so a slow upload stops the download.
 *
 *   OPEN -> DOWN -> HELD -> UP -> SAVED        (any trouble of one part: back to OPEN)
 *     |       `- relayed -^        ^
 *     `-> LENT (another engine) ---'
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum { RETRIES_MAX = 64, SHORTS_MAX = 3, ODDS_MAX = 3, HOPS_MAX = 3, FALSES_MAX = 5, RESTARTS_MAX = 1,
       THUMB_REFRESH_MAX = 3, STALE_MAX = 6, END_ASK = 4096 };

static const uint64_t SECOND = 1000000000;
static const uint64_t PARTS_LIVE_NS = 6ull * 3600 * 1000000000; /* reliability 2.6 */

static uint32_t slot_of(const struct clone *c, const struct transfer *t)
{
	return (uint32_t)(t - c->transfer_slots);
}

static uint32_t part_len(const struct transfer *t, uint32_t part)
{
	int64_t left = t->file.size - (int64_t)part * t->part_size;

	if (left < 0) /* of a file that became shorter meanwhile */
		return 0;
	return left < t->part_size ? (uint32_t)left : t->part_size;
}

static struct part_save save_of(const struct transfer *t, uint32_t part)
{
	return (struct part_save){t->upload_id, (int32_t)part, (int32_t)t->part_total, t->big};
}

void transfer_fail(struct transfer *t, const char *reason)
{
	if (t->failed)
		return;
	t->failed = true;
	snprintf(t->reason, sizeof(t->reason), "%s", reason);
}

void transfer_stop(struct transfer *t, const char *reason)
{
	t->again = false;
	transfer_fail(t, reason);
}

/* Once more from its first part, under another file_id (S22, S24, S25): when nothing is in flight. */
static void start_over(struct transfer *t, const char *reason)
{
	if (!t->failed && t->restarts++ < RESTARTS_MAX)
		t->again = true;
	transfer_fail(t, reason);
}

/* A new reference of the same file; or a changed one, which starts over (S22). */
void transfer_set_file(struct clone *c, struct transfer *t, const struct media_file *file)
{
	struct tl_error error;
	size_t len;

	if (t->file.id != 0 && (t->file.id != file->id || t->file.size != file->size))
		start_over(t, "the file was changed at the source");
	t->file = *file;
	t->reference_number++;
	if (file->reference.len > sizeof(t->reference)) {
		transfer_stop(t, "file reference too long");
		return;
	}
	if (file->reference.len > 0)
		memcpy(t->reference, file->reference.at, file->reference.len);
	t->file.reference = cspan_of(t->reference, file->reference.len);
	len = tl_encode(media_location(&c->page, &t->file), c->o.layer,
			(struct span){t->location, sizeof(t->location)}, &error);
	t->location_len = (uint32_t)len;
	t->held = false;
	if (len == 0)
		transfer_stop(t, "file location too long");
}

/* An earlier run's parts, if they are young enough and the file is the same (reliability 2.6). */
static void resume(struct clone *c, struct transfer *t, int32_t source_id)
{
	struct ledger_upload up;
	uint64_t now = ring_wall(c->o.ring);

	if (!t->big || t->thumb || !ledger_upload_find(c->o.ledger, source_id, 0, &up))
		return;
	if (up.source_file_id != t->file.id || up.size != t->file.size || up.part_size != t->part_size ||
	    up.part_total != t->part_total || now < up.started_wall_ns ||
	    now - up.started_wall_ns > PARTS_LIVE_NS)
		return;
	CRASH_POINT("clone.upload.resumed");
	t->upload_id = up.file_id;
	t->started_wall_ns = up.started_wall_ns;
	for (uint32_t i = 0; i < t->part_total; i++) {
		if (up.bitmap[i / 8] & (1u << (i % 8))) {
			t->parts[i] = PART_SAVED;
			t->saved++;
			t->down_bytes += part_len(t, i);
			t->up_bytes += part_len(t, i);
		}
	}
	clone_note(c, NOTE_INFO, &t->group->items[t->item], "upload continued");
}

/*
 * F2 and F3: what is stored already, so that a restart sends only the rest. Of one that failed nothing:
 * its parts may be those of what the file was before it was changed.
 */
static void remember(struct clone *c, struct transfer *t)
{
	struct ledger_upload up = {.source_id = t->group->items[t->item].row.source_id,
				   .file_id = t->upload_id,
				   .source_file_id = t->file.id,
				   .size = t->file.size,
				   .part_size = t->part_size,
				   .part_total = t->part_total,
				   .started_wall_ns = t->started_wall_ns};

	if (!t->big || t->thumb || t->failed)
		return;
	for (uint32_t i = 0; i < t->part_total; i++)
		if (t->parts[i] == PART_SAVED)
			up.bitmap[i / 8] |= (uint8_t)(1u << (i % 8));
	CRASH_POINT("clone.upload.before");
	ledger_upload_put(c->o.ledger, &up);
	CRASH_POINT("clone.upload.after");
	t->stored_at_ns = clone_now(c);
}

/* All is there but one part, which the server lost (S23). */
static void mend(struct clone *c, struct transfer *t)
{
	struct item *item = &t->group->items[t->item];
	uint32_t part = item->repair - 1;

	item->repair = 0;
	if (part >= t->part_total || item->file_parts != t->part_total || item->file_of != t->file.id)
		return; /* or it was changed meanwhile: the other parts are another file's */
	t->upload_id = item->file_upload_id;
	memset(t->parts, PART_SAVED, t->ask_total);
	t->parts[part] = PART_OPEN;
	t->next_part = part;
	t->saved = t->ask_total - 1;
	clone_note(c, NOTE_RETRY, item, "the server lost a part: it is sent again");
}

/* A thumbnail that came with the message is at hand whole. */
static bool is_inline(const struct transfer *t)
{
	return t->thumb && t->group->items[t->item].msg.media.thumb_inline.len > 0;
}

/* A file that was changed is perhaps larger than what was planned. */
static void choose_parts(const struct clone *c, struct transfer *t)
{
	int64_t max = part_count_max(c), total;

	t->big = t->file.size > SMALL_FILE_MAX;
	t->part_size = is_inline(t) ? CHUNK_PART_MAX : part_size_of(c, t->file.size);
	total = part_count(t->file.size, t->part_size);
	t->part_total = total > 0 && total <= max ? (uint32_t)total : 0;
	t->ask_total = t->part_total + (!is_inline(t) && t->file.size % t->part_size == 0);
	if (total > max)
		transfer_fail(t, "larger than this account may upload");
	else if (total <= 0)
		transfer_fail(t, "file size out of range");
}

bool transfer_start(struct clone *c, struct group *g, uint32_t i, bool thumb)
{
	struct item *item = &g->items[i];
	struct transfer *t = NULL;

	for (uint32_t k = 0; k < TRANSFER_SLOTS && t == NULL; k++)
		if (!c->transfer_slots[k].used)
			t = &c->transfer_slots[k];
	if (t == NULL)
		return false;
	*t = (struct transfer){
	    .used = true, .group = g, .item = i, .thumb = thumb, .short_part = UINT32_MAX};
	transfer_set_file(c, t, thumb ? &item->msg.media.thumb : &item->msg.media.file);
	choose_parts(c, t);
	t->started_wall_ns = ring_wall(c->o.ring);
	ring_random(c->o.ring, &t->upload_id, sizeof(t->upload_id));
	if (item->repair != 0 && !thumb)
		mend(c, t);
	else if (g->reuploads + item->reuploads == 0) /* what the ledger knows may have been given up just now */
		resume(c, t, item->row.source_id);
	list_push(&c->transfers, &t->node);
	c->transfer_count++;
	if (thumb)
		item->thumb = t;
	else
		item->file = t;
	/* A row that may have been sent stays so: only the target can tell. */
	if (!thumb && item->row.state < ROW_UPLOADING) {
		item->row.state = ROW_UPLOADING;
		ledger_put(c->o.ledger, &item->row);
	}
	CRASH_POINT("clone.upload.begun");
	remember(c, t);
	CRASH_POINT("clone.upload.kept");
	return true;
}

void transfer_give(struct clone *c, struct transfer *t)
{
	check(t->in_flight == 0);
	list_del(&t->node);
	c->transfer_count--;
	t->used = false;
}

/* ---- up ---- */

static void hold_part(struct clone *c, struct transfer *t, uint32_t part, struct chunk *chunk)
{
	check(c->held_count < c->held_max);
	t->parts[part] = PART_HELD;
	c->held[c->held_count++] = (struct held_part){chunk, t, part};
}

/* The upload's query stands in front of the bytes already. False: no room, it waits. */
static bool send_part(struct clone *c, struct transfer *t, uint32_t part, struct chunk **chunk)
{
	struct net_request r = {.lane = NET_UP, .chunk = chunk, .tag = part};
	uint32_t ticket;

	r.owner = ask_owner(ASK_PART_UP, slot_of(c, t));
	if (net_call(c->o.net, &r, &ticket) != 0)
		return false;
	CRASH_POINT("clone.part.handed");
	t->parts[part] = PART_UP;
	return true;
}

static void drop_part(struct transfer *t, uint32_t part)
{
	t->parts[part] = PART_OPEN;
	if (part < t->next_part)
		t->next_part = part;
	check(t->in_flight > 0);
	t->in_flight--;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Parts that were received while the upload lane was full or held, oldest first. */
static void send_held(struct clone *c)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->held_count; i++) {
		struct held_part h = c->held[i];

		if (h.transfer->failed) {
			slab_give(c->o.slab, &h.chunk);
			drop_part(h.transfer, h.part);
		} else if (clone_now(c) < later(c->hold_up_ns, h.transfer->not_before_ns) ||
			   kept > 0 || !send_part(c, h.transfer, h.part, &h.chunk)) {
			c->held[kept++] = h;
		}
	}
	c->held_count = kept;
}

static void give_chunk(struct clone *c, struct net_event *ev)
{
	if (ev->chunk != NULL)
		slab_give(c->o.slab, &ev->chunk);
}

static bool is_true(struct cspan result)
{
	return result.len >= 4 && load_le32(result.at) == (uint32_t)TL_BOOL_TRUE;
}

/* A part that the server did not take, for a reason that is not the file's. */
static void part_again(struct transfer *t, uint32_t part)
{
	drop_part(t, part);
	if (++t->retries > RETRIES_MAX + t->part_total)
		transfer_fail(t, "too many failed parts");
}

/* The answer was false: again after 1, 2, 4, 8, 16 s, then the whole file (S25). */
static void up_denied(struct clone *c, struct transfer *t)
{
	uint64_t now = clone_now(c);

	t->retries--;
	if (now < t->not_before_ns)
		return; /* others in flight heard the same */
	if (t->falses == FALSES_MAX) {
		start_over(t, "the server does not store the file's parts");
		return;
	}
	t->not_before_ns = now + clone_backoff_ns(t->falses++);
	clone_note(c, NOTE_RETRY, &t->group->items[t->item], "a part was not stored");
}

/*
 * The way up is so slow that the server does not wait for a part of that size (N11): from now on they
 * are smaller. False: they are small, or those of so large a file may be no smaller: what is stored stays.
 */
static bool smaller_parts(struct clone *c, struct transfer *t)
{
	if (t->part_size <= PART_SIZE_THIN || is_inline(t))
		return false;
	part_size_shrink(c, t->part_size);
	if (part_size_of(c, t->file.size) >= t->part_size)
		return false;
	t->again |= !t->failed;
	transfer_fail(t, "too slow a way up for parts of this size: smaller ones");
	return true;
}

static void up_refused(struct clone *c, struct transfer *t, int32_t code, const char *text)
{
	struct pending p = {.attempts = t->backoffs};
	struct verdict v = error_verdict(code, text);

	if (v.remedy == REMEDY_REUPLOAD || v.remedy == REMEDY_PART) {
		start_over(t, text);
		return;
	}
	if (code == NET_TOO_LATE && smaller_parts(c, t))
		return;
	if (!clone_common_error(c, &p, code, text, true)) {
		transfer_fail(t, text);
		return;
	}
	t->retries--; /* not the part's fault */
	t->backoffs = p.attempts;
	c->hold_up_ns = later(c->hold_up_ns, p.not_before_ns);
	net_relay_hold(c->o.net, c->hold_up_ns);
	holds_keep(c, HOLD_UP, c->hold_up_ns);
}

static void part_saved(struct clone *c, struct transfer *t, uint32_t part)
{
	check(t->in_flight > 0);
	t->in_flight--;
	CRASH_POINT("clone.part.saved");
	t->parts[part] = PART_SAVED;
	t->saved++;
	t->group->refreshes = 0; /* references may expire as often as a long file needs */
	t->falses = 0;
	t->up_bytes += part_len(t, part);
	c->up_bytes += part_len(t, part);
	if (clone_now(c) - t->stored_at_ns > SECOND)
		remember(c, t);
}

void transfer_up_got(struct clone *c, struct transfer *t, uint32_t part, struct net_event *ev)
{
	bool saved = ev->kind == NET_RESULT && is_true(ev->result);

	give_chunk(c, ev);
	if (saved) {
		part_saved(c, t, part);
		return;
	}
	part_again(t, part);
	if (ev->kind == NET_ERROR)
		up_refused(c, t, ev->code, ev->text);
	else if (ev->kind == NET_RESULT)
		up_denied(c, t);
}

/* ---- down ---- */

static void hold_down(struct clone *c, int32_t dc, uint64_t until_ns)
{
	if (dc < 0 || dc >= NET_DC_MAX)
		return;
	c->hold_down_ns[dc] = later(c->hold_down_ns[dc], until_ns);
	holds_keep(c, HOLD_DOWN + (uint32_t)dc, c->hold_down_ns[dc]);
}

/* Three hops at most (S20): a file that is nowhere shows that more than this file is wrong. */
static void down_moved(struct clone *c, struct transfer *t, int32_t asked, int32_t dc,
		       const char *text)
{
	char line[160];

	if (dc == t->file.dc && dc != asked)
		return; /* another of its parts heard so before */
	if (dc > 0 && net_knows(c->o.net, (uint16_t)dc) && ++t->hops <= HOPS_MAX) {
		t->file.dc = dc;
		return;
	}
	snprintf(line, sizeof(line), "%.60s: no data centre has the file", text);
	clone_end(c, CLONE_ACCOUNT, line);
}

static bool asked_with_old_reference(const struct transfer *t, uint32_t part)
{
	return (t->reference_of[part / 8] >> part % 8 & 1) != (t->reference_number & 1);
}

/* That is heard also for a file that nobody wants any more: it is meant for the next one, too. */
static bool is_wait(int32_t code, const char *text)
{
	return code != 0 && error_verdict(code, text).remedy == REMEDY_WAIT;
}

/* dc: which was asked, 0 when nobody knows. */
static void down_refused(struct clone *c, struct transfer *t, uint32_t part, int32_t dc,
			 int32_t code, const char *text)
{
	struct pending p = {.attempts = t->backoffs};
	struct verdict v = error_verdict(code, text);

	switch (v.remedy) {
	case REMEDY_DC:
		down_moved(c, t, dc, v.number, text);
		break;
	case REMEDY_REFERENCE:
		/* Many parts fail together: the first one asks for a new one. */
		if (t->held || asked_with_old_reference(t, part))
			break;
		/* A thumbnail is not worth its message: that goes without, and is not charged for it. */
		if (t->thumb && t->reference_number > THUMB_REFRESH_MAX) {
			transfer_fail(t, text);
			break;
		}
		t->group->refreshes = 0; /* it is counted here, until a part comes */
		t->held = true;
		if (++t->stale > STALE_MAX || !group_refresh(c, t->group))
			transfer_fail(t, "file reference cannot be renewed");
		break;
	default:
		if (clone_common_error(c, &p, code, text, false)) {
			t->retries--;
			t->backoffs = p.attempts;
			hold_down(c, dc > 0 ? dc : t->file.dc, p.not_before_ns);
		} else {
			transfer_fail(t, text);
		}
	}
}

/*
 * Too few bytes came: the first such part is asked for again; those behind it will be asked for too,
 * and say nothing new (S43).
 */
static void down_short(struct transfer *t, uint32_t part)
{
	if (part < t->short_part) {
		t->short_part = part;
		t->shorts = 0;
	}
	if (part == t->short_part && ++t->shorts >= SHORTS_MAX)
		transfer_fail(t, "source_truncated");
}

static void down_whole(struct transfer *t, uint32_t part)
{
	t->backoffs = t->hops = t->odds = t->stale = 0;
	t->down_bytes += part_len(t, part);
	if (part == t->short_part)
		t->short_part = UINT32_MAX;
}

/* No part of the file: again after 1, 2, 4 s, since one such answer says nothing about it. */
static void down_odd(struct clone *c, struct transfer *t, const char *reason)
{
	uint64_t now = clone_now(c);

	t->retries--;
	if (now < t->not_before_ns)
		return; /* others in flight heard the same */
	if (t->odds == ODDS_MAX) {
		transfer_fail(t, reason);
		return;
	}
	t->not_before_ns = now + clone_backoff_ns(t->odds++);
	clone_note(c, NOTE_RETRY, &t->group->items[t->item], reason);
}

/* What came is not the part: a redirect, no part at all, or not its bytes. */
static void down_unusable(struct clone *c, struct transfer *t, uint32_t part, enum part_status status,
			  uint32_t len)
{
	if (status == PART_CDN)
		transfer_fail(t, "redirected to a CDN");
	else if (status != PART_OK)
		down_odd(c, t, "not a file part");
	else if (len > part_len(t, part))
		down_odd(c, t, "the source is longer than announced");
	else
		down_short(t, part);
}

static void relayed(struct clone *c, struct transfer *t, uint32_t part, uint32_t ticket)
{
	if (t->failed) {
		net_cancel(c->o.net, ticket);
		drop_part(t, part);
		return;
	}
	t->parts[part] = PART_UP;
	down_whole(t, part);
	c->down_bytes += part_len(t, part);
}

static bool is_no_place(const char *text)
{
	return strcmp(text, "OFFSET_INVALID") == 0 || strcmp(text, "LIMIT_INVALID") == 0;
}

/* Nothing is behind the last part, as announced: the answer is empty, or that there is no such offset. */
static void end_came(struct transfer *t)
{
	check(t->in_flight > 0);
	t->in_flight--;
	t->parts[t->part_total] = PART_SAVED;
	t->saved++;
}

void transfer_down_got(struct clone *c, struct transfer *t, uint32_t part, struct net_event *ev)
{
	struct part_save save = save_of(t, part);
	struct chunk *chunk;
	enum part_status status;

	check(c->bulk_out > 0);
	c->bulk_out--;
	if (ev->relayed != 0) {
		relayed(c, t, part, ev->relayed);
		return;
	}
	if (part == t->part_total && ev->kind == NET_ERROR && is_no_place(ev->text)) {
		end_came(t);
		return;
	}
	if (ev->kind != NET_RESULT) {
		part_again(t, part);
		if (!t->failed || is_wait(ev->code, ev->text))
			down_refused(c, t, part, ev->dc, ev->code, ev->text);
		return;
	}
	chunk = net_event_chunk(c->o.net, ev);
	if (chunk == NULL) {
		part_again(t, part);
		if (!t->failed && ev->result.len > NET_PART_MAX)
			down_unusable(c, t, part, PART_BAD, 0);
		return;
	}
	CRASH_POINT("clone.part.came");
	status = part_pull_file(&chunk->buf);
	if (status != PART_OK || t->failed || chunk->buf.len != part_len(t, part)) {
		uint32_t len = chunk->buf.len;

		slab_give(c->o.slab, &chunk);
		part_again(t, part);
		if (!t->failed)
			down_unusable(c, t, part, status, len);
		return;
	}
	down_whole(t, part);
	if (part == t->part_total) {
		slab_give(c->o.slab, &chunk);
		end_came(t);
		return;
	}
	c->down_bytes += chunk->buf.len;
	part_push_save(&chunk->buf, &save);
	if (clone_now(c) < later(c->hold_up_ns, t->not_before_ns) || c->held_count > 0 ||
	    !send_part(c, t, part, &chunk))
		hold_part(c, t, part, chunk);
}

/* The part's way on, told when it is asked for: then its bytes need only be looked at once. */
static bool relay_of(const struct clone *c, const struct transfer *t, uint32_t part,
		     struct net_relay *to)
{
	struct part_save save = save_of(t, part);
	uint32_t len = part_len(t, part);

	if (len < PART_LONG_MIN)
		return false;
	*to = (struct net_relay){.answer_id = part_file_id(),
				 .body_at = PART_FILE_AT,
				 .word_before = part_file_word(len),
				 .body_len = len,
				 .owner = ask_owner(ASK_PART_UP, slot_of(c, t)),
				 .tag = part};
	to->prefix_len = part_save_head(to->prefix, &save, len);
	return true;
}

/* Which reference the part is asked for with: the last bit of its number. */
static void mark_reference(struct transfer *t, uint32_t part)
{
	uint8_t bit = (uint8_t)(1u << part % 8);

	if (t->reference_number & 1)
		t->reference_of[part / 8] |= bit;
	else
		t->reference_of[part / 8] &= (uint8_t)~bit;
}

static bool ask_part(struct clone *c, struct transfer *t, uint32_t part)
{
	uint8_t query[640];
	struct net_relay to;
	struct net_request r = {.dc = (uint16_t)t->file.dc,
				.lane = NET_DOWN,
				.bulk_answer = true,
				.relay = relay_of(c, t, part, &to) ? &to : NULL,
				.tag = part};
	uint32_t ticket;

	r.query.at = query;
	r.query.len = part_ask((struct span){query, sizeof(query)},
			       cspan_of(t->location, t->location_len),
			       (int64_t)part * t->part_size,
			       part < t->part_total ? (int32_t)t->part_size : END_ASK);
	r.owner = ask_owner(ASK_PART_DOWN, slot_of(c, t));
	if (net_call(c->o.net, &r, &ticket) != 0)
		return false;
	CRASH_POINT("clone.part.asked");
	t->parts[part] = PART_DOWN;
	mark_reference(t, part);
	t->in_flight++;
	c->bulk_out++;
	return true;
}

static bool chunk_to_come(const struct clone *c)
{
	return slab_free(c->o.slab) > c->bulk_out;
}

/* ---- parts lent to other engines ---- */

static bool lend_part(struct clone *c, struct transfer *t, uint32_t part)
{
	struct loan loan = {.owner = ask_owner(ASK_PART_LENT, slot_of(c, t)),
			    .tag = part,
			    .dc = (uint16_t)t->file.dc,
			    .offset = (int64_t)part * t->part_size,
			    .limit = t->part_size,
			    .len = part_len(t, part),
			    .save = save_of(t, part),
			    .location_len = t->location_len};

	memcpy(loan.location, t->location, t->location_len);
	if (!crew_lend(c->o.crew, &loan))
		return false;
	t->parts[part] = PART_LENT;
	mark_reference(t, part);
	t->in_flight++;
	return true;
}

void transfer_loan_ended(struct clone *c, struct transfer *t, const struct loan_result *r)
{
	uint32_t part = r->tag;

	check(t->used && t->parts[part] == PART_LENT);
	if (r->end == LOAN_SAVED) {
		down_whole(t, part);
		c->down_bytes += part_len(t, part);
		part_saved(c, t, part);
		return;
	}
	part_again(t, part);
	if (t->failed && !is_wait(r->code, r->text))
		return;
	if (r->end == LOAN_DOWN)
		down_refused(c, t, part, 0, r->code, r->text);
	else if (r->end == LOAN_UP && r->code != 0)
		up_refused(c, t, r->code, r->text);
	else if (r->end == LOAN_UP)
		up_denied(c, t);
	else if (r->end == LOAN_GONE)
		clone_note(c, NOTE_INFO, &t->group->items[t->item], r->text);
	else
		down_unusable(c, t, part,
			      r->end == LOAN_CDN   ? PART_CDN
			      : r->end == LOAN_BAD ? PART_BAD
						   : PART_OK,
			      r->len);
}

static void take_results(struct clone *c)
{
	struct loan_result r;

	while (c->o.crew != NULL && crew_next(c->o.crew, &r))
		transfer_loan_ended(c, &c->transfer_slots[(uint32_t)r.owner], &r);
}

/* Whether another engine takes the next part: the one that has the least to do does. The lead's
 * own count misses what is on its way up, and the lead has other work: it counts double. */
static bool lends(const struct clone *c, const struct transfer *t)
{
	uint32_t room;

	if (c->o.crew == NULL || t->file.dc <= 0 || clone_now(c) < c->hold_up_ns)
		return false;
	room = crew_room(c->o.crew, (uint16_t)t->file.dc);
	return room > 0 && (!chunk_to_come(c) ||
			    crew_out(c->o.crew) < 2 * c->bulk_out * crew_engines(c->o.crew));
}

/* The thumbnail's bytes came with the message: straight to the upload area. */
static void send_inline(struct clone *c, struct transfer *t)
{
	struct cspan bytes = t->group->items[t->item].msg.media.thumb_inline;
	struct part_save save = {t->upload_id, 0, 1, false};
	struct chunk *chunk;

	if (t->parts[0] != PART_OPEN || !chunk_to_come(c))
		return;
	chunk = slab_take(c->o.slab, CHUNK_HELD);
	memcpy(buf_put(&chunk->buf, (uint32_t)bytes.len), bytes.at, bytes.len);
	part_push_save(&chunk->buf, &save);
	t->in_flight++;
	hold_part(c, t, 0, chunk);
}

static void pump(struct clone *c, struct transfer *t)
{
	uint64_t hold = t->file.dc >= 0 && t->file.dc < NET_DC_MAX ? c->hold_down_ns[t->file.dc] : 0;

	if (is_inline(t)) {
		send_inline(c, t);
		return;
	}
	hold = later(hold, t->not_before_ns);
	if (clone_now(c) < hold) {
		clone_wake(c, hold);
		return;
	}
	for (; t->next_part < t->ask_total; t->next_part++) {
		if (t->parts[t->next_part] != PART_OPEN)
			continue;
		if (t->next_part < t->part_total && lends(c, t) && lend_part(c, t, t->next_part))
			continue;
		if (!chunk_to_come(c) || !ask_part(c, t, t->next_part))
			return;
	}
}

static void begin_again(struct clone *c, struct transfer *t)
{
	clone_note(c, NOTE_RETRY, &t->group->items[t->item], t->reason);
	t->again = t->failed = false;
	memset(t->parts, PART_OPEN, sizeof(t->parts));
	t->next_part = t->saved = t->falses = t->shorts = 0;
	t->short_part = UINT32_MAX;
	t->down_bytes = t->up_bytes = 0;
	choose_parts(c, t);
	t->started_wall_ns = ring_wall(c->o.ring);
	ring_random(c->o.ring, &t->upload_id, sizeof(t->upload_id));
	remember(c, t);
}

void transfer_step(struct clone *c)
{
	take_results(c);
	if (c->held_count > 0) {
		uint64_t hold = later(c->hold_up_ns, c->held[0].transfer->not_before_ns);

		if (clone_now(c) < hold)
			clone_wake(c, hold);
		send_held(c);
	}
	list_each_safe(node, next, &c->transfers) {
		struct transfer *t = container_of(node, struct transfer, node);

		if (t->again && t->in_flight == 0)
			begin_again(c, t);
		if (t->failed ? t->in_flight == 0 : t->saved == t->ask_total) {
			if (!t->failed && t->part_total > 1)
				part_size_grow(c, t->part_size);
			remember(c, t);
			group_transfer_done(c, t);
		} else if (!t->failed && !t->held) {
			pump(c, t);
		}
	}
}
