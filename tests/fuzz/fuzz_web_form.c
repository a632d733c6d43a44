/*
 * fuzz_web_form.c - form bodies: fields are sorted, valid UTF-8 and lie apart;
 * what was read, written in the one canonical way, reads the same; every pattern
 * and every path says yes or no.
 */
#include "base/text/utf8.h"
#include "gateway/twiml/path.h"
#include "gateway/twiml/vendor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

static void put_escaped(struct sc_buf *out, struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		MUST(sc_buf_printf(out, "%%%02x", s.p[i]) == SC_OK);
}

static void check_again(const struct web_form *form)
{
	struct sc_arena arena = { .left = 0 };
	struct web_form again;
	struct sc_buf out;

	sc_buf_init(&out, 1 << 20);
	for (size_t i = 0; i < form->n; i++) {
		MUST(sc_buf_put_str(&out, i == 0 ? "" : "&") == SC_OK);
		put_escaped(&out, form->v[i].name);
		MUST(sc_buf_put_str(&out, "=") == SC_OK);
		put_escaped(&out, form->v[i].value);
	}
	if (out.n <= WEB_FORM_BODY_MAX) {
		MUST(web_form_parse(sc_buf_span(&out), &arena, &again) == SC_OK);
		MUST(again.n == form->n);
		for (size_t i = 0; i < form->n; i++)
			MUST(sc_span_eq(again.v[i].name, form->v[i].name) &&
			    sc_span_eq(again.v[i].value, form->v[i].value));
	}
	sc_buf_fini(&out);
	sc_arena_fini(&arena);
}

static void check_fields(const struct web_form *form)
{
	for (size_t i = 0; phone_vendor_kinds[i] != NULL; i++) {
		const struct twiml_vendor *v = twiml_vendor_find(phone_vendor_kinds[i]);
		struct twiml_read r;

		for (unsigned f = 0; f < TWIML_FIELDS; f++)
			if (twiml_fields_read(v->patterns, form, TWIML_BIT(f), 0, &r))
				MUST(web_form_find(form, v->patterns[f].name, NULL)->value.p ==
				    r.v[f].p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_arena arena = { .left = 0 };
	struct twiml_path path;
	struct web_form form;

	if (twiml_path_parse(sc_span(data, size), &path))
		MUST(path.vendor.n != 0 && path.step <= TWIML_STEPS &&
		    (path.token.n == 0 || path.token.n == TWIML_TOKEN_MAX));
	if (web_form_parse(sc_span(data, size), &arena, &form) == SC_OK) {
		for (size_t i = 0; i < form.n; i++) {
			MUST(form.v[i].name.n != 0 && utf8_valid(form.v[i].name) &&
			    utf8_valid(form.v[i].value));
			MUST(i == 0 ||
			    memcmp(form.v[i - 1].name.p, form.v[i].name.p,
				form.v[i].name.n < form.v[i - 1].name.n ?
				    form.v[i].name.n :
				    form.v[i - 1].name.n) <= 0);
		}
		check_again(&form);
		check_fields(&form);
	}
	sc_arena_fini(&arena);
	return 0;
}
