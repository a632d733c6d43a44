/*
 * key_class.c - the keys of classes as they are used: by id, and by class the newest
 * version first.
 *
 * A version that was destroyed stays, without its key, so that what was sealed under it
 * is known to be gone.
 */
#include "base/grow.h"
#include "crypto/keyring/keyring_int.h"
#include "crypto/prim/crockford.h"
#include "crypto/prim/vault.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_DIGIT 10 /* 'a' among Crockford's digits */

/* ---- versions ---- */

int key_version_number(char version)
{
	const char *at = version == '\0' ? NULL : strchr(crockford_digits, version);

	return at == NULL ?
	    -1 :
	    (int)(at - crockford_digits + KEY_VERSIONS - FIRST_DIGIT) % KEY_VERSIONS;
}

char key_version_letter(int number)
{
	return crockford_digits[(number + FIRST_DIGIT) % KEY_VERSIONS];
}

/* ---- working forms ---- */

static enum sc_err derive(struct class_key *c, const uint8_t key[static KEY_BYTES])
{
	uint8_t index[HASH_BYTES];
	enum sc_err err;

	if ((err = hkdf_sha256(sc_span(key, KEY_BYTES), sc_span(NULL, 0),
		 sc_span_str("scrim1|index"), index, sizeof(index))) == SC_OK &&
	    (err = key_siv_new(key, "scrim1|seal", &c->seal)) == SC_OK)
		hmac_key_init(&c->index, index, sizeof(index));
	sc_wipe(index, sizeof(index));
	return err;
}

enum sc_err key_class_new(const struct key_row *r, const uint8_t *key, struct class_key **out)
{
	struct class_key *c = vault_alloc(sizeof(*c));
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (c == NULL || (c->use = calloc(1, sizeof(*c->use))) == NULL ||
	    (key != NULL && (err = derive(c, key)) != SC_OK)) {
		key_class_free(c);
		return err;
	}
	c->id = r->id;
	c->class_id = r->class_id;
	c->tier = r->tier;
	c->epoch = (char)r->epoch;
	c->state = r->state;
	c->since_ms = r->since_ms;
	c->use->all = c->use->told = r->used;
	*out = c;
	return SC_OK;
}

void key_class_forget(struct class_key *c)
{
	siv_ctx_free(c->seal);
	c->seal = NULL;
	hmac_key_fini(&c->index);
}

void key_class_free(struct class_key *c)
{
	if (c == NULL)
		return;
	key_class_forget(c);
	free(c->use);
	vault_free(c);
}

/* ---- all of them ---- */

enum sc_err key_class_room(struct keyring *kr, size_t n)
{
	struct class_key **more;
	size_t room = kr->room;

	while (room < kr->n_classes + n)
		room = sc_grown(room);
	if (room == kr->room)
		return SC_OK;
	if ((more = realloc(kr->classes, room * sizeof(struct class_key *))) == NULL)
		return SC_NOMEM;
	kr->classes = more;
	kr->room = room;
	return SC_OK;
}

/* Where ID is among them, or would go. */
static size_t place_of(const struct keyring *kr, uint64_t id)
{
	size_t from = 0, to = kr->n_classes;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (kr->classes[mid]->id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

void key_class_put(struct keyring *kr, struct class_key *c)
{
	size_t at = place_of(kr, c->id);
	struct class_key **p = &kr->newest[c->class_id];

	memmove(kr->classes + at + 1, kr->classes + at,
	    (kr->n_classes - at) * sizeof(struct class_key *));
	kr->classes[at] = c;
	kr->n_classes++;
	while (*p != NULL && key_version_number((*p)->epoch) > key_version_number(c->epoch))
		p = &(*p)->older;
	c->older = *p;
	*p = c;
}

const struct class_key *keyring_class_newest(const struct keyring *kr, uint8_t class_id)
{
	return kr->newest[class_id];
}

const struct class_key *keyring_class(const struct keyring *kr, uint8_t class_id)
{
	const struct class_key *c = kr->newest[class_id];

	while (c != NULL && c->state != KEY_ACTIVE)
		c = c->older;
	return c;
}

const struct class_key *keyring_class_by_id(const struct keyring *kr, uint64_t id)
{
	size_t at = place_of(kr, id);

	return at < kr->n_classes && kr->classes[at]->id == id ? kr->classes[at] : NULL;
}
