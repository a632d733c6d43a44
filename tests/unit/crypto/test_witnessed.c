/*
 * test_witnessed.c - an open log proves its head from any size before, and takes beneath its
 * checkpoint what witnesses say of that head and of no other.
 */
#include "crypto/tlog/witnessed.h"

#include <stdio.h>
#include <unistd.h>

#include "crypto/prim/sign.h"
#include "crypto/tlog/cosignature.h"
#include "crypto/tlog/journal.h"
#include "tap.h"
#include "unit/crypto/log_signer.h"

static char dir[64];
static struct heads heads;
static struct tlog *w;
static struct sign_secret secret;
static struct note_signer witness;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void make_witness(void)
{
	const uint8_t seed[SIGN_SEED_BYTES] = { 3 };
	struct sign_public pk;

	sign_keypair_from_seed(seed, &pk, &secret);
	if (note_key_make("witness.example/w1", NOTE_COSIGNATURE, pk.b, &witness.key) != SC_OK)
		abort();
	witness.sign = sign;
	witness.arg = &secret;
}

static bool start(void)
{
	const struct tlog_options o = { .dir = dir,
		.origin = "test.example/log",
		.vkey = vkey,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 20,
		.resign_ms = 30,
		.sign = sign_now,
		.sign_arg = &heads };

	return tlog_open(&o, NULL, &w) == SC_OK;
}

/* Until the checkpoint has N entries; it comes in its own time. */
static bool grow(uint64_t n)
{
	struct tlog_status s;
	uint64_t index;

	for (uint64_t i = tlog_next(w); i < n; i++)
		if (tlog_append(w, sc_span_str("{\"v\":1}"), true, &index) != SC_OK)
			return false;
	do {
		usleep(5000);
		tlog_status(w, &s);
	} while (!s.failed && s.signed_size < n);
	return !s.failed;
}

static bool head_of(struct sc_span raw, struct note *n, struct note_head *head)
{
	return note_parse(raw, n) == SC_OK && note_head_parse(n->text, head) == SC_OK;
}

static void test_prove(void)
{
	static const uint64_t sizes[] = { 1, 2, 3, 7, 255, 256, 257, 300, 700 };
	struct merkle_hash roots[9], root;
	struct merkle_proof proof;
	struct note_head head;
	struct sc_buf note;
	struct note n;

	sc_buf_init(&note, NOTE_MAX);
	CHECK(tlog_prove(w, 0, &note, &proof) == SC_OK && note.n == 0 && proof.n == 0);
	for (size_t i = 0; i < 9; i++) {
		NEED(grow(sizes[i]));
		for (size_t k = 0; k <= i; k++) {
			sc_buf_clear(&note);
			NEED(tlog_prove(w, sizes[k], &note, &proof) == SC_OK);
			NEED(head_of(sc_buf_span(&note), &n, &head) && head.size == sizes[i]);
			memcpy(root.b, head.root, sizeof(root.b));
			roots[i] = root;
			CHECK(merkle_check_consistency(sizes[k], sizes[i], &roots[k], &root,
				  proof.h, proof.n) == SC_OK);
		}
		sc_buf_clear(&note);
		CHECK(tlog_prove(w, sizes[i] + 1, &note, &proof) == SC_OK && proof.n == 0 &&
		    note.n > 0);
	}
	sc_buf_fini(&note);
}

/* The checkpoint of now with the witness's line. */
static bool cosign(struct sc_buf *out)
{
	struct note_head head;
	struct note n;

	sc_buf_clear(out);
	return tlog_checkpoint(w, out) == SC_OK && head_of(sc_buf_span(out), &n, &head) &&
	    cosignature_make(n.text, &witness, 7, out) == SC_OK;
}

/* Until `checkpoint` and what is told of it are TEXT, or half a minute has gone. */
static bool stands(struct sc_span text)
{
	struct sc_buf now;
	char path[128], file[NOTE_MAX];
	bool same = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/checkpoint", dir);
	sc_buf_init(&now, NOTE_MAX);
	for (unsigned i = 0; i < 6000 && !same; i++) {
		sc_buf_clear(&now);
		if (tlog_checkpoint(w, &now) != SC_OK || (f = fopen(path, "re")) == NULL)
			break;
		same = sc_span_eq(sc_buf_span(&now), text) &&
		    fread(file, 1, sizeof(file), f) == text.n && memcmp(file, text.p, text.n) == 0;
		fclose(f);
		usleep(same ? 0 : 5000);
	}
	sc_buf_fini(&now);
	return same;
}

static void test_cosigned(void)
{
	struct sc_buf note, newer, bad;

	sc_buf_init(&note, NOTE_MAX);
	sc_buf_init(&newer, NOTE_MAX);
	sc_buf_init(&bad, NOTE_MAX);
	NEED(cosign(&note));
	NEED(tlog_cosigned(w, sc_buf_span(&note)) == SC_OK);
	CHECK(stands(sc_buf_span(&note)));
	/* a head has passed it: nothing older comes back */
	NEED(grow(tlog_next(w) + 1) && cosign(&newer));
	NEED(tlog_cosigned(w, sc_buf_span(&note)) == SC_OK);
	for (unsigned i = 0; i < 60; i++) {
		sc_buf_clear(&bad);
		usleep(5000);
		CHECK(tlog_checkpoint(w, &bad) == SC_OK &&
		    !sc_span_eq(sc_buf_span(&bad), sc_buf_span(&note)));
	}
	sc_buf_clear(&bad);
	NEED(tlog_cosigned(w, sc_buf_span(&newer)) == SC_OK);
	CHECK(stands(sc_buf_span(&newer)));
	/* nor what the log itself has not signed */
	NEED(sc_buf_put_span(&bad, sc_buf_span(&newer)) == SC_OK);
	bad.p[strlen("test.example/log\n") + 20] ^= 1;
	NEED(tlog_cosigned(w, sc_buf_span(&bad)) == SC_OK);
	NEED(tlog_cosigned(w, sc_span_str("nothing")) == SC_OK);
	usleep(50000);
	CHECK(stands(sc_buf_span(&newer)) && !tlog_failed(w));
	/* it opens with them, and goes on */
	tlog_close(w);
	w = NULL;
	NEED(start());
	CHECK(stands(sc_buf_span(&newer)));
	CHECK(grow(tlog_next(w) + 1));
	sc_buf_fini(&note);
	sc_buf_fini(&newer);
	sc_buf_fini(&bad);
}

int main(void)
{
	char cmd[128];

	make_key();
	make_witness();
	snprintf(dir, sizeof(dir), "/tmp/scrim-witnessed-XXXXXX");
	if (mkdtemp(dir) == NULL || !start())
		abort();
	RUN(test_prove, "the head is proved from any size before it");
	RUN(test_cosigned, "what witnesses say stands beneath the head it is of, and no other");
	tlog_close(w);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd) == 0 ? tap_done() : 1;
}
