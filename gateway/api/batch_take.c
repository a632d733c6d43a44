/*
 * batch_take.c - the items of a batch: what each asks for, and whether policy
 * lets this caller ask.
 */
#include "gateway/api/batch.h"
#include "base/clock.h"
#include "base/weak.h"
#include "crypto/token/token.h"
#include "policy/mask/mask.h"

static enum policy_action decide(const struct visit *v, uint8_t op, uint8_t class_id, uint8_t tier,
    const char **why)
{
	const struct policy_item it = { .class_id = class_id, .tier = tier };
	struct asking a = v->record.asking;
	struct policy_verdict verdict;

	a.op = op;
	a.now_ms = clock_unix_ms();
	policy_ask(v->gen->config->policy, &a, &it, &verdict);
	*why = verdict.why;
	return verdict.action;
}

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

static bool bad(struct item *item, struct sc_span member, const char *why)
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

static bool unknown(struct item *item, struct sc_span name)
{
	return WEAK("members-unread") ||
	    (is_word(name) ?
		    bad(item, name, "is not a member of an item here") :
		    bad(item, sc_span(NULL, 0), "an item has a member that is not known here"));
}

static bool take_member(struct batch *b, struct item *item, enum member m,
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
	if (!api_body_text(value, &b->plain, &f->text[m], &lone))
		return bad(item, name, "cannot be read");
	/* a document's subject may be any text, and what is sealed so is erased so */
	if (lone && m != M_SUBJECT)
		return bad(item, name, "holds half a surrogate pair");
	return f->text[m].n != 0 || m != M_SUBJECT || bad(item, name, "is empty");
}

/* All members of OBJECT into F; false, and the item's status says why, when one is not understood. */
static bool take_members(struct batch *b, const struct body_value *object, struct item *item,
    struct fields *f)
{
	struct sc_span rest = api_body_inside(object), name;
	unsigned needed = shapes[b->kind].needed;
	struct body_value value;

	memset(f, 0, sizeof(*f));
	while (api_body_member(&rest, &name, &value)) {
		unsigned m = 0;

		while (m < M_COUNT &&
		    !(shapes[b->kind].known >> m & 1 && api_body_name_is(name, members[m].name)))
			m++;
		if (m == M_COUNT ? !unknown(item, name) : !take_member(b, item, m, &value, f))
			return false;
	}
	for (unsigned m = 0; m < M_COUNT; m++)
		if (needed >> m & 1 && f->v[m].kind == BODY_NONE)
			return bad(item, sc_span_str(members[m].name), "is missing");
	return true;
}

/* ---- what each kind of batch asks ---- */

/* The class of an item by its name; says so in the item when it is none. */
static bool take_class(const struct visit *v, const struct fields *f, struct item *item)
{
	if (policy_class(v->gen->config->policy, f->text[M_CLASS], &item->class_id))
		return true;
	item->status = ITEM_UNKNOWN_CLASS;
	return false;
}

/* Does policy give WANTED for OP? If not, the item is denied. */
static bool permitted(const struct visit *v, uint8_t op, enum policy_action wanted,
    struct item *item)
{
	const char *why;

	item->status = ITEM_ASK;
	if (decide(v, op, item->class_id, 0, &why) == wanted)
		return true;
	item->status = ITEM_DENIED;
	item->why = why;
	return false;
}

static void take_seal(struct visit *v, struct batch *b, const struct fields *f, struct item *item,
    struct keyc_item *ask)
{
	(void)b;
	if (!take_class(v, f, item) || !permitted(v, POLICY_WRITE, ACTION_TOKENISE, item))
		return;
	ask->value = f->text[M_VALUE];
	ask->subject = f->text[M_SUBJECT];
	ask->flags = f->v[M_VALUE].kind == BODY_NUMBER ? TOKEN_NUMBER : TOKEN_STRING;
	if (f->v[M_RANDOM].kind == BODY_TRUE)
		ask->flags |= TOKEN_RANDOM;
	ask->class_id = item->class_id;
}

static void take_index(struct visit *v, struct batch *b, const struct fields *f, struct item *item,
    struct keyc_item *ask)
{
	enum policy_action wanted = v->reader.op == POLICY_SEARCH ? ACTION_REVEAL : ACTION_TOKENISE;

	(void)b;
	if (!take_class(v, f, item) || !permitted(v, v->reader.op, wanted, item))
		return;
	ask->value = f->text[M_VALUE];
	ask->class_id = item->class_id;
}

static void take_reveal(struct visit *v, struct batch *b, const struct fields *f, struct item *item,
    struct keyc_item *ask)
{
	struct token_parts t;

	ask->value = f->text[M_TOKEN];
	if (token_parse(ask->value, &b->token, &t) != SC_OK) {
		item->status = ITEM_BAD_TOKEN;
		return;
	}
	item->class_id = t.class_id;
	item->status = ITEM_ASK;
	if (decide(v, POLICY_READ, t.class_id, t.tier, &item->why) == ACTION_DENY)
		item->status = ITEM_DENIED;
	else
		item->why = NULL;
}

static void take_mask(struct visit *v, struct batch *b, const struct fields *f, struct item *item,
    struct keyc_item *ask)
{
	(void)ask;
	item->text = (uint32_t)b->texts.n;
	if (!take_class(v, f, item))
		return;
	item->status = ITEM_OK;
	if (mask_value(item->class_id, f->text[M_VALUE], &b->texts) == SC_OK)
		item->text_n = (uint32_t)(b->texts.n - item->text);
	else
		(void)bad(item, sc_span_str("value"), "is longer than 64 KiB");
}

void batch_take(struct visit *v, struct batch *b, const struct body_value *items)
{
	static void (*const take[])(struct visit *, struct batch *, const struct fields *,
	    struct item *, struct keyc_item *) = {
		[BATCH_SEAL] = take_seal,
		[BATCH_REVEAL] = take_reveal,
		[BATCH_INDEX] = take_index,
		[BATCH_MASK] = take_mask,
	};
	struct sc_span rest = api_body_inside(items);
	struct body_value object;
	struct fields f;

	while (api_body_element(&rest, &object)) {
		struct keyc_item *ask = &b->asks[b->n_asks];
		struct item *item = &b->v[b->n++];

		memset(ask, 0, sizeof(*ask));
		if (object.kind != BODY_OBJECT)
			(void)bad(item, sc_span(NULL, 0), "an item is an object");
		else if (take_members(b, &object, item, &f))
			take[b->kind](v, b, &f, item, ask);
		if (item->status == ITEM_ASK)
			b->n_asks++;
	}
}

void batch_choose_index_op(struct visit *v, struct batch *b, const struct body_value *items)
{
	struct sc_span rest = api_body_inside(items), inside, name, class;
	struct body_value first, value;
	const char *why;
	uint8_t id;

	(void)api_body_element(&rest, &first);
	inside = api_body_inside(&first);
	while (api_body_member(&inside, &name, &value)) {
		if (!api_body_name_is(name, "class") ||
		    !api_body_text(&value, &b->plain, &class, NULL) ||
		    !policy_class(v->gen->config->policy, class, &id) ||
		    decide(v, POLICY_SEARCH, id, 0, &why) == ACTION_REVEAL)
			continue;
		v->reader.op = POLICY_WRITE;
		v->record.asking.op = POLICY_WRITE;
	}
	sc_buf_clear(&b->plain); /* the items need all of its room */
}
