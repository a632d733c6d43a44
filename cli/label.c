/*
 * label.c - a label's text into its template, escaped.
 */
#include "cli/label.h"

#include "base/text/utf8.h"
#include "cli/label_page.h"

#include <stddef.h>
#include <string.h>

struct label_print {
	const struct privacy_label *l;
	const struct label_words *w;
	struct sc_buf *out;
};

static const char *entity(uint32_t cp)
{
	switch (cp) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

/* TEXT for HTML; what cannot be seen (and might turn the rest around) is left out. */
static enum sc_err put_text(struct sc_buf *out, struct sc_span text)
{
	enum sc_err err = SC_OK;
	uint32_t cp;
	size_t len;

	while (err == SC_OK && (len = utf8_decode(text, &cp)) != 0) {
		if (entity(cp) != NULL)
			err = sc_buf_put_str(out, entity(cp));
		else if (cp == '\n' || !utf8_invisible(cp))
			err = sc_buf_put(out, text.p, len);
		text = sc_span_from(text, len);
	}
	return err;
}

/* How the digits behind the calling code are grouped; else by threes. */
static const struct {
	const char *code;
	uint8_t digits, groups[4];
} groupings[] = {
	{ "1", 10, { 3, 3, 4 } },
	{ "44", 10, { 4, 6 } },
	{ "61", 9, { 3, 3, 3 } },
	{ "86", 11, { 3, 4, 4 } },
	{ "", 0, { 3, 3, 3, 3 } },
};

static enum sc_err put_grouped(struct sc_buf *out, struct sc_span code, const char *national)
{
	size_t left = strlen(national), row = 0;
	enum sc_err err = SC_OK;

	while (groupings[row].digits != 0 &&
	    (!sc_span_is(code, groupings[row].code) || groupings[row].digits != left))
		row++;
	for (size_t i = 0; left > 0 && err == SC_OK; i++) {
		size_t n = i < 4 && groupings[row].groups[i] != 0 ? groupings[row].groups[i] : left;

		/* no single digit at the end */
		n = n > left || left - n == 1 ? left : n;
		err = sc_buf_printf(out, "%s%.*s", i == 0 ? "" : " ", (int)n, national);
		national += n;
		left -= n;
	}
	return err;
}

/* "+44 1632 960001"; at home in China "170 0000 0002". */
static enum sc_err put_number(const struct label_print *p)
{
	const char *digits = p->l->number.e164 + 1;
	size_t n = phone_calling_code(p->l->number.e164);
	struct sc_span code = sc_span(digits, n);
	enum sc_err err = SC_OK;

	if (!p->l->chinese || !sc_span_is(code, "86"))
		err = sc_buf_printf(p->out, "+%.*s%s", SC_SPAN_ARG(code), n == 0 ? "" : " ");
	return err == SC_OK ? put_grouped(p->out, code, digits + n) : err;
}

/* TEMPLATE with the number's parts, as phone_display_print(). */
static enum sc_err put_display(const struct privacy_label *l, const char *template,
    struct sc_buf *out)
{
	const struct phone_display d = {
		.x = l->number.e164,
		.home = "",
		.ext = l->number.ext,
		.ext_digits = l->number.ext_digits,
		.until = l->until,
	};

	return phone_display_print(template, &d, out);
}

static enum sc_err put_ext(const struct label_print *p)
{
	const struct phone_number *n = &p->l->number;
	enum sc_err err;

	if (n->ext == PHONE_NO_EXT)
		return sc_buf_put_str(p->out, "<div class=\"ext\"></div>");
	err = sc_buf_printf(p->out, "<div class=\"ext%s\"><p><small>%s</small>",
	    n->ext_digits > 4 ? " wide" : "", p->w->ext);
	if (err == SC_OK)
		err = put_display(p->l, "{ext}</p><span>", p->out);
	return err == SC_OK ? sc_buf_printf(p->out, "%s</span></div>", p->w->dial) : err;
}

static enum sc_err put_qr(const struct label_print *p)
{
	const char *template = p->l->number.ext == PHONE_NO_EXT ? "tel:{number}" :
								  "tel:{number},{ext}";
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, 64);
	if ((err = put_display(p->l, template, &text)) == SC_OK &&
	    (err = sc_buf_put(&text, "", 1)) == SC_OK)
		err = label_qr((const char *)text.p, p->out);
	sc_buf_fini(&text);
	return err;
}

static enum sc_err put_until(const struct label_print *p)
{
	enum sc_err err;

	if (p->l->until == 0)
		return SC_OK;
	err = sc_buf_printf(p->out, "%s ", p->w->until);
	return err == SC_OK ? put_display(p->l, "{until}", p->out) : err;
}

static enum sc_err put_order(const struct label_print *p)
{
	enum sc_err err = SC_OK;

	if (p->l->order.n > 0)
		err = sc_buf_printf(p->out, "%s ", p->w->order);
	return err == SC_OK ? put_text(p->out, p->l->order) : err;
}

static enum sc_err put_name(const struct label_print *p)
{
	return put_text(p->out, p->l->name);
}

static enum sc_err put_address(const struct label_print *p)
{
	return put_text(p->out, p->l->address);
}

static enum sc_err put_size(const struct label_print *p)
{
	const char *size = label_address_size(p->l->address);

	return size == NULL ? SC_LIMIT : sc_buf_printf(p->out, " %s", size);
}

static enum sc_err put_name_size(const struct label_print *p)
{
	return sc_buf_put_str(p->out, label_name_long(p->l->name) ? " class=\"long\"" : "");
}

static enum sc_err put_tail(const struct label_print *p)
{
	return p->l->number.ext == PHONE_NO_EXT ? sc_buf_put_str(p->out, p->l->code) :
						  put_display(p->l, "{ext}", p->out);
}

#define WORD(name, field) \
	{ \
		name, offsetof(struct label_words, field), NULL \
	}
static const struct {
	const char *name;
	size_t word; /* of struct label_words, when there is no PUT */
	enum sc_err (*put)(const struct label_print *p);
} slots[] = {
	WORD("lang", lang),
	WORD("title", title),
	WORD("kind", kind),
	WORD("to", to),
	WORD("tail-word", tail),
	WORD("call", call),
	WORD("scan", scan),
	WORD("over", over),
	WORD("emergency", emergency),
	WORD("hint", hint),
	{ "order", 0, put_order },
	{ "name", 0, put_name },
	{ "tail", 0, put_tail },
	{ "address", 0, put_address },
	{ "address-size", 0, put_size },
	{ "name-size", 0, put_name_size },
	{ "number", 0, put_number },
	{ "ext", 0, put_ext },
	{ "qr", 0, put_qr },
	{ "until", 0, put_until },
};

static enum sc_err put_slot(const struct label_print *p, struct sc_span name)
{
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		const char *const *word = (const void *)((const char *)p->w + slots[i].word);

		if (sc_span_is(name, slots[i].name))
			return slots[i].put != NULL ? slots[i].put(p) :
						      sc_buf_put_str(p->out, *word);
	}
	return SC_BUG;
}

enum sc_err label_print(const struct privacy_label *l, struct sc_buf *out)
{
	struct label_print p = { l, l->chinese ? &label_zh : &label_en, out };
	const char *at = label_page, *open;
	enum sc_err err = SC_OK;

	while (err == SC_OK && (open = strstr(at, "[[")) != NULL) {
		const char *close = strstr(open, "]]");

		if ((err = sc_buf_put(out, at, (size_t)(open - at))) == SC_OK)
			err = put_slot(&p, sc_span(open + 2, (size_t)(close - open - 2)));
		at = close + 2;
	}
	return err == SC_OK ? sc_buf_put_str(out, at) : err;
}
