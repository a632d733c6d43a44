/*
 * people_dying.c - slots whose people are being erased: what was noted for them is not
 * written any more.
 *
 *	store	people_dying(), before they are erased
 *	loop	people_dead(), when it knows: nothing new is noted for them
 */
#include "crypto/keystore/people_int.h"

#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

bool people_is_dying(const struct people *pp, uint64_t slot)
{
	for (size_t i = 0; i < pp->n_dying; i++)
		if (pp->dying[i] == slot)
			return true;
	return false;
}

size_t people_without_dying(const struct people *pp, struct sealed_week *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!people_is_dying(pp, v[i].slot))
			v[kept++] = v[i];
	return kept;
}

enum sc_err people_dying(struct people *pp, const uint64_t *slots, size_t n)
{
	size_t cap = sc_grown(pp->cap_dying) + n;
	enum sc_err err = SC_OK;
	uint64_t *v;

	if (n == 0)
		return SC_OK;
	pthread_mutex_lock(&pp->lock);
	if (pp->n_dying + n > pp->cap_dying) {
		if ((v = realloc(pp->dying, cap * sizeof(*v))) == NULL) {
			err = SC_NOMEM;
			goto out;
		}
		pp->dying = v;
		pp->cap_dying = cap;
	}
	memcpy(pp->dying + pp->n_dying, slots, n * sizeof(*slots));
	pp->n_dying += n;
	pp->n_writing = people_without_dying(pp, pp->writing, pp->n_writing);
out:
	pthread_mutex_unlock(&pp->lock);
	return err;
}

/* Nobody asks for SLOTS to return. */
static void forget_asked(struct people *pp, const uint64_t *slots, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < pp->n_asked; i++) {
		size_t k = 0;

		while (k < n && slots[k] != pp->asked[i].slot)
			k++;
		if (k == n)
			pp->asked[kept++] = pp->asked[i];
	}
	pp->n_asked = kept;
}

void people_dead(struct people *pp, const uint64_t *slots, size_t n)
{
	pthread_mutex_lock(&pp->lock);
	pp->n_weeks = people_without_dying(pp, pp->weeks, pp->n_weeks);
	forget_asked(pp, slots, n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < pp->n_dying; k++)
			if (pp->dying[k] == slots[i]) {
				pp->dying[k] = pp->dying[--pp->n_dying];
				break;
			}
	pthread_mutex_unlock(&pp->lock);
}

/* Gone for good is known; after a failure nothing is. */
void people_forget(struct people *pp, const uint64_t *slots, size_t n, bool gone)
{
	uint64_t id;

	for (size_t i = 0; i < n; i++) {
		if (slot_id_of(pp->loop.ids, slots[i], &id) != SC_OK)
			continue;
		if (gone)
			person_cache_drop(pp->cache, id);
		else
			person_cache_forget(pp->cache, id);
	}
}
