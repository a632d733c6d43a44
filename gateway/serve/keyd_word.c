/*
 * keyd_word.c - the way out where keyd's log is lost: an owner's word is judged and recorded, then
 * what was seen of that log is forgotten. The next proof is asked within a second.
 */
#include "gateway/serve/keyd_past_int.h"

#include "base/log.h"
#include "gateway/serve/access_log.h"

#include <stdatomic.h>

static void on_anew(struct durable_wait *wait, bool ok)
{
	struct keyd_check *c = loop_owner(wait, struct keyd_check, wait);
	struct keyd_past *p = c->past;

	pthread_mutex_lock(&p->lock);
	p->anew.state = ok ? KEYD_ANEW_TAKEN : KEYD_ANEW_BROUGHT;
	if (ok) {
		p->seen.any = p->forgotten = false;
		atomic_store(&p->size, 0);
		p->times++;
		pthread_cond_signal(&p->news);
	}
	pthread_mutex_unlock(&p->lock);
	if (!ok)
		return;
	log_event(LOG_WARN, "gateway.keyd_anew", LOG_NAME("signed_by", &c->word.principal),
	    LOG_END);
}

/*
 * Who says so and why, and what was seen until now: durable before that is forgotten. WHY NOT: the
 * word is not good, which waits for nothing; NULL: it is.
 */
static bool record_anew(struct keyd_check *c, const char *why_not)
{
	const struct config *config = c->worker->current->config;
	struct keyd_past *p = c->past;
	struct note_head head;
	struct audit_record r;
	uint64_t index;

	audit_record_init(&r, AUDIT_ADMIN);
	r.act = "keyd.start_anew";
	if (why_not == NULL) {
		r.asking = c->word.asking;
		r.auth = AUDIT_AUTH_SIGNED;
	}
	r.asking.tenant = &config->tenant;
	r.asking.policy_hash = config->policy_hash;
	r.outcome = why_not == NULL ? AUDIT_OK : AUDIT_REFUSED;
	r.why = why_not;
	pthread_mutex_lock(&p->lock);
	head = p->seen.head;
	if (p->seen.any) {
		r.head_origin = head.origin;
		r.head_size = head.size;
		r.head_root = head.root;
	}
	pthread_mutex_unlock(&p->lock);
	if (access_log_append(p->shared, &r, true, &index) != SC_OK)
		return false;
	if (why_not != NULL)
		return true;
	c->wait.on_durable = on_anew;
	worker_wait_durable(c->worker, &c->wait, index);
	return true;
}

void keyd_check_word(struct keyd_check *c)
{
	struct keyd_past *p = c->past;
	const char *why = NULL;
	bool brought;

	pthread_mutex_lock(&p->lock);
	if ((brought = p->anew.state == KEYD_ANEW_BROUGHT)) {
		why = keyd_anew_judge(&p->anew, c->worker->current->config,
		    p->seen.any ? &p->seen : NULL, p->shown, &c->word);
		p->anew.state = why == NULL ? KEYD_ANEW_JUDGED : KEYD_ANEW_REFUSED;
	}
	pthread_mutex_unlock(&p->lock);
	if (brought && !record_anew(c, why) && why == NULL)
		on_anew(&c->wait, false);
	if (why != NULL)
		log_event(LOG_ERROR, "gateway.keyd_anew_refused",
		    LOG_STR("do", "see the newest keyd.start_anew of the access log"), LOG_END);
}
