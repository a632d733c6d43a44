/*
 * undeclared_path.c - the path of a piece, for logs and for who declares it.
 */
#include "gateway/protect/undeclared_path.h"

#include "policy/detect/detect.h"

#include <string.h>

#define NAME_TOLD_MAX 40 /* bytes; what applications call their members is shorter */
#define RAW_TOLD_MAX (6 * NAME_TOLD_MAX) /* as they stand: \u0061 is one */
#define DIGITS_TOLD_MAX 3

static bool is_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 || c == '_';
}

/* May NAME be told? It is a word as programs have them, or one of those that we know. */
static bool is_told(struct sc_span name, const struct member *says, bool *plain)
{
	size_t digits = 0;

	*plain = name.n != 0 && is_letter(name.p[0]);
	if (name.n == 0 || name.n > NAME_TOLD_MAX || detect_any(name))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];

		if (c < '!' || c == '\'' || c == '"' || c == '\\' || c == 0x7F)
			return false;
		digits += c >= '0' && c <= '9';
		*plain &= is_letter(c) || (c >= '0' && c <= '9');
		if (c >= 0x80 && says->class_id == CLASS_NONE && says->of == MEMBER_UNTOLD)
			return false;
	}
	return digits <= DIGITS_TOLD_MAX;
}

/* One step, at most this long: what stands around a name, and the name. */
struct step {
	const char *before, *behind;
	struct sc_span name;
};

static struct step step_at(const struct planner *m, const struct undeclared_level *l)
{
	static const struct step element = { "[*]", "", { NULL, 0 } };
	struct sc_span name;
	bool plain;

	/* a long one is not decoded for each value that stands beneath it */
	if (l->name.end - l->name.start > RAW_TOLD_MAX)
		return element;
	/* the value's own text is not needed while its place is told */
	if (codec_text(m->t->codec, m->doc, &l->name, &m->p->text, NULL, &name) != SC_OK ||
	    !is_told(name, &l->says, &plain))
		return element;
	return plain || m->t->rules->root != NULL ? (struct step){ ".", "", name } :
						    (struct step){ "['", "']", name };
}

/* Append S to the N bytes of OUT, all of it or nothing; room for ".." is left. */
static bool put_step(char out[static UNDECLARED_PATH_MAX], size_t *n, const struct step *s)
{
	const size_t before = strlen(s->before), behind = strlen(s->behind);

	if (*n + before + s->name.n + behind + 3 > UNDECLARED_PATH_MAX)
		return false;
	memcpy(out + *n, s->before, before);
	*n += before;
	if (s->name.n != 0)
		memcpy(out + *n, s->name.p, s->name.n);
	*n += s->name.n;
	memcpy(out + *n, s->behind, behind);
	*n += behind;
	return true;
}

void undeclared_path(const struct planner *m, const struct undeclared_walk *w,
    char out[static UNDECLARED_PATH_MAX])
{
	const char *root = m->t->rules->root == NULL ? "$" : m->t->rules->root;
	size_t n = strlen(root);
	bool all = w->piece.depth < UNDECLARED_LEVELS;

	memcpy(out, root, n);
	for (uint32_t i = 1; i <= w->piece.depth && i < UNDECLARED_LEVELS; i++) {
		const struct step s = step_at(m, &w->level[i]);

		if (!put_step(out, &n, &s)) {
			all = false;
			break;
		}
	}
	if (!all) {
		memcpy(out + n, "..", 2);
		n += 2;
	}
	out[n] = '\0';
}
