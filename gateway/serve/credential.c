/*
 * credential.c - one credential a request, and none of Scrim's that goes any further.
 *
 * What a caller sends beside the credential that it is known by travels on: to an upstream, whose
 * own Authorization it may be, and in a reason into a log. So a second key of ours is refused
 * wherever it stands in the head: in a field, a cookie, the path or the query, percent-encoded or
 * not, or as half of a Basic credential. The caller's own is found within other letters too; of
 * other people's nothing but a hash is known, which only a whole word has.
 */
#include "gateway/serve/credential.h"

#include "base/clock.h"
#include "base/text/hex.h"
#include "base/weak.h"
#include "crypto/prim/hash.h"
#include "crypto/tlog/note.h"

#include <string.h>
#include <strings.h>

#define OWN_MIN 8  /* the caller's own key is looked for from that length on */
#define KEY_MIN 16 /* others' are; in Authorization, where all of it is one, those of any length */
#define BASIC_MAX 512

struct search {
	const struct policy_principals *all;
	struct sc_span own; /* the caller's key; empty: it was known by something else */
	uint64_t now_ms;
};

static bool is_ours(const struct search *s, struct sc_span word)
{
	uint8_t digest[HASH_BYTES];

	hash_sha256(word, digest);
	return policy_principal_find(s->all->v, s->all->n, POLICY_AUTH_API_KEY, digest,
		   s->now_ms) != NULL;
}

/* ---- words ------------------------------------------------------------------------------- */

/* RFC 6750 §2.1; '/' and '=' of base64 only when WIDE: paths and queries end words by them. */
static bool in_word(uint8_t c, bool wide)
{
	return (c >= '0' && c <= '9') || (uint8_t)((c | 0x20) - 'a') < 26 || c == '-' || c == '.' ||
	    c == '_' || c == '~' || c == '+' || (wide && (c == '/' || c == '='));
}

/* The byte at TEXT[*AT], percent-decoded where it is that; *AT moves behind it. */
static uint8_t next_byte(struct sc_span text, size_t *at)
{
	uint8_t c = text.p[(*at)++];
	int high, low;

	if (c != '%' || text.n - *at < 2)
		return c;
	high = hex_digit(text.p[*at]);
	low = hex_digit(text.p[*at + 1]);
	if (high < 0 || low < 0)
		return c;
	*at += 2;
	return (uint8_t)(high << 4 | low);
}

struct word {
	uint8_t s[ASKING_KEY_MAX + 1]; /* one more than a key has: then it is none */
	size_t n;
};

static bool end(const struct search *s, struct word *w)
{
	size_t n = w->n;

	w->n = 0;
	return n >= KEY_MIN && n <= ASKING_KEY_MAX && is_ours(s, sc_span(w->s, n));
}

static bool pass(const struct search *s, struct sc_span text, bool wide)
{
	struct word w = { .n = 0 };
	bool found = false;

	for (size_t at = 0; at < text.n && !found;) {
		uint8_t c = next_byte(text, &at);
		bool in = in_word(c, wide);

		/* behind "name=" the value is a word by itself; behind its '=' there is nothing */
		if (!in || (c != '=' && w.n != 0 && w.s[w.n - 1] == '='))
			found = end(s, &w);
		if (in && w.n < sizeof(w.s))
			w.s[w.n++] = c;
	}
	found = found || end(s, &w);
	sc_wipe(w.s, sizeof(w.s));
	return found;
}

/*
 * Is there room for a key anywhere in TEXT? Looks at every sixteenth byte, for most texts have an
 * end of a word before each, and this is done for every field of every request.
 */
static bool has_room(struct sc_span text)
{
	for (size_t i = KEY_MIN - 1; i < text.n; i += KEY_MIN) {
		size_t from = i;

		if (!in_word(text.p[i], true) && text.p[i] != '%')
			continue;
		while (from > 0 && (in_word(text.p[from - 1], true) || text.p[from - 1] == '%'))
			from--;
		for (i = from; i < text.n && (in_word(text.p[i], true) || text.p[i] == '%');)
			i++;
		if (i - from >= KEY_MIN)
			return true;
	}
	return false;
}

/* Do words of TEXT end elsewhere, or not at all, when '/' and '=' are letters of theirs? */
static bool has_wide(struct sc_span text)
{
	return memchr(text.p, '/', text.n) != NULL || memchr(text.p, '=', text.n) != NULL ||
	    memchr(text.p, '%', text.n) != NULL;
}

static bool look_in(const struct search *s, struct sc_span text)
{
	if (has_room(text) && (pass(s, text, false) || (has_wide(text) && pass(s, text, true))))
		return true;
	return s->own.n >= OWN_MIN && text.n >= s->own.n &&
	    memmem(text.p, text.n, s->own.p, s->own.n) != NULL;
}

static inline bool holds(const struct search *s, struct sc_span text)
{
	return text.n >= OWN_MIN && look_in(s, text);
}

/* ---- the head ----------------------------------------------------------------------------- */

/* What is behind the scheme of an Authorization (RFC 9110 §11.4), or all of it. */
static struct sc_span behind_scheme(struct sc_span value)
{
	const uint8_t *blank = memchr(value.p, ' ', value.n);

	return blank == NULL ? value : sc_span_from(value, (size_t)(blank - value.p) + 1);
}

/* Is a half of "Basic base64(user:password)" (RFC 7617) a key, or holds it one? */
static bool basic_holds(const struct search *s, struct sc_span value)
{
	uint8_t plain[BASIC_MAX];
	size_t n = sizeof(plain);
	bool found = false;

	if (value.n > 6 && strncasecmp((const char *)value.p, "Basic ", 6) == 0 &&
	    note_base64_parse(sc_span_from(value, 6), plain, &n) == SC_OK)
		found = holds(s, sc_span(plain, n));
	sc_wipe(plain, sizeof(plain));
	return found;
}

static bool authorization_holds(const struct search *s, struct sc_span value)
{
	return (value.n != 0 && is_ours(s, behind_scheme(value))) || basic_holds(s, value);
}

/* What a library writes by itself. */
static bool is_libraries(const struct http_field *f)
{
	switch (f->name.n) {
	case 4: return sc_span_caseeq(f->name, "Host");
	case 6: return sc_span_caseeq(f->name, "Accept");
	case 12: return sc_span_caseeq(f->name, "Content-Type");
	default: return false;
	}
}

static bool field_holds(const struct search *s, const struct http_field *f)
{
	if (is_libraries(f))
		return false;
	if (sc_span_caseeq(f->name, "Authorization") && authorization_holds(s, f->value))
		return true;
	return holds(s, f->value) || holds(s, f->name);
}

/* SHOWN: the field whose key counts, or NULL. */
static bool head_holds(const struct search *s, const struct http_head *h,
    const struct http_field *shown)
{
	for (size_t i = 0; i < h->n_fields; i++)
		if (&h->fields[i] != shown && field_holds(s, &h->fields[i]))
			return true;
	return holds(s, h->target);
}

bool credential_find(const struct http_head *h, const struct http_field **out)
{
	const struct http_field *ours = NULL, *any = NULL;

	for (size_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];

		if (sc_span_caseeq(f->name, "Scrim-Key")) {
			if (ours != NULL)
				return false;
			ours = f;
		} else if (sc_span_caseeq(f->name, "Authorization")) {
			if (any != NULL)
				return false;
			any = f;
		}
	}
	*out = ours != NULL ? ours : any;
	return true;
}

bool credential_stray(const struct served_request *rq, const struct http_field *shown)
{
	const struct search s = {
		.all = &rq->gen->config->principals,
		.own = rq->proof.key,
		.now_ms = clock_unix_ms(),
	};

	return head_holds(&s, rq->call->head, shown) && !WEAK("key-upstream");
}
