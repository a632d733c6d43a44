/*
 * marks_rows.c - marks as rows of the store: read when their day comes, written behind.
 *
 *	marks_start()		read today
 *	marks_see()		a person and class has eight values more: noted
 *	on_tick(), each second, or soon when something was noted: one job at a time
 *		what was noted, else a day to come, or that the clock was set to, else drop old days
 *	marks_keep()		at the stop: all that is in memory
 *
 * A row is a person's and class's (its values, big-endian), or a page of a table as it
 * stood when keyd stopped. A day is what all of its rows have together, in any order and
 * however often: nothing here is ever taken back.
 */
#include "crypto/marks/marks_int.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

#define TICK_MS 1000
#define KIND_PAGE 256 /* and the level; below it is the class */
#define PAGE_BYTES (MARKS_PAGE * 8)
#define FORGET_BITE 100 /* rows that one job drops */
#define FORGET_EACH_MS 3600000u

/* ---- reading ------------------------------------------------------------------------- */

struct reading {
	struct store_job job;
	struct marks_day *d;
};

static bool bind_day(void *arg, size_t i, struct store_value *v)
{
	const struct marks_day *d = arg;

	(void)i;
	v[0] = store_number(d->day);
	return true;
}

/* Page N of level I, as it stood. */
static enum sc_err take_page(struct marks_day *d, unsigned level, uint64_t n, struct sc_span page)
{
	if (level >= MARKS_LEVELS || page.n != PAGE_BYTES ||
	    n >= MARKS_LEVEL_SLOTS(level) / MARKS_PAGE)
		return SC_CORRUPT;
	for (unsigned i = 0; i <= level; i++)
		if (!marks_level(d, i))
			return SC_NOMEM;
	for (unsigned i = 0; i < MARKS_PAGE; i++) {
		uint64_t slot = sc_be64_load(page.p + 8 * (size_t)i);
		uint64_t *at = &d->level[level].slots[n * MARKS_PAGE + i];

		d->level[level].n += *at == 0 && slot != 0;
		*at = slot;
	}
	return SC_OK;
}

static enum sc_err take_page_row(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	if (v[0].number < KIND_PAGE)
		return SC_OK;
	return take_page(arg, (unsigned)(v[0].number - KIND_PAGE), (uint64_t)v[1].number,
	    v[2].bytes);
}

static enum sc_err take_person_row(void *arg, size_t i, const struct store_value *v)
{
	struct marks_day *d = arg;
	struct mark_key key;

	(void)i;
	if (v[0].number >= KIND_PAGE)
		return SC_OK;
	if (v[0].number < 0 || v[2].bytes.n % 4 != 0)
		return SC_CORRUPT;
	key = marks_key((uint64_t)v[1].number, (uint8_t)v[0].number);
	for (size_t at = 0; at < v[2].bytes.n; at += 4)
		if (!marks_put(d, key, sc_be32_load(v[2].bytes.p + at), MARKS_SLOTS_MAX))
			return SC_NOMEM;
	return SC_OK;
}

/* Pages first: they go where they were, and what people's rows have beyond them beside them. */
static enum sc_err read_day(struct store_tx *tx, struct marks_day *d)
{
	enum sc_err err =
	    store_ask(tx, &(struct store_batch){ MARK_DAY, 1, bind_day, take_page_row, d });

	return err != SC_OK ?
	    err :
	    store_ask(tx, &(struct store_batch){ MARK_DAY, 1, bind_day, take_person_row, d });
}

static enum sc_err run_read(struct store_job *job, struct store_tx *tx)
{
	return read_day(tx, loop_owner(job, struct reading, job)->d);
}

/* ---- jobs beside the loop -------------------------------------------------------------- */

static void submit(struct marks *m, enum sc_err (*run)(struct store_job *, struct store_tx *),
    void (*on_loop)(struct inbox_job *, enum sc_err))
{
	m->busy = true;
	m->job.job = (struct store_job){ .run = run };
	m->job.on_loop = on_loop;
	inbox_submit(m->inbox, &m->job);
}

bool marks_busy(const struct marks *m)
{
	return m->busy;
}

static enum sc_err run_load(struct store_job *job, struct store_tx *tx)
{
	return read_day(tx, loop_owner(job, struct marks, job.job)->loaded);
}

static void on_loaded(struct inbox_job *job, enum sc_err err)
{
	struct marks *m = loop_owner(job, struct marks, job);

	m->busy = false;
	if (err != SC_OK || !marks_take(m, m->loaded)) {
		log_event(LOG_ERROR, "keyd.marks_unread", LOG_ERR("err", err), LOG_END);
		marks_day_free(m->loaded);
	}
	m->loaded = NULL;
}

/* Today, and tomorrow before it comes. False: both are there, or cannot be read. */
static bool load(struct marks *m)
{
	const uint64_t today = quota_time(m->clock) / MARKS_DAY_MS;

	for (uint64_t day = today; day <= today + 1; day++) {
		if (marks_find(m, day) != NULL || (m->loaded = marks_day_new(day)) == NULL)
			continue;
		submit(m, run_load, on_loaded);
		return true;
	}
	return false;
}

/* ---- writing --------------------------------------------------------------------------- */

static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	const struct mark_row *r = (const struct mark_row *)arg + i;

	v[0] = store_number(r->of.day);
	v[1] = store_number(r->of.class_id);
	v[2] = store_number(r->of.who);
	v[3] = store_blob(r->values, r->n);
	return r->n > 0;
}

static enum sc_err run_write(struct store_job *job, struct store_tx *tx)
{
	struct marks *m = loop_owner(job, struct marks, job.job);

	return store_ask(tx,
	    &(struct store_batch){ MARK_KEEP, m->n_rows, bind_row, NULL, m->rows });
}

static void on_written(struct inbox_job *job, enum sc_err err)
{
	struct marks *m = loop_owner(job, struct marks, job);

	m->busy = false;
	if (err != SC_OK) {
		/* again at the next tick */
		log_event(LOG_ERROR, "keyd.marks_unwritten", LOG_ERR("err", err), LOG_END);
		return;
	}
	m->n_notes -= m->n_rows;
	memmove(m->notes, m->notes + m->n_rows, m->n_notes * sizeof(*m->notes));
	if (m->n_notes > 0)
		loop_timer_set(m->loop, &m->tick, MARKS_SOON_MS);
}

/* NOTE's person and class as they are now. */
static void fill_row(const struct marks *m, const struct mark_note *note, struct mark_row *r)
{
	const struct marks_day *d = marks_find(m, note->day);
	uint32_t values[MARKS_CLOSED];
	size_t n = d == NULL ? 0 : marks_values(d, marks_key(note->who, note->class_id), values);

	r->of = *note;
	r->n = 4 * n;
	for (size_t i = 0; i < n; i++)
		sc_be32_store(r->values + 4 * i, values[i]);
}

static void write_notes(struct marks *m)
{
	m->n_rows = m->n_notes < MARKS_BITE ? m->n_notes : MARKS_BITE;
	for (size_t i = 0; i < m->n_rows; i++)
		fill_row(m, &m->notes[i], &m->rows[i]);
	submit(m, run_write, on_written);
}

/* ---- dropping old days ----------------------------------------------------------------- */

struct forgetting {
	uint64_t today, horizon;
	uint64_t newest[MARKS_DAYS_KEPT]; /* days that have rows, newest first */
	size_t n;
	uint64_t went;
};

/*
 * A day may go when it is old by the clock, and as many newer ones have rows: the clock
 * alone may be set, and what is dropped does not come back. Days come newest first.
 */
static enum sc_err take_day_row(void *arg, size_t i, const struct store_value *v)
{
	struct forgetting *x = arg;
	uint64_t day = (uint64_t)v[0].number;

	(void)i;
	if (x->n < MARKS_DAYS_KEPT)
		x->newest[x->n++] = day;
	else if (x->horizon == 0 && day + MARKS_DAYS_KEPT <= x->today)
		x->horizon = day + 1;
	return SC_OK;
}

static bool bind_horizon(void *arg, size_t i, struct store_value *v)
{
	const struct forgetting *x = arg;

	(void)i;
	v[0] = store_number(x->horizon);
	v[1] = store_number(FORGET_BITE);
	return true;
}

static enum sc_err count_row(void *arg, size_t i, const struct store_value *v)
{
	(void)i;
	(void)v;
	((struct forgetting *)arg)->went++;
	return SC_OK;
}

static enum sc_err run_forget(struct store_job *job, struct store_tx *tx)
{
	struct marks *m = loop_owner(job, struct marks, job.job);
	struct forgetting x = { .today = quota_time(m->clock) / MARKS_DAY_MS };
	enum sc_err err =
	    store_ask(tx, &(struct store_batch){ MARK_DAYS, 1, NULL, take_day_row, &x });

	if (err == SC_OK && x.horizon != 0)
		err = store_ask(tx,
		    &(struct store_batch){ MARK_FORGET, 1, bind_horizon, count_row, &x });
	m->went = x.went;
	return err;
}

static void on_forgotten(struct inbox_job *job, enum sc_err err)
{
	struct marks *m = loop_owner(job, struct marks, job);

	m->busy = false;
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.marks_undropped", LOG_ERR("err", err), LOG_END);
	/* a whole bite: there is more, in the next idle second */
	if (err != SC_OK || m->went < FORGET_BITE)
		m->forget_at_ms = clock_mono_ms() + FORGET_EACH_MS;
}

static void on_tick(struct loop_timer *t)
{
	struct marks *m = loop_owner(t, struct marks, tick);

	loop_timer_set(m->loop, &m->tick, TICK_MS);
	if (m->busy)
		return;
	if (m->n_notes > 0)
		write_notes(m);
	else if (!load(m) && clock_mono_ms() >= m->forget_at_ms)
		submit(m, run_forget, on_forgotten);
}

/* ---- all of it, at the stop -------------------------------------------------------------- */

struct keeping {
	struct store_job job;
	struct marks *m;
	const struct marks_day *d;
	unsigned level;
	uint8_t page[PAGE_BYTES];
};

/* Page I, unless nothing is in it. */
static bool bind_page(void *arg, size_t i, struct store_value *v)
{
	struct keeping *k = arg;
	const uint64_t *slots = k->d->level[k->level].slots + i * MARKS_PAGE;
	uint64_t any = 0;

	for (unsigned n = 0; n < MARKS_PAGE; n++) {
		any |= slots[n];
		sc_be64_store(k->page + 8 * (size_t)n, slots[n]);
	}
	v[0] = store_number(k->d->day);
	v[1] = store_number(KIND_PAGE + k->level);
	v[2] = store_number(i);
	v[3] = store_blob(k->page, sizeof(k->page));
	return any != 0;
}

static enum sc_err keep_day(struct keeping *k, struct store_tx *tx)
{
	enum sc_err err = SC_OK;

	for (k->level = 0; k->level < MARKS_LEVELS && err == SC_OK; k->level++)
		if (k->d->level[k->level].slots != NULL)
			err = store_ask(tx,
			    &(struct store_batch){ MARK_KEEP,
				MARKS_LEVEL_SLOTS(k->level) / MARKS_PAGE, bind_page, NULL, k });
	return err;
}

static enum sc_err run_keep(struct store_job *job, struct store_tx *tx)
{
	struct keeping *k = loop_owner(job, struct keeping, job);
	enum sc_err err = SC_OK;

	for (unsigned i = 0; i < MARKS_DAYS_MAX && err == SC_OK; i++)
		if ((k->d = k->m->days[i]) != NULL && k->d->changed)
			err = keep_day(k, tx);
	return err;
}

enum sc_err marks_keep(struct marks *m)
{
	struct keeping *k = calloc(1, sizeof(*k));
	enum sc_err err = SC_NOMEM;

	if (k == NULL)
		return err;
	k->job.run = run_keep;
	k->m = m;
	err = store_run(m->inbox->store, &k->job);
	for (unsigned i = 0; i < MARKS_DAYS_MAX && err == SC_OK; i++)
		if (m->days[i] != NULL)
			m->days[i]->changed = false;
	free(k);
	return err;
}

/* ---- life ---- */

enum sc_err marks_start(struct marks *m, struct sc_diag *d)
{
	struct reading r = { .job = { .run = run_read },
		.d = marks_day_new(quota_time(m->clock) / MARKS_DAY_MS) };
	enum sc_err err = r.d == NULL ? SC_NOMEM : store_run(m->inbox->store, &r.job);

	if (err != SC_OK || !marks_take(m, r.d)) {
		sc_diag_set(d, "what was sealed today cannot be counted (%s)", sc_err_name(err));
		marks_day_free(r.d);
		return err;
	}
	loop_timer_set(m->loop, &m->tick, TICK_MS);
	return SC_OK;
}

enum sc_err marks_new(struct loop *l, struct inbox *inbox, const _Atomic uint64_t *clock,
    struct marks **out)
{
	struct marks *m = calloc(1, sizeof(*m));

	*out = NULL;
	if (m == NULL || (m->notes = calloc(MARKS_NOTES_MAX, sizeof(*m->notes))) == NULL) {
		free(m);
		return SC_NOMEM;
	}
	m->loop = l;
	m->inbox = inbox;
	m->clock = clock;
	loop_timer_init(&m->tick, on_tick);
	*out = m;
	return SC_OK;
}

void marks_free(struct marks *m)
{
	if (m == NULL)
		return;
	if (m->loop != NULL)
		loop_timer_clear(m->loop, &m->tick);
	for (unsigned i = 0; i < MARKS_DAYS_MAX; i++)
		marks_day_free(m->days[i]);
	marks_day_free(m->loaded);
	free(m->notes);
	free(m);
}
