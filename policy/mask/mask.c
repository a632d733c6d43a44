/*
 * mask.c - choosing the form: a row for each class.
 *
 * Everything that is not positively understood ends as "****".
 */
#include "policy/mask/mask.h"

#include "policy/mask/text.h"

#define KEEP_MAX 8   /* shown at most by keep(F,B) */
#define KEEP_HIDES 3 /* hidden at least */

static const struct form {
	mask_fn *hide, *coarse; /* NULL: masked whole */
} forms[CLASS_MAX + 1] = {
	[CLASS_NAME] = { mask_hide_name, NULL },
	[CLASS_PHONE] = { mask_hide_phone, NULL },
	[CLASS_ADDRESS] = { mask_hide_address, mask_coarse_address },
	[CLASS_REGION] = { NULL, mask_coarse_region },
	[CLASS_POSTCODE] = { mask_hide_postcode, mask_hide_postcode },
	[CLASS_EMAIL] = { mask_hide_email, mask_coarse_email },
	[CLASS_RESIDENT_ID] = { mask_hide_resident_id, NULL },
	[CLASS_PASSPORT] = { mask_hide_passport, NULL },
	[CLASS_BANK_CARD] = { mask_hide_bank_card, mask_coarse_bank_card },
	[CLASS_IBAN] = { mask_hide_iban, mask_coarse_iban },
	[CLASS_IP] = { mask_hide_ip, mask_coarse_ip },
	[CLASS_LICENSE_PLATE] = { mask_hide_plate, mask_coarse_plate },
	[CLASS_WECHAT] = { mask_hide_wechat, NULL },
	[CLASS_QQ] = { mask_hide_qq, NULL },
	[CLASS_DOB] = { mask_hide_dob, mask_coarse_dob },
	[CLASS_GEO] = { mask_hide_geo, mask_coarse_geo },
	[CLASS_CUSTOMER_ID] = { mask_hide_own_id, NULL },
	[CLASS_ORDER_ID] = { mask_hide_own_id, NULL },
};

/* Nothing but stars: masked before, wholly. */
static bool all_stars(const struct mask_text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->c[i].cp != '*')
			return false;
	return true;
}

/* Show FRONT and BACK characters and stars for the rest; false when too short. */
static bool keep(struct mask_text *t, struct mask_form form)
{
	if (t->n < (size_t)form.front + form.back + KEEP_HIDES)
		return false;
	t->said[0] = '\0';
	for (size_t i = 0; i < t->n; i++)
		t->c[i].hide = i >= form.front && i < t->n - form.back;
	return true;
}

/* May T be printed, as FORM or COARSE say? */
static bool apply(struct mask_form form, uint8_t class_id, bool coarse, struct mask_text *t)
{
	const struct form *f = &forms[class_id];

	if (all_stars(t))
		return true;
	if (coarse)
		return f->coarse != NULL && f->coarse(t);
	if (form.kind == MASK_HOUSE)
		return f->hide != NULL && f->hide(t);
	/* what is no value of its class may be anything: keep nothing of it */
	return form.kind == MASK_KEEP && (f->hide == NULL || f->hide(t)) && keep(t, form);
}

/* Masked by FORM, or made coarser when COARSE is given; whole when it fails. */
static enum sc_err put_masked(struct mask_form form, uint8_t class_id, bool coarse,
    struct sc_span value, struct sc_buf *out)
{
	struct mask_text t;
	size_t start = out->n;
	enum sc_err err;

	if (value.n == 0)
		return SC_OK;
	if (mask_text_read(value, &t) && apply(form, class_id, coarse, &t))
		err = mask_text_print(&t, out);
	else
		err = sc_buf_put_str(out, "****");
	if (err != SC_OK)
		sc_buf_truncate(out, start);
	sc_wipe(&t, sizeof(t));
	return err;
}

enum sc_err mask_value_as(struct mask_form form, uint8_t class_id, struct sc_span value,
    struct sc_buf *out)
{
	return put_masked(form, class_id, false, value, out);
}

enum sc_err mask_generalise(uint8_t class_id, struct sc_span value, struct sc_buf *out)
{
	struct mask_form house = { .kind = MASK_HOUSE };

	return put_masked(house, class_id, true, value, out);
}

bool mask_form_parse(struct sc_span text, struct mask_form *out)
{
	*out = (struct mask_form){ .kind = MASK_WHOLE };
	if (sc_span_is(text, "whole"))
		return true;
	if (sc_span_is(text, "house")) {
		out->kind = MASK_HOUSE;
		return true;
	}
	/* keep(3,4): one digit each */
	if (text.n != 9 || !sc_span_starts(text, "keep(") || text.p[6] != ',' || text.p[8] != ')' ||
	    text.p[5] < '0' || text.p[5] > '8' || text.p[7] < '0' || text.p[7] > '8')
		return false;
	out->kind = MASK_KEEP;
	out->front = (uint8_t)(text.p[5] - '0');
	out->back = (uint8_t)(text.p[7] - '0');
	return out->front + out->back <= KEEP_MAX;
}
