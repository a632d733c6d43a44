/*
 * write.c - the way of every write: its job, what the book makes of it, and back.
 *
 *	submit ---> store's thread: job, commit, settle() ---> the worker's loop: done()
 *	under the lock
 */
#include "base/log.h"
#include "gateway/phone/service_private.h"

#include <stdatomic.h>
#include <stdlib.h>

static void on_loop(struct worker_post *p)
{
	struct phone_write *wr = loop_owner(p, struct phone_write, post);

	wr->done(wr, wr->err);
}

/* A broken promise of ours says nothing of the disk; a reader's good answer neither. */
static void judge_store(struct phone_service *s, const struct phone_write *wr)
{
	bool ok = wr->err == SC_OK;

	if (wr->err == SC_SYNTAX || wr->err == SC_BUG || (ok && wr->no_test) ||
	    atomic_exchange(&s->store_ok, ok) == ok)
		return;
	if (ok)
		log_event(LOG_INFO, "phone.store_back", LOG_END);
	else
		log_event(LOG_ERROR, "phone.store_failed", LOG_ERR("err", wr->err), LOG_END);
}

static void on_durable(struct store_job *j, enum sc_err err)
{
	struct phone_write *wr = loop_owner(j, struct phone_write, job);

	wr->err = err;
	judge_store(wr->service, wr);
	if (wr->settle != NULL)
		wr->settle(wr);
	phone_write_over(wr);
}

void phone_write_over(struct phone_write *wr)
{
	if (wr->worker == NULL) {
		wr->done(wr, wr->err);
		return;
	}
	wr->post.on_loop = on_loop;
	worker_post(wr->worker, &wr->post);
}

void phone_write_submit(struct phone_service *s, struct worker *w, struct phone_write *wr)
{
	wr->service = s;
	wr->worker = w;
	wr->job.done = on_durable;
	store_submit(s->store, &wr->job);
}

void phone_write_done_free(struct phone_write *wr, enum sc_err err)
{
	(void)err;
	free(wr);
}
