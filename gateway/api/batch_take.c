/*
 * batch_take.c - the items of a batch: what each asks for.
 */
#include "gateway/api/batch.h"

#include "base/weak.h"

#include <string.h>

/* ---- an item's members ---- */

enum member { M_CLASS, M_VALUE, M_SUBJECT, M_RANDOM, M_TOKEN, M_COUNT };

#define TEXT (1u << BODY_STRING)
#define NUMBER (1u << BODY_NUMBER)
#define BOOL (1u << BODY_TRUE | 1u << BODY_FALSE)

static const struct {
	const char *name;
	unsigned kinds;    /* bits by enum body_kind */
	const char *wrong; /* of another kind */
} members[M_COUNT] = {
	[M_CLASS] = { "class", TEXT, "must be a string" },
	[M_VALUE] = { "value", TEXT | NUMBER, "must be a string or a number" },
	[M_SUBJECT] = { "subject", TEXT | NUMBER, "must be a string or a number" },
	[M_RANDOM] = { "random", BOOL, "must be true or false" },
	[M_TOKEN] = { "token", TEXT, "must be a string" },
};

/* One shape for all that a value is asked for: what only sealing needs is checked everywhere. */
#define OF_VALUE (1u << M_CLASS | 1u << M_VALUE | 1u << M_SUBJECT | 1u << M_RANDOM)

static const struct {
	unsigned known, needed; /* bits by enum member */
} shapes[] = {
	[BATCH_SEAL] = { OF_VALUE, 1u << M_CLASS | 1u << M_VALUE },
	[BATCH_INDEX] = { OF_VALUE, 1u << M_CLASS | 1u << M_VALUE },
	[BATCH_MASK] = { OF_VALUE, 1u << M_CLASS | 1u << M_VALUE },
	[BATCH_REVEAL] = { 1u << M_TOKEN, 1u << M_TOKEN },
};

struct fields {
	struct body_value v[M_COUNT];
	struct sc_span text[M_COUNT]; /* of strings and numbers */
};

static bool bad(struct batch_item *item, struct sc_span member, const char *why)
{
	item->status = ITEM_BAD_ITEM;
	item->member = member;
	item->why = why;
	return false;
}

/* A name that can be repeated to who sent it: a word, not somebody's number or address. */
static bool is_word(struct sc_span name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i] | 0x20;

		if ((c < 'a' || c > 'z') && name.p[i] != '_')
			return false;
	}
	return name.n != 0 && name.n <= 32;
}

static bool unknown(struct batch_item *item, struct sc_span name)
{
	return WEAK("members-unread") ||
	    (is_word(name) ?
		    bad(item, name, "is not a member of an item here") :
		    bad(item, sc_span(NULL, 0), "an item has a member that is not known here"));
}

static bool take_member(struct batch *b, struct batch_item *item, enum member m,
    const struct body_value *value, struct fields *f)
{
	struct sc_span name = sc_span_str(members[m].name);
	bool lone = false;

	if (f->v[m].kind != BODY_NONE)
		return bad(item, name, "is said twice");
	if (!(members[m].kinds >> value->kind & 1))
		return WEAK("members-unread") || bad(item, name, members[m].wrong);
	f->v[m] = *value;
	if (members[m].kinds == BOOL)
		return true;
	if (!body_text(value, &b->plain, &f->text[m], &lone))
		return bad(item, name, "cannot be read");
	/* a document's subject may be any text, and what is sealed so is erased so */
	if (lone && m != M_SUBJECT)
		return bad(item, name, "holds half a surrogate pair");
	return f->text[m].n != 0 || m != M_SUBJECT || bad(item, name, "is empty");
}

/* All members of OBJECT into F; false, and the item's status says why, when one is not understood. */
static bool take_members(struct batch *b, const struct body_value *object, struct batch_item *item,
    struct fields *f)
{
	struct sc_span rest = body_inside(object), name;
	unsigned needed = shapes[b->kind].needed;
	struct body_value value;

	memset(f, 0, sizeof(*f));
	while (body_member(&rest, &name, &value)) {
		unsigned m = 0;

		while (m < M_COUNT &&
		    !(shapes[b->kind].known >> m & 1 && body_name_is(name, members[m].name)))
			m++;
		if (m == M_COUNT ? !unknown(item, name) : !take_member(b, item, m, &value, f))
			return false;
	}
	for (unsigned m = 0; m < M_COUNT; m++)
		if (needed >> m & 1 && f->v[m].kind == BODY_NONE)
			return bad(item, sc_span_str(members[m].name), "is missing");
	return true;
}

/* ---- what is asked for an item ---- */

static const struct form *const forms[] = {
	[BATCH_SEAL] = &form_seal,
	[BATCH_REVEAL] = &form_policy,
	[BATCH_INDEX] = &form_index,
	[BATCH_MASK] = &form_mask,
};

/* Where VALUE stands in BODY, as a codec would say it. */
static struct codec_field field_of(struct sc_span body, const struct body_value *value)
{
	size_t at = (size_t)(value->raw.p - body.p);

	return (struct codec_field){
		.start = (uint32_t)at,
		.end = (uint32_t)(at + value->raw.n),
		.kind = value->kind == BODY_NUMBER ? CODEC_NUMBER : CODEC_TEXT,
		.escaped = value->kind == BODY_STRING && value->raw.n != 0 &&
		    memchr(value->raw.p, '\\', value->raw.n) != NULL,
	};
}

static void take_item(const struct policy *policy, struct batch *b, struct sc_span body,
    const struct fields *f, struct batch_item *item, struct protect_value *v)
{
	enum member what = b->kind == BATCH_REVEAL ? M_TOKEN : M_VALUE;

	if (b->kind != BATCH_REVEAL && !policy_class(policy, f->text[M_CLASS], &v->rule.class_id)) {
		item->status = ITEM_UNKNOWN_CLASS;
		return;
	}
	v->skip = false;
	v->field = field_of(body, &f->v[what]);
	v->rule.form = forms[b->kind];
	v->rule.random = f->v[M_RANDOM].kind == BODY_TRUE;
	v->subject = f->text[M_SUBJECT];
}

void batch_take(const struct policy *policy, struct batch *b, struct sc_span body,
    const struct body_value *items)
{
	struct sc_span rest = body_inside(items);
	struct body_value object;
	struct fields f;

	while (body_element(&rest, &object)) {
		struct protect_value *value = &b->values[b->n];
		struct batch_item *item = &b->v[b->n++];

		*value = (struct protect_value){ .skip = true };
		if (object.kind != BODY_OBJECT)
			(void)bad(item, sc_span(NULL, 0), "an item is an object");
		else if (take_members(b, &object, item, &f))
			take_item(policy, b, body, &f, item, value);
	}
}
