/*
 * key_year.c - the keys of years, by their years.
 *
 * A row has the year where a class's has its class, from 1970 on, and lies under the KEK of T0 as a
 * class's key does: so it is made without the ring key, and a turn of that KEK ends it for good.
 */
#include "crypto/keyring/keyring_int.h"

#include "base/civil.h"
#include "crypto/prim/vault.h"

#include <string.h>

#define DAY_MS 86400000u

unsigned key_year_of(uint64_t ms)
{
	return (unsigned)civil_of_days((int64_t)(ms / DAY_MS)).year;
}

uint64_t key_year_end(uint64_t ms)
{
	return (uint64_t)civil_days((struct civil_date){ key_year_of(ms) + 1, 1, 1 }) * DAY_MS;
}

/* ---- working forms ---- */

void key_year_forget(struct year_key *y)
{
	hmac_key_fini(&y->handle);
	siv_ctx_free(y->whose);
	y->whose = NULL;
	y->state = KEY_DESTROYED;
}

void key_year_free(struct year_key *y)
{
	if (y == NULL)
		return;
	key_year_forget(y);
	vault_free(y);
}

enum sc_err key_year_add(struct keyring *kr, const struct key_row *r, const uint8_t *key)
{
	struct year_key *y;
	enum sc_err err;

	if (kr->years[r->class_id] != NULL)
		return SC_CORRUPT;
	if ((y = vault_alloc(sizeof(*y))) == NULL)
		return SC_NOMEM;
	y->id = r->id;
	y->since_ms = r->since_ms;
	y->year = KEY_YEAR_FIRST + r->class_id;
	y->state = r->state;
	kr->years[r->class_id] = y;
	if (key == NULL)
		return SC_OK;
	if ((err = key_siv_new(key, "scrim1|whose", &y->whose)) == SC_OK)
		hmac_key_init(&y->handle, key, KEY_BYTES);
	return err;
}

/* ---- finding ---- */

const struct year_key *keyring_year(const struct keyring *kr, unsigned year)
{
	return year < KEY_YEAR_FIRST || year >= KEY_YEAR_FIRST + KEY_YEARS ?
	    NULL :
	    kr->years[year - KEY_YEAR_FIRST];
}

const struct year_key *keyring_year_by_id(const struct keyring *kr, uint64_t id)
{
	for (size_t i = 0; i < KEY_YEARS; i++)
		if (kr->years[i] != NULL && kr->years[i]->id == id)
			return kr->years[i];
	return NULL;
}

/* ---- names ---- */

/* That still has its key. */
static const struct year_key *living(const struct keyring *kr, unsigned year)
{
	const struct year_key *y = keyring_year(kr, year);

	return y == NULL || y->whose == NULL ? NULL : y;
}

enum sc_err keyring_year_handle(const struct keyring *kr, unsigned year,
    const uint8_t handle[static HANDLE_BYTES], uint8_t out[static HANDLE_BYTES])
{
	const struct sc_span parts[] = { SC_LIT("handle\0"), sc_span(handle, HANDLE_BYTES) };
	const struct year_key *y = living(kr, year);
	uint8_t full[HASH_BYTES];

	if (y == NULL)
		return SC_LIMIT;
	hmac_sha256(&y->handle, parts, 2, full);
	memcpy(out, full, HANDLE_BYTES);
	return SC_OK;
}

enum sc_err keyring_whose_seal(const struct keyring *kr, unsigned year, const uint8_t *handles,
    size_t n, uint8_t *out)
{
	const struct year_key *y = living(kr, year);

	if (y == NULL)
		return SC_LIMIT;
	return siv_seal(y->whose, NULL, 0, sc_span(handles, n * HANDLE_BYTES), out);
}

enum sc_err keyring_whose_open(const struct keyring *kr, unsigned year, struct sc_span whose,
    uint8_t *handles, size_t n, bool *ok)
{
	const struct year_key *y = living(kr, year);

	*ok = false;
	if (y == NULL || whose.n != SIV_BYTES + n * HANDLE_BYTES)
		return SC_OK;
	return siv_open(y->whose, NULL, 0, whose, handles, ok);
}
