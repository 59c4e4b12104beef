/* A world for a test, and the few things that all its tests do. */
#ifndef TESTS_WORLD_FIXTURE_H
#define TESTS_WORLD_FIXTURE_H

#include "tools/tgsim/model_file.h"
#include "tools/tgsim/world_setup.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define NOW ((int64_t)1750000000 * 1000000000)

static inline struct world_options fixture_options(void)
{
	return (struct world_options){
	    .seed = 1, .now = NOW, .home_dc = 2, .file_dc = 4, .demo = TESTS_DEMO};
}

static inline struct world *fixture_open(const struct world_options *opt)
{
	struct world *w;
	char error[512] = "";
	int rc = world_open(opt, &w, error, sizeof(error));

	cr_assert_eq(rc, 0, "%s", error);
	return w;
}

static inline struct world *fixture_synth(const char *spec)
{
	struct world_options opt = fixture_options();

	opt.synth = spec;
	return fixture_open(&opt);
}

static inline struct arena fixture_arena(void)
{
	struct arena a;

	arena_init(&a, malloc(1 << 20), 1 << 20);
	return a;
}

static inline struct tl_obj *fixture_text(struct arena *a, const char *text)
{
	struct tl_obj *o = tl_new(a, TLC_message);

	tl_set_str(o, TLF_message, text);
	return o;
}

/* The whole dump as one string; free it. */
struct fixture_dump {
	char *text;
	size_t len;
};

static inline bool fixture_line(void *arg, const char *line, size_t len)
{
	struct fixture_dump *d = arg;

	d->text = realloc(d->text, d->len + len + 2);
	memcpy(d->text + d->len, line, len);
	d->len += len;
	d->text[d->len++] = '\n';
	d->text[d->len] = 0;
	return true;
}

static inline char *fixture_dump(struct world *w, const char *chat, bool canonical)
{
	struct dump_options opt = {.canonical = canonical};
	struct fixture_dump d = {calloc(1, 1), 0};

	cr_assert_eq(world_dump(w, chat, &opt, fixture_line, &d), 0);
	return d.text;
}

#endif
