/*
 * Values of options: text in, number out, or one sentence about what is allowed. Arithmetic is
 * checked; whatever a config file or the environment holds, the result lies in the row's range.
 */
#include "tools/tgclone/options_priv.h"
#include "proto/base/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

static bool say(char *why, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool say(char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, size, format, args);
	va_end(args);
	return false;
}

/*
 * Digits, with up to three behind a point, as a number of units; *end stands behind them. False: no
 * number, or too large.
 */
static bool take_number(const char *text, int64_t unit, bool point, const char **end, int64_t *out)
{
	const char *p = text;
	int64_t whole = 0, part = 0, scale = 1;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *p - '0', &whole))
			return false;
	}
	if (point && *p == '.') {
		for (p++; *p >= '0' && *p <= '9' && scale < 1000; p++) {
			part = part * 10 + (*p - '0');
			scale *= 10;
		}
		if (scale == 1)
			return false;
	}
	*end = p;
	if (__builtin_mul_overflow(whole, unit, out))
		return false;
	return !__builtin_add_overflow(*out, part * unit / scale, out);
}

struct unit {
	const char *name;
	int64_t value;
};

/* A number and one of the units; the first unit's name is the empty one. */
static bool parse_units(const char *text, const struct unit *units, size_t count, int64_t *out)
{
	const char *end = NULL;
	int64_t plain;

	/* Where the number ends tells the unit. */
	if (!take_number(text, 1, true, &end, &plain))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(end, units[i].name) == 0)
			return take_number(text, units[i].value, true, &end, out);
	}
	return false;
}

static bool parse_size(const char *text, int64_t *out)
{
	static const struct unit units[] = {
	    {"", 1},          {"K", 1 << 10},   {"M", 1 << 20},   {"G", 1 << 30},
	    {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	};

	return parse_units(text, units, countof(units), out);
}

static bool parse_duration(const char *text, int64_t *out)
{
	static const struct unit units[] = {
	    {"", 1000000000},
	    {"s", 1000000000},
	    {"ms", 1000000},
	    {"m", 60 * 1000000000LL},
	    {"min", 60 * 1000000000LL},
	    {"h", 3600 * 1000000000LL},
	    {"d", 86400 * 1000000000LL},
	};

	return parse_units(text, units, countof(units), out);
}

static bool parse_int(const char *text, int64_t *out)
{
	const char *end;
	bool minus = *text == '-';

	text += minus;
	if (!take_number(text, 1, false, &end, out) || *end != 0)
		return false;
	*out = minus ? -*out : *out;
	return true;
}

static bool parse_bool(const char *text, bool *out)
{
	static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "1", "0"};

	for (size_t i = 0; i < countof(words); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*out = i % 2 == 0;
			return true;
		}
	}
	return false;
}

/* "off", "auto", "auto:20/m", "20/m". */
static bool parse_rate(const char *text, struct option_rate *out)
{
	const char *end;
	int64_t count;

	*out = (struct option_rate){.count = 0};
	if (strcasecmp(text, "off") == 0)
		return true;
	out->learnt = strncasecmp(text, "auto", 4) == 0;
	if (out->learnt)
		text = text[4] == 0 ? "20/m" : text[4] == ':' ? text + 5 : "";
	if (!take_number(text, 1, false, &end, &count) || end[0] != '/' || end[1] == 0 ||
	    end[2] != 0)
		return false;
	out->count = (uint64_t)count;
	out->unit_ns = 1000000000ULL * (end[1] == 's' ? 1 : end[1] == 'm' ? 60 : 3600);
	return end[1] == 's' || end[1] == 'm' || end[1] == 'h';
}

static int64_t parse_choice(const char *words, const char *text)
{
	size_t len = strlen(text);

	for (int64_t i = 0; *words != 0; i++) {
		size_t n = strcspn(words, "|");

		if (n == len && memcmp(words, text, n) == 0)
			return i;
		words += n + (words[n] == '|');
	}
	return -1;
}

/* Bounds in the units people write: 2M..480M, 0..24h. */
static void put_size(char *out, size_t size, int64_t v)
{
	static const char units[] = {0, 'K', 'M', 'G'};
	int i = 0;

	for (; i < 3 && v != 0 && v % 1024 == 0; i++)
		v /= 1024;
	snprintf(out, size, "%" PRId64 "%s", v, i == 0 ? "" : (char[]){units[i], 0});
}

static void put_duration(char *out, size_t size, int64_t ns)
{
	int64_t s = ns / 1000000000;

	if (s != 0 && s % 86400 == 0)
		snprintf(out, size, "%" PRId64 "d", s / 86400);
	else
		snprintf(out, size, "%" PRId64 "s", s);
}

static bool allowed(const struct option_spec *spec, char *why, size_t size)
{
	char min[32], max[32];

	switch (spec->type) {
	case OPT_BOOL:
		return say(why, size, "allowed true or false");
	case OPT_INT:
		return say(why, size, "allowed %" PRId64 "..%" PRId64, spec->min, spec->max);
	case OPT_COUNT:
		return say(why, size, "allowed %" PRId64 "..%" PRId64 ", or auto", spec->min, spec->max);
	case OPT_SIZE:
	case OPT_PART:
		put_size(min, sizeof(min), spec->min);
		put_size(max, sizeof(max), spec->max);
		return say(why, size, "allowed %s..%s%s", min, max,
			   spec->type == OPT_PART ? ", a divisor of 512K" : "");
	case OPT_DURATION:
		put_duration(min, sizeof(min), spec->min);
		put_duration(max, sizeof(max), spec->max);
		return say(why, size, "allowed %s..%s, like 500ms, 3.5s, 10m, 2h", min, max);
	case OPT_RATE:
		return say(why, size, "allowed %" PRId64 "..%" PRId64 " as N/s, N/m or N/h, or off, or auto",
			   spec->min, spec->max);
	case OPT_TEXT:
		return say(why, size, "allowed %" PRId64 "..%" PRId64 " characters", spec->min,
			   spec->max);
	case OPT_CHOICE:
		return say(why, size, "allowed %s", spec->arg);
	}
	check(!"a row of the table has a type");
	return false;
}

static bool in_range(const struct option_spec *spec, int64_t v)
{
	return v >= spec->min && v <= spec->max;
}

static bool set_number(const struct option_spec *spec, const char *text, int64_t *out)
{
	int64_t v = 0;

	switch (spec->type) {
	case OPT_INT:
		if (!parse_int(text, &v) || !in_range(spec, v))
			return false;
		break;
	case OPT_COUNT:
		if (strcmp(text, "auto") != 0 && (!parse_int(text, &v) || !in_range(spec, v)))
			return false;
		break;
	case OPT_SIZE:
	case OPT_PART:
		if (!parse_size(text, &v) || !in_range(spec, v))
			return false;
		if (spec->type == OPT_PART && (512 * 1024) % v != 0)
			return false;
		break;
	case OPT_DURATION:
		if (!parse_duration(text, &v) || !in_range(spec, v))
			return false;
		break;
	default:
		v = parse_choice(spec->arg, text);
		if (v < 0)
			return false;
		break;
	}
	*out = v;
	return true;
}

bool option_set(struct options *o, const struct option_spec *spec, const char *text, char *why,
		size_t why_size)
{
	void *at = (char *)o + spec->at;
	struct option_rate rate;
	size_t len = strlen(text);
	bool ok;

	switch (spec->type) {
	case OPT_BOOL:
		ok = parse_bool(text, at);
		break;
	case OPT_TEXT:
		ok = in_range(spec, (int64_t)len);
		if (ok)
			memcpy(at, &text, sizeof(text));
		break;
	case OPT_RATE:
		ok = parse_rate(text, &rate) &&
		     (rate.unit_ns == 0 || in_range(spec, (int64_t)rate.count));
		if (ok)
			memcpy(at, &rate, sizeof(rate));
		break;
	default:
		ok = set_number(spec, text, at);
		break;
	}
	return ok || allowed(spec, why, why_size);
}
