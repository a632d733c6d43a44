/*
 * batch.h - a batch of single values on its way through /v1: what each item
 * asks for, and what became of it.
 */
#ifndef GATEWAY_API_BATCH_H
#define GATEWAY_API_BATCH_H

#include "base/text/shape.h"
#include "gateway/serve/served.h"

/* What is asked for every item of a batch, a row for each endpoint. */
struct batch_kind {
	const char *path;
	const struct shape *item;
	const struct form *form;
	const char *answer; /* the member that holds what became of the value */
	enum plan_way way;
	enum audit_kind record;
	uint8_t op; /* enum policy_op */
};
/* The row of PATH, which is one of those that are dispatched. */
const struct batch_kind *batch_kind_of(struct sc_span path);

struct batch {
	const struct batch_kind *kind;
	struct sc_arena arena;        /* the body's tree, and all that is made of it */
	struct protect_value *values; /* one an item; what is skipped has its status */
	size_t n;
	struct sc_buf texts;                     /* the values' answers */
	uint8_t statement[CRYPTO_STATEMENT_MAX]; /* of rq->reader.statement */
};

/*
 * Read BODY, {"items":[...]} of 1 to MAX objects: what is asked for each, or
 * its status. What one item lacks, or says and nobody understands, costs the
 * others nothing. B borrows BODY. Fails with SC_SYNTAX (no JSON), SC_LIMIT (no
 * such object), both told in DIAG, and SC_NOMEM.
 */
SC_CHECKED enum sc_err batch_take(struct batch *b, const struct policy *policy, struct sc_span body,
    size_t max, struct sc_diag *diag);

/* A person's id, text or a number as it is spelled: const struct doc_node *. */
shape_reader batch_take_subject;

/*
 * Write the answer to OUT, every item in the order it came, and RQ's outcome
 * into its record. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err batch_print(struct served_request *rq, const struct batch *b,
    struct sc_buf *out);

#endif
