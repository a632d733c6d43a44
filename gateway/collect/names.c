/*
 * names.c - a name finds its set by a keyed hash; where that is full, the rarest gives its
 * row, and its count as a doubt (Space-Saving): no frequent name is missed.
 */
#include "gateway/collect/names.h"

#include "crypto/prim/random.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(NAMES_KEY_BYTES == crypto_shorthash_KEYBYTES, "SipHash's key");

static struct name_row *row_for(struct name_table *t, struct sc_span name)
{
	struct name_row *set, *rarest;
	uint64_t h;

	crypto_shorthash((uint8_t *)&h, name.p, name.n, t->key);
	rarest = set = t->rows[h % NAMES_SETS];
	for (size_t i = 0; i < NAMES_WAYS; i++) {
		if (sc_span_is(name, set[i].name.name))
			return &set[i];
		if (set[i].name.n < rarest->name.n)
			rarest = &set[i];
	}
	memcpy(rarest->name.name, name.p, name.n);
	rarest->name.name[name.n] = '\0';
	rarest->certain = 0;
	return rarest;
}

static void count(void *arg, struct sc_span name)
{
	struct name_table *t = arg;
	struct name_row *row;

	if (name.n == 0 || name.n >= sizeof(row->name.name))
		return;
	pthread_mutex_lock(&t->lock);
	row = row_for(t, name);
	row->name.n++;
	row->certain++;
	pthread_mutex_unlock(&t->lock);
}

void names_init(struct name_table *t)
{
	memset(t, 0, sizeof(*t));
	random_bytes(t->key, sizeof(t->key));
	pthread_mutex_init(&t->lock, NULL);
	t->dropped = (struct collect_dropped){ .count = count, .arg = t };
}

void names_fini(struct name_table *t)
{
	pthread_mutex_destroy(&t->lock);
}

static int by_count(const void *a, const void *b)
{
	const struct collect_name *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->name, y->name);
}

size_t names_most(struct name_table *t, struct collect_name *out, size_t max)
{
	struct collect_name all[NAMES_SETS * NAMES_WAYS] = { { .n = 0 } };
	size_t n = 0;

	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < NAMES_SETS; i++)
		for (size_t k = 0; k < NAMES_WAYS; k++)
			if (t->rows[i][k].certain >= NAMES_TOLD_FROM) {
				all[n] = t->rows[i][k].name;
				all[n++].n = t->rows[i][k].certain;
			}
	pthread_mutex_unlock(&t->lock);
	qsort(all, n, sizeof(all[0]), by_count);
	if (n > max)
		n = max;
	memcpy(out, all, n * sizeof(all[0]));
	return n;
}
