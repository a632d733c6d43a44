/*
 * test_disk_keyd.c - scrim-keyd on the test disk: no value before its record, no
 * token before its key row, no erasure told before it is one; and after every
 * power cut of a bounded run what was answered stands.
 *
 * DEEP=1: many more cuts.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"
#include "unit/crypto/keyd_log.h"

#include "crypto/prim/sign.h"
#include "crypto/tlog/check.h"
#include "disk/disk.h"
#include "disk/rebuild.h"

static struct fixture fx;
static char base[64], control[128], before[128];
static struct disk_control *disk;

/* The library stands beside this test: build/<variant>/tools. */
static bool disk_env(void)
{
	char so[512], root[256];

	snprintf(so, sizeof(so), "%.480s", fx.bin);
	if (strstr(so, "/bin/scrim-keyd") == NULL)
		return false;
	strcpy(strstr(so, "/bin/scrim-keyd"), "/tools/testdisk.so");
	fixture_path(&fx, "run", root);
	return access(so, R_OK) == 0 && setenv("LD_PRELOAD", so, 1) == 0 &&
	    setenv("SCRIM_DISK", control, 1) == 0 && setenv("SCRIM_DISK_ROOT", root, 1) == 0 &&
	    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1) == 0;
}

static void plain_env(void)
{
	unsetenv("LD_PRELOAD");
	unsetenv("SCRIM_DISK");
	unsetenv("SCRIM_DISK_ROOT");
}

/* keyd on a fresh test disk, with what its files hold now. */
static bool start_watched(void)
{
	bool ok;

	disk_free(disk);
	ok = (disk = disk_new(control)) != NULL && disk_env() && fixture_start(&fx);
	plain_env();
	return ok;
}

/* A question that is not waited for. */
static struct answer *begin(ask_fn *ask, uint8_t op, const struct keyc_item *it)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, op);
	struct answer *a = answer_new();

	a->err = ask(fx.kc, &a->call, &c, it, 1);
	return a;
}

static bool is_held(void *rule)
{
	return atomic_load(&((struct disk_rule *)rule)->waiting) > 0;
}

/* The question is sent, and keyd came to what R holds back. */
static bool held_back(struct disk_rule *r)
{
	return fixture_turn_until(&fx, is_held, r);
}

/* keyd turns its loop for a while: what it may answer arrives. */
static bool status_answers(unsigned times)
{
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	bool ok = true;

	while (times-- > 0) {
		struct answer *a = answer_new();

		ok = keyc_status(fx.kc, &a->call, &c) == SC_OK &&
		    fixture_turn_until(&fx, answer_is_over, a) && a->err == SC_OK && ok;
		answer_free(a);
	}
	return ok;
}

static char *seal_name(const char *subject, const char *value)
{
	return fixture_seal(&fx, CLASS_NAME, 0, subject, value);
}

/* ---- held back -------------------------------------------------------------------------- */

static void test_no_value_before_its_record(void)
{
	struct disk_rule *r;
	struct keyc_item it;
	struct answer *a;
	char *t, *other;

	NEED((t = seal_name("cust-1", "Ann Example")) != NULL);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "keyd/log/journal.*");
	it = item_of(0, 0, NULL, t);
	a = begin(keyc_open, POLICY_READ, &it);
	NEED(held_back(r));
	/* a person who is known is sealed for: that needs no record first */
	CHECK((other = seal_name("cust-1", "Ann Example-Two")) != NULL);
	CHECK(status_answers(20));
	CHECK(!a->over);
	disk_release(r);
	CHECK(fixture_turn_until(&fx, answer_is_over, a));
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK &&
	    strcmp(a->r[0].text, "Ann Example") == 0);
	answer_free(a);
	free(t);
	free(other);
}

static void test_no_token_before_its_key_row(void)
{
	struct keyc_item it = item_of(CLASS_NAME, 0, "new-1", "Ben Example");
	struct disk_rule *r;
	struct answer *a;
	char *t;

	free(seal_name("cust-1", "Ann Example"));
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "keyd/keyd.db-wal");
	a = begin(keyc_seal, POLICY_WRITE, &it);
	NEED(held_back(r));
	CHECK((t = seal_name("cust-1", "Ann Example")) != NULL); /* their key is there */
	CHECK(status_answers(20));
	CHECK(!a->over);
	disk_release(r);
	CHECK(fixture_turn_until(&fx, answer_is_over, a));
	CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK && a->r[0].len > 0);
	CHECK(fixture_opens_to(&fx, a->r[0].text, "Ben Example"));
	answer_free(a);
	free(t);
}

/* Neither while its rows are being taken from the files, nor while its record is written. */
static void test_no_erasure_told_before_it_is_one(void)
{
	static const char *const files[] = { "keyd/keyd.db-wal", "keyd/log/journal.*" };

	for (unsigned i = 0; i < 2; i++) {
		struct asking c = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
		struct answer *a = answer_new();
		struct disk_rule *r;
		char *t;

		NEED((t = seal_name("leaver-1", "Cy Example")) != NULL);
		r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, files[i]);
		NEED(keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str("leaver-1")) == SC_OK);
		NEED(held_back(r));
		CHECK(status_answers(20));
		CHECK(!a->over);
		disk_release(r);
		CHECK(fixture_turn_until(&fx, answer_is_over, a));
		CHECK(a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK);
		CHECK(!fixture_opens_to(&fx, t, "Cy Example"));
		answer_free(a);
		free(t);
	}
}

/* ---- refused ------------------------------------------------------------------------------- */

/* The store cannot sync: no token, and none of the person afterwards opens anything. */
static void test_store_refuses(void)
{
	struct keyc_item it = item_of(CLASS_NAME, 0, "new-2", "Dee Example");
	struct disk_rule *r;
	struct answer *a;
	char *t;

	r = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC, "keyd/keyd.db-wal");
	a = begin(keyc_seal, POLICY_WRITE, &it);
	CHECK(fixture_turn_until(&fx, answer_is_over, a));
	CHECK(atomic_load(&r->hits) > 0);
	CHECK(a->err != SC_OK || a->n == 0 || a->r[0].status != WIRE_OK || a->r[0].len == 0);
	answer_free(a);
	disk_release(r);
	CHECK((t = seal_name("new-2", "Dee Example")) != NULL);
	CHECK(fixture_opens_to(&fx, t, "Dee Example"));
	free(t);
}

/* The rows cannot be taken from the files: that is told, and not as done. */
static void test_erasure_refused(void)
{
	struct asking c = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
	struct answer *a = answer_new();
	struct disk_rule *r;
	char *t;

	NEED((t = seal_name("leaver-2", "Di Example")) != NULL);
	r = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC, "keyd/keyd.db-wal");
	NEED(keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str("leaver-2")) == SC_OK);
	CHECK(fixture_turn_until(&fx, answer_is_over, a));
	CHECK(atomic_load(&r->hits) > 0);
	CHECK(a->err != SC_OK && a->n == 0);
	answer_free(a);
	disk_release(r);
	a = answer_new();
	NEED(keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str("leaver-2")) == SC_OK);
	CHECK(fixture_turn_until(&fx, answer_is_over, a));
	CHECK(a->err == SC_OK && a->n == 1);
	CHECK(!fixture_opens_to(&fx, t, "Di Example"));
	answer_free(a);
	free(t);
}

static bool policy_was_refused(void *arg)
{
	(void)arg;
	return fixture_said(&fx, "keyd.policy_refused");
}

/* The key of a new class cannot be kept: its policy is not decided by, nor told of. */
static void test_policy_refused(void)
{
	static char text[FIXTURE_POLICY_MAX + 64];
	const char *rest = strstr(fixture_policy, "\"loyalty_no\"");
	char old[80] = "\"policy\":\"", new[80] = "\"policy\":\"";
	struct disk_rule *r;
	uint8_t hash[32];
	char *t;

	snprintf(text, sizeof(text), "%.*s\"club_no\": { \"id\": 65, \"tier\": \"T1\" }, %s",
	    (int)(rest - fixture_policy), fixture_policy, rest);
	hash_sha256(sc_span_str(text), hash);
	for (size_t i = 0; i < 32; i++) {
		snprintf(old + 10 + 2 * i, 3, "%02x", fx.policy_hash[i]);
		snprintf(new + 10 + 2 * i, 3, "%02x", hash[i]);
	}
	NEED(fixture_write(&fx, "policy.json", text));
	r = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC, "keyd/keyd.db-wal");
	kill(fx.pid, SIGHUP);
	CHECK(fixture_turn_until(&fx, policy_was_refused, NULL));
	CHECK(atomic_load(&r->hits) > 0);
	disk_release(r);
	CHECK(status_answers(3) && fixture_has_hash(&fx));
	CHECK(!fixture_said(&fx, "keyd.policy_loaded"));
	CHECK((t = seal_name("refused-1", "Flo Example")) != NULL);
	CHECK(fixture_opens_to(&fx, t, "Flo Example"));
	free(t);
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	CHECK(LOGGED(&fx, "\"act\":\"policy.load\"", "\"result\":\"refused\"", old) == 1);
	CHECK(LOGGED(&fx, "\"kind\":\"reveal\"", old) > 0 && LOGGED(&fx, new) == 0);
	/* well again, the same file is taken, with a key of the new class */
	NEED(fixture_write(&fx, "policy.json", fixture_policy) && start_watched());
	NEED(fixture_reload(&fx, text));
	CHECK((t = fixture_seal(&fx, 65, 0, NULL, "C-0001")) != NULL);
	CHECK(fixture_opens_to(&fx, t, "C-0001"));
	free(t);
	CHECK(fixture_reload(&fx, fixture_policy));
}

/* The record cannot be written: the value never arrives, now or later. */
static void test_record_refused(void)
{
	struct disk_rule *r;
	struct keyc_item it;
	struct answer *a;
	char *t;

	NEED((t = seal_name("cust-1", "Ann Example")) != NULL);
	it = item_of(0, 0, NULL, t);
	r = disk_rule(disk, 0, DISK_BLOCK, DISK_SYNC, "keyd/log/journal.*");
	a = begin(keyc_open, POLICY_READ, &it);
	NEED(held_back(r));
	CHECK(status_answers(3) && !a->over);
	r->err = 5;
	atomic_store(&r->act, DISK_FAIL);
	CHECK(fixture_turn_until(&fx, answer_is_over, a));
	CHECK(a->err == SC_LIMIT && a->n == 0);
	answer_free(a);
	disk_release(r);
	for (unsigned i = 0; i < 3; i++) { /* the log is dead until somebody looks at it */
		a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
		CHECK(a->err == SC_LIMIT && a->n == 0);
		answer_free(a);
	}
	free(t);
	fixture_stop(&fx, SIGTERM);
}

/* ---- every power cut of a run ----------------------------------------------------------------- */

/* What keyd answered, and by how many calls on the disk. */
struct fact {
	enum { F_SEALED, F_OPENED, F_ERASED } what;
	uint64_t calls, record, request;
	int person;
	char token[200], value[40];
};
static struct fact facts[400];
static size_t n_facts;
static struct {
	uint64_t calls, size;
	uint8_t root[32];
} heads[400];
static size_t n_heads;

static struct fact *fact_new(int what, int person)
{
	struct fact *f = &facts[n_facts++];

	if (n_facts == sizeof(facts) / sizeof(facts[0]))
		abort();
	memset(f, 0, sizeof(*f));
	f->what = what;
	f->person = person;
	/* after the answer: whatever made it true was done by then */
	f->calls = atomic_load(&disk->ops);
	return f;
}

static void learn_head(void)
{
	char path[256], text[1024];
	struct note_head head;
	struct note note;
	size_t n;
	FILE *f;

	fixture_path(&fx, "run/keyd/log/checkpoint", path);
	if ((f = fopen(path, "r")) == NULL)
		return;
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (note_parse(sc_span(text, n), &note) != SC_OK ||
	    note_head_parse(note.text, &head) != SC_OK)
		return;
	heads[n_heads].size = head.size;
	memcpy(heads[n_heads].root, head.root, 32);
	heads[n_heads++].calls = atomic_load(&disk->ops);
}

static void do_seal(int person)
{
	char subject[32], value[40], *t;
	struct fact *f;

	snprintf(subject, sizeof(subject), "person-%d", person);
	snprintf(value, sizeof(value), "Person Number %d", person);
	NEED((t = seal_name(subject, value)) != NULL && strlen(t) < sizeof(f->token));
	f = fact_new(F_SEALED, person);
	snprintf(f->token, sizeof(f->token), "%s", t);
	snprintf(f->value, sizeof(f->value), "%s", value);
	free(t);
}

static void do_open(int person)
{
	static uint64_t request = 5000001;
	struct asking c = fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);
	struct keyc_item it;
	struct answer *a;

	for (size_t i = 0; i < n_facts; i++) {
		if (facts[i].what != F_SEALED || facts[i].person != person)
			continue;
		it = item_of(0, 0, NULL, facts[i].token);
		c.request_id = request;
		a = fixture_ask(&fx, keyc_open, &c, &it, 1);
		if (a->err == SC_OK && a->n == 1 && a->r[0].status == WIRE_OK) {
			struct fact *f = fact_new(F_OPENED, person);

			f->record = a->record;
			f->request = request++;
		} else {
			CHECK(!"opens");
		}
		answer_free(a);
		return;
	}
}

static void do_erase(int person)
{
	struct asking c = fixture_context(&fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
	struct answer *a = answer_new();
	char subject[32];

	snprintf(subject, sizeof(subject), "person-%d", person);
	CHECK(keyc_erase_subject(fx.kc, &a->call, &c, sc_span_str(subject)) == SC_OK &&
	    fixture_turn_until(&fx, answer_is_over, a) && a->err == SC_OK);
	fact_new(F_ERASED, person);
	answer_free(a);
}

static void run(void)
{
	n_facts = n_heads = 0;
	for (int i = 0; i < 24; i++) {
		do_seal(i);
		if (i % 2 == 1)
			do_open(i / 2 % 4);
		if (i % 8 == 7)
			do_erase(i - 3);
		if (i % 5 == 4) {
			struct keyc_item it = item_of(CLASS_NAME, 0, NULL, "Person Number 1");
			struct asking c =
			    fixture_context(&fx, ROLE_SHOP, FOR_ORDERS, POLICY_SEARCH);

			answer_free(fixture_ask(&fx, keyc_index, &c, &it, 1));
		}
		learn_head();
	}
}

/* When PERSON's erasure was asked for or told: nothing is promised in between. */
static bool erased_by(int person, uint64_t cut, bool *maybe)
{
	for (size_t i = 0; i < n_facts; i++)
		if (facts[i].what == F_ERASED && facts[i].person == person) {
			*maybe = i > 0 && facts[i - 1].calls <= cut;
			return facts[i].calls <= cut;
		}
	*maybe = false;
	return false;
}

/* The entry at RECORD is of REQUEST. */
static bool in_log(int dir, uint64_t size, uint64_t record, uint64_t request)
{
	char decimal[32], hex[32];
	struct sc_buf bundle;
	struct sc_span entry;
	struct sc_diag d;
	size_t at = 0;
	bool ok;

	sc_buf_init(&bundle, TILE_BUNDLE_MAX);
	ok = record < size &&
	    tile_read(dir, TILE_ENTRIES, record / TILE_WIDTH,
		tile_width(TILE_ENTRIES, record / TILE_WIDTH, size), &bundle, &d) == SC_OK;
	for (uint64_t i = 0; ok && i <= record % TILE_WIDTH; i++)
		ok = tile_entry_next(sc_buf_span(&bundle), &at, &entry);
	snprintf(decimal, sizeof(decimal), "%llu", (unsigned long long)request);
	snprintf(hex, sizeof(hex), "%llx", (unsigned long long)request);
	ok = ok &&
	    (memmem(entry.p, entry.n, decimal, strlen(decimal)) != NULL ||
		memmem(entry.p, entry.n, hex, strlen(hex)) != NULL);
	sc_buf_fini(&bundle);
	return ok;
}

/* keyd was stopped: its log has every record told by CUT, under every head seen by then. */
static unsigned log_misses(uint64_t cut)
{
	struct tlog_checkpoint *c = calloc(1, sizeof(*c));
	char path[256];
	unsigned missing = 0;
	struct sc_diag d;
	bool found;
	int dir;

	fixture_path(&fx, "run/keyd/log", path);
	if ((dir = open(path, O_RDONLY | O_DIRECTORY)) < 0 || c == NULL ||
	    checkpoint_read(dir, "checkpoint", NULL, c, &found, &d) != SC_OK || !found)
		abort();
	for (size_t i = 0; i < n_facts; i++)
		if (facts[i].what == F_OPENED && facts[i].calls <= cut)
			missing += !in_log(dir, c->head.size, facts[i].record, facts[i].request);
	for (size_t i = 0; i < n_heads && heads[i].calls <= cut; i++) {
		struct merkle_frontier f;
		struct merkle_hash root;
		struct tile_reader r;

		tile_reader_init(&r, dir, c->head.size);
		if (heads[i].size > c->head.size ||
		    merkle_frontier_load(heads[i].size, tile_get, &r, &f) != SC_OK)
			missing++;
		else if (merkle_root(&f, &root), memcmp(root.b, heads[i].root, 32) != 0)
			missing++;
		tile_reader_fini(&r);
	}
	close(dir);
	free(c);
	return missing;
}

/* What is left in place of run/, and a keyd that starts on it and is asked. */
static bool stands(struct disk_story *s, size_t cut, enum disk_luck luck, uint64_t seed)
{
	char run_dir[256];
	unsigned wrong = 0, lost = 0, back = 0, misses;

	fixture_path(&fx, "run", run_dir);
	disk_remove(run_dir, false);
	if (!disk_story_cut(s, cut, luck, seed, run_dir) || !fixture_start(&fx)) {
		printf("# keyd does not start\n");
		return false;
	}
	for (size_t i = 0; i < n_facts; i++) {
		const struct fact *f = &facts[i];
		bool maybe, erased, opens;

		if (f->what != F_SEALED || f->calls > cut)
			continue;
		erased = erased_by(f->person, cut, &maybe);
		opens = fixture_opens_to(&fx, f->token, f->value);
		wrong += !opens && !erased && !maybe;
		back += opens && erased;
	}
	lost = fixture_stop(&fx, SIGTERM) != 0;
	misses = log_misses(cut);
	if (wrong + lost + back + misses == 0)
		return true;
	printf("# %u tokens do not open, %u erased people do, %u records or heads are lost\n",
	    wrong, back, misses);
	return false;
}

static void test_every_cut(void)
{
	size_t n, step, bad = 0, cuts = 0, want = getenv("DEEP") != NULL ? 2000 : 40;
	struct disk_story *s;
	char cmd[400], run_dir[256], what[300];

	NEED(fixture_start(&fx)); /* the folders and the class key are there */
	free(seal_name("cust-1", "Ann Example"));
	fixture_stop(&fx, SIGTERM);
	fixture_path(&fx, "run", run_dir);
	snprintf(cmd, sizeof(cmd), "cp -a '%s' '%s'", run_dir, before);
	NEED(system(cmd) == 0);
	NEED(start_watched());
	run();
	CHECK(fixture_stop(&fx, SIGKILL) == -1);
	NEED((s = disk_story_new(control, before)) != NULL);
	n = disk_story_length(s);
	step = n / want + 1;
	for (size_t cut = 0; cut <= n && bad < 5; cut += step) {
		enum disk_luck luck = (enum disk_luck)(cuts++ % LUCK_COUNT);

		if (stands(s, cut, luck, cut))
			continue;
		disk_story_tell(s, cut, what, sizeof(what));
		printf("# cut %zu before '%s', luck %d\n", cut, what, (int)luck);
		bad++;
	}
	printf("# %zu calls, %zu facts, %zu heads, %zu cuts\n", n, n_facts, n_heads, cuts);
	CHECK(bad == 0 && cuts >= 30 && n_heads > 0);
	disk_story_free(s);
}

int main(void)
{
	if (!fixture_bin(fx.bin)) {
		tap_skip("scrim-keyd on the test disk", "scrim-keyd is not built");
		return tap_done();
	}
	if (!disk_folder(base) || !fixture_make(&fx)) {
		printf("Bail out! no folder\n");
		return 1;
	}
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(before, sizeof(before), "%s/before", base);
	if (!start_watched()) {
		printf("Bail out! scrim-keyd does not start on the test disk in %s\n", fx.dir);
		return 1;
	}
	RUN(test_no_value_before_its_record, "no value leaves before its record is on disk");
	RUN(test_no_token_before_its_key_row, "no token leaves before its key row is on disk");
	RUN(test_no_erasure_told_before_it_is_one,
	    "no erasure is told before rows and record are on disk");
	RUN(test_store_refuses, "a key row that cannot be kept gives no token");
	RUN(test_erasure_refused,
	    "an erasure that cannot be made is told, and can be asked for again");
	RUN(test_policy_refused, "a policy whose keys cannot be kept leaves the old one in force");
	RUN(test_record_refused, "a record that cannot be written: its value never leaves");
	RUN(test_every_cut,
	    "after power cuts tokens open, the erased do not, records and heads stand");
	disk_free(disk);
	fixture_remove(&fx);
	if (getenv("SCRIM_KEEP") == NULL)
		disk_remove(base, true);
	return tap_done();
}
