/* What the files of the protocol half say to each other. Private to dc*.c and their tests. */
#ifndef TGSIM_DC_PRIV_H
#define TGSIM_DC_PRIV_H

#include "tools/tgsim/dc_state.h"

/* dc.c */
int64_t dc_clock(const struct dc_server *, int dc); /* the server's clock, ns */
void dc_random(struct dc_server *, void *out, size_t len);
void dc_violation(struct dc_server *, enum stat_rule);
int dc_layer_of(const struct dc_server *, int32_t asked);

/* dc_conn.c */
/* A framed packet, behind all others of the connection. */
void dc_conn_queue(struct dc_conn *, struct packet **);
void dc_conn_error(struct dc_conn *, int32_t code);
void dc_conn_quick_ack(struct dc_conn *, uint32_t token);
void dc_conn_cut(struct dc_conn *, enum cut_kind);
/* How a rule of kind DROP, RESET, STALL ends a connection. */
enum cut_kind dc_cut_of(enum fault_kind);

/* dc_plain.c: an unencrypted message, opened. */
void dc_plain_take(struct dc_conn *, struct packet *);
/* FAULT_PLAIN. */
void dc_plain_update(struct dc_conn *);

/* dc_key.c */
struct dc_key *dc_key_find(struct dc_server *, int dc, uint64_t id); /* living ones only */
struct dc_key *dc_key_make(struct dc_server *, int dc, const struct dc_hs *);
void dc_keys_free(struct dc_server *);
/* The permanent key behind it; NULL for a temporary one that is not bound. */
struct dc_key *dc_key_perm(struct dc_key *);
/* Destroys it, with what is bound to it. */
void dc_key_kill(struct dc_server *, struct dc_key *);
uint64_t dc_salt_now(struct dc_server *, struct dc_key *);
bool dc_salt_good(struct dc_server *, struct dc_key *, uint64_t salt);
void dc_salt_change(struct dc_server *, struct dc_key *);
/* The valid ones from now on, at most count; returns how many. */
uint32_t dc_salts_future(struct dc_server *, struct dc_key *, const struct dc_salt **,
			 uint32_t count);
/* A temporary one stands for nobody from now on. */
void dc_key_unbind(struct dc_key *);
/* auth.bindTempAuthKey: NULL, or the text of the error 400. */
const char *dc_key_bind(struct dc_session *, uint64_t msg_id, struct cspan query);

/* dc_session.c */
struct dc_session *dc_session_get(struct dc_server *, struct dc_key *, uint64_t id);
void dc_session_drop(struct dc_server *, struct dc_session *);
/* The state is lost; the session starts anew with its next message. */
void dc_session_forget(struct dc_session *);
void dc_session_attach(struct dc_session *, struct dc_conn *);
void dc_session_detach(struct dc_session *);
struct dc_seen *dc_seen_find(const struct dc_session *, uint64_t msg_id);
/* Notes a new id; the entry is valid until the next call. */
struct dc_seen *dc_seen_add(struct dc_session *, uint64_t msg_id, uint32_t seq, uint32_t flags);
/* 0, 32 or 33: does seq fit between its neighbours? */
int dc_seq_fault(const struct dc_session *, uint64_t msg_id, uint32_t seq);
void dc_session_ack(struct dc_session *, uint64_t msg_id);
/*
 * A query for a main session came on it: true unless the key now has two living main sessions,
 * which kills the key.
 */
bool dc_session_main(struct dc_server *, struct dc_session *, uint64_t msg_id);
struct dc_out *dc_kept_find(const struct dc_session *, uint64_t msg_id);
struct dc_out *dc_answer_find(const struct dc_session *, uint64_t req_msg_id);
void dc_kept_drop(struct dc_session *, struct dc_out *);
/* A message that is kept goes out again, under its old id; false when there is none. */
bool dc_session_again(struct dc_session *, uint64_t msg_id);
/* The same for the answer to a query; true also when it is on its way already. */
bool dc_session_answer_again(struct dc_session *, uint64_t req_msg_id);
/* msgs_ack for a message of the client. */
void dc_session_put_ack(struct dc_session *, uint64_t msg_id);
/* Sends what was not acknowledged in time; returns when to look again. */
void dc_session_tick(struct dc_server *, struct dc_session *);
int64_t dc_session_due(const struct dc_server *, const struct dc_session *);

/* dc_message.c: the opened packet of a session. */
void dc_message_take(struct dc_conn *, struct dc_key *, const struct envelope_head *,
		     struct cspan data);
void dc_bad_msg(struct dc_session *, uint64_t msg_id, uint32_t seq, int code);

/* dc_service.c: true when body was a service message (and handled it). */
bool dc_service_take(struct dc_session *, uint64_t msg_id, uint32_t id, struct cspan body);
bool dc_is_service(uint32_t id);
const char *dc_service_name(uint32_t id); /* NULL: it is none */

/* dc_rpc.c */
void dc_rpc_take(struct dc_session *, uint64_t msg_id, struct cspan body);
/* Queries that waited for another one. */
void dc_rpc_tick(struct dc_session *);
/* Executes what faults held until now, with or without a connection. */
void dc_rpc_late(struct dc_server *, struct dc_session *);

/* dc_answer.c: rpc_result in its forms, for the session or in hand. */
void dc_rpc_error(struct dc_session *, uint64_t req_msg_id, const char *name, int32_t code,
		  const char *text);
void dc_rpc_raw(struct dc_session *, uint64_t req_msg_id, const char *name, struct cspan object);
/* The query of that id was executed; invokeAfterMsg wants to know. */
void dc_mark_done(struct dc_session *, uint64_t msg_id, bool failed);
struct dc_out *dc_answer_error(uint64_t req_msg_id, const char *name, int32_t code,
			       const char *text);
/* In the key's layer, packed when that pays; an error 500 when the layer has no words for it. */
struct dc_out *dc_answer_object(struct dc_server *, const struct dc_key *, uint64_t req_msg_id,
				const char *name, const struct tl_obj *);
/* An object that no layer has, in place of a file. */
struct dc_out *dc_answer_garbled(uint64_t req_msg_id, const char *name);
struct dc_out *dc_answer_file(uint64_t req_msg_id, const char *name, const struct rpc_reply *);
/* Bytes of an object in the key's layer, packed when that pays; length 0: they cannot be. */
struct cspan dc_encode(struct dc_server *, const struct dc_key *, const struct tl_obj *,
		       struct tl_error *);

/* dc_push.c: updates of the world to main sessions. */
void dc_push_all(struct dc_server *);
void dc_push_one_too_long(struct dc_session *);
void dc_push_large(struct dc_session *, uint32_t text_len);

/* dc_decode.c: a query, an InputPeer being good as an InputUser or InputChannel too. */
const struct tl_obj *dc_decode(struct arena *, struct cspan body, struct tl_error *);

/* dc_downgrade.c: the object without what the layer has no form of. */
const struct tl_obj *dc_downgrade(struct arena *, const struct tl_obj *, int layer);

/* dc_send.c. A file part has len 0 here; its maker sets it, with the rest of the file's fields. */
struct dc_out *dc_out_make(enum out_kind, const char *name, uint32_t len);
void dc_out_free(struct dc_out *); /* in no list */
/* Hands it to the session; it goes out at the end of the tick, or when it is due. */
void dc_out_send(struct dc_session *, struct dc_out **);
void dc_session_dirty(struct dc_session *);
void dc_flush(struct dc_server *);
/* What goes out in one pass: filled from dirty sessions; run; framed and queued. */
struct dc_sealing {
	struct dc_batch batch;
	struct packet *packets[DC_BATCH];
	struct dc_conn *conns[DC_BATCH];
	uint32_t plain_len[DC_BATCH];
};
void dc_sealing_init(struct dc_sealing *);
void dc_sealing_fill(struct dc_server *, struct dc_sealing *);
void dc_sealing_end(struct dc_sealing *);
/* File parts that could go now. */
void dc_files_ready(const struct dc_server *, struct gather_company *);
/* Whether they are company for those that come. */
bool dc_together(const struct dc_server *);
/* count of them go now, both ways together or one way for itself. */
void dc_gathered(struct dc_server *, struct gather *, uint32_t count);
/* File parts in the inbox. */
void dc_inbox_bulk(const struct dc_server *, struct gather_company *);

#endif
