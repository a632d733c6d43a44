/*
 * fuzz_body.c - any bytes as the body of an API call: what is accepted is walked
 * over as a tree of the same body would be.
 */
#include "gateway/codec/body.h"
#include "gateway/codec/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

/* V lies in [FROM, END), and so does all that is in it; returns where it ends. */
static const uint8_t *walk(const struct body_value *v, const uint8_t *from, const uint8_t *end,
    struct sc_buf *scratch)
{
	struct sc_span rest = body_inside(v), name, text;
	struct body_value inner;

	must(v->raw.p >= from && v->raw.p + v->raw.n <= end);
	from = v->raw.p;
	if (body_text(v, scratch, &text, NULL))
		must(text.n <= v->raw.n);
	while (v->kind == BODY_ARRAY ? body_element(&rest, &inner) :
				       body_member(&rest, &name, &inner)) {
		must(inner.kind != BODY_NONE);
		(void)body_name_is(v->kind == BODY_ARRAY ? inner.raw : name, "subject");
		from = walk(&inner, from, v->raw.p + v->raw.n, scratch);
	}
	return v->raw.p + v->raw.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *doc = calloc(1, size + CODEC_PAD);
	struct sc_diag d = { .text = "" };
	struct body_value root;
	struct sc_span rest = sc_span(data, size);
	struct sc_buf scratch;

	must(doc != NULL);
	if (size != 0)
		memcpy(doc, data, size);
	sc_buf_init(&scratch, size + 1);
	must(sc_buf_reserve(&scratch, size) == SC_OK);
	if (body_check(sc_span(doc, size), &d, &root) == SC_OK)
		(void)walk(&root, doc, doc + size, &scratch);
	else
		must(d.text[0] != '\0' && d.offset <= size && root.kind == BODY_NONE);
	/* and over anything else it ends */
	for (size_t steps = 0; body_element(&rest, &root); steps++)
		must(steps <= size);
	sc_buf_fini(&scratch);
	free(doc);
	return 0;
}
