/*
 * suggest.c - walking samples, and what is kept of each place.
 */
#include "policy/suggest/suggest.h"

#include "base/buf.h"
#include "base/grow.h"
#include "policy/suggest/suggest_int.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES 1024
#define SLOTS (4 * SUGGEST_PLACES_MAX)
#define TOLD_DIGITS 4 /* a name with so many is somebody's number, not a name */

struct suggest {
	struct sc_arena arena;
	struct suggest_seen *v;
	size_t n, cap;
	uint32_t *slot; /* into V, from 1; 0: free */
	struct suggest_place *out;
	struct detect_hits hits;
	struct member_memory members;
};

/* Where the walk is. */
struct at {
	struct sc_buf path;
	struct member says[SUGGEST_LEVELS];
	const char *name[SUGGEST_LEVELS];
	size_t n;
};

struct suggest *suggest_new(void)
{
	struct suggest *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	detect_hits_init(&s->hits);
	if ((s->slot = calloc(SLOTS, sizeof(s->slot[0]))) == NULL) {
		suggest_free(s);
		return NULL;
	}
	return s;
}

void suggest_free(struct suggest *s)
{
	if (s == NULL)
		return;
	free(s->v);
	free(s->slot);
	free(s->out);
	detect_hits_fini(&s->hits);
	sc_arena_fini(&s->arena);
	free(s);
}

/* ---- places -------------------------------------------------------------------------------------- */

static size_t hash(struct sc_span path)
{
	uint64_t h = 0xCBF29CE484222325u;

	for (size_t i = 0; i < path.n; i++)
		h = (h ^ path.p[i]) * 0x100000001B3u;
	return (size_t)(h ^ h >> 29) % SLOTS;
}

static uint8_t nearest(const struct at *at)
{
	for (size_t i = at->n; i-- > 0;)
		if (at->says[i].of != MEMBER_UNTOLD)
			return at->says[i].of;
	return MEMBER_UNTOLD;
}

static enum sc_err new_place(struct suggest *s, const struct at *at, struct suggest_seen **out)
{
	const char *own = at->n == 0 ? "" : at->name[at->n - 1];
	const char *above = at->n < 2 ? "" : at->name[at->n - 2];
	struct suggest_seen *v;
	bool one = memmem(at->path.p, at->path.n, "[", 1) == NULL;

	if (s->n == SUGGEST_PLACES_MAX)
		return SC_LIMIT;
	if (s->n == s->cap) {
		size_t cap = sc_grown(s->cap);

		if ((v = reallocarray(s->v, cap, sizeof(*v))) == NULL)
			return SC_NOMEM;
		s->v = v;
		s->cap = cap;
	}
	v = *out = &s->v[s->n];
	*v = (struct suggest_seen){ .named = member_class(at->says, at->n),
		.of = nearest(at),
		.note = suggest_is_note(own),
		.id = suggest_is_id(own),
		.customer = one ? suggest_customer_score(own, above) : 0,
		.order = one ? suggest_order_score(own, above, at->n == 1) : 0 };
	if ((v->out.path = sc_arena_copy(&s->arena, sc_buf_span(&at->path))) == NULL)
		return SC_NOMEM;
	s->n++;
	return SC_OK;
}

static enum sc_err place(struct suggest *s, const struct at *at, struct suggest_seen **out)
{
	const struct sc_span path = sc_buf_span(&at->path);
	size_t i = hash(path);
	enum sc_err err;

	for (; s->slot[i] != 0; i = (i + 1) % SLOTS) {
		*out = &s->v[s->slot[i] - 1];
		if (sc_span_is(path, (*out)->out.path))
			return SC_OK;
	}
	if ((err = new_place(s, at, out)) == SC_OK)
		s->slot[i] = (uint32_t)s->n;
	return err;
}

/* ---- values ---------------------------------------------------------------------------------------- */

static enum sc_err take_value(struct suggest *s, const struct at *at, const struct doc_node *node)
{
	struct sc_span text = sc_span_str(node->text == NULL ? "" : node->text);
	struct suggest_seen *v;
	enum sc_err err = place(s, at, &v);

	if (err != SC_OK || text.n == 0 || node->kind < DOC_NUMBER)
		return err;
	v->values++;
	v->fits += v->named != CLASS_NONE && suggest_fits(v->named, text);
	/* numbers are ids and prices: what they look like says nothing */
	if (node->kind == DOC_NUMBER)
		return SC_OK;
	if ((err = detect_scan(text, &s->hits)) != SC_OK || s->hits.n == 0)
		return err;
	if (s->hits.n == 1 && s->hits.v[0].start == 0 && s->hits.v[0].end == text.n)
		v->whole[s->hits.v[0].class_id]++;
	else
		v->parts++;
	return SC_OK;
}

/* ---- the walk ---------------------------------------------------------------------------------------- */

static enum sc_err walk(struct suggest *s, struct at *at, const struct doc_node *node);

static bool is_plain(const char *name)
{
	if (!((*name | 0x20) >= 'a' && (*name | 0x20) <= 'z') && *name != '_')
		return false;
	for (; *name != '\0'; name++)
		if (!((*name | 0x20) >= 'a' && (*name | 0x20) <= 'z') && *name != '_' &&
		    !(*name >= '0' && *name <= '9'))
			return false;
	return true;
}

/* A member's name that is a number or an address is a value of somebody's. */
static bool is_value(const char *name)
{
	size_t digits = 0;

	for (const char *c = name; *c != '\0'; c++)
		digits += *c >= '0' && *c <= '9';
	return digits >= TOLD_DIGITS || detect_any(sc_span_str(name));
}

static enum sc_err put_name(struct sc_buf *path, const char *name)
{
	enum sc_err err;

	if (is_value(name))
		return sc_buf_put_str(path, "[*]");
	if (is_plain(name))
		return sc_buf_printf(path, ".%s", name);
	err = sc_buf_put_str(path, "['");
	for (; err == SC_OK && *name != '\0'; name++) {
		if ((uint8_t)*name < ' ')
			err = sc_buf_printf(path, "\\u%04x", (unsigned)(uint8_t)*name);
		else if (*name == '\'' || *name == '\\')
			err = sc_buf_printf(path, "\\%c", *name);
		else
			err = sc_buf_put(path, name, 1);
	}
	return err == SC_OK ? sc_buf_put_str(path, "']") : err;
}

/* Into NODE, called NAME, by way of the step that was put behind BEFORE of the path. */
static enum sc_err enter(struct suggest *s, struct at *at, const char *name,
    const struct doc_node *node)
{
	enum sc_err err;

	if (at->n == SUGGEST_LEVELS)
		return SC_OK;
	at->name[at->n] = name;
	member_recall(&s->members, sc_span_str(name), &at->says[at->n]);
	at->n++;
	err = walk(s, at, node);
	at->n--;
	return err;
}

static enum sc_err walk_object(struct suggest *s, struct at *at, const struct doc_node *node)
{
	enum sc_err err = SC_OK;

	for (const struct doc_node *m = node->first; m != NULL && err == SC_OK; m = m->next) {
		size_t before = at->path.n;

		if ((err = put_name(&at->path, m->key)) == SC_OK)
			err = enter(s, at, m->key, m);
		sc_buf_truncate(&at->path, before);
		/* deeper than a path may be long: not looked at */
		err = err == SC_LIMIT && s->n < SUGGEST_PLACES_MAX ? SC_OK : err;
	}
	return err;
}

/* The member of NODE that says what its value is called, and that value; NULL: it is no such pair. */
static const struct doc_node *label_of(const struct doc_node *node, const struct doc_node **value)
{
	const struct doc_node *label = NULL;
	struct member says;

	*value = NULL;
	for (const struct doc_node *m = node->kind == DOC_OBJECT ? node->first : NULL; m != NULL;
	     m = m->next) {
		member_read(sc_span_str(m->key), &says);
		if (says.names && m->kind == DOC_TEXT && label == NULL)
			label = m;
		else if (says.same && m->kind >= DOC_NUMBER && m->kind <= DOC_TEXT)
			*value = m;
	}
	return *value == NULL ? NULL : label;
}

/*
 * May TEXT stand in a path as it is? Whoever fills in a form may choose it: a line's end would end
 * the comment in which the path is told.
 */
static bool is_printed(const char *text)
{
	for (; *text != '\0'; text++)
		if ((uint8_t)*text < ' ' || *text == 0x7F || *text == '\'' || *text == '\\')
			return false;
	return true;
}

/* {"name": "phone", "value": ...}, where the label says something: a place of its own. */
static enum sc_err walk_pair(struct suggest *s, struct at *at, const struct doc_node *node,
    bool *done)
{
	const struct doc_node *value, *label = label_of(node, &value);
	size_t before = at->path.n;
	struct member says;
	enum sc_err err;

	*done = false;
	if (label == NULL || is_value(label->text) || !is_printed(label->text) ||
	    strlen(label->text) > 64)
		return SC_OK;
	member_read(sc_span_str(label->text), &says);
	if (says.class_id == CLASS_NONE && !says.person && !suggest_is_note(label->text))
		return SC_OK;
	*done = true;
	err = sc_buf_printf(&at->path, is_plain(label->key) ? "[?@.%s=='%s']" : "[?@['%s']=='%s']",
	    label->key, label->text);
	if (err == SC_OK && (err = put_name(&at->path, value->key)) == SC_OK)
		err = enter(s, at, label->text, value);
	sc_buf_truncate(&at->path, before);
	return err;
}

static enum sc_err walk_list(struct suggest *s, struct at *at, const struct doc_node *node)
{
	enum sc_err err = SC_OK;

	for (const struct doc_node *m = node->first; m != NULL && err == SC_OK; m = m->next) {
		size_t before = at->path.n;
		bool done;

		if ((err = walk_pair(s, at, m, &done)) != SC_OK || done)
			continue;
		if ((err = sc_buf_put_str(&at->path, "[*]")) == SC_OK)
			err = walk(s, at, m);
		sc_buf_truncate(&at->path, before);
	}
	return err;
}

static enum sc_err walk(struct suggest *s, struct at *at, const struct doc_node *node)
{
	struct suggest_seen *v;
	enum sc_err err;

	if (node->kind >= DOC_LIST) {
		if ((err = place(s, at, &v)) != SC_OK)
			return err;
		v->holds = true;
	}
	if (node->kind == DOC_OBJECT)
		return walk_object(s, at, node);
	if (node->kind == DOC_LIST)
		return walk_list(s, at, node);
	return take_value(s, at, node);
}

enum sc_err suggest_add(struct suggest *s, const struct doc_node *root)
{
	struct at at = { .n = 0 };
	enum sc_err err;

	sc_buf_init(&at.path, PATH_MAX_BYTES);
	if ((err = sc_buf_put_str(&at.path, "$")) == SC_OK)
		err = walk(s, &at, root);
	sc_buf_fini(&at.path);
	return err;
}

/* ---- what they are ------------------------------------------------------------------------------------ */

const struct suggest_place *suggest_places(struct suggest *s, size_t *n)
{
	free(s->out);
	*n = 0;
	if ((s->out = calloc(s->n + 1, sizeof(*s->out))) == NULL)
		return NULL;
	for (size_t i = 0; i < s->n; i++) {
		struct suggest_place *p = &s->v[i].out;

		*p = (struct suggest_place){ .path = p->path };
		suggest_judge(&s->v[i]);
		s->out[i] = *p;
	}
	*n = s->n;
	return s->out;
}

/* The place with the highest score, the shortest of those. */
static const char *best(const struct suggest *s, bool order)
{
	const struct suggest_seen *found = NULL;
	uint8_t high = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct suggest_seen *v = &s->v[i];
		uint8_t score = order ? v->order : v->customer;

		if (v->values == 0 || score == 0 || score < high ||
		    (score == high && strlen(v->out.path) >= strlen(found->out.path)))
			continue;
		found = v;
		high = score;
	}
	return found == NULL ? NULL : found->out.path;
}

const char *suggest_subject(const struct suggest *s)
{
	return best(s, false);
}

const char *suggest_order(const struct suggest *s)
{
	return best(s, true);
}
