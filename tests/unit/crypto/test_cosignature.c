/*
 * test_cosignature.c - what witnesses say of checkpoints, made and checked; and what they are asked.
 */
#include "crypto/tlog/cosignature.h"

#include <stdio.h>

#include "crypto/prim/sign.h"
#include "crypto/tlog/submission.h"
#include "tap.h"

#define DASH "\xe2\x80\x94 "

static const char text[] = "log.example/a\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
static struct sign_secret log_secret, w1_secret, w2_secret;
static struct note_signer log_signer, w1, w2;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void make(struct note_signer *s, struct sign_secret *sk, const char *name, uint8_t type,
    uint8_t fill)
{
	uint8_t seed[SIGN_SEED_BYTES];
	struct sign_public pk;

	memset(seed, fill, sizeof(seed));
	sign_keypair_from_seed(seed, &pk, sk);
	if (note_key_make(name, type, pk.b, &s->key) != SC_OK)
		abort();
	s->sign = sign;
	s->arg = sk;
}

/* The checkpoint, signed by its log, then whatever lines there are. */
static void checkpoint(struct sc_buf *out, const char *lines)
{
	sc_buf_init(out, NOTE_MAX);
	if (note_sign(sc_span_str(text), &log_signer, out) != SC_OK ||
	    sc_buf_put_str(out, lines) != SC_OK)
		abort();
}

static char *line(const struct note_signer *s, uint64_t time)
{
	static char lines[4][512];
	static unsigned at;
	char *l = lines[at++ % 4];
	struct sc_buf b;

	sc_buf_init(&b, 512);
	if (cosignature_make(sc_span_str(text), s, time, &b) != SC_OK)
		abort();
	snprintf(l, 512, "%.*s", SC_SPAN_ARG(sc_buf_span(&b)));
	sc_buf_fini(&b);
	return l;
}

static struct cosigned check(const char *lines, const struct note_key *key, uint64_t latest)
{
	struct cosigned c = { .state = COSIGNED_BAD };
	struct sc_buf b;
	struct note n;

	checkpoint(&b, lines);
	if (note_parse(sc_buf_span(&b), &n) != SC_OK ||
	    cosignature_check(&n, key, 1, latest, &c) != SC_OK)
		printf("# it is no note\n");
	sc_buf_fini(&b);
	return c;
}

static void test_who(void)
{
	const struct note_key keys[] = { w1.key, w2.key };
	struct cosigned c[2];
	struct sc_buf b;
	struct note n;
	bool found;

	checkpoint(&b, line(&w2, 1700000000));
	NEED(note_parse(sc_buf_span(&b), &n) == SC_OK);
	CHECK(cosignature_check(&n, keys, 2, 0, c) == SC_OK);
	CHECK(c[0].state == COSIGNED_NOT);
	CHECK(c[1].state == COSIGNED_HOLDS && c[1].time == 1700000000);
	/* and whoever knows notes alone sees the same, and the log's own signature */
	CHECK(note_verify(&n, &w2.key, &found) == SC_OK && found);
	CHECK(note_verify(&n, &log_signer.key, &found) == SC_OK && found);
	/* the log's key is no witness's */
	CHECK(cosignature_check(&n, &log_signer.key, 1, 0, c) == SC_SYNTAX);
	sc_buf_fini(&b);
}

static void test_time(void)
{
	struct cosigned c = check(line(&w1, 1700000000), &w1.key, 1700000000);
	struct sc_buf b;
	char both[1024];

	CHECK(c.state == COSIGNED_HOLDS);
	CHECK(check(line(&w1, 1700000000), &w1.key, 1699999999).state == COSIGNED_BAD);
	snprintf(both, sizeof(both), "%s%s", line(&w1, 20), line(&w1, 10));
	c = check(both, &w1.key, 0);
	CHECK(c.state == COSIGNED_HOLDS && c.time == 20);
	sc_buf_init(&b, 512);
	CHECK(cosignature_make(sc_span_str(text), &w1, 0, &b) == SC_SYNTAX);
	CHECK(cosignature_make(sc_span_str(text), &w1, (uint64_t)INT64_MAX + 1, &b) == SC_SYNTAX);
	CHECK(cosignature_make(sc_span_str("no checkpoint\n"), &w1, 1, &b) == SC_SYNTAX);
	CHECK(cosignature_make(sc_span_str(text), &log_signer, 1, &b) == SC_SYNTAX && b.n == 0);
	sc_buf_fini(&b);
}

/* Each byte of time and signature counts; a bad line is not made good by another. */
static void test_changed(void)
{
	const char *good = line(&w1, 1700000000);
	const size_t from = strlen(DASH "witness.example/w1 ") + 6; /* behind the key id */
	char bad[512], both[1024];
	unsigned held = 0;

	for (size_t i = from; good[i] != '\n' && good[i] != '='; i++) {
		snprintf(bad, sizeof(bad), "%s", good);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		held += check(bad, &w1.key, 0).state == COSIGNED_HOLDS;
		if (i == from + 20) {
			snprintf(both, sizeof(both), "%s%s", good, bad);
			CHECK(check(both, &w1.key, 0).state == COSIGNED_BAD);
			snprintf(both, sizeof(both), "%s%s", bad, good);
			CHECK(check(both, &w1.key, 0).state == COSIGNED_BAD);
		}
	}
	CHECK(held == 0);
	/* by the key, with the time left out */
	snprintf(bad, sizeof(bad), "%s", good);
	CHECK(check(bad, &w2.key, 0).state == COSIGNED_NOT);
}

static void test_take(void)
{
	struct sc_buf raw, out;
	char answer[1024];
	uint64_t time;

	checkpoint(&raw, "");
	sc_buf_init(&out, NOTE_MAX);
	snprintf(answer, sizeof(answer), "%s%s", line(&w2, 5), line(&w1, 7));
	CHECK(cosignature_take(sc_buf_span(&raw), sc_span_str(answer), &w1.key, &out, &time) ==
	    SC_OK);
	CHECK(time == 7 && sc_span_is(sc_buf_span(&out), line(&w1, 7)));
	sc_buf_clear(&out);
	CHECK(cosignature_take(sc_buf_span(&raw), sc_span_str(line(&w2, 5)), &w1.key, &out,
		  &time) == SC_OK &&
	    time == 0 && out.n == 0);
	answer[strlen(answer) - 10] ^= 1;
	CHECK(cosignature_take(sc_buf_span(&raw), sc_span_str(answer), &w1.key, &out, &time) !=
		SC_OK &&
	    time == 0 && out.n == 0);
	CHECK(cosignature_take(sc_buf_span(&raw), sc_span_str("\n\nx\n"), &w1.key, &out, &time) ==
	    SC_SYNTAX);
	sc_buf_fini(&raw);
	sc_buf_fini(&out);
}

/* ---- submissions ---- */

static void test_submission(void)
{
	struct submission in, back;
	struct sc_buf b;

	memset(&in, 0, sizeof(in));
	in.old = 20852014;
	in.checkpoint = sc_span_str(text);
	for (unsigned n = 0; n <= SUBMISSION_PROOF_MAX; n++) {
		in.n_proof = n;
		if (n > 0)
			memset(in.proof[n - 1].b, (int)n, HASH_BYTES);
		sc_buf_init(&b, SUBMISSION_MAX);
		NEED(submission_print(&in, &b) == SC_OK);
		NEED(submission_parse(sc_buf_span(&b), &back) == SC_OK);
		CHECK(back.old == in.old && back.n_proof == n &&
		    memcmp(back.proof, in.proof, n * sizeof(in.proof[0])) == 0 &&
		    sc_span_is(back.checkpoint, text));
		sc_buf_fini(&b);
	}
	in.n_proof++;
	sc_buf_init(&b, SUBMISSION_MAX);
	CHECK(submission_print(&in, &b) == SC_LIMIT && b.n == 0);
	sc_buf_fini(&b);
}

static void test_bad_submissions(void)
{
#define H "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="
	static const char *const bad[] = { "", "\n", "old 1", "old 1\n", "old 1\n\n", "old 01\n\nx",
		"old\n\nx", "old  1\n\nx", "old -1\n\nx", "old 1 \n\nx", "Old 1\n\nx",
		"old 9223372036854775808\n\nx", "old 1\n" H "\nx", "old 1\n" H "x\n\nx",
		"old 1\nPlRN\n\nx", "old 1\n" H " \n\nx",
		"old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkax=\n\nx", "old 1\r\n\nx" };
	struct submission s;
	struct sc_buf b;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (submission_parse(sc_span_str(bad[i]), &s) == SC_OK) {
			printf("# taken: %s\n", bad[i]);
			CHECK(false);
		}
	CHECK(submission_parse(sc_span_str("old 0\n" H "\n\nx"), &s) == SC_OK && s.old == 0 &&
	    s.n_proof == 1 && sc_span_is(s.checkpoint, "x"));
	sc_buf_init(&b, SUBMISSION_MAX);
	NEED(sc_buf_put_str(&b, "old 1\n") == SC_OK);
	for (unsigned i = 0; i <= SUBMISSION_PROOF_MAX; i++)
		NEED(sc_buf_put_str(&b, H "\n") == SC_OK);
	NEED(sc_buf_put_str(&b, "\nx") == SC_OK);
	CHECK(submission_parse(sc_buf_span(&b), &s) == SC_LIMIT);
	sc_buf_fini(&b);
}

int main(void)
{
	make(&log_signer, &log_secret, "log.example/a", NOTE_ED25519, 1);
	make(&w1, &w1_secret, "witness.example/w1", NOTE_COSIGNATURE, 2);
	make(&w2, &w2_secret, "witness.example/w2", NOTE_COSIGNATURE, 3);
	RUN(test_who, "of each witness it is told whether it cosigned, and when");
	RUN(test_time, "the time is part of it, is never zero, and not later than asked");
	RUN(test_changed, "a cosignature that was changed does not hold, nor beside a good one");
	RUN(test_take, "of an answer what the witness signed is taken, and nothing else");
	RUN(test_submission, "a submission reads back as it was written");
	RUN(test_bad_submissions, "a malformed submission is refused");
	return tap_done();
}
