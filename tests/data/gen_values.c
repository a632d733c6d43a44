/*
 * gen_values.c - see gen_values.h.
 */
#include "gen_values.h"

#include <stdio.h>
#include <string.h>

uint64_t gen_next(struct gen_rng *r)
{
	uint64_t z = r->s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

unsigned gen_below(struct gen_rng *r, unsigned n)
{
	return (unsigned)(gen_next(r) % n);
}

bool gen_chance(struct gen_rng *r, unsigned percent)
{
	return gen_below(r, 100) < percent;
}

#define PICK(r, list) (list)[gen_below((r), sizeof(list) / sizeof((list)[0]))]

static const char *const surnames[] = {
	"林",
	"沈",
	"顾",
	"陆",
	"秦",
	"白",
	"温",
	"苏",
	"叶",
	"江",
	"乔",
	"简",
	"欧阳",
	"司徒",
};
static const char *const given[] = {
	"青",
	"禾",
	"知",
	"远",
	"星",
	"河",
	"云",
	"舟",
	"若",
	"竹",
	"南",
	"枝",
	"溪",
	"岚",
	"雨",
	"桐",
};
static const char *const provinces[] = { "青禾省", "南屿省", "云泽省", "北川自治区" };
static const char *const cities[] = { "望江市", "长汀湾市", "枫桥市", "石岭市", "白鹭市" };
static const char *const districts[] = { "新月区", "河西区", "松山县", "临港开发区" };
static const char *const towns[] = { "竹溪镇", "灯塔街道", "晚稻镇", "渡口街道" };
static const char *const roads[] = { "星光路", "麦田大道", "第三码头街", "梧桐里", "云上路" };
static const char *const estates[] = { "晴川花园", "半岛公寓", "时光里小区", "云杉商务楼" };

static const char *const firsts[] = {
	"Ada",
	"Bram",
	"Cleo",
	"Dario",
	"Edda",
	"Finn",
	"Greta",
	"Hugo",
	"Ines",
	"Jörg",
	"Maeve",
	"Zoë",
};
static const char *const lasts[] = {
	"Alderman",
	"Brightwater",
	"Cotter-Vale",
	"Dunmore",
	"Eastlake",
	"Fennimore",
	"O'Harrow",
	"Grünwald",
	"Quillfeather",
	"Tannenberg",
};
static const char *const streets[] = {
	"Lantern Row",
	"Saltmarsh Lane",
	"Old Ferry Road",
	"Windmill Close",
	"Tidewater Street",
};
static const char *const western_cities[] = { "Port Ellery", "Greywick", "Nordhafen",
	"Millbrook Falls" };
static const char *const western_states[] = { "Westmere", "Lower Saltland", "New Caldonia" };

char gen_resident_check(const char *text17)
{
	static const int weight[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	for (int i = 0; i < 17; i++)
		sum += (text17[i] - '0') * weight[i];
	return "10X98765432"[sum % 11];
}

char gen_luhn_check(const char *digits)
{
	int sum = 0;
	size_t n = strlen(digits);

	for (size_t i = 0; i < n; i++) {
		int d = digits[n - 1 - i] - '0';

		if (i % 2 == 0 && (d *= 2) > 9)
			d -= 9;
		sum += d;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

/* ISO 13616: BBAN + country + 00, letters as two digits, 98 - mod 97. */
static void make_iban(struct gen_rng *r, char out[static 36])
{
	char bban[32], all[40];
	unsigned mod = 0;

	snprintf(bban, sizeof(bban), "TEST%06u%08u", gen_below(r, 1000000),
	    gen_below(r, 100000000));
	snprintf(all, sizeof(all), "%sGB00", bban);
	for (const char *s = all; *s != '\0'; s++) {
		unsigned v = *s >= 'A' ? (unsigned)(*s - 'A' + 10) : (unsigned)(*s - '0');

		mod = (mod * (v > 9 ? 100 : 10) + v) % 97;
	}
	snprintf(out, 36, "GB%02u%s", 98 - mod, bban);
}

static void make_phones(struct gen_rng *r, struct gen_person *p)
{
	static const char *const au[] = { "156", "157", "158", "159" };
	static const char *const area[] = { "212", "312", "415", "604" };
	unsigned n = gen_below(r, 1000), line = gen_below(r, 100);

	switch (p->western ? gen_below(r, 8) : gen_below(r, 4)) {
	case 0: snprintf(p->mobile, sizeof(p->mobile), "07700900%03u", n); break;
	case 1: snprintf(p->mobile, sizeof(p->mobile), "07700 900%03u", n); break;
	case 2:
	case 3: snprintf(p->mobile, sizeof(p->mobile), "+447700900%03u", n); break;
	case 4: snprintf(p->mobile, sizeof(p->mobile), "+61 491 570 %s", PICK(r, au)); break;
	case 5:
		snprintf(p->mobile, sizeof(p->mobile), "(%s) 555-01%02u", PICK(r, area), line);
		break;
	default: snprintf(p->mobile, sizeof(p->mobile), "+1%s55501%02u", PICK(r, area), line);
	}
	snprintf(p->mobile_digits, sizeof(p->mobile_digits), "447700900%03u", n);
	if (gen_chance(r, 50))
		snprintf(p->landline, sizeof(p->landline), "020 7946 0%03u", gen_below(r, 1000));
	else
		snprintf(p->landline, sizeof(p->landline), "01632 960%03u", gen_below(r, 1000));
}

static void make_papers(struct gen_rng *r, struct gen_person *p)
{
	unsigned year = 1900 + gen_below(r, 10), month = 1 + gen_below(r, 12),
		 day = 1 + gen_below(r, 28);
	char digits[20];

	snprintf(p->dob, sizeof(p->dob), "%04u-%02u-%02u", year, month, day);
	snprintf(digits, sizeof(digits), "110101%04u%02u%02u%03u", year, month, day,
	    gen_below(r, 1000));
	snprintf(p->resident_id, sizeof(p->resident_id), "%s%c", digits,
	    gen_resident_check(digits));
	if (gen_chance(r, 50))
		snprintf(digits, sizeof(digits), "40000000%07u", gen_below(r, 10000000));
	else
		snprintf(digits, sizeof(digits), "62000000%07u", gen_below(r, 10000000));
	snprintf(p->card, sizeof(p->card), "%s%c", digits, gen_luhn_check(digits));
	make_iban(r, p->iban);
	snprintf(p->passport, sizeof(p->passport), "E0%07u", gen_below(r, 10000000));
}

static void make_chinese(struct gen_rng *r, struct gen_person *p)
{
	snprintf(p->last, sizeof(p->last), "%s", PICK(r, surnames));
	snprintf(p->first, sizeof(p->first), "%s%s", PICK(r, given),
	    gen_chance(r, 70) ? PICK(r, given) : "");
	snprintf(p->name, sizeof(p->name), "%s%s", p->last, p->first);
	snprintf(p->province, sizeof(p->province), "%s", PICK(r, provinces));
	snprintf(p->city, sizeof(p->city), "%s", PICK(r, cities));
	snprintf(p->district, sizeof(p->district), "%s", PICK(r, districts));
	snprintf(p->town, sizeof(p->town), "%s", PICK(r, towns));
	snprintf(p->postcode, sizeof(p->postcode), "%06u", 100000 + gen_below(r, 800000));
	snprintf(p->address, sizeof(p->address), "%s%u号%s%u栋%u单元%u", PICK(r, roads),
	    1 + gen_below(r, 1500), PICK(r, estates), 1 + gen_below(r, 30), 1 + gen_below(r, 6),
	    101 + gen_below(r, 2400));
}

static void make_western(struct gen_rng *r, struct gen_person *p)
{
	snprintf(p->first, sizeof(p->first), "%s", PICK(r, firsts));
	snprintf(p->last, sizeof(p->last), "%s", PICK(r, lasts));
	snprintf(p->name, sizeof(p->name), "%s %s", p->first, p->last);
	snprintf(p->province, sizeof(p->province), "%s", PICK(r, western_states));
	snprintf(p->city, sizeof(p->city), "%s", PICK(r, western_cities));
	snprintf(p->postcode, sizeof(p->postcode), "%05u", 10000 + gen_below(r, 89999));
	snprintf(p->address, sizeof(p->address), "%u %s", 1 + gen_below(r, 9000), PICK(r, streets));
}

void gen_person(uint64_t seed, unsigned number, bool western, struct gen_person *p)
{
	struct gen_rng r = { seed * 1000003u + number * 2u + (western ? 1u : 0u) };

	memset(p, 0, sizeof(*p));
	p->western = western;
	p->number = number;
	gen_next(&r);
	snprintf(p->id, sizeof(p->id), "%llu",
	    100000000000000000ull + gen_next(&r) % 800000000000000000ull);
	if (western)
		make_western(&r, p);
	else
		make_chinese(&r, p);
	make_phones(&r, p);
	make_papers(&r, p);
	snprintf(p->email, sizeof(p->email), "buyer%05u.%03x@example.%s", number,
	    gen_below(&r, 4096), gen_chance(&r, 50) ? "com" : "org");
	if (gen_chance(&r, 30))
		snprintf(p->ip, sizeof(p->ip), "2001:db8:%x::%x", gen_below(&r, 65536),
		    1 + gen_below(&r, 65535));
	else
		snprintf(p->ip, sizeof(p->ip), "%s.%u",
		    gen_chance(&r, 50) ? "203.0.113" : "198.51.100", 1 + gen_below(&r, 254));
	snprintf(p->wechat, sizeof(p->wechat), "wxid_made%08x", (unsigned)gen_next(&r));
	snprintf(p->qq, sizeof(p->qq), "%u", 10000u + gen_below(&r, 89999));
	snprintf(p->plate, sizeof(p->plate), "云A%05u", gen_below(&r, 100000));
	snprintf(p->lat, sizeof(p->lat), "%u.%06u", 20 + gen_below(&r, 20), gen_below(&r, 1000000));
	snprintf(p->lng, sizeof(p->lng), "-%u.%06u", 20 + gen_below(&r, 20),
	    gen_below(&r, 1000000));
}
