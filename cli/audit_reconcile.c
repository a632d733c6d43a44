/*
 * audit_reconcile.c - `scrim audit reconcile`: do both logs tell of the same openings?
 */
#include "audit/review/review.h"
#include "cli/logs.h"

#include <inttypes.h>
#include <stdio.h>

static enum sc_err print_line(void *arg, uint64_t index, struct sc_span json)
{
	(void)arg;
	(void)index;
	return fwrite(json.p, 1, json.n, stdout) == json.n && putchar('\n') != EOF ? SC_OK : SC_IO;
}

static int tell_reconciled(const struct audit_reconciled *r, bool json)
{
	bool well = r->only_keyd + r->only_scrimd <= r->recent && r->without_id == 0 &&
	    r->differing == 0;

	if (json)
		printf("{\"ok\":%s,\"keyd_openings\":%" PRIu64 ",\"scrimd_openings\":%" PRIu64
		       ",\"pairs\":%" PRIu64 ",\"only_keyd\":%" PRIu64 ",\"only_scrimd\":%" PRIu64
		       ",\"differing\":%" PRIu64 ",\"recent\":%" PRIu64 ",\"without_id\":%" PRIu64
		       "}\n",
		    well ? "true" : "false", r->keyd_openings, r->scrimd_openings, r->pairs,
		    r->only_keyd, r->only_scrimd, r->differing, r->recent, r->without_id);
	else
		printf("%" PRIu64 " openings by keyd, %" PRIu64 " told by scrimd: %" PRIu64
		       " pairs, of which %" PRIu64 " differ, %" PRIu64
		       " only in keyd's log, %" PRIu64 " only in scrimd's, %" PRIu64
		       " without a request\n",
		    r->keyd_openings, r->scrimd_openings, r->pairs, r->differing, r->only_keyd,
		    r->only_scrimd, r->without_id);
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
