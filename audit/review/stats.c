/*
 * stats.c - one walk through a log, counting.
 */
#include "audit/review/review.h"

#include "audit/record/read.h"
#include "audit/review/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Count N for NAME; when the table is full, for "other", its last row. */
static void tally(struct audit_tally *t, const char *name, uint64_t n)
{
	size_t i;

	if (name[0] == '\0')
		return;
	for (i = 0; i < AUDIT_STATS_NAMES - 1; i++)
		if (t[i].name[0] == '\0' || strcmp(t[i].name, name) == 0)
			break;
	if (t[i].name[0] == '\0')
		snprintf(t[i].name, sizeof(t[i].name), "%.63s",
		    i == AUDIT_STATS_NAMES - 1 ? "other" : name);
	t[i].n += n;
}

/* Values of a class, whatever was done with them. */
static uint64_t values_of(const cJSON *class)
{
	const double n = class->valuedouble;
	uint64_t sum = 0;

	if (cJSON_IsNumber(class))
		return n >= 0 && n < 4e9 ? (uint64_t)n : 0;
	for (const cJSON *of = cJSON_IsObject(class) ? class->child : NULL; of != NULL;
	     of = of->next)
		sum += cJSON_IsNumber(of) ? values_of(of) : 0;
	return sum;
}

static enum sc_err one(void *arg, uint64_t index, struct sc_span json)
{
	struct audit_stats *s = arg;
	struct audit_entry e;
	const cJSON *class;

	(void)index;
	s->entries++;
	s->bytes += json.n;
	if (audit_entry_parse(json, &e) != SC_OK) {
		s->unreadable++;
		return SC_OK;
	}
	if (s->first_ms == 0)
		s->first_ms = e.at_ms;
	if (e.at_ms > s->last_ms)
		s->last_ms = e.at_ms;
	if (e.kind < AUDIT_KIND_COUNT)
		s->kinds[e.kind]++;
#define ADD(name) s->name += e.counts.name;
	AUDIT_COUNTS(ADD)
#undef ADD
	tally(s->principals, e.principal, 1);
	tally(s->routes, e.route, 1);
	for (class = e.classes == NULL ? NULL : e.classes->child; class != NULL;
	     class = class->next)
		tally(s->classes, class->string, values_of(class));
	audit_entry_fini(&e);
	return SC_OK;
}

static int most_first(const void *a, const void *b)
{
	const struct audit_tally *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->name, y->name);
}

enum sc_err audit_stats(const char *dir, struct sc_diag *d, struct audit_stats *out)
{
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	err = walk_dir(dir, 0, one, out, d);
	qsort(out->principals, AUDIT_STATS_NAMES, sizeof(out->principals[0]), most_first);
	qsort(out->routes, AUDIT_STATS_NAMES, sizeof(out->routes[0]), most_first);
	qsort(out->classes, AUDIT_STATS_NAMES, sizeof(out->classes[0]), most_first);
	return err;
}
