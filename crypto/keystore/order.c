/*
 * order.c - the two tables of the ordering rule.
 */
#include "crypto/keystore/order.h"

/* A block, by how its epoch stands to the store's N. */
enum held_as { TORN, FORMER, OLDER, OWN, NEXT, NEWER };

static enum held_as held_as(const struct epoch_held *h, uint64_t n)
{
	if (!h->opens)
		return TORN;
	if (h->epoch < n)
		return h->epoch == n - 1 ? FORMER : OLDER;
	return h->epoch == n ? OWN : h->epoch == n + 1 ? NEXT : NEWER;
}

static bool is_older(enum held_as h)
{
	return h == FORMER || h == OLDER;
}

/*
 * What the other block says where one holds E_n. A newer one than the spare was never laid
 * beside E_n by us, and some store may live by it: it is not written over.
 */
static const enum order_epoch beside_own[] = {
	[TORN] = ORDER_SPARE_OWED,
	[FORMER] = ORDER_BLOCK_OWED,
	[OLDER] = ORDER_SPARE_OWED,
	[OWN] = ORDER_SPARE_OWED,
	[NEXT] = ORDER_IN_STEP,
	[NEWER] = ORDER_STORE_OLDER,
};

enum order_epoch order_of_epochs(uint64_t store, const struct epoch_held held[static 2],
    uint64_t *write)
{
	const enum held_as a = held_as(&held[0], store), b = held_as(&held[1], store);
	enum order_epoch is;

	*write = 0;
	/* an older store's file has newer ones alone; beside an older one they are half a copy */
	if (a != OWN && b != OWN)
		return (a >= NEXT || b >= NEXT) && !is_older(a) && !is_older(b) ?
		    ORDER_STORE_OLDER :
		    ORDER_FILE_OLDER;
	is = beside_own[a == OWN ? b : a];
	if (is == ORDER_BLOCK_OWED || is == ORDER_SPARE_OWED)
		*write = store + 1;
	return is;
}

enum order_store order_of_log(const struct order_log *o)
{
	if (o->size < o->applied)
		return ORDER_LOG_SHORT;
	/* a log never tells of a commit before it is durable */
	return o->logged.gen > o->store.gen || o->logged.high > o->store.high ? ORDER_STORE_BEHIND :
										ORDER_SAME;
}
