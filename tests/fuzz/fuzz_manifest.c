/*
 * fuzz_manifest.c - any bytes as a release's manifest: refused with a reason, or a manifest that
 * prints, and reads back as the same bytes.
 */
#include "analytics/shelf/manifest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct shelf_manifest *m, struct sc_buf *out)
{
	/* escapes may make it longer than what was read */
	sc_buf_init(out, 8 * (size_t)SHELF_MANIFEST_MAX);
	if (shelf_manifest_print(m, out) != SC_OK)
		abort();
}

static void again(const struct shelf_manifest *m)
{
	struct shelf_manifest back;
	struct sc_diag d = { .text = "" };
	struct sc_buf one, other;

	print(m, &one);
	if (one.n <= SHELF_MANIFEST_MAX) {
		if (shelf_manifest_parse(sc_buf_span(&one), NULL, &d, &back) != SC_OK)
			abort();
		print(&back, &other);
		if (!sc_span_eq(sc_buf_span(&one), sc_buf_span(&other)))
			abort();
		sc_buf_fini(&other);
		shelf_manifest_fini(&back);
	}
	sc_buf_fini(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_diag d = { .text = "" };
	struct shelf_manifest m;
	const enum sc_err err = shelf_manifest_parse(sc_span(data, size), "manifest.json", &d, &m);

	if (err == SC_OK)
		again(&m);
	else if (d.text[0] == '\0' && err != SC_NOMEM)
		abort();
	shelf_manifest_fini(&m);
	return 0;
}
