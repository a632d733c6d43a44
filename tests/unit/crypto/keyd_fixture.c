/*
 * keyd_fixture.c - starting, asking and ending a scrim-keyd of a test's own.
 */
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/owner.h"

#include "base/clock.h"

#include <sys/wait.h>

const char fixture_policy[] =
    "{ \"scrim_policy\": 1, \"version\": \"t1\",\n"
    "  \"classes\": { \"loyalty_no\": { \"id\": 64, \"tier\": \"T1\" } },\n"
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\", \"group\": \"use\", \"stores\": true, \"indexes_per_day\": 100000 },\n"
    "    \"support\": { \"max_tier\": \"T3\", \"group\": \"use\" },\n"
    "    \"officer\": { \"max_tier\": \"T4\", \"group\": \"use\" },\n"
    "    \"checker\": { \"max_tier\": \"T4\", \"group\": \"approve\" } },\n"
    "  \"purposes\": [\"orders\", \"service\", \"audit\"],\n"
    "  \"rules\": [\n"
    "    { \"id\": \"seal\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\", \"op\": \"write\", \"effect\": \"tokenise\" },\n"
    "    { \"id\": \"see\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\", \"op\": \"read\", \"effect\": \"reveal\" },\n"
    "    { \"id\": \"search\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": \"*\", \"op\": \"search\", \"effect\": \"reveal\" },\n"
    "    { \"id\": \"masked\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"name\", \"phone\"], \"op\": \"read\", \"effect\": \"mask\" },\n"
    "    { \"id\": \"coarse\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"dob\"], \"op\": \"read\", \"effect\": \"generalise\" },\n"
    "    { \"id\": \"kept\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"bank_card\"], \"op\": \"read\", \"effect\": \"tokenise\" },\n"
    "    { \"id\": \"left-out\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"qq\"], \"op\": \"read\", \"effect\": \"drop\" },\n"
    "    { \"id\": \"three\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"address\"], \"op\": \"read\", \"effect\": \"reveal\", \"limit\": { \"subjects_per_day\": 3 } },\n"
    "    { \"id\": \"wanted\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"passport\"], \"op\": \"read\", \"effect\": \"reveal\", \"when\": { \"consent\": [\"service\", \"audit\"] }, \"else\": \"mask\" },\n"
    "    { \"id\": \"few-searches\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"phone\"], \"op\": \"search\", \"effect\": \"reveal\", \"limit\": { \"subjects_per_day\": 3 } },\n"
    "    { \"id\": \"approved\", \"role\": [\"officer\"], \"purpose\": [\"audit\"], \"class\": \"*\", \"op\": \"export\", \"effect\": \"reveal\", \"require\": [{ \"approval\": { \"n\": 1, \"from\": \"checker\" } }] },\n"
    "    { \"id\": \"taken-out\", \"role\": [\"shop\"], \"purpose\": [\"orders\"], \"class\": [\"name\"], \"op\": \"export\", \"effect\": \"reveal\" },\n"
    "    { \"id\": \"few-stored\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"wechat\"], \"op\": \"write\", \"effect\": \"tokenise\", \"when\": { \"records_max\": 2 } },\n"
    "    { \"id\": \"few-at-once\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"email\"], \"op\": [\"read\", \"search\"], \"effect\": \"reveal\", \"when\": { \"records_max\": 2 } },\n"
    "    { \"id\": \"in-poorer\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"name\"], \"op\": \"write\", \"effect\": \"mask\" },\n"
    "    { \"id\": \"in-coarser\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"dob\"], \"op\": \"write\", \"effect\": \"generalise\" },\n"
    "    { \"id\": \"in-nothing\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"qq\"], \"op\": \"write\", \"effect\": \"drop\" },\n"
    "    { \"id\": \"sent\", \"role\": [\"support\"], \"purpose\": [\"service\"], \"class\": [\"address\", \"name\"], \"op\": \"send\", \"effect\": \"reveal\", \"limit\": { \"subjects_per_day\": 3 } },\n"
    "    { \"id\": \"handed\", \"role\": [\"shop\"], \"purpose\": [\"service\"], \"class\": [\"address\", \"phone\"], \"op\": \"share\", \"effect\": \"reveal\" },\n"
    "    { \"id\": \"handed-masked\", \"role\": [\"shop\"], \"purpose\": [\"service\"], \"class\": [\"name\"], \"op\": \"share\", \"effect\": \"mask\" },\n"
    "    { \"id\": \"merge\", \"role\": [\"officer\"], \"purpose\": [\"audit\"], \"class\": \"*\", \"op\": \"merge\", \"effect\": \"reveal\", \"limit\": { \"subjects_per_day\": 3 } },\n"
    "    { \"id\": \"erase\", \"role\": [\"officer\"], \"purpose\": [\"audit\"], \"class\": \"*\", \"op\": \"delete\", \"effect\": \"reveal\" }\n"
    "  ] }\n";
_Static_assert(sizeof(fixture_policy) <= FIXTURE_POLICY_MAX, "room for it");

#define CALLERS_MAX 8192

static const char *const callers[][24] = {
	[ROLE_SHOP] = { "test-0", "shop", "mixer", "asker", "exporter", "unlimited", "late", "door",
	    "raw", "stranger-seals", "stranger-seeks", "shop-1", "shop-2", "shop-3", "shop-4",
	    "walk-in", "walk-by", "both-seal-and-seek" },
	[ROLE_SUPPORT] = { "test-1", "few", "wanted", "sender", "both", "poorer", "limited",
	    "again", "forger", "in-one", "masker", "one-by-one", "reader", "seeker", "fumbler",
	    "hasty", "hastier", "agent", "caller", "other" },
	[ROLE_OFFICER] = { "test-2", "migrator", "eraser", "officer", "another", "invented" },
	{ "test-3" },
};

const char *fixture_callers(unsigned uid)
{
	static const char *const roles[] = { "shop", "support", "officer", "checker" };
	static char text[CALLERS_MAX];
	uint8_t digest[HASH_BYTES];
	size_t n = (size_t)snprintf(text, sizeof(text), "\"principals\":[");

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		for (size_t k = 0; callers[i][k] != NULL; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "{\"name\":\"%s\",\"role\":\"%s\",\"asserted\":true},", callers[i][k],
			    roles[i]);
	hash_sha256(sc_span_str(FIXTURE_KEY), digest);
	n += (size_t)snprintf(text + n, sizeof(text) - n,
	    "{\"name\":\"" OWNER "\",\"role\":\"shop\",\"api_key_sha256\":\"");
	for (size_t i = 0; i < sizeof(digest); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%02x", digest[i]);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "\",\"sign_key\":\"%s\"", owner_key());
	snprintf(text + n, sizeof(text) - n,
	    "}],\"anew_signers\":[\"" OWNER "\"],\"gateways\":[{\"node\":\"scrimd\",\"uid\":%u,"
	    "\"asserts\":[\"shop\",\"support\",\"officer\",\"checker\"],\"people_per_day\":"
	    "{\"T2\":1000000,\"T3\":1000000,\"T4\":1000000}}],",
	    uid);
	return text;
}

void fixture_path(const struct fixture *f, const char *name, char out[256])
{
	snprintf(out, 256, "%s/%s", f->dir, name);
}

bool fixture_write(const struct fixture *f, const char *name, const char *text)
{
	char path[256];
	FILE *o;

	fixture_path(f, name, path);
	if ((o = fopen(path, "w")) == NULL)
		return false;
	fputs(text, o);
	return fclose(o) == 0;
}

bool fixture_config(const struct fixture *f, unsigned uid)
{
	return fixture_config_logs(f, uid, "");
}

bool fixture_config_logs(const struct fixture *f, unsigned uid, const char *logs)
{
	char text[2 * CALLERS_MAX];

	snprintf(text, sizeof(text),
	    "{\"tenant\":\"demo\",\"socket\":\"run/k.sock\","
	    "\"store\":\"run/keyd/keyd.db\",\"log\":\"run/keyd/log\","
	    "\"root\":\"keys/root.json\",\"policy\":\"policy.json\","
	    "%s\"logs\":[%s],\"demo\":true}",
	    fixture_callers(uid), logs);
	return fixture_write(f, "keyd.json", text);
}

bool fixture_bin(char out[512])
{
	const char *dir = getenv("SCRIM_BIN");
	char self[256];
	ssize_t n;

	if (dir != NULL) {
		snprintf(out, 512, "%s/scrim-keyd", dir);
		return access(out, X_OK) == 0;
	}
	/* build/<variant>/unit/<layer>/test_x */
	if ((n = readlink("/proc/self/exe", self, sizeof(self) - 1)) <= 0)
		return false;
	self[n] = '\0';
	for (int up = 0; up < 3; up++) {
		char *slash = strrchr(self, '/');

		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	snprintf(out, 512, "%s/bin/scrim-keyd", self);
	return access(out, X_OK) == 0;
}

pid_t fixture_spawn(const struct fixture *f, const char *const args[])
{
	char log[256], config[256];
	const char *argv[8] = { f->bin, "--config", config };
	pid_t pid;
	int i, fd;

	fixture_path(f, "stderr", log);
	fixture_path(f, "keyd.json", config);
	for (i = 0; args[i] != NULL && i < 4; i++)
		argv[3 + i] = args[i];
	if ((pid = fork()) != 0)
		return pid;
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 2);
	if (f->before_exec != NULL)
		f->before_exec();
	execv(f->bin, (char *const *)(void *)argv);
	_exit(127);
}

/* Its exit status; -1 when a signal ended it. */
static int fixture_wait(pid_t pid)
{
	int st = 0;

	if (waitpid(pid, &st, 0) != pid)
		return -2;
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

int fixture_run(const struct fixture *f, const char *const args[])
{
	return fixture_wait(fixture_spawn(f, args));
}

bool fixture_said(const struct fixture *f, const char *text)
{
	char path[256], *all = NULL;
	size_t cap = 0;
	ssize_t n;
	bool found = false;
	FILE *in;

	fixture_path(f, "stderr", path);
	if ((in = fopen(path, "r")) == NULL)
		return false;
	n = getdelim(&all, &cap, '\0', in);
	if (n > 0)
		found = strstr(all, text) != NULL;
	free(all);
	fclose(in);
	return found;
}

bool fixture_turn_until(struct fixture *f, bool (*done)(void *), void *arg)
{
	uint64_t end = clock_mono_ms() + FIXTURE_WAIT_MS;

	while (!done(arg)) {
		if (clock_mono_ms() > end || loop_turn_once(f->loop, 20) != SC_OK)
			return false;
	}
	return true;
}

static bool fixture_is_ready(void *arg)
{
	return keyc_ready(((struct fixture *)arg)->kc);
}

bool fixture_start(struct fixture *f)
{
	static const char *const args[] = { "--demo", NULL };

	f->pid = fixture_spawn(f, args);
	return f->pid > 0 && fixture_turn_until(f, fixture_is_ready, f);
}

static bool fixture_is_lost(void *arg)
{
	return !keyc_ready(((struct fixture *)arg)->kc);
}

int fixture_stop(struct fixture *f, int sig)
{
	pid_t pid = f->pid;
	int status;

	f->pid = 0;
	if (pid <= 0)
		return -2;
	kill(pid, sig);
	status = fixture_wait(pid);
	return fixture_turn_until(f, fixture_is_lost, f) ? status : -3;
}

bool fixture_has_hash(void *arg)
{
	const struct fixture *f = arg;
	const uint8_t *hash = keyc_policy_hash(f->kc);

	return hash != NULL && memcmp(hash, f->policy_hash, 32) == 0;
}

bool fixture_reload(struct fixture *f, const char *text)
{
	hash_sha256(sc_span_str(text), f->policy_hash);
	return fixture_write(f, "policy.json", text) && kill(f->pid, SIGHUP) == 0 &&
	    fixture_turn_until(f, fixture_has_hash, f);
}

bool fixture_make(struct fixture *f)
{
	static const char *const args[] = { "--init", NULL };
	char address[300];

	memset(f, 0, sizeof(*f));
	snprintf(f->dir, sizeof(f->dir), "%.40s/scrim-test-XXXXXX",
	    getenv("FIXTURE_DIR") != NULL ? getenv("FIXTURE_DIR") : "/tmp");
	if (!fixture_bin(f->bin) || mkdtemp(f->dir) == NULL ||
	    !fixture_config(f, (unsigned)geteuid()) ||
	    !fixture_write(f, "policy.json", fixture_policy) || fixture_run(f, args) != 0)
		return false;
	hash_sha256(sc_span_str(fixture_policy), f->policy_hash);
	snprintf(address, sizeof(address), "unix:%s/run/k.sock", f->dir);
	return loop_new(&f->loop) == SC_OK &&
	    keyc_new(f->loop, address, a_name("scrimd"), &f->kc) == SC_OK;
}

void fixture_remove(struct fixture *f)
{
	char cmd[128];

	if (f->pid > 0)
		fixture_stop(f, SIGKILL);
	keyc_free(f->kc);
	loop_free(f->loop);
	if (strstr(f->dir, "/scrim-test-") != NULL) {
		snprintf(cmd, sizeof(cmd), "rm -rf '%s'", f->dir);
		if (getenv("SCRIM_KEEP") == NULL && system(cmd) != 0)
			printf("# could not remove %s\n", f->dir);
	}
}

struct asking fixture_context(const struct fixture *f, uint8_t role, uint8_t purpose, uint8_t op)
{
	char name[16];

	snprintf(name, sizeof(name), "test-%u", role);
	return (struct asking){ .tenant = a_name("demo"),
		.principal = a_name(name),
		.role = role,
		.purpose = purpose,
		.op = op,
		.recipient_role = role, /* of a share: with oneself */
		.recipient_purpose = purpose,
		.records = 1,
		.route = a_name("checkout"),
		.request_id = 7,
		.policy_hash = f->policy_hash };
}

static void answer_done(struct keyc_call *call, const struct keyc_reply *rep)
{
	struct answer *a = loop_owner(call, struct answer, call);
	size_t i;

	a->over = true;
	a->err = rep->err;
	a->record = rep->record;
	a->n = rep->n;
	a->n_subjects = rep->n_subjects;
	if (rep->n_subjects > 0)
		memcpy(a->subjects, rep->subjects, rep->n_subjects * 16);
	for (i = 0; i < rep->n && i < FIXTURE_RESULTS; i++) {
		const struct wire_result *r = &rep->results[i];

		a->r[i].status = r->status;
		a->r[i].action = r->action;
		a->r[i].class_id = r->class_id;
		a->r[i].kind = r->kind;
		a->r[i].len = r->value.n;
		if ((a->r[i].text = malloc(r->value.n + 1)) == NULL)
			abort();
		if (r->value.n > 0)
			memcpy(a->r[i].text, r->value.p, r->value.n);
		a->r[i].text[r->value.n] = '\0';
	}
}

struct answer *answer_new(void)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (a == NULL)
		abort();
	a->call.done = answer_done;
	a->err = SC_BUG;
	return a;
}

void answer_free(struct answer *a)
{
	size_t i;

	if (a == NULL)
		return;
	keyc_cancel(&a->call);
	for (i = 0; i < a->n && i < FIXTURE_RESULTS; i++)
		free(a->r[i].text);
	free(a);
}

bool answer_is_over(void *arg)
{
	return ((struct answer *)arg)->over;
}

struct answer *fixture_ask(struct fixture *f, ask_fn *ask, const struct asking *c,
    const struct keyc_item *items, size_t n)
{
	struct answer *a = answer_new();

	if ((a->err = ask(f->kc, &a->call, c, items, n)) == SC_OK &&
	    !fixture_turn_until(f, answer_is_over, a))
		a->err = SC_AGAIN;
	return a;
}

struct keyc_item item_of(uint8_t class_id, uint8_t flags, const char *subject, const char *value)
{
	struct keyc_item it = { .class_id = class_id,
		.flags = flags,
		.subject = sc_span_str(subject),
		.value = sc_span_str(value) };

	return it;
}

char *fixture_seal(struct fixture *f, uint8_t class_id, uint8_t flags, const char *subject,
    const char *value)
{
	struct asking c = fixture_context(f, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	struct keyc_item it = item_of(class_id, flags, subject, value);
	struct answer *a = fixture_ask(f, keyc_seal, &c, &it, 1);
	char *text = NULL;

	if (a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK)
		text = strdup(a->r[0].text);
	answer_free(a);
	return text;
}

struct answer *fixture_open(struct fixture *f, uint8_t role, uint8_t purpose, const char *token)
{
	struct asking c = fixture_context(f, role, purpose, POLICY_READ);
	struct keyc_item it = item_of(0, 0, NULL, token);

	return fixture_ask(f, keyc_open, &c, &it, 1);
}

bool fixture_opens_to(struct fixture *f, const char *token, const char *value)
{
	struct answer *a = fixture_open(f, ROLE_SHOP, FOR_ORDERS, token);
	bool ok = a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK &&
	    a->r[0].action == ACTION_REVEAL && strcmp(a->r[0].text, value) == 0;

	answer_free(a);
	return ok;
}

bool file_has(const char *path, const void *what, size_t n)
{
	FILE *in = fopen(path, "rb");
	char *all;
	size_t len = 0, got;
	bool found;

	if (in == NULL)
		return false;
	if ((all = malloc(64 << 20)) == NULL)
		abort();
	while ((got = fread(all + len, 1, ((size_t)64 << 20) - len, in)) > 0)
		len += got;
	fclose(in);
	found = memmem(all, len, what, n) != NULL;
	free(all);
	return found;
}
