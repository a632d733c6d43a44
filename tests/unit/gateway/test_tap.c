/*
 * test_tap.c - those who listen get what passed, protected, and the fields that
 * rules collect; they can neither slow nor fail it.
 */
#include "gateway/protect/tap.h"

#include "glass.h"
#include "names.h"

#include <pthread.h>
#include <stdatomic.h>

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

static const struct tap_listener listeners[] = { { "one", listen_to, &ear },
	{ "two", listen_to, &ear } };

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
	return glass_over();
}
