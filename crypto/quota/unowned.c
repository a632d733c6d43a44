/*
 * unowned.c - a sum and a first day of each route, and the rows that they are of.
 */
#include "crypto/quota/unowned.h"

#include "base/civil.h"
#include "base/text/jsonw.h"
#include "crypto/rows/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unowned_route {
	struct sc_name route;
	uint64_t n, since; /* a day */
};

struct unowned {
	struct quota_rows *rows;
	struct unowned_route v[UNOWNED_ROUTES_MAX]; /* the first is that of no route */
	size_t n;
};

static struct unowned_route *find(struct unowned *u, const struct sc_name *route)
{
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->v[i].route.s, route->s) == 0)
			return &u->v[i];
	if (u->n == UNOWNED_ROUTES_MAX)
		return &u->v[0];
	u->v[u->n].route = *route;
	return &u->v[u->n++];
}

static void add(struct unowned *u, const struct sc_name *route, uint64_t day, uint64_t n)
{
	struct unowned_route *x = find(u, route);

	if (x->n == 0 || day < x->since)
		x->since = day;
	x->n += n;
}

static enum sc_err take_row(void *arg, size_t i, const struct store_value *v)
{
	struct sc_name route = { "" };

	(void)i;
	if (v[0].bytes.n != 0 && sc_name_parse(v[0].bytes, &route) != SC_OK)
		return SC_CORRUPT;
	add(arg, &route, (uint64_t)v[1].number, (uint64_t)v[2].number);
	return SC_OK;
}

enum sc_err unowned_new(struct quota_rows *rows, struct store *s, struct unowned **out)
{
	struct unowned *u = calloc(1, sizeof(*u));
	struct store_job all = { .ask = { UNOWNED_ALL, 1, NULL, take_row, u } };
	enum sc_err err;

	*out = NULL;
	if (u == NULL)
		return SC_NOMEM;
	u->rows = rows;
	u->n = 1;
	if ((err = store_run(s, &all)) == SC_OK)
		*out = u;
	else
		free(u);
	return err;
}

void unowned_free(struct unowned *u)
{
	free(u);
}

void unowned_add(void *arg, const struct sc_name *route, uint64_t at_ms, uint32_t n)
{
	struct unowned *u = arg;

	add(u, route, at_ms / QUOTA_DAY_MS, n);
	quota_rows_count(u->rows, QUOTA_UNOWNED, route, at_ms / QUOTA_DAY_MS, n);
}

enum sc_err unowned_print(const struct unowned *u, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);
	struct civil_date since;
	char day[16];

	jsonw_array(&w);
	for (size_t i = 0; u != NULL && i < u->n; i++) {
		const struct unowned_route *x = &u->v[i];

		if (x->n == 0)
			continue;
		since = civil_of_days((int64_t)x->since);
		snprintf(day, sizeof(day), "%04u-%02u-%02u", (unsigned)since.year % 10000,
		    since.month, since.day);
		jsonw_object(&w);
		jsonw_key(&w, "route");
		if (x->route.s[0] == '\0')
			jsonw_null(&w);
		else
			jsonw_str(&w, x->route.s);
		jsonw_ku64(&w, "values", x->n);
		jsonw_kstr(&w, "since", day);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	return w.err;
}
