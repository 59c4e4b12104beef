/* What whole_people.c and whole_server.c share: the chats, by tgsim's own headers. */
#ifndef TGCLONE_TESTS_SIM_WHOLE_PEOPLE_H
#define TGCLONE_TESTS_SIM_WHOLE_PEOPLE_H

#include "tests/sim/whole.h"
#include "tools/tgsim/model.h"
#include "tools/tgsim/world_setup.h"

/* The second chat becomes one of that kind, the first one a channel if so wanted. */
void people_chats(struct world *, bool source_channel, enum target_kind);
void people_topic(struct telegram *); /* WHOLE_TOPIC */
struct peer people_peer(struct telegram *, uint32_t chat);
struct history *people_history(struct telegram *, uint32_t chat);

/* whole_server.c */
enum target_kind telegram_target(const struct telegram *);
int64_t telegram_now(const struct telegram *);

#endif
