/*
 * test_values.c - values by themselves: the same plan as a document's fields, and an
 * answer each.
 */
#include "glass.h"
#include "names.h"

/* Of the role, by class: what may be done with writing, reading and searching it. */
#define RULE_OF(op, class, effect) \
	"{\"id\":\"" op "-" class "-" effect \
				  "\",\"role\":[\"r\"],\"purpose\":[\"p\"],\"class\":[\"" class \
	    "\"],\"op\":[\"" op "\"],\"effect\":\"" effect "\"}"
static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"r\":{\"max_tier\":\"T3\",\"indexes_per_day\":9},\"s\":{\"max_tier\":\"T3\"}},"
    "\"purposes\":[\"p\"],\"rules\":[" RULE_OF("write", "name", "tokenise") "," RULE_OF("write",
	"phone", "mask") "," RULE_OF("write", "address", "generalise") "," RULE_OF("write", "email",
	"drop") "," RULE_OF("write", "qq", "tokenise") "," RULE_OF("search", "name",
	"reveal") "," RULE_OF("read", "name", "reveal") "," RULE_OF("read", "phone",
	"mask") "," RULE_OF("read", "address", "tokenise") "," RULE_OF("read", "email",
	"drop") ",{\"id\":\"signed\",\"role\":\"r\",\"purpose\":\"p\",\"class\":\"dob\",\"op\":\"read\",\"effect\":\"reveal\","
		"\"require\":[{\"signature\":true}]}]}";

#define MAX 8
static struct protect_value values[MAX];
static size_t n_values;
static const struct codec *codec = &codec_json;

static struct side side = { .role = "r", .purpose = "p" };

/* Values of one form, as the strings and numbers of a JSON array. */
static enum protect_outcome pass(const struct form *form, enum plan_way way, const char *body)
{
	struct codec_paths *paths;
	struct codec_fields fields;
	struct codec_selector all = { .text = "$[*]" };
	struct protect_input in;

	side.way = way;
	prepare(&side, sc_span_str(body));
	in = input(&side);
	in.rules = NULL;
	in.codec = codec;
	codec_fields_init(&fields);
	if (codec_paths_new(&all, 1, NULL, &paths) != SC_OK ||
	    codec_json.scan(paths, in.body, &fields, NULL) != SC_OK || fields.n > MAX)
		abort();
	n_values = fields.n;
	for (size_t i = 0; i < n_values; i++) {
		values[i].field = fields.v[i];
		values[i].rule.form = form;
	}
	codec_fields_fini(&fields);
	codec_paths_free(paths);
	sc_buf_clear(&out);
	protect_values(job, &in, values, n_values);
	CHECK(finished <= 1);
	return finished != 0 ? protect_result(job)->outcome : (enum protect_outcome) - 1;
}

static void begin(void)
{
	memset(values, 0, sizeof(values));
	glass_reset();
}

static bool text_is(size_t i, const char *want)
{
	struct sc_span got = sc_span(out.p + values[i].at, values[i].n);

	if (sc_span_is(got, want))
		return true;
	printf("# %zu: got %.*s, wanted %s\n", i, SC_SPAN_ARG(got), want);
	return false;
}

#define ANSWER(i, s, a, k, text) \
	CHECK(values[i].status == (s) && values[i].action == (a) && \
	    ((s) != WIRE_OK || (values[i].kind == (k) && text_is((i), (text)))))

static void test_seal(void)
{
	const struct audit_counts *c = &protect_result(job)->counts;
	const char *token;

	begin();
	for (size_t i = 0; i < 6; i++)
		values[i].rule.class_id = (uint8_t[]){ CLASS_NAME, CLASS_PHONE, CLASS_ADDRESS,
			CLASS_EMAIL, CLASS_WECHAT, CLASS_NAME }[i];
	values[0].subject = sc_span_str("c1");
	values[5].subject = sc_span_str("c2");
	values[5].rule.random = true;
	CHECK(
	    pass(&form_seal, PLAN_STORE,
		"[\"A\\u006en\",\"07700 900123\",\"1 Example Street\",\"ann@example.org\",\"w\",5.0]") ==
	    PROTECT_DONE);
	token = token_of(CLASS_NAME, TOKEN_STRING, "Ann");
	ANSWER(0, WIRE_OK, ACTION_TOKENISE, CODEC_TEXT, token);
	ANSWER(1, WIRE_OK, ACTION_MASK, CODEC_TEXT, "077** **0123");
	CHECK(values[2].status == WIRE_OK && values[2].action == ACTION_GENERALISE);
	ANSWER(3, WIRE_OK, ACTION_DROP, CODEC_NULL, "");
	ANSWER(4, WIRE_DENIED, ACTION_DENY, 0, "");
	CHECK(values[4].why != NULL && strcmp(values[4].why, "no rule allows this") == 0);
	CHECK(values[0].why == NULL && values[1].why == NULL && values[3].why == NULL);
	ANSWER(5, WIRE_OK, ACTION_TOKENISE, CODEC_TEXT,
	    token_of(CLASS_NAME, TOKEN_NUMBER | TOKEN_RANDOM, "5.0"));
	/* one call, each under its own subject, and nobody asks for what is denied */
	CHECK(glass.calls == 1 && glass.items == 2 && glass.call[0].ctx.records == 6);
	CHECK(strcmp(glass.item[0].subject, "c1") == 0 && strcmp(glass.item[1].subject, "c2") == 0);
	CHECK(strcmp(glass.item[0].value, "Ann") == 0 && glass.call[0].ctx.op == POLICY_WRITE);
	CHECK(c->sealed == 2 && c->masked == 1 && c->generalised == 1 && c->dropped == 1 &&
	    c->denied == 1);
	CHECK(protect_result(job)->records == 6 && protect_result(job)->n_classes == 5);
	CHECK(protect_result(job)->n_nobodys == 0);
}

static void test_reveal(void)
{
	const struct audit_counts *c = &protect_result(job)->counts;
	const char *name = token_of(CLASS_NAME, TOKEN_NUMBER, "12.50"),
		   *phone = token_of(CLASS_PHONE, 0, "07700 900123"),
		   *address = token_of(CLASS_ADDRESS, 0, "1 Example Street"),
		   *email = token_of(CLASS_EMAIL, 0, "ann@example.org"),
		   *wechat = token_of(CLASS_WECHAT, 0, "w");
	char body[1024];

	begin();
	snprintf(body, sizeof(body),
	    "[\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"sct1-nothing\",\"clear\"]", name, phone, address,
	    email, wechat);
	glass.odd = 2;
	glass.odd_status = WIRE_QUOTA;
	CHECK(pass(&form_policy, PLAN_READ, body) == PROTECT_DONE);
	ANSWER(0, WIRE_OK, ACTION_REVEAL, CODEC_NUMBER, "12.50");
	CHECK(values[0].class_id == CLASS_NAME);
	CHECK(values[1].status == WIRE_QUOTA && values[1].n == 0);
	ANSWER(2, WIRE_OK, ACTION_TOKENISE, CODEC_TEXT, address);
	CHECK(values[2].class_id == CLASS_ADDRESS);
	ANSWER(3, WIRE_OK, ACTION_DROP, CODEC_NULL, "");
	ANSWER(4, WIRE_DENIED, ACTION_DENY, 0, "");
	ANSWER(5, WIRE_BAD_TOKEN, ACTION_DENY, 0, "");
	ANSWER(6, WIRE_BAD_TOKEN, ACTION_DENY, 0, "");
	CHECK(glass.calls == 1 && glass.items == 2 && glass.item[0].subject_n == 0);
	CHECK(c->revealed == 1 && c->tokenised == 1 && c->dropped == 1 && c->denied == 2 &&
	    c->bad == 2);
	/* what keyd leaves of it */
	begin();
	glass.action = ACTION_MASK;
	snprintf(body, sizeof(body), "[\"%s\"]", name);
	CHECK(pass(&form_policy, PLAN_READ, body) == PROTECT_DONE);
	ANSWER(0, WIRE_OK, ACTION_MASK, CODEC_TEXT, "12.50");
	glass_reset();
}

/* What is to be signed for is keyd's to judge; what was signed is asked for whole, in one call. */
static void test_signed(void)
{
	const char *dob = token_of(CLASS_DOB, 0, "1990-01-02"),
		   *phone = token_of(CLASS_PHONE, 0, "1"),
		   *address = token_of(CLASS_ADDRESS, 0, "2"), *qq = token_of(CLASS_QQ, 0, "3");
	static struct protect_value many[600];
	char body[1024];

	begin();
	snprintf(body, sizeof(body), "[\"%s\"]", dob);
	glass.status = WIRE_UNSIGNED;
	CHECK(pass(&form_policy, PLAN_READ, body) == PROTECT_DONE);
	CHECK(values[0].status == WIRE_UNSIGNED && values[0].n == 0 && glass.items == 1);
	CHECK(!glass.call[0].ctx.signature_checked && glass.call[0].ctx.statement.n == 0);
	/* denied here, to stay a token here, and no token at all: the digest is over all of them */
	begin();
	side.statement = sc_span_str("a statement");
	snprintf(body, sizeof(body), "[\"%s\",\"%s\",\"clear\",\"%s\",\"%s\",\"sct1-x\"]", dob, qq,
	    address, phone);
	CHECK(pass(&form_policy, PLAN_READ, body) == PROTECT_DONE);
	CHECK(glass.calls == 1 && glass.items == 6);
	CHECK(sc_span_is(glass.call[0].ctx.statement, "a statement"));
	CHECK(!glass.call[0].ctx.signature_checked);
	CHECK(strcmp(glass.item[0].value, dob) == 0 && strcmp(glass.item[1].value, qq) == 0);
	CHECK(strcmp(glass.item[2].value, "clear") == 0 &&
	    strcmp(glass.item[5].value, "sct1-x") == 0);
	ANSWER(0, WIRE_OK, ACTION_REVEAL, CODEC_TEXT, "1990-01-02");
	ANSWER(2, WIRE_BAD_TOKEN, ACTION_DENY, 0, "");
	ANSWER(5, WIRE_BAD_TOKEN, ACTION_DENY, 0, "");
	/* nor is it split */
	begin();
	for (size_t n = 512; n <= 513; n++) {
		struct protect_input in;

		prepare(&side, sc_span_str(body));
		in = input(&side);
		in.rules = NULL;
		in.codec = codec;
		for (size_t i = 0; i < n; i++)
			many[i] = (struct protect_value){ .rule.form = &form_policy,
				.field = { .start = 2,
				    .end = (uint32_t)(2 + strlen(dob)),
				    .kind = CODEC_TEXT } };
		glass_reset();
		sc_buf_clear(&out);
		protect_values(job, &in, many, n);
		CHECK(
		    protect_result(job)->outcome == (n == 512 ? PROTECT_DONE : PROTECT_TOO_LARGE));
		CHECK(glass.calls == (n == 512) && glass.items == (n == 512 ? 512 : 0));
	}
	side.statement = sc_span(NULL, 0);
}

/* A search, what is stored beside its token, and what people are known by, which is the oldest's. */
static void test_index(void)
{
	static const struct {
		const struct form *form;
		uint8_t op, flags;
	} rows[] = {
		{ &form_index, POLICY_SEARCH, 0 },
		{ &form_index_stored, POLICY_WRITE, KEYC_INDEXED },
		{ &form_party, POLICY_WRITE, KEYC_INDEXED },
	};
	const struct protect_value *v = values;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin();
		values[0].rule.class_id = values[1].rule.class_id = CLASS_NAME;
		CHECK(pass(rows[i].form, PLAN_STORE, "[\"Ann\",\"B\\u006fb\"]") == PROTECT_DONE);
		ANSWER(0, WIRE_OK, ACTION_TOKENISE, CODEC_TEXT,
		    rows[i].form == &form_party ? ".old-Ann." : ".Ann.");
		ANSWER(1, WIRE_OK, ACTION_TOKENISE, CODEC_TEXT,
		    rows[i].form == &form_party ? ".old-Bob." : ".Bob.");
		CHECK((v->token_n != 0) == (rows[i].op == POLICY_WRITE));
		CHECK(v->token_n == 0 || token_seems(sc_span(out.p + v->token_at, v->token_n)));
		CHECK(glass.calls == 1 && glass.call[0].ctx.op == rows[i].op);
		CHECK(glass.item[0].flags == rows[i].flags && glass.item[1].flags == rows[i].flags);
		CHECK(protect_result(job)->searched == (rows[i].op == POLICY_SEARCH));
	}
	/* sealed, and no index: one too many, or nothing of it is hashed */
	for (int i = 0; i < 2; i++) {
		begin();
		glass.ungiven = i == 0;
		glass.formless = i == 1;
		values[0].rule.class_id = CLASS_NAME;
		CHECK(pass(&form_index_stored, PLAN_STORE, "[\"Ann\"]") == PROTECT_DONE);
		ANSWER(0, i == 0 ? WIRE_QUOTA : WIRE_BAD_VALUE, ACTION_TOKENISE, 0, "");
		CHECK(v->token_n != 0 && protect_result(job)->counts.sealed == 1);
		CHECK(protect_result(job)->counts.indexed == 0);
	}
	begin();
	values[0].rule.class_id = CLASS_PHONE;
	CHECK(pass(&form_index, PLAN_STORE, "[\"07700 900123\"]") == PROTECT_DONE);
	ANSWER(0, WIRE_DENIED, ACTION_DENY, 0, "");
	CHECK(pass(&form_party, PLAN_STORE, "[\"07700 900123\"]") == PROTECT_DONE);
	ANSWER(0, WIRE_DENIED, ACTION_DENY, 0, "");
}

static void test_mask(void)
{
	const char *token = token_of(CLASS_NAME, 0, "Ann");
	char body[512];

	begin();
	values[0].rule.class_id = values[1].rule.class_id = CLASS_NAME;
	snprintf(body, sizeof(body), "[\"Ann\",\"%s\"]", token);
	CHECK(pass(&form_mask, PLAN_STORE, body) == PROTECT_DONE && glass.calls == 0);
	ANSWER(0, WIRE_OK, ACTION_MASK, CODEC_TEXT, "A**");
	ANSWER(1, WIRE_OK, ACTION_TOKENISE, CODEC_TEXT, token);
}

/* One that is answered already is passed over; all of them, and there is nothing to ask. */
static void test_skip(void)
{
	begin();
	values[0].rule.class_id = values[1].rule.class_id = CLASS_NAME;
	values[0].skip = true;
	values[0].status = 77;
	CHECK(pass(&form_seal, PLAN_STORE, "[\"Ann\",\"Bob\"]") == PROTECT_DONE);
	CHECK(
	    values[0].status == 77 && glass.items == 1 && strcmp(glass.item[0].value, "Bob") == 0);
	CHECK(protect_result(job)->counts.sealed == 1);
	begin();
	values[0].skip = true;
	CHECK(pass(&form_seal, PLAN_STORE, "[\"Ann\"]") == PROTECT_DONE && glass.calls == 0);
}

/* What ends a call ends the batch, and no value of it comes out. */
static void test_failures(void)
{
	static const struct {
		enum sc_err fail, reply;
		enum protect_outcome outcome;
	} rows[] = { { SC_AGAIN, SC_OK, PROTECT_KEYS_AWAY }, { SC_LIMIT, SC_OK, PROTECT_TOO_LARGE },
		{ SC_OK, SC_LIMIT, PROTECT_LOG_FULL }, { SC_OK, SC_STALE, PROTECT_OTHER_POLICY },
		{ SC_OK, SC_AUTH, PROTECT_REFUSED } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin();
		values[0].rule.class_id = CLASS_PHONE;
		values[1].rule.class_id = CLASS_NAME;
		glass.fail = rows[i].fail;
		glass.reply = rows[i].reply;
		CHECK(
		    pass(&form_seal, PLAN_STORE, "[\"07700 900123\",\"Ann\"]") == rows[i].outcome);
		CHECK(out.n == 0 && protect_result(job)->counts.sealed == 0 &&
		    protect_result(job)->counts.masked == 0);
	}
	glass_reset();
}

static enum sc_err no_room(struct sc_span raw, struct sc_buf *into, struct codec_map *map)
{
	(void)raw, (void)into, (void)map;
	return SC_NOMEM;
}

/* What cannot even be planned ends the batch before anybody is asked. */
static void test_no_room(void)
{
	struct codec full = codec_json;

	full.decode = no_room;
	begin();
	values[0].rule.class_id = values[1].rule.class_id = CLASS_PHONE;
	codec = &full;
	CHECK(pass(&form_seal, PLAN_STORE, "[\"1\",\"\\u0031\"]") == PROTECT_FAILED);
	codec = &codec_json;
	CHECK(finished == 1 && out.n == 0 && glass.calls == 0);
}

static void test_erasable(void)
{
	struct asking a = { .now_ms = 1 };
	const char *why = NULL;

	CHECK(!protect_erasable(policy, &a, &why) && strcmp(why, "no rule allows this") == 0);
	/* this policy has neither purpose */
	CHECK(!protect_bindable(policy, &a, &why) &&
	    strcmp(why, "virtual numbers are for order_processing and delivery") == 0);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_seal,
	    "a value is sealed, or stored poorer, or denied, as its class is in a document");
	RUN(test_reveal, "a token is opened as far as policy says, and what is none is bad");
	RUN(test_signed,
	    "what a signature is wanted for keyd judges, and what is signed is one call");
	RUN(test_mask, "a mask asks nobody; a token stays one");
	RUN(test_index, "an index is a search's, or one to store, or what people are known by");
	RUN(test_skip, "a value that has its answer is passed over");
	RUN(test_failures, "a call that fails is about all values, and none comes out");
	RUN(test_no_room, "a batch that cannot be planned is answered, and nobody is asked");
	RUN(test_erasable, "nobody erases, or binds, whom no rule lets");
	return glass_over();
}
