/*
 * releases.c - looking at the folder, again and again.
 */
#include "analytics/queryd/releases.h"

#include "analytics/query/receipt.h"
#include "base/grow.h"
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PATH_BYTES 2048
#define LOOK_S 1

static const char *const marked[] = { SHELF_DB, SHELF_MANIFEST, SHELF_ENTRY, SHELF_RECEIPT };
#define MARKED (sizeof(marked) / sizeof(marked[0]))

struct release_mark {
	struct {
		dev_t device;
		ino_t inode;
		off_t bytes;
		struct timespec written, changed; /* nobody sets the second one back */
	} files[MARKED];                          /* all zero: it is not there */
};

/* All that were seen, as they were then; never changed once others can see it. */
struct shelf_look {
	struct served_release **v;
	size_t n, room;
	bool readable, no_memory;
};

struct releases {
	const char *root, *vkey;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool stopping;
	struct shelf_look now;
};

/* ---- one release ------------------------------------------------------------------------- */

static void mark_folder(const char *folder, struct release_mark *m)
{
	char path[PATH_BYTES];
	struct stat st;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < MARKED; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, marked[i]);
		if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		m->files[i].device = st.st_dev;
		m->files[i].inode = st.st_ino;
		m->files[i].bytes = st.st_size;
		m->files[i].written = st.st_mtim;
		m->files[i].changed = st.st_ctim;
	}
}

static bool same_mark(const struct release_mark *a, const struct release_mark *b)
{
	for (size_t i = 0; i < MARKED; i++)
		if (a->files[i].device != b->files[i].device ||
		    a->files[i].inode != b->files[i].inode ||
		    a->files[i].bytes != b->files[i].bytes ||
		    a->files[i].written.tv_sec != b->files[i].written.tv_sec ||
		    a->files[i].written.tv_nsec != b->files[i].written.tv_nsec ||
		    a->files[i].changed.tv_sec != b->files[i].changed.tv_sec ||
		    a->files[i].changed.tv_nsec != b->files[i].changed.tv_nsec)
			return false;
	return true;
}

bool release_is_same(const struct served_release *s)
{
	struct release_mark now;

	mark_folder(s->release.folder, &now);
	return same_mark(s->mark, &now);
}

void release_let_go(struct served_release *s)
{
	if (s == NULL || atomic_fetch_sub(&s->holds, 1) != 1)
		return;
	shelf_release_fini(&s->release);
	free(s->mark);
	free(s);
}

/* Its names must be those of its place: nothing is served under another's name. */
static bool is_in_place(const struct served_release *s)
{
	const struct shelf_manifest *m = &s->release.manifest;

	return strcmp(m->dataset.s, s->dataset) == 0 && m->number == s->number;
}

static void judge(const struct releases *r, struct served_release *s, const char *folder)
{
	struct sc_diag d = { .text = "" };
	struct sc_name dataset = { "" };
	enum sc_err err = shelf_release_open(folder, &d, &s->release);

	if (err == SC_OK && !is_in_place(s))
		err = SC_CORRUPT;
	if (err == SC_OK)
		err = receipt_check(&s->release, r->vkey, &d);
	s->good = err == SC_OK && release_is_same(s);
	/* changed while it was looked at, or no memory: again at the next look */
	if (!s->good && (err == SC_OK || err == SC_NOMEM))
		memset(s->mark, 0, sizeof(*s->mark));
	if (sc_name_parse(sc_span_str(s->dataset), &dataset) != SC_OK)
		s->good = false;
	log_event(s->good ? LOG_INFO : LOG_ERROR, "queryd.release_looked_at",
	    LOG_NAME("dataset", &dataset), LOG_U64("number", s->number), LOG_U64("served", s->good),
	    LOG_ERR("err", err), LOG_END);
}

/* ---- all of them ------------------------------------------------------------------------- */

static struct served_release *find(const struct shelf_look *l, const char *dataset, uint64_t number)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->number == number && strcmp(l->v[i]->dataset, dataset) == 0)
			return l->v[i];
	return NULL;
}

static bool add(struct shelf_look *l, struct served_release *s)
{
	if (l->n == l->room) {
		const size_t room = sc_grown(l->room);
		struct served_release **v = realloc(l->v, room * sizeof(*v));

		if (v == NULL)
			return false;
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = s;
	return true;
}

static struct served_release *look_at(const struct releases *r, const char *dataset,
    uint64_t number, const char *folder, const struct release_mark *mark)
{
	struct served_release *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->mark = malloc(sizeof(*s->mark))) == NULL) {
		free(s);
		return NULL;
	}
	atomic_init(&s->holds, 1);
	snprintf(s->dataset, sizeof(s->dataset), "%s", dataset);
	s->number = number;
	*s->mark = *mark;
	judge(r, s, folder);
	return s;
}

struct looking {
	struct releases *r;
	struct shelf_look *next;
	const char *dataset;
	struct sc_diag *d;
};

/* Only this thread changes r->now, so that it may be read without the lock here. */
static void on_number(void *arg, uint64_t number)
{
	struct looking *k = arg;
	struct served_release *s = find(&k->r->now, k->dataset, number);
	struct release_mark mark;
	char folder[PATH_BYTES];

	if (k->next->no_memory ||
	    shelf_path(k->r->root, k->dataset, number, folder, sizeof(folder)) != SC_OK)
		return;
	mark_folder(folder, &mark);
	if (s != NULL && same_mark(s->mark, &mark))
		atomic_fetch_add(&s->holds, 1);
	else
		s = look_at(k->r, k->dataset, number, folder, &mark);
	if (s == NULL || !add(k->next, s)) {
		release_let_go(s);
		k->next->no_memory = true;
	}
}

static void on_dataset(void *arg, const char *dataset)
{
	struct looking *k = arg;

	if (strlen(dataset) > SC_NAME_MAX)
		return;
	k->dataset = dataset;
	if (shelf_numbers(k->r->root, dataset, on_number, k, k->d) != SC_OK)
		k->next->readable = false;
}

static void look_fini(struct shelf_look *l)
{
	for (size_t i = 0; i < l->n; i++)
		release_let_go(l->v[i]);
	free(l->v);
}

/*
 * What could not be looked at is served no longer, but for want of memory. A shelf that is not
 * there has no release, which is well for others; who serves one was given it.
 */
static void look(struct releases *r, struct sc_diag *d)
{
	struct shelf_look next = { .readable = true }, old;
	struct looking k = { .r = r, .next = &next, .d = d };
	struct stat st;

	if (stat(r->root, &st) != 0 || shelf_datasets(r->root, on_dataset, &k, d) != SC_OK)
		next.readable = false;
	if (next.no_memory) {
		look_fini(&next);
		return;
	}
	pthread_mutex_lock(&r->lock);
	old = r->now;
	r->now = next;
	pthread_mutex_unlock(&r->lock);
	look_fini(&old);
}

static void *keep_looking(void *arg)
{
	struct releases *r = arg;
	struct sc_diag d;
	struct timespec at;

	pthread_mutex_lock(&r->lock);
	while (!r->stopping) {
		clock_gettime(CLOCK_MONOTONIC, &at);
		at.tv_sec += LOOK_S;
		pthread_cond_timedwait(&r->stop, &r->lock, &at);
		if (r->stopping)
			break;
		pthread_mutex_unlock(&r->lock);
		look(r, &d);
		pthread_mutex_lock(&r->lock);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

enum sc_err releases_open(const char *root, const char *vkey, struct sc_diag *d,
    struct releases **out)
{
	struct releases *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	*out = NULL;
	if (r == NULL)
		return SC_NOMEM;
	r->root = root;
	r->vkey = vkey;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->stop, &attr);
	pthread_condattr_destroy(&attr);
	look(r, d);
	if (!r->now.readable) {
		releases_close(r);
		return SC_IO;
	}
	*out = r;
	r->running = pthread_create(&r->thread, NULL, keep_looking, r) == 0;
	return r->running ? SC_OK : SC_IO;
}

void releases_close(struct releases *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->stop);
	pthread_mutex_unlock(&r->lock);
	if (r->running)
		pthread_join(r->thread, NULL);
	look_fini(&r->now);
	pthread_cond_destroy(&r->stop);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* ---- asking ------------------------------------------------------------------------------ */

struct served_release *releases_hold(struct releases *r, const char *dataset, uint64_t number)
{
	struct served_release *best = NULL;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < r->now.n; i++) {
		struct served_release *s = r->now.v[i];

		if (s->good && strcmp(s->dataset, dataset) == 0 &&
		    (number == 0 ? best == NULL || s->number > best->number : s->number == number))
			best = s;
	}
	if (best != NULL)
		atomic_fetch_add(&best->holds, 1);
	pthread_mutex_unlock(&r->lock);
	return best;
}

void releases_each(struct releases *r, release_fn *fn, void *arg)
{
	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < r->now.n; i++)
		if (r->now.v[i]->good)
			fn(arg, r->now.v[i]);
	pthread_mutex_unlock(&r->lock);
}

void releases_state(struct releases *r, struct releases_state *out)
{
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < r->now.n; i++)
		*(r->now.v[i]->good ? &out->served : &out->refused) += 1;
	out->readable = r->now.readable;
	pthread_mutex_unlock(&r->lock);
}
