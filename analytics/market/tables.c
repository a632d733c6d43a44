/*
 * tables.c - the page's tables as CSV (RFC 4180): a header, then rows; a blank is empty.
 */
#include "analytics/market/page.h"

#include <stdio.h>
#include <string.h>

struct csv_writer {
	struct sc_buf *out;
	enum sc_err err;
	bool begun; /* something stands in the row */
};

static void put_bytes(struct csv_writer *w, const char *p, size_t n)
{
	if (w->err == SC_OK)
		w->err = sc_buf_put(w->out, p, n);
}

/*
 * A cell. Quoted where it must be; what a spreadsheet would take for a formula gets an
 * apostrophe in front.
 */
static void put_text(struct csv_writer *w, const char *text)
{
	const bool formula = text[0] != '\0' && strchr("=+-@\t", text[0]) != NULL;

	if (w->begun)
		put_bytes(w, ",", 1);
	w->begun = true;
	if (!formula && strcspn(text, ",\"\r\n") == strlen(text)) {
		put_bytes(w, text, strlen(text));
		return;
	}
	put_bytes(w, formula ? "\"'" : "\"", formula ? 2 : 1);
	for (; *text != '\0'; text++)
		put_bytes(w, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	put_bytes(w, "\"", 1);
}

static void put_value(struct csv_writer *w, bool known, double v)
{
	char text[40] = "";

	if (known)
		snprintf(text, sizeof(text), "%.10g", v);
	if (w->begun)
		put_bytes(w, ",", 1);
	w->begun = true;
	put_bytes(w, text, strlen(text));
}

static void put_range(struct csv_writer *w, bool known, const struct stats_range *r)
{
	put_value(w, known, r->value);
	put_value(w, known, r->low);
	put_value(w, known, r->high);
}

static void end_row(struct csv_writer *w)
{
	put_bytes(w, "\r\n", 2);
	w->begun = false;
}

static void head(struct csv_writer *w, const char *names)
{
	put_bytes(w, names, strlen(names));
	end_row(w);
}

static enum sc_err write_segments(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };

	head(&w, "segment,people,change_4w,revenue_share_12w,orders_next_13w,low,high");
	for (size_t i = 0; i < r->segments.n; i++) {
		const struct report_segment *s = &r->segments.v[i];

		put_text(&w, s->group);
		put_value(&w, true, s->people);
		put_value(&w, s->change.known, s->change.v);
		put_value(&w, s->revenue_share.known, s->revenue_share.v);
		put_range(&w, s->has_orders, &s->orders);
		end_row(&w);
	}
	return w.err;
}

/* Every row that is published of the week, not only what stands out. */
static enum sc_err write_traits(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };

	head(&w, "trait,segment,value,people");
	for (size_t t = 0; t < r->data->n_traits; t++) {
		const struct market_series *s = &r->data->traits[t].rows;

		for (size_t i = 0; i < s->n; i++) {
			put_text(&w, r->data->traits[t].name);
			put_text(&w, s->rows[i].of[0]);
			put_text(&w, s->rows[i].of[1]);
			put_value(&w, true, s->rows[i].v[0]);
			end_row(&w);
		}
	}
	return w.err;
}

static enum sc_err write_categories(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };

	head(&w,
	    "category,visitors_4w,change_of_share,low,high,p,found,buyers_per_visitor,low,high");
	for (size_t i = 0; i < r->categories.n; i++) {
		const struct report_category *c = &r->categories.v[i];

		put_text(&w, c->group);
		put_value(&w, true, c->visitors);
		put_range(&w, c->tested, &c->change);
		put_value(&w, c->tested, c->p);
		put_value(&w, c->tested, c->found);
		put_range(&w, c->has_rate, &c->rate);
		end_row(&w);
	}
	return w.err;
}

static enum sc_err write_bands(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };

	head(&w, "category,band,buyers");
	for (size_t i = 0; i < r->bands.n_rows; i++)
		for (size_t k = 0; k <= r->bands.n; k++) {
			put_text(&w,
			    r->bands.rows[i].category != NULL ? r->bands.rows[i].category : "*");
			put_text(&w, k < r->bands.n ? r->bands.names[k] : "folded");
			put_value(&w, true, r->bands.rows[i].v[k < r->bands.n ? k : REPORT_BANDS]);
			end_row(&w);
		}
	return w.err;
}

static enum sc_err write_hours(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };

	head(&w, "channel,hour,visitors");
	for (size_t c = 0; c < r->hours.n; c++)
		for (size_t h = 0; h < REPORT_HOURS; h++) {
			put_text(&w, r->hours.channels[c]);
			put_value(&w, true, (double)h);
			put_value(&w, r->hours.v[c][h].known, r->hours.v[c][h].v);
			end_row(&w);
		}
	return w.err;
}

static enum sc_err write_weekdays(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };

	head(&w, "weekday,against_average,low,high");
	for (size_t i = 0; i < 7; i++) {
		put_text(&w, say_days[i].en);
		put_range(&w, r->weekdays.known, &r->weekdays.v[i]);
		end_row(&w);
	}
	return w.err;
}

static enum sc_err write_cohorts(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };
	char month[40];

	head(&w, "first_month,people,month_after,bought_again");
	for (size_t i = 0; i < r->cohorts.n; i++) {
		const struct report_cohort *c = &r->cohorts.v[i];

		snprintf(month, sizeof(month), "%04lld-%02lld", (long long)(c->month / 12),
		    (long long)(c->month % 12 + 1));
		for (size_t k = 0; k < c->n; k++) {
			put_text(&w, month);
			put_value(&w, true, c->size);
			put_value(&w, true, (double)(k + 1));
			put_value(&w, c->share[k].known, c->share[k].v);
			end_row(&w);
		}
	}
	return w.err;
}

static enum sc_err write_portraits(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };

	head(&w, "portrait,people,weeks_since_order,orders,spent,share_of_spending,favourite");
	for (size_t i = 0; i < r->portraits.n; i++) {
		const struct report_portrait *v = &r->portraits.v[i];

		put_text(&w, say_portraits[v->name].en);
		put_value(&w, true, v->people);
		put_value(&w, true, v->weeks);
		put_value(&w, true, v->orders);
		put_value(&w, true, v->spent);
		put_value(&w, true, v->share);
		put_text(&w, v->favourite != NULL ? v->favourite : "");
		end_row(&w);
	}
	return w.err;
}

static enum sc_err write_heat(const struct market_report *r, struct sc_buf *out)
{
	struct csv_writer w = { out, SC_OK, false };
	const struct report_heat *h = &r->heat;

	head(&w, "weeks_from,orders_from,people");
	for (size_t row = 0; row < h->n_rows; row++)
		for (size_t col = 0; col < h->n_cols; col++) {
			const double people = h->v[row * h->n_cols + col];

			put_value(&w, true, (double)h->row_at[row]);
			put_value(&w, true, (double)h->col_at[col]);
			put_value(&w, people > 0, people);
			end_row(&w);
		}
	return w.err;
}

const struct market_csv market_csvs[] = {
	{ "segments.csv", write_segments },
	{ "traits.csv", write_traits },
	{ "heat.csv", write_heat },
	{ "portraits.csv", write_portraits },
	{ "categories.csv", write_categories },
	{ "bands.csv", write_bands },
	{ "hours.csv", write_hours },
	{ "weekdays.csv", write_weekdays },
	{ "cohorts.csv", write_cohorts },
};
const size_t market_n_csvs = sizeof(market_csvs) / sizeof(market_csvs[0]);
