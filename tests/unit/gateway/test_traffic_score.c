/*
 * test_traffic_score.c - labelled traffic through all rules: how many robots are found, how many
 * people are lost, and what marketing's figures come to.
 *
 * A twelfth of the traffic of each world; with DEEP=1 all of it and three seeds. SEEDS="1 2" chooses,
 * SCALE=1000, TABLE=1 prints the tables.
 */
#include "gateway/traffic/traffic.h"

#include "tap.h"
#include "traffic_gen.h"

#include <time.h>

enum fate { IN, REFUSED, TWICE, ASIDE };

/* Which event of the traffic an id stands for: the first that was kept. */
struct ids {
	uint64_t *key;
	uint32_t *at;
	size_t room;
};

struct label_score {
	size_t n, found;
};
struct figures {
	double visitors, views, orders, account_views, categories[64];
};
struct score {
	struct gen_traffic t;
	uint8_t *fate, *rule;
	struct ids ids;
	struct label_score labels[GEN_LABELS];
	struct figures truth, nothing, result;
	size_t by_rule[FEED_RULE_END];
	uint64_t arrive_ms, snapshot_ms;
};

static bool table;
static unsigned scale = 83;

static uint32_t *ids_at(struct ids *s, uint64_t id)
{
	size_t i = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->room - 1);

	while (s->key[i] != 0 && s->key[i] != id)
		i = (i + 1) & (s->room - 1);
	s->key[i] = id;
	return &s->at[i];
}

static enum sc_err say(void *arg, const struct feed_verdict *v)
{
	struct score *s = arg;
	uint32_t at;

	if (v->rule == FEED_NO_RULE)
		return SC_OK;
	at = *ids_at(&s->ids, v->event);
	if (at == 0 || v->action != FEED_QUARANTINE || s->fate[at - 1] != IN)
		return SC_BUG;
	s->fate[at - 1] = ASIDE;
	s->rule[at - 1] = v->rule;
	return SC_OK;
}

static bool score_begin(struct score *s, enum gen_world world, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	traffic_gen(world, scale, seed, &s->t);
	s->fate = calloc(s->t.n, 1);
	s->rule = calloc(s->t.n, 1);
	for (s->ids.room = 1024; s->ids.room < s->t.n * 2;)
		s->ids.room *= 2;
	s->ids.key = calloc(s->ids.room, sizeof(uint64_t));
	s->ids.at = calloc(s->ids.room, sizeof(uint32_t));
	return s->fate != NULL && s->rule != NULL && s->ids.key != NULL && s->ids.at != NULL;
}

static void score_end(struct score *s)
{
	traffic_gen_free(&s->t);
	free(s->fate);
	free(s->rule);
	free(s->ids.key);
	free(s->ids.at);
}

static uint64_t cpu_ms(void)
{
	return (uint64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

static bool run(struct score *s)
{
	static struct collect_site site;
	static const struct collect_settings settings = { .sites = &site, .n_sites = 1 };
	struct sc_diag d = { 0 };
	struct traffic *r;
	struct feed_verdict v;
	uint64_t began = cpu_ms();
	enum sc_err err;
	bool refused;

	if (traffic_new(&settings, NULL, (size_t)256 << 20, &d, &r) != SC_OK)
		return false;
	for (size_t i = 0; i < s->t.n; i++) {
		uint32_t *at;

		traffic_arrive(r, &s->t.v[i].e, &v, &refused);
		s->rule[i] = v.rule;
		if (refused) {
			s->fate[i] = REFUSED;
			continue;
		}
		at = ids_at(&s->ids, s->t.v[i].e.event.id);
		if (*at != 0)
			s->fate[i] = TWICE;
		else if (v.action == FEED_QUARANTINE)
			s->fate[i] = ASIDE;
		if (*at == 0)
			*at = (uint32_t)i + 1;
	}
	s->arrive_ms = cpu_ms() - began;
	began = cpu_ms();
	err = traffic_snapshot(r, s->t.end_ms, say, s);
	s->snapshot_ms = cpu_ms() - began;
	/* again: nothing is said twice */
	if (err == SC_OK)
		err = traffic_snapshot(r, s->t.end_ms, say, s);
	traffic_free(r);
	return err == SC_OK;
}

/* ---- figures ------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

typedef bool counts_fn(const struct score *s, size_t i);

static bool real(const struct score *s, size_t i)
{
	return gen_labels[s->t.v[i].label].what < GEN_FARM && !s->t.v[i].again;
}

static bool anything(const struct score *s, size_t i)
{
	(void)s;
	(void)i;
	return true;
}

static bool kept(const struct score *s, size_t i)
{
	return s->fate[i] == IN;
}

static void figures_of(const struct score *s, counts_fn *counts, struct figures *out)
{
	uint64_t *devices = calloc(s->t.n, sizeof(uint64_t));
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < s->t.n; i++) {
		const struct gen_event *e = &s->t.v[i];

		if (!counts(s, i))
			continue;
		if (e->e.event.device != 0)
			devices[n++] = e->e.event.device;
		out->orders += e->e.vouched && e->e.event.kind == FEED_PURCHASE;
		if (e->e.event.kind != FEED_PRODUCT)
			continue;
		out->views++;
		out->account_views += e->account != 0;
		out->categories[e->category % 64] += e->account != 0;
	}
	qsort(devices, n, sizeof(*devices), by_number);
	for (size_t i = 0; i < n; i++)
		out->visitors += i == 0 || devices[i] != devices[i - 1];
	free(devices);
}

static double off(double x, double truth)
{
	return truth == 0 ? 0 : (x - truth) * 100 / truth;
}

static double shift(const struct figures *a, const struct figures *b)
{
	double sum = 0;

	for (size_t i = 0; i < 64; i++) {
		const double d = a->categories[i] / (a->account_views + 1e-9) -
		    b->categories[i] / (b->account_views + 1e-9);

		sum += d < 0 ? -d : d;
	}
	return sum / 2;
}

/* ---- the table ------------------------------------------------------------------------------ */

static void count_labels(struct score *s)
{
	for (size_t i = 0; i < s->t.n; i++) {
		struct label_score *l = &s->labels[s->t.v[i].label];

		if (s->t.v[i].again)
			continue;
		l->n++;
		l->found += s->fate[i] != IN;
		s->by_rule[s->rule[i]] += s->fate[i] != IN;
	}
}

static double share(const struct label_score *l)
{
	return l->n == 0 ? 0 : (double)l->found * 100 / (double)l->n;
}

static void print_rules(const struct score *s, unsigned label)
{
	for (unsigned r = 1; r < FEED_RULE_END; r++) {
		size_t n = 0;

		for (size_t i = 0; i < s->t.n; i++)
			n += s->t.v[i].label == label && s->rule[i] == r && s->fate[i] != IN &&
			    !s->t.v[i].again;
		if (n > 0)
			printf(" %s %zu", feed_rules[r].name, n);
	}
	printf("\n");
}

static void print_figures(const char *name, const struct figures *f, const struct figures *t)
{
	printf("#   %-10s visitors %+.1f %%, views %+.1f %%, orders %+.2f %%, account views %+.2f "
	       "%%, categories %.4f\n",
	    name, off(f->visitors, t->visitors), off(f->views, t->views), off(f->orders, t->orders),
	    off(f->account_views, t->account_views), shift(f, t));
}

static void print_table(const struct score *s, const char *name, uint64_t seed)
{
	printf("# %s, seed %llu: %zu events, arrival %llu ms, snapshots %llu ms\n", name,
	    (unsigned long long)seed, s->t.n, (unsigned long long)s->arrive_ms,
	    (unsigned long long)s->snapshot_ms);
	for (unsigned i = 0; i < GEN_LABELS; i++)
		if (s->labels[i].n > 0) {
			printf("#   %-24s %8zu  %7.3f %% ", gen_labels[i].name, s->labels[i].n,
			    share(&s->labels[i]));
			print_rules(s, i);
		}
	print_figures("nothing", &s->nothing, &s->truth);
	print_figures("snapshot", &s->result, &s->truth);
}

/* ---- what must hold --------------------------------------------------------------------------- */

struct bound {
	enum gen_world world;
	const char *name;
	double farms, others; /* per cent found, at least */
};
static const struct bound bounds[] = {
	{ GEN_EASY, "easy", 98, 98 },
	{ GEN_ADAPTED, "adapted", 85, 85 },
	{ GEN_ANOTHER, "another shop", 90, 75 },
};

static void hold_labels(const struct score *s, const struct bound *b)
{
	struct label_score people = { 0 }, farms = { 0 }, others = { 0 };

	for (unsigned i = 0; i < GEN_LABELS; i++) {
		const uint8_t what = gen_labels[i].what;
		struct label_score *to = what == GEN_FARM ? &farms :
		    what == GEN_OTHER_BOT                 ? &others :
		    what == GEN_APART                     ? NULL :
							    &people;

		if (to != NULL) {
			to->n += s->labels[i].n;
			to->found += s->labels[i].found;
		}
		if (what == GEN_AWKWARD && share(&s->labels[i]) > 1) {
			printf("# lost of %s: %.2f %%\n", gen_labels[i].name, share(&s->labels[i]));
			CHECK(share(&s->labels[i]) <= 1);
		}
	}
	if (table)
		printf(
		    "#   people lost %.3f %%; farms and crawlers found %.2f %%, others %.2f %%\n",
		    share(&people), share(&farms), share(&others));
	CHECK(share(&people) <= .1);
	CHECK(share(&farms) >= b->farms);
	CHECK(share(&others) >= b->others);
}

static bool within(double x, double truth)
{
	return off(x, truth) <= 2 && off(x, truth) >= -2;
}

static void hold(const struct bound *b, uint64_t seed)
{
	struct score s;

	NEED(score_begin(&s, b->world, seed));
	NEED(run(&s));
	count_labels(&s);
	figures_of(&s, real, &s.truth);
	figures_of(&s, anything, &s.nothing);
	figures_of(&s, kept, &s.result);
	if (table)
		print_table(&s, b->name, seed);
	hold_labels(&s, b);
	for (size_t i = 0; i < s.t.n; i++)
		if (s.t.v[i].again && s.fate[i] == IN)
			CHECK(!"a retry counted twice");
	CHECK(within(s.result.account_views, s.truth.account_views));
	CHECK(within(s.result.orders, s.truth.orders));
	CHECK(shift(&s.result, &s.truth) <= .02);
	score_end(&s);
}

static void each_seed(const struct bound *b)
{
	const char *seeds = getenv("SEEDS");
	char *end;

	if (seeds == NULL)
		seeds = getenv("DEEP") != NULL ? "1 2 3" : "1";
	for (uint64_t seed; (seed = strtoull(seeds, &end, 10)) != 0; seeds = end)
		hold(b, seed);
}

static void test_easy(void)
{
	each_seed(&bounds[0]);
}

static void test_adapted(void)
{
	each_seed(&bounds[1]);
}

static void test_another(void)
{
	each_seed(&bounds[2]);
}

int main(void)
{
	const char *of = getenv("SCALE");

	table = getenv("TABLE") != NULL || getenv("DEEP") != NULL;
	if (getenv("DEEP") != NULL)
		scale = 1000;
	if (of != NULL)
		scale = (unsigned)strtoul(of, NULL, 10);
	RUN(test_easy, "robots as they are: found, and people left alone");
	RUN(test_adapted, "robots that know the rules");
	RUN(test_another, "another shop's people and robots");
	return tap_done();
}
