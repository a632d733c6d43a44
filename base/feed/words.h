/*
 * words.h - the lists that turn names into numbers at the gateway's door, and numbers into
 * names for whoever reads a view: one file (docs/words.schema.json) that both sides are
 * given, so that no name ever travels with a person's row.
 *
 * A name's number is its place in its list, from 1. Lists only grow at their end.
 */
#ifndef BASE_FEED_WORDS_H
#define BASE_FEED_WORDS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct shape;

#define FEED_WORDS_MAX 1024 /* of categories and campaigns; 255 of the others */
#define FEED_ATTRIBUTES_MAX 8
#define FEED_BANDS 8 /* of prices */
#define FEED_PURPOSES_MAX 8

#define FEED_WORD_BYTES 64 /* of one */
#define FEED_TRAIT_BANDS 32

struct feed_list {
	const char *const *v;
	size_t n;
	const uint16_t *slots; /* by hash, as feed_list_index() makes them; NULL: none */
	size_t n_slots;
};

enum feed_attribute_kind { FEED_WORD_OF_LIST, FEED_BIRTHDAY, FEED_NUMBER };
/* A trait that is declared: as which word or band it goes on. */
struct feed_trait {
	const char *name;
	uint8_t kind;           /* enum feed_attribute_kind */
	struct feed_list words; /* of FEED_WORD_OF_LIST */
	const int64_t *
	    bands; /* of the others: lower bounds, ascending; below the first is 1; of a birthday, years of age */
	size_t n_bands;
};

struct feed_words {
	struct feed_list categories, channels, campaigns, pages, queries;
	struct feed_list
	    purposes; /* of consent, as the policy calls them; the first is what collecting is for */
	struct feed_trait traits[FEED_ATTRIBUTES_MAX];
	size_t n_traits;
	uint32_t price_bands[FEED_BANDS -
	    1];                /* upper bounds, in steps, ascending; UINT32_MAX: no more */
	uint32_t price_step;   /* how many hundredths of the currency are one step */
	uint32_t text_version; /* of the consent text that is asked now */
	struct sc_arena arena;
};

/*
 * Read PATH. Fails with SC_IO, SC_SYNTAX, SC_LIMIT, SC_NOMEM; ALL tells all that is
 * wrong. *OUT is the caller's.
 */
SC_CHECKED enum sc_err feed_words_load(const char *path, struct sc_diags *all,
    struct feed_words **out);
void feed_words_free(struct feed_words *w); /* NULL is fine */

/* The shape of the file, which docs/words.schema.json is held against. */
extern const struct shape feed_words_shape;

/* Make LIST quick to search; what for lives in A. Fails with SC_NOMEM: it is searched in order. */
SC_CHECKED enum sc_err feed_list_index(struct sc_arena *a, struct feed_list *list);
/* The number of WORD in LIST, 0: it is not there. Exact case. */
unsigned feed_list_find(const struct feed_list *list, struct sc_span word);
/*
 * The word or band that TEXT is of TRAIT, 0: none. NOW_S is for birthdays (YYYY-MM-DD,
 * alone or before a time; of a year alone the age that was reached for certain), in UTC.
 * What a number has behind its point is cut off.
 */
unsigned feed_trait_value(const struct feed_trait *trait, struct sc_span text, int64_t now_s);

#endif
