/*
 * fuzz_csv.c - any bytes as a CSV file: refused with a line, or records that are the same
 * however the bytes come, and when they are written anew with quotes and read again.
 */
#include "analytics/views/csv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes that come in pieces of at most STEP. */
struct fuzz_file {
	struct sc_span left;
	size_t step;
};

static ssize_t read_piece(void *arg, void *p, size_t n)
{
	struct fuzz_file *f = arg;

	n = n < f->step ? n : f->step;
	n = n < f->left.n ? n : f->left.n;
	if (n > 0)
		memcpy(p, f->left.p, n);
	f->left = sc_span_from(f->left, n);
	return (ssize_t)n;
}

static void put(struct sc_buf *out, const void *p, size_t n)
{
	if (sc_buf_put(out, p, n) != SC_OK)
		abort();
}

static void put_cell(struct sc_buf *out, struct sc_span cell)
{
	put(out, "\"", 1);
	for (size_t i = 0; i < cell.n; i++)
		put(out, cell.p[i] == '"' ? "\"\"" : (const char *)&cell.p[i],
		    cell.p[i] == '"' ? 2 : 1);
	put(out, "\"", 1);
}

/* Every record of TEXT, written with all cells in quotes. */
static enum sc_err rewrite(struct sc_span text, size_t step, char separator, struct sc_buf *out)
{
	struct fuzz_file file = { text, step };
	struct sc_diag d = { .text = "" };
	struct csv_reader *r;
	const struct sc_span *cells;
	unsigned line = 0;
	size_t n = 1;
	enum sc_err err;

	sc_buf_init(out, 1u << 24);
	if (csv_new(read_piece, &file, separator, "x.csv", &r) != SC_OK)
		abort();
	while ((err = csv_next(r, &cells, &n, &d)) == SC_OK && n > 0) {
		if (csv_line(r) <= line)
			abort();
		line = csv_line(r);
		for (size_t i = 0; i < n; i++) {
			if (i > 0)
				put(out, ",", 1);
			put_cell(out, cells[i]);
		}
		put(out, "\r\n", 2);
	}
	if (err != SC_OK && (d.text[0] == '\0' || d.line == 0))
		abort();
	csv_free(r);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_buf whole, pieces, again;
	const enum sc_err err = rewrite(sc_span(data, size), size + 1, '\0', &whole);

	if (rewrite(sc_span(data, size), 1 + size % 7, '\0', &pieces) != err ||
	    !sc_span_eq(sc_buf_span(&whole), sc_buf_span(&pieces)))
		abort();
	if (err == SC_OK) {
		if (rewrite(sc_buf_span(&whole), size + 1, ',', &again) != SC_OK ||
		    !sc_span_eq(sc_buf_span(&whole), sc_buf_span(&again)))
			abort();
		sc_buf_fini(&again);
	}
	sc_buf_fini(&whole);
	sc_buf_fini(&pieces);
	return 0;
}
