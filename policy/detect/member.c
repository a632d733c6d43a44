/*
 * member.c - reading a name: its words, what they add up to, and what the names above add.
 */
#include "policy/detect/member.h"

#include "base/text/fold.h"
#include "base/text/utf8.h"
#include "policy/detect/member_words.h"

#include <string.h>

#define NAME_READ_MAX 96 /* bytes of a name that are read */
#define WORDS_MAX 32
#define TOGETHER_MAX 3 /* written words that are one of ours: date_of_birth */

/* A name as it is read: small letters, word by word. */
struct reading {
	uint8_t letters[NAME_READ_MAX];
	size_t n;
	struct {
		uint8_t from, to;
	} part[WORDS_MAX]; /* as written, of letters */
	size_t n_parts;
	/* what became of them, in order */
	struct member_word word[WORDS_MAX];
	size_t n_words;
};

static void add_word(struct reading *r, const struct member_word *w)
{
	if (r->n_words < WORDS_MAX)
		r->word[r->n_words++] = *w;
}

static bool is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* The word that the letters [FROM, TO) are, or NULL. */
static const struct member_word *whole_word(const struct reading *r, size_t from, size_t to)
{
	const struct member_word *by_length[MEMBER_WORD_MAX];
	size_t n = to - from;

	return n < MEMBER_WORD_MAX && member_words_at(r->letters + from, n, by_length) == n ?
	    by_length[n] :
	    NULL;
}

/* Words run together, receivername: only where ours make up all of [FROM, TO), longer ones first. */
static void add_run_together(struct reading *r, size_t from, size_t to)
{
	const struct member_word *next[NAME_READ_MAX];
	uint8_t length[NAME_READ_MAX];
	bool ends[NAME_READ_MAX + 1] = { false };

	ends[to] = true;
	for (size_t i = to; i-- > from;) {
		const struct member_word *by_length[MEMBER_WORD_MAX];
		size_t l = member_words_at(r->letters + i, to - i, by_length);

		while (l > 1 && (by_length[l] == NULL || !ends[i + l]))
			l--;
		ends[i] = l > 1;
		if (ends[i]) {
			next[i] = by_length[l];
			length[i] = (uint8_t)l;
		}
	}
	if (ends[from]) {
		for (size_t i = from; i < to; i += length[i])
			add_word(r, next[i]);
	} else {
		add_word(r, &(struct member_word){ .kind = WORD_OTHER });
	}
}

/* The parts that were written one behind the other: some are one word of ours together. */
static void add_parts(struct reading *r)
{
	for (size_t i = 0; i < r->n_parts;) {
		const struct member_word *w = NULL;
		size_t n = r->n_parts - i < TOGETHER_MAX ? r->n_parts - i : TOGETHER_MAX;

		for (; n > 0; n--)
			if ((w = whole_word(r, r->part[i].from, r->part[i + n - 1].to)) != NULL)
				break;
		if (w != NULL)
			add_word(r, w);
		else
			add_run_together(r, r->part[i].from, r->part[i].to);
		i += n == 0 ? 1 : n;
	}
	r->n_parts = 0;
}

/* The letters at P, up to where another word begins; returns how many. */
static size_t take_part(struct reading *r, const uint8_t *p, size_t n)
{
	size_t i = 1;

	while (i < n && is_letter(p[i])) {
		bool begins = is_upper(p[i]) &&
		    (!is_upper(p[i - 1]) ||
			(i + 1 < n && is_letter(p[i + 1]) && !is_upper(p[i + 1])));

		if (begins)
			break;
		i++;
	}
	if (r->n_parts < WORDS_MAX) {
		r->part[r->n_parts].from = (uint8_t)r->n;
		for (size_t j = 0; j < i; j++)
			r->letters[r->n++] = fold_ascii(p[j]);
		r->part[r->n_parts++].to = (uint8_t)r->n;
	}
	return i;
}

/* The sign at the beginning of S, or NULL. */
static const struct member_sign *sign_at(struct sc_span s)
{
	for (const struct member_sign *sign = member_signs; sign->text != NULL; sign++)
		if (sc_span_starts(s, sign->text))
			return sign;
	return NULL;
}

/* What is no letter at the beginning of S; returns how many bytes. */
static size_t take_other(struct reading *r, struct sc_span s)
{
	const struct member_sign *sign = s.p[0] < 0x80 ? NULL : sign_at(s);
	size_t n;

	if (sign == NULL) {
		n = utf8_length(s);
		return n == 0 ? 1 : n;
	}
	add_parts(r);
	add_word(r,
	    &(struct member_word){ .kind = sign->kind,
		.class_id = sign->class_id,
		.of = sign->of,
		.needs = sign->needs,
		.person = sign->person });
	return strlen(sign->text);
}

static void read_words(struct reading *r, struct sc_span name)
{
	r->n = r->n_parts = r->n_words = 0;
	if (name.n > NAME_READ_MAX)
		name.n = NAME_READ_MAX;
	while (name.n != 0) {
		size_t n = is_letter(name.p[0]) ? take_part(r, name.p, name.n) :
						  take_other(r, name);

		name = sc_span_from(name, n);
	}
	add_parts(r);
}

/* ---- what they add up to ------------------------------------------------------------------------ */

/* A word of a class, behind what OUT says already. */
static void take_class(struct member *out, const struct member_word *w, bool not_before)
{
	bool name = w->class_id == CLASS_NAME && w->needs;

	/* city_name is a city, and method_name nobody */
	if (name &&
	    (out->class_id == CLASS_REGION || out->class_id == CLASS_ADDRESS ||
		out->class_id == CLASS_POSTCODE))
		return;
	if (name &&
	    (not_before || out->class_id == CLASS_PHONE || out->class_id == CLASS_EMAIL ||
		out->class_id == CLASS_IP)) {
		out->class_id = CLASS_NONE;
		return;
	}
	/* the name that belongs to a card, and receiver_address_line */
	out->needs = w->needs && out->class_id == CLASS_NONE;
	if (w->class_id == CLASS_ADDRESS && w->needs && out->class_id != CLASS_NONE)
		return;
	out->class_id = w->class_id;
}

void member_read(struct sc_span name, struct member *out)
{
	struct reading r;
	bool not_before = false, not_behind = false;

	*out = (struct member){ .same = true };
	read_words(&r, name);
	for (size_t i = 0; i < r.n_words; i++) {
		const struct member_word *w = &r.word[i];

		out->same &= w->kind == WORD_SAME;
		out->person = w->person;
		if (w->of != MEMBER_UNTOLD)
			out->of = w->of;
		if (w->kind == WORD_CLASS)
			take_class(out, w, not_before);
		else if (w->kind == WORD_NOT)
			not_before = true;
		not_behind = w->kind == WORD_NOT || (not_behind && w->kind != WORD_CLASS);
	}
	out->same &= r.n_words != 0;
	if (not_behind) {
		out->class_id = CLASS_NONE;
		out->of = MEMBER_THING;
	}
	out->names = r.n_words == 1 &&
	    (sc_span_caseeq(name, "name") || sc_span_caseeq(name, "key") ||
		sc_span_caseeq(name, "label") || sc_span_caseeq(name, "field"));
}

/* Whose is what the names V[0..N-1] lead to? The nearest that says so is right. */
static enum member_of whose(const struct member *v, size_t n)
{
	bool address = false, name = false;

	for (size_t i = n; i-- > 0;) {
		if (v[i].of == MEMBER_PERSON && address)
			return MEMBER_PLACE;
		if (v[i].of != MEMBER_UNTOLD)
			return (enum member_of)v[i].of;
		/* of what is above: an address is somebody's, unless it is a shop's */
		if (i + 1 < n && !v[i].needs) {
			address |= v[i].class_id == CLASS_ADDRESS;
			name |= v[i].class_id == CLASS_NAME;
		}
	}
	if (address)
		return MEMBER_PLACE;
	return name ? MEMBER_PERSON : MEMBER_UNTOLD;
}

uint8_t member_class(const struct member *v, size_t n)
{
	const struct member *own;
	enum member_of of;
	uint8_t class_id;
	bool needs;

	if (n == 0)
		return CLASS_NONE;
	own = &v[n - 1];
	of = whose(v, n);
	class_id = own->class_id;
	needs = own->needs;
	for (size_t i = n - 1; class_id == CLASS_NONE && own->same && i-- > 0;) {
		class_id = v[i].class_id;
		needs = v[i].needs;
		if (!v[i].same)
			break;
	}
	if (class_id == CLASS_NONE)
		return own->person && of == MEMBER_PLACE ? CLASS_NAME : CLASS_NONE;
	if (of == MEMBER_SHOP)
		return CLASS_NONE;
	if (needs && of != MEMBER_PLACE &&
	    (of != MEMBER_PERSON || (class_id != CLASS_NAME && class_id != CLASS_RESIDENT_ID)))
		return CLASS_NONE;
	return class_id;
}
