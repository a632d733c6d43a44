/*
 * shape.c - filling a struct from an object by the rows of its shape, and
 * telling what is wrong.
 */
#include "base/text/shape.h"

#include "base/text/shape_near.h"
#include "base/weak.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- complaints -------------------------------------------------------------- */

/* Add a complaint at OFFSET: LEAD, and what FMT says. Always false. */
__attribute__((format(printf, 4, 0))) static bool tell(struct shape_ctx *c, size_t offset,
    const char *lead, const char *fmt, va_list ap)
{
	struct sc_diag *d = c->all == NULL ? NULL : sc_diags_add(c->all, c->doc.file, offset);
	size_t n;

	if (d == NULL)
		return false;
	doc_locate(&c->doc, offset, d);
	n = (size_t)snprintf(d->text, sizeof(d->text), "%s", lead);
	vsnprintf(d->text + n, sizeof(d->text) - n, fmt, ap);
	return false;
}

bool shape_wrong_at(struct shape_ctx *c, size_t offset, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(c, offset, "", fmt, ap);
	va_end(ap);
	return false;
}

bool shape_must(struct shape_ctx *c, const struct doc_node *node, const char *fmt, ...)
{
	char lead[80] = "this must ";
	va_list ap;

	if (node->key != NULL)
		snprintf(lead, sizeof(lead), "\"%.60s\" must ", node->key);
	va_start(ap, fmt);
	tell(c, node->at, lead, fmt, ap);
	va_end(ap);
	return false;
}

/* ---- objects ------------------------------------------------------------------- */

static const char *row_key(const void *rows, unsigned i)
{
	return ((const struct shape_row *)rows)[i].key;
}

/* Of what was sent only the first unknown key is told: each costs time. */
static bool known_keys(struct shape_ctx *c, const struct shape *shape,
    const struct doc_node *object)
{
	const struct shape_words keys = { "key", .name = row_key };
	unsigned i;
	bool ok = true;
	char text[200];

	for (const struct doc_node *m = object->first; m != NULL; m = m->next) {
		if (shape_near_find(&keys, shape->rows, m->key, &i) ||
		    (c->doc.sent && (!ok || WEAK("members-unread"))))
			continue;
		shape_near_print(&keys, shape->rows, shape_near_said(c, m->key), text,
		    sizeof(text));
		ok = shape_wrong_at(c, m->key_at, "%s", text);
	}
	return ok;
}

/* No other member of an object has M's key: in a file none can, but in what was sent. */
static bool said_once(struct shape_ctx *c, const struct doc_node *m)
{
	for (const struct doc_node *o = m->next; c->doc.sent && o != NULL; o = o->next)
		if (strcmp(o->key, m->key) == 0)
			return shape_wrong_at(c, o->key_at, "\"%s\" is said twice", m->key);
	return true;
}

void shape_store(void *field, size_t size, uint64_t v)
{
	const uint8_t v8 = (uint8_t)v;
	const uint16_t v16 = (uint16_t)v;
	const uint32_t v32 = (uint32_t)v;
	const void *from = size == 1 ? (const void *)&v8 :
	    size == 2                ? (const void *)&v16 :
	    size == 4                ? (const void *)&v32 :
				       (const void *)&v;

	memcpy(field, from, size);
}

static void give_usual(const struct shape *shape, void *into)
{
	for (const struct shape_row *row = shape->rows; row->key != NULL; row++) {
		void *field = (char *)into + row->at;

		if (row->usual != 0)
			shape_store(field, row->size, row->usual);
		else if (row->read == shape_object)
			give_usual(row->shape, field);
	}
}

bool shape_read(struct shape_ctx *c, const struct shape_row *row, const struct doc_node *node,
    void *field)
{
	const struct shape_row *outer = c->row;
	bool ok;

	c->row = row;
	ok = row->read(c, node, field);
	c->row = outer;
	return ok;
}

bool shape_fill(struct shape_ctx *c, const struct shape *shape, const struct doc_node *node,
    void *into)
{
	const struct doc_node *m;
	bool ok;

	if (node->kind != DOC_OBJECT)
		return shape_must(c, node, "be an object { }");
	give_usual(shape, into);
	if (shape->begin != NULL)
		shape->begin(c, into);
	ok = known_keys(c, shape, node);
	for (const struct shape_row *row = shape->rows; row->key != NULL && c->err == SC_OK; row++)
		if ((m = doc_find(node, row->key)) != NULL)
			ok &= said_once(c, m) && shape_read(c, row, m, (char *)into + row->at);
		else if (row->need)
			ok = shape_wrong(c, node, "\"%s\" is missing in this %s", row->key,
			    shape->what);
	return ok && c->err == SC_OK && (shape->check == NULL || shape->check(c, node, into));
}

bool shape_object(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind == DOC_OBJECT && node->n < c->row->min)
		return shape_must(c, node, "not be empty: leave it out");
	return shape_fill(c, c->row->shape, node, field);
}

/* ---- lists of objects ------------------------------------------------------------- */

static bool list_length(struct shape_ctx *c, const struct doc_node *node)
{
	if (node->kind != DOC_LIST)
		return shape_must(c, node, "be a list [ ]");
	if (node->n < c->row->min)
		return shape_must(c, node, "not be an empty list");
	if (node->n > c->row->max)
		return shape_must(c, node, "not have more than %llu entries",
		    (unsigned long long)c->row->max);
	return true;
}

static int by_text(const void *a, const void *b)
{
	const struct doc_node *const *x = a, *const *y = b;
	int order = strcmp((*x)->text, (*y)->text);

	return order != 0 ? order : (*x)->at < (*y)->at ? -1 : 1;
}

/* No two objects of LIST have the same text at ROW's key. */
static bool all_differ(struct shape_ctx *c, const struct shape *shape, const struct shape_row *row,
    const struct doc_node *list)
{
	const struct doc_node **v = shape_alloc(c, list->n * sizeof(struct doc_node *)), *m;
	size_t n = 0;
	bool ok = true;

	if (v == NULL)
		return false;
	for (const struct doc_node *e = list->first; e != NULL; e = e->next)
		if ((m = doc_find(e, row->key)) != NULL && m->kind == DOC_TEXT)
			v[n++] = m;
	qsort(v, n, sizeof(struct doc_node *), by_text);
	for (size_t i = 1; i < n; i++)
		if (strcmp(v[i - 1]->text, v[i]->text) == 0)
			ok = shape_wrong(c, v[i], "two %ss have the same \"%s\", %.60s",
			    shape->what, row->key, v[i]->text);
	return ok;
}

/* No entry of LIST, whose structs are V, takes the place of one before it. */
static bool no_twins(struct shape_ctx *c, const struct shape *shape, const struct doc_node *list,
    const char *v)
{
	const struct doc_node *e = list->first, *at;
	const char *what;

	for (size_t i = 0; i < list->n; i++, e = e->next)
		for (size_t j = 0; j < i; j++)
			if ((what = shape->twin(v + i * shape->size, v + j * shape->size)) !=
			    NULL) {
				at = doc_find(e, what);
				return shape_wrong(c, at != NULL ? at : e,
				    "this %s has the same %s as number %zu of the list",
				    shape->what, what, j + 1);
			}
	return true;
}

bool shape_list(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row *row = c->row;
	const struct shape *shape = row->shape;
	size_t n = 0;
	char *v;
	bool ok = true;

	if (!list_length(c, node) || (v = shape_alloc(c, node->n * shape->size)) == NULL)
		return false;
	for (const struct doc_node *e = node->first; e != NULL && c->err == SC_OK; e = e->next)
		ok &= shape_fill(c, shape, e, v + n++ * shape->size);
	for (const struct shape_row *r = shape->rows; r->key != NULL; r++)
		if (r->once)
			ok &= all_differ(c, shape, r, node);
	ok = ok && (shape->twin == NULL || no_twins(c, shape, node, v));
	memcpy(field, &v, sizeof(v));
	memcpy((char *)field - row->at + row->count_at, &n, sizeof(n));
	return ok;
}

bool shape_each(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row one = { .read = shape_object, .min = 1, .shape = c->row->shape };
	bool ok = list_length(c, node);

	for (const struct doc_node *e = node->first; ok && e != NULL; e = e->next)
		ok &= shape_read(c, &one, e, field);
	return ok;
}

/* ---- the document --------------------------------------------------------------------- */

/* The document is parsed or not, as ERR and D say. */
static enum sc_err load(struct shape_ctx *c, enum sc_err err, struct sc_diag *d,
    const struct shape *shape, void *into)
{
	struct sc_diag *told;

	c->err = err;
	if (err == SC_OK) {
		if (shape_fill(c, shape, c->doc.root, into))
			return SC_OK;
		if (c->err == SC_OK)
			return SC_SYNTAX;
		sc_diag_set(d, "%s", c->err == SC_NOMEM ? "no memory" : sc_err_name(c->err));
	}
	if (c->all != NULL && (told = sc_diags_add(c->all, d->file, d->offset)) != NULL)
		*told = *d;
	return c->err;
}

enum sc_err shape_load(struct shape_ctx *c, struct sc_span text, const char *file,
    const struct shape *shape, void *into)
{
	struct sc_diag d;
	enum sc_err err = doc_load(c->arena, text, file, &d, &c->doc);

	return load(c, err, &d, shape, into);
}

enum sc_err shape_load_file(struct shape_ctx *c, const char *path, const struct shape *shape,
    void *into)
{
	struct sc_diag d;
	enum sc_err err = doc_load_file(c->arena, path, &d, &c->doc);

	return load(c, err, &d, shape, into);
}

void *shape_alloc(struct shape_ctx *c, size_t n)
{
	void *p = sc_arena_alloc(c->arena, n);

	if (p == NULL)
		c->err = SC_NOMEM;
	return p;
}
