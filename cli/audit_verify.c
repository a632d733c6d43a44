/*
 * audit_verify.c - `scrim audit verify` and `reconcile`: does the record hold?
 */
#include "audit/review/reconcile.h"
#include "audit/review/verify.h"
#include "cli/logs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GRACE_MS 60000 /* a record of the last minute may be on its way */

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

/* One log. CLI_DONE or CLI_NO, told. */
static int verify_one(const char *label, const char *dir, const char *vkey_path, struct jsonw *w)
{
	struct audit_report r;
	struct sc_diag d = { .line = 0 };
	char *vkey = NULL;
	bool own;
	enum sc_err err;
	int rc = log_vkey(dir, vkey_path, &vkey, &own);

	if (rc != CLI_GO_ON)
		return rc;
	memset(&r, 0, sizeof(r));
	err = audit_verify(dir, vkey, &d, &r);
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

int cli_audit_verify(const struct cli_command *cmd, int argc, char **argv)
{
	struct log_choice l = { .dir = NULL };
	const struct cli_opt opts[] = {
		CLI_OPT_CONFIG(&l.common),
		{ "log", CLI_TEXT, &l.dir, "DIR", "only the log in this folder" },
		{ "vkey", CLI_TEXT, &l.vkey, "FILE",
		    "the key that must have signed it (with --log)" },
		CLI_OPT_JSON(&l.common),
		CLI_OPT_END,
	};
	char *scrimd = NULL, *keyd = NULL;
	struct sc_buf b;
	struct jsonw w;
	int rc = cli_parse(cmd, opts, NULL, argc, argv), second;

	if (rc != CLI_GO_ON)
		return rc;
	if (l.vkey != NULL && l.dir == NULL)
		return cli_fail(CLI_USAGE,
		    "--vkey needs --log: each log has a key name of its own");
	if (l.dir == NULL && (rc = logs_of_config(&l.common, &scrimd, &keyd)) != CLI_GO_ON)
		goto out;
	sc_buf_init(&b, 1u << 16);
	w = jsonw(&b);
	jsonw_array(&w);
	if (l.dir != NULL)
		rc = verify_one(l.dir, l.dir, l.vkey, l.common.json ? &w : NULL);
	else {
		rc = verify_one("scrimd", scrimd, NULL, l.common.json ? &w : NULL);
		if (keyd[0] != '\0') {
			second = verify_one("keyd", keyd, NULL, l.common.json ? &w : NULL);
			rc = rc > second ? rc : second;
		}
	}
	jsonw_array_end(&w);
	if (!l.common.json)
		sc_buf_fini(&b);
	else if (cli_out_json(&w) != CLI_DONE)
		rc = CLI_NO;
out:
	free(scrimd);
	free(keyd);
	return rc;
}

static enum sc_err print_line(void *arg, uint64_t index, struct sc_span json)
{
	(void)arg;
	(void)index;
	return fwrite(json.p, 1, json.n, stdout) == json.n && putchar('\n') != EOF ? SC_OK : SC_IO;
}

static int tell_reconciled(const struct audit_reconciled *r, bool json)
{
	const struct cli_figure f[] = { { "keyd_openings", r->keyd_openings },
		{ "scrimd_openings", r->scrimd_openings }, { "pairs", r->pairs },
		{ "only_keyd", r->only_keyd }, { "only_scrimd", r->only_scrimd },
		{ "recent", r->recent }, { "without_id", r->without_id } };
	bool well = r->only_keyd + r->only_scrimd <= r->recent && r->without_id == 0;
	int rc = well ? CLI_DONE : CLI_NO;
	struct sc_buf b;
	struct jsonw w = jsonw(&b);

	if (!json) {
		printf("%" PRIu64 " openings by keyd, %" PRIu64 " told by scrimd: %" PRIu64
		       " pairs, %" PRIu64 " only in keyd's log, %" PRIu64
		       " only in scrimd's, %" PRIu64 " without a request\n",
		    r->keyd_openings, r->scrimd_openings, r->pairs, r->only_keyd, r->only_scrimd,
		    r->without_id);
		return rc;
	}
	sc_buf_init(&b, 1024);
	jsonw_object(&w);
	jsonw_key(&w, "ok");
	jsonw_bool(&w, well);
	cli_put_figures(&w, f, sizeof(f) / sizeof(f[0]));
	jsonw_object_end(&w);
	return cli_out_json(&w) == CLI_DONE ? rc : CLI_NO;
}

int cli_audit_reconcile(const struct cli_command *cmd, int argc, char **argv)
{
	struct cli_common common = { .json = false };
	const char *keyd_log = NULL, *scrimd_log = NULL;
	uint64_t grace = GRACE_MS;
	const struct cli_opt opts[] = {
		CLI_OPT_CONFIG(&common),
		{ "log", CLI_TEXT, &scrimd_log, "DIR", "scrimd's log" },
		{ "keyd-log", CLI_TEXT, &keyd_log, "DIR", "keyd's log" },
		{ "grace-ms", CLI_NUMBER, &grace, "MS",
		    "newer ones may still be on their way (60000)" },
		CLI_OPT_JSON(&common),
		CLI_OPT_END,
	};
	struct audit_reconciled r;
	struct sc_diag d = { .line = 0 };
	char *scrimd = NULL, *keyd = NULL;
	enum sc_err err;
	int rc = cli_parse(cmd, opts, NULL, argc, argv);

	if (rc != CLI_GO_ON)
		return rc;
	if ((scrimd_log == NULL || keyd_log == NULL) &&
	    (rc = logs_of_config(&common, &scrimd, &keyd)) != CLI_GO_ON)
		goto out;
	if (keyd_log == NULL && keyd[0] == '\0') {
		rc = cli_fail(CLI_USAGE, "name keyd's log with --keyd-log");
		goto out;
	}
	err = audit_reconcile(keyd_log != NULL ? keyd_log : keyd,
	    scrimd_log != NULL ? scrimd_log : scrimd, grace, print_line, NULL, &d, &r);
	rc = err == SC_OK ? tell_reconciled(&r, common.json) : cli_fail_err(err, &d);
out:
	free(scrimd);
	free(keyd);
	return rc;
}
