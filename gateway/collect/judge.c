/*
 * judge.c - one thing that was sent, under the lock: is it wanted, is there room for
 * it, is it real; and what goes on of it.
 *
 *	form -> no from the browser -> consent -> rules, the site's ceiling first -> frames
 *
 * Consent comes first: of whoever does not want it nothing is remembered, not even by
 * the rules. One thing alone is told the rules of a vouched order whose person does not
 * want it: that there was an order of that number, without person, device or product;
 * else a page's purchase of the same order would look forged.
 */
#include "gateway/collect/service_private.h"

#include <string.h>

/* ---- what becomes of it --------------------------------------------------------------- */

static void refuse(struct collect_service *s, struct collect_batch *b, size_t i, uint8_t rule)
{
	const struct collect_taken *t = &b->taken[i];

	b->fate[i] = rule == FEED_SAME_CONTENT ? COLLECT_TWICE : COLLECT_REFUSED;
	b->why[i] = rule;
	flow_refused(s, rule, t->what == COLLECT_AN_EVENT ? t->event.kind : 0);
}

static struct feed_frame *frame(struct collect_service *s, enum feed_type type)
{
	struct feed_frame *f = &s->frames[s->n_frames++];

	memset(f, 0, sizeof(*f));
	f->type = (uint8_t)type;
	return f;
}

static const struct collect_handle *handle_of(const struct known_entry *e)
{
	return e == NULL ? NULL : &e->handle;
}

static uint64_t pseudonym_of(const struct known_entry *e)
{
	return e == NULL ? 0 : e->handle.pseudonym;
}

/* ---- as the rules see it ------------------------------------------------------------------- */

static bool is_of_orders(uint8_t kind)
{
	return kind == FEED_PURCHASE || kind == FEED_ITEM || kind == FEED_REFUND;
}

/*
 * An order has the same number by tap and back end; a page's word of one has not, so
 * that it forestalls neither.
 */
static uint64_t number_of(const struct collect_service *s, const struct collect_batch *b,
    const struct collect_taken *t)
{
	if (b->visit.vouched && t->order.n != 0 && is_of_orders(t->event.kind))
		return door_order(&s->keys, t->order, t->event.kind, t->line);
	return door_message(&s->keys, b->visit.shop, t->message, t->line);
}

static struct traffic_event as_judged(const struct collect_service *s,
    const struct collect_batch *b, const struct collect_taken *t, const struct collect_who *who)
{
	const struct collect_visit *v = &b->visit;
	/* what apps are built with is theirs; who only says to be one is none */
	bool own_app = v->site != NULL && v->site->app;
	struct traffic_event e = {
		.event = t->event,
		.raw_ms = t->raw_ms,
		.received_ms = s->received_ms,
		.prefix = v->vouched ? 0 : b->prefix,
		.address = b->address,
		.order = t->order.n == 0 ? 0 : door_order(&s->keys, t->order, FEED_PURCHASE, 0),
		.inputs = t->inputs,
		.vouched = v->vouched,
		.bot = v->agent.bot || (v->agent.library && !own_app),
		.webdriver = t->webdriver,
		.honeypot = t->honeypot,
		.hints_due = v->agent.hints_due,
		.hints = v->hints,
		.tls = v->tls,
		.app = own_app,
	};

	e.event.id = number_of(s, b, t);
	e.event.person = pseudonym_of(who->person);
	e.event.device = pseudonym_of(who->device);
	e.event.product = t->product.n == 0 ? 0 : door_product(&s->keys, t->product);
	return e;
}

/* ---- events -------------------------------------------------------------------------------- */

static bool is_wanted(struct collect_service *s, const struct collect_batch *b,
    const struct collect_taken *t, const struct collect_who *who)
{
	if (b->visit.says_no || (who->device == NULL && who->person == NULL))
		return false;
	return consents_enter(s->consents, handle_of(who->device), handle_of(who->person),
	    t->consent_version);
}

/*
 * Analytics is told a page's own grant once in a while: as of the earliest event that
 * it was believed for, or that event would look unwanted there.
 */
static void tell_grant(struct collect_service *s, const struct collect_taken *t,
    const struct collect_who *who)
{
	struct known_entry *e = who->device;

	if (e == NULL || t->consent_version == 0 || e->told == t->consent_version)
		return;
	frame(s, FEED_CONSENT)->u.consent = (struct feed_consent){
		.who = e->handle.pseudonym,
		.at_ms = t->event.at_ms < s->received_ms ? t->event.at_ms : s->received_ms,
		.version = t->consent_version,
		.kind = FEED_DEVICE,
		.purpose = 1,
		.word = FEED_GRANT,
	};
	e->told = t->consent_version;
	known_told(s->known, e);
}

/* An order took place: all that the rules hear of one whose person does not want it. */
static void note_order(struct collect_service *s, struct traffic_event *e)
{
	const struct feed_event bare = { .id = e->event.id,
		.at_ms = e->event.at_ms,
		.kind = FEED_PURCHASE,
		.shop = e->event.shop,
		.flags = FEED_VOUCHED };
	struct feed_verdict v = { .event = 0 };
	bool refused;

	e->event = bare;
	e->address = 0;
	traffic_arrive(s->traffic, e, &v, &refused);
}

static void judge_event(struct collect_service *s, struct collect_batch *b, size_t i,
    const struct collect_who *who)
{
	const struct collect_taken *t = &b->taken[i];
	struct traffic_event e = as_judged(s, b, t, who);
	struct feed_verdict v = { .event = 0 };
	bool refused = false;

	if (!is_wanted(s, b, t, who)) {
		if (b->visit.vouched && e.order != 0 && t->event.kind == FEED_PURCHASE)
			note_order(s, &e);
		refuse(s, b, i, FEED_NO_CONSENT);
		return;
	}
	traffic_arrive(s->traffic, &e, &v, &refused);
	if (refused) {
		refuse(s, b, i, v.rule);
		return;
	}
	tell_grant(s, t, who);
	frame(s, FEED_EVENT)->u.event = e.event;
	if (v.action == FEED_QUARANTINE)
		frame(s, FEED_VERDICT)->u.verdict = v;
	b->why[i] = v.rule;
	/* seen before, as far as memory goes: whether it is in the log, the log knows */
	if (v.rule == FEED_SAME_ID) {
		b->fate[i] = COLLECT_TWICE;
	} else if (v.action == FEED_QUARANTINE) {
		b->fate[i] = COLLECT_SET_ASIDE;
		s->stats.set_aside++;
	} else {
		s->stats.in++;
	}
}

/* ---- all else ------------------------------------------------------------------------------ */

/* A link stands whether it is wanted or not: by it an account's no reaches its devices. */
static void judge_link(struct collect_service *s, struct collect_batch *b, size_t i,
    const struct collect_who *who, struct collect_wait *wait)
{
	const struct collect_taken *t = &b->taken[i];
	struct feed_link link = { .from_ms = t->event.at_ms };
	bool news;

	if (!t->account_vouched || who->device == NULL || who->person == NULL)
		refuse(s, b, i, FEED_BAD_FORM);
	else if (say_link(s, &who->device->handle, &who->person->handle, &link, &news, wait) !=
	    SC_OK)
		refuse(s, b, i, FEED_OVER_CEILING);
	else if (news)
		frame(s, FEED_LINK)->u.link = link;
}

static void judge_traits(struct collect_service *s, struct collect_batch *b, size_t i,
    const struct collect_who *who)
{
	const struct collect_taken *t = &b->taken[i];

	if (!t->account_vouched || who->person == NULL) {
		refuse(s, b, i, FEED_BAD_FORM);
		return;
	}
	if (b->visit.says_no || !consents_enter(s->consents, NULL, &who->person->handle, 0)) {
		refuse(s, b, i, FEED_NO_CONSENT);
		return;
	}
	for (size_t k = 0; k < t->n_traits; k++)
		frame(s, FEED_ATTRIBUTE)->u.attribute =
		    (struct feed_attribute){ .person = who->person->handle.pseudonym,
			    .at_ms = t->event.at_ms,
			    .attribute = t->traits[k].attribute,
			    .value = t->traits[k].value };
}

/* Pages' words have the ceiling of events, and count by themselves. */
static bool may_say(struct collect_service *s, const struct collect_visit *v)
{
	struct collect_minute *m = &s->words[v->shop - 1];

	if (v->site->per_minute == 0 || v->vouched)
		return true;
	if (m->minute != s->received_ms / 60000)
		*m = (struct collect_minute){ .minute = s->received_ms / 60000 };
	return ++m->n <= v->site->per_minute;
}

/*
 * A no, once: who says it again has said nothing new, and waits until that is counted, as
 * long as for a new one: so the wait tells nobody what was said before. A page's yes goes with
 * each event, and needs no word of its own; a back end's needs what proves it, and has a path
 * for that.
 */
static void judge_word(struct collect_service *s, struct collect_batch *b, size_t i,
    const struct collect_who *who, struct collect_wait *wait)
{
	const struct collect_taken *t = &b->taken[i];
	struct known_entry *said_by = who->person != NULL ? who->person : who->device;
	struct feed_consent word = { .at_ms = s->received_ms,
		.version = t->consent_version,
		.kind = who->person != NULL ? FEED_PERSON : FEED_DEVICE,
		.purpose = 1,
		.word = t->word,
		.verified = b->visit.vouched };
	struct consent_word old;

	if (said_by == NULL || (word.word == FEED_GRANT && b->visit.vouched)) {
		refuse(s, b, i, FEED_BAD_FORM);
		return;
	}
	if (word.word == FEED_GRANT)
		return;
	consents_word(s->consents, said_by->handle.handle, 1, &old);
	if (old.word == word.word && old.version == word.version && old.verified == word.verified) {
		refuse(s, b, i, FEED_SAME_CONTENT);
		return;
	}
	if (!may_say(s, &b->visit) || say_word(s, &said_by->handle, &word, wait) != SC_OK) {
		refuse(s, b, i, FEED_OVER_CEILING);
		return;
	}
	frame(s, FEED_CONSENT)->u.consent = word;
	/* a grant after it is told anew */
	said_by->told = 0;
	known_told(s->known, said_by);
}

void judge_taken(struct collect_service *s, struct collect_batch *b, size_t i,
    const struct collect_who *who, struct collect_wait *wait)
{
	const struct collect_taken *t = &b->taken[i];

	b->fate[i] = COLLECT_IN;
	b->why[i] = FEED_NO_RULE;
	if (b->visit.received_ms > s->received_ms)
		s->received_ms = b->visit.received_ms;
	if (t->refused != FEED_NO_RULE) {
		refuse(s, b, i, t->refused);
		return;
	}
	switch (t->what) {
	case COLLECT_AN_EVENT: judge_event(s, b, i, who); break;
	case COLLECT_A_LINK: judge_link(s, b, i, who, wait); break;
	case COLLECT_TRAITS: judge_traits(s, b, i, who); break;
	case COLLECT_A_WORD: judge_word(s, b, i, who, wait); break;
	}
}
