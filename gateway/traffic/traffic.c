/*
 * traffic.c - an event's way through the rules of arrival, in the order of private.h.
 */
#include "gateway/traffic/private.h"

#include "crypto/prim/random.h"

#include <stdlib.h>

struct rule_row {
	uint8_t rule;
	traffic_hits_fn *hits;
};
static const struct rule_row stateless[] = {
	{ FEED_OVER_CEILING, traffic_ceiling_hits },
	{ FEED_BOT_AGENT, traffic_bot_hits },
	{ FEED_WEBDRIVER, traffic_webdriver_hits },
	{ FEED_HONEYPOT, traffic_honeypot_hits },
};
static const struct rule_row before_counting[] = {
	{ FEED_IMPOSSIBLE, traffic_impossible_hits },
};
static const struct rule_row judged[] = {
	{ FEED_NO_HINTS, traffic_hints_hits },
	{ FEED_NO_INPUT, traffic_input_hits },
	{ FEED_CADENCE, traffic_cadence_hits },
	{ FEED_AWAKE, traffic_awake_hits },
	{ FEED_PREFIX_BURST, traffic_burst_hits },
};
#define ROWS(v) (v), sizeof(v) / sizeof((v)[0])

/* ---- remembering -------------------------------------------------------------------------- */

/* The raw day whose filter knows the id; what is far off has one in common, the first to be emptied. */
static int64_t raw_day(const struct traffic_event *e)
{
	const int64_t raw = (int64_t)(e->raw_ms / TRAFFIC_DAY_MS);
	const int64_t now = (int64_t)(e->received_ms / TRAFFIC_DAY_MS);

	return raw < now - 4 || raw > now + 1 ? INT64_MIN : raw;
}

static bool same_content(struct traffic *r, const struct traffic_case *c)
{
	return c->content != 0 &&
	    traffic_set_add(&r->content, c->content,
		(uint16_t)(c->e->received_ms / TRAFFIC_HOUR_MS)) &&
	    traffic_rule_on(r->settings, FEED_SAME_CONTENT);
}

static void count_it(struct traffic *r, struct traffic_case *c)
{
	const struct traffic_event *e = c->e;

	if (e->vouched && e->order != 0)
		(void)traffic_set_add(&r->orders, e->order,
		    (uint16_t)(e->received_ms / TRAFFIC_HOUR_MS));
	if (c->actor != NULL)
		traffic_actor_count(c->actor, e);
	c->net = traffic_net_count(r, c);
}

/* ---- making --------------------------------------------------------------------------------- */

/* Shares of the ceiling, in thirty-seconds; what is left is the log's buffer and the rest. */
enum share {
	SHARE_SEEN = 8,
	SHARE_CONTENT = 4,
	SHARE_ORDERS = 1,
	SHARE_VISITORS = 11,
	SHARE_ACCOUNTS = 5,
	SHARE_NETS = 2,
};

static enum sc_err tables_init(struct traffic *r, size_t memory)
{
	const size_t part = memory / 32;
	enum sc_err err;

	if ((err = traffic_seen_init(&r->seen, SHARE_SEEN * part)) != SC_OK ||
	    (err = traffic_set_init(&r->content, SHARE_CONTENT * part)) != SC_OK ||
	    (err = traffic_set_init(&r->orders, SHARE_ORDERS * part)) != SC_OK ||
	    (err = traffic_table_init(&r->visitors, sizeof(struct traffic_actor),
		 SHARE_VISITORS * part)) != SC_OK ||
	    (err = traffic_table_init(&r->accounts, sizeof(struct traffic_actor),
		 SHARE_ACCOUNTS * part)) != SC_OK)
		return err;
	return traffic_table_init(&r->nets, sizeof(struct traffic_net), SHARE_NETS * part);
}

static void load_one(struct traffic *r, const struct traffic_record *rec, uint32_t day)
{
	struct traffic_event e;
	struct traffic_case c = { .e = &e, .content = rec->content };

	traffic_event_of(rec, day, &e);
	c.again = traffic_seen_again(&r->seen, rec->id, raw_day(&e));
	if (c.again)
		return;
	(void)same_content(r, &c);
	c.actor = traffic_actor_of(r, &e, &c.newborn);
	count_it(r, &c);
}

/* What came within the window is remembered again. */
static enum sc_err tables_load(struct traffic *r)
{
	const uint64_t days = COLLECT_WINDOW_S * UINT64_C(1000) / TRAFFIC_DAY_MS + 1;
	struct traffic_tape tape;
	struct traffic_record rec;
	enum sc_err err = traffic_tape_open(&r->log, &tape);
	const uint32_t newest = r->log.n_days > 0 ? r->log.days[r->log.n_days - 1].day : 0;

	for (size_t d = 0; err == SC_OK && d < tape.n_days; d++)
		for (size_t i = 0; tape.v[d].day + days >= newest && i < tape.v[d].n; i++) {
			traffic_tape_get(&tape, tape.v[d].at + i, &rec);
			load_one(r, &rec, tape.v[d].day);
		}
	traffic_tape_close(&tape);
	return err;
}

enum sc_err traffic_new(const struct collect_settings *settings, const char *dir, size_t memory,
    struct sc_diag *d, struct traffic **out)
{
	struct traffic *r = calloc(1, sizeof(*r));
	enum sc_err err;

	*out = NULL;
	if (r == NULL)
		return SC_NOMEM;
	r->settings = settings;
	r->log.dirfd = -1;
	random_bytes(r->key, sizeof(r->key));
	if ((err = tables_init(r, memory)) != SC_OK ||
	    (err = traffic_log_open(&r->log, dir, d)) != SC_OK || (err = tables_load(r)) != SC_OK)
		goto out;
	*out = r;
	r = NULL;
out:
	traffic_free(r);
	return err;
}

void traffic_free(struct traffic *r)
{
	if (r == NULL)
		return;
	traffic_log_close(&r->log);
	traffic_seen_fini(&r->seen);
	traffic_set_fini(&r->content);
	traffic_set_fini(&r->orders);
	traffic_table_fini(&r->visitors);
	traffic_table_fini(&r->accounts);
	traffic_table_fini(&r->nets);
	free(r);
}

/* ---- judging --------------------------------------------------------------------------------- */

/* The first of ROWS that hits, in the case's verdict; 0: none does. */
static uint8_t first_hit(struct traffic *r, const struct traffic_case *c,
    const struct rule_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		c->v->n = c->v->expected = 0;
		c->v->threshold = traffic_threshold(r->settings, rows[i].rule);
		if (traffic_rule_on(r->settings, rows[i].rule) && rows[i].hits(c)) {
			c->v->rule = rows[i].rule;
			return rows[i].rule;
		}
	}
	c->v->n = c->v->expected = c->v->threshold = 0;
	return FEED_NO_RULE;
}

static bool refuses(struct traffic *r, struct feed_verdict *v, uint8_t rule)
{
	v->rule = rule;
	v->rule_version = feed_rules[rule].version;
	r->stats.refused[rule]++;
	return true;
}

/* Everything but what is set aside: true when it is refused. */
static bool is_refused(struct traffic *r, struct traffic_case *c)
{
	const struct traffic_event *e = c->e;

	if (first_hit(r, c, ROWS(stateless)) != FEED_NO_RULE)
		return refuses(r, c->v, c->v->rule);
	c->again = traffic_seen_again(&r->seen, e->event.id, raw_day(e)) &&
	    traffic_rule_on(r->settings, FEED_SAME_ID);
	if (!c->again && same_content(r, c))
		return refuses(r, c->v, FEED_SAME_CONTENT);
	c->actor = traffic_actor_of(r, e, &c->newborn);
	if (first_hit(r, c, ROWS(before_counting)) == FEED_NO_RULE)
		return false;
	if (c->newborn && !c->actor->bound)
		traffic_table_drop(&r->visitors, c->actor);
	return refuses(r, c->v, c->v->rule);
}

static void set_aside(struct traffic *r, struct traffic_case *c)
{
	struct feed_verdict *v = c->v;

	if (first_hit(r, c, ROWS(judged)) == FEED_NO_RULE) {
		v->rule = c->again ? FEED_SAME_ID : FEED_NO_RULE;
		return;
	}
	v->action = FEED_QUARANTINE;
	v->rule_version = feed_rules[v->rule].version;
	if (!c->again)
		r->stats.set_aside[v->rule]++;
}

void traffic_arrive(struct traffic *r, const struct traffic_event *e, struct feed_verdict *v,
    bool *refused)
{
	struct traffic_case c = { .rules = r,
		.settings = r->settings,
		.e = e,
		.content = traffic_content(e),
		.v = v };
	struct traffic_record rec;

	r->stats.seen++;
	*v = (struct feed_verdict){ .event = e->event.id,
		.at_ms = e->received_ms,
		.scope = FEED_OF_EVENT };
	*refused = is_refused(r, &c);
	if (*refused)
		return;
	if (c.again)
		c.net = traffic_net_find(r, e);
	else
		count_it(r, &c);
	set_aside(r, &c);
	if (c.again)
		return;
	traffic_record_of(e, &rec);
	rec.said = v->action == FEED_QUARANTINE ? v->rule : FEED_NO_RULE;
	traffic_log_add(&r->log, &rec, e->received_ms);
}

enum sc_err traffic_tend(struct traffic *r, uint64_t now_ms)
{
	return traffic_log_tend(&r->log, now_ms);
}

void traffic_count(const struct traffic *r, struct traffic_stats *out)
{
	*out = r->stats;
	out->evicted = r->visitors.evicted + r->accounts.evicted + r->nets.evicted +
	    r->content.evicted + r->orders.evicted + r->seen.forgotten;
	out->bytes = r->visitors.bytes + r->accounts.bytes + r->nets.bytes + r->content.bytes +
	    r->orders.bytes + r->seen.bytes + TRAFFIC_LOG_BUFFER + sizeof(*r);
}
