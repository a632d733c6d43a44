/*
 * fuzz_hierarchy.c - any bytes as a hierarchy: refused with a reason, or a tree whose every
 * cell generalises its leaves, as the checker's own reader sees it.
 */
#include "analytics/check/check_cell.h"
#include "analytics/release/hierarchy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct check_column column = { .kind = CHECK_TREE };

static void print(const struct hierarchy *h, uint16_t lo, uint16_t hi, struct sc_buf *out)
{
	sc_buf_clear(out);
	if (hierarchy_print(h, lo, hi, out) != SC_OK)
		abort();
}

static void compare(const struct hierarchy *h, const struct check_tree *t)
{
	const size_t n = hierarchy_leaves(h), most = n < 40 ? n : 40;
	struct sc_buf value, cell;
	uint16_t leaf;

	sc_buf_init(&value, 512);
	sc_buf_init(&cell, 512);
	for (uint16_t lo = 0; lo < most; lo++) {
		print(h, lo, lo, &value);
		if (!hierarchy_find(h, sc_buf_span(&value), &leaf) || leaf != lo)
			abort();
		for (uint16_t hi = lo; hi < most; hi++) {
			print(h, lo, hi, &cell);
			if (!check_cell(&column, t, sc_buf_span(&cell), sc_buf_span(&value)) ||
			    hierarchy_cost(h, lo, hi) > HIERARCHY_ONE)
				abort();
		}
	}
	sc_buf_fini(&value);
	sc_buf_fini(&cell);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sc_span text = sc_span(data, size);
	struct sc_diag d = { .text = "" };
	struct check_tree t = { 0 };
	struct hierarchy *h;
	const enum sc_err err = hierarchy_parse(text, &d, &h);
	const enum sc_err other = check_tree_read(&t, text, &d);

	if ((err == SC_OK) != (h != NULL) || (err != SC_OK && d.text[0] == '\0') ||
	    (err == SC_OK && other != SC_OK))
		abort();
	if (h != NULL)
		compare(h, &t);
	check_tree_fini(&t);
	hierarchy_free(h);
	return 0;
}
