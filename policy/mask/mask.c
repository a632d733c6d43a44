/*
 * mask.c - choosing the form: a row for each class.
 *
 * Everything that is not positively understood ends as "****".
 */
#include "policy/mask/mask.h"

#include "policy/mask/text.h"

#define KEEP_MAX 8   /* shown at most by keep(F,B) */
#define KEEP_HIDES 3 /* hidden at least */

typedef enum sc_err (*write_fn)(const struct mask_text *, struct sc_buf *, bool *);

static const struct form {
	bool (*hide)(struct mask_text *);
	write_fn write; /* in its place, where a mask is another text */
	write_fn coarse;
} forms[CLASS_BUILTIN_END] = {
	[CLASS_NAME] = { mask_hide_name, NULL, NULL },
	[CLASS_PHONE] = { mask_hide_phone, NULL, NULL },
	[CLASS_ADDRESS] = { mask_hide_address, NULL, mask_coarse_address },
	[CLASS_REGION] = { NULL, NULL, mask_coarse_region },
	[CLASS_POSTCODE] = { mask_hide_postcode, NULL, mask_coarse_postcode },
	[CLASS_EMAIL] = { mask_hide_email, NULL, mask_coarse_email },
	[CLASS_RESIDENT_ID] = { mask_hide_resident_id, NULL, NULL },
	[CLASS_PASSPORT] = { mask_hide_passport, NULL, NULL },
	[CLASS_BANK_CARD] = { mask_hide_bank_card, NULL, mask_coarse_bank_card },
	[CLASS_IBAN] = { mask_hide_iban, NULL, mask_coarse_iban },
	[CLASS_IP] = { NULL, mask_write_ip, mask_coarse_ip },
	[CLASS_LICENSE_PLATE] = { mask_hide_plate, NULL, mask_coarse_plate },
	[CLASS_WECHAT] = { mask_hide_wechat, NULL, NULL },
	[CLASS_QQ] = { mask_hide_qq, NULL, NULL },
	[CLASS_DOB] = { mask_hide_dob, NULL, mask_coarse_dob },
	[CLASS_GEO] = { NULL, mask_write_geo, mask_coarse_geo },
	[CLASS_CUSTOMER_ID] = { mask_hide_own_id, NULL, NULL },
	[CLASS_ORDER_ID] = { mask_hide_own_id, NULL, NULL },
};

static const struct form *form_of(uint8_t class_id)
{
	static const struct form none = { NULL, NULL, NULL };

	return class_id < CLASS_BUILTIN_END ? &forms[class_id] : &none;
}

/* Nothing but stars: masked before, wholly. */
static bool all_stars(const struct mask_text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->c[i].cp != '*')
			return false;
	return true;
}

static void hide_all(struct mask_text *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->c[i].hide = true;
}

/* Show FRONT and BACK characters and stars for the rest; false when too short. */
static bool keep(struct mask_text *t, struct mask_form form)
{
	hide_all(t);
	if (t->n < (size_t)form.front + form.back + KEEP_HIDES)
		return false;
	for (size_t i = 0; i < form.front; i++)
		t->c[i].hide = false;
	for (size_t i = t->n - form.back; i < t->n; i++)
		t->c[i].hide = false;
	return true;
}

/* Append the mask of T, or leave OUT alone and say *OK = false. */
static enum sc_err mask_into(struct mask_form form, const struct form *f, struct mask_text *t,
    struct sc_buf *out, bool *ok)
{
	enum sc_err err;
	size_t start = out->n;

	*ok = false;
	if (form.kind == MASK_KEEP && f->hide == NULL && f->write == NULL) {
		*ok = keep(t, form);
	} else if (form.kind == MASK_KEEP || form.kind == MASK_HOUSE) {
		if (f->write != NULL) {
			err = f->write(t, out, ok);
			if (form.kind != MASK_KEEP || err != SC_OK || !*ok)
				return err;
			sc_buf_truncate(out, start); /* it parses: now keep */
		} else {
			*ok = f->hide != NULL && f->hide(t);
		}
		if (*ok && form.kind == MASK_KEEP)
			*ok = keep(t, form);
	}
	return *ok ? mask_text_print(t, out) : SC_OK;
}

/* Masked by FORM, or made coarser when COARSE is given; whole when it fails. */
static enum sc_err put_masked(struct mask_form form, uint8_t class_id, bool coarse,
    struct sc_span value, struct sc_buf *out)
{
	const struct form *f = form_of(class_id);
	struct mask_text t;
	size_t start = out->n;
	enum sc_err err = SC_OK;
	bool ok = false;

	if (value.n == 0)
		return SC_OK;
	if (mask_text_read(value, &t)) {
		if (all_stars(&t)) {
			ok = true;
			err = sc_buf_put_span(out, value);
		} else if (coarse) {
			if (f->coarse != NULL)
				err = f->coarse(&t, out, &ok);
		} else {
			err = mask_into(form, f, &t, out, &ok);
		}
	}
	if (err == SC_OK && !ok)
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

enum sc_err mask_value(uint8_t class_id, struct sc_span value, struct sc_buf *out)
{
	struct mask_form house = { .kind = MASK_HOUSE };

	return put_masked(house, class_id, false, value, out);
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
