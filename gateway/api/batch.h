/*
 * batch.h - a batch of single values on its way through /v1: what each item
 * asks for, and what became of it.
 */
#ifndef GATEWAY_API_BATCH_H
#define GATEWAY_API_BATCH_H

#include "gateway/codec/body.h"
#include "gateway/serve/served.h"

enum batch_kind { BATCH_SEAL, BATCH_REVEAL, BATCH_INDEX, BATCH_MASK };

enum item_status {
	ITEM_ASK, /* its value's answer is the item's */
	ITEM_UNKNOWN_CLASS,
	ITEM_BAD_ITEM,
};

struct batch_item {
	uint8_t status;        /* enum item_status */
	const char *why;       /* static text, or NULL */
	struct sc_span member; /* whose WHY it is: letters and '_', or empty */
};

struct batch {
	enum batch_kind kind;
	struct batch_item *v;
	struct protect_value *values; /* one an item */
	size_t n;
	struct sc_buf plain; /* unescaped strings; never moves once items are taken */
	struct sc_buf texts; /* the values' answers */
};

/*
 * Read ITEMS of BODY, an array of as many objects as b->v and b->values have
 * room for: each item's status, and what is asked for it. b->plain has room for
 * all of the body's strings. What one item lacks, or says and nobody
 * understands, is that item's status and costs the others nothing.
 */
void batch_take(const struct policy *policy, struct batch *b, struct sc_span body,
    const struct body_value *items);

/*
 * Write the answer to OUT, every item in the order it came, and RQ's outcome
 * into its record. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err batch_print(struct served_request *rq, const struct batch *b,
    struct sc_buf *out);

#endif
