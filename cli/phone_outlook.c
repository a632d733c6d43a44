/*
 * phone_outlook.c - a simulation and its outlook as JSON.
 */
#include "cli/phone_outlook.h"

#include "cli/cli.h"

#include <math.h>
#include <stdio.h>

const struct outlook_row outlook_rows[OUTLOOK_ROWS] = {
	{ "taken, with the numbers above, %", "taken", offsetof(struct outlook, taken), 100 },
	{ "live, %", "live", offsetof(struct outlook, live), 100 },
	{ "3 guesses find somebody, %", "guess_3", offsetof(struct outlook, guess3), 100 },
	{ "30 guesses find somebody, %", "guess_30", offsetof(struct outlook, guess30), 100 },
	{ "misdelivered of a million calls, at most", "misdelivered_per_million",
	    offsetof(struct outlook, wrong), 1 },
};

static void put_real(struct jsonw *w, const char *key, double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.9g", value);
	jsonw_key(w, key);
	jsonw_raw(w, sc_span_str(text));
}

static void put_settings(struct jsonw *w, const struct phone_simulation *s)
{
	jsonw_key(w, "settings");
	jsonw_object(w);
	jsonw_ku64(w, "ext_digits", s->ext_digits);
	jsonw_ku64(w, "orders_per_day", s->orders_day);
	jsonw_ku64(w, "ttl_s", s->ttl_s);
	jsonw_ku64(w, "cooldown_s", s->cooldown_s);
	jsonw_ku64(w, "days", s->days);
	jsonw_ku64(w, "seed", s->seed);
	put_real(w, "fill", s->fill);
	put_real(w, "calls", s->calls);
	put_real(w, "late", s->late);
	put_real(w, "late_after_cooldown", s->after);
	put_real(w, "reused_labels", s->reused);
	put_real(w, "misdial", s->misdial);
	jsonw_object_end(w);
}

static void put_pool(struct jsonw *w, const struct phone_simulated *r)
{
	jsonw_ku64(w, "numbers", r->lines);
	jsonw_ku64(w, "slots", r->slots);
	jsonw_ku64(w, "orders", r->orders);
	jsonw_ku64(w, "bound", r->bound);
	jsonw_key(w, "taken");
	jsonw_object(w);
	put_real(w, "mean", r->taken_mean);
	put_real(w, "p95", r->taken_p95);
	put_real(w, "max", r->taken_max);
	jsonw_object_end(w);
	put_real(w, "live", r->live_mean);
	jsonw_key(w, "exhausted");
	jsonw_object(w);
	jsonw_ku64(w, "orders", r->exhausted);
	jsonw_ku64(w, "days", r->exhausted_days);
	jsonw_ku64(w, "first_s", r->first_exhausted_s);
	jsonw_ku64(w, "last_s", r->last_exhausted_s);
	jsonw_object_end(w);
}

static void put_risk(struct jsonw *w, const char *key, const struct simulated_risk *r)
{
	jsonw_key(w, key);
	jsonw_object(w);
	jsonw_ku64(w, "calls", r->calls);
	jsonw_ku64(w, "wrong", r->wrong);
	put_real(w, "expected", r->expected);
	put_real(w, "standard_error", sqrt(r->variance));
	put_real(w, "errors", simulated_errors(r));
	put_real(w, "at_most", r->bound);
	jsonw_object_end(w);
}

static void put_calls(struct jsonw *w, const struct phone_simulated *r)
{
	jsonw_key(w, "calls");
	jsonw_object(w);
	jsonw_ku64(w, "all", r->calls);
	jsonw_ku64(w, "right", r->right);
	jsonw_ku64(w, "told_over", r->late);
	jsonw_ku64(w, "nobody", r->nobody);
	jsonw_key(w, "wrong");
	jsonw_object(w);
	put_risk(w, "in_cooldown", &r->cooling);
	put_risk(w, "after_cooldown", &r->after);
	put_risk(w, "misdialled", &r->misdial);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

int outlook_json(const struct phone_simulation *s, const struct phone_simulated *r,
    const struct outlook *v, size_t n)
{
	struct sc_buf text;
	struct jsonw w;

	sc_buf_init(&text, 65536);
	w = jsonw(&text);
	jsonw_object(&w);
	put_settings(&w, s);
	put_pool(&w, r);
	put_calls(&w, r);
	jsonw_key(&w, "extensions");
	jsonw_array(&w);
	for (size_t i = 0; i < n; i++) {
		jsonw_object(&w);
		jsonw_ku64(&w, "digits", v[i].digits);
		jsonw_ku64(&w, "numbers_needed", v[i].needed);
		for (size_t row = 0; row < OUTLOOK_ROWS; row++)
			put_real(&w, outlook_rows[row].key, outlook_value(&v[i], row));
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}
