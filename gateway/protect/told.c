/*
 * told.c - finding collected fields in what passed.
 *
 * The paths are those of all the side's rules: where another rule takes a
 * field, what stands there now is protected, and is not told.
 */
#include "gateway/protect/told.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define POINT_ORDER 0 /* the only one */

struct told {
	atomic_uint owners;
	struct codec_paths *paths; /* NULL: only tags are told */
	size_t n;
	struct told_rule {
		struct sc_span at;
		bool told, sealed; /* as it stands there; as a token */
		uint8_t class_id;
	} rule[]; /* and behind them the texts */
};

enum sc_err told_new(const struct field_rule *rules, size_t n, struct codec_selector *sel,
    size_t n_sel, const char *order, struct sc_diag *diag, struct told **out)
{
	size_t bytes = 0, searched = order != NULL, tags = 0;
	struct told *t;
	char *text;

	*out = NULL;
	for (size_t i = 0; i < n; i++) {
		bytes += strlen(rules[i].at);
		tags += rules[i].tag;
		searched += rules[i].form->only_told;
	}
	if (tags + searched == 0)
		return SC_OK;
	if ((t = calloc(1, sizeof(*t) + n * sizeof(t->rule[0]) + bytes)) == NULL)
		return SC_NOMEM;
	atomic_init(&t->owners, 1);
	t->n = n;
	text = (char *)&t->rule[n];
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(rules[i].at);

		t->rule[i].at = sc_span(memcpy(text, rules[i].at, len), len);
		t->rule[i].sealed = order != NULL && rules[i].form == &form_seal;
		t->rule[i].told = rules[i].form->only_told || t->rule[i].sealed;
		t->rule[i].class_id = rules[i].class_id;
		text += len;
	}
	if (order != NULL)
		sel[n_sel++] = (struct codec_selector){ .text = order,
			.action = POINT_ORDER,
			.how = CODEC_POINT };
	if (searched != 0) {
		enum sc_err err = codec_paths_new(sel, n_sel, diag, &t->paths);

		if (err != SC_OK) {
			told_release(t);
			return err;
		}
	}
	*out = t;
	return SC_OK;
}

void told_keep(struct told *t)
{
	if (t != NULL)
		atomic_fetch_add_explicit(&t->owners, 1, memory_order_relaxed);
}

void told_release(struct told *t)
{
	if (t == NULL || atomic_fetch_sub_explicit(&t->owners, 1, memory_order_acq_rel) != 1)
		return;
	codec_paths_free(t->paths);
	free(t);
}

struct sc_span told_at(const struct told *t, uint16_t i)
{
	return t->rule[i].at;
}

/* Those of one record. */
static size_t fields_of(const struct told *t, const struct codec *c, struct sc_span doc,
    uint32_t record, struct told_search *s, struct tap_field *out, size_t max)
{
	size_t n = 0;

	if (c->scan(t->paths, doc, &s->fields, NULL) != SC_OK)
		return 0;
	for (size_t i = 0; i < s->fields.n && n < max; i++) {
		const struct codec_field *f = &s->fields.v[i];
		struct codec_finding found = { .action = f->action };
		struct sc_span text = sc_span(doc.p + f->start, f->end - f->start);
		const struct told_rule *r = NULL;
		bool order;
		size_t before = s->text.n;

		if ((f->action & CODEC_FINDING) != 0)
			found = codec_paths_finding(t->paths, f->action);
		if (found.action < t->n && t->rule[found.action].told)
			r = &t->rule[found.action];
		order = (found.points & 1u << POINT_ORDER) != 0;
		if ((r == NULL && !order) || f->kind == CODEC_NULL || text.n == 0)
			continue;
		if (f->escaped) {
			if (codec_decode(c, doc, f, &s->text, NULL) != SC_OK)
				continue;
			text = sc_span(s->text.p + before, s->text.n - before);
		}
		if (r != NULL)
			out[n++] = (struct tap_field){ r->at, text,
				r->sealed ? TAP_SEALED : (uint8_t)f->kind, r->class_id, record };
		if (order && n < max)
			out[n++] = (struct tap_field){ { 0 }, text, TAP_ORDER, 0, record };
	}
	return n;
}

size_t told_fields(const struct told *t, const struct codec *c, struct sc_span body,
    struct told_search *s, struct tap_field *out, size_t max)
{
	struct sc_span record;
	size_t n = 0, from = 0;
	uint32_t i = 0;

	sc_buf_clear(&s->text);
	/* room for all, one of them twice, so that nothing moves */
	if (t->paths == NULL || sc_buf_reserve(&s->text, 2 * body.n) != SC_OK)
		return 0;
	if (c->next == NULL)
		return fields_of(t, c, body, 0, s, out, max);
	while (n < max && c->next(body, true, &from, &record))
		if (!codec_blank(record))
			n += fields_of(t, c, record, i++, s, out + n, max - n);
	return n;
}
