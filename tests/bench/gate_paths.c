/*
 * gate_paths.c - paths that need no daemon, run a fixed number of times
 * for the instruction gate (gate.sh), which counts and judges.
 *
 *	gate_paths scan ROUNDS ORDERS.ndjson	json_scan() over every order
 *	gate_paths decision ROUNDS POLICY.json	policy_decide() over every question
 *	gate_paths untapped ROUNDS ORDER.json	protect_document() of an order ...
 *	gate_paths tapped ROUNDS ORDER.json	... of which eight fields and a tag are told
 *
 * Prints how many documents or questions a round has.
 */
#include "gateway/codec/json.h"
#include "gateway/protect/protect.h"
#include "gateway/protect/tap.h"
#include "policy/decide/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "gate_paths: %s\n", what);
		exit(1);
	}
}

/* ---- scan ---- */

static const struct codec_selector selectors[] = {
	{ "$..mobile", 1, 1, 0 },
	{ "$..phone", 1, 1, 0 },
	{ "$..receiver_mobile", 1, 1, 0 },
	{ "$..receiver_name", 2, 1, 0 },
	{ "$.receiver.contact", 2, 1, 0 },
	{ "$.profile.addresses[*].addr", 3, 1, 0 },
	{ "$..address1", 3, 1, 0 },
	{ "$..receiver_address", 3, 1, 0 },
	{ "$..email", 4, 1, 0 },
	{ "$.order.note", 5, 0, 0 },
	{ "$..buyer_message", 5, 0, 0 },
	{ "$.events[*]", 5, 0, 0 },
};

static void read_file(const char *path, struct sc_buf *b)
{
	FILE *f = fopen(path, "r");
	size_t got;

	must(f != NULL && sc_buf_reserve(b, b->max) == SC_OK, path);
	got = fread(b->p, 1, b->max, f);
	must(got > 0 && got < b->max, path);
	b->n = got;
	fclose(f);
}

static size_t scan(unsigned long rounds, const char *path)
{
	struct codec_paths *paths;
	struct codec_fields spans;
	struct sc_span line;
	struct sc_buf text;
	size_t docs = 0;

	sc_buf_init(&text, 65536);
	read_file(path, &text);
	codec_fields_init(&spans);
	must(codec_pad(&text) == SC_OK &&
		codec_paths_new(selectors, sizeof(selectors) / sizeof(selectors[0]), NULL,
		    &paths) == SC_OK,
	    "setup");
	for (unsigned long i = 0; i < rounds; i++) {
		size_t from = 0;

		docs = 0;
		for (; codec_ndjson.next(sc_buf_span(&text), true, &from, &line); docs++)
			must(json_scan(paths, line.p, line.n, &spans, NULL) == SC_OK && spans.n > 0,
			    "an order was refused, or nothing found in it");
	}
	codec_paths_free(paths);
	codec_fields_fini(&spans);
	sc_buf_fini(&text);
	return docs;
}

/* ---- decision ---- */

static const struct {
	const char *role, *purpose;
	enum policy_op op;
} asks[] = {
	{ "shop", "order_processing", POLICY_WRITE },
	{ "order_system", "delivery", POLICY_READ },
	{ "carrier", "delivery", POLICY_SHARE },
	{ "support", "service", POLICY_READ },
	{ "marketing", "campaign", POLICY_READ },
	{ "auditor", "audit", POLICY_READ },
	{ "privacy_officer", "audit", POLICY_DELETE },
};

static const char *const classes[] = { "name", "phone", "address", "region", "email" };

#define QUESTIONS (sizeof(asks) / sizeof(asks[0]) * (sizeof(classes) / sizeof(classes[0])))

static void make_questions(const struct policy *p, struct policy_query q[QUESTIONS])
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		size_t a = i % (sizeof(asks) / sizeof(asks[0]));

		q[i] = (struct policy_query){ .op = (uint8_t)asks[a].op,
			.now_ms = 1795003200000,
			.has_reason = true,
			.has_ticket = true,
			.subjects_today = 1,
			.records = 1 };
		must(policy_role(p, sc_span_str(asks[a].role), &q[i].role) &&
			policy_purpose(p, sc_span_str(asks[a].purpose), &q[i].purpose) &&
			policy_class(p, sc_span_str(classes[i / (sizeof(asks) / sizeof(asks[0]))]),
			    &q[i].class_id),
		    "the policy lacks a name that is asked about");
	}
}

static size_t decision(unsigned long rounds, const char *path)
{
	struct policy_query q[QUESTIONS];
	struct policy_verdict v;
	struct policy *p;
	unsigned long allowed = 0;

	must(policy_load_file(path, NULL, &p) == SC_OK, path);
	make_questions(p, q);
	for (unsigned long i = 0; i < rounds; i++)
		for (size_t k = 0; k < QUESTIONS; k++) {
			policy_decide(p, &q[k], &v);
			allowed += v.action != ACTION_DENY;
		}
	must(allowed > 0 && allowed < rounds * QUESTIONS, "every answer is the same");
	policy_free(p);
	return QUESTIONS;
}

/* ---- tap ---- */

#define DROP(path) \
	{ \
		.at = path, .form = &form_drop \
	}
#define COLLECT(path) \
	{ \
		.at = path, .form = &form_collect \
	}
/* The order's protected fields, without a key; then what is collected. */
static struct field_rule order_rules[] = {
	DROP("$.receiver.name"),
	DROP("$.receiver.mobile"),
	DROP("$.receiver.county"),
	DROP("$.receiver.address"),
	DROP("$.receiver.city"),
	DROP("$.receiver.zip"),
	COLLECT("$.orderId"),
	COLLECT("$.buyer.id"),
	COLLECT("$.total"),
	COLLECT("$.status"),
	COLLECT("$.items[*].sku"),
	COLLECT("$.items[*].price"),
};
enum { ADDRESS = 3, PROTECTED = 6, RULES = sizeof(order_rules) / sizeof(order_rules[0]) };

static void told(void *arg, const struct tap_body *b)
{
	*(size_t *)arg += b->n_fields;
}

static void passed(struct protect_job *job, void *arg)
{
	*(size_t *)arg += protect_result(job)->outcome == PROTECT_DONE &&
	    !protect_result(job)->unheard;
}

static size_t pass_orders(unsigned long rounds, const char *path, bool tapped)
{
	static const struct subject_places subject = { .v = { { .name = "$.buyer.id" } }, .n = 1 };
	static const struct protect_points points = { .subject = &subject };
	static const struct sc_name name = { "shop" };
	size_t heard = 0, done = 0;
	const struct tap_listener listener = { "gate", false, told, &heard };
	struct asking asking = { .principal = &name, .route = &name };
	struct protect_job *job = protect_job_new();
	struct protect_rules *rules = NULL;
	struct tap *tap = NULL;
	struct sc_buf body, out;

	sc_buf_init(&body, 65536);
	sc_buf_init(&out, 65536);
	read_file(path, &body);
	order_rules[ADDRESS].tag = tapped;
	must(job != NULL && codec_pad(&body) == SC_OK &&
		(!tapped || tap_new(&listener, 1, TAP_SPOOL_BYTES, &tap) == SC_OK) &&
		rules_new(order_rules, tapped ? RULES : PROTECTED, points, UNMATCHED_REFUSE, NULL,
		    &rules) == SC_OK,
	    "setup");
	if (tapped)
		tap_set_key(tap, (const uint8_t[TAP_KEY_BYTES]){ 1 });
	for (unsigned long i = 0; i < rounds; i++) {
		sc_buf_clear(&out);
		protect_document(job,
		    &(struct protect_input){ .codec = &codec_json,
			.rules = rules,
			.way = PLAN_STORE,
			.caller = &asking,
			.reader = &asking,
			.body = sc_buf_span(&body),
			.out = &out,
			.tap = tap,
			.done = passed,
			.arg = &done });
	}
	must(done == rounds, "an order did not pass, or was not heard");
	tap_free(tap);
	must(!tapped || heard == rounds * 9, "not all was heard");
	protect_job_free(job);
	rules_free(rules);
	sc_buf_fini(&body);
	sc_buf_fini(&out);
	return 1;
}

static size_t untapped(unsigned long rounds, const char *path)
{
	return pass_orders(rounds, path, false);
}

static size_t tapped(unsigned long rounds, const char *path)
{
	return pass_orders(rounds, path, true);
}

static const struct {
	const char *name;
	size_t (*run)(unsigned long rounds, const char *path);
} modes[] = { { "scan", scan }, { "decision", decision }, { "untapped", untapped },
	{ "tapped", tapped } };

int main(int argc, char **argv)
{
	unsigned long rounds = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;

	for (size_t i = 0; rounds != 0 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(argv[1], modes[i].name) == 0) {
			printf("%zu\n", modes[i].run(rounds, argv[3]));
			return 0;
		}
	fputs("usage: gate_paths scan|decision|untapped|tapped ROUNDS FILE\n", stderr);
	return 2;
}
