/*
 * backup_tell.c - a look at the rows of backups and drills, a record of each that is new, and
 * a mark on its row.
 *
 *	look (store) > records (loop) > marks (store) > rest a minute
 *
 * Killed between record and mark, keyd tells of it again: twice is better than never.
 */
#include "crypto/keyd/backup_tell.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>

#define REST_MS 60000
#define AT_ONCE 32

/* What leaves rows. */
static const struct told_kind {
	enum keyd_statement all, tell;
	unsigned told; /* column */
	const char *act;
} kinds[] = {
	{ BACKUP_ALL, BACKUP_TELL, 4, "keys.backup" },
	{ DRILL_ALL, DRILL_TELL, 3, "keys.drill" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct backup_tell {
	struct inbox_job job;
	struct loop *loop;
	struct inbox *inbox;
	struct keylog *keylog;
	struct loop_timer rest;
	bool busy, looked;
	struct told_rows {
		const struct told_kind *kind;
		uint64_t all, newest_ms;
		size_t n, told;
		uint64_t at[AT_ONCE]; /* rows' keys; more wait for the next look */
	} rows[KINDS], seen[KINDS];   /* of the job; those of the last that was over */
};

/* ---- on the store's thread ---- */

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct told_rows *r = arg;

	(void)i;
	r->all++;
	r->newest_ms = (uint64_t)v[0].number;
	if (v[r->kind->told].number == 0 && r->n < AT_ONCE)
		r->at[r->n++] = (uint64_t)v[0].number;
	return SC_OK;
}

static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	const struct told_rows *r = arg;

	v[0] = store_number(r->at[i]);
	return true;
}

static enum sc_err run_look(struct store_job *j, struct store_tx *tx)
{
	struct backup_tell *t = loop_owner(j, struct backup_tell, job.job);
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < KINDS && err == SC_OK; i++) {
		t->rows[i] = (struct told_rows){ .kind = &kinds[i] };
		err = store_ask(tx,
		    &(struct store_batch){ kinds[i].all, 1, NULL, take_row, &t->rows[i] });
	}
	return err;
}

static enum sc_err run_mark(struct store_job *j, struct store_tx *tx)
{
	struct backup_tell *t = loop_owner(j, struct backup_tell, job.job);
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < KINDS && err == SC_OK; i++) {
		struct told_rows *r = &t->rows[i];

		err = store_ask(tx,
		    &(struct store_batch){ r->kind->tell, r->told, bind_row, NULL, r });
	}
	return err;
}

/* ---- on the loop's ---- */

static void submit(struct backup_tell *t, enum sc_err (*run)(struct store_job *, struct store_tx *),
    void (*on_loop)(struct inbox_job *, enum sc_err err))
{
	t->busy = true;
	t->job = (struct inbox_job){ .job = { .run = run }, .on_loop = on_loop };
	inbox_submit(t->inbox, &t->job);
}

static void say(enum sc_err err)
{
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.backup_untold", LOG_ERR("err", err), LOG_END);
}

static void on_marked(struct inbox_job *job, enum sc_err err)
{
	struct backup_tell *t = loop_owner(job, struct backup_tell, job);

	t->busy = false;
	say(err);
	loop_timer_set(t->loop, &t->rest, REST_MS);
}

static void on_looked(struct inbox_job *job, enum sc_err err)
{
	struct backup_tell *t = loop_owner(job, struct backup_tell, job);
	size_t told = 0;

	t->busy = false;
	for (size_t i = 0; i < KINDS && err == SC_OK; i++) {
		struct told_rows *r = &t->rows[i];

		t->seen[i] = *r;
		t->looked = true;
		while (r->told < r->n &&
		    (err = keylog_event(t->keylog, AUDIT_ADMIN, r->kind->act, AUDIT_OK)) == SC_OK)
			r->told++;
		told += r->told;
	}
	say(err);
	if (told > 0)
		submit(t, run_mark, on_marked);
	else
		loop_timer_set(t->loop, &t->rest, REST_MS);
}

static void on_rest(struct loop_timer *timer)
{
	submit(loop_owner(timer, struct backup_tell, rest), run_look, on_looked);
}

/* ---- what there is ---- */

static void put_age(struct jsonw *w, const char *name, const struct told_rows *r)
{
	const uint64_t now = clock_unix_ms();

	if (r->all > 0)
		jsonw_ku64(w, name, now > r->newest_ms ? (now - r->newest_ms) / 1000 : 0);
}

void backup_tell_print(struct jsonw *w, const struct backup_tell *t)
{
	if (t == NULL || !t->looked)
		return;
	jsonw_key(w, "backups");
	jsonw_object(w);
	jsonw_ku64(w, "taken", t->seen[0].all);
	put_age(w, "newest_age_s", &t->seen[0]);
	jsonw_ku64(w, "drills", t->seen[1].all);
	put_age(w, "drill_age_s", &t->seen[1]);
	jsonw_object_end(w);
}

/* ---- life ---- */

enum sc_err backup_tell_new(struct loop *l, struct inbox *inbox, struct keylog *kl,
    struct backup_tell **out)
{
	struct backup_tell *t = calloc(1, sizeof(*t));

	*out = t;
	if (t == NULL)
		return SC_NOMEM;
	t->loop = l;
	t->inbox = inbox;
	t->keylog = kl;
	loop_timer_init(&t->rest, on_rest);
	return SC_OK;
}

void backup_tell_begin(struct backup_tell *t)
{
	submit(t, run_look, on_looked);
}

void backup_tell_free(struct backup_tell *t)
{
	if (t == NULL)
		return;
	loop_timer_clear(t->loop, &t->rest);
	free(t);
}

bool backup_tell_busy(const struct backup_tell *t)
{
	return t->busy;
}
