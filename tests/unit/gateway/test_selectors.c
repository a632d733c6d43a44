/*
 * test_selectors.c - unions, slices, filters and exceptions: a table of cases, and random ones
 * on random documents against an evaluator that walks a tree by recursion, as the RFC says it.
 */
#include "base/text/doc.h"
#include "gateway/codec/selector.h"
#include "padded.h"
#include "tap.h"

#define PATHS_MANY 65 /* one more than there are bits for filters */

/* ---- a table ----------------------------------------------------------------------------- */

/* What P, of N selectors, says of each scalar of DOC: "1 - 2", a dash where none has it. */
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
	for (size_t i = 0; out[0] != 'f' && i < s.n && at < size; i++) {
		struct codec_finding f = { s.v[i].action, CODEC_NONE, 0 };

		if (s.v[i].action >= CODEC_FINDING)
			f = codec_paths_finding(p, s.v[i].action);
		at += (size_t)snprintf(out + at, size - at, "%s%.*s", i == 0 ? "" : " ",
		    (int)(s.v[i].end - s.v[i].start), doc + s.v[i].start);
		if (f.astray != CODEC_NONE)
			at += (size_t)snprintf(out + at, size - at, "!");
	}
	codec_fields_fini(&s);
	codec_paths_free(p);
}

struct selected {
	const char *path, *doc, *want;
};

static void select_all(const struct selected *v, size_t n)
{
	char got[256];

	for (size_t i = 0; i < n; i++) {
		const struct codec_selector sel = { v[i].path, 1, 0, CODEC_STRICT };

		actions(&sel, 1, v[i].doc, got, sizeof(got));
		if (strcmp(got, v[i].want) != 0)
			printf("# %s on %s: '%s', not '%s'\n", v[i].path, v[i].doc, got, v[i].want);
		CHECK(strcmp(got, v[i].want) == 0);
	}
}
#define SELECT(v) select_all(v, sizeof(v) / sizeof((v)[0]))

static void test_unions(void)
{
	static const struct selected all[] = {
		{ "$['a','b']", "{\"a\":1,\"b\":2,\"c\":3}", "1 2" },
		{ "$[ 'a' , \"b\" , 0 ]", "[1,2]", "1" },
		{ "$['a','a',*]", "{\"a\":1,\"c\":3}", "1 3" },
		{ "$['a','b'].c", "{\"a\":{\"c\":1},\"b\":{\"c\":2,\"d\":3},\"c\":4}", "1 2" },
		{ "$.x['a','b']['c','d']",
		    "{\"x\":{\"a\":{\"c\":1,\"d\":2,\"e\":3},\"b\":{\"d\":4}}}", "1 2 4" },
		{ "$..['a','b']", "{\"x\":[{\"a\":1},{\"b\":{\"c\":2}},{\"d\":3}]}", "1 2" },
		{ "$..[0,'b']", "[[1,2],{\"b\":3,\"0\":4},5]", "1 2 3" },
		{ "$['a',0]", "7", "7!" },
		{ "$['a','b']", "[7]", "7!" },
		{ "$['a',0]", "[7,8]", "7" },
	};

	SELECT(all);
}

static void test_slices(void)
{
	static const struct selected all[] = {
		{ "$[1:3]", "[10,11,12,13]", "11 12" },
		{ "$[:2]", "[10,11,12,13]", "10 11" },
		{ "$[2:]", "[10,11,12,13]", "12 13" },
		{ "$[:]", "[10,[11]]", "10 11" },
		{ "$[ 1 : 3 : ]", "[10,11,12,13]", "11 12" },
		{ "$[3:1]", "[10,11,12,13]", "" },
		{ "$[1:1]", "[10,11,12,13]", "" },
		{ "$[0,2:4,7]", "[0,1,2,3,4,5,6,7,8]", "0 2 3 7" },
		{ "$[2:5,3:7]", "[0,1,2,3,4,5,6,7,8]", "2 3 4 5 6" },
		{ "$[1:3].a", "[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4}]", "2 3" },
		{ "$..[1:]", "{\"a\":[1,[2,3]],\"1\":4}", "2 3" },
		{ "$[:]", "{\"a\":1}", "1!" },
		{ "$[5:9007199254740991]", "[0,1,2,3,4,5]", "5" },
	};

	SELECT(all);
}

static void test_filters(void)
{
	static const struct selected all[] = {
		{ "$.n[?@.k=='p'].v", "{\"n\":[{\"k\":\"p\",\"v\":1},{\"k\":\"q\",\"v\":2}]}",
		    "1" },
		/* the sibling stands behind the value */
		{ "$.n[?@.k=='p'].v", "{\"n\":[{\"v\":1,\"k\":\"p\"},{\"v\":2,\"k\":\"q\"}]}",
		    "1" },
		{ "$[?@['k']==\"p\"].v", "[{\"v\":1,\"k\":\"p\"}]", "1" },
		{ "$[?('p' == @.k)].v", "[{\"v\":1,\"k\":\"p\"}]", "1" },
		{ "$[? ( ( @.k == 'p' ) ) ]", "[{\"v\":1,\"k\":\"p\"},{\"k\":8}]", "1 p" },
		{ "$[?@.k=='p'].v", "{\"x\":{\"v\":1,\"k\":\"p\"},\"y\":{\"v\":2}}", "1" },
		/* as text, unescaped; as a number, whatever it looks like */
		{ "$[?@.k=='\xC3\xA9\\u0041'].v", "[{\"k\":\"\\u00e9A\",\"v\":1}]", "1" },
		{ "$[?@.k=='p'].v", "[{\"k\":\"\\u0070\",\"v\":1},{\"k\":\"\\p\"}]",
		    "failed: malformed string" },
		{ "$[?@.k==''].v", "[{\"k\":\"\",\"v\":1},{\"v\":2}]", "1" },
		{ "$[?@.k==7].v", "[{\"k\":7,\"v\":1},{\"k\":\"7\",\"v\":2},{\"k\":70e-1,\"v\":3}]",
		    "1 3" },
		{ "$[?@.k==-1.50].v", "[{\"k\":-15e-1,\"v\":1},{\"k\":1.5,\"v\":2}]", "1" },
		{ "$[?@.k==0].v", "[{\"k\":-0.00,\"v\":1},{\"k\":0e9,\"v\":2}]", "1 2" },
		{ "$[?@.k=='true'].v", "[{\"k\":true,\"v\":1},{\"k\":null,\"v\":2}]", "" },
		/* of two siblings of a name either is enough; what is beneath is another's */
		{ "$[?@.k=='p'].v", "[{\"k\":\"q\",\"v\":1,\"k\":\"p\"}]", "1" },
		{ "$[?@.k=='p'].v", "[{\"k\":\"p\",\"v\":1,\"k\":\"q\"}]", "1" },
		{ "$[?@.k=='p'].v", "[{\"x\":{\"k\":\"p\"},\"v\":1}]", "" },
		{ "$[?@.k=='p'].v", "[{\"k\":[\"p\"],\"v\":1},{\"k\":{\"k\":\"p\"},\"v\":2}]", "" },
		{ "$[?@.k=='p'].v", "[{\"k\":{},\"v\":\"p\"},{\"k\":[],\"w\":\"p\"}]", "" },
		/* at any depth, elements inside of one another */
		{ "$..[?@.k=='p'].v",
		    "{\"a\":{\"v\":1,\"b\":{\"v\":2,\"k\":\"p\"},\"k\":\"q\"},\"v\":3}", "2" },
		{ "$..[?@.k=='p'].v",
		    "{\"a\":{\"v\":1,\"b\":{\"v\":2,\"k\":\"q\"},\"k\":\"p\"},\"v\":3}", "1" },
		{ "$..[?@.k=='p']..v",
		    "{\"a\":{\"v\":1,\"b\":{\"v\":2,\"k\":\"q\"},\"k\":\"p\"},\"v\":3}", "1 2" },
		{ "$..[?@.k=='p']", "[{\"k\":\"p\",\"x\":[1,{\"y\":2}]},3]", "p 1 2" },
		{ "$[?@.k=='p'].k", "[{\"k\":\"p\"},{\"k\":\"q\"}]", "p" },
		/* the shape is asked for where a filter holds, and of what it is a filter on */
		{ "$.n[?@.k=='p'].v", "{\"n\":\"x\"}", "x!" },
		{ "$.n[?@.k=='p'].v", "{\"n\":[\"x\"]}", "" },
		{ "$[?@.k=='p'].v.w", "[{\"k\":\"p\",\"v\":1},{\"k\":\"q\",\"v\":2}]", "1!" },
	};

	SELECT(all);
}

static void test_refused(void)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *why;
	} all[] = {
		{ "$[1:3:1]", 7, "step" },
		{ "$[::-1]", 5, "step" },
		{ "$[-1:]", 3, "negative" },
		{ "$[1:-1]", 5, "negative" },
		{ "$[0:01]", 5, "leading zero" },
		{ "$[0,]", 5, "expected a quoted name" },
		{ "$[,0]", 3, "expected a quoted name" },
		{ "$['a' 'b']", 7, "expected , or ]" },
		{ "$[0:9007199254740992]", 20, "2^53-1" },
		{ "$[?@.a=='x','b']", 12, "alone in its bracket" },
		{ "$['b',?@.a=='x']", 7, "alone in its bracket" },
		{ "$[?@.a=='x'][?@.b=='y']", 14, "one filter at most" },
		{ "$[?@.a!='x']", 7, "compares with ==" },
		{ "$[?@.a<1]", 7, "compares with ==" },
		{ "$[?@.a=='x'&&@.b=='y']", 12, "one comparison" },
		{ "$[?@.a=='x' || @.b=='y']", 13, "one comparison" },
		{ "$[?!@.a]", 4, "no \"not\"" },
		{ "$[?@.a.b=='x']", 7, "of the element itself" },
		{ "$[?@['a']['b']=='x']", 10, "of the element itself" },
		{ "$[?@[0]=='x']", 6, "looks at one member" },
		{ "$[?@.*=='x']", 6, "looks at one member" },
		{ "$[?@..a=='x']", 6, "looks at one member" },
		{ "$[?@=='x']", 5, "looks at one member" },
		{ "$[?$.a=='x']", 4, "compares one member" },
		{ "$[?length(@.a)==1]", 4, "compares one member" },
		{ "$[?@.a==true]", 9, "a text in quotes or a number" },
		{ "$[?@.a==@.b]", 9, "a text in quotes or a number" },
		{ "$[?'x'==$.a]", 9, "looks at one member" },
		{ "$[?'x'=='x']", 9, "looks at one member" },
		{ "$[?(@.a=='x']", 13, "expected )" },
		{ "$[?@.a==01]", 10, "expected , or ]" },
		{ "$[?@.a==1.]", 11, "malformed number" },
		{ "$[?@.a==1e]", 11, "malformed number" },
		{ "$[?@.a=='x'", 12, "expected , or ]" },
		{ "$[?]", 4, "compares one member" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct segment seg[8];
		struct sc_diag d = { 0 };
		struct sc_buf names;
		size_t n;
		bool right;

		sc_buf_init(&names, 4096);
		right = selector_parse(sc_span_str(all[i].text), seg, 8, &n, &names, &d) ==
			SC_SYNTAX &&
		    d.column == all[i].column && strstr(d.text, all[i].why) != NULL;
		if (!right)
			printf("# %s: column %u: %s\n", all[i].text, d.column, d.text);
		CHECK(right);
		sc_buf_fini(&names);
	}
}

/* The actions alone, as "1 2 1". */
static void numbers(const struct codec_selector *sel, size_t n, const char *doc, char *out,
    size_t size)
{
	struct codec_paths *p = NULL;
	struct codec_fields s;
	bool agree = true;
	size_t at = 0;

	codec_fields_init(&s);
	out[0] = '\0';
	if (codec_paths_new(sel, n, NULL, &p) == SC_OK &&
	    scan_padded(p, doc, strlen(doc), &s, NULL, &agree) == SC_OK && agree)
		for (size_t i = 0; i < s.n && at < size; i++)
			at += (size_t)snprintf(out + at, size - at, "%s%u", i == 0 ? "" : " ",
			    s.v[i].action);
	codec_fields_fini(&s);
	codec_paths_free(p);
}

/* Several filters of a place, and a scan of what none of them has. */
static void test_filters_compete(void)
{
	static const struct codec_selector sel[] = {
		{ "$.n[?@.k=='phone'].v", 1, 5, CODEC_STRICT },
		{ "$.n[?@.k=='email'].v", 2, 5, CODEC_STRICT },
		{ "$.n[?@.t=='secret']", 3, 9, CODEC_STRICT },
		{ "$..*", 4, 0, CODEC_PARTIAL },
	};
	char got[64];

	numbers(sel, 4,
	    "{\"n\":[{\"k\":\"phone\",\"v\":0},{\"v\":0,\"k\":\"email\"},{\"k\":\"x\",\"v\":0}]}",
	    got, sizeof(got));
	CHECK(strcmp(got, "4 1 2 4 4 4") == 0);
	/* two siblings to look at */
	numbers(sel, 4, "{\"n\":[{\"k\":\"phone\",\"v\":0,\"t\":\"secret\"}]}", got, sizeof(got));
	CHECK(strcmp(got, "3 3 3") == 0);
	/* one that stands twice: the best of those that hold */
	numbers(sel, 4, "{\"n\":[{\"k\":\"email\",\"v\":0,\"k\":\"phone\"}]}", got, sizeof(got));
	CHECK(strcmp(got, "4 1 4") == 0);
}

static void test_exceptions(void)
{
	static const struct {
		struct codec_selector sel[4];
		size_t n;
		const char *doc, *want;
	} all[] = {
		{ { { "$..phone", 1, 5, CODEC_STRICT }, { "$..merchant", 1, 0, CODEC_EXCEPT } }, 2,
		    "{\"phone\":0,\"merchant\":{\"phone\":0,\"x\":[{\"phone\":0}]},\"b\":{\"phone\":0}}",
		    "1 1" },
		/* the next best has the place, also of those that lost above */
		{ { { "$.a", 1, 5, CODEC_STRICT }, { "$..x", 2, 4, CODEC_STRICT },
		      { "$..*", 3, 0, CODEC_PARTIAL }, { "$.a.m", 1, 0, CODEC_EXCEPT } },
		    4, "{\"a\":{\"x\":0,\"m\":{\"x\":0,\"y\":0},\"z\":0},\"b\":0}", "1 2 3 1 3" },
		{ { { "$", 1, 5, 0 }, { "$", 1, 0, CODEC_EXCEPT }, { "$.a", 2, 0, 0 } }, 3,
		    "{\"a\":0,\"b\":0}", "2" },
		/* what matches at the exception itself does not apply, and nothing beneath does again */
		{ { { "$..m", 1, 5, 0 }, { "$..m", 1, 0, CODEC_EXCEPT } }, 2,
		    "{\"m\":{\"m\":0},\"a\":{\"m\":0}}", "" },
		/* two of them, one with a filter */
		{ { { "$..v", 1, 5, 0 }, { "$[?@.k=='shop']", 1, 0, CODEC_EXCEPT },
		      { "$[2:]", 1, 0, CODEC_EXCEPT } },
		    3, "[{\"v\":0,\"k\":\"shop\"},{\"v\":0,\"k\":\"x\"},{\"v\":0}]", "1" },
		/* a rule of another action is not touched */
		{ { { "$..v", 1, 5, 0 }, { "$..v", 2, 4, 0 }, { "$.a", 1, 0, CODEC_EXCEPT } }, 3,
		    "{\"a\":{\"v\":0},\"b\":{\"v\":0}}", "2 1" },
	};
	char got[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		numbers(all[i].sel, all[i].n, all[i].doc, got, sizeof(got));
		if (strcmp(got, all[i].want) != 0)
			printf("# %zu: %s, not %s\n", i, got, all[i].want);
		CHECK(strcmp(got, all[i].want) == 0);
	}
}

/* Twenty filters of a member, of which each set could be told apart, need no state for each set. */
static void test_many_filters(void)
{
	enum { count = 60 };
	static char text[count][40];
	static struct codec_selector sel[PATHS_MANY];
	struct codec_paths *p = NULL;

	for (int i = 0; i < count; i++) {
		snprintf(text[i], sizeof(text[i]), "$.n[?@.k=='name_%d'].v", i);
		sel[i] = (struct codec_selector){ text[i], (uint16_t)i, 0, CODEC_STRICT };
	}
	NEED(codec_paths_new(sel, count, NULL, &p) == SC_OK);
	CHECK(codec_paths_states(p) <= 5 * count);
	codec_paths_free(p);
}

static void test_too_many_filters(void)
{
	static char text[PATHS_MANY][40];
	static struct codec_selector sel[PATHS_MANY];
	struct codec_paths *p = NULL;
	struct sc_diag d = { 0 };

	for (int i = 0; i < PATHS_MANY; i++) {
		snprintf(text[i], sizeof(text[i]), "$.n[?@.k=='name_%d'].v", i);
		sel[i] = (struct codec_selector){ text[i], (uint16_t)i, 0, CODEC_STRICT };
	}
	CHECK(codec_paths_new(sel, PATHS_MANY, &d, &p) == SC_LIMIT && p == NULL);
	CHECK(strstr(d.text, "64 different filters") != NULL);
	/* of whom a document is does not hang on what stands in it */
	sel[0].how = CODEC_POINT;
	CHECK(codec_paths_new(sel, 1, &d, &p) == SC_SYNTAX && strstr(d.text, "a filter") != NULL);
}

/* ---- a model ------------------------------------------------------------------------------ */

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

#define NODES_MAX 4096
#define RULES_MAX 6
#define ROUNDS 8000

struct model_rule {
	char text[160];
	struct segment seg[24];
	size_t n;
	struct codec_selector sel;
	bool hit[NODES_MAX]; /* by node: it is selected */
};

struct model {
	struct rng r;
	char doc[1 << 16];
	size_t n;
	const struct doc_node *scalar; /* the one that is looked for ... */
	struct model_rule rule[RULES_MAX];
	size_t n_rules;
	struct sc_buf names;
	size_t filtered, excepted, spans;
};

static void put(struct model *m, const char *s)
{
	size_t n = strlen(s);

	if (m->n + n >= sizeof(m->doc))
		abort();
	memcpy(m->doc + m->n, s, n + 1);
	m->n += n;
}

/* Keys of one object differ: what stands twice has its cases above. */
static void make_value(struct model *m, unsigned depth)
{
	static const char *const scalars[] = { "\"p\"", "\"q\"", "\"\\u0070\"", "1", "10e-1", "2",
		"true", "null", "\"\"" };
	static const char *const keys[] = { "\"k\":", "\"v\":", "\"a\":", "\"\\u006b\":" };
	unsigned what = depth < 5 ? pick(&m->r, 5) : 0, n = pick(&m->r, 5), first = pick(&m->r, 3);

	if (what < 2) {
		put(m, scalars[pick(&m->r, 9)]);
		return;
	}
	if (what > 2 && n > 3)
		n = 3;
	put(m, what == 2 ? "[" : "{");
	for (unsigned i = 0; i < n; i++) {
		unsigned key = (first + i) % 3;

		put(m, i == 0 ? "" : ",");
		if (what != 2)
			put(m, keys[key == 0 && pick(&m->r, 4) == 0 ? 3 : key]);
		make_value(m, depth + 1);
	}
	put(m, what == 2 ? "]" : "}");
}

static void make_choice(struct rng *r, char *to, size_t size)
{
	static const char *const names[] = { "'k'", "'v'", "'a'" };
	unsigned from = pick(r, 3);

	switch (pick(r, 5)) {
	case 0: snprintf(to, size, "%u", from); break;
	case 1: snprintf(to, size, "*"); break;
	case 2: snprintf(to, size, "%u:%u", from, pick(r, 4)); break;
	default: snprintf(to, size, "%s", names[from]);
	}
}

/* A path, of which some have a filter. */
static void make_path(struct rng *r, char *to, size_t size)
{
	static const char *const literals[] = { "'p'", "'q'", "1", "''" };
	static const char *const siblings[] = { "k", "v" };
	size_t at = (size_t)snprintf(to, size, "$");
	unsigned n = pick(r, 4) + 1, filter = pick(r, 2) == 0 ? pick(r, n) : n;
	char choice[16];

	for (unsigned i = 0; i < n; i++) {
		at += (size_t)snprintf(to + at, size - at, "%s[", pick(r, 3) == 0 ? ".." : "");
		if (i == filter) {
			at += (size_t)snprintf(to + at, size - at, "?@.%s==%s]",
			    siblings[pick(r, 2)], literals[pick(r, 4)]);
			continue;
		}
		for (unsigned k = 0, of = pick(r, 3) + 1; k < of; k++) {
			make_choice(r, choice, sizeof(choice));
			at +=
			    (size_t)snprintf(to + at, size - at, "%s%s", k == 0 ? "" : ",", choice);
		}
		at += (size_t)snprintf(to + at, size - at, "]");
	}
}

static bool is_literal(const struct model *m, const struct segment *s, const struct doc_node *v)
{
	struct sc_span name = sc_span(m->names.p + s->name_at, s->name_n);
	struct sc_span literal = sc_span(m->names.p + s->name_at + s->name_n, s->literal_n);

	if (!sc_span_is(name, v->key))
		return false;
	if (s->literal_kind == CODEC_TEXT)
		return v->kind == DOC_TEXT && sc_span_is(literal, v->text);
	return v->kind == DOC_NUMBER && strtod(v->text, NULL) == 1;
}

/* Does CHILD, the I-th of its parent, which is an array if ARRAY, take S? */
static bool takes(const struct model *m, const struct segment *s, const struct doc_node *child,
    unsigned i, bool array)
{
	switch (s->kind) {
	case SEGMENT_ANY: return true;
	case SEGMENT_INDEX: return array && s->index == i;
	case SEGMENT_SLICE: return array && s->index <= i && i < s->end;
	default:
		return !array &&
		    sc_span_is(sc_span(m->names.p + s->name_at, s->name_n), child->key);
	}
}

/* NODE is where the segments of R from I on begin: mark what they select. Nodes go by their AT. */
static void evaluate(const struct model *m, struct model_rule *r, size_t i,
    const struct doc_node *node)
{
	size_t used;
	unsigned k = 0;

	if (i == r->n) {
		r->hit[node->at % NODES_MAX] = true;
		return;
	}
	if (r->seg[i].kind == SEGMENT_TEST) {
		for (const struct doc_node *v = node->first; v != NULL; v = v->next)
			if (node->kind == DOC_OBJECT && is_literal(m, &r->seg[i], v)) {
				evaluate(m, r, i + 1, node);
				return;
			}
		return;
	}
	used = selector_choices(r->seg + i, r->n - i);
	for (const struct doc_node *v = node->first; v != NULL; v = v->next, k++) {
		for (size_t c = 0; c < used; c++)
			if (takes(m, &r->seg[i + c], v, k, node->kind == DOC_LIST))
				evaluate(m, r, i + used, v);
		if (r->seg[i].deep)
			evaluate(m, r, i, v);
	}
}

/* The best rule of those that have the places ABOVE[0..N-1], of which the last is a scalar's. */
static uint16_t best_of(struct model *m, const struct doc_node *const *above, size_t n)
{
	const struct codec_selector *best = NULL;
	bool at[RULES_MAX] = { false };

	for (size_t i = 0; i < m->n_rules; i++)
		for (size_t k = 0; k < n; k++)
			at[i] |= m->rule[i].hit[above[k]->at % NODES_MAX];
	for (size_t i = 0; i < m->n_rules; i++) {
		const struct codec_selector *s = &m->rule[i].sel;
		bool gone = false;

		for (size_t k = 0; k < m->n_rules; k++)
			gone |= at[k] && (m->rule[k].sel.how & CODEC_EXCEPT) != 0 &&
			    m->rule[k].sel.action == s->action;
		if ((s->how & CODEC_EXCEPT) != 0 || !at[i])
			continue;
		m->excepted += gone;
		if (!gone && (best == NULL || s->rank > best->rank))
			best = s;
	}
	return best == NULL ? CODEC_NONE : best->action;
}

/* Are the fields of GOT from *I on those that NODE, beneath ABOVE[0..N-1], should have? */
static bool compare(struct model *m, const struct codec_paths *p, const struct doc_node **above,
    size_t n, const struct codec_fields *got, size_t *i)
{
	const struct doc_node *node = above[n - 1];
	uint16_t want, action = CODEC_NONE;

	if (node->kind == DOC_LIST || node->kind == DOC_OBJECT) {
		for (const struct doc_node *v = node->first; v != NULL; v = v->next) {
			above[n] = v;
			if (!compare(m, p, above, n + 1, got, i))
				return false;
		}
		return true;
	}
	if (*i < got->n && got->v[*i].start == node->at + (node->kind == DOC_TEXT)) {
		action = got->v[*i].action;
		if (action >= CODEC_FINDING)
			action = codec_paths_finding(p, action).action;
		(*i)++;
	}
	want = best_of(m, above, n);
	m->spans += want != CODEC_NONE;
	return action == want;
}

/* Rules of three actions, and exceptions of them. */
static bool make_rules(struct model *m)
{
	m->n_rules = 1 + pick(&m->r, RULES_MAX);
	for (size_t i = 0; i < m->n_rules; i++) {
		struct model_rule *r = &m->rule[i];
		bool except = i != 0 && pick(&m->r, 3) == 0;

		make_path(&m->r, r->text, sizeof(r->text));
		memset(r->hit, 0, sizeof(r->hit));
		r->sel = (struct codec_selector){ r->text,
			(uint16_t)(except ? pick(&m->r, (unsigned)i) : i), (uint16_t)pick(&m->r, 3),
			except ? CODEC_EXCEPT : (uint8_t)pick(&m->r, 4) };
		if (selector_parse(sc_span_str(r->text), r->seg, 24, &r->n, &m->names, NULL) !=
		    SC_OK)
			return false;
		for (size_t k = 0; k < r->n; k++)
			m->filtered += r->seg[k].kind == SEGMENT_TEST;
	}
	return true;
}

static bool one_round(struct model *m)
{
	const struct doc_node *above[16];
	struct codec_selector sel[RULES_MAX];
	struct codec_paths *p = NULL;
	struct codec_fields got;
	struct sc_arena arena = { 0 };
	struct doc doc;
	struct sc_diag d = { 0 };
	size_t i = 0;
	bool ok = true;

	codec_fields_init(&got);
	m->n = 0;
	make_value(m, 0);
	ok = make_rules(m) && doc_load(&arena, sc_span(m->doc, m->n), NULL, &d, &doc) == SC_OK &&
	    m->n < NODES_MAX;
	for (size_t k = 0; ok && k < m->n_rules; k++) {
		sel[k] = m->rule[k].sel;
		evaluate(m, &m->rule[k], 0, doc.root);
	}
	ok = ok && codec_paths_new(sel, m->n_rules, &d, &p) == SC_OK &&
	    scan_padded(p, m->doc, m->n, &got, &d, &ok) == SC_OK && ok;
	above[0] = doc.root;
	ok = ok && compare(m, p, above, 1, &got, &i);
	for (; ok && i < got.n; i++)
		ok = false;
	if (!ok) {
		printf("# %s\n# %s\n", m->doc, d.text);
		for (size_t k = 0; k < m->n_rules; k++)
			printf("#   %s action %u rank %u how %u\n", m->rule[k].text,
			    m->rule[k].sel.action, m->rule[k].sel.rank, m->rule[k].sel.how);
	}
	codec_fields_fini(&got);
	codec_paths_free(p);
	sc_arena_fini(&arena);
	return ok;
}

static void test_model(void)
{
	static struct model m = { .r = { 0x5E1EC70125EEDu } };

	for (int round = 0; round < ROUNDS; round++) {
		sc_buf_init(&m.names, 1 << 16);
		CHECK(one_round(&m));
		sc_buf_fini(&m.names);
		if (!tap_ok)
			return;
	}
	printf("# %zu spans, %zu filters, %zu exceptions that took effect\n", m.spans, m.filtered,
	    m.excepted);
	CHECK(m.spans > 2000 && m.filtered > 500 && m.excepted > 200);
}

int main(void)
{
	RUN(test_unions, "any choice of a bracket is taken, and no other");
	RUN(test_slices, "a slice begins with its first element and ends before its last");
	RUN(test_filters, "a filter takes what has the sibling, wherever that stands");
	RUN(test_refused, "what is no filter, slice or union of ours is refused where it stands");
	RUN(test_filters_compete, "of several filters the best that holds has the place");
	RUN(test_exceptions, "beneath an exception the next best rule has the place");
	RUN(test_many_filters, "filters of one place cost a state each");
	RUN(test_too_many_filters, "there are as many filters as bits, and no point has one");
	RUN(test_model, "random paths select what a walk by recursion does");
	return tap_done();
}
