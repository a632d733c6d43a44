/*
 * A real keyd and its gateways: keys that are proved, words that are believed, ceilings that hold
 * across everything, and callers that another file names.
 */
#include "keyd_fixture.h"
#include "keyd_log.h"
#include "tap.h"

static struct fixture fx;
static char *tokens[12]; /* names of as many people */

static char digest[2][65]; /* of two keys */
static const char *const keys[] = { "first key of a shop", "second key of a shop" };

/* keyd.json: "ann" by the first key; a switch that is asserted; MORE of the gateway's row. */
static bool config(const char *more, const char *principals)
{
	char text[4096];

	snprintf(text, sizeof(text),
	    "{\"tenant\":\"demo\",\"socket\":\"run/k.sock\",\"store\":\"run/keyd/keyd.db\","
	    "\"log\":\"run/keyd/log\",\"root\":\"keys/root.json\",\"policy\":\"policy.json\","
	    "\"principals\":[%s{\"name\":\"switch\",\"role\":\"shop\",\"asserted\":true}],"
	    "\"gateways\":[{\"node\":\"scrimd\",\"uid\":%u%s},{\"node\":\"other\",\"uid\":%u}],\"demo\":true}",
	    principals, (unsigned)geteuid(), more, (unsigned)geteuid() + 1);
	return fixture_write(&fx, "keyd.json", text);
}

static const char *ann(void)
{
	static char text[512];

	snprintf(text, sizeof(text),
	    "{\"name\":\"ann\",\"role\":\"shop\",\"api_key_sha256\":\"%s\"},", digest[0]);
	return text;
}

#define ASSERTS ",\"asserts\":[\"shop\"],\"people_per_day\":{\"T2\":5}"

static struct asking_proof proof_of(const char *key)
{
	struct asking_proof p = { .key = sc_span_str(key) };

	hash_sha256(p.key, p.digest);
	return p;
}

/* Open the first N tokens as NAME, by KEY (NULL: on this gateway's word); the statuses that are fine. */
static size_t opens(const char *name, const char *key, size_t from, size_t n, enum sc_err *err)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	const struct asking_proof proof = proof_of(key == NULL ? "" : key);
	struct keyc_item items[12];
	struct answer *a;
	size_t fine = 0;

	c.principal = a_name(name);
	c.proof = key == NULL ? NULL : &proof;
	for (size_t i = 0; i < n; i++)
		items[i] = item_of(0, 0, NULL, tokens[from + i]);
	a = fixture_ask(&fx, keyc_open, &c, items, n);
	*err = a->err;
	for (size_t i = 0; i < a->n; i++)
		fine += a->r[i].status == WIRE_OK;
	answer_free(a);
	return fine;
}

static bool refused(const char *name, const char *key, enum sc_err why)
{
	enum sc_err err;

	opens(name, key, 0, 1, &err);
	if (err != why)
		printf("# %s: %s\n", name, sc_err_name(err));
	return err == why;
}

static void test_believed(void)
{
	enum sc_err err;

	CHECK(opens("ann", keys[0], 0, 12, &err) == 12 && err == SC_OK);
	/* a wrong key, another's name, no key at all, nobody anybody knows */
	CHECK(refused("ann", keys[1], SC_AUTH));
	CHECK(refused("switch", keys[0], SC_AUTH));
	CHECK(refused("ann", NULL, SC_AUTH));
	CHECK(refused("nobody-at-all", NULL, SC_AUTH));
	CHECK(fixture_said(&fx, "keyd.key_refused"));
}

static void test_ceiling(void)
{
	enum sc_err err;

	CHECK(opens("switch", NULL, 0, 3, &err) == 3);
	/* the same people again cost nothing, more than five there are not, under whatever name */
	CHECK(opens("switch", NULL, 0, 8, &err) == 5 && err == SC_OK);
	CHECK(opens("scrimd", NULL, 5, 7, &err) == 0 && err == SC_OK);
	CHECK(opens("scrimd", NULL, 0, 5, &err) == 5);
	/* who proves a key is not on the gateway's word */
	CHECK(opens("ann", keys[0], 0, 12, &err) == 12);
}

static void test_ceiling_lasts(void)
{
	enum sc_err err;

	/* at a start, after a crash at once, and by a file that is read again */
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(fixture_start(&fx));
	CHECK(opens("switch", NULL, 5, 7, &err) == 0 && opens("switch", NULL, 0, 5, &err) == 5);
	NEED(config(",\"asserts\":[\"shop\"],\"people_per_day\":{\"T2\":7}", ann()) &&
	    fixture_reload(&fx, fixture_policy) && kill(fx.pid, SIGHUP) == 0);
	for (int i = 0; i < 200 && opens("switch", NULL, 4, 4, &err) < 3; i++)
		CHECK(loop_turn_once(fx.loop, 20) == SC_OK);
	CHECK(opens("switch", NULL, 0, 12, &err) == 7);
	CHECK(fixture_stop(&fx, SIGKILL) == -1);
	NEED(fixture_start(&fx));
	CHECK(opens("switch", NULL, 0, 12, &err) == 7 && err == SC_OK);
}

static void test_overall(void)
{
	enum sc_err err;

	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	NEED(config(",\"asserts\":[\"shop\"],\"people_per_day\":{\"T2\":7,\"all\":9}", ann()) &&
	    fixture_start(&fx));
	/* all that it was shown today counts, by whomever: that was twelve */
	CHECK(opens("ann", keys[0], 0, 12, &err) <= 9 && err == SC_OK);
}

static bool has_new_callers(void *arg)
{
	(void)arg;
	return fixture_said(&fx, "keyd.policy_loaded");
}

/* Another key in the file, and the old one opens nothing any more, on a connection that stands. */
static void test_revoked(void)
{
	char text[512];
	enum sc_err err;
	char path[256];

	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	fixture_path(&fx, "stderr", path);
	NEED(config(ASSERTS, ann()) && truncate(path, 0) == 0 && fixture_start(&fx));
	CHECK(opens("ann", keys[0], 0, 12, &err) == 12);
	/* what cannot be read leaves the old callers, and says so */
	NEED(config(ASSERTS, "{\"name\":\"bob\",\"role\":\"king\",\"asserted\":true},") &&
	    kill(fx.pid, SIGHUP) == 0);
	for (int i = 0; i < 200 && !fixture_said(&fx, "keyd.policy_refused"); i++)
		CHECK(loop_turn_once(fx.loop, 20) == SC_OK);
	CHECK(fixture_said(&fx, "the policy has no role king"));
	CHECK(opens("ann", keys[0], 0, 12, &err) == 12);
	snprintf(text, sizeof(text),
	    "{\"name\":\"ann\",\"role\":\"shop\",\"api_key_sha256\":\"%s\"},", digest[1]);
	NEED(config(ASSERTS, text) && kill(fx.pid, SIGHUP) == 0 &&
	    fixture_turn_until(&fx, has_new_callers, NULL));
	CHECK(refused("ann", keys[0], SC_AUTH) || refused("ann", keys[0], SC_AUTH));
	CHECK(opens("ann", keys[1], 0, 12, &err) == 12);
	/* and a gateway that the file does not name any more is gone */
	CHECK(keyc_ready(fx.kc));
}

static void test_nodes(void)
{
	struct keyc *kc = NULL;
	char address[300];

	snprintf(address, sizeof(address), "unix:%s/run/k.sock", fx.dir);
	/* a node that is another user's, and one that there is none of */
	NEED(keyc_new(fx.loop, address, a_name("other"), &kc) == SC_OK);
	for (int i = 0; i < 200 && !fixture_said(&fx, "\"node\":\"other\""); i++)
		CHECK(loop_turn_once(fx.loop, 20) == SC_OK);
	CHECK(fixture_said(&fx, "keyd.node_refused") && !keyc_ready(kc));
	keyc_free(kc);
}

static void test_told(void)
{
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(LOGGED(&fx, "\"kind\":\"reveal\"", "\"principal\":\"ann\"", "\"auth\":\"proved\"",
		  "\"shown\":[\"T2\"]", "\"node\":\"scrimd\"") > 0);
	CHECK(LOGGED(&fx, "\"kind\":\"reveal\"", "\"principal\":\"switch\"",
		  "\"auth\":\"asserted\"", "\"node\":\"scrimd\"") > 0);
	CHECK(LOGGED(&fx, "\"kind\":\"seal\"", "\"auth\":\"asserted\"") > 0);
	/* and who was turned away: as what they said they are, without what they asked for */
	CHECK(LOGGED(&fx, "\"kind\":\"denial\"", "\"act\":\"caller.refused\"",
		  "\"principal\":\"nobody-at-all\"", "\"auth\":\"asserted\"", "\"node\":\"scrimd\"",
		  "\"why\":\"turned away\"") > 0);
	CHECK(LOGGED(&fx, "\"act\":\"caller.refused\"", "\"principal\":\"ann\"",
		  "\"auth\":\"proved\"") > 0);
	CHECK(LOGGED(&fx, "\"act\":\"key.refused\"", "\"node\":\"scrimd\"") > 0);
	CHECK(LOGGED(&fx, "\"act\":\"gateway.refused\"", "\"node\":\"other\"") > 0);
	CHECK(LOGGED(&fx, "\"kind\":\"reveal\"", "nobody-at-all") == 0);
}

static bool begin(void)
{
	uint8_t raw[HASH_BYTES];
	char person[16];

	for (size_t k = 0; k < 2; k++) {
		hash_sha256(sc_span_str(keys[k]), raw);
		for (size_t i = 0; i < sizeof(raw); i++)
			snprintf(digest[k] + 2 * i, 3, "%02x", raw[i]);
	}
	if (!fixture_make(&fx) || !config(ASSERTS, ann()) || !fixture_start(&fx))
		return false;
	for (size_t i = 0; i < 12; i++) {
		struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
		struct keyc_item it;
		struct answer *a;

		snprintf(person, sizeof(person), "person-%zu", i);
		it = item_of(CLASS_NAME, 0, person, person);
		c.principal = a_name("switch");
		a = fixture_ask(&fx, keyc_seal, &c, &it, 1);
		tokens[i] = a->n == 1 ? strdup(a->r[0].text) : NULL;
		answer_free(a);
		if (tokens[i] == NULL)
			return false;
	}
	return true;
}

int main(void)
{
	if (!begin()) {
		printf("Bail out! no keyd\n");
		fixture_remove(&fx);
		return 1;
	}
	RUN(test_believed, "who proves a key is its principal; names are not enough");
	RUN(test_ceiling, "on its word a gateway sees no more people than its row allows");
	RUN(test_ceiling_lasts, "and not after a start, a crash or another file either");
	RUN(test_overall, "a gateway's overall ceiling is of everybody who asks through it");
	RUN(test_revoked, "another key in the file is in force on connections that stand");
	RUN(test_nodes, "a gateway is the node that its user may be");
	RUN(test_told, "records say how it was known who asked, and by which gateway");
	fixture_remove(&fx);
	for (size_t i = 0; i < 12; i++)
		free(tokens[i]);
	return tap_done();
}
