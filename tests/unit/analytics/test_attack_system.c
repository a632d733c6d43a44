/*
 * test_attack_system.c - ranges against all whole-number solutions, one by one.
 *
 * The bounds may be wider than the truth (a linear program knows no whole numbers), never
 * narrower; what is shown by a witness is true; and what is truly narrow is never shown wide.
 */
#include "analytics/cube/attack_system.h"
#include "tap.h"

#define VARS 6
#define RULES 6
#define MOST 5

struct oracle {
	int n, n_rules;
	int lo[VARS], hi[VARS];
	int by[RULES][VARS], least[RULES], most[RULES];
	bool loose[RULES];
	/* over all solutions */
	long solutions;
	int min[VARS], max[VARS];
};

static uint32_t state = 1;

static unsigned roll(unsigned n)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % n;
}

/* Three of four are made around a solution. */
static void make(struct oracle *o)
{
	const bool sound = roll(4) != 0;
	int x[VARS];

	memset(o, 0, sizeof(*o));
	o->n = 2 + (int)roll(VARS - 1);
	o->n_rules = 1 + (int)roll(RULES);
	for (int v = 0; v < o->n; v++) {
		o->lo[v] = (int)roll(2);
		o->hi[v] = o->lo[v] + (int)roll(MOST);
		x[v] = o->lo[v] + (int)roll((unsigned)(o->hi[v] - o->lo[v]) + 1);
	}
	for (int r = 0; r < o->n_rules; r++) {
		for (int v = 0; v < o->n; v++)
			o->by[r][v] = roll(2) == 0 ? 0 : roll(3) == 0 ? -1 : 1;
		o->least[r] = sound ? -(int)roll(3) : (int)roll(10) - 2;
		for (int v = 0; sound && v < o->n; v++)
			o->least[r] += o->by[r][v] * x[v];
		o->most[r] = o->least[r] + (sound ? 2 : 0) + (int)(roll(2) == 0 ? 0 : roll(5));
	}
}

static bool keeps(const struct oracle *o, const int *x)
{
	for (int r = 0; r < o->n_rules; r++) {
		int sum = 0;

		for (int v = 0; v < o->n; v++)
			sum += o->by[r][v] * x[v];
		if (sum < o->least[r] || sum > o->most[r])
			return false;
	}
	return true;
}

/* Every assignment; OF two numbers' difference too, in place of the last number. */
static void enumerate(struct oracle *o, int a, int b, int *least, int *most)
{
	int x[VARS];

	memcpy(x, o->lo, sizeof(x));
	o->solutions = 0;
	*least = 100;
	*most = -100;
	for (bool more = true; more;) {
		if (keeps(o, x)) {
			const int d = x[a] - (b < 0 ? 0 : x[b]);

			o->solutions++;
			*least = d < *least ? d : *least;
			*most = d > *most ? d : *most;
		}
		more = false;
		for (int v = 0; v < o->n && !more; v++) {
			more = x[v] < o->hi[v];
			x[v] = more ? x[v] + 1 : o->lo[v];
		}
	}
}

static enum sc_err build(const struct oracle *o, struct attack_system *s)
{
	enum sc_err err = SC_OK;
	uint32_t var;
	uint16_t tag;

	for (int v = 0; err == SC_OK && v < o->n; v++)
		err = attack_system_var(s, o->lo[v], o->hi[v], &var);
	for (int r = 0; err == SC_OK && r < o->n_rules; r++) {
		err = attack_system_rule(s, o->least[r], o->most[r], o->loose[r], 0);
		for (int v = 0; err == SC_OK && v < o->n; v++)
			if (o->by[r][v] != 0)
				err = attack_system_term(s, (uint32_t)v, o->by[r][v]);
	}
	return err == SC_OK ? attack_system_settle(s, &tag) : err;
}

static int exact, wider, doubtful, infeasible, no_whole;

static void ask(struct oracle *o, struct attack_system *s, int a, int b, int enough)
{
	const struct attack_term terms[] = { { (uint32_t)a, 1 },
		{ (uint32_t)(b < 0 ? a : b), -1 } };
	struct attack_range r;
	int least, most;

	enumerate(o, a, b, &least, &most);
	CHECK(attack_system_range(s, terms, b < 0 ? 1 : 2, enough, false, &r) == SC_OK);
	if (o->solutions == 0)
		return;
	CHECK(r.lo <= least && r.hi >= most);
	if (r.seen_lo <= r.seen_hi)
		CHECK(r.seen_lo >= least && r.seen_hi <= most);
	/* narrow in truth: never seen wide */
	if (most - least < enough)
		CHECK(r.seen_lo > r.seen_hi || r.seen_hi - r.seen_lo < enough);
	else if (r.seen_lo > r.seen_hi || r.seen_hi - r.seen_lo < enough)
		doubtful++;
	if (most - least < enough && r.hi - r.lo >= enough)
		wider++;
	else
		exact++;
}

static void test_oracle(void)
{
	for (int round = 0; round < 4000; round++) {
		struct attack_system s = { 0 };
		struct oracle o;
		int least, most;
		enum sc_err err;

		make(&o);
		enumerate(&o, 0, -1, &least, &most);
		err = build(&o, &s);
		CHECK(err == SC_OK || err == SC_CORRUPT);
		if (err == SC_CORRUPT)
			CHECK(o.solutions == 0);
		infeasible += err == SC_CORRUPT;
		no_whole += err == SC_OK && o.solutions == 0;
		for (int enough = 1; err == SC_OK && enough <= 4; enough++)
			for (int a = 0; a < o.n; a++) {
				ask(&o, &s, a, -1, enough);
				ask(&o, &s, a, (a + 1) % o.n, enough);
			}
		attack_system_fini(&s);
	}
	printf("# %d exact, %d narrow but not shown so, %d wide but not shown so;"
	       " %d contradictions, %d of whole numbers alone\n",
	    exact, wider, doubtful, infeasible, no_whole);
	CHECK(exact > 50000 && infeasible > 100);
	/* what is refused though it need not be is rare */
	CHECK(doubtful * 200 < exact);
}

/* What loose rules contradict is forgotten, and the rest stands. */
static void test_loose(void)
{
	for (int round = 0; round < 2000; round++) {
		struct attack_system s = { 0 };
		struct oracle o, firm;
		int least, most;
		enum sc_err err;

		make(&o);
		firm = o;
		for (int r = 0; r < o.n_rules; r++)
			o.loose[r] = roll(2) == 0;
		firm.n_rules = 0;
		for (int r = 0; r < o.n_rules; r++)
			if (!o.loose[r]) {
				memcpy(firm.by[firm.n_rules], o.by[r], sizeof(o.by[r]));
				firm.least[firm.n_rules] = o.least[r];
				firm.most[firm.n_rules++] = o.most[r];
			}
		enumerate(&firm, 0, -1, &least, &most);
		err = build(&o, &s);
		CHECK(err == SC_OK || (err == SC_CORRUPT && firm.solutions == 0));
		attack_system_fini(&s);
	}
}

/*
 * Three halves: x + y, y + z and x + z are all 1 to 1 in whole numbers nowhere, and as a
 * linear program at a half each. It is no contradiction that can be shown: all is in doubt.
 */
static void test_halves(void)
{
	const struct oracle o = { .n = 3,
		.n_rules = 3,
		.hi = { 9, 9, 9 },
		.by = { { 1, 1, 0 }, { 0, 1, 1 }, { 1, 0, 1 } },
		.least = { 21, 21, 21 },
		.most = { 21, 21, 21 } };
	struct oracle halves = o;
	struct attack_system s = { 0 };
	struct attack_range r;

	CHECK(build(&o, &s) == SC_CORRUPT); /* out of their bounds */
	attack_system_fini(&s);
	for (int v = 0; v < 3; v++)
		halves.hi[v] = 21;
	CHECK(build(&halves, &s) == SC_OK);
	CHECK(attack_system_range(&s, &(struct attack_term){ 0, 1 }, 1, 10, false, &r) == SC_OK);
	CHECK(r.seen_lo > r.seen_hi);
	attack_system_fini(&s);
}

/* Bounds alone leave 0 to 20 of each; together they are fixed: only a linear program says so. */
static void test_program_needed(void)
{
	/* a table of 2 x 2 by lines, and diagonals: a+b, c+d, a+c, b+d, a+d, b+c are all 20 */
	const struct oracle o = { .n = 4,
		.n_rules = 6,
		.hi = { 20, 20, 20, 20 },
		.by = { { 1, 1, 0, 0 }, { 0, 0, 1, 1 }, { 1, 0, 1, 0 }, { 0, 1, 0, 1 },
		    { 1, 0, 0, 1 }, { 0, 1, 1, 0 } },
		.least = { 20, 20, 20, 20, 20, 20 },
		.most = { 20, 20, 20, 20, 20, 20 } };
	struct attack_system s = { 0 };
	struct attack_range r;

	CHECK(build(&o, &s) == SC_OK);
	for (uint32_t v = 0; v < 4; v++) {
		CHECK(s.lo[v] == 0 && s.hi[v] == 20);
		CHECK(attack_system_range(&s, &(struct attack_term){ v, 1 }, 1, 10, false, &r) ==
		    SC_OK);
		CHECK(r.lo == 10 && r.hi == 10);
	}
	CHECK(s.programs > 0);
	attack_system_fini(&s);
}

static void test_empty(void)
{
	struct attack_system s = { 0 };
	uint16_t tag;

	CHECK(attack_system_settle(&s, &tag) == SC_OK);
	attack_system_fini(&s);
}

int main(void)
{
	RUN(test_oracle, "ranges hold all whole solutions, and nothing narrow is shown wide");
	RUN(test_loose, "loose rules that contradict are forgotten");
	RUN(test_halves, "where only halves fit, nothing is shown");
	RUN(test_program_needed, "what bounds alone do not say a linear program does");
	RUN(test_empty, "nothing is settled");
	return tap_done();
}
