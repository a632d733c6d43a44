/*
 * keyring.c - the wrapped keys of the store, and their working forms.
 */
#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/keyring/keyring_int.h"
#include "crypto/prim/random.h"
#include "crypto/prim/sign.h"
#include "crypto/prim/vault.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_EPOCH 'a'

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
	return key_row_under_kek(r) ? keyring_kek(kr, r->parent) : kr->ring;
}

/* ---- working forms ---- */

static enum sc_err add_kek(struct keyring *kr, const struct key_row *r,
    const uint8_t key[KEY_BYTES])
{
	struct kek *k = &kr->keks[kr->n_keks];
	enum sc_err err;

	if (kr->n_keks == KEKS_MAX)
		return SC_LIMIT;
	if ((err = key_siv_new(key, "scrim1|wrap", &k->siv)) != SC_OK)
		return err;
	k->id = r->id;
	k->since_ms = r->since_ms;
	k->tier = r->tier;
	k->epoch = r->epoch;
	k->state = r->state;
	kr->n_keks++;
	return SC_OK;
}

static enum sc_err add_class(struct keyring *kr, const struct key_row *r, const uint8_t *key)
{
	struct class_key *c;
	enum sc_err err;

	if (r->class_id == CLASS_NONE || key_version_number((char)r->epoch) < 0)
		return SC_CORRUPT;
	if ((err = key_class_room(kr, 1)) != SC_OK || (err = key_class_new(r, key, &c)) != SC_OK)
		return err;
	key_class_put(kr, c);
	return SC_OK;
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

/* Of its own: an order's id that is a person's too has another name. */
static void add_alias_key(struct keyring *kr)
{
	const struct sc_span label = SC_LIT("scrim1|alias");
	uint8_t key[HASH_BYTES];

	hmac_sha256(&kr->macs[KIND_HANDLE].key, &label, 1, key);
	hmac_key_init(&kr->alias, key, sizeof(key));
	sc_wipe(key, sizeof(key));
}

static enum sc_err add_mac(struct keyring *kr, uint8_t kind, const uint8_t key[KEY_BYTES])
{
	if (kr->macs[kind].there)
		return SC_CORRUPT;
	hmac_key_init(&kr->macs[kind].key, key, KEY_BYTES);
	kr->macs[kind].there = true;
	if (kind == KIND_HANDLE)
		add_alias_key(kr);
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
	uint8_t key[KEY_BYTES];
	enum sc_err err;

	if (r->state == KEY_DESTROYED || r->state == KEY_DISABLED)
		return r->kind == KIND_CLASS ? add_class(kr, r, NULL) :
		    r->kind == KIND_YEAR     ? key_year_add(kr, r, NULL) :
					       SC_OK;
	if ((err = key_row_unwrap(kr, parent_of(kr, r), r, key)) != SC_OK)
		goto out;
	switch (r->kind) {
	case KIND_KEK: err = add_kek(kr, r, key); break;
	case KIND_CLASS: err = add_class(kr, r, key); break;
	case KIND_LOG: err = add_log_key(kr, key); break;
	case KIND_HANDLE:
	case KIND_ANALYTICS:
	case KIND_DATASET: err = add_mac(kr, r->kind, key); break;
	case KIND_SLOT: err = add_slots(kr, key); break;
	case KIND_YEAR: err = key_year_add(kr, r, key); break;
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
		.parent = parent,
		.since_ms = clock_unix_ms() };
	uint8_t key[KEY_BYTES];
	enum sc_err err;

	random_bytes(&r.id, sizeof(r.id));
	random_bytes(key, sizeof(key));
	err = key_row_wrap(kr, parent_of(kr, &r), &r, key);
	sc_wipe(key, sizeof(key));
	if (err != SC_OK || (err = key_rows_add(kr->store, &r)) != SC_OK)
		return err;
	return add_row(kr, &r);
}

/* ---- opening ---- */

struct kek *keyring_kek_of_tier(struct keyring *kr, uint8_t tier)
{
	for (size_t i = kr->n_keks; i > 0; i--)
		if (kr->keks[i - 1].tier == tier && kr->keks[i - 1].state == KEY_ACTIVE)
			return &kr->keks[i - 1];
	return NULL;
}

enum sc_err keyring_make_years(struct keyring *kr, uint64_t ms, keyring_year_fn *made, void *arg)
{
	const unsigned first = key_year_of(ms);
	enum sc_err err;

	for (unsigned year = first; year <= first + 1; year++) {
		const struct kek *kek = keyring_kek_of_tier(kr, KEY_YEAR_TIER);

		if (keyring_year(kr, year) != NULL)
			continue;
		if (year >= KEY_YEAR_FIRST + KEY_YEARS)
			return SC_LIMIT;
		/* its job is under way: what it wraps under is about to be another */
		if (kr->changing)
			return SC_AGAIN;
		if (kek == NULL)
			return SC_CORRUPT;
		if ((err = make(kr, KIND_YEAR, (uint8_t)(year - KEY_YEAR_FIRST), KEY_YEAR_TIER,
			 kek->id)) != SC_OK)
			return err;
		if (made != NULL)
			made(arg, keyring_year(kr, year));
	}
	return SC_OK;
}

static enum sc_err make_missing(struct keyring *kr)
{
	static const uint8_t tiers[] = { TIER_T0, TIER_T1, TIER_T2, TIER_T3, TIER_T4 };
	enum sc_err err;

	for (size_t i = 0; i < sizeof(tiers); i++)
		if (keyring_kek_of_tier(kr, tiers[i]) == NULL &&
		    (err = make(kr, KIND_KEK, 0, tiers[i], 0)) != SC_OK)
			return err;
	if ((kr->log_key == NULL && (err = make(kr, KIND_LOG, 0, 0, 0)) != SC_OK) ||
	    (!kr->has_slots && (err = make(kr, KIND_SLOT, 0, 0, 0)) != SC_OK))
		return err;
	for (size_t i = 0; i < sizeof(mac_kinds); i++)
		if (!kr->macs[mac_kinds[i]].there &&
		    (err = make(kr, mac_kinds[i], 0, 0, 0)) != SC_OK)
			return err;
	return keyring_make_years(kr, clock_unix_ms(), NULL, NULL);
}

static bool is_whole(struct keyring *kr)
{
	for (size_t i = 0; i < sizeof(mac_kinds); i++)
		if (!kr->macs[mac_kinds[i]].there)
			return false;
	return kr->log_key != NULL && kr->has_slots;
}

static enum sc_err load(struct keyring *kr, struct sc_diag *d)
{
	struct key_rows rows = { .n = 0 };
	enum sc_err err = key_rows_load(kr->store, &rows);

	for (size_t i = 0; i < rows.n && err == SC_OK; i++)
		err = add_row(kr, &rows.v[i]);
	if (err == SC_AUTH)
		sc_diag_set(d,
		    "the ring key does not open this keyring: it is another's, "
		    "or the store was changed");
	else if (err != SC_OK)
		sc_diag_set(d, "the keyring cannot be read (%s)", sc_err_name(err));
	key_rows_fini(&rows);
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
	if ((err = key_siv_new(ring, "scrim1|ring", &kr->ring)) != SC_OK ||
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
		sc_diag_set(d,
		    "the keyring is not whole: put the newest database back, or restore a backup "
		    "(scrim keys restore)");
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
	for (size_t i = 0; i < kr->n_classes; i++)
		key_class_free(kr->classes[i]);
	for (size_t i = 0; i < KEY_YEARS; i++)
		key_year_free(kr->years[i]);
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

	/* its job is under way: what it wraps under is about to be another */
	if (kr->changing)
		return SC_AGAIN;
	for (unsigned id = 1; id <= CLASS_MAX; id++) {
		uint8_t tier = (uint8_t)policy_class_tier(p, (uint8_t)id);

		if (policy_class_name(p, (uint8_t)id) == NULL || kr->newest[id] != NULL ||
		    tier >= TIER_X)
			continue;
		if ((kek = keyring_kek_of_tier(kr, tier)) == NULL)
			return SC_CORRUPT;
		if ((err = make(kr, KIND_CLASS, (uint8_t)id, tier, kek->id)) != SC_OK)
			return err;
		if (made != NULL)
			made(arg, kr->newest[id], tier);
	}
	return SC_OK;
}

/* ---- asking ---- */

bool keyring_tier(const struct keyring *kr, uint8_t tier, struct tier_key *out)
{
	for (size_t i = kr->n_keks; i > 0; i--) {
		const struct kek *k = &kr->keks[i - 1];

		if (k->tier != tier || k->state != KEY_ACTIVE)
			continue;
		*out = (struct tier_key){ k->id, k->since_ms, (char)k->epoch };
		return true;
	}
	return false;
}

const struct hmac_key *keyring_handle_key(const struct keyring *kr)
{
	return &kr->macs[KIND_HANDLE].key;
}

const struct hmac_key *keyring_alias_key(const struct keyring *kr)
{
	return &kr->alias;
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
