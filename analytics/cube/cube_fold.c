/*
 * cube_fold.c - cells that may not be published are folded into neighbours, losing as few
 * people from cells of their own as can be.
 *
 * Members of A first, then, of each group of them, those of B: a row is a rectangle. Along
 * an ordered axis the best way to cut it into ranges is found by looking at all of them;
 * along another, small members go together as they are declared, and only what is left
 * over joins a group or the smallest member that stands alone. What nobody is in goes nowhere,
 * but where it lies within a range.
 */
#include "analytics/cube/cube_private.h"

#include "base/grow.h"
#include "base/weak.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* ---- what may be published --------------------------------------------------------------- */

bool cube_may_differ(uint64_t whole, uint64_t part)
{
	return part >= whole || whole - part >= CUBE_FLOOR;
}

static bool is_in(const struct cube_rect *r, uint16_t a)
{
	for (size_t i = 0; i < r->n_a; i++)
		if (r->a[i] == a)
			return true;
	return false;
}

/*
 * Of PEOPLE who bought of the members of CELLS, how many more looked at them: what the rows
 * of visitors say of it must not come down to a few people.
 */
static bool visitors_allow(const struct cube_folded *v, const struct cube_rect *cells,
    uint64_t people)
{
	uint64_t least = people, most = 0;

	for (size_t i = 0; i < v->n; i++) {
		size_t in = 0;

		for (size_t k = 0; k < v->v[i].cells.n_a; k++)
			in += is_in(cells, v->v[i].cells.a[k]);
		if (in == 0)
			continue;
		most += v->v[i].stats.people;
		if (in == v->v[i].cells.n_a && v->v[i].stats.people > least)
			least = v->v[i].stats.people;
	}
	return most <= people || least - people >= CUBE_FLOOR || most - least >= CUBE_FLOOR;
}

/* What the two who spent most cannot tell of each other: the others' is half of the first's or more. */
static bool nobody_dominates(const struct cube_stats *s)
{
	return s->revenue == 0 || 2 * (s->revenue - s->top - s->second) >= s->top;
}

/* Those of whom the people of CELLS are some, where that is known of each member. */
static bool whole_allows(const struct cube_rule *r, const struct cube_rect *cells, uint64_t people)
{
	uint64_t whole = 0;

	if (r->whole == NULL)
		return r->of == 0 || cube_may_differ(r->of, people);
	for (size_t i = 0; i < cells->n_a; i++)
		whole += r->whole[cells->a[i]];
	return cube_may_differ(whole, people);
}

bool cube_rule_keeps(const struct cube_rule *r, const struct cube_rect *cells,
    const struct cube_stats *s)
{
	if (s->people < r->floor || !whole_allows(r, cells, s->people))
		return false;
	if (r->not_alone != NULL && cells->n_a == 1 && cells->a[0] == *r->not_alone)
		return false;
	if (r->buyers && s->buyers != 0 &&
	    (s->buyers < r->floor || !cube_may_differ(s->people, s->buyers)))
		return false;
	if (r->revenue && !nobody_dominates(s))
		return false;
	return r->visitors == NULL || visitors_allow(r->visitors, cells, s->people);
}

/* ---- a line of members along one axis -------------------------------------------------------- */

struct fold_group {
	const uint16_t *v;
	size_t n;
	struct cube_stats stats;
};

struct fold_line {
	struct cube *c;
	const struct cube_margin *m;
	const struct cube_rule *rule;
	const uint8_t *key;
	struct sc_arena *arena;
	const struct fold_group *of; /* the group of A whose line of B this is; NULL: of A */
	size_t n;
	uint16_t *members; /* 0 .. N - 1 */
	struct cube_stats *own;
	bool *kept; /* may stand alone */
	struct fold_group *groups;
	size_t n_groups;
};

static struct cube_rect rect_of(const struct fold_line *l, const uint16_t *v, size_t n)
{
	if (l->of == NULL)
		return (struct cube_rect){ .a = v, .n_a = n };
	return (struct cube_rect){ .a = l->of->v, .n_a = l->of->n, .b = v, .n_b = n };
}

static bool keeps(const struct fold_line *l, const uint16_t *v, size_t n, struct cube_stats *s)
{
	const struct cube_rect r = rect_of(l, v, n);

	margin_stats(l->c, l->m, &r, s);
	return cube_rule_keeps(l->rule, &r, s);
}

/* A number under the key, of a group from FROM to TO: between groups that are as good. */
static uint64_t tie(const struct fold_line *l, size_t from, size_t to)
{
	const uint64_t what[3] = { from, to, l->n };
	uint64_t h;

	_Static_assert(sizeof(h) == crypto_shorthash_BYTES, "a hash is a number");
	crypto_shorthash((uint8_t *)&h, (const uint8_t *)what, sizeof(what), l->key);
	return h;
}

static enum sc_err line_init(struct fold_line *l)
{
	l->members = sc_arena_alloc(l->arena, l->n * sizeof(*l->members));
	l->own = sc_arena_alloc(l->arena, l->n * sizeof(*l->own));
	l->kept = sc_arena_alloc(l->arena, l->n * sizeof(*l->kept));
	l->groups = sc_arena_alloc(l->arena, l->n * sizeof(*l->groups));
	if (l->members == NULL || l->own == NULL || l->kept == NULL || l->groups == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < l->n; i++) {
		l->members[i] = (uint16_t)i;
		l->kept[i] = keeps(l, &l->members[i], 1, &l->own[i]) || WEAK("cube-unfolded");
	}
	return SC_OK;
}

static bool all_kept(const struct fold_line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->kept[i] && (l->own[i].people != 0 || l->rule->names_all))
			return false;
	return true;
}

static void add_group(struct fold_line *l, const uint16_t *v, size_t n, const struct cube_stats *s)
{
	l->groups[l->n_groups++] = (struct fold_group){ .v = v, .n = n, .stats = *s };
}

static void each_alone(struct fold_line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->own[i].people != 0)
			add_group(l, &l->members[i], 1, &l->own[i]);
}

/* ---- in order: the cheapest cut into ranges ----------------------------------------------------- */

struct fold_cut {
	uint64_t lost;  /* people of cells that do not stand alone */
	uint32_t cells; /* of those */
	uint32_t from;  /* the last range begins there */
	bool there;
};

static bool cheaper(const struct fold_line *l, const struct fold_cut *a, const struct fold_cut *b,
    size_t to)
{
	if (!b->there || a->lost != b->lost)
		return !b->there || a->lost < b->lost;
	if (a->cells != b->cells)
		return a->cells < b->cells;
	return tie(l, a->from, to) < tie(l, b->from, to);
}

/* May members FROM to TO be a range, and what is lost by it? */
static bool range_of(const struct fold_line *l, size_t from, size_t to, struct fold_cut *cost)
{
	struct cube_stats s;

	*cost = (struct fold_cut){ .from = (uint32_t)from, .there = true };
	if (to - from == 1)
		return l->kept[from] || (l->own[from].people == 0 && !l->rule->names_all);
	if (!l->rule->names_all && (l->own[from].people == 0 || l->own[to - 1].people == 0))
		return false;
	for (size_t i = from; i < to; i++)
		cost->lost += l->own[i].people;
	cost->cells = (uint32_t)(to - from);
	return keeps(l, &l->members[from], to - from, &s);
}

static void find_cuts(const struct fold_line *l, struct fold_cut *best)
{
	best[0].there = true;
	for (size_t to = 1; to <= l->n; to++) {
		for (size_t from = to; from-- > 0;) {
			struct fold_cut cut;

			if (!best[from].there || !range_of(l, from, to, &cut))
				continue;
			cut.lost += best[from].lost;
			cut.cells += best[from].cells;
			if (cheaper(l, &cut, &best[to], to))
				best[to] = cut;
		}
	}
}

static enum sc_err fold_ordered(struct fold_line *l)
{
	struct fold_cut *best = sc_arena_alloc(l->arena, (l->n + 1) * sizeof(*best));
	size_t to = l->n;

	if (best == NULL)
		return SC_NOMEM;
	find_cuts(l, best);
	while (best[l->n].there && to > 0) {
		const size_t from = best[to].from;
		struct cube_stats s;

		(void)keeps(l, &l->members[from], to - from, &s);
		if (s.people != 0)
			add_group(l, &l->members[from], to - from, &s);
		to = from;
	}
	for (size_t i = 0; i < l->n_groups / 2; i++) { /* they were found from the end */
		const struct fold_group g = l->groups[i];

		l->groups[i] = l->groups[l->n_groups - 1 - i];
		l->groups[l->n_groups - 1 - i] = g;
	}
	return SC_OK;
}

/* ---- in no order ----------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* The members of A and B in one group, *OUT. *KEPT: it may be published. */
static enum sc_err join(const struct fold_line *l, const struct fold_group *a,
    const struct fold_group *b, struct fold_group *out, bool *kept)
{
	uint16_t *all = sc_arena_alloc(l->arena, (a->n + b->n) * sizeof(*all));

	if (all == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < a->n; i++)
		all[i] = a->v[i];
	memcpy(all + a->n, b->v, b->n * sizeof(*all));
	qsort(all, a->n + b->n, sizeof(*all), by_number);
	*out = (struct fold_group){ .v = all, .n = a->n + b->n };
	*kept = keeps(l, all, out->n, &out->stats);
	return SC_OK;
}

/* Is group A a better place for what is left over than B? One of several cells, then a small one. */
static bool better_place(const struct fold_line *l, const struct fold_group *a,
    const struct fold_group *b)
{
	if ((a->n > 1) != (b->n > 1))
		return a->n > 1;
	if (a->stats.people != b->stats.people)
		return a->stats.people < b->stats.people;
	return tie(l, a->v[0], a->n) < tie(l, b->v[0], b->n);
}

static void sort_places(struct fold_line *l)
{
	for (size_t i = 1; i < l->n_groups; i++) {
		const struct fold_group g = l->groups[i];
		size_t k = i;

		for (; k > 0 && better_place(l, &g, &l->groups[k - 1]); k--)
			l->groups[k] = l->groups[k - 1];
		l->groups[k] = g;
	}
}

/* What is left over goes into one group, or where none can have it, into as few as can be. */
static enum sc_err place_rest(struct fold_line *l, struct fold_group rest)
{
	struct fold_group g;
	bool kept;
	enum sc_err err;

	sort_places(l);
	for (size_t i = 0; i < l->n_groups; i++) {
		if ((err = join(l, &l->groups[i], &rest, &g, &kept)) != SC_OK)
			return err;
		if (kept) {
			l->groups[i] = g;
			return SC_OK;
		}
	}
	for (size_t used = 1; used <= l->n_groups; used++) {
		if ((err = join(l, &rest, &l->groups[used - 1], &g, &kept)) != SC_OK)
			return err;
		rest = g;
		if (kept) {
			l->groups[used - 1] = g;
			l->n_groups -= used - 1;
			memmove(l->groups, l->groups + used - 1, l->n_groups * sizeof(g));
			return SC_OK;
		}
	}
	l->n_groups = 0;
	return SC_OK;
}

static int by_first(const void *a, const void *b)
{
	return by_number(((const struct fold_group *)a)->v, ((const struct fold_group *)b)->v);
}

static enum sc_err fold_unordered(struct fold_line *l)
{
	struct fold_group open = { 0 };
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < l->n && err == SC_OK; i++) {
		const struct fold_group one = { &l->members[i], 1, l->own[i] };
		const struct fold_group none = { 0 };
		struct fold_group g = one;
		bool kept = l->kept[i];

		if (one.stats.people == 0)
			continue;
		if (!kept && (err = join(l, &open, &one, &g, &kept)) != SC_OK)
			break;
		if (kept)
			add_group(l, g.v, g.n, &g.stats);
		if (!l->kept[i])
			open = kept ? none : g;
	}
	if (err == SC_OK && open.n != 0)
		err = place_rest(l, open);
	if (err == SC_OK && l->n_groups > 1)
		qsort(l->groups, l->n_groups, sizeof(*l->groups), by_first);
	return err;
}

/* ---- both axes ---------------------------------------------------------------------------------------- */

static enum sc_err fold_line(struct fold_line *l, bool ordered)
{
	enum sc_err err = line_init(l);

	if (err != SC_OK)
		return err;
	if (!all_kept(l))
		return ordered ? fold_ordered(l) : fold_unordered(l);
	each_alone(l);
	return SC_OK;
}

static enum sc_err add_row(struct cube_folded *out, struct sc_arena *a, const struct cube_rect *r,
    const struct cube_stats *s)
{
	if (out->n == out->cap) {
		const size_t cap = sc_grown(out->cap);
		struct cube_folded_row *v = sc_arena_alloc(a, cap * sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		if (out->n != 0)
			memcpy(v, out->v, out->n * sizeof(*v));
		out->v = v;
		out->cap = cap;
	}
	out->v[out->n++] = (struct cube_folded_row){ .cells = *r, .stats = *s };
	return SC_OK;
}

/*
 * A row of all that there is of a group names all members, so that nobody asks whether the one
 * that is missing has up to nine people more.
 */
static void name_all(struct fold_line *l)
{
	if (l->n_groups == 1 && (l->groups[0].n > 1 || l->n == 2)) {
		l->groups[0].v = l->members;
		l->groups[0].n = l->n;
	}
}

static enum sc_err fold_b(const struct fold_line *of_a, const struct fold_group *g, bool ordered,
    struct cube_folded *out)
{
	struct fold_line l = *of_a;
	enum sc_err err;

	l.of = g;
	l.n = l.m->n_b;
	l.n_groups = 0;
	if ((err = fold_line(&l, ordered)) != SC_OK)
		return err;
	name_all(&l);
	for (size_t i = 0; i < l.n_groups && err == SC_OK; i++) {
		const struct cube_rect r = rect_of(&l, l.groups[i].v, l.groups[i].n);

		err = add_row(out, l.arena, &r, &l.groups[i].stats);
	}
	return err;
}

/* The groups of A that there are already, of which the rule need not be asked. */
static enum sc_err take_groups(struct fold_line *l, const struct cube_folded *groups)
{
	if ((l->groups = sc_arena_alloc(l->arena, (groups->n + 1) * sizeof(*l->groups))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < groups->n; i++)
		l->groups[l->n_groups++] =
		    (struct fold_group){ .v = groups->v[i].cells.a, .n = groups->v[i].cells.n_a };
	return SC_OK;
}

enum sc_err cube_fold(struct cube *c, const struct cube_margin *m, const struct cube_rule *rule,
    const struct cube_axes *axes, const uint8_t key[static 16], struct sc_arena *a,
    struct cube_folded *out)
{
	struct fold_line l = { .c = c, .m = m, .rule = rule, .key = key, .arena = a, .n = m->n_a };
	static const uint16_t only = 0;
	enum sc_err err = axes->groups != NULL ? take_groups(&l, axes->groups) :
						 fold_line(&l, axes->ordered_a);

	for (size_t i = 0; i < l.n_groups && err == SC_OK; i++) {
		const struct cube_rect r = { l.groups[i].v, &only, l.groups[i].n, 1 };

		err = m->n_b > 1 ? fold_b(&l, &l.groups[i], axes->ordered_b, out) :
				   add_row(out, a, &r, &l.groups[i].stats);
	}
	return err;
}
