/*
 * forms.c - the row of forms.
 */
#include "gateway/protect/form.h"

static const struct form *const forms[] = {
	&form_seal,
	&form_policy,
	&form_virtual_number,
	&form_mask,
	&form_drop,
	&form_scan,
	&form_pass,
	&form_collect,
};

const struct form *form_at(size_t i)
{
	return i < sizeof(forms) / sizeof(forms[0]) ? forms[i] : NULL;
}
