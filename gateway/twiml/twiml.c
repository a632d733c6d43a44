/*
 * twiml.c - the vendors' keys, and judging who a webhook is from.
 */
#include "gateway/twiml/twiml.h"

#include "base/bytes.h"
#include "base/weak.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct twiml_key_set {
	struct twiml_keys v[PHONE_VENDORS_MAX];
	size_t n;
};

struct twiml {
	pthread_rwlock_t lock; /* guards keys */
	struct twiml_key_set *keys;
	struct twiml_seen *seen;
};

static void key_set_free(struct twiml_key_set *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++)
		twiml_keys_fini(&k->v[i]);
	free(k);
}

static enum sc_err key_set_new(const struct phone_settings *settings, struct sc_diag *d,
    struct twiml_key_set **out)
{
	struct twiml_key_set *k = calloc(1, sizeof(*k));
	enum sc_err err = k == NULL ? SC_NOMEM : SC_OK;

	*out = NULL;
	for (size_t i = 0; settings != NULL && i < settings->n_vendors && err == SC_OK; i++) {
		const struct phone_vendor *v = &settings->vendors[i];
		const struct twiml_vendor *row = twiml_vendor_find(v->kind);

		if (row == NULL)
			err = SC_BUG; /* the configuration takes rows' names only */
		else
			err = twiml_keys_load(v, twiml_vendor_key(row, v), d, &k->v[k->n]);
		if (err == SC_OK)
			k->n++;
	}
	if (err != SC_OK) {
		key_set_free(k);
		return err;
	}
	*out = k;
	return SC_OK;
}

enum sc_err twiml_new(const struct phone_settings *settings, struct sc_diag *d, struct twiml **out)
{
	struct twiml *t = calloc(1, sizeof(*t));
	enum sc_err err;

	*out = NULL;
	if (t == NULL)
		return SC_NOMEM;
	pthread_rwlock_init(&t->lock, NULL);
	if ((err = seen_new(&t->seen)) == SC_OK)
		err = key_set_new(settings, d, &t->keys);
	if (err != SC_OK) {
		twiml_free(t);
		return err;
	}
	*out = t;
	return SC_OK;
}

void twiml_free(struct twiml *t)
{
	if (t == NULL)
		return;
	key_set_free(t->keys);
	seen_free(t->seen);
	pthread_rwlock_destroy(&t->lock);
	free(t);
}

enum sc_err twiml_reload(struct twiml *t, const struct phone_settings *settings, struct sc_diag *d)
{
	struct twiml_key_set *fresh, *old;
	enum sc_err err = key_set_new(settings, d, &fresh);

	if (err != SC_OK)
		return err;
	pthread_rwlock_wrlock(&t->lock);
	old = t->keys;
	t->keys = fresh;
	pthread_rwlock_unlock(&t->lock);
	key_set_free(old);
	return SC_OK;
}

static const struct twiml_keys *keys_of(const struct twiml_key_set *set,
    const struct sc_name *vendor)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->v[i].vendor.s, vendor->s) == 0)
			return &set->v[i];
	return NULL;
}

bool twiml_genuine(struct twiml *t, const struct twiml_vendor *row, const struct phone_vendor *v,
    const struct twiml_sent *s, unsigned *which)
{
	const struct twiml_keys *k;
	bool ok;

	*which = 0;
	pthread_rwlock_rdlock(&t->lock);
	k = keys_of(t->keys, &v->name);
	/* a reload may have changed its kind a moment ago */
	ok = k != NULL && k->kind == twiml_vendor_key(row, v) &&
	    row->verifier->verify(row->verifier, k, s, which);
	pthread_rwlock_unlock(&t->lock);
	return ok || WEAK("webhook-unsigned");
}

static void put(struct hash_sha256 *h, struct sc_span s)
{
	uint8_t n[8];

	sc_be64_store(n, s.n);
	hash_sha256_update(h, sc_span(n, sizeof(n)));
	hash_sha256_update(h, s);
}

/* What is told apart: the vendor and its signature; the path and all fields, with their borders. */
static void hash_both(const struct phone_vendor *v, const struct twiml_sent *s,
    uint8_t signature[static HASH_BYTES], uint8_t parse[static HASH_BYTES])
{
	struct hash_sha256 h;

	hash_sha256_init(&h);
	put(&h, sc_span_str(v->name.s));
	put(&h, s->signature);
	hash_sha256_final(&h, signature);
	hash_sha256_init(&h);
	put(&h, s->path);
	for (size_t i = 0; i < s->form->n; i++) {
		put(&h, s->form->v[i].name);
		put(&h, s->form->v[i].value);
	}
	hash_sha256_final(&h, parse);
}

bool twiml_one_parse(struct twiml *t, const struct phone_vendor *v, const struct twiml_sent *s)
{
	uint8_t signature[HASH_BYTES], parse[HASH_BYTES];

	hash_both(v, s, signature, parse);
	return seen_note(t->seen, signature, parse) != SEEN_OTHER || WEAK("parse-unremembered");
}
