/*
 * recode_join.c - groups of rows that may not be divided, as classes: those that do not keep the
 * rules are joined with others.
 *
 * A group that keeps them stays alone, since a union never loses less. One that does not takes
 * the cheapest partner with whom it would, or the cheapest of all, and asks again.
 */
#include "analytics/recode/recode_private.h"

#include <stdlib.h>

struct join_class {
	struct recode_group *g; /* NULL: it joined another */
	uint32_t *groups;       /* that it is made of */
	size_t n;
};

struct joining {
	struct recode *r;
	const struct recode_groups *given;
	uint32_t *group_of; /* of each row, as long as the group is not held back */
	struct join_class *v;
	size_t n;
	struct recode_part both; /* what two would be */
	uint32_t *both_groups;
	struct join_offer *offers;
};

struct join_offer {
	uint64_t more; /* loss */
	uint32_t with;
};

/* ---- groups -------------------------------------------------------------------------- */

/* W rows of item U are in each group: those of one group are neighbours after a sort. */
static int by_number(const void *va, const void *vb)
{
	const uint32_t a = *(const uint32_t *)va, b = *(const uint32_t *)vb;

	return (a > b) - (a < b);
}

static bool add_item(struct joining *j, const struct recode_unit *u, uint32_t *in)
{
	struct recode *r = j->r;
	const uint32_t *rows = r->rows_by_item + r->first_row[u->item];
	const size_t n = r->first_row[u->item + 1] - r->first_row[u->item];

	for (size_t i = 0; i < n; i++)
		in[i] = j->group_of[rows[i]];
	qsort(in, n, sizeof(*in), by_number);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && in[to] == in[from]; to++)
			continue;
		if (!recode_group_add(r, j->v[in[from]].g, u, (uint32_t)(to - from)))
			return false;
	}
	return true;
}

static bool make_classes(struct joining *j, const struct recode_group *all)
{
	struct recode *r = j->r;
	uint32_t *in = calloc((size_t)r->all_rows + 1, sizeof(*in));
	bool ok = in != NULL;

	for (uint32_t i = 0; ok && i < j->n; i++) {
		struct join_class *c = &j->v[i];

		*c = (struct join_class){ recode_group_new(r, 8), malloc(sizeof(*c->groups)), 1 };
		if ((ok = c->g != NULL && c->groups != NULL))
			c->groups[0] = i;
	}
	for (size_t i = 0; ok && i < all->n; i++)
		ok = add_item(j, unit_at(r, all->units, i), in);
	free(in);
	for (size_t i = 0; ok && i < j->n; i++)
		if (j->v[i].g->n > 0)
			j->v[i].g->cost = box_cost(r, &j->v[i].g->part.box);
	if (!ok)
		r->err = SC_NOMEM;
	return ok;
}

static void free_classes(struct joining *j)
{
	for (size_t i = 0; i < j->n; i++) {
		recode_group_free(j->v[i].g);
		free(j->v[i].groups);
	}
	memset(j->v, 0, j->n * sizeof(*j->v));
}

/* ---- joining -------------------------------------------------------------------------- */

static bool is_alive(const struct join_class *c)
{
	return c->g != NULL && c->g->n > 0;
}

static bool is_well(const struct joining *j, const struct recode_part *p, const uint32_t *groups,
    size_t n)
{
	return part_ok(j->r, p) &&
	    (j->given->may == NULL || j->given->may(j->given->ctx, groups, n));
}

/* Would A and B together be well? */
static bool are_well(struct joining *j, const struct join_class *a, const struct join_class *b)
{
	part_copy(j->r, &j->both, &a->g->part);
	part_join(j->r, &j->both, &b->g->part);
	memcpy(j->both_groups, a->groups, a->n * sizeof(*a->groups));
	memcpy(j->both_groups + a->n, b->groups, b->n * sizeof(*b->groups));
	return is_well(j, &j->both, j->both_groups, a->n + b->n);
}

static uint64_t loss_of(const struct recode_group *g)
{
	return (uint64_t)g->part.rows * g->cost;
}

static int by_loss(const void *va, const void *vb)
{
	const struct join_offer *a = va, *b = vb;

	return a->more != b->more ? (a->more > b->more ? 1 : -1) : by_number(&a->with, &b->with);
}

/* What each other class would cost to be joined with; the cheapest first. */
static size_t ask_all(struct joining *j, size_t at)
{
	const struct recode *r = j->r;
	const struct recode_group *g = j->v[at].g;
	size_t n = 0;

	for (uint32_t i = 0; i < j->n; i++) {
		const struct recode_group *h = j->v[i].g;

		if (i == at || !is_alive(&j->v[i]))
			continue;
		struct recode_box box = g->part.box;

		box_join(&box, &h->part.box, r->wide);
		const uint64_t all = (uint64_t)(g->part.rows + h->part.rows) * box_cost(r, &box);

		j->offers[n++] = (struct join_offer){ all - loss_of(g) - loss_of(h), i };
	}
	qsort(j->offers, n, sizeof(*j->offers), by_loss);
	return n;
}

static void join(struct joining *j, struct join_class *to, struct join_class *from)
{
	struct recode *r = j->r;
	uint32_t *groups = reallocarray(to->groups, to->n + from->n, sizeof(*groups));

	if (groups == NULL) {
		r->err = SC_NOMEM;
		return;
	}
	memcpy(groups + to->n, from->groups, from->n * sizeof(*groups));
	to->groups = groups;
	to->n += from->n;
	for (size_t i = 0; i < from->g->n; i++) {
		const struct recode_unit *u = unit_at(r, from->g->units, i);

		if (!recode_group_add(r, to->g, u, u->w))
			return;
	}
	to->g->cost = box_cost(r, &to->g->part.box);
	recode_group_free(from->g);
	from->g = NULL;
	from->n = 0;
}

/* Class AT until it is well. False: nobody is left to help. */
static bool mend(struct joining *j, size_t at)
{
	struct join_class *c = &j->v[at];

	while (j->r->err == SC_OK && !is_well(j, &c->g->part, c->groups, c->n)) {
		const size_t n = ask_all(j, at);
		size_t with = 0;

		while (with < n && !are_well(j, c, &j->v[j->offers[with].with]))
			with++;
		if (n == 0)
			return false;
		join(j, c, &j->v[j->offers[with < n ? with : 0].with]);
	}
	return true;
}

/* Hold all rows of C's groups back. */
static void hold_back(struct joining *j, const struct join_class *c)
{
	for (size_t row = 0; row < j->r->table->n; row++)
		for (size_t i = 0; i < c->n; i++)
			if (j->group_of[row] == c->groups[i]) {
				j->group_of[row] = RECODE_SUPPRESSED;
				break;
			}
}

/* All classes. *AGAIN: one was held back, which changes what others are held against. */
static void mend_all(struct joining *j, bool *again)
{
	*again = false;
	for (size_t i = 0; i < j->n && j->r->err == SC_OK; i++)
		if (is_alive(&j->v[i]) && !mend(j, i)) {
			hold_back(j, &j->v[i]);
			*again = true;
		}
}

/* ---- all of it ------------------------------------------------------------------------- */

static bool make_result(struct joining *j, struct recode_result *out)
{
	uint32_t *class_of = calloc(j->n + 1, sizeof(*class_of));
	uint32_t *new_of = calloc(j->n + 1, sizeof(*new_of));
	bool ok = class_of != NULL && new_of != NULL;

	out->classes = calloc(j->n + 1, sizeof(*out->classes));
	ok = ok && out->classes != NULL;
	for (size_t i = 0; ok && i < j->n; i++) {
		if (!is_alive(&j->v[i]))
			continue;
		for (size_t g = 0; g < j->v[i].n; g++)
			class_of[j->v[i].groups[g]] = (uint32_t)out->n;
		recode_publish(j->r, j->v[i].g, &out->classes[out->n++]);
	}
	ok = ok && recode_merge_equal(out, new_of);
	for (size_t row = 0; ok && row < out->n_rows; row++) {
		const uint32_t g = j->group_of[row];

		out->class_of[row] = g == RECODE_SUPPRESSED ? g : new_of[class_of[g]];
		out->n_suppressed += g == RECODE_SUPPRESSED;
	}
	free(class_of);
	free(new_of);
	return ok;
}

/* Again and again without what had to be held back, until all is well. */
static enum sc_err join_all(struct joining *j, struct recode_result *out, struct sc_diag *d)
{
	struct recode_group *all = NULL;
	bool again = true;
	enum sc_err err = SC_OK;

	while (again && err == SC_OK) {
		free_classes(j);
		recode_group_free(all);
		if ((err = recode_take(j->r, j->group_of, &all)) != SC_OK)
			break;
		if (all->n == 0) {
			sc_diag_set(d, "no class can be published under these rules");
			err = SC_LIMIT;
			break;
		}
		if (make_classes(j, all))
			mend_all(j, &again);
		err = j->r->err;
	}
	recode_group_free(all);
	if (err == SC_OK && !make_result(j, out))
		err = SC_NOMEM;
	return err;
}

static enum sc_err join_groups(struct recode *r, const struct recode_groups *groups,
    struct recode_result *out, struct sc_diag *d)
{
	const size_t n = r->table->n;
	struct joining j = { .r = r, .given = groups, .n = groups->n };
	enum sc_err err = SC_NOMEM;

	j.v = calloc(j.n + 1, sizeof(*j.v));
	j.group_of = calloc(n + 1, sizeof(*j.group_of));
	j.both_groups = calloc(j.n + 1, sizeof(*j.both_groups));
	j.offers = calloc(j.n + 1, sizeof(*j.offers));
	j.both.hist = calloc(r->n_hist + 1, sizeof(*j.both.hist));
	if (j.v != NULL && j.group_of != NULL && j.both_groups != NULL && j.offers != NULL &&
	    j.both.hist != NULL) {
		memcpy(j.group_of, groups->of, n * sizeof(*j.group_of));
		err = join_all(&j, out, d);
	}
	if (j.v != NULL)
		free_classes(&j);
	free(j.v);
	free(j.group_of);
	free(j.both_groups);
	free(j.offers);
	free(j.both.hist);
	return err;
}

enum sc_err recode_join(const struct release_table *t, const struct recode_settings *set,
    const struct recode_groups *groups, struct sc_diag *d, struct recode_result **out)
{
	struct recode r = { .table = t, .set = set };
	struct recode_result *result = calloc(1, sizeof(*result));
	enum sc_err err;

	*out = NULL;
	if (result == NULL)
		return SC_NOMEM;
	result->n_rows = t->n;
	if ((result->class_of = calloc(t->n + 1, sizeof(*result->class_of))) == NULL)
		err = SC_NOMEM;
	else if ((err = recode_start(&r, d)) == SC_OK)
		err = join_groups(&r, groups, result, d);
	recode_stop(&r);
	if (err == SC_OK)
		*out = result;
	else
		recode_result_free(result);
	return err;
}
