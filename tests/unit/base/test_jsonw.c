/*
 * Canonical JSON: what is written, another parser reads back.
 */
#include "base/text/jsonw.h"
#include "base/text/utf8.h"
#include "tap.h"

#include <cjson/cJSON.h>

static void test_shape(void)
{
	struct sc_buf b;
	struct jsonw w;

	sc_buf_init(&b, 1024);
	w = jsonw(&b);
	jsonw_object(&w);
	jsonw_kstr(&w, "s", "a\"b\\\n\x01");
	jsonw_ku64(&w, "n", UINT64_MAX);
	jsonw_key(&w, "list");
	jsonw_array(&w);
	jsonw_bool(&w, true);
	jsonw_bool(&w, false);
	jsonw_null(&w);
	jsonw_object(&w);
	jsonw_object_end(&w);
	jsonw_hex(&w, "\x00\xAB\x09\x9a\xf0\x0f\xff\x10\x01\xe9", 10);
	jsonw_raw(&w, sc_span_str("{\"x\":1}"));
	jsonw_array_end(&w);
	jsonw_key(&w, "");
	jsonw_span(&w, sc_span(NULL, 0));
	jsonw_object_end(&w);
	CHECK(w.err == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&b),
	    "{\"s\":\"a\\\"b\\\\\\n\\u0001\",\"n\":18446744073709551615,"
	    "\"list\":[true,false,null,{},\"00ab099af00fff1001e9\",{\"x\":1}],\"\":\"\"}"));
	sc_buf_fini(&b);
}

/* Half a surrogate pair comes back as it was sent, where it is asked for; nothing else changes. */
static void test_half_pairs(void)
{
	static const struct {
		const char *in, *text, *span;
	} cases[] = {
		{ "Ann \xED\xA0\xBD", "\"Ann \\ud83d\"",
		    "\"Ann \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"" },
		{ "\xED\xBF\xBFx\"", "\"\\udfffx\\\"\"",
		    "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx\\\"\"" },
		{ "\xED\x9F\xBF", "\"\xED\x9F\xBF\"", "\"\xED\x9F\xBF\"" },
		{ "\xED\xA0", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"" },
		{ "\xED\xA0x", "\"\xEF\xBF\xBD\xEF\xBF\xBDx\"", "\"\xEF\xBF\xBD\xEF\xBF\xBDx\"" },
		{ "\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\"", "\"\xF0\x9F\x98\x80\"" },
	};
	struct sc_buf b;

	sc_buf_init(&b, 1024);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jsonw w = jsonw(&b);

		sc_buf_clear(&b);
		jsonw_text(&w, sc_span_str(cases[i].in));
		CHECK(w.err == SC_OK && sc_span_is(sc_buf_span(&b), cases[i].text));
		sc_buf_clear(&b);
		w = jsonw(&b);
		jsonw_span(&w, sc_span_str(cases[i].in));
		CHECK(w.err == SC_OK && sc_span_is(sc_buf_span(&b), cases[i].span));
	}
	sc_buf_fini(&b);
}

/* Every byte and many pairs: always valid UTF-8 and JSON, and no byte lost that was text. */
static void test_any_bytes(void)
{
	struct sc_buf b;
	cJSON *v;

	sc_buf_init(&b, 1024);
	for (unsigned i = 0; i < 65536; i++) {
		uint8_t in[3] = { (uint8_t)i, (uint8_t)(i >> 8), 'x' };
		struct jsonw w = jsonw(&b);

		sc_buf_clear(&b);
		jsonw_span(&w, sc_span(in, 3));
		CHECK(w.err == SC_OK && utf8_valid(sc_buf_span(&b)));
		v = cJSON_ParseWithLength((const char *)b.p, b.n);
		CHECK(cJSON_IsString(v));
		if (v != NULL && in[0] != 0 && in[1] != 0 && utf8_valid(sc_span(in, 3)))
			CHECK(sc_span_eq(sc_span_str(v->valuestring), sc_span(in, 3)));
		cJSON_Delete(v);
	}
	sc_buf_fini(&b);
}

static void test_error_sticks(void)
{
	struct sc_buf b;
	struct jsonw w;

	sc_buf_init(&b, 8);
	w = jsonw(&b);
	jsonw_str(&w, "0123456789");
	CHECK(w.err == SC_LIMIT);
	jsonw_null(&w);
	CHECK(w.err == SC_LIMIT && b.n <= 8);
	sc_buf_fini(&b);
}

int main(void)
{
	RUN(test_shape, "objects, arrays and every kind of value");
	RUN(test_half_pairs, "half a surrogate pair is written as it came");
	RUN(test_any_bytes, "any bytes become a valid JSON string");
	RUN(test_error_sticks, "the first failure stays");
	return tap_done();
}
