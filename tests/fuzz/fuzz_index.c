/*
 * fuzz_index.c - any bytes through the normal forms of blind indexes.
 *
 * The first byte picks the kind. What has a normal form is UTF-8, the form of
 * a phone is digits, and folding folded text changes nothing.
 */
#include <stdlib.h>

#include "base/text/utf8.h"
#include "crypto/prim/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_phone(enum index_kind kind, struct sc_span form)
{
	must(form.n == 0 || form.n >= (kind == INDEX_L4 ? 4 : 7));
	must(kind != INDEX_L4 || form.n <= 4);
	for (size_t i = 0; i < form.n; i++)
		must(form.p[i] >= '0' && form.p[i] <= '9');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t raw[32] = { 1 };
	struct sc_buf form, again, entry;
	struct hmac_key key;
	enum index_kind kind;
	struct sc_span value;
	enum sc_err err;

	if (size == 0)
		return 0;
	kind = (enum index_kind)(data[0] % INDEX_KIND_COUNT);
	value = sc_span(data + 1, size - 1);
	sc_buf_init(&form, INDEX_VALUE_MAX);
	sc_buf_init(&again, INDEX_VALUE_MAX);
	sc_buf_init(&entry, INDEX_ENTRY_MAX);
	hmac_key_init(&key, raw, sizeof(raw));
	err = index_normalise(kind, value, &form);
	if (value.n > INDEX_VALUE_MAX)
		must(err == SC_LIMIT);
	else
		must(err == (utf8_valid(value) ? SC_OK : SC_SYNTAX));
	must(err == SC_OK || form.n == 0);
	must(utf8_valid(sc_buf_span(&form)));
	if (kind == INDEX_L4 || kind == INDEX_PF) {
		check_phone(kind, sc_buf_span(&form));
	} else {
		must(index_normalise(kind, sc_buf_span(&form), &again) == SC_OK);
		must(sc_span_eq(sc_buf_span(&form), sc_buf_span(&again)));
	}
	must(index_print(&key, 'a', kind, value, &entry) == err);
	must((entry.n != 0) == (form.n != 0));
	hmac_key_fini(&key);
	sc_buf_fini(&form);
	sc_buf_fini(&again);
	sc_buf_fini(&entry);
	return 0;
}
