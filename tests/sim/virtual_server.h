/* What virtual.h needs of the server beside whole.h. */
#ifndef TGCLONE_TESTS_SIM_VIRTUAL_SERVER_H
#define TGCLONE_TESTS_SIM_VIRTUAL_SERVER_H

#include <stdint.h>

struct dc_hs;
struct telegram;

/* A command of the control socket; its answer stays until the next one. */
const char *telegram_tell(struct telegram *, const char *command);
/* One more address of that DC. */
void telegram_listen(struct telegram *, int dc, const char *host, uint16_t port);
/* Each connection's key exchange, the last one it had. */
void telegram_exchanges(const struct telegram *, void (*fn)(void *arg, const struct dc_hs *), void *arg);

#endif
