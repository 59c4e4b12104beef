/*
 * File parts as fast as the connections carry them, for a fixed time: down, up, or both as a relay
 * does it (what arrives leaves again from where it landed). Stands on the net directly: no history,
 * no messages, no ledger.
 */
#ifndef TGCLONE_TOOLS_BENCH_LOAD_H
#define TGCLONE_TOOLS_BENCH_LOAD_H

#include "engine/crew/crew.h"
#include "tools/tgclone/bench_report.h"
#include "tools/tgclone/client.h"

/* A file and the reference that its location needs. */
struct load_file {
	struct media_file file; /* its reference lies in here */
	uint8_t reference[256];
};

enum load_kind { LOAD_DOWN, LOAD_UP, LOAD_BOTH };

struct load_options {
	struct client *cl;
	struct crew *crew; /* more engines, for LOAD_BOTH only; NULL: none */
	enum load_kind kind;
	const struct load_file *file; /* what is downloaded, again and again; LOAD_UP: NULL */
	uint32_t part_size;
	double seconds;	   /* from the first answer on */
	uint32_t part_min; /* parts that an upload has at least, and then it is whole; 0: no matter */
	pid_t far;	   /* of the simulator, 0 not known */
};

/* The upload that is left at the server: whole, of this many parts. 0 parts: there is none. */
struct load_upload {
	int64_t file_id;
	int32_t parts;
};

/* 0, or an exit code after an error line. run gets everything but its limit. */
int load_run(const struct load_options *, struct bench_run *run, struct load_upload *left);

#endif
