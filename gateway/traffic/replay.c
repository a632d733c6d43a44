/*
 * replay.c - runs of acts that were somebody's before: the same products at the same
 * distances of time, later.
 *
 * A run is a few acts of one session, told by what they were and by the time
 * between them, in tenths of a second: people who look at the same things do not
 * do it in step. What comes at the same moment is no replay but a broadcast.
 */
#include "gateway/traffic/judge.h"

#define LONGEST 16
#define STEP_MS 100
#define PRODUCTS_MIN 2
#define LATER_MS 60000
#define CLOCKS_RIGHT 2 /* as many acts more where no clock is off */

/* A page comes with its product at once, which would be a distance that all have. */
static bool is_step(const struct traffic_act *a)
{
	return traffic_is_act(a->kind) && a->kind != FEED_PAGE && (a->bits & TRAFFIC_VOUCHED) == 0;
}

/* The acts of a session alone, to the front; they are in the order of time. */
static size_t steps_first(struct traffic_act *v, size_t n)
{
	size_t steps = 0;

	for (size_t i = 0; i < n; i++)
		if (is_step(&v[i])) {
			const struct traffic_act a = v[steps];

			v[steps++] = v[i];
			v[i] = a;
		}
	return steps;
}

/* The run of LENGTH acts that ends with V[END]; 0: it is none, or too plain. */
static uint64_t run_of(const struct traffic_act *v, size_t end, size_t length)
{
	const struct traffic_act *first = &v[end + 1 - length];
	size_t products = 0;
	uint64_t h = length;

	for (size_t i = 0; i < length; i++) {
		const uint64_t gap = i == 0 ? 0 : first[i].at_ms - first[i - 1].at_ms;

		if (gap >= TRAFFIC_SESSION_MS)
			return 0;
		products += first[i].product != 0 &&
		    (i == 0 || first[i].product != first[i - 1].product);
		h = traffic_mix(h, (uint64_t)first[i].product << 8 | first[i].kind);
		h = traffic_mix(h, (gap + STEP_MS / 2) / STEP_MS);
	}
	return products < PRODUCTS_MIN ? 0 : h | 1;
}

static size_t length_of(const struct traffic_judge *j, const struct traffic_act *a)
{
	const size_t n = traffic_threshold(j->settings, FEED_REPLAY) +
	    ((a->bits & TRAFFIC_CLOCK_OFF) != 0 ? 0 : CLOCKS_RIGHT);

	return n < LONGEST ? n : LONGEST;
}

/* Every act's run of the shortest length: what a replay of it would end with. */
void traffic_note_runs(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	const size_t length = traffic_threshold(j->settings, FEED_REPLAY);
	const size_t steps = steps_first(v, n);

	for (size_t i = length - 1; length <= LONGEST && i < steps; i++)
		j->runs[v[i].i] = run_of(v, i, length);
}

static bool by_run(const struct traffic_judge *j, size_t i, const struct traffic_record *r,
    uint64_t *key)
{
	(void)r;
	*key = j->runs[i];
	return *key != 0;
}

/* All but the first that came, unless they came together. */
static enum sc_err note_later(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const uint64_t apart = v[i].at_ms > v[0].at_ms ? v[i].at_ms - v[0].at_ms :
								 v[0].at_ms - v[i].at_ms;

		if (apart < LATER_MS)
			continue;
		j->tape.note[v[i].i] |= TRAFFIC_NOTE_REPLAY;
		j->replays++;
	}
	return SC_OK;
}

/* The acts of V[FROM..TO] end runs of somebody's before: together they are one longer. */
static enum sc_err run_judge(struct traffic_judge *j, const struct traffic_act *v, size_t from,
    size_t to)
{
	struct feed_verdict said = { .rule = FEED_REPLAY,
		.threshold = traffic_threshold(j->settings, FEED_REPLAY) };
	const size_t first = from + 1 - said.threshold;
	size_t needs = LONGEST;

	for (size_t i = from; i <= to; i++)
		needs = length_of(j, &v[i]) < needs ? length_of(j, &v[i]) : needs;
	said.n = (uint32_t)(to + 1 - first);
	return said.n < needs ? SC_OK : traffic_aside_all(j, v + first, said.n, &said);
}

static enum sc_err session_judge(struct traffic_judge *j, const struct traffic_act *v, size_t n)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0, end; err == SC_OK && i < n; i = end + 1) {
		for (end = i; end < n && (v[end].note & TRAFFIC_NOTE_REPLAY) != 0;)
			end++;
		if (end > i)
			err = run_judge(j, v, i, end - 1);
	}
	return err;
}

static enum sc_err judge_sessions(struct traffic_judge *j, struct traffic_act *v, size_t n)
{
	enum sc_err err = SC_OK;
	size_t steps;

	traffic_sort_by_time(v, n);
	steps = steps_first(v, n);
	for (size_t i = 0, end; err == SC_OK && i < steps; i = end) {
		for (end = i + 1;
		     end < steps && v[end].at_ms - v[end - 1].at_ms < TRAFFIC_SESSION_MS;)
			end++;
		err = session_judge(j, v + i, end - i);
	}
	return err;
}

enum sc_err traffic_replay(struct traffic_judge *j)
{
	enum sc_err err;

	if (j->runs == NULL)
		return SC_OK;
	err = traffic_each_group(j, by_run, note_later);
	if (err == SC_OK && j->replays > 0)
		err = traffic_each_group(j, traffic_by_actor, judge_sessions);
	return err;
}
