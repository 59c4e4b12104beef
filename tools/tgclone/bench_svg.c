/*
 * Drawing. A picture is as wide as its column; inside, units are those of the viewBox. The axis of
 * values starts at zero and ends at a round mark above everything that is drawn, the limit included.
 */
#include "tools/tgclone/bench_svg.h"

#include "proto/base/check.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 760, LEFT = 64, RIGHT = 16, TOP = 34, PLOT = 190, BOTTOM = 44, ROW = 30, NAMES = 290 };

void svg_text(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '<')
			fputs("&lt;", f);
		else if (c == '>')
			fputs("&gt;", f);
		else if (c == '&')
			fputs("&amp;", f);
		else if (c == '"')
			fputs("&quot;", f);
		else if (c < 0x20 || c >= 0x7f)
			fputc('?', f);
		else
			fputc(c, f);
	}
}

double svg_step(double max)
{
	double step;

	if (!(max > 0))
		return 1;
	step = pow(10, floor(log10(max / 6)));
	while (max / step > 6)
		step *= max / step > 30 ? 10 : max / step > 12 ? 5 : 2;
	return step;
}

static double top_of(double max)
{
	double step = svg_step(max);

	return max > 0 ? ceil(max / step - 1e-9) * step : 1;
}

static void label(FILE *f, double x, double y, const char *class, const char *text)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	svg_text(f, text);
	fputs("</text>\n", f);
}

static void number(FILE *f, double x, double y, const char *class, double v)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%.6g</text>\n", x, y, class, v);
}

static void open_picture(FILE *f, const char *title, const char *unit, double height)
{
	char text[160];

	snprintf(text, sizeof(text), "%s, %s", title, unit);
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\">\n",
		WIDTH, height);
	fputs("<title>", f);
	svg_text(f, text);
	fputs("</title>\n", f);
	label(f, 0, 16, "head", text);
}

/* ---- lines ---- */

struct frame {
	double x_max, y_max;
};

static double x_at(const struct frame *fr, double x)
{
	return LEFT + x / fr->x_max * (WIDTH - LEFT - RIGHT);
}

static double y_at(const struct frame *fr, double y)
{
	return TOP + PLOT - y / fr->y_max * PLOT;
}

static struct frame frame_of(const struct svg_lines *c)
{
	struct frame fr = {0, c->limit};

	for (uint32_t i = 0; i < c->series_count; i++) {
		for (uint32_t k = 0; k < c->series[i].count; k++) {
			fr.x_max = fmax(fr.x_max, c->series[i].x[k]);
			fr.y_max = fmax(fr.y_max, c->series[i].y[k]);
		}
	}
	fr.x_max = fr.x_max > 0 ? fr.x_max : 1;
	fr.y_max = top_of(fr.y_max);
	return fr;
}

static void grid(FILE *f, const struct frame *fr)
{
	double step = svg_step(fr->y_max);

	for (double y = 0; y <= fr->y_max * 1.0001; y += step) {
		fprintf(f, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"grid\"/>\n", LEFT,
			y_at(fr, y), WIDTH - RIGHT, y_at(fr, y));
		number(f, LEFT - 6, y_at(fr, y) + 4, "end", y);
	}
	step = svg_step(fr->x_max);
	for (double x = 0; x <= fr->x_max * 1.0001; x += step)
		number(f, x_at(fr, x), TOP + PLOT + 16, "mid", x);
	label(f, WIDTH - RIGHT, TOP + PLOT + 32, "end", "seconds");
}

static void limit_line(FILE *f, const struct svg_lines *c, const struct frame *fr)
{
	double y = y_at(fr, c->limit);

	if (c->limit <= 0)
		return;
	fprintf(f, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"limit\"/>\n", LEFT, y,
		WIDTH - RIGHT, y);
	label(f, WIDTH - RIGHT, y + 14, "end warn", c->limit_text);
}

static void one_line(FILE *f, const struct svg_series *s, const struct frame *fr, uint32_t index)
{
	fprintf(f, "<polyline class=\"s%u\" points=\"", index);
	for (uint32_t k = 0; k < s->count; k++)
		fprintf(f, "%s%.1f,%.1f", k == 0 ? "" : " ", x_at(fr, s->x[k]), y_at(fr, s->y[k]));
	fputs("\"/>\n", f);
}

static void legend(FILE *f, double x, double y, uint32_t index, const char *name)
{
	fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"12\" class=\"f%u\"/>\n", x, y - 10,
		index);
	label(f, x + 18, y, "txt", name);
}

void svg_lines(FILE *f, const struct svg_lines *c)
{
	struct frame fr = frame_of(c);

	check(c->series_count <= SVG_SERIES);
	open_picture(f, c->title, c->unit, TOP + PLOT + BOTTOM);
	grid(f, &fr);
	limit_line(f, c, &fr);
	for (uint32_t i = 0; i < c->series_count; i++) {
		one_line(f, &c->series[i], &fr, i);
		legend(f, LEFT + 150.0 * i, TOP + PLOT + 34, i, c->series[i].name);
	}
	fputs("</svg>\n", f);
}

/* ---- bars ---- */

struct bar_frame {
	double max, low; /* value at the right end; y of the lowest edge */
};

static double bar_len(const struct bar_frame *fr, double v)
{
	return fmax(0, v) / fr->max * (WIDTH - NAMES - 80);
}

static void bar(FILE *f, const struct bar_frame *fr, double y, double height, double v, uint32_t index)
{
	fprintf(f,
		"<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"f%u\"/>\n", NAMES, y,
		bar_len(fr, v), height, index);
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"txt\">%.2f</text>\n",
		NAMES + bar_len(fr, v) + 6, y + height - 1, v);
}

static void bar_row(FILE *f, const struct svg_bars *c, const struct bar_frame *fr, uint32_t i)
{
	const struct svg_bar *b = &c->bars[i];
	bool two = c->name_b != NULL && b->b >= 0;
	double y = TOP + (double)i * ROW;

	label(f, NAMES - 8, y + ROW / 2.0 + 2, "end", b->name);
	if (b->note != NULL) {
		label(f, NAMES + 6, y + ROW / 2.0 + 2, "txt", b->note);
		return;
	}
	bar(f, fr, y + 3, two ? 11 : 20, b->a, 0);
	if (two)
		bar(f, fr, y + 15, 11, b->b, 1);
}

static void bar_limit(FILE *f, const struct svg_bars *c, const struct bar_frame *fr)
{
	double x = NAMES + bar_len(fr, c->limit);

	if (c->limit <= 0)
		return;
	fprintf(f, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" class=\"limit\"/>\n", x, TOP - 6,
		x, fr->low);
	label(f, WIDTH - RIGHT, fr->low + 14, "end warn", c->limit_text);
}

void svg_bars(FILE *f, const struct svg_bars *c)
{
	struct bar_frame fr = {c->limit, TOP + (double)c->count * ROW};

	for (uint32_t i = 0; i < c->count; i++)
		fr.max = fmax(fr.max, fmax(c->bars[i].a, c->name_b != NULL ? c->bars[i].b : 0));
	fr.max = top_of(fr.max);
	open_picture(f, c->title, c->unit, fr.low + BOTTOM);
	for (uint32_t i = 0; i < c->count; i++)
		bar_row(f, c, &fr, i);
	bar_limit(f, c, &fr);
	legend(f, LEFT, fr.low + 34, 0, c->name_a);
	if (c->name_b != NULL)
		legend(f, LEFT + 150, fr.low + 34, 1, c->name_b);
	fputs("</svg>\n", f);
}
