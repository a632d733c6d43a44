/*
 * test_member.c - what names of members say: of order systems' fields, whose are somebody's.
 */
#include "policy/detect/member.h"
#include "tap.h"

struct says {
	const char *path; /* names, a slash between */
	uint8_t class_id;
};

static uint8_t class_of(const char *path)
{
	struct member v[32];
	struct sc_span rest = sc_span_str(path);
	size_t n = 0;

	while (rest.n != 0 && n < 32) {
		const uint8_t *slash = memchr(rest.p, '/', rest.n);
		size_t len = slash == NULL ? rest.n : (size_t)(slash - rest.p);

		member_read(sc_span(rest.p, len), &v[n++]);
		rest = sc_span_from(rest, len + (slash != NULL));
	}
	return member_class(v, n);
}

static void check_all(const struct says *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t got = class_of(v[i].path);

		CHECK(got == v[i].class_id);
		if (got != v[i].class_id)
			printf("# %s is %s\n", v[i].path,
			    got == CLASS_NONE ? "none" : class_name(got));
	}
}
#define ALL(v) check_all(v, sizeof(v) / sizeof(v[0]))

static void test_spellings(void)
{
	static const struct says v[] = {
		{ "receiver_mobile", CLASS_PHONE },
		{ "receiverMobile", CLASS_PHONE },
		{ "ReceiverMobile2", CLASS_PHONE },
		{ "RECEIVER_MOBILE", CLASS_PHONE },
		{ "receivermobile", CLASS_PHONE },
		{ "receiver-mobile", CLASS_PHONE },
		{ "IDCard", CLASS_RESIDENT_ID },
		{ "id_card_no", CLASS_RESIDENT_ID },
		{ "customerIPAddress", CLASS_IP },
		{ "e_mail", CLASS_EMAIL },
		{ "eMail", CLASS_EMAIL },
		{ "date_of_birth", CLASS_DOB },
		{ "post_code", CLASS_POSTCODE },
		{ "addressLine1", CLASS_ADDRESS },
		{ "phoneNumber", CLASS_PHONE },
		{ "", CLASS_NONE },
		{ "_", CLASS_NONE },
		{ "12345", CLASS_NONE },
		{ "\xFF\xFE", CLASS_NONE },
	};

	ALL(v);
}

static void test_context(void)
{
	static const struct says v[] = {
		{ "name", CLASS_NONE },
		{ "buyer/name", CLASS_NAME },
		{ "line_items/name", CLASS_NONE },
		{ "buyer/line_items/name", CLASS_NONE },
		{ "shipping/address/name", CLASS_NAME },
		{ "shop/address/name", CLASS_NONE },
		{ "shop/phone", CLASS_NONE },
		{ "seller_phone", CLASS_NONE },
		{ "customer/company/name", CLASS_NONE },
		{ "shipping_method/name", CLASS_NONE },
		{ "customer/group/name", CLASS_NONE },
		{ "state", CLASS_NONE },
		{ "customer/state", CLASS_NONE },
		{ "billing/state", CLASS_REGION },
		{ "phone/number", CLASS_PHONE },
		{ "primaryPhone/phoneNumber", CLASS_PHONE },
		{ "order/number", CLASS_NONE },
		{ "receiver", CLASS_NAME },
		{ "receiver/id", CLASS_NONE },
		{ "contact", CLASS_NAME },
		{ "customer", CLASS_NONE },
		{ "city_name", CLASS_REGION },
		{ "country_name", CLASS_NONE },
		{ "file_name", CLASS_NONE },
		{ "payer/name/given_name", CLASS_NAME },
	};

	ALL(v);
}

/* Behind a class: about the value, and not the value. */
static void test_about(void)
{
	static const struct says v[] = {
		{ "email_verified", CLASS_NONE },
		{ "phone_country_code", CLASS_NONE },
		{ "address_id", CLASS_NONE },
		{ "city_code", CLASS_NONE },
		{ "email_marketing_consent", CLASS_NONE },
		{ "hs_email_domain", CLASS_NONE },
		{ "mac_address", CLASS_NONE },
		{ "buyer_user_id", CLASS_NONE },
		{ "phone_number_2", CLASS_PHONE },
		{ "backup_mobile", CLASS_PHONE },
	};

	ALL(v);
}

static void test_other_scripts(void)
{
	static const struct says v[] = {
		{ "收货人", CLASS_NAME },
		{ "收货人电话", CLASS_PHONE },
		{ "备用手机号", CLASS_PHONE },
		{ "买家姓名", CLASS_NAME },
		{ "商品名称", CLASS_NONE },
		{ "店铺电话", CLASS_NONE },
		{ "详细地址", CLASS_ADDRESS },
		{ "身份证号码", CLASS_RESIDENT_ID },
		{ "邮件地址", CLASS_EMAIL },
		{ "手机验证状态", CLASS_NONE },
		{ "電話番号", CLASS_PHONE },
		{ "shouhuoren", CLASS_NAME },
		{ "shouji", CLASS_PHONE },
		{ "telefono", CLASS_PHONE },
		{ "nachname", CLASS_NAME },
		{ "endereco", CLASS_ADDRESS },
	};

	ALL(v);
}

/* Whatever is sent as a name is read within what is kept of it. */
static void test_any_name(void)
{
	static char text[4096];
	struct member v;

	for (unsigned seed = 1; seed < 4000; seed++) {
		unsigned x = seed;
		size_t n = seed % 301;

		for (size_t i = 0; i < n; i++) {
			static const char letters[] =
			    "aAeEmMoOpPhHnNnamephonetelmail_-.1\xE6\x94\xB6";

			x = x * 1103515245u + 12345u;
			text[i] = letters[x / 65536 % (sizeof(letters) - 1)];
		}
		member_read(sc_span(text, n), &v);
		CHECK(v.class_id < CLASS_BUILTIN_END);
	}
	memset(text, 'a', sizeof(text));
	member_read(sc_span(text, sizeof(text)), &v);
	CHECK(v.class_id == CLASS_NONE);
}

int main(void)
{
	RUN(test_spellings, "a name is read word by word, however it is written");
	RUN(test_context, "the names around it say whose it is");
	RUN(test_about, "what is about a value is not the value");
	RUN(test_other_scripts, "Chinese, pinyin and some other languages are read");
	RUN(test_any_name, "any bytes may be a name");
	return tap_done();
}
