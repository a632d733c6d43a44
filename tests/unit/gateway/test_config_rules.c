/*
 * test_config_rules.c - rules for several places, exceptions, named sets of rules and answers
 * that follow their requests: what they become, and where each refusal points.
 *
 * Routes and sets are put into tests/data/phone.json. In fragments ' stands for ".
 */
#include "config_file.h"

#include "gateway/protect/rules.h"

#define HEAD \
	"'name': 'r', 'match': { 'path': '/r' }, 'upstream': 'http://127.0.0.1:9002', 'purpose': " \
	"'order_processing', "
#define TO "'from': ['order_system'], 'to': { 'role': 'carrier', 'purpose': 'delivery' }, "
#define ROUTE(rest) "'routes': [{ " HEAD rest " }]"
#define REQUEST(rules) ROUTE("'request': [" rules "]")
#define SETS \
	"'rule_sets': { 'contact': [" \
	"{ 'at': ['$.mobile', '$.tel'], 'class': 'phone', 'do': 'seal', 'random': true }," \
	"{ 'at': '$..name', 'except': '$..shop', 'class': 'name', 'do': 'seal' }," \
	"{ 'at': '$.remark', 'do': 'scan' }]," \
	"'unused': [{ 'at': '$.x', 'do': 'drop' }] }, "
#define PLACE "'routes': []"

static struct config *load(const char *text)
{
	return loaded(PLACE, text);
}
#define WRONG(text, says) REFUSED(PLACE, text, says)

static bool is_rule(const struct config_rules *rules, size_t i, const char *at,
    const struct form *form, unsigned class_id)
{
	const struct field_rule *r = &rules->v[i];
	bool ok = i < rules->n && strcmp(r->at, at) == 0 && r->form == form &&
	    r->class_id == class_id;

	if (i < rules->n && !ok)
		printf("# %zu: %s do %s class %u\n", i, r->at, r->form->name, r->class_id);
	return ok;
}

static bool compiles(const struct config_rules *rules)
{
	struct protect_rules *p = NULL;
	struct sc_diag d = { .text = "" };
	bool ok = rules_new(rules->v, rules->n, (struct protect_points){ .order = NULL },
		      UNMATCHED_NULL, &d, &p) == SC_OK;

	if (!ok)
		printf("# %s\n", d.text);
	rules_free(p);
	return ok;
}

static void test_several_places(void)
{
	struct config *c = load(
	    REQUEST("{ 'at': ['$.a', '$.b[0,2:]'], 'class': 'phone', 'do': 'seal' }, "
		    "{ 'at': '$.c', 'do': 'drop' }"));
	const struct config_rules *r;

	NEED(c != NULL);
	r = &c->routes[0].request;
	NEED(r->n == 3);
	CHECK(is_rule(r, 0, "$.a", &form_seal, CLASS_PHONE));
	CHECK(is_rule(r, 1, "$.b[0,2:]", &form_seal, CLASS_PHONE));
	CHECK(is_rule(r, 2, "$.c", &form_drop, CLASS_NONE));
	CHECK(r->v[1].line == r->v[0].line && r->v[1].column == r->v[0].column + strlen("'$.a', "));
	CHECK(compiles(r));
	config_free(c);
	WRONG(REQUEST("{ 'at': |[], 'do': 'drop' }"), "empty list");
	WRONG(REQUEST("{ 'at': ['$.a', |'b'], 'do': 'drop' }"), "begins with $");
	WRONG(REQUEST("{ 'at': ['$.a', '$.b[1:2:|3]'], 'do': 'drop' }"), "step");
	WRONG(REQUEST("{ 'at': '$.a[?@.n|>1]', 'do': 'drop' }"), "compares with ==");
	WRONG(REQUEST("{ 'at': ['$.a', |'$.a'], 'do': 'drop' }"),
	    "two rules have the same 'at', $.a");
	WRONG(REQUEST("{ 'at': ['$.o[*].phone', '$.phone'], 'class': 'phone', 'do': 'seal', "
		      "'subject': |'$.o[*].id' }"),
	    "each element");
}

static void test_exceptions(void)
{
	struct config *c = load(
	    REQUEST("{ 'at': '$..phone', 'except': ['$..merchant', '$.shop'], 'class': 'phone', "
		    "'do': 'seal' }, { 'at': '$..*', 'do': 'scan', 'except': '$..id' }"));
	const struct config_rules *r;

	NEED(c != NULL);
	r = &c->routes[0].request;
	NEED(r->n == 2 && r->v[0].n_except == 2 && r->v[1].n_except == 1);
	CHECK(strcmp(r->v[0].except[0].at, "$..merchant") == 0);
	CHECK(strcmp(r->v[0].except[1].at, "$.shop") == 0 && r->v[0].except[1].line != 0);
	CHECK(compiles(r));
	config_free(c);
	WRONG(REQUEST("{ 'at': '$.a', 'except': |'b', 'do': 'drop' }"), "begins with $");
	WRONG(REQUEST("{ 'at': '$.a', 'except': ['$.b[|-1]'], 'do': 'drop' }"), "negative");
	WRONG(REQUEST("{ 'at': '$.a', 'except': |[], 'do': 'drop' }"), "empty list");
}

static void test_sets(void)
{
	struct config *c = load(
	    SETS ROUTE("'request': [{ 'use': 'contact', 'under': ['$.receiver', "
		       "'$.senders[*]'] }, { 'at': '$.x', 'do': 'drop' }], "
		       "'response': [{ 'use': 'contact' }]"));
	const struct config_rules *r;

	NEED(c != NULL);
	r = &c->routes[0].request;
	NEED(r->n == 9);
	CHECK(is_rule(r, 0, "$.receiver.mobile", &form_seal, CLASS_PHONE) && r->v[0].random);
	CHECK(is_rule(r, 1, "$.receiver.tel", &form_seal, CLASS_PHONE));
	CHECK(is_rule(r, 2, "$.receiver..name", &form_seal, CLASS_NAME));
	NEED(r->v[2].n_except == 1);
	CHECK(strcmp(r->v[2].except[0].at, "$.receiver..shop") == 0);
	CHECK(is_rule(r, 3, "$.receiver.remark", &form_scan, CLASS_NONE));
	CHECK(is_rule(r, 4, "$.senders[*].mobile", &form_seal, CLASS_PHONE));
	CHECK(is_rule(r, 8, "$.x", &form_drop, CLASS_NONE));
	CHECK(compiles(r));
	/* what is sealed is, in an answer, what the policy shows of it */
	r = &c->routes[0].response;
	NEED(r->n == 4);
	CHECK(is_rule(r, 0, "$.mobile", &form_policy, CLASS_PHONE) && !r->v[0].random);
	CHECK(is_rule(r, 2, "$..name", &form_policy, CLASS_NAME) && r->v[2].n_except == 1);
	CHECK(is_rule(r, 3, "$.remark", &form_scan, CLASS_NONE));
	CHECK(compiles(r));
	config_free(c);
}

static void test_sets_refused(void)
{
	WRONG("'rule_sets': { 'a': [|{ 'use': 'b' }], 'b': [] }, " ROUTE("'request': []"),
	    "does not use another");
	WRONG("'rule_sets': |[], 'routes': []", "be an object");
	WRONG("'rule_sets': { 'a': |{} }, 'routes': []", "be a list");
	/* a set that nobody uses is looked at all the same */
	WRONG("'rule_sets': { 'a': [{ 'at': |'x', 'do': 'drop' }] }, 'routes': []",
	    "begins with $");
	WRONG(SETS REQUEST("{ 'use': |'contacts' }"), "did you mean 'contact'?");
	WRONG(REQUEST("{ 'use': |'contact' }"), "'rule_sets' has none");
	WRONG(SETS REQUEST("{ 'use': 'contact', |'at': '$.x' }"), "unknown key");
	WRONG(SETS REQUEST("{ 'use': 'contact', 'under': |[] }"), "empty list");
	WRONG(SETS REQUEST("{ 'use': 'contact', 'under': '$.a[|-1]' }"), "negative");
	WRONG(SETS REQUEST("{ 'use': 'contact' }, |{ 'use': 'contact' }"), "same 'at', $.mobile");
	/* of a set that does not fit the route it is told where it is used */
	WRONG("'rule_sets': { 'a': [{ 'at': '$.x', 'class': 'name', 'do': 'policy' }] }, " REQUEST(
		  "|{ 'use': 'a' }"),
	    "on a request needs the route");
	WRONG("'rule_sets': { 'a': [{ 'at': '$[?@.k==1]', 'do': 'drop' }] }, " REQUEST(
		  "{ 'use': 'a', 'under': |'$[?@.k==2]' }"),
	    "one filter at most");
	WRONG(
	    "'rule_sets': { 'a': [{ 'at': '$.x', 'class': 'name', 'do': 'seal', 'subject': '$.id' }] }, " REQUEST(
		"{ 'use': 'a', 'under': |'$..orders' }"),
	    "lead to one place");
}

/* A set's person goes with it into each element. */
static void test_sets_of_people(void)
{
	struct config *c = load(
	    "'rule_sets': { 'a': [{ 'at': '$.x', 'class': 'name', 'do': 'seal', "
	    "'subject': '$.id' }] }, " REQUEST(
		"{ 'use': 'a', 'under': ['$.orders[*]', '$.buyer'] }"));
	const struct config_rules *r;

	NEED(c != NULL);
	r = &c->routes[0].request;
	NEED(r->n == 2);
	CHECK(strcmp(r->v[0].subject.place, "$.orders[*].id") == 0 && r->v[0].subject.each);
	CHECK(strcmp(r->v[1].subject.place, "$.buyer.id") == 0 && !r->v[1].subject.each);
	CHECK(compiles(r));
	config_free(c);
}

static void test_mirror(void)
{
	struct config *c = load(ROUTE(
	    "'request': [{ 'at': '$.receiver[1:].mobile', 'class': 'phone', 'do': 'seal' }, "
	    "{ 'at': '$.notes[?@.k==7].value', 'class': 'email', 'do': 'seal' }, "
	    "{ 'at': '$[?@.k==8]', 'class': 'name', 'do': 'seal' }, "
	    "{ 'at': '$.a[0,2:][\\u0027x\\u0027,\\u0027y\\u0027][*]', 'class': 'name', 'do': 'seal', "
	    "'except': '$.a.shop' }, "
	    "{ 'at': '$.remark', 'do': 'scan' }], 'response': 'mirror'"));
	const struct config_rules *r;

	NEED(c != NULL);
	CHECK(c->routes[0].response.n == 0);
	r = &c->routes[0].mirrored;
	NEED(r->n == 5);
	CHECK(is_rule(r, 0, "$..mobile", &form_policy, CLASS_PHONE));
	/* all that has a value is not an address: the filter goes along */
	CHECK(is_rule(r, 1, "$..notes[?@['k']==7].value", &form_policy, CLASS_EMAIL));
	CHECK(is_rule(r, 2, "$..[?@['k']==8]", &form_policy, CLASS_NAME));
	CHECK(is_rule(r, 3, "$..['x','y'][*]", &form_policy, CLASS_NAME));
	CHECK(r->v[3].n_except == 1 && strcmp(r->v[3].except[0].at, "$..shop") == 0);
	CHECK(is_rule(r, 4, "$..remark", &form_scan, CLASS_NONE));
	CHECK(compiles(r));
	config_free(c);
	/* of two at one place, an exception of one is none */
	c = load(
	    ROUTE("'request': [{ 'at': '$.a.x', 'class': 'name', 'do': 'seal', 'except': '$.s' }, "
		  "{ 'at': '$.b.x', 'class': 'name', 'do': 'seal' }], 'response': 'mirror'"));
	NEED(c != NULL);
	CHECK(c->routes[0].mirrored.n == 1 && c->routes[0].mirrored.v[0].n_except == 0);
	config_free(c);
	/* who says nothing has none */
	c = load(REQUEST("{ 'at': '$.a', 'class': 'name', 'do': 'seal' }"));
	NEED(c != NULL);
	CHECK(c->routes[0].mirrored.n == 0);
	config_free(c);
	WRONG(ROUTE("'response': |'mirror'"), "'request'");
	WRONG(ROUTE("'request': [{ 'at': '$.a', 'do': 'drop' }], 'response': |'mirrored'"),
	    "or 'mirror'");
	WRONG(ROUTE("'response': [], 'request': |'mirror'"), "be a list");
}

int main(void)
{
	if (!read_text("tests/data/phone.json", good, sizeof(good))) {
		printf("Bail out! tests/data/phone.json is not there\n");
		return 1;
	}
	RUN(test_several_places, "a list of selectors is a rule for each");
	RUN(test_exceptions, "a rule says where it does not apply");
	RUN(test_sets, "a set stands wherever it is used, on both ways");
	RUN(test_sets_refused,
	    "what is wrong in a set is told there, what does not fit where it is used");
	RUN(test_sets_of_people, "a set's person goes with it");
	RUN(test_mirror, "an answer follows its request where it says so");
	return tap_done();
}
