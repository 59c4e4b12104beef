/*
 * What a copy says, beside what was meant: what the server took away or changed on the way, and whether it is
 * the copy at all. Of the send slot (post.c).
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

static const uint64_t SECOND = 1000000000;

/* Sent so long before this run began, by the server's clock, as messages are dated. */
static bool is_older(const struct clone *c, const struct message *copy, int64_t seconds)
{
	int64_t ran = (int64_t)((clone_now(c) - c->started_ns) / SECOND);

	return copy->date + seconds < net_server_time(c->o.net) - ran;
}

/* The same words, and media of the same kind: a server may take away formatting. */
bool post_resembles(const struct item *item, const struct message *copy)
{
	const struct message *m = &item->msg;
	bool plain = (item->plain || m->media.kind == MEDIA_STICKER) &&
		     copy->media.kind == MEDIA_DOCUMENT;

	return m->obj != NULL && cspan_equal(m->text, copy->text) &&
	       (plain || m->media.kind == copy->media.kind ||
		(m->media.kind <= MEDIA_WEBPAGE && copy->media.kind <= MEDIA_WEBPAGE));
}

/* The note tells already what the server makes of the file. */
static bool tells_change(const struct group *g)
{
	return strstr(g->note, "sent as a document") != NULL || strstr(g->note, "made a video") != NULL;
}

bool post_names_author(const struct clone *c, const struct group *g, const struct message *copy)
{
	return g->mode == PLAN_FORWARD && !c->o.plan.keep_author && tl_has(copy->obj, TLF_fwd_from) &&
	       c->o.target.peer.kind != PEER_SELF;
}

bool post_answers(struct clone *c, const struct group *g)
{
	return g->mode != PLAN_FORWARD && g->reply_source != 0 && !g->no_reply &&
	       post_target_of(c, g->reply_source) != 0;
}

/* What came with it or did not, beside what it says; NULL: all as it was meant. */
static const char *seen_loss(struct clone *c, const struct group *g, const struct item *item,
			     const struct message *copy)
{
	if (post_names_author(c, g, copy))
		return "author named: it does not go without";
	if (item == &g->items[0] && copy->reply_to == 0 && post_answers(c, g))
		return "reply not kept: what it answers was gone";
	if (copy->grouped_id == 0 ? g->count > 1 : item->msg.grouped_id == 0)
		return "album not kept by the server"; /* or it is in one and was in none */
	if (copy->grouped_id == 0 && item->msg.grouped_id != 0)
		return "album not kept"; /* read, and sent, one by one; or the others are gone */
	return NULL;
}

/*
 * Custom emoji of accounts without Premium, and what else a server takes away of a text. A forward is what the source
 * says by then, and what an earlier life sent is what it said then.
 */
static const char *what_changed(const struct clone *c, const struct group *g, const struct item *item,
				const struct message *copy)
{
	struct message a = item->msg, b = *copy;
	uint8_t x[32], y[32];

	a.entities.count = b.entities.count = 0;
	message_fingerprint(&a, x);
	message_fingerprint(&b, y);
	if (memcmp(x, y, sizeof(x)) == 0)
		return "formatting not kept: by the server";
	if (g->mode == PLAN_FORWARD || (item->in_doubt && is_older(c, copy, 300)))
		return "changed at the source meanwhile";
	return "changed by the server";
}

static bool lost_formatting(const struct item *item, struct tl_vec kept)
{
	struct message copy = item->msg;
	uint8_t meant[32], is[32];

	copy.entities = kept;
	message_fingerprint(&item->msg, meant);
	message_fingerprint(&copy, is);
	return memcmp(meant, is, sizeof(meant)) != 0;
}

static bool lost_link(const struct message *m, const struct message *copy)
{
	return m->media.kind == MEDIA_WEBPAGE && tl_flag(m->media.obj, TLF_manual) &&
	       copy->media.kind == MEDIA_NONE;
}

/* By an earlier life, which may have planned another way than this one. */
static bool is_cut(const struct message *m, const struct message *copy)
{
	return copy->media.has_file && copy->text.len > 0 && copy->text.len < m->text.len &&
	       memcmp(copy->text.at, m->text.at, copy->text.len) == 0;
}

static bool is_poll_with(const struct message *m, enum tlf flag)
{
	return tl_flag(tl_sub(m->media.obj, TLF_poll), flag);
}

static bool limits_voters(const struct message *m)
{
	return is_poll_with(m, TLF_subscribers_only) ||
	       tl_has(tl_sub(m->media.obj, TLF_poll), TLF_countries_iso2);
}

/* Under another id it is another poll, that nobody answered: only a forward with its author is the same one. */
static bool lost_votes(const struct message *m, const struct message *copy)
{
	return tl_int(tl_sub(m->media.obj, TLF_results), TLF_total_voters) > 0 &&
	       tl_long(tl_sub(m->media.obj, TLF_poll), TLF_id) != tl_long(tl_sub(copy->media.obj, TLF_poll), TLF_id);
}

static bool ends_by_itself(const struct message *m)
{
	const struct tl_obj *poll = tl_sub(m->media.obj, TLF_poll);

	return !tl_flag(poll, TLF_closed) && (tl_has(poll, TLF_close_date) || tl_has(poll, TLF_close_period));
}

static uint32_t formats_in(const struct tl_obj *o, enum tlf text)
{
	return tl_vec(tl_sub(o, text), TLF_entities).count;
}

/* Of its question and its answers, which the fingerprint does not hold. */
static uint32_t formats_of(const struct message *m)
{
	const struct tl_obj *poll = tl_sub(m->media.obj, TLF_poll);
	struct tl_vec answers = tl_vec(poll, TLF_answers);
	uint32_t n = formats_in(poll, TLF_question);

	for (uint32_t i = 0; i < answers.count; i++)
		n += formats_in(tl_vec_obj(answers, i), TLF_text);
	return n;
}

static void note_poll(const struct message *m, const struct message *copy, char note[GROUP_NOTE])
{
	if (formats_of(m) > formats_of(copy))
		note_add(note, "formatting not kept: by the server");
	if (lost_votes(m, copy))
		note_add(note, "votes not kept");
	if (ends_by_itself(m) && !ends_by_itself(copy))
		note_add(note, "poll's end not kept");
	if (is_poll_with(m, TLF_public_voters) && !is_poll_with(copy, TLF_public_voters))
		note_add(note, "voters not shown");
	if (is_poll_with(m, TLF_open_answers) && !is_poll_with(copy, TLF_open_answers))
		note_add(note, "answers not open");
	if (limits_voters(m) && !limits_voters(copy))
		note_add(note, "voters not limited");
}

static bool has_quote(const struct message *m)
{
	return tl_has(m->reply, TLF_quote_text);
}

/* What it was refused with, and went without: who only finds it hears so from the copy alone. */
static void note_refused(const struct item *item, const struct message *copy, char note[GROUP_NOTE])
{
	const struct media *media = &item->msg.media;
	char text[GROUP_NOTE];

	if (copy->media.kind == media->kind)
		note_poll(&item->msg, copy, note);
	if (has_quote(&item->msg) && copy->reply_to != 0 && !has_quote(copy))
		note_add(note, "quote not kept");
	if (media->has_file && media->kind != MEDIA_DOCUMENT && copy->media.kind == MEDIA_DOCUMENT) {
		snprintf(text, sizeof(text), "%s sent as a document", media_kind_name(media->kind));
		note_add(note, text);
	}
}

static uint32_t names_in(struct tl_vec entities)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < entities.count; i++)
		n += tl_cons(tl_vec_obj(entities, i)) == TLC_messageEntityMentionName;
	return n;
}

static uint32_t ticks_of(const struct message *m)
{
	return tl_vec(m->media.obj, TLF_completions).count;
}

void post_note_seen(const struct item *item, const struct message *copy, char note[GROUP_NOTE])
{
	if (is_cut(&item->msg, copy))
		note_add(note, "caption cut");
	note_refused(item, copy, note);
	if (item->msg.buttons && !copy->buttons)
		note_add(note, "buttons not kept");
	if (item->msg.media.kind == MEDIA_CHECKLIST && ticks_of(&item->msg) > ticks_of(copy))
		note_add(note, "ticks not kept");
	if (tl_has(item->msg.obj, TLF_via_bot_id) && !tl_has(copy->obj, TLF_via_bot_id))
		note_add(note, "bot it came by not named");
	if (tl_has(item->msg.obj, TLF_effect) && !tl_has(copy->obj, TLF_effect))
		note_add(note, "effect not kept");
	if (item->msg.media.has_thumb && !copy->media.has_thumb && item->msg.media.kind == copy->media.kind)
		note_add(note, "without its thumbnail");
	if (names_in(item->msg.entities) > names_in(copy->entities) && strstr(note, "formatting not kept") == NULL)
		note_add(note, "mention not kept");
	if (lost_link(&item->msg, copy)) /* which may stand nowhere else */
		note_add(note, "link preview not kept");
	if (item->msg.reply_elsewhere && copy->reply_to == 0 && !copy->reply_elsewhere)
		note_add(note, "reply not kept");
	if (copy->ttl > 0)
		note_add(note, "deleted again by the target's timer");
}

/*
 * By its random_id it is this one's copy, and somebody found it in the target and took it for another's: that one
 * was not sent. It is told, and comes with a retry.
 */
static void take_back(struct clone *c, const struct item *item, int32_t target)
{
	int32_t other = target <= c->watermark ? post_source_of(c, target) : 0;
	struct item wrong = {.in_doubt = false};

	if (other == 0 || other == item->row.source_id || !ledger_find(c->o.ledger, other, &wrong.row) ||
	    !wrong.row.adopted)
		return;
	wrong.row.state = ROW_SKIPPED;
	wrong.row.target_id = 0;
	wrong.row.adopted = false;
	snprintf(wrong.row.reason, sizeof(wrong.row.reason), "rebuild: what was found is the copy of %d",
		 item->row.source_id);
	ledger_put(c->o.ledger, &wrong.row);
	post_forget_target(c, other);
	clone_note(c, NOTE_SKIPPED, &wrong, wrong.row.reason);
}

/*
 * Compared with what we meant (reliability 2.3): the same -> done; an older message than this job with
 * another content -> the random_id was used before for something else: stop, never mark done. Unless an earlier life
 * was sending it: then that is the copy, of what the source said at that time.
 */
bool post_compare(struct clone *c, const struct group *g, struct item *item, const struct sent *s)
{
	struct message copy;
	uint8_t digest[32];
	const char *loss;
	char all[GROUP_NOTE];
	bool changed;

	snprintf(all, sizeof(all), "%s", g->note);
	if (s->message == NULL) { /* a text in short: of the rest all was said that there is to say */
		if (!g->no_entity && lost_formatting(item, s->entities))
			note_add(all, "formatting not kept: by the server");
		copy = (struct message){.buttons = true, .reply_elsewhere = true, .ttl = s->ttl, .entities = s->entities};
		copy.media.kind = MEDIA_WEBPAGE;
		post_note_seen(item, &copy, all);
		take_back(c, item, s->id);
		post_finish_item(item, s->id, all);
		return true;
	}
	message_read(s->message, c->o.target.forum, &copy);
	message_fingerprint(&copy, digest);
	changed = memcmp(digest, item->row.digest, sizeof(digest)) != 0 && !item->plain;
	if (changed && is_older(c, &copy, 86400) && !post_resembles(item, &copy) && !item->in_doubt) {
		item->row.state = ROW_PLANNED; /* it was not sent: a later run shall not take that for its copy */
		ledger_put(c->o.ledger, &item->row);
		return false;
	}
	/* Unless the note says already what is not the same. */
	if (changed && item->msg.media.kind != MEDIA_DICE && !g->no_entity && !tells_change(g))
		note_add(all, what_changed(c, g, item, &copy));
	loss = seen_loss(c, g, item, &copy);
	if (loss != NULL)
		note_add(all, loss);
	post_note_seen(item, &copy, all);
	item->row.adopted = is_older(c, &copy, 300);
	take_back(c, item, s->id);
	post_finish_item(item, s->id, all);
	return true;
}
