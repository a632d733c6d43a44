/*
 * fuzz_market_answer.c - what a server answers to marketing's questions: answers, manifests, and
 * the texts of their cells.
 */
#include "analytics/market/answer.h"
#include "analytics/market/cell_range.h"
#include "analytics/market/group.h"
#include "analytics/market/iso_week.h"

#include <stdlib.h>

static void look(const struct market_answer *a)
{
	for (size_t i = 0; i < a->n_rows * a->n_columns; i++) {
		const struct answer_value *v = &a->values[i];
		struct cell_range r;
		int64_t when;

		if (v->text == NULL) {
			if (v->number > ANSWER_NUMBER_MAX || v->number < -ANSWER_NUMBER_MAX)
				abort();
			continue;
		}
		if (cell_range_parse(sc_span_str(v->text), &r) && !r.below && !r.above &&
		    r.low > r.high)
			abort();
		if (!group_within(v->text, v->text) || group_size(v->text) == 0)
			abort();
		if (iso_week_parse(sc_span_str(v->text), &when) && (when + 3) % 7 != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct sc_arena a = { 0 };
	struct market_answer answer;
	struct market_manifest manifest;
	struct sc_diag d = { 0 };

	if (answer_parse(&a, sc_span(p, n), &d, &answer) == SC_OK)
		look(&answer);
	sc_arena_fini(&a);
	if (answer_manifest_parse(&a, sc_span(p, n), &d, &manifest) == SC_OK)
		for (size_t i = 0; i < manifest.n_tables; i++)
			if (strpbrk(manifest.tables[i], " ;'\"()-") != NULL)
				abort();
	sc_arena_fini(&a);
	return 0;
}
