/*
 * recode_cover.h - which classes publish a cell that a row fits into, or nearly does.
 *
 * A bit for each class by column and leaf, classes in the order of their cost as it was
 * when the cover was made; so a row's classes are the AND of as many bitsets as columns.
 */
#ifndef ANALYTICS_RELEASE_RECODE_COVER_H
#define ANALYTICS_RELEASE_RECODE_COVER_H

#include "analytics/recode/recode_private.h"

struct recode_cover {
	struct recode *r;
	struct recode_list *block; /* v[i] is of bit i */
	uint64_t *bits, *alive;
	uint32_t *cost;            /* by bit */
	uint32_t *least;           /* of 64 classes: none has ever cost less */
	size_t words, from[LANES]; /* each column's first leaf among all leaves */
};

/* Sort BLOCK by cost and make a cover of it. False, and r->err: no memory. */
bool recode_cover_init(struct recode_cover *c, struct recode *r, struct recode_list *block);
void recode_cover_fini(struct recode_cover *c);

/* G's box changed from WAS to what it is: its cost and its bits. */
void recode_cover_moved(struct recode_cover *c, struct recode_group *g,
    const struct recode_box *was);
/* G has no rows any more. */
void recode_cover_drop(struct recode_cover *c, struct recode_group *g);

/*
 * The class other than EXCEPT that takes W rows like U for the least more loss, if that
 * is below *PRICE, which it then is. A class that lacks more than two columns is not seen.
 */
struct recode_group *recode_cover_find(struct recode_cover *c, const struct recode_unit *u,
    uint32_t w, const struct recode_group *except, uint64_t *price);

#endif
