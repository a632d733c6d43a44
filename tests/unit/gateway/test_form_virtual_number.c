/*
 * test_form_virtual_number.c - virtual numbers in documents: what stands where a
 * telephone number stood, what it is bound to, and that nothing else ever does,
 * whoever fails or gives up in between.
 */
#include "glass.h"

#include <malloc.h>

#define MAY(name, share, write) \
	"{\"id\":\"s-" name "\",\"role\":[\"" name "\"],\"purpose\":[\"p\"],\"class\":[\"*\"]," \
	"\"op\":[\"share\"],\"effect\":\"" share "\"}," \
	"{\"id\":\"w-" name "\",\"role\":[\"" name "\"],\"purpose\":[\"p\"],\"class\":[\"*\"]," \
	"\"op\":[\"write\"],\"effect\":\"" write "\"}"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\",\"roles\":{"
    "\"reveal\":{\"max_tier\":\"T3\"},\"mask\":{\"max_tier\":\"T3\"},"
    "\"generalise\":{\"max_tier\":\"T3\"},\"tokenise\":{\"max_tier\":\"T3\"},"
    "\"drop\":{\"max_tier\":\"T3\"},\"deny\":{\"max_tier\":\"T3\"},"
    "\"none\":{\"max_tier\":\"T3\"},\"reads\":{\"max_tier\":\"T3\"},"
    "\"counted\":{\"max_tier\":\"T3\"},\"coarse\":{\"max_tier\":\"T3\"}},"
    "\"purposes\":[\"p\"],\"rules\":["
    "{\"id\":\"sent\",\"role\":\"*\",\"purpose\":\"*\",\"class\":\"*\",\"op\":\"send\","
    "\"effect\":\"reveal\"},"
    "{\"id\":\"reads\",\"role\":\"reads\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"read\","
    "\"effect\":\"reveal\"},"
    "{\"id\":\"counted\",\"role\":\"counted\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"read\","
    "\"effect\":\"reveal\",\"limit\":{\"subjects_per_day\":1000000},\"else\":\"mask\"},"
    "{\"id\":\"coarse\",\"role\":\"coarse\",\"purpose\":\"p\",\"class\":\"*\",\"op\":\"read\","
    "\"effect\":\"generalise\"}," MAY("reveal", "reveal", "deny") "," MAY("mask", "mask",
	"mask") "," MAY("generalise", "generalise", "deny") "," MAY("tokenise", "tokenise",
	"tokenise") "," MAY("drop", "drop", "drop") "," MAY("deny", "deny", "deny") "]}";

#define REAL "07700 900123"
#define OTHER "07700 900124"
#define MASKED "077** **0123"

#define LABEL(path, as_object) \
	{ \
		.at = path, .form = &form_virtual_number, .class_id = CLASS_PHONE, .label = { \
			.pool = "labels", \
			.ttl_s = 3600, \
			.object = as_object \
		} \
	}

static const struct field_rule as_text[] = { LABEL("$.to.phone", false),
	LABEL("$.from.phone", false), RULE("$.to.name", &form_policy, CLASS_NAME) };
static const struct field_rule as_object[] = { LABEL("$.to.phone", true) };

/* A waybill of the order system's for a carrier who may see masks, unless said otherwise. */
#define WAYBILL(rules_) \
	{ \
		.rules = rules_, .n = sizeof(rules_) / sizeof(rules_[0]), .subject = "$.buyer", \
		.order = "$.order", .way = PLAN_READ, .role = "tokenise", .purpose = "p", \
		.reader = "mask", .op = POLICY_SHARE \
	}
static const struct side text_side = WAYBILL(as_text), object_side = WAYBILL(as_object);

/* ---- who gives out numbers, in glass --------------------------------------------------- */

#define WANTS 600

static struct {
	/* how it answers */
	enum sc_err fail, err; /* at once; later */
	bool later, none;      /* when told to; there is no such thing */
	size_t left;           /* numbers that it has */
	const char *hotline;
	uint64_t retry_at;
	/* what it was asked */
	size_t asks, wants;
	struct {
		char order[200], subject[64], token[512];
		const struct label_rule *rule;
	} want[WANTS];
	/* what it has given out, by order and token */
	size_t n;
	struct {
		char order[200], token[512];
	} given[WANTS];
	struct label_ask *waiting;
} desk;

static void desk_reset(void)
{
	memset(&desk, 0, sizeof(desk));
	desk.left = WANTS;
}

static void take(char *to, size_t size, struct sc_span s)
{
	snprintf(to, size, "%.*s", SC_SPAN_ARG(s));
}

static size_t number_for(const char *order, const char *token)
{
	size_t i = 0;

	while (i < desk.n &&
	    (strcmp(desk.given[i].order, order) != 0 || strcmp(desk.given[i].token, token) != 0))
		i++;
	if (i == desk.n && desk.n < desk.left) {
		snprintf(desk.given[i].order, sizeof(desk.given[i].order), "%s", order);
		snprintf(desk.given[i].token, sizeof(desk.given[i].token), "%s", token);
		desk.n++;
	}
	return i;
}

static void desk_answer(void)
{
	struct label_ask *ask = desk.waiting;
	enum sc_err err = desk.err;

	desk.waiting = NULL;
	for (struct label_want *w = ask->wants; w != NULL && err == SC_OK; w = w->next) {
		char order[200], token[512];
		size_t i;

		take(order, sizeof(order), w->order);
		take(token, sizeof(token), w->token);
		i = number_for(order, token);
		w->got = i < desk.n ? LABEL_NUMBER : desk.hotline ? LABEL_HOTLINE : LABEL_NONE;
		w->retry_at = desk.retry_at;
		w->number = i < desk.n ? "+441632960001" : desk.hotline;
		if (i < desk.n) {
			snprintf(w->extension, sizeof(w->extension), "%04zu", 4700 + i);
			w->expires_at = 1800000000;
		}
	}
	ask->done(ask, err);
}

static enum sc_err desk_bind(const struct label_binder *b, struct label_ask *ask)
{
	size_t n = 0;

	CHECK(b->bind == desk_bind);
	if (desk.fail != SC_OK)
		return desk.fail;
	for (const struct label_want *w = ask->wants; w != NULL; w = w->next, n++) {
		take(desk.want[n].order, sizeof(desk.want[n].order), w->order);
		take(desk.want[n].subject, sizeof(desk.want[n].subject), w->subject);
		take(desk.want[n].token, sizeof(desk.want[n].token), w->token);
		desk.want[n].rule = w->rule;
	}
	CHECK(n == ask->n && n != 0 && n <= LABEL_WANTS_MAX);
	desk.asks++;
	desk.wants += n;
	desk.waiting = ask;
	if (!desk.later)
		desk_answer();
	return SC_OK;
}

static enum sc_err desk_print(const struct label_binder *b, const struct label_want *w,
    struct sc_span masked, struct sc_buf *to)
{
	CHECK(b->print == desk_print);
	if (w->got == LABEL_HOTLINE)
		return sc_buf_printf(to, "%s %.*s", w->number, SC_SPAN_ARG(w->order));
	return sc_buf_printf(to, "%s-%s (%.*s)", w->number, w->extension, SC_SPAN_ARG(masked));
}

/* ---- a waybill through ------------------------------------------------------------------ */

/* As run(), with numbers. */
static enum protect_outcome pass_as(const struct codec *codec, const struct side *s,
    const char *doc)
{
	struct protect_input in;

	prepare(s, sc_span_str(doc));
	in = input(s);
	in.codec = codec;
	if (!desk.none)
		in.binder = (struct label_binder){ desk_bind, desk_print, NULL, NULL };
	desk.asks = desk.wants = 0;
	sc_buf_clear(&out);
	protect_document(job, &in);
	CHECK(finished <= 1);
	return finished != 0 ? protect_result(job)->outcome : (enum protect_outcome) - 1;
}

static enum protect_outcome pass(const struct side *s, const char *doc)
{
	return pass_as(&codec_json, s, doc);
}

static bool waits(void)
{
	return finished == 0 && out.n == 0;
}

static struct side read_by(const struct side *like, const char *reader)
{
	struct side s = *like;

	s.reader = reader;
	return s;
}

/* {"order":"o1","to":{"phone":VALUE}}, in a buffer that stays. */
static const char *waybill(const char *value)
{
	static char doc[1024];

	snprintf(doc, sizeof(doc), "{\"order\":\"o1\",\"buyer\":\"c1\",\"to\":{\"phone\":%s}}",
	    value);
	return doc;
}

static const char *quoted(const char *text)
{
	static char s[600];

	snprintf(s, sizeof(s), "\"%s\"", text);
	return s;
}

static const char *real_token(void)
{
	return token_of(CLASS_PHONE, TOKEN_STRING, REAL);
}

static const char *clear_doc(void)
{
	return waybill("\"" REAL "\"");
}

static const char *token_doc(void)
{
	return waybill(quoted(real_token()));
}

static void test_token(void)
{
	const struct plan_edit *e;

	desk_reset();
	glass_reset();
	glass.action = ACTION_GENERALISE; /* what keyd leaves of it, whatever that is */
	glass.record = 9;
	CHECK(pass(&text_side, token_doc()) == PROTECT_DONE);
	CHECK(out_is("{\"order\":\"o1\",\"buyer\":\"c1\",\"to\":{\"phone\":\"+441632960001-4700 "
		     "(" REAL ")\"}}"));
	/* it is opened for the recipient, and that is on record */
	CHECK(glass.calls == 1 && !glass.call[0].seal && glass.call[0].ctx.op == POLICY_SHARE);
	CHECK(glass.call[0].ctx.recipient_role == one.reader.recipient_role &&
	    protect_result(job)->record == 9);
	CHECK(desk.asks == 1 && desk.wants == 1 && desk.want[0].rule == &as_text[0].label);
	CHECK(strcmp(desk.want[0].order, "o1") == 0 && strcmp(desk.want[0].subject, "c1") == 0);
	CHECK(strcmp(desk.want[0].token, real_token()) == 0);
	CHECK(protect_result(job)->counts.masked == 1 && protect_result(job)->counts.revealed == 0);
	/* nothing was sealed for nobody */
	CHECK(protect_result(job)->n_nobodys == 0 && protect_result(job)->counts.sealed == 0);
	e = &protect_plan(job)->v[0];
	CHECK(e->class_id == CLASS_PHONE && protect_result(job)->n_classes == 1);
}

/* Whatever is shown, the real number is not; what is denied is null, and nobody is asked. */
static void test_policy(void)
{
	static const struct {
		const char *reader;
		enum policy_action keyd;
		const char *want; /* NULL: the token stays */
	} rows[] = {
		{ "reveal", ACTION_REVEAL, "\"+441632960001-4700 (" MASKED ")\"" },
		{ "mask", ACTION_REVEAL, "\"+441632960001-4700 (" MASKED ")\"" },
		{ "reveal", ACTION_MASK, "\"+441632960001-4700 (" REAL ")\"" },
		{ "generalise", ACTION_GENERALISE, "\"+441632960001-4700 (" REAL ")\"" },
		/* an hour has struck at keyd's */
		{ "reveal", ACTION_DROP, "null" },
		{ "reveal", ACTION_DENY, "null" },
		{ "reveal", ACTION_TOKENISE, NULL },
		{ "deny", ACTION_REVEAL, "null" },
		{ "drop", ACTION_REVEAL, "null" },
		{ "tokenise", ACTION_REVEAL, NULL },
	};
	char want[1024];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct side s = read_by(&text_side, rows[i].reader);
		bool asked = strcmp(rows[i].reader, "reveal") == 0 ||
		    strcmp(rows[i].reader, "mask") == 0 ||
		    strcmp(rows[i].reader, "generalise") == 0;
		bool bound = rows[i].want != NULL && strstr(rows[i].want, "4700") != NULL;

		desk_reset();
		glass_reset();
		glass.action = rows[i].keyd;
		snprintf(want, sizeof(want), "%s",
		    waybill(rows[i].want != NULL ? rows[i].want : quoted(real_token())));
		CHECK(pass(&s, token_doc()) == PROTECT_DONE && out_is(want));
		CHECK(glass.calls == asked && desk.asks == bound);
	}
	/* what keyd does not open at all */
	for (enum wire_status st = WIRE_DENIED; st < WIRE_STATUS_COUNT; st++) {
		desk_reset();
		glass_reset();
		glass.status = st;
		/* no label at all while somebody's return waits its turn */
		if (st == WIRE_QUEUED) {
			CHECK(pass(&text_side, token_doc()) == PROTECT_QUEUED && desk.asks == 0);
			continue;
		}
		CHECK(pass(&text_side, token_doc()) == PROTECT_DONE && out_is(waybill("null")));
		CHECK(desk.asks == 0 && protect_result(job)->counts.masked == 0);
	}
	glass_reset();
}

static void test_object(void)
{
	desk_reset();
	CHECK(pass(&object_side, token_doc()) == PROTECT_DONE);
	CHECK(out_is(waybill("{\"number\":\"+441632960001\",\"extension\":\"4700\","
			     "\"display\":\"+441632960001-4700 (" MASKED ")\",\"masked\":\"" MASKED
			     "\",\"expires_at\":1800000000}")));
	CHECK(pass(&object_side, clear_doc()) == PROTECT_DONE && !out_has(REAL));
	CHECK(out_has("\"phone\":{\"number\":\"+44") && out_has("1800000000}}}"));
	/* a number gives way as a text does, and null is null */
	CHECK(pass(&object_side, waybill("7700900123")) == PROTECT_DONE);
	CHECK(out_has("\"phone\":{\"number\":\"+44") && out_has("1800000000}}}"));
	CHECK(pass(&object_side, waybill("null")) == PROTECT_DONE && out_is(waybill("null")));
	CHECK(pass(&object_side, waybill("\"\"")) == PROTECT_DONE && out_is(waybill("\"\"")));
	glass.status = WIRE_GONE;
	CHECK(pass(&object_side, token_doc()) == PROTECT_DONE && out_is(waybill("null")));
	glass_reset();
}

/* A form has no objects: refused before a number is bound. */
static void test_form(void)
{
	static const char *const body = "order=o1&buyer=b&to[phone]=07700+900123&x=%7e";

	desk_reset();
	CHECK(pass_as(&codec_form, &text_side, body) == PROTECT_DONE && desk.asks == 1);
	CHECK(out_is("order=o1&buyer=b&to[phone]=%2B441632960001-4700+%28077**+**0123%29&x=%7e"));
	CHECK(pass_as(&codec_form, &object_side, body) == PROTECT_UNFIT && desk.asks == 0);
}

/* Sealed under its subject, then as any token: two questions in a row, and what is bound is the token. */
static void test_clear(void)
{
	desk_reset();
	CHECK(pass(&text_side, clear_doc()) == PROTECT_DONE);
	CHECK(out_is(waybill("\"+441632960001-4700 (" MASKED ")\"")));
	CHECK(glass.calls == 2 && glass.call[0].seal && !glass.call[1].seal);
	CHECK(glass.call[0].ctx.op == POLICY_WRITE && glass.call[0].ctx.role == one.writer.role);
	CHECK(glass.call[1].ctx.op == POLICY_SHARE &&
	    glass.call[1].ctx.recipient_role == one.reader.recipient_role);
	CHECK(strcmp(desk.want[0].token, real_token()) == 0 &&
	    protect_result(job)->counts.sealed == 1);
	CHECK(protect_result(job)->n_nobodys == 0);
	/* so it has the number of the same one that came sealed */
	CHECK(pass(&text_side, token_doc()) == PROTECT_DONE && out_has("-4700"));
	CHECK(pass(&text_side, waybill("\"0\\u003770\\u0030 900123\"")) == PROTECT_DONE);
	CHECK(out_has("-4700") && desk.n == 1);
	CHECK(pass(&text_side, waybill("7700900123")) == PROTECT_DONE &&
	    out_has("\"+441632960001-4701"));
	CHECK(pass(&text_side, "{\"order\":1,\"to\":{\"phone\":\"" REAL "\"}}") == PROTECT_DONE);
	CHECK(protect_result(job)->n_nobodys == 1 && desk.want[0].subject[0] == '\0');
	CHECK(glass.item[0].subject_n == 0);
	/* under whose key it is sealed is the document's to say */
	glass.later = true;
	pass(&text_side, clear_doc());
	CHECK(strcmp(glass.item[0].subject, "c1") == 0 && strcmp(glass.item[0].value, REAL) == 0);
	CHECK(glass.item[0].class_id == CLASS_PHONE);
	protect_cancel(job);
	glass_reset();
}

/* Who may not seal has nothing bound: a mask is what is left, also where all would be shown. */
static void test_clear_not_sealed(void)
{
	static const struct {
		const char *role, *reader, *want;
	} rows[] = {
		{ "mask", "mask", "\"" MASKED "\"" },
		{ "mask", "reveal", "\"" MASKED "\"" },
		{ "deny", "reveal", "\"" MASKED "\"" },
		{ "reveal", "generalise", "\"****\"" },
		{ "mask", "deny", "null" },
		{ "tokenise", "drop", "null" },
		{ "tokenise", "deny", "null" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct side s = read_by(&text_side, rows[i].reader);

		s.role = rows[i].role;
		desk_reset();
		CHECK(pass(&s, clear_doc()) == PROTECT_DONE && out_is(waybill(rows[i].want)));
		CHECK(desk.asks == 0 && glass.calls == 0);
	}
	/* no order is needed where nothing is bound */
	{
		struct side s = read_by(&text_side, "deny");

		CHECK(pass(&s, "{\"to\":{\"phone\":\"" REAL "\"}}") == PROTECT_DONE);
		CHECK(out_is("{\"to\":{\"phone\":null}}"));
	}
	/* a literal is no number that anybody could call */
	CHECK(pass(&text_side, waybill("true")) == PROTECT_DONE && out_is(waybill("\"****\"")));
	CHECK(desk.asks == 0);
}

/* What becomes poorer while it is sealed is what stands; a value in clear never stays. */
static void test_clear_poorer(void)
{
	desk_reset();
	glass_reset();
	glass.stored = ACTION_DROP;
	CHECK(pass(&text_side, clear_doc()) == PROTECT_DONE && out_is(waybill("null")));
	CHECK(desk.asks == 0 && glass.calls == 1);
	glass.stored = ACTION_TOKENISE;
	glass.action = ACTION_TOKENISE;
	CHECK(pass(&text_side, clear_doc()) == PROTECT_DONE);
	CHECK(out_is(token_doc()) && desk.asks == 0 && !out_has(REAL));
	glass.action = ACTION_DENY;
	CHECK(pass(&text_side, clear_doc()) == PROTECT_DONE && out_is(waybill("null")));
	glass_reset();
}

/* A token of another class is governed by its own; what only begins like one is nobody's. */
static void test_other_tokens(void)
{
	struct side s = read_by(&text_side, "reveal");

	desk_reset();
	CHECK(pass(&s, waybill(quoted(token_of(CLASS_NAME, TOKEN_STRING, "Ann")))) == PROTECT_DONE);
	CHECK(out_is(waybill("\"Ann\"")) && desk.asks == 0);
	CHECK(pass(&s,
		  waybill("\"sct1-07700900123-of-jane-roe-of-1-example-street-exampletown-"
			  "exampleshire\"")) == PROTECT_DONE);
	CHECK(out_is(waybill("null")) && desk.asks == 0 && protect_result(job)->counts.bad == 1);
}

/* No telephone number is as long; such a thing could never be reached. */
static void test_too_long(void)
{
	static char value[400], token[500];

	for (size_t n = LABEL_VALUE_MAX; n <= LABEL_VALUE_MAX + 1; n++) {
		snprintf(value, sizeof(value), "\"%0*d\"", (int)n, 7);
		desk_reset();
		CHECK(pass(&text_side, waybill(value)) ==
		    (n == LABEL_VALUE_MAX ? PROTECT_DONE : PROTECT_UNFIT));
		/* escapes do not count, and what was sealed is no exception */
		snprintf(value, sizeof(value), "\"\\u0030%0*d\"", (int)n - 1, 7);
		CHECK(pass(&text_side, waybill(value)) ==
		    (n == LABEL_VALUE_MAX ? PROTECT_DONE : PROTECT_UNFIT));
	}
	CHECK(protect_result(job)->diag.offset == 42 && out.n == 0 && desk.asks == 0);
	for (size_t n = 80; n < 160; n++) {
		bool fits;

		snprintf(value, sizeof(value), "%0*d", (int)n, 7);
		snprintf(token, sizeof(token), "%s", token_of(CLASS_PHONE, TOKEN_STRING, value));
		fits = strlen(token) <= LABEL_TOKEN_MAX;
		CHECK(pass(&text_side, waybill(quoted(token))) ==
		    (fits ? PROTECT_DONE : PROTECT_UNFIT));
	}
}

/* ---- orders ------------------------------------------------------------------------------ */

/* The order that a document with MEMBERS is bound to; NULL: it was refused. */
static const char *order_of(const char *path, const char *members)
{
	static char doc[1024];
	struct side s = text_side;

	s.order = path;
	snprintf(doc, sizeof(doc), "{\"to\":{\"phone\":\"%s\"}%s%s}", real_token(),
	    members[0] == '\0' ? "" : ",", members);
	desk_reset();
	if (pass(&s, doc) == PROTECT_DONE) {
		CHECK(desk.asks == 1 && sc_span_is(protect_plan(job)->order, desk.want[0].order));
		return desk.want[0].order;
	}
	CHECK(protect_result(job)->outcome == PROTECT_NO_ORDER && out.n == 0 && desk.asks == 0);
	/* at the number, and before anybody was asked */
	CHECK(glass.calls == 0 &&
	    protect_result(job)->diag.offset == strlen("{\"to\":{\"phone\":\""));
	return NULL;
}

static bool is_order(const char *got, const char *want)
{
	return want == NULL ? got == NULL : got != NULL && strcmp(got, want) == 0;
}

static void test_order(void)
{
	static char long_doc[400], long_ref[200];
	static const char *const rows[][2] = {
		{ "\"order\":\"A-1\"", "A-1" },
		{ "\"order\":1001", "1001" },
		{ "\"order\":\"\\u0041-\\u4f60\"", "A-\xE4\xBD\xA0" },
		{ "\"order\":\"A\",\"order\":\"A\"", "A" },
		{ "\"order\":\"A\",\"order\":\"\\u0041\"", "A" },
		{ "\"order\":\"A\",\"order\":\"B\"", NULL },
		{ "\"order\":\"A\",\"order\":true", NULL },
		{ "\"order\":\"A\",\"order\":null", "A" },
		{ "", NULL },
		{ "\"order\":null", NULL },
		{ "\"order\":\"\"", NULL },
		{ "\"order\":{\"order\":\"A\"}", NULL },
		{ "\"order\":[\"A\"]", NULL },
		/* it is printed, and told */
		{ "\"order\":\"A\\nB\"", NULL },
		{ "\"order\":\"A\\u0000\"", NULL },
		{ "\"order\":\"A\\ud800\"", NULL },
		{ "\"order\":\"A\\u202eB\"", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(is_order(order_of("$.order", rows[i][0]), rows[i][1]));
		if (!is_order(order_of("$.order", rows[i][0]), rows[i][1]))
			printf("# %s\n", rows[i][0]);
	}
	for (size_t n = LABEL_ORDER_MAX; n <= LABEL_ORDER_MAX + 1; n++) {
		memset(long_ref, 'x', n);
		long_ref[n] = '\0';
		snprintf(long_doc, sizeof(long_doc), "\"order\":\"%s\"", long_ref);
		CHECK(is_order(order_of("$.order", long_doc),
		    n == LABEL_ORDER_MAX ? long_ref : NULL));
	}
	CHECK(is_order(order_of(NULL, "\"order\":\"A\""), NULL));
	/* and it is one document's alone */
	CHECK(is_order(order_of("$.order", "\"order\":\"\\u0041\""), "A"));
	CHECK(is_order(order_of("$.order", ""), NULL));
}

/* A guest's order is the person: one place is both, however the two paths are written. */
static void test_order_is_subject(void)
{
	static const char *const paths[] = { "$.id", "$['id']", "$[\"\\u0069d\"]" };
	struct side s = text_side;

	s.subject = "$.id";
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		s.order = paths[i];
		desk_reset();
		CHECK(pass(&s, "{\"id\":\"g\\u002d7\",\"to\":{\"phone\":\"" REAL "\"}}") ==
		    PROTECT_DONE);
		CHECK(strcmp(desk.want[0].order, "g-7") == 0 &&
		    strcmp(desk.want[0].subject, "g-7") == 0 && out_has("-4700"));
		CHECK(pass(&s, "{\"to\":{\"phone\":\"" REAL "\"}}") == PROTECT_NO_ORDER);
	}
}

static void test_same_again(void)
{
	static char doc[2048], line[2][512];
	const char *a = real_token(), *b = token_of(CLASS_PHONE, TOKEN_STRING, OTHER);

	desk_reset();
	snprintf(doc, sizeof(doc),
	    "{\"from\":{\"phone\":\"%s\"},\"to\":{\"phone\":\"%s\",\"name\":null},\"order\":7}", b,
	    a);
	CHECK(pass(&text_side, doc) == PROTECT_DONE && desk.asks == 1 && desk.wants == 2);
	CHECK(out_has("{\"from\":{\"phone\":\"+441632960001-4700 ") &&
	    out_has("\"to\":{\"phone\":\"+441632960001-4701 "));
	CHECK(desk.want[0].rule == &as_text[1].label && desk.want[1].rule == &as_text[0].label);
	CHECK(pass(&text_side, doc) == PROTECT_DONE && desk.n == 2);
	CHECK(out_has("{\"from\":{\"phone\":\"+441632960001-4700 ") &&
	    out_has("\"to\":{\"phone\":\"+441632960001-4701 "));
	/* both the same person: one number */
	snprintf(doc, sizeof(doc),
	    "{\"from\":{\"phone\":\"%s\"},\"to\":{\"phone\":\"%s\"},\"order\":7}", a, a);
	CHECK(pass(&text_side, doc) == PROTECT_DONE && desk.n == 2);
	/* lines are documents, each of its own order */
	for (int i = 0; i < 2; i++)
		snprintf(line[i], sizeof(line[i]), "{\"order\":\"o%d\",\"to\":{\"phone\":\"%s\"}}",
		    i, a);
	snprintf(doc, sizeof(doc), "%s\n%s\n", line[0], line[1]);
	{
		struct protect_input in;

		prepare(&text_side, sc_span_str(doc));
		in = input(&text_side);
		in.codec = &codec_ndjson;
		in.binder = (struct label_binder){ desk_bind, desk_print, NULL, NULL };
		sc_buf_clear(&out);
		protect_document(job, &in);
	}
	CHECK(finished == 1 && protect_result(job)->outcome == PROTECT_DONE && desk.n == 4);
	CHECK(out_has("\"o0\",\"to\":{\"phone\":\"+441632960001-4702 ") &&
	    out_has("\"o1\",\"to\":{\"phone\":\"+441632960001-4703 "));
}

/* ---- what fails ---------------------------------------------------------------------------- */

static void test_exhausted(void)
{
	desk_reset();
	desk.left = 0;
	desk.retry_at = 1700000123;
	CHECK(pass(&text_side, token_doc()) == PROTECT_NUMBERS_EXHAUSTED && out.n == 0);
	CHECK(protect_result(job)->retry_at == 1700000123);
	CHECK(pass(&text_side, clear_doc()) == PROTECT_NUMBERS_EXHAUSTED && out.n == 0);
	CHECK(pass(&text_side, "{}") == PROTECT_DONE && protect_result(job)->retry_at == 0);
	desk.hotline = "+441632960900";
	CHECK(pass(&text_side, token_doc()) == PROTECT_DONE);
	CHECK(out_is(waybill("\"+441632960900 o1\"")));
	CHECK(pass(&object_side, token_doc()) == PROTECT_DONE);
	CHECK(out_is(waybill(
	    "{\"number\":\"+441632960900\",\"extension\":null,"
	    "\"display\":\"+441632960900 o1\",\"masked\":\"" MASKED "\",\"expires_at\":null}")));
}

/* One of two has a number, the other none: the whole document waits. */
static void test_half_exhausted(void)
{
	static char doc[2048];

	desk_reset();
	desk.left = 1;
	snprintf(doc, sizeof(doc),
	    "{\"order\":7,\"from\":{\"phone\":\"%s\"},\"to\":{\"phone\":\"%s\"}}", real_token(),
	    token_of(CLASS_PHONE, TOKEN_STRING, OTHER));
	CHECK(pass(&text_side, doc) == PROTECT_NUMBERS_EXHAUSTED && out.n == 0);
}

static void test_store_away(void)
{
	desk_reset();
	desk.fail = SC_IO;
	CHECK(pass(&text_side, token_doc()) == PROTECT_NUMBERS_AWAY && out.n == 0);
	desk.fail = SC_NOMEM;
	CHECK(pass(&text_side, token_doc()) == PROTECT_FAILED && out.n == 0);
	desk.fail = SC_OK;
	desk.err = SC_IO;
	CHECK(pass(&text_side, clear_doc()) == PROTECT_NUMBERS_AWAY && out.n == 0);
	desk.err = SC_LIMIT;
	CHECK(pass(&text_side, token_doc()) == PROTECT_NUMBERS_AWAY && out.n == 0);
	desk.err = SC_OK;
	desk.none = true;
	CHECK(pass(&text_side, token_doc()) == PROTECT_NUMBERS_AWAY && out.n == 0);
	desk.none = false;
	CHECK(pass(&text_side, token_doc()) == PROTECT_DONE);
}

/* Keyd fails at the first question or at the second one. */
static void test_keys_away(void)
{
	static const struct {
		enum sc_err err;
		enum protect_outcome asked, answered;
	} rows[] = {
		{ SC_AGAIN, PROTECT_KEYS_AWAY, PROTECT_KEYS_AWAY },
		{ SC_AUTH, PROTECT_REFUSED, PROTECT_REFUSED },
		{ SC_STALE, PROTECT_OTHER_POLICY, PROTECT_OTHER_POLICY },
		{ SC_NOMEM, PROTECT_FAILED, PROTECT_FAILED },
		/* a ceiling of ours; its log */
		{ SC_LIMIT, PROTECT_TOO_LARGE, PROTECT_LOG_FULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t good = 0; good < 2; good++) {
			desk_reset();
			glass_reset();
			glass.good_calls = good;
			glass.fail = rows[i].err;
			CHECK(pass(&text_side, good ? clear_doc() : token_doc()) == rows[i].asked);
			CHECK(pass(&text_side, clear_doc()) == rows[i].asked && out.n == 0);
			glass.fail = SC_OK;
			glass.reply = rows[i].err;
			CHECK(
			    pass(&text_side, good ? clear_doc() : token_doc()) == rows[i].answered);
			CHECK(pass(&text_side, clear_doc()) == rows[i].answered && out.n == 0);
			CHECK(desk.asks == 0);
		}
	glass_reset();
	glass.seal_status = WIRE_TOO_LARGE;
	CHECK(pass(&text_side, clear_doc()) == PROTECT_TOO_LARGE && out.n == 0);
	glass.seal_status = WIRE_QUOTA;
	CHECK(pass(&text_side, clear_doc()) == PROTECT_REFUSED && out.n == 0 && desk.asks == 0);
	glass_reset();
	glass.missing = 1;
	CHECK(pass(&text_side, clear_doc()) == PROTECT_FAILED && out.n == 0);
	CHECK(pass(&text_side, token_doc()) == PROTECT_FAILED && out.n == 0 && desk.asks == 0);
	glass_reset();
}

/* ---- given up -------------------------------------------------------------------------------- */

/* Whenever the request ends, nothing is told of it any more, and nothing is left. */
static void test_given_up(void)
{
	size_t cancelled;

	desk_reset();
	glass.later = desk.later = true;
	/* while keyd seals; while it opens */
	for (int step = 0; step < 2; step++) {
		pass(&text_side, clear_doc());
		CHECK(waits() && glass.waiting != NULL);
		for (int i = 0; i < step; i++)
			glass_answer();
		CHECK(waits() && glass.waiting != NULL && desk.asks == 0);
		cancelled = glass.cancelled;
		protect_cancel(job);
		CHECK(glass.waiting == NULL && glass.cancelled > cancelled && finished == 0);
		protect_cancel(job);
	}
	/* while it is bound: the store answers whom nobody waits for */
	pass(&text_side, clear_doc());
	glass_answer();
	glass_answer();
	CHECK(waits() && glass.waiting == NULL && desk.waiting != NULL);
	protect_cancel(job);
	desk_answer();
	CHECK(finished == 0 && out.n == 0 && desk.n == 1);
	/* the same, and it fails */
	pass(&text_side, token_doc());
	glass_answer();
	protect_cancel(job);
	desk.err = SC_IO;
	desk_answer();
	CHECK(finished == 0 && out.n == 0);
	desk.err = SC_OK;
	glass_reset();
}

/* The job has gone on to another document when the store answers the first. */
static void test_answer_of_another(void)
{
	struct label_ask *first;

	desk_reset();
	glass_reset();
	desk.later = true;
	pass(&text_side, token_doc());
	first = desk.waiting;
	CHECK(waits() && first != NULL);
	protect_cancel(job);
	desk.left = 0;
	desk.later = false;
	desk.hotline = "+441632960900";
	CHECK(pass(&text_side, waybill(quoted(token_of(CLASS_PHONE, TOKEN_STRING, OTHER)))) ==
	    PROTECT_DONE);
	CHECK(out_is(waybill("\"+441632960900 o1\"")));
	desk.later = true;
	pass(&text_side, token_doc());
	CHECK(waits());
	{
		struct label_ask *second = desk.waiting;

		desk.left = 9;
		desk.waiting = first;
		desk_answer();
		CHECK(waits());
		desk.waiting = second;
		desk_answer();
	}
	CHECK(finished == 1 && protect_result(job)->outcome == PROTECT_DONE && out_has("-4700"));
	desk.later = false;
}

/* A job that is freed meanwhile. */
static void test_job_freed(void)
{
	desk_reset();
	desk.later = true;
	pass(&text_side, token_doc());
	CHECK(desk.waiting != NULL);
	protect_job_free(job);
	NEED((job = protect_job_new()) != NULL);
	desk_answer();
	CHECK(finished == 0);
	desk.later = false;
}

/* ---- many ---------------------------------------------------------------------------------------- */

/* Windows of several forms, some of whose numbers wait for the store, come out in order. */
static void test_many(void)
{
	static const struct field_rule rules[] = { LABEL("$.f", false) };
	const struct side s = WAYBILL(rules);
	struct sc_buf doc;
	char *text, want[64];

	desk_reset();
	sc_buf_init(&doc, 1 << 20);
	CHECK(sc_buf_put_str(&doc, "{\"order\":1,\"f\":[null") == SC_OK);
	for (int i = 0; i < 600; i++) {
		char value[32];

		snprintf(value, sizeof(value), "07700 9%05d", i);
		/* some in clear, some of another class, some nobody's */
		CHECK(sc_buf_printf(&doc, ",\"%s\"",
			  i % 100 == 7     ? "Z" :
			      i % 100 == 8 ? token_of(CLASS_NAME, TOKEN_STRING, "Ann") :
			      i % 50 == 9  ? value :
					     token_of(CLASS_PHONE, TOKEN_STRING, value)) == SC_OK);
	}
	CHECK(sc_buf_put_str(&doc, "]}") == SC_OK);
	text = strndup((const char *)doc.p, doc.n);
	CHECK(pass(&s, text) == PROTECT_DONE && desk.asks > 10);
	CHECK(!out_has("07700 9") && out_has("\"Ann\""));
	/* "Z", six times in clear, is one person of this order */
	CHECK(desk.n == 600 - 6 - 6 + 1 && desk.wants == 600 - 6);
	for (size_t i = 0, at = 0; i < desk.n; i++) {
		const uint8_t *found;

		snprintf(want, sizeof(want), "\"+441632960001-%04zu ", 4700 + i);
		found = memmem(out.p + at, out.n - at, want, strlen(want));
		NEED(found != NULL);
		at = (size_t)(found - out.p);
	}
	free(text);
	sc_buf_fini(&doc);
}

/* ---- what comes back ------------------------------------------------------------------- */

static bool is_lent(const char *text, const char *token)
{
	struct lent_hit h;

	return lent_find(one.lent, sc_span_str(text), 0, &h) && sc_span_is(h.token, token);
}

/*
 * What the recipient is shown and the caller may not read is noted with its token; a number
 * that was given out passes in the answer, where nothing else in clear does.
 */
static void test_lent(void)
{
	static const struct field_rule answer[] = { RULE("$..phone", &form_policy, CLASS_PHONE),
		RULE("$..name", &form_policy, CLASS_NAME) };
	static const struct {
		const char *role, *reader;
		enum policy_action action;
		bool noted;
	} rows[] = {
		{ "mask", "reveal", ACTION_REVEAL, true },
		{ "reads", "reveal", ACTION_REVEAL, false },
		{ "counted", "reveal", ACTION_REVEAL, true },
		{ "coarse", "generalise", ACTION_GENERALISE, false },
		{ "coarse", "reveal", ACTION_REVEAL, true },
		{ "mask", "generalise", ACTION_GENERALISE, true },
		{ "mask", "mask", ACTION_MASK, true },
		{ "mask", "tokenise", ACTION_TOKENISE, false },
		{ "mask", "drop", ACTION_DROP, false },
	};
	char *name = strdup(token_of(CLASS_NAME, TOKEN_STRING, "Ann Example")), doc[1024];
	struct side back = SIDE(answer, PLAN_READ, "mask", "p");

	NEED(name != NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct side s = read_by(&text_side, rows[i].reader);

		desk_reset();
		glass_reset();
		s.role = rows[i].role;
		glass.action = rows[i].action;
		NEED((one.lent = lent_new()) != NULL);
		snprintf(doc, sizeof(doc),
		    "{\"order\":\"o1\",\"buyer\":\"c1\",\"to\":{\"phone\":\"%s\",\"name\":\"%s\"}}",
		    real_token(), name);
		CHECK(pass(&s, doc) == PROTECT_DONE);
		CHECK(is_lent("to Ann Example", name) == rows[i].noted);
		CHECK(!is_lent(REAL, real_token()));
		if (rows[i].action == ACTION_REVEAL && rows[i].noted) {
			snprintf(doc, sizeof(doc),
			    "{\"phone\":\"+441632960001-4700 (" MASKED ")\",\"name\":\"Bob\"}");
			back.role = "none";
			CHECK(run(&back, doc) == PROTECT_DONE);
			CHECK(out_has("+441632960001-4700 (") && !out_has("Bob"));
			CHECK(run(&back, "{\"phone\":\"+441632960001\"}") == PROTECT_DONE &&
			    out_is("{\"phone\":null}"));
		}
		lent_free(one.lent);
		one.lent = NULL;
	}
	free(name);
	glass_reset();
}

/* Asked again and again, answered and given up: no memory stays. */
static void test_memory(void)
{
	size_t before = 0;

	desk_reset();
	for (int i = 0; i < 60; i++) {
		if (i == 20)
			before = mallinfo2().uordblks;
		glass.later = desk.later = i % 3 != 0;
		pass(&text_side, clear_doc());
		if (i % 3 == 0)
			continue;
		glass_answer();
		if (i % 3 == 1)
			glass_answer();
		protect_cancel(job);
		if (desk.waiting != NULL)
			desk_answer();
	}
	CHECK(mallinfo2().uordblks == before);
	glass_reset();
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_token, "a token becomes a number bound to its order, and its opening is recorded");
	RUN(test_policy, "whatever policy shows, the real number is not; what it denies is null");
	RUN(test_form, "a number in a form is a text, and never an object");
	RUN(test_object, "as an object: number, extension, display, mask and expiry");
	RUN(test_clear, "a value in clear is sealed under its subject first");
	RUN(test_clear_not_sealed, "who may not seal has nothing bound: a mask is left");
	RUN(test_clear_poorer, "a value in clear never stays, whatever strikes meanwhile");
	RUN(test_other_tokens, "a token of another class is governed by its own");
	RUN(test_too_long, "what is longer than any telephone number is refused");
	RUN(test_order, "an order is one printable string or number, or the document is refused");
	RUN(test_order_is_subject, "one place can be both the person and the order");
	RUN(test_same_again, "the same order again is the same number; each field has its own");
	RUN(test_exhausted, "no number left: refused, or the hotline and the order");
	RUN(test_half_exhausted, "no number for one of two: the document is refused");
	RUN(test_store_away, "the store away: refused");
	RUN(test_keys_away, "keyd away at either question: refused, and nothing is bound");
	RUN(test_given_up, "given up at any step, nothing is told and nothing breaks");
	RUN(test_answer_of_another, "a late answer does not reach another document");
	RUN(test_job_freed, "nor a job that is gone");
	RUN(test_many, "hundreds of fields go in windows and come out in order");
	RUN(test_lent, "what was shown is noted with its token, and a number passes in the answer");
	RUN(test_memory, "no memory stays, answered or given up");
	return glass_over();
}
