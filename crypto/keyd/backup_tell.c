/*
 * backup_tell.c - a look at the rows of backups, a record of each that is new, and a mark on
 * its row.
 *
 *	look (store) > records (loop) > marks (store) > rest a minute
 *
 * Killed between record and mark, keyd tells of it again: twice is better than never.
 */
#include "crypto/keyd/backup_tell.h"

#include "base/log.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>

#define REST_MS 60000
#define AT_ONCE 32

struct backup_tell {
	struct inbox_job job;
	struct loop *loop;
	struct inbox *inbox;
	struct keylog *keylog;
	struct loop_timer rest;
	bool busy;
	size_t n;
	uint64_t at[AT_ONCE]; /* rows' keys; more wait for the next look */
};

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct backup_tell *t = arg;

	(void)i;
	if (v[4].number == 0 && t->n < AT_ONCE)
		t->at[t->n++] = (uint64_t)v[0].number;
	return SC_OK;
}

static bool bind_row(void *arg, size_t i, struct store_value *v)
{
	const struct backup_tell *t = arg;

	v[0] = store_number(t->at[i]);
	return true;
}

static void submit(struct backup_tell *t, const struct store_batch *ask,
    void (*on_loop)(struct inbox_job *, enum sc_err err))
{
	t->busy = true;
	t->job = (struct inbox_job){ .job = { .ask = *ask }, .on_loop = on_loop };
	inbox_submit(t->inbox, &t->job);
}

static void on_marked(struct inbox_job *job, enum sc_err err)
{
	struct backup_tell *t = loop_owner(job, struct backup_tell, job);

	t->busy = false;
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.backup_untold", LOG_ERR("err", err), LOG_END);
	loop_timer_set(t->loop, &t->rest, REST_MS);
}

static void on_looked(struct inbox_job *job, enum sc_err err)
{
	struct backup_tell *t = loop_owner(job, struct backup_tell, job);
	size_t told = 0;

	t->busy = false;
	while (err == SC_OK && told < t->n &&
	    (err = keylog_event(t->keylog, AUDIT_ADMIN, "keys.backup", AUDIT_OK)) == SC_OK)
		told++;
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.backup_untold", LOG_ERR("err", err), LOG_END);
	if (told == 0) {
		loop_timer_set(t->loop, &t->rest, REST_MS);
		return;
	}
	submit(t, &(struct store_batch){ BACKUP_TELL, told, bind_row, NULL, t }, on_marked);
}

static void look(struct backup_tell *t)
{
	t->n = 0;
	submit(t, &(struct store_batch){ BACKUP_ALL, 1, NULL, take_row, t }, on_looked);
}

static void on_rest(struct loop_timer *timer)
{
	look(loop_owner(timer, struct backup_tell, rest));
}

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
	look(t);
	return SC_OK;
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
