/*
 * test_consents_image.c - the registry's memory: handles that begin alike, slabs that grow and
 * give back, strangers in one chain, and no memory at each moment.
 */
#include "base/bytes.h"
#include "base/sandbox.h"
#include "gateway/consent/private.h"
#include "gateway/consent/tables.h"
#include "tap.h"

#include <unistd.h>

/* ---- memory that ends -------------------------------------------------------------------- */

/* A sanitizer has its own allocator, in whose place ours cannot stand. */
static long allocations = -1; /* which fails, and all behind it; -1: none */
#if !SANDBOX_SANITIZED
static bool may_allocate(void)
{
	if (allocations > 0)
		allocations--;
	return allocations != 0;
}

void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *calloc(size_t n, size_t size)
{
	return may_allocate() ? __libc_calloc(n, size) : NULL;
}
void *realloc(void *p, size_t n)
{
	return may_allocate() ? __libc_realloc(p, n) : NULL;
}
#endif

/* ---- handles ------------------------------------------------------------------------------ */

/* Eight by eight they begin alike, as keyd's never do. */
static void handle_of(uint64_t i, uint8_t out[static HANDLE_BYTES])
{
	sc_be64_store(out, (i / 8) * UINT64_C(0x9E3779B97F4A7C15));
	sc_be64_store(out + 8, i);
}

static uint32_t find(const struct consents_image *m, uint64_t i)
{
	uint8_t handle[HANDLE_BYTES];

	handle_of(i, handle);
	return image_find(m, handle);
}

static uint32_t add(struct consents_image *m, uint64_t i, uint8_t kind)
{
	uint8_t handle[HANDLE_BYTES];

	handle_of(i, handle);
	return image_add(m, handle, kind);
}

static void test_handles(void)
{
	struct consents_image m = { .places = NULL };

	CHECK(find(&m, 0) == 0);
	for (uint64_t i = 0; i < 20000; i += 2)
		CHECK(add(&m, i, i % 4 == 0 ? FEED_PERSON : FEED_DEVICE) == i / 2 + 1);
	for (uint64_t i = 0; i < 20000; i++) {
		uint32_t who = find(&m, i);

		CHECK(who == (i % 2 == 0 ? i / 2 + 1 : 0));
		CHECK(who == 0 ||
		    image_who(&m, who)->kind == (i % 4 == 0 ? FEED_PERSON : FEED_DEVICE));
	}
	/* again is the same, whatever kind is said */
	CHECK(add(&m, 0, FEED_DEVICE) == 1 && image_who(&m, 1)->kind == FEED_PERSON);
	CHECK(m.who.n == 10001 && 2 * m.who.n <= m.n_places && m.people == 0);
	image_fini(&m);
	CHECK(m.places == NULL && m.who.v == NULL && m.words.v == NULL && m.links.v == NULL);
}

static struct consent_word word(uint64_t at_ms, uint8_t said, bool verified)
{
	return (struct consent_word){ at_ms, 3, said, verified, 0 };
}

static void test_words(void)
{
	struct consents_image m = { .places = NULL };
	struct consent_word w;
	uint32_t who = add(&m, 1, FEED_PERSON), other = add(&m, 2, FEED_DEVICE), n;

	for (uint8_t p = 1; p <= 8; p++)
		for (int verified = 0; verified < 2; verified++) {
			w = word(100 + p, FEED_GRANT, verified);
			CHECK(image_say(&m, who, p, &w) == SC_OK);
		}
	CHECK(m.people == 1 && m.words.n == 17);
	w = word(50, FEED_WITHDRAW, true); /* older: it does not count */
	CHECK(image_say(&m, who, 3, &w) == SC_OK && image_word(&m, who, 3).word == FEED_GRANT);
	w = word(200, FEED_WITHDRAW, true);
	CHECK(image_say(&m, who, 3, &w) == SC_OK && image_word(&m, who, 3).at_ms == 200);
	CHECK(image_word(&m, who, 3).kind == FEED_PERSON && image_who(&m, who)->last_ms == 200);
	CHECK(image_word(&m, who, 4).word == FEED_GRANT && image_word(&m, who, 4).at_ms == 104);
	CHECK(image_words(&m, who, 4).asserted.at_ms == 104 &&
	    image_words(&m, who, 4).asserted.kind == 0);
	CHECK(image_word(&m, who, 9).word == 0 && image_word(&m, other, 3).word == 0);
	CHECK(image_word(&m, other, 3).kind == FEED_DEVICE);
	w = word(200, FEED_WITHDRAW, true);
	image_since(&m, who, 3, &w, 150);
	CHECK(image_word(&m, who, 3).at_ms == 150);
	image_since(&m, who, 3, &w, 140); /* not what stands there any more */
	CHECK(image_word(&m, who, 3).at_ms == 150);
	w.verified = false;
	image_since(&m, who, 9, &w, 1);
	n = m.words.n;
	image_unsay(&m, who);
	CHECK(m.people == 0 && image_word(&m, who, 3).word == 0 &&
	    image_who(&m, who)->gone_ms == 200);
	image_unsay(&m, who);
	CHECK(m.people == 0);
	w = word(7, FEED_REFUSE, true);
	for (uint8_t p = 1; p <= 16; p++)
		CHECK(image_say(&m, p % 2 == 0 ? who : other, p, &w) == SC_OK);
	CHECK(m.words.n == n && m.words.free == 0 && m.people == 1);
	image_fini(&m);
}

static void test_links(void)
{
	struct consents_image m = { .places = NULL };
	uint32_t device[3], person[3], link, n;

	for (unsigned i = 0; i < 3; i++) {
		device[i] = add(&m, i, FEED_DEVICE);
		person[i] = add(&m, 10 + i, FEED_PERSON);
	}
	for (unsigned d = 0; d < 3; d++)
		for (unsigned p = 0; p < 3; p++) {
			CHECK(image_linked(&m, device[d], person[p]) == 0);
			link = image_join(&m, device[d], person[p], 100 * d + p);
			CHECK(link != 0 && image_linked(&m, device[d], person[p]) == link);
			CHECK(image_link(&m, link)->from_ms == 100 * d + p);
		}
	n = m.links.n;
	image_part(&m, device[1], person[1]);
	image_part(&m, device[1], person[1]);
	for (unsigned d = 0; d < 3; d++)
		for (unsigned p = 0; p < 3; p++)
			CHECK((image_linked(&m, device[d], person[p]) == 0) == (d == 1 && p == 1));
	image_part_all(&m, person[0]);
	image_part_all(&m, person[0]);
	for (unsigned d = 0; d < 3; d++)
		CHECK(image_linked(&m, device[d], person[0]) == 0 &&
		    image_linked(&m, device[d], person[2]) != 0);
	for (unsigned d = 0; d < 3; d++)
		CHECK(image_join(&m, device[d], person[0], 1) != 0);
	CHECK(image_join(&m, device[1], person[1], 1) != 0 && m.links.n == n && m.links.free == 0);
	image_fini(&m);
}

/* ---- strangers -------------------------------------------------------------------------------- */

static void test_strangers(void)
{
	uint8_t h[8][HANDLE_BYTES];
	struct consent_word w = word(1, FEED_WITHDRAW, false);
	struct strangers *t;

	NEED(strangers_new(&t) == SC_OK);
	for (uint64_t i = 0; i < 8; i++) {
		handle_of(i, h[i]); /* one chain */
		w.at_ms = i + 1;
		strangers_put(t, h[i], 1, &w);
	}
	strangers_drop(t, h[3], 1);
	strangers_drop(t, h[3], 1);
	strangers_drop(t, h[4], 2);
	for (uint64_t i = 0; i < 8; i++)
		CHECK(strangers_word(t, h[i], 1).at_ms == (i == 3 ? 0 : i + 1));
	CHECK(strangers_word(t, h[0], 2).word == 0);
	w.at_ms = 99;
	strangers_put(t, h[0], 1, &w); /* where it was: another's place is not taken */
	strangers_put(t, h[0], 2, &w);
	for (uint64_t i = 0; i < 8; i++)
		CHECK(strangers_word(t, h[i], 1).at_ms == (i == 3 ? 0 : i == 0 ? 99 : i + 1));
	CHECK(strangers_word(t, h[0], 2).at_ms == 99);
	strangers_free(t);
	strangers_free(NULL);
}

/* ---- no memory ----------------------------------------------------------------------------------- */

/* Grown until it fails at the K-th allocation: what was answered is there, and nothing else. */
static bool survives(long k)
{
	struct consents_image m = { .places = NULL };
	struct consent_word w = word(5, FEED_GRANT, true);
	uint64_t i;
	uint32_t device, person;
	bool failed = false;

	allocations = k;
	for (i = 0; i < 300 && !failed; i++) {
		failed = (device = add(&m, 2 * i, FEED_DEVICE)) == 0 ||
		    (person = add(&m, 2 * i + 1, FEED_PERSON)) == 0 ||
		    image_say(&m, person, 1, &w) != SC_OK || image_join(&m, device, person, 1) == 0;
	}
	allocations = -1;
	for (uint64_t j = 0; j + 1 < i; j++) {
		device = find(&m, 2 * j);
		person = find(&m, 2 * j + 1);
		CHECK(device != 0 && person != 0 && image_word(&m, person, 1).at_ms == 5 &&
		    image_linked(&m, device, person) != 0);
	}
	CHECK(find(&m, 2 * i + 1) == 0);
	image_fini(&m);
	return failed;
}

static void test_no_memory(void)
{
	long k = 1;

	while (survives(k))
		k++;
	/* four slabs' and the places' growth, each of which failed once */
	CHECK(k > 12);
}

static const char *const purposes[] = { "analytics" };
static struct feed_words words = { .purposes = { .v = purposes, .n = 1 }, .text_version = 1 };
static const struct collect_settings settings = { .words = &words };
static const struct sc_name tenant = { "shop" };

static void test_registry_no_memory(void)
{
	struct consents_write w = { .said = { .word = { .kind = FEED_PERSON,
						  .purpose = 1,
						  .word = FEED_WITHDRAW,
						  .version = 1,
						  .verified = true } } };
	struct consents_link_write l = { .link = { .from_ms = 1 } };
	struct consents *c = NULL;

	for (long k = 1; k <= 2; k++) {
		allocations = k; /* the K-th fails */
		CHECK(consents_new(&settings, &tenant, &c) == SC_NOMEM && c == NULL);
	}
	allocations = -1;
	NEED(consents_new(&settings, &tenant, &c) == SC_OK);
	/* the slab of people, the places, the slab of words: what was made stays */
	for (size_t k = 0; k < 3; k++) {
		allocations = k == 0 ? 1 : 2;
		consents_say(c, &w);
		allocations = -1;
		CHECK(w.kept && w.job.run != NULL && w.job.run(&w.job, NULL) == SC_NOMEM);
	}
	memset(l.device.handle, 1, HANDLE_BYTES);
	memset(l.person.handle, 2, HANDLE_BYTES);
	allocations = 1;
	consents_link(c, &l);
	allocations = -1;
	CHECK(l.job.run != NULL && l.job.run(&l.job, NULL) == SC_NOMEM);
	consents_link_settled(c, &l, SC_NOMEM);
	consents_free(c);
	consents_free(NULL);
}

int main(void)
{
	RUN(test_handles, "handles that begin alike are found, and others are not");
	RUN(test_words,
	    "a purpose has a back end's newest word and a page's, and room is used again");
	RUN(test_links, "links are found from their devices, and parted from both ends");
	RUN(test_strangers, "strangers whose handles begin alike are told apart");
	if (SANDBOX_SANITIZED) {
		tap_skip("without memory", "the sanitizer has its own allocator");
		return tap_done();
	}
	RUN(test_no_memory, "what was taken before memory ended is there");
	RUN(test_registry_no_memory, "a word for which there is no memory is refused");
	return tap_done();
}
