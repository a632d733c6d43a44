/*
 * read.c - the whole log, frame by frame, while it goes on growing: a list of segments and
 * lengths is taken under the lock, and then read by descriptors of its own.
 */
#include "analytics/log/log_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TELL_EVERY 65536 /* frames */

struct log_reading {
	event_log_each_fn *each;
	void *arg;
	event_log_tell_fn *tell;
	void *tell_arg;
	uint64_t done, total;
};

static enum sc_err pass_on(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place)
{
	struct log_reading *r = arg;

	(void)raw;
	(void)place;
	if (f->type == FEED_COMMIT)
		return SC_OK;
	if (r->tell != NULL && ++r->done % TELL_EVERY == 0)
		r->tell(r->tell_arg, r->done, r->total);
	return r->each(r->arg, f);
}

/* Copies of the segments there are; the last one may be the active one, as long as it is now. */
static struct log_segment *list(struct event_log *l, bool cut, size_t *n)
{
	struct log_segment *v;

	pthread_mutex_lock(&l->lock);
	*n = cut ? l->cut : l->n_closed;
	if ((v = calloc(*n + 1, sizeof(*v))) != NULL) {
		if (*n > 0)
			memcpy(v, l->closed, *n * sizeof(*v));
		if (!cut)
			v[(*n)++] = l->active.s;
	}
	pthread_mutex_unlock(&l->lock);
	return v;
}

static enum sc_err read_some(struct event_log *l, bool cut, struct log_reading *r)
{
	enum sc_err err = SC_OK;
	struct log_segment *v;
	size_t n;

	if ((v = list(l, cut, &n)) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n; i++)
		r->total += v[i].kept;
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = segment_read(l->dirfd, v[i].number, v[i].frames, pass_on, r, NULL);
	if (err == SC_OK && r->tell != NULL)
		r->tell(r->tell_arg, r->total, r->total);
	free(v);
	return err;
}

enum sc_err event_log_read(struct event_log *l, event_log_each_fn *each, void *arg,
    event_log_tell_fn *tell, void *tell_arg)
{
	struct log_reading r = { .each = each, .arg = arg, .tell = tell, .tell_arg = tell_arg };

	return read_some(l, false, &r);
}

enum sc_err event_log_read_cut(struct event_log *l, event_log_each_fn *each, void *arg,
    event_log_tell_fn *tell, void *tell_arg)
{
	struct log_reading r = { .each = each, .arg = arg, .tell = tell, .tell_arg = tell_arg };

	return read_some(l, true, &r);
}

enum sc_err event_log_cut(struct event_log *l)
{
	enum sc_err err;

	pthread_mutex_lock(&l->lock);
	err = log_active_close(l, l->active.s.day);
	if (err == SC_OK)
		l->cut = l->n_closed;
	pthread_mutex_unlock(&l->lock);
	return err;
}

/* ---- behind the cut -------------------------------------------------------------------- */

struct event_log_place event_log_here(struct event_log *l)
{
	struct event_log_place here;

	pthread_mutex_lock(&l->lock);
	here = (struct event_log_place){ l->n_closed - l->cut, l->active.s.frames };
	pthread_mutex_unlock(&l->lock);
	return here;
}

/* Number and length of segment I behind the cut; false: there is none. */
static bool segment_behind(struct event_log *l, size_t i, uint32_t *number, uint32_t *frames)
{
	const struct log_segment *s = NULL;

	pthread_mutex_lock(&l->lock);
	if (l->cut + i < l->n_closed)
		s = &l->closed[l->cut + i];
	else if (l->cut + i == l->n_closed)
		s = &l->active.s;
	if (s != NULL) {
		*number = s->number;
		*frames = s->frames;
	}
	pthread_mutex_unlock(&l->lock);
	return s != NULL;
}

enum sc_err event_log_read_between(struct event_log *l, struct event_log_place from,
    struct event_log_place to, event_log_each_fn *each, void *arg)
{
	struct log_reading r = { .each = each, .arg = arg };
	enum sc_err err = SC_OK;
	uint32_t number, frames;

	for (size_t i = from.segment; i <= to.segment && err == SC_OK; i++) {
		if (!segment_behind(l, i, &number, &frames))
			return SC_STALE;
		if (i == to.segment && to.frame < frames)
			frames = to.frame;
		err = segment_read_from(l->dirfd, number, i == from.segment ? from.frame : 0,
		    frames, pass_on, &r);
	}
	return err;
}

/* ---- checking ---------------------------------------------------------------------------- */

struct log_checking {
	const struct log_segment *s;
	struct log_segment found;
	size_t ids;
	bool ok;
};

static bool is_there(void *arg, uint32_t place)
{
	uint32_t *wanted = arg;

	if (place != *wanted)
		return true;
	*wanted = UINT32_MAX;
	return false;
}

/* Count it again, and find it by its id. */
static enum sc_err check_frame(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place)
{
	struct log_checking *c = arg;
	const uint64_t id = segment_id_of(f);
	uint32_t wanted = segment_place(f, place);

	(void)raw;
	segment_count(&c->found, f);
	if (id == 0)
		return SC_OK;
	c->ids++;
	ids_file_each(&c->s->ids, id, is_there, &wanted);
	c->ok &= wanted == UINT32_MAX;
	return SC_OK;
}

static size_t count_gone(const struct ids_file *f)
{
	size_t n = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		uint64_t id;
		uint32_t place;

		ids_file_entry(f, i, &id, &place);
		n += place == IDS_GONE;
	}
	return n;
}

static const char *what_is_wrong(struct event_log *l, const struct log_segment *s, enum sc_err *err)
{
	struct log_checking c = { .s = s, .ok = true };
	uint8_t sha256[SEGMENT_SUM_BYTES];

	*err = segment_read(l->dirfd, s->number, s->frames, check_frame, &c, sha256);
	if (*err != SC_OK)
		return "cannot be read through";
	*err = SC_CORRUPT;
	if (memcmp(sha256, s->sha256, sizeof(sha256)) != 0)
		return "has another SHA-256 than its manifest says";
	if (c.found.kept != s->kept || c.found.events != s->events ||
	    c.found.duplicates != s->duplicates)
		return "holds other frames than its manifest says";
	if (!c.ok || !ids_file_sound(&s->ids) || c.ids + count_gone(&s->ids) != s->ids.n)
		return "has other ids than its ids file says";
	*err = SC_OK;
	return NULL;
}

enum sc_err event_log_check(struct event_log *l, struct sc_diag *d)
{
	char name[SEGMENT_NAME_BYTES];
	enum sc_err err = SC_OK;
	const char *what = NULL;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->n_closed && what == NULL; i++) {
		segment_name(l->closed[i].number, "seg", name);
		what = what_is_wrong(l, &l->closed[i], &err);
	}
	pthread_mutex_unlock(&l->lock);
	if (what != NULL && d != NULL) {
		snprintf(d->file, sizeof(d->file), "%.200s/%s", l->dir, name);
		sc_diag_set(d, "%s", what);
	}
	return err;
}
