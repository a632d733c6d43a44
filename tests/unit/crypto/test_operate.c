/*
 * test_operate.c - what operators ask a real scrim-keyd for, at their own socket: each
 * verb, what is refused, and what the ordinary socket does with such a question.
 */
#include "base/clock.h"
#include "crypto/keyring/key_year.h"
#include "crypto/wire/wire.h"
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct fixture fx;
static struct keyc *operators;
static struct loop *ordinary; /* the fixture's */

static bool is_ready(void *arg)
{
	return keyc_ready(arg);
}

/* A keyd with a socket for operators; both are connected. */
static bool begin(void)
{
	char text[16384], address[300];

	if (!fixture_make(&fx))
		return false;
	ordinary = fx.loop;
	snprintf(text, sizeof(text),
	    "{\"tenant\":\"demo\",\"socket\":\"run/k.sock\",\"operator\":\"run/keyd/o.sock\","
	    "\"store\":\"run/keyd/keyd.db\",\"log\":\"run/keyd/log\","
	    "\"root\":\"keys/root.json\",\"policy\":\"policy.json\","
	    "%s\"demo\":true}",
	    fixture_callers((unsigned)geteuid()));
	snprintf(address, sizeof(address), "unix:%s/run/keyd/o.sock", fx.dir);
	return fixture_write(&fx, "keyd.json", text) && fixture_start(&fx) &&
	    keyc_new(ordinary, address, NULL, &operators) == SC_OK &&
	    fixture_turn_until(&fx, is_ready, operators);
}

static struct answer *operate_at(struct keyc *kc, uint8_t verb, const char *words)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct answer *a = answer_new();

	if ((a->err = keyc_operate(kc, &a->call, &c, verb, sc_span_str(words))) == SC_OK &&
	    !fixture_turn_until(&fx, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

/* Is PART in what is answered? */
static bool says(uint8_t verb, const char *words, const char *part)
{
	struct answer *a = operate_at(operators, verb, words);
	bool ok = a->err == SC_OK && a->n == 1 && strstr(a->r[0].text, part) != NULL;

	if (!ok)
		printf("# %u %s: %s\n", verb, words, a->n == 1 ? a->r[0].text : "no answer");
	answer_free(a);
	return ok;
}

/* What is answered for a number, asked under OP with FLAGS; the caller frees it. */
static char *answer_to(ask_fn *ask, uint8_t op, uint8_t flags, enum sc_err *err)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, op);
	struct keyc_item it = item_of(CLASS_PHONE, flags, NULL, "07700 900123");
	struct answer *a = fixture_ask(&fx, ask, &c, &it, 1);
	char *text = a->err == SC_OK && a->n == 1 ? strdup(a->r[0].text) : NULL;

	*err = a->err;
	answer_free(a);
	return text;
}

/* The index of a number to store, of the newest version or the oldest; the caller frees it. */
static char *index_of(bool oldest)
{
	enum sc_err err;
	char *text = answer_to(keyc_seal, POLICY_WRITE, KEYC_INDEXED, &err);
	struct wire_indexed x = wire_indexed(sc_span_str(text));
	struct sc_span index = oldest ? x.oldest : x.newest;
	char *out = text == NULL || !x.given ? NULL : strndup((const char *)index.p, index.n);

	free(text);
	return out;
}

static bool index_is(bool oldest, const char *want)
{
	char *text = index_of(oldest);
	bool same = text != NULL && strcmp(text, want) == 0;

	if (!same)
		printf("# got %s, wanted %s\n", text == NULL ? "nothing" : text, want);
	free(text);
	return same;
}

static void test_status(void)
{
	CHECK(says(WIRE_KEYS_STATUS, "", "\"epoch\""));
	CHECK(says(WIRE_KEYS_STATUS, "", "\"name\":\"phone\""));
	CHECK(
	    says(WIRE_KEYS_STATUS, "64", "{\"keys\":[{\"kind\":\"class\",\"name\":\"loyalty_no\""));
	CHECK(says(WIRE_KEYS_DORMANT, "20000", "{\"people\":0,\"quarters\":[]}"));
	CHECK(says(WIRE_KEYS_ERASURES, "", "{\"keys\":0,\"erasures\":[]}"));
}

/* No honest peer sends such: it is dropped, and may come again. */
static bool drops(struct keyc *kc, uint8_t verb, const char *words)
{
	struct answer *a = operate_at(kc, verb, words);
	bool dropped = a->err != SC_OK && a->n == 0;

	answer_free(a);
	return dropped && fixture_turn_until(&fx, is_ready, kc);
}

/* Of nobody, too: a handle is made of any name. */
static void test_handles(void)
{
	CHECK(says(WIRE_KEYS_STATUS, "", "{\"kind\":\"year\",\"name\":\"2"));
	CHECK(says(WIRE_KEYS_HANDLES, "who-is-asked-about", "{\"years\":[{\"year\":2"));
	CHECK(says(WIRE_KEYS_HANDLES, "who-is-asked-about", "\"handle\":\""));
	CHECK(drops(operators, WIRE_KEYS_HANDLES, ""));
}

static void test_refused(void)
{
	const unsigned year = key_year_of(clock_unix_ms());
	char last[16], now[16], next[16];
	const struct {
		uint8_t verb;
		const char *words, *why;
	} rows[] = {
		{ WIRE_KEYS_ROTATE, "", "rotate what" },
		{ WIRE_KEYS_ROTATE, "class", "rotate what" },
		{ WIRE_KEYS_ROTATE, "classes phone", "rotate what" },
		{ WIRE_KEYS_ROTATE, "epoch 2", "rotate what" },
		{ WIRE_KEYS_ROTATE, "everything", "rotate what" },
		{ WIRE_KEYS_ROTATE, "class frogs", "no such class" },
		{ WIRE_KEYS_ROTATE, "tier T5", "no such tier" },
		{ WIRE_KEYS_ROTATE, "tier T22", "no such tier" },
		{ WIRE_KEYS_DESTROY, "", "destroy what" },
		{ WIRE_KEYS_DESTROY, "phone", "destroy what" },
		{ WIRE_KEYS_DESTROY, "phone ab", "destroy what" },
		{ WIRE_KEYS_DESTROY, "frogs a", "destroy what" },
		{ WIRE_KEYS_DESTROY, "phone a", "refused" },
		{ WIRE_KEYS_DESTROY, "phone z", "refused" },
		{ WIRE_KEYS_DESTROY, "year 20", "which year" },
		{ WIRE_KEYS_DESTROY, "year 20x4", "which year" },
		{ WIRE_KEYS_DESTROY, "year 1999", "no key of that year" },
		{ WIRE_KEYS_DESTROY, now, "keep their names" },
		{ WIRE_KEYS_DESTROY, last, "keep their names" },
		{ WIRE_KEYS_DESTROY, next, "keep their names" },
	};

	snprintf(last, sizeof(last), "year %u", year - 1);
	snprintf(now, sizeof(now), "year %u", year);
	snprintf(next, sizeof(next), "year %u", year + 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(says(rows[i].verb, rows[i].words, "{\"refused\":\""));
		CHECK(says(rows[i].verb, rows[i].words, rows[i].why));
	}
}

/* What is stored follows the newest version; what people are known by stays. */
static void test_indexes(void)
{
	enum sc_err err;
	char *first = index_of(false), *second, *both;

	NEED(first != NULL && strncmp(first, ".l4a", 4) == 0);
	CHECK(index_is(true, first));
	CHECK(says(WIRE_KEYS_ROTATE, "class phone", "\"done\":\"keys.rotate\""));
	second = index_of(false);
	NEED(second != NULL && strncmp(second, ".l4b", 4) == 0);
	CHECK(index_is(true, first));
	both = answer_to(keyc_index, POLICY_SEARCH, 0, &err);
	NEED(both != NULL && strncmp(both, second, strlen(second)) == 0);
	CHECK(strcmp(both + strlen(second) - 1, first) == 0);
	/* with the oldest gone it is the oldest that is left */
	CHECK(says(WIRE_KEYS_DESTROY, "phone a", "\"certificate\""));
	CHECK(index_is(true, second));
	free(first), free(second), free(both);
}

static void test_rotated(void)
{
	CHECK(says(WIRE_KEYS_ROTATE, "classes", "\"done\":\"keys.rotate\""));
	CHECK(says(WIRE_KEYS_ROTATE, "tier T2", "\"done\":\"keys.rotate\""));
	CHECK(says(WIRE_KEYS_ROTATE, "epoch", "\"done\":\"keys.rotate\""));
}

static void test_dropped(void)
{
	enum sc_err err;
	char *text;

	CHECK(drops(operators, 0, "") && drops(operators, WIRE_VERB_END, ""));
	CHECK(drops(operators, WIRE_KEYS_STATUS, "x"));
	CHECK(drops(operators, WIRE_KEYS_STATUS, "256"));
	for (uint8_t verb = WIRE_KEYS_STATUS; verb < WIRE_VERB_END; verb++)
		CHECK(drops(fx.kc, verb, "epoch"));
	/* nor does one ask for a flag that is none */
	text = answer_to(keyc_index, POLICY_SEARCH, 1, &err);
	CHECK(text == NULL && err != SC_OK && fixture_turn_until(&fx, is_ready, fx.kc));
	free(text);
	text = answer_to(keyc_seal, POLICY_WRITE, TOKEN_CLASS_KEY, &err);
	CHECK(text == NULL && err != SC_OK && fixture_turn_until(&fx, is_ready, fx.kc));
	free(text);
}

/* All that the ordinary socket takes, taken: operators come in as before. */
static void test_crowded(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct keyc *former = operators;
	char address[128];
	int fd[80];

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/k.sock", fx.dir);
	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++) {
		fd[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		NEED(fd[i] >= 0 && connect(fd[i], (struct sockaddr *)&a, sizeof(a)) == 0);
	}
	snprintf(address, sizeof(address), "unix:%s/run/keyd/o.sock", fx.dir);
	NEED(keyc_new(ordinary, address, NULL, &operators) == SC_OK);
	CHECK(fixture_turn_until(&fx, is_ready, operators));
	CHECK(says(WIRE_KEYS_STATUS, "", "\"epoch\""));
	keyc_free(operators);
	operators = former;
	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		close(fd[i]);
}

/* What was refused is told, with who asked; what was done twice: before it, and after. */
static void test_recorded(void)
{
	char uid[64];

	snprintf(uid, sizeof(uid), "\"principal\":\"uid-%u\"", (unsigned)geteuid());
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(LOGGED(&fx, "\"act\":\"keys.rotate\"", "\"result\":\"refused\"", uid) == 2 * 8);
	CHECK(LOGGED(&fx, "\"act\":\"keys.destroy\"", "\"result\":\"refused\"", uid) == 2 * 12);
	CHECK(LOGGED(&fx, "\"act\":\"keys.rotate\"", "\"result\":\"ok\"", uid) == 4);
	CHECK(LOGGED(&fx, "\"act\":\"keys.destroy\"", uid) == 2 * 12 + 2);
	CHECK(LOGGED(&fx, "\"kind\":\"search\"", "\"act\":\"subjects.handles\"", "\"subjects\":[\"",
		  uid) == 2);
	CHECK(LOGGED(&fx, "frogs") == 0 && LOGGED(&fx, "who-is-asked-about") == 0);
}

int main(void)
{
	if (!begin()) {
		printf("Bail out! no keyd\n");
		return 1;
	}
	RUN(test_status, "status and dormant answer");
	RUN(test_handles, "what records call somebody is told, and that it was");
	RUN(test_refused, "what cannot be done is refused, in words");
	RUN(test_indexes, "people are known by the oldest version that opens");
	RUN(test_rotated, "all classes, a tier and the epoch are rotated");
	RUN(test_dropped,
	    "what nobody honest sends is dropped; the ordinary socket operates nothing");
	RUN(test_crowded, "a crowd at the ordinary socket keeps no operator out");
	RUN(test_recorded, "what was refused is in the log too, with who asked");
	keyc_free(operators);
	fixture_remove(&fx);
	return tap_done();
}
