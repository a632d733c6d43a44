/*
 * own_log.c - appending, and waiting for the disk.
 */
#include "analytics/queryd/own_log.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PATIENCE_S 20 /* a disk that takes longer is one that does not answer */

struct own_log {
	struct tlog *log;
	const struct sc_name *tenant;
	pthread_mutex_t lock;
	pthread_cond_t more; /* is on the disk, or never will be */
};

/* On the log's own thread. */
static void on_durable(void *arg)
{
	struct own_log *l = arg;

	pthread_mutex_lock(&l->lock);
	pthread_cond_broadcast(&l->more);
	pthread_mutex_unlock(&l->lock);
}

enum sc_err own_log_open(const char *dir, const struct sc_name *tenant, struct sc_diag *d,
    struct own_log **out)
{
	char origin[SC_NAME_MAX + 16];
	const struct tlog_options o = { .dir = dir, .origin = origin };
	struct own_log *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;
	enum sc_err err;

	*out = NULL;
	if (l == NULL)
		return SC_NOMEM;
	l->tenant = tenant;
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->more, &attr);
	pthread_condattr_destroy(&attr);
	snprintf(origin, sizeof(origin), "%s/queryd", tenant->s);
	if ((err = tlog_open(&o, d, &l->log)) == SC_OK &&
	    (err = tlog_on_durable(l->log, on_durable, l)) == SC_OK) {
		*out = l;
		return SC_OK;
	}
	own_log_close(l);
	return err;
}

void own_log_close(struct own_log *l)
{
	if (l == NULL)
		return;
	tlog_close(l->log);
	pthread_cond_destroy(&l->more);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static enum sc_err append(struct own_log *l, struct audit_record *r, bool urgent, uint64_t *index)
{
	struct sc_buf line;
	enum sc_err err;

	*index = 0;
	r->asking.tenant = l->tenant;
	sc_buf_init(&line, AUDIT_RECORD_MAX);
	if ((err = audit_record_print(r, &line)) == SC_OK)
		err = tlog_append(l->log, sc_buf_span(&line), urgent, index);
	sc_buf_fini(&line);
	return err;
}

enum sc_err own_log_append(struct own_log *l, struct audit_record *r, uint64_t *index)
{
	return append(l, r, false, index);
}

enum sc_err own_log_commit(struct own_log *l, struct audit_record *r, uint64_t *index)
{
	enum sc_err err = append(l, r, true, index);
	struct timespec until;

	if (err != SC_OK)
		return err;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&l->lock);
	while (tlog_durable(l->log) <= *index && !tlog_failed(l->log) && err == SC_OK)
		if (pthread_cond_timedwait(&l->more, &l->lock, &until) == ETIMEDOUT)
			err = SC_IO;
	pthread_mutex_unlock(&l->lock);
	return tlog_durable(l->log) > *index ? SC_OK : SC_IO;
}

void own_log_note(struct own_log *l, enum audit_kind kind, const char *act)
{
	struct audit_record r;
	uint64_t index;

	audit_record_init(&r, kind);
	r.act = act;
	r.outcome = AUDIT_OK;
	if (append(l, &r, true, &index) != SC_OK)
		log_event(LOG_ERROR, "queryd.record_lost", LOG_END);
}

void own_log_status(struct own_log *l, struct tlog_status *out)
{
	tlog_status(l->log, out);
}
