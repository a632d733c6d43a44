/*
 * values.c - `scrim seal|reveal|index|mask`: single values and batches.
 *
 * Values come as words or, better, as lines of standard input: other users of
 * the machine can read the words of a command line. One line in, one line out;
 * what was refused gives an empty line, and why goes to standard error.
 */
#include "base/text/doc.h"
#include "base/text/utf8.h"
#include "cli/lines.h"
#include "cli/remote.h"
#include "cli/signer.h"
#include "crypto/limits.h"

#include <stdio.h>
#include <string.h>

#define BATCH_ITEMS 512
#define BATCH_BYTES (2u << 20)
#define SIGNED_BYTES \
	(96u << 10) /* of a batch that is signed: with one more token it is one message to keyd */

struct batch {
	const struct cli_call *call;
	struct remote *remote;
	struct sc_buf body, answer;
	struct jsonw w;
	size_t n;              /* items in the body */
	uint64_t first;        /* number of its first value, from 1 */
	int rc;                /* worst so far */
	struct signer *signer; /* NULL: nothing is signed */
	struct statement_scope scope;
};

static bool is_reveal(const struct batch *b)
{
	return strcmp(b->call->cmd->name, "reveal") == 0;
}

static void begin(struct batch *b)
{
	sc_buf_clear(&b->body);
	sc_buf_clear(&b->answer);
	b->w = jsonw(&b->body);
	b->first += b->n;
	b->n = 0;
	b->scope = (struct statement_scope){ .leaves = { .size = 0 } };
	jsonw_object(&b->w);
	jsonw_key(&b->w, "items");
	jsonw_array(&b->w);
}

/* The exit code that one item's status deserves. */
static int code_of(const char *status)
{
	if (strcmp(status, "ok") == 0)
		return CLI_DONE;
	return strcmp(status, "denied") == 0 || strcmp(status, "quota") == 0 ||
		strcmp(status, "unsigned") == 0 ?
	    CLI_REFUSED :
	    CLI_NO;
}

/* Print item IT of the answer, unless the whole was; a refusal becomes an empty line. */
static int take_item(const struct batch *b, const struct doc *doc, const struct doc_node *it,
    uint64_t number)
{
	static const char *const keys[] = { "token", "value", "index", "masked" };
	const char *status = doc_find_text(it, "status"), *why = doc_find_text(it, "reason");
	int code = code_of(status == NULL ? "?" : status);
	const struct doc_node *v = NULL;

	if (b->call->json)
		return code;
	/* a number comes as it was sealed, digit by digit */
	for (size_t i = is_reveal(b) ? 1 : 0; code == CLI_DONE && i < 4 && v == NULL; i++)
		v = doc_find(it, keys[i]);
	if (v != NULL && v->kind == DOC_NULL)
		v = NULL;
	if (v != NULL && v->half) {
		printf("\n");
		return cli_fail(CLI_NO,
		    "value %llu holds half a surrogate pair, which is no text: --json has it",
		    (unsigned long long)number);
	}
	printf("%.*s\n", SC_SPAN_ARG(doc_said(doc, v)));
	return code == CLI_DONE ?
	    code :
	    cli_fail(code, "value %llu: %.40s%s%.160s", (unsigned long long)number,
		status == NULL ? "?" : status, why == NULL ? "" : ": ", why == NULL ? "" : why);
}

static int print_answer(struct batch *b)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d = { .text = "" };
	struct doc doc;
	const struct doc_node *items =
	    doc_load_sent(&arena, sc_buf_span(&b->answer), b->answer.n, &d, &doc) == SC_OK ?
	    doc_find(doc.root, "items") :
	    NULL;
	uint64_t number = b->first;
	int rc = CLI_DONE, one;

	if (b->call->json)
		rc = cli_out(sc_buf_span(&b->answer));
	if (d.text[0] != '\0') /* such as a value with a NUL in it, which is no line either */
		rc = cli_fail(CLI_NO, "scrimd's answer cannot be read here%s: %s",
		    b->call->json ? "" : " (--json has it as it is)", d.text);
	else if (items == NULL || items->kind != DOC_LIST || items->n != b->n)
		rc = cli_fail(CLI_NO, "scrimd's answer does not fit the question");
	for (const struct doc_node *it = rc == CLI_DONE ? items->first : NULL; it != NULL;
	     it = it->next)
		if ((one = take_item(b, &doc, it, number++)) > rc)
			rc = one;
	sc_arena_fini(&arena);
	return cli_flush(rc);
}

/* The batch's own signature, where one is wanted. CLI_GO_ON or a code. */
static int sign(struct batch *b)
{
	struct sc_buf text;
	int rc;

	if (b->signer == NULL)
		return CLI_GO_ON;
	sc_buf_init(&text, 2 * CRYPTO_STATEMENT_MAX);
	if ((rc = signer_sign(b->signer, b->call, "read", &b->scope, &text)) == CLI_GO_ON)
		rc = remote_also(b->remote, "Scrim-Signature", sc_buf_span(&text));
	sc_buf_fini(&text);
	return rc;
}

/* Ask for what has been gathered. CLI_GO_ON, or the code to stop with. */
static int ask(struct batch *b)
{
	char path[32];
	int rc;

	if (b->n == 0)
		return CLI_GO_ON;
	jsonw_array_end(&b->w);
	jsonw_object_end(&b->w);
	if (b->w.err != SC_OK)
		return cli_fail(CLI_NO, "%s", cli_err_text(b->w.err));
	snprintf(path, sizeof(path), "/v1/%s", b->call->cmd->name);
	if ((rc = sign(b)) != CLI_GO_ON)
		return rc;
	rc = remote_ask(b->remote, "POST", path, sc_buf_span(&b->body), &b->answer);
	if (rc != CLI_GO_ON)
		return rc;
	if ((rc = print_answer(b)) > b->rc)
		b->rc = rc;
	begin(b);
	return CLI_GO_ON;
}

static int add(void *arg, struct sc_span value)
{
	struct batch *b = arg;
	unsigned long long number = b->first + b->n;

	if (value.n > CRYPTO_VALUE_MAX)
		return cli_fail(CLI_USAGE, "value %llu is longer than %d bytes", number,
		    CRYPTO_VALUE_MAX);
	if (!utf8_valid(value) || memchr(value.p, 0, value.n) != NULL)
		return cli_fail(CLI_USAGE, "value %llu is not UTF-8 text", number);
	jsonw_object(&b->w);
	if (b->call->class != NULL)
		jsonw_kstr(&b->w, "class", b->call->class);
	if (b->call->subject != NULL)
		jsonw_kstr(&b->w, "subject", b->call->subject);
	jsonw_key(&b->w, is_reveal(b) ? "token" : "value");
	jsonw_span(&b->w, value);
	jsonw_object_end(&b->w);
	b->n++;
	if (b->signer != NULL)
		statement_scope_add(&b->scope, value);
	if (b->signer != NULL && b->body.n >= SIGNED_BYTES)
		return ask(b);
	return b->n >= BATCH_ITEMS || b->body.n >= BATCH_BYTES / 2 ? ask(b) : CLI_GO_ON;
}

int cli_values(const struct cli_call *c)
{
	struct batch b = { .call = c, .first = 1 };
	struct signer signer;
	int rc;

	if (c->class == NULL && !is_reveal(&b))
		return cli_fail(CLI_USAGE, "say what the values are, such as --class phone");
	if (c->class != NULL && is_reveal(&b))
		return cli_fail(CLI_USAGE, "a token tells its class itself: leave --class out");
	if (c->subject != NULL && is_reveal(&b))
		return cli_fail(CLI_USAGE, "a token tells whose it is itself: leave --subject out");
	if (c->sign != NULL) {
		if ((rc = signer_load(c->sign, &signer)) != CLI_GO_ON)
			return rc;
		b.signer = &signer;
	}
	if ((rc = remote_open(c, "application/json", &b.remote)) != CLI_GO_ON)
		goto out;
	sc_buf_init(&b.body, BATCH_BYTES);
	sc_buf_init(&b.answer, REMOTE_ANSWER_MAX);
	begin(&b);
	for (size_t i = 0; i < c->n_words && rc == CLI_GO_ON; i++)
		rc = add(&b, sc_span_str(c->words[i]));
	if (c->n_words == 0)
		rc = lines_of_input(CRYPTO_VALUE_MAX, add, &b);
	if (rc == CLI_GO_ON)
		rc = ask(&b);
	sc_buf_fini(&b.body);
	sc_buf_fini(&b.answer);
	remote_close(b.remote);
out:
	if (b.signer != NULL)
		signer_fini(&signer);
	return rc == CLI_GO_ON ? b.rc : rc;
}
