/*
 * test_whose.c - whose a proxied document is, by the request's path, query and fields.
 */
#include "gateway/proxy/whose.h"
#include "tap.h"

#include <string.h>

/* What PLACE says of a request for TARGET with the fields (NAME, VALUE ... NULL). */
static const char *says(enum subject_where where, const char *name, const char *target,
    const char *const *field)
{
	static char id[256];
	struct config_route route = { .path = "/orders/{id}/buyers/{who}",
		.placed = true,
		.subject = { .v = { { .where = where, .name = name } }, .n = 1 } };
	struct subject_found given[SUBJECT_PLACES_MAX];
	struct http_head h = { .target = sc_span_str(target) };
	const char *mark = strchr(target, '?');
	struct sc_buf text;

	sc_buf_init(&text, 1 << 20);
	route.path_n = strlen(route.path);
	h.path = sc_span(h.target.p, mark == NULL ? h.target.n : (size_t)(mark - target));
	if (mark != NULL)
		h.query = sc_span_str(mark + 1);
	for (; field != NULL && *field != NULL; field += 2)
		h.fields[h.n_fields++] =
		    (struct http_field){ sc_span_str(field[0]), sc_span_str(field[1]) };
	CHECK(whose_find(&route, &h, &text, given) == SC_OK);
	snprintf(id, sizeof(id), "%.*s", SC_SPAN_ARG(given[0].id));
	sc_buf_fini(&text);
	return given[0].bad ? "(bad)" : id;
}

struct row {
	const char *target, *want;
};

static void check_rows(enum subject_where where, const char *name, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(says(where, name, rows[i].target, NULL), rows[i].want) != 0) {
			printf("# %s: %s\n", rows[i].target,
			    says(where, name, rows[i].target, NULL));
			CHECK(!"as wanted");
		}
}

static void test_path(void)
{
	static const struct row rows[] = {
		{ "/orders/17/buyers/c-1", "c-1" },
		{ "/orders/17/buyers/%C3%A9", "\xc3\xa9" },
		{ "/orders/17/buyers/a%40b.example", "a@b.example" },
		/* what the path's own reader would not pass names nobody either */
		{ "/orders/17/buyers/a%00b", "(bad)" },
		{ "/orders/17/buyers/%C3", "(bad)" },
		{ "/orders/17/buyers/%zz", "(bad)" },
		{ "/orders/17/buyers/%4", "(bad)" },
		{ "/orders/17/buyers/c/d", "" },
	};

	check_rows(SUBJECT_PATH, "who", rows, sizeof(rows) / sizeof(rows[0]));
	CHECK(strcmp(says(SUBJECT_PATH, "id", "/orders/17/buyers/c-1", NULL), "17") == 0);
	CHECK(strcmp(says(SUBJECT_PATH, "wh", "/orders/17/buyers/c-1", NULL), "") == 0);
}

static void test_query(void)
{
	static const struct row rows[] = {
		{ "/o?who=c-1", "c-1" },
		{ "/o?a=1&who=c-1&b=2", "c-1" },
		{ "/o?who=c%2B1", "c+1" },
		{ "/o?w%68o=c-1", "c-1" },
		{ "/o?who=a%26who%3Db", "a&who=b" },
		{ "/o?who=a=b", "a=b" },
		{ "/o", "" },
		{ "/o?", "" },
		{ "/o?who", "" },
		{ "/o?who=", "" },
		{ "/o?whom=c", "" },
		{ "/o?&&who=c&", "c" },
		/* two readers could understand these differently */
		{ "/o?who=c-1&who=c-2", "(bad)" },
		{ "/o?who=c-1&who=c-1", "(bad)" },
		{ "/o?who=c-1&w%68o=c-2", "(bad)" },
		{ "/o?who=&who=c-2", "(bad)" },
		{ "/o?who&who=c-2", "(bad)" },
		{ "/o?WHO=c-1", "c-1" },
		{ "/o?who=c-1&Who=c-2", "(bad)" },
		{ "/o?who=c-1&who[]=c-2", "(bad)" },
		{ "/o?who=c-1&+who=c-2", "(bad)" },
		{ "/o?who=c-1&%20who=c-2", "(bad)" },
		{ "/o?who=c-1&whom[]=c-2", "c-1" },
		{ "/o?who=c+1", "(bad)" },
		{ "/o?who=c;x=1", "(bad)" },
		{ "/o?x=1;who=c&who=d", "(bad)" },
		{ "/o?who=%4", "(bad)" },
		{ "/o?who=%C3", "(bad)" },
		{ "/o?who=a%0Ab", "(bad)" },
		{ "/o?%zz=1&who=c", "(bad)" },
		{ "/o?x=%zz&who=c", "c" },
		{ "/o?x=a+b;c", "" },
	};

	check_rows(SUBJECT_QUERY, "who", rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_field(void)
{
	const char *one[] = { "Buyer", "c-1", "X", "y", NULL };
	const char *two[] = { "Buyer", "c-1", "buyer", "c-1", NULL };
	const char *none[] = { "X", "y", NULL };
	const char *odd[] = { "Buyer", "\xe9", NULL };

	CHECK(strcmp(says(SUBJECT_HEADER, "buyer", "/o", one), "c-1") == 0);
	CHECK(strcmp(says(SUBJECT_HEADER, "Buyer", "/o", two), "(bad)") == 0);
	CHECK(strcmp(says(SUBJECT_HEADER, "Buyer", "/o", none), "") == 0);
	CHECK(strcmp(says(SUBJECT_HEADER, "Buyer", "/o", odd), "(bad)") == 0);
	CHECK(strcmp(says(SUBJECT_BODY, "$.buyer", "/o?$.buyer=c", one), "") == 0);
}

int main(void)
{
	RUN(test_path, "a segment of the path");
	RUN(test_query, "a parameter of the query");
	RUN(test_field, "a header field");
	return tap_done();
}
