/*
 * fuzz_jsonc.c - JSON with comments: never crashes; every value has its place;
 * what is accepted prints and parses again to the same tree.
 */
#include "base/text/jsonc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const struct jsonc *doc, const cJSON *item)
{
	struct sc_diag d;
	const cJSON *c;
	size_t at;

	if (!jsonc_offset(doc, item, &at) || at >= jsonc_text(doc).n)
		abort();
	jsonc_locate_key(doc, item, &d);
	if (d.line == 0 || d.column == 0 || d.offset > at)
		abort();
	cJSON_ArrayForEach(c, item) check_places(doc, c);
}

static void check_again(const struct jsonc *doc)
{
	char *text = cJSON_PrintUnformatted(jsonc_root(doc));
	struct jsonc *again = NULL;

	if (text == NULL)
		return;
	if (jsonc_load(sc_span_str(text), NULL, NULL, &again) != SC_OK ||
	    !cJSON_Compare(jsonc_root(doc), jsonc_root(again), 1))
		abort();
	jsonc_free(again);
	cJSON_free(text);
}

/* Infinities print as null, so a document with one does not come back. */
static bool finite(const cJSON *item)
{
	const cJSON *c;

	if (cJSON_IsNumber(item) && !(item->valuedouble - item->valuedouble == 0))
		return false;
	cJSON_ArrayForEach(c, item) if (!finite(c)) return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jsonc *doc;
	struct sc_diag d = { .line = 0 };
	uint64_t v;

	(void)jsonc_duration_parse(sc_span(data, size), &v);
	(void)jsonc_size_parse(sc_span(data, size), &v);
	if (size > 65536)
		return 0;
	if (jsonc_load(sc_span(data, size), "fuzz", &d, &doc) != SC_OK) {
		if (doc != NULL || d.text[0] == '\0')
			abort();
		return 0;
	}
	check_places(doc, jsonc_root(doc));
	if (finite(jsonc_root(doc)))
		check_again(doc);
	jsonc_free(doc);
	return 0;
}
