/*
 * settings.h - what the configuration says of collecting: who may send which
 * events, what of them goes on, and as which number.
 *
 * Pure data, checked when it is read (gateway/config/collect*.c), then constant.
 * The names behind the numbers that go on stand in base/feed/words.h.
 */
#ifndef GATEWAY_TAKE_SETTINGS_H
#define GATEWAY_TAKE_SETTINGS_H

#include "base/feed/feed.h"
#include "base/feed/words.h"
#include "base/name.h"
#include "base/zone.h"

#include <stdbool.h>
#include <stddef.h>

#define COLLECT_SITES_MAX 256
#define COLLECT_OLDEST_S (400u * 86400) /* what happened before that is not taken */
#define COLLECT_WINDOW_S (72u * 3600)   /* W: duplicates are known, and lateness begins */

/* Where events come from. A page's key is public; a back end is a principal. */
struct collect_site {
	struct sc_name name;
	const char *write_key;      /* of pages and apps; NULL: a back end's */
	struct sc_name principal;   /* a back end's */
	const char *const *origins; /* "https://shop.example"; of pages */
	size_t n_origins;
	uint32_t kinds;      /* bits by enum feed_kind that are taken */
	uint32_t per_minute; /* events; more are refused (pages: and told nothing) */
	bool app;            /* its own app: okhttp and the like are no bots */
	struct zone *zone;   /* the shop's */
};

/* An event's name elsewhere -> ours. Segment's and GA4's e-commerce names need none. */
struct collect_alias {
	const char *name;
	uint8_t kind; /* enum feed_kind */
};

/* The longest prefix of a path, or a part of a referrer's host, or a query word -> a number. */
struct collect_match {
	const char *text;
	uint8_t number;
};

/* What the tap's fields of one route mean: the JSONPath of a "do":"collect" rule, or NULL. */
struct collect_order {
	struct sc_name route;
	uint16_t shop;        /* number of the site it counts for */
	const char *order;    /* the order's id */
	const char *customer; /* the account's id */
	const char *at;       /* when; NULL: when it passed */
	const char *total;    /* amount */
	const char *status;   /* a word; those of CANCELLED are refunds */
	const char *product, *category, *price, *quantity; /* of lines, in parallel */
	const char *address;                     /* of a rule with "tag": compared, never known */
	const char *traits[FEED_ATTRIBUTES_MAX]; /* by trait of the words */
	struct feed_list cancelled;
};

/* Which rules are off, and their thresholds where they are not the usual ones (traffic.h). */
struct collect_rule_setting {
	bool off;
	uint32_t threshold; /* 0: the usual */
};

struct collect_settings {
	const char *feed;      /* path of viewd's feed socket */
	const char *store;     /* URL: consents, links, the door's keys */
	const char *spool;     /* folder of the spool and of the rule log */
	uint64_t spool_max;    /* bytes; beyond it back ends hear 429, pages are counted */
	uint8_t purpose;       /* of the policy: what collecting is for ("analytics") */
	uint8_t role;          /* of the policy: as which pages ask keyd ("collector") */
	uint8_t snapshot_hour; /* of the first site's zone, daily */
	struct collect_site *sites;
	size_t n_sites;
	struct feed_words *words;
	uint8_t purposes[FEED_PURPOSES_MAX]; /* the words' purposes, as the policy numbers them */
	struct feed_list honeypots;          /* products that no page shows */
	const struct collect_match *pages, *referrers,
	    *queries; /* to the words' pages, channels, queries */
	size_t n_pages, n_referrers, n_queries;
	const struct collect_match
	    *consents; /* categories of a consent manager, to the words' purposes */
	size_t n_consents;
	const struct collect_alias *aliases;
	size_t n_aliases;
	const char *trait_members
	    [FEED_ATTRIBUTES_MAX]; /* of a back end's traits, by trait of the words; NULL: none */
	const struct collect_order *orders;
	size_t n_orders;
	struct sc_name *operators; /* principals who may ask for a snapshot, or an event's number */
	size_t n_operators;
	const char *bots_file; /* parts of User-Agents, a line each; NULL: the built-in list */
	const char *datacentre_file; /* networks, a line each; NULL: none */
	struct collect_rule_setting rules[FEED_RULE_END];
};

#endif
