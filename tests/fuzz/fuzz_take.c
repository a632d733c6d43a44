/*
 * fuzz_take.c - any bytes as a body of events: refused, or taken apart into no more than
 * there is room for; what comes out is in its ranges and encodes as frames, and nothing
 * that a page says makes an account. Then the same bytes as the head's.
 */
#include "gateway/take/take.h"
#include "gateway/take/private.h"
#include "gateway/config/config.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1795687205000

static struct config *config;
static struct collect_bots *bots;

static void begin(void)
{
	static char text[16384];
	struct sc_diags all = { .n = 0 };
	FILE *f = fopen("tests/data/collect.json", "re");

	if (f == NULL || fread(text, 1, sizeof(text) - 1, f) == 0 ||
	    config_parse(sc_span_str(text), "policy/scrim.json", &all, &config) != SC_OK ||
	    collect_bots_new(NULL, &all.v[0], &bots) != SC_OK)
		abort();
	fclose(f);
}

static void count(void *arg, struct sc_span name)
{
	size_t *n = arg;

	if (name.n < 1 || name.n > 40)
		abort();
	++*n;
}

/* What every reader of a taken event relies on. */
static void check(const struct collect_taken *x, bool vouched)
{
	const struct feed_words *w = config->collect->words;
	struct feed_frame f = { .type = FEED_EVENT, .u.event = x->event };
	uint8_t out[FEED_FRAME_BYTES];

	if (x->account.n > COLLECT_ID_MAX || x->device.n > COLLECT_ID_MAX ||
	    x->message.n > COLLECT_ID_MAX || x->product.n > COLLECT_ID_MAX ||
	    x->order.n > COLLECT_ID_MAX || x->account_vouched != (x->account.n != 0) ||
	    (!vouched && (x->account.n != 0 || x->n_traits != 0 || x->what == COLLECT_A_LINK)))
		abort();
	if (x->refused != 0)
		return;
	if (x->message.n == 0 || x->event.at_ms == 0 || x->event.at_ms > NOW ||
	    x->event.late_s < 0 || (x->device.n == 0 && x->account.n == 0) ||
	    x->event.category > w->categories.n || x->event.campaign > w->campaigns.n ||
	    x->event.channel > w->channels.n || (x->inputs > 99 && x->inputs != 255))
		abort();
	f.u.event.id = 1;
	if (x->what == COLLECT_AN_EVENT && (x->event.kind == 0 || feed_encode(&f, out) != SC_OK))
		abort();
	if (x->what == COLLECT_A_WORD && (x->word < FEED_GRANT || x->word > FEED_WITHDRAW))
		abort();
}

static void take(struct sc_span body, unsigned site)
{
	static struct collect_taken out[COLLECT_EVENTS_MAX];
	static uint32_t index[COLLECT_EVENTS_MAX];
	const struct collect_visit visit = { .site = &config->collect->sites[site],
		.shop = (uint16_t)(site + 1),
		.received_ms = NOW,
		.vouched = site == 2 };
	size_t n, names = 0;
	const struct collect_dropped dropped = { count, &names };
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d;
	enum sc_err err =
	    collect_take(config->collect, &visit, &arena, body, &dropped, &d, out, index, &n);

	if (n > COLLECT_EVENTS_MAX || (err != SC_OK && (n != 0 || d.text[0] == '\0')) ||
	    (err != SC_OK && err != SC_SYNTAX && err != SC_LIMIT))
		abort();
	for (size_t i = 0; i < n; i++) {
		check(&out[i], visit.vouched);
		if (i > 0 && index[i] < index[i - 1])
			abort();
	}
	sc_arena_fini(&arena);
}

/* The key of a body is the one that a JSON reader finds, where that is written plainly. */
static void check_key(struct sc_span body)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_span key = collect_body_key(body);
	const struct doc_node *node;
	struct sc_diag d;
	struct doc doc;

	if (key.n > body.n || (key.n > 0 && (key.p < body.p || key.p + key.n > body.p + body.n)))
		abort();
	if (key.n > 0 && memchr(body.p, '\\', body.n) == NULL &&
	    doc_load_sent(&arena, body, 65536, &d, &doc) == SC_OK) {
		node = doc_find(doc.root, "writeKey");
		if (node == NULL || node->kind != DOC_TEXT || !sc_span_is(key, node->text))
			abort();
	}
	sc_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span s = sc_span(data, size);
	struct collect_agent agent;
	int64_t ms;

	if (config == NULL)
		begin();
	for (unsigned site = 0; site < 3; site++)
		take(s, site);
	check_key(s);
	collect_agent_of(bots, s, &agent);
	if (agent.family > FEED_OWN_APP || (agent.hints_due && agent.app))
		abort();
	(void)take_amount(s, 1);
	if (take_moment(s, &ms) && (ms < -62167305600000 || ms > 253402387200000))
		abort();
	return 0;
}
