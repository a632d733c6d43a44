/*
 * test_suggest.c - from samples to rules: names first, values second, a shop's own left alone,
 * and what is unsure said.
 */
#include "policy/suggest/suggest.h"
#include "tap.h"

static struct suggest *read_all(const char *const *docs, size_t n)
{
	struct suggest *s = suggest_new();
	struct sc_diag d;

	for (size_t i = 0; i < n; i++) {
		struct sc_arena arena = { .left = 0 };
		struct doc doc;

		CHECK(doc_load(&arena, sc_span_str(docs[i]), NULL, &d, &doc) == SC_OK);
		CHECK(suggest_add(s, doc.root) == SC_OK);
		sc_arena_fini(&arena);
	}
	return s;
}
#define READ(docs) read_all(docs, sizeof(docs) / sizeof(docs[0]))

/* The place PATH, or NULL. */
static const struct suggest_place *at(struct suggest *s, const char *path)
{
	size_t n;
	const struct suggest_place *v = suggest_places(s, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].path, path) == 0)
			return &v[i];
	printf("# there is no %s\n", path);
	return NULL;
}

static bool sealed(struct suggest *s, const char *path, uint8_t class_id)
{
	const struct suggest_place *p = at(s, path);

	return p != NULL && p->does == SUGGEST_SEAL && p->class_id == class_id;
}

static bool does(struct suggest *s, const char *path, enum suggest_do what)
{
	const struct suggest_place *p = at(s, path);

	return p != NULL && p->does == what;
}

static void test_an_order(void)
{
	static const char *const docs[] = {
		"{\"id\":7,\"customer\":{\"id\":\"c1\",\"first_name\":\"Ann\",\"state\":\"enabled\"},"
		"\"billing\":{\"address_1\":\"1 Example Street\",\"state\":\"CA\",\"phone\":\"+44 7700 900123\"},"
		"\"line_items\":[{\"name\":\"Blue mug\",\"sku\":\"A-1\"}],\"customer_note\":\"ring twice\","
		"\"shop\":{\"phone\":\"+44 7700 900999\",\"name\":\"Tea\"},\"x7\":\"ann@example.com\"}",
		"{\"id\":8,\"customer\":{\"id\":\"c2\",\"first_name\":\"Bea\",\"state\":\"disabled\"},"
		"\"billing\":{\"address_1\":\"2 Example Street\",\"state\":\"NY\",\"phone\":null},"
		"\"line_items\":[],\"customer_note\":\"\",\"x7\":\"bea@example.com\"}",
	};
	struct suggest *s = READ(docs);

	CHECK(sealed(s, "$.customer.first_name", CLASS_NAME));
	CHECK(sealed(s, "$.billing.address_1", CLASS_ADDRESS));
	CHECK(sealed(s, "$.billing.state", CLASS_REGION));
	CHECK(sealed(s, "$.billing.phone", CLASS_PHONE));
	CHECK(at(s, "$.billing.phone")->unsure == NULL);
	CHECK(does(s, "$.customer_note", SUGGEST_SCAN));
	/* by value alone, which is said */
	CHECK(sealed(s, "$.x7", CLASS_EMAIL) && at(s, "$.x7")->unsure != NULL);
	/* nobody's */
	CHECK(does(s, "$.customer.state", SUGGEST_NOTHING));
	CHECK(does(s, "$.line_items[*].name", SUGGEST_NOTHING));
	CHECK(does(s, "$.shop.name", SUGGEST_NOTHING));
	CHECK(does(s, "$.shop.phone", SUGGEST_NOTHING) && at(s, "$.shop.phone")->left != NULL);
	CHECK(strcmp(suggest_subject(s), "$.customer.id") == 0);
	CHECK(strcmp(suggest_order(s), "$.id") == 0);
	suggest_free(s);
}

/* A name that its values belie; one that was empty; one that is sometimes an object. */
static void test_doubts(void)
{
	static const char *const docs[] = {
		"{\"phone\":\"home\",\"mobile\":null,\"billing_address\":null,\"contact_name\":\"https://a.b/c\"}",
		"{\"phone\":\"work\",\"mobile\":\"\",\"billing_address\":{\"city\":\"Oxford\"}}",
	};
	struct suggest *s = READ(docs);

	CHECK(does(s, "$.phone", SUGGEST_NOTHING) && at(s, "$.phone")->left != NULL);
	CHECK(sealed(s, "$.mobile", CLASS_PHONE) && at(s, "$.mobile")->unsure != NULL);
	CHECK(does(s, "$.billing_address", SUGGEST_NOTHING));
	CHECK(sealed(s, "$.billing_address.city", CLASS_REGION));
	CHECK(does(s, "$.contact_name", SUGGEST_NOTHING));
	CHECK(suggest_subject(s) == NULL && suggest_order(s) == NULL);
	suggest_free(s);
}

/* Lists of names and values are told apart by their names. */
static void test_pairs(void)
{
	static const char *const docs[] = {
		"{\"form_fields\":[{\"name\":\"delivery_phone\",\"value\":\"07700 900123\"},"
		"{\"name\":\"colour\",\"value\":\"blue\"},{\"value\":\"Ann\",\"key\":\"x\",\"name\":\"first_name\"}],"
		"\"meta\":[{\"key\":\"it's\",\"value\":\"1\"}]}",
	};
	struct suggest *s = READ(docs);

	CHECK(sealed(s, "$.form_fields[?@.name=='delivery_phone'].value", CLASS_PHONE));
	CHECK(does(s, "$.form_fields[*].value", SUGGEST_NOTHING));
	CHECK(does(s, "$.meta[*].value", SUGGEST_NOTHING));
	suggest_free(s);
}

/* Whoever fills in a form may choose what its fields are called, and not what a route says. */
static void test_chosen_labels(void)
{
	static const char *const docs[] = {
		"{\"f\":[{\"name\":\"phone\\n\\\"evil\\\":1,\",\"value\":\"a\"}]}",
		"{\"f\":[{\"name\":\"phone\\u007f\",\"value\":\"b\"}]}",
	};
	struct suggest *s = READ(docs);
	const struct suggest_place *v;
	size_t n;

	v = suggest_places(s, &n);
	for (size_t i = 0; i < n; i++)
		CHECK(strpbrk(v[i].path, "\n\x7f") == NULL);
	CHECK(does(s, "$.f[*].value", SUGGEST_NOTHING));
	suggest_free(s);
}

/* What is a value itself is no name: a map by number is one place. */
static void test_maps(void)
{
	static const char *const docs[] = {
		"{\"by_phone\":{\"07700900123\":{\"mail\":\"a@example.com\"},\"07700900124\":{\"mail\":\"b@example.com\"}},"
		"\"odd name\":{\"e-mail\":\"c@example.com\"}}",
	};
	struct suggest *s = READ(docs);

	CHECK(sealed(s, "$.by_phone[*].mail", CLASS_EMAIL));
	CHECK(sealed(s, "$['odd name']['e-mail']", CLASS_EMAIL));
	suggest_free(s);
}

int main(void)
{
	RUN(test_an_order,
	    "an order's places are known, by name or by value, and a shop's left alone");
	RUN(test_doubts, "what is unsure is said, and what its values belie is left");
	RUN(test_pairs, "a list of names and values is told apart by the names");
	RUN(test_chosen_labels, "no label ends the line on which its path is told");
	RUN(test_maps, "a map by somebody's number is one place");
	return tap_done();
}
