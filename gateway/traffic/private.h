/*
 * private.h - the rules of arrival: what they remember, and how they are asked.
 *
 * Private to gateway/traffic/. An event is judged in this order (traffic.c):
 *
 *	stateless  ceiling, robot, webdriver, honeypot		 refused
 *	again      its id may have been seen: judged by what is	 passed on; analytics' log knows
 *	           remembered, and counted nowhere again	 exactly whether it has
 *	content    the same of that device at that millisecond	 refused
 *	counted    rows of its device, its network's hour
 *	judged     impossible; hints, input, cadence, awake, burst
 */
#ifndef GATEWAY_TRAFFIC_PRIVATE_H
#define GATEWAY_TRAFFIC_PRIVATE_H

#include "gateway/traffic/traffic.h"
#include "gateway/traffic/log.h"
#include "gateway/traffic/seen.h"
#include "gateway/traffic/table.h"

#define TRAFFIC_DAY_MS 86400000u
#define TRAFFIC_HOUR_MS 3600000u
#define TRAFFIC_SESSION_MS 1800000u /* of silence end a session */
#define TRAFFIC_GAPS 15
#define TRAFFIC_GAP_MIN_MS 200 /* what comes closer is one act */

/* What a device has shown so far. */
enum traffic_shown {
	TRAFFIC_SHOWN_PAGE = 1,
	TRAFFIC_SHOWN_PRODUCT = 2,
	TRAFFIC_SHOWN_SEARCH = 4,
	TRAFFIC_SHOWN_CART = 8,
	TRAFFIC_SHOWN_BOUGHT = 16,
	TRAFFIC_SHOWN_MESSAGE = 32, /* exposure or outcome */
};

/* One device, or one account without. */
struct traffic_actor {
	struct traffic_row row;
	uint64_t last_ms;            /* of its acts, by the event's time */
	uint32_t hour;               /* the newest, since 1970 */
	uint32_t hours;              /* bit I: awake in HOUR - I */
	uint32_t born_hour;          /* by the event's time */
	uint32_t born_prefix;        /* lower bits of its tag */
	uint16_t gaps[TRAFFIC_GAPS]; /* log2 of milliseconds, in 1/2048: of the last ones */
	uint8_t n_gaps, next_gap;
	uint8_t shown;         /* enum traffic_shown */
	bool bound;            /* an account's */
	bool touched;          /* its session had an input */
	uint8_t quiet_session; /* acts inside this session without input */
	uint8_t quiet;         /* and inside those before, since the last input */
};

/* A network's hour. */
struct traffic_net {
	struct traffic_row row;
	uint32_t born;                 /* devices first seen in it */
	uint32_t total;                /* their events */
	uint32_t kinds[FEED_KIND_END]; /* the same by kind */
	uint32_t product, votes;       /* the majority's candidate (Boyer and Moore) */
};

struct traffic_minute {
	uint64_t minute;
	uint32_t n;
};

struct traffic {
	const struct collect_settings *settings;
	struct traffic_seen seen;
	struct traffic_set content, orders; /* ORDERS: vouched for */
	struct traffic_table visitors, accounts, nets;
	struct traffic_minute minutes[COLLECT_SITES_MAX + 1];
	uint8_t key[TRAFFIC_KEY_BYTES]; /* of rows' keys */
	struct traffic_log log;
	struct traffic_stats stats;
};

/* One event on its way through the rules. */
struct traffic_case {
	struct traffic *rules; /* NULL at a snapshot */
	const struct collect_settings *settings;
	const struct traffic_event *e;
	struct traffic_actor *actor; /* NULL: it has neither device nor account */
	struct traffic_net *net;     /* NULL: no prefix */
	bool newborn;                /* the actor was made for it */
	bool again;                  /* its id may have been seen */
	uint64_t content;            /* traffic_content() of it */
	struct feed_verdict *v;
};

/* The threshold in force for RULE. */
uint32_t traffic_threshold(const struct collect_settings *s, uint8_t rule);
bool traffic_rule_on(const struct collect_settings *s, uint8_t rule);

/* A rule at arrival: does it hit? Fills n and expected of the verdict. */
typedef bool traffic_hits_fn(const struct traffic_case *c);
traffic_hits_fn traffic_ceiling_hits, traffic_bot_hits, traffic_webdriver_hits,
    traffic_honeypot_hits, traffic_impossible_hits, traffic_hints_hits, traffic_input_hits,
    traffic_cadence_hits, traffic_awake_hits, traffic_burst_hits;

/* Is it something one does, and not something that is shown or told? */
bool traffic_is_act(uint8_t kind);
uint8_t traffic_shows(uint8_t kind); /* a bit */
void traffic_actor_count(struct traffic_actor *a, const struct traffic_event *e);
/* Acts without input, counted as the rule does. */
uint32_t traffic_actor_quiet(const struct traffic_actor *a);
/* sd of ln gap, in thousandths; UINT32_MAX: too few gaps. */
uint32_t traffic_actor_cadence(const struct traffic_actor *a);
uint32_t traffic_actor_awake(const struct traffic_actor *a);

/* The row of E's device or account; bound for good once an account was seen with it. */
struct traffic_actor *traffic_actor_of(struct traffic *r, const struct traffic_event *e,
    bool *made);
/* Count E, of an actor born with it (NEWBORN) or not, into its network's hour; NULL: no prefix. */
struct traffic_net *traffic_net_count(struct traffic *r, const struct traffic_case *c);
struct traffic_net *traffic_net_find(struct traffic *r, const struct traffic_event *e);
/* Has it done nothing but KIND, whatever was shown to it? */
bool traffic_one_thing(uint8_t shown, uint8_t kind);
bool traffic_born_here(const struct traffic_actor *a, const struct traffic_event *e);

/* What the log keeps of E. */
void traffic_record_of(const struct traffic_event *e, struct traffic_record *out);
/* As far as streaming looks at it; it came on DAY. */
void traffic_event_of(const struct traffic_record *r, uint32_t day, struct traffic_event *out);
/* The fingerprint of what it says; 0: it may come twice. */
uint64_t traffic_content(const struct traffic_event *e);

#endif
