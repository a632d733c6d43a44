/*
 * label.h - a privacy label as a page for printing: who and where as far as a
 * carrier must know, and a virtual number in place of the person's.
 */
#ifndef CLI_LABEL_H
#define CLI_LABEL_H

#include "base/buf.h"
#include "gateway/number/number.h"

#define LABEL_PAGE_MAX (256u << 10)

struct privacy_label {
	bool chinese;           /* its words, and the order of an address */
	struct sc_span name;    /* masked */
	struct sc_span address; /* lines */
	struct sc_span order;   /* may be empty */
	struct phone_number number;
	uint64_t until; /* Unix seconds; 0: not said */
	char code[5];   /* without an extension, what a buyer says at the counter */
};

/*
 * Append the page to OUT: HTML that needs nothing else, for 100 x 150 mm.
 * All text is escaped. Fails with SC_LIMIT (the address has no room), SC_NOMEM,
 * SC_SYNTAX (the number makes no QR code).
 */
SC_CHECKED enum sc_err label_print(const struct privacy_label *l, struct sc_buf *out);

/* Append TEXT, which is ASCII, as a QR code in SVG, with its quiet zone. Fails the same way. */
SC_CHECKED enum sc_err label_qr(const char *text, struct sc_buf *out);

#endif
