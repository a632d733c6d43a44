/*
 * say.c - words of consent, links and erasures: into the registry, then to analytics.
 *
 *	the registry's image and its job ---> store's thread: settled ---> spool ---> done()
 *	with the lock                         with the lock
 *
 * A back end's word is told analytics when the registry has it on disk, never before: a
 * grant that is nowhere would be believed there. What closes is told at once.
 */
#include "gateway/collect/service_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- a no, and links: kept while a batch waits for them ------------------------- */

struct say_word_write {
	struct consents_write write;
	struct collect_service *service;
	struct collect_wait *wait;
};

static void on_word_kept(struct store_job *j, enum sc_err err)
{
	struct say_word_write *w =
	    loop_owner(loop_owner(j, struct consents_write, job), struct say_word_write, write);
	struct collect_service *s = w->service;

	pthread_mutex_lock(&s->lock);
	consents_settled(s->consents, &w->write, err);
	flow_over(w->wait, err == SC_OK ? SC_OK : SC_IO);
	pthread_mutex_unlock(&s->lock);
	free(w);
}

enum sc_err say_word(struct collect_service *s, const struct collect_handle *who,
    struct feed_consent *word, struct collect_wait *wait)
{
	static const struct sc_name page = { "page" }, back_end = { "back-end" },
				    withdrawal = { "withdrawal" };
	struct say_word_write *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return SC_NOMEM;
	word->who = who->pseudonym;
	w->service = s;
	w->wait = wait;
	w->write.said = (struct consent_said){ .who = *who,
		.word = *word,
		.source = word->verified ? back_end : page,
		.method = withdrawal,
		.said_ms = word->at_ms };
	w->write.job.done = on_word_kept;
	consents_say(s->consents, &w->write);
	*word = w->write.said.word;
	/* one that only memory keeps needs no disk */
	if (w->write.job.run == NULL) {
		free(w);
		return SC_OK;
	}
	wait->left++;
	store_submit(s->store, &w->write.job);
	return SC_OK;
}

struct say_link_write {
	struct consents_link_write write;
	struct collect_service *service;
	struct collect_wait *wait;
};

static void on_link_kept(struct store_job *j, enum sc_err err)
{
	struct say_link_write *w = loop_owner(loop_owner(j, struct consents_link_write, job),
	    struct say_link_write, write);
	struct collect_service *s = w->service;

	pthread_mutex_lock(&s->lock);
	consents_link_settled(s->consents, &w->write, err);
	flow_over(w->wait, err == SC_OK ? SC_OK : SC_IO);
	pthread_mutex_unlock(&s->lock);
	free(w);
}

enum sc_err say_link(struct collect_service *s, const struct collect_handle *device,
    const struct collect_handle *person, struct feed_link *link, bool *news,
    struct collect_wait *wait)
{
	struct say_link_write *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return SC_NOMEM;
	link->device = device->pseudonym;
	link->person = person->pseudonym;
	w->service = s;
	w->wait = wait;
	w->write.device = *device;
	w->write.person = *person;
	w->write.link = *link;
	w->write.job.done = on_link_kept;
	consents_link(s->consents, &w->write);
	*link = w->write.link;
	/* what is linked already, and on disk, is no news */
	*news = w->write.job.run != NULL;
	if (!*news) {
		free(w);
		return SC_OK;
	}
	wait->left++;
	store_submit(s->store, &w->write.job);
	return SC_OK;
}

/* ---- a back end's word ------------------------------------------------------------------- */

/* Frame F, when the registry has what it tells, and then the spool. With the lock. */
static void tell(struct collect_service *s, struct collect_wait *wait, enum sc_err err,
    const struct feed_frame *f)
{
	if (err == SC_OK && (err = flow_put(s, f, 1)) == SC_OK)
		flow_wait(s, wait);
	flow_over(wait, err);
}

static void on_said_loop(struct worker_post *p)
{
	struct collect_said *said = loop_owner(p, struct collect_said, post);

	said->done(said, said->err);
}

static void on_said_over(struct collect_wait *w, enum sc_err err)
{
	struct collect_said *said = loop_owner(w, struct collect_said, wait);

	said->err = err;
	said->post.on_loop = on_said_loop;
	worker_post(said->worker, &said->post);
}

static void on_said_kept(struct store_job *j, enum sc_err err)
{
	struct collect_said *said =
	    loop_owner(loop_owner(j, struct consents_write, job), struct collect_said, write);
	struct collect_service *s = said->service;
	struct feed_frame f = { .type = FEED_CONSENT };

	pthread_mutex_lock(&s->lock);
	consents_settled(s->consents, &said->write, err);
	f.u.consent = said->write.said.word;
	f.u.consent.who = said->write.said.who.pseudonym;
	tell(s, &said->wait, err, &f);
	pthread_mutex_unlock(&s->lock);
}

enum sc_err collect_say(struct collect_service *s, struct worker *w, struct collect_said *said)
{
	said->service = s;
	said->worker = w;
	said->wait = (struct collect_wait){ .over = on_said_over, .left = 1 };
	said->write.job.done = on_said_kept;
	pthread_mutex_lock(&s->lock);
	consents_say(s->consents, &said->write);
	store_submit(s->store, &said->write.job);
	pthread_mutex_unlock(&s->lock);
	return SC_OK;
}

/* ---- an erasure ---------------------------------------------------------------------------- */

static void on_erased_loop(struct worker_post *p)
{
	struct collect_erasing *e = loop_owner(p, struct collect_erasing, post);

	e->done(e, e->err);
}

static void on_erased_over(struct collect_wait *w, enum sc_err err)
{
	struct collect_erasing *e = loop_owner(w, struct collect_erasing, wait);

	e->err = err;
	e->post.on_loop = on_erased_loop;
	worker_post(e->worker, &e->post);
}

static void on_forgotten(struct store_job *j, enum sc_err err)
{
	struct collect_erasing *e = loop_owner(loop_owner(j, struct consents_erase_write, job),
	    struct collect_erasing, write);
	struct collect_service *s = e->service;
	const struct feed_frame f = { .type = FEED_ERASE,
		.u.erase = { e->write.person.pseudonym, FEED_PERSON } };

	pthread_mutex_lock(&s->lock);
	tell(s, &e->wait, err, &f);
	pthread_mutex_unlock(&s->lock);
}

enum sc_err collect_erase(struct collect_service *s, struct worker *w, struct collect_erasing *e)
{
	e->service = s;
	e->worker = w;
	e->wait = (struct collect_wait){ .over = on_erased_over, .left = 1 };
	e->write.job.done = on_forgotten;
	pthread_mutex_lock(&s->lock);
	known_clear(s->known);
	consents_erase(s->consents, &e->write);
	store_submit(s->store, &e->write.job);
	pthread_mutex_unlock(&s->lock);
	return SC_OK;
}
