/*
 * What a seed draws beside the weather: several runs with other options each, people who write, edit and delete
 * in both chats, kinds of targets, and a server that refuses. Its numbers come from a sequence of their own.
 */
#include "tests/sim/whole_user.h"

#include "engine/clone/plan.h"
#include "tests/sim/whole_extra.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t MS = 1000000, SECOND = 1000000000;

/* Those behind them are drawn where they are met (draw_converting, draw_executed). */
enum { SPOILT_PAGES = 15, ALWAYS_MET = 22, EXECUTED = 25, ANYWHERE = 15, CONVERTS = 17 };

const struct refusal_kind refusal_kinds[REFUSALS] = {
    {"error:method=messages.sendMultiMedia,code=400,text=MEDIA_GROUPED_INVALID,count=2", false},
    {"error:method=messages.sendM*edia,code=400,text=PHOTO_INVALID_DIMENSIONS,count=2", true},
    {"error:method=messages.sendM*edia,code=400,text=MEDIA_EMPTY,count=3", true},
    {"error:method=messages.send*,code=400,text=ENTITY_BOUNDS_INVALID,rate=0.3", true},
    {"error:method=messages.send*,code=400,text=REPLY_MESSAGE_ID_INVALID,rate=0.4", true},
    {"error:method=messages.send*,code=400,text=FILE_REFERENCE_EXPIRED,rate=0.3", true},
    {"error:method=messages.sendM*edia,code=400,text=FILE_PARTS_INVALID,count=2", true},
    {"error:method=messages.send*,code=400,text=MESSAGE_ID_INVALID,rate=0.4", true},
    {"error:method=messages.send*,code=403,text=CHAT_WRITE_FORBIDDEN,skip=1,count=2", true},
    {"error:method=messages.send*,code=420,text=SLOWMODE_WAIT_4,rate=0.1", false},
    {"error:method=messages.forwardMessages,code=400,text=CHAT_FORWARDS_RESTRICTED,count=2", true},
    {"error:method=messages.forwardMessages,code=400,text=MESSAGE_ID_INVALID,count=2", true},
    {"error:method=messages.forwardMessages,code=400,text=FILE_REFERENCE_EXPIRED,count=2", true},
    {"error:method=messages.getHistory,code=420,text=FLOOD_WAIT_3,rate=0.2", false},
    {"error:method=messages.getHistory,code=500,text=RPC_CALL_FAIL,rate=0.2", false},
    [SPOILT_PAGES] = {"garble:method=messages.getHistory,rate=0.1", true},
    {"garble:method=messages.send*,rate=0.1", false},
    {"garble:method=messages.forwardMessages,count=2", false},
    {"error:method=messages.uploadMedia,code=400,text=MEDIA_INVALID,count=3", true},
    {"strange:method=messages.getHistory,of=9,others=1", true},
    {"error:method=*getMessages,code=500,text=RPC_CALL_FAIL,rate=0.5", false},
    {"garble:method=*getMessages,rate=0.8", true},
    [ALWAYS_MET] = {"garble:method=messages.getScheduledHistory,rate=0.5", false},
    {"error:method=messages.getScheduledHistory,code=400,text=CHAT_ADMIN_REQUIRED,rate=0.3", false},
    {"error:method=messages.getScheduledHistory,code=420,text=FLOOD_WAIT_20,rate=0.3", false},
    [EXECUTED] = {"error:method=messages.send*,code=500,text=RPC_CALL_FAIL,after=1,rate=0.2", false},
    {"error:method=messages.forwardMessages,code=-503,text=Timeout,after=1,rate=0.3", false},
    {"error:method=messages.createForumTopic,code=500,text=RPC_CALL_FAIL,after=1,rate=0.4", false},
};

const char *const habits[HABITS] = {
    "replay-bare=1", "forward-mute=2",    "page-ascending=1", "page-empty=2", "topics-by-date=1",
    "thumb-gone=1",  "reply-refused=1",   "min-users=1",      "short-sent=1", "album-part=1",
    "limit.post=8/5", "long-read=2",      "upload-ttl=300",   "premium-emoji=1", "video-convert=40",
    [ANYWHERE] = "video-convert=300", "video-convert=2000",
    [CONVERTS] = "convert-file=1", "convert-edit=1", "newest-empty=2", "convert-edit=2",
};

const char *axis_name(enum axis a)
{
	static const char *const names[AXES] = {"range", "limit", "mode",    "stop", "retried", "author", "shut",  "old",
						"shown", "parts", "unpaced", "pfs",  "channel", "topic", "late",   "noted", "gave up",
						"slow", "came out"};

	return names[a];
}

static bool forgets(const struct scenario *s)
{
	for (uint32_t i = 0; i < s->knob_count; i++)
		if (strcmp(s->knobs[i], FORGETS) == 0)
			return true;
	return false;
}

static bool has_fault(const struct scenario *s, const char *word)
{
	for (uint32_t i = 0; i < s->fault_count; i++)
		if (strstr(s->faults[i], word) != NULL)
			return true;
	return false;
}

static bool executes_late(const struct scenario *s)
{
	for (uint32_t i = 0; i < s->fault_count; i++)
		if (strstr(s->faults[i], "before=1") != NULL && strncmp(s->faults[i], "delay", 5) == 0)
			return true;
	return false;
}

/* ---- the user ---- */

static int draw_mode(const struct scenario *s, struct rng *r)
{
	static const enum plan_mode modes[] = {PLAN_FORWARD, PLAN_COPY, PLAN_STREAM};

	return rng_below(r, 4) > 0 ? s->mode : (int)modes[rng_below(r, countof(modes))];
}

static void draw_wish(struct scenario *s, struct wish *w, struct rng *r)
{
	w->mode = draw_mode(s, r);
	if (rng_below(r, 5) < 2) {
		w->from_id = rng_below(r, 3) == 0 ? 0 : 1 + (int32_t)rng_below(r, 60);
		w->to_id = rng_below(r, 3) == 0 ? 0 : w->from_id + 1 + (int32_t)rng_below(r, 30);
	}
	if (rng_below(r, 6) == 0)
		w->limit = 1 + rng_below(r, 20);
	w->retry = rng_below(r, 5) == 0;
	w->stop = rng_below(r, 2) == 0;
}

/* What else may be in the source, and how it is cloned. */
static void draw_job(struct scenario *s, struct rng *r)
{
	size_t len = strlen(s->synth);

	if (s->topics == 0 && rng_below(r, 3) == 0)
		s->target = (enum target_kind)rng_below(r, TARGETS);
	if (s->topics > 0 && rng_below(r, 4) == 0 && !has_fault(s, "createForumTopic")) {
		s->source_topic = 2 + (int32_t)rng_below(r, s->topics);
		s->target_topic = rng_below(r, 2) == 0 ? WHOLE_TOPIC : 0;
	}
	s->source_channel = s->topics == 0 && rng_below(r, 6) == 0;
	s->keep_author = rng_below(r, 8) == 0;
	if (rng_below(r, 6) == 0)
		s->old_copies = 1 + (uint32_t)rng_below(r, 6);
	if (rng_below(r, 6) == 0)
		s->alike_media = 2 + (uint32_t)rng_below(r, 4);
	if (rng_below(r, 5) == 0)
		snprintf(s->synth + len, sizeof(s->synth) - len, ",video=2x90KB,voice=1x20KB,audio=2x40KB,rounds=1x60KB");
	if (rng_below(r, 4) == 0)
		s->extras = (uint32_t)rng_next(r) & (uint32_t)rng_next(r) & ((1u << EXTRAS) - 1);
	s->unpaced = rng_below(r, 4) == 0;
	s->ahead = rng_below(r, 3) == 0 ? 1 + (uint32_t)rng_below(r, 6) : 0;
	if (rng_below(r, 6) == 0)
		s->part_size = 32768u << rng_below(r, 4);
	s->pfs = rng_below(r, 8) == 0;
}

static void draw_wishes(struct scenario *s, struct rng *r)
{
	s->unordered = s->late; /* what comes late into another life's range is late by no mark */
	uint32_t n = s->death_count + (uint32_t)rng_below(r, 3);

	if (n == 0)
		n = 1;
	for (uint32_t i = 0; i < n && i < WHOLE_LIVES; i++)
		draw_wish(s, &s->wishes[s->wish_count++], r);
}

/* ---- the others ---- */

static bool has_deed(const struct scenario *s, enum deed_kind kind)
{
	for (uint32_t i = 0; i < s->deed_count; i++)
		if (s->deeds[i].kind == kind)
			return true;
	return false;
}

static bool may_be_done(const struct scenario *s, enum deed_kind kind)
{
	switch (kind) {
	case DEED_ECHO: /* in there is nobody else */
		return s->target != TARGET_SAVED;
	case DEED_REMOVE: /* what is gone is not found: then it is for the server to know (reliability 2.7) */
		return !forgets(s) && s->alike == 0 && s->alike_media == 0; /* and another says the same */
	case DEED_DELETE: /* forwarded with others that say the same nobody can tell which of them came */
		return !forgets(s) || (s->alike == 0 && s->alike_media == 0);
	case DEED_MEDIA: /* nor where others have the file that one had when it was forwarded */
		return !forgets(s) || (s->alike_media == 0 && !has_deed(s, DEED_MEDIA));
	case DEED_CROWD:
		return s->target == TARGET_GROUP;
	case DEED_TOPIC:
	case DEED_TWIN:
		return s->topics > 0;
	default:
		return true;
	}
}

static void in_order(struct scenario *s)
{
	for (uint32_t i = 1; i < s->deed_count; i++)
		for (uint32_t k = i; k > 0 && s->deeds[k].at_ns < s->deeds[k - 1].at_ns; k--) {
			struct deed d = s->deeds[k];

			s->deeds[k] = s->deeds[k - 1];
			s->deeds[k - 1] = d;
		}
}

static void draw_deeds(struct scenario *s, struct rng *r)
{
	uint64_t n = 1 + rng_below(r, WHOLE_DEEDS - 2), last = 0;
	bool shut = false;

	for (uint64_t i = 0; i < n; i++) {
		struct deed *d = &s->deeds[s->deed_count];

		*d = (struct deed){(enum deed_kind)rng_below(r, DEED_PLAN), 10 * MS + rng_below(r, 6 * SECOND),
				   (uint32_t)rng_below(r, 1000)};
		if (d->kind == DEED_NEW && forgets(s))
			d->pick |= 1; /* it says something else than all the others */
		s->deed_count += may_be_done(s, d->kind);
		shut |= d->kind == DEED_PROTECT;
		last = d->at_ns > last ? d->at_ns : last;
	}
	s->allow_protected = rng_below(r, 4) > 0;
	in_order(s);
	if (!shut || s->allow_protected)
		return;
	s->refuses = true;
	s->deeds[s->deed_count++] = (struct deed){DEED_OPEN, last + SECOND, 0};
}

/* ---- the server ---- */

/* Whether the job asks for anything that is so refused. */
static bool is_met(const struct scenario *s, const char *rule)
{
	if (strstr(rule, "forwardMessages") != NULL)
		return s->mode == PLAN_FORWARD;
	if (strstr(rule, "uploadMedia") != NULL)
		return s->mode == PLAN_STREAM;
	if (strstr(rule, "sendMulti") != NULL)
		return s->mode != PLAN_FORWARD && strstr(s->synth, "albums=0") == NULL;
	return strstr(rule, "method=messages.send") == NULL || s->mode != PLAN_FORWARD;
}

static uint32_t next_met(const struct scenario *s, uint32_t k)
{
	for (uint32_t n = 0; n < ALWAYS_MET && !is_met(s, refusal_kinds[k].rule); n++)
		k = (k + 1) % ALWAYS_MET;
	return k;
}

static void refuse(struct scenario *s, uint32_t first, uint32_t k)
{
	if (s->fault_count == WHOLE_FAULTS)
		return;
	if (executes_late(s) && refusal_kinds[k].skips)
		return; /* an earlier sending of what is refused is executed later on: nobody can know that */
	if (s->target == TARGET_SAVED && strncmp(refusal_kinds[k].rule, "strange", 7) == 0)
		return; /* what is the account's own does not say so there, and it would be unreadable */
	s->refuses |= refusal_kinds[k].skips;
	s->fault_kinds[s->fault_count] = first + k;
	snprintf(s->faults[s->fault_count++], sizeof(s->faults[0]), "%s", refusal_kinds[k].rule);
}

static void draw_refusals(struct scenario *s, uint32_t first, struct rng *r)
{
	/* The first ones in turn, so that few seeds have them all. */
	for (uint64_t n = 3 + rng_below(r, 4), i = 0; i < n; i++) {
		uint32_t k = (uint32_t)(i < 3 ? s->seed * (3 + 8 * i) + 5 * i : rng_below(r, ALWAYS_MET)) % ALWAYS_MET;

		k = next_met(s, k);
		if (strstr(refusal_kinds[k].rule, "*getMessages") != NULL)
			refuse(s, first, SPOILT_PAGES); /* single messages are asked for then */
		refuse(s, first, k);
	}
}

static void draw_videos(struct scenario *s, struct rng *r)
{
	size_t len = strlen(s->synth);

	if (strstr(s->synth, "video") == NULL)
		snprintf(s->synth + len, sizeof(s->synth) - len, ",video=3x200KB");
	if (s->topics == 0 && rng_below(r, 2) == 0)
		s->target = TARGET_CHANNEL; /* elsewhere none is converted */
}

static void draw_habits(struct scenario *s, struct rng *r)
{
	for (uint32_t i = 0; i < ANYWHERE && s->knob_count < WHOLE_FAULTS; i++) {
		bool part = strncmp(habits[i], "album-part", 10) == 0;

		if (rng_below(r, 5) > 0 || (part && executes_late(s)))
			continue;
		s->knobs[s->knob_count++] = habits[i];
		if (strncmp(habits[i], "video-convert", 13) == 0)
			draw_videos(s, r);
		/* Of a forward the rest was "not sent by the server"; an upload is gone again and again. */
		s->refuses |= part || strncmp(habits[i], "upload-ttl", 10) == 0;
	}
}

/* A send may be refused for what it says, though the one before it was executed. */
static bool refuses_sends(const struct scenario *s, uint32_t first)
{
	for (uint32_t i = 0; i < s->fault_count; i++)
		if (s->fault_kinds[i] >= first && refusal_kinds[s->fault_kinds[i] - first].skips &&
		    strstr(s->faults[i], "messages.send") != NULL)
			return true;
	return false;
}

/* However long it takes, whatever others have scheduled, and though it cannot always be seen what waits. */
static void draw_converting(struct scenario *s, uint32_t first, struct rng *r)
{
	char *none;

	if (s->topics > 0 || s->knob_count == WHOLE_FAULTS)
		return;
	s->knobs[s->knob_count++] = habits[ANYWHERE - 1 + rng_below(r, CONVERTS - ANYWHERE + 1)];
	draw_videos(s, r);
	s->target = TARGET_CHANNEL;
	none = strstr(s->synth, "albums=0");
	if (none != NULL) /* those with a video wait as a whole */
		none[7] = '2';
	if (s->wish_count > 0)
		s->alike_media = 0; /* of one file in two ranges nobody could tell whose copy came first */
	if (rng_below(r, 2) == 0 && s->deed_count < WHOLE_DEEDS) {
		s->deeds[s->deed_count++] = (struct deed){DEED_PLAN, 10 * MS + rng_below(r, 3 * SECOND),
							  (uint32_t)rng_below(r, 1000)};
		in_order(s);
	}
	/* Where the look-up is the only guard it has to see, and where another answer than "sent before" is given. */
	for (uint32_t k = ALWAYS_MET; k < EXECUTED && !forgets(s) && !refuses_sends(s, first) && rng_below(r, 8) > 0; k++) {
		refuse(s, first, k);
		s->unordered |= s->wish_count > 0 || s->refuses; /* what is not seen comes late, see draw_wishes */
	}
}

static bool has_knob(const struct scenario *s, const char *word)
{
	for (uint32_t i = 0; i < s->knob_count; i++)
		if (strncmp(s->knobs[i], word, strlen(word)) == 0)
			return true;
	return false;
}

/* As another file and with other words it is known by that it was seen to wait, or was sent before. */
static void draw_both(struct scenario *s, struct rng *r)
{
	for (uint32_t i = 0; i < s->knob_count && s->knob_count < WHOLE_FAULTS; i++) {
		bool file = strcmp(s->knobs[i], habits[CONVERTS]) == 0;

		if (!file && strcmp(s->knobs[i], habits[CONVERTS + 1]) != 0)
			continue;
		if ((!forgets(s) || !has_knob(s, "video-convert=40")) && rng_below(r, 2) == 0)
			s->knobs[s->knob_count++] = habits[file ? CONVERTS + 1 : CONVERTS];
		break;
	}
	for (uint32_t i = 0; i < s->knob_count; i++) /* not at once, but when half of the time has passed */
		if (strcmp(s->knobs[i], habits[CONVERTS + 1]) == 0 && rng_below(r, 2) == 0)
			s->knobs[i] = habits[CONVERTS + 3];
}

/* What was executed is looked for, also at once. */
static void draw_executed(struct scenario *s, uint32_t first, struct rng *r)
{
	for (uint32_t k = EXECUTED; k < REFUSALS; k++) {
		bool topic = strstr(refusal_kinds[k].rule, "Topic") != NULL;

		if (rng_below(r, 3) == 0 && (topic ? s->topics > 0 : is_met(s, refusal_kinds[k].rule)))
			refuse(s, first, k);
	}
}

/* What came later: from a sequence of its own again, so that the seeds before it stay what they were. */
static void draw_more(struct scenario *s, uint32_t first)
{
	struct rng r;

	rng_init(&r, s->seed ^ UINT64_C(0x6d6f7265));
	if (has_knob(s, "video-convert") && s->target == TARGET_CHANNEL && s->knob_count < WHOLE_FAULTS && rng_below(&r, 3) > 0)
		s->knobs[s->knob_count++] = habits[CONVERTS + rng_below(&r, 2)];
	if (s->knob_count < WHOLE_FAULTS && rng_below(&r, 8) == 0)
		s->knobs[s->knob_count++] = habits[CONVERTS + 2];
	draw_both(s, &r);
	draw_executed(s, first, &r);
}

void user_draw(struct scenario *s, uint32_t first)
{
	struct rng r;

	rng_init(&r, s->seed ^ UINT64_C(0x70656f706c65));
	if (rng_below(&r, 3) == 0)
		return;
	s->late = executes_late(s);
	draw_job(s, &r);
	if (rng_below(&r, 2) == 0)
		draw_wishes(s, &r);
	if (rng_below(&r, 2) == 0)
		draw_deeds(s, &r);
	if (rng_below(&r, 2) == 0)
		draw_refusals(s, first, &r);
	if (rng_below(&r, 3) == 0)
		draw_habits(s, &r);
	if (rng_below(&r, 6) == 0)
		draw_converting(s, first, &r);
	if (rng_below(&r, 8) == 0 && s->topics == 0 && s->target == TARGET_GROUP)
		s->slow = 1 + (int32_t)rng_below(&r, 8);
	draw_more(s, first);
	s->may_skip = s->refuses || s->deed_count > 0 || s->extras != 0;
}

bool user_is_quiet(const struct scenario *s)
{
	uint32_t old = 0;

	for (uint32_t i = 0; i < s->knob_count; i++)
		for (uint32_t k = 0; k < HABITS; k++)
			old += strcmp(s->knobs[i], habits[k]) == 0;
	for (uint32_t i = 0; i < s->wish_count; i++)
		old += s->wishes[i].from_id > 0 || s->wishes[i].limit > 0 || s->wishes[i].to_id > 0;
	for (uint32_t i = 0; i < s->fault_count; i++)
		for (uint32_t k = 0; k < EXECUTED; k++)
			old += strcmp(s->faults[i], refusal_kinds[k].rule) == 0;
	return old == 0 && s->deed_count == 0 && !s->refuses && !s->keep_author && s->old_copies == 0 &&
	       s->extras == 0 && s->source_topic == 0;
}

static void print_wish(const struct wish *w)
{
	printf(" wish=%s:%d-%d/%" PRIu64 "%s%s", plan_mode_name((enum plan_mode)w->mode), w->from_id, w->to_id,
	       w->limit, w->retry ? ",retry" : "", w->stop ? ",stop" : "");
}

void user_print(const struct scenario *s)
{
	if (s->target != TARGET_GROUP)
		printf(" target=%s", target_name(s->target));
	if (s->keep_author)
		printf(" author");
	if (s->allow_protected)
		printf(" protected");
	if (s->source_topic != 0)
		printf(" topic=%d>%d", s->source_topic, s->target_topic);
	if (s->source_channel)
		printf(" channel");
	if (s->old_copies > 0)
		printf(" old=%u", s->old_copies);
	if (s->slow > 0)
		printf(" slow=%d", s->slow);
	if (s->alike_media > 0)
		printf(" shown=%u", s->alike_media);
	if (s->unpaced)
		printf(" unpaced");
	if (s->ahead > 0)
		printf(" ahead=%u", s->ahead);
	if (s->part_size > 0)
		printf(" part=%u", s->part_size);
	if (s->pfs)
		printf(" pfs");
	for (uint32_t k = 0; k < EXTRAS; k++)
		if ((s->extras >> k & 1) != 0)
			printf(" %s", extra_name(k));
	for (uint32_t i = 0; i < s->wish_count; i++)
		print_wish(&s->wishes[i]);
	for (uint32_t i = 0; i < s->deed_count; i++)
		printf(" %s=%" PRIu64 "ms#%u", deed_name(s->deeds[i].kind), s->deeds[i].at_ns / MS, s->deeds[i].pick);
}
