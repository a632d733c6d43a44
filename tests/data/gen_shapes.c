/*
 * gen_shapes.c - see gen_shapes.h. The field names are those of the public
 * interfaces of the platforms; every value is made up.
 */
#include "gen_shapes.h"

#include <string.h>

unsigned gen_style_pick(struct gen_rng *r)
{
	unsigned style = 0;

	if (gen_chance(r, 30))
		style |= GEN_SPACED;
	if (gen_chance(r, 20))
		style |= GEN_ASCII;
	if (gen_chance(r, 8))
		style |= GEN_SLASH;
	if (gen_chance(r, 4))
		style |= GEN_ESCAPED_KEYS;
	return style;
}

static void number(struct gen_out *g, struct gen_rng *r, const char *key)
{
	char s[32];
	unsigned v = 1 + gen_below(r, 900);

	switch (gen_below(r, 5)) {
	case 0: snprintf(s, sizeof(s), "%u.10", v); break;
	case 1: snprintf(s, sizeof(s), "%u.00", v); break;
	case 2: snprintf(s, sizeof(s), "%u", v); break;
	case 3: snprintf(s, sizeof(s), "%u.990", v); break;
	default: snprintf(s, sizeof(s), "%u.5", v);
	}
	gen_raw(g, key, s);
}

static void big_int(struct gen_out *g, struct gen_rng *r, const char *key)
{
	char s[32];

	snprintf(s, sizeof(s), "%llu", 100000000000000000ull + gen_next(r) % 800000000000000000ull);
	gen_raw(g, key, s);
}

static void when(struct gen_out *g, struct gen_rng *r, const char *key, const char *sep)
{
	char s[32];

	snprintf(s, sizeof(s), "2026-%02u-%02u%s%02u:%02u:%02u", 1 + gen_below(r, 11),
	    1 + gen_below(r, 28), sep, gen_below(r, 24), gen_below(r, 60), gen_below(r, 60));
	gen_string(g, key, s);
}

/* A phone as systems send it: text, now and then a number, escaped, or twice. */
static void phone(struct gen_out *g, struct gen_rng *r, const char *key, const struct gen_person *p)
{
	if (gen_chance(r, 4))
		gen_pii_number(g, key, "mobile", p->mobile_digits);
	else if (gen_chance(r, 3))
		gen_pii_escaped(g, key, "mobile", p->mobile);
	else
		gen_pii(g, key, "mobile", p->mobile);
	if (gen_chance(r, 2))
		gen_pii(g, key, "mobile", p->mobile);
}

/* Free text: most of it is harmless, some carries a phone, a mail, a paper. */
static void text(struct gen_out *g, struct gen_rng *r, const char *key, const struct gen_person *p)
{
	if (gen_chance(r, 25)) {
		gen_raw(g, key, gen_chance(r, 50) ? "\"\"" : "null");
		return;
	}
	gen_text_open(g, key);
	switch (gen_below(r, 9)) {
	case 0:
		gen_text_plain(g, "请打 ");
		gen_text_pii(g, "mobile", p->mobile);
		gen_text_plain(g, "，放门卫");
		break;
	case 1:
		gen_text_plain(g, "Please call ");
		gen_text_pii(g, "mobile", p->mobile);
		gen_text_plain(g, " before delivery");
		break;
	case 2:
		gen_text_plain(g, "发票发到 ");
		gen_text_pii(g, "email", p->email);
		gen_text_plain(g, " 谢谢");
		break;
	case 3:
		gen_text_plain(g, "清关用：身份证 ");
		gen_text_pii(g, "resident_id", p->resident_id);
		break;
	case 4:
		gen_text_plain(g, "退款到卡 ");
		gen_text_pii(g, "bank_card", p->card);
		gen_text_plain(g, "！");
		break;
	case 5:
		gen_text_plain(g, "两件一起发👍👩‍👩‍👧 \"轻拿轻放\"\n谢谢");
		break;
	case 6:
		gen_text_plain(g, "broken emoji ");
		gen_text_raw(g, "\\ud83d");
		gen_text_plain(g, " and a path C:\\orders\\in");
		break;
	case 7: gen_text_plain(g, "尺码 L 颜色 白 2/3 件"); break;
	default: gen_text_plain(g, "leave it with the neighbour");
	}
	gen_text_close(g);
}

/* What no system should have sent, and one day does. */
static void awkward(struct gen_out *g, struct gen_rng *r, const char *key)
{
	if (!gen_chance(r, 25))
		return;
	gen_object(g, key);
	gen_raw(g, "huge", "123456789012345678901234567890");
	gen_raw(g, "zero", "-0");
	gen_raw(g, "exp", gen_chance(r, 50) ? "1E5" : "6.02e-23");
	gen_raw(g, "ratio", "1.10");
	gen_raw(g, "nul", "null");
	gen_raw(g, "odd", "\"\\ud800 \\u0041\\/\"");
	gen_raw(g, "emptyArr", "[]");
	gen_raw(g, "emptyObj", "{}");
	if (gen_chance(r, 30)) {
		unsigned deep = 20 + gen_below(r, 40);

		for (unsigned i = 0; i < deep; i++)
			gen_array(g, i == 0 ? "deep" : NULL);
		gen_raw(g, NULL, "true");
		for (unsigned i = 0; i < deep; i++)
			gen_end(g);
	}
	gen_end(g);
}

static void taobao_trade(struct gen_out *g, struct gen_rng *r, const struct gen_person *p)
{
	gen_object(g, "trade_fullinfo_get_response");
	gen_object(g, "trade");
	big_int(g, r, "tid");
	gen_string(g, "status", "WAIT_SELLER_SEND_GOODS");
	gen_string(g, "seller_nick", "演示旗舰店");
	gen_string(g, "buyer_open_uid", p->id);
	when(g, r, "created", " ");
	gen_string(g, "payment", "107.80");
	gen_pii(g, "receiver_name", "name", p->name);
	gen_pii(g, "receiver_state", "region", p->province);
	gen_pii(g, "receiver_city", "region", p->city);
	gen_pii(g, "receiver_district", "region", p->district);
	gen_pii(g, "receiver_town", "region", gen_chance(r, 70) ? p->town : "");
	gen_pii(g, "receiver_address", "address", p->address);
	gen_pii(g, "receiver_zip", "postcode", p->postcode);
	phone(g, r, "receiver_mobile", p);
	gen_pii(g, "receiver_phone", "landline", gen_chance(r, 50) ? p->landline : "");
	text(g, r, "buyer_message", p);
	text(g, r, "seller_memo", p);
	gen_object(g, "orders");
	gen_array(g, "order");
	for (unsigned i = 0, n = 1 + gen_below(r, 3); i < n; i++) {
		gen_object(g, NULL);
		big_int(g, r, "oid");
		gen_string(g, "title", i == 0 ? "演示商品 保温杯 500ml" : "演示商品 帆布袋");
		number(g, r, "divide_order_fee");
		gen_raw(g, "num", "2");
		gen_end(g);
	}
	gen_end(g);
	gen_end(g);
	if (gen_chance(r, 40)) {
		gen_object(g, "invoice");
		gen_pii(g, "title", "name", p->name);
		gen_pii(g, "email", "email", p->email);
		gen_raw(g, "kind", "1");
		gen_end(g);
	}
	if (gen_chance(r, 15)) {
		gen_object(g, "cross_border");
		gen_pii(g, "real_name", "name", p->name);
		gen_pii(g, "id_card_no", "resident_id", p->resident_id);
		gen_end(g);
	}
	awkward(g, r, "ext");
	gen_end(g);
	gen_string(g, "request_id", "req-000001");
	gen_end(g);
}

static void taobao_jd(struct gen_out *g, struct gen_rng *r, const struct gen_person *p)
{
	gen_object(g, "jingdong_pop_order_get_response");
	gen_string(g, "code", "0");
	gen_object(g, "orderDetailInfo");
	gen_object(g, "orderInfo");
	big_int(g, r, "orderId");
	gen_string(g, "orderTotalPrice", "885.90");
	when(g, r, "orderStartTime", " ");
	gen_string(g, "pin", p->id);
	text(g, r, "orderRemark", p);
	gen_raw(g, "venderRemark", "null");
	gen_object(g, "consigneeInfo");
	gen_pii(g, "fullname", "name", p->name);
	phone(g, r, "mobile", p);
	gen_pii(g, "telephone", "landline", gen_chance(r, 50) ? p->landline : "");
	gen_pii(g, "fullAddress", "address", p->address);
	gen_pii(g, "province", "region", p->province);
	gen_pii(g, "city", "region", p->city);
	gen_pii(g, "county", "region", p->district);
	gen_pii(g, "town", "region", p->town);
	gen_end(g);
	gen_array(g, "itemInfoList");
	gen_object(g, NULL);
	gen_string(g, "skuId", "900100200");
	number(g, r, "jdPrice");
	gen_end(g);
	gen_end(g);
	if (gen_chance(r, 15)) {
		gen_object(g, "realPin");
		gen_pii(g, "name", "name", p->name);
		gen_pii(g, "idCard", "resident_id", p->resident_id);
		gen_end(g);
	}
	gen_end(g);
	gen_end(g);
	gen_end(g);
}

static void write_taobao(struct gen_out *g, struct gen_rng *r, const struct gen_person *p)
{
	gen_object(g, NULL);
	if (p->number % 2 == 0)
		taobao_trade(g, r, p);
	else
		taobao_jd(g, r, p);
	gen_end(g);
}

static void western_address(struct gen_out *g, struct gen_rng *r, const char *key,
    const struct gen_person *p)
{
	gen_object(g, key);
	gen_pii(g, "first_name", "name", p->first);
	gen_pii(g, "last_name", "name", p->last);
	gen_pii(g, "name", "name", p->name);
	gen_pii(g, "address1", "address", p->address);
	gen_pii(g, "address2", "address", gen_chance(r, 30) ? "Unit 12B" : NULL);
	gen_pii(g, "city", "region", p->city);
	gen_pii(g, "province", "region", p->province);
	gen_pii(g, "zip", "postcode", p->postcode);
	gen_string(g, "country_code", "XW");
	gen_pii(g, "phone", "phone", gen_chance(r, 80) ? p->mobile : NULL);
	if (gen_chance(r, 40)) {
		gen_pii_number(g, "latitude", "geo", p->lat);
		gen_pii_number(g, "longitude", "geo", p->lng);
	}
	gen_end(g);
}

static void write_shopify(struct gen_out *g, struct gen_rng *r, const struct gen_person *p)
{
	gen_object(g, NULL);
	gen_object(g, "order");
	big_int(g, r, "id");
	gen_string(g, "admin_graphql_api_id", "gid://shop/Order/900100200300");
	when(g, r, "created_at", "T");
	gen_string(g, "total_price", "58.70");
	gen_pii(g, "email", "email", p->email);
	gen_pii(g, "phone", "phone", p->mobile);
	gen_pii(g, "browser_ip", "ip", p->ip);
	text(g, r, "note", p);
	gen_array(g, "note_attributes");
	if (gen_chance(r, 30)) {
		gen_object(g, NULL);
		gen_string(g, "name", "delivery_hint");
		text(g, r, "value", p);
		gen_end(g);
	}
	gen_end(g);
	western_address(g, r, "shipping_address", p);
	western_address(g, r, "billing_address", p);
	gen_object(g, "customer");
	gen_raw(g, "id", p->id);
	gen_pii(g, "email", "email", p->email);
	gen_pii(g, "first_name", "name", p->first);
	gen_pii(g, "last_name", "name", p->last);
	gen_raw(g, "orders_count", "3");
	gen_end(g);
	gen_array(g, "line_items");
	for (unsigned i = 0, n = 1 + gen_below(r, 3); i < n; i++) {
		gen_object(g, NULL);
		big_int(g, r, "id");
		gen_string(g, "title", "Demonstration kettle");
		number(g, r, "price");
		gen_raw(g, "rate", "0.070");
		gen_end(g);
	}
	gen_end(g);
	gen_object(g, "payment_details");
	gen_pii(g, "credit_card_number", "bank_card", p->card);
	gen_end(g);
	if (gen_chance(r, 20)) {
		gen_object(g, "refund_account");
		gen_pii(g, "holder", "name", p->name);
		gen_pii(g, "iban", "iban", p->iban);
		gen_end(g);
	}
	awkward(g, r, "x");
	gen_end(g);
	gen_end(g);
}

static void waybill_party(struct gen_out *g, struct gen_rng *r, const char *key,
    const struct gen_person *p)
{
	gen_object(g, key);
	gen_pii(g, "contact", "name", p->name);
	phone(g, r, "mobile", p);
	gen_pii(g, "tel", "landline", gen_chance(r, 30) ? p->landline : NULL);
	gen_string(g, "company", "");
	gen_pii(g, "province", "region", p->province);
	gen_pii(g, "city", "region", p->city);
	gen_pii(g, "county", "region", p->district);
	gen_pii(g, "address", "address", p->address);
	gen_pii(g, "postCode", "postcode", gen_chance(r, 50) ? p->postcode : NULL);
	gen_end(g);
}

static void write_waybill(struct gen_out *g, struct gen_rng *r, const struct gen_person *p)
{
	struct gen_person sender, courier;

	gen_person(gen_next(r), 1, false, &sender);
	gen_person(gen_next(r), 2, false, &courier);
	gen_object(g, NULL);
	gen_string(g, "waybillNo", "DEMO0000000001");
	gen_string(g, "customerOrderNo", p->id);
	gen_raw(g, "payMode", "1");
	waybill_party(g, r, "sender", &sender);
	if (gen_chance(r, 85)) {
		waybill_party(g, r, "receiver", p);
	} else {
		gen_array(g, "receivers");
		waybill_party(g, r, NULL, p);
		waybill_party(g, r, NULL, &courier);
		gen_end(g);
	}
	gen_array(g, "cargo");
	gen_object(g, NULL);
	gen_string(g, "name", "文件");
	number(g, r, "weight");
	gen_end(g);
	gen_end(g);
	text(g, r, "remark", p);
	when(g, r, "sendTime", " ");
	if (gen_chance(r, 40)) {
		gen_object(g, "pickup");
		gen_pii(g, "courier", "name", courier.name);
		phone(g, r, "courierMobile", &courier);
		gen_pii(g, "plateNo", "license_plate", courier.plate);
		gen_object(g, "geo");
		gen_pii_number(g, "lat", "geo", courier.lat);
		gen_pii_number(g, "lng", "geo", courier.lng);
		gen_end(g);
		gen_end(g);
	}
	if (gen_chance(r, 20)) {
		gen_object(g, "cod");
		number(g, r, "amount");
		gen_pii(g, "accountNo", "bank_card", p->card);
		gen_pii(g, "accountName", "name", p->name);
		gen_end(g);
	}
	awkward(g, r, "x");
	gen_end(g);
}

static void write_crm(struct gen_out *g, struct gen_rng *r, const struct gen_person *p)
{
	gen_object(g, NULL);
	gen_raw(g, "cid", p->id);
	gen_raw(g, "ver", "1");
	gen_object(g, "ids");
	phone(g, r, "mobile", p);
	gen_pii(g, "email", "email", gen_chance(r, 60) ? p->email : NULL);
	gen_pii(g, "wechat", "wechat", gen_chance(r, 60) ? p->wechat : NULL);
	gen_pii(g, "qq", "qq", gen_chance(r, 30) ? p->qq : "");
	gen_end(g);
	gen_object(g, "profile");
	gen_pii(g, "name", "name", p->name);
	gen_string(g, "gender", "U");
	gen_pii(g, "birthday", "dob", gen_chance(r, 70) ? p->dob : NULL);
	gen_pii(g, "province", "region", p->province);
	gen_pii(g, "city", "region", p->city);
	gen_array(g, "addresses");
	for (unsigned i = 0, n = gen_below(r, 3); i < n; i++) {
		gen_object(g, NULL);
		gen_pii(g, "name", "name", p->name);
		phone(g, r, "phone", p);
		gen_pii(g, "addr", "address", p->address);
		gen_end(g);
	}
	gen_end(g);
	gen_end(g);
	gen_object(g, "device");
	gen_pii(g, "ip", "ip", p->ip);
	gen_string(g, "ua", "Shop/8.0.1");
	if (gen_chance(r, 40)) {
		gen_object(g, "loc");
		gen_pii_number(g, "lat", "geo", p->lat);
		gen_pii_number(g, "lng", "geo", p->lng);
		gen_end(g);
	} else {
		gen_raw(g, "loc", "null");
	}
	gen_end(g);
	gen_array(g, "events");
	for (unsigned i = 0, n = 1 + gen_below(r, 5); i < n; i++) {
		static const char *const kind[] = { "view", "search", "chat", "review" };
		unsigned k = gen_below(r, 4);

		gen_object(g, NULL);
		gen_string(g, "t", kind[k]);
		gen_raw(g, "ts", "1795290000123");
		if (k == 0)
			number(g, r, "price");
		else
			text(g, r, k == 1 ? "keyword" : k == 2 ? "msg" : "content", p);
		gen_pii(g, "ip", "ip", p->ip);
		gen_end(g);
	}
	gen_end(g);
	awkward(g, r, "x");
	gen_end(g);
}

static const struct gen_shape shapes[] = {
	{ "taobao", false, write_taobao },
	{ "shopify", true, write_shopify },
	{ "waybill", false, write_waybill },
	{ "crm", false, write_crm },
};

const struct gen_shape *gen_shape_find(const char *name)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(name, shapes[i].name) == 0)
			return &shapes[i];
	return NULL;
}
