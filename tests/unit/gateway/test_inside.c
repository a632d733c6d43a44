/*
 * test_inside.c - a document whose objects stand in strings is read, and written, as the one in
 * which they stand as they are: made-up documents in both dresses.
 */
#include "padded.h"
#include "gateway/codec/inside.h"
#include "gateway/codec/pieces.h"
#include "tap.h"

#define S(text) sc_span_str(text)
#define ROUNDS 4000

static uint64_t luck;

static unsigned draw(unsigned n)
{
	luck = luck * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(luck >> 33) % n;
}

static void put(struct sc_buf *b, const void *p, size_t n)
{
	if (sc_buf_put(b, p, n) != SC_OK)
		abort();
}

static void put_str(struct sc_buf *b, const char *text)
{
	put(b, text, strlen(text));
}

/* ---- made-up documents --------------------------------------------------------------------- */

/* TEXT as the inside of a JSON string, each character in one of the ways in which it can be. */
static void put_escaped(struct sc_buf *b, struct sc_span text)
{
	char esc[8];

	for (size_t i = 0; i < text.n; i++) {
		const uint8_t c = text.p[i];
		const bool must = c == '"' || c == '\\' || c < 0x20;

		if (c < 0x80 && (draw(8) == 0 || (must && (c < 0x20 || draw(3) == 0)))) {
			snprintf(esc, sizeof(esc), draw(2) == 0 ? "\\u%04x" : "\\u%04X", c);
			put_str(b, esc);
		} else {
			if (must || (c == '/' && draw(2) == 0))
				put(b, "\\", 1);
			put(b, &c, 1);
		}
	}
}

static void put_percent(struct sc_buf *b, struct sc_span text)
{
	char esc[4];

	for (size_t i = 0; i < text.n; i++) {
		const uint8_t c = text.p[i];

		if (c == ' ' && draw(2) == 0) {
			put(b, "+", 1);
		} else if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) {
			put(b, &c, 1);
		} else {
			snprintf(esc, sizeof(esc), "%%%02X", c);
			put_str(b, esc);
		}
	}
}

static void put_scalar(struct sc_buf *b)
{
	static const char *const scalars[] = { "\"\"", "\"Ann \\\"O\\\" E\"", "\"a/b\\\\c\"",
		"\"\xC3\xA9t\xC3\xA9 \xE4\xB8\xAD\"", "\"x\"", "\"\\u00e9\\n\"", "12", "-1.50e3",
		"true", "null" };

	put_str(b, scalars[draw(sizeof(scalars) / sizeof(scalars[0]))]);
}

/*
 * The same value into PLAIN, and into PACKED, which stands in STRINGS strings: there what is called
 * "j" may be a string that has its object.
 */
static void make(struct sc_buf *plain, struct sc_buf *packed, unsigned deep, unsigned strings);

static void make_member(struct sc_buf *plain, struct sc_buf *packed, unsigned deep,
    unsigned strings)
{
	static const char *const names[] = { "\"a\": ", "\"b\":", "\"k\":", "\"n\":" };
	struct sc_buf inner;
	const char *name;

	if (deep > 4 || draw(3) != 0) {
		name = names[draw(sizeof(names) / sizeof(names[0]))];
		put_str(plain, name);
		put_str(packed, name);
		make(plain, packed, deep, strings);
		return;
	}
	put_str(plain, "\"j\":");
	put_str(packed, "\"j\":");
	sc_buf_init(&inner, 1 << 20);
	if (draw(4) == 0 || strings == CODEC_NEST_MAX) {
		/* as it is */
		put_str(plain, "{");
		put_str(packed, "{");
		make_member(plain, packed, deep + 1, strings);
		put_str(plain, "}");
		put_str(packed, "}");
	} else {
		put_str(plain, " [");
		put_str(&inner, " [");
		make(plain, &inner, deep + 1, strings + 1);
		put_str(plain, ",{");
		put_str(&inner, ",{");
		make_member(plain, &inner, deep + 1, strings + 1);
		put_str(plain, "}]");
		put_str(&inner, "}]");
		put_str(packed, "\"");
		put_escaped(packed, sc_buf_span(&inner));
		put_str(packed, "\"");
	}
	sc_buf_fini(&inner);
}

static void make(struct sc_buf *plain, struct sc_buf *packed, unsigned deep, unsigned strings)
{
	const bool object = draw(2) == 0;
	unsigned n = draw(4);
	struct sc_buf one;

	if (deep > 6 || draw(3) == 0) {
		sc_buf_init(&one, 1024);
		put_scalar(&one);
		put(plain, one.p, one.n);
		put(packed, one.p, one.n);
		sc_buf_fini(&one);
		return;
	}
	put_str(plain, object ? "{" : "[");
	put_str(packed, object ? "{" : "[");
	for (unsigned i = 0; i < n; i++) {
		if (i != 0) {
			put_str(plain, ",");
			put_str(packed, ",");
		}
		if (object)
			make_member(plain, packed, deep + 1, strings);
		else
			make(plain, packed, deep + 1, strings);
	}
	put_str(plain, object ? "}" : "]");
	put_str(packed, object ? "}" : "]");
}

static struct sc_buf plain, packed;
static const struct codec *outside; /* what PACKED is */

/* A document, in a form where FORM: there the strings begin in its value. */
static void make_document(uint64_t seed, bool form)
{
	struct sc_buf inner;

	luck = seed;
	sc_buf_clear(&plain);
	sc_buf_clear(&packed);
	outside = form ? &codec_form : &codec_json;
	put_str(&plain, form ? "{\"a\":\"1 2\",\"j\":{" : "{");
	sc_buf_init(&inner, 1 << 20);
	put_str(&inner, "{");
	make_member(&plain, &inner, 1, form ? 1 : 0);
	put_str(&plain, ",");
	put_str(&inner, ",");
	make_member(&plain, &inner, 1, form ? 1 : 0);
	put_str(&plain, form ? "}}" : "}");
	put_str(&inner, "}");
	if (form) {
		put_str(&packed, "a=1+2&j=");
		put_percent(&packed, sc_buf_span(&inner));
	} else {
		put(&packed, inner.p, inner.n);
	}
	sc_buf_fini(&inner);
	if (codec_pad(&plain) != SC_OK || codec_pad(&packed) != SC_OK)
		abort();
}

/* ---- both read -------------------------------------------------------------------------------- */

#define INSIDE \
	{ \
		"$..j", CODEC_POINT_INSIDE, 0, CODEC_POINT | CODEC_INSIDE \
	}

static const struct codec_selector by_names[] = { { "$..a", 0, 1, CODEC_STRICT },
	{ "$.j[1].j[*].b", 1, 2, CODEC_STRICT }, { "$..k", 2, 1, 0 },
	{ "$.b.j", 3, 3, CODEC_STRICT }, { "$..b", 3, 0, CODEC_POINT },
	{ "$.j[*].n", 4, 0, CODEC_POINT | CODEC_EACH }, INSIDE };
static const struct codec_selector by_tests[] = { { "$..[?@.a=='x'].k", 0, 2, CODEC_STRICT },
	{ "$..n", 1, 1, CODEC_STRICT }, INSIDE };
static const struct codec_selector all[] = { { "$", 0, 0, 0 }, INSIDE };

static struct codec_paths *paths_of(const struct codec_selector *sel, size_t n)
{
	struct codec_paths *p = NULL;

	if (codec_paths_new(sel, n, NULL, &p) != SC_OK)
		abort();
	return p;
}

static struct sc_span text_of(const struct codec *c, const struct sc_buf *doc,
    const struct codec_field *f, struct sc_buf *scratch)
{
	struct sc_span text = { 0 };

	if (codec_text(c, sc_buf_span(doc), f, scratch, NULL, &text) != SC_OK)
		abort();
	return text;
}

/* Do A, of PLAIN, and B, of PACKED, say the same? */
static bool same_fields(const struct codec_fields *a, const struct codec_fields *b, bool *nested)
{
	struct sc_buf x, y;
	bool same = a->n == b->n;

	sc_buf_init(&x, 1 << 20);
	sc_buf_init(&y, 1 << 20);
	for (size_t i = 0; i < a->n && same; i++) {
		const struct codec_field *f = &a->v[i], *g = &b->v[i];

		same = f->action == g->action && f->kind == g->kind &&
		    sc_span_eq(text_of(&codec_json, &plain, f, &x),
			text_of(outside, &packed, g, &y));
		*nested |= g->nest > 1;
	}
	sc_buf_fini(&x);
	sc_buf_fini(&y);
	return same;
}

static void complain(uint64_t seed)
{
	printf("# seed %llu\n# %.*s\n# %.*s\n", (unsigned long long)seed, (int)plain.n, plain.p,
	    (int)packed.n, packed.p);
	CHECK(false);
}

static void check_reading(const struct codec_selector *sel, size_t n, bool form)
{
	struct codec_paths *p = paths_of(sel, n);
	struct codec_fields a, b;
	bool nested = false;

	codec_fields_init(&a);
	codec_fields_init(&b);
	for (uint64_t seed = 1; seed <= ROUNDS && tap_ok; seed++) {
		make_document(seed, form);
		if (json_scan(p, plain.p, plain.n, &a, NULL) != SC_OK ||
		    outside->scan(p, sc_buf_span(&packed), &b, NULL) != SC_OK ||
		    !same_fields(&a, &b, &nested))
			complain(seed);
	}
	CHECK(nested);
	codec_fields_fini(&a);
	codec_fields_fini(&b);
	codec_paths_free(p);
}

static void reading(void)
{
	check_reading(by_names, sizeof(by_names) / sizeof(by_names[0]), false);
	check_reading(by_tests, sizeof(by_tests) / sizeof(by_tests[0]), false);
	check_reading(all, 2, false);
	check_reading(all, 2, true);
}

/* ---- both gone through -------------------------------------------------------------------------- */

static bool same_pieces(void)
{
	struct codec_fields lent_a, lent_b;
	struct codec_pieces i = { .fields = &lent_a }, k = { .fields = &lent_b };
	struct codec_piece p = { .kind = 0 }, q = { .kind = 0 };
	struct sc_buf x, y;
	bool more = true, same = true;

	codec_fields_init(&lent_a);
	codec_fields_init(&lent_b);
	sc_buf_init(&x, 1 << 20);
	sc_buf_init(&y, 1 << 20);
	while (same && more) {
		const bool one = codec_pieces_next(&i, &codec_json, sc_buf_span(&plain), &p);
		struct codec_field f = codec_piece_field(&p), g;

		more = codec_pieces_next(&k, outside, sc_buf_span(&packed), &q);
		g = codec_piece_field(&q);
		same = one == more;
		/* a form is one object, which begins before its first name */
		if (more && same)
			same = p.kind == q.kind && p.name == q.name && p.depth == q.depth &&
			    (p.low == q.low || (outside == &codec_form && q.nest == 0)) &&
			    sc_span_eq(text_of(&codec_json, &plain, &f, &x),
				text_of(outside, &packed, &g, &y));
	}
	codec_fields_fini(&lent_a);
	codec_fields_fini(&lent_b);
	sc_buf_fini(&x);
	sc_buf_fini(&y);
	return same;
}

static void pieces(void)
{
	for (uint64_t seed = 1; seed <= ROUNDS && tap_ok; seed++) {
		make_document(seed, seed % 2 == 0);
		if (!same_pieces())
			complain(seed);
	}
}

/* ---- both written ------------------------------------------------------------------------------- */

/* DOC of C with every field of F in another's place, as SEED has it, into OUT. */
static void rewrite(const struct codec *c, const struct sc_buf *doc, const struct codec_fields *f,
    uint64_t seed, struct sc_buf *out)
{
	static const char *const texts[] = { "", "token-1", "a \"quoted\\ one\"",
		"\xE4\xB8\xAD\n\t{\"a\":1}", "x&y=z+%41" };
	size_t from = 0;

	sc_buf_clear(out);
	luck = seed;
	for (size_t i = 0; i < f->n; i++) {
		const struct codec_field *v = &f->v[i];
		const struct sc_span text = S(texts[draw(sizeof(texts) / sizeof(texts[0]))]);
		const unsigned how = draw(3);
		size_t before = v->kind != CODEC_TEXT ? 0 : v->nest == 0 ? c->quotes : v->before;
		size_t after = v->kind != CODEC_TEXT ? 0 : v->nest == 0 ? c->quotes : v->after;
		enum sc_err err;

		if (how == 0 && v->kind == CODEC_TEXT)
			before = after = 0;
		put(out, doc->p + from, v->start - before - from);
		if (how == 0 && v->kind == CODEC_TEXT)
			err = codec_encode(c, v->nest, text, out);
		else if (how == 1)
			err = codec_encode_field(c, v->nest, CODEC_NUMBER, S("77"), out);
		else
			err = codec_encode_field(c, v->nest, CODEC_TEXT, text, out);
		if (err != SC_OK)
			abort();
		from = v->end + after;
	}
	put(out, doc->p + from, doc->n - from);
	if (codec_pad(out) != SC_OK)
		abort();
}

static void writing(void)
{
	struct codec_paths *p = paths_of(all, 2);
	struct codec_fields a, b;
	struct sc_buf x, y;
	bool nested = false;

	codec_fields_init(&a);
	codec_fields_init(&b);
	sc_buf_init(&x, 1 << 20);
	sc_buf_init(&y, 1 << 20);
	for (uint64_t seed = 1; seed <= ROUNDS && tap_ok; seed++) {
		make_document(seed, seed % 2 == 0);
		if (json_scan(p, plain.p, plain.n, &a, NULL) != SC_OK ||
		    outside->scan(p, sc_buf_span(&packed), &b, NULL) != SC_OK || a.n != b.n) {
			complain(seed);
			break;
		}
		/* a form has no numbers of its own */
		if (outside == &codec_form)
			a.v[0].kind = b.v[0].kind = CODEC_TEXT;
		rewrite(&codec_json, &plain, &a, seed, &x);
		rewrite(outside, &packed, &b, seed, &y);
		sc_buf_clear(&plain);
		sc_buf_clear(&packed);
		put(&plain, x.p, x.n);
		put(&packed, y.p, y.n);
		if (codec_pad(&plain) != SC_OK || codec_pad(&packed) != SC_OK)
			abort();
		if (json_scan(p, plain.p, plain.n, &a, NULL) != SC_OK ||
		    outside->scan(p, sc_buf_span(&packed), &b, NULL) != SC_OK)
			complain(seed);
		else if (outside == &codec_form)
			a.v[0].kind = b.v[0].kind;
		if (tap_ok && !same_fields(&a, &b, &nested))
			complain(seed);
	}
	CHECK(nested);
	codec_fields_fini(&a);
	codec_fields_fini(&b);
	sc_buf_fini(&x);
	sc_buf_fini(&y);
	codec_paths_free(p);
}

/* ---- what is none ------------------------------------------------------------------------------- */

/* How many strings there are around the one field that "$.j..a" finds in BODY; -1: it finds none. */
static int strings_around(const char *body)
{
	static const struct codec_selector sel[] = { { "$.j..a", 0, 0, CODEC_STRICT }, INSIDE };
	struct codec_paths *p = paths_of(sel, 2);
	uint8_t *doc = padded(body, strlen(body));
	struct codec_fields f;
	int found = -1;

	codec_fields_init(&f);
	CHECK(json_scan(p, doc, strlen(body), &f, NULL) == SC_OK);
	for (size_t i = 0; i < f.n; i++)
		if (f.v[i].action == 0)
			found = f.v[i].nest;
		else /* it is told that here was to be something else */
			CHECK(codec_paths_finding(p, f.v[i].action).points ==
			    UINT32_C(1) << CODEC_POINT_INSIDE);
	codec_fields_fini(&f);
	free(doc);
	codec_paths_free(p);
	return found;
}

static void nothing(void)
{
	static const char *const none[] = { "{\"j\":\"\"}", "{\"j\":\"{\"}",
		"{\"j\":\"{\\\"a\\\":1\"}", "{\"j\":\"{\\\"a\\\":1}x\"}", "{\"j\":\"\\\"a\\\"\"}",
		"{\"j\":\"5\"}", "{\"j\":5}", "{\"j\":\"\xEF\xBB\xBF{\\\"a\\\":1}\"}",
		"{\"j\":\"{'a':1}\"}", "{\"j\":\"{a:1}\"}", "{\"j\":\"{\\\"a\\\":1,}\"}",
		"{\"j\":\"{\\\"a\\\":\\\"\\ud800\\\"}\"}",
		"{\"j\":\"{\\\"a\\\":\\\"\\u0000\\\"}\"}", "{\"j\":\"{\\\"a\\\":1}\\u0000\"}",
		"{\"x\":\"{\\\"a\\\":1}\"}" };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (strings_around(none[i]) != -1) {
			printf("# %s\n", none[i]);
			CHECK(false);
		}
	CHECK(strings_around("{\"j\":\" {\\\"a\\\":1}\\n\"}") == 1);
	CHECK(strings_around("{\"j\":{\"a\":1}}") == 0);
}

/* {"j": in N strings, with a in the innermost. */
static void depth(void)
{
	struct sc_buf doc, outer;

	sc_buf_init(&doc, 1 << 20);
	sc_buf_init(&outer, 1 << 20);
	put_str(&doc, "{\"a\":1}");
	for (int n = 0; n <= CODEC_NEST_MAX + 1; n++) {
		sc_buf_clear(&outer);
		put_str(&outer, "{\"j\":");
		put(&outer, doc.p, doc.n);
		put(&outer, "}", 2);
		CHECK(strings_around((const char *)outer.p) == (n <= CODEC_NEST_MAX ? n : -1));
		sc_buf_clear(&outer);
		put_str(&outer, n == 0 ? "\"" : "\"{\\\"j\\\":");
		if (codec_json.encode(sc_buf_span(&doc), &outer) != SC_OK)
			abort();
		put_str(&outer, n == 0 ? "\"" : "}\"");
		sc_buf_clear(&doc);
		put(&doc, outer.p, outer.n);
	}
	sc_buf_fini(&doc);
	sc_buf_fini(&outer);
}

/* A part of a text in strings is told with all of its escapes, whichever string has them. */
static void parts(void)
{
	static const char body[] = "{\"j\":\"{\\\"a\\\":\\\"x\\\\u00e9\\\\\\\"y\\\"}\"}";
	static const struct codec_selector sel[] = { { "$.j.a", 0, 0, CODEC_STRICT }, INSIDE };
	struct codec_paths *p = paths_of(sel, 2);
	uint8_t *doc = padded(body, strlen(body));
	struct codec_fields f;
	struct codec_map map;
	struct sc_buf scratch;
	struct sc_span text;
	uint32_t a, b;

	codec_fields_init(&f);
	codec_map_init(&map);
	sc_buf_init(&scratch, 1024);
	CHECK(json_scan(p, doc, strlen(body), &f, NULL) == SC_OK && f.n == 1);
	CHECK(codec_text(&codec_json, sc_span(doc, strlen(body)), &f.v[0], &scratch, &map, &text) ==
	    SC_OK);
	CHECK(sc_span_is(text, "x\xC3\xA9\"y"));
	codec_map_range(&map, 1, 2, &a, &b);
	CHECK(sc_span_is(sc_span(doc + f.v[0].start + a, b - a), "\\\\u00e9"));
	codec_map_range(&map, 3, 5, &a, &b);
	CHECK(sc_span_is(sc_span(doc + f.v[0].start + a, b - a), "\\\\\\\"y"));
	codec_map_range(&map, 0, 1, &a, &b);
	CHECK(a == 0 && b == 1);
	sc_buf_fini(&scratch);
	codec_map_fini(&map);
	codec_fields_fini(&f);
	free(doc);
	codec_paths_free(p);
}

int main(void)
{
	sc_buf_init(&plain, 1 << 20);
	sc_buf_init(&packed, 1 << 20);
	RUN(reading, "what stands in a string that is JSON is found as if it stood there itself");
	RUN(pieces, "and every piece of it is told, at the depth that it has");
	RUN(writing, "what takes its place stands there, in as many strings");
	RUN(nothing, "a string that is no object or array of JSON is a text");
	RUN(depth, "four strings in one another, and no more");
	RUN(parts, "a part of a text there is told with all its escapes");
	sc_buf_fini(&plain);
	sc_buf_fini(&packed);
	return tap_done();
}
