/*
 * audit_show.c - `scrim audit show`, `stats` and `prove`: reading a log.
 */
#include "audit/review/review.h"
#include "base/text/doc.h"
#include "cli/audit_person.h"
#include "cli/logs.h"
#include "cli/quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PROOF_MAX 65536

/* ---- show --------------------------------------------------------------- */

#define KIND_WIDTH 8
#define FOLLOW_NS 200000000 /* between two looks for what was added */

struct shown {
	bool json;
	uint64_t next; /* the index behind the last entry shown */
};

/* {"index":N,"entry":{...}} */
static enum sc_err show_json(uint64_t index, struct sc_span json)
{
	return printf("{\"index\":%llu,\"entry\":", (unsigned long long)index) > 0 &&
		fwrite(json.p, 1, json.n, stdout) == json.n && fputs("}\n", stdout) != EOF ?
	    SC_OK :
	    SC_IO;
}

/* "2026-11-21 20:14:03" */
static void print_time(uint64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[32] = "?";

	if (gmtime_r(&t, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	printf("  %s", text);
}

/* Words that somebody wrote, whatever they look like. */
static bool is_written(const char *key)
{
	return strcmp(key, "reason") == 0 || strcmp(key, "ticket") == 0;
}

/* One member of a record; what is grouped in it comes without its braces. */
static void print_member(const struct doc *doc, const struct doc_node *it)
{
	if (it->kind != DOC_OBJECT) {
		printf("  ");
		quote_print(stdout, sc_span_str(it->key), false);
		putchar('=');
		if (it->kind == DOC_TEXT)
			quote_print(stdout, sc_span_str(it->text), is_written(it->key));
		else
			quote_print_json(stdout, doc_said(doc, it));
		return;
	}
	for (const struct doc_node *inner = it->first; inner != NULL; inner = inner->next)
		print_member(doc, inner);
}

/* Index, time, kind, then what else the record says as name=value. */
static enum sc_err show_text(uint64_t index, struct sc_span json)
{
	struct sc_arena arena = { .left = 0 };
	struct doc doc = { .root = NULL };
	bool record = doc_load(&arena, json, NULL, NULL, &doc) == SC_OK;
	const struct doc_node *at = doc_find(record ? doc.root : NULL, "at");
	const char *kind = doc_find_text(record ? doc.root : NULL, "kind");

	printf("%8llu", (unsigned long long)index);
	if (at != NULL && at->kind == DOC_NUMBER)
		print_time(strtoull(at->text, NULL, 10));
	if (kind != NULL) {
		printf("  ");
		quote_print(stdout, sc_span_str(kind), false);
		printf("%*s", strlen(kind) < KIND_WIDTH ? (int)(KIND_WIDTH - strlen(kind)) : 0, "");
	}
	if (record && doc.root->kind == DOC_OBJECT)
		for (const struct doc_node *it = doc.root->first; it != NULL; it = it->next)
			if (it != at && it->text != kind && strcmp(it->key, "v") != 0)
				print_member(&doc, it);
	sc_arena_fini(&arena);
	return putchar('\n') == EOF ? SC_IO : SC_OK;
}

static enum sc_err show_entry(void *arg, uint64_t index, struct sc_span json)
{
	struct shown *s = arg;

	s->next = index + 1;
	return s->json ? show_json(index, json) : show_text(index, json);
}

/* Nobody is told that a person was not looked at by a log that cannot know. */
static int tell_unsure(const struct audit_found *found)
{
	const int said = cli_fail(CLI_NO,
	    "%llu more entries are of more people than this log names: whether of this one, "
	    "keyd's log tells (--keyd)",
	    (unsigned long long)found->unsure);

	return found->matched == 0 ? said : CLI_DONE;
}

/* Both at the end of what there is; what was found is found all the same. */
static int tell_unknown(const struct cli_call *c, const struct audit_person *p,
    const struct audit_found *found)
{
	const bool gone = p != NULL && audit_person_tell(c, p);
	const int rc = found->unsure > 0 ? tell_unsure(found) : CLI_DONE;

	return gone && found->matched == 0 ? CLI_NO : rc;
}

/* What there is, about P (NULL: anybody); with --follow also what is added, until the limit or a signal. */
static int show(const struct cli_call *c, const char *dir, struct audit_filter f,
    const struct audit_person *p)
{
	const struct timespec pause = { .tv_nsec = FOLLOW_NS };
	struct shown s = { .json = c->json, .next = f.since };
	struct sc_diag d = { .line = 0 };
	struct audit_found found;
	enum sc_err err;
	int rc;

	for (;;) {
		if ((err = audit_show(dir, &f, show_entry, &s, &d, &found)) != SC_OK)
			return cli_fail_err(err, &d);
		rc = cli_flush(CLI_DONE);
		if (rc == CLI_DONE)
			rc = tell_unknown(c, p, &found);
		p = NULL; /* that is said once */
		if (rc != CLI_DONE || !c->follow || (f.limit != 0 && found.matched == f.limit))
			return rc;
		if (f.limit != 0)
			f.limit -= found.matched;
		f.since = s.next;
		nanosleep(&pause, NULL);
	}
}

int cli_audit_show(const struct cli_call *c)
{
	struct audit_filter f = c->filter;
	struct audit_person *p = NULL;
	char dir[FILE_PATH_MAX], *end = NULL;
	int rc;

	if (c->request != NULL &&
	    ((f.request_id = strtoull(c->request, &end, 16)) == 0 || *end != '\0'))
		return cli_fail(CLI_USAGE, "--request needs a request id: 16 hexadecimal digits");
	if (c->person != NULL && f.subject != NULL)
		return cli_fail(CLI_USAGE, "--person and --subject say the same: give one");
	if ((rc = logs_choose(c, dir)) != CLI_GO_ON)
		return rc;
	if (c->person != NULL) {
		if ((p = calloc(1, sizeof(*p))) == NULL)
			return cli_fail(CLI_NO, "out of memory");
		rc = audit_person_ask(c, p);
		f.subject = p->handles;
	}
	if (rc == CLI_GO_ON)
		rc = show(c, dir, f, p);
	free(p);
	return rc;
}

/* ---- stats -------------------------------------------------------------- */

#define NAME_WIDTH 32

struct told {
	bool json;
	size_t rows;    /* so far */
	struct jsonw w; /* all of it, should it be wanted */
};

static void tell(struct told *t, const char *label, const char *name, uint64_t n)
{
	bool first = t->rows++ == 0;

	jsonw_ku64(&t->w, name[0] == '\0' ? label : name, n);
	if (t->json || (n == 0 && !first))
		return;
	printf("%-12s ", label);
	if (name[0] != '\0')
		quote_print(stdout, sc_span_str(name), false);
	printf("%*s %12llu\n", strlen(name) < NAME_WIDTH ? (int)(NAME_WIDTH - strlen(name)) : 0, "",
	    (unsigned long long)n);
}

static void tell_tally(struct told *t, const char *key, const char *label,
    const struct audit_tally *names)
{
	jsonw_key(&t->w, key);
	jsonw_object(&t->w);
	for (size_t i = 0; i < AUDIT_STATS_NAMES && names[i].name[0] != '\0'; i++)
		tell(t, i == 0 ? label : "", names[i].name, names[i].n);
	jsonw_object_end(&t->w);
}

static int tell_stats(const struct audit_stats *s, bool json)
{
	struct sc_buf b;
	struct told t = { .json = json, .w = jsonw(&b) };

	sc_buf_init(&b, 1u << 20);
	jsonw_object(&t.w);
	tell(&t, "entries", "", s->entries);
	tell(&t, "bytes", "", s->bytes);
#define TELL(name) tell(&t, #name, "", s->name);
	AUDIT_COUNTS(TELL)
#undef TELL
	tell(&t, "unreadable", "", s->unreadable);
	jsonw_ku64(&t.w, "first_ms", s->first_ms);
	jsonw_ku64(&t.w, "last_ms", s->last_ms);
	jsonw_key(&t.w, "kinds");
	jsonw_object(&t.w);
	for (unsigned i = 0; i < AUDIT_KIND_COUNT; i++)
		if (s->kinds[i] > 0)
			tell(&t, "kind", audit_kind_name(i), s->kinds[i]);
	jsonw_object_end(&t.w);
	tell_tally(&t, "principals", "principal", s->principals);
	tell_tally(&t, "routes", "route", s->routes);
	tell_tally(&t, "classes", "class", s->classes);
	jsonw_object_end(&t.w);
	if (json)
		return cli_out_json(&t.w);
	sc_buf_fini(&b);
	return cli_flush(CLI_DONE);
}

int cli_audit_stats(const struct cli_call *c)
{
	struct audit_stats *s = calloc(1, sizeof(*s));
	struct sc_diag d = { .line = 0 };
	char dir[FILE_PATH_MAX];
	enum sc_err err;
	int rc = s == NULL ? cli_fail(CLI_NO, "out of memory") : logs_choose(c, dir);

	if (rc == CLI_GO_ON) {
		err = audit_stats(dir, &d, s);
		rc = err == SC_OK ? tell_stats(s, c->json) : cli_fail_err(err, &d);
	}
	free(s);
	return rc;
}

/* ---- prove -------------------------------------------------------------- */

/* Hold the receipt against the entry on standard input. */
static int check_proof(const struct cli_call *c)
{
	struct audit_proven p;
	struct sc_diag d = { .line = 0 };
	struct sc_buf proof, entry;
	char *vkey = NULL;
	bool own;
	enum sc_err err;
	int rc = CLI_DONE;

	sc_buf_init(&proof, PROOF_MAX);
	sc_buf_init(&entry, PROOF_MAX + 1);
	if (c->vkey != NULL && (rc = logs_vkey("", c->vkey, &vkey, &own)) != CLI_GO_ON)
		goto out;
	if ((err = file_read(c->check, &proof, &d)) != SC_OK ||
	    (err = file_read("-", &entry, &d)) != SC_OK) {
		rc = cli_fail_diag(CLI_NO, &d);
		goto out;
	}
	if (entry.n > 0 && entry.p[entry.n - 1] == '\n')
		sc_buf_truncate(&entry, entry.n - 1);
	err = audit_proof_check(sc_buf_span(&proof), sc_buf_span(&entry), vkey, &d, &p);
	rc = err == SC_OK ? CLI_DONE : cli_fail_err(err, &d);
	if (c->json)
		printf("{\"ok\":%s,\"signature_checked\":%s}\n", err == SC_OK ? "true" : "false",
		    err == SC_OK && p.signature_checked ? "true" : "false");
	else if (err == SC_OK)
		printf("entry %llu stands in %s, under the head of %llu entries; signature %s\n",
		    (unsigned long long)p.index, p.head.origin, (unsigned long long)p.head.size,
		    p.signature_checked ? "holds" : "NOT checked (give --vkey)");
out:
	free(vkey);
	sc_buf_fini(&proof);
	sc_buf_fini(&entry);
	return rc;
}

/* Write the receipt of entry INDEX to OUT, or to standard output. */
static int make_proof(const char *dir, uint64_t index, const char *out)
{
	struct sc_diag d = { .line = 0 };
	struct sc_buf proof;
	enum sc_err err;
	int rc;

	sc_buf_init(&proof, PROOF_MAX);
	err = audit_prove(dir, index, &d, &proof, NULL);
	if (err == SC_AGAIN)
		rc = cli_fail(CLI_NO,
		    "entry %llu is not under a signature yet; try again in a second",
		    (unsigned long long)index);
	else if (err != SC_OK)
		rc = cli_fail_err(err, &d);
	else if (out == NULL)
		rc = cli_out(sc_buf_span(&proof));
	else
		rc = file_write(out, 0644, true, sc_buf_span(&proof), &d) == SC_OK ?
		    CLI_DONE :
		    cli_fail_diag(CLI_NO, &d);
	sc_buf_fini(&proof);
	return rc;
}

int cli_audit_prove(const struct cli_call *c)
{
	unsigned long long index;
	char dir[FILE_PATH_MAX], *end = NULL;
	int rc;

	if ((c->check != NULL) == (c->n_words == 1))
		return cli_fail(CLI_USAGE, "give the INDEX of an entry, or --check FILE");
	if (c->check != NULL)
		return check_proof(c);
	index = strtoull(c->words[0], &end, 10);
	if (*c->words[0] < '0' || *c->words[0] > '9' || *end != '\0')
		return cli_fail(CLI_USAGE, "INDEX is a whole number");
	rc = logs_choose(c, dir);
	return rc == CLI_GO_ON ? make_proof(dir, index, c->out) : rc;
}
