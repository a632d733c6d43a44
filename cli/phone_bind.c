/*
 * phone_bind.c - `scrim phone bind`: virtual numbers for orders.
 *
 * Numbers or tokens come as words or, better, as lines of standard input: other
 * users of the machine can read the words of a command line. A line that is a
 * JSON object is one binding, as POST /v1/bindings takes it, and --pool and so
 * on are what it does not say itself. One line in, one line out; what was
 * refused gives an empty line, and why goes to standard error.
 */
#include "base/text/utf8.h"
#include "cli/lines.h"
#include "cli/phone_ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BIND_ITEMS 50 /* of one request: they become durable together */
#define BIND_LINE_MAX 4096

struct binding_batch {
	const struct cli_call *call;
	struct remote *remote;
	struct sc_buf body, answer;
	struct jsonw w;
	size_t n;       /* items in the body */
	uint64_t first; /* number of its first item, from 1 */
	uint64_t bound;
	int rc; /* worst so far */
};

static void begin(struct binding_batch *b)
{
	sc_buf_clear(&b->body);
	sc_buf_clear(&b->answer);
	b->w = jsonw(&b->body);
	b->first += b->n;
	b->n = 0;
	jsonw_object(&b->w);
	jsonw_key(&b->w, "items");
	jsonw_array(&b->w);
}

/* The number, until when it leads somewhere, and the binding's id, between tabs; or an empty line. */
static int take_item(struct binding_batch *b, const struct doc *doc, const struct doc_node *it,
    uint64_t number)
{
	char display[1024], id[64], until[32], status[40], why[200];
	bool bound = doc_find_text(it, "id") != NULL;

	b->bound += bound;
	phone_said(doc, doc_find(it, "display"), display, sizeof(display));
	phone_said(doc, doc_find(it, "expires_at"), until, sizeof(until));
	phone_said(doc, doc_find(it, "id"), id, sizeof(id));
	if (!b->call->json && bound)
		printf("%s\t%s\t%s\n", display, until, id);
	else if (!b->call->json)
		putchar('\n');
	if (bound)
		return CLI_DONE;
	phone_said(doc, doc_find(it, "status"), status, sizeof(status));
	phone_said(doc, doc_find(it, doc_find(it, "reason") != NULL ? "reason" : "retry_at"), why,
	    sizeof(why));
	return cli_fail(strcmp(status, "denied") == 0 ? CLI_REFUSED : CLI_NO, "item %llu: %s%s%s",
	    (unsigned long long)number, status,
	    strcmp(why, "-") == 0                     ? "" :
		strcmp(status, "pool_exhausted") == 0 ? ": a number may be free at " :
							": ",
	    strcmp(why, "-") == 0 ? "" : why);
}

static int print_answer(struct binding_batch *b)
{
	struct sc_arena arena = { .left = 0 };
	struct doc doc;
	const struct doc_node *items =
	    doc_load(&arena, sc_buf_span(&b->answer), NULL, NULL, &doc) == SC_OK ?
	    doc_find(doc.root, "items") :
	    NULL;
	uint64_t number = b->first;
	int rc = CLI_DONE, one;

	cli_progress(NULL);
	if (items == NULL || items->kind != DOC_LIST || items->n != b->n)
		rc = cli_fail(CLI_NO, "scrimd's answer does not fit the question");
	else if (b->call->json)
		rc = cli_out(sc_buf_span(&b->answer));
	for (const struct doc_node *it = rc == CLI_DONE ? items->first : NULL; it != NULL;
	     it = it->next)
		if ((one = take_item(b, &doc, it, number++)) > rc)
			rc = one;
	sc_arena_fini(&arena);
	rc = cli_flush(rc);
	if (b->bound > BIND_ITEMS)
		cli_progress("%llu bound", (unsigned long long)b->bound);
	return rc;
}

/* Ask for what has been gathered. CLI_GO_ON, or the code to stop with. */
static int ask(struct binding_batch *b)
{
	int rc;

	if (b->n == 0)
		return CLI_GO_ON;
	jsonw_array_end(&b->w);
	jsonw_object_end(&b->w);
	if (b->w.err != SC_OK)
		return cli_fail(CLI_NO, "%s", cli_err_text(b->w.err));
	rc = remote_ask(b->remote, "POST", "/v1/bindings", sc_buf_span(&b->body), &b->answer);
	if (rc != CLI_GO_ON) {
		cli_progress(NULL);
		return b->first == 1 ? rc :
				       cli_fail(rc,
					   "the first %llu were answered; all of them may be "
					   "sent again, and those stay as they are",
					   (unsigned long long)b->first - 1);
	}
	if ((rc = print_answer(b)) > b->rc)
		b->rc = rc;
	begin(b);
	return CLI_GO_ON;
}

/* What the options say, unless OBJECT (may be NULL) says it itself. */
static void put_options(struct binding_batch *b, const struct doc_node *object)
{
	const struct cli_phone *p = &b->call->phone;
	const struct {
		const char *key, *value;
	} texts[] = {
		{ "pool", p->pool },
		{ "order_ref", p->order },
		{ "b", p->b },
		{ "subject", b->call->subject },
	};
	char ttl[32];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].value != NULL && doc_find(object, texts[i].key) == NULL)
			jsonw_kstr(&b->w, texts[i].key, texts[i].value);
	if (p->ttl_s != 0 && doc_find(object, "ttl") == NULL &&
	    doc_find(object, "expires_at") == NULL) {
		snprintf(ttl, sizeof(ttl), "%llus", (unsigned long long)p->ttl_s);
		jsonw_kstr(&b->w, "ttl", ttl);
	}
}

/* One binding as a JSON object; its members are passed on as they are. */
static int add_object(struct binding_batch *b, struct sc_span line, unsigned long long number)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d = { .line = 0 };
	struct doc doc;
	int rc = CLI_GO_ON;

	if (doc_load(&arena, line, NULL, &d, &doc) != SC_OK)
		rc = cli_fail(CLI_USAGE, "item %llu, column %u: %s", number, d.column, d.text);
	else {
		const struct doc_node *o = doc.root;
		struct sc_span inside = sc_span(line.p + o->at + 1, o->end - o->at - 2);

		jsonw_object(&b->w);
		put_options(b, o);
		if (o->n > 0 && b->w.comma && b->w.err == SC_OK)
			b->w.err = sc_buf_put_str(b->w.out, ",");
		if (b->w.err == SC_OK)
			b->w.err = sc_buf_put_span(b->w.out, inside);
		jsonw_object_end(&b->w);
	}
	sc_arena_fini(&arena);
	return rc;
}

static int add_number(struct binding_batch *b, struct sc_span value)
{
	if (b->call->phone.order == NULL)
		return cli_fail(CLI_USAGE,
		    "say whose numbers these are: --order REF, or a JSON object a line");
	jsonw_object(&b->w);
	put_options(b, NULL);
	jsonw_key(&b->w, "a");
	jsonw_span(&b->w, value);
	jsonw_object_end(&b->w);
	return CLI_GO_ON;
}

static int add(void *arg, struct sc_span line)
{
	struct binding_batch *b = arg;
	unsigned long long number = b->first + b->n;
	int rc;

	if (line.n > BIND_LINE_MAX || !utf8_valid(line) || memchr(line.p, 0, line.n) != NULL)
		return cli_fail(CLI_USAGE, "item %llu is not UTF-8 text of at most %d bytes",
		    number, BIND_LINE_MAX);
	rc = line.n > 0 && line.p[0] == '{' ? add_object(b, line, number) : add_number(b, line);
	if (rc != CLI_GO_ON)
		return rc;
	b->n++;
	return b->n == BIND_ITEMS ? ask(b) : CLI_GO_ON;
}

int cli_phone_bind(const struct cli_call *c)
{
	bool input = c->n_words == 0 || (c->n_words == 1 && strcmp(c->words[0], "-") == 0);
	struct binding_batch b = { .call = c, .first = 1 };
	int rc;

	if (input && isatty(STDIN_FILENO))
		return cli_fail(CLI_USAGE, "give a number or token, or lines on standard input");
	if ((rc = remote_open(c, "application/json", &b.remote)) != CLI_GO_ON)
		return rc;
	sc_buf_init(&b.body, (BIND_LINE_MAX + 1024) * (BIND_ITEMS + 1));
	sc_buf_init(&b.answer, REMOTE_ANSWER_MAX);
	begin(&b);
	for (size_t i = 0; i < c->n_words && !input && rc == CLI_GO_ON; i++)
		rc = add(&b, sc_span_str(c->words[i]));
	if (input)
		rc = lines_of_input(BIND_LINE_MAX, add, &b);
	if (rc == CLI_GO_ON)
		rc = ask(&b);
	cli_progress(NULL);
	sc_buf_fini(&b.body);
	sc_buf_fini(&b.answer);
	remote_close(b.remote);
	return rc == CLI_GO_ON ? b.rc : rc;
}
