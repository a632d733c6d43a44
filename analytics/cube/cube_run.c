/*
 * cube_run.c - all weeks in their order: the old ones for what they say of people, the new
 * ones for rows.
 */
#include "analytics/cube/cube_private.h"

#include <stdlib.h>

static size_t trait_values(const struct feed_trait *t)
{
	return (t->kind == FEED_WORD_OF_LIST ? t->words.n : t->n_bands + 1) + 1;
}

/* Unknown, and as many as have a bound, and above them. */
static size_t bands_of(const struct feed_words *w)
{
	size_t n = 0;

	while (n < FEED_BANDS - 1 && w->price_bands[n] != UINT32_MAX)
		n++;
	return n + 2;
}

static enum sc_err init_margins(struct cube_run *r, size_t months)
{
	const struct feed_words *w = r->c->settings.words;
	const size_t categories = w->categories.n + 1;
	const size_t channels = w->channels.n + 1 < FEATURE_CHANNELS ? w->channels.n + 1 :
								       FEATURE_CHANNELS;
	const struct {
		size_t n_a, n_b;
		bool disjoint, adds;
	} of[CUBE_SEGMENT_TRAIT] = {
		[CUBE_WEEK] = { 1, 1, true, false },
		[CUBE_VISITORS_CATEGORY] = { categories, 1, false, false },
		[CUBE_BUYERS_CATEGORY] = { categories, 1, false, false },
		[CUBE_BUYERS_BAND] = { bands_of(w), 1, false, true },
		[CUBE_VISITORS_HOUR] = { channels, 24, false, false },
		[CUBE_BUYERS_WEEKDAY] = { 7, 1, false, false },
		[CUBE_SEGMENTS_TABLE] = { CUBE_SEGMENTS, 1, true, false },
		[CUBE_SEGMENT_CHANNEL] = { CUBE_SEGMENTS, channels, true, false },
		[CUBE_COHORTS] = { months, 1, true, false },
		[CUBE_MONTH_CATEGORY_BAND] = { categories, bands_of(w), false, false },
		[CUBE_QUARTERS] = { CUBE_SEGMENTS, 1, true, false },
	};
	enum sc_err err = SC_OK;

	for (size_t t = 0; t < CUBE_SEGMENT_TRAIT + w->n_traits && err == SC_OK; t++) {
		struct cube_margin *m = &r->margins[t];

		if (t >= CUBE_SEGMENT_TRAIT)
			err = margin_init(m, CUBE_SEGMENTS,
			    trait_values(&w->traits[t - CUBE_SEGMENT_TRAIT]), true);
		else if (of[t].n_a != 0)
			err = margin_init(m, of[t].n_a, of[t].n_b, of[t].disjoint);
		m->adds = t < CUBE_SEGMENT_TRAIT && of[t].adds;
		m->step = w->price_step;
	}
	return err;
}

enum sc_err cube_run_init(struct cube_run *r)
{
	const uint32_t last = r->c->n_weeks == 0 ? 0 : r->c->first_week + r->c->n_weeks - 1;
	const int64_t monday = cube_monday(r->c->first_week);
	size_t months;

	r->base_month = cube_month_of_day(monday < 0 ? 0 : monday);
	months = cube_month_of_day(cube_monday(last) + 6) - r->base_month + 1;
	if ((r->cohorts = calloc(months, sizeof(*r->cohorts))) == NULL)
		return SC_NOMEM;
	return init_margins(r, months);
}

void cube_run_fini(struct cube_run *r)
{
	for (size_t t = 0; t < CUBE_TABLES; t++)
		margin_fini(&r->margins[t]);
	sc_arena_fini(&r->arena);
	free(r->cohorts);
	r->cohorts = NULL;
}

/* The month that ends in WEEK, if it was whole when publishing began. */
static enum sc_err count_month(struct cube_run *r, uint32_t week)
{
	const uint32_t month = cube_month_of_day(cube_monday(week));
	const int64_t last = cube_month_first_day(month + 1) - 1;

	if (last > cube_monday(week) + 6 || cube_month_first_day(month) < r->before->first_day)
		return SC_OK;
	return cube_count_month(r, month);
}

static enum sc_err new_rows(struct cube_run *r, uint32_t week)
{
	enum sc_err err = cube_count_week(r, week);

	if (err == SC_OK)
		err = count_month(r, week);
	if (err == SC_OK && cube_ends_quarter(week))
		err = cube_count_quarter(r, week);
	sc_arena_fini(&r->arena);
	return err;
}

enum sc_err cube_run_weeks(struct cube_run *r)
{
	uint64_t cap = cube_first_cap(r->c->settings.words);
	enum sc_err err = SC_OK;

	cube_past_begin(r->c);
	for (uint32_t w = r->c->first_week < r->first ? r->c->first_week : r->first;
	     w <= r->last && err == SC_OK; w++) {
		uint64_t published;

		if (cube_before_cap(r->before, w, &published))
			cap = published;
		r->cap = cap;
		cube_past_add(r->c, w);
		cube_cap_note(r->c, w, cap);
		if (w >= r->first)
			err = new_rows(r, w);
		if (cube_ends_quarter(w))
			cap = cube_cap_next(r->c, cap, r->key);
		if (cube_ends_quarter(w + CUBE_QUARTER))
			cube_quarter_begin(r->c, w);
	}
	return err;
}
