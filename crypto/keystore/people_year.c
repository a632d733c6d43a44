/*
 * people_year.c - what people are called in records: by their year (crypto/keyring/key_year.h).
 *
 * It is made when their key comes into the cache, of the year that it is then, and kept there;
 * where a record counts in another year, it is made anew. So openings make none.
 */
#include "crypto/keystore/people_int.h"

#include <string.h>

unsigned people_year(struct people *pp, uint64_t ms)
{
	struct people_year *y = &pp->year;

	if (ms < y->from_ms || ms >= y->until_ms) {
		y->year = key_year_of(ms);
		y->from_ms = ms;
		y->until_ms = key_year_end(ms);
	}
	return y->year;
}

void people_name(struct people *pp, struct person_key *k)
{
	const unsigned year = people_year(pp, people_time(pp));

	k->year = keyring_year_handle(pp->kr, year, k->handle, k->told) == SC_OK ? year : 0;
}

enum sc_err people_told_anew(struct people *pp, const struct person_key *k, unsigned year,
    const uint8_t **out)
{
	enum sc_err err;

	if ((err = keyring_year_handle(pp->kr, year, k->handle, pp->year.told)) != SC_OK)
		return err;
	person_cache_name(pp->cache, k, year, pp->year.told);
	*out = pp->year.told;
	return SC_OK;
}
