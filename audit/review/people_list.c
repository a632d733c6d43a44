/*
 * people_list.c - parts are kept until their record comes, whose root is then made anew.
 */
#include "audit/review/people_list.h"

#include "base/grow.h"
#include "base/text/hex.h"
#include "crypto/limits.h"
#include "crypto/tlog/merkle.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct people_list *l)
{
	l->parts = 0;
	l->n = 0;
}

static enum sc_err room_for_one(struct people_list *l)
{
	uint8_t(*v)[AUDIT_HANDLE_BYTES];
	size_t cap;

	if (l->n < l->cap)
		return SC_OK;
	cap = sc_grown(l->cap);
	if ((v = realloc(l->v, cap * sizeof(*v))) == NULL)
		return SC_NOMEM;
	l->v = v;
	l->cap = cap;
	return SC_OK;
}

/*
 * The handles of E, behind those that are there. False in *OK: they are none, or more than keyd
 * opens anything of at once.
 */
static enum sc_err add(struct people_list *l, const struct audit_entry *e, bool *ok)
{
	const cJSON *s;
	enum sc_err err;

	*ok = true;
	cJSON_ArrayForEach(s, e->subjects)
	{
		if ((err = room_for_one(l)) != SC_OK)
			return err;
		if (l->n == CRYPTO_ITEMS_MAX || !cJSON_IsString(s) ||
		    !hex_parse(sc_span_str(s->valuestring), l->v[l->n], AUDIT_HANDLE_BYTES)) {
			*ok = false;
			return SC_OK;
		}
		l->n++;
	}
	return SC_OK;
}

/* Of the list's handles from FROM on, then those before it. */
static enum sc_err root_of(const struct people_list *l, size_t from, struct merkle_hash *out)
{
	struct merkle_frontier f = { .size = 0 };
	struct merkle_hash leaf;
	enum sc_err err = SC_OK;

	for (size_t i = 0; i < l->n && err == SC_OK; i++) {
		merkle_leaf(sc_span(l->v[(from + i) % l->n], AUDIT_HANDLE_BYTES), &leaf);
		err = merkle_push(&f, &leaf, NULL, NULL);
	}
	merkle_root(&f, out);
	return err;
}

static enum sc_err take_part(struct people_list *l, const struct audit_entry *e, const char **why)
{
	enum sc_err err;
	bool ok;

	if (e->parts == 1)
		forget(l);
	if (e->parts != l->parts + 1 || (e->parts > 1 && e->request_id != l->request_id))
		*why = "a part of a list of people stands without the one before it";
	else if ((err = add(l, e, &ok)) != SC_OK)
		return err;
	else if (!ok)
		*why = "a part of a list of people is malformed";
	l->parts = e->parts;
	l->request_id = e->request_id;
	return SC_OK;
}

/* The record whose list it is. */
static enum sc_err take_record(struct people_list *l, const struct audit_entry *e, const char **why)
{
	const size_t before = l->n;
	struct merkle_hash root, told;
	enum sc_err err;
	bool ok;

	if (e->parts != l->parts || e->request_id != l->request_id)
		*why = "parts of its list of people are not right before it";
	else if ((err = add(l, e, &ok)) != SC_OK || (err = root_of(l, before, &root)) != SC_OK)
		return err;
	else if (!ok || !hex_parse(sc_span_str(e->subjects_root), told.b, sizeof(told.b)) ||
	    memcmp(root.b, told.b, sizeof(root.b)) != 0)
		*why = "its list of people is not the one whose root it tells";
	forget(l);
	return SC_OK;
}

enum sc_err people_list_entry(struct people_list *l, struct sc_span entry, const char **why)
{
	static const char member[] = "\"parts\":";
	struct audit_entry e;
	enum sc_err err = SC_OK;

	*why = NULL;
	if (memmem(entry.p, entry.n, member, sizeof(member) - 1) == NULL ||
	    audit_entry_parse(entry, &e) != SC_OK) {
		forget(l);
		return SC_OK;
	}
	if (e.kind == AUDIT_PEOPLE)
		err = take_part(l, &e, why);
	else if (e.parts > 0)
		err = take_record(l, &e, why);
	audit_entry_fini(&e);
	return err;
}

void people_list_fini(struct people_list *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}
