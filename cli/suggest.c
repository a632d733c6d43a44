/*
 * suggest.c - `scrim suggest`: sample documents to the route that would protect them.
 */
#include "policy/suggest/suggest.h"

#include "base/text/doc.h"
#include "cli/cli.h"
#include "cli/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_MAX (64u << 20) /* of one document */
#define NODES_MAX 4000000

struct suggesting {
	const struct cli_call *call;
	struct suggest *s;
	uint64_t n, line;    /* documents understood; lines read */
	struct sc_buf whole; /* of a document that is not one to a line */
};

/* ---- samples ------------------------------------------------------------------------------------- */

static int add(struct suggesting *g, const struct doc *doc)
{
	enum sc_err err = suggest_add(g->s, doc->root);

	g->n++;
	if (err == SC_LIMIT)
		return cli_fail(CLI_NO, "the samples have more than %d different places",
		    SUGGEST_PLACES_MAX);
	return err == SC_OK ? CLI_GO_ON : cli_fail(CLI_NO, "out of memory");
}

static bool is_blank(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] > ' ')
			return false;
	return true;
}

/* One line: a document, or a part of one that is written over several. */
static int take_line(void *arg, struct sc_span line)
{
	struct suggesting *g = arg;
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d;
	struct doc doc;
	int rc = CLI_GO_ON;

	g->line++;
	if (g->whole.n == 0 && is_blank(line))
		return CLI_GO_ON;
	if (g->whole.n == 0 && doc_load_sent(&arena, line, NODES_MAX, &d, &doc) == SC_OK)
		rc = add(g, &doc);
	else if (sc_buf_put_span(&g->whole, line) != SC_OK ||
	    sc_buf_put(&g->whole, "\n", 1) != SC_OK)
		rc = cli_fail(CLI_NO, "a document of more than %u bytes", SAMPLE_MAX);
	else if (doc_load_sent(&arena, sc_buf_span(&g->whole), NODES_MAX, &d, &doc) == SC_OK) {
		rc = add(g, &doc);
		sc_buf_clear(&g->whole);
	}
	sc_arena_fini(&arena);
	return rc;
}

static int take_file(struct suggesting *g, const char *path)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = CLI_GO_ON;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return cli_fail(CLI_NO, "%s: %s", path, strerror(errno));
	while (rc == CLI_GO_ON && (n = getline(&line, &cap, f)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		rc = take_line(g, sc_span(line, (size_t)n));
	}
	free(line);
	fclose(f);
	return rc;
}

static int take_samples(struct suggesting *g)
{
	const struct cli_call *c = g->call;
	int rc = CLI_GO_ON;

	if (c->n_words == 0 || strcmp(c->words[0], "-") == 0)
		rc = lines_of_input(SAMPLE_MAX, take_line, g);
	for (size_t i = 0; i < c->n_words && rc == CLI_GO_ON; i++)
		if (strcmp(c->words[i], "-") != 0)
			rc = take_file(g, c->words[i]);
	if (rc == CLI_GO_ON && g->whole.n != 0)
		rc = cli_fail(CLI_NO,
		    "line %llu: from here on the samples are no JSON, one document or one a line",
		    (unsigned long long)g->line);
	if (rc == CLI_GO_ON && g->n == 0)
		rc = cli_fail(CLI_NO, "there is no sample");
	return rc;
}

/* ---- the route ------------------------------------------------------------------------------------ */

/* TEXT as JSON has it, with its quotes. */
static void print_text(const char *text)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);

	sc_buf_init(&out, 1u << 16);
	jsonw_str(&w, text);
	fwrite(out.p, 1, out.n, stdout);
	sc_buf_fini(&out);
}

static void print_key(const char *key, const char *text)
{
	printf("  \"%s\": ", key);
	print_text(text);
	printf(",\n");
}

static bool is_one(const struct suggest_place *p, enum suggest_do does, uint8_t class_id)
{
	return p->does == does && (does == SUGGEST_SCAN || p->class_id == class_id);
}

/* One rule for all places of a class, a line each. */
static bool print_rule(const struct suggest_place *v, size_t n, enum suggest_do does,
    uint8_t class_id, bool first)
{
	size_t many = 0, i = 0;

	for (size_t j = 0; j < n; j++)
		many += is_one(&v[j], does, class_id);
	if (many == 0)
		return false;
	printf("%s    { \"do\": \"%s\"", first ? "" : ",\n",
	    does == SUGGEST_SEAL ? "seal" : "scan");
	if (does == SUGGEST_SEAL)
		printf(", \"class\": \"%s\"", class_name(class_id));
	printf(", \"at\": [\n");
	for (size_t j = 0; j < n; j++) {
		if (!is_one(&v[j], does, class_id))
			continue;
		printf("      ");
		print_text(v[j].path);
		printf("%s", ++i == many ? "" : ",");
		if (v[j].unsure != NULL)
			printf(" // unsure: %s", v[j].unsure);
		printf("\n");
	}
	printf("    ] }");
	return true;
}

static void print_rules(const struct suggest_place *v, size_t n)
{
	bool any = false;

	printf("  \"request\": [\n");
	for (uint8_t c = 1; c < CLASS_BUILTIN_END; c++)
		any |= print_rule(v, n, SUGGEST_SEAL, c, !any);
	any |= print_rule(v, n, SUGGEST_SCAN, CLASS_NONE, !any);
	printf("\n  ],\n");
}

static void print_left(const struct suggest_place *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].left != NULL)
			printf("  // left alone: %s: %s\n", v[i].path, v[i].left);
}

static void print_route(const struct suggesting *g, const struct suggest_place *v, size_t n)
{
	const struct cli_call *c = g->call;
	const char *name = c->route == NULL ? "orders" : c->route;
	const char *subject = suggest_subject(g->s), *order = suggest_order(g->s);
	char path[256];

	printf("{\n");
	print_key("name", name);
	snprintf(path, sizeof(path), "/%.200s", name);
	printf("  \"match\": { \"path\": ");
	print_text(path);
	printf(" }, // unsure: where these documents are sent\n");
	printf("  \"upstream\": \"http://127.0.0.1:9001\", // unsure: who takes them\n");
	print_key("purpose", "order_processing");
	if (subject != NULL) {
		print_key("subject", subject);
	} else if (order != NULL) {
		printf("  \"subject\": { \"guest\": ");
		print_text(order);
		printf(
		    " }, // unsure: no customer's id was found, so each order is somebody's own\n");
	} else {
		printf(
		    "  // unsure: no customer's id was found, nor an order's: say \"subject\"\n");
	}
	if (order != NULL)
		print_key("order", order);
	print_left(v, n);
	print_rules(v, n);
	printf("  \"response\": \"mirror\"\n}\n");
}

static void put_json(struct jsonw *w, const struct suggesting *g, const struct suggest_place *v,
    size_t n)
{
	jsonw_object(w);
	jsonw_ku64(w, "documents", g->n);
	if (suggest_subject(g->s) != NULL)
		jsonw_kstr(w, "subject", suggest_subject(g->s));
	if (suggest_order(g->s) != NULL)
		jsonw_kstr(w, "order", suggest_order(g->s));
	jsonw_key(w, "places");
	jsonw_array(w);
	for (size_t i = 0; i < n; i++) {
		if (v[i].does == SUGGEST_NOTHING && v[i].left == NULL)
			continue;
		jsonw_object(w);
		jsonw_kstr(w, "at", v[i].path);
		jsonw_kstr(w, "do",
		    v[i].does == SUGGEST_SEAL     ? "seal" :
			v[i].does == SUGGEST_SCAN ? "scan" :
						    "leave");
		if (v[i].does == SUGGEST_SEAL)
			jsonw_kstr(w, "class", class_name(v[i].class_id));
		if (v[i].unsure != NULL)
			jsonw_kstr(w, "unsure", v[i].unsure);
		if (v[i].left != NULL)
			jsonw_kstr(w, "left", v[i].left);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static int tell(struct suggesting *g)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);
	size_t n, places = 0, unsure = 0;
	const struct suggest_place *v = suggest_places(g->s, &n);

	if (v == NULL)
		return cli_fail(CLI_NO, "out of memory");
	for (size_t i = 0; i < n; i++) {
		places += v[i].does != SUGGEST_NOTHING;
		unsure += v[i].does != SUGGEST_NOTHING && v[i].unsure != NULL;
	}
	if (g->call->json) {
		sc_buf_init(&out, SAMPLE_MAX);
		put_json(&w, g, v, n);
		return cli_out_json(&w);
	}
	if (places == 0)
		return cli_fail(CLI_NO, "nothing in these %llu documents looks personal",
		    (unsigned long long)g->n);
	print_route(g, v, n);
	fprintf(stderr,
	    "scrim: %zu places of %zu hold personal data, %zu of them unsure: look at those\n",
	    places, n, unsure);
	return cli_flush(CLI_DONE);
}

int cli_suggest(const struct cli_call *c)
{
	struct suggesting g = { .call = c, .s = suggest_new() };
	int rc;

	if (g.s == NULL)
		return cli_fail(CLI_NO, "out of memory");
	sc_buf_init(&g.whole, SAMPLE_MAX);
	rc = take_samples(&g);
	if (rc == CLI_GO_ON)
		rc = tell(&g);
	sc_buf_fini(&g.whole);
	suggest_free(g.s);
	return rc;
}
