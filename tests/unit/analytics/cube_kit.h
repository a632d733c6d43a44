/*
 * cube_kit.h - a small shop, its cube made week by week, and everything that is published of
 * it counted again in the plainest way.
 */
#ifndef TESTS_CUBE_KIT_H
#define TESTS_CUBE_KIT_H

#include "analytics/cube/cube.h"

#include <sqlite3.h>

#define KIT_PEOPLE 65536                   /* pseudonyms 1 .. below it */
#define KIT_MONDAY UINT64_C(1704067200000) /* 2024-01-01T00:00, of a clock at UTC */
#define KIT_HOUR UINT64_C(3600000)
#define KIT_DAY (24 * KIT_HOUR)
#define KIT_WEEK (7 * KIT_DAY)
#define KIT_DATASET "cube"

struct kit_shop {
	struct feed_words words;
	struct feed_event *v;
	size_t n, cap;
	uint8_t traits[KIT_PEOPLE][FEED_ATTRIBUTES_MAX];
	char root[64];
	uint64_t made; /* releases */
	int64_t champion_steps;
	struct sc_diag d;
	struct cube_made last;
	uint8_t key;
	bool backwards; /* events are told last first */
};

/* Six categories, three channels, bands to 50, 200 and 500, traits age and sex; a folder of its own. */
struct kit_shop *kit_new(void);
void kit_free(struct kit_shop *k);

/* Somebody does KIND; the event, of which more can be set until the next one comes. */
struct feed_event *cube_kit_event(struct kit_shop *k, uint64_t person, uint64_t at_ms,
    uint8_t kind);
/* They look at something of CATEGORY, on CHANNEL. */
void kit_look(struct kit_shop *k, uint64_t person, uint64_t at_ms, unsigned category,
    unsigned channel);
/* They order one thing. */
void kit_buy(struct kit_shop *k, uint64_t person, uint64_t at_ms, unsigned category,
    uint32_t price);
/* PEOPLE customers of WEEKS weeks from KIT_MONDAY on, as SEED has it. */
void kit_history(struct kit_shop *k, unsigned people, unsigned weeks, uint32_t seed);

/* The next release of what there was until LAST_MS. */
enum sc_err kit_release(struct kit_shop *k, uint64_t last_ms);
/* Release NUMBER's database, for reading. */
sqlite3 *kit_db(const struct kit_shop *k, uint64_t number);
/* The number that SQL comes to; -1: it has no row. */
int64_t kit_number(sqlite3 *db, const char *sql);
/* All rows of all tables as text, but calendar, of periods up to LAST ("": all). To be freed. */
char *kit_text(sqlite3 *db, const char *last);

/*
 * Count every row of DB again whose week or month is, as text, from FROM to TO. False: it
 * says where. ROWS: how many there were.
 */
bool naive_agrees(struct kit_shop *k, sqlite3 *db, const char *from, const char *to,
    uint64_t last_ms, size_t *rows);

#endif
