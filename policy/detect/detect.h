/*
 * detect.h - finding personal data in free text.
 *
 * Finds the plain standard forms of telephone numbers, e-mail addresses,
 * resident ids (GB 11643) and bank cards (ISO/IEC 7812). One pass; time is
 * linear in the text whatever it holds. Neighbours are judged as ASCII digits
 * and letters, never as "word boundaries": Chinese characters may touch.
 */
#ifndef POLICY_DETECT_DETECT_H
#define POLICY_DETECT_DETECT_H

#include "base/err.h"
#include "base/span.h"

struct detect_hit {
	uint32_t start, end; /* bytes of the text, [start, end), on character bounds */
	uint8_t class_id;    /* enum policy_class_id */
};

/* Growable: nothing is ever dropped for lack of room. */
struct detect_hits {
	struct detect_hit *v;
	size_t n, cap;
};

void detect_hits_init(struct detect_hits *h);
void detect_hits_fini(struct detect_hits *h); /* usable again afterwards */

/*
 * Replace what OUT holds by the hits in TEXT (UTF-8; malformed bytes are
 * harmless and never part of a hit), ascending and disjoint.
 * Fails with SC_NOMEM, or SC_LIMIT for a text of 4 GB or more; OUT is then
 * empty and the caller withholds the text.
 */
SC_CHECKED enum sc_err detect_scan(struct sc_span text, struct detect_hits *out);

/*
 * Is it certain, at a glance, that there is none? True for a text with no @ and less than
 * DETECT_DIGITS_MIN digits, and for a moment as programs write it (ISO 8601).
 */
#define DETECT_DIGITS_MIN 6
bool detect_nothing(struct sc_span text);

/* Is there one? Nothing is allocated. */
bool detect_any(struct sc_span text);

#endif
