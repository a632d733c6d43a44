/*
 * fold_naive.c - the fold by its prose: lists, scans and the C library's calendar.
 */
#include "fold_naive.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW UINT64_MAX
#define EACH(f, i, t) \
	for (size_t i = 0; i < (f)->n; i++) \
		if ((f)->v[i].type == (t))

/* ---- consent ----------------------------------------------------------------------- */

static bool forgotten(const struct fold_naive *f, uint8_t kind, uint64_t who)
{
	EACH(f, i, FEED_ERASE)
	if (f->v[i].u.erase.kind == kind && f->v[i].u.erase.who == who)
		return true;
	return false;
}

static bool a_no(const struct feed_consent *c)
{
	return c->word == FEED_REFUSE || c->word == FEED_WITHDRAW;
}

/* The newest word of one source; of one time a no, else the one to the older text. */
static struct feed_consent newest(const struct fold_naive *f, uint8_t kind, uint64_t who,
    bool verified, uint64_t at)
{
	struct feed_consent best = { 0 };

	EACH(f, i, FEED_CONSENT)
	{
		const struct feed_consent *c = &f->v[i].u.consent;
		bool better = best.word == 0;

		if (c->kind != kind || c->who != who || c->verified != verified ||
		    c->purpose != f->settings->purpose || c->at_ms > at)
			continue;
		if (!better && c->at_ms != best.at_ms)
			better = c->at_ms > best.at_ms;
		else if (!better && a_no(c) != a_no(&best))
			better = a_no(c);
		else if (!better)
			better = c->version < best.version;
		if (better)
			best = *c;
	}
	return best;
}

/* The word that counts: the back end's, but a page's no that is not older stops it. */
static struct feed_consent counting(const struct fold_naive *f, uint8_t kind, uint64_t who,
    uint64_t at)
{
	const struct feed_consent v = newest(f, kind, who, true, at);
	const struct feed_consent a = newest(f, kind, who, false, at);

	if (forgotten(f, kind, who))
		return (struct feed_consent){ 0 };
	if (v.word == 0 || (a_no(&a) && a.at_ms >= v.at_ms))
		return a;
	return v;
}

/* A yes: to any text then, to the one of now now. */
static bool yes(const struct fold_naive *f, const struct feed_consent *c, uint64_t at)
{
	return c->word == FEED_GRANT &&
	    (at != NOW || c->version >= f->settings->words->text_version);
}

static bool linked(const struct fold_naive *f, uint64_t device, uint64_t person, uint64_t at)
{
	bool holds = false, any = false;
	uint64_t last = 0;

	EACH(f, i, FEED_LINK)
	{
		const struct feed_link *l = &f->v[i].u.link;

		if (l->device != device || l->person != person)
			continue;
		if ((l->to_ms == 0 || l->from_ms < l->to_ms) && l->from_ms <= at &&
		    (!any || l->from_ms > last)) {
			holds = any = true;
			last = l->from_ms;
		}
		if (l->to_ms != 0 && l->to_ms <= at && (!any || l->to_ms >= last)) {
			holds = false;
			any = true;
			last = l->to_ms;
		}
	}
	return holds;
}

static bool person_lets(const struct fold_naive *f, uint64_t person, uint64_t device, uint64_t at)
{
	const struct feed_consent own = counting(f, FEED_PERSON, person, at);
	struct feed_consent its;

	if (!own.verified || !yes(f, &own, at))
		return false;
	its = counting(f, FEED_DEVICE, device, at);
	if (device != 0 && a_no(&its))
		return false;
	EACH(f, i, FEED_LINK)
	{
		const struct feed_link *l = &f->v[i].u.link;

		its = counting(f, FEED_DEVICE, l->device, at);
		if (l->person == person && linked(f, l->device, person, at) && a_no(&its))
			return false;
	}
	return true;
}

static bool device_lets(const struct fold_naive *f, uint64_t device, uint64_t at)
{
	const struct feed_consent own = counting(f, FEED_DEVICE, device, at);

	if (!yes(f, &own, at))
		return false;
	EACH(f, i, FEED_LINK)
	{
		const struct feed_link *l = &f->v[i].u.link;
		const struct feed_consent account = counting(f, FEED_PERSON, l->person, at);

		if (l->device == device && linked(f, device, l->person, at) &&
		    !yes(f, &account, at))
			return false;
	}
	return true;
}

static bool by_back_end(const struct fold_naive *f, uint64_t device, uint64_t at)
{
	return counting(f, FEED_DEVICE, device, at).verified;
}

/* ---- whose --------------------------------------------------------------------------- */

/* The account that was ever seen with DEVICE; 0: none; *SEVERAL: more than one. */
static uint64_t account_of(const struct fold_naive *f, uint64_t device, bool *several)
{
	uint64_t found = 0;

	*several = false;
	for (size_t i = 0; i < f->n; i++) {
		const struct feed_event *e = &f->v[i].u.event;
		const struct feed_link *l = &f->v[i].u.link;
		uint64_t p = 0;

		if (f->v[i].type == FEED_LINK && l->device == device)
			p = l->person;
		if (f->v[i].type == FEED_EVENT && e->device == device)
			p = e->person;
		if (p != 0 && found != 0 && p != found)
			*several = true;
		if (p != 0)
			found = p;
	}
	return found;
}

static uint64_t owner(const struct fold_naive *f, const struct feed_event *e)
{
	bool several;
	uint64_t account;

	if (e->person != 0 || e->device == 0 || !f->settings->join_devices)
		return e->person;
	account = account_of(f, e->device, &several);
	return account != 0 && !several && linked(f, e->device, account, NOW) ? account : 0;
}

/* ---- real ------------------------------------------------------------------------------ */

/* An operator's newest word on EVENT, or on RULE where it is 0; 0: none. */
static uint8_t operator_says(const struct fold_naive *f, uint64_t event, uint8_t rule)
{
	uint64_t at = 0;
	uint8_t action = 0;

	EACH(f, i, FEED_VERDICT)
	{
		const struct feed_verdict *v = &f->v[i].u.verdict;
		const bool about = event != 0 ? v->scope == FEED_OF_EVENT && v->event == event :
						v->scope == FEED_OF_RULE && v->rule == rule;

		if (!about || v->action == FEED_QUARANTINE)
			continue;
		if (action == 0 || v->at_ms > at || (v->at_ms == at && v->action == FEED_CONDEMN)) {
			at = v->at_ms;
			action = v->action;
		}
	}
	return action;
}

static bool set_aside_by(const struct fold_naive *f, uint64_t event, uint8_t rule)
{
	EACH(f, i, FEED_VERDICT)
	{
		const struct feed_verdict *v = &f->v[i].u.verdict;

		if (v->scope == FEED_OF_EVENT && v->event == event && v->rule == rule &&
		    v->action == FEED_QUARANTINE)
			return !(f->settings->rules_off >> rule & 1);
	}
	return false;
}

static enum fold_judgement judge(const struct fold_naive *f, uint64_t event, uint8_t *rule)
{
	const uint8_t said = operator_says(f, event, 0);
	uint8_t first = 0, first_left = 0;

	for (uint8_t r = FEED_RULE_END; r-- > 1;)
		if (set_aside_by(f, event, r)) {
			first = r;
			if (operator_says(f, 0, r) != FEED_RELEASE)
				first_left = r;
		}
	*rule = said != 0 || first_left == 0 ? first : first_left;
	if (said != 0)
		return said == FEED_RELEASE ? FOLD_RELEASED : FOLD_CONDEMNED;
	if (first_left == 0)
		return first == 0 ? FOLD_REAL : FOLD_RELEASED;
	return operator_says(f, 0, first_left) == FEED_CONDEMN ? FOLD_CONDEMNED : FOLD_SET_ASIDE;
}

/* ---- an event ------------------------------------------------------------------------------ */

enum naive_fate { NOTHING, NOBODYS, GONE, UNREAL, NO_FEATURE, UNWANTED, COUNTS, VISIT };

static enum naive_fate fate(const struct fold_naive *f, const struct feed_event *e,
    enum fold_judgement *said, uint8_t *rule)
{
	const uint64_t person = owner(f, e);
	const bool order = e->kind == FEED_PURCHASE || e->kind == FEED_ITEM ||
	    e->kind == FEED_REFUND;
	bool several;

	*said = judge(f, e->id, rule);
	if (forgotten(f, FEED_PERSON, person) || forgotten(f, FEED_DEVICE, e->device))
		return GONE;
	if (person == 0 && e->device == 0)
		return NOTHING;
	if (*said == FOLD_SET_ASIDE || *said == FOLD_CONDEMNED)
		return UNREAL;
	if (person != 0 && order && !(e->flags & FEED_VOUCHED))
		return NO_FEATURE;
	if (person == 0) {
		if (!device_lets(f, e->device, e->at_ms) || !device_lets(f, e->device, NOW))
			return UNWANTED;
		return account_of(f, e->device, &several) == 0 ? VISIT : NOBODYS;
	}
	if (!person_lets(f, person, e->device, NOW))
		return UNWANTED;
	if (e->person != 0)
		return person_lets(f, person, e->device, e->at_ms) ? COUNTS : UNWANTED;
	return device_lets(f, e->device, e->at_ms) && by_back_end(f, e->device, e->at_ms) &&
		device_lets(f, e->device, NOW) && by_back_end(f, e->device, NOW) ?
	    COUNTS :
	    UNWANTED;
}

/* ---- a row ------------------------------------------------------------------------------------ */

/* The day and hour of the shop's clock; not before 1970. */
static struct tm shop_clock(const struct feed_event *e, int64_t *days)
{
	time_t s = (time_t)(e->at_ms / 1000) + e->offset * 15 * 60;
	struct tm tm;

	if (s < 0)
		s = 0;
	gmtime_r(&s, &tm);
	*days = s / 86400;
	return tm;
}

/* Weeks from Monday; the one that 1970 began in is 0. */
static uint32_t week_of(const struct feed_event *e)
{
	int64_t days;
	const struct tm tm = shop_clock(e, &days);
	const int64_t monday = days - (tm.tm_wday + 6) % 7;

	return (uint32_t)((monday + 3) / 7);
}

static bool did(const struct feed_event *e)
{
	return e->kind != FEED_ITEM && e->kind != FEED_REFUND && e->kind != FEED_EXPOSURE;
}

static uint16_t at_most16(uint64_t n)
{
	return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

static uint8_t at_most8(uint64_t n)
{
	return n > UINT8_MAX ? UINT8_MAX : (uint8_t)n;
}

/* What counts of PERSON. */
struct naive_list {
	const struct feed_event **v;
	size_t n;
};

static void row_orders(const struct naive_list *l, struct feature_row *r)
{
	int64_t spent = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct feed_event *e = l->v[i];

		if (e->kind == FEED_REFUND) {
			r->refunds++;
			spent -= e->price;
		}
		if (e->kind != FEED_PURCHASE)
			continue;
		if (r->orders == 0 || e->at_ms < r->first_order_ms)
			r->first_order_ms = e->at_ms;
		if (r->orders == 0 || e->at_ms > r->last_order_ms)
			r->last_order_ms = e->at_ms;
		r->orders++;
		spent += e->price;
	}
	r->spent = spent < 0 ? 0 : (uint64_t)spent;
}

static void row_tables(const struct fold_naive *f, const struct naive_list *l,
    struct feature_row *r)
{
	uint64_t category[FEATURE_CATEGORIES] = { 0 }, channel[FEATURE_CHANNELS] = { 0 };
	uint64_t hour[24] = { 0 }, band[FEED_BANDS] = { 0 };
	int64_t days;

	for (size_t i = 0; i < l->n; i++) {
		const struct feed_event *e = l->v[i];
		const size_t c = e->category >= FEATURE_CATEGORIES ? 0 : e->category;
		size_t b = 0;

		r->views += e->kind == FEED_PRODUCT;
		r->searches += e->kind == FEED_SEARCH;
		r->carts += e->kind == FEED_CART_ADD;
		r->lines += e->kind == FEED_ITEM;
		category[c] += e->kind == FEED_PRODUCT ? 1 : e->kind == FEED_ITEM ? 4 : 0;
		for (size_t k = 0; k < FEED_BANDS - 1; k++)
			b += e->price > f->settings->words->price_bands[k];
		band[b] += e->kind == FEED_ITEM && e->price != 0;
		if (!did(e))
			continue;
		channel[e->channel >= FEATURE_CHANNELS ? 0 : e->channel]++;
		hour[shop_clock(e, &days).tm_hour]++;
		if (e->at_ms > r->last_seen_ms)
			r->last_seen_ms = e->at_ms;
	}
	for (size_t i = 0; i < FEATURE_CATEGORIES; i++)
		r->by_category[i] = at_most16(category[i]);
	for (size_t i = 0; i < FEATURE_CHANNELS; i++)
		r->by_channel[i] = at_most16(channel[i]);
	for (size_t i = 0; i < 24; i++)
		r->by_hour[i] = at_most16(hour[i]);
	for (size_t i = 0; i < FEED_BANDS; i++)
		r->by_band[i] = at_most16(band[i]);
}

static void row_weeks(const struct naive_list *l, struct feature_row *r)
{
	for (size_t i = 0; i < l->n; i++)
		if (did(l->v[i]) && week_of(l->v[i]) > r->week)
			r->week = week_of(l->v[i]);
	for (uint32_t w = 0; w < FEATURE_WEEKS; w++) {
		uint64_t n = 0, orders = 0;

		for (size_t i = 0; i < l->n; i++)
			if (did(l->v[i]) && week_of(l->v[i]) + w == r->week) {
				n++;
				orders += l->v[i]->kind == FEED_PURCHASE;
			}
		r->by_week[w] = at_most16(n);
		r->orders_by_week[w] = at_most16(orders);
	}
}

static bool of_campaign(const struct feed_event *e)
{
	return e->campaign != 0 && (e->kind == FEED_EXPOSURE || e->kind == FEED_OUTCOME);
}

static void one_campaign(const struct naive_list *l, struct feature_campaign *c)
{
	uint64_t exposures = 0, outcomes = 0, purchases = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct feed_event *e = l->v[i];

		outcomes += e->kind == FEED_OUTCOME && e->campaign == c->campaign;
		if (e->kind != FEED_EXPOSURE || e->campaign != c->campaign)
			continue;
		if (exposures++ == 0 || e->at_ms < c->first_ms ||
		    (e->at_ms == c->first_ms && e->arm < c->arm)) {
			c->first_ms = e->at_ms;
			c->arm = e->arm;
		}
	}
	for (size_t i = 0; exposures != 0 && i < l->n; i++)
		purchases += l->v[i]->kind == FEED_PURCHASE && l->v[i]->at_ms > c->first_ms;
	c->exposures = at_most8(exposures);
	c->outcomes = at_most8(outcomes);
	c->purchases = at_most8(purchases);
}

static void row_campaigns(const struct naive_list *l, struct feature_row *r)
{
	uint32_t below = UINT16_MAX + 1;

	for (size_t k = 0; k < FEATURE_CAMPAIGNS; k++) {
		uint16_t next = 0;

		for (size_t i = 0; i < l->n; i++)
			if (of_campaign(l->v[i]) && l->v[i]->campaign < below &&
			    l->v[i]->campaign > next)
				next = l->v[i]->campaign;
		if (next == 0)
			return;
		r->campaigns[k].campaign = next;
		one_campaign(l, &r->campaigns[k]);
		below = next;
	}
}

static void row_attributes(const struct fold_naive *f, struct feature_row *r)
{
	EACH(f, i, FEED_ATTRIBUTE)
	{
		const struct feed_attribute *a = &f->v[i].u.attribute;
		uint8_t *v = &r->attributes[a->attribute - 1];
		uint64_t *at = &r->attribute_ms[a->attribute - 1];

		if (a->person != r->person || !person_lets(f, a->person, 0, a->at_ms) ||
		    !person_lets(f, a->person, 0, NOW))
			continue;
		if (*v != 0 && (a->at_ms < *at || (a->at_ms == *at && a->value < *v)))
			continue;
		*v = a->value;
		*at = a->at_ms;
	}
}

bool naive_row(const struct fold_naive *f, uint64_t person, struct feature_row *out)
{
	struct naive_list l = { calloc(f->n + 1, sizeof(*l.v)), 0 };
	enum fold_judgement said;
	uint8_t rule;

	EACH(f, i, FEED_EVENT)
	if (owner(f, &f->v[i].u.event) == person &&
	    fate(f, &f->v[i].u.event, &said, &rule) == COUNTS)
		l.v[l.n++] = &f->v[i].u.event;
	*out = (struct feature_row){ .person = person };
	if (l.n != 0) {
		row_orders(&l, out);
		row_tables(f, &l, out);
		row_weeks(&l, out);
		row_campaigns(&l, out);
		row_attributes(f, out);
	}
	free(l.v);
	return l.n != 0;
}

/* Is event I of the frames the first that makes its device a visit? */
static bool first_visit(const struct fold_naive *f, size_t i)
{
	enum fold_judgement said;
	uint8_t rule;

	for (size_t k = 0; k < i; k++)
		if (f->v[k].type == FEED_EVENT &&
		    f->v[k].u.event.device == f->v[i].u.event.device &&
		    fate(f, &f->v[k].u.event, &said, &rule) == VISIT)
			return false;
	return true;
}

void naive_count(const struct fold_naive *f, struct fold_stats *out)
{
	enum fold_judgement said;
	enum naive_fate what;
	uint8_t rule;

	*out = (struct fold_stats){ 0 };
	EACH(f, i, FEED_EVENT)
	{
		what = fate(f, &f->v[i].u.event, &said, &rule);
		out->erased += what == GONE;
		out->unconsented += what == UNWANTED;
		out->visits += what == VISIT && first_visit(f, i);
		out->counted[f->v[i].u.event.kind] += what == COUNTS;
		if (what == NOTHING || what == GONE)
			continue;
		out->quarantined[rule] += said == FOLD_SET_ASIDE;
		out->condemned[rule] += said == FOLD_CONDEMNED;
		out->released[rule] += said == FOLD_RELEASED;
	}
}
