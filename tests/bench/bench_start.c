/*
 * bench_start.c - how long a real keyd takes until it is ready, beside many people and a
 * long log: warm, from a cold disk, and with entries that its store has not carried out.
 *
 *	SCRIM_BIN=build/release/bin bench_start [PEOPLE 1000000] [ENTRIES 1000000]
 *
 * in $FIXTURE_DIR, /tmp.
 *
 * keyd makes its own files, which are filled while it does not run: people as
 * many_people.h does, entries through the log's own writer, each the record of an opening.
 * Its first start carries all of them out; that is what the whole log as a tail costs.
 */
#include "bench/people/many_people.h"
#include "unit/crypto/keyd_fixture.h"

#include "base/bytes.h"
#include "crypto/keyd/own_log.h"
#include "crypto/keyring/root.h"
#include "crypto/keystore/keystore_int.h"
#include "crypto/prim/vault.h"
#include "crypto/record/record.h"
#include "crypto/settings/settings.h"

#include <ftw.h>
#include <sodium.h>
#include <sys/wait.h>
#include <time.h>

#define DAY_MS UINT64_C(86400000)
#define CALLERS 50

static struct fixture f;

/* keyd's files, open in this process. */
struct bench {
	struct settings set;
	struct keystore_place at;
	char url[1100];
	struct keystore *ks;
	struct keyring *kr;
	struct own_head head;
	struct tlog *log;
	struct store_job filled;
	uint64_t people;
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_start: %s failed\n", what);
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- filling ---- */

static void open_all(struct bench *b)
{
	struct sc_diags all = { .n = 0 };
	struct sc_diag d = { .text = "" };
	struct sc_secret *root;
	char config[256];
	uint64_t size;

	memset(b, 0, sizeof(*b));
	fixture_path(&f, "keyd.json", config);
	must(settings_load(config, &all, &b->set) == SC_OK, "settings");
	must(root_load(b->set.root, true, &d, &root) == SC_OK, "the root key");
	snprintf(b->url, sizeof(b->url), "sqlite:%s", b->set.store);
	b->at = (struct keystore_place){ .tenant = &b->set.tenant,
		.store = b->url,
		.epoch = b->set.epoch,
		.node = b->set.origin };
	must(keystore_open(&b->at, root, false, &d, &b->ks) == SC_OK, "the store");
	sc_secret_free(root);
	must(keyring_open(keystore_store(b->ks), keystore_ring(b->ks), &b->set.tenant, false, &d,
		 &b->kr) == SC_OK,
	    "the keyring");
	b->head.store = keystore_store(b->ks);
	b->head.origin = b->set.origin;
	b->head.dir = b->set.log;
	must(own_log_open(&b->head, b->kr, true, &d, &b->log) == SC_OK &&
		own_log_settle(b->log, &d, &size) == SC_OK,
	    "the log");
}

static void close_all(struct bench *b)
{
	tlog_close(b->log);
	keyring_free(b->kr);
	keystore_close(b->ks);
	settings_fini(&b->set);
}

static void handle_of(void *arg, uint64_t slot, uint8_t out[HANDLE_BYTES])
{
	(void)arg;
	memset(out, 7, HANDLE_BYTES);
	sc_be64_store(out, (slot + 1) * 0x9e3779b97f4a7c15u);
}

/* What stands in memory and in the store's row follows what was put down. */
static enum sc_err follow(struct store_job *j, struct store_tx *tx)
{
	const struct bench *b = loop_owner(j, struct bench, filled);
	struct keystore *ks = b->ks;
	const struct tree_rows rows = store_rows_boxes(tx);
	enum sc_err err = tree_open(ks->tree, &rows, epoch_file_key(ks->file, ks->now.epoch));

	ks->now.high = ks->now.lease = ks->now.people = b->people;
	ks->changed = true;
	return err != SC_OK ? err : keystore_closing(ks, tx);
}

static void add_people(struct bench *b, uint64_t n)
{
	const struct many_people m = { .store = keystore_store(b->ks),
		.tenant = sc_span_str(b->set.tenant.s),
		.store_id = b->ks->id,
		.epoch_key = epoch_file_key(b->ks->file, b->ks->now.epoch),
		.ring_key = keystore_ring(b->ks),
		.n = n,
		.week = 2960,
		.handle = handle_of };

	b->people = n;
	b->filled = (struct store_job){ .run = follow };
	must(many_people_add(&m) == SC_OK && store_run(m.store, &b->filled) == SC_OK &&
		keystore_committed(b->ks, SC_OK) == SC_OK,
	    "filling");
}

/* N openings, of AT. */
static void add_entries(struct bench *b, uint64_t n, uint64_t at_ms)
{
	uint8_t handle[1][HANDLE_BYTES];
	struct audit_record r;
	struct sc_buf text;
	uint64_t index;
	struct sc_name name;
	char who[32];
	enum sc_err err;

	sc_buf_init(&text, AUDIT_RECORD_MAX);
	for (uint64_t i = 0; i < n; i++) {
		audit_record_init(&r, AUDIT_REVEAL);
		snprintf(who, sizeof(who), "clerk-%llu", (unsigned long long)(i % CALLERS));
		must(sc_name_parse(sc_span_str(who), &name) == SC_OK, "a name");
		handle_of(NULL, i % 2000 * 37, handle[0]);
		r.asking.principal = &name;
		r.at_ms = at_ms;
		r.subjects = (const uint8_t(*)[HANDLE_BYTES])handle;
		r.n_subjects = 1;
		r.outcome = AUDIT_OK;
		r.counts.revealed = 2;
		sc_buf_clear(&text);
		must(audit_record_print(&r, &text) == SC_OK, "a record");
		while ((err = tlog_append(b->log, sc_buf_span(&text), false, &index)) == SC_AGAIN)
			usleep(1000);
		must(err == SC_OK, "appending");
	}
	sc_buf_fini(&text);
}

/* ---- starting ---- */

static int forget_file(const char *path, const struct stat *st, int kind, struct FTW *w)
{
	int fd;

	(void)st;
	(void)w;
	if (kind == FTW_F && (fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
	return 0;
}

/* From exec to the line that says so. */
static void start(const char *what)
{
	static const char *const args[] = { "--demo", NULL };
	char path[256];
	double began;

	fixture_path(&f, "stderr", path);
	must(truncate(path, 0) == 0, "the log of the run");
	began = now_ms();
	f.pid = fixture_spawn(&f, args);
	while (!fixture_said(&f, "keyd.ready")) {
		must(now_ms() - began < 480e3 && kill(f.pid, 0) == 0, "starting");
		usleep(500);
	}
	printf("%s: %.1f ms\n", what, now_ms() - began);
	usleep(1500000); /* a second's work is done */
}

static void stop(int sig)
{
	kill(f.pid, sig);
	(void)waitpid(f.pid, NULL, 0);
	f.pid = 0;
}

static void starts(const char *what, int sig, unsigned n, bool cold)
{
	for (unsigned i = 0; i < n; i++) {
		if (cold) {
			sync();
			(void)nftw(f.dir, forget_file, 16, FTW_PHYS);
		}
		start(what);
		stop(sig);
	}
}

static void with_tail(uint64_t n)
{
	struct bench b;
	char what[80];

	open_all(&b);
	add_entries(&b, n, clock_unix_ms());
	close_all(&b);
	snprintf(what, sizeof(what), "%llu entries to carry out", (unsigned long long)n);
	start(what);
	stop(SIGTERM);
}

int main(int argc, char **argv)
{
	const uint64_t people = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000,
		       entries = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	struct sc_diag d = { .text = "" };
	struct bench b;
	double t;
	bool locked;

	setvbuf(stdout, NULL, _IOLBF, 0);
	must(vault_open((size_t)64 << 20, &locked, &d) == SC_OK && sodium_init() >= 0, "vault");
	must(fixture_make(&f), "keyd's own files");
	t = now_ms();
	open_all(&b);
	add_people(&b, people);
	add_entries(&b, entries, clock_unix_ms() - DAY_MS);
	close_all(&b);
	printf("%llu people, %llu entries put down in %.0f s\n", (unsigned long long)people,
	    (unsigned long long)entries, (now_ms() - t) / 1e3);
	start("the first, all entries to carry out");
	stop(SIGTERM);
	starts("after a clean stop, warm (100)", SIGTERM, 5, false);
	starts("after a clean stop, cold (1,000)", SIGTERM, 3, true);
	start("to be killed");
	stop(SIGKILL);
	start("after a kill");
	stop(SIGTERM);
	with_tail(1000);
	with_tail(100000);
	with_tail(1000000);
	fixture_remove(&f);
	return 0;
}
