/*
 * key_year.h - what people are called in records, by another key each year.
 *
 *	handle	= HMAC-SHA256(the year's key, "handle" 00 | the store's handle), cut to 16 bytes
 *	whose	= AES-SIV(HKDF(the year's key, "scrim1|whose"), the store's handles)
 *
 * A year's key is drawn by itself, and made from nothing that stays: once it is destroyed nobody
 * can say of whom that year's entries are, who has all others neither. What a start has to carry
 * out by the store's handles (merges, erasures) says them as `whose`, for keyd alone, and for no
 * longer than the year's key.
 */
#ifndef CRYPTO_KEYRING_KEY_YEAR_H
#define CRYPTO_KEYRING_KEY_YEAR_H

#include "crypto/keyring/keyring.h"

#define KEY_YEAR_FIRST 1970u
#define KEY_YEARS 256u
#define WHOSE_HANDLES 2 /* at most */
#define WHOSE_MAX (SIV_BYTES + WHOSE_HANDLES * HANDLE_BYTES)

struct year_key {
	uint64_t id, since_ms;
	unsigned year;
	enum key_state state;
	struct hmac_key handle; /* this and the next while it is not destroyed */
	struct siv_ctx *whose;  /* the loop thread's; at a start, of whoever replays */
};

/* The year (UTC) of MS, Unix milliseconds, and when the next one begins. */
unsigned key_year_of(uint64_t ms);
uint64_t key_year_end(uint64_t ms);

/*
 * Make the keys of the year of MS and of the next, those that are not there: so that none has to
 * be waited for when a year begins. Waits for the store where one is made; MADE is told each. Fails
 * with SC_AGAIN (a change of keys is under way), SC_LIMIT (no year that there can be one of).
 */
typedef void keyring_year_fn(void *arg, const struct year_key *k);
SC_CHECKED enum sc_err keyring_make_years(struct keyring *kr, uint64_t ms, keyring_year_fn *made,
    void *arg);

/* In whatever state; NULL: there never was one. */
const struct year_key *keyring_year(const struct keyring *kr, unsigned year);
const struct year_key *keyring_year_by_id(const struct keyring *kr, uint64_t id);

/* What the person of HANDLE is called in records of YEAR. SC_LIMIT: its key is not there (any more). */
SC_CHECKED enum sc_err keyring_year_handle(const struct keyring *kr, unsigned year,
    const uint8_t handle[static HANDLE_BYTES], uint8_t out[static HANDLE_BYTES]);

/* N handles, at most WHOSE_HANDLES, as a record of YEAR says them; OUT: SIV_BYTES more. As above. */
SC_CHECKED enum sc_err keyring_whose_seal(const struct keyring *kr, unsigned year,
    const uint8_t *handles, size_t n, uint8_t *out);
/* And back, N of them. *OK false: that year's key is not here, or did not seal it. SC_BUG, SC_NOMEM. */
SC_CHECKED enum sc_err keyring_whose_open(const struct keyring *kr, unsigned year,
    struct sc_span whose, uint8_t *handles, size_t n, bool *ok);

#endif
