/*
 * duty.c - separation of duty: groups that no role may combine.
 *
 * A role is in the groups it declares, in "use" as soon as a rule lets it do
 * anything but be denied, and in "approve" when an approval may come from it.
 */
#include "policy/lang/rows.h"

/* In the order of enum lang_group's bits. */
static const char *const groups[] = { "manage", "use", "approve", "audit", "publish", NULL };
const struct shape_words lang_groups = { "group", .list = groups };

static const uint8_t always[] = { GROUP_MANAGE | GROUP_USE, GROUP_MANAGE | GROUP_AUDIT,
	GROUP_USE | GROUP_AUDIT };

bool lang_read_apart(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row pair = { .read = shape_set, .size = 1, .words = &lang_groups };
	uint32_t *apart = field;
	uint8_t both;
	bool ok = true;

	if (node->kind != DOC_LIST)
		return shape_must(c, node, "be a list [ ]");
	for (const struct doc_node *e = node->first; e != NULL; e = e->next) {
		if (!shape_read(c, &pair, e, &both))
			ok = false;
		else if (__builtin_popcount(both) != 2)
			ok = shape_must(c, e,
			    "be a pair of different groups such as [\"manage\", \"use\"]");
		else
			*apart |= 1u << both;
	}
	return ok;
}

/* No pair in APART is among R's groups. */
static bool check_apart(struct shape_ctx *c, const struct lang_role *r, uint32_t apart,
    const struct doc_node *node)
{
	for (size_t i = 0; i < sizeof(always); i++)
		apart |= 1u << always[i];
	for (unsigned pair = 0; pair < GROUP_SETS; pair++)
		if ((apart >> pair & 1) && (r->groups & pair) == pair)
			return shape_wrong(c, node,
			    "separation of duty: "
			    "this puts the role \"%s\" into both \"%s\" and \"%s\"",
			    r->name.s, groups[__builtin_ctz(pair)],
			    groups[31 - __builtin_clz(pair)]);
	return true;
}

bool lang_duty_join(struct shape_ctx *c, uint64_t roles, uint8_t group, const struct doc_node *node)
{
	struct lang_model *m = c->arg;
	bool ok = true;

	for (unsigned i = 0; i < m->n_roles && ok; i++)
		if (roles >> i & 1) {
			m->roles[i].groups |= group;
			ok = check_apart(c, &m->roles[i], m->apart, node);
		}
	return ok;
}
