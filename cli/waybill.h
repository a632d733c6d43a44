/*
 * waybill.h - who and where, out of the JSON that a carrier received.
 *
 * Waybills have many shapes: the receiver is looked for under the names that
 * carriers give it, and so are a person's name, the parts of an address, a
 * number and an order. Nothing is opened: what is a token there has not been for
 * this carrier, and is refused.
 */
#ifndef CLI_WAYBILL_H
#define CLI_WAYBILL_H

#include "base/buf.h"
#include "base/text/doc.h"

#define WAYBILL_MAX (1u << 20)

struct waybill {
	struct sc_buf name;    /* masked, whatever it was before */
	struct sc_buf address; /* lines */
	struct sc_buf order;   /* may be empty */
	struct sc_buf number;  /* as it is written; empty: none */
	bool ours;             /* the number is such as virtual_number makes: no person's own */
	uint64_t until;        /* Unix seconds; 0: not said */
};

void waybill_init(struct waybill *w);
void waybill_fini(struct waybill *w);
/*
 * Read it. An address is put together as it is written in Chinese or in the West.
 * Fails with SC_SYNTAX, SC_LIMIT, SC_NOMEM; D says why, without a word of the waybill's.
 */
SC_CHECKED enum sc_err waybill_read(struct sc_span json, bool chinese, struct sc_diag *d,
    struct waybill *w);
/* RFC 3339, a day (its end) or Unix seconds, to Unix seconds; 0 when it is none. */
uint64_t waybill_time(struct sc_span text);

#endif
