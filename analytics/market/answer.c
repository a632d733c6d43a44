/*
 * answer.c - answers and manifests, from JSON.
 */
#include "analytics/market/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 400000

static enum sc_err wrong(struct sc_diag *d, const struct doc *doc, size_t at, const char *what)
{
	doc_locate(doc, at, d);
	sc_diag_set(d, "the server's answer cannot be read: %s", what);
	return SC_SYNTAX;
}

/* The one member KEY, of KIND; NULL: it is not there, twice, or something else. */
static const struct doc_node *member(const struct doc_node *object, const char *key,
    enum doc_kind kind)
{
	const struct doc_node *found = NULL;

	if (object->kind != DOC_OBJECT)
		return NULL;
	for (const struct doc_node *m = object->first; m != NULL; m = m->next) {
		if (strcmp(m->key, key) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = m;
	}
	return found != NULL && found->kind == kind ? found : NULL;
}

/* A number that is whole up to 2^53; JSON's grammar was seen to. */
static bool number_of(const struct doc_node *n, double *out)
{
	if (n == NULL || n->kind != DOC_NUMBER || strlen(n->text) > 40)
		return false;
	*out = strtod(n->text, NULL);
	return isfinite(*out) && fabs(*out) <= ANSWER_NUMBER_MAX;
}

static bool count_of(const struct doc_node *n, uint64_t *out)
{
	return n != NULL && n->kind == DOC_NUMBER && sc_span_u64(sc_span_str(n->text), out) &&
	    (double)*out <= ANSWER_NUMBER_MAX;
}

static enum sc_err read_columns(const struct doc *doc, const struct doc_node *list,
    struct sc_diag *d, struct market_answer *out)
{
	if (list->n > ANSWER_COLUMNS_MAX) {
		sc_diag_set(d, "the server's answer has more columns than were asked for");
		return SC_LIMIT;
	}
	for (const struct doc_node *c = list->first; c != NULL; c = c->next) {
		const struct doc_node *name = member(c, "name", DOC_TEXT);

		if (name == NULL)
			return wrong(d, doc, c->at, "a column has no name");
		out->columns[out->n_columns++] = name->text;
	}
	return SC_OK;
}

static enum sc_err read_value(const struct doc *doc, const struct doc_node *n, struct sc_diag *d,
    struct answer_value *out)
{
	if (n->kind == DOC_TEXT && !n->half)
		out->text = n->text;
	else if (n->kind == DOC_NULL)
		out->null = true;
	else if (!number_of(n, &out->number))
		return wrong(d, doc, n->at, "a value is no number, text or null");
	return SC_OK;
}

static enum sc_err read_rows(struct sc_arena *a, const struct doc *doc, const struct doc_node *list,
    struct sc_diag *d, struct market_answer *out)
{
	struct answer_value *v;
	enum sc_err err;

	if (list->n > ANSWER_ROWS_MAX || (list->n > 0 && out->n_columns == 0))
		return wrong(d, doc, list->at, "it has too many rows, or rows without columns");
	if ((v = sc_arena_alloc(a, list->n * out->n_columns * sizeof(*v))) == NULL)
		return SC_NOMEM;
	out->values = v;
	out->n_rows = list->n;
	for (const struct doc_node *row = list->first; row != NULL; row = row->next) {
		if (row->kind != DOC_LIST || row->n != out->n_columns)
			return wrong(d, doc, row->at, "a row is not as long as the columns");
		for (const struct doc_node *n = row->first; n != NULL; n = n->next)
			if ((err = read_value(doc, n, d, v++)) != SC_OK)
				return err;
	}
	return SC_OK;
}

static enum sc_err load(struct sc_arena *a, struct sc_span text, struct sc_diag *d, struct doc *doc)
{
	enum sc_err err;

	if (text.n > ANSWER_BYTES_MAX) {
		sc_diag_set(d, "the server's answer is longer than %zu bytes", ANSWER_BYTES_MAX);
		return SC_LIMIT;
	}
	if ((err = doc_load_sent(a, text, NODES_MAX, d, doc)) != SC_OK) {
		const struct sc_diag why = *d;

		sc_diag_set(d, "the server's answer cannot be read: %.200s", why.text);
		return err;
	}
	return doc->root->kind == DOC_OBJECT ? SC_OK : wrong(d, doc, 0, "it is no object");
}

enum sc_err answer_parse(struct sc_arena *a, struct sc_span text, struct sc_diag *d,
    struct market_answer *out)
{
	const struct doc_node *columns, *rows, *cut;
	struct doc doc;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = load(a, text, d, &doc)) != SC_OK)
		return err;
	columns = member(doc.root, "columns", DOC_LIST);
	rows = member(doc.root, "rows", DOC_LIST);
	cut = member(doc.root, "cut", DOC_BOOL);
	if (columns == NULL || rows == NULL || cut == NULL ||
	    !count_of(member(doc.root, "release", DOC_NUMBER), &out->release) ||
	    !count_of(member(doc.root, "record", DOC_NUMBER), &out->record))
		return wrong(d, &doc, 0, "columns, rows, cut, release or record is missing");
	out->cut = cut->yes;
	if ((err = read_columns(&doc, columns, d, out)) != SC_OK)
		return err;
	return read_rows(a, &doc, rows, d, out);
}

/* May NAME stand in a statement as it is? */
static bool is_name(const char *name)
{
	const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= 64 && name[n] == '\0' && name[0] >= 'a';
}

/* The unit of the column NAME of TABLE, or "". */
static const char *unit_of(const struct doc_node *table, const char *name)
{
	const struct doc_node *columns = member(table, "columns", DOC_LIST);

	for (const struct doc_node *c = columns != NULL ? columns->first : NULL; c != NULL;
	     c = c->next) {
		const struct doc_node *called = member(c, "name", DOC_TEXT);
		const struct doc_node *unit = member(c, "unit", DOC_TEXT);

		if (called != NULL && unit != NULL && strcmp(called->text, name) == 0)
			return unit->text;
	}
	return "";
}

static enum sc_err read_tables(const struct doc *doc, const struct doc_node *list,
    struct sc_diag *d, struct market_manifest *out)
{
	for (const struct doc_node *t = list->first; t != NULL; t = t->next) {
		const struct doc_node *name = member(t, "name", DOC_TEXT);

		if (name == NULL || !is_name(name->text))
			return wrong(d, doc, t->at, "a table has no name, or none that is allowed");
		if (out->n_tables == ANSWER_TABLES_MAX)
			return wrong(d, doc, t->at, "there are too many tables");
		out->tables[out->n_tables++] = name->text;
	}
	return SC_OK;
}

enum sc_err answer_manifest_parse(struct sc_arena *a, struct sc_span text, struct sc_diag *d,
    struct market_manifest *out)
{
	const struct doc_node *tables, *checked, *from, *to;
	struct doc doc;
	enum sc_err err;
	uint64_t k;

	memset(out, 0, sizeof(*out));
	if ((err = load(a, text, d, &doc)) != SC_OK)
		return err;
	tables = member(doc.root, "tables", DOC_LIST);
	checked = member(doc.root, "checked", DOC_BOOL);
	from = member(doc.root, "from", DOC_TEXT);
	to = member(doc.root, "to", DOC_TEXT);
	if (tables == NULL || !count_of(member(doc.root, "number", DOC_NUMBER), &out->number) ||
	    !count_of(member(doc.root, "k", DOC_NUMBER), &k) || k > UINT32_MAX)
		return wrong(d, &doc, 0, "number, k or tables is missing");
	out->k = (uint32_t)k;
	out->spent_unit = tables->first != NULL ? unit_of(tables->first, "spent") : "";
	out->checked = checked != NULL && checked->yes;
	out->from = from != NULL ? from->text : "";
	out->to = to != NULL ? to->text : "";
	return read_tables(&doc, tables, d, out);
}
