/*
 * test_tap.c - those who listen get what passed, protected, and the fields that
 * rules collect; they can neither slow nor fail it.
 */
#include "gateway/protect/tap.h"

#include "glass.h"
#include "names.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <unistd.h>

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\",\"roles\":{\"shop\":{\"max_tier\":\"T3\"}},"
    "\"purposes\":[\"order_processing\"],"
    "\"rules\":[{\"id\":\"w\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],"
    "\"class\":[\"*\"],\"op\":[\"write\"],\"effect\":\"tokenise\"}]}";

static const struct field_rule rules[] = {
	RULE("$.phone", &form_seal, CLASS_PHONE),
	RULE("$.items[*].sku", &form_collect, CLASS_NONE),
	RULE("$.total", &form_collect, CLASS_NONE),
	RULE("$['phone']", &form_collect, CLASS_NONE),
};
static const struct side store = { .rules = rules,
	.n = 4,
	.way = PLAN_STORE,
	.role = "shop",
	.purpose = "order_processing" };

/* A listener that writes down what it hears, and can be held up. */
static struct ear {
	pthread_mutex_t held;
	atomic_size_t heard, waiting;
	char text[4096];
	size_t n;
} ear = { .held = PTHREAD_MUTEX_INITIALIZER };

static void listen_to(void *arg, const struct tap_body *b)
{
	struct ear *e = arg;

	atomic_fetch_add(&e->waiting, 1);
	pthread_mutex_lock(&e->held);
	for (uint32_t i = 0; i < b->n_fields && e->n < 3000; i++)
		e->n += (size_t)snprintf(e->text + e->n, 256, "%u %.*s=%.*s(%u);",
		    b->fields[i].record, SC_SPAN_ARG(b->fields[i].at),
		    SC_SPAN_ARG(b->fields[i].text), b->fields[i].kind);
	if (e->n < 3000)
		e->n += (size_t)snprintf(e->text + e->n, 1024, "%s/%s %u %.*s\n", b->principal.s,
		    b->route.s, b->way, SC_SPAN_ARG(b->document));
	pthread_mutex_unlock(&e->held);
	atomic_fetch_add(&e->heard, 1);
}

static const struct tap_listener listeners[] = { { "one", true, listen_to, &ear },
	{ "two", true, listen_to, &ear } };

static enum protect_outcome pass(struct tap *t, const char *doc, const struct codec *codec)
{
	struct protect_input in;

	prepare(&store, sc_span_str(doc));
	in = input(&store);
	in.codec = codec;
	in.tap = t;
	one.reader.principal = a_name("oms");
	one.reader.route = a_name("checkout");
	sc_buf_clear(&out);
	protect_document(job, &in);
	CHECK(finished == 1);
	return protect_result(job)->outcome;
}

static void test_heard(void)
{
	struct tap *t;
	char want[1024];

	ear.n = 0;
	NEED(tap_new(listeners, 1, 4096, &t) == SC_OK);
	CHECK(pass(t,
		  "{\"phone\":\"07700 900123\",\"items\":[{\"sku\":\"a\\u0062\"},{\"sku\":7}],"
		  "\"total\":12.50}",
		  &codec_json) == PROTECT_DONE);
	CHECK(!protect_result(job)->unheard);
	tap_free(t); /* hands out what waits */
	snprintf(want, sizeof(want),
	    "0 $.items[*].sku=ab(0);0 $.items[*].sku=7(1);0 $.total=12.50(1);"
	    "oms/checkout 0 %.*s\n",
	    SC_SPAN_ARG(sc_buf_span(&out)));
	CHECK(strcmp(ear.text, want) == 0 && strstr(ear.text, "900123") == NULL);
	if (strcmp(ear.text, want) != 0)
		printf("# got  %s# want %s", ear.text, want);
}

/* Of several records: which, and nothing when one of them did not pass. */
static void test_records(void)
{
	struct tap *t;

	ear.n = 0;
	memset(ear.text, 0, sizeof(ear.text));
	NEED(tap_new(listeners, 2, 4096, &t) == SC_OK);
	CHECK(pass(t, "{\"total\":1}\n\n{\"total\":\"\\u0032\"}\n{,}\n", &codec_ndjson) ==
	    PROTECT_MALFORMED);
	CHECK(pass(t, "{\"total\":1}\n\n{\"total\":\"\\u0032\"}\n", &codec_ndjson) == PROTECT_DONE);
	tap_free(t);
	CHECK(strcmp(ear.text,
		  "0 $.total=1(1);1 $.total=2(0);oms/checkout 0 "
		  "{\"total\":1}\n\n{\"total\":\"\\u0032\"}\n\n"
		  "0 $.total=1(1);1 $.total=2(0);oms/checkout 0 "
		  "{\"total\":1}\n\n{\"total\":\"\\u0032\"}\n\n") == 0);
}

/* A document need not have the shape that a collecting rule wants. */
static void test_loose(void)
{
	CHECK(pass(NULL, "{\"items\":5,\"total\":{\"a\":[null]}}", &codec_json) == PROTECT_DONE);
	CHECK(out_is("{\"items\":5,\"total\":{\"a\":[null]}}"));
}

/* Nobody waits for a listener that stands still: the spool fills, and it is said. */
static void test_held_up(void)
{
	struct tap *t;
	size_t passed = 0, unheard = 0, before = atomic_load(&ear.heard);

	NEED(tap_new(listeners, 1, 2048, &t) == SC_OK);
	pthread_mutex_lock(&ear.held);
	for (; passed < 100; passed++) {
		NEED(pass(t, "{\"total\":1}", &codec_json) == PROTECT_DONE);
		unheard += protect_result(job)->unheard;
	}
	CHECK(unheard > 0 && unheard < passed);
	pthread_mutex_unlock(&ear.held);
	tap_free(t);
	CHECK(atomic_load(&ear.heard) - before == passed - unheard);
}

/* A body larger than the spool, or with more fields than are told, fails nothing. */
static void test_too_much(void)
{
	char *doc = malloc(8192);
	struct tap *t;
	size_t n = 0;

	NEED(doc != NULL && tap_new(listeners, 1, 1024, &t) == SC_OK);
	snprintf(doc, 8192, "{\"a\":\"%02000d\",\"total\":1}", 7);
	CHECK(pass(t, doc, &codec_json) == PROTECT_DONE && protect_result(job)->unheard);
	CHECK(
	    pass(t, "{\"total\":1}", &codec_json) == PROTECT_DONE && !protect_result(job)->unheard);
	tap_free(t);
	NEED(tap_new(listeners, 1, TAP_SPOOL_BYTES, &t) == SC_OK);
	n += (size_t)sprintf(doc, "{\"total\":[0");
	for (unsigned i = 0; i < TAP_FIELDS_MAX; i++)
		n += (size_t)sprintf(doc + n, ",%u", i);
	memcpy(doc + n, "]}", 3);
	CHECK(pass(t, doc, &codec_json) == PROTECT_DONE && !protect_result(job)->unheard);
	tap_free(t);
	free(doc);
}

/* ---- tags ---- */

static const struct field_rule tag_rules[] = {
	{ .at = "$.address", .form = &form_seal, .class_id = CLASS_ADDRESS, .tag = true },
	{ .at = "$.phone", .form = &form_drop, .tag = true },
	{ .at = "$.lines[*]", .form = &form_collect, .tag = true },
	{ .at = "$.total", .form = &form_collect },
};
static const struct side tagged = { .rules = tag_rules,
	.n = 4,
	.way = PLAN_STORE,
	.role = "shop",
	.purpose = "order_processing" };

/* What one body told: a listener that wants no document. */
static struct told_ear {
	atomic_size_t bodies;
	size_t n, with_document;
	struct {
		char at[32], text[64];
		uint8_t tag[8], kind;
		uint32_t record;
	} v[TAP_FIELDS_MAX + 1];
	const uint8_t *spool; /* where the fields' tags lay */
	char near[2048];      /* what lay around them */
} told_ear;

static void hear(void *arg, const struct tap_body *b)
{
	struct told_ear *e = arg;

	e->n = b->n_fields;
	e->with_document += b->document.n != 0;
	for (size_t i = 0; i < e->n; i++) {
		const struct tap_field *f = &b->fields[i];

		snprintf(e->v[i].at, sizeof(e->v[i].at), "%.*s", SC_SPAN_ARG(f->at));
		e->v[i].kind = f->kind;
		e->v[i].record = f->record;
		if (f->kind == TAP_TAG && f->text.n == TAP_TAG_BYTES) {
			memcpy(e->v[i].tag, f->text.p, 8);
			e->spool = f->text.p;
		} else {
			snprintf(e->v[i].text, sizeof(e->v[i].text), "%.*s", SC_SPAN_ARG(f->text));
		}
	}
	if (e->spool != NULL)
		memcpy(e->near, e->spool - sizeof(struct tap_body), sizeof(e->near));
	atomic_fetch_add(&e->bodies, 1);
}

static const struct tap_listener hearing[] = { { "told", false, hear, &told_ear } };
static const uint8_t key_one[TAP_KEY_BYTES] = { 1, 2, 3 }, key_two[TAP_KEY_BYTES] = { [15] = 1 };

/* DOC by S through a tap of its own with KEY (NULL: none); what was told is in told_ear. */
static size_t tell(const struct side *s, const uint8_t *key, const char *doc,
    const struct codec *codec)
{
	struct protect_input in;
	struct tap *t;

	memset(&told_ear, 0, sizeof(told_ear));
	if (tap_new(hearing, 1, 16384, &t) != SC_OK)
		abort();
	if (key != NULL)
		tap_set_key(t, key);
	prepare(s, sc_span_str(doc));
	in = input(s);
	in.codec = codec;
	in.tap = t;
	sc_buf_clear(&out);
	protect_document(job, &in);
	CHECK(protect_result(job)->outcome == PROTECT_DONE && !protect_result(job)->unheard);
	/* the configuration goes before what waits is handed out */
	rules_free(one.rules);
	one.rules = NULL;
	tap_free(t);
	CHECK(told_ear.with_document == 0);
	return told_ear.n;
}

/* The tag of NORMAL, worked out here. */
static bool tag_is(size_t i, const uint8_t *key, const char *normal)
{
	uint8_t want[8];

	crypto_shorthash(want, (const uint8_t *)normal, strlen(normal), key);
	return told_ear.v[i].kind == TAP_TAG && memcmp(told_ear.v[i].tag, want, 8) == 0;
}

static void test_tags(void)
{
	NEED(tell(&tagged, key_one,
		 "{\"address\":\"Marker Lane 7-b\",\"phone\":7700900123,\"lines\":[\"A\",\"\"],"
		 "\"total\":5}",
		 &codec_json) == 5);
	CHECK(strcmp(told_ear.v[0].at, "$.address") == 0 && tag_is(0, key_one, "markerlane7b"));
	CHECK(strcmp(told_ear.v[1].at, "$.phone") == 0 && tag_is(1, key_one, "7700900123"));
	CHECK(strcmp(told_ear.v[2].at, "$.lines[*]") == 0 && tag_is(2, key_one, "a"));
	/* what passes as it is is told as it is, beside its tag */
	CHECK(strcmp(told_ear.v[3].at, "$.lines[*]") == 0 && told_ear.v[3].kind == CODEC_TEXT &&
	    strcmp(told_ear.v[3].text, "A") == 0);
	CHECK(strcmp(told_ear.v[4].at, "$.total") == 0 && strcmp(told_ear.v[4].text, "5") == 0);
}

static bool heard_soon(size_t bodies)
{
	for (int i = 0; i < 10000 && atomic_load(&told_ear.bodies) != bodies; i++)
		usleep(1000);
	return atomic_load(&told_ear.bodies) == bodies;
}

/* The key is live, and without one nothing is hashed. */
static void test_tag_keys(void)
{
	static const char doc[] = "{\"address\":\"Marker Lane 7\"}";
	struct protect_input in;
	struct tap *t;
	uint8_t before[8];

	CHECK(tell(&tagged, NULL, doc, &codec_json) == 0);
	NEED(tell(&tagged, key_two, doc, &codec_json) == 1 && tag_is(0, key_two, "markerlane7"));
	memset(&told_ear, 0, sizeof(told_ear));
	NEED(tap_new(hearing, 1, 16384, &t) == SC_OK);
	for (unsigned i = 0; i < 5; i++) {
		const uint8_t *key = i % 2 == 0 ? key_one : key_two;

		tap_set_key(t, key);
		prepare(&tagged, sc_span_str(doc));
		in = input(&tagged);
		in.tap = t;
		protect_document(job, &in);
		NEED(heard_soon(i + 1));
		CHECK(tag_is(0, key, "markerlane7"));
		CHECK(i == 0 || memcmp(before, told_ear.v[0].tag, 8) != 0);
		memcpy(before, told_ear.v[0].tag, 8);
	}
	tap_free(t);
}

/* Equal values, however they are typed; and those that have none. */
static void test_tag_values(void)
{
	static const char *const same[] = { "marker lane 7", "MARKER-LANE 7",
		"\\uff2d\\u0061rker\\u3000Lane\\t7", "M\\u00e0rker lane 7" };
	static const char *const none[] = { "null", "\"\"", "\" - \"" };
	char doc[1400], value[1100];

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(doc, sizeof(doc), "{\"address\":\"%s\"}", same[i]);
		CHECK(tell(&tagged, key_one, doc, &codec_json) == 1);
		CHECK(tag_is(0, key_one, "markerlane7"));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		snprintf(doc, sizeof(doc), "{\"phone\":%s}", none[i]);
		CHECK(tell(&tagged, key_one, doc, &codec_json) == 0);
	}
	snprintf(doc, sizeof(doc), "{\"phone\":\"%s\"}", token_of(CLASS_PHONE, 0, "07700900123"));
	CHECK(tell(&tagged, key_one, doc, &codec_json) == 0);
	memset(value, 'x', sizeof(value));
	for (size_t n = 1024; n <= 1025; n++) {
		snprintf(doc, sizeof(doc), "{\"phone\":\"%.*s\"}", (int)n, value);
		CHECK(tell(&tagged, key_one, doc, &codec_json) == (n == 1024));
	}
}

static void test_tag_records(void)
{
	NEED(tell(&tagged, key_one, "{\"phone\":1}\n\n{\"total\":2}\n{\"phone\":1,\"total\":3}\n",
		 &codec_ndjson) == 4);
	CHECK(tag_is(0, key_one, "1") && told_ear.v[0].record == 0);
	CHECK(tag_is(1, key_one, "1") && told_ear.v[1].record == 2);
	CHECK(strcmp(told_ear.v[2].text, "2") == 0 && told_ear.v[2].record == 1);
	CHECK(strcmp(told_ear.v[3].text, "3") == 0 && told_ear.v[3].record == 2);
}

/* Of what was tagged the spool never holds a byte more than the hash. */
static void test_tag_marker(void)
{
	char text[64];

	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "{\"phone\":\"planted-marker-%d\"}", i);
		NEED(tell(&tagged, key_one, text, &codec_json) == 1);
		CHECK(memmem(told_ear.near, sizeof(told_ear.near), "marker", 6) == NULL);
		CHECK(memmem(told_ear.near, sizeof(told_ear.near), "{\"phone\":null}", 14) != NULL);
	}
}

static void test_tag_many(void)
{
	char *doc = malloc(16384);
	size_t n = 0;

	NEED(doc != NULL);
	for (unsigned tags = TAP_FIELDS_MAX - 1; tags <= TAP_FIELDS_MAX + 1; tags++) {
		n = (size_t)sprintf(doc, "{\"total\":[1,2],\"phone\":[0");
		for (unsigned i = 1; i < tags; i++)
			n += (size_t)sprintf(doc + n, ",%u", i);
		memcpy(doc + n, "]}", 3);
		CHECK(tell(&tagged, key_one, doc, &codec_json) == TAP_FIELDS_MAX);
		CHECK(told_ear.v[TAP_FIELDS_MAX - 2].kind == TAP_TAG);
		CHECK(told_ear.v[TAP_FIELDS_MAX - 1].kind ==
		    (tags < TAP_FIELDS_MAX ? CODEC_NUMBER : TAP_TAG));
	}
	free(doc);
}

/* What has nothing to tell is not even copied, but for a listener who wants all. */
static void test_nothing_told(void)
{
	static const struct side plain = { .rules = tag_rules + 1,
		.n = 0,
		.way = PLAN_STORE,
		.role = "shop",
		.purpose = "order_processing" };
	static const struct tap_listener both[] = { { "told", false, hear, &told_ear },
		{ "all", true, listen_to, &ear } };
	struct protect_input in;
	struct tap *t;
	size_t before;

	CHECK(tell(&plain, key_one, "{\"a\":1}", &codec_json) == 0);
	CHECK(atomic_load(&told_ear.bodies) == 0);
	CHECK(tell(&tagged, key_one, "{\"a\":1}", &codec_json) == 0);
	CHECK(atomic_load(&told_ear.bodies) == 0);
	before = atomic_load(&ear.heard);
	NEED(tap_new(both, 2, 16384, &t) == SC_OK);
	prepare(&plain, sc_span_str("{\"a\":1}"));
	in = input(&plain);
	in.tap = t;
	protect_document(job, &in);
	tap_free(t);
	CHECK(atomic_load(&ear.heard) == before + 1 && atomic_load(&told_ear.bodies) == 0);
}

/* The thread sleeps when nothing comes, and what comes then is heard all the same. */
static void test_wakes(void)
{
	struct protect_input in;
	struct tap *t;
	memset(&told_ear, 0, sizeof(told_ear));
	NEED(tap_new(hearing, 1, 16384, &t) == SC_OK);
	for (size_t i = 0; i < 3; i++) {
		usleep(i == 1 ? 1000 : 900000);
		prepare(&tagged, sc_span_str("{\"total\":1}"));
		in = input(&tagged);
		in.tap = t;
		protect_document(job, &in);
		CHECK(heard_soon(i + 1));
	}
	tap_free(t);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_heard, "listeners get the protected document and the fields that rules collect");
	RUN(test_records,
	    "fields say of which record they are; a body that did not pass is not heard");
	RUN(test_loose, "a rule that collects refuses nothing");
	RUN(test_held_up,
	    "a listener that stands still slows nobody: bodies are dropped and counted");
	RUN(test_too_much, "what finds no room fails nothing");
	RUN(test_tags, "of a tagged field a keyed hash of its clear value is told");
	RUN(test_tag_keys, "tags follow the key, and there are none without");
	RUN(test_tag_values, "equal values have one tag however they are typed; tokens have none");
	RUN(test_tag_records, "tags say of which record they are");
	RUN(test_tag_marker, "a tagged value is nowhere in the spool");
	RUN(test_tag_many, "tags and fields together are so many and not one more");
	RUN(test_nothing_told, "who wants no documents hears of bodies that something is told of");
	RUN(test_wakes, "after a long silence the next body is heard too");
	return glass_over();
}
