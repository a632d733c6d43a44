/*
 * bench_crypto.c - nanoseconds per operation of the primitives and tokens.
 *
 * Prints a table; the best of several rounds, so that a busy neighbour does
 * not count. Decides nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/prim/hash.h"
#include "crypto/prim/index.h"
#include "crypto/prim/random.h"
#include "crypto/prim/secret.h"
#include "crypto/prim/sign.h"
#include "crypto/token/seal.h"

enum { ROUNDS = 9, OPS = 4000 };

/* What the operations work on. */
struct bench {
	struct siv_ctx *siv;
	uint8_t key[SIV_KEY_BYTES];
	struct hmac_key hmac;
	struct sign_public pk;
	struct sign_secret sk;
	struct sc_secret *secret;
	uint8_t aad[48], field[11], sealed[SIV_BYTES + 11], long_text[1024], long_sealed[1040];
	uint8_t sig[SIGN_BYTES], digest[HASH_BYTES];
	struct token_parts head, parsed;
	struct sc_buf text, out, scratch;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "%s failed\n", what);
		exit(1);
	}
}

static void op_set_key(struct bench *b)
{
	b->key[0]++;
	must(siv_set_key(b->siv, b->key) == SC_OK, "siv_set_key");
}

static void op_seal(struct bench *b)
{
	struct sc_span ad = sc_span(b->aad, sizeof(b->aad));

	must(siv_seal(b->siv, &ad, 1, sc_span(b->field, sizeof(b->field)), b->sealed) == SC_OK,
	    "siv_seal");
}

static void op_open(struct bench *b)
{
	struct sc_span ad = sc_span(b->aad, sizeof(b->aad));
	uint8_t plain[11];
	bool ok;

	must(siv_open(b->siv, &ad, 1, sc_span(b->sealed, sizeof(b->sealed)), plain, &ok) == SC_OK &&
		ok,
	    "siv_open");
}

static void op_seal_1k(struct bench *b)
{
	struct sc_span ad = sc_span(b->aad, sizeof(b->aad));

	must(siv_seal(b->siv, &ad, 1, sc_span(b->long_text, sizeof(b->long_text)),
		 b->long_sealed) == SC_OK,
	    "siv_seal");
}

static void op_hmac(struct bench *b)
{
	struct sc_span part = sc_span(b->field, sizeof(b->field));

	hmac_sha256(&b->hmac, &part, 1, b->digest);
}

static void op_hmac_key(struct bench *b)
{
	hmac_key_init(&b->hmac, b->key, 32);
}

static void op_hash(struct bench *b)
{
	hash_sha256(sc_span(b->aad, sizeof(b->aad)), b->digest);
}

static void op_hkdf(struct bench *b)
{
	must(hkdf_sha256(sc_span(b->key, 32), sc_span(NULL, 0), sc_span(b->aad, 16), b->long_sealed,
		 SIV_KEY_BYTES) == SC_OK,
	    "hkdf");
}

static void op_print(struct bench *b)
{
	sc_buf_clear(&b->text);
	must(token_print(&b->head, &b->text) == SC_OK, "token_print");
}

static void op_parse(struct bench *b)
{
	must(token_parse(sc_buf_span(&b->text), &b->scratch, &b->parsed) == SC_OK, "token_parse");
}

static void op_token_seal(struct bench *b)
{
	static const struct sc_span tenant = SC_LIT("demo");

	sc_buf_clear(&b->text);
	must(token_seal(b->siv, &b->head, tenant, sc_span(b->field, sizeof(b->field)), &b->text) ==
		SC_OK,
	    "token_seal");
}

static void op_token_open(struct bench *b)
{
	static const struct sc_span tenant = SC_LIT("demo");
	bool ok;

	sc_buf_clear(&b->out);
	must(token_parse(sc_buf_span(&b->text), &b->scratch, &b->parsed) == SC_OK &&
		token_open(b->siv, &b->parsed, tenant, &b->out, &ok) == SC_OK && ok,
	    "token_open");
}

static void op_index(struct bench *b)
{
	static const struct sc_span phone = SC_LIT("+44 7700 900123");

	sc_buf_clear(&b->out);
	must(index_print(&b->hmac, 'a', INDEX_PF, phone, &b->out) == SC_OK, "index_print");
}

static void op_random(struct bench *b)
{
	random_bytes(b->digest, 16);
}

static void op_secret(struct bench *b)
{
	b->digest[0] = sc_secret_open(b->secret)[0];
	sc_secret_close(b->secret);
}

static void op_sign(struct bench *b)
{
	sign_detached(&b->sk, sc_span(b->aad, sizeof(b->aad)), b->sig);
}

static void op_verify(struct bench *b)
{
	must(sign_verify(&b->pk, sc_span(b->aad, sizeof(b->aad)), sc_span(b->sig, SIGN_BYTES)),
	    "sign_verify");
}

static const struct {
	const char *name;
	void (*op)(struct bench *);
	int ops;
} rows[] = {
	{ "siv_set_key (new key)", op_set_key, OPS },
	{ "siv_seal 11 bytes, 48 of AD", op_seal, OPS },
	{ "siv_open 11 bytes, 48 of AD", op_open, OPS },
	{ "siv_seal 1024 bytes, 48 of AD", op_seal_1k, OPS },
	{ "hmac_key_init", op_hmac_key, OPS },
	{ "hmac_sha256 11 bytes", op_hmac, OPS },
	{ "hash_sha256 48 bytes", op_hash, OPS },
	{ "hkdf_sha256 to 64 bytes", op_hkdf, OPS },
	{ "token_print, 11-byte value", op_print, OPS },
	{ "token_parse, 11-byte value", op_parse, OPS },
	{ "token_seal, 11-byte value", op_token_seal, OPS },
	{ "token_parse + token_open", op_token_open, OPS },
	{ "index_print, phone", op_index, OPS },
	{ "random_bytes 16", op_random, OPS },
	{ "sc_secret_open + close", op_secret, OPS },
	{ "sign_detached 48 bytes", op_sign, OPS / 100 },
	{ "sign_verify 48 bytes", op_verify, OPS / 100 },
};

static void run_row(struct bench *b, size_t row)
{
	uint64_t best = UINT64_MAX, t;
	int i, round;

	for (round = 0; round < ROUNDS; round++) {
		t = now_ns();
		for (i = 0; i < rows[row].ops; i++)
			rows[row].op(b);
		t = now_ns() - t;
		best = t < best ? t : best;
	}
	printf("%-32s %8.0f ns\n", rows[row].name, (double)best / rows[row].ops);
}

int main(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	size_t i;

	must(b != NULL, "calloc");
	sc_buf_init(&b->text, TOKEN_TEXT_MAX);
	sc_buf_init(&b->out, CRYPTO_VALUE_MAX);
	sc_buf_init(&b->scratch, TOKEN_BYTES_MAX);
	must(siv_ctx_new(&b->siv) == SC_OK && sc_secret_new_take(b->key, 32, &b->secret) == SC_OK,
	    "setup");
	random_bytes(b->key, sizeof(b->key));
	memcpy(b->field, "07700900123", sizeof(b->field));
	sign_keypair_from_seed(b->key, &b->pk, &b->sk);
	hmac_key_init(&b->hmac, b->key, 32);
	b->head = (struct token_parts){ .class_id = 2,
		.tier = 2,
		.key_id = 7,
		.siv_ct = sc_span(b->sealed, sizeof(b->sealed)) };
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(b, i);
	siv_ctx_free(b->siv);
	sc_secret_free(b->secret);
	sc_buf_fini(&b->text);
	sc_buf_fini(&b->out);
	sc_buf_fini(&b->scratch);
	free(b);
	return 0;
}
