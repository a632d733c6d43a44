/*
 * people_list.h - lists of people for which a record of keyd's has no room: is each as its record
 * says?
 *
 *	part 1, part 2, ... right before it, nothing between	-> how many, and their root
 *
 * Parts without a record behind them are of an opening that was never answered.
 */
#ifndef AUDIT_REVIEW_PEOPLE_LIST_H
#define AUDIT_REVIEW_PEOPLE_LIST_H

#include "audit/record/read.h"
#include "base/span.h"
#include "crypto/record/record.h"

/* The parts before the entry to come. All zero to begin with; fini releases. */
struct people_list {
	uint64_t parts, request_id;
	uint8_t (*v)[AUDIT_HANDLE_BYTES];
	size_t n, cap;
};

/*
 * ENTRY, the next of the log. *WHY is what is wrong with its list, a literal; NULL: nothing is.
 * Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err people_list_entry(struct people_list *l, struct sc_span entry,
    const char **why);
void people_list_fini(struct people_list *l);

#endif
