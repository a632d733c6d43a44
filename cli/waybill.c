/*
 * waybill.c - names under which carriers' systems keep what a label needs.
 */
#include "cli/waybill.h"

#include "base/text/utf8.h"
#include "policy/lang/window.h"
#include "policy/mask/mask.h"

#include <string.h>

/* Each list: the first that is there and says something. */
static const char *const receivers[] = { "receiver", "recipient", "consignee", "receivers",
	"shipping_address", "ship_to", "shipTo", "to", NULL };
static const char *const names[] = { "contact", "name", "receiver_name", "receiverName",
	"recipient_name", "consignee_name", "full_name", NULL };
static const char *const numbers[] = { "virtual_number", "virtual_phone", "virtualNumber", "mobile",
	"phone", "tel", "receiver_mobile", "receiverMobile", "receiver_phone", NULL };
static const char *const orders[] = { "order_ref", "customerOrderNo", "order_no", "orderNo",
	"order_id", "order", "tid", "waybillNo", "waybill_no", NULL };
static const char *const untils[] = { "until", "expires_at", "expiresAt", NULL };

/* Parts of an address, from the largest to the smallest. */
enum part { COUNTRY, PROVINCE, CITY, COUNTY, TOWN, POSTCODE, STREET, STREET2, PARTS };
static const char *const parts[PARTS][9] = {
	[COUNTRY] = { "country", "country_name", NULL },
	[PROVINCE] = { "province", "state", "receiver_state", "receiver_province", NULL },
	[CITY] = { "city", "receiver_city", NULL },
	[COUNTY] = { "county", "district", "receiver_district", NULL },
	[TOWN] = { "town", "receiver_town", NULL },
	[POSTCODE] = { "postCode", "postcode", "postal_code", "zip", "receiver_zip", NULL },
	[STREET] = { "address", "address1", "detail", "street", "receiver_address", NULL },
	[STREET2] = { "address2", NULL },
};

struct waybill_reader {
	struct doc doc;
	const struct doc_node *at; /* the receiver */
	struct waybill *w;
	struct sc_diag *d;
	bool chinese;
};

void waybill_init(struct waybill *w)
{
	sc_buf_init(&w->name, 4096);
	sc_buf_init(&w->address, 4096);
	sc_buf_init(&w->order, 256);
	sc_buf_init(&w->number, 256);
	w->until = 0;
	w->ours = false;
}

void waybill_fini(struct waybill *w)
{
	sc_buf_fini(&w->name);
	sc_buf_fini(&w->address);
	sc_buf_fini(&w->order);
	sc_buf_fini(&w->number);
}

/* The first of KEYS that OBJECT has, and that is not null or empty. */
static const struct doc_node *first_of(const struct doc_node *object, const char *const *keys)
{
	for (; *keys != NULL; keys++) {
		const struct doc_node *v = doc_find(object, *keys);

		if (v != NULL && v->kind != DOC_NULL && (v->kind != DOC_TEXT || *v->text != '\0'))
			return v;
	}
	return NULL;
}

/* What NODE says, if it is a text or a number; nothing else is a word of a label. */
static struct sc_span said(const struct waybill_reader *r, const struct doc_node *node)
{
	if (node == NULL || (node->kind != DOC_TEXT && node->kind != DOC_NUMBER))
		return sc_span(NULL, 0);
	return doc_said(&r->doc, node);
}

static enum sc_err find_receiver(struct waybill_reader *r)
{
	const struct doc_node *at = first_of(r->doc.root, receivers);

	if (at != NULL && at->kind == DOC_LIST && at->n != 1) {
		sc_diag_set(r->d, "it has %u receivers: a label is for one", (unsigned)at->n);
		return SC_SYNTAX;
	}
	if (at != NULL && at->kind == DOC_LIST)
		at = at->first;
	r->at = at != NULL && at->kind == DOC_OBJECT ? at : r->doc.root;
	return SC_OK;
}

static enum sc_err read_name(struct waybill_reader *r)
{
	const struct mask_form house = { .kind = MASK_HOUSE };

	/* masked once more: what is masked already stays as it is */
	return mask_value_as(house, CLASS_NAME, said(r, first_of(r->at, names)), &r->w->name);
}

/* One part, behind BEFORE when something stands there already; nothing when it is empty. */
static enum sc_err put_part(struct sc_buf *out, const char *before, struct sc_span part)
{
	enum sc_err err = SC_OK;

	if (part.n > 0 && out->n > 0)
		err = sc_buf_put_str(out, before);
	return err == SC_OK ? sc_buf_put_span(out, part) : err;
}

static enum sc_err read_address(struct waybill_reader *r)
{
	/* what stands before each; a country is written last in the West, and not at all at home */
	static const struct {
		uint8_t part;
		const char *before;
	} east[] = { { PROVINCE, "" }, { CITY, "" }, { COUNTY, "" }, { TOWN, "" }, { STREET, "\n" },
		{ STREET2, " " }, { POSTCODE, "\n" } },
	  west[] = { { STREET, "" }, { STREET2, "\n" }, { TOWN, "\n" }, { COUNTY, "\n" },
		  { CITY, "\n" }, { PROVINCE, ", " }, { POSTCODE, " " }, { COUNTRY, "\n" } };
	const struct doc_node *whole = doc_find(r->at, "address");
	const struct doc_node *from = whole != NULL && whole->kind == DOC_OBJECT ? whole : r->at;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < (r->chinese ? 7 : 8) && err == SC_OK; i++) {
		uint8_t part = r->chinese ? east[i].part : west[i].part;

		err = put_part(&r->w->address, r->chinese ? east[i].before : west[i].before,
		    said(r, first_of(from, parts[part])));
	}
	return err;
}

uint64_t waybill_time(struct sc_span text)
{
	static const char end[] = "2026-12-06T23:59:59Z";
	uint64_t n;
	char day[sizeof(end)];

	if (sc_span_u64(text, &n))
		return n;
	if (lang_time_parse(text, &n))
		return n / 1000;
	if (text.n != 10)
		return 0;
	memcpy(day, end, sizeof(end));
	memcpy(day, text.p, 10);
	return lang_time_parse(sc_span_str(day), &n) ? n / 1000 + 1 : 0;
}

/* The text of a virtual number, its extension behind a hyphen. */
static enum sc_err put_number(struct sc_buf *out, struct sc_span number, struct sc_span ext)
{
	enum sc_err err = sc_buf_put_span(out, number);

	return err == SC_OK ? put_part(out, "-", ext) : err;
}

/*
 * A text, or the object that a rule of the form virtual_number makes: number,
 * extension, display, masked, expires_at. In such a one a person's own number never stands.
 */
static enum sc_err read_number(struct waybill_reader *r)
{
	static const char *const mains[] = { "number", "x", "virtual_phone", NULL };
	static const char *const exts[] = { "extension", "ext", NULL };
	const struct doc_node *v = first_of(r->at, numbers), *until = first_of(r->at, untils);

	if (v == NULL)
		v = first_of(r->doc.root, numbers);
	if (v == NULL || v->kind != DOC_OBJECT) {
		r->w->until = waybill_time(said(r, until));
		return sc_buf_put_span(&r->w->number, said(r, v));
	}
	r->w->ours = doc_find(v, "masked") != NULL && doc_find(v, "display") != NULL;
	r->w->until = waybill_time(said(r, first_of(v, untils)));
	return put_number(&r->w->number, said(r, first_of(v, mains)), said(r, first_of(v, exts)));
}

static enum sc_err read_order(struct waybill_reader *r)
{
	return sc_buf_put_span(&r->w->order, said(r, first_of(r->doc.root, orders)));
}

/* Is there a token in it, which this carrier could not read? */
static bool sealed(const struct sc_buf *b)
{
	return b->n >= 5 && memmem(b->p, b->n, "sct1-", 5) != NULL;
}

static enum sc_err look_over(const struct waybill_reader *r)
{
	const char *what = NULL;

	if (!utf8_valid(sc_buf_span(&r->w->address)) || !utf8_valid(sc_buf_span(&r->w->order)))
		what = "it holds half a character";
	else if (sealed(&r->w->name) || sealed(&r->w->address) || sealed(&r->w->number))
		what = "it is sealed: give what the carrier received";
	else if (r->w->name.n == 0)
		what = "no receiver's name was found in it";
	else if (r->w->address.n == 0)
		what = "no receiver's address was found in it";
	if (what == NULL)
		return SC_OK;
	sc_diag_set(r->d, "%s", what);
	return SC_SYNTAX;
}

enum sc_err waybill_read(struct sc_span json, bool chinese, struct sc_diag *d, struct waybill *w)
{
	static enum sc_err (*const steps[])(struct waybill_reader *) = { find_receiver, read_name,
		read_address, read_number, read_order };
	struct waybill_reader r = { .w = w, .d = d, .chinese = chinese };
	struct sc_arena arena = { .left = 0 };
	enum sc_err err = doc_load(&arena, json, NULL, d, &r.doc);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && err == SC_OK; i++)
		err = steps[i](&r);
	if (err == SC_OK)
		err = look_over(&r);
	sc_arena_fini(&arena);
	return err;
}
