/*
 * fuzz_mask.c - masks: valid UTF-8 out, masking twice is masking once, and a
 * value of a class without a form of its own shows nothing.
 */
#include "base/text/utf8.h"
#include "policy/mask/mask.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In the usual form of its class. */
static enum sc_err mask_value(uint8_t class_id, struct sc_span value, struct sc_buf *out)
{
	return mask_value_as((struct mask_form){ .kind = MASK_HOUSE }, class_id, value, out);
}

static void check(uint8_t class_id, struct sc_span value)
{
	struct sc_buf once, twice;

	sc_buf_init(&once, 1 << 16);
	sc_buf_init(&twice, 1 << 16);
	if (mask_value(class_id, value, &once) != SC_OK ||
	    mask_value(class_id, sc_buf_span(&once), &twice) != SC_OK)
		abort();
	if (!sc_span_eq(sc_buf_span(&once), sc_buf_span(&twice)) ||
	    !utf8_valid(sc_buf_span(&once)) || (once.n == 0) != (value.n == 0))
		abort();
	sc_buf_clear(&twice);
	if (mask_generalise(class_id, value, &twice) != SC_OK || !utf8_valid(sc_buf_span(&twice)))
		abort();
	sc_buf_fini(&once);
	sc_buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mask_form form;

	(void)mask_form_parse(sc_span(data, size), &form);
	if (size == 0)
		return 0;
	check((uint8_t)(data[0] % (CLASS_BUILTIN_END + 1)), sc_span(data + 1, size - 1));
	return 0;
}
