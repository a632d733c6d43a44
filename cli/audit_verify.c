/*
 * audit_verify.c - `scrim audit verify` and `reconcile`: does the record hold?
 */
#include "audit/review/review.h"
#include "cli/logs.h"
#include "gateway/config/config.h"
#include "gateway/serve/kept_logs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_report(const char *label, const struct audit_report *r, bool own)
{
	printf("%-7s ok  %llu entries under a signature", label,
	    (unsigned long long)r->signed_size);
	if (r->unsigned_entries > 0)
		printf(", %llu newer", (unsigned long long)r->unsigned_entries);
	if (r->journal_entries > 0)
		printf(", %llu in the journal", (unsigned long long)r->journal_entries);
	printf("; %llu tiles, %.1f MiB; %s\n", (unsigned long long)(r->tiles + r->bundles),
	    (double)r->bytes / (1 << 20),
	    !r->has_checkpoint        ? "no checkpoint yet" :
		!r->signature_checked ? "signature NOT checked: no key" :
		own                   ? "signature holds (key from the log's own folder)" :
					"signature holds");
}

static enum sc_err put_report(struct jsonw *w, const char *label, enum sc_err err,
    const struct audit_report *r, const struct sc_diag *d)
{
	char text[640];

	jsonw_object(w);
	jsonw_kstr(w, "log", label);
	jsonw_key(w, "ok");
	jsonw_bool(w, err == SC_OK);
	jsonw_kstr(w, "origin", r->origin);
	jsonw_ku64(w, "signed", r->signed_size);
	jsonw_ku64(w, "unsigned", r->unsigned_entries);
	jsonw_ku64(w, "journal", r->journal_entries);
	jsonw_key(w, "signature_checked");
	jsonw_bool(w, r->signature_checked);
	jsonw_key(w, "root");
	jsonw_hex(w, r->root, sizeof(r->root));
	if (err != SC_OK) {
		sc_diag_print(d, text, sizeof(text));
		jsonw_kstr(w, "error", text);
	}
	jsonw_object_end(w);
	return w->err;
}

/* One log; CHECKPOINT as audit_verify_kept() takes it, or NULL. CLI_DONE or CLI_NO, told. */
static int verify_one(const char *label, const char *dir, const char *checkpoint,
    const char *vkey_path, struct jsonw *w)
{
	struct audit_report r;
	struct sc_diag d = { .line = 0 };
	char *vkey = NULL;
	bool own;
	enum sc_err err;
	int rc = logs_vkey(dir, vkey_path, &vkey, &own);

	if (rc != CLI_GO_ON)
		return rc;
	memset(&r, 0, sizeof(r));
	err = checkpoint == NULL ? audit_verify(dir, vkey, &d, &r) :
				   audit_verify_kept(dir, checkpoint, vkey, &d, &r);
	free(vkey);
	if (err != SC_OK && d.text[0] == '\0')
		sc_diag_set(&d, "%s", cli_err_text(err));
	if (w != NULL)
		(void)put_report(w, label, err, &r, &d);
	else if (err == SC_OK)
		print_report(label, &r, own);
	if (err == SC_OK)
		return CLI_DONE;
	fflush(stdout);
	fprintf(stderr, "scrim: the log of %s does NOT verify\n", label);
	return cli_fail_diag(CLI_NO, &d);
}

/* The logs that scrimd looks after, by what it keeps of them. */
static int verify_kept(const struct cli_call *c, struct jsonw *w)
{
	char heads[FILE_PATH_MAX], checkpoint[FILE_PATH_MAX], vkey[FILE_PATH_MAX];
	struct config *config = NULL;
	int rc = cli_config(c, &config), worst = CLI_DONE;

	if (rc != CLI_GO_ON)
		return rc;
	kept_logs_folder(config->log_dir, heads, sizeof(heads));
	for (size_t i = 0; i < config->n_logs; i++) {
		const struct config_log *l = &config->logs[i];

		/* one that was never there and of which nothing was signed is none yet */
		file_path(checkpoint, "%s/%s.checkpoint", heads, l->name.s);
		file_path(vkey, "%s/%s.vkey", heads, l->name.s);
		if (!file_exists(l->dir) && !file_exists(checkpoint))
			continue;
		rc = verify_one(l->name.s, l->dir, checkpoint, file_exists(vkey) ? vkey : NULL, w);
		worst = rc > worst ? rc : worst;
	}
	config_free(config);
	return worst;
}

int cli_audit_verify(const struct cli_call *c)
{
	struct logs_found both;
	struct sc_buf b;
	struct jsonw json = jsonw(&b), *w = c->json ? &json : NULL;
	int rc, second = CLI_DONE, third = CLI_DONE;

	if (c->vkey != NULL && c->log == NULL)
		return cli_fail(CLI_USAGE,
		    "--vkey needs --log: each log has a key name of its own");
	if (c->log == NULL && (rc = logs_find(c, &both)) != CLI_GO_ON)
		return rc;
	sc_buf_init(&b, 1u << 16);
	jsonw_array(&json);
	if (c->log != NULL)
		rc = verify_one(c->log, c->log, NULL, c->vkey, w);
	else {
		rc = verify_one("scrimd", both.scrimd, NULL, NULL, w);
		if (both.keyd[0] != '\0')
			second = verify_one("keyd", both.keyd, NULL, NULL, w);
		third = verify_kept(c, w);
	}
	jsonw_array_end(&json);
	if (!c->json)
		sc_buf_fini(&b);
	else if (cli_out_json(&json) != CLI_DONE)
		rc = CLI_NO;
	rc = rc > second ? rc : second;
	return rc > third ? rc : third;
}

static enum sc_err print_line(void *arg, uint64_t index, struct sc_span json)
{
	(void)arg;
	(void)index;
	return fwrite(json.p, 1, json.n, stdout) == json.n && putchar('\n') != EOF ? SC_OK : SC_IO;
}

static int tell_reconciled(const struct audit_reconciled *r, bool json)
{
	bool well = r->only_keyd + r->only_scrimd <= r->recent && r->without_id == 0;

	if (json)
		printf("{\"ok\":%s,\"keyd_openings\":%" PRIu64 ",\"scrimd_openings\":%" PRIu64
		       ",\"pairs\":%" PRIu64 ",\"only_keyd\":%" PRIu64 ",\"only_scrimd\":%" PRIu64
		       ",\"recent\":%" PRIu64 ",\"without_id\":%" PRIu64 "}\n",
		    well ? "true" : "false", r->keyd_openings, r->scrimd_openings, r->pairs,
		    r->only_keyd, r->only_scrimd, r->recent, r->without_id);
	else
		printf("%" PRIu64 " openings by keyd, %" PRIu64 " told by scrimd: %" PRIu64
		       " pairs, %" PRIu64 " only in keyd's log, %" PRIu64
		       " only in scrimd's, %" PRIu64 " without a request\n",
		    r->keyd_openings, r->scrimd_openings, r->pairs, r->only_keyd, r->only_scrimd,
		    r->without_id);
	return cli_flush(well ? CLI_DONE : CLI_NO);
}

int cli_audit_reconcile(const struct cli_call *c)
{
	struct audit_reconciled r;
	struct logs_found both;
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	int rc;

	if ((c->keyd_log == NULL || c->log == NULL) && (rc = logs_find(c, &both)) != CLI_GO_ON)
		return rc;
	if (c->keyd_log == NULL && both.keyd[0] == '\0')
		return cli_fail(CLI_USAGE, "name keyd's log with --keyd-log");
	err = audit_reconcile(c->keyd_log != NULL ? c->keyd_log : both.keyd,
	    c->log != NULL ? c->log : both.scrimd, c->grace_ms, print_line, NULL, &d, &r);
	return err == SC_OK ? tell_reconciled(&r, c->json) : cli_fail_err(err, &d);
}
