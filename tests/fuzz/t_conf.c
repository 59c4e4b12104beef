/*
 * Fuzz target: settings from files. The first byte chooses: the config file with every option's
 * values, or the JSON list of servers.
 */
#include "proto/base/check.h"
#include "tools/tgclone/dcconfig.h"
#include "tools/tgclone/options_priv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void in_bounds(const struct options *o, const struct option_spec *s)
{
	const void *at = (const char *)o + s->at;
	const struct option_rate *rate = at;

	if (s->type == OPT_INT || s->type == OPT_SIZE || s->type == OPT_PART ||
	    s->type == OPT_DURATION)
		check(*(const int64_t *)at >= s->min && *(const int64_t *)at <= s->max);
	if (s->type == OPT_RATE)
		check(rate->unit_ns == 0 || (rate->count >= 1 && rate->count <= (uint64_t)s->max));
}

static void config(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *at = text;
	struct config_line line;
	struct options o = {0};
	char why[200];
	int number = 0;

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = 0;
	while (config_next(&at, &number, &line) > 0) {
		int i = option_find(line.name, strlen(line.name));

		why[0] = 0;
		if (i >= 0 && option_set(&o, &option_table[i], line.value, why, sizeof(why)))
			in_bounds(&o, &option_table[i]);
		else if (i >= 0)
			check(why[0] != 0);
		/* Any name: all rows see values of every kind. */
		for (uint32_t k = 0; i < 0 && k < option_count; k++) {
			if (option_set(&o, &option_table[k], line.value, why, sizeof(why)))
				in_bounds(&o, &option_table[k]);
		}
	}
	free(text);
}

static void servers(const uint8_t *data, size_t size)
{
	static struct dcconfig c;
	static struct net_account a;
	char why[DCCONFIG_WHY] = "";

	if (dcconfig_parse(&c, cspan_of(data, size), "/nowhere", why) != 0) {
		check(why[0] != 0);
		return;
	}
	check(dcconfig_trusted(&c, why));
	dcconfig_account(&c, &a);
	check(a.dc_count >= 1 && a.dc_count <= NET_DC_MAX);
}

/* Rows: H22 H23 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] == '{')
		servers(data, size);
	else
		config(data, size);
	return 0;
}
