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
#include "gateway/codec/inside.h"
#include "gateway/codec/skip.h"
#include "gateway/codec/text.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* What a walk does beside finding scalars: a copy of it for each, so that nobody pays for others. */
enum walk {
	WALK_PLAIN,
	WALK_EACH, /* tells where elements begin, and goes into strings */
	WALK_ASK,  /* and looks which tests objects stand, as if they stood none */
	WALK_HELD, /* and goes by what such a walk has seen */
};

struct frame {
	uint32_t
	    index; /* of the array's current element; of an object: see held, + 1; 0: no tests */
	uint16_t state; /* of the object or array itself */
	bool object;
};

struct scan {
	const struct codec_paths *paths;
	const uint8_t *doc, *end;
	struct codec_fields *out;
	const char *why; /* set when refused */
	enum sc_err err;
	size_t held;      /* WALK_HELD: how many of out->held were passed */
	uint16_t sibling; /* WALK_ASK: of the value that comes next, where tests may ask for it */
	size_t depth;
	struct frame stack[JSON_DEPTH_MAX];
	uint16_t start;   /* the state of the document ... */
	unsigned strings; /* ... and in how many it stands */
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
    json_skip_fn *skip, enum walk how)
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
	if (how == WALK_ASK)
		s->sibling = s->stack[s->depth - 1].index != 0 ? symbol : 0;
	*at = p = skip_blank(p + 1, s->end);
	if (*p != ':')
		return refuse(s, SC_SYNTAX, "expected : after a member name");
	return skip_blank(p + 1, s->end);
}

/* The object at AT has STATE, and tests to stand: its number, + 1, or what its state becomes. */
static __attribute__((noinline)) bool enter(struct scan *s, uint32_t at, uint16_t *state,
    uint32_t *number, enum walk how)
{
	struct codec_fields *out = s->out;

	if (how == WALK_ASK) {
		*number = (uint32_t)out->n_held + 1;
		return path_ask(at, out) || refuse(s, SC_NOMEM, "out of memory") != NULL;
	}
	/* an exception may have ended what had tests there when none was known to hold */
	while (s->held < out->n_held && out->held[s->held].at < at)
		s->held++;
	if (s->held < out->n_held && out->held[s->held].at == at)
		*state = path_held(s->paths, *state, out->held[s->held].tests);
	return true;
}

/* The scalar [FROM, TO) is what tests of the innermost object asked for. */
static __attribute__((noinline)) void answer(struct scan *s, const uint8_t *from, const uint8_t *to)
{
	const struct frame *f = &s->stack[s->depth - 1];

	s->out->held[f->index - 1].tests |=
	    path_test(s->paths, f->state, s->sibling, sc_span(from, (size_t)(to - from)));
	s->sibling = 0;
}

/* The object or array at P has STATE. */
INLINE bool push(struct scan *s, const uint8_t *p, uint16_t state, bool object, enum walk how)
{
	uint32_t number = 0;

	if (how != WALK_PLAIN && s->paths->states[state].each &&
	    !path_begin(s->paths, state, (uint32_t)(p - s->doc), s->out))
		return refuse(s, SC_NOMEM, "out of memory") != NULL;
	if (s->depth == JSON_DEPTH_MAX)
		return refuse(s, SC_LIMIT, "nested too deeply") != NULL;
	if (how >= WALK_ASK) {
		s->sibling = 0;
		if (object && s->paths->states[state].tests &&
		    !enter(s, (uint32_t)(p - s->doc), &state, &number, how))
			return false;
	}
	s->stack[s->depth++] = (struct frame){ .index = number, .state = state, .object = object };
	return true;
}

/* The text [FROM, TO) at STATE is JSON itself, as far as the rules know. */
static __attribute__((noinline)) bool enter_text(struct scan *s, uint16_t state,
    const uint8_t *from, const uint8_t *to, bool escaped)
{
	const struct codec_field f = {
		.start = (uint32_t)(from - s->doc),
		.end = (uint32_t)(to - s->doc),
		.kind = CODEC_TEXT,
		.escaped = escaped,
	};

	const struct codec_around around = { sc_span(s->doc, (size_t)(s->end - s->doc)),
		json_unescape_mapped, json_scan_at, false };

	return codec_inside(&around, s->paths, state, s->strings, &f, s->out) ||
	    refuse(s, SC_NOMEM, "out of memory") != NULL;
}

/* A string, number or literal at P: behind it, or NULL. */
INLINE const uint8_t *scalar(struct scan *s, const uint8_t *p, uint16_t state, const uint8_t **at,
    json_skip_fn *skip, enum walk how)
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
		if (how != WALK_PLAIN && s->paths->states[state].inside)
			return enter_text(s, state, from, p, escaped) ? p + 1 : NULL;
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
 * s->why says what is wrong, and *AT where.
 */
INLINE bool walk(struct scan *s, const uint8_t **at, json_skip_fn *skip, enum walk how)
{
	const uint8_t *p = skip_blank(s->doc, s->end), *from;
	uint16_t state = how == WALK_PLAIN ? s->paths->start : s->start;
	struct frame *f;

value:
	*at = p;
	if (*p == '{') {
		if (!push(s, p, state, true, how))
			return false;
		p = skip_blank(p + 1, s->end);
		if (*p == '}')
			goto close;
		if ((p = member(s, p, &state, at, skip, how)) == NULL)
			return false;
		goto value;
	}
	if (*p == '[') {
		if (!push(s, p, state, false, how))
			return false;
		p = skip_blank(p + 1, s->end);
		if (*p == ']')
			goto close;
		state = path_element(s->paths, s->stack[s->depth - 1].state, 0);
		goto value;
	}
	from = p;
	if ((p = scalar(s, p, state, at, skip, how)) == NULL)
		return false;
	if (how == WALK_ASK && s->sibling != 0)
		answer(s, from, p);
after:
	p = skip_blank(p, s->end);
	if (s->depth == 0)
		goto done;
	f = &s->stack[s->depth - 1];
	*at = p;
	if (*p == ',') {
		p = skip_blank(p + 1, s->end);
		if (f->object) {
			if ((p = member(s, p, &state, at, skip, how)) == NULL)
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

INLINE enum sc_err scan_with(json_skip_fn *skip, enum walk how, const struct codec_paths *paths,
    uint16_t state, unsigned strings, struct sc_span doc, struct codec_fields *out,
    struct sc_diag *d)
{
	const uint8_t *at = doc.p;
	struct scan s;

	/* not the stack: what lies above the depth is never read */
	s.paths = paths;
	s.doc = doc.p;
	s.end = doc.p + doc.n;
	s.out = out;
	s.why = NULL;
	s.err = SC_OK;
	s.held = 0;
	s.sibling = 0;
	if (how != WALK_PLAIN) {
		s.start = state;
		s.strings = strings;
	}
	s.depth = 0;
	out->n = 0;
	if (acceptable(&s, doc.n))
		(void)walk(&s, &at, skip, how);
	return s.err == SC_OK ? SC_OK : refused(&s, at, d);
}

/* Does some object stand a test? */
static bool some_held(const struct codec_fields *f)
{
	for (size_t i = 0; i < f->n_held; i++)
		if (f->held[i].tests != 0)
			return true;
	return false;
}

enum sc_err json_scan_at(const struct codec_paths *paths, uint16_t state, unsigned depth,
    struct sc_span doc, struct codec_fields *out, struct sc_diag *d)
{
	enum sc_err err;

	if (paths->n_tests == 0)
		return scan_with(json_skip_wide, WALK_EACH, paths, state, depth, doc, out, d);
	/* a member that a test asks for may be the object's last */
	out->n_held = 0;
	err = scan_with(json_skip_wide, WALK_ASK, paths, state, depth, doc, out, d);
	if (err != SC_OK || !some_held(out))
		return err;
	return scan_with(json_skip_wide, WALK_HELD, paths, state, depth, doc, out, d);
}

/* What most routes need, by itself: the compiler does better than beside the others. */
static __attribute__((noinline)) enum sc_err scan_plain_paths(const struct codec_paths *paths,
    const uint8_t *doc, size_t n, struct codec_fields *out, struct sc_diag *d)
{
	return scan_with(json_skip_wide, WALK_PLAIN, paths, paths->start, 0, sc_span(doc, n), out,
	    d);
}

enum sc_err json_scan(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d)
{
	if (paths == NULL)
		paths = &codec_nothing;
	if (!paths->each && !paths->inside && paths->n_tests == 0)
		return scan_plain_paths(paths, doc, n, out, d);
	return json_scan_at(paths, paths->start, 0, sc_span(doc, n), out, d);
}

enum sc_err json_scan_plain(const struct codec_paths *paths, const uint8_t *doc, size_t n,
    struct codec_fields *out, struct sc_diag *d)
{
	const struct sc_span all = sc_span(doc, n);
	enum sc_err err;

	if (paths == NULL)
		paths = &codec_nothing;
	out->n_held = 0;
	err = scan_with(json_skip_plain, WALK_ASK, paths, paths->start, 0, all, out, d);
	if (err != SC_OK || !some_held(out))
		return err;
	return scan_with(json_skip_plain, WALK_HELD, paths, paths->start, 0, all, out, d);
}
