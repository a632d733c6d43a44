/*
 * text_table.c - how wide text is, and padding it.
 */
#include "cli/text_table.h"

#include "base/text/utf8.h"

#include <string.h>

#define WIDEST 60 /* a longer cell stands as it is: what is cut off cannot be read */

/* Wide and full-width characters (Unicode's East Asian Width), and those that stand on others. */
static const struct {
	uint32_t from, to;
	uint8_t places;
} ranges[] = {
	{ 0x0300, 0x036f, 0 },
	{ 0x1100, 0x115f, 2 },
	{ 0x2e80, 0x303e, 2 },
	{ 0x3041, 0x4dbf, 2 },
	{ 0x4e00, 0xa4cf, 2 },
	{ 0xa960, 0xa97f, 2 },
	{ 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },
	{ 0xfe00, 0xfe0f, 0 },
	{ 0xfe30, 0xfe6f, 2 },
	{ 0xff00, 0xff60, 2 },
	{ 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1f64f, 2 },
	{ 0x1f900, 0x1f9ff, 2 },
	{ 0x20000, 0x3fffd, 2 },
};

/* The character at the start of S: its bytes; *PLACES 0 to 2; *HIDDEN: it is not to be shown. */
static size_t next_char(struct sc_span s, size_t *places, bool *hidden)
{
	uint32_t cp = 0;
	const size_t n = utf8_decode(s, &cp);

	*places = 1;
	*hidden = n == 0 || utf8_invisible(cp);
	for (size_t i = 0; !*hidden && i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i].from && cp <= ranges[i].to)
			*places = ranges[i].places;
	return n == 0 ? 1 : n;
}

/* Places that TEXT takes. */
static size_t text_width(struct sc_span text)
{
	size_t width = 0, places;
	bool hidden;

	for (size_t i = 0; i < text.n; width += places)
		i += next_char(sc_span_from(text, i), &places, &hidden);
	return width;
}

void text_table_measure(struct text_table *t, const struct text_cell *row, size_t n)
{
	t->n_columns = n < TEXT_TABLE_COLUMNS_MAX ? n : TEXT_TABLE_COLUMNS_MAX;
	for (size_t i = 0; i < t->n_columns; i++) {
		const size_t width = text_width(row[i].text);

		if (width > t->widths[i])
			t->widths[i] = width < WIDEST ? width : WIDEST;
	}
}

static enum sc_err put_text(struct sc_buf *out, struct sc_span text)
{
	enum sc_err err = SC_OK;
	size_t places, n;
	bool hidden;

	for (size_t i = 0; i < text.n && err == SC_OK; i += n) {
		n = next_char(sc_span_from(text, i), &places, &hidden);
		err = hidden ? sc_buf_put(out, "\xef\xbf\xbd", 3) : sc_buf_put(out, text.p + i, n);
	}
	return err;
}

static enum sc_err put_many(struct sc_buf *out, char c, size_t n)
{
	uint8_t *at;
	enum sc_err err = n == 0 ? SC_OK : sc_buf_grow(out, n, &at);

	if (err == SC_OK && n > 0)
		memset(at, c, n);
	return err;
}

static enum sc_err put_cell(const struct text_table *t, const struct text_cell *c, size_t i,
    struct sc_buf *out)
{
	const size_t width = text_width(c->text);
	const size_t pad = width < t->widths[i] ? t->widths[i] - width : 0;
	enum sc_err err = i == 0 ? SC_OK : sc_buf_put(out, "  ", 2);

	if (err == SC_OK && c->right)
		err = put_many(out, ' ', pad);
	if (err == SC_OK)
		err = put_text(out, c->text);
	/* nothing behind the last one */
	if (err == SC_OK && !c->right && i + 1 < t->n_columns)
		err = put_many(out, ' ', pad);
	return err;
}

static enum sc_err put_rule(const struct text_table *t, struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < t->n_columns && err == SC_OK; i++) {
		if (i > 0)
			err = sc_buf_put(out, "  ", 2);
		if (err == SC_OK)
			err = put_many(out, '-', t->widths[i]);
	}
	return err == SC_OK ? sc_buf_put(out, "\n", 1) : err;
}

enum sc_err text_table_print(struct text_table *t, const struct text_cell *row, size_t n,
    struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n && i < t->n_columns && err == SC_OK; i++)
		err = put_cell(t, &row[i], i, out);
	if (err == SC_OK)
		err = sc_buf_put(out, "\n", 1);
	if (err == SC_OK && !t->names_said)
		err = put_rule(t, out);
	t->names_said = true;
	return err;
}
