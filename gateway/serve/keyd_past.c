/*
 * keyd_past.c - what was seen of keyd's log, on disk: a thread writes it.
 */
#include "gateway/serve/keyd_past_int.h"

#include "base/log.h"
#include "crypto/tlog/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME "keyd.seen"
#define AGAIN_S 1 /* the disk refused; an owner's word may have come */

bool keyd_past_keep(struct keyd_past *p, const struct seen_log *s)
{
	struct sc_diag d = { .text = "" };
	struct sc_buf text;
	bool ok;

	sc_buf_init(&text, SEEN_MAX);
	ok = seen_print(s, &text) == SC_OK &&
	    files_replace(p->dirfd, FILE_NAME, sc_buf_span(&text), &d) == SC_OK;
	sc_buf_fini(&text);
	return ok;
}

static void wait_a_while(struct keyd_past *p)
{
	struct timespec due;

	clock_gettime(CLOCK_MONOTONIC, &due);
	due.tv_sec += AGAIN_S;
	if (!p->over)
		pthread_cond_timedwait(&p->news, &p->lock, &due);
}

/* With the lock, which is given up meanwhile. While keyd is refused its word may come. */
static void wait_for_news(struct keyd_past *p)
{
	const enum keyd_anew_state now = p->anew.state;
	struct keyd_anew found;

	if (atomic_load(&p->refused) == 0 && now == KEYD_ANEW_NONE) {
		pthread_cond_wait(&p->news, &p->lock);
		return;
	}
	if (now != KEYD_ANEW_BROUGHT && now != KEYD_ANEW_JUDGED) {
		pthread_mutex_unlock(&p->lock);
		keyd_anew_look(p->dirfd, now, &found);
		pthread_mutex_lock(&p->lock);
		if (p->anew.state == now)
			p->anew = found;
	}
	wait_a_while(p);
}

static void *run(void *arg)
{
	struct keyd_past *p = arg;
	struct seen_log *copy = malloc(sizeof(*copy));
	bool told = false, ok;

	pthread_mutex_lock(&p->lock);
	while (copy != NULL && (!p->over || p->unkept)) {
		if (!p->unkept) {
			wait_for_news(p);
			continue;
		}
		*copy = p->seen;
		p->unkept = false;
		pthread_mutex_unlock(&p->lock);
		ok = keyd_past_keep(p, copy);
		if (!ok && !told)
			log_event(LOG_ERROR, "gateway.keyd_head_not_kept", LOG_END);
		told = !ok;
		pthread_mutex_lock(&p->lock);
		if (ok)
			continue;
		p->unkept = !p->over;
		wait_a_while(p);
	}
	pthread_mutex_unlock(&p->lock);
	free(copy);
	return NULL;
}

/* ---- life ---- */

/* No keyd signs this log's heads before one of its own was kept. */
static void load(struct keyd_past *p)
{
	struct sc_diag d = { .text = "" };
	struct tlog_status log;
	uint8_t *text = malloc(SEEN_MAX);
	size_t n = SEEN_MAX;
	bool found;

	tlog_status(p->shared->log, &log);
	p->forgotten = text == NULL ||
	    files_read(p->dirfd, FILE_NAME, text, &n, &found, &d) != SC_OK ||
	    (found ? seen_parse(sc_span(text, n), &p->seen) != SC_OK : log.signed_size > 0);
	free(text);
	if (p->forgotten)
		p->seen.any = false;
	else if (p->seen.any)
		atomic_store(&p->size, p->seen.head.size);
}

static enum sc_err begin(struct keyd_past *p, const char *dir, struct sc_diag *d)
{
	if ((p->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		sc_diag_set(d, "the log's folder %.150s cannot be opened: %s", dir,
		    strerror(errno));
		return SC_IO;
	}
	load(p);
	p->running = pthread_create(&p->thread, NULL, run, p) == 0;
	return p->running ? SC_OK : SC_IO;
}

enum sc_err keyd_past_new(const char *dir, struct worker_shared *shared, struct sc_diag *d,
    struct keyd_past **out)
{
	struct keyd_past *p = calloc(1, sizeof(*p));
	pthread_condattr_t attr;
	enum sc_err err;

	*out = NULL;
	if (p == NULL)
		return SC_NOMEM;
	p->shared = shared;
	p->dirfd = -1;
	p->told = SEEN_WELL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->news, &attr);
	pthread_condattr_destroy(&attr);
	if ((err = begin(p, dir, d)) == SC_OK) {
		*out = p;
		p = NULL;
	}
	keyd_past_free(p);
	return err;
}

void keyd_past_free(struct keyd_past *p)
{
	if (p == NULL)
		return;
	if (p->running) {
		pthread_mutex_lock(&p->lock);
		p->over = true;
		pthread_cond_signal(&p->news);
		pthread_mutex_unlock(&p->lock);
		pthread_join(p->thread, NULL);
	}
	pthread_cond_destroy(&p->news);
	pthread_mutex_destroy(&p->lock);
	if (p->dirfd >= 0)
		close(p->dirfd);
	free(p);
}

enum sc_err keyd_past_print(struct keyd_past *p, struct sc_buf *out)
{
	if (p == NULL)
		return SC_OK;
	return sc_buf_printf(out,
	    "# HELP scrim_keyd_log_seen Entries under the newest head that keyd's log showed.\n"
	    "# TYPE scrim_keyd_log_seen gauge\n"
	    "scrim_keyd_log_seen %llu\n"
	    "# HELP scrim_keyd_log_refused 1 while keyd's log does not extend that head.\n"
	    "# TYPE scrim_keyd_log_refused gauge\n"
	    "scrim_keyd_log_refused %d\n",
	    (unsigned long long)atomic_load(&p->size), atomic_load(&p->refused) != 0);
}
