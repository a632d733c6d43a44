/*
 * aside.c - how a rule of the snapshot sets an event aside: once, and for the first that does.
 */
#include "gateway/traffic/judge.h"

enum sc_err traffic_aside(struct traffic_judge *j, size_t i, const struct feed_verdict *v)
{
	struct traffic_record r;
	struct feed_verdict out = *v;
	enum sc_err err;

	if (j->tape.said[i] != FEED_NO_RULE)
		return SC_OK;
	traffic_tape_get(&j->tape, i, &r);
	out.event = r.id;
	out.at_ms = j->now_ms;
	out.action = FEED_QUARANTINE;
	out.scope = FEED_OF_EVENT;
	out.rule_version = feed_rules[v->rule].version;
	if ((err = j->say(j->arg, &out)) == SC_OK)
		j->tape.said[i] = v->rule;
	return err;
}

enum sc_err traffic_aside_all(struct traffic_judge *j, const struct traffic_act *v, size_t n,
    const struct feed_verdict *verdict)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && i < n; i++)
		err = traffic_aside(j, v[i].i, verdict);
	return err;
}
