/*
 * beside.c - rules of a request that are about its query or its header fields: "query.phone",
 * "header.X-Phone".
 */
#include "gateway/config/sections.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 200

/* What stands before a name, by where it is. */
static const char *const before[] = { [SUBJECT_QUERY] = "query.", [SUBJECT_HEADER] = "header." };

enum subject_where config_where(const char *at)
{
	for (unsigned w = SUBJECT_QUERY; w <= SUBJECT_HEADER; w++)
		if (strncmp(at, before[w], strlen(before[w])) == 0)
			return (enum subject_where)w;
	return SUBJECT_BODY;
}

/* RFC 9110 §5.6.2: what the name of a field is made of. */
static bool is_field_name(const char *name)
{
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) && strchr("!#$&*+-.^_|~", *name) == NULL)
			return false;
	return true;
}

bool config_check_beside(struct shape_ctx *c, const struct doc_node *node)
{
	const enum subject_where where = config_where(node->text);
	const char *name = node->text + strlen(before[where]);

	if (*name == '\0' || strlen(name) > NAME_MAX_BYTES ||
	    (where == SUBJECT_HEADER && !is_field_name(name)))
		return shape_must(c, node, "name a parameter or a header field, such as \"%s\"",
		    where == SUBJECT_HEADER ? "header.X-Phone" : "query.phone");
	for (const char *s = name; *s != '\0'; s++)
		if ((uint8_t)*s < ' ' || *s == '\'' || *s == '\\')
			return shape_must(c, node,
			    "name a parameter without quotes and backslashes");
	return true;
}

bool config_fits_beside(struct shape_ctx *c, const struct doc_node *node,
    const struct field_rule *rule)
{
	if (rule->form == &form_seal || rule->form == &form_mask || rule->form == &form_drop ||
	    rule->form == &form_scan || rule->form == &form_pass) {
		if (rule->subject.place == NULL && !rule->tag && rule->n_except == 0)
			return true;
		return shape_wrong(c, node,
		    "\"subject\", \"except\" and \"tag\" are about the body: leave them out here");
	}
	return rule->form == &form_inside ?
	    shape_wrong(c, node, "\"inside\" is about the body") :
	    shape_wrong(c, node, "\"do\": \"%s\" is about the body", rule->form->name);
}

/* The selector of NAME in the form that the query is, or the fields are. NULL: no memory. */
static const char *selector(struct shape_ctx *c, const char *name, enum subject_where where)
{
	const size_t n = strlen(name);
	char *out = shape_alloc(c, n + sizeof("$['']"));

	if (out == NULL)
		return NULL;
	snprintf(out, n + sizeof("$['']"), "$['%s']", name);
	for (size_t i = 0; where == SUBJECT_HEADER && i < n; i++)
		out[3 + i] = (char)tolower((unsigned char)name[i]);
	return out;
}

/* RULE, about NAME at WHERE, said by SAID, in a list of at most MAX. */
static bool add(struct shape_ctx *c, struct config_route *rt, enum subject_where where, size_t max,
    struct field_rule rule, const char *name, const struct doc_node *said)
{
	struct config_rules *to = where == SUBJECT_QUERY ? &rt->query : &rt->header;

	if (to->v == NULL &&
	    ((to->v = shape_alloc(c, max * sizeof(*to->v))) == NULL ||
		(to->said = shape_alloc(c, max * sizeof(struct doc_node *))) == NULL))
		return false;
	if ((rule.at = selector(c, name, where)) == NULL)
		return false;
	to->said[to->n] = said;
	to->v[to->n++] = rule;
	return true;
}

bool config_part_beside(struct shape_ctx *c, struct config_route *rt)
{
	static const struct field_rule pass = { .form = &form_pass };
	struct config_rules *r = &rt->request;
	const size_t n = r->n, max = n + SUBJECT_PLACES_MAX;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const char *at = r->v[i].at;
		const enum subject_where where = config_where(at);

		if (where == SUBJECT_BODY) {
			r->said[kept] = r->said[i];
			r->v[kept++] = r->v[i];
		} else if (!add(c, rt, where, max, r->v[i], at + strlen(before[where]),
			       r->said[i])) {
			return false;
		}
	}
	r->n = kept;
	/* who it is about stands there as it is, as in a body */
	for (size_t i = 0; i < rt->subject.n; i++) {
		const struct subject_place *p = &rt->subject.v[i];

		if ((p->where == SUBJECT_QUERY || p->where == SUBJECT_HEADER) && n != 0 &&
		    !add(c, rt, p->where, max, pass, p->name, NULL))
			return false;
	}
	return true;
}
