/*
 * test_ids.c - which ids a segment has: table and file against a plain list.
 */
#include "analytics/log/ids.h"

#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define N 20000

static char dir[64];
static int dirfd_;
static uint64_t seed = 1;

static uint64_t any(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 20) | 1;
}

struct places {
	uint32_t v[8];
	size_t n, stop_at;
};

static bool collect(void *arg, uint32_t place)
{
	struct places *p = arg;

	if (p->n < 8)
		p->v[p->n++] = place;
	return p->n != p->stop_at;
}

static struct ids_table table_of(uint64_t id, const uint32_t *v, size_t n)
{
	struct ids_table t = { .n = 0 };

	if (ids_reserve(&t, n) != SC_OK)
		abort();
	for (size_t i = 0; i < n; i++)
		(void)ids_put(&t, id, v[i]);
	return t;
}

static void test_places(void)
{
	const uint32_t v[4] = { 7 | IDS_VERDICT, 3, 9 | IDS_VERDICT, IDS_GONE };
	struct ids_table t = table_of(42, v, 3);
	struct places p = { .n = 0 };
	struct ids_file f;

	ids_each(&t, 42, collect, &p);
	CHECK(p.n == 3 && p.v[0] == v[0] && p.v[1] == v[1] && p.v[2] == v[2]);
	p = (struct places){ .stop_at = 2 };
	ids_each(&t, 42, collect, &p);
	CHECK(p.n == 2);
	p = (struct places){ .n = 0 };
	ids_each(&t, 43, collect, &p);
	CHECK(p.n == 0 && ids_has(&t, 42) && !ids_has(&t, 43));
	CHECK(ids_file_write(dirfd_, "a", &t) == SC_OK && ids_file_open(dirfd_, "a", &f) == SC_OK);
	ids_file_each(&f, 42, collect, &p);
	CHECK(p.n == 3 && p.v[0] == 3 && p.v[1] == v[0] && p.v[2] == v[2]); /* in order */
	CHECK(ids_file_has(&f, 42) && !ids_file_has(&f, 43));
	ids_file_close(&f);
	ids_table_fini(&t);
}

/* Verdicts alone make no event; an event that went is one. */
static void test_what_is_an_event(void)
{
	const uint32_t verdict = 1 | IDS_VERDICT, gone = IDS_GONE;
	struct ids_table a = table_of(1, &verdict, 1), b = table_of(1, &gone, 1);
	struct ids_file f;

	CHECK(!ids_has(&a, 1) && ids_has(&b, 1));
	CHECK(ids_file_write(dirfd_, "a", &a) == SC_OK && ids_file_open(dirfd_, "a", &f) == SC_OK);
	CHECK(!ids_file_has(&f, 1));
	ids_file_close(&f);
	CHECK(ids_file_write(dirfd_, "a", &b) == SC_OK && ids_file_open(dirfd_, "a", &f) == SC_OK);
	CHECK(ids_file_has(&f, 1));
	ids_file_close(&f);
	ids_table_fini(&a);
	ids_table_fini(&b);
}

static void test_empty(void)
{
	struct ids_table t = { .n = 0 };
	struct places p = { .n = 0 };
	struct ids_file f;

	ids_each(&t, 5, collect, &p);
	CHECK(p.n == 0 && !ids_has(&t, 5));
	CHECK(ids_file_write(dirfd_, "e", &t) == SC_OK && ids_file_open(dirfd_, "e", &f) == SC_OK);
	CHECK(f.n == 0 && f.bytes == 64 && !ids_file_has(&f, 5) && ids_file_sound(&f));
	ids_file_close(&f);
	CHECK(f.map == NULL);
	ids_file_close(&f);
}

static void test_many(void)
{
	static uint64_t in[N], out[N];
	struct ids_table t = { .n = 0 };
	struct ids_file f;
	size_t wrong = 0;

	for (size_t i = 0; i < N; i++) {
		in[i] = any();
		out[i] = any();
		NEED(ids_reserve(&t, 1) == SC_OK);
		(void)ids_put(&t, in[i], (uint32_t)i);
	}
	CHECK(t.n == N && t.slots == 32768);
	CHECK(ids_file_write(dirfd_, "m", &t) == SC_OK && ids_file_open(dirfd_, "m", &f) == SC_OK);
	CHECK(f.n == N && ids_file_sound(&f));
	for (size_t i = 0; i < N; i++) {
		struct places p = { .n = 0 };

		ids_file_each(&f, in[i], collect, &p);
		CHECK(p.n == 1 && p.v[0] == i);
		wrong += !ids_has(&t, in[i]) || ids_has(&t, out[i]) || ids_file_has(&f, out[i]);
	}
	CHECK(wrong == 0);
	ids_file_close(&f);
	ids_table_fini(&t);
}

/* What was put last can be taken back, and the rest is as before. */
static void test_take_back(void)
{
	struct ids_table t = { .n = 0 };
	size_t slots[1000];
	uint64_t ids[1000];

	NEED(ids_reserve(&t, 2700) == SC_OK);
	for (size_t i = 0; i < 1700; i++)
		(void)ids_put(&t, i + 1, 0);
	for (size_t i = 0; i < 1000; i++)
		slots[i] = ids_put(&t, ids[i] = any() << 12, 1);
	for (size_t i = 1000; i-- > 0;) {
		CHECK(ids_has(&t, ids[i]));
		ids_take_back(&t, slots[i]);
		CHECK(!ids_has(&t, ids[i]));
	}
	CHECK(t.n == 1700);
	for (size_t i = 0; i < 1700; i++)
		CHECK(ids_has(&t, i + 1));
	ids_table_fini(&t);
}

static bool flip(const char *name, off_t at)
{
	int fd = openat(dirfd_, name, O_RDWR);
	uint8_t b = 0;
	bool ok = fd >= 0 && pread(fd, &b, 1, at) == 1;

	b ^= 1;
	ok = ok && pwrite(fd, &b, 1, at) == 1;
	close(fd);
	return ok;
}

static void test_damage(void)
{
	const uint32_t place = 3;
	struct ids_table t = table_of(1, &place, 1);
	struct ids_file f;

	CHECK(ids_file_open(dirfd_, "none", &f) == SC_IO);
	NEED(ids_file_write(dirfd_, "d", &t) == SC_OK);
	for (off_t at = 0; at < 64; at++) {
		NEED(flip("d", at));
		CHECK(ids_file_open(dirfd_, "d", &f) == SC_CORRUPT && f.map == NULL);
		NEED(flip("d", at));
	}
	for (off_t at = 64; at < 64 + 64 + 12; at++) {
		NEED(flip("d", at));
		CHECK(ids_file_open(dirfd_, "d", &f) == SC_OK && !ids_file_sound(&f));
		ids_file_close(&f);
		NEED(flip("d", at));
	}
	CHECK(ids_file_open(dirfd_, "d", &f) == SC_OK && ids_file_sound(&f));
	ids_file_close(&f);
	for (int n = 139; n >= 0; n -= 20) {
		int fd = openat(dirfd_, "d", O_RDWR);

		CHECK(ftruncate(fd, n) == 0 && ids_file_open(dirfd_, "d", &f) == SC_CORRUPT);
		close(fd);
	}
	ids_table_fini(&t);
}

int main(void)
{
	snprintf(dir, sizeof(dir), "/tmp/scrim-test-XXXXXX");
	if (mkdtemp(dir) == NULL || (dirfd_ = open(dir, O_RDONLY | O_DIRECTORY)) < 0)
		return 1;
	RUN(test_places, "all places of an id are told, until somebody has enough");
	RUN(test_what_is_an_event, "a verdict is no event, an event that went is one");
	RUN(test_empty, "nothing is in an empty one");
	RUN(test_many, "many are found, others are not");
	RUN(test_take_back, "what was put last is taken back");
	RUN(test_damage, "a changed head is refused, a changed body is found by who looks");
	for (size_t i = 0; i < 4; i++)
		(void)unlinkat(dirfd_, (const char *[]){ "a", "e", "m", "d" }[i], 0);
	(void)rmdir(dir);
	return tap_done();
}
