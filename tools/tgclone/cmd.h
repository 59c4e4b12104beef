/* The subcommands' entry points, one file cmd_NAME.c each; listed in commands.c. */
#ifndef TGCLONE_TOOLS_CMD_H
#define TGCLONE_TOOLS_CMD_H

#include "tools/tgclone/app.h"

int cmd_login(struct app *, int argc, char **argv);
int cmd_logout(struct app *, int argc, char **argv);
int cmd_chats(struct app *, int argc, char **argv);
int cmd_topics(struct app *, int argc, char **argv);
int cmd_scan(struct app *, int argc, char **argv);
/* What clone, or retry, would do, and whether it would begin at all: for their --dry-run. */
int scan_rehearse(struct app *, bool retry);
int cmd_clone(struct app *, int argc, char **argv);
int cmd_status(struct app *, int argc, char **argv);
int cmd_verify(struct app *, int argc, char **argv);
int cmd_retry(struct app *, int argc, char **argv);
int cmd_rebuild(struct app *, int argc, char **argv);
int cmd_doctor(struct app *, int argc, char **argv);
int cmd_bench(struct app *, int argc, char **argv);
int cmd_tune(struct app *, int argc, char **argv);
int cmd_help(struct app *, int argc, char **argv);
int cmd_version(struct app *, int argc, char **argv);

#endif
