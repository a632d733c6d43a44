/*
 * check_rewrite.c - holds what a rewriting did against what was to be done.
 *
 *	check_rewrite --in F --out F --hits F --truth F --name NAME
 *	              [--restored F] [--paths paths.json --shape S]
 *
 * All files have a line per document. It checks, by a JSON reader of its own:
 *	covered    every declared value of the truth lies in a hit
 *	identical  every byte outside the hits is the same in both
 *	tokens     what stands in place of a hit is a token
 *	leaks      no truth value of seven characters or more is left in the
 *	           output, escaped or not, outside the free text of --paths; a name
 *	           that is only a part of a longer undeclared string (a company
 *	           named after somebody) is counted apart, as a namesake
 *	restored   the restored document has the same values, and the same bytes
 *	           in every literal that had no needless escapes
 * prints a count of each and ends with 0 when nothing is wrong, 1 when
 * something is, 2 when it could not tell. Values are never printed.
 */
#include "walk.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct range {
	size_t start, end;
};

struct job {
	FILE *in, *out, *hits, *truth, *restored;
	const char *name, *shape;
	cJSON *paths;
	char *line[5];
	size_t cap[5];
	ssize_t n[5];
	unsigned long doc;
	unsigned long docs, values, covered, texts, texts_covered, hit_count;
	unsigned long bad_bytes, bad_tokens, leaks, namesakes, malformed;
	unsigned long restored_same, restored_inexact, restored_wrong;
	unsigned long shown;
};

struct doc {
	const char *in, *out, *restored;
	size_t in_n, out_n, restored_n;
	struct range *hit; /* ascending, disjoint */
	size_t n_hits;
	const cJSON *pii;
};

static void complain(struct job *j, const char *what, size_t at)
{
	if (j->shown++ < 20)
		printf("# %s line %lu, byte %zu: %s\n", j->name, j->doc, at, what);
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The hits of one line, sorted, touching ones joined. */
static bool read_hits(struct job *j, const cJSON *line, struct doc *d)
{
	const cJSON *hits = cJSON_GetObjectItemCaseSensitive(line, "hits"), *h;
	size_t n = 0;

	d->hit = calloc((size_t)cJSON_GetArraySize(hits) + 1, sizeof(*d->hit));
	if (d->hit == NULL)
		return false;
	cJSON_ArrayForEach(h, hits)
	{
		const cJSON *r = cJSON_GetObjectItemCaseSensitive(h, "r");

		d->hit[n].start = (size_t)cJSON_GetNumberValue(cJSON_GetArrayItem(r, 0));
		d->hit[n].end = (size_t)cJSON_GetNumberValue(cJSON_GetArrayItem(r, 1));
		if (d->hit[n].end > d->in_n || d->hit[n].start > d->hit[n].end)
			return false;
		n++;
	}
	j->hit_count += n;
	qsort(d->hit, n, sizeof(*d->hit), by_start);
	for (size_t i = 0; i < n; i++) {
		if (d->n_hits > 0 && d->hit[i].start <= d->hit[d->n_hits - 1].end) {
			if (d->hit[i].end > d->hit[d->n_hits - 1].end)
				d->hit[d->n_hits - 1].end = d->hit[i].end;
		} else {
			d->hit[d->n_hits++] = d->hit[i];
		}
	}
	return true;
}

static bool covered(const struct doc *d, size_t start, size_t end)
{
	for (size_t i = 0; i < d->n_hits; i++)
		if (d->hit[i].start <= start && d->hit[i].end >= end)
			return true;
	return false;
}

static void check_covered(struct job *j, const struct doc *d)
{
	const cJSON *g;

	cJSON_ArrayForEach(g, d->pii)
	{
		const cJSON *r = cJSON_GetObjectItemCaseSensitive(g, "r");
		const char *m = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(g, "m"));
		size_t start = (size_t)cJSON_GetNumberValue(cJSON_GetArrayItem(r, 0));
		size_t end = (size_t)cJSON_GetNumberValue(cJSON_GetArrayItem(r, 1));
		bool yes = covered(d, start, end);

		if (m != NULL && (m[0] == 'f' || m[0] == 'n')) {
			j->values++;
			j->covered += yes;
			if (!yes)
				complain(j, "a declared value was not replaced", start);
		} else {
			j->texts++;
			j->texts_covered += yes;
		}
	}
}

static bool is_token(const char *p, size_t n)
{
	if (n >= 2 && p[0] == '"' && p[n - 1] == '"')
		p++, n -= 2;
	if (n < 40 || memcmp(p, "sct1-", 5) != 0)
		return false;
	for (size_t i = 5; i < n; i++)
		if (strchr("0123456789abcdefghijklmnopqrstuvwxyz-@.", p[i]) == NULL)
			return false;
	return true;
}

/*
 * The output must be the input with each hit replaced by anything: the pieces
 * between the hits are looked for one behind the other, the last at the end.
 */
static void check_identical(struct job *j, const struct doc *d)
{
	size_t at = 0, in_at = 0;

	for (size_t i = 0; i <= d->n_hits; i++) {
		size_t piece_n = (i < d->n_hits ? d->hit[i].start : d->in_n) - in_at;
		const char *piece = d->in + in_at, *found;

		if (i == 0)
			found = d->out_n >= piece_n && memcmp(d->out, piece, piece_n) == 0 ?
			    d->out :
			    NULL;
		else if (i == d->n_hits)
			found = d->out_n - at >= piece_n &&
				memcmp(d->out + d->out_n - piece_n, piece, piece_n) == 0 ?
			    d->out + d->out_n - piece_n :
			    NULL;
		else
			found = memmem(d->out + at, d->out_n - at, piece, piece_n);
		if (i == 0 && d->n_hits == 0 && d->out_n != d->in_n)
			found = NULL;
		if (found == NULL) {
			j->bad_bytes++;
			complain(j, "bytes outside the hits differ", in_at);
			return;
		}
		if (i > 0 && !is_token(d->out + at, (size_t)(found - d->out) - at)) {
			j->bad_tokens++;
			complain(j, "what replaces a hit is not a token", d->hit[i - 1].start);
		}
		at = (size_t)(found - d->out) + piece_n;
		if (i < d->n_hits)
			in_at = d->hit[i].end;
	}
}

struct leak_search {
	struct job *j;
	const struct doc *d;
	const cJSON *free_text;
	struct { /* truth values of seven characters or more */
		uint16_t *p;
		size_t n;
		bool name;
	} * v;
	size_t n;
};

static void search_literal(void *arg, const char *pointer, bool string, size_t start, size_t end)
{
	struct leak_search *s = arg;
	uint16_t *text;
	size_t n;
	const cJSON *p;

	(void)string;
	cJSON_ArrayForEach(p,
	    s->free_text) if (strcmp(cJSON_GetStringValue(p), pointer) == 0) return;
	if (end - start < 7 || (text = malloc((end - start + 1) * 2)) == NULL)
		return;
	n = walk_decode(s->d->out + start, end - start, text);
	for (size_t i = 0; n != SIZE_MAX && i < s->n; i++) {
		if (n < s->v[i].n || memmem(text, n * 2, s->v[i].p, s->v[i].n * 2) == NULL)
			continue;
		if (s->v[i].name && n > s->v[i].n) {
			s->j->namesakes++;
			continue;
		}
		s->j->leaks++;
		complain(s->j, "a truth value is left in the output", start);
		break;
	}
	free(text);
}

static void check_leaks(struct job *j, const struct doc *d)
{
	struct leak_search s = { .j = j, .d = d };
	const cJSON *g;

	if (j->paths != NULL)
		s.free_text =
		    cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(j->paths,
							 j->shape),
			"free_text");
	s.v = calloc((size_t)cJSON_GetArraySize(d->pii) + 1, sizeof(*s.v));
	if (s.v == NULL)
		exit(2);
	cJSON_ArrayForEach(g, d->pii)
	{
		const char *v = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(g, "v"));
		const char *t = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(g, "t"));
		size_t chars = 0, n = strlen(v);

		for (size_t i = 0; i < n; i++)
			chars += ((unsigned char)v[i] & 0xc0) != 0x80;
		if (chars < 7 || strchr(v, '\\') != NULL)
			continue;
		if ((s.v[s.n].p = malloc((n + 1) * 2)) == NULL)
			exit(2);
		s.v[s.n].n = walk_decode(v, n, s.v[s.n].p);
		s.v[s.n].name = strcmp(t, "name") == 0;
		s.n++;
	}
	if (!walk_json(d->out, d->out_n, search_literal, &s)) {
		j->malformed++;
		complain(j, "the output is not valid JSON", 0);
	}
	for (size_t i = 0; i < s.n; i++)
		free(s.v[i].p);
	free(s.v);
}

static bool same_value(const char *a, size_t an, const char *b, size_t bn)
{
	uint16_t *x = malloc((an + 1) * 2), *y = malloc((bn + 1) * 2);
	size_t xn, yn;
	bool same;

	if (x == NULL || y == NULL)
		exit(2);
	xn = walk_decode(a, an, x);
	yn = walk_decode(b, bn, y);
	same = xn != SIZE_MAX && xn == yn && memcmp(x, y, xn * 2) == 0;
	free(x);
	free(y);
	return same;
}

/* Both documents side by side: every byte alike, or a string that means the same. */
static void check_restored(struct job *j, const struct doc *d)
{
	size_t a = 0, b = 0;
	bool inexact = false;

	while (a < d->in_n && b < d->restored_n && d->in[a] == d->restored[b]) {
		size_t ae, be;

		if (d->in[a] != '"') {
			a++, b++;
			continue;
		}
		a++, b++;
		ae = walk_string_end(d->in, d->in_n, a);
		be = walk_string_end(d->restored, d->restored_n, b);
		if (ae > d->in_n || be > d->restored_n)
			break;
		if (ae - a != be - b || memcmp(d->in + a, d->restored + b, ae - a) != 0) {
			if (!same_value(d->in + a, ae - a, d->restored + b, be - b)) {
				j->restored_wrong++;
				complain(j, "a restored string differs", a);
				return;
			}
			if (!walk_needless_escapes(d->in + a, ae - a)) {
				j->restored_wrong++;
				complain(j, "a restored string is spelled differently without need",
				    a);
				return;
			}
			inexact = true;
		}
		a = ae + 1;
		b = be + 1;
	}
	if (a != d->in_n || b != d->restored_n) {
		j->restored_wrong++;
		complain(j, "the restored document differs", a);
	} else if (inexact) {
		j->restored_inexact++;
	} else {
		j->restored_same++;
	}
}

/* The next line of FILE without its line end; -1 at the end. */
static ssize_t next_line(struct job *j, int which, FILE *f)
{
	ssize_t n = getline(&j->line[which], &j->cap[which], f);

	while (n > 0 && (j->line[which][n - 1] == '\n' || j->line[which][n - 1] == '\r'))
		j->line[which][--n] = '\0';
	return j->n[which] = n;
}

/* The truth of our documents only: other names are passed over. */
static cJSON *next_truth(struct job *j)
{
	while (next_line(j, 3, j->truth) >= 0) {
		cJSON *t = cJSON_Parse(j->line[3]);
		const char *f = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t, "f"));

		if (f != NULL && strcmp(f, j->name) == 0)
			return t;
		cJSON_Delete(t);
	}
	return NULL;
}

static bool check_line(struct job *j)
{
	struct doc d = { .in = j->line[0], .in_n = (size_t)j->n[0] };
	cJSON *hits = NULL, *truth = next_truth(j);
	bool fine = false;

	if (truth == NULL || next_line(j, 1, j->out) < 0 || next_line(j, 2, j->hits) < 0 ||
	    (j->restored != NULL && next_line(j, 4, j->restored) < 0)) {
		complain(j, "a file ends before the others", 0);
		goto out;
	}
	d.out = j->line[1];
	d.out_n = (size_t)j->n[1];
	d.pii = cJSON_GetObjectItemCaseSensitive(truth, "pii");
	if ((hits = cJSON_Parse(j->line[2])) == NULL || !read_hits(j, hits, &d)) {
		complain(j, "the hits cannot be read", 0);
		goto out;
	}
	check_covered(j, &d);
	check_identical(j, &d);
	check_leaks(j, &d);
	if (j->restored != NULL) {
		d.restored = j->line[4];
		d.restored_n = (size_t)j->n[4];
		check_restored(j, &d);
	}
	fine = true;
out:
	free(d.hit);
	cJSON_Delete(hits);
	cJSON_Delete(truth);
	return fine;
}

static int report(const struct job *j)
{
	bool fine = j->docs > 0 && j->covered == j->values && j->bad_bytes == 0 &&
	    j->bad_tokens == 0 && j->leaks == 0 && j->malformed == 0 && j->restored_wrong == 0;

	printf("%s: %lu documents, %lu hits; declared values %lu of %lu (recall %.6f); in texts "
	       "%lu of %lu\n",
	    j->name, j->docs, j->hit_count, j->covered, j->values,
	    j->values > 0 ? (double)j->covered / (double)j->values : 1.0, j->texts_covered,
	    j->texts);
	printf(
	    "%s: changed outside hits %lu, not tokens %lu, left in the output %lu (namesakes %lu), "
	    "malformed %lu\n",
	    j->name, j->bad_bytes, j->bad_tokens, j->leaks, j->namesakes, j->malformed);
	if (j->restored != NULL)
		printf("%s: restored to the byte %lu, same values with needless escapes gone %lu, "
		       "wrong %lu\n",
		    j->name, j->restored_same, j->restored_inexact, j->restored_wrong);
	return fine ? 0 : 1;
}

static FILE *open_or_die(const char *path)
{
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	return f;
}

static cJSON *load_json(const char *path)
{
	FILE *f = open_or_die(path);
	char *text = NULL;
	size_t cap = 0;
	cJSON *json = NULL;

	if (getdelim(&text, &cap, 0, f) > 0)
		json = cJSON_Parse(text);
	free(text);
	fclose(f);
	return json;
}

static _Noreturn void usage(void)
{
	fprintf(stderr,
	    "usage: check_rewrite --in F --out F --hits F --truth F --name NAME "
	    "[--restored F] [--paths F --shape S]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct job j = { 0 };
	const char *paths = NULL;
	bool fine = true;
	int rc;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--in") == 0)
			j.in = open_or_die(argv[i + 1]);
		else if (strcmp(argv[i], "--out") == 0)
			j.out = open_or_die(argv[i + 1]);
		else if (strcmp(argv[i], "--hits") == 0)
			j.hits = open_or_die(argv[i + 1]);
		else if (strcmp(argv[i], "--truth") == 0)
			j.truth = open_or_die(argv[i + 1]);
		else if (strcmp(argv[i], "--restored") == 0)
			j.restored = open_or_die(argv[i + 1]);
		else if (strcmp(argv[i], "--name") == 0)
			j.name = argv[i + 1];
		else if (strcmp(argv[i], "--shape") == 0)
			j.shape = argv[i + 1];
		else if (strcmp(argv[i], "--paths") == 0)
			paths = argv[i + 1];
	}
	if (j.in == NULL || j.out == NULL || j.hits == NULL || j.truth == NULL || j.name == NULL ||
	    (paths != NULL && (j.shape == NULL || (j.paths = load_json(paths)) == NULL)))
		usage();
	while (fine && next_line(&j, 0, j.in) >= 0) {
		j.doc++;
		fine = check_line(&j);
		j.docs += fine;
	}
	rc = report(&j);
	if (next_line(&j, 1, j.out) >= 0) {
		complain(&j, "the output has more lines than the input", 0);
		rc = 1;
	}
	for (int i = 0; i < 5; i++)
		free(j.line[i]);
	cJSON_Delete(j.paths);
	fclose(j.in);
	fclose(j.out);
	fclose(j.hits);
	fclose(j.truth);
	if (j.restored != NULL)
		fclose(j.restored);
	return fine ? rc : 1;
}
