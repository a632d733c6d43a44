/*
 * labels.h - texts that are numbered as they come: a text is found by its hash.
 *
 * The hash is keyed by lot, so that nobody can choose many texts that fall on one place.
 */
#ifndef ANALYTICS_RELEASE_LABELS_H
#define ANALYTICS_RELEASE_LABELS_H

#include "base/arena.h"
#include "base/err.h"

struct release_labels {    /* labels_init(), then labels_fini() */
	struct sc_span *v; /* by number; each is followed by a NUL */
	size_t n, cap;
	uint32_t *slots; /* a number more than the text's; 0: free */
	size_t n_slots;  /* a power of two */
	struct sc_arena text;
	uint8_t key[16];
};

void labels_init(struct release_labels *l);
void labels_fini(struct release_labels *l);
/* The number of TEXT, made when it is new. Fails with SC_NOMEM; L is as it was. */
SC_CHECKED enum sc_err labels_add(struct release_labels *l, struct sc_span text, uint32_t *out);
/* False: TEXT has no number. */
bool labels_find(const struct release_labels *l, struct sc_span text, uint32_t *out);

#endif
