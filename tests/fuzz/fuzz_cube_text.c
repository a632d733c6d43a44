/*
 * fuzz_cube_text.c - any bytes as what stands in a cube's row: refused, or members and periods
 * that print as they were read.
 */
#include "analytics/cube/attack_private.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void periods(struct sc_span text)
{
	uint32_t period;
	char print[16];

	if (attack_week_parse(text, &period)) {
		attack_period_print(ATTACK_WEEK, period, print);
		must(sc_span_is(text, print));
	}
	if (attack_month_parse(text, &period)) {
		attack_period_print(ATTACK_MONTH, period, print);
		must(
		    sc_span_is(text, print) && attack_month_of(attack_month_day(period)) == period);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint16_t list[ATTACK_MEMBERS_MAX], again[ATTACK_MEMBERS_MAX];
	const struct sc_span text = sc_span(data, size);
	struct attack_members m = { 0 };
	struct sc_arena arena = { 0 };
	size_t n = 0, k = 0, at = 0;

	periods(text);
	if (attack_members_parse(&m, &arena, text, list, &n, ATTACK_MEMBERS_MAX)) {
		must(n > 0 && m.n == n);
		for (size_t i = 0; i < n; i++) {
			const char *name = m.v[list[i]].name;

			must(at + strlen(name) <= size &&
			    memcmp(data + at, name, strlen(name)) == 0);
			at += strlen(name) + 3;
		}
		must(at == size + 3);
		must(attack_members_parse(&m, &arena, text, again, &k, ATTACK_MEMBERS_MAX));
		must(k == n && m.n == n && memcmp(list, again, n * sizeof(*list)) == 0);
	}
	attack_members_fini(&m);
	sc_arena_fini(&arena);
	return 0;
}
