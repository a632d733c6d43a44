/*
 * test_config_labels.c - what a rule may say of a virtual number, where such a
 * rule may stand, and where each refusal points.
 *
 * Every refusal is a route put into tests/data/phone.json, which has pools. In
 * fragments ' stands for ".
 */
#include "config_change.h"
#include "tap.h"

#include <fcntl.h>
#include <unistd.h>

#define TEXT_MAX 2048

static char good[16384];

static bool read_good(void)
{
	int fd = open("tests/data/phone.json", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, good, sizeof(good) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 && n < (ssize_t)sizeof(good) - 1;
}

/* S with " for each '. */
static const char *quoted(const char *s)
{
	static char out[TEXT_MAX];

	snprintf(out, sizeof(out), "%s", s);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return out;
}

#define ROUTE(points, side, rules) \
	"'routes': [{ 'name': 'carrier', 'match': { 'path': '/waybill' }, 'upstream': " \
	"'http://127.0.0.1:9002', 'purpose': 'order_processing', " points " '" side "': [" rules \
	"] }]"
#define TO "'from': ['order_system'], 'to': { 'role': 'carrier', 'purpose': 'delivery' },"
#define ORDER "'order': '$.orderNo',"
#define NUMBER(more) "{ 'at': '$.mobile', 'class': 'phone', 'do': 'virtual_number'" more " }"
#define NUMBER_MARKED(more) \
	"{ 'at': '$.mobile', 'class': 'phone', 'do': |'virtual_number'" more " }"
#define LABELS ", 'pool': 'labels'"

/* The whole route is refused, once, where the bar stands. */
static bool refused(const char *route, const char *says)
{
	char said[TEXT_MAX];

	snprintf(said, sizeof(said), "%s", quoted(says));
	return config_refused(good, "\"routes\": []", quoted(route), said, 1);
}
/* A rule with these keys on a request of such a route is. */
#define RULE_REFUSED(more, says) CHECK(refused(ROUTE(TO ORDER, "request", NUMBER(more)), says))

/* The route of ROUTE; NULL, and told, when it is refused. The configuration is *C. */
static const struct config_route *loaded(const char *route, struct config **c)
{
	struct sc_diags all = { .n = 0 };
	struct sc_buf text;
	unsigned line, column;

	*c = NULL;
	if (config_changed(good, "\"routes\": []", quoted(route), &text, &line, &column) &&
	    config_parse(sc_buf_span(&text), FILE_NAME, &all, c) != SC_OK)
		printf("# %u:%u: %s\n", all.v[0].line, all.v[0].column, all.v[0].text);
	sc_buf_fini(&text);
	return *c == NULL ? NULL : &(*c)->routes[0];
}

static void test_good(void)
{
	struct config *c;
	const struct config_route *r = loaded(
	    ROUTE(TO ORDER "'subject': '$.orderNo',", "request",
		NUMBER(LABELS
		    ", 'ttl': '60d', 'as': 'object', 'display': '{number} {ext} {masked}'") ", "
											    "{ 'at': '$.tel', 'class': 'phone', 'do': 'virtual_number', 'pool': 'desk' }"),
	    &c);
	const struct field_rule *v;

	NEED(r != NULL);
	v = r->request.v;
	CHECK(strcmp(r->order, "$.orderNo") == 0 && r->subject.n == 1 &&
	    strcmp(r->subject.v[0].name, "$.orderNo") == 0);
	CHECK(r->request.n == 2 && v[0].form == &form_virtual_number);
	CHECK(strcmp(v[0].label.pool, "labels") == 0 && v[0].label.ttl_s == 60 * 86400);
	CHECK(v[0].label.object && strcmp(v[0].label.display, "{number} {ext} {masked}") == 0);
	CHECK(strcmp(v[1].label.pool, "desk") == 0 && v[1].label.ttl_s == 0);
	CHECK(!v[1].label.object && v[1].label.display == NULL);
	config_free(c);
}

static void test_keys(void)
{
	CHECK(refused(ROUTE(TO ORDER, "request", "|" NUMBER("")), "needs 'pool'"));
	CHECK(refused(ROUTE(TO ORDER, "request",
			  "{ 'at': '$.x', 'class': |'name', 'do': 'virtual_number'" LABELS " }"),
	    "'class' must be phone"));
	CHECK(refused(ROUTE(TO ORDER, "request",
			  "|{ 'at': '$.x', 'do': 'virtual_number'" LABELS " }"),
	    "needs 'class'"));
	RULE_REFUSED(", 'pool': |'lables'", "did you mean 'labels'?");
	RULE_REFUSED(", 'pool': |7", "text in quotes");
	RULE_REFUSED(", 'pool': |'pairs'", "(AXB)");
	RULE_REFUSED(LABELS ", 'as': |'xml'", "one of text, object");
	RULE_REFUSED(LABELS ", 'as': |true", "text in quotes");
	RULE_REFUSED(LABELS ", 'ttl': |'15'", "must be a time");
	RULE_REFUSED(LABELS ", 'ttl': |'59s'", "must be a time");
	RULE_REFUSED(LABELS ", 'ttl': |'61d'", "longer than the 'ttl_max' of pool 'labels'");
	RULE_REFUSED(LABELS ", 'display': |'{number}-{ext} {name}'", "nothing in braces but");
	RULE_REFUSED(LABELS ", 'display': |'{number}'", "say {ext}");
	RULE_REFUSED(LABELS ", 'display': |'{ext}'", "say {number} or {national}");
	RULE_REFUSED(", 'pool': 'desk', 'display': |'{number} {ext}'", "not say {ext}");
	RULE_REFUSED(LABELS ", 'random': |true", "does not go with");
	CHECK(refused(ROUTE(TO ORDER, "request",
			  "{ 'at': '$.x', 'class': 'phone', 'do': 'policy', 'pool': |'labels' }"),
	    "does not go with"));
	CHECK(refused(ROUTE(TO ORDER, "request", "{ 'at': '$.x', 'do': 'scan', 'ttl': |'1d' }"),
	    "does not go with"));
}

/* Where nobody is named who gets the number, or no order, or it is an answer. */
static void test_places(void)
{
	static const char says[] = "of a route with 'to' and 'order'";

	CHECK(refused(ROUTE(TO, "request", NUMBER_MARKED(LABELS)), says));
	CHECK(refused(ROUTE(ORDER, "request", NUMBER_MARKED(LABELS)), says));
	CHECK(refused(ROUTE(TO ORDER, "response", NUMBER_MARKED(LABELS)), says));
}

static void test_order(void)
{
	CHECK(
	    refused(ROUTE(TO "'order': |'orderNo',", "request", NUMBER(LABELS)), "begins with $"));
	CHECK(refused(ROUTE(TO "'order': |'$',", "request", NUMBER(LABELS)), "s reference stands"));
	CHECK(refused(ROUTE(TO "'order': |'$..orderNo',", "request", NUMBER(LABELS)), "one place"));
	CHECK(
	    refused(ROUTE(TO "'order': |'$.orders[*]',", "request", NUMBER(LABELS)), "one place"));
	CHECK(refused(ROUTE(TO "'order': |'$.orders[0:2]',", "request", NUMBER(LABELS)),
	    "one place"));
}

/* Without the section there are no numbers, and a broken one is told where it is broken. */
static void test_no_section(void)
{
	char route[TEXT_MAX], text[TEXT_MAX + 512];
	struct sc_diags all = { .n = 0 };
	struct config *c;

	snprintf(route, sizeof(route), "%s", quoted(ROUTE(TO ORDER, "request", NUMBER(LABELS))));
	snprintf(text, sizeof(text),
	    "{ \"tenant\": \"demo\", \"policy\": \"default.json\", \"keyd\": \"unix:k\", \"log\": \"l\",\n"
	    "\"listen\": [{ \"address\": \"127.0.0.1:1\" }], \"principals\": [],\n%s\n}",
	    route);
	CHECK(config_parse(sc_span_str(text), FILE_NAME, &all, &c) == SC_SYNTAX && all.n == 1);
	CHECK(all.v[0].line == 3 && strstr(all.v[0].text, "no such section") != NULL);
	all.n = 0;
	snprintf(text + strlen(text) - 1, 64, ", \"phone\": 7 }");
	CHECK(config_parse(sc_span_str(text), FILE_NAME, &all, &c) == SC_SYNTAX);
	for (size_t i = 0; i < all.n; i++)
		CHECK(all.v[i].line == 4);
}

int main(void)
{
	if (!read_good())
		return 1;
	RUN(test_good, "a rule for virtual numbers comes out as written");
	RUN(test_keys, "one that nothing could stand on is refused");
	RUN(test_places, "it stands where somebody gets the number, for an order, or is refused");
	RUN(test_order, "an order's place is one");
	RUN(test_no_section, "without pools there is nothing to give out");
	return tap_done();
}
