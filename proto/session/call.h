/* A question in flight, as the session sees it. */
#ifndef TGCLONE_SESSION_CALL_H
#define TGCLONE_SESSION_CALL_H

#include "proto/base/list.h"

#include <stdint.h>

/*
 * Lives in the caller's memory from session_call until its last event
 * (RESULT, ERROR, RESEND, UNSURE) or session_forget; zeroed before its first use.
 */
struct call {
	struct list node;
	struct call *hash_next;
	uint64_t msg_id;
	uint64_t sent_ns;
	uint64_t order; /* in which calls went out; that of the ids, but for what went twice */
	uint64_t ask_ns, stuck_ns; /* when to ask for its state; when to give up waiting */
	uint32_t epoch;            /* of the key, when it was sent */
	uint8_t asks;              /* state requests about it */
	uint8_t state;
	bool acked; /* the server has it (ack, or state 4) */
	bool told;  /* it said so when it was asked, on this connection */
	bool once;  /* set by the caller: not idempotent */
	uint8_t patience; /* set by the caller: its answer may take 2^patience as long (N9) */
	bool unanswered;  /* it was given up: nothing came in time */
	bool elsewhere; /* sent on an earlier connection, where it may still be on its way */
	bool again;     /* sent once more under its id */
	uint32_t seq_no;
};

#endif
