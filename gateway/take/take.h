/*
 * take.h - what was posted, taken apart: events in the shape that Segment's
 * client libraries send (batch, or one of track, page, screen, identify), or NDJSON of
 * the same objects; by content, never by label.
 *
 * Pure. Only what the settings declare is looked at and becomes a number; all
 * else is dropped here, its name counted. What leaves is an event whose
 * identifiers alone are still texts, for keyd's and the door's keys.
 *
 * Beside Segment's members there are a few short ones, as collect.js sends them. Each
 * may stand in an event or, for all of them, beside "batch"; the event's own counts.
 *
 *	"c": 3		the version of the text that consent was given to; none: no consent
 *	"i": 12		trusted inputs since the event before, at most 99 (of an event)
 *	"w": true	the browser says that it is driven by a program
 *	"g": true	the browser says no for all (Global Privacy Control): "c" counts no more
 *	{"type": "consent", "word": "withdraw"}	or "grant", "refuse"; with "anonymousId", "c"
 *
 * A message that makes several events gives each its line: 0 is the event itself, the lines
 * of an order are 1, 2 ... in the order in which it names them.
 */
#ifndef GATEWAY_TAKE_TAKE_H
#define GATEWAY_TAKE_TAKE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/span.h"
#include "gateway/take/settings.h"

#define COLLECT_BODY_MAX (500u * 1024)
#define COLLECT_EVENT_MAX (32u * 1024)
#define COLLECT_EVENTS_MAX 1024 /* of one body */
#define COLLECT_ID_MAX 256      /* bytes of any identifier */

/* What the User-Agent says, in classes. */
struct collect_agent {
	uint8_t family; /* enum feed_family */
	bool mobile, app, bot;
	bool
	    library; /* an HTTP library, as apps are built with: a bot where the site is no app's */
	bool hints_due; /* a browser that sends client hints over TLS */
};

/* How a body came: from its head, in classes. */
struct collect_visit {
	const struct collect_site *site;
	uint16_t shop; /* its number */
	uint64_t received_ms;
	struct collect_agent agent;
	bool vouched; /* by a back end's key */
	bool hints;   /* client hints came */
	bool tls;
	bool datacentre;
	bool says_no; /* Sec-GPC or DNT: whatever the page says */
};

enum collect_what { COLLECT_AN_EVENT, COLLECT_A_LINK, COLLECT_TRAITS, COLLECT_A_WORD };

struct collect_trait {
	uint8_t attribute, value;
};

/* One thing that was sent. Spans are borrowed from the body or the arena. */
struct collect_taken {
	uint8_t what;            /* enum collect_what */
	uint8_t refused;         /* enum feed_rule; of the form only */
	struct feed_event event; /* without id, person, device, product */
	struct sc_span message;  /* its id; of one that has none, a digest of the whole */
	uint16_t line;           /* which of several events of that message, or of that order */
	struct sc_span device, account, order, product;
	uint64_t raw_ms;          /* the sender's own clock: a retry keeps it */
	uint32_t consent_version; /* a page's word for its device; 0: it gave none */
	uint8_t word;             /* enum feed_word, of COLLECT_A_WORD */
	uint8_t inputs;           /* trusted inputs since the event before; 255: not said */
	bool webdriver, honeypot;
	bool account_vouched; /* by a back end: it may be joined */
	struct collect_trait traits[FEED_ATTRIBUTES_MAX];
	size_t n_traits;
};

/*
 * Names that were dropped: told one by one, only those whose letters are a name's
 * ([A-Za-z0-9_.$ -], 1 to 40, no five digits without a letter between them); else "?".
 */
struct collect_dropped {
	void (*count)(void *arg, struct sc_span name);
	void *arg;
};

/*
 * Take BODY (already inflated) apart for VISIT. OUT has room for COLLECT_EVENTS_MAX; *N
 * are made, in order (an order of several lines, or an event of several products, is
 * several). An object that is no event is one with `refused`. Fails with SC_SYNTAX (no
 * JSON; D has the offset, quotes nothing), SC_LIMIT (an event or the body too long, too
 * many), SC_NOMEM. *INDEX[i]: which object of the body OUT[i] came of.
 */
SC_CHECKED enum sc_err collect_take(const struct collect_settings *s,
    const struct collect_visit *visit, struct sc_arena *arena, struct sc_span body,
    const struct collect_dropped *dropped, struct sc_diag *d, struct collect_taken *out,
    uint32_t *index, size_t *n);

/* The write key inside a body that no header named: its "writeKey"; empty: none. */
struct sc_span collect_body_key(struct sc_span body);

/* agent.c: AGENT from a User-Agent header; BOTS made by collect_bots_new(). */
struct collect_bots;
SC_CHECKED enum sc_err collect_bots_new(const char *file, struct sc_diag *d,
    struct collect_bots **out);
void collect_bots_free(struct collect_bots *b);
void collect_agent_of(const struct collect_bots *b, struct sc_span user_agent,
    struct collect_agent *out);

/* networks.c: is ADDRESS (4 or 16 bytes) in one of the networks of a file? */
struct collect_networks;
SC_CHECKED enum sc_err collect_networks_new(const char *file, struct sc_diag *d,
    struct collect_networks **out);
void collect_networks_free(struct collect_networks *n);
bool collect_networks_has(const struct collect_networks *n, struct sc_span address);

#endif
