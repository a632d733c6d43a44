/*
 * fuzz_shape.c - rows of every kind over any bytes: never crashes; what is
 * accepted is within its rows; what is not is told, by place and in bounds.
 */
#include "base/name.h"
#include "base/text/shape.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static const char *const word_list[] = { "one", "", "three", "four", NULL };
static const struct shape_words words = { "word", .list = word_list };

struct inner {
	struct sc_name name;
	uint16_t count;
};

static const struct shape_row inner_rows[] = {
	{ "name", shape_name, SHAPE_AT(struct inner, name), .need = true, .once = true },
	{ "count", shape_count, SHAPE_AT(struct inner, count), .usual = 3, .min = 2, .max = 900 },
	{ .key = NULL },
};
static const struct shape inner = { "inner", inner_rows, .size = sizeof(struct inner) };

struct outer {
	const char *text, *path;
	bool yes, no;
	uint64_t large;
	size_t bytes;
	uint32_t ms, s;
	uint8_t digest[3], word, set;
	struct inner one, *list;
	size_t n;
};

#define AT(field) SHAPE_AT(struct outer, field)
static const struct shape_row flag_rows[] = {
	{ "yes", shape_true, AT(yes) },
	{ .key = NULL },
};
static const struct shape flags = { .what = "flag", .rows = flag_rows };

static const struct shape_row rows[] = {
	{ "a", shape_about, SHAPE_HERE },
	{ "text", shape_text, AT(text), .min = 2, .max = 8 },
	{ "path", shape_path, AT(path), .max = 8 },
	{ "no", shape_bool, AT(no) },
	{ "large", shape_count, AT(large), .max = UINT64_MAX },
	{ "bytes", shape_bytes, AT(bytes), .max = 1u << 20 },
	{ "ms", shape_duration, AT(ms), .max = 60000 },
	{ "s", shape_seconds, AT(s), .min = 30, .max = 86400 },
	{ "digest", shape_digest, AT(digest) },
	{ "word", shape_word, AT(word), .words = &words },
	{ "set", shape_set, AT(set), .words = &words },
	{ "one", shape_object, AT(one), .shape = &inner },
	{ "list", shape_list, SHAPE_LIST(struct outer, list, n), .shape = &inner, .max = 6 },
	{ "each", shape_each, SHAPE_HERE, .shape = &flags, .max = 3 },
	{ .key = NULL },
};
static const struct shape outer = { .what = "file", .rows = rows };

static void check_inner(const struct inner *i)
{
	struct sc_name again;

	must(i->count >= 2 && i->count <= 900);
	must(sc_name_parse(sc_span_str(i->name.s), &again) == SC_OK);
}

static void check_filled(const struct outer *o)
{
	must(o->text == NULL || (strlen(o->text) >= 2 && strlen(o->text) <= 8));
	must(o->path == NULL || (o->path[0] != '\0' && strlen(o->path) <= 8 + strlen("dir/")));
	must(o->bytes <= 1u << 20 && o->ms <= 60000);
	must(o->s == 0 || (o->s >= 30 && o->s <= 86400));
	must(o->word <= 3 && o->word != 1 && (o->set & ~13) == 0);
	must(o->n <= 6);
	for (size_t i = 0; i < o->n; i++) {
		check_inner(&o->list[i]);
		for (size_t j = 0; j < i; j++)
			must(strcmp(o->list[i].name.s, o->list[j].name.s) != 0);
	}
	if (o->one.name.s[0] != '\0')
		check_inner(&o->one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sc_diags all;
	struct sc_arena arena = { .left = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	struct outer o = { .n = 0 }, quiet = { .n = 0 };
	char line[600];
	enum sc_err err;

	if (size > 65536)
		return 0;
	all.n = all.more = 0;
	err = shape_load(&c, sc_span(data, size), "dir/fuzz", &outer, &o);
	must((err == SC_OK) == (all.n == 0) && (all.more == 0 || all.n == SC_DIAGS_MAX));
	for (size_t i = 0; i < all.n; i++) {
		must(all.v[i].text[0] != '\0' && all.v[i].line != 0 && all.v[i].offset <= size);
		must(i == 0 || all.v[i - 1].offset <= all.v[i].offset);
		must(sc_diags_print(&all, i, line, sizeof(line)));
	}
	if (err == SC_OK)
		check_filled(&o);
	/* whoever does not listen gets the same answer */
	c.all = NULL;
	must(shape_load(&c, sc_span(data, size), "dir/fuzz", &outer, &quiet) == err);
	sc_arena_fini(&arena);
	return 0;
}
