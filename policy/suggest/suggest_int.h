/*
 * suggest_int.h - what is kept of a place while documents are read. Private to suggest/.
 */
#ifndef POLICY_SUGGEST_SUGGEST_INT_H
#define POLICY_SUGGEST_SUGGEST_INT_H

#include "policy/detect/detect.h"
#include "policy/detect/member.h"
#include "policy/suggest/suggest.h"

#define SUGGEST_LEVELS 32

struct suggest_seen {
	struct suggest_place out;
	uint8_t named;                     /* class that its names say */
	uint8_t of;                        /* enum member_of of the nearest that says so */
	bool note;                         /* it is called a remark, a message ... */
	bool id;                           /* ... or an id, whose digits look like anything */
	bool holds;                        /* somewhere it is an object or a list */
	uint8_t customer, order;           /* how much it looks like their ids; 0: not at all */
	uint32_t values;                   /* that hold something */
	uint32_t fits;                     /* of them, that can be of the class they are called */
	uint32_t whole[CLASS_BUILTIN_END]; /* that have the form of a class */
	uint32_t parts;                    /* texts in which something was found */
};

/* Can VALUE, a text or a number, be of CLASS_ID? */
bool suggest_fits(uint8_t class_id, struct sc_span value);
/* The names of a remark: "buyer_message". */
bool suggest_is_note(const char *name);
bool suggest_is_id(const char *name);
/* How much the member NAME under PARENT ("" for none) looks like a customer's id, an order's. */
uint8_t suggest_customer_score(const char *name, const char *parent);
uint8_t suggest_order_score(const char *name, const char *parent, bool root);
/* What V, met in all documents, is: V->out's class_id, does, unsure, left. */
void suggest_judge(struct suggest_seen *v);

#endif
