/*
 * people_fetch_int.h - a fetch under way, shared by those who find keys and who finds whose an
 * order is. Private to crypto/keystore.
 */
#ifndef CRYPTO_KEYSTORE_PEOPLE_FETCH_INT_H
#define CRYPTO_KEYSTORE_PEOPLE_FETCH_INT_H

#include "crypto/keystore/people_int.h"

#define WANTS_MAX (2u * 4096 + 8)

struct want {
	struct person_key key;
	bool by_handle;
	bool found; /* a row of PERSON */
	bool made;
	int64_t seq; /* of its row, where it is made: behind those that leave */
};

struct key_fetch {
	struct inbox_job job;
	struct people *pp;
	void *owner;
	void (*done)(void *owner, enum sc_err err);
	struct want *wants;
	size_t n, cap;
	size_t n_asked; /* the others are added on the store's thread */
	unsigned tries;
	uint32_t week;
	uint64_t renewals; /* when rows were read */
	uint64_t first;    /* the slot of the first that is made */
	size_t n_new;      /* slots given to those that were not found */
	size_t n_made;
	size_t n_people;            /* of them, who had none */
	struct order_person *order; /* the owner's; NULL: nobody asks whose one is */
	size_t keep; /* the want whose person it is from now on; SIZE_MAX: nobody's */
};

/* One more want of F, all zero. SC_LIMIT, SC_NOMEM. */
SC_CHECKED enum sc_err fetch_want(struct key_fetch *f, struct want **out);
/* The second want of a handle whose key is made here has what the first has, which is later. */
static inline bool fetch_made_here(const struct key_fetch *f, const struct want *w)
{
	return w->made || (w->found && w->key.slot >= f->first && f->n_new > 0);
}

/*
 * On the store's thread: whose F's order is, before keys are looked for, theirs among them; and
 * once it is known that there are any, that it is theirs. Fail as the store does.
 */
SC_CHECKED enum sc_err fetch_order_find(struct key_fetch *f, struct store_tx *tx);
SC_CHECKED enum sc_err fetch_order_keep(struct key_fetch *f, struct store_tx *tx);

#endif
