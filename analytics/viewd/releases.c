/*
 * releases.c - the cube, then the views, each onto the shelf of drafts.
 *
 *	DRAFTS/<dataset>/<number>/	shelf.h
 *	DATA/lineage-<population>	who was published with whom: lineage.h
 */
#include "analytics/viewd/releases.h"

#include "analytics/cube/cube.h"
#include "analytics/shelf/shelf.h"
#include "analytics/views/source_features.h"
#include "analytics/views/spec.h"
#include "analytics/views/views.h"
#include "base/civil.h"
#include "base/grow.h"
#include "base/log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000
#define DAY_BYTES 16

struct releases {
	const struct view_settings *settings;
	const struct feed_words *words;
	struct view_specs specs;
	/* of the snapshot at hand */
	uint64_t at_ms;
	char from[DAY_BYTES], to[DAY_BYTES]; /* the last week that has ended, by UTC */
	uint32_t week;                       /* that has begun, as features count them */
	bool has_past;                       /* somebody did something before it */
	bool owed[RELEASES_MAX];
	struct cube *cube;
	enum sc_err err; /* of those who cannot say so themselves */
	uint64_t *erased;
	size_t n_erased, cap_erased;
	bool (*goes_on)(void *arg);
	void *arg;
};

enum sc_err releases_open(const struct view_settings *settings, const struct feed_words *words,
    struct sc_diags *all, struct releases **out)
{
	struct releases *r;
	enum sc_err err = SC_OK;

	*out = NULL;
	if (settings->drafts == NULL)
		return SC_OK;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return SC_NOMEM;
	r->settings = settings;
	r->words = words;
	if (settings->views != NULL &&
	    (err = view_specs_load(settings->views, all, &r->specs)) != SC_OK) {
		free(r);
		return err;
	}
	*out = r;
	return SC_OK;
}

void releases_close(struct releases *r)
{
	if (r == NULL)
		return;
	cube_free(r->cube);
	free(r->erased);
	view_specs_fini(&r->specs);
	free(r);
}

/* ---- what is owed --------------------------------------------------------------------- */

static void print_day(int64_t day, char out[static DAY_BYTES])
{
	const struct civil_date d = civil_of_days(day);

	snprintf(out, DAY_BYTES, "%04u-%02u-%02u", (unsigned)d.year % 10000, d.month, d.day);
}

/* 1970 began on a Thursday: the first Monday was day 4. */
static void last_week(struct releases *r)
{
	const int64_t today = (int64_t)(r->at_ms / DAY_MS);
	const int64_t monday = today - ((today - 4) % 7 + 7) % 7;

	r->week = (uint32_t)((today + 3) / 7);
	print_day(monday - 7, r->from);
	print_day(monday - 1, r->to);
}

/* The newest draft of DATASET: its number, the days' end and the sum of its manifest. */
struct newest {
	uint64_t number; /* 0: there is none */
	char to[DAY_BYTES];
	uint8_t sha256[SHELF_SHA_BYTES];
	char folder[VIEW_PATH_MAX + 128];
};

static enum sc_err find_newest(const struct releases *r, const char *dataset, struct sc_diag *d,
    struct newest *out)
{
	const char *root = r->settings->drafts;
	struct shelf_release release = { .folder = NULL };
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if ((err = shelf_newest(root, dataset, d, &out->number)) != SC_OK || out->number == 0)
		return err;
	if ((err = shelf_path(root, dataset, out->number, out->folder, sizeof(out->folder))) !=
		SC_OK ||
	    (err = shelf_release_open(out->folder, d, &release)) != SC_OK)
		return err;
	snprintf(out->to, sizeof(out->to), "%s", release.manifest.to);
	memcpy(out->sha256, release.sha256, sizeof(out->sha256));
	shelf_release_fini(&release);
	return SC_OK;
}

static bool of_features(const struct view_spec *s)
{
	return s->from == VIEW_FEATURES;
}

static const char *dataset_of(const struct releases *r, size_t i)
{
	return i == 0 ? r->settings->cube_dataset : r->specs.v[i - 1].name;
}

/* Why a dataset has no new release; a withheld one is tried again at the next snapshot. */
static void say(const char *dataset, enum sc_err err, const struct sc_diag *d)
{
	struct sc_name name;

	if (sc_name_parse(sc_span_str(dataset), &name) == SC_OK)
		log_event(LOG_ERROR, "viewd.release_withheld", LOG_NAME("dataset", &name),
		    LOG_ERR("err", err), LOG_END);
	if (d->text[0] != '\0')
		fprintf(stderr, "scrim-viewd: %s: %s\n", dataset, d->text);
}

static bool is_owed(struct releases *r, size_t i)
{
	struct sc_diag d = { .text = "" };
	struct newest newest;
	enum sc_err err;

	if (i == 0 ? r->settings->cube_dataset == NULL : !of_features(&r->specs.v[i - 1]))
		return false;
	if ((err = find_newest(r, dataset_of(r, i), &d, &newest)) != SC_OK) {
		say(dataset_of(r, i), err, &d); /* nothing may be made upon what is not known */
		return false;
	}
	return strcmp(newest.to, r->to) < 0;
}

static enum sc_err hear(void *arg, uint64_t person, const struct feed_event *e)
{
	return cube_event(arg, person, e);
}

enum sc_err releases_begin(struct releases *r, uint64_t at_ms, struct fold_settings *settings)
{
	enum sc_err err;

	if (r == NULL)
		return SC_OK;
	r->at_ms = at_ms;
	r->n_erased = 0;
	cube_free(r->cube);
	r->cube = NULL;
	last_week(r);
	for (size_t i = 0; i < RELEASES_MAX; i++)
		r->owed[i] = i <= r->specs.n && is_owed(r, i);
	if (!r->owed[0])
		return SC_OK;
	const struct cube_settings c = { .words = r->words,
		.champion_steps = (int64_t)(r->settings->champion /
		    (r->words->price_step + !r->words->price_step)),
		.last_ms = at_ms };

	if ((err = cube_new(&c, &r->cube)) != SC_OK)
		return err;
	settings->counted = hear;
	settings->counted_arg = r->cube;
	return SC_OK;
}

enum sc_err releases_erased(struct releases *r, uint64_t person)
{
	if (r == NULL)
		return SC_OK;
	if (r->n_erased == r->cap_erased) {
		const size_t cap = sc_grown(r->cap_erased);
		uint64_t *v = realloc(r->erased, cap * sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		r->erased = v;
		r->cap_erased = cap;
	}
	r->erased[r->n_erased++] = person;
	return SC_OK;
}

/* ---- who there is ------------------------------------------------------------------------- */

/* Anything before the week that has begun? */
static bool did_before(const struct feature_row *row, uint32_t week)
{
	for (size_t i = 0; i < FEATURE_WEEKS; i++)
		if (row->by_week[i] != 0 && row->week < week + i)
			return true;
	return false;
}

/* ---- the cube ---------------------------------------------------------------------------- */

static void take_person(void *arg, const struct feature_row *row)
{
	struct releases *r = arg;

	r->has_past = r->has_past || did_before(row, r->week);
	if (r->cube != NULL && r->err == SC_OK)
		r->err = cube_person(r->cube, row->person, row->attributes);
}

static enum sc_err make_cube(struct releases *r, uint64_t *number, struct sc_diag *d)
{
	struct newest newest;
	struct cube_made made;
	enum sc_err err;

	if ((err = r->err) != SC_OK ||
	    (err = find_newest(r, r->settings->cube_dataset, d, &newest)) != SC_OK)
		return err;
	struct cube_order o = { .tenant = r->settings->tenant.s,
		.root = r->settings->drafts,
		.dataset = r->settings->cube_dataset,
		.number = newest.number + 1,
		.made_ms = r->at_ms,
		.previous = newest.number == 0 ? NULL : newest.folder };

	randombytes_buf(o.key, sizeof(o.key));
	err = cube_make(r->cube, &o, d, &made);
	sodium_memzero(o.key, sizeof(o.key));
	*number = o.number;
	return err;
}

/* ---- views --------------------------------------------------------------------------------- */

static bool on_progress(void *ctx, unsigned permille)
{
	const struct releases *r = ctx;

	(void)permille;
	return r->goes_on(r->arg);
}

static enum sc_err open_lineage(const struct releases *r, const struct view_spec *s,
    struct sc_diag *d, struct lineage **out)
{
	char path[VIEW_PATH_MAX + 128];

	*out = NULL;
	if (snprintf(path, sizeof(path), "%s/lineage-%s", r->settings->data,
		s->population == NULL ? s->name : s->population) >= (int)sizeof(path))
		return SC_LIMIT;
	return lineage_open(path, d, out);
}

static uint64_t next_number(const struct newest *newest, const struct lineage *l,
    const char *dataset)
{
	const uint64_t noted = lineage_number(l, dataset);

	return 1 + (noted > newest->number ? noted : newest->number);
}

static enum sc_err make_of(struct releases *r, const struct view_spec *s,
    struct view_source *source, struct lineage *lineage, uint64_t *number, struct sc_diag *d)
{
	struct newest newest;
	struct view_made made;
	enum sc_err err;

	if ((err = find_newest(r, s->name, d, &newest)) != SC_OK)
		return err;
	struct view_order o = { .spec = s,
		.source = source,
		.tenant = r->settings->tenant.s,
		.root = r->settings->drafts,
		.number = *number = next_number(&newest, lineage, s->name),
		.made_ms = r->at_ms,
		.from = r->from,
		.to = r->to,
		.lineage = lineage,
		.progress = on_progress,
		.ctx = r };

	memcpy(o.previous, newest.sha256, sizeof(o.previous));
	randombytes_buf(o.key, sizeof(o.key));
	err = view_make(&o, d, &made);
	sodium_memzero(o.key, sizeof(o.key));
	return err;
}

static enum sc_err make_view(struct releases *r, const struct view_spec *s, const char *features,
    uint64_t *number, struct sc_diag *d)
{
	struct feature_file *file = NULL;
	struct view_features *rows = NULL;
	struct lineage *l = NULL;
	enum sc_err err;

	if ((err = open_lineage(r, s, d, &l)) == SC_OK &&
	    (err = feature_file_open(features, d, &file)) == SC_OK &&
	    (err = view_features_new(file, r->words, &rows)) == SC_OK)
		err = make_of(r, s, view_features_source(rows), l, number, d);
	view_features_free(rows);
	feature_file_close(file);
	lineage_close(l);
	return err;
}

/* Nothing of who was erased stays in any lineage, whether a release is owed or not. */
static enum sc_err forget(struct releases *r, const struct view_spec *s)
{
	struct sc_diag d = { .text = "" };
	struct lineage *l = NULL;
	enum sc_err err = SC_OK;

	if (!of_features(s) || r->n_erased == 0)
		return SC_OK;
	if ((err = open_lineage(r, s, &d, &l)) == SC_OK) {
		for (size_t i = 0; i < r->n_erased; i++)
			lineage_forget(l, r->erased[i]);
		err = lineage_save(l, &d);
	}
	if (err != SC_OK)
		say(s->name, err, &d);
	lineage_close(l);
	return err;
}

/* ---- all of it -------------------------------------------------------------------------------- */

static enum sc_err make_one(struct releases *r, size_t i, const char *features,
    struct releases_made *made)
{
	struct releases_one *out = &made->v[i];
	struct sc_diag d = { .text = "" };

	out->err = i == 0 ? make_cube(r, &out->number, &d) :
			    make_view(r, &r->specs.v[i - 1], features, &out->number, &d);
	if (out->err == SC_OK)
		return SC_OK;
	out->number = 0;
	if (out->err == SC_AGAIN || out->err == SC_NOMEM)
		return out->err;
	if (i == 0 && out->err == SC_STALE) {
		made->owed[i] = false; /* by the shop's clock no week has ended yet */
		return SC_OK;
	}
	say(dataset_of(r, i), out->err, &d);
	return SC_OK;
}

enum sc_err releases_make(struct releases *r, const struct fold *fold, const char *features,
    bool (*goes_on)(void *arg), void *arg, struct releases_made *made)
{
	enum sc_err err = SC_OK;

	memset(made, 0, sizeof(*made));
	if (r == NULL)
		return SC_OK;
	r->goes_on = goes_on;
	r->arg = arg;
	for (size_t i = 0; i < r->specs.n && err == SC_OK; i++)
		err = forget(r, &r->specs.v[i]);
	r->err = SC_OK;
	r->has_past = false;
	fold_each(fold, take_person, r);
	/* of people whose first week is not over there is nothing to tell */
	for (size_t i = 0; i <= r->specs.n && err == SC_OK; i++)
		if ((made->owed[i] = r->owed[i] && r->has_past))
			err = make_one(r, i, features, made);
	cube_free(r->cube);
	r->cube = NULL;
	return err;
}

void releases_tell(const struct releases_made *made, view_tell_fn *tell, void *arg)
{
	for (uint8_t i = 0; i < RELEASES_MAX; i++)
		if (made->owed[i] && made->v[i].number != 0)
			view_tell_tally(tell, arg, FEED_N_DRAFTED, i, 0, made->v[i].number);
		else if (made->owed[i])
			view_tell_tally(tell, arg, FEED_N_WITHHELD, i, 0, made->v[i].err);
}
