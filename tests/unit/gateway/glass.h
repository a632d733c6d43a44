/*
 * glass.h - the enforcement point with a key service made of glass.
 *
 * It "seals" by writing the value where the ciphertext would stand, so that a
 * test can see what was asked, keeps what it was asked, and answers as told:
 * at once or later, rightly or wrongly. A test includes this once.
 */
#ifndef TESTS_GLASS_H
#define TESTS_GLASS_H

#include "crypto/token/token.h"
#include "gateway/protect/protect.h"
#include "tap.h"

#define GLASS_CALLS 64

static struct glass {
	/* how it answers; all zero: as a good keyd does */
	enum sc_err fail;             /* the call itself fails */
	enum sc_err reply;            /* the answer is an error */
	enum wire_status status;      /* of every item that is opened ... */
	enum wire_status seal_status; /* ... or sealed ... */
	size_t odd;                   /* ... but for item ODD - 1 of a call, which is ... */
	enum wire_status odd_status;
	enum policy_action action; /* what was done with an opened item */
	enum policy_action stored; /* and with one that is sealed */
	bool resealed;             /* what was sealed was a foreign token */
	bool ungiven,
	    formless;      /* no index of what is sealed: too many, or nothing of it is hashed */
	size_t missing;    /* so many results too few */
	size_t good_calls; /* FAIL and REPLY begin after so many calls */
	bool later;        /* answer when glass_answer() is called */
	uint64_t record;
	uint8_t subjects[AUDIT_HANDLES_MAX][AUDIT_HANDLE_BYTES];
	size_t n_subjects;
	/* what it was asked */
	size_t calls, items, cancelled;
	struct {
		bool seal;
		size_t n;
		struct asking ctx;
	} call[GLASS_CALLS];
	struct {
		uint8_t class_id, flags;
		char subject[64], value[96];
		size_t value_n, subject_n;
		bool of_order;
	} item[CRYPTO_ITEMS_MAX]; /* of the last call */
	struct {
		char id[64], person[64]; /* "": there was none */
		bool says, required;
	} order; /* of the last call */
	/* what it was asked for pseudonyms, which are no calls above */
	enum sc_err whose_fail, whose_reply; /* the call fails; the answer is an error */
	enum wire_status whose_status;
	size_t whose_short; /* so many bytes too few */
	size_t whose_calls, whose_items;
	struct asking whose_ctx;
	bool whose_pending;
	struct keyc_item whose_item; /* the last; its value is not to be looked at */
	/* its answer */
	struct keyc_call *waiting;
	size_t n;
	struct sc_buf values;
	struct wire_result results[CRYPTO_ITEMS_MAX];
	size_t at[CRYPTO_ITEMS_MAX], len[CRYPTO_ITEMS_MAX];
} glass;

static inline void glass_reset(void)
{
	struct sc_buf values = glass.values;

	memset(&glass, 0, sizeof(glass));
	glass.values = values;
	glass.action = ACTION_REVEAL;
	glass.stored = ACTION_TOKENISE;
	glass.record = WIRE_NO_RECORD;
}

/* Give the answer that was kept waiting. */
static inline void glass_answer(void)
{
	struct keyc_call *call = glass.waiting;
	bool whose = glass.whose_pending;
	enum sc_err err = whose            ? glass.whose_reply :
	    glass.calls > glass.good_calls ? glass.reply :
					     SC_OK;
	bool fails = err != SC_OK;
	struct keyc_reply reply = {
		.err = err,
		.results = glass.results,
		.n = fails ? 0 : glass.n - glass.missing,
		.record = glass.record,
		.subjects = (const uint8_t(*)[16])glass.subjects,
		.n_subjects = glass.n_subjects,
	};

	for (size_t i = 0; i < glass.n; i++)
		glass.results[i].value = sc_span(glass.values.p + glass.at[i], glass.len[i]);
	glass.waiting = NULL;
	glass.whose_pending = false;
	call->done(call, &reply);
}

static inline void glass_note_order(const struct keyc_order *o)
{
	memset(&glass.order, 0, sizeof(glass.order));
	if (o == NULL)
		return;
	snprintf(glass.order.id, sizeof(glass.order.id), "%.*s", SC_SPAN_ARG(o->id));
	snprintf(glass.order.person, sizeof(glass.order.person), "%.*s", SC_SPAN_ARG(o->person));
	glass.order.says = o->says;
	glass.order.required = o->required;
}

static inline void glass_note(bool seal, const struct asking *ctx, const struct keyc_item *items,
    size_t n)
{
	if (glass.calls < GLASS_CALLS) {
		glass.call[glass.calls].seal = seal;
		glass.call[glass.calls].n = n;
		glass.call[glass.calls].ctx = *ctx;
	}
	glass.calls++;
	glass.items += n;
	glass.n = n;
	sc_buf_clear(&glass.values);
	for (size_t i = 0; i < n; i++) {
		glass.item[i].class_id = items[i].class_id;
		glass.item[i].flags = items[i].flags;
		glass.item[i].of_order = items[i].of_order;
		glass.item[i].value_n = items[i].value.n;
		glass.item[i].subject_n = items[i].subject.n;
		snprintf(glass.item[i].subject, sizeof(glass.item[i].subject), "%.*s",
		    SC_SPAN_ARG(items[i].subject));
		snprintf(glass.item[i].value, sizeof(glass.item[i].value), "%.*s",
		    SC_SPAN_ARG(items[i].value));
	}
}

static inline enum sc_err glass_end(struct keyc_call *call)
{
	glass.waiting = call;
	if (!glass.later)
		glass_answer();
	return SC_OK;
}

static inline bool glass_fails(void)
{
	return glass.fail != SC_OK && glass.calls > glass.good_calls;
}

/* Behind the token: the value between dots, and an older version of it. */
static inline void glass_indexes(struct sc_span value, struct sc_buf *to)
{
	if (glass.ungiven)
		return;
	if (sc_buf_put(to, " ", 1) != SC_OK ||
	    (!glass.formless &&
		sc_buf_printf(to, ".%.*s. .old-%.*s.", SC_SPAN_ARG(value), SC_SPAN_ARG(value)) !=
		    SC_OK))
		abort();
}

/* The token that glass makes of a value: its class, flags and the value itself. */
static inline void glass_token(uint8_t class_id, uint8_t flags, struct sc_span value,
    struct sc_buf *to)
{
	static uint8_t plain[16 + CRYPTO_VALUE_MAX];
	static const uint8_t nonce[TOKEN_NONCE_BYTES];
	struct token_parts t = { .flags = flags,
		.class_id = class_id,
		.tier = 2,
		.key_id = 1,
		.siv_ct = { plain, 16 + token_padded(class_id, value.n) } };

	if ((flags & TOKEN_RANDOM) != 0)
		t.nonce = sc_span(nonce, sizeof(nonce));
	if ((flags & TOKEN_EMAIL_SHAPE) != 0)
		t.domain = sc_span_str(TOKEN_DOMAIN);
	memset(plain, 0, 16);
	memset(plain + 16 + value.n, 0xff, t.siv_ct.n - 16 - value.n);
	if (value.n != 0)
		memcpy(plain + 16, value.p, value.n);
	if (token_print(&t, to) != SC_OK)
		abort();
}

enum sc_err keyc_seal(struct keyc *kc, struct keyc_call *call, const struct asking *ctx,
    const struct keyc_item *items, size_t n)
{
	(void)kc;
	glass_note_order(call->order);
	glass_note(true, ctx, items, n);
	if (glass_fails())
		return glass.fail;
	for (size_t i = 0; i < n; i++) {
		glass.at[i] = glass.values.n;
		glass_token(items[i].class_id, items[i].flags & TOKEN_FLAGS, items[i].value,
		    &glass.values);
		if ((items[i].flags & KEYC_INDEXED) != 0)
			glass_indexes(items[i].value, &glass.values);
		glass.len[i] = glass.values.n - glass.at[i];
		glass.results[i] = (struct wire_result){ .action = glass.stored,
			.kind = glass.resealed ? KEYC_RESEALED : 0,
			.status = glass.odd == i + 1 ? glass.odd_status : glass.seal_status };
	}
	return glass_end(call);
}

enum sc_err keyc_open(struct keyc *kc, struct keyc_call *call, const struct asking *ctx,
    const struct keyc_item *items, size_t n)
{
	struct sc_buf scratch;
	struct token_parts t;

	(void)kc;
	glass_note_order(call->order);
	glass_note(false, ctx, items, n);
	if (glass_fails())
		return glass.fail;
	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	for (size_t i = 0; i < n; i++) {
		glass.at[i] = glass.values.n;
		if (token_parse(items[i].value, &scratch, &t) != SC_OK) {
			glass.len[i] = 0;
			glass.results[i] = (struct wire_result){ .status = WIRE_BAD_TOKEN };
			continue;
		}
		glass.len[i] = t.siv_ct.n - 16;
		while (glass.len[i] != 0 && t.siv_ct.p[15 + glass.len[i]] == 0xff)
			glass.len[i]--;
		if (sc_buf_put(&glass.values, t.siv_ct.p + 16, glass.len[i]) != SC_OK)
			abort();
		glass.results[i] = (struct wire_result){ .action = glass.action,
			.kind = t.flags & TOKEN_KIND_MASK,
			.status = glass.odd == i + 1 ? glass.odd_status : glass.status };
	}
	sc_buf_fini(&scratch);
	return glass_end(call);
}

/* An index is its value between dots. */
enum sc_err keyc_index(struct keyc *kc, struct keyc_call *call, const struct asking *ctx,
    const struct keyc_item *items, size_t n)
{
	(void)kc;
	glass_note(false, ctx, items, n);
	for (size_t i = 0; i < n; i++) {
		glass.at[i] = glass.values.n;
		if (sc_buf_put(&glass.values, ".", 1) != SC_OK ||
		    sc_buf_put_span(&glass.values, items[i].value) != SC_OK ||
		    sc_buf_put(&glass.values, ".", 1) != SC_OK)
			abort();
		glass.len[i] = glass.values.n - glass.at[i];
		glass.results[i] = (struct wire_result){ .action = ACTION_TOKENISE };
	}
	return glass_end(call);
}

/* A handle is its identifier's first bytes. */
enum sc_err keyc_pseudonym(struct keyc *kc, struct keyc_call *call, const struct asking *ctx,
    const struct keyc_item *items, size_t n)
{
	(void)kc;
	if (glass.whose_fail != SC_OK)
		return glass.whose_fail;
	glass.whose_calls++;
	glass.whose_items += n;
	glass.whose_ctx = *ctx;
	glass.whose_item = items[n - 1];
	glass.n = n;
	sc_buf_clear(&glass.values);
	for (size_t i = 0; i < n; i++) {
		uint8_t name[HANDLE_BYTES + KEYC_PSEUDONYM_BYTES] = { 0 };
		size_t len = items[i].value.n < HANDLE_BYTES ? items[i].value.n : HANDLE_BYTES;

		memcpy(name, items[i].value.p, len);
		glass.at[i] = glass.values.n;
		glass.len[i] = sizeof(name) - glass.whose_short;
		if (sc_buf_put(&glass.values, name, sizeof(name)) != SC_OK)
			abort();
		glass.results[i] =
		    (struct wire_result){ .action = ACTION_TOKENISE, .status = glass.whose_status };
	}
	glass.whose_pending = true;
	return glass_end(call);
}

void keyc_cancel(struct keyc_call *call)
{
	(void)call;
	glass.cancelled++;
	glass.waiting = NULL;
}

/* ---- one document through ------------------------------------------------------------- */

/* One side of a route, and who is at its ends. */
struct side {
	const struct field_rule *rules;
	size_t n;
	const char *subject, *order;
	enum plan_way way;
	const char *role, *purpose;
	enum protect_unmatched unmatched;
	enum protect_foreign foreign;
	struct undeclared undeclared;
	const struct codec *codec;    /* NULL: JSON */
	struct subject_places places; /* where SUBJECT is NULL */
	const struct subject_found *given;
	bool answers;
	const char *reason, *ticket;    /* NULL: none */
	const char *reader, *reads_for; /* role and purpose; NULL: as the writer's */
	uint8_t op;                     /* the reader's; 0: what belongs to the way */
	struct sc_span statement;       /* the reader's own */
};
#define SIDE(rules_, way_, role_, purpose_) \
	{ \
		.rules = rules_, .n = sizeof(rules_) / sizeof(rules_[0]), .way = way_, \
		.role = role_, .purpose = purpose_ \
	}

#define RULE(path, what, class) \
	{ \
		.at = path, .form = what, .class_id = class \
	}

static struct policy *policy;
static struct protect_job *job;
static struct sc_buf out;
static size_t finished;

static struct {
	struct asking writer, reader;
	struct policy_reason reason, ticket;
	struct protect_rules *rules;
	struct sc_buf body;
	struct lent *lent; /* NULL: nobody asks what was shown */
} one;

static inline void on_job_done(struct protect_job *j, void *arg)
{
	CHECK(j == job && arg == &one);
	finished++;
}

static inline void context(struct asking *c, const char *role, const char *purpose, uint8_t op)
{
	memset(c, 0, sizeof(*c));
	c->op = op;
	if (!policy_role(policy, sc_span_str(role), &c->role) ||
	    !policy_purpose(policy, sc_span_str(purpose), &c->purpose))
		abort();
}

static inline void contexts(const struct side *s)
{
	uint8_t op = s->op != 0 ? s->op : s->way == PLAN_RESTORE ? POLICY_EXPORT : POLICY_READ;

	context(&one.writer, s->role, s->purpose, POLICY_WRITE);
	context(&one.reader, s->reader != NULL ? s->reader : s->role,
	    s->reads_for != NULL ? s->reads_for : s->purpose, op);
	if (op == POLICY_SHARE) {
		asking_share(&one.reader, one.reader.role, one.reader.purpose, NULL);
		one.reader.role = one.writer.role;
		one.reader.purpose = one.writer.purpose;
	}
	one.reader.statement = s->statement;
	if (s->reason != NULL) {
		snprintf(one.reason.s, sizeof(one.reason.s), "%s", s->reason);
		one.reader.reason = one.writer.reason = &one.reason;
	}
	if (s->ticket != NULL) {
		snprintf(one.ticket.s, sizeof(one.ticket.s), "%s", s->ticket);
		one.reader.ticket = one.writer.ticket = &one.ticket;
	}
}

/* Compile S and put DOC where the job reads it. */
static inline void prepare(const struct side *s, struct sc_span doc)
{
	struct sc_diag diag = { .text = "" };
	struct subject_places places = s->places;

	if (s->subject != NULL)
		places = (struct subject_places){ .v = { { .name = s->subject } }, .n = 1 };
	rules_free(one.rules);
	one.rules = NULL;
	sc_buf_fini(&one.body);
	sc_buf_init(&one.body, 1u << 27);
	contexts(s);
	if (s->way == PLAN_RESTORE ?
		rules_new_restore(&diag, &one.rules) != SC_OK :
		rules_new(s->rules, s->n,
		    (struct protect_points){ .subject = &places, .order = s->order }, s->unmatched,
		    &diag, &one.rules) != SC_OK) {
		printf("Bail out! %s\n", diag.text);
		exit(1);
	}
	one.rules->foreign = s->foreign;
	one.rules->undeclared = s->undeclared;
	one.rules->answers = s->answers;
	if (sc_buf_put_span(&one.body, doc) != SC_OK || codec_pad(&one.body) != SC_OK)
		abort();
	finished = 0;
	glass.calls = glass.items = 0;
}

static inline struct protect_input input(const struct side *s)
{
	return (struct protect_input){
		.policy = policy,
		.codec = s->codec != NULL ? s->codec : &codec_json,
		.rules = one.rules,
		.way = s->way,
		.caller = &one.writer,
		.reader = &one.reader,
		.given = s->given,
		.body = sc_buf_span(&one.body),
		.out = &out,
		.lent = one.lent,
		.done = on_job_done,
		.arg = &one,
	};
}

/* Begin; -1 when the job still waits for keyd. */
static inline enum protect_outcome run_span(const struct side *s, struct sc_span doc)
{
	struct protect_input in;

	prepare(s, doc);
	in = input(s);
	sc_buf_clear(&out);
	protect_document(job, &in);
	CHECK(finished <= 1);
	return finished != 0 ? protect_result(job)->outcome : (enum protect_outcome) - 1;
}

static inline enum protect_outcome run(const struct side *s, const char *doc)
{
	return run_span(s, sc_span_str(doc));
}

static inline bool out_is(const char *s)
{
	if (sc_span_is(sc_buf_span(&out), s))
		return true;
	printf("# got %.*s\n", SC_SPAN_ARG(sc_buf_span(&out)));
	return false;
}

static inline bool out_has(const char *s)
{
	return memmem(out.p, out.n, s, strlen(s)) != NULL;
}

/* The document that came out, as a string in the heap. */
static inline char *taken_out(void)
{
	char *s = strndup((const char *)out.p, out.n);

	if (s == NULL)
		abort();
	return s;
}

/* A token as a string; the last four stay valid. */
static inline const char *token_of(uint8_t class_id, uint8_t flags, const char *value)
{
	static char text[8][512];
	static unsigned turn;
	struct sc_buf b;
	char *to = text[turn++ % 8];

	sc_buf_init(&b, 512);
	glass_token(class_id, flags, sc_span_str(value), &b);
	snprintf(to, 512, "%.*s", SC_SPAN_ARG(sc_buf_span(&b)));
	sc_buf_fini(&b);
	return to;
}

/* Load POLICY_JSON and make the job; false when it cannot be. */
static inline bool glass_begin(const char *policy_json)
{
	struct sc_diags all = { .n = 0 };

	if (policy_load(sc_span_str(policy_json), "test", &all, &policy) != SC_OK) {
		printf("Bail out! %s\n", all.v[0].text);
		return false;
	}
	sc_buf_init(&out, 1u << 28);
	sc_buf_init(&one.body, 1u << 27);
	sc_buf_init(&glass.values, 1u << 28);
	glass_reset();
	return (job = protect_job_new()) != NULL;
}

static inline int glass_over(void)
{
	protect_job_free(job);
	rules_free(one.rules);
	sc_buf_fini(&one.body);
	sc_buf_fini(&out);
	sc_buf_fini(&glass.values);
	policy_free(policy);
	return tap_done();
}

#endif
