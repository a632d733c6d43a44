/*
 * forms.c - the row of forms.
 */
#include "gateway/protect/form.h"

static const struct form *const forms[] = {
	&form_seal,
	&form_policy,
	&form_mask,
	&form_drop,
	&form_scan,
	&form_collect,
};

const struct form *form_at(size_t i)
{
	return i < sizeof(forms) / sizeof(forms[0]) ? forms[i] : NULL;
}

const struct form *form_find(struct sc_span name)
{
	for (size_t i = 0; form_at(i) != NULL; i++)
		if (sc_span_is(name, forms[i]->name))
			return forms[i];
	return NULL;
}
