/*
 * test_seen.c - a log held against its head of before: every size against every other, of the same
 * tree and of one that parts from it, and the file that keeps it.
 */
#include "crypto/tlog/seen.h"

#include "crypto/prim/sign.h"
#include "tap.h"

#define ENTRIES 20
#define PARTS_AT 7 /* the fork's entries are others from there on */

static struct sign_secret secrets[2];
static struct note_signer ours, others_key, others_name;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void make_signer(struct note_signer *s, unsigned secret, const char *name)
{
	uint8_t seed[SIGN_SEED_BYTES];
	struct sign_public pk;

	memset(seed, (int)secret + 1, sizeof(seed));
	sign_keypair_from_seed(seed, &pk, &secrets[secret]);
	if (note_key_make(name, NOTE_ED25519, pk.b, &s->key) != SC_OK)
		abort();
	s->sign = sign;
	s->arg = &secrets[secret];
}

/* RFC 6962 §2.1, by its words: the root of leaves [A, B) of the tree, or of its fork. */
static struct merkle_hash root_of(uint64_t a, uint64_t b, bool fork)
{
	struct merkle_hash l, r, out;
	uint8_t leaf[2] = { (uint8_t)a, fork && a >= PARTS_AT };
	uint64_t k = 1;

	if (b - a == 1) {
		merkle_leaf(sc_span(leaf, sizeof(leaf)), &out);
		return out;
	}
	while (k * 2 < b - a)
		k *= 2;
	l = root_of(a, a + k, fork);
	r = root_of(a + k, b, fork);
	merkle_node(&l, &r, &out);
	return out;
}

/* §2.1.2: SUBPROOF(m, D[a:b], whole). */
static void prove(uint64_t m, uint64_t a, uint64_t b, bool whole, bool fork, struct merkle_proof *p)
{
	uint64_t k = 1;

	if (m == b - a) {
		if (!whole)
			p->h[p->n++] = root_of(a, b, fork);
		return;
	}
	while (k * 2 < b - a)
		k *= 2;
	if (m <= k) {
		prove(m, a, a + k, whole, fork, p);
		p->h[p->n++] = root_of(a + k, b, fork);
	} else {
		prove(m - k, a + k, b, false, fork, p);
		p->h[p->n++] = root_of(a, a + k, fork);
	}
}

struct showing {
	struct sc_buf note, vkey;
	struct merkle_proof proof;
	struct seen_shown shown;
};

static void show(struct showing *s, const struct note_signer *by, const char *origin, uint64_t from,
    uint64_t size, bool fork)
{
	struct merkle_hash root = root_of(0, size, fork);

	sc_buf_init(&s->note, NOTE_MAX);
	sc_buf_init(&s->vkey, NOTE_VKEY_MAX);
	s->proof.n = 0;
	if (from > 0 && from < size)
		prove(from, 0, size, true, fork, &s->proof);
	if (note_sign_head(by, origin, size, root.b, &s->note) != SC_OK ||
	    note_key_print(&by->key, &s->vkey) != SC_OK)
		abort();
	s->shown = (struct seen_shown){ sc_buf_span(&s->note), sc_buf_span(&s->vkey), &s->proof };
}

static void hide(struct showing *s)
{
	sc_buf_fini(&s->note);
	sc_buf_fini(&s->vkey);
}

static enum seen_word judge(struct seen_log *seen, const struct note_signer *by, const char *origin,
    uint64_t size, bool fork)
{
	struct showing s;
	enum seen_word w;

	show(&s, by, origin, seen->any ? seen->head.size : 0, size, fork);
	w = seen_judge(seen, &s.shown, seen);
	hide(&s);
	return w;
}

static const char ORIGIN[] = "scrim/demo/keyd";
static struct seen_log seen, next;

static void begin(uint64_t size)
{
	seen.any = false;
	if (judge(&seen, &ours, ORIGIN, size, false) != SEEN_WELL)
		abort();
}

static void test_goes_on(void)
{
	for (uint64_t old = 1; old <= ENTRIES; old++)
		for (uint64_t now = 1; now <= ENTRIES; now++) {
			begin(old);
			CHECK(judge(&seen, &ours, ORIGIN, now, false) ==
			    (now < old ? SEEN_ROLLED_BACK : SEEN_WELL));
			CHECK(seen.head.size == (now < old ? old : now));
		}
}

static void test_forks(void)
{
	for (uint64_t old = 1; old <= ENTRIES; old++)
		for (uint64_t now = old; now <= ENTRIES; now++) {
			begin(old);
			CHECK(judge(&seen, &ours, ORIGIN, now, true) ==
			    (old > PARTS_AT ? SEEN_FORKED : SEEN_WELL));
			CHECK(seen.head.size == (old > PARTS_AT ? old : now));
		}
}

static void test_another(void)
{
	struct showing s;

	begin(5);
	CHECK(judge(&seen, &others_key, ORIGIN, 9, false) == SEEN_OTHER_KEY);
	CHECK(judge(&seen, &others_name, "other/keyd", 9, false) == SEEN_OTHER_LOG);
	/* the right key, and a head of another log or by another key under it */
	CHECK(judge(&seen, &ours, "other/keyd", 9, false) == SEEN_OTHER_LOG);
	show(&s, &others_key, ORIGIN, 5, 9, false);
	sc_buf_clear(&s.vkey);
	NEED(note_key_print(&ours.key, &s.vkey) == SC_OK);
	s.shown.vkey = sc_buf_span(&s.vkey);
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_OTHER_KEY);
	hide(&s);
	CHECK(seen.head.size == 5);
	CHECK(judge(&seen, &ours, ORIGIN, 9, false) == SEEN_WELL);
}

static void test_nothing_shown(void)
{
	struct showing s;

	show(&s, &ours, ORIGIN, 0, 3, false);
	s.shown.note = sc_span(NULL, 0);
	seen.any = false;
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_UNPROVED);
	begin(2);
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_ROLLED_BACK);
	s.shown.vkey = sc_span(NULL, 0);
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_UNPROVED);
	hide(&s);
	show(&s, &ours, ORIGIN, 2, 3, false);
	s.note.p[s.note.n - 8] ^= 1; /* of the signature */
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_OTHER_KEY);
	s.shown.note = sc_span_str("no note\n");
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_UNPROVED);
	hide(&s);
}

static void test_proof_matters(void)
{
	struct showing s;

	begin(5);
	show(&s, &ours, ORIGIN, 5, 12, false);
	NEED(s.proof.n > 1);
	s.proof.h[0].b[3] ^= 1;
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_FORKED);
	s.proof.h[0].b[3] ^= 1;
	s.proof.n--;
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_FORKED);
	s.proof.n++;
	CHECK(seen_judge(&seen, &s.shown, &next) == SEEN_WELL);
	hide(&s);
}

static void test_file(void)
{
	struct sc_buf text;
	uint8_t was;

	sc_buf_init(&text, SEEN_MAX);
	begin(11);
	NEED(seen_print(&seen, &text) == SC_OK);
	CHECK(seen_parse(sc_buf_span(&text), &next) == SC_OK && next.any && next.n == seen.n);
	CHECK(next.head.size == 11 && memcmp(next.head.root, seen.head.root, HASH_BYTES) == 0);
	CHECK(memcmp(next.note, seen.note, seen.n) == 0);
	/* no byte of it can be another, nor be missing at its end */
	for (size_t i = 0; i < text.n; i++) {
		was = text.p[i];
		text.p[i] ^= 1;
		CHECK(seen_parse(sc_buf_span(&text), &next) != SC_OK);
		text.p[i] = was;
	}
	for (size_t n = 0; n < text.n; n++)
		CHECK(seen_parse(sc_span(text.p, n), &next) != SC_OK);
	sc_buf_fini(&text);
}

static void test_words(void)
{
	for (int w = 0; w < SEEN_WORDS; w++)
		CHECK(seen_word_name((enum seen_word)w) != NULL);
}

int main(void)
{
	make_signer(&ours, 0, ORIGIN);
	make_signer(&others_key, 1, ORIGIN);
	make_signer(&others_name, 0, "other/keyd");
	RUN(test_goes_on, "a log that grew goes on, one that shrank was rolled back");
	RUN(test_forks,
	    "one that parted before what was seen is forked, and nothing is remembered of it");
	RUN(test_another, "another key, another name");
	RUN(test_nothing_shown, "no head, no key, no signature");
	RUN(test_proof_matters, "the proof is held against both heads");
	RUN(test_file, "what is kept is read again, and no byte of it may be another");
	RUN(test_words, "every word has a name");
	return tap_done();
}
