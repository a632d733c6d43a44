/*
 * phone_simulate.c - `scrim phone simulate`: a year of orders for a pool, as a
 * table or JSON.
 */
#include "cli/cli.h"
#include "cli/phone_outlook.h"

#include "gateway/config/config.h"
#include "gateway/book/forecast.h"
#include "gateway/number/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_S 86400.0

const struct phone_simulation cli_simulation = {
	.orders_day = 10000,
	.days = 365,
	.seed = 1,
	.fill = 0.5,
	.calls = 1.2,
	.late = 0.01,
	.after = 0.001,
	.reused = 0.001,
	.misdial = 0.01,
};

static struct outlook look(const struct phone_simulation *s, uint64_t lines, unsigned digits)
{
	double a_day = (double)s->orders_day / DAY_S / (double)lines /
	    (double)forecast_extensions(digits);
	double taken = a_day * (double)(s->ttl_s + s->cooldown_s);
	double squeeze = taken > 1 ? 1 / taken : 1; /* no more can be live than there is room for */
	double live = a_day * (double)s->ttl_s * squeeze;
	struct outlook o = {
		.digits = digits,
		.needed =
		    forecast_lines((double)s->orders_day, s->ttl_s, s->cooldown_s, s->fill, digits),
		.taken = taken * squeeze,
		.live = live,
		.guess3 = forecast_guess(live, 3),
		.guess30 = forecast_guess(live, 30),
		.wrong = 1e6 * taken * squeeze *
		    (s->after + s->reused + s->misdial * (1 - s->late - s->after - s->reused)),
	};

	return o;
}

/* ---- as a table ---- */

#define GROUPED(n) grouped((n), (char[32]){ 0 })
/* "1,234,567" */
static const char *grouped(uint64_t n, char out[static 32])
{
	char digits[24], *at = out;
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return out;
}

static void print_settings(const struct phone_simulation *s, const struct phone_simulated *r)
{
	printf("%s numbers with extensions of %u digits; %s orders a day for %s days (seed %s)\n"
	       "a binding lives %.4g days, its slot then rests %.4g\n\n",
	    GROUPED(r->lines), (unsigned)s->ext_digits, GROUPED(s->orders_day), GROUPED(s->days),
	    GROUPED(s->seed), (double)s->ttl_s / DAY_S, (double)s->cooldown_s / DAY_S);
}

static void print_pool(const struct phone_simulation *s, const struct phone_simulated *r,
    const struct outlook *o)
{
	double offered = (double)s->orders_day / DAY_S * (double)(s->ttl_s + s->cooldown_s);

	printf("slots        %14s\n", GROUPED(r->slots));
	printf("  taken      %12.2f %%  mean; 95th percentile %.2f %%, most %.2f %%"
	       " (Little's law: %.2f %%)\n",
	    100 * r->taken_mean, 100 * r->taken_p95, 100 * r->taken_max, 100 * o->taken);
	printf("  live       %12.2f %%  mean (Little's law: %.2f %%)\n", 100 * r->live_mean,
	    100 * o->live);
	printf("orders       %14s\n", GROUPED(r->orders));
	printf("  no number  %14s  %.3f %% (Erlang's B: %.3f %%)\n", GROUPED(r->exhausted),
	    100 * (double)r->exhausted / (double)(r->orders == 0 ? 1 : r->orders),
	    100 * forecast_blocked(offered, r->slots));
	if (r->exhausted > 0)
		printf("             on %s days, from day %.2f to day %.2f\n",
		    GROUPED(r->exhausted_days), (double)r->first_exhausted_s / DAY_S,
		    (double)r->last_exhausted_s / DAY_S);
}

static void print_risk(const char *name, const struct simulated_risk *r)
{
	printf("    %-17s %7s  of %s", name, GROUPED(r->wrong), GROUPED(r->calls));
	if (r->variance > 0)
		printf("; expected %.1f ± %.1f (%+.2f standard errors), at most %.0f", r->expected,
		    sqrt(r->variance), simulated_errors(r), r->bound);
	putchar('\n');
}

static void print_calls(const struct phone_simulated *r)
{
	uint64_t wrong = r->cooling.wrong + r->after.wrong + r->misdial.wrong;

	printf("calls        %14s\n", GROUPED(r->calls));
	printf("  right      %14s  the parcel's own person\n", GROUPED(r->right));
	printf("  told       %14s  that the parcel is over\n", GROUPED(r->late));
	printf("  nobody     %14s\n", GROUPED(r->nobody));
	printf("  wrong      %14s  somebody else:\n", GROUPED(wrong));
	print_risk("in the cooldown", &r->cooling);
	print_risk("after it", &r->after);
	print_risk("by a wrong digit", &r->misdial);
}

static void print_outlooks(const struct phone_simulation *s, const struct outlook *v, size_t n)
{
	printf("\n%-42s", "with extensions of");
	for (size_t i = 0; i < n; i++)
		printf(" %7u digits", v[i].digits);
	printf("\nnumbers needed, to fill %5.4g %%%-10s", 100 * s->fill, "");
	for (size_t i = 0; i < n; i++)
		printf(" %14s", GROUPED(v[i].needed));
	for (size_t row = 0; row < OUTLOOK_ROWS; row++) {
		printf("\n%-42s", outlook_rows[row].name);
		for (size_t i = 0; i < n; i++)
			printf(" %14.3f", outlook_rows[row].factor * outlook_value(&v[i], row));
	}
	putchar('\n');
}

/* ---- the command ---- */

static void tell_day(void *arg, uint64_t day)
{
	const struct phone_simulation *s = arg;

	cli_progress("day %llu of %llu", (unsigned long long)day, (unsigned long long)s->days);
}

static int print_all(const struct phone_simulation *s, const struct phone_simulated *r, bool json)
{
	struct outlook v[3];
	size_t n = 0;

	for (unsigned d = (unsigned)s->ext_digits; n < 3 && d <= PHONE_EXT_DIGITS_MAX; d++)
		v[n++] = look(s, r->lines, d);
	if (json)
		return outlook_json(s, r, v, n);
	print_settings(s, r);
	print_pool(s, r, &v[0]);
	print_calls(r);
	print_outlooks(s, v, n);
	return cli_flush(CLI_DONE);
}

/* What the options leave open, as POOL has it. */
static int take_settings(const struct phone_settings *phone, uint16_t pool,
    struct phone_simulation *set)
{
	const struct phone_pool *p = &phone->pools[pool];

	if (p->mode != PHONE_AXE)
		return cli_fail(CLI_USAGE,
		    "\"%s\" is no pool of extensions: what is simulated is AXE", p->name.s);
	if (set->ext_digits == 0)
		set->ext_digits = p->ext_digits;
	if (set->ttl_s == 0)
		set->ttl_s = p->ttl_s;
	if (set->cooldown_s == 0)
		set->cooldown_s = p->cooldown_s;
	if (set->lines != 0)
		return CLI_GO_ON;
	for (size_t i = 0; i < phone->n_lines; i++)
		if (phone->lines[i].pool == pool && phone->lines[i].state == PHONE_LINE_ACTIVE)
			set->lines++;
	return set->lines > 0 ? CLI_GO_ON :
				cli_fail(CLI_NO, "pool \"%s\" has no active number", p->name.s);
}

static int take_pool(const struct cli_call *c, struct phone_simulation *set)
{
	struct config *cfg = NULL;
	int rc = cli_config(c, &cfg);
	const struct phone_settings *phone = rc == CLI_GO_ON ? cfg->phone : NULL;

	if (rc != CLI_GO_ON)
		return rc;
	for (size_t i = 0; phone != NULL && i < phone->n_pools; i++) {
		if (strcmp(phone->pools[i].name.s, c->phone.pool) != 0)
			continue;
		rc = take_settings(phone, (uint16_t)i, set);
		config_free(cfg);
		return rc;
	}
	config_free(cfg);
	return cli_fail(CLI_USAGE, "%s has no such pool", cli_config_path(c));
}

int cli_phone_simulate(const struct cli_call *c)
{
	struct phone_simulation set = c->simulate;
	struct sc_diag d = { .line = 0 };
	struct phone_simulated result;
	enum sc_err err;
	int rc;

	if (c->phone.pool != NULL && (rc = take_pool(c, &set)) != CLI_GO_ON)
		return rc;
	set.progress = tell_day;
	set.arg = &set;
	if (set.ext_digits == 0)
		set.ext_digits = 4;
	if (set.ttl_s == 0)
		set.ttl_s = 15 * (uint64_t)DAY_S;
	if (set.cooldown_s == 0)
		set.cooldown_s = 7 * (uint64_t)DAY_S;
	if (phone_simulation_check(&set, &d) != SC_OK)
		return cli_fail_diag(CLI_USAGE, &d);
	err = phone_simulate(&set, &result);
	cli_progress(NULL);
	return err == SC_OK ? print_all(&set, &result, c->json) :
			      cli_fail(CLI_NO, "%s", cli_err_text(err));
}
