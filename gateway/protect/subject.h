/*
 * subject.h - where it is said whose a document is: a list of places, of which the first where
 * something stands counts.
 */
#ifndef GATEWAY_PROTECT_SUBJECT_H
#define GATEWAY_PROTECT_SUBJECT_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define SUBJECT_PLACES_MAX 4
#define SUBJECT_GUEST "guest:" /* before the order's id of one who has no account */

enum subject_where { SUBJECT_BODY, SUBJECT_PATH, SUBJECT_QUERY, SUBJECT_HEADER };

struct subject_place {
	enum subject_where where;
	bool guest;       /* what stands there is an order's id, and that is all that is known */
	const char *name; /* a JSONPath, or the name of a placeholder, parameter or header */
	bool order;       /* as GUEST, but that keyd remembers whose it is; one of a list at most */
};

struct subject_places {
	struct subject_place v[SUBJECT_PLACES_MAX];
	size_t n;
	bool orders;   /* one of them is an order's */
	bool required; /* a document of nobody is refused, or null to a reader */
};

/* Where a rule's own person stands, in the array element that the rule's field is in. */
struct field_subject {
	const char *place; /* a JSONPath; NULL: it is the document's */
	bool guest;        /* what stands there is an order's id */
	bool each;         /* it is in an element: the one that its last [*] leads to */
};

/* What stands at one place. */
struct subject_found {
	struct sc_span id; /* empty: nothing */
	bool bad;          /* what names nobody: two of them, a list, a bad escape */
};

#endif
