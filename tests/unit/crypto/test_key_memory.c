/*
 * test_key_memory.c - a running keyd's keys lie in memory that is locked and left out of dumps
 * and nowhere else, and those of who was erased lie nowhere.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/known_keys.h"

#include "base/sandbox.h"

enum { PEOPLE = 60, ERASED = 20 };

static struct fixture fx;
static struct settings at;
static char scratch[256];
static char *tokens[PEOPLE];

/* ---- work ---- */

static void seal_all(void)
{
	char subject[32];

	for (int i = 0; i < PEOPLE; i++) {
		snprintf(subject, sizeof(subject), "person-%d", i);
		free(tokens[i]);
		tokens[i] = fixture_seal(&fx, i % 2 == 0 ? CLASS_NAME : CLASS_PHONE, 0, subject,
		    "Ann Example");
		CHECK(tokens[i] != NULL);
	}
}

static void look_up(void)
{
	struct asking search = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_SEARCH);
	struct keyc_item it = item_of(CLASS_NAME, 0, NULL, "Ann Example");
	struct answer *a = fixture_ask(&fx, keyc_index, &search, &it, 1);

	CHECK(a->err == SC_OK);
	answer_free(a);
	for (int i = 0; i < PEOPLE; i++)
		CHECK(fixture_opens_to(&fx, tokens[i], "Ann Example"));
}

static void erase(int person)
{
	struct asking c = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
	struct answer *a = answer_new();
	char subject[32];

	snprintf(subject, sizeof(subject), "person-%d", person);
	CHECK(keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str(subject)) == SC_OK &&
	    fixture_turn_until(&fx, answer_is_over, a) && a->err == SC_OK);
	answer_free(a);
}

/* ---- looking ---- */

static struct memory_search all; /* as it was before anybody was erased */
static uint64_t high;

static void found_inside(const char *name)
{
	CHECK(search_inside(&all, name) > 0);
	CHECK(search_outside(&all, name) == 0);
}

static void only_inside(void)
{
	static const char *const working[] = { "kek", "class", "index", "mac", "log" };

	seal_all();
	look_up();
	CHECK(fixture_reload(&fx, fixture_policy));
	look_up();
	NEED(known_keys(&at, scratch, &all, &high));
	NEED(search_run(&all, fx.pid, true));
	printf("# %zu pieces looked for in %zu MiB: %u inside, %u outside\n", all.n,
	    all.bytes >> 20, search_inside(&all, ""), search_outside(&all, ""));
	for (size_t i = 0; i < sizeof(working) / sizeof(working[0]); i++)
		found_inside(working[i]);
	/* what wraps the epochs' keys is used in a write alone; where it is, it is inside */
	CHECK(search_outside(&all, "") == 0);
}

static void erased_are_nowhere(void)
{
	unsigned gone = 0;
	char name[32];

	for (int i = 0; i < ERASED; i++)
		erase(i);
	for (int i = 0; i < ERASED; i++) {
		struct answer *a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, tokens[i]);

		gone += a->n == 1 && a->r[0].status != WIRE_OK;
		answer_free(a);
	}
	CHECK(gone == ERASED);
	NEED(search_run(&all, fx.pid, true));
	for (uint64_t i = 0; i < high && i < ERASED; i++) {
		snprintf(name, sizeof(name), "person %llu ", (unsigned long long)i);
		CHECK(search_inside(&all, name) == 0 && search_outside(&all, name) == 0);
	}
	CHECK(search_outside(&all, "") == 0);
}

/* The search finds what is there: the test's own copy, in memory of its own. */
static void search_bites(void)
{
	static uint8_t copy[SEARCH_PIECE];
	struct memory_search s;

	search_init(&s);
	memcpy(copy, all.v[0].b, SEARCH_PIECE);
	search_add(&s, "copy", copy, SEARCH_PIECE);
	NEED(search_run(&s, getpid(), false));
	CHECK(search_outside(&s, "copy") >= 2);
	search_fini(&s);
}

int main(void)
{
	struct sc_diags wrong = { .n = 0 };
	char path[256];

	if (SANDBOX_SANITIZED) {
		tap_skip("keys in memory",
		    "a sanitizer keeps copies of its own, and locks nothing");
		return tap_done();
	}
	if (geteuid() != 0) {
		tap_skip("keys in memory", "only root reads another's memory");
		return tap_done();
	}
	if (!fixture_make(&fx) || !fixture_start(&fx)) {
		printf("Bail out! scrim-keyd does not start in %s\n", fx.dir);
		return 1;
	}
	fixture_path(&fx, "keyd.json", path);
	fixture_path(&fx, "scratch", scratch);
	if (settings_load(path, &wrong, &at) != SC_OK || mkdir(scratch, 0700) != 0)
		return 1;
	search_init(&all);
	RUN(only_inside, "after sealing, opening and reloading no key lies outside");
	RUN(search_bites, "the search finds what is there");
	RUN(erased_are_nowhere, "who was erased has no key anywhere");
	search_fini(&all);
	settings_fini(&at);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	for (int i = 0; i < PEOPLE; i++)
		free(tokens[i]);
	fixture_remove(&fx);
	return tap_done();
}
