/*
 * append.c - frames into the log, once: all of one append or none, and durable.
 *
 * One write, one sync. The COMMIT at its end says from where on the spool's frames are
 * wanted, so that frames and number are on the disk together or not at all.
 */
#include "analytics/log/log_private.h"
#include "base/log.h"

#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

struct log_append {
	struct event_log *l;
	uint32_t day;
	size_t n;                         /* frames in l->buf */
	struct log_segment adds;          /* of them, what they count */
	uint32_t again[FEED_KIND_END];    /* by kind: events that were there */
	size_t slots[FEED_PACKET_FRAMES]; /* of ids that were put, for taking them back */
	size_t n_slots;
	uint16_t kept[FEED_PACKET_FRAMES]; /* which of the frames */
	size_t n_kept;
};

/* ---- is it there already? -------------------------------------------------------------- */

/* The first day on which an event such as E can have arrived before. */
static uint32_t look_from(const struct feed_event *e, uint32_t day)
{
	const uint32_t window = day > EVENT_LOG_WINDOW_DAYS ? day - EVENT_LOG_WINDOW_DAYS : 0;
	const uint64_t happened = e->at_ms / SEGMENT_DAY_MS;
	uint32_t before;

	if ((e->flags & FEED_LATE) == 0 &&
	    e->late_s < EVENT_LOG_WINDOW_DAYS * (int32_t)(SEGMENT_DAY_MS / 1000))
		return window;
	/* clocks are off: a day before it happened */
	before = happened > 0 ? (uint32_t)(happened - 1) : 0;
	return before < window ? before : window;
}

static bool is_known(const struct event_log *l, const struct feed_event *e, uint32_t day)
{
	const uint32_t from = look_from(e, day);

	if (ids_has(&l->active.ids, e->id))
		return true;
	for (size_t i = l->n_closed; i-- > 0;)
		if (l->closed[i].day >= from && ids_file_has(&l->closed[i].ids, e->id))
			return true;
	return false;
}

/* ---- gathering -------------------------------------------------------------------------- */

static enum sc_err put(struct log_append *a, const struct feed_frame *f)
{
	enum sc_err err = feed_encode(f, a->l->buf + a->n * FEED_FRAME_BYTES);

	if (err != SC_OK)
		return err == SC_BUG ? SC_SYNTAX : err;
	a->n++;
	segment_count(&a->adds, f);
	return SC_OK;
}

static enum sc_err gather_one(struct log_append *a, const struct feed_frame *f, uint16_t i)
{
	const uint32_t place = segment_place(f, a->l->active.s.frames + (uint32_t)a->n);
	const uint64_t id = segment_id_of(f);
	enum sc_err err;

	if (f->type < FEED_EVENT || f->type > FEED_SNAPSHOT)
		return SC_SYNTAX;
	if (f->type == FEED_EVENT && is_known(a->l, &f->u.event, a->day)) {
		if (f->u.event.kind >= FEED_KIND_END)
			return SC_SYNTAX;
		a->again[f->u.event.kind]++;
		return SC_OK;
	}
	if ((err = put(a, f)) != SC_OK)
		return err;
	a->kept[a->n_kept++] = i;
	if (id != 0)
		a->slots[a->n_slots++] = ids_put(&a->l->active.ids, id, place);
	return SC_OK;
}

static struct feed_frame count_of(const struct log_append *a, uint8_t kind)
{
	struct feed_frame f = { .type = FEED_COUNT };

	f.u.count = (struct feed_count){ a->day, a->again[kind], FEED_SAME_ID, kind };
	return f;
}

static enum sc_err gather(struct log_append *a, const struct feed_frame *v, size_t n,
    uint64_t spool, uint64_t next)
{
	struct feed_frame commit = { .type = FEED_COMMIT };
	enum sc_err err = SC_OK;

	commit.u.commit = (struct feed_commit){ spool, next };
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = gather_one(a, &v[i], (uint16_t)i);
	for (uint8_t k = 0; k < FEED_KIND_END && err == SC_OK; k++) {
		struct feed_frame count = count_of(a, k);

		if (a->again[k] > 0)
			err = put(a, &count);
	}
	return err == SC_OK ? put(a, &commit) : err;
}

/* ---- writing ----------------------------------------------------------------------------- */

/*
 * The file is cut back to where it was; when even that fails nobody knows what it holds, nor
 * after a sync that failed: what the next start reads then would come from the kernel's memory
 * and pass for durable, were it not cut.
 */
static enum sc_err write_all(struct log_append *a)
{
	struct event_log *l = a->l;
	const uint64_t at = (uint64_t)l->active.s.frames * FEED_FRAME_BYTES;
	const size_t n = a->n * FEED_FRAME_BYTES;

	if (segment_write(l->active.fd, l->buf, n, at) != SC_OK)
		l->failed = ftruncate(l->active.fd, (off_t)at) != 0;
	else if (fdatasync(l->active.fd) != 0) {
		l->failed = true;
		(void)!ftruncate(l->active.fd, (off_t)at);
	} else if (EVP_DigestUpdate(l->active.sha, l->buf, n) != 1)
		l->failed = true;
	else
		return SC_OK;
	log_event(LOG_ERROR, "eventlog.write_failed", LOG_U64("segment", l->active.s.number),
	    LOG_END);
	return SC_IO;
}

static void settle(struct log_append *a)
{
	struct log_segment *s = &a->l->active.s;

	s->frames += (uint32_t)a->n;
	s->kept += a->adds.kept;
	s->events += a->adds.events;
	s->duplicates += a->adds.duplicates;
}

static void undo(struct log_append *a)
{
	while (a->n_slots > 0)
		ids_take_back(&a->l->active.ids, a->slots[--a->n_slots]);
}

/* Is there room in the active segment, and is it of today? */
static enum sc_err make_room(struct event_log *l, uint32_t day, size_t n)
{
	const struct log_segment *s = &l->active.s;
	enum sc_err err = SC_OK;

	if (l->failed)
		return SC_IO;
	if (s->day != day || s->frames + n + FEED_KIND_END + 1 > l->o.segment_frames)
		err = log_active_close(l, day);
	return err == SC_OK ? ids_reserve(&l->active.ids, n) : err;
}

static enum sc_err append(struct event_log *l, struct log_append *a, uint64_t spool, uint64_t next,
    const struct feed_frame *v, size_t n)
{
	const size_t n_spools = l->n_spools;
	struct log_spool *s = NULL;
	enum sc_err err;

	if ((err = make_room(l, a->day, n)) != SC_OK)
		return err;
	if (spool != 0 && (s = log_spool_of(l, spool, true)) == NULL)
		return SC_LIMIT;
	if ((err = gather(a, v, n, spool, next)) != SC_OK || (err = write_all(a)) != SC_OK) {
		undo(a);
		l->n_spools = n_spools;
		return err;
	}
	settle(a);
	if (s != NULL)
		s->next = next;
	return SC_OK;
}

static void tell(const struct log_append *a, const struct feed_frame *v, event_log_kept_fn *take,
    void *arg)
{
	for (size_t i = 0; i < a->n_kept; i++)
		take(arg, &v[a->kept[i]]);
	for (uint8_t k = 0; k < FEED_KIND_END; k++)
		if (a->again[k] > 0) {
			struct feed_frame count = count_of(a, k);

			take(arg, &count);
		}
}

static enum sc_err append_locked(struct event_log *l, uint64_t spool, uint64_t next,
    const struct feed_frame *v, size_t n, uint64_t arrived_ms, event_log_kept_fn *take, void *arg)
{
	struct log_append a = { .l = l, .day = (uint32_t)(arrived_ms / SEGMENT_DAY_MS) };
	enum sc_err err;

	pthread_mutex_lock(&l->lock);
	err = append(l, &a, spool, next, v, n);
	pthread_mutex_unlock(&l->lock);
	if (err == SC_OK && take != NULL)
		tell(&a, v, take, arg);
	return err;
}

enum sc_err event_log_append(struct event_log *l, uint64_t spool, uint64_t first,
    const struct feed_frame *v, size_t n, uint64_t arrived_ms, event_log_kept_fn *take, void *arg)
{
	const uint64_t next = event_log_next(l, spool);
	size_t known;

	if (spool == 0 || first > next || n > UINT64_MAX - first)
		return SC_SYNTAX;
	if (n > FEED_PACKET_FRAMES)
		return SC_LIMIT;
	if (first + n <= next)
		return SC_OK;
	known = (size_t)(next - first);
	return append_locked(l, spool, first + n, v + known, n - known, arrived_ms, take, arg);
}

enum sc_err event_log_note(struct event_log *l, const struct feed_frame *v, size_t n,
    uint64_t arrived_ms, event_log_kept_fn *take, void *arg)
{
	if (n > FEED_PACKET_FRAMES)
		return SC_LIMIT;
	return append_locked(l, 0, 0, v, n, arrived_ms, take, arg);
}
