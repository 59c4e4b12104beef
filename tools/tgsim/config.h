/*
 * The command line of tgsim, and DIR/tgsim.json: what clients need to know of a running simulator.
 */
#ifndef TGSIM_CONFIG_H
#define TGSIM_CONFIG_H

#include "tools/tgsim/sink.h"
#include "tools/tgsim/world_setup.h"

enum { CONFIG_DCS = 32, CONFIG_ACCOUNTS = 64, CONFIG_RULES = 128 };

struct config_dc {
	int id;
	bool media;
	char host[64];
	uint16_t port; /* 0: a free one; known once it listens */
};

/* Strings point into argv. */
struct config {
	const char *dir;
	struct config_dc dcs[CONFIG_DCS];
	uint32_t dc_count;
	int home_dc, file_dc;
	struct world_account accounts[CONFIG_ACCOUNTS];
	uint32_t account_count;
	const char *rsa_key, *world, *synth, *demo, *log, *spill;
	int max_layer;
	int32_t api_id;
	const char *api_hash;
	int64_t fileref_ttl_s, salt_life_s, resend_s;
	int64_t upload_keep, seed; /* 0: not given */
	int64_t gather_ms;
	bool test_mode, poll;
	const char *faults[CONFIG_RULES], *knobs[CONFIG_RULES];
	uint32_t fault_count, knob_count;
};

enum config_outcome { CONFIG_OK, CONFIG_HELP, CONFIG_WRONG };

/* argv may be changed. WRONG: one line for people in error. */
enum config_outcome config_read(struct config *, int argc, char **argv, char *error, size_t len);
void config_usage(struct sink *);

/* After world_open and once every port is known. */
struct config_run {
	const char *rsa_pem_path;
	uint64_t rsa_fingerprint;
	int pid;
};
void config_json(const struct config *, const struct config_run *, struct world *, struct sink *);

#endif
