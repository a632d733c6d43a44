/*
 * make.c - a release from its first row to its place on the shelf.
 *
 * In the order in which it happens: view_make() finds columns and reads rows (rules.h,
 * rows.h), recode() puts them into classes, write_table() writes them, hold() lets the
 * checker derive everything again from the finished file (gate.h), finish() writes what is
 * told of it (told.h) and puts it in its place.
 */
#include "analytics/views/make_private.h"

#include "analytics/views/gate.h"
#include "analytics/views/shuffle.h"
#include "base/weak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Thousandths at which each part of the work ends. */
enum { AT_ROWS = 150, AT_CLASSES = 750, AT_TABLE = 830, AT_GATE = 980 };

static bool tell(const struct view_making *m, unsigned permille)
{
	return m->order->progress == NULL || m->order->progress(m->order->ctx, permille);
}

static bool tell_rows(void *arg, uint64_t rows)
{
	/* nobody knows yet how many there are */
	return tell(arg, (unsigned)(AT_ROWS * rows / (rows + 1000000)));
}

static bool tell_classes(void *arg, uint64_t done, uint64_t total)
{
	return tell(arg,
	    AT_ROWS + (unsigned)((AT_CLASSES - AT_ROWS) * done / (total == 0 ? 1 : total)));
}

/* ---- classes -------------------------------------------------------------------------- */

static uint32_t asked_k(const struct view_spec *spec)
{
	if (WEAK("views-k-unheard"))
		return 1;
	return WEAK("views-k-less") ? spec->k - 1 : spec->k;
}

static void set_rules(struct view_making *m)
{
	const struct view_spec *spec = m->order->spec;

	m->set = (struct recode_settings){ .k = asked_k(spec),
		.profile = (enum recode_profile)spec->profile,
		.suppression_ppm = spec->suppression_ppm,
		.progress = tell_classes,
		.ctx = m };
	memcpy(m->set.key, m->order->key, sizeof(m->set.key));
	for (size_t s = 0; s < m->rules.n_sensitive; s++) {
		m->wants[s] = view_rules_sensitive(&m->rules, s, m->rows.table.labels[s].n);
		if (!WEAK("views-l-unheard"))
			m->set.rules[s] = m->wants[s];
	}
}

/* D tells which rule fails, with figures, of columns by their numbers: their names, and what to do. */
static void advise(const struct view_making *m, struct sc_diag *d)
{
	char why[sizeof(d->text)], names[96];
	const char *number = strstr(d->text, "sensitive column ");
	const unsigned long s =
	    number == NULL ? 0 : strtoul(number + strlen("sensitive column "), NULL, 10);

	memcpy(why, d->text, sizeof(why));
	if (s < 1 || s > m->rules.n_sensitive)
		snprintf(names, sizeof(names), "%s", "lower k, or bring more people");
	else
		snprintf(names, sizeof(names),
		    "%.30s is meant: change its rule, or raise \"suppression\"",
		    m->rules.columns[m->rules.n_quasi + s - 1]->name);
	sc_diag_set(d, "it cannot be released: %.150s (%s)", why, names);
}

static enum sc_err recode(struct view_making *m, struct sc_diag *d)
{
	const struct view_order *o = m->order;
	const struct release_table *t = &m->rows.table;
	enum sc_err err;

	set_rules(m);
	if (o->lineage == NULL)
		err = recode_run(t, &m->set, d, &m->result);
	else if ((err = lineage_recode(o->lineage, o->spec->name, o->number, t, &m->set, o->spec->m,
		      d, &m->result, &m->lineage)) == SC_OK)
		err = lineage_check(o->lineage, o->spec->name, t, m->result, o->spec->k, o->spec->m,
		    d);
	if (err == SC_LIMIT)
		advise(m, d);
	return err == SC_OK ? measure_release(t, m->result, o->spec->k, &m->measures) : err;
}

/* ---- the table ------------------------------------------------------------------------ */

/* Which rows go out, in which order. */
static enum sc_err draw_order(struct view_making *m)
{
	const size_t n = m->rows.table.n;

	if ((m->from = calloc(n + 1, sizeof(*m->from))) == NULL)
		return SC_NOMEM;
	for (uint32_t i = 0; i < n; i++)
		m->from[i] = i;
	if (!WEAK("views-in-order"))
		view_shuffle(m->from, n, m->order->key);
	for (size_t i = 0; i < n; i++)
		if (m->result->class_of[m->from[i]] != RECODE_SUPPRESSED)
			m->from[m->n_from++] = m->from[i];
	return SC_OK;
}

static void describe_table(struct view_making *m)
{
	static const enum shelf_role roles[] = { [VIEW_QUASI] = SHELF_QUASI,
		[VIEW_SENSITIVE] = SHELF_SENSITIVE,
		[VIEW_PLAIN] = SHELF_PLAIN };

	for (size_t c = 0; c < m->rules.n; c++) {
		const struct view_column *column = m->rules.columns[c];

		m->columns[m->rules.place[c]] = (struct shelf_column){ .name = column->name,
			.type = SHELF_TEXT,
			.role = roles[column->is],
			.unit = column->unit,
			.means = column->means,
			.means_zh = column->means_zh };
	}
	m->table = (struct shelf_table){ .name = m->order->spec->name,
		.means = m->order->spec->title,
		.means_zh = m->order->spec->title_zh,
		.columns = m->columns,
		.n_columns = m->rules.n };
}

/* The cells of every class, one class after the other. */
static enum sc_err print_classes(struct view_making *m)
{
	struct sc_span row[RELEASE_COLUMNS_MAX];
	struct sc_buf cells[RELEASE_COLUMNS_MAX];
	enum sc_err err = SC_OK;

	view_cells_init(&m->cells, m->rules.n_quasi);
	for (size_t a = 0; a < m->rules.n_quasi; a++)
		sc_buf_init(&cells[a], 1024);
	for (size_t c = 0; err == SC_OK && c < m->result->n; c++) {
		const struct recode_class *class = &m->result->classes[c];

		for (size_t a = 0; err == SC_OK && a < m->rules.n_quasi; a++) {
			sc_buf_clear(&cells[a]);
			err = hierarchy_print(m->rules.h[a], class->lo[a], class->hi[a], &cells[a]);
			row[a] = sc_buf_span(&cells[a]);
		}
		if (err == SC_OK)
			err = view_cells_add(&m->cells, row);
	}
	for (size_t a = 0; a < m->rules.n_quasi; a++)
		sc_buf_fini(&cells[a]);
	return err;
}

static void fill_row(const struct view_making *m, size_t row, struct shelf_value *out)
{
	const struct view_rules *r = &m->rules;
	const size_t class = m->result->class_of[row];

	for (size_t a = 0; a < r->n_quasi; a++)
		out[r->place[a]].text = m->cells.v[class * r->n_quasi + a];
	for (size_t s = 0; s < r->n_sensitive; s++)
		out[r->place[r->n_quasi + s]].text =
		    m->rows.table.labels[s].v[m->rows.table.values[row * r->n_sensitive + s]];
	for (size_t p = 0; p < r->n_plain; p++)
		out[r->place[r->n_quasi + r->n_sensitive + p]].text =
		    m->rows.labels[p].v[m->rows.plain[row * r->n_plain + p]];
}

static enum sc_err write_table(struct view_making *m, struct sc_diag *d)
{
	const struct view_order *o = m->order;
	struct shelf_value row[SHELF_COLUMNS_MAX];
	enum sc_err err;

	describe_table(m);
	if ((err = draw_order(m)) != SC_OK || (err = print_classes(m)) != SC_OK ||
	    (err = shelf_begin(o->root, o->spec->name, o->number, d, &m->writer)) != SC_OK ||
	    (err = shelf_table(m->writer, &m->table, d)) != SC_OK)
		return err;
	for (size_t i = 0; err == SC_OK && i < m->n_from; i++) {
		memset(row, 0, sizeof(row));
		fill_row(m, m->from[i], row);
		err = shelf_row(m->writer, row, d);
		if (err == SC_OK && i % 65536 == 0 &&
		    !tell(m, AT_CLASSES + (unsigned)((AT_TABLE - AT_CLASSES) * i / m->n_from)))
			err = SC_AGAIN;
	}
	return err == SC_OK ? shelf_close_tables(m->writer, d, &m->path) : err;
}

/* ---- the gate ------------------------------------------------------------------------- */

/* With a lineage some wait who do not count as suppressed; lineage_recode() held the limit. */
static enum sc_err hold(struct view_making *m, struct sc_diag *d)
{
	const struct view_spec *spec = m->order->spec;
	const uint32_t suppression = m->order->lineage == NULL ? spec->suppression_ppm :
								 RELEASE_PPM;
	struct check_wants wants;
	const struct view_gate gate = { .rules = &m->rules,
		.source = m->order->source,
		.wants = &wants,
		.table = &m->table,
		.path = m->path,
		.from = m->from,
		.n = m->n_from };
	char why[sizeof(d->text)];
	enum sc_err err;

	view_rules_wants(&m->rules, m->wants, spec->k, suppression, &wants);
	err = view_gate_hold(&gate, &m->checked, d);
	if (err == SC_CORRUPT && WEAK("views-unchecked"))
		return SC_OK;
	if (err == SC_CORRUPT) {
		memcpy(why, d->text, sizeof(why));
		sc_diag_set(d, "the checker does not agree with what was made: %.180s", why);
	}
	return err;
}

/* ---- all of it ------------------------------------------------------------------------ */

static enum sc_err make(struct view_making *m, struct sc_diag *d)
{
	const struct view_order *o = m->order;
	enum sc_err err;

	if ((err = view_rules_init(&m->rules, o->spec, o->source, d)) != SC_OK ||
	    (err = view_rows_read(&m->rows, &m->rules, o->source, tell_rows, m, d)) != SC_OK ||
	    (err = recode(m, d)) != SC_OK || (err = write_table(m, d)) != SC_OK)
		return err;
	if (!tell(m, AT_TABLE))
		return SC_AGAIN;
	if ((err = hold(m, d)) != SC_OK)
		return err;
	if (!tell(m, AT_GATE))
		return SC_AGAIN;
	/* before the release is in its place: one that nobody remembers must never be there */
	if (o->lineage != NULL &&
	    ((err = lineage_note(o->lineage, o->spec->name, o->number, &m->rows.table,
		  m->result)) != SC_OK ||
		(err = lineage_save(o->lineage, d)) != SC_OK))
		return err;
	err = view_tell(m, d);
	(void)tell(m, 1000);
	return err;
}

enum sc_err view_make(const struct view_order *o, struct sc_diag *d, struct view_made *out)
{
	struct view_making m = { .order = o };
	struct sc_diag own = { .text = "" };
	enum sc_err err;

	*out = (struct view_made){ .dropped = 0 };
	if ((err = make(&m, d == NULL ? &own : d)) == SC_OK) {
		memcpy(out->sha256, m.sha256, sizeof(out->sha256));
		out->measures = m.measures;
		out->dropped = m.rules.dropped;
	}
	shelf_abandon(m.writer);
	view_cells_fini(&m.cells);
	free(m.from);
	recode_result_free(m.result);
	view_rows_fini(&m.rows);
	view_rules_fini(&m.rules);
	sc_wipe(m.set.key, sizeof(m.set.key));
	return err;
}
