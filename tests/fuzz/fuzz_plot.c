/*
 * fuzz_plot.c - any values and any labels in any plot: well-formed, and no larger than it may be.
 *
 *	kind(1) languages(1) n(1) | labels: text up to a NUL, at most 64 | values: 8 bytes each
 */
#include "base/page/plot.h"

#include "xml.h"

#include <stdlib.h>

#define VALUES_MAX 4096
#define SIDE_MAX 80
#define OUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct given {
	char label[65];
	int64_t v[VALUES_MAX];
	size_t n; /* values */
	size_t many;
	struct plot_name name;
};

static void given_read(struct given *g, const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, '\0', size);
	size_t label = nul == NULL ? size : (size_t)(nul - data);

	memset(g, 0, sizeof(*g));
	memcpy(g->label, data, label < 64 ? label : 64);
	label += nul != NULL;
	for (; g->n < VALUES_MAX && label + 8 <= size; label += 8)
		memcpy(&g->v[g->n++], data + label, 8);
	g->name = (struct plot_name){ g->label, g->n % 2 == 0 ? NULL : "名" };
}

static int64_t value(const struct given *g, size_t i)
{
	return g->n == 0 ? 0 : g->v[i % g->n];
}

static void bars(struct page *p, const struct given *g)
{
	struct plot_bar v[256];

	for (size_t i = 0; i < g->many; i++)
		v[i] = (struct plot_bar){ g->name.en, g->name.zh, value(g, i),
			i % 2 ? NULL : g->label };
	plot_bars(p, g->name, v, g->many, value(g, 1));
}

static void columns(struct page *p, const struct given *g)
{
	struct plot_bar v[256];

	for (size_t i = 0; i < g->many; i++)
		v[i] = (struct plot_bar){ g->name.en, g->name.zh, value(g, i),
			i % 2 ? NULL : g->label };
	plot_columns(p, g->name, v, g->many);
}

static void spark(struct page *p, const struct given *g)
{
	plot_spark(p, g->name, g->v, g->n, (unsigned)value(g, 0), (unsigned)value(g, 1));
}

static void lines(struct page *p, const struct given *g)
{
	static struct plot_name labels[VALUES_MAX];
	struct plot_line v[16];
	const size_t m = g->many % 16;

	for (size_t i = 0; i < g->n; i++)
		labels[i] = g->name;
	for (size_t i = 0; i < m; i++)
		v[i] = (struct plot_line){ g->name.en, g->name.zh, g->v };
	plot_lines(p, g->name, labels, g->n, v, m);
}

static void intervals(struct page *p, const struct given *g)
{
	struct plot_interval v[256];

	for (size_t i = 0; i < g->many; i++)
		v[i] = (struct plot_interval){ g->name.en, g->name.zh, value(g, i), value(g, i + 1),
			value(g, i + 2), i % 2 == 0, i % 3 == 0 ? g->label : NULL };
	plot_intervals(p, g->name, v, g->many, value(g, 3), value(g, 4), g->label);
	if (g->many > 0)
		plot_range(p, g->name, v, value(g, 3), value(g, 4));
}

static void heat(struct page *p, const struct given *g)
{
	static int64_t v[SIDE_MAX * SIDE_MAX];
	static struct plot_name labels[SIDE_MAX];
	static size_t framed[SIDE_MAX];
	const size_t rows = g->many % SIDE_MAX, cols = (size_t)value(g, 0) % SIDE_MAX;

	for (size_t i = 0; i < SIDE_MAX; i++) {
		labels[i] = g->name;
		framed[i] = (size_t)value(g, i);
	}
	for (size_t i = 0; i < rows * cols; i++)
		v[i] = value(g, i);
	plot_heat(p, g->name,
	    &(struct plot_heat){ labels, labels, rows, cols, v, g->n % 3 != 0, framed, g->name,
		g->name });
}

static void stacks(struct page *p, const struct given *g)
{
	struct plot_stack rows[256];
	struct plot_name parts[256];

	for (size_t i = 0; i < g->many; i++) {
		rows[i] = (struct plot_stack){ g->name.en, g->name.zh, g->v };
		parts[i] = g->name;
	}
	plot_stacks(p, g->name, parts, g->n < g->many ? g->n : g->many, rows, g->many);
}

static void small(struct page *p, const struct given *g)
{
	struct plot_slim v[16];

	for (size_t i = 0; i < 16; i++)
		v[i] = (struct plot_slim){ value(g, i), value(g, i + 1) };
	plot_meter(p, g->name, value(g, 0), value(g, 1));
	plot_slims(p, v, g->many % 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(struct page * p, const struct given *g) = { bars, columns,
		spark, lines, intervals, heat, stacks, small };
	static struct given g;
	struct sc_buf out;
	struct page p = { .out = &out };
	struct xml_read x = { 0 };

	if (size < 3)
		return 0;
	sc_buf_init(&out, OUT_MAX);
	p.languages = (enum page_language)(data[1] % 3 + 1);
	given_read(&g, data + 3, size - 3);
	g.many = data[2];
	page_raw(&p, "<div>");
	kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))](&p, &g);
	page_raw(&p, "</div>");
	if (p.err != SC_OK || !xml_read(&x, sc_buf_span(&out)))
		abort();
	sc_buf_fini(&out);
	return 0;
}
