/*
 * reason.c - the words a person gives for wanting to see something.
 */
#include "policy/reason.h"

#include "base/text/utf8.h"
#include "base/weak.h"
#include "policy/detect/detect.h"
#include "policy/detect/disguise.h"

#include <string.h>

/* NULL when TEXT may be a reason, else why not. */
static const char *refusal(struct sc_span text)
{
	bool blank = true;

	if (text.n == 0)
		return "is empty";
	if (text.n > POLICY_REASON_MAX)
		return "is longer than 200 bytes";
	while (text.n != 0) {
		uint32_t cp;
		size_t len = utf8_decode(text, &cp);

		if (len == 0)
			return "is not UTF-8";
		if (utf8_invisible(cp))
			return "has a control or invisible character";
		blank = blank && (cp == ' ' || cp == 0xA0 || cp == 0x3000);
		text = sc_span_from(text, len);
	}
	return blank ? "is blank" : NULL;
}

_Static_assert(POLICY_REASON_MAX <= DISGUISE_MAX, "every reason is looked at");

static bool is_personal(struct sc_span text)
{
	return WEAK("reason-plain-look") ? detect_any(text) : detect_disguised(text);
}

enum sc_err policy_reason_parse(struct sc_span text, struct policy_reason *out, struct sc_diag *d)
{
	const char *why = refusal(text);

	memset(out, 0, sizeof(*out));
	if (why == NULL && is_personal(text))
		why = "holds personal data: name a ticket or an order instead";
	if (why != NULL) {
		sc_diag_set(d, "the text %s", why);
		return SC_SYNTAX;
	}
	memcpy(out->s, text.p, text.n);
	return SC_OK;
}
