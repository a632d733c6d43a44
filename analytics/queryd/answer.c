/*
 * answer.c - writing values down.
 */
#include "analytics/queryd/answer.h"

#include "base/text/jsonw.h"
#include "base/text/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void answer_init(struct query_answer *a, enum answer_form form, size_t max)
{
	memset(a, 0, sizeof(*a));
	a->form = form;
	sc_buf_init(&a->rows, max);
	sc_buf_init(&a->columns, 1u << 20);
}

void answer_fini(struct query_answer *a)
{
	sc_buf_fini(&a->rows);
	sc_buf_fini(&a->columns);
}

/* ---- numbers ------------------------------------------------------------------------------ */

/* The shortest that is read back as the same, and is no whole number. */
static struct sc_span print_real(double v, char out[32])
{
	int n = 0;

	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf(out, 32, "%.*g", digits, v);
		if (strtod(out, NULL) == v)
			break;
	}
	if (strcspn(out, ".e") == (size_t)n)
		n += snprintf(out + n, 32 - (size_t)n, ".0");
	return sc_span(out, (size_t)n);
}

static struct sc_span print_number(const struct query_value *v, char out[32])
{
	if (v->type == QUERY_REAL)
		return print_real(v->real, out);
	return sc_span(out, (size_t)snprintf(out, 32, "%lld", (long long)v->integer));
}

/* Infinity is no number in JSON, and none that anybody wants in a table. */
static bool is_nothing(const struct query_value *v)
{
	return v->type == QUERY_NULL || (v->type == QUERY_REAL && !isfinite(v->real));
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void json_value(struct jsonw *w, const struct query_value *v)
{
	char number[32];

	if (is_nothing(v))
		jsonw_null(w);
	else if (v->type == QUERY_TEXT)
		jsonw_span(w, v->text);
	else
		jsonw_raw(w, print_number(v, number));
}

static enum sc_err json_row(struct query_answer *a, const struct query_value *v, size_t n)
{
	struct jsonw w = jsonw(&a->rows);

	w.comma = a->n_rows > 0;
	jsonw_array(&w);
	for (size_t i = 0; i < n; i++)
		json_value(&w, &v[i]);
	jsonw_array_end(&w);
	return w.err;
}

/* ---- CSV ---------------------------------------------------------------------------------- */

/* What a spreadsheet takes for the beginning of a formula, wide forms too. */
static bool is_formula(struct sc_span s)
{
	static const char *const begins[] = { "=", "+", "-", "@", "\t", "\r", "\xef\xbc\x9d",
		"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (sc_span_starts(s, begins[i]))
			return true;
	return false;
}

static bool needs_quotes(struct sc_span s)
{
	if (s.n == 0 || s.p[0] == ' ' || s.p[s.n - 1] == ' ')
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\r' || s.p[i] == '\n')
			return true;
	return false;
}

/* A character; one that is none becomes U+FFFD, and a quote two. */
static enum sc_err csv_char(struct sc_buf *out, struct sc_span s, size_t *n)
{
	if ((*n = utf8_length(s)) == 0) {
		*n = 1;
		return sc_buf_put(out, "\xef\xbf\xbd", 3);
	}
	if (s.p[0] == '"')
		return sc_buf_put(out, "\"\"", 2);
	return sc_buf_put(out, s.p, *n);
}

static enum sc_err csv_text(struct sc_buf *out, struct sc_span s)
{
	const bool formula = is_formula(s), quotes = formula || needs_quotes(s);
	enum sc_err err = quotes ? sc_buf_put(out, "\"", 1) : SC_OK;

	if (err == SC_OK && formula)
		err = sc_buf_put(out, "'", 1);
	for (size_t i = 0, n; i < s.n && err == SC_OK; i += n)
		err = csv_char(out, sc_span_from(s, i), &n);
	return err == SC_OK && quotes ? sc_buf_put(out, "\"", 1) : err;
}

static enum sc_err csv_end(struct sc_buf *out, bool last)
{
	return last ? sc_buf_put(out, "\r\n", 2) : sc_buf_put(out, ",", 1);
}

static enum sc_err csv_row(struct query_answer *a, const struct query_value *v, size_t n)
{
	enum sc_err err = SC_OK;
	char number[32];

	for (size_t i = 0; i < n && err == SC_OK; i++) {
		if (v[i].type == QUERY_TEXT)
			err = csv_text(&a->rows, v[i].text);
		else if (!is_nothing(&v[i]))
			err = sc_buf_put_span(&a->rows, print_number(&v[i], number));
		if (err == SC_OK)
			err = csv_end(&a->rows, i + 1 == n);
	}
	return err;
}

/* ---- both --------------------------------------------------------------------------------- */

enum sc_err answer_columns(void *answer, const char *const *names, size_t n)
{
	struct query_answer *a = answer;
	enum sc_err err = n <= ANSWER_COLUMNS_MAX ? SC_OK : SC_LIMIT;

	a->n_columns = n;
	for (size_t i = 0; i < n && err == SC_OK; i++) {
		if (a->form == ANSWER_JSON) {
			err = sc_buf_put(&a->columns, names[i], strlen(names[i]) + 1);
		} else {
			err = csv_text(&a->rows, sc_span_str(names[i]));
			if (err == SC_OK)
				err = csv_end(&a->rows, i + 1 == n);
		}
	}
	return err;
}

enum sc_err answer_row(void *answer, const struct query_value *v, size_t n)
{
	struct query_answer *a = answer;
	enum sc_err err = a->form == ANSWER_JSON ? json_row(a, v, n) : csv_row(a, v, n);

	for (size_t i = 0; i < n; i++)
		if (v[i].type > a->types[i])
			a->types[i] = v[i].type;
	a->n_rows += err == SC_OK;
	return err;
}

static void print_columns(const struct query_answer *a, struct jsonw *w)
{
	static const char *const types[] = {
		[QUERY_NULL] = "null",
		[QUERY_INTEGER] = "integer",
		[QUERY_REAL] = "real",
		[QUERY_TEXT] = "text",
	};
	const char *name = (const char *)a->columns.p;

	jsonw_key(w, "columns");
	jsonw_array(w);
	for (size_t i = 0; i < a->n_columns; i++, name += strlen(name) + 1) {
		jsonw_object(w);
		jsonw_kstr(w, "name", name);
		jsonw_kstr(w, "type", types[a->types[i]]);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

enum sc_err answer_print(const struct query_answer *a, const char *dataset, uint64_t release,
    bool cut, uint64_t record, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	if (a->form == ANSWER_CSV)
		return sc_buf_put_span(out, sc_buf_span(&a->rows));
	jsonw_object(&w);
	jsonw_kstr(&w, "dataset", dataset);
	jsonw_ku64(&w, "release", release);
	print_columns(a, &w);
	jsonw_key(&w, "rows");
	jsonw_array(&w);
	if (a->rows.n > 0)
		jsonw_raw(&w, sc_buf_span(&a->rows));
	jsonw_array_end(&w);
	jsonw_key(&w, "cut");
	jsonw_bool(&w, cut);
	jsonw_ku64(&w, "record", record);
	jsonw_object_end(&w);
	return w.err;
}
