/*
 * urlencoded_name.c - where a form's name leads, however those who read forms take it.
 *
 * A name with brackets is walked part by part, and as a whole. Whatever takes any member at all
 * (`*`, `..`, `$`) takes it either way, so the whole counts only where a selector spells it.
 * Where both are taken, what holds the person or the order is kept; else whoever spelled the whole
 * name meant this field.
 */
#include "gateway/codec/urlencoded.h"

#include "gateway/codec/automaton.h"
#include "gateway/codec/inside.h"
#include "gateway/codec/selector.h"

#include <string.h>

#define INDEX_DIGITS 15 /* an index is below 2^53 */

/* ---- what is refused -------------------------------------------------------------- */

/* Behind the bracketed part whose bracket stands at I; 0: it is none. */
static size_t part_end(const struct urlencoded_name *name, size_t i)
{
	if (name->p[i] != '[')
		return 0;
	for (i++; i < name->n && name->p[i] != ']'; i++)
		if (name->p[i] == '[')
			return 0;
	return i < name->n ? i + 1 : 0;
}

static bool brackets_fit(const struct urlencoded_name *name)
{
	size_t i = name->bracket;

	if (i == 0)
		return false;
	while (i < name->n && name->p[i] != '.')
		if ((i = part_end(name, i)) == 0)
			return false;
	for (; i < name->n; i++)
		if (name->p[i] == '[' || name->p[i] == ']')
			return false;
	return true;
}

const char *urlencoded_name_refused(struct urlencoded_name *name)
{
	name->bracket = name->n;
	for (size_t i = name->n; i-- > 0;) {
		if (name->p[i] < 0x20 || name->p[i] == 0x7f)
			return "a control in a name";
		if (name->p[i] == '[' || name->p[i] == ']')
			name->bracket = i;
	}
	if (name->n >= 3 && memcmp(name->p, "\xEF\xBB\xBF", 3) == 0)
		return "a byte order mark before a name";
	return name->bracket == name->n || brackets_fit(name) ?
	    NULL :
	    "a name's brackets, which readers take for different fields";
}

/* ---- one step ----------------------------------------------------------------------- */

/* Where a member that no selector names leads. */
static uint16_t other_member(const struct codec_paths *p, uint16_t state)
{
	return p->next[state * p->n_symbols];
}

static uint16_t other_element(const struct codec_paths *p, uint16_t state)
{
	return p->next[state * p->n_symbols + p->other_index];
}

static struct sc_span trimmed(struct sc_span s)
{
	while (s.n != 0 && s.p[0] == ' ')
		s = sc_span_from(s, 1);
	while (s.n != 0 && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* The state of the member NAME as PHP would call it: no blanks in front, _ for others and for dots. */
static uint16_t php_member(const struct codec_paths *p, uint16_t state, struct sc_span name)
{
	uint8_t text[SELECTOR_NAME_MAX + 8] = { 0 };

	while (name.n != 0 && name.p[0] == ' ')
		name = sc_span_from(name, 1);
	if (name.n > SELECTOR_NAME_MAX)
		return other_member(p, state);
	for (size_t i = 0; i < name.n; i++)
		text[i] = name.p[i] == ' ' || name.p[i] == '.' ? '_' : name.p[i];
	return path_member(p, state, text, name.n);
}

static bool is_odd(struct sc_span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == ' ' || name.p[i] == '.')
			return true;
	return false;
}

/* The state of the member NAME of STATE: as it is spelled, else as some take it. */
static uint16_t member(const struct codec_paths *p, uint16_t state, struct sc_span name)
{
	const uint16_t other = other_member(p, state);
	uint16_t to;

	if (!p->states[state].names)
		return other;
	to = path_member(p, state, name.p, name.n);
	if (to != other || !is_odd(name))
		return to;
	to = path_member(p, state, trimmed(name).p, trimmed(name).n);
	return to != other ? to : php_member(p, state, name);
}

/* The number that PART is; false: it is none. */
static bool is_index(struct sc_span part, uint64_t *out)
{
	*out = 0;
	if (part.n == 0 || part.n > INDEX_DIGITS)
		return false;
	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] < '0' || part.p[i] > '9')
			return false;
		*out = *out * 10 + (part.p[i] - '0');
	}
	return true;
}

/* [] is the next element, and nobody counts here: it is each of those that are named. */
static uint16_t next_element(const struct codec_paths *p, uint16_t state)
{
	const uint16_t *row = p->next + state * p->n_symbols + p->other_index;

	for (size_t i = 1; p->states[state].indices && i <= p->n_bounds; i++)
		if (row[i] != row[0])
			return row[i];
	return row[0];
}

/* The state of what stands between brackets: an element where it is a number, else a member. */
static uint16_t part(const struct codec_paths *p, uint16_t state, struct sc_span text)
{
	uint16_t to, named;
	uint64_t index;

	if (trimmed(text).n == 0)
		return next_element(p, state);
	if (!is_index(text, &index))
		return member(p, state, text);
	to = path_element(p, state, index);
	named = member(p, state, text);
	return to == other_element(p, state) && named != other_member(p, state) ? named : to;
}

/* ---- the whole way ------------------------------------------------------------------ */

struct way {
	const struct codec_paths *paths;
	const struct urlencoded_name *name;
	struct urlencoded_before *before;
	struct codec_fields *out;
	const struct codec_around *around;
	uint32_t at;
};

/* Something begins in what NAME says up to END, unless the name before was in it too. */
static bool begin(const struct way *w, uint16_t state, size_t end)
{
	if (!w->paths->states[state].each ||
	    (w->before->n >= end && memcmp(w->before->p, w->name->p, end) == 0))
		return true;
	return path_begin(w->paths, state, w->at, w->out);
}

/* ".a.b" from I on, behind brackets. */
static uint16_t dotted(const struct way *w, uint16_t state, size_t i)
{
	const struct urlencoded_name *name = w->name;

	while (i < name->n) {
		size_t from = ++i;

		while (i < name->n && name->p[i] != '.')
			i++;
		state = member(w->paths, state, sc_span(name->p + from, i - from));
	}
	return state;
}

/* The state of what the name says, part by part. False: no memory. */
static bool nested(const struct way *w, uint16_t *state)
{
	const struct urlencoded_name *name = w->name;
	size_t i = name->bracket;

	*state = member(w->paths, w->paths->start, sc_span(name->p, i));
	while (i < name->n && name->p[i] == '[') {
		size_t end = part_end(name, i);

		*state = part(w->paths, *state, sc_span(name->p + i + 1, end - i - 2));
		i = end;
		if (i < name->n && !begin(w, *state, i))
			return false;
	}
	*state = dotted(w, *state, i);
	return true;
}

/* Does some rule take what is at STATE, or lose its way there? */
static bool is_taken(const struct codec_paths *p, uint16_t state)
{
	uint16_t action = p->states[state].action;
	struct codec_finding found;

	if ((action & CODEC_FINDING) == 0)
		return true;
	found = codec_paths_finding(p, action);
	return found.action != CODEC_NONE || found.astray != CODEC_NONE;
}

static bool is_point(const struct codec_paths *p, uint16_t state)
{
	uint16_t action = p->states[state].action;

	return (action & CODEC_FINDING) != 0 && codec_paths_finding(p, action).points != 0;
}

/* Does the path go on in a text at STATE? */
static bool is_inside(const struct way *w, uint16_t state)
{
	return w->around->json || w->paths->states[state].inside;
}

/* The field F has STATE. */
static bool emit(const struct way *w, uint16_t state, const struct codec_field *f)
{
	if (is_inside(w, state) && f->kind == CODEC_TEXT)
		return codec_inside(w->around, w->paths, state, 0, f, w->out);
	return path_emit(w->paths, state, f, w->out);
}

/* The field F of the states WHOLE and PARTS, which both select it. */
static bool emit_both(const struct way *w, uint16_t whole, uint16_t parts,
    const struct codec_field *f)
{
	const bool inside = is_inside(w, whole) || is_inside(w, parts);

	if (is_taken(w->paths, whole) && is_taken(w->paths, parts))
		return emit(w, is_point(w->paths, parts) ? parts : whole, f);
	/* who takes all of a text and who takes parts of it cannot both have it */
	if (inside)
		return emit(w, is_taken(w->paths, whole) || !is_inside(w, parts) ? whole : parts,
		    f);
	return emit(w, whole, f) && emit(w, parts, f);
}

static void remember(struct urlencoded_before *before, const struct urlencoded_name *name)
{
	memcpy(before->p, name->p, name->n);
	before->n = name->n;
}

bool urlencoded_name_emit(const struct codec_paths *paths, const struct urlencoded_name *name,
    const struct codec_around *around, uint32_t at, const struct codec_field *f,
    struct urlencoded_before *before, struct codec_fields *out)
{
	const struct way w = { paths, name, before, out, around, at };
	uint16_t parts, whole;

	if (name->bracket == name->n)
		return emit(&w, member(paths, paths->start, sc_span(name->p, name->n)), f);
	if (!nested(&w, &parts))
		return false;
	if (paths->each)
		remember(before, name);
	whole = member(paths, paths->start, sc_span(name->p, name->n));
	if (whole == parts || whole == other_member(paths, paths->start) ||
	    !paths->states[whole].selects)
		return emit(&w, parts, f);
	if (!paths->states[parts].selects)
		return emit(&w, whole, f);
	return emit_both(&w, whole, parts, f);
}
