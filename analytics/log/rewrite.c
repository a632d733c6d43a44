/*
 * rewrite.c - the log without what has to go.
 *
 * In the order of the file: every frame is looked at; then group by group (segments of one
 * day, or past their keep, that fit into one) the fate of each frame is decided, and a
 * group in which nothing changes is left alone; then the manifest is swapped, and
 * the old files are removed. New files that no manifest names are removed at the next open.
 */
#include "analytics/log/log_private.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum frame_fate { STAYS, GOES, LOSES_DEVICE };

struct log_rewriting {
	struct event_log *l;
	uint32_t today;
	event_log_each_fn *look;
	event_log_drops_fn *drops;
	void *arg;
	struct log_segment *old, *new_;
	size_t n_old, n_new;
	uint8_t *fate; /* of each frame of the group that is being decided */
	size_t n_fate, n_changed;
	bool past_keep, devices_due; /* of that group */
	uint64_t erased, rewritten;
	uint32_t *made; /* numbers of new segments, to be removed when it fails */
	size_t n_made;
	bool placed; /* the manifest names the new ones, though it may not be durable */
};

static bool is_over(uint32_t day, uint32_t keep, uint32_t today)
{
	return keep > 0 && day + (uint64_t)keep < today;
}

/* ---- looking -------------------------------------------------------------------------- */

static enum sc_err look_at(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place)
{
	const struct log_rewriting *w = arg;

	(void)raw;
	(void)place;
	return f->type == FEED_COMMIT ? SC_OK : w->look(w->arg, f);
}

/* Nothing that is damaged is written anew under a fresh sum. */
static enum sc_err look_through(struct log_rewriting *w)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < w->n_old && err == SC_OK; i++) {
		const struct log_segment *s = &w->old[i];
		uint8_t sha256[SEGMENT_SUM_BYTES];

		err = segment_read(w->l->dirfd, s->number, s->frames, look_at, w, sha256);
		if (err == SC_OK && memcmp(sha256, s->sha256, sizeof(sha256)) != 0) {
			log_event(LOG_ERROR, "eventlog.other_sum", LOG_U64("segment", s->number),
			    LOG_END);
			err = SC_CORRUPT;
		}
	}
	return err;
}

/* ---- deciding --------------------------------------------------------------------------- */

/* What lives only as long as the events do. */
static bool ages(const struct feed_frame *f)
{
	return f->type == FEED_EVENT || f->type == FEED_COUNT || f->type == FEED_SNAPSHOT ||
	    (f->type == FEED_VERDICT && f->u.verdict.scope == FEED_OF_EVENT);
}

static enum frame_fate decide(struct log_rewriting *w, const struct feed_frame *f)
{
	const bool dropped = w->drops(w->arg, f);

	if (f->type == FEED_ERASE) {
		w->erased++;
		return GOES;
	}
	if (dropped || (w->past_keep && ages(f)))
		return GOES;
	return w->devices_due && f->type == FEED_EVENT && f->u.event.device != 0 ? LOSES_DEVICE :
										   STAYS;
}

static enum sc_err decide_frame(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place)
{
	struct log_rewriting *w = arg;
	enum frame_fate fate = f->type == FEED_COMMIT ? GOES : decide(w, f);

	(void)raw;
	(void)place;
	w->fate[w->n_fate++] = (uint8_t)fate;
	w->n_changed += fate != STAYS && f->type != FEED_COMMIT;
	return SC_OK;
}

/* How many segments from I on are written as one. */
static size_t group_from(struct log_rewriting *w, size_t i)
{
	const struct log_segment *first = &w->old[i];
	const uint32_t keep = w->l->o.keep_days;
	uint64_t frames = first->frames;
	size_t n = 1;

	w->past_keep = is_over(first->day, keep, w->today);
	w->devices_due = is_over(first->day, w->l->o.keep_device_days, w->today);
	for (; i + n < w->n_old; n++) {
		const struct log_segment *s = &w->old[i + n];

		frames += s->frames;
		if (frames >= w->l->o.segment_frames ||
		    (s->day != first->day && !(w->past_keep && is_over(s->day, keep, w->today))))
			break;
	}
	return n;
}

/* ---- writing ------------------------------------------------------------------------------ */

struct log_output {
	struct log_rewriting *w;
	struct segment_writer file;
	struct log_segment s;
	struct ids_table ids;
	size_t at; /* in w->fate */
};

/* An id whose event goes stands for it as long as it would have been looked for. */
static enum sc_err enter(struct log_output *o, uint64_t id, uint32_t place)
{
	const bool forgotten = o->s.day + (uint64_t)EVENT_LOG_WINDOW_DAYS < o->w->today;

	if (id == 0 || (place == IDS_GONE && forgotten))
		return SC_OK;
	if (ids_reserve(&o->ids, 1) != SC_OK)
		return SC_NOMEM;
	(void)ids_put(&o->ids, id, place);
	o->s.gone += place == IDS_GONE;
	return SC_OK;
}

static enum sc_err write_frame(struct log_output *o, const uint8_t *raw, const struct feed_frame *f)
{
	const uint32_t place = segment_place(f, o->file.frames);
	enum sc_err err;

	segment_count(&o->s, f);
	o->s.devices |= f->type == FEED_EVENT && f->u.event.device != 0;
	if ((err = enter(o, segment_id_of(f), place)) != SC_OK)
		return err;
	return segment_writer_put(&o->file, raw);
}

static enum sc_err output_frame(void *arg, const uint8_t *raw, const struct feed_frame *f,
    uint32_t place)
{
	struct log_output *o = arg;
	struct feed_frame changed = *f;
	uint8_t bytes[FEED_FRAME_BYTES];
	enum sc_err err;

	(void)place;
	switch (o->w->fate[o->at++]) {
	case STAYS: return write_frame(o, raw, f);
	case LOSES_DEVICE:
		changed.u.event.device = 0;
		err = feed_encode(&changed, bytes);
		return err == SC_OK ? write_frame(o, bytes, &changed) : err;
	default: return f->type == FEED_EVENT ? enter(o, f->u.event.id, IDS_GONE) : SC_OK;
	}
}

/* Those that went at an earlier time. */
static enum sc_err copy_gone(struct log_output *o, const struct ids_file *f)
{
	enum sc_err err = SC_OK;

	for (uint32_t i = 0; i < f->n && err == SC_OK; i++) {
		uint64_t id;
		uint32_t place;

		ids_file_entry(f, i, &id, &place);
		if (place == IDS_GONE)
			err = enter(o, id, IDS_GONE);
	}
	return err;
}

static enum sc_err write_group(struct log_output *o, const struct log_segment *v, size_t n)
{
	struct feed_frame commit = { .type = FEED_COMMIT };
	uint8_t raw[FEED_FRAME_BYTES];
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < n && err == SC_OK; i++) {
		o->s.day = v[i].day > o->s.day ? v[i].day : o->s.day;
		err = segment_read(o->w->l->dirfd, v[i].number, v[i].frames, output_frame, o, NULL);
		if (err == SC_OK)
			err = copy_gone(o, &v[i].ids);
	}
	if (err != SC_OK || (err = feed_encode(&commit, raw)) != SC_OK ||
	    (err = segment_writer_put(&o->file, raw)) != SC_OK)
		return err;
	o->s.frames = o->file.frames;
	return segment_writer_end(&o->file, o->s.sha256);
}

/* A number of a new segment, which is remembered until the manifest names it. */
static uint32_t new_number(struct log_rewriting *w)
{
	uint32_t n;

	pthread_mutex_lock(&w->l->lock);
	n = w->l->next++;
	pthread_mutex_unlock(&w->l->lock);
	w->made[w->n_made++] = n;
	return n;
}

static void remove_files(struct event_log *l, uint32_t number)
{
	char name[SEGMENT_NAME_BYTES];

	segment_name(number, "seg", name);
	(void)unlinkat(l->dirfd, name, 0);
	segment_name(number, "ids", name);
	(void)unlinkat(l->dirfd, name, 0);
}

static enum sc_err make_group(struct log_rewriting *w, const struct log_segment *v, size_t n)
{
	struct log_output o = { .w = w, .s = { .number = new_number(w), .day = v->day } };
	char name[SEGMENT_NAME_BYTES];
	enum sc_err err;

	segment_name(o.s.number, "ids", name);
	if ((err = segment_writer_open(&o.file, w->l->dirfd, o.s.number)) == SC_OK &&
	    (err = write_group(&o, v, n)) == SC_OK && (o.s.kept > 0 || o.ids.n > 0) &&
	    (err = ids_file_write(w->l->dirfd, name, &o.ids)) == SC_OK &&
	    (err = ids_file_open(w->l->dirfd, name, &o.s.ids)) == SC_OK)
		w->new_[w->n_new++] = o.s;
	else if (err == SC_OK)
		remove_files(w->l, o.s.number); /* nothing is left of it */
	segment_writer_fini(&o.file);
	ids_table_fini(&o.ids);
	return err;
}

/* Ids of events that went, in a segment in which nothing else changes. */
static bool remembers_too_long(const struct log_rewriting *w, const struct log_segment *s)
{
	return s->gone > 0 && s->day + (uint64_t)EVENT_LOG_WINDOW_DAYS < w->today;
}

static enum sc_err do_group(struct log_rewriting *w, const struct log_segment *v, size_t n)
{
	enum sc_err err = SC_OK;

	w->n_fate = w->n_changed = 0;
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = segment_read(w->l->dirfd, v[i].number, v[i].frames, decide_frame, w, NULL);
	if (err != SC_OK)
		return err;
	w->rewritten += w->n_changed;
	if (n > 1 || w->n_changed > 0 || remembers_too_long(w, v))
		return make_group(w, v, n);
	w->new_[w->n_new] = *v;
	w->new_[w->n_new++].devices = v->devices && !w->devices_due;
	return SC_OK;
}

/* ---- swapping ------------------------------------------------------------------------------ */

static enum sc_err swap_in(struct log_rewriting *w)
{
	struct event_log *l = w->l;
	const size_t since = l->n_closed - w->n_old;
	struct log_segment *v = calloc(w->n_new + since + 1, sizeof(*v)), *old = l->closed;
	struct log_manifest m = log_manifest_of(l);
	enum sc_err err;

	if (v == NULL)
		return SC_NOMEM;
	memcpy(v, w->new_, w->n_new * sizeof(*v));
	memcpy(v + w->n_new, old + w->n_old, since * sizeof(*v));
	m.closed = v;
	m.n_closed = w->n_new + since;
	m.erased += w->erased;
	err = l->failed ? SC_IO : manifest_write(l->dirfd, &m, &w->placed);
	l->failed |= w->placed && err != SC_OK;
	if (err != SC_OK) {
		free(v);
		return err;
	}
	l->closed = v;
	l->n_closed = m.n_closed;
	l->cap = m.n_closed + 1;
	l->cut = w->n_new;
	l->erased = m.erased;
	l->rewritten += w->rewritten;
	free(old);
	return SC_OK;
}

static bool is_new(const struct log_rewriting *w, uint32_t number)
{
	for (size_t i = 0; i < w->n_new; i++)
		if (w->new_[i].number == number)
			return true;
	return false;
}

/* Which files there are too many of, now that it is done or has failed. */
static void remove_rest(struct log_rewriting *w, bool done)
{
	for (size_t i = 0; i < w->n_old && done; i++)
		if (!is_new(w, w->old[i].number)) {
			ids_file_close(&w->old[i].ids);
			remove_files(w->l, w->old[i].number);
		}
	for (size_t i = 0; i < w->n_new && !done; i++)
		for (size_t j = 0; j < w->n_made; j++)
			if (w->new_[i].number == w->made[j])
				ids_file_close(&w->new_[i].ids);
	for (size_t i = 0; i < w->n_made && !done; i++)
		remove_files(w->l, w->made[i]);
	if (done)
		(void)fsync(w->l->dirfd);
}

static enum sc_err begin(struct log_rewriting *w)
{
	struct event_log *l = w->l;
	size_t n;

	pthread_mutex_lock(&l->lock);
	n = w->n_old = l->cut;
	if ((w->old = calloc(n + 1, sizeof(*w->old))) != NULL && n > 0)
		memcpy(w->old, l->closed, n * sizeof(*w->old));
	pthread_mutex_unlock(&l->lock);
	w->new_ = calloc(n + 1, sizeof(*w->new_));
	w->made = calloc(n + 1, sizeof(*w->made));
	w->fate = malloc((size_t)2 * SEGMENT_FRAMES);
	return w->old == NULL || w->new_ == NULL || w->made == NULL || w->fate == NULL ? SC_NOMEM :
											 SC_OK;
}

enum sc_err event_log_rewrite(struct event_log *l, uint64_t now_ms, event_log_each_fn *look,
    event_log_drops_fn *drops, void *arg)
{
	struct log_rewriting w = { .l = l,
		.today = (uint32_t)(now_ms / SEGMENT_DAY_MS),
		.look = look,
		.drops = drops,
		.arg = arg };
	enum sc_err err;

	if ((err = begin(&w)) == SC_OK)
		err = look_through(&w);
	for (size_t i = 0, n; i < w.n_old && err == SC_OK; i += n) {
		n = group_from(&w, i);
		err = do_group(&w, &w.old[i], n);
	}
	if (err == SC_OK) {
		pthread_mutex_lock(&l->lock);
		err = swap_in(&w);
		if (err == SC_OK)
			remove_rest(&w, true);
		pthread_mutex_unlock(&l->lock);
	}
	if (err != SC_OK && !w.placed)
		remove_rest(&w, false);
	free(w.old);
	free(w.new_);
	free(w.made);
	free(w.fate);
	return err;
}
