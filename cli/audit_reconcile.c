/*
 * audit_reconcile.c - `scrim audit reconcile`: do both sides' logs tell of the same openings?
 */
#include "audit/review/review.h"
#include "cli/logs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum sc_err print_line(void *arg, uint64_t index, struct sc_span json)
{
	(void)arg;
	(void)index;
	return fwrite(json.p, 1, json.n, stdout) == json.n && putchar('\n') != EOF ? SC_OK : SC_IO;
}

/* What is no fault that anybody can name, and still not the whole story. */
static void warn(const struct audit_reconciled *r)
{
	if (r->lost > 0)
		printf("warning: %" PRIu64 " only in keyd's log, lost when a gateway was killed or "
		       "lost power (%" PRIu64 " starts without a stop)\n",
		    r->lost, r->crashes);
	if (r->elsewhere > 0)
		printf("warning: %" PRIu64 " openings by gateways whose log is not among these: "
		       "name it with --also\n",
		    r->elsewhere);
}

static int tell_reconciled(const struct audit_reconciled *r, bool json)
{
	bool well = r->only_keyd + r->only_scrimd <= r->recent && r->without_id == 0 &&
	    r->differing == 0;
	bool whole = r->lost == 0 && r->elsewhere == 0;

	if (json)
		printf("{\"ok\":%s,\"keyd_openings\":%" PRIu64 ",\"scrimd_openings\":%" PRIu64
		       ",\"pairs\":%" PRIu64 ",\"only_keyd\":%" PRIu64 ",\"only_scrimd\":%" PRIu64
		       ",\"differing\":%" PRIu64 ",\"recent\":%" PRIu64 ",\"without_id\":%" PRIu64
		       ",\"lost\":%" PRIu64 ",\"crashes\":%" PRIu64 ",\"elsewhere\":%" PRIu64 "}\n",
		    well ? "true" : "false", r->keyd_openings, r->scrimd_openings, r->pairs,
		    r->only_keyd, r->only_scrimd, r->differing, r->recent, r->without_id, r->lost,
		    r->crashes, r->elsewhere);
	else
		printf("%" PRIu64 " openings by keyd, %" PRIu64 " told by scrimd: %" PRIu64
		       " pairs, of which %" PRIu64 " differ, %" PRIu64
		       " only in keyd's log, %" PRIu64 " only in scrimd's, %" PRIu64
		       " without a request\n",
		    r->keyd_openings, r->scrimd_openings, r->pairs, r->differing, r->only_keyd,
		    r->only_scrimd, r->without_id);
	if (!json)
		warn(r);
	return cli_flush(!well ? CLI_NO : !whole ? CLI_INCOMPLETE : CLI_DONE);
}

/* FIRST, and those of LIST, which is cut at its commas. CLI_GO_ON or a code (said). */
static int split(const char *first, char *list, const char *dirs[AUDIT_GATEWAYS_MAX], size_t *n)
{
	char *rest = NULL;

	*n = 0;
	dirs[(*n)++] = first;
	for (char *dir = strtok_r(list, ",", &rest); dir != NULL;
	     dir = strtok_r(NULL, ",", &rest)) {
		if (*n == AUDIT_GATEWAYS_MAX)
			return cli_fail(CLI_USAGE, "more than %d logs", AUDIT_GATEWAYS_MAX);
		dirs[(*n)++] = dir;
	}
	return CLI_GO_ON;
}

static int reconcile(const struct cli_call *c, const char *keyd, const char *scrimd)
{
	const char *dirs[AUDIT_GATEWAYS_MAX];
	struct audit_reconcile_ask ask = { .keyd_dir = keyd,
		.dirs = dirs,
		.grace_ms = c->grace_ms,
		.request_ms = c->request_ms,
		.line = print_line };
	char *also = strdup(c->also != NULL ? c->also : "");
	struct audit_reconciled r;
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	int rc;

	if (also == NULL)
		return cli_fail(CLI_NO, "out of memory");
	if ((rc = split(scrimd, also, dirs, &ask.n_dirs)) == CLI_GO_ON) {
		err = audit_reconcile(&ask, &d, &r);
		rc = err == SC_OK ? tell_reconciled(&r, c->json) : cli_fail_err(err, &d);
	}
	free(also);
	return rc;
}

int cli_audit_reconcile(const struct cli_call *c)
{
	struct logs_found both;
	int rc;

	if ((c->keyd_log == NULL || c->log == NULL) && (rc = logs_find(c, &both)) != CLI_GO_ON)
		return rc;
	if (c->keyd_log == NULL && both.keyd[0] == '\0')
		return cli_fail(CLI_USAGE, "name keyd's log with --keyd-log");
	return reconcile(c, c->keyd_log != NULL ? c->keyd_log : both.keyd,
	    c->log != NULL ? c->log : both.scrimd);
}
