/*
 * table.h - numbers of 64 bits -> numbers of 32: open addressing, at most five eighths full.
 *
 * The keys are pseudonyms and hashes under keys that nobody outside knows, as good as
 * drawn by lot: nobody can choose many that fall on one place. 0 is no key.
 */
#ifndef ANALYTICS_FEATURES_TABLE_H
#define ANALYTICS_FEATURES_TABLE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct fold_slot {
	uint64_t key; /* 0: free */
	uint32_t at;
};

struct fold_table { /* all zero: empty */
	struct fold_slot *v;
	size_t size, n; /* a power of two; used */
	unsigned shift; /* 64 less the bits of SIZE */
};

void table_fini(struct fold_table *t);
void table_clear(struct fold_table *t);
/* KEY, which is not 0 and not there yet, leads to AT. Fails with SC_NOMEM; T is as it was. */
SC_CHECKED enum sc_err table_add(struct fold_table *t, uint64_t key, uint32_t at);

/* Where KEY would stand first. */
static inline size_t table_home(const struct fold_table *t, uint64_t key)
{
	return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> t->shift);
}

/* What KEY leads to; 0: it is not there. */
static inline uint32_t table_find(const struct fold_table *t, uint64_t key)
{
	if (t->n == 0)
		return 0;
	for (size_t i = table_home(t, key); t->v[i].key != 0; i = (i + 1) & (t->size - 1))
		if (t->v[i].key == key)
			return t->v[i].at;
	return 0;
}

/* Have the place of KEY fetched. */
static inline void table_prefetch(const struct fold_table *t, uint64_t key)
{
	if (t->n != 0)
		__builtin_prefetch(&t->v[table_home(t, key)]);
}

#endif
