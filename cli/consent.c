/*
 * consent.c - `scrim consent show|set`: what a person or a device consents to.
 */
#include "cli/consent.h"

#include "cli/file.h"
#include "crypto/prim/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_MAX (64u << 20)

/* ---- asking ------------------------------------------------------------------------ */

int consent_ask(const struct cli_call *c, const char *method, struct sc_span body,
    struct phone_answer *out)
{
	char *id = remote_path(c->consent.device ? "/v1/devices/" : "/v1/subjects/", c->words[0]);
	char *path = NULL;
	int rc;

	*out = (struct phone_answer){ .text = { .n = 0 } };
	if (id == NULL || asprintf(&path, "%s/consents", id) < 0)
		rc = cli_fail(CLI_NO, "out of memory");
	else
		rc = phone_ask(c, method, path, body, out);
	free(path);
	free(id);
	return rc;
}

const char *consent_text(const struct doc_node *object, const char *key)
{
	const struct doc_node *node = doc_find(object, key);

	return node != NULL && node->kind == DOC_TEXT ? node->text : "";
}

/* ---- what counts ---------------------------------------------------------------------- */

static void print_counting(const struct doc *doc, const struct doc_node *purpose)
{
	const struct doc_node *granted = doc_find(purpose, "granted");
	char version[24];

	phone_said(doc, doc_find(purpose, "version"), version, sizeof(version));
	printf("%-20.40s  %-12s", purpose->key,
	    granted != NULL && granted->yes ? "granted" : "not granted");
	if (consent_text(purpose, "word")[0] == '\0')
		printf("  nothing was said\n");
	else
		printf("  %s, text %s, %s\n", consent_text(purpose, "word"), version,
		    consent_text(purpose, "at"));
}

static void print_said(const struct doc *doc, const struct doc_node *word)
{
	char version[24];

	phone_said(doc, doc_find(word, "version"), version, sizeof(version));
	printf("%s  %-12.40s  %-8s  text %s  %s %s", consent_text(word, "at"),
	    consent_text(word, "purpose"), consent_text(word, "word"), version,
	    consent_text(word, "source"), consent_text(word, "method"));
	if (consent_text(word, "evidence_sha256")[0] != '\0')
		printf("  evidence %.16s", consent_text(word, "evidence_sha256"));
	putchar('\n');
}

static int print_words(const struct phone_answer *a)
{
	const struct doc_node *counts = doc_find(a->doc.root, "consents");
	const struct doc_node *history = doc_find(a->doc.root, "history");

	for (const struct doc_node *p = counts == NULL ? NULL : counts->first; p != NULL;
	     p = p->next)
		print_counting(&a->doc, p);
	if (history != NULL && history->n != 0)
		putchar('\n');
	for (const struct doc_node *w = history == NULL ? NULL : history->first; w != NULL;
	     w = w->next)
		print_said(&a->doc, w);
	return cli_flush(CLI_DONE);
}

static int ask_and_print(const struct cli_call *c, const char *method, struct sc_span body)
{
	struct phone_answer a;
	int rc = consent_ask(c, method, body, &a);

	if (rc == CLI_GO_ON)
		rc = c->json ? cli_out(sc_buf_span(&a.text)) : print_words(&a);
	phone_answer_fini(&a);
	return rc;
}

int cli_consent_show(const struct cli_call *c)
{
	return ask_and_print(c, "GET", sc_span(NULL, 0));
}

/* ---- a word ------------------------------------------------------------------------------ */

/* SHA-256 of the file PATH under KEY: what it holds stays here. False: said why not. */
static bool put_digest(struct jsonw *w, const char *key, const char *path)
{
	uint8_t sha256[HASH_BYTES];
	struct sc_diag d = { .text = "" };
	struct sc_buf text;
	enum sc_err err;

	if (path == NULL)
		return true;
	sc_buf_init(&text, PROOF_MAX);
	if ((err = file_read(path, &text, &d)) == SC_OK) {
		hash_sha256(sc_buf_span(&text), sha256);
		jsonw_key(w, key);
		jsonw_hex(w, sha256, sizeof(sha256));
	} else {
		cli_fail_err(err, &d);
	}
	sc_buf_fini(&text);
	return err == SC_OK;
}

static void put_text(struct jsonw *w, const char *key, const char *text)
{
	if (text != NULL)
		jsonw_kstr(w, key, text);
}

int cli_consent_set(const struct cli_call *c)
{
	const struct cli_consent *s = &c->consent;
	struct sc_buf body;
	struct jsonw w;
	int rc = CLI_NO;

	if (s->to == NULL || s->word == NULL)
		return cli_fail(CLI_USAGE,
		    "give --to PURPOSE and --word grant, refuse or withdraw");
	sc_buf_init(&body, 16384);
	w = jsonw(&body);
	jsonw_object(&w);
	jsonw_kstr(&w, "purpose", s->to);
	jsonw_kstr(&w, "word", s->word);
	if (s->version != 0)
		jsonw_ku64(&w, "version", s->version);
	put_text(&w, "time", s->at);
	put_text(&w, "source", s->source);
	put_text(&w, "method", s->method);
	if (put_digest(&w, "text_sha256", s->text) &&
	    put_digest(&w, "evidence_sha256", s->evidence)) {
		jsonw_object_end(&w);
		rc = w.err == SC_OK ? ask_and_print(c, "PUT", sc_buf_span(&body)) :
				      cli_fail(CLI_USAGE, "that is too long");
	}
	sc_buf_fini(&body);
	return rc;
}
