/*
 * numbers.c - report.json: every figure of the page with its interval, source and verdict.
 *
 *	{"report": "marketing", "week": "2026-W47", "release": 47, "findings": [{verdict, en, zh}],
 *	 "numbers": [{id, value, low, high, unit, source, rho, verdict, en, zh}]}
 *
 * A blank is null. rho is what a number took from the privacy budget: nothing, all of it was
 * published before.
 */
#include "analytics/market/page.h"

#include "analytics/market/iso_week.h"
#include "base/text/jsonw.h"

#include <math.h>
#include <stdio.h>

static const char *const verdict_ids[VERDICTS] = {
	[VERDICT_NONE] = NULL,
	[VERDICT_SURE] = "sure",
	[VERDICT_LIKELY] = "likely",
	[VERDICT_CANNOT_TELL] = "cannot_tell",
	[VERDICT_NOT_AN_EFFECT] = "not_an_effect",
};

struct number_writer {
	struct jsonw w;
	char cube[32], view[32];
};

/* One number; value, low and high are NAN where they are blank. */
struct number_row {
	const char *part, *of, *what; /* "segment", "champions", "people": its id */
	struct stats_range r;
	const char *unit, *source;
	enum report_verdict verdict;
	struct say_words said;
};

#define BLANK ((struct stats_range){ NAN, NAN, NAN })
#define ALONE(x) ((struct stats_range){ (x), NAN, NAN })

static void put_double(struct jsonw *w, const char *key, double v)
{
	char text[40];

	jsonw_key(w, key);
	if (!isfinite(v)) {
		jsonw_null(w);
		return;
	}
	snprintf(text, sizeof(text), "%.6g", v);
	if (fabs(v) < 1e15 && v == floor(v))
		snprintf(text, sizeof(text), "%.0f", v);
	jsonw_raw(w, sc_span_str(text));
}

static void put_verdict(struct jsonw *w, enum report_verdict v)
{
	jsonw_key(w, "verdict");
	if (verdict_ids[v] != NULL)
		jsonw_str(w, verdict_ids[v]);
	else
		jsonw_null(w);
}

static void put(struct number_writer *n, const struct number_row *row)
{
	struct jsonw *w = &n->w;
	char id[256];

	snprintf(id, sizeof(id), "%s.%.160s%s%s", row->part, row->of,
	    row->what[0] != '\0' ? "." : "", row->what);
	jsonw_object(w);
	jsonw_kstr(w, "id", id);
	put_double(w, "value", row->r.value);
	put_double(w, "low", row->r.low);
	put_double(w, "high", row->r.high);
	jsonw_kstr(w, "unit", row->unit);
	jsonw_kstr(w, "source", row->source);
	jsonw_ku64(w, "rho", 0);
	put_verdict(w, row->verdict);
	jsonw_kstr(w, "en", row->said.en);
	jsonw_kstr(w, "zh", row->said.zh);
	jsonw_object_end(w);
}

static void put_tiles(struct number_writer *n, const struct market_report *r)
{
	static const char *const ids[TILES] = { "visitors", "buyers", "orders", "revenue" };
	static const char *const units[TILES] = { "people", "people", "orders", "currency" };

	for (size_t i = 0; i < TILES; i++) {
		const struct report_tile *t = &r->tiles[i];
		const double value = i == TILE_REVENUE ? t->value / 100 : t->value;

		put(n,
		    &(struct number_row){ "tile", ids[i], "", ALONE(value), units[i], n->cube,
			VERDICT_NONE, say_tiles[i] });
		put(n,
		    &(struct number_row){ "tile", ids[i], "change_4w",
			t->has_change ? t->change : BLANK, "ratio", n->cube,
			t->has_change && t->p < 0.01 ? VERDICT_NOT_AN_EFFECT : VERDICT_CANNOT_TELL,
			say_tiles[i] });
	}
	put(n,
	    &(struct number_row){ "tile", "bought_before", "",
		r->again.known ? r->again.share : BLANK, "share", n->cube, VERDICT_NONE,
		{ "Buyers who had bought before", "老客占购买人数" } });
}

static void put_segment(struct number_writer *n, const struct report_segment *s)
{
	char en[128], zh[128];

	say_group(s->group, false, en, sizeof(en));
	say_group(s->group, true, zh, sizeof(zh));
	const struct number_row rows[] = {
		{ "segment", s->group, "people", ALONE(s->people), "people", n->cube, VERDICT_NONE,
		    { en, zh } },
		{ "segment", s->group, "change_4w", ALONE(s->change.known ? s->change.v : NAN),
		    "people", n->cube, VERDICT_NONE, { en, zh } },
		{ "segment", s->group, "revenue_share_12w",
		    ALONE(s->revenue_share.known ? s->revenue_share.v : NAN), "share", n->cube,
		    VERDICT_NONE, { en, zh } },
		{ "segment", s->group, "orders_next_13w", s->has_orders ? s->orders : BLANK,
		    "orders a person", n->cube,
		    s->has_orders ? VERDICT_LIKELY : VERDICT_CANNOT_TELL, { en, zh } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(n, &rows[i]);
}

static void put_category(struct number_writer *n, const struct report_category *c)
{
	char en[128], zh[128];

	say_group(c->group, false, en, sizeof(en));
	say_group(c->group, true, zh, sizeof(zh));
	const struct number_row rows[] = {
		{ "category", c->group, "visitors_4w", ALONE(c->visitors), "people", n->cube,
		    VERDICT_NONE, { en, zh } },
		{ "category", c->group, "change_of_share", c->tested ? c->change : BLANK, "ratio",
		    n->cube, c->found ? VERDICT_SURE : VERDICT_CANNOT_TELL, { en, zh } },
		{ "category", c->group, "buyers_per_visitor", c->has_rate ? c->rate : BLANK,
		    "share", n->cube, VERDICT_NONE, { en, zh } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(n, &rows[i]);
}

static void put_times(struct number_writer *n, const struct market_report *r)
{
	static const char *const days[7] = { "1", "2", "3", "4", "5", "6", "7" };

	for (size_t c = 0; c < r->hours.n; c++) {
		const bool known = r->hours.best[c] < REPORT_HOURS;

		put(n,
		    &(struct number_row){ "hour", r->hours.channels[c], "best",
			ALONE(known ? (double)r->hours.best[c] : NAN), "hour", n->cube,
			r->hours.sure[c] ? VERDICT_SURE : VERDICT_CANNOT_TELL,
			say_word(r->hours.channels[c]) });
	}
	for (size_t i = 0; i < 7; i++) {
		const struct stats_range *v = &r->weekdays.v[i];

		put(n,
		    &(struct number_row){ "weekday", days[i], "against_average",
			r->weekdays.known ? *v : BLANK, "ratio", n->cube,
			r->weekdays.known && (v->low > 0 || v->high < 0) ? VERDICT_SURE :
									   VERDICT_CANNOT_TELL,
			say_days[i] });
	}
	put(n,
	    &(struct number_row){ "cohort", "next_month", "bought_again",
		r->cohorts.has_next ? r->cohorts.next : BLANK, "share", n->cube,
		r->cohorts.has_next ? VERDICT_SURE : VERDICT_CANNOT_TELL,
		{ "Bought again in the month after the first order", "首单次月再次购买" } });
}

static void put_view(struct number_writer *n, const struct market_report *r)
{
	const struct report_portraits *p = &r->portraits;

	put(n,
	    &(struct number_row){ "portraits", "agreement", "",
		ALONE(p->tried ? p->agreement : NAN), "adjusted Rand index", n->view,
		p->n > 0 ? VERDICT_SURE : VERDICT_CANNOT_TELL,
		{ "Worst agreement with other samples", "换人重做的最差一致度" } });
	for (size_t i = 0; i < p->n; i++)
		put(n,
		    &(struct number_row){ "portrait", say_portraits[p->v[i].name].en, "people",
			ALONE(p->v[i].people), "people", n->view, VERDICT_NONE,
			say_portraits[p->v[i].name] });
	if (r->heat.people > 0)
		put(n,
		    &(struct number_row){ "heat", "crossing", "", ALONE(r->heat.crossing), "people",
			n->view, VERDICT_NONE,
			{ "People in no field of the heat map", "不计入热力图任何一格的人数" } });
}

enum sc_err market_numbers_write(const struct market_report *r, struct sc_buf *out)
{
	struct number_writer n = { .w = jsonw(out) };
	char week[ISO_WEEK_BYTES];

	iso_week_print(r->data->week, week);
	snprintf(n.cube, sizeof(n.cube), "cube:%llu", (unsigned long long)r->data->cube);
	snprintf(n.view, sizeof(n.view), "view:%llu",
	    (unsigned long long)r->data->view.manifest.number);
	jsonw_object(&n.w);
	jsonw_kstr(&n.w, "report", "marketing");
	jsonw_kstr(&n.w, "week", week);
	jsonw_ku64(&n.w, "release", r->data->cube);
	jsonw_ku64(&n.w, "questions", r->data->account.questions);
	jsonw_key(&n.w, "findings");
	jsonw_array(&n.w);
	for (size_t i = 0; i < REPORT_FINDINGS; i++) {
		jsonw_object(&n.w);
		put_verdict(&n.w, r->findings[i].verdict);
		jsonw_kstr(&n.w, "en", r->findings[i].text.en);
		jsonw_kstr(&n.w, "zh", r->findings[i].text.zh);
		jsonw_object_end(&n.w);
	}
	jsonw_array_end(&n.w);
	jsonw_key(&n.w, "numbers");
	jsonw_array(&n.w);
	put_tiles(&n, r);
	for (size_t i = 0; i < r->segments.n; i++)
		put_segment(&n, &r->segments.v[i]);
	for (size_t i = 0; i < r->categories.n; i++)
		put_category(&n, &r->categories.v[i]);
	put_times(&n, r);
	put_view(&n, r);
	jsonw_array_end(&n.w);
	jsonw_object_end(&n.w);
	return n.w.err;
}
