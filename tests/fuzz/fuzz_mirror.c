/*
 * fuzz_mirror.c - no bytes crash the reading of the mirror's journal, and nothing that is read of
 * it lies outside of what was given.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/keystore/mirror.h"
#include "crypto/rows/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rows as a record's, to their end or the first that is none. */
static void read_rows(struct sc_span rows)
{
	struct store_value v[STORE_VALUES_MAX] = { { .kind = STORE_NUMBER } };
	const uint8_t *p = rows.p, *end = p == NULL ? NULL : p + rows.n;
	unsigned statement = 0;
	bool there = true;

	while (mirror_row_next(&rows, &there, &statement, v) == SC_OK && there) {
		if (statement >= KEYD_STATEMENTS || rows.p <= p || rows.p > end)
			abort();
		/* a column of the row that was just taken lies in it */
		for (size_t i = 0; i < STORE_VALUES_MAX; i++)
			if (v[i].kind != STORE_NUMBER && v[i].bytes.n > 0 &&
			    (v[i].bytes.p <= p || v[i].bytes.p + v[i].bytes.n > rows.p))
				abort();
		p = rows.p;
		memset(v, 0, sizeof(v));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mirror_record x;
	size_t used = 0;

	read_rows(sc_span(data, size));
	if (mirror_record_parse(sc_span(data, size), &x, &used)) {
		if (used > size || x.rows.n > used)
			abort();
		read_rows(x.rows);
	}
	return 0;
}
