/*
 * test_fold_model.c - random histories of words, links, verdicts, erasures and events: what a
 * fold comes to in any order, in two passes or as things arrive, is what the prose says.
 *
 *	test_fold_model [SEED] [HISTORIES]
 */
#include "analytics/features/file.h"
#include "base/sandbox.h"
#include "fold_history.h"
#include "fold_naive.h"
#include "tap.h"

#include <fcntl.h>
#include <unistd.h>

static uint64_t seed = 1, histories = SANDBOX_SANITIZED ? 150 : 1500;
static struct fold_kit kit;
static uint64_t failed;

/* What the histories had, so that no promise is kept by emptiness. */
static struct {
	uint64_t rows, joined, stale, fresh, unconsented, erased, visits, released, condemned,
	    aside, withdrawn;
} seen;

#define HOLD(cond) \
	do { \
		if (!(cond) && failed++ < 5) \
			printf("# %s:%d: %s (seed %llu)\n", __FILE__, __LINE__, #cond, \
			    (unsigned long long)seed); \
	} while (0)

/* ---- a history by lot --------------------------------------------------------------- */

static uint64_t unit;

static void any_history(uint64_t s)
{
	unit = history_by_lot(&kit, s);
}

/* ---- the same? ------------------------------------------------------------------------- */

static bool same_row(const struct feature_row *a, const struct feature_row *b)
{
	uint8_t x[FEATURE_ROW_BYTES], y[FEATURE_ROW_BYTES];

	feature_row_encode(a, x);
	feature_row_encode(b, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

static struct fold_naive naive_of_kit(void)
{
	return (struct fold_naive){ kit.v, kit.n, &kit.settings };
}

static void same_people(const struct fold *f, uint64_t *people)
{
	const struct fold_naive naive = naive_of_kit();
	struct feature_row have, want;

	*people = 0;
	for (uint32_t i = 0; i < HISTORY_PEOPLE; i++) {
		const bool there = naive_row(&naive, PERSON(i), &want);

		HOLD(fold_row(f, PERSON(i), &have) == there);
		HOLD(!there || same_row(&have, &want));
		HOLD(!fold_stale(f, PERSON(i)));
		*people += there;
	}
}

static bool counts_more_than_unjoined(const struct fold_stats *joined)
{
	struct fold_settings apart = kit.settings;
	const struct fold_naive naive = { kit.v, kit.n, &apart };
	struct fold_stats without;

	apart.join_devices = false;
	naive_count(&naive, &without);
	return memcmp(joined->counted, without.counted, sizeof(without.counted)) != 0;
}

static void same_stats(const struct fold *f, uint64_t people)
{
	const struct fold_naive naive = naive_of_kit();
	struct fold_stats have, want;

	fold_count(f, &have);
	naive_count(&naive, &want);
	want.people = people;
	HOLD(memcmp(&have, &want, sizeof(have)) == 0);
	seen.joined += counts_more_than_unjoined(&want);
	seen.rows += people;
	seen.unconsented += want.unconsented;
	seen.erased += want.erased;
	seen.visits += want.visits;
	for (size_t i = 0; i < FEED_RULE_END; i++) {
		seen.released += want.released[i];
		seen.condemned += want.condemned[i];
		seen.aside += want.quarantined[i];
	}
}

static void test_prose(void)
{
	for (uint64_t i = 0; i < histories; i++) {
		struct fold *f;
		uint64_t people;

		any_history(seed + i);
		f = kit_fold(&kit);
		same_people(f, &people);
		same_stats(f, people);
		/* again, by the same fold and in another order */
		kit_shuffle(&kit);
		kit_fold_into(&kit, f);
		same_people(f, &people);
		same_stats(f, people);
		fold_free(f);
	}
	CHECK(failed == 0);
	CHECK(seen.rows > histories && seen.unconsented > histories && seen.erased > histories / 2);
	CHECK(seen.visits > histories / 8 && seen.released > histories / 2 &&
	    seen.condemned > histories / 2 && seen.aside > histories / 2);
	CHECK(seen.joined > histories / 32);
	printf("# %llu rows, %llu visits, %llu histories where joining mattered\n",
	    (unsigned long long)seen.rows, (unsigned long long)seen.visits,
	    (unsigned long long)seen.joined);
}

/* ---- as it arrives ------------------------------------------------------------------------ */

/* Who does not wait has the row of the whole fold; who waits has none. */
static void arrived(const struct fold *live, const struct fold *whole)
{
	struct feature_row a, b;
	struct fold_stats stats;
	uint64_t waiting = 0, rows = 0;

	for (uint32_t i = 0; i < HISTORY_PEOPLE; i++) {
		const bool stale = fold_stale(live, PERSON(i)),
			   there = fold_row(live, PERSON(i), &a);

		seen.stale += stale;
		waiting += stale;
		rows += there;
		HOLD(!stale || !there);
		if (stale)
			continue;
		HOLD(there == fold_row(whole, PERSON(i), &b));
		HOLD(!there || same_row(&a, &b));
		seen.fresh += there;
	}
	fold_count(live, &stats);
	HOLD(stats.people == rows && stats.stale == waiting);
}

static void test_arriving(void)
{
	for (uint64_t i = 0; i < histories; i++) {
		struct fold *live, *whole;
		size_t n, half;

		any_history(seed + i);
		if (i % 2 == 0)
			history_words_first(&kit);
		n = kit.n;
		half = kit_any((uint32_t)n);
		/* the first half in two passes, the rest as it comes; every other time all as it comes */
		if (i % 4 < 2)
			half = 0;
		kit.n = half;
		live = kit_fold(&kit);
		for (size_t at = half; at < n; at++) {
			kit.n = at + 1;
			kit_take(&kit, live, at, at + 1);
			if (at + 1 != n && kit_any(20) != 0)
				continue;
			whole = kit_fold(&kit);
			arrived(live, whole);
			fold_free(whole);
		}
		fold_free(live);
	}
	CHECK(failed == 0);
	CHECK(seen.stale > histories && seen.fresh > histories);
	printf("# %llu waited, %llu did not\n", (unsigned long long)seen.stale,
	    (unsigned long long)seen.fresh);
}

/* ---- as bytes --------------------------------------------------------------------------------- */

static char path[64];

static size_t slurp(uint8_t *out, size_t max)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, out, max);

	if (fd >= 0)
		close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static size_t written(const struct fold *f, uint8_t *out, size_t max, uint8_t sha256[static 32])
{
	HOLD(fold_write(f, path, 7, KIT_START, NULL, sha256) == SC_OK);
	return slurp(out, max);
}

static void test_bytes(void)
{
	static uint8_t a[8192], b[8192];
	uint8_t sha_a[32], sha_b[32];

	for (uint64_t i = 0; i < histories / 30; i++) {
		struct fold *f, *g;
		size_t n;

		any_history(seed + i);
		f = kit_fold(&kit);
		n = written(f, a, sizeof(a), sha_a);
		kit_shuffle(&kit);
		g = kit_fold_new(&kit);
		kit_take(&kit, g, 0, kit.n);
		kit_fold_into(&kit, g);
		HOLD(written(g, b, sizeof(b), sha_b) == n && n > FEATURE_HEAD_BYTES);
		HOLD(memcmp(a, b, n) == 0 && memcmp(sha_a, sha_b, 32) == 0);
		fold_free(f);
		fold_free(g);
	}
	CHECK(failed == 0);
}

/* ---- withdrawn ------------------------------------------------------------------------------------ */

/* One after all that was said; by which channel CHANNEL says. */
static void withdraw(uint32_t channel, uint64_t person, uint64_t at_ms)
{
	struct feed_consent *c;
	const uint64_t device = DEVICE(90);

	if (channel < 2) {
		c = kit_word(&kit, FEED_PERSON, person, channel == 0 ? FEED_WITHDRAW : FEED_REFUSE,
		    at_ms);
	} else {
		kit_link(&kit, device, person, KIT_START, 0);
		c = kit_word(&kit, FEED_DEVICE, device, FEED_WITHDRAW, at_ms);
	}
	c->verified = channel != 3;
}

/* Is PERSON in the file of F? What cannot be read does not count as no. */
static bool in_file(const struct fold *f, uint64_t person)
{
	uint8_t sha[32];
	struct feature_file *file;
	struct feature_row row;
	bool there;

	if (fold_write(f, path, 1, KIT_START, NULL, sha) != SC_OK ||
	    feature_file_open(path, NULL, &file) != SC_OK)
		return true;
	there = feature_file_find(file, person, &row);
	feature_file_close(file);
	return there;
}

/* The frames as they are, and the last at a place by lot. */
static void put_last_anywhere(void)
{
	const struct feed_frame last = kit.v[kit.n - 1];
	const size_t at = kit_any((uint32_t)kit.n);

	memmove(&kit.v[at + 1], &kit.v[at], (kit.n - 1 - at) * sizeof(last));
	kit.v[at] = last;
}

static void test_withdrawn(void)
{
	for (uint64_t i = 0; i < histories / 4; i++) {
		struct fold *before, *live, *after;
		struct feature_row row;
		uint64_t person;

		any_history(seed + i);
		before = kit_fold(&kit);
		person = PERSON(i % HISTORY_PEOPLE);
		seen.withdrawn += fold_row(before, person, &row);
		HOLD(i % 16 >= 4 || in_file(before, person) == fold_row(before, person, &row));
		live = kit_fold(&kit);
		withdraw((uint32_t)(i % 4), person, KIT_START + 50 * unit);
		kit_take(&kit, live, kit.n - (i % 4 < 2 ? 1 : 2), kit.n);
		HOLD(!fold_row(live, person, &row));
		put_last_anywhere();
		after = kit_fold(&kit);
		HOLD(!fold_row(after, person, &row));
		if (i % 16 < 4)
			HOLD(!in_file(live, person) && !in_file(after, person));
		fold_free(before);
		fold_free(live);
		fold_free(after);
	}
	CHECK(failed == 0);
	CHECK(seen.withdrawn > histories / 40);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		histories = strtoull(argv[2], NULL, 10);
	snprintf(path, sizeof(path), "/tmp/test_fold_model.%d", (int)getpid());
	RUN(test_prose, "a fold of the whole log is what the prose says, in any order");
	RUN(test_arriving, "what arrives is seen as a whole fold sees it, or hidden until then");
	RUN(test_bytes, "a rebuilt file is the same to the byte");
	RUN(test_withdrawn, "who withdrew is in no later file, whatever the order and the channel");
	unlink(path);
	return tap_done();
}
