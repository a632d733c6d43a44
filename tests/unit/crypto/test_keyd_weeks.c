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
/* What keyd's clock is ahead of ours, and ... */
static int64_t *ahead_ms;
/* ... how much longer it takes its machine to have run: what nobody can set. */
static int64_t *ran_ms;

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
	/* its runtime comes behind what is preloaded, and does not mind */
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
}

/* keyd.json with ceilings at its gateway. */
static bool with_ceilings(unsigned returning, unsigned erasures)
{
	static const char at[] = "\"node\":\"scrimd\",";
	char path[256], text[4096], out[4096], *rest;
	FILE *f;
	size_t n;

	fixture_path(&fx, "keyd.json", path);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	if ((rest = strstr(text, at)) == NULL)
		return false;
	snprintf(out, sizeof(out), "%.*s%s\"returning_per_day\":%u,\"erasures_per_day\":%u,%s",
	    (int)(rest - text), text, at, returning, erasures, rest + strlen(at));
	return fixture_write(&fx, "keyd.json", out);
}

static bool make(void)
{
	char file[256];
	int fd;

	if (!fixture_make(&fx) || !fixture_write(&fx, "policy.json", policy) ||
	    !with_ceilings(3, 2) || !fixture_write(&fx, "clock", "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"))
		return false;
	hash_sha256(sc_span_str(policy), fx.policy_hash);
	fixture_path(&fx, "clock", file);
	if ((fd = open(file, O_RDWR | O_CLOEXEC)) < 0 || ftruncate(fd, 2 * sizeof(*ahead_ms)) != 0)
		return false;
	ahead_ms = mmap(NULL, 2 * sizeof(*ahead_ms), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (ahead_ms == MAP_FAILED)
		return false;
	*ahead_ms = 0;
	ran_ms = ahead_ms + 1;
	*ran_ms = 0;
	fx.before_exec = with_clock;
	return fixture_start(&fx);
}

/* DAYS go by, and the wall clock is right: keyd lives through them. */
static void days_go_by(int64_t days)
{
	const uint64_t end = clock_mono_ms() + 2500;

	*ahead_ms += days * DAY_MS;
	*ran_ms += days * DAY_MS;
	while (clock_mono_ms() < end)
		loop_turn_once(fx.loop, 100) == SC_OK ? (void)0 : abort();
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

#define PEOPLE 8
static char *returned[PEOPLE];

static void seal_for_all(const char *who, char **tokens)
{
	char subject[32];

	for (int i = 0; i < PEOPLE; i++) {
		snprintf(subject, sizeof(subject), "%s-%d", who, i);
		char *t = fixture_seal(&fx, CLASS_NAME, 0, subject, "Ann Example");

		if (tokens != NULL)
			tokens[i] = t;
		else
			free(t);
	}
}

static int count_of(char *const *tokens, enum wire_status status)
{
	int n = 0;

	for (int i = 0; i < PEOPLE; i++)
		n += status_of(tokens[i]) == status;
	return n;
}

/* So many are reached, and it stays so for two seconds; the others' turn has not come. */
static bool reached(int want)
{
	uint64_t end = clock_mono_ms() + FIXTURE_WAIT_MS, still = 0;

	while (clock_mono_ms() < end) {
		if (loop_turn_once(fx.loop, 100) != SC_OK)
			return false;
		if (count_of(returned, WIRE_OK) != want)
			still = 0;
		else if (still == 0)
			still = clock_mono_ms();
		else if (clock_mono_ms() - still > 2000)
			return count_of(returned, WIRE_OK) == want &&
			    count_of(returned, WIRE_QUEUED) == PEOPLE - want;
	}
	printf("# %d are reached, %d wait\n", count_of(returned, WIRE_OK),
	    count_of(returned, WIRE_QUEUED));
	return false;
}

static bool restarted(int sig)
{
	return fixture_stop(&fx, sig) == (sig == SIGTERM ? 0 : -1) && fixture_start(&fx);
}

/* Three a day, the oldest first, whatever is sealed and however often keyd starts. */
static void test_returning(void)
{
	char *young[PEOPLE];

	seal_for_all("back", returned);
	CHECK(count_of(returned, WIRE_OK) == PEOPLE);
	days_go_by(70);
	CHECK(count_of(returned, WIRE_DORMANT) == PEOPLE);
	seal_for_all("back", NULL);
	CHECK(reached(3));
	for (int i = 0; i < 3; i++)
		CHECK(status_of(returned[i]) == WIRE_OK);
	seal_for_all("back", NULL);
	NEED(restarted(SIGKILL));
	CHECK(reached(3));
	NEED(restarted(SIGTERM));
	seal_for_all("back", NULL);
	CHECK(reached(3));
	/* who is new is no one who returns */
	seal_for_all("new", young);
	CHECK(count_of(young, WIRE_OK) == PEOPLE);
	for (int i = 0; i < PEOPLE; i++)
		free(young[i]);
}

/* A day has one allowance, however often the clock comes by. */
static void test_returning_and_the_clock(void)
{
	NEED(returned[0] != NULL);
	days_go_by(1);
	CHECK(reached(6));
	NEED(restarted(SIGKILL));
	CHECK(reached(6));
	*ahead_ms -= DAY_MS;
	NEED(restarted(SIGTERM));
	CHECK(reached(6));
	/* nor is it another day because the clock says so */
	*ahead_ms += 3 * DAY_MS;
	NEED(restarted(SIGTERM));
	CHECK(reached(6));
	*ahead_ms -= 2 * DAY_MS;
	days_go_by(1);
	CHECK(reached(8));
	*ahead_ms = 0;
	CHECK(reached(8));
	for (int i = 0; i < PEOPLE; i++)
		free(returned[i]);
}

/* Weeks that went by while keyd ran are not undone by a clock that is set back. */
static void test_clock_set_back(void)
{
	char *name = fixture_seal(&fx, CLASS_NAME, 0, "long-ago", "Ann Example");

	NEED(name != NULL);
	CHECK(status_of(name) == WIRE_OK);
	days_go_by(14 * 7);
	CHECK(status_of(name) == WIRE_DORMANT);
	*ahead_ms = 0;
	CHECK(status_of(name) == WIRE_DORMANT);
	/* each time it names another day */
	for (int i = 1; i <= 20; i++) {
		*ahead_ms = -i * WEEK_MS - i % 2 * DAY_MS;
		NEED(i % 5 != 0 || restarted(i == 10 ? SIGKILL : SIGTERM));
		CHECK(status_of(name) == WIRE_DORMANT);
	}
	free(name);
}

/* Nobody is sealed for in a week that has not been: put right, the clock finds nobody too young. */
static void test_clock_set_forth(void)
{
	char *name, *fresh;

	*ahead_ms = *ran_ms;
	days_go_by(1);
	name = fixture_seal(&fx, CLASS_NAME, 0, "made-young", "Ann Example");
	NEED(name != NULL);
	for (int i = 1; i <= 10; i++) {
		*ahead_ms += 4 * WEEK_MS;
		NEED(i % 5 != 0 || restarted(SIGTERM));
		free(fixture_seal(&fx, CLASS_NAME, 0, "made-young", "Ann Example"));
	}
	/* whoever is new is old, too, while the two are so far apart */
	fresh = fixture_seal(&fx, CLASS_NAME, 0, "fresh", "Ann Example");
	NEED(fresh != NULL);
	CHECK(status_of(fresh) == WIRE_DORMANT || status_of(fresh) == WIRE_QUEUED);
	*ahead_ms -= 40 * WEEK_MS;
	days_go_by(0); /* who waited for their turn returns as of today */
	CHECK(status_of(name) == WIRE_OK && status_of(fresh) == WIRE_OK);
	days_go_by(7 * 7);
	CHECK(status_of(name) == WIRE_DORMANT);
	free(name), free(fresh);
}

/* A machine that was off for ten weeks: a week a day, and then all is as ever. */
static void test_off_for_long(void)
{
	char *old, *fresh;
	int days = 0;

	*ahead_ms = *ran_ms;
	old = fixture_seal(&fx, CLASS_NAME, 0, "before-the-gap", "Ann Example");
	NEED(old != NULL && fixture_stop(&fx, SIGTERM) == 0);
	*ahead_ms += 10 * WEEK_MS;
	NEED(fixture_start(&fx));
	CHECK(status_of(old) == WIRE_DORMANT);
	fresh = fixture_seal(&fx, CLASS_NAME, 0, "behind-the-gap", "Ann Example");
	NEED(fresh != NULL);
	CHECK(status_of(fresh) != WIRE_OK);
	while (days < 12 && status_of(fresh) != WIRE_OK) {
		days_go_by(1);
		free(fixture_seal(&fx, CLASS_NAME, 0, "behind-the-gap", "Ann Example"));
		days_go_by(0); /* who returns is reached a second later */
		days++;
	}
	printf("# %d days\n", days);
	CHECK(days >= 4 && days <= 7);
	CHECK(status_of(old) == WIRE_DORMANT);
	free(old), free(fresh);
}

static enum wire_status erase(const char *subject)
{
	struct asking c = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
	uint64_t end = clock_mono_ms() + FIXTURE_WAIT_MS;
	struct answer *a;
	enum wire_status s;

	do {
		a = answer_new();
		if ((a->err = keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str(subject))) ==
			SC_OK &&
		    !fixture_turn_until(&fx, answer_is_over, a))
			a->err = SC_BUG;
		s = a->err == SC_OK && a->n == 1 ? a->r[0].status : WIRE_STATUS_COUNT;
		end = a->err == SC_AGAIN ? end : 0;
		answer_free(a);
		loop_turn_once(fx.loop, 20) == SC_OK ? (void)0 : abort();
	} while (clock_mono_ms() < end);
	return s;
}

/* Two a day, whatever is asked, across a crash, a stop and the clock. */
static void test_erasures(void)
{
	char *name[6];

	for (int i = 0; i < 6; i++) {
		char subject[16];

		snprintf(subject, sizeof(subject), "erased-%d", i);
		NEED((name[i] = fixture_seal(&fx, CLASS_NAME, 0, subject, "Ann Example")) != NULL);
	}
	CHECK(erase("nobody-at-all") == WIRE_GONE);
	CHECK(erase("erased-0") == WIRE_OK);
	NEED(restarted(SIGKILL));
	CHECK(erase("erased-0") == WIRE_GONE);
	CHECK(erase("nobody-at-all-1") == WIRE_GONE);
	CHECK(erase("erased-1") == WIRE_OK);
	CHECK(erase("erased-2") == WIRE_QUOTA);
	NEED(restarted(SIGKILL));
	CHECK(erase("erased-2") == WIRE_QUOTA);
	CHECK(fixture_opens_to(&fx, name[2], "Ann Example"));
	NEED(restarted(SIGTERM));
	CHECK(erase("erased-3") == WIRE_QUOTA);
	/* no other day comes because the clock says so */
	*ahead_ms += 3 * DAY_MS;
	days_go_by(0);
	CHECK(erase("erased-3") == WIRE_QUOTA);
	*ahead_ms -= 3 * DAY_MS;
	days_go_by(1);
	CHECK(erase("erased-3") == WIRE_OK);
	CHECK(erase("erased-4") == WIRE_OK);
	CHECK(erase("erased-5") == WIRE_QUOTA);
	*ahead_ms -= DAY_MS;
	CHECK(erase("erased-5") == WIRE_QUOTA);
	*ahead_ms += DAY_MS;
	CHECK(erase("erased-5") == WIRE_QUOTA);
	CHECK(fixture_opens_to(&fx, name[5], "Ann Example"));
	for (int i = 0; i < 6; i++)
		free(name[i]);
}

int main(void)
{
	if (!make()) {
		printf("Bail out! no keyd\n");
		return 1;
	}
	RUN(test_nobodys, "tokens of nobody are reached by no window");
	RUN(test_old_people, "people are closed when nothing of theirs was sealed lately");
	RUN(test_returning, "those who return are reached so many a day, the oldest first");
	RUN(test_returning_and_the_clock,
	    "a day has one allowance, however often the clock comes by");
	RUN(test_erasures, "so many people a day are erased, across crashes and clocks");
	RUN(test_clock_set_back, "a clock set back makes nobody young");
	RUN(test_clock_set_forth, "a clock set forth makes nobody young for longer");
	RUN(test_off_for_long, "a machine that was off comes right, a week a day");
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	fixture_remove(&fx);
	return tap_done();
}
