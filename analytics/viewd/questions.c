/*
 * questions.c - what an operator asks of the log and of what was counted.
 */
#include "analytics/viewd/view_private.h"
#include "base/clock.h"

#define WHY_RULE_USUAL 10
#define WHY_EVENT_MAX 256

void view_tell_made(const struct view *v, view_tell_fn *tell, void *arg)
{
	const struct view_made *m = &v->made;
	uint64_t digest = 0;

	for (size_t i = 0; i < 8; i++)
		digest = digest << 8 | m->sha256[i];
	view_tell_tally(tell, arg, FEED_N_PEOPLE, 0, 0, m->people);
	view_tell_tally(tell, arg, FEED_N_VISITS, 0, 0, m->visits);
	view_tell_tally(tell, arg, FEED_N_UNCONSENTED, 0, 0, m->unconsented);
	view_tell_tally(tell, arg, FEED_N_SNAPSHOT, 0, 0, m->number);
	view_tell_tally(tell, arg, FEED_N_SNAPSHOT_AT, 0, 0, m->at_ms);
	view_tell_tally(tell, arg, FEED_N_DIGEST, 0, 0, digest);
}

void view_tell_drafted(const struct view *v, view_tell_fn *tell, void *arg)
{
	releases_tell(&v->drafted, tell, arg);
}

void view_status(struct view *v, view_tell_fn *tell, void *arg)
{
	const struct view_tally *a = v->base, *b = v->since;
	struct event_log_stats s;

	event_log_count(v->log, &s);
	view_tally_tell(a, b, FEED_NO_RULE, tell, arg);
	view_tell_tally(tell, arg, FEED_N_DUPLICATES, 0, 0, s.duplicates);
	view_tell_tally(tell, arg, FEED_N_LATE, 0, 0, a->late + b->late);
	view_tell_made(v, tell, arg);
	view_tell_drafted(v, tell, arg);
	view_tell_tally(tell, arg, FEED_N_ERASED, 0, 0, s.erased + a->erasures + b->erasures);
	view_tell_tally(tell, arg, FEED_N_BYTES, 0, 0, s.bytes);
	live_tell(&v->live, tell, arg);
}

struct telling {
	view_tell_fn *tell;
	void *arg;
	size_t left;
};

static enum sc_err pass_on(void *arg, const struct feed_frame *f)
{
	struct telling *t = arg;

	if (t->left > 0) {
		t->left--;
		t->tell(t->arg, f);
	}
	return SC_OK;
}

enum sc_err view_why_event(struct view *v, uint64_t event, view_tell_fn *tell, void *arg)
{
	struct telling t = { tell, arg, WHY_EVENT_MAX };

	return event_log_about(v->log, event, pass_on, &t);
}

void view_why_rule(struct view *v, uint8_t rule, size_t max, view_tell_fn *tell, void *arg)
{
	view_tally_newest(v->base, v->since, rule, max == 0 ? WHY_RULE_USUAL : max, tell, arg);
	view_tally_tell(v->base, v->since, rule, tell, arg);
}

/* The first rule by number that set the event aside. */
static enum sc_err first_rule(void *arg, const struct feed_frame *f)
{
	uint8_t *rule = arg;

	if (f->type == FEED_VERDICT && f->u.verdict.action == FEED_QUARANTINE &&
	    (*rule == FEED_NO_RULE || f->u.verdict.rule < *rule))
		*rule = f->u.verdict.rule;
	return SC_OK;
}

static enum sc_err verdict_of(struct view *v, const struct feed_ask *ask, struct feed_verdict *out)
{
	struct feed_event e;

	if (ask->because == 0 || (ask->event == 0 && ask->rule == FEED_NO_RULE))
		return SC_SYNTAX;
	out->because = ask->because;
	out->event = ask->event;
	out->rule = ask->event == 0 ? ask->rule : FEED_NO_RULE;
	out->scope = ask->event == 0 ? FEED_OF_RULE : FEED_OF_EVENT;
	if (ask->event == 0)
		return SC_OK;
	if (!event_log_find(v->log, ask->event, &e))
		return SC_STALE;
	return event_log_about(v->log, ask->event, first_rule, &out->rule);
}

static uint64_t set_aside_by(const struct view *v, uint8_t rule)
{
	return v->base->by_action[FEED_QUARANTINE][rule] +
	    v->since->by_action[FEED_QUARANTINE][rule];
}

enum sc_err view_judge(struct view *v, const struct feed_ask *ask, uint8_t action, uid_t uid,
    view_tell_fn *tell, void *arg)
{
	struct feed_frame f = { .type = FEED_VERDICT };
	enum sc_err err;
	uint64_t n;

	f.u.verdict.action = action;
	f.u.verdict.operator_uid = uid;
	f.u.verdict.at_ms = clock_unix_ms();
	if ((err = verdict_of(v, ask, &f.u.verdict)) != SC_OK)
		return err;
	f.u.verdict.rule_version = feed_rules[f.u.verdict.rule].version;
	n = f.u.verdict.scope == FEED_OF_EVENT ? 1 : set_aside_by(v, f.u.verdict.rule);
	err = event_log_note(v->log, &f, 1, f.u.verdict.at_ms, view_kept, v);
	if (err == SC_OK)
		view_tell_tally(tell, arg,
		    action == FEED_RELEASE ? FEED_N_RELEASED : FEED_N_CONDEMNED, f.u.verdict.rule,
		    0, n);
	else
		view_look_at_log(v);
	return err;
}
