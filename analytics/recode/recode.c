/*
 * recode.c - a table into classes: settings, items, blocks.
 */
#include "analytics/recode/recode_private.h"

#include "base/weak.h"

#include <stdlib.h>
#include <string.h>

/* ---- settings ------------------------------------------------------------------------- */

/*
 * By profile and k. Small classes are many, and a search takes the square of them: smaller
 * blocks; large ones are few, and gain by more sweeps. Sweeps are counted and never timed:
 * a release must not depend on how busy a machine was.
 */
static const struct effort_row {
	enum recode_profile profile;
	uint32_t below; /* k */
	struct recode_effort effort;
} efforts[] = {
	{ RECODE_FAST, 10, { .block_items = 2000, .breadth = 1, .sweeps = 1, .pools = { 1 } } },
	{ RECODE_FAST, 25, { .block_items = 4000, .breadth = 1, .sweeps = 1, .pools = { 2 } } },
	{ RECODE_FAST, 50,
	    { 20000, .breadth = 3, .pilot_items = 100, .sweeps = 1, .pools = { 2 } } },
	{ RECODE_FAST, 100,
	    { 20000, .breadth = 3, .pilot_items = 300, .sweeps = 1, .pools = { 3 } } },
	{ RECODE_FAST, UINT32_MAX,
	    { 20000, .breadth = 3, .pilot_items = 500, .sweeps = 2, .pools = { 3, 1 } } },
	{ RECODE_STANDARD, 10,
	    { 4000, .breadth = 3, .pilot_items = 500, .sweeps = 3, .pools = { 3, 2, 5 } } },
	{ RECODE_STANDARD, 25,
	    { 8000, .breadth = 3, .pilot_items = 500, .sweeps = 3, .pools = { 3, 2, 5 } } },
	{ RECODE_STANDARD, UINT32_MAX,
	    { 20000, .breadth = 3, .pilot_items = 500, .sweeps = 4, .pools = { 3, 2, 5, 4 } } },
	{ RECODE_QUALITY, UINT32_MAX,
	    { 20000, .breadth = 6, .pilot_items = 4000, .top_pilots = true, .sweeps = 18,
		.pools = { 1, 3, 2, 5, 4, 6 } } },
};

#define SWEEP_ITEMS 50000u   /* of more, there is one sweep, but for the best profile */
#define SEARCH_ITEMS 200000u /* of more, only the best profile searches, and once */

static void choose_effort(struct recode *r)
{
	const struct effort_row *row = efforts;

	while (row->profile != r->set->profile || r->k >= row->below)
		row++;
	r->effort = row->effort;
	while (r->effort.n_pools < EFFORT_POOLS && r->effort.pools[r->effort.n_pools] > 0)
		r->effort.n_pools++;
}

static bool is_sound(const struct recode_settings *set, struct sc_diag *d)
{
	for (size_t s = 0; s < RELEASE_SENSITIVE_MAX; s++) {
		const struct recode_rule *rule = &set->rules[s];

		if (rule->closeness_ppm > RELEASE_PPM || rule->share_ppm > RELEASE_PPM ||
		    (rule->entropy_milli > 0 && rule->entropy_milli < 1000) ||
		    rule->entropy_milli > 1000 * RELEASE_VALUES_MAX) {
			sc_diag_set(d, "a rule of sensitive column %zu is out of its range", s + 1);
			return false;
		}
	}
	if (set->k >= 1 && set->k <= RELEASE_ROWS_MAX && set->profile <= RECODE_QUALITY &&
	    set->suppression_ppm <= RELEASE_PPM)
		return true;
	sc_diag_set(d, "k is at least 1, and a share of suppressed rows at most a whole");
	return false;
}

static enum sc_err watch_columns(struct recode *r, struct sc_diag *d)
{
	for (size_t s = 0; s < RELEASE_SENSITIVE_MAX; s++) {
		const struct recode_rule *rule = &r->set->rules[s];
		struct recode_watch *w = &r->watch[r->n_watch];

		if (rule->distinct <= 1 && rule->entropy_milli <= 1000 &&
		    rule->closeness_ppm == 0 && rule->share_ppm == 0)
			continue;
		if (s >= r->table->shape.n_sensitive) {
			sc_diag_set(d, "a rule for sensitive column %zu, which the table has not",
			    s + 1);
			return SC_SYNTAX;
		}
		*w = (struct recode_watch){ .rule = *rule, .of = rule };
		w->from = (uint16_t)r->n_hist;
		w->n = (uint16_t)r->table->labels[s].n;
		/* the last bits of a logarithm are not worth a row */
		if (rule->entropy_milli > 1000)
			w->log_l = fixed_log2(&r->logs, rule->entropy_milli) -
			    fixed_log2(&r->logs, 1000) - 64;
		r->n_hist += w->n;
		r->n_watch++;
	}
	if (r->n_hist > RELEASE_VALUES_MAX) {
		sc_diag_set(d, "more than 256 sensitive values that have rules");
		return SC_LIMIT;
	}
	return SC_OK;
}

enum sc_err recode_start(struct recode *r, struct sc_diag *d)
{
	enum sc_err err;

	if (!is_sound(r->set, d))
		return SC_SYNTAX;
	fixed_logs_init(&r->logs);
	r->k = r->set->k;
	r->m = r->table->shape.n_columns;
	r->wide = r->m > HALF;
	r->stride = sizeof(struct recode_unit) + (r->wide ? LANES : HALF) * sizeof(int16_t);
	for (size_t a = 0; a < r->m; a++) {
		const struct hierarchy *h = r->table->shape.columns[a];

		r->col[a] = (struct recode_column){ h, hierarchy_costs(h), hierarchy_leaves(h),
			hierarchy_levels(h), hierarchy_is_grid(h) };
	}
	choose_effort(r);
	if ((err = watch_columns(r, d)) != SC_OK)
		return err;
	r->all_hist = calloc(r->n_hist + 1, sizeof(*r->all_hist));
	return r->all_hist == NULL ? SC_NOMEM : recode_scan_init(r);
}

void recode_stop(struct recode *r)
{
	recode_scan_fini(&r->scan);
	free(r->kinds);
	free(r->all_hist);
	free(r->rows_by_item);
	free(r->first_row);
	free(r->near);
	free(r->loans);
}

/* ---- blocks --------------------------------------------------------------------------- */

static void tell(struct recode *r, uint64_t rows)
{
	r->done += rows;
	if (r->set->progress != NULL && r->err == SC_OK &&
	    !r->set->progress(r->set->ctx, r->done, r->all_rows))
		r->err = SC_AGAIN;
}

static void append(struct recode *r, struct recode_list *to, struct recode_list *from)
{
	for (size_t i = 0; i < from->n; i++)
		(void)recode_list_add(r, to, from->v[i]);
	from->n = 0;
}

static unsigned count_sweeps(const struct recode *r)
{
	const bool best = r->set->profile == RECODE_QUALITY;

	if (r->n_items > SEARCH_ITEMS)
		return best ? 1 : 0;
	return r->n_items > SWEEP_ITEMS && !best && r->effort.sweeps > 1 ? 1 : r->effort.sweeps;
}

/* A block is solved, and then only its own classes trade rows. */
static void solve_block(struct recode *r, struct recode_group *g, struct recode_list *out)
{
	const uint64_t rows = g->part.rows;
	struct recode_list block = { 0 };
	/* cuts alone are undone by whoever knows them: see tests/attacks/release_undone.sh */
	const bool cuts_alone = WEAK("cuts-alone");
	const unsigned sweeps = cuts_alone ? 0 : count_sweeps(r);

	recode_solve(r, g, r->effort.top_pilots ? r->effort.breadth : 1, &block);
	if (r->err == SC_OK && block.n > 1 && !cuts_alone)
		recode_relocate(r, &block);
	for (unsigned i = 0; i < sweeps && r->err == SC_OK && block.n > 1; i++) {
		recode_search(r, &block, i);
		if (r->err == SC_OK && block.n > 1)
			recode_relocate(r, &block);
	}
	tell(r, rows);
	append(r, out, &block);
	recode_list_fini(&block);
}

/* From all rows down to blocks. */
static void solve_all(struct recode *r, struct recode_group *all, struct recode_list *out)
{
	struct recode_list work = { 0 };

	(void)recode_list_add(r, &work, all);
	while (work.n > 0 && r->err == SC_OK) {
		struct recode_group *g = work.v[--work.n];

		if (g->n <= r->effort.block_items)
			solve_block(r, g, out);
		else if (recode_solve_once(r, g, &work))
			recode_group_free(g);
		else
			(void)recode_list_add(r, out, g);
	}
	recode_list_fini(&work);
}

/* ---- all of it ------------------------------------------------------------------------ */

enum sc_err recode_take(struct recode *r, const uint32_t *class_of, struct recode_group **all)
{
	enum sc_err err;

	free(r->rows_by_item);
	free(r->first_row);
	r->rows_by_item = r->first_row = NULL;
	r->n_items = r->n_kinds = 0;
	if ((err = recode_items_make(r, class_of, all)) != SC_OK)
		return err;
	r->all_rows = (*all)->part.rows;
	for (size_t i = 0; i < r->n_hist; i++)
		r->all_hist[i] = (*all)->part.hist[i];
	return SC_OK;
}

/* What tells rows apart most is looked at first: by the entropy of a column's values. */
static bool order_columns(struct recode *r, const struct recode_group *all)
{
	uint32_t *hist = calloc(HIERARCHY_LEAVES_MAX, sizeof(*hist));
	uint64_t even[LANES];

	for (size_t a = 0; hist != NULL && a < r->m; a++) {
		size_t i = a;

		memset(hist, 0, r->col[a].n * sizeof(*hist));
		for (size_t u = 0; u < all->n; u++)
			hist[unit_at(r, all->units, u)->v[a]] += unit_at(r, all->units, u)->w;
		uint64_t sum = 0;

		for (size_t v = 0; v < r->col[a].n; v++)
			sum += hist[v] == 0 ? 0 : (uint64_t)hist[v] * fixed_log2(&r->logs, hist[v]);
		for (; i > 0 && even[i - 1] > sum; i--) {
			even[i] = even[i - 1];
			r->order[i] = r->order[i - 1];
		}
		even[i] = sum;
		r->order[i] = (uint8_t)a;
	}
	free(hist);
	return hist != NULL;
}

static enum sc_err recode_rows(struct recode *r, struct recode_result *out, struct sc_diag *d)
{
	struct recode_list classes = { 0 };
	struct recode_group *all = NULL;
	enum sc_err err = recode_take(r, out->class_of, &all);

	if (err == SC_OK && (err = recode_suppress(r, all, out, d)) == SC_OK &&
	    out->n_suppressed > 0) {
		recode_group_free(all);
		err = recode_take(r, out->class_of, &all);
	}
	if (err == SC_OK && !order_columns(r, all))
		err = SC_NOMEM;
	if (err != SC_OK) {
		recode_group_free(all);
		return err;
	}
	tell(r, 0);
	solve_all(r, all, &classes);
	if ((err = r->err) == SC_OK)
		err = recode_result_make(r, &classes, out);
	recode_list_fini(&classes);
	return err;
}

enum sc_err recode_run(const struct release_table *t, const struct recode_settings *set,
    struct sc_diag *d, struct recode_result **out)
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
		err = recode_rows(&r, result, d);
	recode_stop(&r);
	if (err == SC_OK)
		*out = result;
	else
		recode_result_free(result);
	return err;
}
