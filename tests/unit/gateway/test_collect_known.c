/*
 * test_collect_known.c - what is remembered of identifiers, and of names that were dropped.
 */
#include "gateway/collect/known.h"
#include "gateway/collect/names.h"
#include "tap.h"

static struct known *k;

static struct known_entry entry(uint8_t kind, const char *text)
{
	struct known_entry e;

	known_key(k, kind, sc_span_str(text), &e);
	return e;
}

static void remember(const char *text, uint64_t now)
{
	struct known_entry e = entry(1, text);

	e.handle.pseudonym = (uint64_t)strlen(text) + (uint8_t)text[0];
	e.told = 7;
	known_put(k, now, &e);
}

static bool knows(const char *text, uint64_t now)
{
	struct known_entry e = entry(1, text);

	return known_find(k, now, &e) && e.told == 7 &&
	    e.handle.pseudonym == (uint64_t)strlen(text) + (uint8_t)text[0];
}

static void test_found(void)
{
	struct known_entry e;

	NEED(known_new(16, &k) == SC_OK);
	remember("dev-1", 1000);
	CHECK(knows("dev-1", 1000) && !knows("dev-2", 1000));
	e = entry(2, "dev-1");
	CHECK(!known_find(k, 1000, &e)); /* of another kind */
	CHECK(knows("dev-1", 1000 + KNOWN_MS - 1));
	CHECK(!knows("dev-1", 1000 + KNOWN_MS));
	CHECK(!knows("dev-1", 999));
	known_free(k);
}

static void test_told(void)
{
	struct known_entry e;

	NEED(known_new(16, &k) == SC_OK);
	remember("dev-1", 1000);
	e = entry(1, "dev-1");
	e.told = 9;
	known_told(k, &e);
	e = entry(1, "dev-1");
	CHECK(known_find(k, 1000, &e) && e.told == 9);
	e = entry(1, "dev-2");
	known_told(k, &e); /* nobody known: nothing happens */
	CHECK(!known_find(k, 1000, &e));
	known_free(k);
}

/* One set of four: the oldest gives way, whoever is put again does not take a second place. */
static void test_oldest_out(void)
{
	NEED(known_new(4, &k) == SC_OK);
	remember("a", 1004);
	remember("bb", 1001);
	remember("ccc", 1002);
	remember("dddd", 1003);
	remember("a", 1005);
	CHECK(knows("a", 1005) && knows("bb", 1005) && knows("ccc", 1005) && knows("dddd", 1005));
	remember("eeeee", 1006);
	CHECK(knows("a", 1006) && !knows("bb", 1006) && knows("ccc", 1006) && knows("dddd", 1006) &&
	    knows("eeeee", 1006));
	known_free(k);
}

static void test_forgotten(void)
{
	const uint8_t one[HASH_BYTES] = { 1 }, two[HASH_BYTES] = { 2 };

	NEED(known_new(16, &k) == SC_OK);
	known_policy(k, one);
	remember("dev-1", 1000);
	known_policy(k, one);
	CHECK(knows("dev-1", 1000));
	known_policy(k, two);
	CHECK(!knows("dev-1", 1000));
	remember("dev-1", 1000);
	known_policy(k, NULL); /* keyd is away */
	CHECK(!knows("dev-1", 1000));
	known_policy(k, two);
	remember("dev-1", 1000);
	known_clear(k);
	CHECK(!knows("dev-1", 1000));
	known_free(k);
	known_free(NULL);
}

/* ---- names ------------------------------------------------------------------------------ */

static struct name_table table;

static void drop(const char *name, unsigned times)
{
	while (times-- > 0)
		table.dropped.count(table.dropped.arg, sc_span_str(name));
}

static void test_names(void)
{
	struct collect_name out[4];

	names_init(&table);
	drop("email", 5);
	drop("title", 5);
	drop("phone", 9);
	drop("once", NAMES_TOLD_FROM - 1);
	drop("thrice", NAMES_TOLD_FROM);
	drop("", 9);
	drop("a name that is longer than any name of ours", 9);
	CHECK(names_most(&table, out, 4) == 4);
	CHECK(strcmp(out[0].name, "phone") == 0 && out[0].n == 9);
	CHECK(strcmp(out[1].name, "email") == 0 && out[1].n == 5);
	CHECK(strcmp(out[2].name, "title") == 0 && out[2].n == 5);
	CHECK(strcmp(out[3].name, "thrice") == 0 && out[3].n == 3);
	CHECK(names_most(&table, out, 2) == 2 && strcmp(out[1].name, "email") == 0);
	drop("exactly forty bytes, as many as there is", 3);
	CHECK(names_most(&table, out, 4) == 4);
	names_fini(&table);
}

/* Of a hundred thousand names that come once, none is told, and a frequent one is not lost. */
static void test_flood_of_names(void)
{
	struct collect_name out[8];
	char name[16];
	size_t n;

	names_init(&table);
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "n-%c%u", 'a' + i % 26, i);
		drop(name, 1);
		if (i % 20 == 0)
			drop("email", 1);
	}
	n = names_most(&table, out, 8);
	CHECK(n == 1 && strcmp(out[0].name, "email") == 0 && out[0].n <= 5000 && out[0].n > 4000);
	names_fini(&table);
}

int main(void)
{
	RUN(test_found, "an identifier is known for its time, under its kind");
	RUN(test_told, "what was told of it is remembered with it");
	RUN(test_oldest_out, "the oldest gives way");
	RUN(test_forgotten, "all is forgotten with the policy, or with keyd");
	RUN(test_names, "names are told by how often they came, and not those that came by chance");
	RUN(test_flood_of_names, "a flood of names hides none, and shows none");
	return tap_done();
}
