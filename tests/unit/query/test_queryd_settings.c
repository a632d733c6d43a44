/*
 * test_queryd_settings.c - queryd.json and grants.json: what is kept, what is refused, and that
 * their schemas say the same.
 */
#include "analytics/query/grants.h"
#include "analytics/queryd/settings.h"

#include "schema.h"

#include <unistd.h>

static char path[] = "/tmp/scrim-queryd-XXXXXX";
static struct sc_diags all;

static void write_file(const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
	all = (struct sc_diags){ .n = 0 };
}

#define MUST \
	"\"tenant\":\"demo\",\"views\":\"views\",\"log\":\"log\",\"grants\":\"g/g.json\"," \
	"\"log_vkey\":\"/v\""

static void test_settings(void)
{
	struct queryd_settings s;

	write_file("{" MUST ",\"listen\":{\"address\":\"*:1\"}}");
	NEED(queryd_settings_load(path, &all, &s) == SC_OK);
	CHECK(strcmp(s.views, "/tmp/views") == 0 && strcmp(s.log_vkey, "/v") == 0);
	CHECK(s.listen.cert == NULL && s.threads == 2 && s.queue == 64 && s.at_once == 4);
	CHECK(memcmp(&s.limits, &query_usual_limits, sizeof(s.limits)) == 0);
	queryd_settings_fini(&s);
	write_file(
	    "{" MUST ",\"listen\":{\"address\":\"*:1\",\"tls\":{\"cert\":\"c\",\"key\":\"k\"}},"
	    "\"threads\":64,\"limits\":{\"rows\":1,\"bytes\":\"1KiB\",\"heap\":\"1MiB\","
	    "\"sql\":64,\"time\":\"1ms\",\"steps\":1000,\"queue\":1024,\"at_once\":1}}");
	NEED(queryd_settings_load(path, &all, &s) == SC_OK);
	CHECK(strcmp(s.listen.key, "/tmp/k") == 0 && s.threads == 64 && s.queue == 1024);
	CHECK(s.limits.rows == 1 && s.limits.bytes == 1024 && s.limits.heap == 1u << 20);
	CHECK(s.limits.sql_bytes == 64 && s.limits.ms == 1 && s.limits.steps == 1000);
	queryd_settings_fini(&s);
}

/* What the repository shows as an example is one. */
static void test_example(void)
{
	struct queryd_settings s;

	all = (struct sc_diags){ .n = 0 };
	NEED(queryd_settings_load("keys-example/queryd.json", &all, &s) == SC_OK);
	CHECK(strcmp(s.tenant.s, "example") == 0 && s.listen.cert != NULL);
	queryd_settings_fini(&s);
}

static void refused(const char *text, const char *why)
{
	struct queryd_settings s;

	write_file(text);
	CHECK(queryd_settings_load(path, &all, &s) == SC_SYNTAX);
	CHECK(strstr(all.v[0].text, why) != NULL);
	if (strstr(all.v[0].text, why) == NULL)
		printf("# %s\n", all.v[0].text);
}

static void test_settings_wrong(void)
{
	refused("{" MUST "}", "\"listen\"");
	refused("{" MUST ",\"listen\":{}}", "\"address\"");
	refused("{" MUST ",\"listen\":{\"address\":\"*:1\"},\"thread\":1}", "\"threads\"");
	refused("{" MUST ",\"listen\":{\"address\":\"*:1\"},\"threads\":65}", "64");
	refused("{" MUST ",\"listen\":{\"address\":\"*:1\"},\"limits\":{\"sql\":\"65KiB\"}}", "");
	refused("{" MUST ",\"listen\":{\"address\":\"*:1\"},\"limits\":{\"sql\":63}}", "at least");
	refused("{" MUST ",\"listen\":{\"address\":\"*:1\"},\"limits\":{\"heap\":1048575}}",
	    "at least");
	refused("{" MUST ",\"listen\":{\"address\":\"*:1\"},\"limits\":{\"bytes\":1023}}",
	    "at least");
	refused("{" MUST ",\"listen\":{\"address\":\"*:1\",\"tls\":{\"cert\":\"c\"}}}", "key");
}

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ROW(who, key, dataset, purposes, until) \
	"{\"principal\":\"" who "\",\"role\":\"analyst\",\"key_sha256\":\"" key \
	"\",\"dataset\":\"" dataset "\",\"purposes\":[" purposes "],\"until\":\"" until "\"}"
#define END "2027-01-01T00:00:00Z"
#define END_MS UINT64_C(1798761600000)

static uint8_t key_a[GRANT_KEY_BYTES], key_b[GRANT_KEY_BYTES], key_c[GRANT_KEY_BYTES];

static size_t purposes(const struct query_grants *g, const uint8_t *key, const char *dataset,
    uint64_t now)
{
	const struct sc_name *out[GRANT_PURPOSES_MAX];

	return query_grants_purposes(g, key, dataset, now, out, GRANT_PURPOSES_MAX);
}

static void test_grants(void)
{
	const struct sc_name *out[GRANT_PURPOSES_MAX];
	struct query_grants g;

	memset(key_a, 0xaa, sizeof(key_a));
	memset(key_b, 0xbb, sizeof(key_b));
	write_file("{\"grants\":[" ROW("ana", KEY_A, "weekly", "\"a\",\"b\"", END) "," ROW("ana",
	    KEY_A, "weekly", "\"b\",\"c\"",
	    "2026-01-01T00:00:00Z") "," ROW("bob", KEY_B, "*", "\"a\"", END) "]}");
	NEED(query_grants_load(path, &all, &g) == SC_OK);
	CHECK(g.n == 3 && query_grants_whose(&g, key_c) == NULL);
	CHECK(strcmp(query_grants_whose(&g, key_b)->principal.s, "bob") == 0);
	CHECK(purposes(&g, key_a, "weekly", END_MS - 1) == 2);
	CHECK(purposes(&g, key_a, "weekly", END_MS) == 0);
	CHECK(purposes(&g, key_a, "weekly", 0) == 3);
	CHECK(purposes(&g, key_a, "Weekly", 0) == 0 && purposes(&g, key_a, "", 0) == 0);
	CHECK(purposes(&g, key_b, "anything", 0) == 1 && purposes(&g, key_c, "weekly", 0) == 0);
	CHECK(query_grants_purposes(&g, key_a, "weekly", 0, out, 1) == 1);
	CHECK(strcmp(out[0]->s, "a") == 0);
	query_grants_fini(&g);
}

static void grants_refused(const char *text, const char *why)
{
	struct query_grants g;

	write_file(text);
	CHECK(query_grants_load(path, &all, &g) == SC_SYNTAX);
	CHECK(strstr(all.v[0].text, why) != NULL && strstr(all.v[0].text, "aaaa") == NULL);
	if (strstr(all.v[0].text, why) == NULL)
		printf("# %s\n", all.v[0].text);
}

static void test_grants_wrong(void)
{
	grants_refused("{\"grants\":[" ROW("ana", "aa", "w", "\"a\"", END) "]}", "hexadecimal");
	grants_refused("{\"grants\":[" ROW("ana", KEY_A, "w", "", END) "]}", "purposes");
	grants_refused("{\"grants\":[" ROW("ana", KEY_A, "w x", "\"a\"", END) "]}", "dataset");
	grants_refused("{\"grants\":[" ROW("ana", KEY_A, "w", "\"a\"", "tomorrow") "]}", "moment");
	grants_refused("{\"grants\":[" ROW("ana", KEY_A, "w", "\"a\"", END) "," ROW("bob", KEY_A,
			   "x", "\"a\"", END) "]}",
	    "give each one of its own");
	grants_refused("{}", "grants");
}

static void test_schemas(void)
{
	schema_agrees("docs/queryd.schema.json", &queryd_settings_shape);
	schema_agrees("docs/grants.schema.json", &query_grants_shape);
}

int main(void)
{
	const int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	RUN(test_settings, "what is said is kept, and what is not is as usual");
	RUN(test_example, "the example is one");
	RUN(test_settings_wrong, "what is wrong in queryd.json is named");
	RUN(test_grants, "a grant is of a key, a dataset and purposes, until its end");
	RUN(test_grants_wrong, "what is wrong in the grants is named, and no key quoted");
	RUN(test_schemas, "the schemas say the same as the rows");
	unlink(path);
	return tap_done();
}
