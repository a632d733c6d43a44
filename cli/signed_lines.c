/*
 * signed_lines.c - a statement for each line that has tokens: of all of them, in the order in
 * which they stand, in texts as well. scrimd finds them the same way (gateway/protect).
 */
#include "cli/signed_lines.h"

#include "base/text/doc.h"
#include "cli/lines.h"
#include "cli/signer.h"
#include "crypto/token/token.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (80u << 20)
#define NODES_MAX (1u << 20)

struct signed_lines {
	const struct cli_call *call;
	struct signer signer;
	struct sc_buf part; /* a line that is not whole yet */
	struct sc_buf out;  /* what may go up, from AT on */
	size_t at;
};

/* How many tokens stand in TEXT, which are SCOPE's. */
static size_t add_tokens(struct statement_scope *scope, struct sc_span text)
{
	struct sc_span token;
	size_t n = 0;

	for (size_t from = 0; token_find(text, from, &token); n++) {
		statement_scope_add(scope, token);
		from = (size_t)(token.p - text.p) + token.n;
	}
	return n;
}

static size_t add_node(struct statement_scope *scope, const struct doc_node *node)
{
	size_t n = 0;

	if (node->kind == DOC_TEXT)
		return add_tokens(scope, sc_span_str(node->text));
	/* no deeper than a document may be */
	if (node->kind == DOC_LIST || node->kind == DOC_OBJECT)
		for (const struct doc_node *x = node->first; x != NULL; x = x->next)
			n += add_node(scope, x);
	return n;
}

/* The tokens of LINE: how many. */
static size_t scope_of(struct sc_span line, struct statement_scope *scope)
{
	struct sc_arena arena = { .left = 0 };
	struct doc doc;
	size_t n = doc_load_sent(&arena, line, NODES_MAX, NULL, &doc) == SC_OK ?
	    add_node(scope, doc.root) :
	    0;

	sc_arena_fini(&arena);
	return n;
}

static int put_line(void *arg, struct sc_span line)
{
	struct statement_scope scope = { .leaves = { .size = 0 } };
	struct signed_lines *s = arg;
	enum sc_err err = SC_OK;
	int rc = CLI_GO_ON;

	if (scope_of(line, &scope) > 0) {
		if ((err = sc_buf_put_str(&s->out, "{\"scrim_signature\":\"")) == SC_OK)
			rc = signer_sign(&s->signer, s->call, "export", &scope, &s->out);
		if (rc != CLI_GO_ON)
			return rc;
		if (err == SC_OK)
			err = sc_buf_put_str(&s->out, "\"}\n");
	}
	if (err == SC_OK && (err = sc_buf_put_span(&s->out, line)) == SC_OK)
		err = sc_buf_put(&s->out, "\n", 1);
	return err == SC_OK ? CLI_GO_ON : cli_fail(CLI_NO, "a line: %s", cli_err_text(err));
}

int signed_lines_put(struct signed_lines *s, struct sc_span in, bool end)
{
	int rc = lines_put(&s->part, in, put_line, s);

	if (rc != CLI_GO_ON || !end || s->part.n == 0)
		return rc;
	rc = put_line(s, sc_buf_span(&s->part));
	sc_buf_clear(&s->part);
	return rc;
}

size_t signed_lines_left(const struct signed_lines *s)
{
	return s->out.n - s->at;
}

size_t signed_lines_take(struct signed_lines *s, char *p, size_t room)
{
	const size_t left = signed_lines_left(s), n = left < room ? left : room;

	memcpy(p, s->out.p + s->at, n);
	s->at += n;
	if (s->at == s->out.n) {
		sc_buf_clear(&s->out);
		s->at = 0;
	}
	return n;
}

int signed_lines_new(const struct cli_call *c, struct signed_lines **out)
{
	struct signed_lines *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL)
		return cli_fail(CLI_NO, "out of memory");
	if ((rc = signer_load(c->sign, &s->signer)) != CLI_GO_ON) {
		free(s);
		return rc;
	}
	s->call = c;
	sc_buf_init(&s->part, LINE_MAX_BYTES);
	sc_buf_init(&s->out, 2 * (size_t)LINE_MAX_BYTES);
	*out = s;
	return CLI_GO_ON;
}

void signed_lines_free(struct signed_lines *s)
{
	if (s == NULL)
		return;
	signer_fini(&s->signer);
	sc_buf_fini(&s->part);
	sc_buf_fini(&s->out);
	free(s);
}
