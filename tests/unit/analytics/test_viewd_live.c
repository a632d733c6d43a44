/*
 * test_viewd_live.c - features as events arrive, through snapshots, restarts and jobs: what a
 * view shows is, to the byte, what folding its whole log comes to.
 *
 *	test_viewd_live [SEED] [HISTORIES]
 */
#include "analytics/features/file.h"
#include "base/clock.h"
#include "base/sandbox.h"
#include "fold_history.h"
#include "tap.h"
#include "view_loop.h"

#include <time.h>
#include <unistd.h>

static uint64_t seed = 1, histories = SANDBOX_SANITIZED ? 30 : 300;
static struct fold_kit kit;
static struct view_loop v;
static uint64_t failed, job;

/* So that no promise is kept by emptiness. */
static struct {
	uint64_t rows, whole, waited, absent, behind_the_cut, left;
} seen;

#define HOLD(cond) \
	do { \
		if (!(cond) && failed++ < 5) \
			printf("# %s:%d: %s (seed %llu)\n", __FILE__, __LINE__, #cond, \
			    (unsigned long long)seed); \
	} while (0)

/* ---- moments ------------------------------------------------------------------------- */

static bool is_live(struct view_loop *l)
{
	return view_live(l->view) != NULL;
}

static uint64_t told; /* the number of the last snapshot that was */

static bool is_made(struct view_loop *l)
{
	return view_loop_tally(l, FEED_N_SNAPSHOT) == told && is_live(l);
}

static bool is_ended(struct view_loop *l)
{
	struct feed_progress p;
	enum sc_err err;

	return view_job_ended(l->view, job, &err, &p) && err == SC_OK;
}

static bool tell_snapshot(void)
{
	struct feed_frame f = { .type = FEED_SNAPSHOT };

	f.u.snapshot = (struct feed_snapshot){ ++told, clock_unix_ms() };
	return view_loop_feed(&v, &f, 1) == SC_OK;
}

/* ---- a history, by lot ------------------------------------------------------------------ */

static void open_history(uint64_t s)
{
	(void)history_by_lot(&kit, s);
	if (s % 2 == 0)
		history_words_first(&kit);
	told = 0;
	view_loop_make(&v, NULL);
	v.words = kit.words;
	v.settings.keep_aside_days = s % 3 == 0 ? 30 : 0;
	v.settings.rules_off = kit.settings.rules_off;
	v.settings.join_devices = kit.settings.join_devices;
}

/* What may come between two batches. Frames that follow at once are behind a cut. */
static void between_batches(void)
{
	switch (kit_any(8)) {
	case 0:
		HOLD(tell_snapshot());
		seen.behind_the_cut++;
		break;
	case 1: HOLD(tell_snapshot() && view_loop_until(&v, is_made)); break;
	case 2: view_loop_turn(&v); break;
	case 3:
		view_loop_close(&v);
		HOLD(view_loop_open(&v));
		break;
	case 4: HOLD(view_loop_until(&v, is_live)); break;
	default: break;
	}
}

static void feed_all(void)
{
	for (size_t at = 0, n; at < kit.n; at += n) {
		n = 1 + kit_any(20);
		if (n > kit.n - at)
			n = kit.n - at;
		HOLD(view_loop_feed(&v, kit.v + at, n) == SC_OK);
		between_batches();
	}
}

/* ---- the same? ---------------------------------------------------------------------------- */

struct shown {
	bool there, waits;
	struct feature_row row;
};

static bool was_erased(uint64_t person)
{
	for (size_t i = 0; i < kit.n; i++)
		if (kit.v[i].type == FEED_ERASE && kit.v[i].u.erase.who == person)
			return true;
	return false;
}

static uint64_t look(struct shown *s)
{
	const struct fold *f = view_live(v.view);
	uint64_t waiting = 0, people = 0;

	for (uint32_t i = 0; i < HISTORY_PEOPLE; i++) {
		s[i].there = fold_row(f, PERSON(i), &s[i].row);
		s[i].waits = fold_stale(f, PERSON(i));
		HOLD(!s[i].there || !s[i].waits);
		people += s[i].there;
		waiting += s[i].waits;
	}
	HOLD(view_loop_tally(&v, FEED_N_LIVE) == people);
	HOLD(view_loop_tally(&v, FEED_N_STALE) == waiting);
	HOLD(view_loop_tally(&v, FEED_N_LIVE_BYTES) > sizeof(*s) * people);
	return waiting;
}

/* Of the features as they are now, as snapshot NUMBER of AT_MS. */
static void digest_of_live(const struct feature_head *head, uint8_t out[static 32])
{
	HOLD(fold_write(view_live(v.view), view_loop_path(&v, "live"), head->number, head->at_ms,
		 NULL, out) == SC_OK);
}

static void same_row(const struct shown *s, bool there, const struct feature_row *row)
{
	uint8_t a[FEATURE_ROW_BYTES], b[FEATURE_ROW_BYTES];

	HOLD(s->there == there);
	if (!s->there || !there)
		return;
	feature_row_encode(&s->row, a);
	feature_row_encode(row, b);
	HOLD(memcmp(a, b, sizeof(a)) == 0);
	seen.rows++;
}

/* Who waits or was erased and came back is absent and in the file or not; the others are as there. */
static void same_people(const struct shown *s, const struct feature_file *file)
{
	for (uint32_t i = 0; i < HISTORY_PEOPLE; i++) {
		struct feature_row row;
		const bool there = feature_file_find(file, PERSON(i), &row);

		seen.waited += s[i].waits;
		seen.absent += s[i].waits && there;
		if (s[i].waits || (!s[i].there && was_erased(PERSON(i))))
			continue;
		same_row(&s[i], there, &row);
	}
}

static void rebuild_and_compare(void)
{
	const struct feature_head head = { .number = view_loop_tally(&v, FEED_N_SNAPSHOT),
		.at_ms = view_loop_tally(&v, FEED_N_SNAPSHOT_AT) };
	const uint64_t events = view_loop_tally(&v, FEED_N_EVENTS);
	struct shown shown[HISTORY_PEOPLE];
	struct feature_file *file = NULL;
	uint8_t before[32], after[32];
	char name[40];
	bool waits, left;

	waits = look(shown) > 0;
	for (uint32_t i = 0; i < HISTORY_PEOPLE; i++)
		waits |= was_erased(PERSON(i));
	digest_of_live(&head, before);
	HOLD(view_rebuild(v.view, &job) == SC_OK && view_loop_until(&v, is_ended));
	snprintf(name, sizeof(name), "features-%llu", (unsigned long long)head.number);
	if (feature_file_open(view_loop_path(&v, name), NULL, &file) != SC_OK) {
		HOLD(file != NULL);
		return;
	}
	/* what left took with it which devices were whose: seen at the next snapshot only */
	left = view_loop_tally(&v, FEED_N_EVENTS) != events && v.settings.join_devices;
	seen.left += left;
	if (!left)
		same_people(shown, file);
	if (!left && !waits) {
		HOLD(memcmp(before, feature_file_sha256(file), 32) == 0);
		seen.whole++;
	}
	HOLD(look(shown) == 0);
	digest_of_live(&head, after);
	HOLD(memcmp(after, feature_file_sha256(file), 32) == 0);
	feature_file_close(file);
}

static void test_same_as_whole(void)
{
	const uint64_t first = seed;

	for (; seed < first + histories; seed++) {
		open_history(seed);
		NEED(view_loop_open(&v));
		HOLD(tell_snapshot());
		feed_all();
		HOLD(view_loop_until(&v, is_made));
		rebuild_and_compare();
		view_loop_remove(&v);
	}
	CHECK(failed == 0);
	CHECK(seen.rows > histories / 2 && seen.whole > histories / 8);
	/* whom a bounded pass has left waiting depends on how fast it was: thirty may have nobody */
	CHECK(SANDBOX_SANITIZED || seen.absent > histories / 20);
	CHECK(seen.behind_the_cut > histories && seen.left < histories / 2);
	printf("# %llu rows the same, %llu files; %llu waited, %llu of them with a row then\n",
	    (unsigned long long)seen.rows, (unsigned long long)seen.whole,
	    (unsigned long long)seen.waited, (unsigned long long)seen.absent);
}

/* ---- moments one by one ---------------------------------------------------------------------- */

static void ann_and_bob(void)
{
	kit_init(&kit);
	for (uint32_t i = 0; i < 2; i++) {
		kit_word(&kit, FEED_PERSON, PERSON(i), FEED_GRANT, KIT_START)->version = 2;
		kit_event(&kit, FEED_PRODUCT, PERSON(i), 0, KIT_START + KIT_HOUR);
	}
	view_loop_make(&v, NULL);
	v.words = kit.words;
}

static uint32_t views_of(uint64_t person)
{
	struct feature_row row;

	return fold_row(view_live(v.view), person, &row) ? row.views : 0;
}

static void test_as_it_arrives(void)
{
	ann_and_bob();
	NEED(view_loop_open(&v) && view_loop_until(&v, is_live));
	CHECK(view_loop_feed(&v, kit.v, kit.n) == SC_OK);
	/* at once, without a turn of the loop; no snapshot was ever asked for */
	CHECK(views_of(PERSON(0)) == 1 && view_loop_tally(&v, FEED_N_LIVE) == 2);
	CHECK(view_loop_tally(&v, FEED_N_PEOPLE) == 0 && view_loop_tally(&v, FEED_N_STALE) == 0);
	kit.n = 0;
	kit_event(&kit, FEED_PRODUCT, PERSON(0), 0, KIT_START + 1)->flags |= FEED_LATE;
	CHECK(view_loop_feed(&v, kit.v, 1) == SC_OK && views_of(PERSON(0)) == 2);
	/* the same event again is none */
	CHECK(view_loop_feed(&v, kit.v, 1) == SC_OK && views_of(PERSON(0)) == 2);
	kit.n = 0;
	kit_word(&kit, FEED_PERSON, PERSON(1), FEED_WITHDRAW, KIT_START + KIT_DAY);
	CHECK(view_loop_feed(&v, kit.v, 1) == SC_OK && views_of(PERSON(1)) == 0);
	CHECK(view_loop_tally(&v, FEED_N_LIVE) == 1 && view_loop_tally(&v, FEED_N_STALE) == 1);
	/* and after a restart, from the log */
	view_loop_close(&v);
	NEED(view_loop_open(&v));
	CHECK(view_live(v.view) == NULL && view_loop_tally(&v, FEED_N_LIVE) == UINT64_MAX);
	NEED(view_loop_until(&v, is_live));
	CHECK(views_of(PERSON(0)) == 2 && view_loop_tally(&v, FEED_N_LIVE) == 1);
	view_loop_remove(&v);
}

/* What is kept when the thread is done and the loop does not know yet. */
static void test_between(void)
{
	const struct timespec some = { .tv_nsec = 20000000 };
	struct feed_frame f;

	ann_and_bob();
	told = 0;
	NEED(view_loop_open(&v) && view_loop_until(&v, is_live));
	NEED(view_loop_feed(&v, kit.v, kit.n) == SC_OK && tell_snapshot());
	for (int i = 0; i < 500 && access(view_loop_path(&v, "snapshot.json"), F_OK) != 0; i++)
		nanosleep(&some, NULL);
	nanosleep(&some, NULL);
	f = kit.v[1];
	f.u.event.id += 1000;
	CHECK(view_loop_feed(&v, &f, 1) == SC_OK);
	NEED(view_loop_until(&v, is_made));
	CHECK(views_of(PERSON(0)) == 2 && views_of(PERSON(1)) == 1);
	view_loop_remove(&v);
}

/* A device that is erased and comes back is a new one, to the next snapshot. */
static void test_erased_device(void)
{
	ann_and_bob();
	told = 0;
	NEED(view_loop_open(&v) && view_loop_until(&v, is_live));
	kit_erase(&kit, FEED_DEVICE, DEVICE(1));
	kit_word(&kit, FEED_PERSON, PERSON(2), FEED_GRANT, KIT_START)->version = 2;
	kit_event(&kit, FEED_PRODUCT, PERSON(2), DEVICE(1), KIT_START + KIT_HOUR);
	CHECK(view_loop_feed(&v, kit.v, kit.n) == SC_OK);
	CHECK(views_of(PERSON(2)) == 0 && fold_stale(view_live(v.view), PERSON(2)));
	CHECK(views_of(PERSON(1)) == 1);
	/* a start, which knows the log's order, and a snapshot say the same */
	view_loop_close(&v);
	NEED(view_loop_open(&v) && view_loop_until(&v, is_live));
	CHECK(views_of(PERSON(2)) == 1);
	CHECK(tell_snapshot() && view_loop_until(&v, is_made) && views_of(PERSON(2)) == 1);
	view_loop_remove(&v);
}

/* Who withdrew and came back: what was before does not come back by a restart. */
static void test_withdrawn_and_back(void)
{
	ann_and_bob();
	kit_word(&kit, FEED_PERSON, PERSON(0), FEED_WITHDRAW, KIT_START + KIT_DAY);
	kit_word(&kit, FEED_PERSON, PERSON(0), FEED_GRANT, KIT_START + 2 * KIT_DAY)->version = 2;
	NEED(view_loop_open(&v) && view_loop_feed(&v, kit.v, kit.n) == SC_OK);
	NEED(view_loop_until(&v, is_live));
	CHECK(views_of(PERSON(0)) == 0 && views_of(PERSON(1)) == 1);
	view_loop_remove(&v);
}

static void test_turned_off(void)
{
	ann_and_bob();
	v.settings.live = false;
	told = 0;
	NEED(view_loop_open(&v));
	CHECK(view_loop_feed(&v, kit.v, kit.n) == SC_OK && tell_snapshot());
	job = 1;
	CHECK(view_loop_until(&v, is_ended) && view_loop_tally(&v, FEED_N_PEOPLE) == 2);
	view_loop_turn(&v);
	CHECK(view_live(v.view) == NULL && view_loop_tally(&v, FEED_N_LIVE) == UINT64_MAX);
	view_loop_remove(&v);
}

/* An operator waits for no fold that is only made to be at hand. */
static void test_gives_way(void)
{
	ann_and_bob();
	for (int i = 0; i < 50; i++) {
		NEED(view_loop_open(&v));
		CHECK(view_loop_feed(&v, kit.v, i == 0 ? kit.n : 0) == SC_OK);
		if (i % 2 == 0)
			view_loop_turn(&v);
		CHECK(view_rebuild(v.view, &job) == SC_OK && view_loop_until(&v, is_ended));
		CHECK(view_loop_until(&v, is_live) && views_of(PERSON(1)) == 1);
		view_loop_close(&v);
	}
	view_loop_remove(&v);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		histories = strtoull(argv[2], NULL, 10);
	RUN(test_as_it_arrives, "an event is in its person's features when it is answered");
	RUN(test_between, "what comes while a job's end is not known yet is not lost");
	RUN(test_erased_device, "whom an erased device hides is hidden until the next fold");
	RUN(test_withdrawn_and_back,
	    "what was before a withdrawal is in no features, after a start either");
	RUN(test_same_as_whole, "what arrived is, to the byte, what the whole log folds to");
	RUN(test_turned_off, "where it is turned off there are snapshots and nothing else");
	RUN(test_gives_way, "an operator's job does not wait for the fold that is made at start");
	return tap_done();
}
