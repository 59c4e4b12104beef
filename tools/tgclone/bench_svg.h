/*
 * Pictures as inline SVG: lines over time and bars. Colours come from the page's style by class, so
 * that they follow its light or dark mode. Text is escaped. Pure: numbers in, text out.
 */
#ifndef TGCLONE_TOOLS_BENCH_SVG_H
#define TGCLONE_TOOLS_BENCH_SVG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { SVG_SERIES = 4 };

/* count points; x and y finite. */
struct svg_series {
	const char *name;
	const double *x, *y;
	uint32_t count;
};

struct svg_lines {
	const char *title, *unit; /* unit of y; x is seconds */
	struct svg_series series[SVG_SERIES];
	uint32_t series_count;
	double limit; /* a line across; 0: none */
	const char *limit_text;
};
void svg_lines(FILE *, const struct svg_lines *);

/* Up to two bars a name, one above the other; the second below 0: there is none. */
struct svg_bar {
	const char *name;
	double a, b;
	const char *note; /* instead of the bars; NULL: none */
};

struct svg_bars {
	const char *title, *unit, *name_a, *name_b; /* name_b NULL: one bar a name */
	const struct svg_bar *bars;
	uint32_t count;
	double limit;
	const char *limit_text;
};
void svg_bars(FILE *, const struct svg_bars *);

/* Escaped for text and attributes; what XML cannot hold becomes a question mark. */
void svg_text(FILE *, const char *);
/* The distance of round marks (1, 2 or 5 times a power of ten) that cuts 0..max into at most 6. */
double svg_step(double max);

#endif
