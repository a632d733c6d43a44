/*
 * fields.c - fields by exact patterns.
 */
#include "gateway/twiml/fields.h"

#include "gateway/number/number.h"

#include <string.h>

#define ADDRESS_MAX 255

static bool is_lower_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_sid(struct sc_span s, const char *prefixes)
{
	bool begins = false;

	for (const char *p = prefixes; *p != '\0'; p += p[2] == '|' ? 3 : 2)
		begins = begins || (s.n == 34 && memcmp(s.p, p, 2) == 0);
	for (size_t i = 2; i < s.n; i++)
		begins = begins && is_lower_hex(s.p[i]);
	return begins;
}

static bool is_uuid(struct sc_span s)
{
	bool ok = s.n == 36;

	for (size_t i = 0; ok && i < s.n; i++)
		ok = i == 8 || i == 13 || i == 18 || i == 23 ? s.p[i] == '-' : is_lower_hex(s.p[i]);
	return ok;
}

static bool is_word(struct sc_span s, const char *words)
{
	for (const char *w = words; *w != '\0';) {
		size_t n = strcspn(w, " ");

		if (s.n == n && memcmp(s.p, w, n) == 0)
			return true;
		w += n + (w[n] == ' ');
	}
	return false;
}

static bool all_of(struct sc_span s, const char *chars)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || strchr(chars, s.p[i]) == NULL)
			return false;
	return true;
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* "client:NAME", "sip:USER@HOST": a scheme in small letters and no blank */
static bool is_address(struct sc_span s)
{
	const uint8_t *colon = s.n == 0 || s.n > ADDRESS_MAX ? NULL : memchr(s.p, ':', s.n);

	if (colon == NULL || colon == s.p)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool scheme = s.p + i < colon;

		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || (scheme && (s.p[i] < 'a' || s.p[i] > 'z')))
			return false;
	}
	return true;
}

/* A number, an address, or a word such as "anonymous", a short code, nothing. */
static bool is_party(struct sc_span s)
{
	return phone_number_is_e164(s) || is_address(s) ||
	    (s.n <= 32 && all_of(s, LETTERS DIGITS " ._&-"));
}

bool twiml_fits(const struct twiml_pattern *p, struct sc_span s)
{
	switch ((enum twiml_pattern_kind)p->kind) {
	case TWIML_TEXT: return s.n >= p->min && s.n <= p->max;
	case TWIML_CHARS: return s.n >= p->min && s.n <= p->max && all_of(s, p->of);
	case TWIML_WORD: return is_word(s, p->of);
	case TWIML_SID: return is_sid(s, p->of);
	case TWIML_UUID: return is_uuid(s);
	case TWIML_V3:
		return sc_span_starts(s, "v3:") && s.n > 3 && s.n <= 3u + p->max &&
		    all_of(sc_span_from(s, 3), LETTERS DIGITS "-_");
	case TWIML_X: return phone_number_is_e164(s);
	case TWIML_PARTY: return is_party(s);
	}
	return false;
}

bool twiml_fields_read(const struct twiml_pattern patterns[static TWIML_FIELDS],
    const struct web_form *f, uint32_t need, uint32_t may, struct twiml_read *out)
{
	bool ok = true;

	*out = (struct twiml_read){ 0 };
	for (size_t i = 0; i < TWIML_FIELDS; i++) {
		const struct twiml_pattern *p = &patterns[i];
		const struct web_field *field;
		size_t n;

		if (((need | may) & TWIML_BIT(i)) == 0 || p->name == NULL)
			continue;
		field = web_form_find(f, p->name, &n);
		ok = ok && n <= 1 && (n == 1 || (need & TWIML_BIT(i)) == 0) &&
		    (field == NULL || twiml_fits(p, field->value));
		if (field != NULL)
			out->v[i] = field->value;
	}
	return ok;
}

bool twiml_only_id(const struct twiml_pattern *p, struct sc_span joined, struct sc_span id)
{
	const size_t name_n = strlen(p->name);

	for (size_t i = 0; i + name_n + id.n <= joined.n; i++) {
		struct sc_span found = sc_span(joined.p + i + name_n, id.n);

		if (memcmp(joined.p + i, p->name, name_n) == 0 && twiml_fits(p, found) &&
		    !sc_span_eq(found, id))
			return false;
	}
	return true;
}

struct sc_span twiml_caller(struct sc_span from)
{
	return phone_number_is_e164(from) && !phone_number_is_withheld(from) ? from :
									       sc_span(NULL, 0);
}
