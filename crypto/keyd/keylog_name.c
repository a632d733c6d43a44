/*
 * keylog_name.c - the store's handles of a record's people, as its year has them.
 *
 * A record has one year, that of the day on which it counts: so an erasure or a merge that ends in
 * another year than it began in is told of as the same people.
 */
#include "crypto/keyd/keylog_name.h"

#include <string.h>

_Static_assert(AUDIT_WHOSE_MAX >= WHOSE_MAX, "a record has room for it");

static unsigned year_of(const struct audit_record *r)
{
	return key_year_of(r->asking.counted_ms != 0 ? r->asking.counted_ms : r->at_ms);
}

static bool is_known(const uint8_t *handle)
{
	static const uint8_t nobody[HANDLE_BYTES];

	return memcmp(handle, nobody, sizeof(nobody)) != 0;
}

enum sc_err keylog_name(const struct keyring *kr, struct audit_record *r, const uint8_t *handles,
    size_t n, bool carried, struct keylog_named *out)
{
	const unsigned year = year_of(r);
	enum sc_err err;

	if (kr == NULL || n > WHOSE_HANDLES)
		return SC_BUG;
	for (size_t i = 0; i < n; i++) {
		if (!is_known(handles + i * HANDLE_BYTES))
			return SC_OK;
		if ((err = keyring_year_handle(kr, year, handles + i * HANDLE_BYTES,
			 out->told[i])) != SC_OK)
			return err;
	}
	if (carried && (err = keyring_whose_seal(kr, year, handles, n, out->whose)) != SC_OK)
		return err;
	r->subjects = (const uint8_t(*)[AUDIT_HANDLE_BYTES])out->told;
	r->n_subjects = n;
	r->whose = out->whose;
	r->n_whose = carried ? SIV_BYTES + n * HANDLE_BYTES : 0;
	return SC_OK;
}
