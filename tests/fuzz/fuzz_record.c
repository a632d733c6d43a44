/*
 * fuzz_record.c - no bytes crash the reading back of a record; what it gives
 * can be compared and named, whatever was in it.
 */
#include "audit/record/read.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_entry e;

	if (audit_entry_parse(sc_span(data, size), &e) != SC_OK) {
		if (e.json != NULL)
			abort();
		return 0;
	}
	if (e.kind > AUDIT_KIND_COUNT || e.outcome > AUDIT_OUTCOME_COUNT)
		abort();
	if (strlen(e.principal) + strlen(e.role) + strlen(e.purpose) + strlen(e.route) +
		strlen(e.op) >
	    size)
		abort();
	/* what was refused showed nothing */
	if (audit_entry_opens(&e) && e.outcome == AUDIT_REFUSED)
		abort();
	audit_entry_fini(&e);
	return 0;
}
