/*
 * change.c - another number, another end, other ways for a binding that lives on.
 *
 * The book has the change at once, and takes it back when it cannot be kept.
 * Two changes of one binding may be under way together: one that fails
 * hands on to the next what was before it, so that the last to fail brings
 * back what is on disk.
 */
#include "gateway/phone/service_private.h"

#include <stdlib.h>
#include <string.h>

struct token_kept {
	uint8_t p[PHONE_TOKEN_PACKED_MAX];
	size_t n;
};

/* All of a binding that a change can touch. */
struct change_state {
	struct phone_binding binding; /* its spans: A and B */
	struct token_kept a, b;
};

struct change_work {
	struct phone_service *s;
	struct phone_patch *p;
	struct idem_said said;
	struct token_kept a, b; /* as they are wanted */
	uint8_t subject[16];
	struct change_state before, after;
	bool changes, waits; /* it does something; it is the same as one that is under way */
	struct change_work *next;
};

static void look(const struct phone_service *s, uint32_t at, struct change_state *out)
{
	book_view(s->book, at, &out->binding);
	out->a.n = out->binding.a.n;
	out->b.n = out->binding.b.n;
	if (out->a.n != 0)
		memcpy(out->a.p, out->binding.a.p, out->a.n);
	if (out->b.n != 0)
		memcpy(out->b.p, out->binding.b.p, out->b.n);
	out->binding.a = sc_span(out->a.p, out->a.n);
	out->binding.b = sc_span(out->b.p, out->b.n);
}

static void show(struct change_work *k)
{
	k->p->binding = k->after.binding;
	k->p->binding.a = k->p->binding.b = sc_span(NULL, 0);
}

/* ---- what is asked for ------------------------------------------------------------------ */

static enum sc_err prepare(struct change_work *k)
{
	const struct phone_patch *p = k->p;
	const struct book_change *c = &p->change;
	const uint64_t numbers[] = { c->expiry, c->parties, c->ways, p->version, p->ttl_s,
		p->ttl_s != 0 ? 0 : c->expires_at, c->a_party, c->b_party, c->directions,
		c->channels };
	const struct sc_span parts[] = { sc_span(p->id, PHONE_ID_BYTES),
		sc_span(numbers, sizeof(numbers)), p->subject,
		c->a_party != 0 ? sc_span(NULL, 0) : c->a,
		c->b_party != 0 ? sc_span(NULL, 0) : c->b };

	if (p->key.n > PHONE_KEY_MAX || p->subject.n > CRYPTO_SUBJECT_MAX)
		return SC_LIMIT;
	phone_subject_key(k->s, p->subject, k->subject);
	if ((c->a.n != 0 && !phone_token_pack(c->a, k->a.p, &k->a.n)) ||
	    (c->b.n != 0 && !phone_token_pack(c->b, k->b.p, &k->b.n)))
		return SC_SYNTAX;
	phone_key_said(k->s, p->key, &k->said);
	if (k->said.said)
		phone_content_digest(k->s, "change", parts, sizeof(parts) / sizeof(parts[0]),
		    k->said.content);
	return SC_OK;
}

/* ---- in the book, under the lock ---------------------------------------------------------- */

/* Why the book did not do it. */
static enum phone_changed why_not(const struct change_work *k, const struct phone_now *now)
{
	const struct phone_binding *b = &k->before.binding;

	if (b->state != BOOK_LIVE || b->expires_at <= now->wall || b->expires_at <= now->steady)
		return PHONE_CHANGED_ENDED;
	if (k->p->version != 0 && k->p->version != b->version)
		return PHONE_CHANGED_VERSION;
	return PHONE_CHANGED_CONFLICT;
}

static enum sc_err apply(struct change_work *k, uint32_t at)
{
	struct phone_now now = phone_service_now(k->s);
	struct book_change c = k->p->change;
	enum sc_err err;

	c.a = sc_span(k->a.p, k->a.n);
	c.b = sc_span(k->b.p, k->b.n);
	look(k->s, at, &k->before);
	err = book_change(k->s->book, &now, at, k->p->version, &c, &k->changes);
	if (err != SC_OK)
		return err;
	look(k->s, at, &k->after);
	k->p->got = k->changes ? PHONE_CHANGED : why_not(k, &now);
	show(k);
	if (!k->changes)
		return SC_OK;
	k->next = k->s->changes;
	k->s->changes = k;
	return idem_put(&k->s->idem, k->s->book, &k->said, k->p->id);
}

static enum sc_err take(struct change_work *k)
{
	uint32_t at, keyed;
	enum idem_found found = idem_find(&k->s->idem, k->s->book, &k->said, &keyed);

	at = book_find(k->s->book, k->p->id);
	k->p->got = found == IDEM_OTHER ? PHONE_CHANGED_KEY : PHONE_CHANGED_UNKNOWN;
	if (found == IDEM_OTHER || at == BOOK_NONE)
		return SC_OK;
	if (found == IDEM_NEW)
		return apply(k, at);
	look(k->s, at, &k->after);
	k->p->got = PHONE_CHANGED;
	k->waits = true;
	show(k);
	return SC_OK;
}

static void leave_list(struct change_work *k)
{
	struct change_work **p = &k->s->changes;

	while (*p != NULL && *p != k)
		p = &(*p)->next;
	if (*p == k)
		*p = k->next;
}

/* The change of the same binding that was made next after K, and is under way too. */
static struct change_work *next_change(const struct change_work *k)
{
	struct change_work *found = NULL;

	for (struct change_work *c = k->s->changes; c != k && c != NULL; c = c->next)
		if (memcmp(c->p->id, k->p->id, PHONE_ID_BYTES) == 0)
			found = c;
	return found;
}

static void take_back(struct change_work *k)
{
	const struct phone_binding *b = &k->before.binding;
	const struct book_change back = {
		.expiry = true,
		.parties = true,
		.ways = true,
		.expires_at = b->expires_at,
		.a = sc_span(k->before.a.p, k->before.a.n),
		.b = sc_span(k->before.b.p, k->before.b.n),
		.a_party = b->a_party,
		.b_party = b->b_party,
		.directions = b->directions,
		.channels = b->channels,
	};
	struct change_work *next = next_change(k);
	struct phone_now now = phone_service_now(k->s);
	uint32_t at = book_find(k->s->book, k->p->id);
	bool done;

	idem_drop(&k->s->idem, &k->said);
	if (next != NULL)
		next->before = k->before;
	else if (at != BOOK_NONE && book_change(k->s->book, &now, at, 0, &back, &done) != SC_OK)
		/* no memory for a token: nobody is reached by it, rather than the wrong one */
		book_end(k->s->book, &now, at, NULL, true);
}

/* ---- its row --------------------------------------------------------------------------------- */

static bool bind_change(void *arg, size_t i, struct store_value *v)
{
	const struct change_work *k = arg;
	const struct phone_binding *b = &k->after.binding;

	(void)i;
	v[0] = store_blob(k->after.a.p, k->after.a.n);
	v[1] = store_blob(k->after.b.p, k->after.b.n);
	v[2] = store_number(b->a_party);
	v[3] = store_number(b->b_party);
	v[4] = store_number(b->directions);
	v[5] = store_number(b->channels);
	v[6] = store_number(b->expires_at);
	v[7] = store_number(b->version);
	v[8] = phone_tenant(k->s);
	v[9] = phone_id_value(b->id);
	return k->changes;
}

static bool bind_subject(void *arg, size_t i, struct store_value *v)
{
	const struct change_work *k = arg;

	(void)i;
	v[0] = store_blob(k->subject, sizeof(k->subject));
	v[1] = phone_tenant(k->s);
	v[2] = phone_id_value(k->p->id);
	return k->changes && k->p->subject.n != 0;
}

static bool bind_key(void *arg, size_t i, struct store_value *v)
{
	const struct change_work *k = arg;

	(void)i;
	v[0] = phone_tenant(k->s);
	v[1] = store_blob(k->said.key, IDEM_BYTES);
	v[2] = store_blob(k->said.content, IDEM_BYTES);
	v[3] = phone_id_value(k->p->id);
	return k->changes && k->said.said;
}

static enum sc_err write_rows(struct store_job *j, struct store_tx *tx)
{
	struct change_work *k = loop_owner(j, struct phone_write, job)->work;
	const struct store_batch writes[] = {
		{ BINDING_CHANGE, 1, bind_change, NULL, k },
		{ BINDING_SUBJECT, 1, bind_subject, NULL, k },
		{ IDEM_PUT, 1, bind_key, NULL, k },
	};
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]) && err == SC_OK; i++)
		err = store_ask(tx, &writes[i]);
	return err;
}

static void settle(struct phone_write *wr)
{
	struct change_work *k = wr->work;
	uint32_t at;

	pthread_mutex_lock(&k->s->lock);
	if (k->changes && wr->err != SC_OK)
		take_back(k);
	else if (k->waits && idem_find(&k->s->idem, k->s->book, &k->said, &at) == IDEM_NEW)
		wr->err = SC_IO; /* what it is the same as never became durable */
	leave_list(k);
	pthread_mutex_unlock(&k->s->lock);
	free(k);
	wr->work = NULL;
}

enum sc_err phone_change(struct phone_service *s, struct worker *w, struct phone_write *wr,
    struct phone_patch *p)
{
	struct change_work *k = calloc(1, sizeof(*k));
	enum sc_err err;

	if (k == NULL)
		return SC_NOMEM;
	k->s = s;
	k->p = p;
	if ((err = prepare(k)) != SC_OK)
		goto out;
	wr->work = k;
	wr->job.run = write_rows;
	wr->settle = settle;
	pthread_mutex_lock(&s->lock);
	if ((err = take(k)) == SC_OK) {
		phone_write_submit(s, w, wr);
		k = NULL;
	} else if (k->changes) {
		take_back(k);
		leave_list(k);
	}
	pthread_mutex_unlock(&s->lock);
out:
	free(k);
	return err;
}
