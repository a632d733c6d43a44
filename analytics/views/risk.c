/*
 * risk.c - groups of a table as it stands: of all columns, of each, and of the sets that
 * single out most.
 *
 * Sets are grown: of a size, the few that single out most are carried on by every other
 * column. So a set that is told is found for certain to single out so many; that none of
 * its size does more is likely.
 */
#include "analytics/views/risk.h"

#include "analytics/views/risk_groups.h"
#include "analytics/views/rows.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

#define BEAM 4u /* sets of a size that are carried on */

/* Thousandths at which each part ends. */
enum { AT_READ = 100, AT_SETS = 500 };

/* A set that is carried on. */
struct risk_front {
	struct view_risk_set set;
	uint32_t *group;
};

struct risk_looking {
	const struct view_spec *spec;
	struct view_source *source;
	bool (*progress)(void *ctx, unsigned permille);
	void *ctx;
	struct view_risk *out;
	struct view_rules rules;
	uint32_t *values[SHELF_COLUMNS_MAX]; /* of each row, by column: quasi, then sensitive */
	struct release_labels labels[SHELF_COLUMNS_MAX];
	uint64_t *persons;
	size_t n, cap;
	struct risk_groups groups;
	struct risk_front front[BEAM];
	size_t n_front;
	unsigned told; /* thousandths */
};

static bool tell(struct risk_looking *l, unsigned permille)
{
	if (permille <= l->told)
		return true;
	l->told = permille;
	return l->progress == NULL || l->progress(l->ctx, permille);
}

/* ---- rows ----------------------------------------------------------------------------- */

static bool make_room(struct risk_looking *l, size_t width)
{
	const size_t cap = sc_grown(l->cap);
	uint64_t *persons;

	if (l->n < l->cap)
		return true;
	if ((persons = reallocarray(l->persons, cap, sizeof(*persons))) == NULL)
		return false;
	l->persons = persons;
	for (size_t c = 0; c < width; c++) {
		uint32_t *v = reallocarray(l->values[c], cap, sizeof(*v));

		if (v == NULL)
			return false;
		l->values[c] = v;
	}
	l->cap = cap;
	return true;
}

/* Values as they stand in the table, before any grid. */
static enum sc_err read_rows(struct risk_looking *l, struct sc_diag *d)
{
	const size_t width = l->rules.n_quasi + l->rules.n_sensitive;
	struct sc_span *cells = calloc(l->source->n + 1, sizeof(*cells));
	enum sc_err err = cells == NULL ? SC_NOMEM : l->source->again(l->source->arg, d);
	uint64_t person;
	bool end = false;

	for (size_t c = 0; c < width; c++)
		labels_init(&l->labels[c]);
	while (err == SC_OK &&
	    (err = l->source->next(l->source->arg, cells, &person, &end, d)) == SC_OK && !end) {
		if (l->n == RELEASE_ROWS_MAX)
			err = SC_LIMIT;
		else if (!make_room(l, width))
			err = SC_NOMEM;
		for (size_t c = 0; err == SC_OK && c < width; c++)
			err = labels_add(&l->labels[c], cells[l->rules.at[c]], &l->values[c][l->n]);
		if (err == SC_OK)
			l->persons[l->n++] = person;
	}
	free(cells);
	if (err == SC_OK)
		*d = (struct sc_diag){ 0 }; /* the source told where its rows are */
	return err;
}

/* ---- all columns ---------------------------------------------------------------------- */

static const uint64_t sizes_from[VIEW_RISK_SIZES + 1] = { 1, 2, 3, 5, 10, 20, 50, 100, 1000,
	UINT64_MAX };

static uint32_t ppm_up(uint64_t part, uint64_t all)
{
	return all == 0 ? 0 : (uint32_t)(((unsigned __int128)part * RELEASE_PPM + all - 1) / all);
}

static void tell_sizes(struct risk_looking *l)
{
	struct view_risk *out = l->out;
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < VIEW_RISK_SIZES; i++) {
		out->sizes[i].from = sizes_from[i];
		out->sizes[i].to = i + 1 == VIEW_RISK_SIZES ? UINT64_MAX : sizes_from[i + 1] - 1;
	}
	for (size_t g = 0; g < l->groups.n_groups; g++) {
		const struct risk_group *group = &l->groups.v[g];
		size_t i = 0;

		while (group->people > out->sizes[i].to)
			i++;
		out->sizes[i].groups++;
		out->sizes[i].rows += group->rows;
		least = group->people < least ? group->people : least;
	}
	out->prosecutor_max_ppm = l->n == 0 ? 0 : ppm_up(1, least);
	out->marketer_ppm = out->prosecutor_avg_ppm = ppm_up(out->all.groups, out->people);
}

static uint64_t count_people(const struct risk_looking *l, enum sc_err *err)
{
	struct risk_groups g = { .n = 0 };
	uint32_t *one = calloc(l->n + 1, sizeof(*one));
	uint64_t people = 0;

	*err = one == NULL ? SC_NOMEM : risk_groups_init(&g, l->persons, l->n);
	if (*err == SC_OK && l->n > 0) {
		risk_split(&g, NULL, one, NULL);
		*err = risk_people(&g, one);
		people = g.v[0].people;
	}
	risk_groups_fini(&g);
	free(one);
	return people;
}

static enum sc_err look_at_all(struct risk_looking *l)
{
	enum sc_err err;

	l->out->people = count_people(l, &err);
	for (size_t a = 0; err == SC_OK && a < l->rules.n_quasi; a++)
		risk_split(&l->groups, a == 0 ? NULL : l->groups.row, l->values[a], l->groups.row);
	if (err == SC_OK)
		err = risk_people(&l->groups, l->groups.row);
	if (err != SC_OK)
		return err;
	l->out->all = (struct view_risk_set){ (1u << l->rules.n_quasi) - 1, risk_unique(&l->groups),
		l->groups.n_groups };
	tell_sizes(l);
	return SC_OK;
}

/* ---- sensitive values ------------------------------------------------------------------ */

/* Groups alike in all columns, by how many values they have. */
static enum sc_err look_at_values(struct risk_looking *l, size_t s)
{
	const uint32_t *values = l->values[l->rules.n_quasi + s];
	uint32_t *group = calloc(l->n + 1, sizeof(*group));
	uint32_t *distinct = calloc(l->n + 1, sizeof(*distinct));
	uint32_t *last = calloc(l->n + 1, sizeof(*last));
	struct view_risk_sensitive *out = &l->out->values[s];

	if (group != NULL && distinct != NULL && last != NULL) {
		/* groups of both: each is one value of one group */
		risk_split(&l->groups, l->groups.row, values, group);
		for (size_t i = 0; i < l->n; i++)
			last[group[i]] = l->groups.row[i];
		for (size_t g = 0; g < l->groups.n_groups; g++)
			distinct[last[g]]++;
		out->min_distinct = l->n == 0 ? 0 : UINT32_MAX;
		for (size_t i = 0; i < l->n; i++) {
			const uint32_t n = distinct[l->groups.row[i]];

			out->told += n == 1;
			out->min_distinct = n < out->min_distinct ? n : out->min_distinct;
		}
	}
	const bool ok = group != NULL && distinct != NULL && last != NULL;
	free(group);
	free(distinct);
	free(last);
	return ok ? SC_OK : SC_NOMEM;
}

/* ---- sets that single out most --------------------------------------------------------- */

/* Is A to be told rather than B? */
static bool tells_more(const struct view_risk_set *a, const struct view_risk_set *b)
{
	return a->unique != b->unique ? a->unique > b->unique : a->groups > b->groups;
}

/* Put SET among the N best of V, at most BEAM, once. */
static void keep(struct view_risk_set *v, size_t *n, const struct view_risk_set *set)
{
	size_t at = *n < BEAM ? (*n)++ : BEAM;

	for (size_t i = 0; i < at; i++)
		if (v[i].columns == set->columns) {
			*n -= at < BEAM;
			return;
		}
	if (at == BEAM && !tells_more(set, &v[BEAM - 1]))
		return;
	for (at = at == BEAM ? BEAM - 1 : at; at > 0 && tells_more(set, &v[at - 1]); at--)
		v[at] = v[at - 1];
	v[at] = *set;
}

/* The groups of SET, column by column. */
static void group_by(struct risk_looking *l, uint32_t columns, uint32_t *to)
{
	bool any = false;

	for (size_t a = 0; a < l->rules.n_quasi; a++)
		if ((columns >> a & 1) != 0) {
			risk_split(&l->groups, any ? to : NULL, l->values[a], to);
			any = true;
		}
}

/* Every set of one column more than those of the front; the best become the front. */
static bool grow(struct risk_looking *l, size_t size)
{
	struct view_risk_set best[BEAM] = { { .columns = 0 } };
	const size_t m = l->rules.n_quasi;
	size_t n = 0;

	for (size_t f = 0; f < (size == 1 ? 1 : l->n_front); f++)
		for (size_t a = 0; a < m; a++) {
			const uint32_t had = size == 1 ? 0 : l->front[f].set.columns;
			struct view_risk_set set = { had | 1u << a, 0, 0 };

			if ((had >> a & 1) != 0)
				continue;
			risk_split(&l->groups, size == 1 ? NULL : l->front[f].group, l->values[a],
			    NULL);
			set.unique = risk_unique(&l->groups);
			set.groups = l->groups.n_groups;
			if (size == 1)
				l->out->alone[a] = set;
			keep(best, &n, &set);
			if (!tell(l,
				AT_READ +
				    (unsigned)((AT_SETS - AT_READ) *
					((size - 1) * BEAM * m + f * m + a) /
					(VIEW_RISK_SETS * BEAM * m))))
				return false;
		}
	l->n_front = n;
	for (size_t f = 0; f < n; f++) {
		l->front[f].set = best[f];
		group_by(l, best[f].columns, l->front[f].group);
	}
	if (n > 0)
		l->out->best[l->out->n_best++] = l->front[0].set;
	return true;
}

static enum sc_err look_for_sets(struct risk_looking *l)
{
	for (size_t f = 0; f < BEAM; f++)
		if ((l->front[f].group = calloc(l->n + 1, sizeof(uint32_t))) == NULL)
			return SC_NOMEM;
	for (size_t size = 1; size <= VIEW_RISK_SETS && size <= l->rules.n_quasi; size++) {
		if (!grow(l, size))
			return SC_AGAIN;
		/* more columns would tell hardly more */
		if (l->out->best[size - 1].unique * 20 >= l->out->all.unique * 19)
			break;
	}
	return SC_OK;
}

/* ---- what a release would cost --------------------------------------------------------- */

static enum sc_err cost_at(struct risk_looking *l, const struct view_rows *rows,
    struct view_risk_cost *out)
{
	struct recode_settings set = { .k = out->k,
		.profile = RECODE_FAST,
		.suppression_ppm = l->spec->suppression_ppm };
	struct recode_result *result = NULL;
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	for (size_t s = 0; s < l->rules.n_sensitive; s++)
		set.rules[s] = view_rules_sensitive(&l->rules, s, rows->table.labels[s].n);
	err = recode_run(&rows->table, &set, &d, &result);
	if (err == SC_OK)
		err = measure_release(&rows->table, result, out->k, &out->measures);
	out->ok = err == SC_OK;
	memcpy(out->why, d.text, sizeof(out->why));
	recode_result_free(result);
	return err == SC_LIMIT ? SC_OK : err;
}

static enum sc_err look_at_costs(struct risk_looking *l)
{
	static const uint32_t ks[VIEW_RISK_COSTS] = { 5, 10, 25 };
	struct view_rows rows = { .n_plain = 0 };
	struct sc_diag d = { .text = "" };
	enum sc_err err = view_rows_read(&rows, &l->rules, l->source, NULL, NULL, &d);
	const bool fits = err == SC_OK;

	for (size_t i = 0; i < VIEW_RISK_COSTS; i++) {
		l->out->costs[i] = (struct view_risk_cost){ .k = ks[i] };
		if (!fits)
			sc_diag_print(&d, l->out->costs[i].why, sizeof(l->out->costs[i].why));
	}
	if (err == SC_SYNTAX || err == SC_LIMIT)
		err = SC_OK; /* it cannot be released: that was told */
	for (size_t i = 0; fits && err == SC_OK && i < VIEW_RISK_COSTS; i++)
		err = tell(l, AT_SETS + (unsigned)i * 160) ? cost_at(l, &rows, &l->out->costs[i]) :
							     SC_AGAIN;
	view_rows_fini(&rows);
	return err;
}

/* ---- all of it ------------------------------------------------------------------------- */

static enum sc_err look(struct risk_looking *l, struct sc_diag *d)
{
	struct view_risk *out = l->out;
	enum sc_err err;

	if ((err = view_rules_init(&l->rules, l->spec, l->source, d)) != SC_OK ||
	    (err = read_rows(l, d)) != SC_OK ||
	    (err = risk_groups_init(&l->groups, l->persons, l->n)) != SC_OK)
		return err;
	out->rows = l->n;
	out->dropped = l->rules.dropped;
	out->n_columns = l->rules.n_quasi;
	out->n_sensitive = l->rules.n_sensitive;
	for (size_t c = 0; c < l->rules.n_quasi; c++)
		out->columns[c] = l->rules.columns[c]->name;
	for (size_t s = 0; s < l->rules.n_sensitive; s++)
		out->sensitive[s] = l->rules.columns[l->rules.n_quasi + s]->name;
	if ((err = look_at_all(l)) != SC_OK)
		return err;
	for (size_t s = 0; err == SC_OK && s < l->rules.n_sensitive; s++)
		err = look_at_values(l, s);
	if (err == SC_OK)
		err = look_for_sets(l);
	return err == SC_OK ? look_at_costs(l) : err;
}

enum sc_err view_risk_look(const struct view_spec *spec, struct view_source *source,
    bool (*progress)(void *ctx, unsigned permille), void *ctx, struct sc_diag *d,
    struct view_risk *out)
{
	struct risk_looking l = { .spec = spec,
		.source = source,
		.progress = progress,
		.ctx = ctx,
		.out = out };
	enum sc_err err;

	*out = (struct view_risk){ .rows = 0 };
	err = look(&l, d);
	for (size_t c = 0; c < SHELF_COLUMNS_MAX; c++) {
		free(l.values[c]);
		labels_fini(&l.labels[c]);
	}
	for (size_t f = 0; f < BEAM; f++)
		free(l.front[f].group);
	if (l.persons != NULL)
		sc_wipe(l.persons, l.cap * sizeof(*l.persons));
	free(l.persons);
	risk_groups_fini(&l.groups);
	view_rules_fini(&l.rules);
	return err;
}
