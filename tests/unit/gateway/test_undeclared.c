/*
 * test_undeclared.c - what no rule speaks of does not pass unseen: what has the form of a value
 * is sealed, what is only called like one is masked, and all else survives byte for byte.
 */
#include "glass.h"

static const char policy_json[] =
    "{\"scrim_policy\":1,\"version\":\"test\","
    "\"roles\":{\"shop\":{\"max_tier\":\"T3\"}},\"purposes\":[\"order_processing\"],"
    "\"rules\":["
    "{\"id\":\"w\",\"role\":[\"shop\"],\"purpose\":[\"order_processing\"],"
    "\"class\":[\"name\",\"phone\",\"email\",\"address\"],\"op\":[\"write\"],"
    "\"effect\":\"tokenise\"}]}";

static const struct field_rule order_rules[] = {
	RULE("$.receiver.mobile", &form_seal, CLASS_PHONE),
	RULE("$.hotline", &form_pass, CLASS_NONE),
};
static struct side store = { .rules = order_rules,
	.n = 2,
	.subject = "$.buyer.id",
	.way = PLAN_STORE,
	.role = "shop",
	.purpose = "order_processing",
	.undeclared = { UNDECLARED_SEAL, UNDECLARED_MASK } };

/* DOC comes out as FORMAT, with the token of VALUE (NULL: none) at its %s; told as PATH (NULL: not). */
struct passing {
	const char *doc, *format, *value;
	uint8_t class_id;
	const char *path;
	bool number;
};

static const struct passing passings[] = {
	/* nothing personal, nothing touched */
	{ "{ \"sku\":\"A-1\", \"qty\":2 , \"price\":1.10,\"x\":\"\\u0041\\/\"}", NULL, NULL, 0,
	    NULL, 0 },
	{ "{\"line_items\":[{\"name\":\"Blue mug\",\"title\":\"Mug\"}],\"shop\":{\"name\":\"Tea\"}}",
	    NULL, NULL, 0, NULL, 0 },
	{ "{\"state\":\"paid\",\"customer\":{\"state\":\"enabled\"},\"file_name\":\"a.pdf\"}", NULL,
	    NULL, 0, NULL, 0 },
	/* the owner said so */
	{ "{\"hotline\":\"07700 900123\"}", NULL, NULL, 0, NULL, 0 },
	/* who it is about stays readable */
	{ "{\"buyer\":{\"id\":\"ann@example.com\"}}", NULL, NULL, 0, NULL, 0 },
	/* found by form, whatever it is called */
	{ "{\"backup_mobile\":\"+447700900123\"}", "{\"backup_mobile\":\"%s\"}", "+447700900123",
	    CLASS_PHONE, "$.backup_mobile", 0 },
	{ "{\"x\":[1,{\"y\":\"ann@example.com\"}]}", "{\"x\":[1,{\"y\":\"%s\"}]}",
	    "ann@example.com", CLASS_EMAIL, "$.x[*].y", 0 },
	{ "{\"note\":\"mail ann@example.com, please\"}", "{\"note\":\"mail %s, please\"}",
	    "ann@example.com", CLASS_EMAIL, "$.note", 0 },
	{ "{\"a\":\"+4477009\\u00300123\"}", "{\"a\":\"%s\"}", "+447700900123", CLASS_PHONE, "$.a",
	    0 },
	/* a number, where it is called so */
	{ "{\"orderNo\":13800138000,\"mobile2\":13800138000}",
	    "{\"orderNo\":13800138000,\"mobile2\":\"%s\"}", "13800138000", CLASS_PHONE, "$.mobile2",
	    1 },
	/* a find, and more beside it, where the name says that all of it is somebody's */
	{ "{\"contact_name\":\"Ann ann@example.com\"}", "{\"contact_name\":\"%s\"}",
	    "Ann ann@example.com", CLASS_NAME, "$.contact_name", 0 },
	/* named: a mask, in the class's own form */
	{ "{\"recipient\":{\"name\":\"Ann Lee\"}}", "{\"recipient\":{\"name\":\"A** L**\"}}", NULL,
	    CLASS_NAME, "$.recipient.name", 0 },
	{ "{\"\xE6\x94\xB6\xE8\xB4\xA7\xE4\xBA\xBA\":\"\xE7\x8E\x8B\xE5\xB0\x8F\xE6\x98\x8E\"}",
	    "{\"\xE6\x94\xB6\xE8\xB4\xA7\xE4\xBA\xBA\":\"\xE7\x8E\x8B**\"}", NULL, CLASS_NAME,
	    "$['\xE6\x94\xB6\xE8\xB4\xA7\xE4\xBA\xBA']", 0 },
	{ "{\"form_fields\":[{\"name\":\"first_name\",\"value\":\"Ann\"}]}",
	    "{\"form_fields\":[{\"name\":\"first_name\",\"value\":\"A**\"}]}", NULL, CLASS_NAME,
	    "$.form_fields[*].value", 0 },
	{ "{\"f\":[{\"value\":\"Ann\",\"x\":{\"y\":1},\"key\":\"first_name\"}]}",
	    "{\"f\":[{\"value\":\"A**\",\"x\":{\"y\":1},\"key\":\"first_name\"}]}", NULL,
	    CLASS_NAME, "$.f[*].value", 0 },
	{ "{\"f\":[{\"value\":\"Ann\"},{\"key\":\"first_name\"}]}", NULL, NULL, 0, NULL, 0 },
	/* what holds nothing is no mask's */
	{ "{\"contact_name\":\"\",\"fax\":null,\"tel\":\"n/a\",\"mobile\":false,\"phone\":0}", NULL,
	    NULL, 0, NULL, 0 },
	/* behind and before a declared field */
	{ "{\"receiver\":{\"cell\":\"+447700900123\",\"mobile\":null,\"n\":1}}",
	    "{\"receiver\":{\"cell\":\"%s\",\"mobile\":null,\"n\":1}}", "+447700900123",
	    CLASS_PHONE, "$.receiver.cell", 0 },
	/* names that could be values are not told */
	{ "{\"by_phone\":{\"07700 900199\":\"ann@example.com\"}}",
	    "{\"by_phone\":{\"07700 900199\":\"%s\"}}", "ann@example.com", CLASS_EMAIL,
	    "$.by_phone[*]", 0 },
	{ "{\"order_77001\":{\"mail\":\"ann@example.com\"}}", "{\"order_77001\":{\"mail\":\"%s\"}}",
	    "ann@example.com", CLASS_EMAIL, "$[*].mail", 0 },
	{ "{\"Ann Lee\":\"ann@example.com\"}", "{\"Ann Lee\":\"%s\"}", "ann@example.com",
	    CLASS_EMAIL, "$[*]", 0 },
};

static void check_passing(const struct passing *p)
{
	const struct plan *plan = protect_plan(job);
	const char *token =
	    p->value == NULL ? "" : token_of(p->class_id, p->number ? TOKEN_NUMBER : 0, p->value);
	const char *format = p->format == NULL ? p->doc : p->format, *at = strstr(format, "%s");
	const char *behind = at == NULL ? "" : at + 2;
	char before[256], *want = NULL;

	snprintf(before, sizeof(before), "%.*s",
	    (int)(at == NULL ? strlen(format) : (size_t)(at - format)), format);

	if (asprintf(&want, "%s%s%s", before, token, behind) < 0)
		abort();
	CHECK(run(&store, p->doc) == PROTECT_DONE);
	CHECK(out_is(want));
	CHECK(protect_result(job)->n_undeclared == (p->path != NULL));
	CHECK(plan->n_seen == (p->path != NULL));
	if (p->path != NULL && plan->n_seen == 1) {
		CHECK(strcmp(plan->seen[0].path, p->path) == 0 &&
		    plan->seen[0].class_id == p->class_id);
		if (strcmp(plan->seen[0].path, p->path) != 0)
			printf("# told as %s\n", plan->seen[0].path);
	}
	free(want);
}

static void test_what_passes(void)
{
	for (size_t i = 0; i < sizeof(passings) / sizeof(passings[0]); i++)
		check_passing(&passings[i]);
}

/* Beside a declared field everything keeps its order. */
static void test_beside_rules(void)
{
	const char *doc = "{\"tel\":\"+447700900101\",\"receiver\":{\"mobile\":\"+447700900123\"},"
			  "\"buyer\":{\"id\":\"c1\"},\"z\":\"b@example.com\"}";

	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(glass.items == 3 && glass.calls == 1);
	CHECK(strcmp(glass.item[0].value, "+447700900101") == 0 &&
	    strcmp(glass.item[1].value, "+447700900123") == 0 &&
	    strcmp(glass.item[2].value, "b@example.com") == 0);
	for (size_t i = 0; i < 3; i++)
		CHECK(strcmp(glass.item[i].subject, "c1") == 0);
	CHECK(!out_has("9001") && !out_has("example.com"));
}

/* What this caller may not store is not lost, and is not passed either. */
static void test_not_theirs(void)
{
	CHECK(run(&store, "{\"x\":\"4111111111111111\",\"note\":\"card 4111111111111111\"}") ==
	    PROTECT_DONE);
	CHECK(glass.calls == 0 && !out_has("1111111") && out_has("\"x\":\"****"));
}

static void test_tokens_stay(void)
{
	const char *token = token_of(CLASS_PHONE, 0, "+447700900123");
	char doc[1024];

	/* asked for to learn whose it is, and sealed for nobody anew */
	snprintf(doc, sizeof(doc), "{\"phone\":\"%s\"}", token);
	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(protect_result(job)->n_undeclared == 0 && out_has(token));
	snprintf(doc, sizeof(doc), "{\"phone\":\"%s or +447700900199\"}", token);
	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(out_has(token) && !out_has("900199"));
}

/* A token in a text vouches for nothing else in it. */
static void test_beside_tokens(void)
{
	const char *token = token_of(CLASS_PHONE, 0, "+447700900123");
	char named[512], found[512], want[512];
	struct side s = store;

	snprintf(named, sizeof(named), "{\"first_name\":\"%s, \\u0041nn Lee.\"}", token);
	snprintf(found, sizeof(found), "{\"x\":\"%s or +447700900199\"}", token);
	snprintf(want, sizeof(want), "{\"first_name\":\"%s, %s.\"}", token,
	    token_of(CLASS_NAME, 0, "Ann Lee"));
	CHECK(run(&s, named) == PROTECT_DONE && out_is(want));
	CHECK(protect_result(job)->n_undeclared == 1);
	CHECK(run(&s, found) == PROTECT_DONE && !out_has("900199"));
	CHECK(protect_result(job)->n_undeclared == 1);
	s.undeclared = (struct undeclared){ UNDECLARED_REPORT, UNDECLARED_REPORT };
	CHECK(run(&s, named) == PROTECT_DONE && out_is(named));
	CHECK(protect_result(job)->n_undeclared == 1);
	CHECK(run(&s, found) == PROTECT_DONE && out_is(found));
	CHECK(protect_result(job)->n_undeclared == 1);
	s.undeclared = (struct undeclared){ UNDECLARED_REFUSE, UNDECLARED_REFUSE };
	CHECK(run(&s, named) == PROTECT_UNDECLARED && run(&s, found) == PROTECT_UNDECLARED);
	s.undeclared = (struct undeclared){ UNDECLARED_PASS, UNDECLARED_PASS };
	CHECK(run(&s, named) == PROTECT_DONE && out_is(named));
	/* towards a reader, who is shown what rules speak of and no more */
	s = store;
	s.way = PLAN_READ;
	snprintf(want, sizeof(want), "{\"x\":\"%s\",\"y\":\"a %s\"}", token, token);
	CHECK(run(&s, want) == PROTECT_DONE && out_is(want) && glass.calls == 0);
}

static void test_other_words(void)
{
	static const char doc[] = "{\"a\":\"ann@example.com\",\"first_name\":\"Ann\"}";
	struct side s = store;

	s.undeclared = (struct undeclared){ UNDECLARED_REPORT, UNDECLARED_REPORT };
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(doc));
	CHECK(protect_result(job)->n_undeclared == 2 && protect_plan(job)->n_seen == 2);
	s.undeclared = (struct undeclared){ UNDECLARED_PASS, UNDECLARED_PASS };
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(doc));
	CHECK(protect_result(job)->n_undeclared == 0);
	s.undeclared = (struct undeclared){ UNDECLARED_SEAL, UNDECLARED_SEAL };
	CHECK(run(&s, doc) == PROTECT_DONE && !out_has("Ann\"") && !out_has("ann@"));
	CHECK(glass.items == 2);
	s.undeclared = (struct undeclared){ UNDECLARED_PASS, UNDECLARED_MASK };
	CHECK(run(&s, doc) == PROTECT_DONE && out_has("ann@example.com") && out_has("\"A**\""));
	/* what is both found and named goes the stricter way */
	s.undeclared = (struct undeclared){ UNDECLARED_REPORT, UNDECLARED_MASK };
	CHECK(
	    run(&s,
		"{\"mobile\":\"+447700900123\",\"mobile2\":13800138000,\"x\":\"ann@example.com\"}") ==
	    PROTECT_DONE);
	CHECK(!out_has("900123") && !out_has("138000") && out_has("ann@example.com"));
	CHECK(run(&s, "{\"first_name\":\"Ann ann@example.com\"}") == PROTECT_DONE &&
	    !out_has("ann@"));
	s.undeclared = (struct undeclared){ UNDECLARED_SEAL, UNDECLARED_REFUSE };
	CHECK(run(&s, "{\"mobile\":\"+447700900123\"}") == PROTECT_UNDECLARED);
	CHECK(run(&s, "{\"x\":\"+447700900123\"}") == PROTECT_DONE && !out_has("900123"));
	s.undeclared = (struct undeclared){ UNDECLARED_REFUSE, UNDECLARED_PASS };
	CHECK(run(&s, doc) == PROTECT_UNDECLARED && out.n == 0);
	CHECK(strstr(protect_result(job)->diag.text, "$.a: no rule speaks of this field") != NULL);
	CHECK(protect_result(job)->diag.offset == 6);
	/* a number is found by its name, also where a name alone says nothing */
	CHECK(run(&s, "{\"mobile2\":13800138000}") == PROTECT_UNDECLARED);
	CHECK(run(&s, "{\"orderNo\":13800138000,\"birthday\":19800102}") == PROTECT_DONE);
	s.undeclared = (struct undeclared){ UNDECLARED_PASS, UNDECLARED_REFUSE };
	CHECK(run(&s, doc) == PROTECT_UNDECLARED);
	CHECK(strstr(protect_result(job)->diag.text, "$.first_name: ") != NULL);
	CHECK(strstr(protect_result(job)->diag.text, "Ann") == NULL);
}

/* Deeper than levels are kept, and wide: nothing is missed, and the path says that it goes on. */
static void test_deep(void)
{
	char doc[4096];
	size_t n = 0;

	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(doc + n, sizeof(doc) - n, "{\"level%d\":", i);
	n += (size_t)snprintf(doc + n, sizeof(doc) - n,
	    "{\"first_name\":\"Ann\",\"e\":\"ann@example.com\"}");
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(doc + n, sizeof(doc) - n, "}");
	CHECK(run(&store, doc) == PROTECT_DONE);
	CHECK(!out_has("Ann\"") && !out_has("ann@"));
	CHECK(strlen(protect_plan(job)->seen[0].path) < UNDECLARED_PATH_MAX);
	CHECK(strstr(protect_plan(job)->seen[0].path, "..") != NULL);
}

/* Nor is a form's name, and a name that is long is not read anew for each value beneath it. */
static void test_long(void)
{
	struct side s = store;
	char doc[2048];
	size_t n = 0;

	s.codec = &codec_form;
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(doc + n, sizeof(doc) - n, i == 0 ? "buyer" : "[user]");
	snprintf(doc + n, sizeof(doc) - n, "[first_name][0]=Ann");
	CHECK(run(&s, doc) == PROTECT_DONE && out_has("][0]=A**"));
	snprintf(doc, sizeof(doc), "{\"f\":{\"name\":\"first_name%900s\",\"value\":\"Ann\"}}", "");
	CHECK(run(&store, doc) == PROTECT_DONE && out_has("\"Ann\""));
	snprintf(doc, sizeof(doc), "{\"first\\u005Fname%900s\":{\"x\":\"ann@example.com\"}}", "");
	CHECK(run(&store, doc) == PROTECT_DONE && !out_has("ann@"));
	CHECK(strcmp(protect_plan(job)->seen[0].path, "$[*].x") == 0);
}

/* A list's elements do not have the name of a member that ended before them. */
static void test_levels(void)
{
	CHECK(
	    run(&store, "{\"l\":[{\"first_name\":null},[\"Blue mug\"],{\"q\":\"Ann\"},\"Ann\"]}") ==
	    PROTECT_DONE);
	CHECK(protect_result(job)->n_undeclared == 0);
	CHECK(run(&store, "{\"first_name\":[\"Ann\",[\"Bea\"]],\"q\":\"Cy\"}") == PROTECT_DONE);
	CHECK(out_is("{\"first_name\":[\"A**\",[\"B**\"]],\"q\":\"Cy\"}"));
	CHECK(
	    run(&store, "{\"f\":[{\"key\":\"phone\"},{\"value\":\"12-34-56\"}]}") == PROTECT_DONE);
	CHECK(protect_result(job)->n_undeclared == 0);
}

/* A form is one object, and its names are read decoded. */
static void test_forms(void)
{
	static const char doc[] =
	    "sku=A-1&backup_mobile=%2B447700900123&address%5Bname%5D=Ann+Lee&x=&y";
	struct side s = store;
	char want[512];

	s.codec = &codec_form;
	snprintf(want, sizeof(want), "sku=A-1&backup_mobile=%s&address%%5Bname%%5D=A**+L**&x=&y",
	    token_of(CLASS_PHONE, 0, "+447700900123"));
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(want));
	CHECK(protect_plan(job)->n_seen == 2);
	CHECK(strcmp(protect_plan(job)->seen[0].path, "$.backup_mobile") == 0);
	CHECK(strcmp(protect_plan(job)->seen[1].path, "$['address[name]']") == 0);
}

/* In XML names come from tags, and what stands in a CDATA section is written beside it. */
static void test_xml(void)
{
	static const char doc[] =
	    "<o phone='07700 900123'><!-- 07700 900124 --><first_name>Ann</first_name>\n"
	    "<t><![CDATA[<07700 900125> & 07700 900126]]></t><sku>A-1</sku></o>";
	struct side s = store;
	char want[1024];

	s.codec = &codec_xml;
	snprintf(want, sizeof(want),
	    "<o phone='%s'><!-- 07700 900124 --><first_name>A**</first_name>\n"
	    "<t><![CDATA[<]]>%s<![CDATA[> & ]]>%s</t><sku>A-1</sku></o>",
	    token_of(CLASS_PHONE, 0, "07700 900123"), token_of(CLASS_PHONE, 0, "07700 900125"),
	    token_of(CLASS_PHONE, 0, "07700 900126"));
	CHECK(run(&s, doc) == PROTECT_DONE && out_is(want));
	CHECK(protect_plan(job)->n_seen == 3);
	CHECK(strcmp(protect_plan(job)->seen[0].path, "$.o.phone") == 0);
	CHECK(strcmp(protect_plan(job)->seen[1].path, "$.o.first_name") == 0);
	CHECK(strcmp(protect_plan(job)->seen[2].path, "$.o.t") == 0);
	CHECK(run(&s, "<o><a><first_name/></a><b>Blue mug</b></o>") == PROTECT_DONE);
	CHECK(protect_plan(job)->n_seen == 0);
	CHECK(run(&s, "<o><n name='phone' value='12-34-56'/></o>") == PROTECT_DONE);
	CHECK(protect_plan(job)->n_seen == 1);
}

int main(void)
{
	if (!glass_begin(policy_json))
		return 1;
	RUN(test_what_passes,
	    "finds are sealed, names are believed, all else survives byte for byte");
	RUN(test_beside_rules, "declared and undeclared values keep their order and their person");
	RUN(test_not_theirs, "what the caller may not store is masked");
	RUN(test_tokens_stay, "a token stays one, and what stands beside it is searched");
	RUN(test_beside_tokens, "what stands beside a token is judged as without it");
	RUN(test_other_words, "a route may report, seal, refuse or pass what is undeclared");
	RUN(test_deep, "nothing is too deep to be seen");
	RUN(test_long, "nor too long");
	RUN(test_xml, "in XML, too, and in sections of it");
	RUN(test_forms, "a form's fields are searched as a document's are");
	RUN(test_levels, "a name holds for what stands in it, and no further");
	return glass_over();
}
