/*
 * labels.c - what a rule says of the virtual number that stands in a field's
 * place: of which pool, for how long, and how it is written.
 */
#include "gateway/config/phone.h"

static const struct phone_pool *pool_of(const struct shape_ctx *c, const struct label_rule *label)
{
	const struct phone_settings *s = config_phone_of(c);

	for (size_t i = 0; s != NULL && i < s->n_pools; i++)
		if (s->pools[i].name.s == label->pool)
			return &s->pools[i];
	return NULL;
}

bool config_read_label_pool(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct shape_row row = { .key = "pool", .words = &config_pools };
	const struct shape_row *whole = c->row;
	const struct phone_settings *s = config_phone_of(c);
	unsigned i;
	bool ok;

	if (s == NULL)
		return shape_wrong(c, node,
		    "\"pool\" is one of the section \"phone\", and there is no such section");
	if (s->n_pools == 0)
		return true; /* which was told there */
	c->row = &row;
	ok = shape_find_word(c, node, &i);
	c->row = whole;
	if (ok)
		*(const char **)field = s->pools[i].name.s;
	return ok;
}

bool config_check_label(struct shape_ctx *c, const struct doc_node *object,
    const struct field_rule *rule)
{
	const struct label_rule *label = &rule->label;
	const struct phone_pool *pool = pool_of(c, label);

	if (doc_find(object, "pool") == NULL)
		return shape_wrong(c, object,
		    "a rule with \"do\": \"%s\" needs \"pool\": whose numbers it gives out",
		    rule->form->name);
	if (rule->class_id != CLASS_PHONE)
		return shape_must(c, doc_find(object, "class"),
		    "be phone: a virtual number stands for a telephone number");
	if (pool == NULL)
		return true; /* refused elsewhere */
	if (pool->mode == PHONE_AXB)
		return shape_wrong(c, doc_find(object, "pool"),
		    "pool \"%s\" joins two known people (AXB); nobody knows who will deliver a "
		    "parcel: take one of mode AXE or AXN",
		    label->pool);
	if (label->ttl_s > pool->ttl_max_s)
		return shape_wrong(c, doc_find(object, "ttl"),
		    "\"ttl\" is longer than the \"ttl_max\" of pool \"%s\", %u s", label->pool,
		    (unsigned)pool->ttl_max_s);
	return label->display == NULL ||
	    config_check_display(c, doc_find(object, "display"), label->display,
		pool->mode == PHONE_AXE);
}
