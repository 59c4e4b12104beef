/*
 * Fuzz target: the archive loader. Any text is either refused with one line or becomes chats whose
 * every message can be looked at and dumped. Files are looked for in the demo archive.
 */
#include "tools/tgsim/model_priv.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool ignore(void *arg, const char *line, size_t len)
{
	*(uint64_t *)arg += len + (uint8_t)line[0];
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world_options opt = {
	    .seed = 1, .now = (int64_t)1750000000 * 1000000000, .synth = "messages=0"};
	struct dump_options dump = {.canonical = true};
	struct world *w;
	char error[512];
	uint64_t sum = 0;

	check(world_open(&opt, &w, error, sizeof(error)) == 0);
	error[0] = 0;
	if (archive_load_text(w, "tests/data/demo", cspan_of(data, size), error, sizeof(error)) !=
	    0)
		check(error[0] != 0);
	for (struct chat *c = w->chats; c != NULL; c = c->next) {
		char name[32];

		snprintf(name, sizeof(name), "%lld", (long long)chat_marked_id(c));
		dump.canonical = !dump.canonical;
		world_dump(w, name, &dump, ignore, &sum);
	}
	world_dump(w, "me", &dump, ignore, &sum);
	world_close(w);
	return 0;
}
