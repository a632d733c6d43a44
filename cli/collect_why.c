/*
 * collect_why.c - `scrim collect why`: what is held against an event, or by a
 * rule, in words.
 *
 * A shop knows its message by the id it gave it; scrimd alone can say by which number analytics
 * knows that.
 */
#include "cli/collect_viewd.h"
#include "cli/phone_ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOWN 20 /* verdicts of a rule, unless --limit says otherwise */
#define VERDICTS_MAX 65536

struct why {
	bool json, found;
	uint64_t event;
	struct feed_event what; /* when it was found */
	struct feed_verdict *v; /* as they were told */
	size_t verdicts;
	struct sc_buf out;
	struct jsonw w;
	uint64_t tally[FEED_TALLY_END]; /* of a rule */
};

/* ---- an event ------------------------------------------------------------------------------ */

static void json_number(struct jsonw *w, const char *key, uint64_t v)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, v);
	jsonw_kstr(w, key, text);
}

static const char *kind_name(uint8_t kind)
{
	return kind < FEED_KIND_END ? feed_kind_names[kind] : "?";
}

/* What analytics knows of it: no name, and no text. */
static void print_event(const struct feed_event *e)
{
	char at[24];

	viewd_time(e->at_ms, at);
	printf("event %016" PRIx64 ": %s at %s, shop %u%s%s%s\n", e->id, kind_name(e->kind), at,
	    e->shop, (e->flags & FEED_VOUCHED) != 0 ? ", vouched for" : ", a page's word",
	    (e->flags & FEED_LATE) != 0 ? ", late" : "",
	    (e->flags & FEED_CLOCK_OFF) != 0 ? ", its clock is off" : "");
}

static void json_event(struct jsonw *w, const struct feed_event *e)
{
	jsonw_kstr(w, "kind", kind_name(e->kind));
	jsonw_ku64(w, "at_ms", e->at_ms);
	jsonw_ku64(w, "shop", e->shop);
	jsonw_key(w, "vouched");
	jsonw_bool(w, (e->flags & FEED_VOUCHED) != 0);
	jsonw_key(w, "late");
	jsonw_bool(w, (e->flags & FEED_LATE) != 0);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static void print_verdict(const struct why *y, const struct feed_verdict *v)
{
	char says[FEED_SAY_MAX], at[24];

	feed_verdict_say(v, says, sizeof(says));
	viewd_time(v->at_ms, at);
	if (y->event == 0 && v->event != 0)
		printf("%016" PRIx64 "  ", v->event);
	printf("%s  %s\n", at, says);
}

static void json_verdict(struct jsonw *w, const struct feed_verdict *v)
{
	static const char *const actions[] = { "refuse", "quarantine", "release", "condemn" };
	char says[FEED_SAY_MAX];

	feed_verdict_say(v, says, sizeof(says));
	jsonw_object(w);
	if (v->event != 0)
		json_number(w, "event", v->event);
	jsonw_ku64(w, "at_ms", v->at_ms);
	jsonw_kstr(w, "action", v->action < 4 ? actions[v->action] : "?");
	jsonw_kstr(w, "rule", v->rule < FEED_RULE_END ? feed_rules[v->rule].name : "?");
	jsonw_ku64(w, "version", v->rule_version);
	jsonw_ku64(w, "n", v->n);
	jsonw_ku64(w, "expected", v->expected);
	jsonw_ku64(w, "threshold", v->threshold);
	jsonw_kstr(w, "says", says);
	jsonw_object_end(w);
}

static int take(void *arg, const struct feed_frame *f)
{
	struct why *y = arg;

	if (f->type == FEED_EVENT && y->event != 0 && !y->found) {
		y->found = true;
		y->what = f->u.event;
	} else if (f->type == FEED_VERDICT && y->verdicts < VERDICTS_MAX) {
		y->v[y->verdicts++] = f->u.verdict;
	} else if (f->type == FEED_TALLY && y->event == 0) {
		y->tally[f->u.tally.of] += f->u.tally.value;
	} else {
		return cli_fail(CLI_NO, "scrim-viewd's answer is malformed");
	}
	return CLI_GO_ON;
}

/* What a rule's verdicts came to. */
static void put_tallies(struct why *y)
{
	for (uint8_t of = 1; of < FEED_TALLY_END; of++) {
		if (y->tally[of] == 0)
			continue;
		if (y->json)
			jsonw_ku64(&y->w, feed_tally_names[of], y->tally[of]);
		else
			printf("%s: %" PRIu64 "\n", feed_tally_names[of], y->tally[of]);
	}
}

/* ---- which ------------------------------------------------------------------------------------- */

/* "/v1/collect/number?site=S&message=ID" or "?order=ID", the caller's to free(); NULL: no memory. */
static char *number_path(const struct cli_call *c)
{
	char *site, *path = NULL, *id = NULL;

	if (c->phone.order != NULL)
		return remote_path("/v1/collect/number?order=", c->phone.order);
	site = remote_path("/v1/collect/number?site=", c->site);
	if (site != NULL && (id = remote_path("", c->message)) != NULL &&
	    asprintf(&path, "%s&message=%s", site, id) < 0)
		path = NULL;
	free(site);
	free(id);
	return path;
}

static int ask_number(const struct cli_call *c, struct feed_ask *ask)
{
	char *path = number_path(c);
	struct phone_answer a = { .text = { .n = 0 } };
	const char *number;
	int rc;

	if (path == NULL)
		return cli_fail(CLI_NO, "out of memory");
	rc = phone_ask(c, "GET", path, sc_span(NULL, 0), &a);
	free(path);
	if (rc == CLI_GO_ON) {
		number = doc_find_text(a.doc.root, "event");
		rc = number == NULL ?
		    cli_fail(CLI_NO, "scrimd's answer does not fit the question") :
		    viewd_what(number, ask);
	}
	phone_answer_fini(&a);
	return rc;
}

static int which(const struct cli_call *c, struct feed_ask *ask)
{
	if ((c->message == NULL) != (c->site == NULL))
		return cli_fail(CLI_USAGE, "--message and --site go together: an id is its site's");
	if ((c->message != NULL) + (c->phone.order != NULL) + (c->n_words != 0) != 1)
		return cli_fail(CLI_USAGE,
		    "give an event's number, a rule, --message ID --site NAME, or --order ID");
	return c->n_words == 0 ? ask_number(c, ask) : viewd_what(c->words[0], ask);
}

static void json_why(struct why *y, uint8_t rule)
{
	jsonw_object(&y->w);
	if (y->event != 0)
		json_number(&y->w, "event", y->event);
	else
		jsonw_kstr(&y->w, "rule", feed_rules[rule].name);
	if (y->found)
		json_event(&y->w, &y->what);
	jsonw_key(&y->w, "verdicts");
	jsonw_array(&y->w);
	for (size_t i = 0; i < y->verdicts; i++)
		json_verdict(&y->w, &y->v[i]);
	jsonw_array_end(&y->w);
	put_tallies(y);
	jsonw_object_end(&y->w);
}

static int tell(struct why *y, uint8_t rule)
{
	bool known = y->found || y->verdicts != 0;

	for (uint8_t of = 1; of < FEED_TALLY_END; of++)
		known |= y->tally[of] != 0;
	if (!known)
		return cli_fail(CLI_NO,
		    y->event != 0 ? "analytics keeps no such event: it was refused, is too old, "
				    "or never came" :
				    "this rule holds nothing against anything");
	if (y->json) {
		json_why(y, rule);
		return cli_out_json(&y->w);
	}
	if (y->found)
		print_event(&y->what);
	for (size_t i = 0; i < y->verdicts; i++)
		print_verdict(y, &y->v[i]);
	put_tallies(y);
	if (y->verdicts == 0)
		puts("nothing is held against it");
	return cli_flush(CLI_DONE);
}

int cli_collect_why(const struct cli_call *c)
{
	struct feed_ask ask = { .max = c->filter.limit == 0 ? SHOWN :
		    c->filter.limit > VERDICTS_MAX          ? VERDICTS_MAX :
							      (uint32_t)c->filter.limit };
	struct why y = { .json = c->json, .v = calloc(VERDICTS_MAX, sizeof(*y.v)) };
	int rc;

	if (y.v == NULL)
		return cli_fail(CLI_NO, "out of memory");
	sc_buf_init(&y.out, 64u << 20);
	y.w = jsonw(&y.out);
	if ((rc = which(c, &ask)) == CLI_GO_ON) {
		y.event = ask.event;
		ask.question = ask.event != 0 ? FEED_WHY_EVENT : FEED_WHY_RULE;
		rc = viewd_ask(c, &ask, take, &y);
	}
	if (rc == CLI_GO_ON)
		rc = tell(&y, ask.rule);
	sc_buf_fini(&y.out);
	free(y.v);
	return rc;
}
