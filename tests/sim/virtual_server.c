/*
 * The server of a whole-program run with two doors more: its control commands, and addresses beside
 * those it has. Its insides are whole_server.c's, and its headers clash with those of tests.
 */
#include "tests/sim/whole_server.c"

#include "tests/sim/virtual_server.h"
#include "tools/tgsim/dc_priv.h"

const char *telegram_tell(struct telegram *t, const char *command)
{
	static struct sink answer;
	char line[CONTROL_LINE_MAX];

	sink_clear(&answer);
	snprintf(line, sizeof(line), "%s", command);
	control_take(&t->control, line, shell_now(t->ring, t->offset_ns), &answer);
	check(strncmp(answer.at, "ok ", 3) == 0);
	return strchr(answer.at, '\n') + 1;
}

void telegram_listen(struct telegram *t, int id, const char *host, uint16_t port)
{
	struct config_dc dc = {.id = id, .port = port};

	snprintf(dc.host, sizeof(dc.host), "%s", host);
	check(shell_listen(t->shell, &dc) == 0);
}

void telegram_exchanges(const struct telegram *t, void (*fn)(void *, const struct dc_hs *), void *arg)
{
	list_each (n, &t->server->conns)
		fn(arg, &container_of(n, struct dc_conn, node)->hs);
}
