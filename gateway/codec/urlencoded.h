/*
 * urlencoded.h - one pass over a form, application/x-www-form-urlencoded (URL Standard §5.1),
 * that checks all of it and tells where the selected values stand.
 *
 *	form = [pair] *( "&" [pair] )      pair = name [ "=" value ]
 *	name = root *( "[" part "]" ) *( "." part )     the dots behind a bracket alone
 *
 * A form is one object, and its values are texts. Names are compared decoded, and every
 * occurrence of a name counts. Those who read forms disagree; a name therefore leads wherever one
 * of them would take it:
 *
 *	address[phone]     $.address.phone, and $['address[phone]']
 *	items[0][name]     $.items[0].name, and $.items['0'].name
 *	items[0].name      the same (ASP.NET, Spring)
 *	note[]             $.note[*], and every $.note[N] in use
 *	user.phone         $['user.phone'], or else $.user_phone (PHP)
 *	" phone", "phone " $[' phone'], or else $.phone
 *
 * What they read too differently is refused, as is what no client sends.
 */
#ifndef GATEWAY_CODEC_URLENCODED_H
#define GATEWAY_CODEC_URLENCODED_H

#include "gateway/codec/inside.h"
#include "gateway/codec/json.h"

#define URLENCODED_BYTES_MAX JSON_BYTES_MAX
#define URLENCODED_NAME_MAX 1024 /* bytes of one name, decoded */

/*
 * Check DOC[0..N-1] and put the span of every value that PATHS (may be NULL: check only) selects
 * into OUT, ascending. DOC[N] must be 0, and CODEC_PAD bytes from it on readable. A name without
 * "=" has no value: CODEC_NULL, behind it.
 *
 * Refused: what nobody sends as it is (a control, a space, " # ; < > \ ^ ` { | }); a percent
 * without two digits; a NUL; malformed UTF-8; a control in a name, or a byte order mark before it;
 * brackets that do not close one another, or stand first; "?" as the first byte; a _charset_ other
 * than UTF-8.
 *
 * Fails as json_scan() does, with SC_LIMIT also for a name past URLENCODED_NAME_MAX.
 */
SC_CHECKED enum sc_err urlencoded_scan(const struct codec_paths *paths, const uint8_t *doc,
    size_t n, struct codec_fields *out, struct sc_diag *d);

/* The codec's decode(). */
enum sc_err urlencoded_decode(struct sc_span raw, struct sc_buf *out, struct codec_map *map);

/* The codec's piece(): every name, and every value that is not empty. */
bool urlencoded_piece(struct sc_span doc, size_t *from, struct codec_piece *out);

/* ---- names: urlencoded_name.c --------------------------------------------------------- */

/* One name of a form. */
struct urlencoded_name {
	const uint8_t *p; /* decoded; 8 bytes are readable behind it */
	size_t n;
	size_t bracket; /* where the first one stands; N: nowhere */
};

/* Why NAME, whose bracket is set here, is refused; NULL: it is not. */
const char *urlencoded_name_refused(struct urlencoded_name *name);

/* The name before, as far as elements have begun in it. */
struct urlencoded_before {
	uint8_t p[URLENCODED_NAME_MAX];
	size_t n;
};

/*
 * Put F, the value of NAME in AROUND's document, into OUT for whatever PATHS selects it; before it,
 * where an element begins at AT. False: no memory.
 */
bool urlencoded_name_emit(const struct codec_paths *paths, const struct urlencoded_name *name,
    const struct codec_around *around, uint32_t at, const struct codec_field *f,
    struct urlencoded_before *before, struct codec_fields *out);

#endif
