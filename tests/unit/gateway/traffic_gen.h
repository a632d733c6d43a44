/*
 * traffic_gen.h - labelled traffic made up: shops, people with all their awkward ways, and robots.
 *
 * The same arguments make the same events on every machine: integers alone. Two worlds: the
 * one that the rules' thresholds were first found on (easy and adapted robots), and
 * another shop with other people and other robots.
 */
#ifndef TESTS_TRAFFIC_GEN_H
#define TESTS_TRAFFIC_GEN_H

#include "gateway/traffic/traffic.h"

enum gen_what { GEN_PEOPLE, GEN_AWKWARD, GEN_APART, GEN_FARM, GEN_OTHER_BOT };

/* Who sends. Names and what they are: gen_labels. */
enum gen_label {
	GEN_HOME,
	GEN_CARRIER,
	GEN_OFFICE,
	GEN_DORM,
	GEN_SCANNER,
	GEN_NIGHT,
	GEN_RESELLER,
	GEN_COMPARER,
	GEN_LATE_APP,
	GEN_NEW_ID,
	GEN_WRONG_CLOCK,
	GEN_FLASH,
	GEN_GROUP_BUY,
	GEN_BLIND,
	GEN_SCHOOL,
	GEN_TRAVELLER,
	GEN_WAREHOUSE,
	GEN_KIOSK,
	GEN_CRAWLER,
	GEN_FLOOD,
	GEN_CLICK_FARM,
	GEN_REPLAY,
	GEN_BRUSH,
	GEN_PROXY_SCRAPER,
	GEN_PRICE_CRAWLER,
	GEN_SLOW_FARM,
	GEN_COUPON,
	GEN_CLICKS,
	GEN_SLOW_BRUSH,
	GEN_LABELS
};
struct gen_label_row {
	const char *name;
	uint8_t what; /* enum gen_what */
};
extern const struct gen_label_row gen_labels[GEN_LABELS];

struct gen_event {
	struct traffic_event e;
	uint64_t account; /* whose view it is in truth, where somebody is logged in; else 0 */
	uint16_t category;
	uint8_t label;
	bool again; /* a retry: the same id had been sent */
};

enum gen_world { GEN_EASY, GEN_ADAPTED, GEN_ANOTHER };

struct gen_traffic {
	struct gen_event *v; /* in the order of coming */
	size_t n, room;
	uint64_t end_ms; /* when the snapshot is due */
};

/* SCALE: of a thousand, 1000 is the whole. */
void traffic_gen(enum gen_world world, unsigned scale, uint64_t seed, struct gen_traffic *out);
void traffic_gen_free(struct gen_traffic *t);

#endif
