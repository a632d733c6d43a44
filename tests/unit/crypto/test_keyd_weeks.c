/*
 * test_keyd_weeks.c - a real keyd whose clock is set forth and back: whose values are closed since
 * nothing of theirs was sealed lately.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"

#include "crypto/wire/wire.h"

#include <sys/mman.h>

#define DAY_MS INT64_C(86400000)
#define WEEK_MS (7 * DAY_MS)

static const char policy[] =
    "{ \"scrim_policy\": 1, \"version\": \"w1\",\n"
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\" }, \"support\": { \"max_tier\": \"T3\" },\n"
    "    \"officer\": { \"max_tier\": \"T4\" }, \"checker\": { \"max_tier\": \"T4\" } },\n"
    "  \"purposes\": [\"orders\", \"service\", \"audit\"],\n"
    "  \"rules\": [\n"
    "    { \"id\": \"seal\", \"role\": \"shop\", \"purpose\": \"orders\", \"class\": \"*\", \"op\": \"write\", \"effect\": \"tokenise\" },\n"
    "    { \"id\": \"see\", \"role\": \"shop\", \"purpose\": \"orders\", \"class\": \"*\", \"op\": \"read\", \"effect\": \"reveal\" },\n"
    "    { \"id\": \"lately\", \"role\": \"support\", \"purpose\": \"service\", \"class\": [\"name\"], \"op\": \"read\", \"effect\": \"reveal\", \"when\": { \"sealed_within\": \"30d\" } },\n"
    "    { \"id\": \"masked\", \"role\": \"support\", \"purpose\": \"service\", \"class\": [\"phone\"], \"op\": \"read\", \"effect\": \"reveal\", \"when\": { \"sealed_within\": \"30d\" }, \"else\": \"mask\" },\n"
    "    { \"id\": \"erase\", \"role\": \"officer\", \"purpose\": \"audit\", \"class\": \"*\", \"op\": \"delete\", \"effect\": \"reveal\" }\n"
    "  ] }\n";

static struct fixture fx;
static int64_t *ahead_ms; /* what keyd's clock is ahead of ours */

static void with_clock(void)
{
	char lib[600], file[256], *slash;

	snprintf(lib, sizeof(lib), "%s", fx.bin);
	for (int up = 0; up < 2 && (slash = strrchr(lib, '/')) != NULL; up++)
		*slash = '\0';
	strncat(lib, "/tools/testclock.so", sizeof(lib) - strlen(lib) - 1);
	fixture_path(&fx, "clock", file);
	setenv("TEST_CLOCK", file, 1);
	setenv("LD_PRELOAD", lib, 1);
}

static bool make(void)
{
	char file[256];
	int fd;

	if (!fixture_make(&fx) || !fixture_write(&fx, "policy.json", policy) ||
	    !fixture_write(&fx, "clock", "\1\1\1\1\1\1\1"))
		return false;
	hash_sha256(sc_span_str(policy), fx.policy_hash);
	fixture_path(&fx, "clock", file);
	if ((fd = open(file, O_RDWR | O_CLOEXEC)) < 0 || ftruncate(fd, sizeof(*ahead_ms)) != 0)
		return false;
	ahead_ms = mmap(NULL, sizeof(*ahead_ms), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (ahead_ms == MAP_FAILED)
		return false;
	*ahead_ms = 0;
	fx.before_exec = with_clock;
	return fixture_start(&fx);
}

/* What keyd says of TOKEN to support; it may have to read a day's books first. */
static struct answer *look(const char *token)
{
	struct answer *a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, token);
	uint64_t end = clock_mono_ms() + FIXTURE_WAIT_MS;

	while (a->err == SC_AGAIN && clock_mono_ms() < end) {
		answer_free(a);
		loop_turn_once(fx.loop, 50) == SC_OK ? (void)0 : abort();
		a = fixture_open(&fx, ROLE_SUPPORT, FOR_SERVICE, token);
	}
	return a;
}

static enum wire_status status_of(const char *token)
{
	struct answer *a = look(token);
	enum wire_status s = a->err == SC_OK && a->n == 1 ? a->r[0].status : WIRE_STATUS_COUNT;

	if (s != WIRE_OK && a->n == 1 && a->r[0].len != 0)
		s = WIRE_STATUS_COUNT;
	answer_free(a);
	return s;
}

static enum policy_action action_of(const char *token)
{
	struct answer *a = look(token);
	enum policy_action action = a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK ?
	    a->r[0].action :
	    ACTION_DENY;

	answer_free(a);
	return action;
}

/* Five whole weeks for thirty days, and not one more. */
static void test_old_people(void)
{
	char *name = fixture_seal(&fx, CLASS_NAME, 0, "old-1", "Ann Example");
	char *phone = fixture_seal(&fx, CLASS_PHONE, 0, "old-1", "07700 900123");

	NEED(name != NULL && phone != NULL);
	for (int64_t week = 0; week <= 5; week++) {
		*ahead_ms = week * WEEK_MS;
		CHECK(status_of(name) == WIRE_OK);
		CHECK(action_of(phone) == ACTION_REVEAL);
	}
	for (int64_t week = 6; week <= 60; week += 18) {
		*ahead_ms = week * WEEK_MS;
		CHECK(status_of(name) == WIRE_DORMANT);
		CHECK(action_of(phone) == ACTION_MASK);
	}
	/* a rule without a window goes on as ever */
	CHECK(fixture_opens_to(&fx, name, "Ann Example"));
	*ahead_ms = 0;
	CHECK(status_of(name) == WIRE_OK);
	free(name), free(phone);
}

/* Of a class key's tokens nobody can say when something of theirs was sealed. */
static void test_nobodys(void)
{
	char *name = fixture_seal(&fx, CLASS_NAME, 0, NULL, "Ann Example");
	char *phone = fixture_seal(&fx, CLASS_PHONE, 0, NULL, "07700 900123");

	NEED(name != NULL && phone != NULL);
	CHECK(status_of(name) == WIRE_DORMANT);
	CHECK(action_of(phone) == ACTION_MASK);
	CHECK(fixture_opens_to(&fx, name, "Ann Example"));
	free(name), free(phone);
}

int main(void)
{
	if (!make()) {
		printf("Bail out! no keyd\n");
		return 1;
	}
	RUN(test_nobodys, "tokens of nobody are reached by no window");
	RUN(test_old_people, "people are closed when nothing of theirs was sealed lately");
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	fixture_remove(&fx);
	return tap_done();
}
