/*
 * key.c - a witness's own key.
 */
#include "audit/witness/key.h"

#include "base/bytes.h"
#include "base/private_file.h"
#include "base/text/shape.h"
#include "crypto/prim/random.h"

#include <stdio.h>
#include <string.h>

#define KEY_FILE_MAX 1024

struct key_file {
	uint32_t format;
	const char *name;
	uint8_t seed[SIGN_SEED_BYTES];
};

static const struct shape_row rows[] = {
	{ "scrim_witness_key", shape_count, SHAPE_AT(struct key_file, format), .need = true,
	    .min = 1, .max = 1 },
	{ "name", shape_text, SHAPE_AT(struct key_file, name), .need = true, .max = NOTE_NAME_MAX },
	{ "seed", shape_digest, SHAPE_AT(struct key_file, seed), .need = true },
	{ .key = NULL },
};
static const struct shape file_shape = { .what = "witness key", .rows = rows };

enum sc_err witness_key_make(const char *name, struct sc_buf *out)
{
	uint8_t seed[SIGN_SEED_BYTES];
	char text[2 * SIGN_SEED_BYTES + 1];
	enum sc_err err;

	random_bytes(seed, sizeof(seed));
	for (size_t i = 0; i < sizeof(seed); i++)
		snprintf(text + 2 * i, 3, "%02x", seed[i]);
	err = sc_buf_printf(out,
	    "{ \"scrim_witness_key\": 1, \"name\": \"%s\",\n  \"seed\": \"%s\" }\n", name, text);
	sc_wipe(seed, sizeof(seed));
	sc_wipe(text, sizeof(text));
	return err;
}

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	const struct witness_key *k = arg;

	sign_detached(&k->secret, msg, sig);
	return SC_OK;
}

static enum sc_err take(const struct key_file *f, const char *name, struct sc_diag *d,
    struct witness_key *out)
{
	struct sign_public pk;

	if (strcmp(f->name, name) != 0) {
		sc_diag_set(d, "this key is another witness's: its name is not the settings'");
		return SC_SYNTAX;
	}
	sign_keypair_from_seed(f->seed, &pk, &out->secret);
	out->signer.sign = sign;
	out->signer.arg = out;
	return note_key_make(name, NOTE_COSIGNATURE, pk.b, &out->signer.key);
}

enum sc_err witness_key_load(const char *path, const char *name, struct sc_diags *all,
    struct witness_key *out)
{
	struct sc_arena arena = { .left = 0 };
	struct shape_ctx c = { .arena = &arena, .all = all };
	struct key_file f = { .format = 0 };
	struct sc_buf b;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	sc_buf_init(&b, KEY_FILE_MAX);
	if ((err = private_file_read(path, "witness key", &b, &all->v[0])) == SC_OK &&
	    (err = shape_load(&c, sc_buf_span(&b), path, &file_shape, &f)) == SC_OK &&
	    (err = take(&f, name, &all->v[0], out)) != SC_OK)
		snprintf(all->v[0].file, sizeof(all->v[0].file), "%.255s", path);
	sc_wipe(&f, sizeof(f));
	sc_arena_fini(&arena);
	sc_buf_fini(&b);
	return err;
}

void witness_key_fini(struct witness_key *k)
{
	sc_wipe(k, sizeof(*k));
}
