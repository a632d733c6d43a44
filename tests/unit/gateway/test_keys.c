/*
 * test_keys.c - the perfect hash of member names: every family of names that
 * orders really have can be told apart, in a table of modest size, and nobody
 * else's key is found.
 */
#include "gateway/codec/keys.h"
#include "tap.h"

#include <malloc.h>

#define NAME_ROOM 320

/* A key as the scanner has it: readable beyond its end, with what follows it. */
struct padded_key {
	uint8_t p[NAME_ROOM];
};

static struct padded_key padded_key(struct sc_span name)
{
	struct padded_key k;

	memset(k.p, '"', sizeof(k.p));
	if (name.n != 0)
		memcpy(k.p, name.p, name.n);
	return k;
}

static uint16_t found(const struct key_table *t, struct sc_span name)
{
	struct padded_key k = padded_key(name);

	return key_find(t, k.p, name.n);
}

/* A table of NAMES exists, finds each, and is no larger than SLOTS (0: any size). */
static bool told_apart(const struct sc_span *names, size_t n, size_t slots)
{
	struct key_table t;
	bool ok = key_table_init(&t, names, n) == SC_OK;

	for (size_t i = 0; ok && i < n; i++)
		ok = found(&t, names[i]) == i + 1;
	if (ok && slots != 0 && t.mask + 1 > slots) {
		printf("# %zu names (%.*s ...) in %zu slots\n", n, SC_SPAN_ARG(names[0]),
		    (size_t)t.mask + 1);
		ok = false;
	}
	key_table_fini(&t);
	return ok;
}

/* Eight slots a name, and never fewer than the sixteen of the smallest table. */
static size_t modest(size_t n)
{
	return n < 2 ? 16 : 8 * n;
}

static void test_real_names(void)
{
	static const char *const families[][5] = {
		{ "address_1", "address_2" },
		{ "addressLine1", "addressLine2" },
		{ "address_line_1", "address_line_2", "address_line_3" },
		{ "contact_phone_1", "contact_phone_2" },
		{ "administrative_district_level_1", "administrative_district_level_2",
		    "administrative_district_level_3" },
		{ "address1", "address2" },
		{ "street_1", "street_2" },
		{ "line1", "line2", "line3" },
		{ "a", "b", "c", "" },
		{ "receiver_tel", "receiver_zip" },
		{ "customer_id", "customer_no" },
		{ "phone_number_1", "phone_number_2" },
		{ "x\xC3\xA9", "x\xC3\xA8" },
		{ "first_name", "last_name", "address_1", "address_2", "phone" },
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct sc_span names[5];
		size_t n = 0;

		while (n < 5 && families[i][n] != NULL) {
			names[n] = sc_span_str(families[i][n]);
			n++;
		}
		CHECK(told_apart(names, n, modest(n)));
	}
}

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x >> 11;
}

/* N names of LEN characters that differ only in the LAST ones (or at byte AT). */
static void make_family(uint64_t *x, uint8_t (*room)[NAME_ROOM], struct sc_span *names, size_t n,
    size_t len, size_t at, size_t differ)
{
	for (size_t j = 0; j < len; j++)
		room[0][j] = (uint8_t)('a' + next(x) % 26);
	for (size_t i = 0; i < n; i++) {
		bool again;

		memcpy(room[i], room[0], NAME_ROOM);
		do {
			again = false;
			for (size_t j = 0; j < differ; j++)
				room[i][at + j] = (uint8_t)(next(x) % 255 + 1);
			for (size_t k = 0; k < i; k++)
				again |= memcmp(room[k], room[i], len) == 0;
		} while (again);
		names[i] = sc_span(room[i], len);
	}
}

static void test_last_bytes(void)
{
	static uint8_t room[16][NAME_ROOM];
	struct sc_span names[16];
	uint64_t x = 0x6E616D6573u;

	for (size_t len = 1; len <= 64; len++)
		for (size_t differ = 1; differ <= 3 && differ <= len; differ++)
			for (size_t n = 2; n <= 16; n *= 2) {
				make_family(&x, room, names, n, len, len - differ, differ);
				CHECK(told_apart(names, n, modest(n)));
			}
}

/* One byte anywhere tells two names apart, also where no whole word covers it. */
static void test_any_byte(void)
{
	static uint8_t room[2][NAME_ROOM];
	struct sc_span names[2];
	uint64_t x = 0x62797465u;

	for (size_t len = 1; len <= 64; len++)
		for (size_t at = 0; at < len; at++) {
			make_family(&x, room, names, 2, len, at, 1);
			CHECK(told_apart(names, 2, 64));
		}
}

/* One name is the beginning of the next, from nothing to the longest. */
static void test_lengths(void)
{
	static uint8_t room[NAME_ROOM];
	struct sc_span names[256];
	struct key_table t;

	memset(room, 'a', sizeof(room));
	for (size_t i = 0; i < 256; i++)
		names[i] = sc_span(room, i);
	NEED(key_table_init(&t, names, 256) == SC_OK);
	CHECK(t.longest == 255);
	for (size_t i = 0; i < 256; i++)
		CHECK(found(&t, names[i]) == i + 1);
	CHECK(found(&t, sc_span(room, 256)) == 0);
	CHECK(found(&t, sc_span(room, 300)) == 0);
	key_table_fini(&t);
	CHECK(t.names == NULL && t.slots == NULL);
	names[0] = sc_span(room, 256);
	CHECK(key_table_init(&t, names, 1) == SC_LIMIT);
	CHECK(t.names == NULL && t.slots == NULL);
}

/* What is in use is found; what differs from it in one byte is not. */
static void test_strangers(void)
{
	static const char *const used[] = { "name", "mobile", "address_1", "postal_code_main",
		"a_name_of_more_than_16_bytes", "another_name_of_more_than_24_b" };
	struct sc_span names[6];
	struct key_table t;

	for (size_t i = 0; i < 6; i++)
		names[i] = sc_span_str(used[i]);
	NEED(key_table_init(&t, names, 6) == SC_OK);
	for (size_t i = 0; i < 6; i++) {
		uint8_t other[NAME_ROOM];

		memcpy(other, names[i].p, names[i].n);
		for (size_t at = 0; at < names[i].n; at++) {
			other[at] ^= 1;
			CHECK(found(&t, sc_span(other, names[i].n)) == 0);
			other[at] ^= 1;
		}
		CHECK(found(&t, sc_span(other, names[i].n)) == i + 1);
		CHECK(found(&t, sc_span(other, names[i].n - 1)) == 0);
	}
	key_table_fini(&t);
	/* a table of nobody */
	NEED(key_table_init(&t, NULL, 0) == SC_OK);
	CHECK(found(&t, sc_span("", 0)) == 0 && found(&t, sc_span("a", 1)) == 0);
	key_table_fini(&t);
}

/* A zero byte is a character like any other, not the end. */
static void test_zero_bytes(void)
{
	const struct sc_span names[] = { sc_span("a", 1), sc_span("a\0", 2), sc_span("a\0\0", 3),
		sc_span("\0", 1), sc_span("", 0) };

	CHECK(told_apart(names, 5, 64));
}

/* As many as a configuration may have. */
static void test_many(void)
{
	static char text[1000][24];
	static struct sc_span names[1000];

	for (size_t i = 0; i < 1000; i++) {
		snprintf(text[i], sizeof(text[i]), "receiver_field_%zu", i);
		names[i] = sc_span_str(text[i]);
	}
	CHECK(told_apart(names, 1000, 4 * 1000));
}

#define FIELDS "tests/data/field_names.txt"
#define FIELD_NAMES 300

/* What order systems call things: all of it is found, in a table of at most four slots a name. */
static void test_field_names(void)
{
	static char text[FIELD_NAMES][64];
	static struct sc_span names[FIELD_NAMES];
	FILE *f = fopen(FIELDS, "r");
	size_t n = 0;

	NEED(f != NULL);
	while (n < FIELD_NAMES && fscanf(f, "%63s", text[n]) == 1) {
		names[n] = sc_span_str(text[n]);
		n++;
	}
	fclose(f);
	NEED(n == FIELD_NAMES);
	CHECK(told_apart(names, n, 4 * FIELD_NAMES));
	for (size_t k = 1; k < n; k++) {
		if (tap_ok && !told_apart(names, k, k < 4 ? 16 : 4 * k))
			CHECK(false);
	}
}

/* Tables, also those that needed several sizes and those that failed, leave nothing. */
static void test_memory(void)
{
	static char text[300][8];
	static struct sc_span names[301];
	struct key_table t;
	size_t before = 0;

	for (size_t i = 0; i < 300; i++) {
		snprintf(text[i], sizeof(text[i]), "%zu", i);
		names[i] = sc_span_str(text[i]);
	}
	names[300] = sc_span(text, 256); /* too long */
	for (int i = 0; i < 40; i++) {
		if (i == 20)
			before = mallinfo2().uordblks;
		CHECK(key_table_init(&t, names, 300) == SC_OK && t.mask + 1 == 1024);
		key_table_fini(&t);
		CHECK(key_table_init(&t, names, 301) == SC_LIMIT);
	}
	CHECK(mallinfo2().uordblks == before);
}

/* The smallest table has sixteen slots, and none has fewer than two a name. */
static void test_smallest(void)
{
	static char text[64][4];
	static struct sc_span names[64];

	for (size_t i = 0; i < 64; i++) {
		struct key_table t;

		snprintf(text[i], sizeof(text[i]), "%zu", i);
		names[i] = sc_span_str(text[i]);
		NEED(key_table_init(&t, names, i + 1) == SC_OK);
		CHECK(
		    t.mask + 1 >= 16 && t.mask + 1 >= 2 * (i + 1) && (t.mask & (t.mask + 1)) == 0);
		CHECK(i > 1 || t.mask == 15);
		key_table_fini(&t);
	}
}

static void test_case(void)
{
	static const char *const names[] = { "phone", "Phone", "receiverPhoneNumber1", "a_",
		"a\x7f", "[", "{", "" };
	struct sc_span v[8];
	struct key_table t;

	for (size_t i = 0; i < 8; i++)
		v[i] = sc_span_str(names[i]);
	NEED(key_table_init(&t, v, 8) == SC_OK);
	/* as it stands before any other */
	for (uint16_t i = 0; i < 8; i++)
		CHECK(found(&t, v[i]) == i + 1);
	CHECK(found(&t, sc_span_str("pHONE")) == 1 || found(&t, sc_span_str("pHONE")) == 2);
	CHECK(found(&t, sc_span_str("RECEIVERPHONENUMBER1")) == 3);
	CHECK(found(&t, sc_span_str("receiverphonenumber1")) == 3);
	CHECK(found(&t, sc_span_str("receiverphonenumbeR\x11")) == 0);
	CHECK(found(&t, sc_span_str("receiver\x10honenumber1")) == 0);
	CHECK(found(&t, sc_span_str("A_")) == 4 && found(&t, sc_span_str("A\x7f")) == 5);
	CHECK(found(&t, sc_span_str("PH\x0fNE")) == 0 && found(&t, sc_span_str("\\")) == 0);
	key_table_fini(&t);
}

int main(void)
{
	RUN(test_real_names, "names of real orders that end in 1 and 2 are told apart");
	RUN(test_last_bytes, "names that differ in the last bytes only need no large table");
	RUN(test_any_byte, "two names that differ in one byte, wherever, are told apart");
	RUN(test_lengths, "names of 0 to 255 bytes are told apart by length alone");
	RUN(test_strangers, "a key that differs in one byte from a name is nobody's");
	RUN(test_zero_bytes, "a zero byte is part of a name");
	RUN(test_field_names, "three hundred names of fields have a small table, each fewer, too");
	RUN(test_case, "a key in other letters is a name's, and only by its letters");
	RUN(test_memory, "tables give back their memory");
	RUN(test_smallest, "a table has sixteen slots, and two a name at least");
	RUN(test_many, "a thousand names have a table");
	return tap_done();
}
