/*
 * answering.c - on a thread: a question is checked, recorded, run, and what came of it is
 * recorded too.
 *
 * Nothing of an answer leaves before the record of its question is on the disk. A file that
 * changed since its release was found good is not answered from, even when that shows only
 * afterwards.
 */
#include "analytics/queryd/queryd.h"

#include "base/clock.h"
#include "base/weak.h"
#include "crypto/prim/hash.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_FACTOR 8 /* text may get so much longer when it is written down */

struct answering {
	struct reader_request *rq;
	struct query_file *file;
	struct query_answer answer;
	struct query_done done;
	uint8_t question[SHELF_SHA_BYTES];
	uint64_t began_ms;
};

/* ---- records ----------------------------------------------------------------------------- */

static void describe(const struct reader_request *rq, struct audit_record *r, enum audit_kind kind)
{
	audit_record_init(r, kind);
	r->asking.request_id = rq->id;
	r->asking.principal = &rq->reader.principal;
	r->role = &rq->reader.role;
	r->purpose = &rq->reader.purpose;
	r->auth = AUDIT_AUTH_API_KEY;
}

static struct audit_release release_of(const struct served_release *s)
{
	return (struct audit_release){ .dataset = &s->release.manifest.dataset,
		.number = s->number,
		.manifest = s->release.sha256 };
}

/* A record that must be on the disk; else nothing leaves. */
static bool commit(struct reader_request *rq, struct audit_record *r)
{
	if (own_log_commit(rq->queryd->log, r, &rq->record) == SC_OK)
		return true;
	queryd_count(&rq->queryd->metrics, QUERYD_LOG_AWAY, 1);
	request_fail(rq, 503, "log-unavailable", "the log cannot be written",
	    "questions are recorded before they are answered, and the record cannot be written");
	return false;
}

void answer_denial(struct desk_job *j)
{
	struct reader_request *rq = loop_owner(j, struct reader_request, job);
	struct audit_record r;

	describe(rq, &r, AUDIT_DENIAL);
	r.act = "query";
	r.outcome = AUDIT_REFUSED;
	r.status = (uint16_t)rq->status;
	r.why = rq->why;
	(void)commit(rq, &r);
}

/* ---- questions --------------------------------------------------------------------------- */

static enum sc_err go_on(void *arg)
{
	struct answering *a = arg;

	return atomic_load(&a->rq->gone) ? SC_STALE : SC_OK;
}

static enum sc_err on_columns(void *arg, const char *const *names, size_t n)
{
	struct answering *a = arg;

	return answer_columns(&a->answer, names, n);
}

static enum sc_err on_row(void *arg, const struct query_value *v, size_t n)
{
	struct answering *a = arg;

	return answer_row(&a->answer, v, n);
}

/* What a refusal is called, by its code. */
static const struct refusal {
	enum sc_err err;
	unsigned status;
	const char *problem, *why;
	enum queryd_metric metric;
} refusals[] = {
	{ SC_SYNTAX, 400, "bad-statement", "not a statement", QUERYD_WRONG },
	{ SC_AUTH, 403, "forbidden-statement", "wants what is not allowed", QUERYD_FORBIDDEN },
	{ SC_LIMIT, 422, "too-much", "a limit ran out", QUERYD_RAN_OUT },
	{ SC_STALE, 499, "gone", "nobody waits any more", QUERYD_GONE },
	{ SC_OK, 503, "unavailable", "the release cannot be read", QUERYD_FAILED }, /* all else */
};

static void refuse(struct answering *a, enum sc_err err, const struct sc_diag *d)
{
	const struct refusal *r = refusals;

	while (r->err != SC_OK && r->err != err)
		r++;
	queryd_count(&a->rq->queryd->metrics, r->metric, 1);
	if (d->line > 0)
		request_fail(a->rq, r->status, r->problem, r->why, "line %u, column %u: %s",
		    d->line, d->column, d->text);
	else
		request_fail(a->rq, r->status, r->problem, r->why, "%s",
		    d->text[0] == '\0' ? r->why : d->text);
}

/* The record of the question: an intent, or with the refusal that it met already. */
static bool record_question(struct answering *a)
{
	struct reader_request *rq = a->rq;
	struct audit_release rel = release_of(rq->served);
	struct audit_record r;

	describe(rq, &r, AUDIT_QUERY);
	rel.question = a->question;
	rel.tables = a->done.tables;
	rel.n_tables = a->done.n_tables;
	r.release = &rel;
	if (rq->problem != NULL) {
		r.outcome = AUDIT_REFUSED;
		r.status = (uint16_t)rq->status;
		r.why = rq->why;
	}
	return WEAK("query-before-record") ?
	    own_log_append(rq->queryd->log, &r, &rq->record) == SC_OK :
	    commit(rq, &r);
}

static void record_outcome(struct answering *a)
{
	struct reader_request *rq = a->rq;
	const struct audit_answer told = { .rows = a->done.rows,
		.bytes = rq->problem == NULL ? rq->out.n : 0,
		.ms = clock_mono_ms() - a->began_ms,
		.cut = a->done.cut };
	struct audit_release rel = release_of(rq->served);
	struct audit_record r;
	uint64_t index;

	describe(rq, &r, AUDIT_QUERY);
	r.release = &rel;
	r.answer = &told;
	r.outcome = rq->problem == NULL ? AUDIT_OK : AUDIT_FAILED;
	r.status = (uint16_t)rq->status;
	r.why = rq->why;
	/* what was asked is on the disk; a log that dies now is told by the next question */
	if (own_log_append(rq->queryd->log, &r, &index) != SC_OK)
		queryd_count(&rq->queryd->metrics, QUERYD_LOG_AWAY, 1);
}

static bool is_whole(struct answering *a)
{
	if (release_is_same(a->rq->served))
		return true;
	queryd_count(&a->rq->queryd->metrics, QUERYD_FAILED, 1);
	request_fail(a->rq, 503, "release-changed", "the release's files changed",
	    "the release's files changed since they were checked: ask again");
	return false;
}

/* Open the release, and see whether the question can be asked at all. */
static void check(struct answering *a)
{
	struct reader_request *rq = a->rq;
	const struct sc_span sql = sc_buf_span(&rq->sql);
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	if (!is_whole(a))
		return;
	if ((err = query_file_open(&rq->served->release, &d, &a->file)) == SC_OK &&
	    (err = query_fingerprint(a->file, sql, a->question)) == SC_OK)
		err = query_check(a->file, sql, &rq->queryd->settings->limits, &d, &a->done);
	if (err != SC_OK)
		refuse(a, err, &d);
}

static void run(struct answering *a)
{
	struct reader_request *rq = a->rq;
	const struct query_limits *l = &rq->queryd->settings->limits;
	const struct query_sink sink = { on_columns, on_row, go_on, a };
	struct sc_diag d = { .text = "" };
	enum sc_err err;

	answer_init(&a->answer, rq->form, ANSWER_FACTOR * l->bytes);
	err = query_run(a->file, sc_buf_span(&rq->sql), l, &sink, &d, &a->done);
	if (err != SC_OK) {
		refuse(a, err, &d);
	} else if (is_whole(a)) {
		rq->status = 200;
		rq->cut = a->done.cut;
		err = answer_print(&a->answer, rq->served->dataset, rq->served->number, a->done.cut,
		    rq->record, &rq->out);
		if (err != SC_OK)
			refuse(a, err, &d);
	}
	answer_fini(&a->answer);
}

static void count_answer(const struct answering *a)
{
	struct queryd_metrics *m = &a->rq->queryd->metrics;

	queryd_count(m, QUERYD_ANSWERED, 1);
	queryd_count(m, QUERYD_CUT, a->done.cut);
	queryd_count(m, QUERYD_ROWS, a->done.rows);
	queryd_count(m, QUERYD_BYTES, a->rq->out.n);
}

void answer_question(struct desk_job *j)
{
	struct reader_request *rq = loop_owner(j, struct reader_request, job);
	struct answering a = { .rq = rq, .began_ms = clock_mono_ms() };

	check(&a);
	if (record_question(&a) && rq->problem == NULL) {
		run(&a);
		record_outcome(&a);
		if (rq->problem == NULL)
			count_answer(&a);
	}
	query_file_close(a.file);
}

/* ---- files ------------------------------------------------------------------------------- */

/* The whole file at PATH, of at most MAX bytes. */
static bool read_whole(const char *path, uint64_t max, struct sc_buf *out)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = 1;
	uint8_t *at;

	if (fd < 0)
		return false;
	while (n > 0 && out->n <= max) {
		if (sc_buf_grow(out, 65536, &at) != SC_OK)
			break;
		n = read(fd, at, 65536);
		sc_buf_truncate(out, out->n - 65536 + (n > 0 ? (size_t)n : 0));
	}
	close(fd);
	return n == 0 && out->n <= max;
}

/* Read it, and hold it against the manifest again: what leaves is what was signed. */
static bool read_file(struct reader_request *rq, const char *name, const uint8_t *sha256)
{
	uint8_t sum[SHELF_SHA_BYTES];
	char path[2048];

	snprintf(path, sizeof(path), "%s/%s", rq->served->release.folder, name);
	if (!read_whole(path, 64u << 20, &rq->out))
		return false;
	hash_sha256(sc_buf_span(&rq->out), sum);
	return memcmp(sum, sha256, sizeof(sum)) == 0;
}

static const uint8_t *sum_of(const struct shelf_release *r, const char *name)
{
	if (strcmp(name, SHELF_MANIFEST) == 0)
		return r->sha256;
	for (size_t i = 0; i < r->manifest.n_files; i++)
		if (strcmp(r->manifest.files[i].name, name) == 0)
			return r->manifest.files[i].sha256;
	return NULL;
}

void answer_file(struct desk_job *j)
{
	struct reader_request *rq = loop_owner(j, struct reader_request, job);
	const char *name = (const char *)rq->sql.p;
	const uint8_t *sum = sum_of(&rq->served->release, name);
	struct audit_release rel = release_of(rq->served);
	struct audit_record r;

	describe(rq, &r, AUDIT_QUERY);
	r.act = "query.file";
	r.release = &rel;
	r.outcome = AUDIT_OK;
	if (!commit(rq, &r))
		return;
	if (sum == NULL)
		request_fail(rq, 404, "not-found", "no such file", "this release has no such file");
	else if (!read_file(rq, name, sum))
		request_fail(rq, 503, "release-changed", "the release's files changed",
		    "the file is not what the manifest says");
	else
		rq->status = 200;
	queryd_count(&rq->queryd->metrics, QUERYD_FILES, 1);
}
