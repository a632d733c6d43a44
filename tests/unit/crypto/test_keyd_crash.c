/*
 * test_keyd_crash.c - kill -9 while keyd is busy: what it answered stands.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"

#include "crypto/tlog/tile.h"

#define CALLS 32    /* under way at once */
#define ANSWERS 400 /* then it is killed */
#define KEPT 4000

static struct fixture fx;

struct slot {
	struct keyc_call call;
	uint64_t request_id;
	bool busy, opening;
	char subject[32], value[48];
	char token[160]; /* being opened */
};

static struct slot slots[CALLS];
static struct {
	char token[160], value[48];
} sealed[KEPT];
static struct {
	uint64_t request_id, record;
} opened[KEPT];
static size_t n_sealed, n_opened, n_lost, n_bad;
static uint64_t next_request = 1000001;

static void slot_done(struct keyc_call *call, const struct keyc_reply *rep)
{
	struct slot *s = loop_owner(call, struct slot, call);

	s->busy = false;
	if (rep->err == SC_AGAIN) {
		n_lost++;
		return;
	}
	if (rep->err != SC_OK || rep->n != 1 || rep->results[0].status != WIRE_OK) {
		n_bad++;
		return;
	}
	if (s->opening && n_opened < KEPT) {
		opened[n_opened].request_id = s->request_id;
		opened[n_opened++].record = rep->record;
		n_bad += !sc_span_is(rep->results[0].value, s->value);
	} else if (!s->opening && n_sealed < KEPT &&
	    rep->results[0].value.n < sizeof(sealed[0].token)) {
		memcpy(sealed[n_sealed].token, rep->results[0].value.p, rep->results[0].value.n);
		snprintf(sealed[n_sealed++].value, sizeof(s->value), "%s", s->value);
	}
}

/* Every second call opens a token that was answered before. */
static void slot_ask(struct slot *s)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_WRITE);
	struct keyc_item it;
	enum sc_err err;

	s->call.done = slot_done;
	s->request_id = c.request_id = next_request++;
	s->opening = n_sealed > 0 && s->request_id % 2 == 0;
	if (s->opening) {
		size_t i = s->request_id / 2 % n_sealed;

		snprintf(s->token, sizeof(s->token), "%s", sealed[i].token);
		snprintf(s->value, sizeof(s->value), "%s", sealed[i].value);
		c.op = POLICY_READ;
		it = item_of(0, 0, NULL, s->token);
		err = keyc_open(fx.kc, &s->call, &c, &it, 1);
	} else {
		snprintf(s->subject, sizeof(s->subject), "new-%llu",
		    (unsigned long long)s->request_id);
		snprintf(s->value, sizeof(s->value), "%llu Test Road",
		    (unsigned long long)s->request_id);
		it = item_of(CLASS_ADDRESS, 0, s->subject, s->value);
		err = keyc_seal(fx.kc, &s->call, &c, &it, 1);
	}
	s->busy = err == SC_OK;
	n_bad += err != SC_OK;
}

static bool none_busy(void *arg)
{
	size_t i;

	(void)arg;
	for (i = 0; i < CALLS; i++)
		if (slots[i].busy)
			return false;
	return true;
}

static void test_kill_under_load(void)
{
	uint64_t end = clock_mono_ms() + FIXTURE_WAIT_MS;
	size_t i, wrong = 0;

	while (n_sealed + n_opened < ANSWERS && clock_mono_ms() < end) {
		for (i = 0; i < CALLS; i++)
			if (!slots[i].busy)
				slot_ask(&slots[i]);
		CHECK(loop_turn_once(fx.loop, 20) == SC_OK);
	}
	for (i = 0; i < CALLS; i++)
		if (!slots[i].busy)
			slot_ask(&slots[i]);
	CHECK(fixture_stop(&fx, SIGKILL) == -1);
	CHECK(fixture_turn_until(&fx, none_busy, NULL));
	CHECK(n_sealed + n_opened >= ANSWERS);
	CHECK(n_lost > 0); /* calls under way ended, with SC_AGAIN */
	CHECK(n_bad == 0);
	printf("# %zu sealed, %zu opened, %zu lost\n", n_sealed, n_opened, n_lost);
	NEED(fixture_start(&fx));
	for (i = 0; i < n_sealed; i++)
		wrong += !fixture_opens_to(&fx, sealed[i].token, sealed[i].value);
	CHECK(wrong == 0);
}

/* The log's entries, from its tiles; stops when the tree ends. */
static bool entry_is_about(int dir, uint64_t index, uint64_t request_id)
{
	char decimal[32], hex[32], line[64] = "";
	struct sc_buf bundle;
	struct sc_span entry;
	struct sc_diag d;
	uint64_t size = 0;
	size_t at = 0, i;
	bool found = false;
	int fd = openat(dir, "checkpoint", O_RDONLY);
	ssize_t n;
	char text[512];

	if (fd < 0 || (n = read(fd, text, sizeof(text) - 1)) <= 0)
		return false;
	close(fd);
	text[n] = '\0';
	if (sscanf(text, "%63s", line) != 1)
		return false;
	size = strtoull(strchr(text, '\n') + 1, NULL, 10);
	if (index >= size)
		return false;
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	if (tile_read(dir, TILE_ENTRIES, index / TILE_WIDTH,
		tile_width(TILE_ENTRIES, index / TILE_WIDTH, size), &bundle, &d) != SC_OK)
		goto out;
	for (i = 0; i <= index % TILE_WIDTH; i++)
		if (!tile_entry_next(sc_buf_span(&bundle), &at, &entry))
			goto out;
	snprintf(decimal, sizeof(decimal), "%llu", (unsigned long long)request_id);
	snprintf(hex, sizeof(hex), "%llx", (unsigned long long)request_id);
	found = memmem(entry.p, entry.n, decimal, strlen(decimal)) != NULL ||
	    memmem(entry.p, entry.n, hex, strlen(hex)) != NULL;
out:
	sc_buf_fini(&bundle);
	return found;
}

static void test_openings_are_logged(void)
{
	char log[256];
	size_t i, missing = 0;
	int dir;

	CHECK(fixture_stop(&fx, SIGTERM) == 0); /* publishes everything */
	fixture_path(&fx, "run/keyd/log", log);
	NEED((dir = open(log, O_RDONLY | O_DIRECTORY)) >= 0);
	NEED(n_opened > 0);
	for (i = 0; i < n_opened; i++)
		missing += !entry_is_about(dir, opened[i].record, opened[i].request_id);
	CHECK(missing == 0);
	CHECK(!entry_is_about(dir, opened[0].record, 999999));
	close(dir);
}

/* The log's files are tampered with while keyd runs: it opens nothing more. */
static void test_log_fails(void)
{
	uint64_t end = clock_mono_ms() + FIXTURE_WAIT_MS;
	struct answer *a;
	char path[256], to[256], *t;
	enum sc_err err = SC_OK;
	int i;

	NEED(fixture_start(&fx));
	t = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann Example");
	NEED(t != NULL);
	CHECK(fixture_opens_to(&fx, t, "Ann Example"));
	fixture_path(&fx, "run/keyd/log/tile", path);
	fixture_path(&fx, "run/keyd/elsewhere", to);
	NEED(rename(path, to) == 0);
	while (err == SC_OK && clock_mono_ms() < end) {
		a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
		err = a->err;
		answer_free(a);
	}
	CHECK(err == SC_LIMIT);
	for (i = 0; i < 5; i++) {
		a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
		CHECK(a->err == SC_LIMIT && a->n == 0);
		answer_free(a);
	}
	free(t);
	t = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann Example");
	CHECK(t != NULL); /* what hides values goes on */
	free(t);
	fixture_stop(&fx, SIGTERM);
}

int main(void)
{
	if (!fixture_bin(fx.bin)) {
		tap_skip("scrim-keyd and kill -9", "scrim-keyd is not built");
		return tap_done();
	}
	if (!fixture_make(&fx) || !fixture_start(&fx)) {
		printf("Bail out! scrim-keyd does not start in %s\n", fx.dir);
		return 1;
	}
	RUN(test_kill_under_load, "after kill -9 under load every answered token opens");
	RUN(test_openings_are_logged,
	    "and every answered opening is in the log, at the index told");
	RUN(test_log_fails, "when the log is tampered with nothing is opened any more");
	fixture_remove(&fx);
	return tap_done();
}
