/*
 * test_keylog.c - what stands in keyd's log after each thing it is told of,
 * read back from the log's own files.
 */
#include "tap.h"

#include "base/clock.h"
#include "crypto/keyd/keylog.h"
#include "crypto/keyd/turned_away.h"
#include "crypto/rows/tables.h"
#include "crypto/tlog/tile.h"

#include <fcntl.h>
#include <unistd.h>

static char dir[64];
static struct loop *loop;
static struct tlog *tlog;
static struct keylog *kl;
static struct policy *policy;
static struct sc_buf bundle;
static struct store *store;
static struct keyring *kr;

static const struct sc_name tenant = { "demo" }, shop = { "shop-1" }, route = { "checkout" },
			    carrier = { "carrier-1" };
static const struct policy_reason reason = { "parcel lost" }, ticket = { "T-1" };
static const uint8_t hash[32] = { 0xab };

static const char policy_one[] =
    "{ \"scrim_policy\": 1, \"version\": \"t1\",\n"
    "  \"classes\": { \"loyalty_no\": { \"id\": 64, \"tier\": \"T1\" } },\n"
    "  \"roles\": { \"shop\": { \"max_tier\": \"T3\", \"group\": \"use\", \"stores\": true, \"indexes_per_day\": 100000 },\n"
    "             \"courier\": { \"max_tier\": \"T3\", \"group\": \"use\" } },\n"
    "  \"purposes\": [\"orders\", \"delivery\"],\n"
    "  \"rules\": [ { \"id\": \"seal\", \"role\": [\"shop\"], \"purpose\": [\"orders\"],"
    " \"class\": \"*\", \"op\": \"write\", \"effect\": \"tokenise\" } ] }\n";

static struct asking who(void)
{
	const struct asking w = { .principal = &shop,
		.records = 2,
		.route = &route,
		.request_id = 0x1234,
		.op = POLICY_READ };

	return w;
}

static bool wait_published(void)
{
	uint64_t end = clock_mono_ms() + 10000;
	struct tlog_status s;

	do {
		if (loop_turn_once(loop, 5) != SC_OK)
			return false;
		tlog_status(tlog, &s);
	} while (s.published < s.next && clock_mono_ms() < end);
	return s.published == s.next;
}

/* Entry INDEX, NUL-ended; NULL when there is none. */
static const char *entry(uint64_t index)
{
	static char text[AUDIT_RECORD_MAX + 1];
	struct sc_diag d = { .text = "" };
	struct sc_span e;
	struct tlog_status s;
	char path[80];
	size_t at = 0;
	int fd;

	if (!wait_published())
		return NULL;
	tlog_status(tlog, &s);
	snprintf(path, sizeof(path), "%s/log", dir);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	sc_buf_clear(&bundle);
	if (fd < 0 ||
	    tile_read(fd, TILE_ENTRIES, index / 256,
		tile_width(TILE_ENTRIES, index / 256, s.published), &bundle, &d) != SC_OK)
		return NULL;
	close(fd);
	for (uint64_t i = index / 256 * 256; tile_entry_next(sc_buf_span(&bundle), &at, &e); i++)
		if (i == index) {
			memcpy(text, e.p, e.n);
			text[e.n] = '\0';
			return text;
		}
	return NULL;
}

#define HAS(index, part) \
	do { \
		const char *e_ = entry(index); \
		CHECK(e_ != NULL && strstr(e_, part) != NULL); \
		if (e_ == NULL || strstr(e_, part) == NULL) \
			printf("# wanted %s in %s\n", part, e_ == NULL ? "nothing" : e_); \
	} while (0)
#define LACKS(index, part) \
	do { \
		const char *e_ = entry(index); \
		CHECK(e_ != NULL && strstr(e_, part) == NULL); \
	} while (0)

static uint64_t next_index(void)
{
	return tlog_next(tlog);
}

/* ---- tallies ---- */

static struct key_tally t;

static void test_tally(void)
{
	struct policy_verdict v = { .n_rules = 2, .rules = { 3, 5 } };

	tally_reset(&t);
	tally_item(&t, CLASS_PHONE, TIER_T2, ACTION_MASK);
	tally_item(&t, CLASS_PHONE, TIER_T1, ACTION_DROP);
	tally_item(&t, CLASS_NAME, TIER_X + 1, ACTION_TOKENISE);
	tally_item(&t, CLASS_NONE, TIER_T0, ACTION_DENY);
	CHECK(t.items == 4 && t.n_touched == 2);
	CHECK(t.classes[CLASS_PHONE] == 2 && t.classes[CLASS_NAME] == 1 &&
	    t.classes[CLASS_NONE] == 0);
	CHECK(t.tier == TIER_T2 && t.action == ACTION_TOKENISE);
	tally_item(&t, CLASS_NAME, TIER_X, ACTION_DENY);
	CHECK(t.tier == TIER_X); /* the highest there is, and no higher */
	tally_rules(&t, &v);
	tally_rules(&t, &v);
	CHECK(t.n_rules == 2 && t.rules[0] == 3 && t.rules[1] == 5);
	for (uint16_t i = 0; i < 10; i++) {
		v.n_rules = 1;
		v.rules[0] = (uint16_t)(100 + i);
		tally_rules(&t, &v);
	}
	CHECK(t.n_rules == AUDIT_RULES_MAX && t.rules[AUDIT_RULES_MAX - 1] == 101);
	t.refused = t.subjects = 9;
	t.n_handles = 3;
	t.counts.gone = 1;
	tally_reset(&t);
	CHECK(t.items == 0 && t.refused == 0 && t.subjects == 0 && t.n_handles == 0);
	CHECK(t.n_rules == 0 && t.n_touched == 0 && t.tier == 0 && t.action == 0);
	CHECK(t.classes[CLASS_PHONE] == 0 && t.classes[CLASS_NAME] == 0 && t.counts.gone == 0);
	CHECK(t.by[CLASS_PHONE][ACTION_MASK] == 0 && t.by[CLASS_NAME][ACTION_TOKENISE] == 0);
	for (unsigned i = 0; i < AUDIT_CLASSES_MAX + 3; i++)
		tally_item(&t, (uint8_t)(64 + i), TIER_T0, ACTION_DENY);
	CHECK(t.n_touched == AUDIT_CLASSES_MAX && t.items == AUDIT_CLASSES_MAX + 3);
	tally_item(&t, 64, TIER_T0, ACTION_DENY); /* one that has room already */
	CHECK(t.classes[64] == 2);
	tally_reset(&t);
}

/* ---- openings ---- */

static void test_opening(void)
{
	struct asking w = who();
	uint64_t i, want = next_index();

	tally_reset(&t);
	tally_item(&t, CLASS_PHONE, TIER_T2, ACTION_REVEAL);
	tally_item(&t, CLASS_NAME, TIER_T1, ACTION_REVEAL);
	tally_item(&t, CLASS_NAME, TIER_T1, ACTION_DENY);
	tally_item(&t, 64, TIER_T1, ACTION_MASK);
	t.counts.revealed = 2;
	t.counts.masked = 1;
	t.subjects = 2;
	t.n_handles = 2;
	memset(t.handles[0], 0x11, 16);
	memset(t.handles[1], 0x22, 16);
	t.rules[t.n_rules++] = 0;
	w.reason = &reason;
	w.ticket = &ticket;
	w.approvals = 3;
	w.consents = 1u << 31 | 1;
	w.recipient = &carrier;
	NEED(keylog_opening(kl, &w, &t, &i) == SC_OK && i == want);
	HAS(i, "\"kind\":\"reveal\",\"req\":\"0000000000001234\",\"tenant\":\"demo\"");
	HAS(i, "\"who\":{\"principal\":\"shop-1\",\"role\":\"shop\"}");
	HAS(i, "\"why\":{\"purpose\":\"orders\",\"reason\":\"parcel lost\",\"ticket\":\"T-1\"}");
	HAS(i,
	    "\"op\":\"read\",\"tier\":\"T2\",\"classes\":{\"phone\":1,\"name\":{\"deny\":1,"
	    "\"reveal\":1},\"loyalty_no\":{\"mask\":1}},\"records\":2");
	HAS(i,
	    "\"subjects\":[\"11111111111111111111111111111111\",\"22222222222222222222222222222222\"]}");
	HAS(i, "\"action\":\"reveal\",\"rules\":[\"seal\"],\"policy\":\"ab00");
	HAS(i, "\"approvals\":3,\"consents\":[\"orders\"]}");
	HAS(i, "\"where\":{\"route\":\"checkout\",\"recipient\":\"carrier-1\"}");
	HAS(i, "\"outcome\":{\"result\":\"ok\",\"revealed\":2,\"masked\":1}");
	LACKS(i, "subjects_total");
	LACKS(i, "unnamed");

	t.subjects = 3; /* more than there are handles of */
	w.op = POLICY_EXPORT;
	w.recipient = NULL;
	t.refused = 1;
	NEED(keylog_opening(kl, &w, &t, &i) == SC_OK);
	HAS(i, "\"kind\":\"export\"");
	HAS(i, "\"op\":\"export\"");
	HAS(i, "\"unnamed\":1");
	LACKS(i, "subjects_total");
	HAS(i, "\"result\":\"partial\"");
	LACKS(i, "recipient");
	t.refused = 4;
	NEED(keylog_opening(kl, &w, &t, &i) == SC_OK);
	HAS(i, "\"kind\":\"denial\"");
	HAS(i, "\"result\":\"refused\"");
}

/* ---- sealings ---- */

static void seal(const struct sc_name *principal, uint32_t n)
{
	struct asking w = who();

	w.principal = principal;
	w.op = POLICY_WRITE;
	tally_reset(&t);
	for (uint32_t i = 0; i < n; i++)
		tally_item(&t, CLASS_NAME, TIER_T1, ACTION_TOKENISE);
	t.counts.sealed = n;
	keylog_sealing(kl, &w, &t);
}

static void test_sealings(void)
{
	static const struct sc_name other = { "shop-2" };
	const struct sc_name *const from[] = { &shop, &other };
	uint64_t i = next_index(), end = clock_mono_ms() + 10000;

	seal(from[0], 2);
	seal(from[1], 1);
	seal(from[0], 3);
	CHECK(next_index() == i); /* told together, a little later */
	while (next_index() < i + 2 && clock_mono_ms() < end)
		CHECK(loop_turn_once(loop, 5) == SC_OK);
	NEED(next_index() == i + 2);
	HAS(i, "\"kind\":\"seal\"");
	HAS(i, "\"principal\":\"shop-1\"");
	HAS(i, "\"op\":\"write\",\"tier\":\"T1\",\"classes\":{\"name\":5}}");
	HAS(i, "\"result\":\"ok\",\"sealed\":5}");
	HAS(i + 1, "\"principal\":\"shop-2\"");
	HAS(i + 1, "\"classes\":{\"name\":1}}");
	HAS(i + 1, "\"sealed\":1}");

	/* another role, purpose, route or consent is another row, and nothing is left of the last */
	for (int k = 0; k < 5; k++) {
		struct asking w = who();

		w.role = k == 1;
		w.purpose = k == 2;
		w.route = k == 3 ? &carrier : &route;
		w.consents = k == 4 ? 2 : 0;
		tally_reset(&t);
		tally_item(&t, CLASS_NAME, TIER_T1, ACTION_TOKENISE);
		t.refused = 1;
		t.counts.denied = 1;
		keylog_sealing(kl, &w, &t);
	}
	while (next_index() < i + 7 && clock_mono_ms() < end)
		CHECK(loop_turn_once(loop, 5) == SC_OK);
	CHECK(next_index() == i + 7);
	HAS(i + 2, "\"role\":\"shop\"");
	HAS(i + 2, "\"result\":\"refused\",\"denied\":1}");
	HAS(i + 3, "\"role\":\"courier\"");
	HAS(i + 4, "\"purpose\":\"delivery\"");
	HAS(i + 5, "\"route\":\"carrier-1\"");
	LACKS(i + 5, "consents");
	HAS(i + 6, "\"consents\":[\"delivery\"]}");
	CHECK(keylog_lost(kl) == 0);
}

/* More principals than one period tells apart: they are told at once, none is lost. */
static void test_many_rows(void)
{
	uint64_t i = next_index(), end = clock_mono_ms() + 10000;
	struct sc_name name;

	for (unsigned k = 0; k < 65; k++) {
		snprintf(name.s, sizeof(name.s), "many-%u", k);
		CHECK(next_index() == i);
		seal(&name, 1);
	}
	CHECK(next_index() == i + 64);
	while (next_index() < i + 65 && clock_mono_ms() < end)
		CHECK(loop_turn_once(loop, 5) == SC_OK);
	HAS(i, "\"principal\":\"many-0\"");
	HAS(i + 63, "\"principal\":\"many-63\"");
	HAS(i + 64, "\"principal\":\"many-64\"");
}

/* ---- events ---- */

static void test_events(void)
{
	static const uint8_t root[32] = { 0xef };
	static const uint64_t ids[] = { 0xab, UINT64_MAX };
	const struct logged_erasure x = { .ids = ids, .n = 2, .handle = { 0xcd } };
	const struct class_key key = { .class_id = 64 }, name_key = { .class_id = CLASS_NAME };
	struct signed_head last = { .origin = "demo/other", .size = 44, .root = { 0x77 } };
	struct asking w = who();
	uint64_t i;

	w.op = POLICY_DELETE;
	CHECK(keylog_erase(kl, &w, &x, AUDIT_OUTCOME_NONE, NULL, &i) == SC_BUG);
	keylog_names(kl, kr);
	NEED(keylog_erase(kl, &w, &x, AUDIT_OUTCOME_NONE, NULL, &i) == SC_OK);
	HAS(i, "\"kind\":\"erase\"");
	HAS(i, "\"op\":\"delete\",\"records\":2,\"subjects\":[\"");
	LACKS(i, "cd000000000000000000000000000000");
	HAS(i, "\"],\"whose\":\"");
	HAS(i, "\",\"keys\":[\"00000000000000ab\",\"ffffffffffffffff\"]}");
	LACKS(i, "\"outcome\"");
	NEED(keylog_erase(kl, &w, &x, AUDIT_OK, "erased", &i) == SC_OK);
	HAS(i, "\"outcome\":{\"result\":\"ok\",\"why\":\"erased\"}");
	LACKS(i, "\"whose\"");
	i = next_index();
	NEED(keylog_erased_late(kl, &x) == SC_OK);
	HAS(i, "\"outcome\":{\"result\":\"ok\",\"why\":\"done (at restart)\"}");
	LACKS(i, "\"who\"");
	NEED(keylog_head(kl, &w, "demo/scrimd", 17, root, AUDIT_OK, &i) == SC_OK);
	HAS(i, "\"kind\":\"head\"");
	HAS(i, "\"head\":{\"origin\":\"demo/scrimd\",\"size\":17,\"root\":\"ef00");
	HAS(i, "\"result\":\"ok\"");
	LACKS(i, "\"op\"");
	NEED(keylog_head(kl, &w, "demo/scrimd", 3, root, AUDIT_REFUSED, &i) == SC_OK);
	HAS(i, "\"result\":\"refused\"");
	i = next_index();
	NEED(keylog_forget(kl, NULL, &last) == SC_OK);
	HAS(i, "\"kind\":\"admin\",\"act\":\"head.forget\"");
	HAS(i, "\"head\":{\"origin\":\"demo/other\",\"size\":44,\"root\":\"7700");
	i = next_index();
	NEED(keylog_event(kl, AUDIT_RELOAD, "policy.load", AUDIT_REFUSED) == SC_OK);
	HAS(i, "\"kind\":\"reload\",\"act\":\"policy.load\"");
	HAS(i, "\"outcome\":{\"result\":\"refused\"}");
	LACKS(i, "\"who\"");
	i = next_index();
	keylog_made_key(kl, &key, TIER_T1);
	keylog_made_key(kl, &name_key, TIER_T2);
	HAS(i, "\"kind\":\"admin\",\"act\":\"keys.create\"");
	HAS(i, "\"tier\":\"T1\",\"classes\":{\"loyalty_no\":1}");
	HAS(i + 1, "\"tier\":\"T2\",\"classes\":{\"name\":1}");
}

/* A lease is told as such once, when it grows; how far the store has come each time. */
static void test_progress(void)
{
	struct store_progress p = { 7, 80, 65520 };
	const struct signed_head none = { .size = 0 }, last = { .origin = "demo/keyd", .size = 9 };
	uint64_t i;

	keylog_leased(kl, 65520);
	NEED(keylog_progress(kl, &p, &i) == SC_OK);
	HAS(i, "\"kind\":\"admin\",\"act\":\"keys.progress\"");
	HAS(i, "\"store\":{\"gen\":7,\"high\":80,\"lease\":65520}");
	p.lease++;
	NEED(keylog_progress(kl, &p, &i) == SC_OK);
	HAS(i, "\"act\":\"keys.lease\"");
	NEED(keylog_progress(kl, &p, &i) == SC_OK);
	HAS(i, "\"act\":\"keys.progress\"");
	i = next_index();
	NEED(keylog_start_anew(kl, NULL, &last, NULL) == SC_OK &&
	    keylog_start_anew(kl, NULL, &none, &p) == SC_OK);
	HAS(i, "\"act\":\"store.start_anew\"");
	HAS(i, "\"head\":{\"origin\":\"demo/keyd\",\"size\":9");
	LACKS(i, "\"outcome\"");
	HAS(i + 1, "\"store\":{\"gen\":7");
	HAS(i + 1, "\"result\":\"ok\"");
	LACKS(i + 1, "\"head\"");
}

/* What waits is told under the policy it was counted under, and at the end. */
static void test_told_before(void)
{
	static const uint8_t other[32] = { 0xcc };
	uint64_t i = next_index();

	seal(&shop, 1);
	keylog_policy(kl, policy, other);
	CHECK(next_index() == i + 1);
	HAS(i, "\"policy\":\"ab00");
	seal(&shop, 1);
	keylog_free(kl);
	CHECK(next_index() == i + 2);
	HAS(i + 1, "\"policy\":\"cc00");
	NEED(keylog_new(loop, tlog, &tenant, &kl) == SC_OK);
	keylog_policy(kl, policy, hash);
	keylog_free(NULL);
}

/* A dead log is told to whoever asks, and what could not be told is counted. */
static void test_dead(void)
{
	uint64_t i, end = clock_mono_ms() + 10000;
	struct asking w = who();
	char path[80];

	snprintf(path, sizeof(path), "%s/log/state", dir);
	NEED(unlink(path) == 0);
	while (!tlog_failed(tlog) && clock_mono_ms() < end)
		usleep(10000);
	NEED(tlog_failed(tlog));
	tally_reset(&t);
	CHECK(keylog_opening(kl, &w, &t, &i) != SC_OK);
	CHECK(keylog_event(kl, AUDIT_STOP, "keyd.stop", AUDIT_OK) != SC_OK);
	CHECK(keylog_lost(kl) == 0);
	seal(&shop, 1);
	while (keylog_lost(kl) == 0 && clock_mono_ms() < end)
		CHECK(loop_turn_once(loop, 5) == SC_OK);
	CHECK(keylog_lost(kl) == 1);
}

/* Who has no answer is told together, and how many names are invented costs no more room. */
static void test_turned_away(void)
{
	const struct sc_name node = { "scrimd" };
	struct turned_away *x = NULL;
	struct asking a = who();
	struct sc_name name;
	uint64_t from = next_index();

	NEED(turned_away_new(loop, kl, &x) == SC_OK);
	a.reason = &reason;
	a.principal = &name;
	snprintf(name.s, sizeof(name.s), "eve");
	for (int i = 0; i < 3; i++)
		turned_away(x, TURNED_AWAY_CALLER, &node, &a);
	turned_away(x, TURNED_AWAY_KEY, &node, NULL);
	CHECK(next_index() == from);
	turned_away_tell(x);
	CHECK(next_index() == from + 2);
	HAS(from, "\"kind\":\"denial\",\"act\":\"caller.refused\"");
	HAS(from, "\"principal\":\"eve\",\"role\":\"shop\"");
	HAS(from, "\"result\":\"refused\",\"why\":\"turned away\",\"denied\":3");
	LACKS(from, "parcel lost");
	HAS(from + 1, "\"act\":\"key.refused\"");
	LACKS(from + 1, "\"who\"");
	a.op = POLICY_SHARE;
	turned_away(x, TURNED_AWAY_CALLER, &node, &a);
	turned_away_tell(x);
	HAS(from + 2, "\"op\":\"share\"");
	LACKS(from + 2, "recipient");
	from = next_index();
	for (int i = 0; i < 1000; i++) {
		snprintf(name.s, sizeof(name.s), "eve-%d", i);
		turned_away(x, TURNED_AWAY_CALLER, &node, &a);
	}
	turned_away_tell(x);
	CHECK(next_index() == from + TURNED_AWAY_ROWS);
	HAS(from + TURNED_AWAY_ROWS - 2, "\"principal\":\"eve-30\"");
	HAS(from + TURNED_AWAY_ROWS - 1, "\"act\":\"others.refused\"");
	HAS(from + TURNED_AWAY_ROWS - 1, "\"denied\":969");
	LACKS(from + TURNED_AWAY_ROWS - 1, "eve");
	/* by itself within a second or so, and then not again for a minute */
	from = next_index();
	turned_away_free(x);
	NEED(turned_away_new(loop, kl, &x) == SC_OK);
	turned_away(x, TURNED_AWAY_KEY, &node, NULL);
	for (uint64_t end = clock_mono_ms() + 20000; next_index() == from && clock_mono_ms() < end;)
		NEED(loop_turn_once(loop, 20) == SC_OK);
	CHECK(next_index() == from + 1);
	turned_away(x, TURNED_AWAY_KEY, &node, NULL);
	for (uint64_t end = clock_mono_ms() + 2500; clock_mono_ms() < end;)
		NEED(loop_turn_once(loop, 20) == SC_OK);
	CHECK(next_index() == from + 1);
	turned_away_free(x);
	CHECK(next_index() == from + 1);
}

/* Those who have no room in the record stand right before it, and its root is over all. */
static void test_many_people(void)
{
	static uint8_t more[2 * AUDIT_PART_MAX + 1][AUDIT_HANDLE_BYTES];
	const size_t n = sizeof(more) / sizeof(more[0]);
	struct asking w = who();
	uint64_t i, from = next_index();
	char text[80];

	tally_reset(&t);
	tally_item(&t, CLASS_PHONE, TIER_T2, ACTION_REVEAL);
	t.counts.revealed = 1;
	t.n_handles = AUDIT_HANDLES_MAX;
	memset(t.handles, 0x33, sizeof(t.handles));
	for (size_t k = 0; k < n; k++)
		more[k][0] = 0x44, more[k][1] = (uint8_t)(k >> 8), more[k][2] = (uint8_t)k;
	t.more = (const uint8_t(*)[AUDIT_HANDLE_BYTES])more;
	t.n_more = (uint32_t)n;
	t.subjects = AUDIT_HANDLES_MAX + t.n_more + 2; /* two values of nobody */
	NEED(keylog_opening(kl, &w, &t, &i) == SC_OK);
	CHECK(i == from + 3 && next_index() == i + 1);
	HAS(from,
	    "\"kind\":\"people\",\"req\":\"0000000000001234\",\"tenant\":\"demo\",\"what\":{\"subjects\":[\"44000000");
	HAS(from, "\"],\"parts\":1}}");
	LACKS(from, "\"who\"");
	HAS(from + 1, "\"parts\":2}}");
	snprintf(text, sizeof(text), "{\"subjects\":[\"4401c0000000000000000000000000");
	HAS(from + 2, text);
	HAS(from + 2, "\"],\"parts\":3}}");
	snprintf(text, sizeof(text),
	    "\"subjects_total\":%u,\"unnamed\":2,\"parts\":3,\"subjects_root\":\"",
	    AUDIT_HANDLES_MAX + t.n_more);
	HAS(i, text);
	tally_reset(&t);
	CHECK(t.n_more == 0);
}

int main(void)
{
	struct tlog_options o = { .origin = "demo/test", .publish_ms = 20 };
	struct sc_diag d = { .text = "" };
	char log_dir[96], cmd[128];
	char url[96];
	const uint8_t ring[KEY_BYTES] = { 7 };

	snprintf(dir, sizeof(dir), "/tmp/scrim-keylog-XXXXXX");
	if (mkdtemp(dir) == NULL || loop_new(&loop) != SC_OK)
		return 1;
	snprintf(log_dir, sizeof(log_dir), "%s/log", dir);
	o.dir = log_dir;
	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	snprintf(url, sizeof(url), "sqlite:%s/keyd.db", dir);
	if (tlog_open(&o, &d, &tlog) != SC_OK ||
	    store_open(url, &keyd_tables, &d, &store) != SC_OK ||
	    keyring_open(store, ring, &tenant, true, &d, &kr) != SC_OK ||
	    policy_load(sc_span_str(policy_one), "policy", NULL, &policy) != SC_OK ||
	    keylog_new(loop, tlog, &tenant, &kl) != SC_OK) {
		printf("Bail out! %s\n", d.text);
		return 1;
	}
	keylog_policy(kl, policy, hash);
	RUN(test_tally, "a tally counts, keeps the highest, and stays in its bounds");
	RUN(test_opening, "an opening's record says who, why, what, whom and what came of it");
	RUN(test_many_people, "an opening of many people names everybody");
	RUN(test_sealings, "sealings are told together, one record for each who and where");
	RUN(test_many_rows, "more of them than are told apart are told at once");
	RUN(test_events, "erasures, heads, keys and events have their records");
	RUN(test_progress, "leases and progress of the store, and a log that is taken as it is");
	RUN(test_told_before, "what waits is told under the policy it was counted under");
	RUN(test_turned_away, "who has no answer is told of, in few records");
	RUN(test_dead, "a log that is dead is an error, or counted as lost");
	keylog_free(kl);
	tlog_close(tlog);
	policy_free(policy);
	sc_buf_fini(&bundle);
	loop_free(loop);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		printf("# could not remove %s\n", dir);
	return tap_done();
}
