/*
 * test_paths.c - the selector subset, and the automaton against a model: a
 * generator of documents that knows the path of every scalar it writes, and a
 * matcher of twenty lines that walks segments by recursion.
 */
#include "gateway/codec/selector.h"
#include "padded.h"
#include "tap.h"

#include <malloc.h>

struct parsed {
	const char *text;
	size_t n;
	unsigned column; /* 0: it is accepted, with N segments */
	const char *why; /* what the refusal must mention */
};

static void test_subset(void)
{
	static const struct parsed all[] = {
		{ "$", 0, 0, NULL },
		{ "$.a", 1, 0, NULL },
		{ "$.a_1.\xE6\x94\xB6\xE4\xBB\xB6\xE4\xBA\xBA", 2, 0, NULL },
		{ "$['a b'][\"c'd\"]['e\\'f']", 3, 0, NULL },
		{ "$[0][12][9007199254740991]", 3, 0, NULL },
		{ "$.*[*]", 2, 0, NULL },
		{ "$..a..*..[*]..[3]..['x']", 5, 0, NULL },
		{ "$ [ 'a' ] .b", 2, 0, NULL },
		{ "$['']", 1, 0, NULL },
		{ "$['\\u00e9\\ud83d\\ude00\\n\\/']", 1, 0, NULL },
		{ "$.AZaz_09.zA", 2, 0, NULL },
		{ "$.z.Z.a.A", 4, 0, NULL },
		{ "$['\\uD7FF\\uE000']", 1, 0, NULL },
		{ "$['\\uD800\\uDC00']", 1, 0, NULL },
		{ "$['\\uDBFF\\uDFFF']", 1, 0, NULL },
		{ "$['\\uD800']", 0, 4, "surrogate" },
		{ "$['\\uDBFF']", 0, 4, "surrogate" },
		{ "$['\\uDC00']", 0, 4, "surrogate" },
		{ "$['\\uDFFF']", 0, 4, "surrogate" },
		{ "$.\x7F", 0, 3, "expected a name" },
		{ "$.@", 0, 3, "expected a name" },
		{ "$.{", 0, 3, "expected a name" },
		{ "$.`", 0, 3, "expected a name" },
		{ "", 0, 1, "begins with $" },
		{ "a", 0, 1, "begins with $" },
		{ "$a", 0, 2, "expected . or [" },
		{ "$.", 0, 3, "expected a name" },
		{ "$.1a", 0, 3, "expected a name" },
		{ "$.a-b", 0, 4, "expected ." },
		{ "$..", 0, 4, "expected a name" },
		{ "$...a", 0, 4, "expected a name" },
		{ "$. a", 0, 3, "expected a name" },
		{ "$.a ", 0, 5, "expected ." },
		{ "$[-1]", 0, 3, "negative" },
		{ "$[1:2]", 1, 0, NULL },
		{ "$[:2]", 1, 0, NULL },
		{ "$[::]", 1, 0, NULL },
		{ "$[0,1]", 2, 0, NULL },
		{ "$['a','b']", 2, 0, NULL },
		{ "$[?@.a]", 0, 7, "compares with ==" },
		{ "$.a[?(@.b)]", 0, 10, "compares with ==" },
		{ "$[01]", 0, 3, "leading zero" },
		{ "$[a]", 0, 3, "quoted name" },
		{ "$['a]", 0, 6, "not closed" },
		{ "$['a'", 0, 6, "expected , or ]" },
		{ "$['\\x']", 0, 4, "unknown escape" },
		{ "$[\"\\'\"]", 0, 4, "unknown escape" },
		{ "$['\\ud83d']", 0, 4, "surrogate" },
		{ "$['\\ude00']", 0, 4, "surrogate" },
		{ "$['\\u12']", 0, 4, "four hexadecimal" },
		{ "$['\x01']", 0, 4, "control" },
		{ "$[9007199254740992]", 0, 18, "2^53-1" },
		{ "$.\xFF", 0, 3, "UTF-8" },
		{ "$[]", 0, 3, "quoted name" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct segment seg[8];
		struct sc_diag d = { 0 };
		struct sc_buf names;
		size_t n;
		enum sc_err err;
		bool right;

		sc_buf_init(&names, 4096);
		err = selector_parse(sc_span_str(all[i].text), seg, 8, &n, &names, &d);
		right = all[i].column == 0 ? err == SC_OK && n == all[i].n :
					     err == SC_SYNTAX && d.column == all[i].column &&
			strstr(d.text, all[i].why) != NULL;
		if (!right)
			printf("# %s: %s column %u: %s\n", all[i].text, sc_err_name(err), d.column,
			    d.text);
		CHECK(right);
		sc_buf_fini(&names);
	}
}

static void test_names_unescaped(void)
{
	struct segment seg[4];
	struct sc_buf names;
	size_t n;

	sc_buf_init(&names, 4096);
	NEED(selector_parse(sc_span_str("$['\\u00e9\\ud83d\\ude00\\n\\/'].b..['\"']"), seg, 4, &n,
		 &names, NULL) == SC_OK &&
	    n == 3);
	CHECK(sc_span_is(sc_span(names.p + seg[0].name_at, seg[0].name_n),
	    "\xC3\xA9\xF0\x9F\x98\x80\n/"));
	CHECK(sc_span_is(sc_span(names.p + seg[1].name_at, seg[1].name_n), "b"));
	CHECK(sc_span_is(sc_span(names.p + seg[2].name_at, seg[2].name_n), "\""));
	CHECK(!seg[1].deep && seg[2].deep);
	sc_buf_fini(&names);
}

/* The actions of the spans of DOC under SEL, as a string such as "1 2 2". */
static void actions(const struct codec_selector *sel, size_t n, const char *doc, char *out,
    size_t size)
{
	struct codec_paths *p = NULL;
	struct codec_fields s;
	struct sc_diag d = { 0 };
	bool agree = true;
	size_t at = 0;

	codec_fields_init(&s);
	out[0] = '\0';
	if (codec_paths_new(sel, n, &d, &p) != SC_OK ||
	    scan_padded(p, doc, strlen(doc), &s, &d, &agree) != SC_OK || !agree)
		snprintf(out, size, "failed: %.200s", d.text);
	else
		for (size_t i = 0; i < s.n && at < size; i++)
			at += (size_t)snprintf(out + at, size - at, "%s%u", i == 0 ? "" : " ",
			    s.v[i].action);
	codec_fields_fini(&s);
	codec_paths_free(p);
}

struct selected {
	const char *path, *doc, *want;
};

static void test_selection(void)
{
	static const struct selected all[] = {
		{ "$", "5", "1" },
		{ "$", "[1,{\"a\":[2,[]]},{}]", "1 1" },
		{ "$.a", "{\"a\":1,\"b\":2}", "1" },
		{ "$.a", "{\"a\":1,\"a\":2,\"\\u0061\":3,\"b\":4}", "1 1 1" },
		/* in letters of either case, but for others than ASCII's */
		{ "$.phoneNo", "{\"phoneno\":1,\"PHONE\\u004eO\":2,\"phone_no\":3}", "1 1" },
		{ "$.a_", "{\"A_\":1,\"a\\u007f\":2,\"A\\u007f\":3}", "1" },
		{ "$['\xC3\xA9']", "{\"\xC3\x89\":1,\"\xC3\xA9\":2}", "1" },
		{ "$.receiver", "{\"receiver\":{\"n\":1,\"p\":[2,3]}}", "1 1 1" },
		{ "$.a[0]", "{\"a\":{\"0\":1}}", "" },
		{ "$.a['0']", "{\"a\":[1]}", "" },
		{ "$.a[1]", "{\"a\":[1,2,3]}", "1" },
		{ "$.a[*].b", "{\"a\":[{\"b\":1},{\"c\":2},{\"b\":3}]}", "1 1" },
		{ "$.a.*.b", "{\"a\":{\"x\":{\"b\":1}}}", "1" },
		{ "$.*", "[1,{\"a\":2}]", "1 1" },
		{ "$..b", "{\"a\":[{\"b\":1}],\"b\":{\"c\":2}}", "1 1" },
		{ "$..b", "[[[{\"b\":1},2]]]", "1" },
		{ "$..a.b", "{\"a\":{\"a\":{\"b\":1}},\"b\":2}", "1" },
		{ "$..[1]", "[[0,1],2,[3,{\"a\":4}]]", "1 1 1" },
		{ "$..*", "[1,[2],{\"a\":3}]", "1 1 1" },
		{ "$..*", "7", "" },
		{ "$['']", "{\"\":1,\"a\":2}", "1" },
		{ "$.\xC3\xA9", "{\"\xC3\xA9\":1,\"\\u00e9\":2,\"\\u00E9\":3}", "1 1 1" },
		{ "$['\\ud83d\\ude00']",
		    "{\"\xF0\x9F\x98\x80\":1,"
		    "\"\\uD83D\\uDE00\":2,\"\\ud83d\":3}",
		    "1 1" },
		{ "$.abcdefgh_1234_ijklmnop",
		    "{\"abcdefgh_1234_ijklmnop\":1,"
		    "\"abcdefgh_5678_ijklmnop\":2}",
		    "1" },
	};
	char got[256];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct codec_selector sel = { all[i].path, 1, 0, 0 };

		actions(&sel, 1, all[i].doc, got, sizeof(got));
		if (strcmp(got, all[i].want) != 0)
			printf("# %s on %s: '%s', not '%s'\n", all[i].path, all[i].doc, got,
			    all[i].want);
		CHECK(strcmp(got, all[i].want) == 0);
	}
}

/* Keys that agree with a name in length, first and last eight bytes. */
static void test_long_names(void)
{
	static const struct codec_selector sel[] = { { "$.abcdefgh_1234_ijklmnop", 1, 0, 0 } };
	char doc[64], got[64];

	for (int i = 1000; i < 1500; i++) {
		snprintf(doc, sizeof(doc), "{\"abcdefgh_%d_ijklmnop\":0}", i);
		actions(sel, 1, doc, got, sizeof(got));
		CHECK(strcmp(got, i == 1234 ? "1" : "") == 0);
	}
}

static void test_conflicts(void)
{
	static const char doc[] = "{\"a\":{\"b\":1,\"c\":2},\"b\":3}";
	const struct codec_selector rank[] = { { "$.a", 1, 5, 0 }, { "$.a.b", 2, 9, 0 },
		{ "$..b", 3, 1, 0 }, { "$", 4, 0, 0 } };
	const struct codec_selector tie[] = { { "$..b", 1, 5, 0 }, { "$.a.b", 2, 5, 0 },
		{ "$.a", 3, 5, 0 } };
	char got[64];

	actions(rank, 4, doc, got, sizeof(got));
	CHECK(strcmp(got, "2 1 3") == 0);
	actions(tie, 3, doc, got, sizeof(got));
	CHECK(strcmp(got, "1 3 1") == 0);
	actions(NULL, 0, doc, got, sizeof(got));
	CHECK(strcmp(got, "") == 0);
}

static void test_state_cap(void)
{
	const struct codec_selector sel[] = { { "$.x", 1, 0, 0 },
		{ "$..a.*.*.*.*.*.*.*.*.*.*.*.*.*.*", 2, 0, 0 }, { "$.y", 3, 0, 0 } };
	struct codec_paths *p = NULL;
	struct sc_diag d = { 0 };

	CHECK(codec_paths_new(sel, 3, &d, &p) == SC_LIMIT && p == NULL);
	CHECK(strstr(d.text, "selector 2 `$..a.*.*") != NULL);
	CHECK(strstr(d.text, "4096 states") != NULL);
	CHECK(codec_paths_new(sel, 1, &d, &p) == SC_OK);
	codec_paths_free(p);
}

/* Many `..name` selectors stay small: a matched rule drops those it beats. */
static void test_many_names(void)
{
	enum { count = 1000 };
	static char text[count][24];
	static struct codec_selector sel[count];
	struct codec_paths *p = NULL;
	char doc[64], got[64];

	for (int i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "$..name_%d", i);
		sel[i] = (struct codec_selector){ text[i], (uint16_t)i, 0, 0 };
	}
	NEED(codec_paths_new(sel, count, NULL, &p) == SC_OK);
	CHECK(codec_paths_states(p) <= count + 2);
	codec_paths_free(p);
	for (int i = 0; i < count; i += 97) {
		snprintf(doc, sizeof(doc), "[{\"name_%d\":{\"name_1000\":0}}]", i);
		actions(sel, count, doc, got, sizeof(got));
		snprintf(doc, sizeof(doc), "%d", i);
		CHECK(strcmp(got, doc) == 0);
	}
}

static void test_diag_names_selector(void)
{
	const struct codec_selector sel[] = { { "$.a", 1, 0, 0 }, { "$.b[?@.c]", 2, 0, 0 } };
	struct codec_paths *p = NULL;
	struct sc_diag d = { 0 };

	CHECK(codec_paths_new(sel, 2, &d, &p) == SC_SYNTAX && p == NULL);
	CHECK(d.column == 9);
	CHECK(strstr(d.text, "selector 2 `$.b[?@.c]`: a filter compares") != NULL);
}

/* ---- the model ----------------------------------------------------------- */

struct rng {
	uint64_t x;
};

static unsigned pick(struct rng *r, unsigned n)
{
	r->x ^= r->x << 13;
	r->x ^= r->x >> 7;
	r->x ^= r->x << 17;
	return (unsigned)((r->x >> 33) % n);
}

/* One step of a path: a name (index < 0) or an index. */
struct at {
	const char *name;
	int index;
};

struct pseg {
	int kind; /* enum segment_kind */
	bool deep;
	struct at at;
};

struct pattern {
	struct pseg seg[5];
	size_t n;
	char text[128];
	unsigned rank;
	uint8_t how; /* CODEC_* */
};

static const char *const vocabulary[] = { "a", "b", "c", "", "0", "\xC3\xA9",
	"receiver_mobile_number", "receiver_phones_number", "not_in_use" };

/* Does SEG[i..] match PATH[j..], or a part of it from the front? */
static bool matches(const struct pattern *p, size_t i, const struct at *path, size_t j, size_t n)
{
	if (i == p->n)
		return true;
	for (size_t k = j; k < n; k++) {
		const struct pseg *s = &p->seg[i];
		bool here = s->kind == SEGMENT_ANY ||
		    (s->kind == SEGMENT_INDEX ?
			    path[k].index == s->at.index :
			    path[k].index < 0 && strcmp(path[k].name, s->at.name) == 0);

		if (here && matches(p, i + 1, path, k + 1, n))
			return true;
		if (!s->deep)
			return false;
	}
	return false;
}

static void random_pattern(struct rng *r, struct pattern *p)
{
	size_t at = 1;

	p->text[0] = '$';
	p->n = pick(r, 5);
	p->rank = pick(r, 3);
	p->how = (uint8_t)pick(r, 8);
	if (pick(r, 2) == 0) /* as a rule mostly is */
		p->how = CODEC_STRICT;
	for (size_t i = 0; i < p->n; i++) {
		struct pseg *s = &p->seg[i];

		s->kind = (int)pick(r, 3);
		s->deep = pick(r, 4) == 0;
		s->at = (struct at){ vocabulary[pick(r, 8)], (int)pick(r, 3) };
		at +=
		    (size_t)snprintf(p->text + at, sizeof(p->text) - at, "%s", s->deep ? ".." : "");
		if (s->kind == SEGMENT_ANY)
			at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "[*]");
		else if (s->kind == SEGMENT_INDEX)
			at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "[%d]",
			    s->at.index);
		else
			at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "['%s']",
			    s->at.name);
	}
	p->text[at] = '\0';
}

#define MODEL_SPANS 65536

struct made {
	struct rng r;
	struct codec_finding *found; /* one for each span wanted */
	size_t n_found, odd, points, shared;
	const struct pattern *pat;
	size_t n_pat;
	struct sc_buf text;
	struct codec_fields want;
	struct at path[16];
	size_t depth;
};

static void put(struct made *m, const char *s)
{
	if (sc_buf_put_str(&m->text, s) != SC_OK)
		abort();
}

static void put_blank(struct made *m)
{
	static const char *const blanks[] = { "", "", "", " ", "  ", "\n", "\t \r" };

	put(m, blanks[pick(&m->r, 7)]);
}

/* KEY, some of its ASCII characters written as escapes. */
static void put_key(struct made *m, const char *key)
{
	char hex[8];

	put(m, "\"");
	for (; *key != '\0'; key++) {
		snprintf(hex, sizeof(hex), "%c", *key);
		if ((unsigned char)*key < 0x80 && pick(&m->r, 8) == 0)
			snprintf(hex, sizeof(hex), "\\u%04X", (unsigned)*key);
		put(m, hex);
	}
	put(m, "\"");
}

/* ---- what the model says of the first N steps of a path, by recursion and patience ---- */

static bool step_fits(const struct pseg *s, const struct at *at)
{
	if (s->kind == SEGMENT_ANY)
		return true;
	return s->kind == SEGMENT_INDEX ? at->index == s->at.index :
					  at->index < 0 && strcmp(at->name, s->at.name) == 0;
}

/* Does all of PATH[j..n) take all of SEG[i..]? */
static bool ends_at(const struct pattern *p, size_t i, const struct at *path, size_t j, size_t n)
{
	if (i == p->n)
		return j == n;
	for (size_t k = j; k < n; k++) {
		if (step_fits(&p->seg[i], &path[k]) && ends_at(p, i + 1, path, k + 1, n))
			return true;
		if (!p->seg[i].deep)
			return false;
	}
	return false;
}

static const struct pattern *best_of(const struct made *m, size_t n)
{
	const struct pattern *best = NULL;

	for (size_t i = 0; i < m->n_pat; i++)
		if ((m->pat[i].how & CODEC_POINT) == 0 && matches(&m->pat[i], 0, m->path, 0, n) &&
		    (best == NULL || m->pat[i].rank > best->rank))
			best = &m->pat[i];
	return best;
}

static bool is_settled(const struct pattern *best)
{
	bool deep = false;

	if (best == NULL || (best->how & CODEC_STRICT) == 0)
		return false;
	for (size_t i = 0; i < best->n; i++)
		deep |= best->seg[i].deep;
	return !deep || (best->how & CODEC_PARTIAL) == 0;
}

/* Is A, not BEST, to be followed further where BEST matched? */
static bool still_followed(const struct pattern *a, const struct pattern *best)
{
	if (best == NULL || (a->how & CODEC_POINT) != 0)
		return true;
	return a->rank > best->rank || (a->rank == best->rank && a < best);
}

/* Is A before B among those that could be named? */
static bool named_first(const struct pattern *a, const struct pattern *b)
{
	bool x = (a->how & CODEC_POINT) != 0, y = (b->how & CODEC_POINT) != 0;

	return x != y ? x : a->rank != b->rank ? a->rank > b->rank : a < b;
}

/* The strict pattern that goes on at step N; *OBJECT, *ARRAY: what is at home there. */
static const struct pattern *goes_on(const struct made *m, size_t n, bool *object, bool *array)
{
	const struct pattern *first = NULL, *best = best_of(m, n);

	*object = *array = false;
	if (is_settled(best))
		return NULL;
	for (size_t i = 0; i < m->n_pat; i++) {
		const struct pattern *p = &m->pat[i];
		bool plain = (p->how & CODEC_STRICT) != 0 && p->n > n;

		for (size_t k = 0; plain && k <= n; k++)
			plain = !p->seg[k].deep && (k == n || step_fits(&p->seg[k], &m->path[k]));
		if (!plain || !still_followed(p, best))
			continue;
		*object |= p->seg[n].kind != SEGMENT_INDEX;
		*array |= p->seg[n].kind != SEGMENT_NAME;
		if (first == NULL || named_first(p, first))
			first = p;
	}
	return first;
}

static uint16_t number_of(const struct made *m, const struct pattern *p)
{
	return p == NULL ? CODEC_NONE : (uint16_t)(p - m->pat + 1);
}

static struct codec_finding model_finding(const struct made *m)
{
	const struct pattern *astray = NULL, *first;
	uint16_t points = 0;

	for (size_t n = 0; n <= m->depth; n++) {
		bool object, array, lost;

		first = goes_on(m, n, &object, &array);
		lost = n == m->depth ? true : m->path[n].index < 0 ? !object : !array;
		if (is_settled(best_of(m, n)))
			astray = NULL;
		else if (lost && astray == NULL)
			astray = first;
	}
	for (size_t i = 0; i < m->n_pat; i++)
		if ((m->pat[i].how & CODEC_POINT) != 0 &&
		    ends_at(&m->pat[i], 0, m->path, 0, m->depth))
			points |= (uint16_t)(1u << number_of(m, &m->pat[i]));
	return (struct codec_finding){ number_of(m, best_of(m, m->depth)), number_of(m, astray),
		points };
}

static void expect(struct made *m, size_t start, size_t end, int kind, bool escaped)
{
	struct codec_finding f = model_finding(m);

	if (f.action == CODEC_NONE && f.astray == CODEC_NONE && f.points == 0)
		return;
	m->odd += f.astray != CODEC_NONE;
	m->points += f.points != 0;
	m->shared += (f.points & (f.points - 1)) != 0;
	if (m->n_found == MODEL_SPANS)
		abort();
	m->found[m->n_found++] = f;
	if (m->want.n == m->want.cap) {
		m->want.cap = m->want.cap * 2 + 16;
		m->want.v = reallocarray(m->want.v, m->want.cap, sizeof(m->want.v[0]));
		if (m->want.v == NULL)
			abort();
	}
	m->want.v[m->want.n++] = (struct codec_field){ .start = (uint32_t)start,
		.end = (uint32_t)end,
		.action = f.action,
		.kind = (uint8_t)kind,
		.escaped = escaped };
}

static void make_scalar(struct made *m)
{
	static const struct {
		const char *text;
		int kind;
		bool escaped;
	} all[] = { { "\"\"", CODEC_TEXT, false }, { "\"x\"", CODEC_TEXT, false },
		{ "\"\\ud800 \\/ \xE4\xBD\xA0\xE5\xA5\xBD\"", CODEC_TEXT, true },
		{ "\"0123456789abcdef0123456789abcdef,}]\"", CODEC_TEXT, false },
		{ "0", CODEC_NUMBER, false }, { "-1.10E+2", CODEC_NUMBER, false },
		{ "12345678901234567890", CODEC_NUMBER, false }, { "true", CODEC_LITERAL, false },
		{ "false", CODEC_LITERAL, false }, { "null", CODEC_NULL, false } };
	unsigned i = pick(&m->r, sizeof(all) / sizeof(all[0]));
	size_t quote = all[i].kind == CODEC_TEXT, start = m->text.n;

	put(m, all[i].text);
	expect(m, start + quote, m->text.n - quote, all[i].kind, all[i].escaped);
}

static void make_value(struct made *m)
{
	unsigned what = m->depth < 6 ? pick(&m->r, 4) : 0;
	unsigned n = pick(&m->r, 5);

	put_blank(m);
	if (what < 2) {
		make_scalar(m);
	} else {
		put(m, what == 2 ? "{" : "[");
		put_blank(m);
		for (unsigned i = 0; i < n; i++) {
			struct at *at = &m->path[m->depth];

			put(m, i == 0 ? "" : ",");
			*at = (struct at){ vocabulary[pick(&m->r, 9)], what == 2 ? -1 : (int)i };
			put_blank(m);
			if (what == 2) {
				put_key(m, at->name);
				put_blank(m);
				put(m, ":");
			}
			m->depth++;
			make_value(m);
			m->depth--;
		}
		put(m, what == 2 ? "}" : "]");
	}
	put_blank(m);
}

struct tally {
	size_t spans, odd, points, shared;
};

static bool one_model_round(struct rng *r, const struct codec_paths *paths,
    const struct pattern *pat, size_t n_pat, struct tally *tally)
{
	struct made m = { .r = *r, .pat = pat, .n_pat = n_pat };
	struct sc_diag d = { 0 };
	struct codec_fields got;
	bool same = true;

	static struct codec_finding found[MODEL_SPANS];

	m.found = found;
	sc_buf_init(&m.text, 1 << 20);
	codec_fields_init(&got);
	make_value(&m);
	*r = m.r;
	if (scan_padded(paths, m.text.p, m.text.n, &got, &d, &same) != SC_OK)
		same = false;
	for (size_t i = 0; i < got.n; i++) {
		struct codec_finding f = { got.v[i].action, CODEC_NONE, 0 };

		if (got.v[i].action >= CODEC_FINDING)
			f = codec_paths_finding(paths, got.v[i].action);

		same &= i < m.n_found && f.action == found[i].action &&
		    f.astray == found[i].astray && f.points == found[i].points;
		/* one rule's span is told by its own number alone */
		same &= (got.v[i].action >= CODEC_FINDING) ==
		    (f.astray != CODEC_NONE || f.points != 0);
		got.v[i].action = f.action;
	}
	same &= same_spans(&got, &m.want);
	if (!same) {
		printf("# %.*s\n# %zu spans, not %zu (%s at %zu); paths:\n", (int)m.text.n,
		    (char *)m.text.p, got.n, m.want.n, d.text, d.offset);
		for (size_t i = 0; i < n_pat; i++)
			printf("#   %s rank %u how %u\n", pat[i].text, pat[i].rank, pat[i].how);
	}
	tally->spans += m.want.n;
	tally->odd += m.odd;
	tally->points += m.points;
	tally->shared += m.shared;
	codec_fields_fini(&got);
	codec_fields_fini(&m.want);
	sc_buf_fini(&m.text);
	return same;
}

static void test_model(void)
{
	struct rng r = { 0x5C21A11CE5EEDu };
	struct tally t = { 0 };

	for (int round = 0; round < 600; round++) {
		struct codec_selector sel[12];
		struct pattern pat[12];
		struct codec_paths *p = NULL;
		struct sc_diag d = { 0 };
		size_t n = pick(&r, 12);

		for (size_t i = 0; i < n; i++) {
			random_pattern(&r, &pat[i]);
			sel[i] = (struct codec_selector){ pat[i].text, (uint16_t)(i + 1),
				(uint16_t)pat[i].rank, pat[i].how };
		}
		NEED(codec_paths_new(sel, n, &d, &p) == SC_OK);
		for (int doc = 0; doc < 10; doc++)
			CHECK(one_model_round(&r, p, pat, n, &t));
		codec_paths_free(p);
	}
	printf("# %zu spans, %zu astray, %zu points, %zu of several\n", t.spans, t.odd, t.points,
	    t.shared);
	CHECK(t.spans > 10000 && t.odd > 1000 && t.points > 100 && t.shared > 10);
}

/* ---- limits and memory ------------------------------------------------------------ */

static enum sc_err compiled(const char *text, struct sc_diag *d)
{
	const struct codec_selector sel = { text, 1, 0, 0 };
	struct codec_paths *p = NULL;
	enum sc_err err = codec_paths_new(&sel, 1, d, &p);

	CHECK((p != NULL) == (err == SC_OK));
	codec_paths_free(p);
	return err;
}

/* $.a.a.a ... of SEGMENTS segments, then BYTES of blank in a bracket. */
static void make_path(char *to, size_t segments, size_t bytes)
{
	char *p = to;

	*p++ = '$';
	for (size_t i = 0; i < segments; i++)
		p += sprintf(p, ".a");
	if (bytes != 0) {
		size_t pad = bytes - (size_t)(p - to) - strlen("[0]");

		*p++ = '[';
		memset(p, ' ', pad);
		p += pad;
		p += sprintf(p, "0]");
	}
	*p = '\0';
}

static void test_limits(void)
{
	static char text[CODEC_SELECTOR_BYTES_MAX + 300];
	static struct codec_selector many[CODEC_SELECTORS_MAX + 1];
	struct codec_paths *p = NULL;
	struct sc_diag d = { 0 };

	make_path(text, CODEC_SEGMENTS_MAX, 0);
	CHECK(compiled(text, &d) == SC_OK);
	make_path(text, CODEC_SEGMENTS_MAX + 1, 0);
	CHECK(compiled(text, &d) == SC_LIMIT && strstr(d.text, "too many segments") != NULL);
	make_path(text, 3, CODEC_SELECTOR_BYTES_MAX);
	CHECK(strlen(text) == CODEC_SELECTOR_BYTES_MAX && compiled(text, &d) == SC_OK);
	make_path(text, 3, CODEC_SELECTOR_BYTES_MAX + 1);
	CHECK(compiled(text, &d) == SC_LIMIT && strstr(d.text, "longer than 4096") != NULL);
	CHECK(compiled(text, NULL) == SC_LIMIT);
	for (size_t n = 255; n <= 256; n++) {
		memset(text, 'n', n + 2);
		memcpy(text, "$.", 2);
		text[n + 2] = '\0';
		CHECK(compiled(text, &d) == (n == 255 ? SC_OK : SC_LIMIT));
	}
	for (size_t i = 0; i <= CODEC_SELECTORS_MAX; i++)
		many[i] = (struct codec_selector){ "$.a", (uint16_t)i, 0, 0 };
	CHECK(codec_paths_new(many, CODEC_SELECTORS_MAX, &d, &p) == SC_OK);
	codec_paths_free(p);
	p = NULL;
	CHECK(codec_paths_new(many, CODEC_SELECTORS_MAX + 1, &d, &p) == SC_LIMIT && p == NULL);
	CHECK(strstr(d.text, "more than 1024") != NULL);
	codec_paths_free(NULL);
}

static void test_memory(void)
{
	const struct codec_selector good[] = { { "$.a[3].b", 1, 0, CODEC_STRICT },
		{ "$..c", 2, 1, CODEC_PARTIAL }, { "$.address_1", 3, 0, CODEC_POINT } };
	const struct codec_selector bad[] = { { "$.a[3].b", 1, 0, 0 }, { "$.b[", 2, 0, 0 } };
	size_t before = 0;

	for (int i = 0; i < 40; i++) {
		struct codec_paths *p = NULL;
		struct sc_diag d = { 0 };

		if (i == 20)
			before = mallinfo2().uordblks;
		CHECK(codec_paths_new(good, 3, &d, &p) == SC_OK);
		codec_paths_free(p);
		CHECK(codec_paths_new(bad, 2, &d, &p) == SC_SYNTAX && p == NULL);
	}
	CHECK(mallinfo2().uordblks == before);
}

int main(void)
{
	RUN(test_subset, "the RFC 9535 subset is taken, the rest refused at its column");
	RUN(test_names_unescaped, "bracket names are unescaped");
	RUN(test_diag_names_selector, "a refusal names the selector");
	RUN(test_selection, "a selector takes exactly what it says, with all beneath");
	RUN(test_long_names, "a name is compared whole, not only at its ends");
	RUN(test_conflicts, "the higher rank wins, then the earlier selector");
	RUN(test_state_cap, "more than 4,096 states are refused, naming the selector");
	RUN(test_many_names, "a thousand ..name selectors make a thousand states");
	RUN(test_limits, "limits are met exactly");
	RUN(test_memory, "what was compiled gives back its memory, also when it failed");
	RUN(test_model, "random selectors on random documents match like the model");
	return tap_done();
}
