/*
 * spec_column.c - a column of a dataset, as rows of keys.
 */
#include "analytics/views/spec_private.h"

#include "analytics/shelf/names.h"

#include <string.h>

#define DECIMALS_MAX 9
#define DIGITS_MAX 15

/* ---- values -------------------------------------------------------------------------- */

static bool read_word(struct shape_ctx *c, const struct doc_node *node, void *field,
    bool (*ok)(const char *))
{
	if (node->kind != DOC_TEXT || !ok(node->text))
		return shape_must(c, node,
		    "be a small letter, then small letters, digits or '_', at most %d, and no "
		    "word that a database keeps for itself",
		    SC_NAME_MAX);
	memcpy(field, &node->text, sizeof(node->text));
	return true;
}

bool view_read_table(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_word(c, node, field, shelf_table_ok);
}

static bool read_column(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_word(c, node, field, shelf_column_ok);
}

/* NODE as a number with at most DECIMALS digits behind its point, in units of 10^-DECIMALS. */
static bool read_decimal(struct shape_ctx *c, const struct doc_node *node, unsigned decimals,
    int64_t *out)
{
	const char *s = node->text;
	unsigned digits = 0, behind = 0;
	bool point = false;
	int64_t v = 0;

	if (node->kind != DOC_NUMBER)
		return shape_must(c, node, "be a number");
	for (s += *s == '-'; *s != '\0'; s++) {
		if (*s == '.' && !point) {
			point = true;
			continue;
		}
		if (*s < '0' || *s > '9' || ++digits > DIGITS_MAX || behind + point > decimals)
			return shape_must(c, node,
			    "be a number such as 12 or 0.5, with at most %u digits behind "
			    "the point",
			    decimals);
		behind += point;
		v = v * 10 + (*s - '0');
	}
	for (; behind < decimals; behind++)
		v *= 10;
	*out = node->text[0] == '-' ? -v : v;
	return true;
}

/* C's row's number in parts of 10^-DECIMALS, from MIN to MAX, to FIELD. */
static bool read_part(struct shape_ctx *c, const struct doc_node *node, unsigned decimals,
    void *field)
{
	int64_t v;

	if (!read_decimal(c, node, decimals, &v))
		return false;
	if (v < (int64_t)c->row->min || v > (int64_t)c->row->max) {
		uint64_t one = 1;

		for (unsigned i = 0; i < decimals; i++)
			one *= 10;
		return shape_must(c, node, "be from %llu.%0*llu to %llu.%0*llu",
		    (unsigned long long)(c->row->min / one), (int)decimals,
		    (unsigned long long)(c->row->min % one),
		    (unsigned long long)(c->row->max / one), (int)decimals,
		    (unsigned long long)(c->row->max % one));
	}
	shape_store(field, c->row->size, (uint64_t)v);
	return true;
}

bool view_read_share(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_part(c, node, 6, field);
}

static bool read_milli(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return read_part(c, node, 3, field);
}

/* ---- grids, dates, prefixes ----------------------------------------------------------- */

/* The grid's numbers stand in the unit of the column; "decimals" was read before them. */
static bool read_edge(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct view_column *column = c->arg;

	return read_decimal(c, node, column->grid.decimals, field);
}

static bool check_grid(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	const struct view_column *column = into;

	return (column->grid.min <= column->grid.max && column->grid.step > 0) ||
	    shape_wrong(c, object, "a grid has min below max, and a step above 0");
}

#define COLUMN(field) SHAPE_AT(struct view_column, field)
static const struct shape_row grid_rows[] = {
	{ "decimals", shape_count, COLUMN(grid.decimals), .max = DECIMALS_MAX },
	{ "min", read_edge, COLUMN(grid.min), .need = true },
	{ "max", read_edge, COLUMN(grid.max), .need = true },
	{ "step", read_edge, COLUMN(grid.step), .need = true },
	{ "origin", read_edge, COLUMN(grid.origin) },
	{ "clamp", shape_bool, COLUMN(clamp) },
	{ .key = NULL },
};
static const struct shape grid_shape = { "grid", grid_rows, sizeof(struct view_column),
	.check = check_grid };

static bool read_grid(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	void *arg = c->arg;
	bool ok;

	c->arg = field;
	ok = shape_object(c, node, field);
	c->arg = arg;
	return ok;
}

static const char *const finest_names[] = { [HIERARCHY_DAY] = "day",
	[HIERARCHY_MONTH] = "month",
	[HIERARCHY_QUARTER] = "quarter",
	[HIERARCHY_YEAR] = "year",
	NULL };
static const struct shape_words finests = { "period", .list = finest_names };

static const struct shape_row dates_rows[] = {
	{ "from", shape_text, COLUMN(dates.from), .need = true, .min = 10, .max = 10 },
	{ "to", shape_text, COLUMN(dates.to), .need = true, .min = 10, .max = 10 },
	{ "finest", shape_word, COLUMN(dates.finest), .words = &finests },
	{ .key = NULL },
};
static const struct shape dates_shape = { .what = "period",
	.rows = dates_rows,
	.size = sizeof(struct view_column) };

static bool read_lengths(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row one = { .read = shape_count,
		.size = sizeof(size_t),
		.min = 1,
		.max = HIERARCHY_LABEL_MAX };
	struct view_column *column = field;
	size_t *v = column->lengths;

	if (node->kind != DOC_LIST || node->n < 1 || node->n > VIEW_LENGTHS_MAX)
		return shape_must(c, node, "be a list of 1 to %d lengths, such as [3, 1]",
		    VIEW_LENGTHS_MAX);
	for (const struct doc_node *e = node->first; e != NULL; e = e->next) {
		const size_t i = column->n_lengths++;

		if (!shape_read(c, &one, e, &v[i]))
			return false;
		if (i > 0 && v[i] >= v[i - 1])
			return shape_wrong(c, e, "lengths fall: each is below the one before it");
	}
	return true;
}

/* ---- sensitive values ----------------------------------------------------------------- */

static bool read_ordered(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row one = { .read = shape_text,
		.size = sizeof(char *),
		.max = HIERARCHY_LABEL_MAX };
	struct view_column *column = field;
	struct sc_span *v;

	if (node->kind != DOC_LIST || node->n < 2 || node->n > RELEASE_VALUES_MAX)
		return shape_must(c, node, "be a list of 2 to %d values, in their order",
		    RELEASE_VALUES_MAX);
	if ((v = shape_alloc(c, node->n * sizeof(*v))) == NULL)
		return false;
	column->ordered = v;
	for (const struct doc_node *e = node->first; e != NULL; e = e->next) {
		const char *text;

		if (!shape_read(c, &one, e, &text))
			return false;
		for (size_t i = 0; i < column->n_ordered; i++)
			if (sc_span_is(v[i], text))
				return shape_wrong(c, e, "\"%.60s\" stands twice", text);
		v[column->n_ordered++] = sc_span_str(text);
	}
	return true;
}

/* ---- columns -------------------------------------------------------------------------- */

/* Keys that only one kind of column has. */
static const struct {
	const char *key;
	uint8_t is;
	int kind; /* enum view_rule_kind, or -1 */
} own_keys[] = {
	{ "hierarchy", VIEW_QUASI, VIEW_HIERARCHY },
	{ "grid", VIEW_QUASI, VIEW_GRID },
	{ "dates", VIEW_QUASI, VIEW_DATES },
	{ "prefixes", VIEW_QUASI, VIEW_PREFIXES },
	{ "l", VIEW_SENSITIVE, -1 },
	{ "entropy_l", VIEW_SENSITIVE, -1 },
	{ "t", VIEW_SENSITIVE, -1 },
	{ "share", VIEW_SENSITIVE, -1 },
	{ "ordered", VIEW_SENSITIVE, -1 },
};

static bool check_keys(struct shape_ctx *c, const struct doc_node *object,
    struct view_column *column)
{
	size_t rules = 0;

	for (size_t i = 0; i < sizeof(own_keys) / sizeof(own_keys[0]); i++) {
		const struct doc_node *found = doc_find(object, own_keys[i].key);

		if (found == NULL)
			continue;
		if (own_keys[i].is != column->is)
			return shape_wrong(c, found, "\"%s\" is of a column that is \"%s\"",
			    own_keys[i].key, own_keys[i].is == VIEW_QUASI ? "quasi" : "sensitive");
		if (own_keys[i].kind >= 0)
			column->kind = (uint8_t)own_keys[i].kind;
		column->ruled |= own_keys[i].is == VIEW_SENSITIVE &&
		    strcmp(own_keys[i].key, "ordered") != 0;
		rules += own_keys[i].kind >= 0;
	}
	return column->is != VIEW_QUASI || rules == 1 ||
	    shape_wrong(c, object,
		"a column that is \"quasi\" has one of \"hierarchy\", \"grid\", \"dates\" and "
		"\"prefixes\"");
}

static bool check_column(struct shape_ctx *c, const struct doc_node *object, void *into)
{
	struct view_column *column = into;

	if (column->source == NULL)
		column->source = column->name;
	if (column->means == NULL)
		column->means = column->name;
	if (column->means_zh == NULL)
		column->means_zh = column->means;
	if (column->unit == NULL)
		column->unit = "";
	column->rule.ordered = column->ordered != NULL;
	return check_keys(c, object, column);
}

static const char *const is_names[] = { [VIEW_QUASI] = "quasi",
	[VIEW_SENSITIVE] = "sensitive",
	[VIEW_PLAIN] = "plain",
	[VIEW_DROP] = "drop",
	NULL };
static const struct shape_words ises = { "kind of column", .list = is_names };

#define TEXT(field) shape_text, COLUMN(field), .max = VIEW_TEXT_MAX
static const struct shape_row column_rows[] = {
	{ "name", read_column, COLUMN(name), .need = true, .once = true },
	{ "source", TEXT(source) },
	{ "means", TEXT(means) },
	{ "means_zh", TEXT(means_zh) },
	{ "unit", shape_text, COLUMN(unit), .max = VIEW_UNIT_MAX },
	{ "is", shape_word, COLUMN(is), .need = true, .words = &ises },
	{ "hierarchy", shape_path, COLUMN(tree), .max = VIEW_TEXT_MAX },
	{ "grid", read_grid, SHAPE_HERE, .shape = &grid_shape },
	{ "dates", shape_object, SHAPE_HERE, .shape = &dates_shape },
	{ "prefixes", read_lengths, SHAPE_HERE },
	{ "l", shape_count, COLUMN(rule.distinct), .min = 1, .max = RELEASE_VALUES_MAX },
	{ "entropy_l", read_milli, COLUMN(rule.entropy_milli), .min = 1000,
	    .max = 1000 * RELEASE_VALUES_MAX },
	{ "t", view_read_share, COLUMN(rule.closeness_ppm), .min = 1, .max = RELEASE_PPM },
	{ "share", view_read_share, COLUMN(rule.share_ppm), .min = 1, .max = RELEASE_PPM },
	{ "ordered", read_ordered, SHAPE_HERE },
	{ .key = NULL },
};
const struct shape view_column_shape = { "column", column_rows, sizeof(struct view_column),
	.check = check_column };
