/*
 * Rows of keys: what each kind takes, what it refuses, and that all that is
 * wrong is told at once, where it stands, with the nearest names there are.
 */
#include "base/name.h"
#include "base/text/shape.h"
#include "tap.h"

static const char *const day_list[] = { "", "monday", "tuesday", "wednesday", NULL };
static const struct shape_words days = { "day", .list = day_list };

/* "w0", "w1" and so on, as many as the context's argument says. */
static const char *numbered(const void *arg, unsigned i)
{
	static char names[300][16];

	if (i >= *(const unsigned *)arg)
		return NULL;
	snprintf(names[i], sizeof(names[i]), "w%u", i);
	return names[i];
}
static const struct shape_words many = { "word", .name = numbered };

struct till {
	struct sc_name name;
	uint8_t drawers;
};

static const struct shape_row till_rows[] = {
	{ "name", shape_name, SHAPE_AT(struct till, name), .need = true, .once = true },
	{ "drawers", shape_count, SHAPE_AT(struct till, drawers), .usual = 2, .min = 1, .max = 9 },
	{ .key = NULL },
};

/* Two tills of five drawers stand in each other's way, and of seven in one that has no key. */
static const char *same_till(const void *a, const void *b)
{
	const struct till *x = a, *y = b;

	if (x->drawers != y->drawers)
		return NULL;
	return x->drawers == 5 ? "drawers" : x->drawers == 7 ? "place" : NULL;
}
static const struct shape till = { "till", till_rows, .size = sizeof(struct till),
	.twin = same_till };

struct door {
	bool open;
	uint32_t wait_ms, rest_s;
};

static const struct shape_row door_rows[] = {
	{ "open", shape_bool, SHAPE_AT(struct door, open) },
	{ "wait", shape_duration, SHAPE_AT(struct door, wait_ms), .usual = 7, .max = 3600000 },
	{ "rest", shape_seconds, SHAPE_AT(struct door, rest_s), .usual = 60, .min = 30,
	    .max = 36 * 3600 },
	{ .key = NULL },
};
static const struct shape door = { "door", door_rows, .size = sizeof(struct door) };

struct shop {
	struct sc_name name;
	const char *text, *path;
	bool yes;
	uint16_t floors;
	uint64_t large;
	size_t room;
	uint8_t digest[4];
	uint8_t day;
	uint8_t days;
	uint64_t words[4];
	struct door door;
	struct till *tills;
	size_t n_tills;
	bool begun, checked;
};

/* These fill the shop itself, from one object or from several. */
static const struct shape_row self_rows[] = {
	{ "yes", shape_true, SHAPE_AT(struct shop, yes) },
	{ "text", shape_text, SHAPE_AT(struct shop, text), .max = 9 },
	{ .key = NULL },
};
static const struct shape self = { .what = "part", .rows = self_rows };

static const struct shape_row shop_rows[] = {
	{ "about", shape_about, SHAPE_HERE },
	{ "name", shape_name, SHAPE_AT(struct shop, name), .need = true },
	{ "text", shape_text, SHAPE_AT(struct shop, text), .min = 2, .max = 5 },
	{ "path", shape_path, SHAPE_AT(struct shop, path), .max = 20 },
	{ "yes", shape_true, SHAPE_AT(struct shop, yes) },
	{ "floors", shape_count, SHAPE_AT(struct shop, floors), .usual = 300, .min = 3,
	    .max = 500 },
	{ "large", shape_count, SHAPE_AT(struct shop, large), .max = UINT64_MAX },
	{ "room", shape_bytes, SHAPE_AT(struct shop, room), .max = (uint64_t)4 << 40 },
	{ "digest", shape_digest, SHAPE_AT(struct shop, digest) },
	{ "day", shape_word, SHAPE_AT(struct shop, day), .words = &days },
	{ "days", shape_set, SHAPE_AT(struct shop, days), .words = &days },
	{ "words", shape_set, SHAPE_AT(struct shop, words), .words = &many },
	{ "door", shape_object, SHAPE_AT(struct shop, door), .shape = &door },
	{ "tills", shape_list, SHAPE_LIST(struct shop, tills, n_tills), .shape = &till, .min = 1,
	    .max = 3 },
	{ "part", shape_object, SHAPE_HERE, .shape = &self, .min = 1 },
	{ "parts", shape_each, SHAPE_HERE, .shape = &self, .min = 1, .max = 3 },
	{ .key = NULL },
};

static void begin_shop(struct shape_ctx *c, void *into)
{
	struct shop *s = into;

	(void)c;
	s->begun = s->floors == 300; /* the usual numbers are there already */
}

static bool check_shop(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct shop *s = into;

	s->checked = true;
	if (s->floors == 13)
		return shape_wrong_at(c, doc_find(object, "floors")->key_at, "nobody builds %d",
		    13);
	return true;
}
static const struct shape shop = { "shop", shop_rows, sizeof(struct shop), .begin = begin_shop,
	.check = check_shop };

static struct sc_arena arena;
static struct sc_diags all;
static struct shop got;
static unsigned n_words = 3;

static enum sc_err fill(const char *text, const char *file)
{
	struct shape_ctx c = { .arena = &arena, .all = &all, .arg = &n_words };

	sc_arena_fini(&arena);
	all.n = all.more = 0;
	memset(&got, 0, sizeof(got));
	return shape_load(&c, sc_span_str(text), file, &shop, &got);
}

static bool filled(const char *member)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"name\":\"a\",%s}", member);
	if (fill(text, NULL) == SC_OK && all.n == 0 && got.checked)
		return true;
	printf("# %s: %s\n", member, all.v[0].text);
	return false;
}

/* The member, with @ where the one complaint must point, is refused with just that text. */
static bool refused(const char *marked, const char *says)
{
	static const char begin[] = "{\"name\":\"a\",";
	char text[1024];
	const char *at = strchr(marked, '@');

	snprintf(text, sizeof(text), "%s%.*s%s}", begin, (int)(at - marked), marked, at + 1);
	if (fill(text, "dir/f.json") == SC_SYNTAX && all.n == 1 && all.more == 0 && !got.checked &&
	    all.v[0].line == 1 && all.v[0].column == sizeof(begin) + (size_t)(at - marked) &&
	    all.v[0].offset + 1 == all.v[0].column && strcmp(all.v[0].text, says) == 0 &&
	    strcmp(all.v[0].file, "dir/f.json") == 0)
		return true;
	printf("# %s: %zu, %u:%u: %s\n", marked, all.n, all.v[0].line, all.v[0].column,
	    all.v[0].text);
	return false;
}

static void test_text(void)
{
	CHECK(filled("\"text\":\"ab\"") && strcmp(got.text, "ab") == 0);
	CHECK(filled("\"text\":\"abcd\\u00e9\"") == false); /* six bytes */
	CHECK(filled("\"text\":\"abc\\u00e9\"") && strcmp(got.text, "abc\xC3\xA9") == 0);
	CHECK(refused("\"text\":@\"a\"", "\"text\" must be 2 to 5 bytes long"));
	CHECK(refused("\"text\":@\"abcdef\"", "\"text\" must be 2 to 5 bytes long"));
	CHECK(refused("\"text\":@\"\"", "\"text\" must not be empty"));
	CHECK(refused("\"text\":@7", "\"text\" must be text in quotes"));
	CHECK(refused("\"text\":@\"a\\nb\"", "\"text\" must have no control character in it"));
	CHECK(refused("\"text\":@\"a\\u007f\"", "\"text\" must have no control character in it"));
	CHECK(refused("\"about\":@[]", "\"about\" must be text in quotes"));
	CHECK(filled("\"about\":\"\"") && got.begun);
	CHECK(refused("\"digest\":@\"00112g33\"", "\"digest\" must be 8 hexadecimal digits"));
	CHECK(refused("\"digest\":@\"0011223\"", "\"digest\" must be 8 hexadecimal digits"));
	CHECK(filled("\"digest\":\"0a1BfF90\"") && memcmp(got.digest, "\x0a\x1b\xff\x90", 4) == 0);
}

static void test_path(void)
{
	static const char *const rows[][3] = {
		/* file, path in it, path */
		{ "dir/f.json", "a/b", "dir/a/b" },
		{ "f.json", "a", "a" },
		{ "/f.json", "a", "/a" },
		{ "d/e/f.json", "/a", "/a" },
	};
	char text[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "{\"name\":\"a\",\"path\":\"%s\"}", rows[i][1]);
		CHECK(fill(text, rows[i][0]) == SC_OK && strcmp(got.path, rows[i][2]) == 0);
	}
	CHECK(
	    refused("\"path\":@\"123456789012345678901\"", "\"path\" must be 1 to 20 bytes long"));
}

static void test_numbers(void)
{
	CHECK(filled("\"yes\":true") && got.yes && got.floors == 300 && got.door.wait_ms == 7);
	CHECK(
	    refused("\"yes\":@false", "\"yes\" must be true (leave it out when it is not meant)"));
	CHECK(filled("\"floors\":3") && got.floors == 3);
	CHECK(filled("\"floors\":500") && got.floors == 500);
	CHECK(refused("\"floors\":@2", "\"floors\" must be a whole number from 3 to 500"));
	CHECK(refused("\"floors\":@501", "\"floors\" must be a whole number from 3 to 500"));
	CHECK(refused("\"floors\":@4.0", "\"floors\" must be a whole number from 3 to 500"));
	CHECK(refused("\"floors\":@4e0", "\"floors\" must be a whole number from 3 to 500"));
	CHECK(refused("\"floors\":@-4", "\"floors\" must be a whole number from 3 to 500"));
	CHECK(refused("\"floors\":@\"4\"", "\"floors\" must be a whole number from 3 to 500"));
	CHECK(filled("\"large\":18446744073709551615") && got.large == UINT64_MAX);
	CHECK(!filled("\"large\":18446744073709551616") && all.n == 1);
	CHECK(filled("\"large\":0") && got.large == 0);
}

static void test_units(void)
{
	static const char bad[][8] = { "5", "-5s", "5 s", "1.5h", "s", "", "0s", "3601s", "61m" };
	static const char bad_rest[][8] = { "29s", "129601s", "2d", "60000ms", "60" };
	char text[128];

	CHECK(filled("\"door\":{\"wait\":\"250ms\"}") && got.door.wait_ms == 250);
	CHECK(filled("\"door\":{\"wait\":\"30s\",\"open\":true}") && got.door.wait_ms == 30000);
	CHECK(got.door.open);
	CHECK(filled("\"door\":{\"wait\":\"5m\"}") && got.door.wait_ms == 300000);
	CHECK(filled("\"door\":{\"wait\":\"1h\"}") && got.door.wait_ms == 3600000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "\"door\":{\"wait\":@\"%s\"}", bad[i]);
		CHECK(refused(text,
		    "\"wait\" must be a time such as \"500ms\", \"10s\" or \"5m\", at most 3600 s"));
	}
	CHECK(!filled("\"door\":{\"wait\":\"213503982335d\"}"));
	CHECK(filled("\"door\":{}") && got.door.rest_s == 60);
	CHECK(filled("\"door\":{\"rest\":\"30s\"}") && got.door.rest_s == 30);
	CHECK(filled("\"door\":{\"rest\":\"90m\"}") && got.door.rest_s == 5400);
	CHECK(filled("\"door\":{\"rest\":\"1d\"}") && got.door.rest_s == 86400);
	CHECK(filled("\"door\":{\"rest\":\"36h\"}") && got.door.rest_s == 129600);
	for (size_t i = 0; i < sizeof(bad_rest) / sizeof(bad_rest[0]); i++) {
		snprintf(text, sizeof(text), "\"door\":{\"rest\":@\"%s\"}", bad_rest[i]);
		CHECK(refused(text,
		    "\"rest\" must be a time such as \"30s\", \"12h\" or \"15d\", from 30s to 36h"));
	}
	CHECK(refused("\"door\":{\"open\":@1}", "\"open\" must be true or false"));
	CHECK(filled("\"room\":512") && got.room == 512);
	CHECK(filled("\"room\":\"512\"") && got.room == 512);
	CHECK(filled("\"room\":\"512B\"") && got.room == 512);
	CHECK(filled("\"room\":\"64KiB\"") && got.room == 65536);
	CHECK(filled("\"room\":\"8MiB\"") && got.room == 8388608);
	CHECK(filled("\"room\":\"2GiB\"") && got.room == (size_t)2 << 30);
	CHECK(filled("\"room\":\"4TiB\"") && got.room == (size_t)4 << 40);
	CHECK(!filled("\"room\":\"5TiB\"") && !filled("\"room\":\"16777216TiB\""));
	CHECK(refused("\"room\":@\"8MB\"",
	    "\"room\" must be bytes such as 65536 or \"8MiB\", at most 4398046511104"));
	CHECK(!filled("\"room\":0") && !filled("\"room\":\"0\"") && !filled("\"room\":1.5"));
}

static void test_words(void)
{
	CHECK(filled("\"day\":\"wednesday\"") && got.day == 3);
	CHECK(refused("\"day\":@\"\"", "unknown day \"\": one of monday, tuesday, wednesday"));
	CHECK(refused("\"day\":@\"friday\"",
	    "unknown day \"friday\": one of monday, tuesday, wednesday"));
	CHECK(refused("\"day\":@\"mnoday\"", "unknown day \"mnoday\": did you mean \"monday\"?"));
	CHECK(refused("\"day\":@true", "\"day\" must be text in quotes"));
	CHECK(filled("\"days\":\"monday\"") && got.days == 2);
	CHECK(filled("\"days\":[\"monday\",\"wednesday\"]") && got.days == 10);
	CHECK(filled("\"days\":\"*\"") && got.days == 14);
	CHECK(filled("\"days\":[\"*\"]") && got.days == 14);
	CHECK(refused("\"days\":@[]", "\"days\" must not be an empty list"));
	CHECK(!filled("\"days\":[\"monday\",\"*\"]") && strstr(all.v[0].text, "unknown day \"*\""));
	CHECK(refused("\"days\":[\"monday\",@7]", "this must be text in quotes"));
	n_words = 256;
	CHECK(filled("\"words\":[\"w0\",\"w63\",\"w64\",\"w255\"]") &&
	    got.words[0] == (1 | (uint64_t)1 << 63) && got.words[1] == 1 && got.words[2] == 0 &&
	    got.words[3] == (uint64_t)1 << 63);
	CHECK(
	    filled("\"words\":\"*\"") && got.words[0] == UINT64_MAX && got.words[3] == UINT64_MAX);
	n_words = 257; /* more than the set can tell apart */
	CHECK(fill("{\"name\":\"a\",\"words\":\"w256\"}", NULL) == SC_BUG);
	CHECK(fill("{\"name\":\"a\",\"words\":\"*\"}", NULL) == SC_BUG);
	n_words = 3;
	CHECK(!filled("\"words\":\"w3\"") &&
	    strstr(all.v[0].text, "did you mean \"w0\" or \"w1\" or \"w2\"?"));
}

static void test_objects(void)
{
	CHECK(refused("@\"flors\":3", "unknown key \"flors\": did you mean \"floors\"?"));
	CHECK(refused("@\"Name\":3", "unknown key \"Name\": did you mean \"name\"?"));
	CHECK(refused("\"door\":{@\"x\":3}", "unknown key \"x\": one of open, wait, rest"));
	CHECK(refused("\"door\":@[]", "\"door\" must be an object { }"));
	CHECK(filled("\"tills\":[{\"name\":\"x\"},{\"name\":\"y\",\"drawers\":9}]"));
	CHECK(got.n_tills == 2 && strcmp(got.tills[0].name.s, "x") == 0);
	CHECK(got.tills[0].drawers == 2 && got.tills[1].drawers == 9);
	CHECK(refused("\"tills\":@[]", "\"tills\" must not be an empty list"));
	CHECK(refused("\"tills\":@{}", "\"tills\" must be a list [ ]"));
	CHECK(refused(
	    "\"tills\":@[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"},{\"name\":\"d\"}]",
	    "\"tills\" must not have more than 3 entries"));
	CHECK(refused("\"tills\":[{\"name\":\"a\"},@7]", "this must be an object { }"));
	CHECK(refused("\"tills\":[@{\"drawers\":1}]", "\"name\" is missing in this till"));
	CHECK(refused("\"tills\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":@\"a\"}]",
	    "two tills have the same \"name\", a"));
	CHECK(refused("\"tills\":[{\"name\":\"a\"},{\"name\":\"b\",\"drawers\":5},"
		      "{\"name\":\"c\",\"drawers\":@5}]",
	    "this till has the same drawers as number 2 of the list"));
	CHECK(refused("\"tills\":[{\"name\":\"a\",\"drawers\":7},@{\"name\":\"b\",\"drawers\":7}]",
	    "this till has the same place as number 1 of the list"));
	CHECK(refused("\"tills\":[{\"name\":@\"a b\"}]",
	    "\"name\" must be a name: 1 to 63 letters, digits, '.', '_' or '-'"));
	CHECK(filled("\"part\":{\"text\":\"abc\"}") && strcmp(got.text, "abc") == 0);
	CHECK(refused("\"part\":@{}", "\"part\" must not be empty: leave it out"));
	CHECK(filled("\"parts\":[{\"text\":\"abc\"},{\"yes\":true}]") && got.yes &&
	    strcmp(got.text, "abc") == 0);
	CHECK(refused("\"parts\":[{\"yes\":true},@{}]", "this must not be empty: leave it out"));
	CHECK(refused("\"parts\":@[]", "\"parts\" must not be an empty list"));
	CHECK(!filled("\"floors\":13") && got.checked); /* what the check says counts */
	CHECK(strcmp(all.v[0].text, "nobody builds 13") == 0 && all.v[0].column == 13);
	CHECK(fill("{}", NULL) == SC_SYNTAX && all.n == 1 && all.v[0].file[0] == '\0');
	CHECK(strcmp(all.v[0].text, "\"name\" is missing in this shop") == 0);
	CHECK(fill("[]", NULL) == SC_SYNTAX && all.n == 1);
	CHECK(fill("{\"name\":", "f") == SC_SYNTAX && all.n == 1 && all.v[0].column == 9);
	CHECK(strcmp(all.v[0].file, "f") == 0);
}

static void test_all_at_once(void)
{
	struct shape_ctx alone = { .arena = &arena, .arg = &n_words };
	char text[8192], line[600];
	size_t n = 0;

	CHECK(
	    fill(
		"{\n\"tills\":[{\"drawers\":0,\"x\":1},\n{\"name\":\"a\"}],\n\"floors\":1,\n\"day\":\"\"}",
		"f") == SC_SYNTAX);
	/* by place, whatever the order of the rows */
	CHECK(all.n == 6 && all.more == 0 && !got.checked);
	for (size_t i = 0; i + 1 < all.n; i++)
		CHECK(all.v[i].offset <= all.v[i + 1].offset);
	CHECK(all.v[0].line == 1 && strstr(all.v[0].text, "missing in this shop"));
	CHECK(all.v[1].line == 2 && strstr(all.v[1].text, "missing in this till"));
	CHECK(strstr(all.v[2].text, "\"drawers\"") && strstr(all.v[3].text, "unknown key \"x\""));
	CHECK(all.v[4].line == 4 && all.v[5].line == 5);
	CHECK(sc_diags_print(&all, 5, line, sizeof(line)) &&
	    strncmp(line, "f:5:7: unknown", 14) == 0);
	CHECK(!sc_diags_print(&all, 6, line, sizeof(line)));
	CHECK(shape_load(&alone, sc_span_str("{}"), NULL, &shop, &got) == SC_SYNTAX);

	n = (size_t)snprintf(text, sizeof(text), "{\"name\":\"a\"");
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ",\n\"%c%d\":1", 'a' + i % 26, i);
	snprintf(text + n, sizeof(text) - n, "}");
	CHECK(fill(text, "f") == SC_SYNTAX && all.n == SC_DIAGS_MAX && all.more == 8);
	CHECK(all.v[0].line == 2 && all.v[31].line == 33);
	CHECK(sc_diags_print(&all, 32, line, sizeof(line)) && strcmp(line, "and 8 more") == 0);
	CHECK(!sc_diags_print(&all, 33, line, sizeof(line)));
}

/* Earlier places push later ones out of a full list; another file's stay. */
static void test_list(void)
{
	struct sc_diags *l = calloc(1, sizeof(*l));
	char line[64];

	NEED(l != NULL);
	CHECK(!sc_diags_print(l, 0, line, sizeof(line)));
	sc_diag_set(&l->v[0], "one thing");
	CHECK(sc_diags_print(l, 0, line, sizeof(line)) && strcmp(line, "one thing") == 0);
	CHECK(!sc_diags_print(l, 1, line, sizeof(line)));
	CHECK(sc_diags_add(l, "a", 5) == &l->v[0] && l->v[0].text[0] == '\0');
	CHECK(sc_diags_add(l, "b", 3) == &l->v[1]);
	CHECK(sc_diags_add(l, "b", 1) == &l->v[1] && l->v[2].offset == 3);
	CHECK(sc_diags_add(l, "b", 3) == &l->v[3]); /* after its equal */
	while (l->n < SC_DIAGS_MAX)
		CHECK(sc_diags_add(l, "b", 100 + l->n) != NULL);
	CHECK(sc_diags_add(l, "b", 1000) == NULL && l->more == 1 && l->n == SC_DIAGS_MAX);
	CHECK(sc_diags_add(l, "b", 2) == &l->v[2] && l->more == 2 && l->v[31].offset == 130);
	CHECK(strcmp(l->v[0].file, "a") == 0);
	free(l);
}

int main(void)
{
	RUN(test_text, "text, digests: as long as they may be, without control characters");
	RUN(test_path, "paths are joined to the file's folder");
	RUN(test_numbers, "whole numbers, to the last one allowed");
	RUN(test_units, "durations and sizes");
	RUN(test_words, "words and sets of them");
	RUN(test_objects, "objects, lists of them, and several for one struct");
	RUN(test_all_at_once, "all that is wrong is told at once, by place");
	RUN(test_list, "a list of complaints keeps the first by place");
	sc_arena_fini(&arena);
	return tap_done();
}
