/*
 * view_kit.c - small tables of our own.
 */
#include "view_kit.h"

#include "analytics/shelf/shelf.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

void view_kit_init(struct view_kit *k)
{
	*k = (struct view_kit){ .dir = "/tmp/scrim-view-XXXXXX" };
	must(mkdtemp(k->dir) != NULL, "no folder");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void view_kit_fini(struct view_kit *k)
{
	view_kit_close(k);
	(void)nftw(k->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *view_kit_path(const struct view_kit *k, const char *name)
{
	static char paths[4][256];
	static unsigned at;
	char *out = paths[at++ % 4];

	snprintf(out, sizeof(paths[0]), "%s/%s", k->dir, name);
	return out;
}

void view_kit_write(const struct view_kit *k, const char *name, const char *text)
{
	FILE *f = fopen(view_kit_path(k, name), "wb");

	must(f != NULL, "a file cannot be written");
	fputs(text, f);
	must(fclose(f) == 0, "a file cannot be written");
}

char *view_kit_read(const char *path, size_t *n)
{
	char *text = calloc(1, 4u << 20);
	FILE *f = fopen(path, "rb");
	size_t got = 0;

	if (f != NULL && text != NULL)
		got = fread(text, 1, (4u << 20) - 1, f);
	if (f == NULL) {
		free(text);
		text = NULL;
	} else {
		fclose(f);
	}
	if (n != NULL)
		*n = got;
	return text;
}

/* ---- views ---------------------------------------------------------------------------- */

enum sc_err view_kit_open(struct view_kit *k, uint64_t number)
{
	struct sc_diags all = { .n = 0 };
	const struct view_spec *spec;
	enum sc_err err;

	view_kit_close(k);
	k->d = (struct sc_diag){ .text = "" };
	if ((err = view_specs_load(view_kit_path(k, "views.json"), &all, &k->specs)) != SC_OK) {
		k->d = all.v[0];
		return err;
	}
	spec = view_specs_find(&k->specs, NULL);
	must(spec != NULL, "one dataset");
	if ((err = view_csv_open(view_kit_path(k, "table.csv"), spec->separator, spec->person,
		 &k->d, &k->csv)) != SC_OK)
		return err;
	k->order = (struct view_order){ .spec = spec,
		.source = view_csv_source(k->csv),
		.tenant = "test",
		.number = number,
		.made_ms = 1764000000000,
		.from = "",
		.to = "" };
	memset(k->order.key, (int)(7 + number), sizeof(k->order.key));
	return SC_OK;
}

enum sc_err view_kit_make(struct view_kit *k, uint64_t number, struct view_made *out)
{
	const enum sc_err err = view_kit_open(k, number);

	if (err != SC_OK)
		return err;
	k->order.root = view_kit_path(k, "shelf");
	return view_make(&k->order, &k->d, out);
}

void view_kit_close(struct view_kit *k)
{
	view_csv_close(k->csv);
	k->csv = NULL;
	view_specs_fini(&k->specs);
}

/* ---- patients ------------------------------------------------------------------------- */

void view_kit_patients(struct view_kit *k, const char *more)
{
	static const char *const ills[] = { "flu", "cold", "asthma", "gout" };
	FILE *f = fopen(view_kit_path(k, "table.csv"), "wb");
	char spec[2048];

	must(f != NULL, "a table");
	fputs("patient,email,age,place,since,ill,ward\r\n", f);
	for (unsigned i = 0; i < 440; i++) {
		const unsigned p = i < 400 ? i : i - 400; /* forty came twice */

		fprintf(f, "P%05u-Q,\"%c%u@patients.invalid\",%u,%c%u,2026-%02u-%02u,%s,w%u\r\n", p,
		    'a' + p % 26, p, 20 + p * 7 % 60, 'A' + p % 4, p % 3, 1 + p % 12, 1 + p % 28,
		    ills[(p / 3 + p % 7 + i / 400) % 4], p % 5);
	}
	must(fclose(f) == 0, "a table");
	view_kit_write(k, "place.csv",
	    "A0;A;*\nA1;A;*\nA2;A;*\nB0;B;*\nB1;B;*\nB2;B;*\nC0;C;*\nC1;C;*\nC2;C;*\nD0;D;*\nD1;D;*\nD2;D;*\n");
	snprintf(spec, sizeof(spec),
	    "{ \"datasets\": [ { \"name\": \"patients\", \"title\": \"Who came\", \"from\": \"csv\","
	    "\"person\": \"patient\", \"k\": 5, \"columns\": ["
	    "{ \"name\": \"age\", \"is\": \"quasi\", \"unit\": \"years\", \"grid\": { \"min\": 20, \"max\": 79, \"step\": 5 } },"
	    "{ \"name\": \"ill\", \"is\": \"sensitive\" },"
	    "{ \"name\": \"place\", \"is\": \"quasi\", \"hierarchy\": \"place.csv\" },"
	    "{ \"name\": \"came\", \"source\": \"since\", \"is\": \"quasi\", \"dates\": { \"from\": \"2026-01-01\", \"to\": \"2026-12-31\", \"finest\": \"month\" } },"
	    "{ \"name\": \"ward\", \"is\": \"plain\" } %s ] } ] }",
	    more);
	view_kit_write(k, "views.json", spec);
}

/* ---- bytes that must be nowhere ------------------------------------------------------- */

static const char *wanted, *except;
static bool found;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
	size_t n;
	char *text;

	(void)st;
	if (type != FTW_F || strstr(except, path + at->base) != NULL)
		return 0;
	if ((text = view_kit_read(path, &n)) != NULL && memmem(text, n, wanted, strlen(wanted))) {
		printf("# \"%s\" stands in %s\n", wanted, path);
		found = true;
	}
	free(text);
	return 0;
}

bool view_kit_anywhere(const struct view_kit *k, const char *text, const char *but)
{
	wanted = text;
	except = but;
	found = false;
	(void)nftw(k->dir, look_into, 16, FTW_PHYS);
	return found;
}
