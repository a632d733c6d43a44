/*
 * private.h - inside gateway/collect only: one body, as its parts take it
 * apart.
 */
#ifndef GATEWAY_TAKE_PRIVATE_H
#define GATEWAY_TAKE_PRIVATE_H

#include "base/text/doc.h"
#include "gateway/take/take.h"

/* ---- members ------------------------------------------------------------------------ */

/* Of an event, and of what may stand beside "batch" for all. */
enum sent_member {
	SENT_TYPE,
	SENT_EVENT,
	SENT_NAMED, /* a page's or a screen's name */
	SENT_CATEGORY,
	SENT_MESSAGE,
	SENT_ANONYMOUS,
	SENT_USER,
	SENT_PREVIOUS,
	SENT_GROUP,
	SENT_TIMESTAMP,
	SENT_ORIGINAL,
	SENT_AT,
	SENT_PROPERTIES,
	SENT_TRAITS,
	SENT_CONTEXT,
	SENT_VERSION,
	SENT_INPUTS,
	SENT_WEBDRIVER,
	SENT_GPC,
	SENT_WORD,
	SENT_BATCH,
	SENT_MEMBERS,
};

/* Of an event's "properties". */
enum sent_property {
	SENT_PRODUCT,
	SENT_SKU,
	SENT_PRICE,
	SENT_VALUE,
	SENT_TOTAL,
	SENT_REVENUE,
	SENT_QUANTITY,
	SENT_OF_CATEGORY,
	SENT_PRODUCTS,
	SENT_ORDER,
	SENT_QUERY,
	SENT_CAMPAIGN,
	SENT_PROMOTION,
	SENT_ARM,
	SENT_PATH,
	SENT_URL,
	SENT_REFERRER,
	SENT_PROPERTIES_N,
};

/* Of its "context". */
enum sent_context {
	SENT_PAGE,
	SENT_UTM,
	SENT_CONSENT,
	SENT_MANAGED, /* RudderStack's word for it */
	SENT_CONTEXTS,
};

/* One event: the nodes of what is looked at, NULL what is not there. */
struct sent_event {
	const struct doc_node *m[SENT_MEMBERS];
	const struct doc_node *p[SENT_PROPERTIES_N];
	const struct doc_node *c[SENT_CONTEXTS];
	const struct doc_node *page[SENT_PROPERTIES_N]; /* "page" of the context, likewise */
};

/* ---- one body -------------------------------------------------------------------------- */

struct take {
	const struct collect_settings *s;
	const struct collect_visit *visit;
	const struct collect_dropped *dropped;
	struct sc_arena *arena;
	struct doc doc; /* the object that is being taken is of it */
	struct sc_diag *d;
	struct collect_taken *out;
	uint32_t *index;
	size_t n;
	size_t nodes;                                /* that may still be made */
	uint32_t object;                             /* which of the body's */
	const struct doc_node *shared[SENT_MEMBERS]; /* what stands beside "batch" */
};

/* Take OBJECT apart. Fails with SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err take_event(struct take *t, const struct doc_node *object);
/* X as whatever its kind makes of it, each line an event. Fails as above. */
SC_CHECKED enum sc_err take_lines(struct take *t, const struct sent_event *e,
    struct collect_taken *x);
/* X goes out. Fails with SC_LIMIT. */
SC_CHECKED enum sc_err take_put(struct take *t, const struct collect_taken *x);
/* A name goes no further: it is counted. */
void take_drop(const struct take *t, struct sc_span name);

/*
 * The members at the top of an event or a batch that are looked at; the rest is dropped by
 * name. False when one of them is there twice, or OBJECT is no object.
 */
bool take_top(const struct take *t, const struct doc_node *object, const struct doc_node **nodes);
/* The same of an event as a whole, its properties and context. */
bool take_sent(const struct take *t, const struct doc_node *object, struct sent_event *out);
/* Of one of several products, in the places of properties. */
bool take_product(const struct take *t, const struct doc_node *object,
    const struct doc_node **properties);

/*
 * A text of at most MAX bytes without control characters, or a number as it was written;
 * empty: NODE is neither.
 */
struct sc_span take_text(const struct take *t, const struct doc_node *node, size_t max);
/* An identifier: the same, and not one of those that stand for nobody. */
struct sc_span take_id(const struct take *t, const struct doc_node *node);
/* true, as itself. */
bool take_yes(const struct doc_node *node);
/* A whole number from 0 to MAX, or MAX if it is larger; NONE if it is no number. */
uint32_t take_count(const struct doc_node *node, uint32_t max, uint32_t none);

/* moment.c: TEXT, as RFC 3339 has it, in Unix milliseconds; false: it is none. */
bool take_moment(struct sc_span text, int64_t *ms);
/* amount.c: an amount of money in steps of STEP hundredths, at least 1 of what is above 0; 0: it is none. */
uint32_t take_amount(struct sc_span text, uint32_t step);
/* What ZONE's clock was ahead of UTC at AT_MS, in quarters of an hour. */
int8_t take_offset(const struct zone *zone, int64_t at_ms);
/* kinds.c: the kind of event that NAME is; 0: undeclared. */
uint8_t take_kind(const struct collect_settings *s, struct sc_span name);

/* classes.c: channel, campaign, page and query of E into EVENT, whose kind is set. */
void take_classes(const struct take *t, const struct sent_event *e, struct feed_event *event);
/* consent.c: the version that E grants, 0: none. */
uint32_t take_consent(const struct take *t, const struct sent_event *e);

#endif
