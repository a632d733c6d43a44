/*
 * collect.h - inside gateway/config only: the parts of the collect section, a
 * source file each.
 */
#ifndef GATEWAY_CONFIG_COLLECT_H
#define GATEWAY_CONFIG_COLLECT_H

#include "gateway/config/sections.h"

#define CONFIG_MATCHES_MAX 256 /* of one map */
#define CONFIG_HONEYPOTS_MAX 256
#define CONFIG_ORDERS_MAX CONFIG_ROUTES_MAX

/* The section that is being filled. */
static inline struct collect_settings *config_collect_of(const struct shape_ctx *c)
{
	return ((struct config *)c->arg)->collect;
}

/* The words of its file, numbered from 1; [0] is "". None when the file did not load. */
extern const struct shape_words config_pages, config_channels, config_queries, config_traits,
    config_consents, config_kinds;

/* settings->sites. */
extern const struct shape config_site_shape;
/* Number of the site called what NODE says, from 1: a uint16_t. */
shape_reader config_read_site;

/* From what is said elsewhere to a number of ours: objects whose keys are that text. */
shape_reader config_read_matches; /* const struct collect_match *, the longest first */
shape_reader config_read_names;   /* const struct collect_alias * */
shape_reader config_read_traits;  /* const char *[FEED_ATTRIBUTES_MAX] */

/* struct feed_list: words of MIN to MAX, each once. */
shape_reader config_read_words;

/* settings->orders, when the routes are known. */
extern const struct shape config_order_shape;

#endif
