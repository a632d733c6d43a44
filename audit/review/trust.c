/*
 * trust.c - an auditor's file of keys and heads.
 */
#include "audit/review/trust.h"

#include <string.h>

#define TITLE "scrim.audit/trust@v1"

static bool parse_row(struct sc_span line, struct trust_row *r)
{
	const uint8_t *space = memchr(line.p, ' ', line.n), *second;
	size_t n = HASH_BYTES;
	struct sc_span rest;

	memset(r, 0, sizeof(*r));
	if (space == NULL)
		return false;
	rest = sc_span_from(line, (size_t)(space - line.p) + 1);
	if ((second = memchr(rest.p, ' ', rest.n)) == NULL)
		return false;
	if (note_key_parse(sc_span(line.p, (size_t)(space - line.p)), &r->key) != SC_OK ||
	    r->key.type != NOTE_ED25519 ||
	    !note_number(sc_span(rest.p, (size_t)(second - rest.p)), &r->head.size) ||
	    note_base64_parse(sc_span_from(rest, (size_t)(second - rest.p) + 1), r->head.root,
		&n) != SC_OK ||
	    n != HASH_BYTES)
		return false;
	memcpy(r->head.origin, r->key.name, sizeof(r->head.origin));
	return true;
}

/* Is what was read all there is, and in the one way it can be written? */
static enum sc_err same_again(struct sc_span text, const struct trust *t)
{
	struct sc_buf again;
	enum sc_err err;

	sc_buf_init(&again, TRUST_BYTES_MAX);
	err = trust_print(t, &again);
	if (err == SC_OK && (again.n != text.n || memcmp(again.p, text.p, text.n) != 0))
		err = SC_SYNTAX;
	sc_buf_fini(&again);
	return err == SC_LIMIT ? SC_SYNTAX : err;
}

enum sc_err trust_parse(struct sc_span text, struct trust *out, struct sc_diag *d)
{
	struct sc_span rest = text, line;
	struct trust_row row;
	enum sc_err err;

	memset(d, 0, sizeof(*d));
	out->n = 0;
	d->line = d->column = 1;
	if (!note_line(&rest, &line) || !sc_span_is(line, TITLE)) {
		sc_diag_set(d, "this is no file of `scrim audit trust`");
		return SC_SYNTAX;
	}
	while (note_line(&rest, &line)) {
		d->line++;
		if (!parse_row(line, &row) || trust_find(out, row.key.name) != NULL) {
			sc_diag_set(d, "this is no key and head of a log, or a second one of it");
			return SC_SYNTAX;
		}
		if (trust_put(out, &row) != SC_OK) {
			sc_diag_set(d, "more than %d logs", TRUST_LOGS_MAX);
			return SC_SYNTAX;
		}
	}
	if ((err = same_again(text, out)) == SC_SYNTAX)
		sc_diag_set(d, "the file was not written by `scrim audit trust`");
	return err;
}

enum sc_err trust_print(const struct trust *t, struct sc_buf *out)
{
	enum sc_err err = sc_buf_put_str(out, TITLE "\n");

	for (size_t i = 0; i < t->n && err == SC_OK; i++) {
		const struct trust_row *r = &t->v[i];

		if ((err = note_key_print(&r->key, out)) == SC_OK &&
		    (err = sc_buf_printf(out, " %llu ", (unsigned long long)r->head.size)) ==
			SC_OK &&
		    (err = note_base64_print(r->head.root, HASH_BYTES, out)) == SC_OK)
			err = sc_buf_put_str(out, "\n");
	}
	return err;
}

const struct trust_row *trust_find(const struct trust *t, const char *origin)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i].key.name, origin) == 0)
			return &t->v[i];
	return NULL;
}

enum sc_err trust_put(struct trust *t, const struct trust_row *row)
{
	size_t i = 0;

	while (i < t->n && strcmp(t->v[i].key.name, row->key.name) != 0)
		i++;
	if (i == TRUST_LOGS_MAX)
		return SC_LIMIT;
	t->v[i] = *row;
	if (i == t->n)
		t->n++;
	return SC_OK;
}
