/*
 * detect.c - the pass over the text: what may begin here, which verifier
 * decides, and the list of hits.
 *
 * A digit or an @ wakes a verifier; everything else is stepped over. Verifiers
 * look at a bounded number of groups or bytes around that place and never
 * behind the end of an earlier hit, so the time is linear in the text.
 */
#include "policy/detect/detect.h"

#include "base/grow.h"
#include "policy/detect/verify.h"
#include "policy/words/class.h"

#include <stdlib.h>

/* The strongest proof first: what has a checksum, then what has a shape. */
static verify_fn *const verifiers[] = {
	verify_resident_id,
	verify_bank_card,
	verify_mobile,
	verify_e164,
	verify_nanp,
	verify_national,
};

void detect_hits_init(struct detect_hits *h)
{
	*h = (struct detect_hits){ 0 };
}

void detect_hits_fini(struct detect_hits *h)
{
	free(h->v);
	detect_hits_init(h);
}

static enum sc_err hits_add(struct detect_hits *h, uint32_t start, uint32_t end, uint8_t class_id)
{
	if (h->n == h->cap) {
		size_t cap = sc_grown(h->cap);
		struct detect_hit *v = reallocarray(h->v, cap, sizeof(*v));

		if (v == NULL)
			return SC_NOMEM;
		h->v = v;
		h->cap = cap;
	}
	h->v[h->n++] = (struct detect_hit){ start, end, class_id };
	return SC_OK;
}

/* The end of the last hit: nothing below it may be used again. */
static uint32_t hits_end(const struct detect_hits *h)
{
	return h->n == 0 ? 0 : h->v[h->n - 1].end;
}

static bool verify(const struct digit_window *w, struct detect_match *m)
{
	for (size_t i = 0; i < sizeof(verifiers) / sizeof(verifiers[0]); i++)
		if (verifiers[i](w, m))
			return true;
	return false;
}

struct pass {
	struct sc_span text;
	uint32_t at;        /* the next byte to look at */
	uint32_t email_end; /* of the last address: the next begins behind it */
	struct detect_hits *out;
	bool one; /* the first is enough */
};

/* The run of digit groups at s->at. */
static enum sc_err scan_digits(struct pass *s)
{
	struct digit_window w;
	struct detect_match m;
	enum sc_err err;

	digits_begin(&w, s->text, s->at, hits_end(s->out));
	while (w.n != 0) {
		if (digits_length(&w, 0) > DIGITS_MAX || !verify(&w, &m)) {
			digits_drop(&w, 1);
			continue;
		}
		if ((err = hits_add(s->out, m.start, m.end, m.class_id)) != SC_OK)
			return err;
		if (s->one)
			return SC_OK;
		w.floor = m.end;
		if (m.end != w.g[m.groups - 1].end) {
			/* it took more than groups: begin anew behind it */
			s->at = m.end;
			return SC_OK;
		}
		digits_drop(&w, m.groups);
	}
	s->at = w.next;
	return SC_OK;
}

/*
 * The @ at s->at. An address is the stronger proof: hits inside of it go, and
 * one that reaches into it ends where the address begins.
 */
static enum sc_err scan_at(struct pass *s)
{
	struct detect_hits *out = s->out;
	uint32_t start, end;

	if (!verify_email(s->text, s->at, s->email_end, &start, &end)) {
		s->at++;
		return SC_OK;
	}
	while (out->n > 0 && out->v[out->n - 1].start >= start)
		out->n--;
	if (hits_end(out) > start)
		out->v[out->n - 1].end = start;
	s->at = s->email_end = end;
	return hits_add(out, start, end, CLASS_EMAIL);
}

bool detect_any(struct sc_span text)
{
	struct detect_hit hit;
	struct detect_hits out = { .v = &hit, .cap = 1 };
	struct pass s = { .text = text, .out = &out, .one = true };
	enum sc_err err = SC_OK;

	if (text.n >= UINT32_MAX)
		return true;
	while (s.at < text.n && out.n == 0 && err == SC_OK) {
		if (ascii_digit(text.p[s.at]))
			err = scan_digits(&s);
		else if (text.p[s.at] == '@')
			err = scan_at(&s);
		else
			s.at++;
	}
	return out.n != 0 || err != SC_OK;
}

enum sc_err detect_scan(struct sc_span text, struct detect_hits *out)
{
	struct pass s = { .text = text, .out = out };
	enum sc_err err = SC_OK;

	out->n = 0;
	if (text.n >= UINT32_MAX)
		return SC_LIMIT;
	while (s.at < text.n && err == SC_OK) {
		if (ascii_digit(text.p[s.at]))
			err = scan_digits(&s);
		else if (text.p[s.at] == '@')
			err = scan_at(&s);
		else
			s.at++;
	}
	if (err != SC_OK)
		out->n = 0;
	return err;
}
