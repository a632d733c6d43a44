/*
 * flat.c - selectors as they are where there are no arrays, and an element that stands alone is
 * like one of many.
 */
#include "gateway/codec/automaton.h"

#include <stdlib.h>

/* Is segment I of R elements of what is before it? Then they are wherever that is. */
static bool is_elements(const struct path_rule *r, size_t i)
{
	const struct segment *s = &r->seg[i];

	return i != 0 && s->list && !s->deep && !s->also && (i + 1 == r->n || !s[1].also);
}

/* How many segments of the rules are such; how many there are in *ALL. */
static size_t count(const struct path_rule *rules, size_t n, size_t *all)
{
	size_t elements = 0;

	*all = 0;
	for (size_t k = 0; k < n; k++) {
		*all += rules[k].n;
		for (size_t i = 0; i < rules[k].n; i++)
			elements += is_elements(&rules[k], i);
	}
	return elements;
}

enum sc_err path_flatten(const struct path_rule *rules, size_t n, struct path_rule **out,
    struct segment **seg)
{
	struct segment *to;
	size_t all;

	*out = NULL;
	*seg = NULL;
	if (count(rules, n, &all) == 0)
		return SC_OK;
	*out = calloc(n, sizeof(**out));
	*seg = to = calloc(all, sizeof(*to));
	if (*out == NULL || to == NULL)
		return SC_NOMEM;
	for (size_t k = 0; k < n; k++) {
		const struct path_rule *r = &rules[k];

		(*out)[k] = *r;
		(*out)[k].seg = to;
		for (size_t i = 0; i < r->n; i++)
			if (!is_elements(r, i))
				*to++ = r->seg[i];
		(*out)[k].n = (size_t)(to - (*out)[k].seg);
	}
	return SC_OK;
}
