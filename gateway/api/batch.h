/*
 * batch.h - a batch of single values on its way through /v1: what each item
 * asks for, and what became of it.
 */
#ifndef GATEWAY_API_BATCH_H
#define GATEWAY_API_BATCH_H

#include "gateway/api/body.h"
#include "gateway/serve/visit.h"

enum item_status {
	ITEM_ASK, /* keyd answers */
	ITEM_OK,  /* answered here */
	ITEM_DENIED,
	ITEM_BAD_TOKEN,
	ITEM_UNKNOWN_CLASS,
	ITEM_BAD_ITEM,
};

struct item {
	uint8_t status; /* enum item_status */
	uint8_t class_id;
	const char *why;       /* static text, or NULL */
	struct sc_span member; /* whose WHY it is: letters and '_', or empty */
	uint32_t text;         /* masked text in batch->texts */
	uint32_t text_n;
};

enum batch_kind { BATCH_SEAL, BATCH_REVEAL, BATCH_INDEX, BATCH_MASK };

struct batch {
	enum batch_kind kind;
	struct item *v;
	size_t n;
	struct keyc_item *asks;
	size_t n_asks;
	struct sc_buf plain; /* unescaped strings; never moves once items are taken */
	struct sc_buf texts;
	struct sc_buf token; /* one token's bytes */
};

/*
 * Read ITEMS, an array of as many objects as b->v and b->asks have room for:
 * each item's status, and what is asked of keyd. V's contexts must be filled,
 * and b->plain has room for all of the body's strings. What one item lacks, or
 * says and nobody understands, is that item's status and costs the others nothing.
 */
void batch_take(struct visit *v, struct batch *b, const struct body_value *items);

/*
 * Indexing is a search where policy lets the caller search the first item's
 * class, and otherwise a part of storing: sets V's reader context so.
 */
void batch_choose_index_op(struct visit *v, struct batch *b, const struct body_value *items);

/*
 * Write the answer to OUT, every item in the order it came, and note classes,
 * counts and subjects in V's record. REPLY is NULL when keyd was not asked.
 * Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err batch_print(struct visit *v, const struct batch *b,
    const struct keyc_reply *reply, struct sc_buf *out);

#endif
