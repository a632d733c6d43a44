/*
 * test_viewd.c - a running scrim-viewd: what its feed takes, what an operator hears, and what
 * has gone after a snapshot.
 */
#include "unit/analytics/view_rig.h"

#include "base/clock.h"
#include "base/sandbox.h"
#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPOOL 0x5151515151515151u
#define ANN 0x1111111111111111u
#define BOB 0x2222222222222222u
#define PHONE 0x3333333333333333u

static struct view_rig r;
static struct feed_frame out[RIG_ANSWER_MAX];

static bool begin(const char *more)
{
	if (view_rig_make(&r, more) && view_rig_start(&r))
		return true;
	printf("# scrim-viewd does not start in %s\n", r.dir);
	return false;
}

static uint64_t now_ms(void)
{
	return clock_unix_ms();
}

static struct feed_frame event(uint64_t id, uint64_t person, uint64_t device)
{
	struct feed_frame f = { .type = FEED_EVENT };

	f.u.event = (struct feed_event){ .id = id,
		.person = person,
		.device = device,
		.at_ms = now_ms() - 60000,
		.late_s = 1,
		.shop = 1,
		.kind = FEED_PRODUCT,
		.channel = 1,
		.flags = FEED_VOUCHED };
	return f;
}

static struct feed_frame consent(uint64_t who, uint8_t kind, uint8_t word, uint64_t at_ms)
{
	struct feed_frame f = { .type = FEED_CONSENT };

	f.u.consent = (struct feed_consent){ who, at_ms, 1, kind, 1, word, true };
	return f;
}

static struct feed_frame verdict(uint64_t event_, uint8_t rule)
{
	struct feed_frame f = { .type = FEED_VERDICT };

	f.u.verdict = (struct feed_verdict){ .event = event_,
		.at_ms = now_ms(),
		.n = 30,
		.action = FEED_QUARANTINE,
		.scope = FEED_OF_EVENT,
		.rule = rule,
		.rule_version = 1 };
	return f;
}

static struct feed_frame snapshot(uint64_t number)
{
	struct feed_frame f = { .type = FEED_SNAPSHOT };

	f.u.snapshot = (struct feed_snapshot){ number, now_ms() };
	return f;
}

/* Feed N frames of the usual spool, from where it is. */
static bool feed(const struct feed_frame *v, size_t n)
{
	uint64_t next, after;
	int fd = view_rig_hello(&r, SPOOL, &next);
	bool ok = fd >= 0 && view_rig_batch(fd, next, v, n, &after) && after == next + n;

	if (fd >= 0)
		close(fd);
	return ok;
}

static int ask(uint8_t question, uint64_t event_, uint8_t rule, uint8_t because, size_t *n)
{
	const struct feed_ask a = { .event = event_,
		.max = 3,
		.question = question,
		.rule = rule,
		.because = because };

	return view_rig_ask(&r, &a, out, n);
}

/* ---- the feed ---- */

static void test_feed(void)
{
	struct feed_frame v[3] = { event(1, ANN, 0), event(2, BOB, 0), event(1, ANN, 0) };
	uint64_t next = 9, after = 9;
	int a, b;

	NEED(begin(""));
	NEED((a = view_rig_hello(&r, SPOOL, &next)) >= 0);
	CHECK(next == 0);
	CHECK(view_rig_batch(a, 0, v, 3, &after) && after == 3);
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 2);
	CHECK(view_rig_tally(&r, FEED_N_DUPLICATES, 0, 0) == 1);
	CHECK(view_rig_tally(&r, FEED_N_REFUSED, FEED_SAME_ID, FEED_PRODUCT) == 1);
	CHECK(view_rig_tally(&r, FEED_N_BYTES, 0, 0) == 4 * FEED_FRAME_BYTES);
	/* what is sent again is passed over */
	CHECK(view_rig_batch(a, 1, v, 3, &after) && after == 4);
	CHECK(view_rig_tally(&r, FEED_N_DUPLICATES, 0, 0) == 2);
	/* another gateway beside it */
	NEED((b = view_rig_hello(&r, SPOOL + 1, &next)) >= 0);
	CHECK(next == 0);
	v[0].u.event.id = 3;
	CHECK(view_rig_batch(b, 0, v, 1, &after) && after == 1);
	CHECK(view_rig_batch(a, 4, v, 1, &after) && after == 5);
	close(b);
	/* the same spool again: the one before is gone */
	NEED((b = view_rig_hello(&r, SPOOL, &next)) >= 0);
	CHECK(next == 5 && view_rig_receive(a, out, 1) == 0);
	close(a);
	close(b);
	/* after a restart all is as it was */
	CHECK(view_rig_stop(&r, SIGKILL) == -SIGKILL && view_rig_start(&r));
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 3);
	CHECK(view_rig_tally(&r, FEED_N_DUPLICATES, 0, 0) == 3);
	NEED((a = view_rig_hello(&r, SPOOL, &next)) >= 0);
	CHECK(next == 5);
	close(a);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	CHECK(view_rig_run(&r, "--check", NULL) == 0);
	view_rig_remove(&r);
}

/* What is sent as the first, or (BEHIND) after a HELLO. */
static bool is_dropped(const void *p, size_t n, bool behind)
{
	uint64_t next;
	int fd = behind ? view_rig_hello(&r, SPOOL, &next) : view_rig_connect(&r, "run/feed.sock");
	struct feed_frame f;
	bool gone;

	if (fd < 0)
		return false;
	(void)send(fd, p, n, MSG_NOSIGNAL);
	gone = view_rig_receive(fd, &f, 1) == 0;
	close(fd);
	return gone;
}

static size_t bytes_of(const struct feed_frame *v, size_t n, uint8_t *raw)
{
	for (size_t i = 0; i < n; i++)
		if (feed_encode(&v[i], raw + i * FEED_FRAME_BYTES) != SC_OK)
			abort();
	return n * FEED_FRAME_BYTES;
}

static void test_garbage(void)
{
	static uint8_t raw[(FEED_PACKET_FRAMES + 1) * FEED_FRAME_BYTES];
	const struct feed_frame hello = { .type = FEED_HELLO, .u.hello = { SPOOL } };
	struct feed_frame v[3] = { { .type = FEED_BATCH, .u.batch = { 0, 1 } }, event(1, ANN, 0),
		event(2, ANN, 0) };
	static struct feed_frame many[FEED_PACKET_FRAMES + 1];
	uint64_t next, after;
	int honest;
	size_t n;

	NEED(begin(""));
	NEED((honest = view_rig_hello(&r, SPOOL + 5, &next)) >= 0);
	/* before HELLO */
	CHECK(is_dropped("ann@example.com", 15, false));
	n = bytes_of(v, 2, raw);
	CHECK(is_dropped(raw, n, false));
	n = bytes_of(&hello, 1, raw);
	CHECK(is_dropped(raw, n - 1, false));
	CHECK(is_dropped(raw, n + 64, false));
	raw[5] ^= 1;
	CHECK(is_dropped(raw, n, false));
	/* behind it */
	CHECK(is_dropped("ann@example.com", 15, true));
	n = bytes_of(&hello, 1, raw);
	CHECK(is_dropped(raw, n, true));
	n = bytes_of(v, 3, raw); /* one more than BATCH says */
	CHECK(is_dropped(raw, n, true));
	CHECK(is_dropped(raw, FEED_FRAME_BYTES, true)); /* one less */
	CHECK(is_dropped(raw, 2 * FEED_FRAME_BYTES - 1, true));
	raw[FEED_FRAME_BYTES + 9] ^= 1;
	CHECK(is_dropped(raw, 2 * FEED_FRAME_BYTES, true));
	n = bytes_of(v + 1, 2, raw);
	CHECK(is_dropped(raw, n, true));
	v[0].u.batch.first = 1;
	n = bytes_of(v, 2, raw);
	CHECK(is_dropped(raw, n, true)); /* a gap */
	v[0].u.batch.first = 0;
	v[1] = (struct feed_frame){ .type = FEED_COMMIT, .u.commit = { SPOOL + 7, 99 } };
	n = bytes_of(v, 2, raw);
	CHECK(is_dropped(raw, n, true));
	v[1] = (struct feed_frame){ .type = FEED_ASK, .u.ask = { .question = FEED_STATUS } };
	n = bytes_of(v, 2, raw);
	CHECK(is_dropped(raw, n, true));
	/* as many as there may be, and one more */
	many[0] =
	    (struct feed_frame){ .type = FEED_BATCH, .u.batch = { 0, FEED_PACKET_FRAMES - 1 } };
	for (size_t i = 1; i <= FEED_PACKET_FRAMES; i++)
		many[i] = event(100 + i, ANN, 0);
	n = bytes_of(many, FEED_PACKET_FRAMES + 1, raw);
	CHECK(is_dropped(raw, n, true));
	CHECK(view_rig_batch(honest, 0, many + 1, FEED_PACKET_FRAMES - 1, &after));
	CHECK(after == FEED_PACKET_FRAMES - 1);
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == FEED_PACKET_FRAMES - 1);
	CHECK(view_rig_said(&r, "feed.dropped"));
	close(honest);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

static void test_operators_word(void)
{
	struct feed_frame v[2] = { event(1, ANN, 0), verdict(1, FEED_FOCUS) };
	uint64_t next, after;
	int fd;

	NEED(begin("") && feed(v, 2));
	for (uint8_t action = FEED_QUARANTINE; action <= FEED_CONDEMN; action++)
		for (uint8_t scope = FEED_OF_EVENT; scope <= FEED_OF_RULE; scope++) {
			struct feed_frame forged = verdict(1, FEED_FOCUS);
			bool gateways = action == FEED_QUARANTINE && scope == FEED_OF_EVENT;

			forged.u.verdict.action = action;
			forged.u.verdict.scope = scope;
			forged.u.verdict.because = gateways ? 0 : FEED_MISTAKE;
			NEED((fd = view_rig_hello(&r, SPOOL, &next)) >= 0);
			/* nor among others, which go with it */
			v[0] = event(10, BOB, 0);
			v[1] = forged;
			CHECK(view_rig_batch(fd, next, v, 2, &after) == gateways);
			close(fd);
		}
	CHECK(view_rig_tally(&r, FEED_N_RELEASED, FEED_FOCUS, 0) == 0);
	CHECK(view_rig_tally(&r, FEED_N_CONDEMNED, FEED_FOCUS, 0) == 0);
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 2);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

/* Is TEXT in its writable memory? Also when that cannot be read here. */
static bool memory_has(const char *text)
{
	char path[64], line[512];
	unsigned long from, to;
	bool has = false;
	FILE *maps;
	int mem;
	char w;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)r.pid);
	mem = open(path, O_RDONLY);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)r.pid);
	if (mem < 0 || (maps = fopen(path, "r")) == NULL)
		return true;
	while (fgets(line, sizeof(line), maps) != NULL) {
		uint8_t *bytes;
		ssize_t got;

		if (sscanf(line, "%lx-%lx r%c", &from, &to, &w) != 3 || w != 'w' ||
		    to - from > ((unsigned long)256 << 20) || (bytes = malloc(to - from)) == NULL)
			continue;
		got = pread(mem, bytes, to - from, (off_t)from);
		has |= got > 0 && memmem(bytes, (size_t)got, text, strlen(text)) != NULL;
		free(bytes);
	}
	fclose(maps);
	close(mem);
	return has;
}

/* Texts of people can be sent to both sockets: they are kept nowhere. */
static void test_marker(void)
{
	static char long_text[200], longer[FEED_PACKET_FRAMES * FEED_FRAME_BYTES];
	const char *const marker = "Ann Example, 1 Test Street";
	char cmd[256];
	int fd;

	for (size_t i = 0; i + strlen(marker) < sizeof(longer); i += strlen(marker))
		memcpy(longer + i, marker, strlen(marker));
	memcpy(long_text, longer, sizeof(long_text));
	NEED(begin(""));
	if (!SANDBOX_SANITIZED && geteuid() == 0)
		CHECK(memory_has(r.dir)); /* the search finds what is there */
	for (int behind = 0; behind < 2; behind++) {
		CHECK(is_dropped(marker, strlen(marker), behind == 1));
		CHECK(is_dropped(long_text, 64, behind == 1));
		CHECK(is_dropped(long_text, 128, behind == 1));
		CHECK(is_dropped(longer, sizeof(longer), behind == 1));
	}
	for (size_t size = 26; size < 200; size += 38) {
		NEED((fd = view_rig_connect(&r, "run/ask.sock")) >= 0);
		CHECK(send(fd, long_text, size, MSG_NOSIGNAL) == (ssize_t)size);
		CHECK(view_rig_receive(fd, out, 1) == 0);
		close(fd);
	}
	if (!SANDBOX_SANITIZED && geteuid() == 0)
		CHECK(!memory_has("Ann Example") && !memory_has("Test Street"));
	snprintf(cmd, sizeof(cmd), "grep -rqa 'Test Street' '%s'", r.dir);
	CHECK(system(cmd) != 0);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	CHECK(system(cmd) != 0);
	view_rig_remove(&r);
}

/* Those who connect and say nothing, or do not read, take nobody's place for long. */
static void test_stalling(void)
{
	struct feed_frame v[2] = { { .type = FEED_BATCH, .u.batch = { 0, 1 } }, event(1, ANN, 0) };
	uint64_t next, after;
	int idle[20], deaf, honest;
	size_t sent = 0;

	NEED(begin(""));
	for (int i = 0; i < 20; i++)
		idle[i] = view_rig_connect(&r, "run/feed.sock");
	NEED((deaf = view_rig_hello(&r, SPOOL, &next)) >= 0);
	(void)fcntl(deaf, F_SETFL, O_NONBLOCK);
	while (sent < 100000 && view_rig_send(deaf, v, 2))
		sent++;
	CHECK(sent < 100000); /* it is not read any more: its answers wait */
	NEED((honest = view_rig_hello(&r, SPOOL + 1, &next)) >= 0);
	v[1].u.event.id = 2;
	CHECK(view_rig_batch(honest, 0, v + 1, 1, &after) && after == 1);
	/* when it reads it is heard again */
	for (size_t i = 0; i < sent; i++)
		if (view_rig_receive(deaf, out, 1) != 1 || out[0].type != FEED_AT ||
		    out[0].u.at.next != 1) {
			CHECK(false);
			break;
		}
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 2);
	for (int i = 0; i < 20; i++)
		close(idle[i]);
	close(deaf);
	close(honest);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

static void test_who_may(void)
{
	uint64_t next;
	size_t n;
	int fd;

	NEED(begin(", \"peers\": [{ \"uid\": 65533 }], \"operators\": [{ \"uid\": 65533 }]"));
	CHECK((fd = view_rig_hello(&r, SPOOL, &next)) < 0);
	CHECK(ask(FEED_STATUS, 0, 0, 0, &n) == SC_AUTH && n == 0);
	CHECK(view_rig_said(&r, "feed.refused") && view_rig_said(&r, "operator.refused"));
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

/* ---- an operator ---- */

static void test_why(void)
{
	const struct feed_frame v[6] = { event(1, ANN, 0), verdict(1, FEED_FOCUS), event(2, ANN, 0),
		verdict(2, FEED_FOCUS), verdict(2, FEED_CADENCE), event(3, ANN, 0) };
	size_t n;

	NEED(begin(""));
	CHECK(feed(v, 6));
	CHECK(ask(FEED_WHY_EVENT, 2, 0, 0, &n) == SC_OK && n == 3);
	CHECK(out[0].type == FEED_EVENT && out[0].u.event.id == 2);
	CHECK(out[1].u.verdict.rule == FEED_FOCUS && out[2].u.verdict.rule == FEED_CADENCE);
	CHECK(ask(FEED_WHY_EVENT, 99, 0, 0, &n) == SC_OK && n == 0);
	CHECK(ask(FEED_WHY_RULE, 0, FEED_FOCUS, 0, &n) == SC_OK && n == 3);
	CHECK(out[0].type == FEED_VERDICT && out[0].u.verdict.event == 2);
	CHECK(out[1].type == FEED_VERDICT && out[1].u.verdict.event == 1);
	CHECK(out[2].type == FEED_TALLY && out[2].u.tally.of == FEED_N_QUARANTINED &&
	    out[2].u.tally.a == FEED_FOCUS && out[2].u.tally.value == 2);
	CHECK(ask(FEED_WHY_RULE, 0, FEED_RING, 0, &n) == SC_OK && n == 0);
	/* an operator's word: a reason, and something that is there */
	CHECK(ask(FEED_DO_RELEASE, 2, 0, 0, &n) == SC_SYNTAX && n == 0);
	CHECK(ask(FEED_DO_RELEASE, 0, 0, FEED_MISTAKE, &n) == SC_SYNTAX && n == 0);
	CHECK(ask(FEED_DO_RELEASE, 99, 0, FEED_MISTAKE, &n) == SC_STALE && n == 0);
	CHECK(ask(FEED_DO_RELEASE, 2, FEED_RING, FEED_MISTAKE, &n) == SC_OK && n == 1);
	CHECK(out[0].u.tally.of == FEED_N_RELEASED && out[0].u.tally.a == FEED_CADENCE &&
	    out[0].u.tally.value == 1); /* the first rule that set it aside */
	CHECK(ask(FEED_DO_CONDEMN, 3, 0, FEED_ATTACK, &n) == SC_OK && n == 1);
	CHECK(out[0].u.tally.of == FEED_N_CONDEMNED && out[0].u.tally.a == FEED_NO_RULE &&
	    out[0].u.tally.value == 1);
	CHECK(ask(FEED_DO_RELEASE, 0, FEED_FOCUS, FEED_KNOWN_PARTNER, &n) == SC_OK && n == 1);
	CHECK(out[0].u.tally.a == FEED_FOCUS && out[0].u.tally.value == 2);
	CHECK(view_rig_tally(&r, FEED_N_RELEASED, FEED_CADENCE, 0) == 1);
	CHECK(view_rig_tally(&r, FEED_N_CONDEMNED, 0, 0) == 1);
	CHECK(view_rig_stop(&r, SIGKILL) == -SIGKILL && view_rig_start(&r));
	CHECK(ask(FEED_WHY_EVENT, 2, 0, 0, &n) == SC_OK && n == 4);
	CHECK(out[3].u.verdict.action == FEED_RELEASE && out[3].u.verdict.event == 2);
	CHECK(out[3].u.verdict.scope == FEED_OF_EVENT && out[3].u.verdict.rule == FEED_CADENCE);
	CHECK(
	    out[3].u.verdict.operator_uid == geteuid() && out[3].u.verdict.because == FEED_MISTAKE);
	CHECK(ask(FEED_WHY_RULE, 0, FEED_FOCUS, 0, &n) == SC_OK && n == 4);
	CHECK(out[0].u.verdict.action == FEED_RELEASE && out[0].u.verdict.event == 0 &&
	    out[0].u.verdict.scope == FEED_OF_RULE);
	CHECK(out[0].u.verdict.because == FEED_KNOWN_PARTNER && out[1].u.verdict.event == 2);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

static void test_bad_questions(void)
{
	const struct feed_frame hello = { .type = FEED_HELLO, .u.hello = { SPOOL } };
	struct feed_frame two[2] = { { .type = FEED_ASK, .u.ask = { .question = FEED_STATUS } } };
	size_t n;
	int fd;

	NEED(begin(""));
	two[1] = two[0];
	NEED((fd = view_rig_connect(&r, "run/ask.sock")) >= 0);
	CHECK(view_rig_send(fd, &hello, 1) && view_rig_receive(fd, out, 9) == 0);
	close(fd);
	NEED((fd = view_rig_connect(&r, "run/ask.sock")) >= 0);
	CHECK(view_rig_send(fd, two, 2) && view_rig_receive(fd, out, 9) == 0);
	close(fd);
	NEED((fd = view_rig_connect(&r, "run/ask.sock")) >= 0);
	CHECK(send(fd, "status", 6, 0) == 6 && view_rig_receive(fd, out, 9) == 0);
	close(fd);
	CHECK(ask(FEED_STATUS, 0, 0, 0, &n) == SC_OK && n >= 10);
	CHECK(view_rig_said(&r, "operator.dropped"));
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

/* ---- snapshots ---- */

static bool folder_has(uint64_t v)
{
	static uint8_t all[1 << 22];
	uint8_t bytes[8];
	bool found = false;
	struct dirent *e;
	DIR *d = opendir(view_rig_path(&r, "data/view"));

	for (size_t i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(v >> (56 - 8 * i));
	while (d != NULL && (e = readdir(d)) != NULL) {
		char name[300];
		ssize_t got;
		int fd;

		snprintf(name, sizeof(name), "data/view/%s", e->d_name);
		fd = open(view_rig_path(&r, name), O_RDONLY);
		got = fd < 0 ? 0 : read(fd, all, sizeof(all));
		found |= got > 0 && memmem(all, (size_t)got, bytes, 8) != NULL;
		if (fd >= 0)
			close(fd);
	}
	if (d != NULL)
		closedir(d);
	return found;
}

static bool has_file(const char *name)
{
	return access(view_rig_path(&r, name), F_OK) == 0;
}

static void test_snapshot(void)
{
	struct feed_frame v[8] = { consent(ANN, FEED_PERSON, FEED_GRANT, now_ms() - 90000),
		consent(BOB, FEED_PERSON, FEED_GRANT, now_ms() - 90000), event(1, ANN, 0),
		event(2, BOB, 0), event(3, 0, PHONE), snapshot(1) };
	uint64_t digest;
	size_t n;

	NEED(begin(""));
	CHECK(feed(v, 6));
	CHECK(view_rig_await(&r, FEED_N_SNAPSHOT, 1));
	CHECK(view_rig_tally(&r, FEED_N_PEOPLE, 0, 0) == 2);
	CHECK(view_rig_tally(&r, FEED_N_SNAPSHOT_AT, 0, 0) == v[5].u.snapshot.at_ms);
	CHECK((digest = view_rig_tally(&r, FEED_N_DIGEST, 0, 0)) != 0);
	CHECK(has_file("data/view/features-1") && folder_has(BOB));
	/* what was told since, and what was before, are one count */
	v[0] = event(4, ANN, 0);
	CHECK(feed(v, 1));
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 4);
	/* he withdraws, and comes back after it */
	v[0] = consent(BOB, FEED_PERSON, FEED_WITHDRAW, now_ms());
	v[1] = snapshot(2);
	CHECK(feed(v, 2));
	CHECK(view_rig_await(&r, FEED_N_SNAPSHOT, 2));
	CHECK(view_rig_tally(&r, FEED_N_PEOPLE, 0, 0) == 1);
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 3);
	CHECK(ask(FEED_WHY_EVENT, 2, 0, 0, &n) == SC_OK && n == 0);
	CHECK(has_file("data/view/features-1") && has_file("data/view/features-2"));
	CHECK(view_rig_tally(&r, FEED_N_DIGEST, 0, 0) != digest);
	/* she is erased: of her nothing is left but in the features of before */
	v[0] = (struct feed_frame){ .type = FEED_ERASE, .u.erase = { ANN, FEED_PERSON } };
	v[1] = (struct feed_frame){ .type = FEED_ERASE, .u.erase = { BOB, FEED_PERSON } };
	v[2] = snapshot(3);
	v[3] = snapshot(4);
	CHECK(feed(v, 3) && view_rig_await(&r, FEED_N_SNAPSHOT, 3));
	CHECK(feed(v + 3, 1) && view_rig_await(&r, FEED_N_SNAPSHOT, 4));
	CHECK(!folder_has(ANN) && !folder_has(BOB) && folder_has(PHONE));
	CHECK(view_rig_tally(&r, FEED_N_PEOPLE, 0, 0) == 0);
	CHECK(view_rig_tally(&r, FEED_N_ERASED, 0, 0) == 2);
	CHECK(!has_file("data/view/features-2") && has_file("data/view/features-3") &&
	    has_file("data/view/features-4"));
	/* her event is not taken again, whoever sends it */
	v[0] = event(1, ANN, 0);
	CHECK(feed(v, 1) && view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 1);
	CHECK(view_rig_stop(&r, SIGTERM) == 0 && view_rig_start(&r));
	CHECK(view_rig_tally(&r, FEED_N_SNAPSHOT, 0, 0) == 4);
	CHECK(view_rig_tally(&r, FEED_N_ERASED, 0, 0) == 2);
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 1);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	CHECK(view_rig_run(&r, "--check", NULL) == 0);
	view_rig_remove(&r);
}

/* A snapshot that was asked for and not made is made at the next start. */
static void test_unmade_snapshot(void)
{
	const struct feed_frame v[3] = { consent(ANN, FEED_PERSON, FEED_GRANT, now_ms() - 90000),
		event(1, ANN, 0), snapshot(7) };

	NEED(begin(""));
	CHECK(feed(v, 3));
	CHECK(view_rig_await(&r, FEED_N_SNAPSHOT, 7));
	CHECK(view_rig_stop(&r, SIGKILL) == -SIGKILL);
	CHECK(unlink(view_rig_path(&r, "data/view/snapshot.json")) == 0);
	CHECK(unlink(view_rig_path(&r, "data/view/features-7")) == 0);
	NEED(view_rig_start(&r));
	CHECK(view_rig_await(&r, FEED_N_SNAPSHOT, 7));
	CHECK(view_rig_tally(&r, FEED_N_PEOPLE, 0, 0) == 1 && has_file("data/view/features-7"));
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

static void test_rebuild(void)
{
	struct feed_frame v[4] = { consent(ANN, FEED_PERSON, FEED_GRANT, now_ms() - 90000),
		event(1, ANN, 0), event(2, ANN, 0), snapshot(5) };
	uint64_t digest, at;
	size_t n;

	NEED(begin(""));
	CHECK(ask(FEED_DO_REBUILD, 0, 0, 0, &n) == SC_OK);
	CHECK(n == 6 && out[0].u.tally.of == FEED_N_PEOPLE && out[0].u.tally.value == 0);
	CHECK(feed(v, 4) && view_rig_await(&r, FEED_N_SNAPSHOT, 5));
	digest = view_rig_tally(&r, FEED_N_DIGEST, 0, 0);
	at = view_rig_tally(&r, FEED_N_SNAPSHOT_AT, 0, 0);
	CHECK(ask(FEED_DO_REBUILD, 0, 0, 0, &n) == SC_OK && n == 6);
	/* the same snapshot, to the byte */
	CHECK(digest != 0 && view_rig_tally(&r, FEED_N_DIGEST, 0, 0) == digest);
	CHECK(view_rig_tally(&r, FEED_N_SNAPSHOT_AT, 0, 0) == at);
	CHECK(out[0].u.tally.value == 1 && out[3].u.tally.of == FEED_N_SNAPSHOT &&
	    out[3].u.tally.value == 5);
	CHECK(has_file("data/view/features-5") && has_file("data/view/features-0"));
	v[0] = event(3, ANN, 0);
	CHECK(feed(v, 1) && ask(FEED_DO_REBUILD, 0, 0, 0, &n) == SC_OK);
	CHECK(n == 6 && out[5].u.tally.value != digest);
	CHECK(view_rig_tally(&r, FEED_N_SNAPSHOT_AT, 0, 0) == v[3].u.snapshot.at_ms);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

/* So many that sorting them asks how much memory the machine has, which the sandbox must bear. */
static void test_many(void)
{
	static struct feed_frame v[3 * 300 + 1];
	size_t n = 0;

	for (uint64_t i = 1; i <= 300; i++) {
		v[n++] = consent(1000 + i, FEED_PERSON, FEED_GRANT, now_ms() - 90000);
		v[n++] = event(i, 1000 + i, 0);
		v[n++] = verdict(i, FEED_FOCUS);
	}
	v[n++] = snapshot(1);
	NEED(begin(""));
	CHECK(feed(v, n) && view_rig_await(&r, FEED_N_SNAPSHOT, 1));
	CHECK(view_rig_tally(&r, FEED_N_QUARANTINED, FEED_FOCUS, 0) == 300);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

static void test_drop(void)
{
	const struct feed_frame v[8] = { event(1, ANN, 0), verdict(1, FEED_FOCUS), event(2, ANN, 0),
		verdict(2, FEED_CADENCE), event(3, ANN, 0), verdict(3, FEED_RING), event(4, ANN, 0),
		verdict(4, FEED_RING) };
	size_t n;

	NEED(begin(""));
	CHECK(feed(v, 8));
	CHECK(ask(FEED_DO_DROP, 99, 0, 0, &n) == SC_STALE);
	CHECK(ask(FEED_DO_RELEASE, 4, 0, FEED_MISTAKE, &n) == SC_OK);
	CHECK(ask(FEED_DO_DROP, 1, 0, 0, &n) == SC_OK && n == 1 && out[0].u.tally.value == 1);
	CHECK(ask(FEED_WHY_EVENT, 1, 0, 0, &n) == SC_OK && n == 0);
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 3);
	CHECK(view_rig_tally(&r, FEED_N_QUARANTINED, FEED_FOCUS, 0) == 0);
	/* of a rule: what was released stays */
	CHECK(ask(FEED_DO_DROP, 0, FEED_RING, 0, &n) == SC_OK && n == 1);
	CHECK(out[0].u.tally.value == 1 && out[0].u.tally.a == FEED_RING);
	CHECK(ask(FEED_WHY_EVENT, 3, 0, 0, &n) == SC_OK && n == 0);
	CHECK(ask(FEED_WHY_EVENT, 4, 0, 0, &n) == SC_OK && n == 3);
	CHECK(ask(FEED_WHY_EVENT, 2, 0, 0, &n) == SC_OK && n == 2);
	CHECK(ask(FEED_DO_DROP, 0, 0, 0, &n) == SC_OK && n == 1 && out[0].u.tally.value == 1);
	CHECK(ask(FEED_DO_DROP, 0, 0, 0, &n) == SC_OK && n == 1 && out[0].u.tally.value == 0);
	CHECK(ask(FEED_WHY_EVENT, 2, 0, 0, &n) == SC_OK && n == 0);
	CHECK(view_rig_tally(&r, FEED_N_EVENTS, FEED_PRODUCT, 0) == 1);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	CHECK(view_rig_run(&r, "--check", NULL) == 0);
	view_rig_remove(&r);
}

/* ---- the process ---- */

static long status_of(const char *key)
{
	char path[64], line[256];
	long v = -1;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)r.pid);
	if ((in = fopen(path, "r")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':')
			v = strtol(line + strlen(key) + 1, NULL, 10);
	fclose(in);
	return v;
}

static void test_confined(void)
{
	char path[64];
	struct stat st;

	if (SANDBOX_SANITIZED)
		return;
	NEED(begin(""));
	CHECK(status_of("Seccomp") == 2 && status_of("NoNewPrivs") == 1);
	CHECK(view_rig_said(&r, "sandbox.landlock") || view_rig_said(&r, "sandbox.no_landlock"));
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)r.pid);
	CHECK(stat(path, &st) == 0 && st.st_uid == 0);
	CHECK(stat(view_rig_path(&r, "run/feed.sock"), &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(stat(view_rig_path(&r, "data/view"), &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK(stat(view_rig_path(&r, "data/view/manifest.json"), &st) == 0 &&
	    (st.st_mode & 0777) == 0600);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	CHECK(!has_file("run/feed.sock") && !has_file("run/ask.sock"));
	view_rig_remove(&r);
}

static void test_usage(void)
{
	NEED(view_rig_make(&r, ""));
	CHECK(view_rig_run(&r, "--version", NULL) == 0 && view_rig_said(&r, "scrim-viewd "));
	CHECK(view_rig_run(&r, "--help", NULL) == 0 && view_rig_said(&r, "usage: scrim-viewd"));
	CHECK(view_rig_run(&r, "--nonsense", NULL) == 2 && view_rig_run(&r, "more", NULL) == 2);
	CHECK(view_rig_write(&r, "viewd.json", "{ \"tenant\": \"demo\" }"));
	CHECK(view_rig_run(&r, NULL, NULL) == 1 && view_rig_said(&r, "\"feed\""));
	view_rig_remove(&r);
	NEED(view_rig_make(&r, ", \"purpose\": \"nonsense\""));
	CHECK(view_rig_run(&r, NULL, NULL) == 1 && view_rig_said(&r, "nonsense"));
	view_rig_remove(&r);
	NEED(begin(""));
	CHECK(view_rig_run(&r, NULL, NULL) == 1 && view_rig_said(&r, "another process"));
	CHECK(view_rig_tally(&r, FEED_N_BYTES, 0, 0) == 0); /* the first one goes on */
	CHECK(view_rig_connect(&r, "run/feed.sock") >= 0);
	CHECK(view_rig_stop(&r, SIGTERM) == 0);
	view_rig_remove(&r);
}

int main(void)
{
	RUN(test_feed, "what a gateway hands over is kept once, and known after a kill");
	RUN(test_garbage, "whoever sends anything else is dropped, and the others are not");
	RUN(test_operators_word, "no gateway says what an operator alone may");
	RUN(test_marker, "a text that is sent to either socket is kept in no file and no memory");
	RUN(test_stalling, "who says nothing or does not read holds nobody up");
	RUN(test_who_may, "the kernel's word says who may feed and who may ask");
	RUN(test_why, "an operator hears why, and releases and condemns under their own name");
	RUN(test_bad_questions, "what is no question is not answered");
	RUN(test_snapshot, "who withdrew or was erased is in no file behind the next snapshots");
	RUN(test_unmade_snapshot, "a snapshot that was not made is made at the next start");
	RUN(test_many, "a snapshot of hundreds of people is made in the sandbox");
	RUN(test_rebuild, "features are made anew when an operator asks");
	RUN(test_drop, "what is set aside is dropped: one, a rule's, all; never what was released");
	RUN(test_confined, "no other call, no tracing, no other files");
	RUN(test_usage, "wrong usage, a wrong file and a second one end with a word");
	return tap_done();
}
