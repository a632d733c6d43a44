/*
 * judge.c - a snapshot: each rule in its turn over all that the log holds.
 */
#include "gateway/traffic/judge.h"

#include <stdlib.h>

static void judge_fini(struct traffic_judge *j)
{
	traffic_tape_close(&j->tape);
	free(j->pairs);
	free(j->spare);
	free(j->acts);
	free(j->products.key);
	free(j->products.n);
	free(j->runs);
}

static enum sc_err judge_init(struct traffic_judge *j, struct traffic_log *log)
{
	enum sc_err err = traffic_tape_open(log, &j->tape);
	const size_t room = j->tape.n < TRAFFIC_PART ? j->tape.n + 1 : TRAFFIC_PART;

	if (err != SC_OK)
		return err;
	j->pairs = malloc(room * sizeof(*j->pairs));
	j->spare = malloc(room * sizeof(*j->spare));
	return j->pairs == NULL || j->spare == NULL ? SC_NOMEM : SC_OK;
}

static enum sc_err whole_net(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	static const struct {
		uint8_t rule;
		traffic_group_fn *judge;
	} rows[] = {
		{ FEED_PREFIX_BURST, traffic_whole_burst },
		{ FEED_FOCUS, traffic_focus },
		{ FEED_BARREN, traffic_barren },
	};
	enum sc_err err = SC_OK;

	for (size_t i = 0; err == SC_OK && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (traffic_rule_on(j->settings, rows[i].rule))
			err = rows[i].judge(j, v, n);
	return err;
}

static enum sc_err first_look(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	enum sc_err err;

	traffic_note_actor(j, v, n);
	err = traffic_whole_actor(j, v, n);
	if (j->runs != NULL)
		traffic_note_runs(j, v, n);
	return err;
}

static enum sc_err actors(struct traffic_judge *j)
{
	if (traffic_rule_on(j->settings, FEED_REPLAY) &&
	    (j->runs = calloc(j->tape.n + 1, sizeof(*j->runs))) == NULL)
		return SC_NOMEM;
	return traffic_each_group(j, traffic_by_actor, first_look);
}

static enum sc_err nets(struct traffic_judge *j)
{
	enum sc_err err = traffic_products_count(j);

	if (err != SC_OK)
		return err;
	traffic_usual_seeks(j);
	return traffic_each_group(j, traffic_by_net, whole_net);
}

static enum sc_err last_look(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	enum sc_err err = SC_OK;

	if (traffic_rule_on(j->settings, FEED_BARREN))
		err = traffic_barren_actor(j, v, n);
	if (err == SC_OK && traffic_rule_on(j->settings, FEED_SAME_DEVICE))
		err = traffic_same_device(j, v, n);
	return err;
}

static enum sc_err rest(struct traffic_judge *j)
{
	return traffic_each_group(j, traffic_by_actor, last_look);
}

typedef enum sc_err step_fn(struct traffic_judge *j);
static step_fn *const steps[] = { actors, traffic_untapped, traffic_replay, traffic_ring, nets,
	rest };

enum sc_err traffic_snapshot(struct traffic *r, uint64_t now_ms, traffic_say_fn *say, void *arg)
{
	struct traffic_judge j = { .settings = r->settings,
		.now_ms = now_ms,
		.say = say,
		.arg = arg };
	enum sc_err err = judge_init(&j, &r->log);

	for (size_t i = 0; err == SC_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = steps[i](&j);
	/* told first, then remembered: what a crash makes us tell twice is the same verdict */
	if (err == SC_OK)
		err = say(arg, &(const struct feed_verdict){ .rule = FEED_NO_RULE });
	if (err == SC_OK)
		traffic_tape_keep(&j.tape);
	judge_fini(&j);
	return err;
}
