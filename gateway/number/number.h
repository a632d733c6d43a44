/*
 * number.h - telephone numbers as they are dialled: E.164 and an extension.
 *
 * People and order systems write numbers in many ways; what is bound, routed
 * and compared is one. A struct phone_number is personal: whoever has one on
 * the stack wipes it.
 */
#ifndef GATEWAY_NUMBER_NUMBER_H
#define GATEWAY_NUMBER_NUMBER_H

#include "base/buf.h"

#define PHONE_E164_MAX 16 /* a plus and 15 digits, ITU-T E.164 §6 */
#define PHONE_EXT_DIGITS_MAX 6
#define PHONE_NO_EXT UINT32_MAX

struct phone_number {
	char e164[PHONE_E164_MAX + 1]; /* "+447700900123", NUL-ended */
	uint32_t ext;                  /* PHONE_NO_EXT: none */
	uint8_t ext_digits;            /* as many were written, with zeros in front */
};

/* What a number is for, as far as its digits tell. */
enum phone_kind {
	PHONE_KIND_PERSON,  /* a mobile or a landline */
	PHONE_KIND_SERVICE, /* short codes, 95, 400, 1010, premium and shared-cost lines */
};

/*
 * Read TEXT: plus or 00 and the calling code, or a national number of the
 * country whose calling code is HOME ("86"); spaces, hyphens, brackets, dots
 * and full-width digits; an extension of 1 to 6 digits behind 转, ext, x, a
 * comma, *, # or -, or as RFC 3966's ;ext=. Fails with SC_SYNTAX when it is
 * no number that can be dialled, whatever follows; OUT is then wiped.
 */
SC_CHECKED enum sc_err phone_number_parse(struct sc_span text, const char *home,
    struct phone_number *out);
/* Exactly E.164: a plus, 7 to 15 digits, no zero first, and nothing else. */
bool phone_number_is_e164(struct sc_span text);
/* Is it one of those that are sent in the place of a number: they spell ANONYMOUS, RESTRICTED and so on? */
bool phone_number_is_withheld(struct sc_span e164);
enum phone_kind phone_number_kind(const char *e164);
/* How many digits behind the plus are the calling code of a plan that we know; 0: of none. */
size_t phone_calling_code(const char *e164);
/* Does E164 begin with one of the N calling codes or prefixes at CODES (digits, no plus)? */
bool phone_number_within(const char *e164, const char *const *codes, size_t n);

/*
 * Append TEMPLATE with {number}, {national}, {ext}, {masked} and {until}
 * filled in: X, its form at home, the extension with its zeros, the masked
 * real number, the last day as YYYY-MM-DD in UTC. Other text stands as it is.
 * Fails like sc_buf_put().
 */
struct phone_display {
	const char *x;
	const char *home;
	uint32_t ext;
	uint8_t ext_digits;
	struct sc_span masked;
	uint64_t until; /* Unix seconds */
};
SC_CHECKED enum sc_err phone_display_print(const char *template, const struct phone_display *d,
    struct sc_buf *out);
/* Is every brace of TEMPLATE one of the above? */
bool phone_display_ok(const char *template);

#endif
