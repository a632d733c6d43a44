/*
 * test_keyd_order.c - a real keyd: whose an order is, where a document names the order alone.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

static struct fixture fx;

static struct keyc_order order;

static enum sc_err seal_of(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n)
{
	call->order = &order;
	return keyc_seal(kc, call, a, items, n);
}

static enum sc_err open_of(struct keyc *kc, struct keyc_call *call, const struct asking *a,
    const struct keyc_item *items, size_t n)
{
	call->order = &order;
	return keyc_open(kc, call, a, items, n);
}

static void of_order(const char *id, const char *person, bool says)
{
	order = (struct keyc_order){ .id = sc_span_str(id),
		.person = person == NULL ? sc_span(NULL, 0) : sc_span_str(person),
		.says = says };
}

/* VALUE of order ID, as the role's: its token, the caller's to free; what it came to in *STATUS. */
static char *seal_as(uint8_t role, const char *value, enum wire_status *status)
{
	const bool support = role == ROLE_SUPPORT;
	const struct asking c =
	    fixture_context(&fx, role, support ? FOR_SERVICE : FOR_ORDERS, POLICY_WRITE);
	struct keyc_item it = item_of(support ? CLASS_WECHAT : CLASS_PHONE, 0, NULL, value);
	struct answer *a;
	char *token;

	it.of_order = !order.says;
	if (order.says)
		it.subject = order.person;
	a = fixture_ask(&fx, seal_of, &c, &it, 1);
	if (a->err != SC_OK || a->n != 1)
		abort();
	*status = a->r[0].status;
	token = strdup(a->r[0].text);
	answer_free(a);
	return token;
}

static char *seal(const char *value)
{
	enum wire_status status;
	char *token = seal_as(ROLE_SHOP, value, &status);

	CHECK(status == WIRE_OK);
	return token;
}

/* An order ID of PERSON is stored. */
static void stored(const char *id, const char *person)
{
	of_order(id, person, true);
	free(seal("07700 900123"));
}

/* What is sealed for order ID, of which nothing else is said: is it PERSON's? NULL: nobody's. */
static bool is_of(const char *id, const char *person)
{
	struct answer *a;
	char *token;
	struct asking c;
	struct keyc_item it;
	bool is;

	of_order(id, NULL, false);
	token = seal("07700 900456");
	c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	it = item_of(0, 0, person == NULL ? "anybody" : person, token);
	it.flags = person == NULL ? KEYC_ADOPT : 0;
	a = fixture_ask(&fx, keyc_open, &c, &it, 1);
	if (a->err != SC_OK || a->n != 1)
		abort();
	is = a->r[0].status == WIRE_OK && strcmp(a->r[0].text, "07700 900456") == 0;
	answer_free(a);
	free(token);
	return is;
}

static enum wire_status opened(const char *id, const char *token)
{
	const struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct keyc_item it = item_of(0, 0, NULL, token);
	struct answer *a;
	enum wire_status s;

	of_order(id, NULL, false);
	order.required = true;
	it.of_order = true;
	a = fixture_ask(&fx, open_of, &c, &it, 1);
	s = a->err == SC_OK && a->n == 1 ? a->r[0].status : WIRE_STATUS_COUNT;
	answer_free(a);
	return s;
}

static enum wire_status erased(const char *subject)
{
	const struct asking c = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
	struct answer *a = answer_new();
	enum wire_status s = WIRE_STATUS_COUNT;

	if (keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str(subject)) == SC_OK &&
	    fixture_turn_until(&fx, answer_is_over, a) && a->n == 1)
		s = a->r[0].status;
	answer_free(a);
	return s;
}

static enum wire_status merged(const char *from, const char *into)
{
	struct asking c = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_MERGE);
	struct answer *a = answer_new();
	enum wire_status s = WIRE_STATUS_COUNT;

	if (keyc_merge_subjects(fx.kc, &a->call, &c, sc_span_str(from), sc_span_str(into)) ==
		SC_OK &&
	    fixture_turn_until(&fx, answer_is_over, a) && a->n == 1)
		s = a->r[0].status;
	answer_free(a);
	return s;
}

/* ---- */

static void test_known(void)
{
	enum wire_status status;
	char *token;

	CHECK(is_of("A-1", NULL));
	/* of whom nothing was sealed before, and who has a key already */
	stored("A-1", "ann");
	stored("A-2", "ann");
	stored("B-1", "bob");
	CHECK(is_of("A-1", "ann") && is_of("A-2", "ann") && is_of("B-1", "bob"));
	CHECK(!is_of("A-1", "bob") && !is_of("B-1", "ann") && is_of("a-1", NULL));
	/* a person's name is no order's */
	CHECK(is_of("ann", NULL));
	of_order("none", NULL, false);
	order.required = true;
	token = seal_as(ROLE_SHOP, "07700 900789", &status);
	CHECK(status == WIRE_UNKNOWN_ORDER && token[0] == '\0');
	free(token);
}

/* The order's own tokens are own, everybody else's is not. */
static void test_own(void)
{
	char *ann = fixture_seal(&fx, CLASS_PHONE, 0, "ann", "07700 900123");
	char *bob = fixture_seal(&fx, CLASS_PHONE, 0, "bob", "07700 900124"), *again;

	NEED(ann != NULL && bob != NULL);
	of_order("A-1", NULL, false);
	again = seal(ann);
	CHECK(strcmp(again, ann) == 0);
	free(again);
	again = seal(bob);
	CHECK(strcmp(again, bob) != 0);
	CHECK(fixture_opens_to(&fx, again, bob));
	free(again);
	CHECK(opened("A-1", ann) == WIRE_OK && opened("A-2", ann) == WIRE_OK);
	CHECK(opened("A-1", bob) == WIRE_FOREIGN && opened("none", ann) == WIRE_UNKNOWN_ORDER);
	free(ann), free(bob);
}

/* Also where an order was made out of the shop's records, and nothing is sealed anew. */
static void test_own_again(void)
{
	char *ann = fixture_seal(&fx, CLASS_PHONE, 0, "ann", "07700 900123"), *again;
	struct keyc_item it;
	struct asking c;
	struct answer *a;

	NEED(ann != NULL);
	of_order("C-2", "ann", true);
	again = seal(ann);
	CHECK(strcmp(again, ann) == 0 && is_of("C-2", "ann"));
	/* what is refused says nothing */
	c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	it = item_of(CLASS_PHONE, KEYC_REFUSE, "bob", ann);
	of_order("C-3", "bob", true);
	a = fixture_ask(&fx, seal_of, &c, &it, 1);
	CHECK(a->n == 1 && a->r[0].status == WIRE_FOREIGN && is_of("C-3", NULL));
	answer_free(a);
	free(ann), free(again);
}

/* The first who was named counts, whoever is named later; and only where something is stored. */
static void test_not_taken(void)
{
	enum wire_status status;
	struct keyc_item it;
	struct asking c;
	struct answer *a;

	stored("A-1", "mallory");
	CHECK(is_of("A-1", "ann") && !is_of("A-1", "mallory"));
	of_order("A-1", "mallory", false);
	free(seal("07700 900666"));
	CHECK(is_of("A-1", "ann"));
	/* a role that seals, and stores nothing */
	of_order("C-1", "mallory", true);
	free(seal_as(ROLE_SUPPORT, "mallory_wx", &status));
	CHECK(status == WIRE_OK && is_of("C-1", NULL));
	/* of others in the document the order is not */
	c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	it = item_of(CLASS_PHONE, 0, "bob", "07700 900123");
	of_order("C-4", "ann", true);
	a = fixture_ask(&fx, seal_of, &c, &it, 1);
	CHECK(a->n == 1 && a->r[0].status == WIRE_OK && is_of("C-4", NULL));
	answer_free(a);
	/* a guest, where nobody is known, is remembered as such */
	of_order("G-1", "guest:G-1", false);
	free(seal("07700 900321"));
	CHECK(is_of("G-1", "guest:G-1"));
}

static void test_merge_and_erase(void)
{
	CHECK(merged("guest:G-1", "ann") == WIRE_OK && is_of("G-1", "ann"));
	CHECK(merged("ann", "zoe") == WIRE_OK);
	CHECK(is_of("A-1", "zoe") && is_of("G-1", "zoe") && is_of("B-1", "bob"));
	CHECK(erased("zoe") == WIRE_OK);
	CHECK(is_of("A-1", NULL) && is_of("A-2", NULL) && is_of("G-1", NULL));
	CHECK(is_of("B-1", "bob"));
	/* who comes again has none of their old orders */
	stored("A-9", "zoe");
	CHECK(is_of("A-1", NULL) && is_of("A-9", "zoe"));
	/* and the order is whose it is said to be next */
	stored("A-1", "bob");
	CHECK(is_of("A-1", "bob"));
}

static void test_restart(void)
{
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"claimed\":1") >= 1);
	NEED(fixture_start(&fx));
	CHECK(is_of("A-1", "bob") && is_of("A-9", "zoe") && is_of("A-2", NULL));
}

/* Nobody else may say or ask so, and nothing that is malformed is taken. */
static void test_refused(void)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	struct keyc_item it = item_of(CLASS_PHONE, 0, NULL, "07700 900123");
	char longest[CRYPTO_SUBJECT_MAX + 2];
	struct answer *a;

	memset(longest, 'o', sizeof(longest));
	longest[CRYPTO_SUBJECT_MAX + 1] = '\0';
	of_order(longest, NULL, false);
	it.of_order = true;
	a = fixture_ask(&fx, seal_of, &c, &it, 1);
	CHECK(a->err == SC_LIMIT);
	answer_free(a);
	longest[CRYPTO_SUBJECT_MAX] = '\0';
	stored(longest, "ann");
	CHECK(is_of(longest, "ann"));
	/* who opens says nothing of whose it is */
	c.op = POLICY_READ;
	of_order("A-1", "ann", true);
	it.of_order = false;
	a = fixture_ask(&fx, open_of, &c, &it, 1);
	CHECK(a->err == SC_AGAIN);
	answer_free(a);
	NEED(fixture_turn_until(&fx, fixture_has_hash, &fx));
	c.op = POLICY_WRITE;
	it.of_order = true;
	/* an item of an order's person where none is named: keyd drops who speaks so */
	a = fixture_ask(&fx, keyc_seal, &c, &it, 1);
	CHECK(a->err == SC_AGAIN);
	answer_free(a);
}

int main(void)
{
	if (!fixture_make(&fx) || !fixture_start(&fx))
		return 1;
	RUN(test_known, "what names an order is of whom it was stored for");
	RUN(test_own, "the order's person's tokens are own, others' foreign");
	RUN(test_own_again, "an order of own tokens is remembered like any other");
	RUN(test_not_taken, "who is named for it later does not take it over");
	RUN(test_merge_and_erase, "a merge moves orders, an erasure ends them");
	RUN(test_restart, "a restart changes nothing, and the log counts who tried");
	RUN(test_refused, "what is malformed is refused");
	fixture_remove(&fx);
	return tap_done();
}
