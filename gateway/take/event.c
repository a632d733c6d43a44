/*
 * event.c - one event, of any of the types that client libraries send.
 *
 *	whose, when, by which consent -> its type's row -> an event, a link, traits, a word
 *
 * A page's userId, traits and alias are dropped: its key is public, and who somebody is
 * counts only where a back end says so.
 */
#include "base/civil.h"
#include "base/text/hex.h"
#include "base/weak.h"
#include "crypto/prim/hash.h"
#include "gateway/take/private.h"

#include <string.h>

#define SKEW_MAX_MS (15 * 60 * 1000)
#define QUARTER_S 900
#define INPUTS_MAX 99
#define INPUTS_UNSAID 255
#define NAME_MAX_BYTES 128 /* of an event */

/* ---- what is made ------------------------------------------------------------------------ */

static enum sc_err refuse(struct take *t, const struct collect_taken *x, enum feed_rule why)
{
	struct collect_taken refused = *x;

	refused.refused = (uint8_t)why;
	return take_put(t, &refused);
}

/* ---- whose, when, by which consent --------------------------------------------------------- */

/* Its id; else a digest of its text, which is the same when it is sent again. */
static bool take_message(const struct take *t, const struct doc_node *object,
    const struct sent_event *e, struct collect_taken *x)
{
	uint8_t digest[HASH_BYTES], *hex;

	x->message = take_text(t, e->m[SENT_MESSAGE], COLLECT_ID_MAX);
	if (x->message.n != 0)
		return true;
	if (e->m[SENT_MESSAGE] != NULL && e->m[SENT_MESSAGE]->kind != DOC_NULL)
		return false;
	if ((hex = sc_arena_alloc(t->arena, 2 * HASH_BYTES)) == NULL)
		return false;
	hash_sha256(sc_span(t->doc.text.p + object->at, object->end - object->at), digest);
	for (size_t i = 0; i < HASH_BYTES; i += 4)
		hex_u32(sc_be32_load(digest + i), hex + 2 * i);
	x->message = sc_span(hex, 2 * HASH_BYTES);
	return true;
}

static void take_who(const struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	x->device = take_id(t, e->m[SENT_ANONYMOUS]);
	if (t->visit->vouched || WEAK("page-believed")) {
		x->account = take_id(t, e->m[SENT_USER]);
		x->account_vouched = x->account.n != 0;
	}
}

/* The moment that NODE is; OTHERWISE where it is not there. False: it is none. */
static bool moment_of(const struct take *t, const struct doc_node *node, int64_t otherwise,
    int64_t *ms)
{
	*ms = otherwise;
	return node == NULL || node->kind == DOC_NULL || take_moment(take_text(t, node, 64), ms);
}

int8_t take_offset(const struct zone *zone, int64_t at_ms)
{
	int64_t s = zone_offset_s(zone, civil_floor(at_ms, 1000));

	return (int8_t)civil_floor(s + QUARTER_S / 2, QUARTER_S);
}

/* How the sender's clock and ours go together: AT is when it happened, by ours. */
static void set_time(const struct take *t, int64_t raw, int64_t sent, struct collect_taken *x)
{
	int64_t received = (int64_t)t->visit->received_ms, at = raw + (received - sent), late;
	bool off = sent - received > SKEW_MAX_MS || received - sent > SKEW_MAX_MS ||
	    at - received > SKEW_MAX_MS;

	if (at > received)
		at = received;
	late = received - at;
	if (late > (int64_t)COLLECT_OLDEST_S * 1000) {
		x->refused = FEED_TOO_OLD;
		return;
	}
	x->event.at_ms = (uint64_t)at;
	x->event.late_s = (int32_t)(late / 1000);
	x->event.offset = take_offset(t->visit->site->zone, at);
	x->event.flags |= (off ? FEED_CLOCK_OFF : 0) |
	    (late > (int64_t)COLLECT_WINDOW_S * 1000 ? FEED_LATE : 0);
	x->raw_ms = (uint64_t)raw;
}

static bool take_time(const struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	const struct doc_node *first = e->m[SENT_ORIGINAL], *sent_at = e->m[SENT_AT];
	int64_t received = (int64_t)t->visit->received_ms, sent, raw;

	if (first == NULL || first->kind == DOC_NULL)
		first = e->m[SENT_TIMESTAMP];
	if (sent_at == NULL || sent_at->kind == DOC_NULL)
		sent_at = t->shared[SENT_AT];
	if (!moment_of(t, sent_at, received, &sent) || !moment_of(t, first, sent, &raw))
		return false;
	set_time(t, raw, sent, x);
	return true;
}

/* What the head of the request says of all of its events. */
static void begin(const struct take *t, struct collect_taken *x)
{
	const struct collect_visit *v = t->visit;

	*x = (struct collect_taken){ .inputs = INPUTS_UNSAID };
	x->event.shop = v->shop;
	x->event.flags = (v->vouched ? FEED_VOUCHED : 0) | (v->datacentre ? FEED_DATACENTRE : 0);
	if (v->vouched) /* the agent is the back end's */
		return;
	x->event.family = v->site->app ? FEED_OWN_APP : v->agent.family;
	x->event.flags |= (v->agent.mobile ? FEED_MOBILE : 0) |
	    (v->agent.app || v->site->app ? FEED_APP : 0);
}

/* ---- the types ------------------------------------------------------------------------------- */

/* X as an event of KIND, if the site's are taken. */
static enum sc_err as_event(struct take *t, const struct sent_event *e, struct collect_taken *x,
    uint8_t kind)
{
	x->event.kind = kind;
	if (x->device.n == 0 && x->account.n == 0)
		return refuse(t, x, FEED_BAD_FORM);
	if ((t->visit->site->kinds & 1u << kind) == 0)
		return refuse(t, x, FEED_UNDECLARED);
	return take_lines(t, e, x);
}

/* The device of X is its account's from now on, as the back end says. */
static enum sc_err link(struct take *t, const struct collect_taken *x)
{
	struct collect_taken made = *x;

	if (x->device.n == 0 || !x->account_vouched)
		return SC_OK;
	made.what = COLLECT_A_LINK;
	return take_put(t, &made);
}

static enum sc_err take_track(struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	struct sc_span name = take_text(t, e->m[SENT_EVENT], NAME_MAX_BYTES);
	uint8_t kind;
	enum sc_err err = SC_OK;

	if (name.n == 0)
		return refuse(t, x, FEED_BAD_FORM);
	if ((kind = take_kind(t->s, name)) == 0) {
		take_drop(t, name);
		return refuse(t, x, FEED_UNDECLARED);
	}
	if (kind == FEED_LOGIN)
		err = link(t, x);
	return err == SC_OK ? as_event(t, e, x, kind) : err;
}

static enum sc_err take_page(struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	return as_event(t, e, x, FEED_PAGE);
}

/* What the configuration wants of a back end's traits. */
static void read_traits(const struct take *t, const struct doc_node *traits,
    struct collect_taken *x)
{
	const struct feed_words *w = t->s->words;
	unsigned value;

	for (size_t i = 0; i < w->n_traits; i++) {
		const struct doc_node *node = t->s->trait_members[i] == NULL ?
		    NULL :
		    doc_find(traits, t->s->trait_members[i]);
		struct sc_span text = take_text(t, node, COLLECT_ID_MAX);

		if (text.n != 0 &&
		    (value = feed_trait_value(&w->traits[i], text,
			 (int64_t)(t->visit->received_ms / 1000))) != 0)
			x->traits[x->n_traits++] =
			    (struct collect_trait){ (uint8_t)(i + 1), (uint8_t)value };
	}
}

/* All other members of traits are dropped by name; a page's are all of them. */
static void drop_traits(const struct take *t, const struct doc_node *traits, bool all)
{
	const struct doc_node *m = traits != NULL && traits->kind == DOC_OBJECT ? traits->first :
										  NULL;
	bool ours;

	for (; m != NULL; m = m->next) {
		ours = false;
		for (size_t i = 0; !all && i < FEED_ATTRIBUTES_MAX; i++)
			ours |= t->s->trait_members[i] != NULL &&
			    strcmp(t->s->trait_members[i], m->key) == 0;
		if (!ours)
			take_drop(t, sc_span_str(m->key));
	}
}

static enum sc_err take_identify(struct take *t, const struct sent_event *e,
    struct collect_taken *x)
{
	const struct doc_node *traits = e->m[SENT_TRAITS];
	enum sc_err err;

	drop_traits(t, traits, !t->visit->vouched);
	if (!t->visit->vouched) /* that somebody is known is all that a page can say */
		return (t->visit->site->kinds & 1u << FEED_LOGIN) == 0 ?
		    SC_OK :
		    as_event(t, e, x, FEED_LOGIN);
	if (!x->account_vouched)
		return refuse(t, x, FEED_BAD_FORM);
	err = link(t, x);
	read_traits(t, traits, x);
	if (err != SC_OK || x->n_traits == 0)
		return err;
	x->what = COLLECT_TRAITS;
	return take_put(t, x);
}

static enum sc_err take_alias(struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	if (!t->visit->vouched)
		return SC_OK;
	x->device = take_id(t, e->m[SENT_PREVIOUS]);
	if (x->device.n == 0 || !x->account_vouched)
		return refuse(t, x, FEED_BAD_FORM);
	return link(t, x);
}

/* Groups are companies: nothing of them is declared. */
static enum sc_err take_group(struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	(void)x;
	drop_traits(t, e->m[SENT_TRAITS], true);
	return SC_OK;
}

static enum sc_err take_word(struct take *t, const struct sent_event *e, struct collect_taken *x)
{
	static const char *const words
	    [] = { [FEED_GRANT] = "grant", [FEED_REFUSE] = "refuse", [FEED_WITHDRAW] = "withdraw" };
	struct sc_span said = take_text(t, e->m[SENT_WORD], 16);

	x->what = COLLECT_A_WORD;
	for (uint8_t i = FEED_GRANT; i <= FEED_WITHDRAW; i++)
		if (sc_span_is(said, words[i]))
			x->word = i;
	/* a grant that grants nothing is none */
	if (x->word == 0 || (x->device.n == 0 && x->account.n == 0) ||
	    (x->word == FEED_GRANT && x->consent_version == 0))
		return refuse(t, x, FEED_BAD_FORM);
	return take_put(t, x);
}

struct sent_type {
	const char *name;
	enum sc_err (*take)(struct take *t, const struct sent_event *e, struct collect_taken *x);
};
static const struct sent_type types[] = {
	{ "track", take_track },
	{ "page", take_page },
	{ "screen", take_page },
	{ "identify", take_identify },
	{ "alias", take_alias },
	{ "group", take_group },
	{ "consent", take_word },
};

/* What it is: as it says, else by what it has, for whoever relied on the path that it was sent to. */
static const struct sent_type *type_of(const struct take *t, const struct sent_event *e)
{
	struct sc_span said = take_text(t, e->m[SENT_TYPE], 16);
	const char *has = e->m[SENT_EVENT] != NULL                    ? "track" :
	    e->m[SENT_PREVIOUS] != NULL                               ? "alias" :
	    e->m[SENT_GROUP] != NULL                                  ? "group" :
	    e->m[SENT_TRAITS] != NULL                                 ? "identify" :
	    e->m[SENT_NAMED] != NULL || e->m[SENT_PROPERTIES] != NULL ? "page" :
									"";

	if (e->m[SENT_TYPE] == NULL)
		said = sc_span_str(has);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (sc_span_is(said, types[i].name))
			return &types[i];
	return NULL;
}

enum sc_err take_event(struct take *t, const struct doc_node *object)
{
	const struct sent_type *type;
	struct sent_event e;
	struct collect_taken x;

	begin(t, &x);
	if (object->end - object->at > COLLECT_EVENT_MAX) {
		sc_diag_set(t->d, "an event of more than %u KB", COLLECT_EVENT_MAX / 1024);
		t->d->offset = object->at;
		return SC_LIMIT;
	}
	if (!take_sent(t, object, &e) || !take_message(t, object, &e, &x) ||
	    !take_time(t, &e, &x) || (type = type_of(t, &e)) == NULL)
		return refuse(t, &x, FEED_BAD_FORM);
	take_who(t, &e, &x);
	x.consent_version = take_consent(t, &e);
	x.webdriver = take_yes(e.m[SENT_WEBDRIVER]) || take_yes(t->shared[SENT_WEBDRIVER]);
	x.inputs = (uint8_t)take_count(e.m[SENT_INPUTS], INPUTS_MAX, INPUTS_UNSAID);
	return x.refused != 0 ? take_put(t, &x) : type->take(t, &e, &x);
}
