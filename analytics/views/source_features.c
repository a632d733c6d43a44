/*
 * source_features.c - features as text, by the words that their numbers stand for.
 */
#include "analytics/views/source_features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEEK_MS (UINT64_C(7) * 24 * 3600 * 1000)
#define TEXT_BYTES 48 /* of a number, or a band of two */

struct view_features {
	struct view_source source;
	const struct feature_file *file;
	const struct feed_words *words;
	uint64_t at; /* the next row */
	struct feature_row row;
	const char **names;
	char (*text)[TEXT_BYTES]; /* of each column's cell */
};

static struct sc_span number(char out[static TEXT_BYTES], uint64_t v)
{
	snprintf(out, TEXT_BYTES, "%llu", (unsigned long long)v);
	return sc_span_str(out);
}

static struct sc_span none(void)
{
	return sc_span_str("none");
}

/* The word with number I of LIST. */
static struct sc_span word(const struct feed_list *list, size_t i)
{
	return i == 0 || i > list->n ? none() : sc_span_str(list->v[i - 1]);
}

/* The place of the greatest of N counts from FROM on; N: all are 0. Of equal ones the first. */
static size_t greatest(const uint16_t *v, size_t from, size_t n)
{
	size_t best = n;

	for (size_t i = from; i < n; i++)
		if (v[i] > 0 && (best == n || v[i] > v[best]))
			best = i;
	return best;
}

/* ---- columns -------------------------------------------------------------------------- */

typedef struct sc_span features_cell_fn(struct view_features *f, char out[static TEXT_BYTES]);

static struct sc_span weeks_since_order(struct view_features *f, char out[static TEXT_BYTES])
{
	const uint64_t now = feature_file_head(f->file)->at_ms, then = f->row.last_order_ms;

	return number(out,
	    then == 0      ? VIEW_FEATURE_NEVER :
		then > now ? 0 :
			     (now - then) / WEEK_MS);
}

static struct sc_span orders(struct view_features *f, char out[static TEXT_BYTES])
{
	return number(out, f->row.orders);
}

static struct sc_span spent(struct view_features *f, char out[static TEXT_BYTES])
{
	return number(out, f->row.spent);
}

static struct sc_span lines(struct view_features *f, char out[static TEXT_BYTES])
{
	return number(out, f->row.lines);
}

static struct sc_span favourite_category(struct view_features *f, char out[static TEXT_BYTES])
{
	(void)out;
	return word(&f->words->categories, greatest(f->row.by_category, 1, FEATURE_CATEGORIES));
}

static struct sc_span main_channel(struct view_features *f, char out[static TEXT_BYTES])
{
	(void)out;
	return word(&f->words->channels, greatest(f->row.by_channel, 1, FEATURE_CHANNELS));
}

static struct sc_span best_hour(struct view_features *f, char out[static TEXT_BYTES])
{
	const size_t hour = greatest(f->row.by_hour, 0, 24);

	return hour == 24 ? none() : number(out, hour);
}

static struct sc_span weeks_active(struct view_features *f, char out[static TEXT_BYTES])
{
	uint64_t n = 0;

	for (size_t i = 0; i < FEATURE_WEEKS; i++)
		n += f->row.by_week[i] > 0;
	return number(out, n);
}

static const struct {
	const char *name;
	features_cell_fn *cell;
} columns[] = {
	{ "weeks_since_order", weeks_since_order },
	{ "orders", orders },
	{ "spent", spent },
	{ "lines", lines },
	{ "favourite_category", favourite_category },
	{ "main_channel", main_channel },
	{ "best_hour", best_hour },
	{ "weeks_active", weeks_active },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* What is below the first bound is band 1: "<18", "18-24", ... "50+". */
static struct sc_span band(const struct feed_trait *t, size_t value, char out[static TEXT_BYTES])
{
	if (value == 0 || value > t->n_bands + 1)
		return none();
	if (value == 1)
		snprintf(out, TEXT_BYTES, "<%lld", (long long)t->bands[0]);
	else if (value == t->n_bands + 1)
		snprintf(out, TEXT_BYTES, "%lld+", (long long)t->bands[value - 2]);
	else
		snprintf(out, TEXT_BYTES, "%lld-%lld", (long long)t->bands[value - 2],
		    (long long)t->bands[value - 1] - 1);
	return sc_span_str(out);
}

static struct sc_span trait(struct view_features *f, size_t i, char out[static TEXT_BYTES])
{
	const struct feed_trait *t = &f->words->traits[i];
	const size_t value = f->row.attributes[i];

	return t->kind == FEED_WORD_OF_LIST ? word(&t->words, value) : band(t, value, out);
}

/* ---- rows ----------------------------------------------------------------------------- */

static enum sc_err next(void *arg, struct sc_span *cells, uint64_t *person, bool *end,
    struct sc_diag *d)
{
	struct view_features *f = arg;

	(void)d;
	*end = f->at == feature_file_head(f->file)->count;
	if (*end)
		return SC_OK;
	feature_file_row(f->file, f->at++, &f->row);
	*person = f->row.person;
	for (size_t i = 0; i < f->source.n; i++)
		cells[i] = i < COLUMNS ? columns[i].cell(f, f->text[i]) :
					 trait(f, i - COLUMNS, f->text[i]);
	return SC_OK;
}

static enum sc_err again(void *arg, struct sc_diag *d)
{
	struct view_features *f = arg;

	(void)d;
	f->at = 0;
	return SC_OK;
}

enum sc_err view_features_new(const struct feature_file *file, const struct feed_words *words,
    struct view_features **out)
{
	struct view_features *f = calloc(1, sizeof(*f));
	const size_t n = COLUMNS + words->n_traits;

	*out = NULL;
	if (f == NULL)
		return SC_NOMEM;
	f->file = file;
	f->words = words;
	f->names = calloc(n, sizeof(*f->names));
	f->text = calloc(n, sizeof(*f->text));
	if (f->names == NULL || f->text == NULL) {
		view_features_free(f);
		return SC_NOMEM;
	}
	for (size_t i = 0; i < n; i++)
		f->names[i] = i < COLUMNS ? columns[i].name : words->traits[i - COLUMNS].name;
	f->source = (struct view_source){ f->names, n, next, again, f };
	*out = f;
	return SC_OK;
}

void view_features_free(struct view_features *v)
{
	if (v == NULL)
		return;
	sc_wipe(&v->row, sizeof(v->row));
	free(v->names);
	free(v->text);
	free(v);
}

struct view_source *view_features_source(struct view_features *v)
{
	return &v->source;
}
