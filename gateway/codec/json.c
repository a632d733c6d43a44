/*
 * json.c - the one-pass scanner: grammar, UTF-8, path automaton, spans.
 *
 * Iterative, with a stack of eight-byte frames, so depth costs no C stack. The
 * byte behind the document is 0 or LF. Neither is allowed inside a token, so
 * both stop every loop; LF is white space between tokens, which is the one
 * place where the end is compared.
 *
 * Invariant: `state` is the automaton's state of the value that comes next.
 */
#include "gateway/codec/json.h"

#include "base/text/escape.h"
#include "gateway/codec/automaton.h"
#include "gateway/codec/skip.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

struct frame {
	uint32_t index; /* of the array's current element */
	uint16_t state; /* of the object or array itself */
	bool object;
};

struct scan {
	const struct codec_paths *paths;
	const uint8_t *doc, *end;
	struct codec_fields *out;
	const char *why; /* set when refused */
	enum sc_err err;
	size_t depth;
	struct frame stack[JSON_DEPTH_MAX];
};

/* Refuse; the answer is NULL so that a caller can return it. */
static const uint8_t *refuse(struct scan *s, enum sc_err err, const char *why)
{
	s->err = err;
	s->why = why;
	return NULL;
}

/* The scalar [FROM, TO) has STATE. */
INLINE bool emit(struct scan *s, uint16_t state, enum codec_kind kind, const uint8_t *from,
    const uint8_t *to, bool escaped)
{
	const struct codec_field f = {
		.start = (uint32_t)(from - s->doc),
		.end = (uint32_t)(to - s->doc),
		.kind = (uint8_t)kind,
		.escaped = escaped,
	};

	return path_emit(s->paths, state, &f, s->out) ||
	    refuse(s, SC_NOMEM, "out of memory") != NULL;
}

/* The next byte that is not white space; never beyond the end. */
INLINE const uint8_t *skip_blank(const uint8_t *p, const uint8_t *end)
{
	if (*p > ' ')
		return p;
	if (*p == ' ' && p[1] > ' ')
		return p + 1;
	while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
		if (p == end)
			return p;
		p++;
	}
	return p;
}

INLINE bool digit(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

/* Behind the digits at P, or NULL when there is none. */
INLINE const uint8_t *skip_digits(const uint8_t *p)
{
	if (!digit(*p))
		return NULL;
	while (digit(*p))
		p++;
	return p;
}

/* Behind the number at P (RFC 8259 §6), or NULL; *AT is where it went wrong. */
INLINE const uint8_t *skip_number(const uint8_t *p, const uint8_t **at)
{
	p += *p == '-';
	*at = p;
	if (*p == '0')
		p++;
	else if ((p = skip_digits(p)) == NULL)
		return NULL;
	if (*p == '.') {
		*at = ++p;
		if ((p = skip_digits(p)) == NULL)
			return NULL;
	}
	if ((*p | 0x20) == 'e') {
		p++;
		p += *p == '+' || *p == '-';
		*at = p;
		p = skip_digits(p);
	}
	return p;
}

/* The symbol of the key RAW, which is escaped: rare, and kept out of the walk's way. */
static __attribute__((noinline)) uint16_t escaped_symbol(const struct codec_paths *paths,
    struct sc_span raw)
{
	/* \u0061 is one byte of a name: six raw bytes at most for each */
	uint8_t plain[6 * SELECTOR_NAME_MAX + 8];
	size_t n;

	if (raw.n > 6 * (size_t)paths->keys.longest || !escape_decode(raw, plain, &n, NULL, NULL))
		return 0;
	memset(plain + n, 0, 8);
	return key_find(&paths->keys, plain, n);
}

/* A member up to its value: "key" : and the value's *STATE. */
INLINE const uint8_t *member(struct scan *s, const uint8_t *p, uint16_t *state, const uint8_t **at,
    json_skip_fn *skip)
{
	const struct codec_paths *paths = s->paths;
	uint16_t parent = s->stack[s->depth - 1].state, symbol = 0;
	const uint8_t *key = p + 1;
	bool escaped = false;

	*at = p;
	if (*p != '"')
		return refuse(s, SC_SYNTAX, "expected a member name in quotes");
	*at = p = skip(key, &escaped);
	if (*p != '"')
		return refuse(s, SC_SYNTAX, "malformed string");
	if (paths->states[parent].names)
		symbol = escaped ? escaped_symbol(paths, sc_span(key, (size_t)(p - key))) :
				   key_find(&paths->keys, key, (size_t)(p - key));
	*state = paths->next[parent * paths->n_symbols + symbol];
	*at = p = skip_blank(p + 1, s->end);
	if (*p != ':')
		return refuse(s, SC_SYNTAX, "expected : after a member name");
	return skip_blank(p + 1, s->end);
}

/* The object or array at P has STATE. */
INLINE bool push(struct scan *s, const uint8_t *p, uint16_t state, bool object, bool each)
{
	if (each && s->paths->states[state].each &&
	    !path_begin(s->paths, state, (uint32_t)(p - s->doc), s->out))
		return refuse(s, SC_NOMEM, "out of memory") != NULL;
	if (s->depth == JSON_DEPTH_MAX)
		return refuse(s, SC_LIMIT, "nested too deeply") != NULL;
	s->stack[s->depth++] = (struct frame){ .state = state, .object = object };
	return true;
}

/* A string, number or literal at P: behind it, or NULL. */
INLINE const uint8_t *scalar(struct scan *s, const uint8_t *p, uint16_t state, const uint8_t **at,
    json_skip_fn *skip)
{
	const uint8_t *from = p;
	enum codec_kind kind = CODEC_LITERAL;
	bool escaped = false;

	*at = p;
	switch (*p) {
	case '"':
		from++;
		*at = p = skip(from, &escaped);
		if (*p != '"')
			return refuse(s, SC_SYNTAX, "malformed string");
		return emit(s, state, CODEC_TEXT, from, p, escaped) ? p + 1 : NULL;
	case 't': p = memcmp(p, "true", 4) == 0 ? p + 4 : NULL; break;
	case 'f': p = memcmp(p, "false", 5) == 0 ? p + 5 : NULL; break;
	case 'n':
		kind = CODEC_NULL;
		p = memcmp(p, "null", 4) == 0 ? p + 4 : NULL;
		break;
	case '-':
	case '0' ... '9':
		kind = CODEC_NUMBER;
		p = skip_number(p, at);
		if (p == NULL)
			return refuse(s, SC_SYNTAX, "malformed number");
		break;
	default: p = NULL;
	}
	if (p == NULL)
		return refuse(s, SC_SYNTAX, "expected a value");
	return emit(s, state, kind, from, p, false) ? p : NULL;
}

/*
 * Walk the document. True when it is one value and nothing else; otherwise
 * s->why says what is wrong, and *AT where. EACH: some path wants to know where elements begin.
 */
INLINE bool walk(struct scan *s, const uint8_t **at, json_skip_fn *skip, bool each)
{
	const uint8_t *p = skip_blank(s->doc, s->end);
	uint16_t state = s->paths->start;
	struct frame *f;

value:
	*at = p;
	if (*p == '{') {
		if (!push(s, p, state, true, each))
			return false;
		p = skip_blank(p + 1, s->end);
		if (*p == '}')
			goto close;
		if ((p = member(s, p, &state, at, skip)) == NULL)
			return false;
		goto value;
	}
	if (*p == '[') {
		if (!push(s, p, state, false, each))
			return false;
		p = skip_blank(p + 1, s->end);
		if (*p == ']')
			goto close;
		state = path_element(s->paths, s->stack[s->depth - 1].state, 0);
		goto value;
	}
	if ((p = scalar(s, p, state, at, skip)) == NULL)
		return false;
after:
	p = skip_blank(p, s->end);
	if (s->depth == 0)
		goto done;
	f = &s->stack[s->depth - 1];
	*at = p;
	if (*p == ',') {
		p = skip_blank(p + 1, s->end);
		if (f->object) {
			if ((p = member(s, p, &state, at, skip)) == NULL)
				return false;
		} else {
			f->index++;
			state = path_element(s->paths, f->state, f->index);
		}
		goto value;
	}
	if (*p != (f->object ? '}' : ']'))
		return refuse(s, SC_SYNTAX, "expected , or the end of the object or array") != NULL;
close:
	s->depth--;
	p++;
	goto after;
done:
	*at = p;
	return p == s->end || refuse(s, SC_SYNTAX, "something follows the value") != NULL;
}

/* What can be said before looking at the grammar. */
static bool acceptable(struct scan *s, size_t n)
{
	if (n > JSON_BYTES_MAX)
		refuse(s, SC_LIMIT, "too long");
	else if (*s->end != 0 && *s->end != '\n')
		refuse(s, SC_BUG, "no 0 or LF behind the document");
	else if (skip_blank(s->doc, s->end) == s->end)
		refuse(s, SC_SYNTAX, "empty");
	else if (n >= 3 && memcmp(s->doc, "\xEF\xBB\xBF", 3) == 0)
		refuse(s, SC_SYNTAX, "begins with a byte order mark");
	return s->err == SC_OK;
}

static enum sc_err refused(struct scan *s, const uint8_t *at, struct sc_diag *d)
{
	s->out->n = 0;
	if (d != NULL) {
		sc_diag_set(d, "%s",
		    at == s->end && s->err == SC_SYNTAX && at != s->doc ?
			"the document ends too early" :
			s->why);
		d->offset = (size_t)((at < s->end ? at : s->end) - s->doc);
	}
	return s->err;
}

INLINE enum sc_err scan_with(json_skip_fn *skip, bool each, const struct codec_paths *paths,
    const uint8_t *doc, size_t n, struct codec_fields *out, struct sc_diag *d)
{
	const uint8_t *at = doc;
	struct scan s;

	/* not the stack: what lies above the depth is never read */
	s.paths = paths == NULL ? &codec_nothing : paths;
	s.doc = doc;
	s.end = doc + n;
	s.out = out;
	s.why = NULL;
	s.err = SC_OK;
	s.depth = 0;
	out->n = 0;
	if (acceptable(&s, n))
		(void)walk(&s, &at, skip, each);
	return s.err == SC_OK ? SC_OK : refused(&s, at, d);
}

enum sc_err json_scan(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d)
{
	/* a walk of its own for who asks: nobody else pays for it */
	if (paths != NULL && paths->each)
		return scan_with(json_skip_wide, true, paths, doc, n, out, d);
	return scan_with(json_skip_wide, false, paths, doc, n, out, d);
}

enum sc_err json_scan_plain(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d)
{
	return scan_with(json_skip_plain, true, paths, doc, n, out, d);
}
