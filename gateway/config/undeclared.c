/*
 * undeclared.c - what a route does with what none of its rules speaks of.
 */
#include "gateway/config/sections.h"

#include <string.h>

static const char *const found_names[] = { [UNDECLARED_PASS] = "pass",
	[UNDECLARED_REPORT] = "report",
	[UNDECLARED_MASK] = "", /* in a text a find is sealed, or stays */
	[UNDECLARED_SEAL] = "seal",
	[UNDECLARED_REFUSE] = "refuse",
	NULL };
static const struct shape_words found_words = { "\"found\"", .list = found_names };

static const char *const named_names[] = { [UNDECLARED_PASS] = "pass",
	[UNDECLARED_REPORT] = "report",
	[UNDECLARED_MASK] = "mask",
	[UNDECLARED_SEAL] = "seal",
	[UNDECLARED_REFUSE] = "refuse",
	NULL };
static const struct shape_words named_words = { "\"named\"", .list = named_names };

#define AT(field) SHAPE_AT(struct undeclared, field)
static const struct shape_row rows[] = {
	{ "found", shape_word, AT(found), .words = &found_words, .usual = UNDECLARED_SEAL },
	{ "named", shape_word, AT(named), .words = &named_words, .usual = UNDECLARED_MASK },
	{ .key = NULL },
};
const struct shape config_undeclared_shape = { .what = "section", .rows = rows };

/* The short form: one word for both. */
static const struct {
	const char *word;
	struct undeclared means;
} words[] = {
	{ "scan", { UNDECLARED_SEAL, UNDECLARED_MASK } },
	{ "seal", { UNDECLARED_SEAL, UNDECLARED_SEAL } },
	{ "report", { UNDECLARED_REPORT, UNDECLARED_REPORT } },
	{ "refuse", { UNDECLARED_REFUSE, UNDECLARED_REFUSE } },
	{ "pass", { UNDECLARED_PASS, UNDECLARED_PASS } },
};

bool config_read_undeclared(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind == DOC_OBJECT)
		return shape_fill(c, &config_undeclared_shape, node, field);
	for (size_t i = 0; node->kind == DOC_TEXT && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(node->text, words[i].word) == 0) {
			*(struct undeclared *)field = words[i].means;
			return true;
		}
	return shape_must(c, node,
	    "be \"scan\", \"seal\", \"report\", \"refuse\" or \"pass\", or an object with "
	    "\"found\" and \"named\"");
}

/* Who declares one field to be sealed means all of its kind: a new one does not pass unseen. */
void config_usual_undeclared(struct config_route *rt)
{
	const struct config_rules *all[] = { &rt->request, &rt->query, &rt->header };

	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		for (size_t i = 0; i < all[k]->n; i++)
			if (all[k]->v[i].form->seals && !rt->has_to)
				rt->undeclared =
				    (struct undeclared){ UNDECLARED_SEAL, UNDECLARED_MASK };
}
