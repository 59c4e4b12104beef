/* From what the user wrote (CHAT) to a peer with its access hash (api.md 4). */
#ifndef TGCLONE_RESOLVE_H
#define TGCLONE_RESOLVE_H

#include "tools/tgclone/client.h"

/*
 * text: @name, -100..., t.me/..., me, with optional #topic. 0, or an exit code after an error line.
 * *topic: 0 when none was named.
 */
int resolve_chat(struct client *, const char *text, struct chat_info *, int32_t *topic);

/* Calls each(ctx, chat) for all dialogs, newest first, until it says true. 0 or an exit code. */
int resolve_dialogs(struct client *, bool (*each)(void *ctx, const struct chat_info *), void *ctx);

#endif
