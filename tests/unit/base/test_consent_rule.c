/*
 * test_consent_rule.c - who may be learned from: the rule against a naive fold
 * over whole histories, written from the prose, and against two rules that
 * seem as good and are not.
 */
#include "base/feed/consent.h"

#include "tap.h"

static uint64_t seed = 42;
static unsigned below(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

#define YES FEED_GRANT
#define NO FEED_REFUSE
#define GONE FEED_WITHDRAW

static struct consent_word word(uint64_t at, uint8_t what, bool verified, uint32_t version)
{
	return (struct consent_word){ .at_ms = at,
		.word = what,
		.verified = verified,
		.version = version };
}

/* ---- one identifier ----------------------------------------------------------------- */

static uint8_t counts(const struct consent_word *v, size_t n)
{
	struct consent_words of = { 0 };

	for (size_t i = 0; i < n; i++)
		(void)consent_hear(&of, &v[i]);
	return consent_counting(&of)->word;
}

static void test_one_identifier(void)
{
	static const struct {
		struct consent_word v[3];
		uint8_t want;
	} rows[] = {
		{ { { 0 } }, 0 },
		/* a page's words among themselves, a back end's among themselves: the newest */
		{ { { 1, 1, YES, false, 0 }, { 2, 1, NO, false, 0 } }, NO },
		{ { { 1, 1, NO, false, 0 }, { 2, 1, YES, false, 0 } }, YES },
		{ { { 1, 1, YES, true, 0 }, { 2, 1, GONE, true, 0 } }, GONE },
		{ { { 1, 1, GONE, true, 0 }, { 2, 1, YES, true, 0 } }, YES },
		/* of the same time the no */
		{ { { 5, 1, YES, true, 0 }, { 5, 1, NO, true, 0 } }, NO },
		{ { { 5, 1, YES, false, 0 }, { 5, 1, GONE, false, 0 } }, GONE },
		{ { { 5, 1, YES, true, 0 }, { 5, 1, NO, false, 0 } }, NO },
		{ { { 5, 1, NO, true, 0 }, { 5, 1, YES, false, 0 } }, NO },
		/* a page never ends what a back end said, but its no does */
		{ { { 1, 1, NO, true, 0 }, { 2, 1, YES, false, 0 } }, NO },
		{ { { 1, 1, YES, true, 0 }, { 2, 1, NO, false, 0 } }, NO },
		{ { { 1, 1, YES, true, 0 }, { 2, 1, GONE, false, 0 } }, GONE },
		{ { { 2, 1, YES, true, 0 }, { 1, 1, NO, false, 0 } }, YES },
		/* and it may take its own no back */
		{ { { 1, 1, YES, true, 0 }, { 2, 1, NO, false, 0 }, { 3, 1, YES, false, 0 } },
		    YES },
		{ { { 1, 1, NO, true, 0 }, { 2, 1, NO, false, 0 }, { 3, 1, YES, false, 0 } }, NO },
	};
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (unsigned o = 0; o < 6; o++) {
			struct consent_word v[3];

			for (unsigned k = 0; k < 3; k++)
				v[k] = rows[i].v[orders[o][k]];
			CHECK(counts(v, 3) == rows[i].want);
		}
}

static void test_hear_says_what_changed(void)
{
	struct consent_word w = word(10, YES, true, 3);
	struct consent_words of = { 0 };

	CHECK(consent_counting(&of)->word == 0);
	CHECK(consent_hear(&of, &w) && !consent_hear(&of, &w));
	w.version = 4; /* the same moment: the older text counts */
	CHECK(!consent_hear(&of, &w) && of.verified.version == 3);
	w.version = 2;
	CHECK(consent_hear(&of, &w) && of.verified.version == 2);
	w = word(9, NO, true, 9);
	CHECK(!consent_hear(&of, &w));
	w = word(99, 0, true, 9); /* no word at all */
	CHECK(!consent_hear(&of, &w) && of.verified.at_ms == 10);
	w = word(1, YES, false, 9);
	CHECK(consent_hear(&of, &w) && of.asserted.at_ms == 1 && of.verified.at_ms == 10);
	CHECK(consent_counting(&of) == &of.verified);
	w = word(10, GONE, false, 9);
	w.kind = FEED_DEVICE;
	CHECK(consent_hear(&of, &w) && consent_counting(&of) == &of.asserted);
	CHECK(consent_counting(&of)->kind == FEED_DEVICE);
}

/* ---- whether an event enters ----------------------------------------------------------- */

static void test_enters(void)
{
	static const struct {
		struct consent_word own, linked[2];
		size_t n;
		uint32_t version;
		bool want;
	} rows[] = {
		/* unknown is no */
		{ { 0 }, { { 0 } }, 0, 0, false },
		{ { 1, 5, YES, true, 1 }, { { 0 } }, 0, 5, true },
		{ { 1, 5, NO, true, 1 }, { { 0 } }, 0, 5, false },
		{ { 1, 5, GONE, true, 1 }, { { 0 } }, 0, 5, false },
		{ { 1, 5, 7, true, 1 }, { { 0 } }, 0, 5, false },
		/* of an older text too; a newer one holds for those before it */
		{ { 1, 4, YES, true, 1 }, { { 0 } }, 0, 5, false },
		{ { 1, 6, YES, true, 1 }, { { 0 } }, 0, 5, true },
		/* a device's event needs its account's yes, to this text */
		{ { 1, 5, YES, false, 2 }, { { 1, 5, YES, true, 1 } }, 1, 5, true },
		{ { 1, 5, YES, false, 2 }, { { 0, 0, 0, false, 1 } }, 1, 5, false },
		{ { 9, 5, YES, false, 2 }, { { 1, 5, NO, true, 1 } }, 1, 5, false },
		{ { 9, 5, YES, false, 2 }, { { 1, 4, YES, true, 1 } }, 1, 5, false },
		{ { 9, 5, YES, false, 2 }, { { 1, 5, YES, true, 1 }, { 1, 5, GONE, true, 1 } }, 2,
		    5, false },
		{ { 9, 5, YES, false, 2 }, { { 1, 5, YES, true, 0 }, { 0 } }, 2, 5, false },
		/* a no on a linked device stops its account's, of whatever text; silence does not */
		{ { 1, 5, YES, true, 1 }, { { 2, 5, NO, false, 2 } }, 1, 5, false },
		{ { 2, 5, YES, true, 1 }, { { 1, 1, NO, false, 2 } }, 1, 5, false },
		{ { 1, 5, YES, true, 1 }, { { 0, 0, 0, false, 2 } }, 1, 5, true },
		{ { 1, 5, YES, true, 1 }, { { 2, 1, YES, false, 2 } }, 1, 5, true },
		{ { 1, 5, YES, true, 1 }, { { 0, 0, 0, false, 2 }, { 3, 1, GONE, false, 2 } }, 2, 5,
		    false },
		/* nobody's yes makes another's */
		{ { 0 }, { { 1, 5, YES, true, 1 } }, 1, 5, false },
		{ { 1, 5, NO, true, 2 }, { { 2, 5, YES, true, 1 } }, 1, 5, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const bool got =
		    consent_enters(&rows[i].own, rows[i].linked, rows[i].n, rows[i].version);

		if (got != rows[i].want)
			printf("# row %zu\n", i);
		CHECK(got == rows[i].want);
	}
}

/* ---- histories --------------------------------------------------------------------------- */

#define WORDS 5
#define OTHERS 3
#define HISTORIES 400000

struct history {
	uint8_t kind;
	struct consent_word v[WORDS];
	size_t n;
};

static struct history some_history(uint8_t kind)
{
	struct history h = { .kind = kind, .n = below(WORDS + 1) };

	for (size_t i = 0; i < h.n; i++) {
		h.v[i] = word(below(8), (uint8_t)(1 + below(5)), below(2) == 0, 1 + below(3));
		if (h.v[i].word > GONE) /* a yes as often as a no */
			h.v[i].word = YES;
		h.v[i].kind = kind;
	}
	return h;
}

static bool is_no(uint8_t w)
{
	return w == NO || w == GONE;
}

/*
 * The prose, moment by moment: "the later word; of the same time, the no; a page's word never ends what a
 * back end's said, but its no does", a page's no being ended by its own yes.
 */
static struct consent_word naive_word(const struct history *h)
{
	struct consent_word back = { 0 }, page = { 0 };

	for (uint64_t t = 0; t < 8; t++)
		for (int pass = 0; pass < 2; pass++) /* the yes of a moment, then its no */
			for (uint32_t version = 3; version > 0; version--) /* the older text last */
				for (size_t i = 0; i < h->n; i++)
					if (h->v[i].at_ms == t &&
					    is_no(h->v[i].word) == (pass == 1) &&
					    h->v[i].version == version)
						*(h->v[i].verified ? &back : &page) = h->v[i];
	if (back.word == 0)
		return page;
	return is_no(page.word) && page.at_ms >= back.at_ms ? page : back;
}

static bool naive_yes(struct consent_word w, uint32_t version)
{
	return w.word == YES && w.version >= version;
}

struct question {
	struct history own, other[OTHERS];
	size_t n;
	uint32_t version;
};

/* "Enters iff its own identifier granted and no linked one says no; a device's needs its account's yes." */
static bool naive_enters(const struct question *q)
{
	bool ok = naive_yes(naive_word(&q->own), q->version);

	for (size_t i = 0; i < q->n; i++) {
		const struct consent_word w = naive_word(&q->other[i]);

		ok = ok && !is_no(w.word);
		if (q->own.kind == FEED_DEVICE)
			ok = ok && naive_yes(w, q->version);
	}
	return ok;
}

static bool newest_wins(const struct question *q)
{
	struct consent_word best = naive_word(&q->own);

	for (size_t i = 0; i < q->n; i++) {
		const struct consent_word w = naive_word(&q->other[i]);

		if (w.word != 0 && (best.word == 0 || w.at_ms > best.at_ms))
			best = w;
	}
	return naive_yes(best, q->version);
}

static bool account_wins(const struct question *q)
{
	const struct consent_word own = naive_word(&q->own);

	if (q->own.kind == FEED_PERSON && own.word != 0)
		return naive_yes(own, q->version);
	for (size_t i = 0; i < q->n; i++)
		if (q->other[i].kind == FEED_PERSON && naive_word(&q->other[i]).word != 0)
			return naive_yes(naive_word(&q->other[i]), q->version);
	return naive_yes(own, q->version);
}

/* Somebody said no, or who it is of did not say yes. */
static bool is_against(const struct question *q)
{
	bool against = !naive_yes(naive_word(&q->own), q->version);

	for (size_t i = 0; i < q->n; i++)
		against = against || is_no(naive_word(&q->other[i]).word);
	return against;
}

static bool all_agree(const struct question *q)
{
	bool all = naive_yes(naive_word(&q->own), q->version);

	for (size_t i = 0; i < q->n; i++)
		all = all && naive_yes(naive_word(&q->other[i]), q->version);
	return all;
}

/* Hear H in an order by chance. */
static struct consent_word heard(const struct history *h)
{
	struct consent_words of = { 0 };
	struct consent_word v[WORDS];

	memcpy(v, h->v, sizeof(v));
	for (size_t n = h->n; n > 0; n--) {
		const size_t i = below((unsigned)n);

		(void)consent_hear(&of, &v[i]);
		v[i] = v[n - 1];
	}
	of.asserted.kind = of.verified.kind = h->kind;
	return *consent_counting(&of);
}

static bool ours(const struct question *q)
{
	const struct consent_word own = heard(&q->own);
	struct consent_word linked[OTHERS];

	for (size_t i = 0; i < q->n; i++)
		linked[i] = heard(&q->other[i]);
	return consent_enters(&own, linked, q->n, q->version);
}

static struct question some_question(void)
{
	struct question q = { .n = below(OTHERS + 1), .version = 1 + below(3) };

	q.own = some_history((uint8_t)(1 + below(2)));
	for (size_t i = 0; i < q.n; i++)
		q.other[i] = some_history(q.own.kind == FEED_PERSON ? FEED_DEVICE : FEED_PERSON);
	return q;
}

static void test_histories(void)
{
	unsigned entered = 0, differ = 0, newest = 0, account = 0, against = 0, lost = 0;

	for (unsigned i = 0; i < HISTORIES; i++) {
		const struct question q = some_question();
		const bool in = ours(&q), no = is_against(&q);

		entered += in;
		differ += in != naive_enters(&q);
		against += in && no;
		lost += !in && all_agree(&q);
		newest += newest_wins(&q) && no;
		account += account_wins(&q) && no;
	}
	printf(
	    "# of %u: %u entered; against a no or without a yes: newest wins %u, account wins %u, "
	    "ours %u\n",
	    HISTORIES, entered, newest, account, against);
	CHECK(differ == 0 && against == 0 && lost == 0);
	CHECK(entered > HISTORIES / 20 && newest > HISTORIES / 100 && account > HISTORIES / 100);
}

int main(void)
{
	RUN(test_one_identifier, "which word of an identifier counts, in whatever order they came");
	RUN(test_hear_says_what_changed, "hearing says whether something changed");
	RUN(test_enters, "an event enters by its own yes, and against nobody's no");
	RUN(test_histories, "400,000 histories: as the prose has it, and never against a no");
	return tap_done();
}
