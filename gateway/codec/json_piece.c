/*
 * json_piece.c - every string, name and number of a JSON text, whatever path leads there.
 *
 * Only for a text that json_scan() has accepted: nothing is checked here.
 */
#include "gateway/codec/json.h"

#include "gateway/codec/skip.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* P is behind a string: is it a member's name? */
static bool is_name(const uint8_t *p, const uint8_t *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p < end && *p == ':';
}

static bool begins_number(uint8_t c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

static bool in_number(uint8_t c)
{
	return begins_number(c) || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* What stands between pieces: up to a string or a number. Containers begin and end there. */
static const uint8_t *skip_between(const uint8_t *p, const uint8_t *end, struct codec_piece *out)
{
	for (; p < end; p++) {
		if (*p == '"' || begins_number(*p))
			break;
		out->depth += *p == '{' || *p == '[';
		if (*p == '}' || *p == ']') {
			out->depth--;
			if (out->depth < out->low)
				out->low = out->depth;
		}
	}
	return p;
}

bool json_piece(struct sc_span doc, size_t *from, struct codec_piece *out)
{
	const uint8_t *p = doc.p + *from, *end = doc.p + doc.n;

	*out = (struct codec_piece){ .kind = CODEC_TEXT, .depth = out->depth, .low = out->depth };
	p = skip_between(p, end, out);
	*from = doc.n;
	if (p == end)
		return false;
	if (*p == '"') {
		out->start = (uint32_t)(++p - doc.p);
		p = json_skip_wide(p, &out->escaped);
		out->end = (uint32_t)(p - doc.p);
		*from = out->end + 1;
		out->name = is_name(doc.p + *from, end);
		return true;
	}
	out->kind = CODEC_NUMBER;
	out->start = (uint32_t)(p - doc.p);
	while (p < end && in_number(*p))
		p++;
	out->end = (uint32_t)(p - doc.p);
	*from = out->end;
	return true;
}
