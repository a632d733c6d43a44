/*
 * end.c - ending bindings: one, an order's, a person's.
 *
 * The book closes them at once and stays closed whatever becomes of the disk: a
 * call that is refused can be made again. It is answered when it is on
 * disk, and asked again it is written again. A binding that other orders rest
 * on loses this one only.
 */
#include "gateway/phone/service_private.h"

#include "base/grow.h"
#include "gateway/phone/tell.h"

#include <stdlib.h>
#include <string.h>

enum end_what { END_CLOSED, END_SOONER, END_UNREFERRED };

/* What is written of one binding. */
struct end_row {
	uint8_t id[PHONE_ID_BYTES];
	enum end_what what;
	uint64_t ended_at, expires_at;
	uint32_t version;
	struct phone_binding binding; /* as it is then, without its spans */
	bool ended;                   /* on disk, by this write */
};

struct end_work {
	struct phone_service *s;
	struct phone_ending *e;
	struct worker *worker;
	struct phone_write *write;
	struct phone_write find; /* of a person's: first the store is asked which */
	uint8_t subject[16], order[16];
	struct end_row *rows;
	size_t n, cap;
	struct hooks_put told;
};

static struct end_row *add_row(struct end_work *k)
{
	size_t cap = sc_grown(k->cap);
	struct end_row *v = k->rows;

	if (k->n == k->cap) {
		if ((v = realloc(v, cap * sizeof(*v))) == NULL)
			return NULL;
		k->rows = v;
		k->cap = cap;
	}
	memset(&v[k->n], 0, sizeof(*v));
	return &v[k->n++];
}

static void free_work(struct end_work *k)
{
	if (k != NULL)
		free(k->rows);
	free(k);
}

/* ---- in the book, under the lock ------------------------------------------------------------ */

/* It lives on for a while after the order is complete. */
static void make_sooner(struct end_work *k, const struct phone_now *now, uint32_t at,
    struct phone_binding *b)
{
	struct book_change c = {
		.expiry = true,
		.expires_at = now->wall + k->s->settings->pools[b->pool].after_s,
	};
	bool done = false;

	if (c.expires_at >= b->expires_at)
		return;
	/* no change of a token, so no memory is asked for */
	if (book_change(k->s->book, now, at, 0, &c, &done) != SC_OK || !done)
		return;
	k->e->n++;
	book_view(k->s->book, at, b);
}

static void close_one(struct end_work *k, const struct phone_now *now, uint32_t at,
    const uint8_t *order, struct end_row *r)
{
	struct phone_binding b;
	bool closed;

	book_view(k->s->book, at, &b);
	if (order != NULL && b.refs > 1)
		r->what = END_UNREFERRED;
	else
		r->what = k->e->complete ? END_SOONER : END_CLOSED;
	if (r->what == END_SOONER) {
		make_sooner(k, now, at, &b);
	} else {
		closed = book_end(k->s->book, now, at, order, order == NULL);
		k->e->n += closed || r->what == END_UNREFERRED;
		book_view(k->s->book, at, &b);
	}
	r->ended_at = b.ended_at;
	r->expires_at = b.expires_at;
	r->version = b.version;
	phone_view(k->s, at, &r->binding);
}

static void close_all(struct end_work *k, const uint8_t *order)
{
	struct phone_now now = phone_service_now(k->s);

	for (size_t i = 0; i < k->n; i++) {
		uint32_t at = book_find(k->s->book, k->rows[i].id);

		if (at != BOOK_NONE)
			close_one(k, &now, at, order, &k->rows[i]);
	}
}

/* Which bindings an order has: found first, for ending one may move the others. */
static enum sc_err find_order(struct end_work *k)
{
	struct phone_binding b;
	struct end_row *r;
	uint32_t at;

	for (size_t i = 0; (at = book_of_order(k->s->book, k->order, i)) != BOOK_NONE; i++) {
		if ((r = add_row(k)) == NULL)
			return SC_NOMEM;
		book_view(k->s->book, at, &b);
		memcpy(r->id, b.id, PHONE_ID_BYTES);
	}
	return SC_OK;
}

static enum phone_changed judge(const struct end_work *k, const struct phone_now *now)
{
	uint32_t at = book_find(k->s->book, k->e->which.id);
	struct phone_binding b;

	if (at == BOOK_NONE)
		return PHONE_CHANGED_UNKNOWN;
	book_view(k->s->book, at, &b);
	if (b.state == BOOK_COOLING || b.expires_at <= now->wall || b.expires_at <= now->steady)
		return PHONE_CHANGED_ENDED;
	return k->e->version != 0 && k->e->version != b.version ? PHONE_CHANGED_VERSION :
								  PHONE_CHANGED;
}

/* The one that has the id; one that has ended is written again, in case it was not. */
static enum sc_err find_one(struct end_work *k)
{
	struct phone_now now = phone_service_now(k->s);
	struct end_row *r;

	k->e->got = judge(k, &now);
	if (k->e->got == PHONE_CHANGED_UNKNOWN || k->e->got == PHONE_CHANGED_VERSION)
		return SC_OK;
	if ((r = add_row(k)) == NULL)
		return SC_NOMEM;
	memcpy(r->id, k->e->which.id, PHONE_ID_BYTES);
	return SC_OK;
}

/* ---- rows, on the store's thread ------------------------------------------------------------ */

static bool bind_closed(void *arg, size_t i, struct store_value *v)
{
	const struct end_work *k = arg;
	const struct end_row *r = &k->rows[i];

	v[0] = store_number(r->ended_at);
	v[1] = store_number(r->version);
	v[2] = phone_tenant(k->s);
	v[3] = phone_id_value(r->id);
	return r->what == END_CLOSED && r->ended_at != 0;
}

/* It was not ended before: also when it was in the book, and could not be written then. */
static enum sc_err take_ended(void *arg, size_t i, const struct store_value *v)
{
	struct end_work *k = arg;

	(void)v;
	k->rows[i].ended = true;
	return SC_OK;
}

static bool bind_sooner(void *arg, size_t i, struct store_value *v)
{
	const struct end_work *k = arg;
	const struct end_row *r = &k->rows[i];

	v[0] = store_number(r->expires_at);
	v[1] = store_number(r->version);
	v[2] = phone_tenant(k->s);
	v[3] = phone_id_value(r->id);
	return r->what == END_SOONER && r->version != 0;
}

static bool bind_unreferred(void *arg, size_t i, struct store_value *v)
{
	const struct end_work *k = arg;

	v[0] = phone_tenant(k->s);
	v[1] = phone_id_value(k->rows[i].id);
	v[2] = (struct store_value){ .kind = STORE_TEXT, .bytes = k->e->which.order_ref };
	return k->rows[i].what == END_UNREFERRED;
}

static enum sc_err write_rows(struct store_job *j, struct store_tx *tx)
{
	struct end_work *k = loop_owner(j, struct phone_write, job)->work;
	const struct store_batch writes[] = {
		{ BINDING_END, k->n, bind_closed, take_ended, k },
		{ BINDING_EXPIRE, k->n, bind_sooner, NULL, k },
		{ ORDER_FORGET, k->n, bind_unreferred, NULL, k },
	};
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]) && err == SC_OK; i++)
		err = store_ask(tx, &writes[i]);
	for (size_t i = 0; i < k->n && err == SC_OK; i++)
		if (k->rows[i].ended)
			err = phone_put_binding(k->s, tx, PHONE_EVENT_BINDING_ENDED,
			    &k->rows[i].binding, &k->told);
	return err;
}

/* An order that was let go of, but not on disk, is there again. */
static void refer_again(struct end_work *k)
{
	pthread_mutex_lock(&k->s->lock);
	for (size_t i = 0; i < k->n; i++) {
		uint32_t at = book_find(k->s->book, k->rows[i].id);

		if (k->rows[i].what == END_UNREFERRED && at != BOOK_NONE &&
		    book_load_order(k->s->book, at, k->order) != SC_OK)
			break; /* no memory: it rests on one order less until the next start */
	}
	pthread_mutex_unlock(&k->s->lock);
}

static void settle(struct phone_write *wr)
{
	struct end_work *k = wr->work;

	if (wr->err != SC_OK)
		refer_again(k);
	hooks_put_over(k->s->hooks, &k->told, wr->err);
	free_work(k);
	wr->work = NULL;
}

/* ---- a person's, whose bindings only the store knows ------------------------------------------ */

static bool bind_subject(void *arg, size_t i, struct store_value *v)
{
	const struct end_work *k = arg;

	(void)i;
	v[0] = phone_tenant(k->s);
	v[1] = store_blob(k->subject, sizeof(k->subject));
	return true;
}

static enum sc_err take_subject(void *arg, size_t i, const struct store_value *v)
{
	struct end_row *r;

	(void)i;
	if (v[0].bytes.n != PHONE_ID_BYTES)
		return SC_CORRUPT;
	if ((r = add_row(arg)) == NULL)
		return SC_NOMEM;
	memcpy(r->id, v[0].bytes.p, PHONE_ID_BYTES);
	return SC_OK;
}

static void on_found(struct phone_write *find, enum sc_err err)
{
	struct end_work *k = loop_owner(find, struct end_work, find);
	struct phone_service *s = k->s;
	struct phone_write *wr = k->write;

	if (err != SC_OK) {
		free_work(k);
		wr->err = err;
		wr->settle = NULL;
		phone_write_over(wr);
		return;
	}
	pthread_mutex_lock(&s->lock);
	close_all(k, NULL);
	phone_write_submit(s, k->worker, wr);
	pthread_mutex_unlock(&s->lock);
}

/* ---- the write ------------------------------------------------------------------------------------ */

static enum sc_err end_now(struct end_work *k)
{
	bool by_order = k->e->which.id == NULL;
	struct phone_service *s = k->s; /* K may be gone when it was submitted */
	enum sc_err err;

	pthread_mutex_lock(&s->lock);
	err = by_order ? find_order(k) : find_one(k);
	if (err == SC_OK) {
		close_all(k, by_order ? k->order : NULL);
		phone_write_submit(s, k->worker, k->write);
	}
	pthread_mutex_unlock(&s->lock);
	return err;
}

enum sc_err phone_end(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_ending *e)
{
	struct end_work *k;
	enum sc_err err;

	if (e->which.order_ref.n > PHONE_ORDER_REF_MAX)
		return SC_LIMIT;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return SC_NOMEM;
	*k = (struct end_work){ .s = s, .e = e, .worker = w, .write = wr };
	e->n = 0;
	e->got = PHONE_CHANGED;
	wr->work = k;
	wr->job.run = write_rows;
	wr->settle = settle;
	wr->service = s;
	wr->worker = w;
	if (e->which.subject.n != 0) {
		phone_subject_key(s, e->which.subject, k->subject);
		k->find.job.ask =
		    (struct store_batch){ BINDINGS_OF_SUBJECT, 1, bind_subject, take_subject, k };
		k->find.no_test = true;
		k->find.done = on_found;
		phone_write_submit(s, NULL, &k->find);
		return SC_OK;
	}
	phone_order_key(s, e->which.order_ref, k->order);
	if ((err = end_now(k)) != SC_OK)
		free_work(k);
	return err;
}
