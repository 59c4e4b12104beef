/*
 * bench telegram: the real service (or any other this account is logged in at). The file of a message
 * is downloaded for some seconds; as much is uploaded; then both at once. What was uploaded becomes
 * one message in Saved Messages, which proves that it arrived, and is deleted at once.
 */
#include "tools/tgclone/bench_run.h"
#include "tools/tgclone/talk.h"

#include <stdlib.h>

enum { BIG_FILE = 10485760 }; /* api.md 10: an upload in big parts is longer */

static const char file_name[] = "tgclone-bench.bin";

/* ---- the message that is there for a moment ---- */

static const struct tl_obj *document_of(struct arena *a, const struct load_upload *up)
{
	struct tl_obj *media = tl_new(a, TLC_inputMediaUploadedDocument);
	struct tl_obj *name = tl_new(a, TLC_documentAttributeFilename);

	tl_set_str(name, TLF_file_name, file_name);
	tl_set_flag(media, TLF_force_file, true);
	tl_set_obj(media, TLF_file,
		   media_input_file(a, up->file_id, up->parts, true, cspan_str(file_name)));
	tl_set_str(media, TLF_mime_type, "application/octet-stream");
	tl_set_vec(a, media, TLF_attributes, 1);
	tl_put_obj(media, TLF_attributes, 0, name);
	return media;
}

static int send_to_self(struct client *cl, const struct load_upload *up, int32_t *id)
{
	struct post post = {.to = {PEER_SELF, 0, 0},
			    .silent = true,
			    .text = cspan_str("tgclone bench: deleted at once")};
	const struct tl_obj *answer;
	enum client_status status;

	client_fresh(cl);
	ring_random(cl->ring, &post.random_id, sizeof(post.random_id));
	post.media = document_of(&cl->arena, up);
	status = client_ask(cl, TLC_messages_sendMedia, ask_send(&cl->arena, &post), &answer);
	if (status != CLIENT_OK)
		return client_fail(cl, status, "sending the upload to Saved Messages");
	*id = ask_read_sent(answer, post.random_id).id;
	if (*id == 0)
		return app_fail(cl->app, EXIT_UNAVAILABLE,
				"the server does not say which message it made: %s is in Saved Messages",
				file_name);
	return 0;
}

static int delete_it(struct client *cl, int32_t id)
{
	struct tl_obj *q;
	const struct tl_obj *answer;
	enum client_status status;

	client_fresh(cl);
	q = tl_new(&cl->arena, TLC_messages_deleteMessages);
	tl_set_flag(q, TLF_revoke, true);
	tl_set_vec(&cl->arena, q, TLF_id, 1);
	tl_put_int(q, TLF_id, 0, id);
	status = client_ask(cl, TLC_messages_deleteMessages, q, &answer);
	if (status == CLIENT_OK)
		return 0;
	app_warn(cl->app, "message %d of Saved Messages is still there: delete it by hand", id);
	return client_fail(cl, status, "deleting the upload");
}

/* Nothing to do when there is no upload. */
static int prove_and_remove(struct client *cl, const struct load_upload *up)
{
	int32_t id;
	int code;

	if (up->parts == 0)
		return 0;
	code = send_to_self(cl, up, &id);
	return code == 0 ? delete_it(cl, id) : code;
}

/* ---- the runs ---- */

static int load(struct bench_engines *e, struct bench_run *run, const struct load_file *file,
		enum load_kind kind)
{
	const struct options *o = app_options(e->cl.app);
	struct load_options load = {.cl = &e->cl,
				    .crew = e->crew,
				    .kind = kind,
				    .file = file,
				    .part_size = (uint32_t)o->part_size,
				    .seconds = (double)o->seconds};
	struct load_upload left;
	int code;

	app_note(e->cl.app, "%s for %lld s", run->name, (long long)o->seconds);
	if (kind != LOAD_DOWN)
		load.part_min = BIG_FILE / load.part_size + 1;
	code = load_run(&load, run, &left);
	return code == 0 ? prove_and_remove(&e->cl, &left) : code;
}

static int one_run(struct app *user, struct bench_report *r, struct load_file *file,
		   enum load_kind kind)
{
	static const char *const names[] = {"download", "upload", "both"};
	static const enum crypto_work works[] = {CRYPTO_OPEN, CRYPTO_SEAL, CRYPTO_RELAY};
	struct bench_run *run = bench_report_run(r, names[kind]);
	struct app app = *user;
	struct bench_engines e;
	int code;

	app.options.cores = kind == LOAD_BOTH ? app.options.cores : 1;
	bench_limit(run, works[kind], (uint32_t)app.options.cores, false);
	code = bench_engines_open(&e, &app);
	if (code == 0 && file->file.size == 0)
		code = bench_linked(&e.cl, app.options.message, file);
	if (code == 0)
		code = load(&e, run, file, kind);
	return bench_engines_close(&e, code);
}

int bench_do_telegram(struct app *app)
{
	struct bench_report *r = bench_report_new("telegram");
	struct load_file file = {.file = {.size = 0}};
	int code = 0;

	bench_head(app, r);
	for (int kind = LOAD_DOWN; kind <= LOAD_BOTH && code == 0; kind++)
		code = one_run(app, r, &file, (enum load_kind)kind);
	if (code == 0) {
		bench_report_note(r, "file of %.1f MB on DC %d; uploads went to Saved Messages and were "
				  "deleted", (double)file.file.size / 1e6, file.file.dc);
		code = bench_tell(app, r);
	}
	free(r);
	return code;
}
