/*
 * judge.c - what a place is, by what it is called and what stood there.
 */
#include "policy/suggest/suggest_int.h"

#include <ctype.h>
#include <string.h>

/* ---- values ------------------------------------------------------------------------------------ */

struct looks {
	size_t n, digits, letters, at, dots, colons, stars, high;
	bool url;
};

static struct looks look(struct sc_span s)
{
	struct looks l = { .n = s.n };

	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		l.digits += c >= '0' && c <= '9';
		l.letters += (uint8_t)((c | 0x20) - 'a') < 26;
		l.high += c >= 0x80;
		l.at += c == '@';
		l.dots += c == '.';
		l.colons += c == ':';
		l.stars += c == '*';
	}
	l.url = memmem(s.p, s.n, "://", 3) != NULL;
	return l;
}

bool suggest_fits(uint8_t class_id, struct sc_span value)
{
	struct looks l = look(value);
	bool words = (l.letters != 0 || l.high != 0) && !l.url;

	if (l.stars * 2 > l.n)
		return true; /* masked by somebody already */
	switch (class_id) {
	case CLASS_PHONE: return l.digits >= 5 && l.letters <= l.digits && !l.url;
	case CLASS_EMAIL: return l.at != 0;
	case CLASS_POSTCODE: return l.digits != 0 && l.n <= 12;
	case CLASS_IP: return l.digits != 0 && (l.dots == 3 || l.colons >= 2);
	case CLASS_DOB: return l.digits >= 2;
	case CLASS_BANK_CARD: return l.digits >= 8 || l.stars >= 4;
	case CLASS_GEO: return l.digits != 0 && l.letters == 0;
	case CLASS_RESIDENT_ID:
	case CLASS_PASSPORT: return l.digits >= 4;
	case CLASS_NAME: return words && l.n <= 200 && l.digits * 2 <= l.n;
	case CLASS_ADDRESS: return (words || l.digits != 0) && !l.url && l.at == 0;
	case CLASS_REGION: return words || l.digits >= 6;
	default: return true;
	}
}

/* ---- names -------------------------------------------------------------------------------------- */

/* NAME's letters alone, small. */
static void letters_of(const char *name, char out[static 64])
{
	size_t n = 0;

	for (; *name != '\0' && n < 63; name++)
		if (isalpha((unsigned char)*name))
			out[n++] = (char)tolower((unsigned char)*name);
	out[n] = '\0';
}

static bool has_any(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return true;
	return false;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

bool suggest_is_note(const char *name)
{
	static const char *const words[] = { "remark", "memo", "comment", "instruction",
		"giftmessage", "buyermessage", "customermessage", "feedback", "beizhu", "liuyan",
		NULL };
	static const char *const signs[] = { "备注", "留言", "附言", "備考", NULL };
	char text[64];

	letters_of(name, text);
	return has_any(text, words) || has_any(name, signs) || strcmp(text, "note") == 0 ||
	    strcmp(text, "notes") == 0 || ends_with(text, "note") || ends_with(text, "notes") ||
	    strcmp(text, "message") == 0 || strcmp(text, "messages") == 0;
}

bool suggest_is_id(const char *name)
{
	char text[64];

	letters_of(name, text);
	return ends_with(text, "id") || ends_with(text, "uuid") || ends_with(text, "hash") ||
	    ends_with(text, "token") || ends_with(text, "url");
}

static const char *const customers[] = { "customer", "buyer", "member", "shopper", "client", "user",
	"payer", NULL };
static const char *const ids[] = { "id", "uid", "no", "number", "code", "key", "ref", "guid",
	NULL };

static bool ends_with_any(const char *text, const char *const *ends)
{
	for (; *ends != NULL; ends++)
		if (ends_with(text, *ends))
			return true;
	return false;
}

uint8_t suggest_customer_score(const char *name, const char *parent)
{
	char own[64], above[64];
	bool person, id;

	letters_of(name, own);
	letters_of(parent, above);
	person = has_any(own, customers);
	id = ends_with_any(own, ids);
	if (strcmp(own, "id") == 0 && has_any(above, customers))
		return 5;
	if (person && id &&
	    !has_any(own, (const char *const[]){ "phone", "mobile", "tax", "card", "order", NULL }))
		return has_any(own, (const char *const[]){ "customer", "buyer", "member", NULL }) ?
		    4 :
		    3;
	if (has_any(own,
		(const char *const[]){ "buyernick", "openuid", "openid", "customername", NULL }))
		return 1;
	return 0;
}

uint8_t suggest_order_score(const char *name, const char *parent, bool root)
{
	char own[64], above[64];

	letters_of(name, own);
	letters_of(parent, above);
	if (strstr(own, "order") != NULL && (ends_with_any(own, ids) || ends_with(own, "sn")))
		return 4;
	if (strcmp(own, "tid") == 0 || strcmp(own, "incrementid") == 0 ||
	    strcmp(own, "waybillno") == 0 || strcmp(own, "mailno") == 0)
		return 3;
	if (strcmp(own, "id") == 0 &&
	    (root || strcmp(above, "order") == 0 || strcmp(above, "trade") == 0))
		return 3;
	return 0;
}

/* ---- both ---------------------------------------------------------------------------------------- */

/* The class that most of V's values have the form of; *N how many. */
static uint8_t commonest(const struct suggest_seen *v, uint32_t *n)
{
	uint8_t best = CLASS_NONE;

	*n = 0;
	for (uint8_t c = 1; c < CLASS_BUILTIN_END; c++)
		if (v->whole[c] > *n) {
			*n = v->whole[c];
			best = c;
		}
	return best;
}

static void seal(struct suggest_seen *v, uint8_t class_id, const char *unsure)
{
	v->out.does = SUGGEST_SEAL;
	v->out.class_id = class_id;
	v->out.unsure = unsure;
}

/* Its name says nothing: do its values? */
static void judge_values(struct suggest_seen *v)
{
	uint32_t n;
	uint8_t class_id = commonest(v, &n);

	if (n != 0 && 2 * n >= v->values) {
		if (v->of == MEMBER_SHOP)
			v->out.left = "it is the shop's own";
		else
			seal(v, class_id, "by its values alone: its name says nothing");
		return;
	}
	if (v->note || (v->parts + n != 0 && (!v->id || 5 * (v->parts + n) >= v->values))) {
		v->out.does = SUGGEST_SCAN;
		v->out.unsure = v->note ? NULL : "something was found in a text";
	}
}

void suggest_judge(struct suggest_seen *v)
{
	uint32_t n;
	uint8_t class_id = commonest(v, &n);

	if (v->named == CLASS_NONE) {
		judge_values(v);
		return;
	}
	if (v->values == 0 && v->holds)
		return;
	if (v->values == 0) {
		seal(v, v->named, "it was empty in every sample");
		return;
	}
	if (v->fits * 5 < v->values) {
		judge_values(v);
		if (v->out.does == SUGGEST_NOTHING)
			v->out.left = "it is called personal, and its values are not";
		return;
	}
	/* what has a form of its own is that, whatever it is called */
	if (n * 2 >= v->values && class_id != v->named && v->named != CLASS_NAME)
		seal(v, class_id, "its name says something else than its values");
	else
		seal(v, v->named,
		    v->fits * 5 < v->values * 4 ? "not all of its values look like it" : NULL);
}
