/*
 * recode_cut.c - which cuts of a set are best: what is gained, by the evenness of the parts.
 *
 * The score is gain / H^0.75, H the entropy of the parts' sizes: a gain that costs a fine
 * division now could have been had later. It is compared by its logarithm. A keyed draw
 * moves it by 2 % at most, so that an attacker who knows the method does not know the cut.
 */
#include "analytics/recode/recode_private.h"

#define EXACT_ITEMS 1500u /* in larger sets, what is borrowed is estimated */
#define NOISE 488996      /* -log2(0.98), FIXED_BITS */

/* A set that is looked at. */
struct cut_view {
	struct recode *r;
	const struct recode_group *g;
	struct recode_cuts *out;
	uint64_t before, lot;
	uint32_t log_all;
	size_t column, level;
};

/* What the parts of a cut come to. */
struct cut_sum {
	uint64_t after, wlogw;
};

static inline void sum_add(const struct cut_view *v, struct cut_sum *s, uint32_t rows,
    uint32_t cost)
{
	s->after += (uint64_t)rows * cost;
	s->wlogw += (uint64_t)rows * fixed_log2(&v->r->logs, rows);
}

/* INT64_MIN: nothing is gained. */
static int64_t score_of(const struct cut_view *v, const struct cut_sum *s)
{
	int64_t h;

	if (s->after >= v->before)
		return INT64_MIN;
	h = (int64_t)v->log_all - (int64_t)(s->wlogw / v->g->part.rows);
	if (h < 1)
		h = 1;
	return (int64_t)fixed_log2(&v->r->logs, v->before - s->after) -
	    (int64_t)fixed_log2(&v->r->logs, (uint64_t)h) * 3 / 4;
}

static void offer(const struct cut_view *v, const struct cut_sum *s, enum recode_cut_kind kind,
    int16_t lo, int16_t hi)
{
	struct recode_cuts *out = v->out;
	struct recode_cut c = { score_of(v, s), kind, (uint8_t)v->column, (uint8_t)v->level, lo,
		hi };
	const uint64_t name = (uint64_t)kind << 40 | (uint64_t)v->column << 32 |
	    (uint64_t)(uint16_t)lo << 16 | (uint64_t)(uint16_t)hi;
	size_t i;

	if (c.score == INT64_MIN)
		return;
	c.score -= (int64_t)((recode_mix(v->lot + name) >> 40) * NOISE >> 24);
	for (i = out->n; i > 0 && out->v[i - 1].score < c.score; i--)
		continue;
	/* the same cut at another level */
	if (i == out->want || (i > 0 && out->v[i - 1].score == c.score))
		return;
	if (out->n < out->want)
		out->n++;
	for (size_t j = out->n - 1; j > i; j--)
		out->v[j] = out->v[j - 1];
	out->v[i] = c;
}

/* Could a cut of this sum still be among the best? */
static bool is_wanted(const struct cut_view *v, const struct cut_sum *s)
{
	const int64_t score = score_of(v, s);

	return score != INT64_MIN &&
	    (v->out->n < v->out->want || score > v->out->v[v->out->n - 1].score);
}

static int16_t lo_of(const struct cut_view *v, size_t i)
{
	return v->r->scan.part[i].box.lo[v->column];
}

static int16_t hi_of(const struct cut_view *v, size_t i)
{
	return v->r->scan.part[i].box.hi[v->column];
}

/* Two parts, LEFT and RIGHT of the scan. */
static void offer_two(const struct cut_view *v, enum recode_cut_kind kind, int16_t lo, int16_t hi)
{
	const struct recode_scan *s = &v->r->scan;
	struct cut_sum sum = { 0 };

	sum_add(v, &sum, s->left.rows, box_cost(v->r, &s->left.box));
	sum_add(v, &sum, s->right.rows, box_cost(v->r, &s->right.box));
	offer(v, &sum, kind, lo, hi);
}

/* Boxes of all parts from each on. */
static void join_after(struct recode *r)
{
	struct recode_scan *s = &r->scan;

	s->after[s->n - 1] = s->part[s->n - 1].box;
	for (size_t i = s->n - 1; i-- > 0;) {
		s->after[i] = s->part[i].box;
		box_join(&s->after[i], &s->after[i + 1], r->wide);
	}
}

/* One node against the rest. */
static void try_children(const struct cut_view *v)
{
	struct recode *r = v->r;
	struct recode_scan *s = &r->scan;
	struct recode_box before = s->part[0].box;

	for (size_t i = 0; i < s->n; i++) {
		if (s->good[i]) {
			s->right.box = i + 1 < s->n ? s->after[i + 1] : before;
			if (i > 0)
				box_join(&s->right.box, &before, r->wide);
			part_less(r, &s->right, &v->g->part, &s->part[i]);
			if (part_ok(r, &s->right)) {
				part_copy(r, &s->left, &s->part[i]);
				offer_two(v, CUT_CHILD, lo_of(v, i), hi_of(v, i));
			}
		}
		box_join(&before, &s->part[i].box, r->wide);
	}
}

/* A grid at every edge. */
static void try_below(const struct cut_view *v)
{
	struct recode *r = v->r;
	struct recode_scan *s = &r->scan;

	part_copy(r, &s->left, &s->part[0]);
	for (size_t i = 0; i + 1 < s->n; i++) {
		if (i > 0)
			part_join(r, &s->left, &s->part[i]);
		part_less(r, &s->right, &v->g->part, &s->left);
		s->right.box = s->after[i + 1];
		if (part_ok(r, &s->left) && part_ok(r, &s->right))
			offer_two(v, CUT_BELOW, 0, hi_of(v, i));
	}
}

static size_t smallest_good(const struct recode_scan *s)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < s->n; i++)
		if (s->good[i] && (best == SIZE_MAX || s->part[i].rows < s->part[best].rows))
			best = i;
	return best;
}

/* The rest takes whole parts, the smallest first, until it is well. */
static void try_absorb(const struct cut_view *v, struct cut_sum sum, size_t n_good)
{
	struct recode *r = v->r;
	struct recode_scan *s = &r->scan;

	while (n_good > 1 && !part_ok(r, &s->rest)) {
		const size_t i = smallest_good(s);
		struct cut_sum less = { 0 };

		sum_add(v, &less, s->part[i].rows, s->cost[i]);
		sum.after -= less.after;
		sum.wlogw -= less.wlogw;
		part_join(r, &s->rest, &s->part[i]);
		s->good[i] = false;
		n_good--;
	}
	if (n_good == 0 || !part_ok(r, &s->rest))
		return;
	sum_add(v, &sum, s->rest.rows, box_cost(r, &s->rest.box));
	offer(v, &sum, CUT_ABSORB, (int16_t)v->level, 0);
}

/* Which part each leaf is of; the small ones none. */
static void number_parts(const struct cut_view *v)
{
	struct recode_scan *s = &v->r->scan;

	for (size_t i = 0; i < s->n; i++)
		for (int16_t leaf = lo_of(v, i); leaf <= hi_of(v, i); leaf++)
			s->part_of[leaf] = s->good[i] ? (uint16_t)i : NO_PART;
}

static void give_back(const struct cut_view *v)
{
	struct recode *r = v->r;

	for (size_t i = 0; i < r->n_loans; i++) {
		const struct recode_unit *u = unit_at(r, v->g->units, r->loans[i].unit);

		part_count(r, &r->scan.part[r->scan.part_of[u->v[v->column]]], u->kind,
		    r->loans[i].w);
	}
}

static void borrow_exactly(const struct cut_view *v)
{
	struct recode *r = v->r;
	struct recode_scan *s = &r->scan;
	struct cut_sum sum = { 0 };
	bool ok;

	number_parts(v);
	part_copy(r, &s->left, &s->rest);
	ok = recode_borrow(r, v->g, v->column, s->part, &s->left);
	if (ok) {
		for (size_t i = 0; i < s->n; i++)
			if (s->good[i])
				sum_add(v, &sum, s->part[i].rows, s->cost[i]);
		sum_add(v, &sum, s->left.rows, box_cost(r, &s->left.box));
	}
	give_back(v);
	if (ok)
		offer(v, &sum, CUT_BORROW, (int16_t)v->level, 0);
}

/* As if the largest part gave what is missing, and only this column widened for it. */
static void borrow_roughly(const struct cut_view *v, struct cut_sum sum)
{
	struct recode *r = v->r;
	struct recode_scan *s = &r->scan;
	struct recode_box box = s->rest.box;
	const uint32_t lack = s->rest.people < r->k ? r->k - s->rest.people : 1;
	struct cut_sum less = { 0 };
	size_t big = SIZE_MAX;

	for (size_t i = 0; i < s->n; i++)
		if (s->good[i] && (big == SIZE_MAX || s->part[i].rows > s->part[big].rows))
			big = i;
	if (s->part[big].people < r->k + lack || s->part[big].rows <= lack)
		return;
	sum_add(v, &less, s->part[big].rows, s->cost[big]);
	sum.after -= less.after;
	sum.wlogw -= less.wlogw;
	sum_add(v, &sum, s->part[big].rows - lack, s->cost[big]);
	if (box.lo[v->column] > hi_of(v, big))
		box.lo[v->column] = hi_of(v, big);
	if (box.hi[v->column] < lo_of(v, big))
		box.hi[v->column] = lo_of(v, big);
	sum_add(v, &sum, s->rest.rows + lack, box_cost(r, &box));
	offer(v, &sum, CUT_BORROW, (int16_t)v->level, 0);
}

static void try_borrow(const struct cut_view *v, const struct cut_sum *good)
{
	const struct recode_scan *s = &v->r->scan;
	struct cut_sum hoped = *good;

	sum_add(v, &hoped, s->rest.rows, box_cost(v->r, &s->rest.box));
	if (!is_wanted(v, &hoped))
		return;
	if (v->g->n <= EXACT_ITEMS)
		borrow_exactly(v);
	else
		borrow_roughly(v, *good);
}

/* All nodes of the level, those too small together. */
static void try_level(const struct cut_view *v)
{
	struct recode *r = v->r;
	struct recode_scan *s = &r->scan;
	struct cut_sum sum = { 0 };
	size_t n_good = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->good[i]) {
			n_good++;
			sum_add(v, &sum, s->part[i].rows, s->cost[i]);
		} else if (i == n_good) { /* the first of them */
			part_copy(r, &s->rest, &s->part[i]);
		} else {
			part_join(r, &s->rest, &s->part[i]);
		}
	}
	if (n_good == 0)
		return;
	if (n_good < s->n && !part_ok(r, &s->rest)) {
		try_borrow(v, &sum);
		try_absorb(v, sum, n_good);
		return;
	}
	if (n_good < s->n)
		sum_add(v, &sum, s->rest.rows, box_cost(r, &s->rest.box));
	offer(v, &sum, CUT_POOL, (int16_t)v->level, 0);
}

static void look_at_level(const struct cut_view *v)
{
	struct recode *r = v->r;
	struct recode_scan *s = &r->scan;

	for (size_t i = 0; i < s->n; i++) {
		s->good[i] = part_ok(r, &s->part[i]);
		if (s->good[i])
			s->cost[i] = box_cost(r, &s->part[i].box);
	}
	if (s->n > 2) {
		join_after(r);
		try_children(v);
		if (v->level == 0 && r->col[v->column].grid)
			try_below(v);
	}
	try_level(v);
}

void recode_cuts_find(struct recode *r, const struct recode_group *g, struct recode_cuts *out)
{
	struct cut_view v = { .r = r, .g = g, .out = out };

	out->n = 0;
	v.before = (uint64_t)g->part.rows * g->cost;
	v.lot = recode_draw(r, &g->part, 0);
	v.log_all = fixed_log2(&r->logs, g->part.rows);
	for (v.column = 0; v.column < r->m; v.column++) {
		if (g->part.box.lo[v.column] == g->part.box.hi[v.column])
			continue;
		recode_scan_units(r, g, v.column);
		v.level = 0;
		look_at_level(&v);
		for (v.level = 1; v.level < r->col[v.column].levels; v.level++) {
			const bool changed = recode_scan_level(r, v.column, v.level);

			if (r->scan.n == 1)
				break;
			if (changed)
				look_at_level(&v);
		}
	}
}
