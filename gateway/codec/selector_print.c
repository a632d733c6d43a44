/*
 * selector_print.c - segments as text: each in one way, so that what is equal reads equal.
 */
#include "gateway/codec/selector.h"

#include "gateway/codec/codec.h"

/* May NAME stand behind a dot as it is? */
static bool is_plain(struct sc_span name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.n != 0;
}

static enum sc_err put_quoted(struct sc_span text, struct sc_buf *out)
{
	enum sc_err err = sc_buf_put_str(out, "'");

	for (size_t i = 0; err == SC_OK && i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c < ' ')
			err = sc_buf_printf(out, "\\u%04x", c);
		else if (c == '\'' || c == '\\')
			err = sc_buf_printf(out, "\\%c", c);
		else
			err = sc_buf_put(out, &c, 1);
	}
	return err == SC_OK ? sc_buf_put_str(out, "'") : err;
}

static enum sc_err put_test(const struct segment *s, const struct sc_buf *names, struct sc_buf *out)
{
	struct sc_span name = sc_span(names->p + s->name_at, s->name_n);
	struct sc_span literal = sc_span(names->p + s->name_at + s->name_n, s->literal_n);
	enum sc_err err;

	if ((err = sc_buf_put_str(out, "?@[")) != SC_OK || (err = put_quoted(name, out)) != SC_OK ||
	    (err = sc_buf_put_str(out, "]==")) != SC_OK)
		return err;
	return s->literal_kind == CODEC_TEXT ? put_quoted(literal, out) :
					       sc_buf_put_span(out, literal);
}

/* What stands between the brackets. */
static enum sc_err put_choice(const struct segment *s, const struct sc_buf *names,
    struct sc_buf *out)
{
	enum sc_err err;

	switch (s->kind) {
	case SEGMENT_NAME: return put_quoted(sc_span(names->p + s->name_at, s->name_n), out);
	case SEGMENT_INDEX: return sc_buf_printf(out, "%llu", (unsigned long long)s->index);
	case SEGMENT_TEST: return put_test(s, names, out);
	case SEGMENT_SLICE:
		err = sc_buf_printf(out, "%llu:", (unsigned long long)s->index);
		if (err == SC_OK && s->end != SELECTOR_END_NONE)
			err = sc_buf_printf(out, "%llu", (unsigned long long)s->end);
		return err;
	default: return sc_buf_put_str(out, "*");
	}
}

/* SEG[0..N-1] are one bracket. */
static enum sc_err put_segment(const struct segment *seg, size_t n, const struct sc_buf *names,
    struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	if (n == 1 && seg->kind == SEGMENT_NAME) {
		struct sc_span name = sc_span(names->p + seg->name_at, seg->name_n);

		if (is_plain(name)) {
			err = sc_buf_put_str(out, seg->deep ? ".." : ".");
			return err == SC_OK ? sc_buf_put_span(out, name) : err;
		}
	}
	err = sc_buf_put_str(out, seg->deep ? "..[" : "[");
	for (size_t i = 0; err == SC_OK && i < n; i++) {
		if (i != 0)
			err = sc_buf_put_str(out, ",");
		if (err == SC_OK)
			err = put_choice(&seg[i], names, out);
	}
	return err == SC_OK ? sc_buf_put_str(out, "]") : err;
}

enum sc_err selector_print(const struct segment *seg, size_t n, const struct sc_buf *names,
    struct sc_buf *out)
{
	enum sc_err err = SC_OK;

	for (size_t i = 0, used; err == SC_OK && i < n; i += used) {
		used = selector_choices(seg + i, n - i);
		/* the test stands in the bracket of what it tests */
		if (used == 1 && i + 1 < n && seg[i + 1].kind == SEGMENT_TEST) {
			err = sc_buf_put_str(out, seg[i].deep ? "..[" : "[");
			if (err == SC_OK)
				err = put_choice(&seg[i + 1], names, out);
			if (err == SC_OK)
				err = sc_buf_put_str(out, "]");
			used = 2;
		} else {
			err = put_segment(seg + i, used, names, out);
		}
	}
	return err;
}

size_t selector_choices(const struct segment *seg, size_t n)
{
	size_t i = 1;

	while (i < n && seg[i].also)
		i++;
	return i;
}

bool selector_is_place(const struct segment *seg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seg[i].deep || seg[i].also ||
		    (seg[i].kind != SEGMENT_NAME && seg[i].kind != SEGMENT_INDEX))
			return false;
	return true;
}
