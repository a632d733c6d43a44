/*
 * test_record.c - a record's bytes are fixed, read back as they were meant, and
 * nothing outside the narrow alphabets gets in.
 */
#include "crypto/record/record.h"
#include "policy/decide/decide.h"

#include "audit/record/read.h"
#include "policy/decide/decide.h"
#include "policy/reason.h"
#include "tap.h"

static void name(struct sc_name *n, const char *s)
{
	if (sc_name_parse(sc_span_str(s), n) != SC_OK)
		abort();
}

static struct sc_name who, role, purpose, route, own_class;
static struct policy_reason reason = { "parcel lost" };
static const uint8_t handles[2][AUDIT_HANDLE_BYTES] = { { 0xab, 1 }, { 0xcd } };
static const uint8_t hash[32] = { 0xee };
static struct audit_class classes[2];

static void full(struct audit_record *r)
{
	audit_record_init(r, AUDIT_REVEAL);
	name(&who, "alice");
	name(&role, "support");
	name(&purpose, "service");
	name(&route, "orders");
	name(&own_class, "shoe_size");
	classes[0] = (struct audit_class){ .id = CLASS_PHONE, .n = 2 };
	classes[1] = (struct audit_class){ .id = CLASS_FILE_FIRST, .n = 1, .name = &own_class };
	r->at_ms = 1789;
	r->asking.request_id = 0xab;
	r->asking.principal = &who;
	r->role = &role;
	r->auth = AUDIT_AUTH_API_KEY;
	r->purpose = &purpose;
	r->asking.reason = &reason;
	r->asking.op = POLICY_READ;
	r->tier = TIER_T2;
	r->classes = classes;
	r->n_classes = 2;
	r->asking.records = 1;
	r->subjects = handles;
	r->n_subjects = 2;
	r->action = ACTION_REVEAL;
	r->rules[0] = "support-phones";
	r->asking.policy_hash = hash;
	r->asking.route = &route;
	r->address = (struct audit_prefix){ 4, { 192, 0, 2 } };
	r->outcome = AUDIT_OK;
	r->status = 200;
	r->counts.revealed = 3;
	r->keyd_index = 0;
}

static void test_bytes(void)
{
	static const char want[] =
	    "{\"v\":1,\"at\":1789,\"kind\":\"reveal\",\"req\":\"00000000000000ab\","
	    "\"who\":{\"principal\":\"alice\",\"role\":\"support\",\"auth\":\"api_key\"},"
	    "\"why\":{\"purpose\":\"service\",\"reason\":\"parcel lost\"},"
	    "\"what\":{\"op\":\"read\",\"tier\":\"T2\",\"classes\":{\"phone\":2,\"shoe_size\":1},"
	    "\"records\":1,\"subjects\":[\"ab010000000000000000000000000000\","
	    "\"cd000000000000000000000000000000\"]},"
	    "\"decision\":{\"action\":\"reveal\",\"rules\":[\"support-phones\"],\"policy\":"
	    "\"ee00000000000000000000000000000000000000000000000000000000000000\"},"
	    "\"where\":{\"route\":\"orders\",\"net\":\"192.0.2.0/24\"},"
	    "\"outcome\":{\"result\":\"ok\",\"status\":200,\"revealed\":3,\"keyd\":0}}";
	struct audit_record r;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	full(&r);
	NEED(audit_record_print(&r, &out) == SC_OK);
	if (!sc_span_is(sc_buf_span(&out), want))
		printf("# %.*s\n", SC_SPAN_ARG(sc_buf_span(&out)));
	CHECK(sc_span_is(sc_buf_span(&out), want));
	sc_buf_clear(&out);
	audit_record_init(&r, AUDIT_START);
	r.at_ms = 5;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out), "{\"v\":1,\"at\":5,\"kind\":\"start\"}"));
	/* counted on the day that it is of, and on another */
	for (unsigned day = 0; day < 2; day++) {
		sc_buf_clear(&out);
		r.at_ms = UINT64_C(86399999);
		r.asking.counted_ms = r.at_ms + day;
		NEED(audit_record_print(&r, &out) == SC_OK);
		CHECK(sc_span_is(sc_buf_span(&out),
		    day == 0 ? "{\"v\":1,\"at\":86399999,\"kind\":\"start\"}" :
			       "{\"v\":1,\"at\":86399999,\"day\":1,\"kind\":\"start\"}"));
	}
	sc_buf_fini(&out);
}

/* A call to a virtual number, and which binding it was judged by. */
static void test_binding(void)
{
	static const uint8_t binding[AUDIT_BINDING_BYTES] = { 0xab, [15] = 0x01 };
	struct audit_record r;
	struct audit_entry e;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	audit_record_init(&r, AUDIT_REQUEST);
	r.at_ms = 5;
	r.act = "phone.late";
	r.asking.records = 1;
	r.binding = binding;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "{\"v\":1,\"at\":5,\"kind\":\"request\",\"act\":\"phone.late\",\"what\":{\"records\":1,"
	    "\"binding\":\"ab000000000000000000000000000001\"}}"));
	NEED(audit_entry_parse(sc_buf_span(&out), &e) == SC_OK);
	CHECK(strcmp(e.act, "phone.late") == 0);
	CHECK(strcmp(e.binding, "ab000000000000000000000000000001") == 0);
	audit_entry_fini(&e);
	sc_buf_clear(&out);
	r.binding = NULL;
	r.act = NULL;
	NEED(audit_record_print(&r, &out) == SC_OK &&
	    audit_entry_parse(sc_buf_span(&out), &e) == SC_OK);
	CHECK(e.act[0] == '\0' && e.binding[0] == '\0');
	audit_entry_fini(&e);
	sc_buf_fini(&out);
}

/* What was granted, by the names of the policy that it was told by. */
static void test_consents(void)
{
	static const char text[] =
	    "{\"scrim_policy\":1,\"version\":\"t\",\"roles\":{},\"purposes\":[\"a\",\"b\",\"c\"],"
	    "\"rules\":[]}";
	struct policy *p = NULL;
	struct audit_record r;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	NEED(policy_load(sc_span_str(text), "t", NULL, &p) == SC_OK);
	audit_record_init(&r, AUDIT_REQUEST);
	r.at_ms = 5;
	r.asking.consents = 5;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out), "{\"v\":1,\"at\":5,\"kind\":\"request\"}"));
	sc_buf_clear(&out);
	r.policy = p;
	r.asking.approvals = 1;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "{\"v\":1,\"at\":5,\"kind\":\"request\",\"decision\":{\"approvals\":1,"
	    "\"consents\":[\"a\",\"c\"]}}"));
	sc_buf_clear(&out);
	r.asking.consents = r.asking.approvals = 0;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out), "{\"v\":1,\"at\":5,\"kind\":\"request\"}"));
	policy_free(p);
	sc_buf_fini(&out);
}

/* Words that were said: all members, those that were not said left out, and the longest list. */
static bool says(const struct sc_buf *out, const char *text)
{
	return memmem(out->p, out->n, text, strlen(text)) != NULL;
}

/* Which action each value of a class met, where not all met the one that the record says. */
static void test_actions(void)
{
	const uint32_t mixed[ACTION_COUNT] = { [ACTION_DENY] = 1, [ACTION_REVEAL] = 1 };
	const uint32_t alike[ACTION_COUNT] = { [ACTION_REVEAL] = 1 };
	struct audit_record r;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	full(&r);
	classes[0].by = mixed;
	classes[1].by = alike;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(says(&out,
	    "\"classes\":{\"phone\":{\"deny\":1,\"reveal\":1},"
	    "\"shoe_size\":1},"));
	sc_buf_clear(&out);
	r.action = ACTION_DENY;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(says(&out, "\"shoe_size\":{\"reveal\":1}},"));
	sc_buf_clear(&out);
	r.action = AUDIT_UNSET;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(says(&out, "\"classes\":{\"phone\":2,\"shoe_size\":1},"));
	sc_buf_fini(&out);
}

static void test_said(void)
{
	static const uint8_t sum[32] = { 0xaa, [31] = 0x01 };
	static const struct sc_name web = { "shop-web" }, box = { "checkbox" };
	struct audit_consent said[AUDIT_CONSENTS_MAX + 1];
	struct audit_record r;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	said[0] = (struct audit_consent){ "analytics", "grant", 3, &web, &box, sum, sum, 1789 };
	said[1] = (struct audit_consent){ .purpose = "marketing", .word = "withdraw" };
	audit_record_init(&r, AUDIT_ADMIN);
	r.at_ms = 5;
	r.said = said;
	r.n_said = 2;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "{\"v\":1,\"at\":5,\"kind\":\"admin\",\"what\":{\"consent\":["
	    "{\"purpose\":\"analytics\",\"word\":\"grant\",\"version\":3,\"source\":\"shop-web\","
	    "\"method\":\"checkbox\","
	    "\"text\":\"aa00000000000000000000000000000000000000000000000000000000000001\","
	    "\"evidence\":\"aa00000000000000000000000000000000000000000000000000000000000001\","
	    "\"said\":1789},"
	    "{\"purpose\":\"marketing\",\"word\":\"withdraw\",\"version\":0}]}}"));
	for (size_t i = 0; i <= AUDIT_CONSENTS_MAX; i++)
		said[i] = said[0];
	sc_buf_clear(&out);
	r.n_said = AUDIT_CONSENTS_MAX;
	CHECK(audit_record_print(&r, &out) == SC_OK && out.n < AUDIT_RECORD_MAX);
	sc_buf_clear(&out);
	r.n_said++;
	CHECK(audit_record_print(&r, &out) == SC_LIMIT && out.n == 0);
	r.n_said = 1;
	said[0].purpose = "a b";
	CHECK(audit_record_print(&r, &out) == SC_BUG && out.n == 0);
	sc_buf_fini(&out);
}

static void test_release(void)
{
	static const struct sc_name tenant = { "shop" }, dataset = { "portrait" }, none = { "" };
	struct audit_release v = { .dataset = &dataset,
		.number = AUDIT_NUMBER_MAX,
		.manifest = hash };
	struct audit_record r;
	struct audit_entry e;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	audit_record_init(&r, AUDIT_ADMIN);
	r.at_ms = 5;
	r.act = "views.publish";
	r.asking.tenant = &tenant;
	r.release = &v;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "{\"v\":1,\"at\":5,\"kind\":\"admin\",\"act\":\"views.publish\",\"tenant\":\"shop\","
	    "\"what\":{\"release\":{\"dataset\":\"portrait\",\"number\":9007199254740991,"
	    "\"manifest\":"
	    "\"ee00000000000000000000000000000000000000000000000000000000000000\"}}}"));
	NEED(audit_entry_parse(sc_buf_span(&out), &e) == SC_OK);
	CHECK(strcmp(e.tenant, "shop") == 0 && strcmp(e.release.dataset, "portrait") == 0);
	CHECK(e.release.number == AUDIT_NUMBER_MAX && strlen(e.release.manifest) == 64);
	audit_entry_fini(&e);
	sc_buf_clear(&out);
	v.number++;
	CHECK(audit_record_print(&r, &out) == SC_BUG && out.n == 0);
	v = (struct audit_release){ .dataset = &none, .number = 1, .manifest = hash };
	CHECK(audit_record_print(&r, &out) == SC_BUG && out.n == 0);
	r.release = NULL;
	NEED(audit_record_print(&r, &out) == SC_OK &&
	    audit_entry_parse(sc_buf_span(&out), &e) == SC_OK);
	CHECK(e.release.dataset[0] == '\0' && e.release.number == 0);
	audit_entry_fini(&e);
	sc_buf_fini(&out);
}

/* The keys that an erasure destroys, and how far a store has come. */
static void test_keys_and_store(void)
{
	uint64_t keys[AUDIT_KEYS_MAX + 1] = { 0xab, UINT64_MAX };
	struct audit_store store = { 7, AUDIT_NUMBER_MAX, 0 };
	struct audit_record r;
	struct audit_entry e;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	audit_record_init(&r, AUDIT_ERASE);
	r.at_ms = 5;
	r.keys = keys;
	r.n_keys = 2;
	r.store = &store;
	r.counts.unknown = 3;
	r.counts.broken = 4;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "{\"v\":1,\"at\":5,\"kind\":\"erase\",\"what\":{\"keys\":[\"00000000000000ab\","
	    "\"ffffffffffffffff\"],\"store\":{\"gen\":7,\"high\":9007199254740991,\"lease\":0}},"
	    "\"outcome\":{\"unknown\":3,\"broken\":4}}"));
	NEED(audit_entry_parse(sc_buf_span(&out), &e) == SC_OK);
	CHECK(cJSON_GetArraySize(e.keys) == 2 && e.counts.unknown == 3 && e.counts.broken == 4);
	CHECK(e.store.gen == 7 && e.store.high == AUDIT_NUMBER_MAX && e.store.lease == 0);
	audit_entry_fini(&e);
	sc_buf_clear(&out);
	r.n_keys = AUDIT_KEYS_MAX;
	CHECK(audit_record_print(&r, &out) == SC_OK && out.n < AUDIT_RECORD_MAX);
	sc_buf_clear(&out);
	r.n_keys++;
	CHECK(audit_record_print(&r, &out) == SC_LIMIT && out.n == 0);
	r.n_keys = 0;
	for (unsigned i = 0; i < 3; i++) {
		store = (struct audit_store){ 1, 2, 3 };
		*(i == 0 ? &store.gen : i == 1 ? &store.high : &store.lease) = AUDIT_NUMBER_MAX + 1;
		CHECK(audit_record_print(&r, &out) == SC_BUG && out.n == 0);
	}
	r.store = NULL;
	NEED(audit_record_print(&r, &out) == SC_OK &&
	    audit_entry_parse(sc_buf_span(&out), &e) == SC_OK);
	CHECK(e.keys == NULL && e.store.gen == 0 && e.store.high == 0 && e.store.lease == 0);
	audit_entry_fini(&e);
	sc_buf_fini(&out);
}

static void test_head(void)
{
	struct audit_record r;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	audit_record_init(&r, AUDIT_HEAD);
	r.at_ms = 5;
	r.head_origin = "demo.example/keyd";
	r.head_size = 12;
	r.head_root = hash;
	NEED(audit_record_print(&r, &out) == SC_OK);
	CHECK(sc_span_is(sc_buf_span(&out),
	    "{\"v\":1,\"at\":5,\"kind\":\"head\",\"head\":{\"origin\":"
	    "\"demo.example/keyd\",\"size\":12,\"root\":"
	    "\"ee00000000000000000000000000000000000000000000000000000000000000\"}}"));
	sc_buf_fini(&out);
}

static void test_read(void)
{
	struct audit_record r;
	struct audit_entry e;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
	for (unsigned k = 0; k < AUDIT_KIND_COUNT; k++) {
		sc_buf_clear(&out);
		full(&r);
		r.kind = (enum audit_kind)k;
		r.outcome = (enum audit_outcome)(k % AUDIT_OUTCOME_COUNT);
		NEED(audit_record_print(&r, &out) == SC_OK);
		NEED(audit_entry_parse(sc_buf_span(&out), &e) == SC_OK);
		CHECK(e.kind == k && e.outcome == k % AUDIT_OUTCOME_COUNT && e.at_ms == 1789);
		CHECK(e.request_id == 0xab && strcmp(e.principal, "alice") == 0);
		CHECK(strcmp(e.op, "read") == 0 && strcmp(e.route, "orders") == 0);
		CHECK(e.counts.revealed == 3 && e.counts.sealed == 0);
		CHECK(cJSON_GetArraySize(e.subjects) == 2);
		CHECK(audit_entry_opens(&e) == (e.outcome != AUDIT_REFUSED));
		audit_entry_fini(&e);
	}
	CHECK(audit_entry_parse(sc_span_str("{\"v\":2}"), &e) == SC_SYNTAX);
	CHECK(audit_entry_parse(sc_span_str("[1]"), &e) == SC_SYNTAX);
	CHECK(audit_entry_parse(sc_span_str("\x01"), &e) == SC_SYNTAX);
	CHECK(audit_entry_parse(sc_span_str("{\"v\":1,\"who\":3,\"at\":-1}"), &e) == SC_OK);
	CHECK(e.at_ms == 0 && e.principal[0] == '\0');
	audit_entry_fini(&e);
	sc_buf_fini(&out);
}

static void test_refused(void)
{
	struct audit_class many[AUDIT_CLASSES_MAX + 1] = { { .id = 1, .n = 1 } };
	struct audit_record r;
	struct sc_buf out;

	sc_buf_init(&out, 16384);
#define REFUSED(change, code) \
	do { \
		full(&r); \
		change; \
		CHECK(audit_record_print(&r, &out) == (code) && out.n == 0); \
	} while (0)
	REFUSED(r.act = "has space", SC_BUG);
	REFUSED(r.act = "", SC_BUG);
	REFUSED(r.why = "13\n", SC_BUG);
	REFUSED(r.why = "a\"b", SC_BUG);
	REFUSED(r.rules[0] = "a@b", SC_BUG);
	REFUSED(r.head_origin = "a b", SC_BUG);
	REFUSED(r.asking.op = POLICY_OP_COUNT, SC_BUG);
	REFUSED(r.kind = AUDIT_KIND_COUNT, SC_BUG);
	REFUSED(r.outcome = AUDIT_OUTCOME_COUNT, SC_BUG);
	REFUSED((r.classes = many, r.n_classes = AUDIT_CLASSES_MAX + 1), SC_LIMIT);
	REFUSED(r.n_subjects = AUDIT_HANDLES_MAX + 1, SC_LIMIT);
	sc_buf_fini(&out);
	sc_buf_init(&out, 100);
	REFUSED(r.status = 1, SC_LIMIT);
	sc_buf_fini(&out);
}

/* As an array, so that a count that is added tomorrow is not forgotten. */
static void test_counts(void)
{
	enum { N = sizeof(struct audit_counts) / sizeof(uint32_t) };
	union {
		struct audit_counts c;
		uint32_t v[N];
	} to, from;

	for (size_t i = 0; i < N; i++) {
		to.v[i] = 1000;
		from.v[i] = 1 + (uint32_t)i;
	}
	audit_counts_add(&to.c, &from.c);
	for (size_t i = 0; i < N; i++)
		CHECK(to.v[i] == 1001 + (uint32_t)i && from.v[i] == 1 + (uint32_t)i);
}

int main(void)
{
	RUN(test_bytes, "a record's bytes are fixed");
	RUN(test_binding, "a call's record tells the binding, and it is read back");
	RUN(test_consents, "what was granted is told by the names of purposes");
	RUN(test_release, "a release is told by its name, number and digest");
	RUN(test_actions, "what was done with each class is told where it is not the same for all");
	RUN(test_said, "words of consent are told with what finds their proof");
	RUN(test_keys_and_store, "keys that are destroyed, and how far the store has come");
	RUN(test_head, "the other log's head is recorded");
	RUN(test_read, "every kind reads back");
	RUN(test_refused, "text outside the alphabets and too long lists are refused");
	RUN(test_counts, "every count is added, none forgotten");
	return tap_done();
}
