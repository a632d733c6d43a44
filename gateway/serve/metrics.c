/*
 * metrics.c - the counters' names, and printing them.
 */
#include "gateway/serve/metrics.h"

static const struct {
	const char *name, *labels, *help;
} rows[METRIC_COUNT] = {
	[METRIC_PROXIED] = { "scrim_requests_total", "{kind=\"proxied\"}",
	    "Requests, by what became of them." },
	[METRIC_API] = { "scrim_requests_total", "{kind=\"api\"}", NULL },
	[METRIC_REFUSED_AUTH] = { "scrim_refused_total", "{why=\"credential\"}",
	    "Requests refused, by reason." },
	[METRIC_REFUSED_POLICY] = { "scrim_refused_total", "{why=\"policy\"}", NULL },
	[METRIC_REFUSED_BODY] = { "scrim_refused_total", "{why=\"body\"}", NULL },
	[METRIC_NO_ROUTE] = { "scrim_refused_total", "{why=\"no_route\"}", NULL },
	[METRIC_RETURN_QUEUED] = { "scrim_unavailable_total", "{why=\"return-queued\"}", NULL },
	[METRIC_KEYS_AWAY] = { "scrim_unavailable_total", "{why=\"keys\"}",
	    "Requests answered 502, 503 or 504, by what was missing." },
	[METRIC_LOG_AWAY] = { "scrim_unavailable_total", "{why=\"log\"}", NULL },
	[METRIC_NUMBERS_AWAY] = { "scrim_unavailable_total", "{why=\"numbers\"}", NULL },
	[METRIC_COLLECT_AWAY] = { "scrim_unavailable_total", "{why=\"collect\"}", NULL },
	[METRIC_COLLECT_FULL] = { "scrim_unavailable_total", "{why=\"collect_full\"}", NULL },
	[METRIC_UPSTREAM_FAILED] = { "scrim_unavailable_total", "{why=\"upstream\"}", NULL },
	[METRIC_ANSWERS_WITHHELD] = { "scrim_answers_withheld_total", "",
	    "Upstream answers of which only status and fields were passed on." },
	[METRIC_VALUES_SEALED] = { "scrim_values_total", "{action=\"sealed\"}",
	    "Values, by what was done with them." },
	[METRIC_VALUES_OPENED] = { "scrim_values_total", "{action=\"opened\"}", NULL },
	[METRIC_VALUES_MASKED] = { "scrim_values_total", "{action=\"masked\"}", NULL },
	[METRIC_VALUES_PUT_BACK] = { "scrim_values_total", "{action=\"put_back\"}", NULL },
	[METRIC_VALUES_WITHHELD] = { "scrim_values_total", "{action=\"withheld\"}", NULL },
	[METRIC_VALUES_PAST_LIMIT] = { "scrim_values_past_limit_total", "",
	    "Values sealed with a nonce: the day has had its different ones of the person." },
	[METRIC_KEYS_UNKNOWN] = { "scrim_keys_wrong_total", "{why=\"unknown\"}",
	    "Values withheld because keyd's store is wrong: their key is not known, or broken." },
	[METRIC_KEYS_BROKEN] = { "scrim_keys_wrong_total", "{why=\"broken\"}", NULL },
	[METRIC_NO_SUBJECT] = { "scrim_documents_without_subject_total", "",
	    "Documents sealed under class keys because they name no subject." },
	[METRIC_FOREIGN] = { "scrim_foreign_tokens_total", "",
	    "Tokens of another person than the document's subject: "
	    "sealed as text, refused, or not opened." },
	[METRIC_UNMATCHED] = { "scrim_unmatched_documents_total", "",
	    "Documents in which something else stands where a rule's path goes on." },
	[METRIC_UNDECLARED] = { "scrim_undeclared_values_total", "",
	    "Personal values at places that no rule speaks of: scrim drift says where." },
	[METRIC_CLEAR] = { "scrim_clear_values_total", "",
	    "Values in clear at places of answers that rules name, and not shown as they are: "
	    "scrim drift says where." },
	[METRIC_OBSERVED] = { "scrim_observed_total", "{what=\"document\"}",
	    "Of routes that observe, and protect nothing: documents, those not read, those that "
	    "rules would have refused or withheld, and values that they would have changed." },
	[METRIC_OBSERVED_UNREAD] = { "scrim_observed_total", "{what=\"unread\"}", NULL },
	[METRIC_OBSERVED_REFUSALS] = { "scrim_observed_total", "{what=\"refusal\"}", NULL },
	[METRIC_OBSERVED_VALUES] = { "scrim_observed_total", "{what=\"value\"}", NULL },
	[METRIC_UNHEARD] = { "scrim_unheard_bodies_total", "",
	    "Protected bodies that found no room in the spool of those who listen." },
	[METRIC_CALL_CONNECT] = { "scrim_calls_total", "{answer=\"connect\"}",
	    "Calls and texts to virtual numbers, by what became of them (docs/PHONE.md)." },
	[METRIC_CALL_COLLECT] = { "scrim_calls_total", "{answer=\"collect\"}", NULL },
	[METRIC_CALL_NOBODY] = { "scrim_calls_total", "{answer=\"nobody\"}", NULL },
	[METRIC_CALL_LATE] = { "scrim_calls_total", "{answer=\"late\"}", NULL },
	[METRIC_CALL_ONE_WAY] = { "scrim_calls_total", "{answer=\"one_way\"}", NULL },
	[METRIC_CALL_BUSY] = { "scrim_calls_total", "{answer=\"busy\"}", NULL },
	[METRIC_CALL_BLOCKED] = { "scrim_calls_total", "{answer=\"blocked\"}", NULL },
	[METRIC_CALL_WITHHELD] = { "scrim_calls_total", "{answer=\"withheld\"}", NULL },
	[METRIC_CALL_REPLAYED] = { "scrim_calls_total", "{answer=\"replayed\"}", NULL },
	[METRIC_CALL_DOWN] = { "scrim_calls_total", "{answer=\"down\"}", NULL },
	[METRIC_WEBHOOK_FIRST_KEY] = { "scrim_webhooks_total", "{key=\"first\"}",
	    "Webhooks of numbers' vendors, by the key that signed them." },
	[METRIC_WEBHOOK_SECOND_KEY] = { "scrim_webhooks_total", "{key=\"second\"}", NULL },
	[METRIC_WEBHOOK_BENT] = { "scrim_webhooks_bent_total", "",
	    "Webhooks whose signature came before, over other fields: forged." },
	[METRIC_RELOADS] = { "scrim_reloads_total", "", "Configurations taken over." },
};

static enum sc_err print_log(struct tlog *log, struct sc_buf *out)
{
	struct tlog_status s;

	tlog_status(log, &s);
	return sc_buf_printf(out,
	    "# HELP scrim_log_entries Entries of the access log, by how far they are.\n"
	    "# TYPE scrim_log_entries gauge\n"
	    "scrim_log_entries{state=\"taken\"} %llu\n"
	    "scrim_log_entries{state=\"durable\"} %llu\n"
	    "scrim_log_entries{state=\"signed\"} %llu\n"
	    "# HELP scrim_log_failed 1 when the access log cannot be written.\n"
	    "# TYPE scrim_log_failed gauge\n"
	    "scrim_log_failed %d\n"
	    "# HELP scrim_log_space_low 1 when the disk of the access log is nearly full.\n"
	    "# TYPE scrim_log_space_low gauge\n"
	    "scrim_log_space_low %d\n",
	    (unsigned long long)s.next, (unsigned long long)s.durable,
	    (unsigned long long)s.signed_size, s.failed ? 1 : 0, s.space_low ? 1 : 0);
}

enum sc_err metrics_print(struct metrics *m, struct tlog *log, struct sc_buf *out)
{
	enum sc_err err;

	for (size_t i = 0; i < METRIC_COUNT; i++) {
		unsigned long long v = atomic_load_explicit(&m->v[i], memory_order_relaxed);

		if (rows[i].help != NULL) {
			err = sc_buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n", rows[i].name,
			    rows[i].help, rows[i].name);
			if (err != SC_OK)
				return err;
		}
		err = sc_buf_printf(out, "%s%s %llu\n", rows[i].name, rows[i].labels, v);
		if (err != SC_OK)
			return err;
	}
	return print_log(log, out);
}
