/*
 * drift.c - one walk through a log, adding up what is told of each place.
 */
#include "audit/review/drift.h"

#include "audit/record/read.h"
#include "audit/review/walk.h"
#include "base/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX 1000000

struct walking {
	const char *route;
	struct audit_drift *out;
};

static bool is_at(const struct audit_drift_place *p, const struct audit_entry *e, const char *class)
{
	return strcmp(p->place, e->place) == 0 && strcmp(p->route, e->route) == 0 &&
	    strcmp(p->class_name, class) == 0 && strcmp(p->by, e->by) == 0 &&
	    strcmp(p->did, e->did) == 0;
}

/* Where E's are added up. They are few: scrimd tells of a bounded number. */
static enum sc_err find(struct audit_drift *d, const struct audit_entry *e, const char *class,
    struct audit_drift_place **out)
{
	struct audit_drift_place *v;

	for (size_t i = d->n; i-- > 0;)
		if (is_at(&d->v[i], e, class)) {
			*out = &d->v[i];
			return SC_OK;
		}
	if (d->n == PLACES_MAX)
		return SC_LIMIT;
	if (d->n == d->cap) {
		size_t cap = sc_grown(d->cap);

		if ((v = reallocarray(d->v, cap, sizeof(*v))) == NULL)
			return SC_NOMEM;
		d->v = v;
		d->cap = cap;
	}
	v = *out = &d->v[d->n++];
	memset(v, 0, sizeof(*v));
	snprintf(v->route, sizeof(v->route), "%s", e->route);
	snprintf(v->class_name, sizeof(v->class_name), "%s", class);
	snprintf(v->by, sizeof(v->by), "%s", e->by);
	snprintf(v->did, sizeof(v->did), "%s", e->did);
	snprintf(v->place, sizeof(v->place), "%s", e->place);
	v->first_ms = e->at_ms;
	return SC_OK;
}

static enum sc_err add(struct walking *w, const struct audit_entry *e)
{
	const cJSON *class = e->classes == NULL ? NULL : e->classes->child;
	struct audit_drift_place *p;
	enum sc_err err;

	if (class == NULL || class->string == NULL || !cJSON_IsNumber(class) ||
	    (w->route != NULL && strcmp(w->route, e->route) != 0))
		return SC_OK;
	if ((err = find(w->out, e, class->string, &p)) != SC_OK)
		return err;
	p->n +=
	    class->valuedouble >= 0 && class->valuedouble < 4e9 ? (uint64_t) class->valuedouble : 0;
	if (e->at_ms > p->last_ms)
		p->last_ms = e->at_ms;
	if (e->at_ms < p->first_ms)
		p->first_ms = e->at_ms;
	return SC_OK;
}

static enum sc_err one(void *arg, uint64_t index, struct sc_span json)
{
	static const char kind[] = "\"kind\":\"drift\"";
	struct audit_entry e;
	enum sc_err err = SC_OK;

	(void)index;
	/* nearly all are others: only what may be one is read */
	if (memmem(json.p, json.n, kind, sizeof(kind) - 1) == NULL ||
	    audit_entry_parse(json, &e) != SC_OK)
		return SC_OK;
	if (e.kind == AUDIT_DRIFT)
		err = add(arg, &e);
	audit_entry_fini(&e);
	return err;
}

static int newest_first(const void *a, const void *b)
{
	const struct audit_drift_place *x = a, *y = b;

	if (x->first_ms != y->first_ms)
		return x->first_ms < y->first_ms ? 1 : -1;
	return strcmp(x->place, y->place);
}

enum sc_err audit_drift(const char *dir, const char *route, struct sc_diag *d,
    struct audit_drift *out)
{
	struct walking w = { route, out };
	enum sc_err err;

	*out = (struct audit_drift){ .n = 0 };
	err = walk_dir(dir, 0, one, &w, d);
	if (out->n != 0)
		qsort(out->v, out->n, sizeof(out->v[0]), newest_first);
	return err;
}

void audit_drift_fini(struct audit_drift *v)
{
	free(v->v);
	*v = (struct audit_drift){ .n = 0 };
}
