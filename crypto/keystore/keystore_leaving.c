/*
 * keystore_leaving.c - erasures that wait, as the log tells of them behind what the store has: in
 * their order, each as often as it is read.
 *
 * When one is due is known to the row alone. A row that is made anew has its whole time before it,
 * counted from the start that makes it: never too little (people_grace()).
 */
#include "crypto/keystore/keystore_int.h"

#include "crypto/keystore/log_fact.h"
#include "crypto/keytree/slot_id.h"

#include <string.h>

enum sc_err keystore_told_leaving(struct store_tx *tx, struct slot_ids *ids, uint64_t index,
    const struct log_fact *f)
{
	struct leaving_slot v[PEOPLE_SLOTS_MAX];
	uint64_t slots[PEOPLE_SLOTS_MAX];
	enum sc_err err;
	bool ok;

	if (f->kind != FACT_LEAVES && f->kind != FACT_STAYS && f->kind != FACT_INTENT)
		return SC_OK;
	for (size_t i = 0; i < f->n; i++) {
		if ((err = slot_id_slot(ids, f->ids[i], &slots[i], &ok)) != SC_OK)
			return err;
		if (!ok)
			return SC_CORRUPT;
		v[i] = (struct leaving_slot){ slots[i], index, f->at_ms, INT64_MAX, { 0 }, false };
		memcpy(v[i].handle, f->handle, HANDLE_BYTES);
	}
	/* whoever is erased waits no more, whether that is to be done again or not */
	return f->kind == FACT_LEAVES ? leaving_rows_add(tx, v, f->n) :
					store_rows_stay(tx, slots, f->n);
}
