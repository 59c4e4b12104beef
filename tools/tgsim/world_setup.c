/*
 * Opening a world: accounts, then the archive, the synthetic chats, or the demo world, in that
 * order of preference. The demo world is the demo archive, two empty targets for it, and the
 * archives in its subfolders (a channel, a protected group, a private chat).
 */
#include "tools/tgsim/model_priv.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PATH_LEN = 4096, DEMO_FORUM = 1600000101, DEMO_GROUP = 1600000102 };

static const struct world_account defaults[] = {
    {.phone = "9996620001", .code = "22222"},
    {.phone = "9996620002", .code = "22222", .password = "correct horse"},
};

static int fail(char *error, size_t len, int rc, const char *what, const char *why)
{
	snprintf(error, len, "%s: %s", what, why);
	return rc;
}

static int open_accounts(struct world *w, const struct world_options *opt, char *error, size_t len)
{
	const struct world_account *list = opt->account_count > 0 ? opt->accounts : defaults;
	uint32_t count = opt->account_count > 0 ? opt->account_count : countof(defaults);

	for (uint32_t i = 0; i < count; i++) {
		if (account_by_phone(w, list[i].phone) != NULL)
			return fail(error, len, 64, "--account", "a phone is given twice");
		if (list[i].id != 0 && user_find(w, list[i].id) != NULL)
			return fail(error, len, 64, "--account", "an id is given twice");
		account_make(w, &list[i]);
	}
	return 0;
}

static int demo_part(struct world *w, const char *dir, const char *name, char *error, size_t len)
{
	char path[PATH_LEN];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &st) != 0)
		return 0;
	return archive_load(w, path, error, len);
}

static int demo_load(struct world *w, const char *dir, char *error, size_t len)
{
	static const char *const parts[] = {"channel", "protected", "private"};
	int rc;

	if (dir == NULL)
		return fail(error, len, 64, "no demo archive", "give --world or --synth");
	rc = archive_load(w, dir, error, len);
	if (rc != 0)
		return rc;
	target_make(w, CHAT_SUPERGROUP, true, "Empty forum", DEMO_FORUM);
	target_make(w, CHAT_SUPERGROUP, false, "Empty group", DEMO_GROUP);
	for (size_t i = 0; i < countof(parts) && rc == 0; i++)
		rc = demo_part(w, dir, parts[i], error, len);
	return rc;
}

/* The target of an archive is an empty chat like it, in second place. */
static int archive_world(struct world *w, const char *dir, char *error, size_t len)
{
	int rc = archive_load(w, dir, error, len);
	const struct chat *source = world_chat_at(w, 0);
	uint32_t last;

	if (rc != 0)
		return rc;
	if (source == NULL || source->kind == CHAT_GROUP)
		target_make(w, CHAT_SUPERGROUP, false, "Empty target", 0);
	else
		target_make(w, source->kind, source->forum, "Empty target", 0);
	last = w->listed_count - 1;
	for (; last > 1; last--) {
		struct chat *c = w->listed[last];

		w->listed[last] = w->listed[last - 1];
		w->listed[last - 1] = c;
	}
	return 0;
}

static int fill(struct world *w, const struct world_options *opt, char *error, size_t len)
{
	int rc = open_accounts(w, opt, error, len);

	if (rc != 0)
		return rc;
	rc = spill_open(&w->spill, opt->spill_dir,
			opt->upload_keep != 0 ? opt->upload_keep : 1ull << 30);
	if (rc != 0)
		return fail(error, len, 74, "no room for uploads", strerror(-rc));
	if (opt->archive != NULL)
		return archive_world(w, opt->archive, error, len);
	if (opt->synth != NULL)
		return synth_open(w, opt->synth, error, len);
	return demo_load(w, opt->demo, error, len);
}

int world_open(const struct world_options *opt, struct world **out, char *error, size_t error_len)
{
	struct world *w = world_make(opt);
	int rc;

	*out = NULL;
	if (w == NULL)
		return fail(error, error_len, 71, "no memory", strerror(ENOMEM));
	rc = fill(w, opt, error, error_len);
	if (rc != 0)
		world_free(w);
	else
		*out = w;
	return rc;
}

void world_close(struct world *w)
{
	world_free(w);
}
