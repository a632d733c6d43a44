/*
 * bindings_take.c - what is said of a binding: its members, and what they mean in
 * its pool. What was sent is quoted nowhere.
 */
#include "gateway/api/bindings.h"

#include "gateway/api/batch.h"
#include "policy/lang/window.h"

#include <stdio.h>
#include <string.h>

/* ---- members ---------------------------------------------------------------------------- */

static bool take_text(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->half)
		return shape_must(c, node, "not hold half a surrogate pair");
	return shape_text(c, node, field);
}

static bool find_word(const struct shape_row *row, const struct doc_node *node, uint8_t *bits)
{
	for (unsigned i = 0; row->words->list[i] != NULL; i++)
		if (node->kind == DOC_TEXT && strcmp(node->text, row->words->list[i]) == 0) {
			*bits |= (uint8_t)(1u << i);
			return true;
		}
	return false;
}

/* Some of two words. */
static bool take_words(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const char *const *list = c->row->words->list;
	bool ok = node->kind == DOC_LIST && node->n != 0;
	uint8_t *bits = field;

	for (const struct doc_node *e = node->first; ok && e != NULL; e = e->next)
		ok = find_word(c->row, e, bits);
	return ok || shape_must(c, node, "be a list of \"%s\", \"%s\" or both", list[0], list[1]);
}

static const char *const direction_names[] = { "to_a", "to_b", NULL };
static const char *const channel_names[] = { "voice", "sms", NULL };
static const struct shape_words directions = { "direction", .list = direction_names };
static const struct shape_words channels = { "channel", .list = channel_names };

#define AT(field) SHAPE_AT(struct binding_said, field)
#define NUMBER_MAX 256 /* bytes of a number, or a token */
#define YEAR_S (366u * 86400)

static bool check_either(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct binding_said *said = into;

	if (said->ttl_s != 0 && said->expires_at != NULL)
		return shape_wrong(c, object, "say \"ttl\" or \"expires_at\", not both");
	return true;
}

static const struct shape_row wanted_rows[] = {
	{ "pool", shape_name, AT(pool), .need = true },
	{ "order_ref", take_text, AT(order_ref), .need = true, .max = PHONE_ORDER_REF_MAX },
	{ "a", take_text, AT(a), .max = NUMBER_MAX },
	{ "b", take_text, AT(b), .max = NUMBER_MAX },
	{ "subject", batch_take_subject, AT(subject) },
	{ "ttl", shape_seconds, AT(ttl_s), .min = 1, .max = YEAR_S },
	{ "expires_at", take_text, AT(expires_at), .max = 40 },
	{ "directions", take_words, AT(directions), .words = &directions },
	{ "channels", take_words, AT(channels), .words = &channels },
	{ "key", take_text, AT(key), .max = PHONE_KEY_MAX },
	{ "region", shape_name, AT(region) },
	{ "x", take_text, AT(x), .max = 32 },
	{ "ext", take_text, AT(ext), .max = PHONE_EXT_DIGITS_MAX },
	{ .key = NULL },
};
static const struct shape wanted_shape = { "item", wanted_rows, .check = check_either };

static const struct shape_row patch_rows[] = {
	{ "version", shape_count, AT(version), .min = 1, .max = UINT32_MAX },
	{ "a", take_text, AT(a), .max = NUMBER_MAX },
	{ "b", take_text, AT(b), .max = NUMBER_MAX },
	{ "subject", batch_take_subject, AT(subject) },
	{ "ttl", shape_seconds, AT(ttl_s), .min = 1, .max = YEAR_S },
	{ "expires_at", take_text, AT(expires_at), .max = 40 },
	{ "directions", take_words, AT(directions), .words = &directions },
	{ "channels", take_words, AT(channels), .words = &channels },
	{ "key", take_text, AT(key), .max = PHONE_KEY_MAX },
	{ .key = NULL },
};
const struct shape binding_patch_shape = { "body", patch_rows, .check = check_either };

/* ---- what they mean ------------------------------------------------------------------------ */

bool binding_take_end(const struct phone_service *s, const struct phone_pool *pool,
    const struct binding_said *said, uint64_t *expires_at, uint64_t *ttl_s)
{
	uint64_t now = phone_now_s(s), ms;

	*ttl_s = 0;
	if (said->expires_at != NULL) {
		if (!lang_time_parse(sc_span_str(said->expires_at), &ms))
			return false;
		*expires_at = ms / 1000;
	} else {
		*ttl_s = said->ttl_s != 0 ? said->ttl_s : pool->ttl_s;
		*expires_at = now + *ttl_s;
	}
	return *expires_at > now && *expires_at <= now + pool->ttl_max_s;
}

/* The X that is wanted; false when it is none of the pool's. */
static bool take_line(const struct phone_service *s, struct binding_item *it)
{
	const struct phone_settings *set = phone_settings_of(s);
	struct phone_number x;

	it->line = PHONE_NO_LINE;
	if (it->said.x == NULL)
		return true;
	if (phone_number_parse(sc_span_str(it->said.x), set->home, &x) == SC_OK &&
	    x.ext == PHONE_NO_EXT)
		it->line = phone_line_find(s, sc_span_str(x.e164));
	return it->line != PHONE_NO_LINE && set->lines[it->line].pool == it->pool;
}

/* All digits of an extension, zeros too. */
static bool take_ext(const struct phone_pool *pool, struct binding_item *it)
{
	uint64_t ext;

	it->ext = PHONE_NO_EXT;
	if (it->said.ext == NULL)
		return true;
	if (it->line == PHONE_NO_LINE || pool->mode != PHONE_AXE ||
	    strlen(it->said.ext) != pool->ext_digits ||
	    !sc_span_u64(sc_span_str(it->said.ext), &ext))
		return false;
	it->ext = (uint32_t)ext;
	return true;
}

/* What is wrong in a pool like this; NULL: nothing. */
static const char *unfit(const struct phone_service *s, const struct phone_pool *pool,
    struct binding_item *it)
{
	if (it->said.a == NULL)
		return "\"a\" is missing: whom the virtual number leads to";
	if ((pool->mode == PHONE_AXB) != (it->said.b != NULL))
		return pool->mode == PHONE_AXB ? "\"b\" is missing: the pool joins two" :
						 "\"b\" is for pools that join two";
	if (!take_line(s, it))
		return "\"x\" must be a number of the pool";
	if (!take_ext(pool, it))
		return "\"ext\" must be all digits of an extension, with \"x\"";
	return NULL;
}

static void judge(const struct phone_service *s, struct binding_item *it)
{
	const struct phone_pool *pool;

	it->status = BINDING_POOL_UNKNOWN;
	if ((it->pool = phone_pool_find(s, sc_span_str(it->said.pool.s))) == PHONE_NO_POOL)
		return;
	pool = &phone_settings_of(s)->pools[it->pool];
	it->status = BINDING_BAD_ITEM;
	if ((it->why = unfit(s, pool, it)) != NULL)
		return;
	it->status = binding_take_end(s, pool, &it->said, &it->expires_at, &it->ttl_s) ?
	    BINDING_BOUND :
	    BINDING_TTL;
}

struct sc_span binding_take_subject(struct shape_ctx *c, const struct binding_said *said)
{
	struct sc_span id = doc_said(&c->doc, said->subject);

	/* a number stands in the body, which ends with the request */
	if (id.n != 0 && (id.p = (const uint8_t *)sc_arena_copy(c->arena, id)) == NULL)
		c->err = SC_NOMEM;
	return id;
}

/*
 * Whose an order's number is of which nothing says it: a guest's, whose name is the order's. Under
 * a class key it would be nobody's, whom no rule with a window reaches and no erasure.
 */
static struct sc_span guest_of(struct shape_ctx *c, const char *order)
{
	const size_t room = sizeof("guest:") + strlen(order);
	char *name = shape_alloc(c, room);

	if (name == NULL)
		return sc_span(NULL, 0);
	snprintf(name, room, "guest:%s", order);
	return sc_span(name, room - 1);
}

void binding_take(struct shape_ctx *c, const struct phone_service *s, const struct doc_node *node,
    struct binding_item *it)
{
	c->all->n = 0;
	if (!shape_fill(c, &wanted_shape, node, &it->said)) {
		it->status = BINDING_BAD_ITEM;
		/* that something is missing stands first, and says least */
		if (c->all->n != 0)
			it->why =
			    sc_arena_copy(c->arena, sc_span_str(c->all->v[c->all->n - 1].text));
		return;
	}
	it->subject = binding_take_subject(c, &it->said);
	it->guest = it->subject.n == 0 && it->said.order_ref != NULL;
	if (it->guest)
		it->subject = guest_of(c, it->said.order_ref);
	judge(s, it);
}
