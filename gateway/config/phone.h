/*
 * phone.h - inside gateway/config only: the parts of the phone section, a
 * source file each.
 */
#ifndef GATEWAY_CONFIG_PHONE_H
#define GATEWAY_CONFIG_PHONE_H

#include "gateway/config/sections.h"
#include "gateway/number/settings.h"

#define CONFIG_LINES_RANGE_MAX PHONE_LINES_MAX /* of one entry of "numbers" */
#define YEAR_S (366u * 86400)

#define CONFIG_DISPLAY_MAX 128 /* bytes of a display template */

/* The section that is being filled. */
static inline struct phone_settings *config_phone_of(const struct shape_ctx *c)
{
	return ((struct config *)c->arg)->phone;
}

/* "numbers" of a pool, as the file has them: one number, or a range. */
struct number_range {
	const char *first;
	uint32_t count;
	struct sc_name region;
	uint8_t state; /* enum phone_line_state */
};
extern const struct shape config_number_shape;

struct number_ranges {
	struct number_range *v;
	size_t n;
};
/* The "pools" of the file, list POOLS, and N_POOLS lists of their ranges, to settings->lines. */
bool config_lines_make(struct shape_ctx *c, const struct doc_node *pools,
    const struct number_ranges *ranges);

/* settings->pools and settings->lines from a list of pools. */
shape_reader config_read_pools;
extern const struct shape config_pool_shape;
extern const struct shape_words config_pools; /* their names, once they are read */

/* settings->vendors; each pool is at most one vendor's. */
shape_reader config_read_vendors;
extern const struct shape config_vendor_shape;

extern const struct shape config_hook_shape;

/* const char *: the name of a pool; the rules of a route come behind the section. */
shape_reader config_read_label_pool;
/* What the keys of RULE, which gives out numbers, add up to. */
bool config_check_label(struct shape_ctx *c, const struct doc_node *object,
    const struct field_rule *rule);

/* const char *: a number in E.164. */
shape_reader config_read_e164;
/* const char *: a display template, with nothing in braces that is not known. */
shape_reader config_read_display;
/* Does DISPLAY, at NODE, say what one has to dial? AXE: an extension belongs to it. */
bool config_check_display(struct shape_ctx *c, const struct doc_node *node, const char *display,
    bool axe);

#endif
