/*
 * batch_take.c - the items of a batch: what each asks for.
 */
#include "gateway/api/batch.h"

#include "base/weak.h"

#include <string.h>

/* ---- an item's members ---- */

struct item {
	const struct doc_node *class, *value, *subject;
	bool random;
};

static bool take_node(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind != DOC_TEXT && node->kind != DOC_NUMBER)
		return shape_must(c, node, "be a string or a number");
	memcpy(field, &node, sizeof(node));
	return true;
}

static bool take_value(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->half)
		return shape_must(c, node, "not hold half a surrogate pair");
	return take_node(c, node, field);
}

static bool take_text(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return shape_about(c, node, field) && take_value(c, node, field);
}

/* A document's subject may be any text, halves too, and what is sealed so is erased so. */
bool batch_take_subject(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind == DOC_TEXT && node->text[0] == '\0')
		return shape_must(c, node, "not be empty");
	return take_node(c, node, field) || WEAK("members-unread");
}

/* One shape for all that a value is asked for: what only sealing needs is checked everywhere. */
static const struct shape_row value_rows[] = {
	{ "class", take_text, SHAPE_AT(struct item, class), .need = true },
	{ "value", take_value, SHAPE_AT(struct item, value), .need = true },
	{ "subject", batch_take_subject, SHAPE_AT(struct item, subject) },
	{ "random", shape_bool, SHAPE_AT(struct item, random) },
	{ .key = NULL },
};
static const struct shape value_item = { .what = "item", .rows = value_rows };

static const struct shape_row token_rows[] = {
	{ "token", take_text, SHAPE_AT(struct item, value), .need = true },
	{ "subject", batch_take_subject, SHAPE_AT(struct item, subject) },
	{ .key = NULL },
};
static const struct shape token_item = { .what = "item", .rows = token_rows };

static const struct batch_kind kinds[] = {
	{ "/v1/seal", &value_item, &form_seal, "token", PLAN_STORE, AUDIT_SEAL, POLICY_WRITE },
	{ "/v1/reveal", &token_item, &form_policy, "value", PLAN_READ, AUDIT_REVEAL, POLICY_READ },
	{ "/v1/index", &value_item, &form_index, "index", PLAN_STORE, AUDIT_SEARCH, POLICY_SEARCH },
	{ "/v1/mask", &value_item, &form_mask, "masked", PLAN_STORE, AUDIT_REQUEST, POLICY_WRITE },
};

const struct batch_kind *batch_kind_of(struct sc_span path)
{
	size_t i = 0;

	while (i + 1 < sizeof(kinds) / sizeof(kinds[0]) && !sc_span_is(path, kinds[i].path))
		i++;
	return &kinds[i];
}

/* ---- what is asked for an item ---- */

/* Where NODE stands in the body, as a codec would say it. */
static struct codec_field field_of(const struct doc *doc, const struct doc_node *node)
{
	bool text = node->kind == DOC_TEXT;
	struct codec_field f = {
		.start = node->at + text,
		.end = node->end - text,
		.kind = text ? CODEC_TEXT : CODEC_NUMBER,
	};

	f.escaped = text && memchr(doc->text.p + f.start, '\\', f.end - f.start) != NULL;
	return f;
}

static void take_item(struct shape_ctx *c, const struct policy *policy,
    const struct batch_kind *kind, const struct form *form, const struct doc_node *node,
    struct protect_value *v)
{
	struct item item = { .random = false };

	v->skip = true;
	c->all->n = 0;
	if (!shape_fill(c, kind->item, node, &item)) {
		v->status = WIRE_BAD_VALUE;
		/* that something is missing stands first, and says least */
		if (c->all->n != 0)
			v->why =
			    sc_arena_copy(c->arena, sc_span_str(c->all->v[c->all->n - 1].text));
		return;
	}
	v->status = WIRE_UNKNOWN_CLASS;
	if (item.class != NULL &&
	    !policy_class(policy, sc_span_str(item.class->text), &v->rule.class_id))
		return;
	v->skip = false;
	v->field = field_of(&c->doc, item.value);
	v->rule.form = form;
	v->rule.random = item.random;
	v->subject = doc_said(&c->doc, item.subject);
}

/* ---- the body ---- */

#define NODES_AN_ITEM 16 /* its members, and some that nobody understands */
#define NODES_MORE 1024

static bool take_items(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	(void)c;
	memcpy(field, &node, sizeof(node));
	return node->kind == DOC_LIST;
}

/* What indexes are wanted for; unsaid, a search. */
static bool take_for(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	static const struct {
		const char *word;
		const struct form *form;
	} wants[] = { { "store", &form_index_stored }, { "search", &form_index } };
	const struct form **form = field;

	(void)c;
	for (size_t i = 0; node->kind == DOC_TEXT && i < sizeof(wants) / sizeof(wants[0]); i++)
		if (strcmp(node->text, wants[i].word) == 0) {
			*form = wants[i].form;
			return true;
		}
	return false;
}

struct batch_body {
	const struct doc_node *items;
	const struct form *form;
};

static const struct shape_row body_rows[] = {
	{ "items", take_items, SHAPE_AT(struct batch_body, items), .need = true },
	{ .key = NULL },
};
static const struct shape body_shape = { .what = "batch", .rows = body_rows };

static const struct shape_row index_rows[] = {
	{ "items", take_items, SHAPE_AT(struct batch_body, items), .need = true },
	{ "for", take_for, SHAPE_AT(struct batch_body, form) },
	{ .key = NULL },
};
static const struct shape index_shape = { .what = "batch", .rows = index_rows };

static const char *wrong_body(struct shape_ctx *c, size_t max, struct batch_body *body)
{
	const bool index = body->form == &form_index;

	if (!shape_fill(c, index ? &index_shape : &body_shape, c->doc.root, body))
		return index ?
		    "send {\"items\":[...]}, with \"for\" \"store\" or \"search\" if any, "
		    "and no other member" :
		    "send {\"items\":[...]} and no other member";
	if (body->items->n == 0)
		return "send {\"items\":[...]} with at least one item";
	return body->items->n > max ? "too many items in one request: see limits.items_max" : NULL;
}

enum sc_err batch_take(struct batch *b, const struct policy *policy, struct sc_span body,
    size_t max, struct sc_diag *diag)
{
	struct sc_diags all = { .n = 0 };
	struct shape_ctx c = { .arena = &b->arena };
	struct batch_body said = { .form = b->kind->form };
	const char *wrong;
	enum sc_err err;

	err = doc_load_sent(&b->arena, body, max * NODES_AN_ITEM + NODES_MORE, diag, &c.doc);
	if (err != SC_OK)
		return err;
	if ((wrong = wrong_body(&c, max, &said)) != NULL) {
		sc_diag_set(diag, "%s", wrong);
		return SC_LIMIT;
	}
	b->values = sc_arena_alloc(&b->arena, said.items->n * sizeof(*b->values));
	if (b->values == NULL)
		return SC_NOMEM;
	c.all = &all;
	for (const struct doc_node *one = said.items->first; one != NULL; one = one->next)
		take_item(&c, policy, b->kind, said.form, one, &b->values[b->n++]);
	return SC_OK;
}
