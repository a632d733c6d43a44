/*
 * keyring.c - the wrapped keys of the store, and their working forms.
 */
#include "crypto/keystore/keyring.h"

#include "base/bytes.h"
#include "base/grow.h"
#include "crypto/keystore/key_rows.h"
#include "crypto/prim/random.h"
#include "crypto/prim/sign.h"
#include "crypto/prim/vault.h"

#include <stdlib.h>
#include <string.h>

#define SUBJECT_TIER 255 /* the "tier" of the KEK that wraps subject keys */
#define SIGNERS_MAX 4
#define FIRST_EPOCH 'a'

enum key_kind {
	KIND_KEK = 1,
	KIND_CLASS,
	KIND_LOG,
	KIND_HANDLE,
	KIND_ANALYTICS,
	KIND_DATASET,
	KIND_SLOT,
	KIND_END
};

struct kek {
	uint64_t id;
	uint8_t tier;
	enum key_state state;
	struct siv_ctx *siv;
};

struct keyring {
	struct store *store;
	struct sc_name tenant;
	struct siv_ctx *ring; /* until all is open */
	struct kek keks[64];
	size_t n_keks;
	struct class_key **classes; /* each in the vault */
	size_t n_classes, room;
	const struct class_key *active[CLASS_MAX + 1];
	struct mac_key {
		struct hmac_key key;
		bool there;
	} macs[KIND_END]; /* of the kinds that are HMAC keys: see mac_kinds */
	uint8_t slots[KEY_BYTES];
	bool has_slots;
	struct sign_public log_public;
	struct sc_secret *log_key; /* struct sign_secret; each signer has its copy */
	struct sc_secret *signers[SIGNERS_MAX];
	size_t n_signers;
};

/* ---- wrapping ---- */

#define BINDING_MAX (32 + 1 + SC_NAME_MAX + 16 + KEY_BINDING_REST)

/* Everything a wrapped key is bound to. */
static struct sc_span bound(const struct keyring *kr, const struct key_binding *b,
    uint8_t out[static BINDING_MAX])
{
	size_t n = strlen(b->label) + 1, t = strlen(kr->tenant.s);

	memcpy(out, b->label, n);
	out[n++] = (uint8_t)t;
	memcpy(out + n, kr->tenant.s, t);
	n += t;
	sc_be64_store(out + n, b->id);
	sc_be64_store(out + n + 8, b->parent);
	memcpy(out + n + 16, b->rest.p, b->rest.n);
	return sc_span(out, n + 16 + b->rest.n);
}

enum sc_err keyring_wrap(const struct keyring *kr, struct siv_ctx *kek, const struct key_binding *b,
    const uint8_t key[static KEY_BYTES], uint8_t out[static KEY_WRAPPED])
{
	uint8_t aad[BINDING_MAX];
	const struct sc_span ad = bound(kr, b, aad);

	return kek == NULL ? SC_BUG : siv_seal(kek, &ad, 1, sc_span(key, KEY_BYTES), out);
}

enum sc_err keyring_unwrap(const struct keyring *kr, struct siv_ctx *kek,
    const struct key_binding *b, const uint8_t wrapped[static KEY_WRAPPED],
    uint8_t key[static KEY_BYTES])
{
	uint8_t aad[BINDING_MAX];
	const struct sc_span ad = bound(kr, b, aad);
	bool ok = false;
	enum sc_err err;

	if (kek == NULL)
		return SC_CORRUPT;
	err = siv_open(kek, &ad, 1, sc_span(wrapped, KEY_WRAPPED), key, &ok);
	return err != SC_OK ? err : ok ? SC_OK : SC_AUTH;
}

static enum sc_err siv_from(const uint8_t key[KEY_BYTES], const char *label, struct siv_ctx **out)
{
	uint8_t wide[SIV_KEY_BYTES];
	enum sc_err err;

	if ((err = siv_ctx_new(out)) != SC_OK)
		return err;
	if ((err = hkdf_sha256(sc_span(key, KEY_BYTES), sc_span(NULL, 0), sc_span_str(label), wide,
		 sizeof(wide))) == SC_OK)
		err = siv_set_key(*out, wide);
	sc_wipe(wide, sizeof(wide));
	if (err != SC_OK) {
		siv_ctx_free(*out);
		*out = NULL;
	}
	return err;
}

struct siv_ctx *keyring_kek(const struct keyring *kr, uint64_t id)
{
	for (size_t i = 0; i < kr->n_keks; i++)
		if (kr->keks[i].id == id && kr->keks[i].state != KEY_DESTROYED &&
		    kr->keks[i].state != KEY_DISABLED)
			return kr->keks[i].siv;
	return NULL;
}

static struct siv_ctx *parent_of(const struct keyring *kr, const struct key_row *r)
{
	return r->kind == KIND_CLASS ? keyring_kek(kr, r->parent) : kr->ring;
}

#define ROW_REST 4

static struct key_binding binding_of(const struct key_row *r, uint8_t rest[static ROW_REST])
{
	rest[0] = r->kind;
	rest[1] = r->class_id;
	rest[2] = r->tier;
	rest[3] = r->epoch;
	return (struct key_binding){ "scrim1 key", r->id, r->parent, sc_span(rest, ROW_REST) };
}

/* ---- working forms ---- */

static enum sc_err add_kek(struct keyring *kr, const struct key_row *r,
    const uint8_t key[KEY_BYTES])
{
	struct kek *k = &kr->keks[kr->n_keks];
	enum sc_err err;

	if (kr->n_keks == sizeof(kr->keks) / sizeof(kr->keks[0]))
		return SC_LIMIT;
	if ((err = siv_from(key, "scrim1|wrap", &k->siv)) != SC_OK)
		return err;
	k->id = r->id;
	k->tier = r->tier;
	k->state = r->state;
	kr->n_keks++;
	return SC_OK;
}

static enum sc_err room_for_class(struct keyring *kr)
{
	struct class_key **more;
	size_t room = sc_grown(kr->room);

	if (kr->n_classes < kr->room)
		return SC_OK;
	if ((more = realloc(kr->classes, room * sizeof(*more))) == NULL)
		return SC_NOMEM;
	kr->classes = more;
	kr->room = room;
	return SC_OK;
}

static enum sc_err add_class(struct keyring *kr, const struct key_row *r,
    const uint8_t key[KEY_BYTES])
{
	struct class_key *c;
	uint8_t index[HASH_BYTES];
	enum sc_err err;

	if ((err = room_for_class(kr)) != SC_OK)
		return err;
	if ((c = vault_alloc(sizeof(*c))) == NULL)
		return SC_NOMEM;
	if ((err = hkdf_sha256(sc_span(key, KEY_BYTES), sc_span(NULL, 0),
		 sc_span_str("scrim1|index"), index, sizeof(index))) != SC_OK ||
	    (err = siv_from(key, "scrim1|seal", &c->seal)) != SC_OK)
		goto out;
	hmac_key_init(&c->index, index, sizeof(index));
	c->id = r->id;
	c->class_id = r->class_id;
	c->epoch = (char)r->epoch;
	c->state = r->state;
	if (c->state == KEY_ACTIVE &&
	    (kr->active[c->class_id] == NULL || kr->active[c->class_id]->epoch < c->epoch))
		kr->active[c->class_id] = c;
	kr->classes[kr->n_classes++] = c;
	c = NULL;
out:
	vault_free(c);
	sc_wipe(index, sizeof(index));
	return err;
}

static enum sc_err add_log_key(struct keyring *kr, const uint8_t seed[KEY_BYTES])
{
	struct sign_secret sk;

	if (kr->log_key != NULL)
		return SC_CORRUPT;
	sign_keypair_from_seed(seed, &kr->log_public, &sk);
	return sc_secret_new_take(&sk, sizeof(sk), &kr->log_key);
}

static const uint8_t mac_kinds[] = { KIND_HANDLE, KIND_ANALYTICS, KIND_DATASET };

static enum sc_err add_mac(struct keyring *kr, uint8_t kind, const uint8_t key[KEY_BYTES])
{
	if (kr->macs[kind].there)
		return SC_CORRUPT;
	hmac_key_init(&kr->macs[kind].key, key, KEY_BYTES);
	kr->macs[kind].there = true;
	return SC_OK;
}

static enum sc_err add_slots(struct keyring *kr, const uint8_t key[KEY_BYTES])
{
	if (kr->has_slots)
		return SC_CORRUPT;
	memcpy(kr->slots, key, KEY_BYTES);
	kr->has_slots = true;
	return SC_OK;
}

static enum sc_err add_row(struct keyring *kr, const struct key_row *r)
{
	uint8_t key[KEY_BYTES], rest[ROW_REST];
	const struct key_binding b = binding_of(r, rest);
	enum sc_err err;

	if (r->state == KEY_DESTROYED || r->state == KEY_DISABLED)
		return SC_OK;
	if ((err = keyring_unwrap(kr, parent_of(kr, r), &b, r->wrapped, key)) != SC_OK)
		goto out;
	switch (r->kind) {
	case KIND_KEK: err = add_kek(kr, r, key); break;
	case KIND_CLASS: err = add_class(kr, r, key); break;
	case KIND_LOG: err = add_log_key(kr, key); break;
	case KIND_HANDLE:
	case KIND_ANALYTICS:
	case KIND_DATASET: err = add_mac(kr, r->kind, key); break;
	case KIND_SLOT: err = add_slots(kr, key); break;
	default: err = SC_CORRUPT;
	}
out:
	sc_wipe(key, sizeof(key));
	return err;
}

/* ---- making ---- */

/* Draw a key, store it wrapped, and put it to work. */
static enum sc_err make(struct keyring *kr, uint8_t kind, uint8_t class_id, uint8_t tier,
    uint64_t parent)
{
	struct key_row r = { .kind = kind,
		.class_id = class_id,
		.tier = tier,
		.epoch = FIRST_EPOCH,
		.state = KEY_ACTIVE,
		.parent = parent };
	uint8_t key[KEY_BYTES], rest[ROW_REST];
	struct key_binding b;
	enum sc_err err;

	random_bytes(&r.id, sizeof(r.id));
	random_bytes(key, sizeof(key));
	b = binding_of(&r, rest);
	err = keyring_wrap(kr, parent_of(kr, &r), &b, key, r.wrapped);
	sc_wipe(key, sizeof(key));
	if (err != SC_OK || (err = key_rows_add(kr->store, &r)) != SC_OK)
		return err;
	return add_row(kr, &r);
}

/* ---- opening ---- */

static const struct kek *kek_of_tier(const struct keyring *kr, uint8_t tier)
{
	for (size_t i = kr->n_keks; i > 0; i--)
		if (kr->keks[i - 1].tier == tier && kr->keks[i - 1].state == KEY_ACTIVE)
			return &kr->keks[i - 1];
	return NULL;
}

static enum sc_err make_missing(struct keyring *kr)
{
	static const uint8_t tiers[] = { TIER_T0, TIER_T1, TIER_T2, TIER_T3, TIER_T4,
		SUBJECT_TIER };
	enum sc_err err;

	for (size_t i = 0; i < sizeof(tiers); i++)
		if (kek_of_tier(kr, tiers[i]) == NULL &&
		    (err = make(kr, KIND_KEK, 0, tiers[i], 0)) != SC_OK)
			return err;
	if ((kr->log_key == NULL && (err = make(kr, KIND_LOG, 0, 0, 0)) != SC_OK) ||
	    (!kr->has_slots && (err = make(kr, KIND_SLOT, 0, 0, 0)) != SC_OK))
		return err;
	for (size_t i = 0; i < sizeof(mac_kinds); i++)
		if (!kr->macs[mac_kinds[i]].there &&
		    (err = make(kr, mac_kinds[i], 0, 0, 0)) != SC_OK)
			return err;
	return SC_OK;
}

static bool is_whole(const struct keyring *kr)
{
	for (size_t i = 0; i < sizeof(mac_kinds); i++)
		if (!kr->macs[mac_kinds[i]].there)
			return false;
	return kr->log_key != NULL && kr->has_slots && kek_of_tier(kr, SUBJECT_TIER) != NULL;
}

static enum sc_err load(struct keyring *kr, struct sc_diag *d)
{
	struct key_row *rows;
	enum sc_err err;
	size_t n = 0;

	if ((rows = calloc(KEY_ROWS_MAX, sizeof(*rows))) == NULL)
		return SC_NOMEM;
	err = key_rows_load(kr->store, rows, &n);
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = add_row(kr, &rows[i]);
	if (err == SC_AUTH)
		sc_diag_set(d,
		    "the ring key does not open this keyring: it is another's, "
		    "or the store was changed");
	else if (err != SC_OK)
		sc_diag_set(d, "the keyring cannot be read (%s)", sc_err_name(err));
	free(rows);
	return err;
}

enum sc_err keyring_open(struct store *s, const uint8_t ring[static KEY_BYTES],
    const struct sc_name *tenant, bool init, struct sc_diag *d, struct keyring **out)
{
	struct keyring *kr;
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if ((kr = vault_alloc(sizeof(*kr))) == NULL)
		goto out;
	kr->store = s;
	kr->tenant = *tenant;
	if ((err = siv_from(ring, "scrim1|ring", &kr->ring)) != SC_OK ||
	    (err = load(kr, d)) != SC_OK)
		goto out;
	if (init && (err = make_missing(kr)) != SC_OK) {
		sc_diag_set(d, "cannot make the keys (%s)", sc_err_name(err));
		goto out;
	}
	/* class keys are wrapped by KEKs: while serving nothing needs it any more */
	siv_ctx_free(kr->ring);
	kr->ring = NULL;
	if (!is_whole(kr)) {
		sc_diag_set(d, "there is no whole keyring yet: make what is missing with --init");
		err = SC_AUTH;
		goto out;
	}
	*out = kr;
	kr = NULL;
out:
	keyring_free(kr);
	return err;
}

void keyring_free(struct keyring *kr)
{
	if (kr == NULL)
		return;
	for (size_t i = 0; i < kr->n_keks; i++)
		siv_ctx_free(kr->keks[i].siv);
	for (size_t i = 0; i < kr->n_classes; i++) {
		siv_ctx_free(kr->classes[i]->seal);
		vault_free(kr->classes[i]);
	}
	for (size_t i = 0; i < kr->n_signers; i++)
		sc_secret_free(kr->signers[i]);
	sc_secret_free(kr->log_key);
	siv_ctx_free(kr->ring);
	free(kr->classes);
	vault_free(kr); /* and with it, wiped, what lies in it */
}

enum sc_err keyring_add_classes(struct keyring *kr, const struct policy *p, keyring_made_fn *made,
    void *arg)
{
	const struct kek *kek;
	enum sc_err err;

	for (unsigned id = 1; id <= CLASS_MAX; id++) {
		uint8_t tier = (uint8_t)policy_class_tier(p, (uint8_t)id);

		if (policy_class_name(p, (uint8_t)id) == NULL || kr->active[id] != NULL ||
		    tier >= TIER_X)
			continue;
		if ((kek = kek_of_tier(kr, tier)) == NULL)
			return SC_CORRUPT;
		if ((err = make(kr, KIND_CLASS, (uint8_t)id, tier, kek->id)) != SC_OK)
			return err;
		if (made != NULL)
			made(arg, kr->active[id], tier);
	}
	return SC_OK;
}

/* ---- asking ---- */

const struct class_key *keyring_class(const struct keyring *kr, uint8_t class_id)
{
	return kr->active[class_id];
}

const struct class_key *keyring_class_by_id(const struct keyring *kr, uint64_t id)
{
	for (size_t i = 0; i < kr->n_classes; i++)
		if (kr->classes[i]->id == id)
			return kr->classes[i];
	return NULL;
}

uint64_t keyring_subject_kek(const struct keyring *kr)
{
	return kek_of_tier(kr, SUBJECT_TIER)->id;
}

const struct hmac_key *keyring_handle_key(const struct keyring *kr)
{
	return &kr->macs[KIND_HANDLE].key;
}

const struct hmac_key *keyring_analytics_key(const struct keyring *kr)
{
	return &kr->macs[KIND_ANALYTICS].key;
}

const struct hmac_key *keyring_dataset_key(const struct keyring *kr)
{
	return &kr->macs[KIND_DATASET].key;
}

const uint8_t *keyring_slot_key(const struct keyring *kr)
{
	return kr->slots;
}

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	struct sc_secret *key = arg;
	struct sign_secret sk;

	memcpy(&sk, sc_secret_open(key), sizeof(sk));
	sc_secret_close(key);
	sign_detached(&sk, msg, sig);
	sc_wipe(&sk, sizeof(sk));
	return SC_OK;
}

enum sc_err keyring_signer(struct keyring *kr, const char *name, struct note_signer *out)
{
	struct sign_secret sk;
	struct sc_secret *copy = NULL;
	enum sc_err err;

	if (kr->n_signers == SIGNERS_MAX)
		return SC_LIMIT;
	memcpy(&sk, sc_secret_open(kr->log_key), sizeof(sk));
	sc_secret_close(kr->log_key);
	if ((err = sc_secret_new_take(&sk, sizeof(sk), &copy)) != SC_OK)
		return err;
	kr->signers[kr->n_signers++] = copy;
	out->sign = sign;
	out->arg = copy;
	return note_key_make(name, NOTE_ED25519, kr->log_public.b, &out->key);
}

enum sc_err keyring_vkey(const struct keyring *kr, const char *name, struct sc_buf *out)
{
	struct note_key key;
	enum sc_err err;

	if ((err = note_key_make(name, NOTE_ED25519, kr->log_public.b, &key)) != SC_OK)
		return err;
	return note_key_print(&key, out);
}

void keyring_count(const struct keyring *kr, uint32_t keks[KEY_STATE_COUNT],
    uint32_t classes[KEY_STATE_COUNT])
{
	memset(keks, 0, KEY_STATE_COUNT * sizeof(*keks));
	memset(classes, 0, KEY_STATE_COUNT * sizeof(*classes));
	for (size_t i = 0; i < kr->n_keks; i++)
		keks[kr->keks[i].state]++;
	for (size_t i = 0; i < kr->n_classes; i++)
		classes[kr->classes[i]->state]++;
}
