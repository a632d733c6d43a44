/*
 * test_reconcile.c - openings without their pair are listed, and pairs that tell of two things;
 * what a crash may have lost is told apart, and nothing else is; each gateway answers for its own.
 */
#include "audit/review/review.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/record/record.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/writer.h"
#include "policy/decide/decide.h"
#include "tap.h"

enum { KEYD, GATE, WEST, LOGS };
static const char *const origins[LOGS] = { "scrim/demo/keyd", "demo/gate", "demo/west" };
static char dirs[LOGS][64];
static struct tlog *logs[LOGS];
#define keyd (logs[KEYD])
#define gate (logs[GATE])

static void open_logs(void)
{
	for (unsigned i = 0; i < LOGS; i++) {
		struct tlog_options o = { .origin = origins[i], .journal_bytes = JOURNAL_MIN };

		snprintf(dirs[i], sizeof(dirs[i]), "/tmp/scrim-audit-XXXXXX");
		if (mkdtemp(dirs[i]) == NULL)
			abort();
		o.dir = dirs[i];
		if (tlog_open(&o, NULL, &logs[i]) != SC_OK)
			abort();
	}
}

static void close_logs(void)
{
	for (unsigned i = 0; i < LOGS; i++)
		tlog_close(logs[i]);
}

static void remove_logs(void)
{
	char cmd[256];

	for (unsigned i = 0; i < LOGS; i++) {
		snprintf(cmd, sizeof(cmd), "rm -rf %s", dirs[i]);
		if (system(cmd) != 0)
			abort();
	}
}

static void put(struct tlog *w, const struct audit_record *r)
{
	struct sc_buf out;
	uint64_t index;

	sc_buf_init(&out, AUDIT_RECORD_MAX);
	if (audit_record_print(r, &out) != SC_OK ||
	    tlog_append(w, sc_buf_span(&out), false, &index) != SC_OK)
		abort();
	sc_buf_fini(&out);
}

/* An opening of request REQ, as one side tells it. */
static void told_by(struct tlog *w, const char *node, uint64_t at_ms, uint64_t req, const char *who,
    const char *why, unsigned op, uint32_t revealed, uint32_t masked)
{
	struct sc_name name = { "" }, role = { "support" }, purpose = { "" }, of = { "" };
	struct audit_record r;

	snprintf(name.s, sizeof(name.s), "%s", who);
	snprintf(purpose.s, sizeof(purpose.s), "%s", why);
	snprintf(of.s, sizeof(of.s), "%s", node);
	audit_record_init(&r, AUDIT_REVEAL);
	r.at_ms = at_ms;
	r.node = &of;
	r.asking.request_id = req;
	r.asking.principal = &name;
	r.asking.op = (uint8_t)op;
	r.role = &role;
	r.purpose = &purpose;
	r.outcome = AUDIT_OK;
	r.keyd_index = 0;
	r.counts.revealed = revealed;
	r.counts.masked = masked;
	put(w, &r);
}

static void told(struct tlog *w, uint64_t req, const char *who, const char *why, unsigned op,
    uint32_t revealed, uint32_t masked)
{
	told_by(w, "", 1000 + req, req, who, why, op, revealed, masked);
}

/* One of a gateway's by keyd's log, and the same by the gateway's own. */
static void keyd_says(const char *node, uint64_t at_ms, uint64_t req)
{
	told_by(keyd, node, at_ms, req, "ann", "service", POLICY_READ, 1, 0);
}

static void gate_says(uint64_t at_ms, uint64_t req)
{
	told_by(gate, "", at_ms, req, "ann", "service", POLICY_READ, 1, 0);
}

/* A start, a stop, or something else of no request. */
static void happened(struct tlog *w, enum audit_kind kind, uint64_t at_ms)
{
	struct audit_record r;

	audit_record_init(&r, kind);
	r.at_ms = at_ms;
	r.outcome = AUDIT_OK;
	put(w, &r);
}

/* keyd's log against the first N_GATES gateways'. */
static struct audit_reconciled against(size_t n_gates, uint64_t grace_ms, audit_line_fn *line,
    void *arg)
{
	const char *const gates[] = { dirs[GATE], dirs[WEST] };
	const struct audit_reconcile_ask ask = { .keyd_dir = dirs[KEYD],
		.dirs = gates,
		.n_dirs = n_gates,
		.grace_ms = grace_ms,
		.request_ms = 1000,
		.line = line,
		.arg = arg };
	struct audit_reconciled r;
	struct sc_diag d;

	if (audit_reconcile(&ask, &d, &r) != SC_OK)
		abort();
	return r;
}

static struct audit_reconciled reconciled(audit_line_fn *line, void *arg)
{
	return against(1, 0, line, arg);
}

static enum sc_err count(void *arg, uint64_t index, struct sc_span json)
{
	(void)index;
	(void)json;
	++*(unsigned *)arg;
	return SC_OK;
}

static void test_reconcile(void)
{
	struct audit_reconciled r;
	unsigned lines = 0;

	/* keyd lacks 11, the gateway 21 and 100 */
	open_logs();
	for (uint64_t i = 1; i <= 100; i++) {
		if (i != 11)
			told(keyd, i, "ann", "service", POLICY_READ, 2, 0);
		if (i != 21 && i != 100)
			told(gate, i, "ann", "service", POLICY_READ, 2, 0);
	}
	close_logs();
	r = reconciled(count, &lines);
	CHECK(r.keyd_openings == 99 && r.scrimd_openings == 98 && r.pairs == 97);
	CHECK(r.only_keyd == 2 && r.only_scrimd == 1 && lines == 3 && r.recent == 0);
	CHECK(r.lost == 0 && r.crashes == 0 && r.elsewhere == 0);
	lines = 0;
	r = against(1, 10, count, &lines);
	CHECK(r.only_keyd == 2 && r.recent == 1 && lines == 2);
	remove_logs();
}

static enum sc_err gather(void *arg, uint64_t index, struct sc_span json)
{
	(void)index;
	if (sc_buf_put_span(arg, json) != SC_OK)
		return SC_NOMEM;
	return sc_buf_put_str(arg, "\n");
}

static void test_reconcile_words(void)
{
	struct audit_reconciled r;
	struct sc_buf lines;

	open_logs();
	/* the same; more that needed no key; the caller's operation beside the recipient's */
	told(keyd, 1, "ann", "service", POLICY_READ, 2, 1);
	told(gate, 1, "ann", "service", POLICY_READ, 2, 1);
	told(keyd, 2, "ann", "service", POLICY_READ, 2, 0);
	told(gate, 2, "ann", "service", POLICY_READ, 2, 3);
	told(keyd, 3, "ann", "service", POLICY_READ, 1, 0);
	told(keyd, 3, "ann", "service", POLICY_SHARE, 1, 0);
	told(gate, 3, "ann", "service", POLICY_SHARE, 2, 0);
	/* somebody else, for something else, otherwise, fewer, less of them */
	told(keyd, 4, "ann", "service", POLICY_READ, 1, 0);
	told(gate, 4, "bob", "service", POLICY_READ, 1, 0);
	told(keyd, 5, "ann", "service", POLICY_READ, 1, 0);
	told(gate, 5, "ann", "audit", POLICY_READ, 1, 0);
	told(keyd, 6, "ann", "service", POLICY_EXPORT, 1, 0);
	told(gate, 6, "ann", "service", POLICY_READ, 1, 0);
	told(keyd, 7, "ann", "service", POLICY_READ, 2, 0);
	told(gate, 7, "ann", "service", POLICY_READ, 1, 0);
	told(keyd, 8, "ann", "service", POLICY_READ, 2, 0);
	told(gate, 8, "ann", "service", POLICY_READ, 1, 1);
	told(keyd, 9, "ann", "service", POLICY_READ, 1, 0);
	told(keyd, 9, "bob", "service", POLICY_READ, 1, 0);
	told(gate, 9, "ann", "service", POLICY_READ, 2, 0);
	close_logs();
	sc_buf_init(&lines, 16384);
	r = reconciled(gather, &lines);
	CHECK(r.pairs == 9 && r.differing == 6 && r.only_keyd + r.only_scrimd == 0);
	NEED(sc_buf_put(&lines, "", 1) == SC_OK);
	CHECK(
	    strstr((char *)lines.p,
		"{\"req\":\"0000000000000004\",\"at\":1004,\"differs\":[\"principal\"],\"keyd\":{"
		"\"index\":4,\"principal\":\"ann\",\"role\":\"support\",\"purpose\":\"service\",\"op\":"
		"\"read\",\"revealed\":1,\"shown\":1},\"scrimd\":{\"index\":3,\"principal\":\"bob\"") !=
	    NULL);
	CHECK(strstr((char *)lines.p, "1005,\"differs\":[\"purpose\"]") != NULL);
	CHECK(strstr((char *)lines.p, "1006,\"differs\":[\"op\"]") != NULL);
	CHECK(strstr((char *)lines.p, "1007,\"differs\":[\"revealed\",\"shown\"]") != NULL);
	CHECK(strstr((char *)lines.p, "1008,\"differs\":[\"revealed\"]") != NULL);
	CHECK(strstr((char *)lines.p, "1009,\"differs\":[\"principal\"]") != NULL);
	sc_buf_fini(&lines);
	remove_logs();
}

/* ---- crashes: the window is of a request's 1,000 ms and the writer's 50 ms ------------------------ */

/* A run from 100,000 on whose last record is of 200,000, killed, and the next one from 300,000 on. */
static void killed_once(void)
{
	open_logs();
	happened(gate, AUDIT_START, 100000);
	gate_says(150000, 1);
	keyd_says("gate", 150010, 1);
	happened(gate, AUDIT_HEAD, 200000);
	happened(gate, AUDIT_START, 300000);
	happened(gate, AUDIT_HEAD, 301000);
}

/* With one opening more, at AT, of which the gateway's log has nothing: is it lost? */
static bool lost_at(uint64_t at_ms)
{
	struct audit_reconciled r;

	killed_once();
	keyd_says("gate", at_ms, 2);
	close_logs();
	r = reconciled(NULL, NULL);
	CHECK(r.pairs == 1 && r.crashes == 1 && r.lost + r.only_keyd == 1);
	remove_logs();
	return r.lost == 1;
}

static void test_crash_borders(void)
{
	CHECK(lost_at(200000));
	CHECK(lost_at(200000 - 1050)); /* a request that took its time, and the last flush */
	CHECK(!lost_at(200000 - 1051));
	CHECK(lost_at(299999) && lost_at(300000)); /* it stood there idle until it died */
	CHECK(!lost_at(300001));                   /* the next run's, which lives */
	CHECK(!lost_at(120000));
}

static void test_crash_window(void)
{
	struct sc_buf lines;
	struct audit_reconciled r;

	/* an hour of nothing: one window of it at most, from the first that is missing on */
	killed_once();
	keyd_says("gate", 250000, 2);
	keyd_says("gate", 251050, 3);
	keyd_says("gate", 251051, 4);
	keyd_says("gate", 290000, 5);
	/* of one request all must lie in it */
	keyd_says("gate", 250500, 6);
	keyd_says("gate", 251060, 6);
	close_logs();
	sc_buf_init(&lines, 4096);
	r = reconciled(gather, &lines);
	CHECK(r.lost == 2 && r.only_keyd == 3 && r.recent == 0);
	NEED(sc_buf_put(&lines, "", 1) == SC_OK);
	CHECK(strstr((char *)lines.p,
		  "{\"side\":\"keyd\",\"index\":1,\"req\":\"0000000000000002\",\"at\":250000,"
		  "\"lost\":\"crash\",\"start\":3}\n") != NULL);
	CHECK(strstr((char *)lines.p, "\"at\":251051}\n") != NULL);
	CHECK(strstr((char *)lines.p, "\"req\":\"0000000000000006\",\"at\":250500}\n") != NULL);
	sc_buf_fini(&lines);
	remove_logs();
}

/* The end of a run by KINDS, 0 none, then what is missing at 200,500: is it lost? */
static bool lost_between(enum audit_kind before, enum audit_kind after)
{
	struct audit_reconciled r;

	open_logs();
	if (before != AUDIT_KIND_COUNT)
		happened(gate, before, 100000);
	gate_says(200000, 1);
	keyd_says("gate", 200010, 1);
	keyd_says("gate", 200500, 2);
	if (after == AUDIT_STOP)
		happened(gate, AUDIT_STOP, 200600);
	if (after != AUDIT_KIND_COUNT)
		happened(gate, AUDIT_START, 201000);
	close_logs();
	r = reconciled(NULL, NULL);
	remove_logs();
	return r.lost == 1;
}

static void test_crash_wants_a_start(void)
{
	CHECK(lost_between(AUDIT_START, AUDIT_START));
	CHECK(!lost_between(AUDIT_START, AUDIT_STOP));       /* it went in peace */
	CHECK(!lost_between(AUDIT_START, AUDIT_KIND_COUNT)); /* it has not come back */
	CHECK(!lost_between(AUDIT_KIND_COUNT,
	    AUDIT_START)); /* a log that begins there lost nothing */
}

static void test_crash_each_its_own(void)
{
	struct audit_reconciled r;

	killed_once();
	happened(gate, AUDIT_START, 302000); /* killed again, and stopped */
	happened(gate, AUDIT_STOP, 303000);
	happened(gate, AUDIT_START, 304000);
	keyd_says("gate", 200001, 2);
	keyd_says("gate", 301500, 3);
	keyd_says("gate", 302900, 4);
	close_logs();
	r = reconciled(NULL, NULL);
	CHECK(r.crashes == 2 && r.lost == 2 && r.only_keyd == 1);
	remove_logs();
}

/* ---- several gateways ------------------------------------------------------------------------------ */

static void test_gateways(void)
{
	struct audit_reconciled r;

	/* the west was killed, the other was not; both use the same ids, as nothing forbids */
	open_logs();
	happened(gate, AUDIT_START, 100000);
	happened(logs[WEST], AUDIT_START, 100000);
	for (uint64_t i = 1; i <= 3; i++) {
		keyd_says("gate", 150000 + i, i);
		keyd_says("west", 150000 + i, i);
		if (i < 3)
			gate_says(150000 + i, i);
		if (i < 3)
			told_by(logs[WEST], "", 150000 + i, i, "ann", "service", POLICY_READ, 1, 0);
	}
	happened(logs[WEST], AUDIT_START, 151000);
	close_logs();
	r = reconciled(NULL, NULL);
	CHECK(r.elsewhere == 3 && r.keyd_openings == 3 && r.pairs == 2 && r.only_keyd == 1);
	r = against(2, 0, NULL, NULL);
	CHECK(r.elsewhere == 0 && r.keyd_openings == 6 && r.pairs == 4);
	CHECK(r.only_keyd == 1 && r.lost == 1 && r.crashes == 1 && r.only_scrimd == 0);
	remove_logs();
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	RUN(test_reconcile, "openings without their pair are listed");
	RUN(test_reconcile_words, "pairs that tell of two things are listed in both sides' words");
	RUN(test_crash_borders, "a crash explains what lies by its end, and nothing else");
	RUN(test_crash_window, "and no more than one window of it");
	RUN(test_crash_wants_a_start, "there is no crash without a start that follows no stop");
	RUN(test_crash_each_its_own, "each crash has its own window");
	RUN(test_gateways, "each gateway answers for its own openings");
	return tap_done();
}
