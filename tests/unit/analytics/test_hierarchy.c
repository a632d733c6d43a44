/*
 * test_hierarchy.c - hierarchies of text and of rules, against what is said of them.
 */
#include "analytics/release/hierarchy.h"
#include "tap.h"

static struct sc_diag diag;

static struct hierarchy *parse(const char *text)
{
	struct hierarchy *h = NULL;

	diag = (struct sc_diag){ 0 };
	CHECK((hierarchy_parse(sc_span_str(text), &diag, &h) == SC_OK) == (h != NULL));
	return h;
}

static bool refused(const char *text, unsigned line, const char *what)
{
	struct hierarchy *h = parse(text);
	const bool ok = h == NULL && diag.line == line && strstr(diag.text, what) != NULL;

	if (!ok)
		printf("# line %u: %s\n", diag.line, diag.text);
	hierarchy_free(h);
	return ok;
}

static uint16_t leaf(const struct hierarchy *h, const char *value)
{
	uint16_t at = UINT16_MAX;

	return hierarchy_find(h, sc_span_str(value), &at) ? at : UINT16_MAX;
}

static bool prints(const struct hierarchy *h, const char *from, const char *to, const char *want)
{
	const uint16_t a = leaf(h, from), b = leaf(h, to);
	struct sc_buf out;
	bool ok;

	sc_buf_init(&out, 1024);
	ok = hierarchy_print(h, a < b ? a : b, a < b ? b : a, &out) == SC_OK &&
	    sc_span_is(sc_buf_span(&out), want);
	if (!ok)
		printf("# %.*s, not %s\n", (int)out.n, (const char *)out.p, want);
	sc_buf_fini(&out);
	return ok;
}

static void test_tree(void)
{
	struct hierarchy *h = parse("\xef\xbb\xbf"
				    "cat;pet;animal;*\r\noak;tree;plant;*\r\n\r\ndog;pet;animal;*\n"
				    "fox;wild;animal;*\n\"a;\"\"b\"\"\";tree;plant;*");

	NEED(h != NULL);
	CHECK(hierarchy_leaves(h) == 5 && hierarchy_levels(h) == 4 && !hierarchy_is_grid(h));
	/* along the tree: cat dog fox oak a;"b" */
	CHECK(leaf(h, "cat") == 0 && leaf(h, "dog") == 1 && leaf(h, "fox") == 2);
	CHECK(leaf(h, "oak") == 3 && leaf(h, "a;\"b\"") == 4 && leaf(h, "pet") == UINT16_MAX);
	CHECK(prints(h, "cat", "cat", "cat") && prints(h, "cat", "dog", "pet"));
	CHECK(prints(h, "dog", "fox", "animal") && prints(h, "fox", "oak", "*"));
	CHECK(prints(h, "a;\"b\"", "oak", "tree"));
	CHECK(hierarchy_cost(h, 1, 1) == 0 &&
	    hierarchy_cost(h, 0, 1) == (2u * HIERARCHY_ONE + 2) / 5);
	CHECK(hierarchy_cost(h, 0, 4) == HIERARCHY_ONE &&
	    hierarchy_cost(h, 1, 2) == (3u * HIERARCHY_ONE + 2) / 5);
	CHECK(hierarchy_level(h, 0, 1) == 1 && hierarchy_level(h, 0, 2) == 2 &&
	    hierarchy_level(h, 2, 3) == 3);
	hierarchy_free(h);
	/* "*" stands above what has several labels; a value may be empty, and alone */
	h = parse("a;x\nb;y\n;y\n");
	NEED(h != NULL);
	CHECK(hierarchy_levels(h) == 3 && leaf(h, "") == 2 && prints(h, "a", "b", "*") &&
	    prints(h, "", "b", "y"));
	hierarchy_free(h);
	h = parse("only\n");
	NEED(h != NULL);
	CHECK(hierarchy_levels(h) == 1 && hierarchy_cost(h, 0, 0) == 0 &&
	    prints(h, "only", "only", "only"));
	hierarchy_free(h);
	/* a line that is there twice says nothing new */
	h = parse("a;x;*\nb;x;*\na;x;*\n");
	CHECK(h != NULL && hierarchy_leaves(h) == 2);
	hierarchy_free(h);
}

static void test_refused(void)
{
	char line[400];

	CHECK(refused("", 0, "no value") && refused("\n\r\n", 0, "no value"));
	CHECK(refused("a;x;*\nb;*\n", 2, "fewer levels") &&
	    refused("a;*\n\nb;x;*\n", 3, "more levels"));
	CHECK(refused("a;x;*\nb;y;*\na;y;*\n", 3,
	    "\"a\" stands under another label of level 1 than in line 1"));
	CHECK(refused("a;x;p;*\nb;y;q;*\nc;x;q;*\n", 3,
	    "\"x\" stands under another label of level 2 than in line 1"));
	CHECK(refused("a;;*\n", 1, "a label is empty"));
	CHECK(refused("a;*\n\"b;*\n", 2, "does not end") &&
	    refused("\"a\"b;*\n", 1, "something follows"));
	CHECK(refused("a\xff;*\n", 1, "not UTF-8"));
	memset(line, 'x', sizeof(line));
	line[255] = '\0';
	hierarchy_free(parse(line));
	CHECK(diag.text[0] == '\0');
	line[255] = 'x';
	line[256] = '\0';
	CHECK(refused(line, 1, "longer than 255"));
	CHECK(refused("1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23;24\n", 1,
	    "more than 23 levels"));
}

/* Every cell of lo and hi is the smallest node that has both, by looking at them all. */
static void test_against_naive(void)
{
	char text[8192];
	size_t n = 0;
	struct hierarchy *h;

	for (unsigned i = 0; i < 60; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "v%u;a%u;b%u;c%u;*\n",
		    i * 37 % 60, i * 37 % 60 / 3, i * 37 % 60 / 9, i * 37 % 60 / 27);
	h = parse(text);
	NEED(h != NULL && hierarchy_leaves(h) == 60);
	for (uint16_t lo = 0; lo < 60; lo++) {
		for (uint16_t hi = lo; hi < 60; hi++) {
			uint16_t from = lo, to = hi, best = 0, last = 59;

			for (size_t l = 0; l < hierarchy_levels(h); l++) {
				const uint16_t *node = hierarchy_nodes(h, l);
				uint16_t a = lo, b = hi;

				if (node[lo] != node[hi])
					continue;
				while (a > 0 && node[a - 1] == node[lo])
					a--;
				while (b < 59 && node[b + 1] == node[lo])
					b++;
				if (b - a < last - best) {
					best = a;
					last = b;
				}
			}
			hierarchy_widen(h, &from, &to);
			CHECK(from == best && to == last);
			CHECK(hierarchy_costs(h)[lo * 60 + hi] == hierarchy_cost(h, best, last));
		}
	}
	hierarchy_free(h);
}

static struct hierarchy *grid(struct hierarchy_grid g)
{
	struct hierarchy *h = NULL;

	diag = (struct sc_diag){ 0 };
	CHECK((hierarchy_of_grid(&g, &diag, &h) == SC_OK) == (h != NULL));
	return h;
}

static void test_grid(void)
{
	struct hierarchy *h = grid((struct hierarchy_grid){ .min = 17, .max = 90, .step = 5 });

	NEED(h != NULL);
	CHECK(hierarchy_leaves(h) == 16 && hierarchy_is_grid(h));
	CHECK(
	    leaf(h, "17") == 0 && leaf(h, "19") == 0 && leaf(h, "20") == 1 && leaf(h, "90") == 15);
	CHECK(leaf(h, "16") == UINT16_MAX && leaf(h, "91") == UINT16_MAX &&
	    leaf(h, "2x") == UINT16_MAX);
	CHECK(leaf(h, "20.0") == 1 && leaf(h, "20.5") == UINT16_MAX && leaf(h, "") == UINT16_MAX);
	CHECK(prints(h, "17", "17", "15-19") && prints(h, "21", "39", "20-39") &&
	    prints(h, "17", "90", "*"));
	/* never an exact number, and widths within the domain */
	CHECK(hierarchy_cost(h, 0, 0) == (2u * HIERARCHY_ONE + 36) / 73);
	CHECK(hierarchy_cost(h, 1, 1) == (4u * HIERARCHY_ONE + 36) / 73);
	CHECK(hierarchy_cost(h, 15, 15) == 0 && hierarchy_cost(h, 0, 15) == HIERARCHY_ONE);
	/* 15-19 | 20-29 | 30-39 ... */
	const uint16_t *node = hierarchy_nodes(h, 1);

	CHECK(node[0] == 0 && node[1] == 1 && node[2] == 1 && node[3] == 2);
	hierarchy_free(h);
	h = grid((struct hierarchy_grid){ .min = -1050, .max = 1000, .step = 500, .decimals = 2 });
	NEED(h != NULL);
	CHECK(leaf(h, "-10.50") == 0 && leaf(h, "-10.01") == 0 && leaf(h, "-10") == 1 &&
	    leaf(h, "-0.01") == 2 && leaf(h, "0") == 3);
	CHECK(prints(h, "-10.5", "-10.5", "-15.00..-10.01") &&
	    prints(h, "-0.01", "0", "-5.00..4.99"));
	hierarchy_free(h);
	h = grid((struct hierarchy_grid){ .min = 7, .max = 7, .step = 1 });
	CHECK(h != NULL && hierarchy_leaves(h) == 1 && hierarchy_cost(h, 0, 0) == 0);
	hierarchy_free(h);
	CHECK(grid((struct hierarchy_grid){ .min = 1, .max = 0, .step = 1 }) == NULL);
	CHECK(grid((struct hierarchy_grid){ .max = 9, .step = 0 }) == NULL);
	CHECK(grid((struct hierarchy_grid){ .max = 9, .step = 1, .decimals = 10 }) == NULL &&
	    diag.text[0] != '\0');
	CHECK(grid((struct hierarchy_grid){ .max = 32000, .step = 1 }) == NULL);
	h = grid((struct hierarchy_grid){ .max = 31999, .step = 1 });
	CHECK(h != NULL && hierarchy_costs(h) == NULL &&
	    hierarchy_cost(h, 0, 31999) == HIERARCHY_ONE);
	hierarchy_free(h);
}

static struct hierarchy *dates(const char *from, const char *to, enum hierarchy_date finest)
{
	struct hierarchy *h = NULL;

	(void)!hierarchy_of_dates(sc_span_str(from), sc_span_str(to), finest, &diag, &h);
	return h;
}

static void test_dates(void)
{
	struct hierarchy *h = dates("2024-02-28", "2025-04-01", HIERARCHY_DAY);

	NEED(h != NULL);
	CHECK(hierarchy_leaves(h) == 399 && hierarchy_levels(h) == 5);
	CHECK(leaf(h, "2024-02-29") == 1 && leaf(h, "2025-02-29") == UINT16_MAX &&
	    leaf(h, "2024-02-27") == UINT16_MAX);
	CHECK(prints(h, "2024-03-01", "2024-03-01", "2024-03-01") &&
	    prints(h, "2024-03-01", "2024-03-31", "2024-03"));
	CHECK(prints(h, "2024-04-30", "2024-05-01", "2024-Q2") &&
	    prints(h, "2024-06-30", "2024-07-01", "2024"));
	CHECK(prints(h, "2024-12-31", "2025-01-01", "*"));
	hierarchy_free(h);
	h = dates("2024-02-28", "2025-04-01", HIERARCHY_QUARTER);
	NEED(h != NULL);
	CHECK(hierarchy_leaves(h) == 6 && prints(h, "2024-02-29", "2024-03-01", "2024-Q1"));
	hierarchy_free(h);
	h = dates("2024-01-01", "2024-12-31", HIERARCHY_YEAR);
	CHECK(
	    h != NULL && hierarchy_levels(h) == 1 && prints(h, "2024-01-01", "2024-06-01", "2024"));
	hierarchy_free(h);
	CHECK(dates("2024-01-02", "2024-01-01", HIERARCHY_DAY) == NULL &&
	    dates("2024-13-01", "2025-01-01", HIERARCHY_DAY) == NULL);
	CHECK(dates("1900-01-01", "2024-01-01", HIERARCHY_DAY) == NULL &&
	    dates("2024-1-1", "2025-01-01", HIERARCHY_DAY) == NULL);
}

static void test_prefixes(void)
{
	const struct sc_span values[] = { SC_LIT("9712"), SC_LIT("1234"), SC_LIT("1299"),
		SC_LIT("\xc3\xa4"
		       "bc"),
		SC_LIT("\"q"), { NULL, 0 } };
	const size_t lengths[] = { 2, 1 }, rising[] = { 1, 2 }, none[] = { 0 };
	struct hierarchy *h = NULL;

	NEED(hierarchy_of_prefixes(values, 6, lengths, 2, &diag, &h) == SC_OK);
	CHECK(hierarchy_leaves(h) == 6 && prints(h, "1234", "1299", "12*") &&
	    prints(h, "1234", "9712", "*"));
	CHECK(prints(h,
		  "\xc3\xa4"
		  "bc",
		  "\xc3\xa4"
		  "bc",
		  "\xc3\xa4"
		  "bc") &&
	    leaf(h, "\"q") != UINT16_MAX);
	hierarchy_free(h);
	CHECK(hierarchy_of_prefixes(values, 6, rising, 2, &diag, &h) == SC_SYNTAX && h == NULL);
	CHECK(hierarchy_of_prefixes(values, 6, none, 1, &diag, &h) == SC_SYNTAX && h == NULL);
	CHECK(hierarchy_of_prefixes(values, 0, lengths, 2, &diag, &h) == SC_SYNTAX && h == NULL);
}

int main(void)
{
	RUN(test_tree, "a text of ARX's form is a tree, its leaves along it");
	RUN(test_refused, "what contradicts itself is refused, with its line");
	RUN(test_against_naive, "two leaves are generalised to the smallest node that has both");
	RUN(test_grid, "a grid publishes whole steps alone");
	RUN(test_dates, "days become months, quarters and years");
	RUN(test_prefixes, "values become their first characters");
	return tap_done();
}
