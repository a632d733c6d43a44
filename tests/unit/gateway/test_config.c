/*
 * test_config.c - what scrim.json may say, and where each refusal points.
 *
 * Every refusal is made by replacing one fragment of a good file.
 */
#include "crypto/prim/hash.h"
#include "gateway/config/config.h"

#include "config_change.h"

#include "schema.h"
#include "tap.h"

#include <arpa/inet.h>
#include <sys/un.h>

#define DIGEST_A "0000000000000000000000000000000000000000000000000000000000000001"
#define TEN "0123456789"
#define DIGEST_B "ABCDEF0000000000000000000000000000000000000000000000000000000002"

static const char good[] =
    "{ // a comment\n"
    "  \"tenant\": \"demo\",\n"
    "  \"listen\": [{ \"address\": \"127.0.0.1:8443\", \"tls\": { \"cert\": \"keys/c.pem\", "
    "\"key\": \"/etc/k.pem\" } },\n"
    "    { \"address\": \"[::1]:8080\" }],\n"
    "  \"keyd\": \"unix:run/keyd.sock\", \"policy\": \"default.json\",\n"
    "  \"store\": \"sqlite:run/scrim.db\", \"log\": \"run/log\",\n"
    "  \"threads\": 3,\n"
    "  \"limits\": { \"body_max\": \"2MiB\", \"head\": \"3s\", \"keepalive\": \"1m\", "
    "\"connections_max\": 100 },\n"
    "  \"principals\": [\n"
    "    { \"name\": \"oms\", \"role\": \"order_system\", \"api_key_sha256\": \"" DIGEST_A "\" },\n"
    "    { \"name\": \"sf\", \"role\": \"carrier\", \"purposes\": [\"delivery\"], "
    "\"cert_spki_sha256\": \"" DIGEST_B "\" }],\n"
    "  \"routes\": [\n"
    "    { \"name\": \"checkout\", \"match\": { \"path\": \"/orders\", \"method\": \"POST\" },\n"
    "      \"upstream\": \"http://127.0.0.1:9001\", \"subject\": \"$.buyer.id\", "
    "\"purpose\": \"order_processing\",\n"
    "      \"request\": [\n"
    "        { \"at\": \"$.receiver.mobile\", \"class\": \"phone\", \"do\": \"seal\", "
    "\"number\": \"refuse\", \"random\": true },\n"
    "        { \"at\": \"$.mail\", \"class\": \"email\", \"do\": \"seal\", \"shape\": \"email\" },\n"
    "        { \"at\": \"$..remark\", \"do\": \"scan\" }, { \"at\": \"$.secret\", "
    "\"do\": \"drop\", \"tag\": true } ],\n"
    "      \"response\": [{ \"at\": \"$..mobile\", \"class\": \"phone\", \"do\": \"policy\" }] },\n"
    "    { \"name\": \"carrier\", \"match\": { \"path\": \"/waybill/*\" }, "
    "\"purpose\": \"delivery\",\n"
    "      \"upstream\": { \"url\": \"https://carrier.example:8443/\", \"ca\": \"ca.pem\" },\n"
    "      \"from\": [\"order_system\", \"shop\"], "
    "\"to\": { \"role\": \"carrier\", \"purpose\": \"delivery\" },\n"
    "      \"request\": [{ \"at\": \"$.receiver.name\", \"class\": \"name\", "
    "\"do\": \"policy\" }] },\n"
    "    { \"name\": \"rest\", \"match\": { \"path\": \"/*\" }, \"upstream\": \"http://[::1]\" }\n"
    "  ]\n"
    "}\n";

#define REFUSED(old, new_, says) CHECK(config_refused(good, old, new_, says, 1))

static struct config *load_good(void)
{
	struct sc_diags all = { .n = 0 };
	const struct sc_diag *d = &all.v[0];
	struct config *c = NULL;

	if (config_parse(sc_span_str(good), FILE_NAME, &all, &c) != SC_OK)
		printf("# %u:%u: %s\n", d->line, d->column, d->text);
	return c;
}

static void test_top(void)
{
	struct config *c = load_good();
	uint8_t digest[32];

	NEED(c != NULL);
	CHECK(strcmp(c->tenant.s, "demo") == 0);
	CHECK(strcmp(c->dir, "policy") == 0);
	CHECK(strcmp(c->keyd, "unix:policy/run/keyd.sock") == 0);
	CHECK(strcmp(c->store, "sqlite:policy/run/scrim.db") == 0);
	CHECK(strcmp(c->log_dir, "policy/run/log") == 0);
	CHECK(c->threads == 3);
	CHECK(c->limits.http.max_body == 2u << 20);
	CHECK(c->limits.http.head_ms == 3000 && c->limits.http.idle_ms == 60000);
	CHECK(c->limits.http.max_connections == 100);
	CHECK(c->limits.http.connect_ms == 5000 && c->limits.items_max == 4096);
	hash_sha256(policy_text(c->policy), digest);
	CHECK(memcmp(digest, c->policy_hash, 32) == 0);
	CHECK(policy_text(c->policy).n > 1000);
	config_free(c);
}

static void test_listeners(void)
{
	struct config *c = load_good();
	const struct sockaddr_in *v4;
	const struct sockaddr_in6 *v6;

	NEED(c != NULL);
	NEED(c->n_listeners == 2);
	v4 = (const void *)&c->listeners[0].addr;
	v6 = (const void *)&c->listeners[1].addr;
	CHECK(v4->sin_family == AF_INET && ntohs(v4->sin_port) == 8443);
	CHECK(ntohl(v4->sin_addr.s_addr) == 0x7f000001);
	CHECK(v6->sin6_family == AF_INET6 && ntohs(v6->sin6_port) == 8080);
	CHECK(strcmp(c->listeners[0].tls_cert, "policy/keys/c.pem") == 0);
	CHECK(strcmp(c->listeners[0].tls_key, "/etc/k.pem") == 0);
	CHECK(c->listeners[0].tls_client_ca == NULL);
	CHECK(c->listeners[1].tls_cert == NULL);
	config_free(c);
}

#define SOCKET_LISTENER \
	"\"[::1]:8080\" }, { \"address\": \"unix:run/t.sock\", \"principal\": \"sf\" }"
#define CERT "\"cert_spki_sha256\": \"" DIGEST_B "\""

/* The good file with a Unix socket that is SF's, who has no credential. */
static void test_socket(void)
{
	struct sc_diags all = { .n = 0 };
	const struct sockaddr_un *un;
	struct config *c = NULL;
	struct sc_buf b;
	unsigned line, column;
	char *text, *at;

	NEED(config_changed(good, "\"[::1]:8080\" }", SOCKET_LISTENER, &b, &line, &column));
	NEED((text = strndup((const char *)b.p, b.n)) != NULL);
	NEED((at = strstr(text, CERT)) != NULL);
	memset(at, ' ', strlen(CERT));
	memcpy(at, "\"socket\": true", 14);
	CHECK(config_parse(sc_span_str(text), FILE_NAME, &all, &c) == SC_OK);
	free(text);
	sc_buf_fini(&b);
	NEED(c != NULL && c->n_listeners == 3);
	un = (const void *)&c->listeners[2].addr;
	CHECK(un->sun_family == AF_UNIX && strcmp(un->sun_path, "policy/run/t.sock") == 0);
	CHECK(strcmp(c->listeners[2].address, "unix:policy/run/t.sock") == 0);
	CHECK(strcmp(c->listeners[2].principal.s, "sf") == 0);
	CHECK(c->listeners[0].principal.s[0] == '\0' && c->listeners[1].principal.s[0] == '\0');
	CHECK(c->principals.v[1].auth == POLICY_AUTH_SOCKET);
	CHECK(config_first_address(c) == &c->listeners[0]);
	c->listeners[0].addr.ss_family = AF_UNIX;
	CHECK(config_first_address(c) == &c->listeners[1]);
	c->listeners[1].addr.ss_family = AF_UNIX;
	CHECK(config_first_address(c) == NULL);
	config_free(c);
}

static void test_principals(void)
{
	struct config *c = load_good();
	const struct policy_principal *p;
	uint8_t digest[32] = { 0 }, id;

	NEED(c != NULL);
	NEED(c->principals.n == 2);
	digest[31] = 1;
	p = policy_principal_find(c->principals.v, c->principals.n, POLICY_AUTH_API_KEY, digest, 1);
	NEED(p == &c->principals.v[0]);
	CHECK(policy_principal_find(c->principals.v, c->principals.n, POLICY_AUTH_CERT, digest,
		  1) == NULL);
	digest[31] = 3;
	CHECK(policy_principal_find(c->principals.v, c->principals.n, POLICY_AUTH_API_KEY, digest,
		  1) == NULL);
	CHECK(policy_role(c->policy, sc_span_str("order_system"), &id) && p->role == id);
	CHECK(policy_purpose(c->policy, sc_span_str("delivery"), &id));
	CHECK(policy_principal_may(p, id));
	p = &c->principals.v[1];
	CHECK(p->auth == POLICY_AUTH_CERT && p->digest[0] == 0xab);
	CHECK(policy_principal_may(p, id));
	CHECK(policy_purpose(c->policy, sc_span_str("service"), &id));
	CHECK(!policy_principal_may(p, id));
	config_free(c);
}

static void test_routes(void)
{
	struct config *c = load_good();
	const struct config_route *r;
	uint8_t id;

	NEED(c != NULL);
	NEED(c->n_routes == 3);
	r = config_route_find(c, sc_span_str("checkout"));
	NEED(r != NULL);
	CHECK(strcmp(r->upstream.url, "http://127.0.0.1:9001") == 0 && !r->upstream.tls);
	CHECK(strcmp(r->subject.v[0].name, "$.buyer.id") == 0);
	CHECK(r->has_purpose && !r->has_to);
	CHECK(r->unmatched_body == CONFIG_UNMATCHED_REFUSE);
	NEED(r->request.n == 4 && r->response.n == 1);
	CHECK(r->request.v[0].form == &form_seal);
	CHECK(r->request.v[0].class_id == CLASS_PHONE);
	CHECK(r->request.v[0].number == FIELD_NUMBER_REFUSE);
	CHECK(r->request.v[0].random && !r->request.v[0].email_shape && !r->request.v[0].tag);
	CHECK(r->request.v[0].line == 16 && r->request.v[0].column == 17);
	CHECK(r->request.v[1].email_shape && !r->request.v[1].random);
	CHECK(r->request.v[1].number == FIELD_NUMBER_TOKEN);
	CHECK(r->request.v[2].form == &form_scan);
	CHECK(r->request.v[2].class_id == CLASS_NONE);
	CHECK(r->request.v[3].form == &form_drop && r->request.v[3].tag);
	CHECK(r->response.v[0].form == &form_policy);
	r = config_route_find(c, sc_span_str("carrier"));
	NEED(r != NULL);
	CHECK(strcmp(r->upstream.url, "https://carrier.example:8443/") == 0 && r->upstream.tls);
	CHECK(strcmp(r->upstream.ca, "policy/ca.pem") == 0);
	CHECK(r->has_to && r->prefix && strcmp(r->path, "/waybill/") == 0);
	CHECK(strcmp(r->recipient.s, "carrier") == 0);
	NEED(policy_role(c->policy, sc_span_str("shop"), &id));
	CHECK(config_route_takes(r, id));
	NEED(policy_role(c->policy, sc_span_str("order_system"), &id));
	CHECK(config_route_takes(r, id));
	NEED(policy_role(c->policy, sc_span_str("marketing"), &id));
	CHECK(!config_route_takes(r, id));
	r = config_route_find(c, sc_span_str("rest"));
	NEED(r != NULL);
	CHECK(config_route_takes(r, id));
	CHECK(strcmp(r->upstream.url, "http://[::1]") == 0 && !r->upstream.tls);
	CHECK(!r->has_purpose);
	CHECK(r->unmatched_body == CONFIG_UNMATCHED_STREAM);
	CHECK(config_route_find(c, sc_span_str("rest2")) == NULL);
	config_free(c);
}

/* What a recipient answers, by the names of what it is handed. */
static void test_mirrored(void)
{
	static const char request[] =
	    "\"request\": [{ \"at\": \"$.receiver.name\", \"class\": \"name\", "
	    "\"do\": \"policy\" }]";
	static const char many[] =
	    "\"order\": \"$.no\", \"request\": ["
	    "{ \"at\": \"$.receiver.name\", \"class\": \"name\", \"do\": \"policy\" },"
	    "{ \"at\": \"$..name\", \"class\": \"name\", \"do\": \"mask\" },"
	    "{ \"at\": \"$.sender.name\", \"class\": \"name\", \"do\": \"seal\" },"
	    "{ \"at\": \"$.a.id\", \"class\": \"phone\", \"do\": \"policy\" },"
	    "{ \"at\": \"$.b.id\", \"class\": \"email\", \"do\": \"policy\" },"
	    "{ \"at\": \"$.lines[*].to[0]\", \"class\": \"address\", \"do\": \"policy\" },"
	    "{ \"at\": \"$['it\\\\'s a']\", \"class\": \"name\", \"do\": \"policy\" },"
	    "{ \"at\": \"$[*]\", \"class\": \"name\", \"do\": \"policy\" },"
	    "{ \"at\": \"$.remark\", \"do\": \"scan\" }, { \"at\": \"$.x\", \"do\": \"drop\" },"
	    "{ \"at\": \"$.y\", \"do\": \"collect\" }]";
	static const struct {
		const char *at;
		const struct form *form;
		uint8_t class_id;
	} want[] = {
		{ "$..name", &form_policy, CLASS_NAME },
		{ "$..id", &form_drop, CLASS_PHONE },
		{ "$..to[0]", &form_policy, CLASS_ADDRESS },
		{ "$..['it\\'s a']", &form_policy, CLASS_NAME },
		{ "$[*]", &form_policy, CLASS_NAME },
		{ "$..remark", &form_scan, CLASS_NONE },
		{ "$..x", &form_drop, CLASS_NONE },
	};
	struct config *c = load_good();
	struct sc_diags all = { .n = 0 };
	const struct config_rules *rules;
	struct sc_buf b;
	unsigned line, column;

	NEED(c != NULL);
	CHECK(config_route_find(c, sc_span_str("checkout"))->mirrored.n == 0);
	rules = &config_route_find(c, sc_span_str("carrier"))->mirrored;
	CHECK(rules->n == 1 && strcmp(rules->v[0].at, "$..name") == 0 &&
	    rules->v[0].line == config_route_find(c, sc_span_str("carrier"))->request.v[0].line);
	config_free(c);
	NEED(config_changed(good, request, many, &b, &line, &column));
	NEED(config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_OK ||
	    (printf("# %s\n", all.v[0].text), false));
	rules = &config_route_find(c, sc_span_str("carrier"))->mirrored;
	NEED(rules->n == sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < rules->n; i++) {
		struct protect_rules *compiled;
		struct sc_diag d = { .text = "" };

		CHECK(strcmp(rules->v[i].at, want[i].at) == 0);
		CHECK(rules->v[i].form == want[i].form && rules->v[i].class_id == want[i].class_id);
		CHECK(rules_new(&rules->v[i], 1, (struct protect_points){ .order = NULL },
			  UNMATCHED_NULL, &d, &compiled) == SC_OK);
		rules_free(compiled);
	}
	config_free(c);
	sc_buf_fini(&b);
	/* who writes rules for the answer has none made, and a body that cannot be read never passes */
	NEED(config_changed(good, request,
	    "\"request\": [{ \"at\": \"$.n\", \"class\": \"name\", "
	    "\"do\": \"policy\" }], \"response\": [{ \"at\": \"$.m\", "
	    "\"do\": \"drop\" }]",
	    &b, &line, &column));
	NEED(config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_OK);
	CHECK(config_route_find(c, sc_span_str("carrier"))->mirrored.n == 0);
	config_free(c);
	sc_buf_fini(&b);
	REFUSED("\"from\": [\"order_system\", \"shop\"], ",
	    "\"from\": [\"order_system\"], \"unmatched_body\": |\"stream\", ",
	    "a body that cannot be read may not pass");
}

/* The first route's settings with WORDS added to it, or -1 when they are refused. */
static int setting(const char *words, bool body)
{
	struct config *c = NULL;
	struct sc_diags all = { .n = 0 };
	struct sc_buf b;
	unsigned line, column;
	char text[256];
	int got = -1;

	snprintf(text, sizeof(text), "\"subject\": \"$['a.b'][0].id\"%s", words);
	if (config_changed(good, "\"subject\": \"$.buyer.id\"", text, &b, &line, &column) &&
	    config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_OK)
		got = body ? (int)c->routes[0].unmatched_body : (int)c->routes[0].unmatched;
	else
		printf("# %s\n", all.v[0].text);
	sc_buf_fini(&b);
	config_free(c);
	return got;
}

static void test_orders(void)
{
	static const char text[] = "\"subject\": [\"$.buyer.id\", { \"order\": \"header.Order\" }, "
				   "{ \"guest\": \"header.Order\" }]";
	struct config *c = NULL;
	struct sc_diags all = { .n = 0 };
	struct sc_buf b;
	unsigned line, column;

	NEED(config_changed(good, "\"subject\": \"$.buyer.id\"", text, &b, &line, &column) &&
	    config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_OK);
	const struct subject_places *s = &c->routes[0].subject;

	CHECK(s->n == 3 && s->orders && !s->v[0].order && !s->v[0].guest);
	CHECK(s->v[1].order && !s->v[1].guest && s->v[1].where == SUBJECT_HEADER);
	CHECK(s->v[2].guest && !s->v[2].order && c->routes[0].subject_elsewhere);
	sc_buf_fini(&b);
	config_free(c);
}

static void test_unmatched(void)
{
	CHECK(setting("", false) == UNMATCHED_REFUSE);
	CHECK(setting(", \"unmatched\": \"refuse\"", false) == UNMATCHED_REFUSE);
	CHECK(setting(", \"unmatched\": \"report\"", false) == UNMATCHED_REPORT);
	CHECK(setting(", \"unmatched\": \"pass\"", false) == UNMATCHED_PASS);
	CHECK(setting(", \"unmatched\": \"pass\"", true) == CONFIG_UNMATCHED_REFUSE);
	CHECK(setting(", \"unmatched_body\": \"stream\"", true) == CONFIG_UNMATCHED_STREAM);
	CHECK(setting(", \"unmatched_body\": \"refuse\"", true) == CONFIG_UNMATCHED_REFUSE);
	CHECK(setting(", \"unmatched_body\": \"stream\"", false) == UNMATCHED_REFUSE);
}

static const char *matched(const struct config *c, const char *method, const char *path)
{
	const struct config_route *r =
	    config_route_match(c, sc_span_str(method), sc_span_str(path));

	return r == NULL ? "-" : r->name.s;
}

static void test_match(void)
{
	struct config *c = load_good();

	NEED(c != NULL);
	CHECK(strcmp(matched(c, "POST", "/orders"), "checkout") == 0);
	CHECK(strcmp(matched(c, "GET", "/orders"), "rest") == 0);
	CHECK(strcmp(matched(c, "POST", "/orders/"), "rest") == 0);
	CHECK(strcmp(matched(c, "POST", "/ordersx"), "rest") == 0);
	CHECK(strcmp(matched(c, "PUT", "/waybill/7/x"), "carrier") == 0);
	CHECK(strcmp(matched(c, "PUT", "/waybill/"), "carrier") == 0);
	CHECK(strcmp(matched(c, "PUT", "/waybill"), "rest") == 0);
	CHECK(strcmp(matched(c, "GET", "x"), "-") == 0);
	CHECK(strcmp(matched(c, "GET", ""), "-") == 0);
	/* what nobody here knows is passed on by nobody who does not name it */
	CHECK(strcmp(matched(c, "PATCH", "/orders"), "rest") == 0);
	CHECK(strcmp(matched(c, "PROPFIND", "/orders"), "-") == 0);
	CHECK(strcmp(matched(c, "TRACE", "/x"), "-") == 0);
	CHECK(strcmp(matched(c, "post", "/orders"), "-") == 0);
	config_free(c);
}

static void test_refuse_top(void)
{
	REFUSED("\"tenant\": \"demo\"", "\"tenant\": |\"de mo\"", "1 to 63");
	REFUSED("\"tenant\": \"demo\"", "\"tenant\": |7", "text in quotes");
	REFUSED("\"threads\": 3", "|\"thread\": 3", "did you mean \"threads\"?");
	REFUSED("\"threads\": 3", "\"threads\": |0", "from 1 to 256");
	REFUSED("\"threads\": 3", "\"threads\": |2.5", "whole number");
	REFUSED("\"policy\": \"default.json\"", "\"policy\": |\"no.json\"", "cannot be read");
	REFUSED("\"unix:run/keyd.sock\"", "|\"tcp:run\"", "unix:PATH");
	REFUSED("\"unix:run/keyd.sock\"",
	    "|\"unix:/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "\"", "longer than");
	REFUSED("\"sqlite:run/scrim.db\"", "|\"postgresql:x\"", "sqlite:PATH");
	REFUSED("\"sqlite:run/scrim.db\"", "|\"sqlite:\"", "sqlite:PATH");
	REFUSED("\"log\": \"run/log\"", "\"log\": |\"\"", "not be empty");
	REFUSED("{ // a comment\n  \"tenant\": \"demo\",", "|{\n", "\"tenant\"");
	REFUSED("\"2MiB\"", "|\"2MB\"", "bytes such as");
	REFUSED("\"2MiB\"", "|\"1000MiB\"", "at most");
	REFUSED("\"2MiB\"", "|-1", "bytes such as");
	REFUSED("\"head\": \"3s\"", "\"head\": |\"0s\"", "a time such as");
	REFUSED("\"head\": \"3s\"", "\"head\": |3", "a time such as");
	REFUSED("\"head\": \"3s\"", "|\"heads\": \"3s\"", "heads");
}

static void test_refuse_listen(void)
{
	static const char *const bad[] = { "localhost:8443", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "::1:80", "127.0.0.1:080",
		"[127.0.0.1]x:80", "[]:80", ":80", "1.2.3:80", "127.0.0.1:8 0",
		"127.0.0.1:8443:1" };
	char text[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "|\"%s\"", bad[i]);
		REFUSED("\"127.0.0.1:8443\"", text, "a number and a port");
	}
	REFUSED("\"[::1]:8080\"", "|\"0.0.0.0:8080\"", "other machines");
	REFUSED("\"[::1]:8080\"", "|\"127.0.0.1:8443\"", "the same address as number 1");
	REFUSED("\"[::1]:8080\" }", "\"[::1]:8080\", |\"tsl\": {} }", "tsl");
	REFUSED("\"[::1]:8080\"", "|\"unix:\"", "unix:PATH");
	REFUSED("\"[::1]:8080\"", "|\"unix:/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "0123456\"",
	    "longer than the 107 bytes");
	REFUSED("\"[::1]:8080\" }", "\"unix:s\", \"plain\": |true }", "neither");
	REFUSED("\"[::1]:8080\" }",
	    "\"unix:s\", \"tls\": |{ \"cert\": \"c.pem\", \"key\": \"k.pem\" } }", "neither");
	REFUSED("\"[::1]:8080\" }", "\"unix:s\" }, { \"address\": |\"unix:s\" }",
	    "the same address as number 2");
	REFUSED("\"[::1]:8080\" }", "\"[::1]:8080\", \"principal\": |\"sf\" }",
	    "only a Unix socket");
	/* SF has a certificate, and there is no PBX */
	REFUSED("\"[::1]:8080\" }", "\"unix:s\", \"principal\": |\"sf\" }",
	    "no principal called sf");
	REFUSED("\"[::1]:8080\" }", "\"unix:s\", \"principal\": |\"pbx\" }",
	    "no principal called pbx");
	REFUSED("\"tls\": { \"cert\": \"keys/c.pem\", \"key\": \"/etc/k.pem\" }",
	    "\"tls\": |{ \"cert\": \"keys/c.pem\" }", "\"key\"");
}

static void test_refuse_principals(void)
{
	REFUSED("\"order_system\"", "|\"order_sistem\"", "unknown role");
	REFUSED("[\"delivery\"]", "[|\"delivry\"]", "did you mean \"delivery\"?");
	REFUSED("[\"delivery\"]", "|[]", "empty list");
	REFUSED("\"name\": \"sf\"", "\"name\": |\"oms\"", "two principals");
	REFUSED("\"" DIGEST_A "\"", "|\"secretkey\"", "64 hexadecimal");
	REFUSED("\"" DIGEST_A "\"",
	    "|\"g000000000000000000000000000000000000000000000000000000000000001\"",
	    "64 hexadecimal");
	REFUSED("{ \"name\": \"oms\", \"role\": \"order_system\", "
		"\"api_key_sha256\": \"" DIGEST_A "\" }",
	    "|{ \"name\": \"oms\", \"role\": \"order_system\" }", "exactly one");
	REFUSED("{ \"name\": \"oms\", \"role\": \"order_system\", "
		"\"api_key_sha256\"",
	    "|{ \"name\": \"oms\", \"role\": \"order_system\", \"socket\": true, "
	    "\"api_key_sha256\"",
	    "exactly one");
	REFUSED("\"api_key_sha256\": \"" DIGEST_A "\" }", "\"socket\": |false }", "true");
	REFUSED("{ \"name\": \"sf\", \"role\": \"carrier\", \"purposes\": "
		"[\"delivery\"], \"cert_spki_sha256\": \"" DIGEST_B "\" }",
	    "|{ \"name\": \"sf\", \"role\": \"carrier\", \"api_key_sha256\": \"" DIGEST_A "\" }",
	    "the same credential as number 1");
}

/* What a credential's place holds must never be repeated: it may be a key. */
static void test_no_credential_quoted(void)
{
	struct config *c;
	struct sc_diags all = { .n = 0 };
	struct sc_buf b;
	unsigned line, column;

	NEED(config_changed(good, DIGEST_A, "hunter2hunter2", &b, &line, &column));
	CHECK(config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_SYNTAX);
	CHECK(strstr(all.v[0].text, "hunter2") == NULL);
	sc_buf_fini(&b);
}

static void test_refuse_routes(void)
{
	REFUSED("\"name\": \"carrier\"", "\"name\": |\"checkout\"", "two routes");
	REFUSED("{ \"path\": \"/*\" }", "|{ \"path\": \"/orders\", \"method\": \"POST\" }",
	    "the same match as number 1");
	REFUSED("\"method\": \"POST\"", "\"method\": |\"post\"", "capital");
	REFUSED("\"method\": \"POST\"", "\"method\": |\"TRACE\"", "TRACE is never passed on");
	REFUSED("\"method\": \"POST\"", "\"method\": |\"TRACK\"", "TRACK is never passed on");
	REFUSED("\"method\": \"POST\"", "\"method\": |\"CONNECT\"", "CONNECT is never passed on");
	REFUSED("\"/orders\"", "|\"orders\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a//b\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a/../b\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a/.\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a%2fb\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a*\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a?b=c\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a b\"", "plain path");
	REFUSED("\"/orders\"", "|\"/a\xC3\xA9\"", "plain path");
	REFUSED("\"/orders\"", "|\"//a\"", "plain path");
	REFUSED("\"/orders\"", "|\"/./a\"", "plain path");
	REFUSED("\"/orders\"", "|\"/..\"", "plain path");
	REFUSED("\"/orders\"", "|\"/v1/seal\"", "belongs to scrimd");
	REFUSED("\"/orders\"", "|\"/healthz\"", "belongs to scrimd");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"ftp://x\"", "http:// or https");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://x/y\"", "a path");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://u:p@x\"", "user");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://x:0\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://x:70000\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://[::g]\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://a b\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://x:\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://x:8 0\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://.x\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://-x\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://[::1\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://[::1]x\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://[1.2.3.4]\"", "HOST:PORT");
	REFUSED("\"http://127.0.0.1:9001\"", "|\"http://::1\"", "HOST:PORT");
	REFUSED("\"https://carrier.example:8443/\", \"ca\": \"ca.pem\"",
	    "\"http://carrier.example\", \"ca\": |\"ca.pem\"", "needs an https");
	REFUSED("\"$.buyer.id\"", "|\"buyer.id\"", "begins with $");
	REFUSED("\"$.buyer.id\"", "|\"$\"", "one place");
	REFUSED("\"$.buyer.id\"", "|\"$..id\"", "one place");
	REFUSED("\"$.buyer.id\"", "|\"$.buyer..id\"", "one place");
	REFUSED("\"$.buyer.id\"", "|\"$.buyer.*\"", "one place");
	REFUSED("\"$.buyer.id\"", "|\"$.buyers[*].id\"", "one place");
	REFUSED("\"$.buyer.id\"", "|\"$.buyers[0:2]\"", "lead to one place");
	REFUSED("\"$.buyer.id\"", "\"$.buyer[?@.id|]\"", "compares with ==");
	REFUSED("{ \"role\": \"carrier\", \"purpose\": \"delivery\" },\n",
	    "|{ \"role\": \"carrier\" },\n", "\"purpose\"");
	REFUSED("\"from\": [\"order_system\", \"shop\"], \"to\": {", "\"to\": |{",
	    "needs \"from\"");
	REFUSED("[\"order_system\", \"shop\"]", "|[]", "empty list");
	REFUSED("[\"order_system\", \"shop\"]", "[\"shop\", |\"shopp\"]", "unknown role");
	REFUSED("[\"order_system\", \"shop\"]", "|\"shop\"", "must be a list");
	REFUSED("{ \"name\": \"rest\", \"match\": { \"path\": \"/*\" },",
	    "|{ \"name\": \"rest\", \"match\": { \"path\": \"/*\" }, \"response\": "
	    "[{ \"at\": \"$.a\", \"do\": \"scan\" }],",
	    "needs \"purpose\"");
	REFUSED("\"upstream\": \"http://[::1]\"",
	    "\"upstream\": "
	    "\"http://[::1]\", \"unmatched_body\": |\"pass\"",
	    "one of refuse, stream");
	REFUSED("\"upstream\": \"http://[::1]\"",
	    "\"upstream\": "
	    "\"http://[::1]\", \"unmatched_body\": |7",
	    "text in quotes");
	REFUSED("\"upstream\": \"http://[::1]\"",
	    "\"upstream\": "
	    "\"http://[::1]\", \"unmatched\": |\"pass\"",
	    "has none");
	REFUSED("\"subject\": \"$.buyer.id\"",
	    "\"subject\": [{ \"order\": \"$.id\" }, |\"$.buyer.id\"]", "behind {\"order\": PLACE}");
	REFUSED("\"subject\": \"$.buyer.id\"",
	    "\"subject\": [{ \"order\": \"$.id\" }, |{ \"order\": \"$.no\" }]",
	    "behind {\"order\": PLACE}");
	REFUSED("\"subject\": \"$.buyer.id\"", "\"subject\": [|{ \"orders\": \"$.id\" }]",
	    "{\"order\": PLACE}");
	REFUSED("\"subject\": \"$.buyer.id\"",
	    "\"subject\": \"$.buyer.id\", "
	    "\"unmatched\": |\"stream\"",
	    "one of refuse, report, pass");
	REFUSED("\"subject\": \"$.buyer.id\"",
	    "\"subject\": \"$.buyer.id\", "
	    "\"unmatched\": |true",
	    "text in quotes");
	REFUSED("\"upstream\": \"http://[::1]\"",
	    "\"upstream\": "
	    "\"http://[::1]\", |\"rewrite\": 1",
	    "rewrite");
}

static void test_refuse_rules(void)
{
	static const char *const absent[] = { "format", "short", "index", "receiver_id",
		"pseudonym", "write_only" };
	char text[128];

	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		snprintf(text, sizeof(text), "\"do\": |\"%s\" }", absent[i]);
		REFUSED("\"do\": \"scan\" }", text,
		    "seal, policy, virtual_number, mask, drop, scan, pass, collect");
		snprintf(text, sizeof(text), "\"do\": |\"%s\", \"digits\": 4 }", absent[i]);
		/* nor is its option */
		CHECK(config_refused(good, "\"do\": \"scan\" }", text, "unknown action", 2));
	}
	REFUSED("\"do\": \"scan\" }", "\"do\": |\"sacn\" }", "unknown");
	REFUSED("\"$..remark\"", "|\"query.\"", "must name a parameter");
	REFUSED("\"$..remark\"", "|\"header.X Y\"", "must name a parameter");
	REFUSED("\"$..remark\"", "|\"remark\"", "begins with $");
	REFUSED("\"$..remark\"", "|\"$.mail\"", "two rules");
	REFUSED("\"do\": \"scan\" }", "\"do\": \"scan\", \"class\": |\"phone\" }",
	    "finds the class");
	REFUSED("{ \"at\": \"$..remark\", \"do\": \"scan\" }",
	    "|{ \"at\": \"$..remark\", \"do\": \"seal\" }", "needs \"class\"");
	REFUSED("\"class\": \"phone\", \"do\": \"seal\"", "\"class\": |\"fone\", \"do\": \"seal\"",
	    "unknown class");
	REFUSED("\"number\": \"refuse\"", "\"number\": |\"beside\"", "one of token, refuse");
	REFUSED("\"random\": true", "\"random\": |1", "true or false");
	REFUSED("\"random\": true", "\"tag\": |1", "true or false");
	REFUSED("\"random\": true", "\"shape\": |\"email\"", "class email");
	REFUSED("\"shape\": \"email\"", "\"shape\": |\"digits\"", "class email");
	REFUSED("\"random\": true", "\"ttl\": |\"1d\"", "does not go with");
	REFUSED("\"do\": \"drop\"", "\"do\": \"drop\", \"random\": |true", "does not go with");
	REFUSED("\"class\": \"email\", \"do\": \"seal\", \"shape\": \"email\"",
	    "\"class\": \"email\", \"do\": |\"policy\"", "needs the route's");
}

static void test_refuse_json(void)
{
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;

	CHECK(config_parse(sc_span_str("[]"), FILE_NAME, &all, &c) == SC_SYNTAX);
	CHECK(c == NULL && strstr(all.v[0].text, "object") != NULL);
	CHECK(config_parse(sc_span_str("{"), FILE_NAME, &all, &c) == SC_SYNTAX);
	CHECK(config_parse(sc_span_str(""), FILE_NAME, NULL, &c) == SC_SYNTAX);
	all.n = 0;
	CHECK(config_load("tests/no-such-file.json", &all, &c) == SC_IO);
	CHECK(c == NULL && all.v[0].text[0] != '\0');
	config_free(NULL);
}

/* What is wrong anywhere is told in one go, in the order of the text, with what is near. */
static void test_all_at_once(void)
{
	static const char text[] =
	    "{ \"tenant\": \"de mo\", \"listne\": [], \"policy\": \"default.json\",\n"
	    "  \"listen\": [{ \"address\": \"here\" }, { \"addres\": \"127.0.0.1:1\" }],\n"
	    "  \"keyd\": \"tcp:x\", \"log\": \"l\", \"limits\": { \"head\": \"0s\" },\n"
	    "  \"principals\": [{ \"name\": \"a\", \"role\": \"suport\", \"api_key_sha256\": \"x\" }],\n"
	    "  \"routes\": [{ \"name\": \"r\", \"match\": { \"path\": \"x\" }, \"upstream\": \"x\",\n"
	    "    \"request\": [{ \"at\": \"$.a\", \"do\": \"sacn\" }, { \"at\": \"$.a\", \"do\": \"drop\" }] }] }";
	static const struct {
		unsigned line;
		const char *says;
	} want[] = {
		{ 1, "\"tenant\" must be a name" },
		{ 1, "unknown key \"listne\": did you mean \"listen\"?" },
		{ 2, "\"address\" must be a number and a port" },
		{ 2, "\"address\" is missing in this listener" },
		{ 2, "unknown key \"addres\": did you mean \"address\"?" },
		{ 3, "\"keyd\" must be unix:PATH" },
		{ 3, "\"head\" must be a time" },
		{ 4, "unknown role \"suport\": did you mean \"support\"?" },
		{ 4, "\"api_key_sha256\" must be 64" },
		{ 5, "\"path\" must be a plain path" },
		{ 5, "an upstream must begin" },
		{ 6, "unknown action \"sacn\": did you mean \"scan\"?" },
		{ 6, "two rules have the same \"at\", $.a" },
	};
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;

	CHECK(config_parse(sc_span_str(text), FILE_NAME, &all, &c) == SC_SYNTAX && c == NULL);
	CHECK(all.n == sizeof(want) / sizeof(want[0]) && all.more == 0);
	for (size_t i = 0; i < all.n && i < sizeof(want) / sizeof(want[0]); i++)
		if (all.v[i].line != want[i].line || strstr(all.v[i].text, want[i].says) == NULL) {
			printf("# %u: %s\n", all.v[i].line, all.v[i].text);
			tap_ok = false;
		}
	CHECK(config_parse(sc_span_str(text), FILE_NAME, NULL, &c) == SC_SYNTAX);
}

/* Without a policy there are no names to compare with; the rest is still read. */
static void test_no_policy(void)
{
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;
	struct sc_buf b, two;
	unsigned line, column;

	NEED(config_changed(good, "\"policy\": \"default.json\"", "\"policy\": \"scrim.json\"", &b,
	    &line, &column));
	CHECK(config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_SYNTAX && all.n == 1);
	sc_buf_fini(&b);
	all.n = 0;
	sc_buf_init(&two, 65536);
	NEED(sc_buf_put_str(&two, "{\"policy\":\"default.json\",\"listen\":[]}") == SC_OK);
	CHECK(config_parse(sc_buf_span(&two), "tests/none/scrim.json", &all, &c) == SC_SYNTAX);
	CHECK(all.n == 7 && c == NULL); /* the policy, the empty list, five that are missing */
	sc_buf_fini(&two);
}

static void test_store_is_optional(void)
{
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;
	struct sc_buf b;
	unsigned line, column;

	NEED(config_changed(good, "\"store\": \"sqlite:run/scrim.db\", ", "", &b, &line, &column));
	CHECK(config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_OK);
	NEED(c != NULL);
	CHECK(c->store == NULL && strcmp(c->log_dir, "policy/run/log") == 0);
	config_free(c);
	sc_buf_fini(&b);
}

#define W_URL "\"url\": \"https://w.example:7690/scrim\", "
#define W_KEY "\"vkey\": \"w.example+59fb452f+BAcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""
#define THREE "\"threads\": 3"
#define WITNESSES(text) THREE ", \"witnesses\": [" text "]"

static void test_anew_signers(void)
{
	REFUSED(THREE, THREE ", \"anew_signers\": [|\"nobody\"]", "sign_key");
	REFUSED(THREE, THREE ", \"anew_signers\": |[]", "empty list");
}

static void test_witnesses(void)
{
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;
	struct sc_buf b;
	unsigned line, column;

	NEED(config_changed(good, THREE, WITNESSES("{ " W_URL W_KEY ", \"ca\": \"ca.pem\" }"), &b,
	    &line, &column));
	CHECK(config_parse(sc_buf_span(&b), FILE_NAME, &all, &c) == SC_OK);
	NEED(c != NULL);
	CHECK(c->n_witnesses == 1 && strcmp(c->witnesses[0].key.name, "w.example") == 0);
	CHECK(c->witnesses[0].key.type == NOTE_COSIGNATURE);
	CHECK(strcmp(c->witnesses[0].ca, "policy/ca.pem") == 0);
	config_free(c);
	sc_buf_fini(&b);
	REFUSED(THREE,
	    WITNESSES(
		"{ " W_URL W_KEY " }, { \"url\": |\"https://w.example:7690/scrim\", " W_KEY " }"),
	    "url");
	REFUSED(THREE, WITNESSES("{ \"url\": |\"http://w.example\", " W_KEY " }"), "https://");
	REFUSED(THREE, WITNESSES("{ \"url\": |\"w.example\", " W_KEY " }"), "https://");
	REFUSED(THREE, WITNESSES("|{ \"url\": \"http://127.0.0.1:1\", " W_KEY ", \"ca\": \"x\" }"),
	    "https:// alone");
	/* the key of a log is none of a witness */
	REFUSED(THREE,
	    WITNESSES(
		"{ " W_URL
		"\"vkey\": |\"demo/scrimd+712aa21a+AQcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" }"),
	    "a witness's key");
}

static void test_schema(void)
{
	schema_agrees("docs/config.schema.json", &config_shape);
}

int main(void)
{
	RUN(test_mirrored, "a recipient's answer is protected by the names of the request");
	RUN(test_top, "tenant, paths, limits and the policy come out as written");
	RUN(test_listeners, "listeners are addresses with their TLS files");
	RUN(test_socket, "a Unix socket may be a principal's who has no other credential");
	RUN(test_principals, "principals are found by hash, role and purposes known");
	RUN(test_routes, "routes and rules come out as written");
	RUN(test_orders, "an order stands behind who is named, and a guest behind it");
	RUN(test_unmatched, "what does not fit the rules is refused unless a route says else");
	RUN(test_match, "the closest route takes a request");
	RUN(test_refuse_top, "a wrong setting is refused at its line and column");
	RUN(test_refuse_listen, "an address that is none is refused");
	RUN(test_refuse_principals, "a principal nobody could use is refused");
	RUN(test_no_credential_quoted, "a misplaced key is never repeated");
	RUN(test_refuse_routes, "a route that would not work is refused");
	RUN(test_refuse_rules, "a rule that would let values through is refused");
	RUN(test_all_at_once, "all that is wrong is told at once, with the nearest names");
	RUN(test_no_policy, "a policy that cannot be read does not hide the rest");
	RUN(test_store_is_optional, "nothing opens a store, so none must be named");
	RUN(test_anew_signers, "who signs that a log begins anew has a key to sign with");
	RUN(test_witnesses, "a witness is a URL and a cosigner's key");
	RUN(test_schema, "docs/config.schema.json has the keys that are read, and no other");
	RUN(test_refuse_json, "what is not a configuration at all is refused");
	return tap_done();
}
