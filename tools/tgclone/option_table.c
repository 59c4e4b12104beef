/*
 * The table of options: the one place that knows them all. Names follow the words of the README;
 * the defaults of the pace are those of the old script (20 messages a minute, 3.5 s between two).
 */
#include "tools/tgclone/options_priv.h"
#include "proto/base/check.h"

#define AT(field) offsetof(struct options, field)

enum { ID_MAX = INT32_MAX, FD_MAX = 1023 };

#define DAY (86400LL * 1000000000)
#define MEG (1024LL * 1024)

const struct option_spec option_table[] = {
    /* what a command works on */
    {"source", OPT_TEXT, AT(source), 1, 200, NULL, "CHAT",
     "the chat to read, instead of the first operand", FOR_JOB, "SOURCE_CHAT"},
    {"target", OPT_TEXT, AT(target), 1, 200, NULL, "CHAT",
     "the chat to write, instead of the second operand", FOR_JOB & ~FOR_SCAN, "TARGET_CHAT"},
    {"source-topic", OPT_INT, AT(source_topic), 0, ID_MAX, "0", "ID",
     "only this topic of the source; 0: all", FOR_JOB & ~FOR_STATUS, "SOURCE_TOPIC"},
    {"target-topic", OPT_INT, AT(target_topic), 0, ID_MAX, "0", "ID",
     "into this topic of the target; 0: topics are made like the source's, one alone goes to General",
     FOR_JOB & ~FOR_STATUS, "TARGET_TOPIC"},
    {"from", OPT_INT, AT(from_id), 0, ID_MAX, "0", "ID", "first message id; 0: from the start",
     FOR_SCAN | FOR_CLONE | FOR_VERIFY | FOR_RETRY | FOR_REBUILD, NULL},
    {"to", OPT_INT, AT(to_id), 0, ID_MAX, "0", "ID", "last message id; 0: to the end",
     FOR_SCAN | FOR_CLONE | FOR_VERIFY | FOR_RETRY | FOR_REBUILD, NULL},
    {"limit", OPT_INT, AT(limit), 0, ID_MAX, "0", "N", "stop after so many; 0: all",
     FOR_CHATS | FOR_TOPICS | FOR_SCAN | FOR_CLONE | FOR_VERIFY | FOR_RETRY | FOR_REBUILD, NULL},
    {"generation", OPT_INT, AT(generation), 1, ID_MAX, "1", "N",
     "a second copy of the same chat into the same chat is generation 2",
     FOR_JOB & ~FOR_STATUS & ~FOR_SCAN, NULL},
    {"reason", OPT_TEXT, AT(reason), 1, 63, NULL, "TEXT",
     "only skipped messages whose reason begins so", FOR_RETRY, NULL},
    {"mode", OPT_CHOICE, AT(mode), 0, 0, "auto", "auto|forward|copy|stream",
     "how messages get over: auto takes the cheapest that keeps the message",
     FOR_SCAN | FOR_CLONE | FOR_RETRY | FOR_REBUILD, NULL},
    {"keep-author", OPT_BOOL, AT(keep_author), 0, 1, "false", NULL,
     "forward with the author's name", FOR_SCAN | FOR_CLONE | FOR_RETRY | FOR_REBUILD, NULL},
    {"allow-protected", OPT_BOOL, AT(allow_protected), 0, 1, "false", NULL,
     "stream messages of a chat that forbids forwarding and saving; with retry, those skipped for it",
     FOR_SCAN | FOR_CLONE | FOR_RETRY | FOR_REBUILD, NULL},
    {"bytes", OPT_BOOL, AT(bytes), 0, 1, "false", NULL,
     "read the files of both sides back and compare them", FOR_VERIFY, NULL},
    {"dry-run", OPT_BOOL, AT(dry_run), 0, 1, "false", NULL, "plan, and send nothing",
     FOR_CLONE | FOR_RETRY | FOR_REBUILD, NULL},
    {"replace", OPT_BOOL, AT(replace), 0, 1, "false", NULL,
     "a ledger that is there, damaged or not, is set aside under another name", FOR_REBUILD, NULL},
    /* measuring */
    {"message", OPT_TEXT, AT(message), 3, 200, NULL, "LINK",
     "the message whose file is downloaded, like https://t.me/c/1234567890/15 or CHAT/ID",
     FOR_BENCH | FOR_TUNE, NULL},
    {"seconds", OPT_INT, AT(seconds), 1, 3600, "5", "N", "how long each measurement lasts",
     FOR_BENCH | FOR_TUNE, NULL},
    {"within", OPT_DURATION, AT(within_ns), 10LL * 1000000000, DAY / 24, "3m", "TIME",
     "the whole sweep ends by then, with the best so far", FOR_TUNE, NULL},
    {"synth", OPT_TEXT, AT(synth), 3, 500, NULL, "SPEC",
     "the simulator's world, like messages=300,photos=40,docs=8x64MB", FOR_BENCH | FOR_TUNE, NULL},
    {"html", OPT_TEXT, AT(html), 1, 4095, NULL, "FILE",
     "write the report as a page with pictures, too", FOR_BENCH | FOR_TUNE, NULL},
    /* doctor */
    {"probe", OPT_BOOL, AT(probe), 0, 1, "false", NULL,
     "ask a test server how it treats repeated sends, parts and hashes, in chats made for that",
     FOR_DOCTOR, NULL},
    {"probe-wait", OPT_DURATION, AT(probe_wait_ns), 0, 2 * DAY, "1m", "TIME",
     "how old half an upload and an unsent document become before they are looked at", FOR_DOCTOR,
     NULL},
    {"yes", OPT_BOOL, AT(yes), 0, 1, "false", NULL, "do not ask before the probe writes",
     FOR_DOCTOR, NULL},
    /* pace */
    {"rate", OPT_RATE, AT(rate), 1, 1000000, "20/m", "N/s|N/m|N/h|off|auto",
     "most messages a second, minute or hour; auto: learnt from flood waits, from 20/m on "
     "(auto:N/m: from there)", FOR_SCAN | FOR_CLONE | FOR_RETRY, NULL},
    {"interval", OPT_DURATION, AT(interval_ns), 0, DAY, "3.5s", "TIME",
     "least time between two posts", FOR_SCAN | FOR_CLONE | FOR_RETRY, NULL},
    {"burst", OPT_INT, AT(burst), 1, 1000, "1", "N",
     "so many may go at once after a pause, within the rate", FOR_SCAN | FOR_CLONE | FOR_RETRY,
     NULL},
    {"ahead", OPT_INT, AT(ahead), 1, 64, "8", "N",
     "groups whose files are on their way before their turn", FOR_CLONE | FOR_RETRY, NULL},
    {"max-wait", OPT_DURATION, AT(max_wait_ns), 0, 30 * DAY, "0", "TIME",
     "end with 75 when Telegram asks for a longer wait; 0: wait as told",
     FOR_SCAN | FOR_CLONE | FOR_VERIFY | FOR_RETRY | FOR_REBUILD, NULL},
    {"max-offline", OPT_DURATION, AT(max_offline_ns), 0, 30 * DAY, "0", "TIME",
     "end with 75 after so long without a connection; 0: keep trying", FOR_NET, NULL},
    /* logging in */
    {"phone", OPT_TEXT, AT(phone), 5, PHONE_MAX, NULL, "+NUMBER", "the account's number", FOR_LOGIN, NULL},
    {"password-fd", OPT_INT, AT(password_fd), 0, FD_MAX, NULL, "N",
     "read the 2FA password from this file descriptor, one line", FOR_LOGIN, NULL},
    {"api-id", OPT_INT, AT(api_id), 0, ID_MAX, "0", "N",
     "from my.telegram.org; 0: the DC file's or the session's", FOR_NET, "TG_API_ID"},
    {"api-hash-fd", OPT_INT, AT(api_hash_fd), 0, FD_MAX, NULL, "N",
     "read the api_hash from this file descriptor, one line", FOR_LOGIN, NULL},
    {"api-hash-file", OPT_TEXT, AT(api_hash_file), 1, 4095, NULL, "FILE",
     "read the api_hash from this file, which must be for its owner alone (0600)", FOR_LOGIN, NULL},
    /* where */
    {"config", OPT_TEXT, AT(config), 1, 4095, NULL, "FILE",
     "settings, instead of $XDG_CONFIG_HOME/tgclone/config", FOR_ALL, NULL},
    {"state-dir", OPT_TEXT, AT(state_dir), 1, 4000, NULL, "DIR",
     "sessions and ledgers, instead of $XDG_STATE_HOME/tgclone", FOR_ALL, NULL},
    {"profile", OPT_TEXT, AT(profile), 1, 64, "default", "NAME", "one of several accounts", FOR_ALL,
     NULL},
    {"dc-config", OPT_TEXT, AT(dc_config), 1, 4095, NULL, "FILE",
     "servers and key from this file (tgsim.json), instead of Telegram's", FOR_ALL, NULL},
    {"test", OPT_BOOL, AT(test), 0, 1, "false", NULL, "Telegram's test servers", FOR_ALL, NULL},
    {"layer", OPT_CHOICE, AT(layer), 0, 0, "auto", "auto|201|228",
     "API layer; auto: 228, or what the DC file says", FOR_NET, NULL},
    /* resources */
    {"buffer", OPT_SIZE, AT(buffer), 2 * MEG, 480 * MEG, "128M", "SIZE",
     "memory for file bytes on their way", FOR_NET, NULL},
    {"memory", OPT_SIZE, AT(memory), 32 * MEG, 500 * MEG, "500M", "SIZE",
     "all memory together; taken at start or not at all", FOR_NET, NULL},
    {"connections-down", OPT_COUNT, AT(links_down), 1, 64, "auto", "N",
     "download connections per data centre; auto: 4, and more while that pays", FOR_NET, NULL},
    {"connections-up", OPT_COUNT, AT(links_up), 1, 64, "auto", "N",
     "upload connections; auto: 4, and more while that pays", FOR_NET, NULL},
    {"connections-max", OPT_INT, AT(links_max), 1, 64, "8", "N",
     "up to how many connections each way auto goes", FOR_NET, NULL},
    {"inflight", OPT_INT, AT(inflight), 1, 64, "4", "N", "file parts under way on each connection",
     FOR_NET, NULL},
    {"cores", OPT_INT, AT(cores), 1, 64, "1", "N",
     "engines, each on a core of its own; they share buffer and connections",
     FOR_CLONE | FOR_RETRY | FOR_BENCH | FOR_TUNE, NULL},
    {"part-size", OPT_PART, AT(part_size), 4096, 512 * 1024, "512K", "SIZE",
     "of a file part; divides 512K", FOR_CLONE | FOR_RETRY | FOR_BENCH | FOR_TUNE, NULL},
    {"io", OPT_CHOICE, AT(io), 0, 0, "auto", "auto|uring|poll",
     "how to wait for the network; auto: io_uring where it is allowed", FOR_NET, NULL},
    {"zerocopy", OPT_CHOICE, AT(zerocopy), 0, 0, "auto", "auto|on|off",
     "send parts without copying them into the kernel; auto: on a real network, when the CPU is short",
     FOR_NET, NULL},
    {"transport", OPT_CHOICE, AT(transport), 0, 0, "intermediate",
     "intermediate|abridged|padded|full", "MTProto transport", FOR_NET, NULL},
    {"obfuscate", OPT_BOOL, AT(obfuscate), 0, 1, "false", NULL, "obfuscate the transport", FOR_NET,
     NULL},
    {"pfs", OPT_BOOL, AT(pfs), 0, 1, "false", NULL,
     "perfect forward secrecy: each connection has a temporary key, for a day at most", FOR_NET, NULL},
    /* talk */
    {"json", OPT_BOOL, AT(json), 0, 1, "false", NULL,
     "one JSON object a line on stdout, instead of text", FOR_ALL, NULL},
    {"quiet", OPT_BOOL, AT(quiet), 0, 1, "false", NULL, "only results and errors", FOR_ALL, NULL},
    {"verbose", OPT_BOOL, AT(verbose), 0, 1, "false", NULL, "more about what happens", FOR_ALL,
     NULL},
    {"progress", OPT_CHOICE, AT(progress), 0, 0, "auto", "auto|off",
     "live on a terminal, else a line a minute", FOR_ALL, NULL},
    {"log", OPT_TEXT, AT(log), 1, 4095, NULL, "FILE", "append a log to this file; logrotate: copytruncate", FOR_ALL, NULL},
    {"log-level", OPT_CHOICE, AT(log_level), 0, 0, "info", "error|warn|info|debug",
     "how much goes into the log", FOR_ALL, NULL},
    {"help", OPT_BOOL, AT(help), 0, 1, "false", NULL, "this text", FOR_ALL, NULL},
};

const uint32_t option_count = countof(option_table);

static_assert(countof(option_table) <= OPTIONS_COUNT_MAX, "origin has room for each row");

uint32_t option_command(const char *name)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} commands[] = {
	    {"login", FOR_LOGIN},   {"logout", FOR_LOGOUT}, {"chats", FOR_CHATS},
	    {"topics", FOR_TOPICS}, {"scan", FOR_SCAN},     {"clone", FOR_CLONE},
	    {"status", FOR_STATUS}, {"verify", FOR_VERIFY}, {"retry", FOR_RETRY},
	    {"doctor", FOR_DOCTOR}, {"bench", FOR_BENCH},   {"tune", FOR_TUNE},
	    {"rebuild", FOR_REBUILD},
	};

	for (size_t i = 0; i < countof(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].bit;
	}
	return 0;
}

int option_find(const char *name, size_t len)
{
	for (uint32_t i = 0; i < option_count; i++) {
		if (strlen(option_table[i].name) == len &&
		    memcmp(option_table[i].name, name, len) == 0)
			return (int)i;
	}
	return -1;
}
