/*
 * known_keys.c - from the root key down, with keyd's own code.
 */
#include "unit/crypto/known_keys.h"

#include "base/clock.h"
#include "base/grow.h"
#include "crypto/keyring/keyring_int.h"
#include "crypto/keyring/root.h"
#include "crypto/keystore/keystore_int.h"
#include "crypto/rows/tables.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct known {
	struct store_job job;
	struct memory_search *s;
	struct keystore *ks;
	struct keyring *kr;
};

/* ---- what becomes of a key ---- */

static void add_wide(struct memory_search *s, const char *name, const uint8_t *key,
    const char *label, size_t n)
{
	uint8_t out[64];

	if (hkdf_sha256(sc_span(key, 32), sc_span(NULL, 0), sc_span_str(label), out, n) != SC_OK)
		abort();
	search_add(s, name, out, n);
}

/* An HMAC key: itself, both pads, and both states, which are as good as the key. */
static void add_mac(struct memory_search *s, const char *name, const uint8_t *key)
{
	uint8_t pad[32];
	struct hmac_key k;

	search_add(s, name, key, 32);
	for (int p = 0; p < 2; p++) {
		for (int i = 0; i < 32; i++)
			pad[i] = key[i] ^ (p == 0 ? 0x36 : 0x5c);
		search_add(s, name, pad, 32);
	}
	hmac_key_init(&k, key, 32);
	search_add(s, name, k.inner.h, 32);
	search_add(s, name, k.outer.h, 32);
}

/* A key that others are derived of: itself, as it stands in HKDF, and what LABEL makes of it. */
static void add_key(struct memory_search *s, const char *name, const uint8_t *key,
    const char *label)
{
	static const struct hmac_key *none;
	static struct hmac_key zero;
	const struct sc_span ikm = sc_span(key, 32);
	uint8_t prk[32];

	if (none == NULL)
		hmac_key_init(&zero, NULL, 0);
	none = &zero;
	search_add(s, name, key, 32);
	hmac_sha256(none, &ikm, 1, prk);
	add_mac(s, name, prk);
	add_wide(s, name, key, label, 64);
}

/* An Ed25519 seed, and the scalar and prefix that signing makes of it. */
static void add_seed(struct memory_search *s, const uint8_t *seed)
{
	uint8_t az[64];

	crypto_hash_sha512(az, seed, 32);
	search_add(s, "log", seed, 32);
	search_add(s, "log", az + 32, 32);
	az[0] &= 248;
	az[31] = (uint8_t)((az[31] & 63) | 64);
	search_add(s, "log", az, 32);
}

/* ---- the keyring ---- */

static void add_row(struct memory_search *s, uint8_t kind, const uint8_t *key)
{
	uint8_t index[32];

	switch (kind) {
	case KIND_KEK: add_key(s, "kek", key, "scrim1|wrap"); break;
	case KIND_CLASS:
		add_key(s, "class", key, "scrim1|seal");
		if (hkdf_sha256(sc_span(key, 32), sc_span(NULL, 0), sc_span_str("scrim1|index"),
			index, 32) != SC_OK)
			abort();
		add_mac(s, "index", index);
		break;
	case KIND_LOG: add_seed(s, key); break;
	case KIND_SLOT: search_add(s, "slot", key, 32); break;
	case KIND_YEAR:
		add_mac(s, "year", key);
		add_wide(s, "whose", key, "scrim1|whose", 64);
		break;
	default: add_mac(s, "mac", key);
	}
}

static bool add_ring(struct known *k, struct store *store, const uint8_t *ring,
    const struct sc_name *tenant)
{
	struct key_rows rows = { .n = 0 };
	struct siv_ctx *top = NULL;
	struct sc_diag d = { .text = "" };
	uint8_t key[KEY_BYTES];
	bool ok;

	add_key(k->s, "ring", ring, "scrim1|ring");
	ok = keyring_open(store, ring, tenant, false, &d, &k->kr) == SC_OK &&
	    key_siv_new(ring, "scrim1|ring", &top) == SC_OK && key_rows_load(store, &rows) == SC_OK;
	for (size_t i = 0; i < rows.n && ok; i++) {
		const struct key_row *r = &rows.v[i];
		struct siv_ctx *under = key_row_under_kek(r) ? keyring_kek(k->kr, r->parent) : top;

		if (r->state == KEY_DESTROYED || r->state == KEY_DISABLED)
			continue;
		ok = key_row_unwrap(k->kr, under, r, key) == SC_OK;
		if (ok)
			add_row(k->s, r->kind, key);
	}
	if (!ok)
		printf("# the keyring does not open: %s\n", d.text);
	key_rows_fini(&rows);
	siv_ctx_free(top);
	keyring_free(k->kr);
	return ok;
}

/* ---- the tree ---- */

/* The boxes on the way to slot 0, and everybody in the tree. */
static enum sc_err add_tree(struct store_job *job, struct store_tx *tx)
{
	struct known *k = (struct known *)(void *)job;
	const struct tree_rows rows = store_rows_boxes(tx);
	uint8_t box[TREE_BOX], plain[TREE_PLAIN], key[32];
	struct tree_person p;
	enum sc_err err = SC_OK;
	bool there, ok, gone;
	char name[32];

	memcpy(key, epoch_file_key(k->ks->file, k->ks->kept.epoch), 32);
	for (int level = TREE_LEVELS - 1; level >= 0 && err == SC_OK; level--) {
		err = rows.read(rows.arg, TREE_PLACE(level, 0), box, &there);
		if (err != SC_OK || !there)
			break;
		add_key(k->s, "box", key, "scrim1|node");
		err = tree_box_open(k->ks->tree, TREE_PLACE(level, 0), key, box, plain, &ok);
		memcpy(key, plain, 32);
	}
	for (uint64_t slot = 0; slot < k->ks->kept.high && err == SC_OK; slot++) {
		err = tree_look(k->ks->tree, &rows, slot, &p, &gone);
		snprintf(name, sizeof(name), "person %llu ", (unsigned long long)slot);
		if (err == SC_OK && !gone)
			add_key(k->s, name, p.secret, "scrim1|seal");
	}
	return err;
}

static void add_epochs(struct known *k)
{
	struct epoch_held held[2];

	epoch_file_held(k->ks->file, held);
	for (int i = 0; i < 2; i++)
		if (held[i].opens)
			search_add(k->s, "epoch", epoch_file_key(k->ks->file, held[i].epoch), 32);
}

/* ---- all of it ---- */

static bool copy_of(const char *path, const char *scratch, const char *name, char out[512])
{
	char cmd[2300];

	snprintf(out, 512, "%s/%s", scratch, name);
	snprintf(cmd, sizeof(cmd),
	    "rm -f '%s' '%s-wal' && cp '%s' '%s' && { [ ! -e '%s-wal' ] || cp '%s-wal' '%s-wal'; }",
	    out, out, path, out, path, path, out);
	return system(cmd) == 0;
}

static bool add_store(struct known *k, const struct settings *at, const char *scratch,
    struct sc_secret *root, uint64_t *high)
{
	char store[512], epoch[512], url[600];
	struct keystore_place place = { .tenant = &at->tenant,
		.store = url,
		.epoch = epoch,
		.node = at->origin };
	struct sc_diag d = { .text = "" };
	bool ok;

	if (!copy_of(at->store, scratch, "keyd.db", store) ||
	    !copy_of(at->epoch, scratch, "keyd.epoch", epoch))
		return false;
	snprintf(url, sizeof(url), "sqlite:%s", store);
	if (keystore_open(&place, root, false, &d, &k->ks) != SC_OK) {
		printf("# the copy does not open: %s\n", d.text);
		return false;
	}
	add_epochs(k);
	k->job.run = add_tree;
	ok = add_ring(k, keystore_store(k->ks), keystore_ring(k->ks), &at->tenant) &&
	    store_run(keystore_store(k->ks), &k->job) == SC_OK;
	if (high != NULL)
		*high = k->ks->kept.high;
	keystore_close(k->ks);
	return ok;
}

bool known_keys(const struct settings *at, const char *scratch, struct memory_search *s,
    uint64_t *high)
{
	struct known k = { .s = s };
	struct sc_secret *root = NULL;
	struct sc_diag d = { .text = "" };
	char text[64];
	bool ok;

	if (sodium_init() < 0 || root_load(at->root, true, &d, &root) != SC_OK) {
		printf("# %s\n", d.text);
		return false;
	}
	add_key(s, "root", sc_secret_open(root), "scrim1|epoch");
	sodium_bin2base64(text, sizeof(text), sc_secret_open(root), 32,
	    sodium_base64_VARIANT_ORIGINAL);
	search_add(s, "root", text, 32);
	ok = add_store(&k, at, scratch, root, high);
	sc_secret_free(root);
	return ok;
}
