/*
 * people_clock.c - what time it is, as far as that lets anybody in.
 *
 * Whoever has the host sets its clock. Who is old, and how many return on a day, is not to go by
 * that alone. The store keeps the time that is believed. It goes on by the steady clock, which
 * nobody sets, while keyd runs: never slower than that, and towards a wall clock that is ahead at
 * most seven times as fast. So a week goes by in a day at the most, however often the clock is set
 * and keyd started, and none is lost by setting it back.
 *
 *	loop	each second: it goes on; ten minutes later, or at the stop, the store is to know
 *	store	its row, with the other work of a second
 *
 * How old somebody is, is asked of the later of both clocks: in doubt they are old. In which week
 * they were sealed for is the believed one's: nobody is sealed for in a week that has not been.
 * The days of all ceilings are the believed one's too: it never goes back, and brings the next
 * day's allowance seven times a day at the most.
 * A machine that was off comes right by itself, a week a day.
 */
#include "crypto/keystore/people_int.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/weak.h"
#include "crypto/rows/tables.h"

#include <stdio.h>

#define FASTEST 7 /* times the steady clock */
#define TICK_MS 1000
#define KEEP_MS UINT64_C(600000)
#define DOUBT_MS UINT64_C(86400000) /* apart, and it is told */

uint32_t people_week(const struct people *pp, uint64_t now_ms)
{
	const uint32_t wall = (uint32_t)(now_ms / WEEK_MS), believed = people_week_believed(pp);

	return wall > believed ? wall : believed;
}

uint32_t people_week_believed(const struct people *pp)
{
	return (uint32_t)(people_time(pp) / WEEK_MS);
}

uint64_t people_time(const struct people *pp)
{
	return atomic_load(&pp->clock.believed_ms);
}

const _Atomic uint64_t *people_clock(const struct people *pp)
{
	return &pp->clock.believed_ms;
}

uint64_t people_ran(const struct people *pp)
{
	return atomic_load(&pp->clock.ran_ms);
}

uint32_t people_idle_weeks(const struct people *pp, const struct person_key *k, uint64_t now_ms)
{
	const uint32_t week = people_week(pp, now_ms);

	if (k->week == 0)
		return UINT32_MAX;
	return k->week < week ? week - k->week : 0;
}

/* ---- it goes on ---- */

uint64_t people_time_after(uint64_t believed_ms, uint64_t steady_ms, uint64_t wall_ms)
{
	const uint64_t slowest = believed_ms + steady_ms,
		       fastest = believed_ms + FASTEST * steady_ms;

	if (WEAK("clock-obeyed"))
		return wall_ms;
	if (wall_ms <= slowest)
		return slowest;
	return wall_ms < fastest ? wall_ms : fastest;
}

static void tell(struct people_clock *c, uint64_t wall_ms, uint64_t believed_ms)
{
	const uint64_t apart = wall_ms > believed_ms ? wall_ms - believed_ms :
						       believed_ms - wall_ms;

	if ((apart > DOUBT_MS) == c->doubted)
		return;
	c->doubted = !c->doubted;
	if (c->doubted)
		log_event(LOG_WARN, "keyd.clock_doubted",
		    LOG_U64("hours_ahead", wall_ms > believed_ms ? apart / 3600000 : 0),
		    LOG_U64("hours_behind", wall_ms > believed_ms ? 0 : apart / 3600000),
		    LOG_STR("do", "docs/OPERATIONS.md, The clock"), LOG_END);
	else
		log_event(LOG_INFO, "keyd.clock_believed", LOG_END);
}

static void on_tick(struct loop_timer *t)
{
	struct people *pp = loop_owner(t, struct people, clock.tick);
	struct people_clock *c = &pp->clock;
	const uint64_t steady = clock_steady_ms(), wall = clock_unix_ms(),
		       was = atomic_load(&c->believed_ms),
		       now = people_time_after(was, steady - c->steady_ms, wall);

	atomic_fetch_add(&c->ran_ms, steady - c->steady_ms);
	c->steady_ms = steady;
	atomic_store(&c->believed_ms, now);
	tell(c, wall, now);
	if (people_clock_due(pp))
		people_worked(pp);
	loop_timer_set(pp->inbox->loop, t, TICK_MS);
}

/* ---- its row ---- */

bool people_clock_due(const struct people *pp)
{
	return people_time(pp) - atomic_load(&pp->clock.kept_ms) >= KEEP_MS;
}

static bool bind_clock(void *arg, size_t i, struct store_value *v)
{
	const struct people_clock *c = arg;

	(void)i;
	v[0] = store_text(c->node);
	v[1] = store_number(c->writing_ms);
	v[2] = store_number(atomic_load(&c->ran_ms));
	return true;
}

static enum sc_err take_clock(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	atomic_store(&((struct people_clock *)arg)->kept_ms, (uint64_t)v[0].number);
	atomic_store(&((struct people_clock *)arg)->ran_ms, (uint64_t)v[1].number);
	return v[0].number > 0 && v[1].number >= 0 ? SC_OK : SC_CORRUPT;
}

/* Where there is no row, as after a restore without its log, the newest week was true once. */
static enum sc_err take_newest(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	*(uint64_t *)arg = (uint64_t)v[0].number * WEEK_MS;
	return v[0].number >= 0 ? SC_OK : SC_CORRUPT;
}

static enum sc_err find(struct store_job *j, struct store_tx *tx)
{
	struct people_clock *c = loop_owner(j, struct people_clock, find);
	uint64_t wall = clock_unix_ms(), newest = 0;
	enum sc_err err;

	if ((err = store_ask(tx,
		 &(struct store_batch){ WRITER_FIND, 1, bind_clock, take_clock, c })) != SC_OK ||
	    atomic_load(&c->kept_ms) > 0) {
		atomic_store(&c->believed_ms, atomic_load(&c->kept_ms));
		return err;
	}
	if ((err = store_ask(tx,
		 &(struct store_batch){ WEEK_NEWEST, 1, NULL, take_newest, &newest })) != SC_OK)
		return err;
	/* kept at once: else whoever stops keyd in its first second has the next start ask again */
	c->writing_ms = wall > newest ? wall : newest;
	atomic_store(&c->believed_ms, c->writing_ms);
	return store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, bind_clock, NULL, c });
}

enum sc_err people_clock_keep(struct people *pp, struct store_tx *tx)
{
	struct people_clock *c = &pp->clock;

	c->writing_ms = people_time(pp);
	return store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, bind_clock, NULL, c });
}

void people_clock_kept(struct people *pp)
{
	atomic_store(&pp->clock.kept_ms, pp->clock.writing_ms);
}

/* ---- life ---- */

static void name_row(struct people_clock *c, const struct keystore *ks)
{
	snprintf(c->node, sizeof(c->node), "%s clock", ks->node);
}

enum sc_err people_clock_start(struct people *pp)
{
	struct people_clock *c = &pp->clock;

	name_row(c, pp->ks);
	c->find.run = find;
	c->steady_ms = clock_steady_ms();
	loop_timer_init(&c->tick, on_tick);
	loop_timer_set(pp->inbox->loop, &c->tick, TICK_MS);
	return store_run(pp->ks->store, &c->find);
}

void people_clock_stop(struct people *pp)
{
	loop_timer_clear(pp->inbox->loop, &pp->clock.tick);
}

/* ---- the way out ---- */

static bool bind_now(void *arg, size_t i, struct store_value *v)
{
	(void)i;
	v[0] = store_number(((const struct people_clock *)arg)->writing_ms / WEEK_MS);
	return true;
}

/* No week lies behind the present one: else those sealed for by a clock that was ahead stay young. */
static enum sc_err believe(struct store_job *j, struct store_tx *tx)
{
	struct people_clock *c = loop_owner(j, struct people_clock, find);
	enum sc_err err;

	if ((err = store_ask(tx,
		 &(struct store_batch){ WRITER_FIND, 1, bind_clock, take_clock, c })) != SC_OK)
		return err;
	err = store_ask(tx, &(struct store_batch){ WRITER_KEEP, 1, bind_clock, NULL, c });
	return err != SC_OK ?
	    err :
	    store_ask(tx, &(struct store_batch){ WEEK_NO_LATER, 1, bind_now, NULL, c });
}

enum sc_err people_believe_clock(struct keystore *ks, uint64_t now_ms)
{
	struct people_clock c = { .find.run = believe, .writing_ms = now_ms };

	name_row(&c, ks);
	return store_run(ks->store, &c.find);
}
