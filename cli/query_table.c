/*
 * query_table.c - an answer of queryd as a table.
 */
#include "base/text/doc.h"
#include "cli/query_session.h"
#include "cli/text_table.h"

#include <stdio.h>
#include <string.h>

/* The cells of ROW, a list of values, or of the columns' objects (their names). */
static size_t cells_of(const struct doc *doc, const struct doc_node *row, struct text_cell *out)
{
	size_t n = 0;

	for (const struct doc_node *v = row->first; v != NULL && n < TEXT_TABLE_COLUMNS_MAX;
	     v = v->next) {
		const struct doc_node *said = v->kind == DOC_OBJECT ? doc_find(v, "name") : v;
		const char *type = doc_find_text(v, "type");

		out[n].right = v->kind == DOC_NUMBER ||
		    (type != NULL && (strcmp(type, "integer") == 0 || strcmp(type, "real") == 0));
		out[n++].text = v->kind == DOC_NULL ? sc_span(NULL, 0) : doc_said(doc, said);
	}
	return n;
}

static enum sc_err print_rows(const struct doc *doc, const struct doc_node *columns,
    const struct doc_node *rows, struct sc_buf *out)
{
	struct text_cell cells[TEXT_TABLE_COLUMNS_MAX];
	struct text_table t = { .n_columns = 0 };
	enum sc_err err;

	text_table_measure(&t, cells, cells_of(doc, columns, cells));
	for (const struct doc_node *r = rows->first; r != NULL; r = r->next)
		text_table_measure(&t, cells, cells_of(doc, r, cells));
	err = text_table_print(&t, cells, cells_of(doc, columns, cells), out);
	for (const struct doc_node *r = rows->first; r != NULL && err == SC_OK; r = r->next)
		err = text_table_print(&t, cells, cells_of(doc, r, cells), out);
	return err;
}

static enum sc_err print_end(const struct doc_node *root, const struct doc_node *rows,
    struct sc_buf *out)
{
	const struct doc_node *release = doc_find(root, "release"), *cut = doc_find(root, "cut"),
			      *record = doc_find(root, "record");

	return sc_buf_printf(out, "(%u row%s%s; release %.20s, record %.20s)\n", rows->n,
	    rows->n == 1 ? "" : "s", cut != NULL && cut->yes ? ", and there are more" : "",
	    release == NULL || release->text == NULL ? "?" : release->text,
	    record == NULL || record->text == NULL ? "?" : record->text);
}

int query_table_print(struct sc_span answer)
{
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *columns = NULL, *rows = NULL;
	struct sc_buf out;
	enum sc_err err = SC_SYNTAX;
	struct doc doc;

	sc_buf_init(&out, 4 * REMOTE_ANSWER_MAX);
	if (doc_load(&arena, answer, NULL, NULL, &doc) == SC_OK) {
		columns = doc_find(doc.root, "columns");
		rows = doc_find(doc.root, "rows");
	}
	if (columns != NULL && columns->kind == DOC_LIST && rows != NULL && rows->kind == DOC_LIST)
		err = print_rows(&doc, columns, rows, &out);
	if (err == SC_OK)
		err = print_end(doc.root, rows, &out);
	sc_arena_fini(&arena);
	if (err == SC_OK)
		fwrite(out.p, 1, out.n, stdout);
	sc_buf_fini(&out);
	return err == SC_OK ? cli_flush(CLI_DONE) :
			      cli_fail(CLI_NO, "scrim-queryd's answer does not fit the question");
}
