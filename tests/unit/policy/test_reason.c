/*
 * Reasons: text that logs may carry.
 */
#include "policy/reason.h"
#include "tap.h"

static bool taken(const char *s, size_t n)
{
	struct policy_reason r;
	struct sc_diag d = { .line = 0 };
	enum sc_err err = policy_reason_parse(sc_span(s, n), &r, &d);

	if (err == SC_OK)
		return strlen(r.s) == n && memcmp(r.s, s, n) == 0;
	CHECK(err == SC_SYNTAX && r.s[0] == '\0' && d.text[0] != '\0');
	CHECK(n < 4 || strstr(d.text, s) == NULL);
	return false;
}

static bool takes(const char *s)
{
	return taken(s, strlen(s));
}

static void test_plain(void)
{
	CHECK(takes("ticket 88"));
	CHECK(takes("客户来电，核对地址"));
	CHECK(takes("x"));
	CHECK(!takes(""));
	CHECK(!takes("   "));
	CHECK(!takes("\xE3\x80\x80"));
	CHECK(!takes("two\nlines"));
	CHECK(!takes("tab\there"));
	CHECK(!taken("nul\0inside", 10));
	CHECK(!takes("bad \xFF byte"));
	CHECK(!takes("turn \xE2\x80\xAE round")); /* right-to-left override */
	CHECK(!takes("\xC2\x85"));
}

static void test_length(void)
{
	char s[202];

	memset(s, 'a', sizeof(s));
	CHECK(taken(s, 200));
	s[201] = '\0';
	CHECK(!taken(s, 201));
}

static void test_personal(void)
{
	CHECK(!takes("call 07700 900123 back"));
	CHECK(!takes("wrote from someone@example.com"));
	CHECK(!takes("card 4111 1111 1111 1111"));
	CHECK(!takes("请打+44 7700 900123"));
}

/* As people write them: none of it is anybody's. */
static void test_ordinary(void)
{
	static const char *const all[] = {
		"ticket 88",
		"客户来电，核对地址",
		"x",
		"order 20261128-000123 refund",
		"ORDER-2026-0001234 wrong item",
		"order 1234567890",
		"order 609525010554813367 lost",
		"refund for 4711, see INC0012345",
		"JIRA-1234",
		"SUP-99123: address check",
		"case #5501234567",
		"RMA 2026/11/0042",
		"invoice 2026-11-28/17",
		"called on 2026-11-28 at 14:30",
		"28/11/2026 08:30 callback agreed",
		"seen at 1:30 28/11/2026",
		"delivery between 08:30 and 12:00",
		"08:30 28/11/2026",
		"waybill SF1234567890123",
		"parcel JD0012345678901 delayed",
		"1Z999AA10123456784 returned",
		"two items missing, one broken",
		"one of three parcels came",
		"customer wants one more",
		"no one answered twice",
		"five boxes, four labels",
		"three two one go",
		"items 1, 2, 3, 4, 5",
		"boxes 1 2 3 4 5 6 7 8 9",
		"sizes 38/40/42",
		"3 of 12 pieces, 45 EUR each",
		"total 1,234.56 EUR",
		"price 12.99 instead of 10.99",
		"version 1.2.3.4",
		"batch 20261128",
		"SKU 4006381333931",
		"EAN 4006381333931",
		"error 500 on page 12",
		"chargeback 7 days overdue",
		"fraud review, score 0.87",
		"dispute 00123",
		"第一次来电，第二次投诉",
		"三天内未发货",
		"一二三楼都没人",
		"订单号 20261128000123456",
		"工单 88123 核实收货人",
		"退款 128.50 元",
		"十一月二十八日发货",
		"三箱货物，两箱破损",
		"一共五件，少了三件",
		"migration",
		"monthly report 2026-11",
		"audit sample 17 of 200",
		"shift 06:00-14:00",
		"call back after 17:00",
		"legal hold 2026/118",
		"deadbeef",
		"commit 9b32be0f0684c267f24b34a027a0e2c99b",
		"request 0123456789abcdef",
		"uuid 3f2504e0-4f89-11d3-9a0c-0305e82b3301",
		"checksum 5d41402abc4b2a76b9719d911017c592",
		"look at internationalization settings",
		"AddressVerification for resend",
		"ZmlsZQ== is attached",
		"lab-results reviewed",
		"q&a / 24x7 / 50%",
		"double charge, one refund",
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!takes(all[i])) {
			printf("# refused: %s\n", all[i]);
			CHECK(false);
		}
}

static void test_disguised(void)
{
	static const char *const all[] = {
		"call 07700 900123 back",
		"0 7 7 0 0 9 0 0 1 2 3",
		"0-7-7-0-0-9-0-0-1-2-3",
		"0.7.7.0.0.9.0.0.1.2.3",
		"07 70 09 00 12 3",
		"077 009 001 23 is hers, 07/70/09/00/12/3",
		"07700  900123",
		"07700, 900123",
		"07700 * 900 * 123",
		"07700_900123",
		"07700 : 900123",
		"07700|900123",
		"07700—900123",
		"0,7,7,0,0,9,0,0,1,2,3",
		"０７７００９００１２３",
		"０７７００ ９００１２３",
		"0７7０0９0０1２3",
		"07700９００１２３",
		"٠٧٧٠٠٩٠٠١٢٣",
		"۰۷۷۰۰۹۰۰۱۲۳",
		"०७७००९००१२३",
		"𝟎𝟕𝟕𝟎𝟎𝟗𝟎𝟎𝟏𝟐𝟑",
		"①③⑧①②③④⑤⑥⑦⑧",
		"⁰⁷⁷⁰⁰⁹⁰⁰¹²³",
		"₀₇₇₀₀₉₀₀₁₂₃",
		"zero seven seven zero zero nine zero zero one two three",
		"Zero-Seven-Seven-Zero-Zero-Nine-Zero-Zero-One-Two-Three",
		"oh seven seven oh oh nine oh oh one two three",
		"o seven seven double o nine double o one two three",
		"zerosevensevenzerozeroninezerozeroonetwothree",
		"zero seven seven zero zero 900 one two three",
		"07700 nine hundred? no: 07700 nine zero zero 1 2 3",
		"ring zero double seven double zero nine double zero one two three",
		"0 seven 7 zero 0 nine 0 zero 1 two 3",
		"一三八一二三四五六七八",
		"幺三八 幺二三四 五六七八",
		"一 三 八 一 二 三 四 五 六 七 八",
		"壹叁捌壹贰叁肆伍陆柒捌",
		"電話一三八、一二三四、五六七八",
		"138一二三四5678",
		"1 3 8 1 2 3 4 5 6 7 8",
		"1-3-8-1-2-3-4-5-6-7-8",
		"１３８－１２３４－５６７８",
		"138，1234，5678",
		"138、1234、5678",
		"138·1234·5678",
		"138 1234 5678",
		"138.1234.5678",
		"138*1234*5678",
		"138/1234/5678",
		"o7700 9oo123",
		"O77OO9OO123",
		"0770O 9OO I23",
		"l38 1234 5678",
		"MDc3MDA5MDAxMjM=",
		"MDc3MDA5MDAxMjM",
		"MDc3MDA5MDAxMjMK",
		"MDc3MDAgOTAwMTIz is the number",
		"see MTM4MTIzNDU2Nzg=",
		"TURjM01EQTVNREF4TWpNPQ==",
		"3037373030393030313233",
		"30 is not, 3037373030393030313233 is",
		"c29tZW9uZUBleGFtcGxlLmNvbQ==",
		"736f6d656f6e65406578616d706c652e636f6d",
		"wrote from someone@example.com",
		"someone＠example.com",
		"ｓｏｍｅｏｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
		"card 4111 1111 1111 1111",
		"card 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
		"card ４１１１１１１１１１１１１１１１",
		"card 4111.1111.1111.1111",
		"four one one one one one one one one one one one one one one one",
		"请打+44 7700 900123",
		"+ 4 4 7 7 0 0 9 0 0 1 2 3",
		"id 1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (takes(all[i])) {
			printf("# taken: %s\n", all[i]);
			CHECK(false);
		}
}

int main(void)
{
	RUN(test_plain, "visible UTF-8 text on one line, nothing else");
	RUN(test_length, "at most 200 bytes");
	RUN(test_personal, "personal data is not a reason");
	RUN(test_ordinary, "what people usually say is taken");
	RUN(test_disguised, "nor is it one when it is spelled otherwise");
	return tap_done();
}
