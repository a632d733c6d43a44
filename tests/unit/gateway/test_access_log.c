/*
 * test_access_log.c - what is recorded of a request.
 */
#include "served_stage.h"

static void test_counts(void)
{
	struct protect_result r = {
		.counts = { .sealed = 1,
		    .indexed = 20,
		    .revealed = 300,
		    .masked = 4000,
		    .generalised = 50000,
		    .tokenised = 600000,
		    .dropped = 7000000,
		    .denied = 80000000,
		    .gone = 90000000,
		    .bad = 5 },
		.record = 9,
	};
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	served_note_result(rq, &r);
	CHECK(memcmp(&rq->record.counts, &r.counts, sizeof(r.counts)) == 0);
	CHECK(rq->record.keyd_index == 9);
	CHECK(metric(METRIC_VALUES_SEALED) == 1 && metric(METRIC_VALUES_OPENED) == 300 &&
	    metric(METRIC_VALUES_MASKED) == 54000 && metric(METRIC_VALUES_WITHHELD) == 177000005);
	CHECK(metrics_in_all() == 1 + 300 + 54000 + 177000005);
	r.record = WIRE_NO_RECORD;
	served_note_result(rq, &r);
	CHECK(rq->record.keyd_index == 9);
	CHECK(rq->record.counts.sealed == 2 && rq->record.counts.indexed == 40 &&
	    rq->record.counts.revealed == 600 && rq->record.counts.masked == 8000 &&
	    rq->record.counts.generalised == 100000 && rq->record.counts.tokenised == 1200000 &&
	    rq->record.counts.dropped == 14000000 && rq->record.counts.denied == 160000000 &&
	    rq->record.counts.gone == 180000000 && rq->record.counts.bad == 10);
	r.record = 0;
	served_note_result(rq, &r);
	CHECK(rq->record.keyd_index == 0);
	served_end(rq);
}

/* Documents of another shape are counted, and those that were sealed for nobody. */
static void test_unmatched(void)
{
	static const struct field_rule rule = { .line = 7 };
	struct protect_result r = { .record = WIRE_NO_RECORD };
	struct served_route route = { .config = &config->routes[0] };
	struct served_request *rq;

	for (unsigned with = 0; with < 2; with++) {
		request();
		NEED((rq = served_begin(&worker, &call)) != NULL);
		rq->route = &route;
		r.unmatched = with ? &rule : NULL;
		r.n_unmatched = 2 * with;
		r.n_nobodys = 3 * with;
		r.records = 7;
		served_note_result(rq, &r);
		CHECK(
		    metric(METRIC_UNMATCHED) == 2 * with && metric(METRIC_NO_SUBJECT) == 3 * with);
		CHECK(metrics_in_all() == 5 * with && rq->record.asking.records == 7);
		served_end(rq);
	}
}

static void test_classes(void)
{
	static const struct sc_name own = { "loyalty" };
	struct protect_result r = { .record = WIRE_NO_RECORD,
		.n_classes = 3,
		.classes = { { .id = 1, .n = 2 }, { .id = 200, .n = 3, .name = &own },
		    { .id = 7, .n = 4 } } };
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	served_note_result(rq, &r);
	CHECK(rq->record.classes == rq->classes && rq->record.n_classes == 3);
	CHECK(memcmp(rq->classes, r.classes, 3 * sizeof(r.classes[0])) == 0);
	r.n_classes = 2;
	r.classes[0] = (struct audit_class){ .id = 7, .n = 10 };
	r.classes[1] = (struct audit_class){ .id = 9, .n = 20 };
	served_note_result(rq, &r);
	CHECK(rq->record.n_classes == 4 && rq->classes[0].n == 2 && rq->classes[1].n == 3 &&
	    rq->classes[2].n == 14 && rq->classes[3].id == 9 && rq->classes[3].n == 20);
	/* as many as a record holds; what is known already is still added to */
	for (unsigned id = 100; id < 140; id++) {
		r.n_classes = 1;
		r.classes[0] = (struct audit_class){ .id = (uint8_t)id, .n = 1 };
		served_note_result(rq, &r);
	}
	CHECK(rq->record.n_classes == AUDIT_CLASSES_MAX && rq->classes[31].id == 127 &&
	    rq->classes[31].n == 1);
	r.classes[0].id = 127;
	served_note_result(rq, &r);
	CHECK(rq->classes[31].n == 2 && rq->record.n_classes == AUDIT_CLASSES_MAX);
	served_end(rq);
}

static void test_subjects(void)
{
	struct protect_result r = { .record = WIRE_NO_RECORD, .n_subjects = 10 };
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	for (unsigned i = 0; i < 10; i++)
		memset(r.subjects[i], (int)i + 1, AUDIT_HANDLE_BYTES);
	served_note_result(rq, &r);
	CHECK(rq->record.n_subjects == 10 &&
	    (const void *)rq->record.subjects == (const void *)rq->subjects);
	CHECK(memcmp(rq->subjects, r.subjects, 10 * AUDIT_HANDLE_BYTES) == 0);
	served_note_result(rq, &r);
	CHECK(rq->record.n_subjects == AUDIT_HANDLES_MAX);
	CHECK(memcmp(rq->subjects[10], r.subjects[0], AUDIT_HANDLE_BYTES) == 0);
	CHECK(memcmp(rq->subjects[15], r.subjects[5], AUDIT_HANDLE_BYTES) == 0);
	served_end(rq);
}

static void on_durable(struct durable_wait *w, bool ok)
{
	(void)w;
	(void)ok;
}

static void test_intent(void)
{
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(served_record_intent(rq, on_durable) == SC_OK);
	CHECK(did.appends == 1 && did.urgent && did.record.asking.request_id == 0x0123456789abcdef);
	CHECK(did.awaited == &rq->wait && did.awaited_index == 77 &&
	    rq->wait.on_durable == on_durable);
	served_end(rq);
	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	did.append_fails = true;
	CHECK(served_record_intent(rq, on_durable) == SC_IO);
	CHECK(did.awaited == NULL && rq->wait.on_durable == NULL);
	served_end(rq);
}

static void test_log_ready(void)
{
	struct served_request *rq;

	request();
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(served_log_ready(rq) && did.responses == 0 && metrics_in_all() == 0);
	did.log_failed = true;
	CHECK(!served_log_ready(rq));
	CHECK(problem(503, "log-unavailable",
	    "the access log cannot be written, so nothing passes. See /readyz"));
	CHECK(metric(METRIC_LOG_AWAY) == 1 && metrics_in_all() == 1 && did.notes == 1);
	request();
	atomic_store(&shared.head, SHARED_HEAD_REFUSED);
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(!served_log_ready(rq));
	CHECK(problem(503, "log-unavailable",
	    "the key service remembers another past of the access log, so nothing passes"));
	CHECK(metric(METRIC_LOG_AWAY) == 1 && metrics_in_all() == 1 && did.notes == 1);
	/* until keyd has said so the log may be an older copy; what needs no keyd passes without */
	atomic_store(&shared.head, SHARED_HEAD_UNKNOWN);
	request();
	did.keyd_there = true;
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(!served_log_ready(rq));
	CHECK(problem(503, "log-unavailable",
	    "the key service has not said yet that it knows the access log"));
	request();
	did.keyd_there = true;
	atomic_store(&shared.head, SHARED_HEAD_SIGNED);
	NEED((rq = served_begin(&worker, &call)) != NULL);
	CHECK(served_log_ready(rq) && did.responses == 0);
	served_end(rq);
	atomic_store(&shared.head, SHARED_HEAD_UNKNOWN);
}

int main(void)
{
	if (!stage_begin())
		return 1;
	RUN(test_counts, "all ten counts are recorded, and counted");
	RUN(test_unmatched, "a document of another shape that passed is counted");
	RUN(test_classes, "classes add up, as many as a record holds");
	RUN(test_subjects, "subjects are recorded, as many as a record holds");
	RUN(test_intent, "an intent is on its way to the disk before anything happens");
	RUN(test_log_ready, "where nothing can be recorded nothing passes");
	return stage_over();
}
