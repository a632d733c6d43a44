/*
 * destroyed.c - from records of destroyed keys, of classes and of years, to changes of the keyring.
 *
 * Only what the log says was done counts: of an intent without it nobody was told anything, and
 * an operator may have thought better of it since.
 */
#include "crypto/keyd/destroyed.h"

#include "base/bytes.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/text/doc.h"
#include "base/text/hex.h"
#include "base/weak.h"

#include <stdlib.h>
#include <string.h>

#define ACT "keys.destroy"

struct destroyed_key {
	uint64_t id, instead; /* the version made to seal in its place; 0: none */
	bool done;            /* again, now */
};

/* ---- what the log tells ---- */

static enum sc_err note(struct destroyed_keys *x, uint64_t id)
{
	const size_t room = sc_grown(x->room);
	struct destroyed_key *all;

	if (x->n == x->room) {
		if ((all = realloc(x->all, room * sizeof(*all))) == NULL)
			return SC_NOMEM;
		x->all = all;
		x->room = room;
	}
	x->all[x->n++] = (struct destroyed_key){ .id = id };
	return SC_OK;
}

static enum sc_err read_record(const struct doc_node *root, struct destroyed_keys *x)
{
	const char *act = doc_find_text(root, "act"),
		   *result = doc_find_text(doc_find(root, "outcome"), "result");
	const struct doc_node *keys = doc_find(doc_find(root, "what"), "keys");
	uint8_t id[8];

	if (act == NULL || strcmp(act, ACT) != 0 || result == NULL || strcmp(result, "ok") != 0)
		return SC_OK;
	if (keys == NULL || keys->first == NULL || keys->first->kind != DOC_TEXT ||
	    !hex_parse(sc_span_str(keys->first->text), id, sizeof(id)))
		return SC_CORRUPT;
	return note(x, sc_be64_load(id));
}

static enum sc_err on_entry(void *arg, struct store_tx *tx, uint64_t index, struct sc_span entry)
{
	static const char what[] = "\"act\":\"" ACT "\"";
	struct sc_arena arena = { .left = 0 };
	struct doc doc;
	enum sc_err err;

	(void)tx;
	(void)index;
	/* as records print it: most entries are not parsed */
	if (memmem(entry.p, entry.n, what, sizeof(what) - 1) == NULL)
		return SC_OK;
	if ((err = doc_load(&arena, entry, NULL, NULL, &doc)) == SC_OK)
		err = read_record(doc.root, arg);
	else
		err = err == SC_NOMEM ? err : SC_CORRUPT;
	sc_arena_fini(&arena);
	return err;
}

/* ---- carrying it out ---- */

/* The store may be from before the version that took its place. */
static enum sc_err seal_by_another(struct destroyed_keys *x, struct store_tx *tx,
    const struct class_key *k, uint64_t *instead)
{
	const struct key_change_class of = { k->class_id, k->tier };
	struct sc_diag unheard;
	struct key_change *c;
	enum sc_err err;
	size_t n;

	if (k != keyring_class_newest(x->keyring, k->class_id))
		return SC_OK;
	if ((err = key_change_classes(x->keyring, &of, 1, &unheard, &c)) != SC_OK)
		return err;
	*instead = key_change_ids(c, &n)[0];
	err = key_change_run(c, tx, NULL);
	key_change_end(c, err);
	return err;
}

static enum sc_err destroy(struct destroyed_keys *x, struct store_tx *tx, const struct class_key *k,
    const uint8_t *ring)
{
	struct destroyed_key *key = &x->all[x->next];
	struct sc_diag unheard;
	enum sc_err err;

	if ((err = seal_by_another(x, tx, k, &key->instead)) != SC_OK ||
	    (err = key_change_destroy(x->keyring, k->class_id, (char)k->epoch, &unheard,
		 &x->change)) != SC_OK)
		return err;
	err = key_change_run(x->change, tx, ring);
	key->done = err == SC_OK;
	return err;
}

static enum sc_err destroy_year(struct destroyed_keys *x, struct store_tx *tx,
    const struct year_key *y, const uint8_t *ring)
{
	struct sc_diag unheard;
	enum sc_err err;

	if ((err = key_change_destroy_year(x->keyring, y->year, &unheard, &x->change)) != SC_OK)
		return err;
	err = key_change_run(x->change, tx, ring);
	x->all[x->next].done = err == SC_OK;
	return err;
}

/* The key that comes next, unless it is destroyed, or was made since and is not there at all. */
static enum sc_err destroy_next(struct destroyed_keys *x, struct store_tx *tx, const uint8_t *ring)
{
	const uint64_t id = x->all[x->next].id;
	const struct class_key *k = keyring_class_by_id(x->keyring, id);
	const struct year_key *y = keyring_year_by_id(x->keyring, id);

	if (k != NULL && k->state != KEY_DESTROYED)
		return destroy(x, tx, k, ring);
	return y != NULL && y->state != KEY_DESTROYED ? destroy_year(x, tx, y, ring) : SC_OK;
}

/* The one before is in the tree: whoever replays gives up when the commit fails. */
static void end_change(struct destroyed_keys *x, enum sc_err err)
{
	if (x->change != NULL)
		key_change_end(x->change, err);
	x->change = NULL;
}

static enum sc_err on_ring(void *arg, struct store_tx *tx, const uint8_t *ring,
    const uint8_t **next)
{
	struct destroyed_keys *x = arg;
	enum sc_err err = SC_OK;

	*next = NULL;
	end_change(x, SC_OK);
	for (; x->next < x->n && *next == NULL && err == SC_OK; x->next++) {
		if (WEAK("destroyed-returns"))
			continue;
		if ((err = destroy_next(x, tx, ring)) == SC_OK && x->change != NULL)
			*next = key_change_ring(x->change);
	}
	return err;
}

struct keystore_follower destroyed_follower(struct destroyed_keys *x)
{
	return (struct keystore_follower){ on_entry, on_ring, x };
}

/* ---- behind it ---- */

enum sc_err destroyed_tell(const struct destroyed_keys *x, struct keylog *kl, size_t *n)
{
	uint64_t record;
	enum sc_err err;

	*n = 0;
	for (size_t i = 0; i < x->n; i++) {
		const struct destroyed_key *k = &x->all[i];

		if (!k->done)
			continue;
		if (k->instead != 0 &&
		    (err = keylog_keys(kl, NULL, "keys.rotate", &k->instead, 1, AUDIT_OK,
			 &record)) != SC_OK)
			return err;
		if ((err = keylog_keys(kl, NULL, ACT, &k->id, 1, AUDIT_OK, &record)) != SC_OK)
			return err;
		++*n;
	}
	if (*n > 0)
		log_event(LOG_WARN, "keyd.keys_destroyed_again", LOG_U64("keys", *n), LOG_END);
	return SC_OK;
}

void destroyed_fini(struct destroyed_keys *x)
{
	end_change(x, SC_AGAIN);
	free(x->all);
	*x = (struct destroyed_keys){ .keyring = NULL };
}
