/*
 * read.c - bindings as they are listed: references and tokens are the store's,
 * what may change is the book's.
 */
#include "gateway/phone/service_private.h"

#include <stdlib.h>
#include <string.h>

struct read_work {
	struct phone_service *s;
	struct phone_list *list;
	uint8_t subject[16];
	uint8_t ids[PHONE_LIST_MAX][PHONE_ID_BYTES];
	size_t n_ids;
};

/* ---- the store's part --------------------------------------------------------------------- */

static bool bind_id(void *arg, size_t i, struct store_value *v)
{
	const struct read_work *k = arg;

	v[0] = phone_tenant(k->s);
	v[1] = phone_id_value(k->ids[i]);
	return true;
}

static bool bind_order(void *arg, size_t i, struct store_value *v)
{
	const struct read_work *k = arg;

	(void)i;
	v[0] = phone_tenant(k->s);
	v[1] = (struct store_value){ .kind = STORE_TEXT, .bytes = k->list->which.order_ref };
	v[2] = store_number(PHONE_LIST_MAX);
	return true;
}

static bool bind_subject(void *arg, size_t i, struct store_value *v)
{
	const struct read_work *k = arg;

	(void)i;
	v[0] = phone_tenant(k->s);
	v[1] = store_blob(k->subject, sizeof(k->subject));
	return true;
}

static enum sc_err take_id(void *arg, size_t i, const struct store_value *v)
{
	struct read_work *k = arg;

	(void)i;
	if (v[0].bytes.n != PHONE_ID_BYTES)
		return SC_CORRUPT;
	if (k->n_ids < PHONE_LIST_MAX)
		memcpy(k->ids[k->n_ids++], v[0].bytes.p, PHONE_ID_BYTES);
	return SC_OK;
}

/* id, order_ref, a, b */
static enum sc_err take_listed(void *arg, size_t i, const struct store_value *v)
{
	struct read_work *k = arg;
	struct phone_listed *l = &k->list->v[k->list->n];

	(void)i;
	if (v[0].bytes.n != PHONE_ID_BYTES || v[1].bytes.n > PHONE_ORDER_REF_MAX)
		return SC_CORRUPT;
	if (k->list->n == PHONE_LIST_MAX)
		return SC_OK;
	memset(l, 0, sizeof(*l));
	memcpy(l->binding.id, v[0].bytes.p, PHONE_ID_BYTES);
	memcpy(l->order_ref, v[1].bytes.p, v[1].bytes.n);
	phone_token_text(v[2].bytes, l->a);
	if (v[3].bytes.n != 0)
		phone_token_text(v[3].bytes, l->b);
	k->list->n++;
	return SC_OK;
}

static enum sc_err read_rows(struct store_job *j, struct store_tx *tx)
{
	struct read_work *k = loop_owner(j, struct phone_write, job)->work;
	const struct store_batch persons = { BINDINGS_OF_SUBJECT, 1, bind_subject, take_id, k };
	const struct store_batch orders = { BINDINGS_OF_ORDER, 1, bind_order, take_listed, k };
	enum sc_err err = SC_OK;

	if (k->list->which.order_ref.n != 0)
		return store_ask(tx, &orders);
	if (k->list->which.subject.n != 0)
		err = store_ask(tx, &persons);
	if (err == SC_OK) {
		const struct store_batch ids = { BINDING_BY_ID, k->n_ids, bind_id, take_listed, k };

		err = store_ask(tx, &ids);
	}
	return err;
}

/* ---- the book's ------------------------------------------------------------------------------- */

/* Cooling as the clock has it, which may be before the sweep. */
static void see_clock(const struct phone_service *s, const struct phone_now *now,
    struct phone_listed *l)
{
	struct phone_binding *b = &l->binding;
	uint64_t from = b->expires_at;

	if (b->state == BOOK_LIVE && (b->expires_at <= now->wall || b->expires_at <= now->steady))
		b->state = BOOK_COOLING;
	if (b->state == BOOK_LIVE)
		return;
	if (from < b->ended_at)
		from = b->ended_at;
	if (from < b->last_call_at)
		from = b->last_call_at;
	l->cool_until = from + s->settings->pools[b->pool].cooldown_s;
}

/* Those that the book does not have, or soon will not, are left out. */
static void see_book(struct read_work *k)
{
	struct phone_now now = phone_service_now(k->s);
	struct phone_list *list = k->list;
	size_t n = 0;

	pthread_mutex_lock(&k->s->lock);
	for (size_t i = 0; i < list->n; i++) {
		struct phone_listed *l = &list->v[i];
		uint32_t at = book_find(k->s->book, l->binding.id);

		if (at == BOOK_NONE)
			continue;
		phone_view(k->s, at, &l->binding);
		if (l->binding.state == BOOK_RELEASING)
			continue;
		see_clock(k->s, &now, l);
		if (n != i)
			list->v[n] = *l;
		n++;
	}
	pthread_mutex_unlock(&k->s->lock);
	list->n = n;
}

static void settle(struct phone_write *wr)
{
	struct read_work *k = wr->work;

	if (wr->err == SC_OK)
		see_book(k);
	else
		k->list->n = 0;
	free(k);
	wr->work = NULL;
}

enum sc_err phone_read(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_list *list)
{
	struct read_work *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return SC_NOMEM;
	k->s = s;
	k->list = list;
	list->n = 0;
	if (list->which.id != NULL) {
		memcpy(k->ids[0], list->which.id, PHONE_ID_BYTES);
		k->n_ids = 1;
	}
	phone_subject_key(s, list->which.subject, k->subject);
	wr->work = k;
	wr->job.run = read_rows;
	wr->no_test = true;
	wr->settle = settle;
	phone_write_submit(s, w, wr);
	return SC_OK;
}
