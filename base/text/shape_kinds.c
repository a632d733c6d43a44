/*
 * shape_kinds.c - the readers that every file needs: text, names, paths,
 * numbers with and without a unit, words and sets of them.
 */
#include "base/text/shape.h"

#include "base/name.h"
#include "base/text/hex.h"
#include "base/text/shape_near.h"

#include <stdio.h>
#include <string.h>

/* ---- text -------------------------------------------------------------------------- */

bool shape_about(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	(void)field;
	return node->kind == DOC_TEXT || shape_must(c, node, "be text in quotes");
}

bool shape_text(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	size_t n;

	if (node->kind != DOC_TEXT)
		return shape_must(c, node, "be text in quotes");
	if ((n = strlen(node->text)) == 0)
		return shape_must(c, node, "not be empty");
	if (n < c->row->min || n > c->row->max)
		return shape_must(c, node, "be %llu to %llu bytes long",
		    (unsigned long long)(c->row->min == 0 ? 1 : c->row->min),
		    (unsigned long long)c->row->max);
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)node->text[i] < 0x20 || node->text[i] == 0x7f)
			return shape_must(c, node, "have no control character in it");
	memcpy(field, &node->text, sizeof(node->text));
	return true;
}

char *shape_beside(struct shape_ctx *c, const char *prefix, const char *name)
{
	const char *slash = strrchr(c->doc.file, '/');
	int dir = name[0] == '/' || slash == NULL ? 0 : (int)(slash - c->doc.file + 1);
	size_t n = strlen(prefix) + (size_t)dir + strlen(name) + 1;
	char *out = shape_alloc(c, n);

	if (out != NULL)
		snprintf(out, n, "%s%.*s%s", prefix, dir, c->doc.file, name);
	return out;
}

bool shape_path(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	struct shape_named *named;
	const char *path;

	if (!shape_text(c, node, &path) || (path = shape_beside(c, "", path)) == NULL ||
	    (named = shape_alloc(c, sizeof(*named))) == NULL)
		return false;
	*named = (struct shape_named){ c->named, path };
	c->named = named;
	memcpy(field, &path, sizeof(path));
	return true;
}

bool shape_name(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (!shape_about(c, node, field))
		return false;
	return sc_name_parse(sc_span_str(node->text), field) == SC_OK ||
	    shape_must(c, node, "be a name: 1 to %d letters, digits, '.', '_' or '-'", SC_NAME_MAX);
}

bool shape_digest(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return (node->kind == DOC_TEXT &&
		   hex_parse(sc_span_str(node->text), field, c->row->size)) ||
	    shape_must(c, node, "be %zu hexadecimal digits", c->row->size * 2);
}

/* ---- yes, no, numbers ------------------------------------------------------------------ */

bool shape_bool(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind != DOC_BOOL)
		return shape_must(c, node, "be true or false");
	*(bool *)field = node->yes;
	return true;
}

bool shape_true(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	if (node->kind != DOC_BOOL || !node->yes)
		return shape_must(c, node, "be true (leave it out when it is not meant)");
	return shape_bool(c, node, field);
}

/* TEXT is digits and then UNIT or one of those after it, ended by one without a name. */
struct unit {
	const char *name;
	uint64_t factor;
};

static bool parse_number(const char *text, const struct unit *units, uint64_t *out)
{
	const char *s = text;
	uint64_t v = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	for (; s != text && units->name != NULL; units++)
		if (strcmp(s, units->name) == 0)
			return !__builtin_mul_overflow(v, units->factor, out);
	return false;
}

/* NODE is a number, or text with a unit, as KIND and UNITS say, from MIN to the row's ceiling. */
static bool take_number(const struct shape_row *row, const struct doc_node *node,
    enum doc_kind kind, const struct unit *units, uint64_t min, void *field)
{
	uint64_t v;

	if (node->kind != kind || !parse_number(node->text, units, &v) || v < min || v > row->max)
		return false;
	shape_store(field, row->size, v);
	return true;
}

static const struct unit plain[] = { { "", 1 }, { NULL, 0 } };

bool shape_count(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	return take_number(c->row, node, DOC_NUMBER, plain, c->row->min, field) ||
	    shape_must(c, node, "be a whole number from %llu to %llu",
		(unsigned long long)c->row->min, (unsigned long long)c->row->max);
}

bool shape_bytes(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "KiB", (uint64_t)1 << 10 },
		{ "MiB", (uint64_t)1 << 20 },
		{ "GiB", (uint64_t)1 << 30 },
		{ "TiB", (uint64_t)1 << 40 },
		{ NULL, 0 },
	};

	return take_number(c->row, node, DOC_NUMBER, plain, 1, field) ||
	    take_number(c->row, node, DOC_TEXT, units, 1, field) ||
	    shape_must(c, node, "be bytes such as 65536 or \"8MiB\", at most %llu",
		(unsigned long long)c->row->max);
}

bool shape_duration(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	static const struct unit units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60000 },
		{ "h", 3600000 },
		{ "d", 86400000 },
		{ NULL, 0 },
	};

	return take_number(c->row, node, DOC_TEXT, units, 1, field) ||
	    shape_must(c, node, "be a time such as \"500ms\", \"10s\" or \"5m\", at most %llu s",
		(unsigned long long)c->row->max / 1000);
}

static const struct unit seconds[] = {
	{ "s", 1 },
	{ "m", 60 },
	{ "h", 3600 },
	{ "d", 86400 },
	{ NULL, 0 },
};

/* S in the largest unit that leaves nothing over. */
static const char *print_seconds(uint64_t s, char out[static 24])
{
	const struct unit *u = &seconds[3];

	while (u != seconds && (s < u->factor || s % u->factor != 0))
		u--;
	snprintf(out, 24, "%llu%s", (unsigned long long)(s / u->factor), u->name);
	return out;
}

bool shape_seconds(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	char min[24], max[24];

	return take_number(c->row, node, DOC_TEXT, seconds, c->row->min, field) ||
	    shape_must(c, node, "be a time such as \"30s\", \"12h\" or \"15d\", from %s to %s",
		print_seconds(c->row->min, min), print_seconds(c->row->max, max));
}

/* ---- words ----------------------------------------------------------------------------- */

bool shape_find_word(struct shape_ctx *c, const struct doc_node *node, unsigned *out)
{
	const struct shape_words *words = c->row->words;
	char text[220];

	if (node->kind != DOC_TEXT)
		return shape_must(c, node, "be text in quotes");
	if (shape_near_find(words, c->arg, node->text, out))
		return true;
	shape_near_print(words, c->arg, shape_near_said(c, node->text), text, sizeof(text));
	return shape_wrong(c, node, "%s", text);
}

bool shape_word(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	unsigned i;

	if (!shape_find_word(c, node, &i))
		return false;
	shape_store(field, c->row->size, i);
	return true;
}

#define SET_WORDS 4 /* of 64 bits, in the largest set */

static bool is_star(const struct doc_node *node)
{
	return node != NULL && node->kind == DOC_TEXT && strcmp(node->text, "*") == 0;
}

/* A set that is too small for its words would lose some: that is no file's mistake. */
static bool set_bit(struct shape_ctx *c, uint64_t bits[SET_WORDS], unsigned i)
{
	if (i >= 8 * c->row->size || i >= 64 * SET_WORDS) {
		c->err = SC_BUG;
		return false;
	}
	bits[i / 64] |= (uint64_t)1 << (i % 64);
	return true;
}

static bool set_all(struct shape_ctx *c, uint64_t bits[SET_WORDS])
{
	const char *w;

	for (unsigned i = 0; (w = shape_near_word(c->row->words, c->arg, i)) != NULL; i++)
		if (w[0] != '\0' && !set_bit(c, bits, i))
			return false;
	return true;
}

bool shape_set(struct shape_ctx *c, const struct doc_node *node, void *field)
{
	const struct doc_node *one = node->kind == DOC_LIST ? node->first : node;
	uint64_t bits[SET_WORDS] = { 0 };
	unsigned i;
	bool ok = true;

	if (one == NULL)
		return shape_must(c, node, "not be an empty list");
	if (is_star(one) && (one == node || one->next == NULL))
		ok = set_all(c, bits);
	else
		for (; one != NULL; one = node->kind == DOC_LIST ? one->next : NULL)
			ok = shape_find_word(c, one, &i) && set_bit(c, bits, i) && ok;
	if (c->row->size <= sizeof(bits[0]))
		shape_store(field, c->row->size, bits[0]);
	else
		memcpy(field, bits, c->row->size);
	return ok;
}
