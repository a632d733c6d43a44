/*
 * audit_verify.c - `scrim audit verify` and `scrim audit trust`: do the logs hold, and by whose
 * word?
 */
#include "cli/audit_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int codes[] = { CLI_DONE, CLI_UNPINNED, CLI_INCOMPLETE, CLI_BROKEN };

/* ---- telling ---------------------------------------------------------------------------- */

static void print_figures(const struct audit_log *l)
{
	const struct audit_report *r = &l->report;

	printf("%llu entries under a signature", (unsigned long long)r->signed_size);
	if (r->unsigned_entries > 0)
		printf(", %llu newer", (unsigned long long)r->unsigned_entries);
	if (r->journal_entries > 0)
		printf(", %llu in the journal", (unsigned long long)r->journal_entries);
	printf("; %llu heads of others fit", (unsigned long long)l->heads);
	if (l->refused_heads > 0)
		printf(", %llu were refused", (unsigned long long)l->refused_heads);
	if (l->given_up > 0)
		printf("; %llu heads of it were given up", (unsigned long long)l->given_up);
	printf("; %llu tiles, %.1f MiB", (unsigned long long)(r->tiles + r->bundles),
	    (double)r->bytes / (1 << 20));
}

static void print_log(const struct audit_log *l)
{
	printf("%-7s %-10s  ", l->label, audit_word_name(l->word));
	if (l->word <= AUDIT_UNPINNED)
		print_figures(l);
	if (l->word != AUDIT_VERIFIED)
		printf("%s%s", l->word == AUDIT_UNPINNED ? "; " : "", l->why.text);
	putchar('\n');
}

static void put_log(struct jsonw *w, const struct audit_log *l)
{
	const struct audit_report *r = &l->report;

	jsonw_object(w);
	jsonw_kstr(w, "log", l->label);
	jsonw_kstr(w, "word", audit_word_name(l->word));
	jsonw_key(w, "ok");
	jsonw_bool(w, l->word == AUDIT_VERIFIED);
	jsonw_kstr(w, "origin", r->origin);
	jsonw_ku64(w, "signed", r->signed_size);
	jsonw_ku64(w, "unsigned", r->unsigned_entries);
	jsonw_ku64(w, "journal", r->journal_entries);
	jsonw_key(w, "signature_checked");
	jsonw_bool(w, r->signature_checked);
	jsonw_key(w, "root");
	jsonw_hex(w, r->signed_root, sizeof(r->signed_root));
	jsonw_ku64(w, "heads", l->heads);
	jsonw_ku64(w, "refused_heads", l->refused_heads);
	jsonw_ku64(w, "given_up", l->given_up);
	if (l->word != AUDIT_VERIFIED)
		jsonw_kstr(w, "why", l->why.text);
	jsonw_object_end(w);
}

static int tell_json(const struct audit_set *s)
{
	struct sc_buf b;
	struct jsonw w = jsonw(&b);

	sc_buf_init(&b, 1u << 18);
	jsonw_array(&w);
	for (size_t i = 0; i < s->n; i++)
		put_log(&w, &s->logs[i]);
	jsonw_array_end(&w);
	return cli_out_json(&w);
}

/* The words, on standard output and, of bad ones, on standard error. The exit code. */
static int tell(const struct cli_call *c, const struct audit_set *s, enum audit_word worst)
{
	int rc = CLI_DONE;

	for (size_t i = 0; i < s->n && !c->json; i++)
		print_log(&s->logs[i]);
	if (c->json)
		rc = tell_json(s);
	if (rc == CLI_DONE)
		rc = cli_flush(CLI_DONE);
	if (rc != CLI_DONE)
		return rc;
	for (size_t i = 0; i < s->n; i++)
		if (s->logs[i].word >= AUDIT_INCOMPLETE)
			cli_fail(CLI_NO, "the log of %s is %s: %s", s->logs[i].label,
			    audit_word_name(s->logs[i].word), s->logs[i].why.text);
	return codes[worst];
}

/* ---- commands ----------------------------------------------------------------------------- */

/* Has the auditor's file one of these logs? A key alone, by --vkey, puts nothing in it. */
static bool is_kept(const struct audit_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->has_trust && trust_find(&s->trust, s->logs[i].report.origin) != NULL)
			return true;
	return false;
}

int cli_audit_verify(const struct cli_call *c)
{
	struct audit_set *s;
	enum audit_word worst;
	int rc = audit_set_find(c, &s);

	if (rc != CLI_GO_ON)
		return rc;
	if ((rc = audit_set_judge(s, true, false, &worst)) == CLI_GO_ON) {
		rc = tell(c, s, worst);
		/* what was seen now is what is asked for the next time; that it holds is told anyway */
		if (worst == AUDIT_VERIFIED && is_kept(s))
			(void)audit_set_keep(s);
	}
	free(s);
	return rc;
}

static void tell_trusted(const struct audit_set *s)
{
	struct sc_buf b;

	for (size_t i = 0; i < s->n; i++) {
		const struct audit_log *l = &s->logs[i];

		sc_buf_init(&b, NOTE_VKEY_MAX);
		if (note_key_print(&l->key, &b) == SC_OK)
			printf("%-7s %llu entries, signed by %.*s\n", l->label,
			    (unsigned long long)l->report.signed_size,
			    SC_SPAN_ARG(sc_buf_span(&b)));
		sc_buf_fini(&b);
	}
	printf("kept in %s: compare the keys with those that keyd's operator tells you\n",
	    s->trust_path);
}

int cli_audit_trust(const struct cli_call *c)
{
	struct audit_set *s;
	enum audit_word worst;
	int rc = audit_set_find(c, &s);

	if (rc != CLI_GO_ON)
		return rc;
	if (s->trust_path[0] == '\0')
		rc = cli_fail(CLI_USAGE, "where? Give --trust FILE");
	else if ((rc = audit_set_judge(s, !c->replace, c->replace, &worst)) == CLI_GO_ON) {
		if (worst >= AUDIT_INCOMPLETE) {
			rc = tell(c, s, worst);
			cli_fail(rc, "nothing is trusted, and %s is as it was", s->trust_path);
		} else if ((rc = audit_set_keep(s)) == CLI_DONE) {
			if (c->json)
				rc = tell_json(s);
			else
				tell_trusted(s);
		}
	}
	free(s);
	return rc == CLI_DONE ? cli_flush(rc) : rc;
}
