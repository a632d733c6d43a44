/*
 * people_wants.c - the list of what a fetch wants.
 */
#include "crypto/keystore/people_fetch_int.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

enum sc_err fetch_want(struct key_fetch *f, struct want **out)
{
	size_t cap = sc_grown(f->cap);
	struct want *v;

	if (f->n == WANTS_MAX)
		return SC_LIMIT;
	if (f->n == f->cap) {
		if ((v = realloc(f->wants, cap * sizeof(*v))) == NULL)
			return SC_NOMEM;
		f->wants = v;
		f->cap = cap;
	}
	*out = &f->wants[f->n++];
	memset(*out, 0, sizeof(**out));
	return SC_OK;
}
