/*
 * collect_status.c - `scrim collect status`: what came, what was refused and
 * why, as scrimd's door and analytics each count it.
 *
 * Each is told even where the other does not answer.
 */
#include "cli/collect_viewd.h"
#include "cli/phone_ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TALLIES_MAX 4096

struct tallies {
	struct feed_tally *v;
	size_t n;
};

static int take_tally(void *arg, const struct feed_frame *f)
{
	struct tallies *t = arg;

	if (f->type != FEED_TALLY || t->n == TALLIES_MAX)
		return cli_fail(CLI_NO, "scrim-viewd's answer is malformed");
	t->v[t->n++] = f->u.tally;
	return CLI_GO_ON;
}

/* ---- names ---------------------------------------------------------------------------- */

/* Which of the counts are by what: an event's kind, a rule; and what they are called. */
enum tally_by { BY_NOTHING, BY_KIND, BY_RULE, BY_RULE_AND_KIND };
static const struct {
	const char *line;
	uint8_t by;
} rows[FEED_TALLY_END] = {
	[FEED_N_EVENTS] = { "events kept", BY_KIND },
	[FEED_N_QUARANTINED] = { "set aside", BY_RULE },
	[FEED_N_REFUSED] = { "refused at the door", BY_RULE_AND_KIND },
	[FEED_N_RELEASED] = { "released by operators", BY_RULE },
	[FEED_N_CONDEMNED] = { "condemned by operators", BY_RULE },
	[FEED_N_DUPLICATES] = { "had come before", BY_NOTHING },
	[FEED_N_LATE] = { "came late", BY_NOTHING },
	[FEED_N_PEOPLE] = { "people with features", BY_NOTHING },
	[FEED_N_VISITS] = { "visits without an account", BY_NOTHING },
	[FEED_N_UNCONSENTED] = { "without consent", BY_NOTHING },
	[FEED_N_ERASED] = { "erased", BY_NOTHING },
	[FEED_N_BYTES] = { "bytes on disk", BY_NOTHING },
	[FEED_N_SNAPSHOT] = { "snapshot", BY_NOTHING },
	[FEED_N_SNAPSHOT_AT] = { "  made at", BY_NOTHING },
	[FEED_N_DIGEST] = { "  digest", BY_NOTHING },
	[FEED_N_LIVE] = { "people, as of now", BY_NOTHING },
	[FEED_N_STALE] = { "  waiting for a snapshot", BY_NOTHING },
	[FEED_N_LIVE_BYTES] = { "  bytes of memory", BY_NOTHING },
	[FEED_N_DRAFTED] = { "releases drafted then", BY_NOTHING },
	[FEED_N_WITHHELD] = { "  withheld: see its log", BY_NOTHING },
};

/* What T's A stands for. */
static const char *part_of(const struct feed_tally *t)
{
	switch (rows[t->of].by) {
	case BY_KIND: return t->a < FEED_KIND_END ? feed_kind_names[t->a] : "?";
	case BY_NOTHING: return "";
	default: return t->a < FEED_RULE_END ? feed_rules[t->a].name : "?";
	}
}

/* ---- for people ------------------------------------------------------------------------- */

static void print_line(const char *what, uint64_t n)
{
	printf("  %-26s %14" PRIu64 "\n", what, n);
}

/* The sum of OF, and of which A it is made; 0 too where there is none, but for what is rare. */
static void print_tally(const struct tallies *t, uint8_t of)
{
	uint64_t sum = 0, part[256] = { 0 };
	char text[40];

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].of == of) {
			/* of releases the value is a number, or why there is none */
			sum += of == FEED_N_DRAFTED || of == FEED_N_WITHHELD ? 1 : t->v[i].value;
			part[t->v[i].a] += t->v[i].value;
		}
	if (of == FEED_N_SNAPSHOT_AT) {
		viewd_time(sum, text);
		printf("  %-26s %s\n", rows[of].line, sum == 0 ? "never" : text);
		return;
	}
	if (of == FEED_N_DIGEST) {
		printf("  %-26s %016" PRIx64 "\n", rows[of].line, sum);
		return;
	}
	print_line(rows[of].line, sum);
	for (unsigned a = 0; a < 256 && rows[of].by != BY_NOTHING; a++)
		if (part[a] != 0) {
			snprintf(text, sizeof(text), "  %s",
			    part_of(&(struct feed_tally){ .of = of, .a = (uint8_t)a }));
			print_line(text, part[a]);
		}
}

static void print_viewd(const struct tallies *t)
{
	puts("scrim-viewd, the event log");
	for (uint8_t of = 1; of < FEED_TALLY_END; of++)
		print_tally(t, of);
}

/* What scrimd says: its name, and ours for it. */
static const struct {
	const char *key, *line, *parts; /* PARTS: the member that tells why */
} door[] = {
	{ "taken", "came in", NULL },
	{ "in", "passed on", NULL },
	{ "set_aside", "set aside", "set_aside_by" },
	{ "refused", "refused", "refused" },
	{ "orders", "orders heard", NULL },
	{ "orders_waiting", "  still to be passed on", NULL },
	{ "orders_unreadable", "  without what is needed", NULL },
	{ "orders_dropped", "  for which was no room", NULL },
	{ "snapshots", "snapshots", NULL },
};

static uint64_t number_of(const struct doc_node *n)
{
	return n != NULL && n->kind == DOC_NUMBER ? strtoull(n->text, NULL, 10) : 0;
}

static uint64_t sum_of(const struct doc_node *object)
{
	uint64_t sum = 0;

	for (const struct doc_node *it = object->first; it != NULL; it = it->next)
		sum += number_of(it);
	return sum;
}

static void print_door_line(const struct doc_node *root, size_t i)
{
	const struct doc_node *n = doc_find(root, door[i].key), *parts;
	char text[40];

	if (n == NULL)
		return;
	print_line(door[i].line, n->kind == DOC_OBJECT ? sum_of(n) : number_of(n));
	if (door[i].parts == NULL || (parts = doc_find(root, door[i].parts)) == NULL)
		return;
	for (const struct doc_node *it = parts->first; it != NULL; it = it->next) {
		snprintf(text, sizeof(text), "  %.30s", it->key == NULL ? "?" : it->key);
		print_line(text, number_of(it));
	}
}

static bool is_true(const struct doc_node *n)
{
	return n != NULL && n->kind == DOC_BOOL && n->yes;
}

static void print_spool(const struct doc *doc)
{
	const struct doc_node *s = doc_find(doc->root, "spool");

	if (s == NULL)
		return;
	print_line("bytes waiting for viewd", number_of(doc_find(s, "bytes")));
	if (!is_true(doc_find(s, "connected")))
		puts("  scrim-viewd is not connected: what comes in waits");
	if (is_true(doc_find(s, "failed")))
		puts("  THE SPOOL'S DISK IS FULL OR HAS FAILED: nothing is taken in; make room, "
		     "or see scrimd's log");
}

static void print_dropped(const struct doc *doc)
{
	const struct doc_node *list = doc_find(doc->root, "dropped");
	char name[48];

	if (list == NULL || list->first == NULL)
		return;
	puts("  properties that stayed outside");
	for (const struct doc_node *it = list->first; it != NULL; it = it->next) {
		phone_said(doc, doc_find(it, "name"), name, sizeof(name));
		printf("    %-24.24s %14" PRIu64 "\n", name, number_of(doc_find(it, "n")));
	}
}

static void print_scrimd(const struct doc *doc)
{
	puts("scrimd, the door");
	for (size_t i = 0; i < sizeof(door) / sizeof(door[0]); i++)
		print_door_line(doc->root, i);
	print_spool(doc);
	print_dropped(doc);
}

/* ---- for programs ------------------------------------------------------------------------- */

static void json_tallies(struct jsonw *w, const struct tallies *t)
{
	char number[17];

	jsonw_array(w);
	for (size_t i = 0; i < t->n; i++) {
		const struct feed_tally *one = &t->v[i];

		jsonw_object(w);
		jsonw_kstr(w, "of", feed_tally_names[one->of]);
		if (rows[one->of].by != BY_NOTHING)
			jsonw_kstr(w, rows[one->of].by == BY_KIND ? "kind" : "rule", part_of(one));
		if (rows[one->of].by == BY_RULE_AND_KIND)
			jsonw_kstr(w, "kind",
			    one->b < FEED_KIND_END ? feed_kind_names[one->b] : "?");
		if (one->of == FEED_N_DIGEST) {
			snprintf(number, sizeof(number), "%016" PRIx64, one->value);
			jsonw_kstr(w, "value", number);
		} else {
			jsonw_ku64(w, "value", one->value);
		}
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static int print_json(const struct phone_answer *a, bool scrimd, const struct tallies *t,
    bool viewd)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);

	sc_buf_init(&out, REMOTE_ANSWER_MAX);
	jsonw_object(&w);
	jsonw_key(&w, "scrimd");
	if (scrimd)
		jsonw_raw(&w, sc_buf_span(&a->text));
	else
		jsonw_null(&w);
	jsonw_key(&w, "viewd");
	if (viewd)
		json_tallies(&w, t);
	else
		jsonw_null(&w);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

/* ---- both ----------------------------------------------------------------------------------- */

int cli_collect_status(const struct cli_call *c)
{
	struct tallies t = { .v = calloc(TALLIES_MAX, sizeof(*t.v)) };
	struct phone_answer a = { .text = { .n = 0 } };
	int door_rc, viewd_rc, rc = CLI_DONE;

	if (t.v == NULL)
		return cli_fail(CLI_NO, "out of memory");
	door_rc = phone_ask(c, "GET", "/v1/collect/status", sc_span(NULL, 0), &a);
	viewd_rc = viewd_ask(c, &(struct feed_ask){ .question = FEED_STATUS }, take_tally, &t);
	if (c->json)
		rc = print_json(&a, door_rc == CLI_GO_ON, &t, viewd_rc == CLI_GO_ON);
	if (!c->json && door_rc == CLI_GO_ON)
		print_scrimd(&a.doc);
	if (!c->json && viewd_rc == CLI_GO_ON)
		print_viewd(&t);
	phone_answer_fini(&a);
	free(t.v);
	if ((rc = rc == CLI_DONE ? cli_flush(rc) : rc) != CLI_DONE)
		return rc;
	return door_rc != CLI_GO_ON ? door_rc : viewd_rc != CLI_GO_ON ? viewd_rc : CLI_DONE;
}
