/*
 * Whom keyd believes: whoever proved a key on this connection, and of the gateway's word what its
 * row in keyd.json lets it say.
 */
#include "crypto/keyd/callers.h"

#include "base/clock.h"
#include "crypto/prim/hash.h"
#include "names.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static const char text_policy[] =
    "{ \"scrim_policy\": 1, \"version\": \"t1\","
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\", \"group\": \"use\" },"
    "    \"pbx\": { \"max_tier\": \"T3\", \"group\": \"use\" } },"
    "  \"purposes\": [\"orders\", \"service\"],"
    "  \"rules\": [{ \"id\": \"r\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\","
    "    \"op\": \"read\", \"effect\": \"reveal\" }] }";
enum { SHOP, PBX };
enum { ORDERS, SERVICE };

static char dir[] = "/tmp/scrim-callers-XXXXXX", file[64];
static struct policy *policy;
static struct callers *callers;
static struct sc_diags all;

#define PLACES \
	"\"tenant\":\"t\",\"socket\":\"s\",\"store\":\"k\",\"log\":\"l\",\"root\":\"r\",\"policy\":\"p\","
#define GATEWAYS \
	"\"gateways\":[{\"node\":\"east\",\"uid\":7,\"asserts\":[\"pbx\"]},{\"node\":\"west\",\"uid\":8}]"

static enum sc_err load(const char *principals, const char *gateways)
{
	FILE *f = fopen(file, "w");

	if (f == NULL)
		return SC_IO;
	fprintf(f, "{" PLACES "\"principals\":[%s],%s}", principals, gateways);
	fclose(f);
	callers_free(callers);
	all.n = 0;
	return callers_load(file, policy, &all, &callers);
}

/* "shop" by KEY, for orders; "half" by another, at east alone; a switch; one that nobody comes as. */
#define KEY "the key of a shop"
#define HALF "the key of half a shop"

static bool begin(void)
{
	uint8_t key[2][HASH_BYTES];
	char hex[2][2 * HASH_BYTES + 1], text[1024];

	hash_sha256(sc_span_str(KEY), key[0]);
	hash_sha256(sc_span_str(HALF), key[1]);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < HASH_BYTES; i++)
			snprintf(hex[k] + 2 * i, 3, "%02x", key[k][i]);
	snprintf(text, sizeof(text),
	    "{\"name\":\"shop\",\"role\":\"shop\",\"purposes\":[\"orders\"],\"api_key_sha256\":\"%s\"},"
	    "{\"name\":\"half\",\"role\":\"shop\",\"nodes\":[\"east\"],\"api_key_sha256\":\"%s\"},"
	    "{\"name\":\"switch\",\"role\":\"pbx\",\"purposes\":[\"service\"],\"socket\":true},"
	    "{\"name\":\"vendor\",\"role\":\"pbx\",\"nodes\":[\"west\"],\"asserted\":true}",
	    hex[0], hex[1]);
	return load(text, GATEWAYS) == SC_OK;
}

static const uint8_t none[ASKING_SESSION], one[ASKING_SESSION] = { 1 }, two[ASKING_SESSION] = { 2 };

static enum sc_err judge(const char *node, const struct sessions *s, const uint8_t *session,
    const char *name, uint8_t role, uint8_t purpose, uint8_t *auth)
{
	const struct caller_gateway *g =
	    callers_gateway(callers, a_name(node), node[0] == 'e' ? 7 : 8, NULL);
	struct asking a = { .principal = a_name(name),
		.role = role,
		.purpose = purpose,
		.session = session };
	enum sc_err err = g == NULL ? SC_BUG : callers_judge(callers, g, s, &a);

	*auth = a.auth;
	return err;
}

static void test_gateways(void)
{
	CHECK(callers_has_uid(callers, 7) && callers_has_uid(callers, 8) &&
	    !callers_has_uid(callers, 9) && !callers_has_uid(callers, 0));
	CHECK(callers_gateway(callers, a_name("east"), 7, NULL) != NULL);
	/* another's user, another's name, no name at all */
	CHECK(callers_gateway(callers, a_name("east"), 8, NULL) == NULL);
	CHECK(callers_gateway(callers, a_name("north"), 7, NULL) == NULL);
	CHECK(callers_gateway(callers, &(struct sc_name){ "" }, 7, NULL) == NULL);
}

static void test_asserted(void)
{
	const struct sessions s = { .n = 0 };
	uint8_t auth;

	CHECK(judge("east", &s, none, "switch", PBX, SERVICE, &auth) == SC_OK &&
	    auth == ASKING_ASSERTED);
	/* not for a purpose, in a role, or by a gateway that is not theirs */
	CHECK(judge("east", &s, none, "switch", PBX, ORDERS, &auth) == SC_AUTH);
	CHECK(judge("east", &s, none, "switch", SHOP, SERVICE, &auth) == SC_AUTH);
	CHECK(judge("west", &s, none, "switch", PBX, SERVICE, &auth) == SC_AUTH);
	CHECK(judge("east", &s, none, "vendor", PBX, SERVICE, &auth) == SC_AUTH);
	/* whoever has a key shows it, and nobody is invented */
	CHECK(judge("east", &s, none, "shop", SHOP, ORDERS, &auth) == SC_AUTH);
	CHECK(judge("east", &s, none, "shop", PBX, ORDERS, &auth) == SC_AUTH);
	CHECK(judge("east", &s, none, "nobody", PBX, SERVICE, &auth) == SC_AUTH);
	/* in its own name a gateway asks under what it asserts, and nothing else */
	CHECK(judge("east", &s, none, "east", PBX, SERVICE, &auth) == SC_OK);
	CHECK(judge("east", &s, none, "east", SHOP, ORDERS, &auth) == SC_AUTH);
	CHECK(judge("west", &s, none, "west", PBX, SERVICE, &auth) == SC_AUTH);
	CHECK(judge("east", &s, none, "west", PBX, SERVICE, &auth) == SC_AUTH);
}

static void test_proved(void)
{
	const uint64_t now = clock_mono_ms();
	struct sessions s = { .n = 0 }, other = { .n = 0 };
	uint8_t auth;

	CHECK(callers_by_key(callers, sc_span_str("no key at all"), a_name("east")) == NULL);
	CHECK(callers_by_key(callers, sc_span_str(HALF), a_name("west")) == NULL);
	CHECK(callers_by_key(callers, sc_span_str(HALF), a_name("east")) != NULL);
	NEED(sessions_put(&s, one, callers_by_key(callers, sc_span_str(KEY), a_name("west")),
		 now) == SC_OK);
	CHECK(
	    judge("west", &s, one, "shop", SHOP, ORDERS, &auth) == SC_OK && auth == ASKING_PROVED);
	/* it is theirs alone, with their role and purposes alone */
	CHECK(judge("west", &s, one, "half", SHOP, ORDERS, &auth) == SC_AUTH);
	CHECK(judge("west", &s, one, "shop", PBX, ORDERS, &auth) == SC_AUTH);
	CHECK(judge("west", &s, one, "shop", SHOP, SERVICE, &auth) == SC_AUTH);
	/* what is not known is proved anew; what a wrong key was shown for is not */
	CHECK(judge("west", &s, two, "shop", SHOP, ORDERS, &auth) == SC_STALE);
	CHECK(judge("west", &other, one, "shop", SHOP, ORDERS, &auth) == SC_STALE);
	NEED(sessions_put(&s, two, NULL, now) == SC_OK);
	CHECK(judge("west", &s, two, "shop", SHOP, ORDERS, &auth) == SC_AUTH);
	sessions_fini(&s);
	CHECK(judge("west", &s, one, "shop", SHOP, ORDERS, &auth) == SC_STALE);
}

static void test_sessions(void)
{
	const struct policy_principal who = { .name = { "x" } };
	const struct session *found;
	struct sessions s = { .n = 0 };
	uint8_t handle[ASKING_SESSION] = { 0 };
	const uint64_t begun = 1000;
	uint32_t n = 0;

	/* as many as there is room for, some of them with one first word */
	for (; n < SESSIONS_MAX; n++) {
		memcpy(handle, &(uint32_t){ n / 2 }, 4);
		memcpy(handle + 8, &n, 4);
		if (sessions_put(&s, handle, &who, begun) != SC_OK)
			break;
	}
	CHECK(n == SESSIONS_MAX / 2);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(handle, &(uint32_t){ i / 2 }, 4);
		memcpy(handle + 8, &i, 4);
		found = sessions_find(&s, handle, begun + SESSION_MS - 1);
		CHECK(found != NULL && found->who == &who);
		CHECK(sessions_find(&s, handle, begun + SESSION_MS) == NULL);
	}
	/* those that are over make room for others */
	CHECK(sessions_put(&s, one, &who, begun + SESSION_MS - 1) == SC_LIMIT);
	CHECK(sessions_put(&s, one, NULL, begun + SESSION_MS) == SC_OK);
	found = sessions_find(&s, one, begun + SESSION_MS);
	CHECK(found != NULL && found->who == NULL && s.n == 1);
	/* said again, it is what was said last */
	CHECK(sessions_put(&s, one, &who, begun + SESSION_MS + 5) == SC_OK && s.n == 1);
	found = sessions_find(&s, one, begun + 2 * SESSION_MS + 4);
	CHECK(found != NULL && found->who == &who);
	sessions_fini(&s);
	CHECK(sessions_find(&s, one, begun) == NULL);
}

static void test_load(void)
{
	CHECK(load("{\"name\":\"x\",\"role\":\"boss\",\"asserted\":true}", GATEWAYS) == SC_AUTH &&
	    strcmp(all.v[0].text, "principal x: the policy has no role boss") == 0 &&
	    callers == NULL);
	CHECK(load("", "\"gateways\":[{\"node\":\"n\",\"uid\":1,\"asserts\":[\"boss\"]}]") ==
		SC_AUTH &&
	    strcmp(all.v[0].text, "gateway n: the policy has no role boss") == 0);
	CHECK(load("{}", GATEWAYS) == SC_SYNTAX && callers == NULL);
}

int main(void)
{
	if (mkdtemp(dir) == NULL ||
	    policy_load(sc_span_str(text_policy), "policy", &all, &policy) != SC_OK) {
		printf("Bail out! %s\n", all.v[0].text);
		return 1;
	}
	snprintf(file, sizeof(file), "%s/keyd.json", dir);
	if (!begin()) {
		printf("Bail out! %s\n", all.v[0].text);
		return 1;
	}
	RUN(test_gateways, "a gateway is who keyd's file says, by its user");
	RUN(test_asserted,
	    "a gateway's word counts for whom it may assert, as they stand in the file");
	RUN(test_proved, "whoever proved a key is its principal, and nobody else");
	RUN(test_sessions, "handles are found, end in time, and make room for others");
	RUN(test_load, "callers whom the policy does not know are refused as a whole");
	callers_free(callers);
	policy_free(policy);
	unlink(file);
	rmdir(dir);
	return tap_done();
}
