/*
 * test_note.c - signed notes: the specification's example, parse beside print,
 * and everything that must be refused.
 */
#include "crypto/tlog/note.h"

#include <stdio.h>
#include <unistd.h>

#include "crypto/prim/sign.h"
#include "tap.h"

static struct sign_secret secret;
static struct note_signer signer;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void make_signer(struct note_signer *s, struct sign_secret *sk, const char *name,
    uint8_t fill)
{
	uint8_t seed[SIGN_SEED_BYTES];
	struct sign_public pk;

	memset(seed, fill, sizeof(seed));
	sign_keypair_from_seed(seed, &pk, sk);
	if (note_key_make(name, NOTE_ED25519, pk.b, &s->key) != SC_OK)
		abort();
	s->sign = sign;
	s->arg = sk;
}

static void slurp(const char *path, struct sc_buf *out)
{
	uint8_t block[4096];
	FILE *f = fopen(path, "r");
	size_t n = f == NULL ? 0 : fread(block, 1, sizeof(block), f);

	if (f != NULL)
		fclose(f);
	if (sc_buf_put(out, block, n) != SC_OK)
		abort();
}

static void test_example(void)
{
	struct sc_buf text, vkey, again;
	struct note_key key;
	struct note note;
	bool found;

	sc_buf_init(&text, 4096);
	sc_buf_init(&vkey, 4096);
	sc_buf_init(&again, 4096);
	slurp("../shared/vectors/tlog/signed-note-example.txt", &text);
	slurp("../shared/vectors/tlog/signed-note-example.vkey", &vkey);
	NEED(note_key_parse(sc_buf_span(&vkey), &key) == SC_OK);
	CHECK(strcmp(key.name, "example.com/foo") == 0);
	NEED(note_key_print(&key, &again) == SC_OK);
	CHECK(again.n > 0 && memcmp(again.p, vkey.p, again.n) == 0);
	NEED(note_parse(sc_buf_span(&text), &note) == SC_OK);
	CHECK(sc_span_is(note.text, "This is an example message.\n"));
	CHECK(note_verify(&note, &key, &found) == SC_OK && found);
	text.p[0] ^= 1;
	CHECK(note_verify(&note, &key, &found) == SC_AUTH && !found);
	sc_buf_fini(&text);
	sc_buf_fini(&vkey);
	sc_buf_fini(&again);
}

static void test_head(void)
{
	struct note_head h, back;
	struct sc_buf text;
	uint8_t root[32];
	struct note note;
	bool found;

	memset(root, 0xa5, sizeof(root));
	sc_buf_init(&text, NOTE_MAX);
	NEED(note_sign_head(&signer, "log.example/a", 1742, root, &text) == SC_OK);
	NEED(note_parse(sc_buf_span(&text), &note) == SC_OK);
	CHECK(note_verify(&note, &signer.key, &found) == SC_OK && found);
	NEED(note_head_parse(note.text, &h) == SC_OK);
	CHECK(h.size == 1742 && memcmp(h.root, root, 32) == 0 &&
	    strcmp(h.origin, "log.example/a") == 0);
	sc_buf_clear(&text);
	NEED(note_head_print(&h, &text) == SC_OK);
	NEED(note_head_parse(sc_buf_span(&text), &back) == SC_OK);
	CHECK(memcmp(&h, &back, sizeof(h)) == 0);
	sc_buf_fini(&text);
}

static void test_more_signatures(void)
{
	struct note_signer other;
	struct sign_secret sk;
	struct sc_buf a, b;
	uint8_t root[32] = { 1 };
	struct note note;
	bool found;

	make_signer(&other, &sk, "witness.example", 9);
	sc_buf_init(&a, NOTE_MAX);
	sc_buf_init(&b, NOTE_MAX);
	NEED(note_sign_head(&signer, "log.example/a", 5, root, &a) == SC_OK);
	NEED(note_parse(sc_buf_span(&a), &note) == SC_OK);
	NEED(note_sign(note.text, &other, &b) == SC_OK);
	/* only the second one's signature line goes behind the first note */
	NEED(sc_buf_put_span(&a, sc_span_from(sc_buf_span(&b), note.text.n + 1)) == SC_OK);
	NEED(note_parse(sc_buf_span(&a), &note) == SC_OK);
	CHECK(note.n_sigs == 2);
	CHECK(note_verify(&note, &signer.key, &found) == SC_OK && found);
	CHECK(note_verify(&note, &other.key, &found) == SC_OK && found);
	make_signer(&other, &sk, "witness.example", 10);
	CHECK(note_verify(&note, &other.key, &found) == SC_OK && !found);
	/* a bad signature by a known key spoils the note, good ones beside it or not */
	note.sigs[1] = note.sigs[0];
	note.sigs[1].sig[3] ^= 1;
	CHECK(note_verify(&note, &signer.key, &found) == SC_AUTH && !found);
	sc_buf_fini(&a);
	sc_buf_fini(&b);
}

static void test_cosignature(void)
{
	/* time 7, and the Ed25519 signature of "cosignature/v1\ntime 7\n" || text */
	static const char text[] =
	    "log.example/a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
	struct note_key key;
	struct note note;
	struct sc_buf m;
	bool found;

	NEED(note_key_make("w.example", NOTE_COSIGNATURE, signer.key.pub, &key) == SC_OK);
	CHECK(memcmp(key.id, signer.key.id, 4) != 0);
	memset(&note, 0, sizeof(note));
	note.text = sc_span_str(text);
	note.n_sigs = 1;
	note.sigs[0].name = sc_span_str("w.example");
	memcpy(note.sigs[0].id, key.id, 4);
	note.sigs[0].n = 72;
	note.sigs[0].sig[7] = 7;
	sc_buf_init(&m, 4096);
	NEED(sc_buf_printf(&m, "cosignature/v1\ntime 7\n%s", text) == SC_OK);
	sign_detached(&secret, sc_buf_span(&m), note.sigs[0].sig + 8);
	CHECK(note_verify(&note, &key, &found) == SC_OK && found);
	note.sigs[0].sig[7] = 8;
	CHECK(note_verify(&note, &key, &found) == SC_AUTH);
	sc_buf_fini(&m);
}

static void test_bad_notes(void)
{
	static const char *const bad[] = { "", "\n", "\n\n", "a\n", "a\n\n", "a\n\nb\n", "a",
		"a\n\n\xe2\x80\x94 k AAAAAAA\n",
		"a\n\n\xe2\x80\x94 k AAAAAAA=", "a\n\n\xe2\x80\x94 k AAAA\n",
		"a\n\n\xe2\x80\x94 k+x AAAAAAA=\n", "a\n\n\xe2\x80\x94  AAAAAAA=\n",
		"a\n\n- k AAAAAAA=\n", "a\x01\n\n\xe2\x80\x94 k AAAAAAA=\n",
		"\xff\n\n\xe2\x80\x94 k AAAAAAA=\n", "a\n\n\xe2\x80\x94 k AAAAAAB=\n",
		"a\n\n\xe2\x80\x94 k AAAAAAA=\n\n", "a\r\n\n\xe2\x80\x94 k AAAAAAA=\n" };
	static const char good[] = "a\n\n\xe2\x80\x94 k AAAAAAA=\n";
	struct note note;

	CHECK(note_parse(sc_span_str(good), &note) == SC_OK && note.sigs[0].n == 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (note_parse(sc_span_str(bad[i]), &note) == SC_OK) {
			printf("# %zu\n", i);
			CHECK(false);
		}
}

static void test_bad_heads(void)
{
#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	static const char *const bad[] = { "", "o\n", "o\n1\n", "\n1\n" ROOT, "o\n01\n" ROOT,
		"o\n-1\n" ROOT, "o\n\n" ROOT, "o\n1 \n" ROOT, "o\n+1\n" ROOT, "o o\n1\n" ROOT,
		"o\n9223372036854775808\n" ROOT, "o\n18446744073709551617\n" ROOT, "o\n1\nAAAA\n",
		"o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
		"o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n" };
	struct note_head h;

	CHECK(note_head_parse(sc_span_str("o\n0\n" ROOT), &h) == SC_OK);
	CHECK(note_head_parse(sc_span_str("o\n9223372036854775807\n" ROOT "ext\n"), &h) == SC_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (note_head_parse(sc_span_str(bad[i]), &h) == SC_OK) {
			printf("# %zu\n", i);
			CHECK(false);
		}
}

static void test_keys(void)
{
	struct note_key key, back;
	struct sc_buf text;

	sc_buf_init(&text, 512);
	NEED(note_key_print(&signer.key, &text) == SC_OK);
	NEED(note_key_parse(sc_buf_span(&text), &back) == SC_OK);
	CHECK(memcmp(&back, &signer.key, sizeof(back)) == 0);
	for (size_t i = 0; i < text.n; i++) { /* no single character can be changed unnoticed */
		text.p[i] ^= 1;
		if (note_key_parse(sc_buf_span(&text), &back) == SC_OK) {
			printf("# byte %zu\n", i);
			CHECK(false);
		}
		text.p[i] ^= 1;
	}
	{ /* nor is anything behind a name that ends */
		uint8_t longer[512];
		const uint8_t *plus = memchr(text.p, '+', text.n);
		const size_t name = plus == NULL ? 0 : (size_t)(plus - text.p);

		NEED(plus != NULL && text.n < sizeof(longer));
		memcpy(longer, text.p, name);
		longer[name] = '\0';
		memcpy(longer + name + 1, plus, text.n - name);
		CHECK(note_key_parse(sc_span(longer, text.n + 1), &back) == SC_SYNTAX);
	}
	CHECK(note_key_make("a b", NOTE_ED25519, signer.key.pub, &key) == SC_SYNTAX);
	CHECK(note_key_make("a+b", NOTE_ED25519, signer.key.pub, &key) == SC_SYNTAX);
	CHECK(note_key_make("a\xc2\xa0", NOTE_ED25519, signer.key.pub, &key) == SC_SYNTAX);
	CHECK(note_key_make("a", 2, signer.key.pub, &key) == SC_SYNTAX);
	sc_buf_fini(&text);
}

static void test_base64(void)
{
	static const char *const bad[] = { "A", "AA", "AAA", "A===", "====", "AB==", "AAB=", "AA=A",
		"AAAA=", "AA AA", "AAA\n", "AAAA====", "AA-_" };
	uint8_t in[80], out[80];
	struct sc_buf text;
	size_t n;

	sc_buf_init(&text, 512);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 37 + 11);
	for (size_t i = 0; i <= sizeof(in); i++) {
		sc_buf_clear(&text);
		n = sizeof(out);
		NEED(note_base64_print(in, i, &text) == SC_OK);
		CHECK(note_base64_parse(sc_buf_span(&text), out, &n) == SC_OK && n == i &&
		    memcmp(in, out, n) == 0);
		n = i - 1;
		if (i > 0)
			CHECK(note_base64_parse(sc_buf_span(&text), out, &n) == SC_LIMIT);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = sizeof(out);
		CHECK(note_base64_parse(sc_span_str(bad[i]), out, &n) == SC_SYNTAX);
	}
	/* 64 bytes are letters of it, and no other byte is read as one */
	for (unsigned c = 0, good = 0; c < 256; c++) {
		const uint8_t four[] = { 'A', (uint8_t)c, 'A', 'A' };

		n = sizeof(out);
		good += note_base64_parse(sc_span(four, 4), out, &n) == SC_OK;
		CHECK(c < 255 || good == 64);
	}
	sc_buf_fini(&text);
}

int main(void)
{
	make_signer(&signer, &secret, "log.example/a", 7);
	if (access("../shared/vectors/tlog/signed-note-example.txt", R_OK) == 0)
		RUN(test_example, "the specification's example verifies, and not when changed");
	else
		tap_skip("the specification's example", "../shared/vectors/tlog is NOT THERE");
	RUN(test_head, "a checkpoint that was signed parses and verifies");
	RUN(test_more_signatures, "several signatures stand side by side; a bad one spoils it");
	RUN(test_cosignature, "a witness's cosignature covers its time");
	RUN(test_bad_notes, "malformed notes are refused");
	RUN(test_bad_heads, "malformed checkpoints are refused");
	RUN(test_keys, "a key's text parses back and carries its own check");
	RUN(test_base64, "base64 is strict and round");
	return tap_done();
}
