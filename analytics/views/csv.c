/*
 * csv.c - the reader: a record is brought into memory whole, then taken apart in place.
 */
#include "analytics/views/csv.h"

#include "base/grow.h"
#include "base/text/utf8.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 65536u

struct csv_reader {
	csv_read_fn *read;
	void *arg;
	const char *name;
	uint8_t *text; /* what was read and not yet told: from AT to N */
	size_t at, n, cap;
	bool ended;
	char separator;
	bool begun;          /* the byte order mark is behind us */
	unsigned line, next; /* of the record; of the one after it */
	size_t width;        /* cells of the first record; 0: it was not read */
	struct sc_span cells[CSV_CELLS_MAX];
	size_t n_cells;
};

enum sc_err csv_new(csv_read_fn *read, void *arg, char separator, const char *name,
    struct csv_reader **out)
{
	struct csv_reader *r = calloc(1, sizeof(*r));

	*out = r;
	if (r == NULL || (r->text = malloc(r->cap = CHUNK)) == NULL) {
		free(r);
		*out = NULL;
		return SC_NOMEM;
	}
	r->read = read;
	r->arg = arg;
	r->name = name;
	r->separator = separator;
	r->next = 1;
	return SC_OK;
}

void csv_free(struct csv_reader *r)
{
	if (r == NULL)
		return;
	sc_wipe(r->text, r->cap);
	free(r->text);
	free(r);
}

void csv_again(struct csv_reader *r)
{
	r->at = r->n = 0;
	r->ended = r->begun = false;
	r->next = 1;
}

unsigned csv_line(const struct csv_reader *r)
{
	return r->line;
}

/* COLUMN: in bytes, from 0. */
static enum sc_err refuse(const struct csv_reader *r, struct sc_diag *d, enum sc_err err,
    unsigned line, size_t column, const char *what)
{
	sc_diag_set(d, "%s", what);
	if (d != NULL) {
		const size_t n = strnlen(r->name, sizeof(d->file) - 1);

		memcpy(d->file, r->name, n);
		d->file[n] = '\0';
		d->line = line;
		d->column = (unsigned)column + 1;
	}
	return err;
}

/* ---- a record whole ------------------------------------------------------------------- */

/* More bytes behind those there are. */
static enum sc_err fill(struct csv_reader *r, struct sc_diag *d)
{
	ssize_t n;

	if (r->at > 0) {
		memmove(r->text, r->text + r->at, r->n - r->at);
		r->n -= r->at;
		r->at = 0;
	}
	if (r->n == r->cap) {
		const size_t cap = sc_grown(r->cap);
		uint8_t *text;

		if (r->cap >= CSV_RECORD_MAX)
			return refuse(r, d, SC_LIMIT, r->next, 0,
			    "a line of more than 1 MiB: is a quote not closed?");
		if ((text = malloc(cap)) == NULL)
			return SC_NOMEM;
		memcpy(text, r->text, r->n);
		sc_wipe(r->text, r->cap);
		free(r->text);
		r->text = text;
		r->cap = cap;
	}
	if ((n = r->read(r->arg, r->text + r->n, r->cap - r->n)) < 0)
		return refuse(r, d, SC_IO, r->next, 0, "it cannot be read any further");
	r->ended = n == 0;
	r->n += (size_t)n;
	return SC_OK;
}

/* Where the record that begins at AT ends: behind its line's end, or at the text's; false: not here. */
static bool find_end(const struct csv_reader *r, size_t *scanned, bool *quoted, size_t *end)
{
	size_t i = r->at + *scanned;

	for (; i < r->n; i++) {
		if (r->text[i] == '"')
			*quoted = !*quoted;
		else if (r->text[i] == '\n' && !*quoted)
			break;
	}
	*scanned = i - r->at;
	*end = i < r->n ? i + 1 : i;
	return i < r->n || r->ended;
}

/* A record's text, with the end of its line. *N 0: there is none. */
static enum sc_err take_record(struct csv_reader *r, struct sc_diag *d, size_t *n)
{
	size_t scanned = 0, end;
	bool quoted = false;
	enum sc_err err;

	while (!find_end(r, &scanned, &quoted, &end))
		if ((err = fill(r, d)) != SC_OK)
			return err;
	*n = end - r->at;
	return SC_OK;
}

/* ---- its cells ------------------------------------------------------------------------ */

static void choose_separator(struct csv_reader *r, const uint8_t *p, size_t n)
{
	static const char choice[] = { ',', ';', '\t' };
	size_t seen[sizeof(choice)] = { 0 }, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		quoted ^= p[i] == '"';
		for (size_t c = 0; c < sizeof(choice) && !quoted; c++)
			seen[c] += p[i] == (uint8_t)choice[c];
	}
	for (size_t c = 1; c < sizeof(choice); c++)
		if (seen[c] > seen[best])
			best = c;
	r->separator = choice[best];
}

/* A record that is taken apart. */
struct csv_record {
	uint8_t *from, *at, *end; /* without its line's end */
	const uint8_t *line_from; /* of the line that AT is in */
	unsigned line;
};

static enum sc_err wrong(const struct csv_reader *r, const struct csv_record *rec,
    struct sc_diag *d, const char *what)
{
	return refuse(r, d, SC_SYNTAX, rec->line, (size_t)(rec->at - rec->line_from), what);
}

/* The cell between quotes at AT, doubled ones made single in place. */
static enum sc_err take_quoted(const struct csv_reader *r, struct csv_record *rec,
    struct sc_diag *d, struct sc_span *cell)
{
	uint8_t *const from = ++rec->at, *out = from;

	for (;; rec->at++) {
		if (rec->at == rec->end)
			return wrong(r, rec, d, "a quote that is not closed");
		if (*rec->at == '"' && (rec->at + 1 == rec->end || rec->at[1] != '"'))
			break;
		rec->at += *rec->at == '"';
		if (*rec->at == '\n') {
			rec->line++;
			rec->line_from = rec->at + 1;
		}
		*out++ = *rec->at;
	}
	rec->at++;
	*cell = sc_span(from, (size_t)(out - from));
	return rec->at == rec->end || *rec->at == (uint8_t)r->separator ?
	    SC_OK :
	    wrong(r, rec, d, "a cell goes on behind its closing quote");
}

static enum sc_err take_bare(const struct csv_reader *r, struct csv_record *rec, struct sc_diag *d,
    struct sc_span *cell)
{
	uint8_t *const from = rec->at;

	for (; rec->at < rec->end && *rec->at != (uint8_t)r->separator; rec->at++) {
		if (*rec->at == '"')
			return wrong(r, rec, d,
			    "a quote within a cell: the cell stands in quotes, "
			    "and its own are doubled");
		if (*rec->at == '\r')
			return wrong(r, rec, d, "a line's end of one byte, CR");
	}
	*cell = sc_span(from, (size_t)(rec->at - from));
	return SC_OK;
}

static enum sc_err take_cell(struct csv_reader *r, struct csv_record *rec, struct sc_diag *d)
{
	struct sc_span *cell = &r->cells[r->n_cells];
	enum sc_err err;

	if (r->n_cells == CSV_CELLS_MAX)
		return refuse(r, d, SC_LIMIT, rec->line, (size_t)(rec->at - rec->line_from),
		    "more than 1024 cells in a line");
	err = rec->at < rec->end && *rec->at == '"' ? take_quoted(r, rec, d, cell) :
						      take_bare(r, rec, d, cell);
	if (err != SC_OK)
		return err;
	r->n_cells++;
	if (memchr(cell->p, 0, cell->n) != NULL || !utf8_valid(*cell))
		return wrong(r, rec, d, "a cell that is not UTF-8 (before this column)");
	return SC_OK;
}

static enum sc_err split(struct csv_reader *r, size_t n, struct sc_diag *d)
{
	uint8_t *p = r->text + r->at;
	struct csv_record rec = { p, p, p + n, p, r->line };
	bool more = true;

	if (rec.end > p && rec.end[-1] == '\n')
		rec.end--;
	if (rec.end > p && rec.end[-1] == '\r')
		rec.end--;
	r->n_cells = 0;
	if (rec.end == p)
		return SC_OK; /* an empty line */
	if (r->separator == '\0')
		choose_separator(r, p, (size_t)(rec.end - p));
	while (more) {
		const enum sc_err err = take_cell(r, &rec, d);

		if (err != SC_OK)
			return err;
		more = rec.at < rec.end;
		rec.at += more;
	}
	if (r->width == 0)
		r->width = r->n_cells;
	return r->n_cells == r->width ?
	    SC_OK :
	    wrong(r, &rec, d, "a line with fewer or more cells than the first one");
}

static unsigned lines_in(const uint8_t *p, size_t n)
{
	unsigned lines = 0;

	for (const uint8_t *end = p + n; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		lines++;
	return lines;
}

enum sc_err csv_next(struct csv_reader *r, const struct sc_span **cells, size_t *n,
    struct sc_diag *d)
{
	enum sc_err err;
	size_t bytes;

	*n = 0;
	*cells = r->cells;
	do {
		if ((err = take_record(r, d, &bytes)) != SC_OK)
			return err;
		if (bytes == 0)
			return SC_OK;
		if (!r->begun && bytes >= 3 && memcmp(r->text + r->at, "\xef\xbb\xbf", 3) == 0) {
			r->at += 3;
			bytes -= 3;
		}
		r->begun = true;
		r->line = r->next;
		r->next += lines_in(r->text + r->at, bytes);
		if ((err = split(r, bytes, d)) != SC_OK)
			return err;
		r->at += bytes;
	} while (r->n_cells == 0);
	*n = r->n_cells;
	return SC_OK;
}
