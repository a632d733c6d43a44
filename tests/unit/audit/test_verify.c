/*
 * test_verify.c - a log that was written verifies; each way of changing it is
 * found and named; proofs hold offline; filters and statistics tell what is
 * in it.
 */
#include "audit/review/review.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/record/record.h"
#include "base/log.h"
#include "crypto/prim/sign.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/writer.h"
#include "policy/decide/decide.h"
#include "tap.h"

static char dir[64], vkey[NOTE_VKEY_MAX + 1];
static struct sign_secret secret;
static struct note_signer signer;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void sign_now(void *arg, struct tlog *w, const struct tlog_head *head)
{
	struct sc_buf text;

	(void)arg;
	sc_buf_init(&text, NOTE_MAX);
	if (note_sign_head(&signer, head->origin, head->size, head->root, &text) != SC_OK ||
	    tlog_signed(w, sc_buf_span(&text)) != SC_OK)
		abort();
	sc_buf_fini(&text);
}

static void make_key(void)
{
	uint8_t seed[SIGN_SEED_BYTES] = { 9 };
	struct sign_public pk;
	struct sc_buf text;

	sign_keypair_from_seed(seed, &pk, &secret);
	sc_buf_init(&text, NOTE_VKEY_MAX);
	if (note_key_make("test.example/log", NOTE_ED25519, pk.b, &signer.key) != SC_OK ||
	    note_key_print(&signer.key, &text) != SC_OK)
		abort();
	memcpy(vkey, text.p, text.n);
	sc_buf_fini(&text);
	signer.sign = sign;
	signer.arg = &secret;
}

static struct tlog *open_log(char *where, bool signs)
{
	struct tlog_options o = { .origin = "test.example/log",
		.vkey = vkey,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 20,
		.sign = signs ? sign_now : NULL };
	struct tlog *w;

	if (where[0] == '\0') {
		snprintf(where, 64, "/tmp/scrim-audit-XXXXXX");
		if (mkdtemp(where) == NULL)
			abort();
	}
	o.dir = where;
	if (tlog_open(&o, NULL, &w) != SC_OK)
		abort();
	return w;
}

static void remove_log(char *where)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", where);
	if (system(cmd) != 0)
		abort();
	where[0] = '\0';
}

/* Record I: by alice or bob, a reveal every third, else a request. */
static void add(struct tlog *w, uint64_t i)
{
	static const uint8_t handles[2][AUDIT_HANDLE_BYTES] = { { 0xaa }, { 0xbb } };
	struct sc_name alice = { "alice" }, bob = { "bob" }, route = { "orders" };
	static const uint32_t mixed[ACTION_COUNT] = { [ACTION_DENY] = 1, [ACTION_REVEAL] = 1 };
	const struct audit_class phone = { .id = CLASS_PHONE, .n = 2, .by = mixed };
	struct audit_record r;
	struct sc_buf out;
	uint64_t index;

	sc_buf_init(&out, AUDIT_RECORD_MAX);
	audit_record_init(&r, i % 3 == 0 ? AUDIT_REVEAL : AUDIT_REQUEST);
	r.at_ms = 1000 + i;
	r.asking.request_id = i + 1;
	r.asking.principal = i % 2 == 0 ? &alice : &bob;
	r.asking.op = i % 3 == 0 ? POLICY_READ : POLICY_WRITE;
	r.asking.route = &route;
	r.classes = &phone;
	r.n_classes = 1;
	r.subjects = &handles[i % 5 == 0];
	r.n_subjects = 1;
	r.outcome = AUDIT_OK;
	r.keyd_index = i;
	if (i % 3 == 0) /* its class says how many by which action */
		r.action = ACTION_REVEAL;
	if (i % 3 == 0)
		r.counts.revealed = 2;
	else
		r.counts.sealed = 2;
	if (audit_record_print(&r, &out) != SC_OK ||
	    tlog_append(w, sc_buf_span(&out), false, &index) != SC_OK)
		abort();
	sc_buf_fini(&out);
}

static void make_log(uint64_t n)
{
	struct tlog *w = open_log(dir, true);

	for (uint64_t i = 0; i < n; i++)
		add(w, i);
	tlog_close(w);
}

/* One log by itself, by the key that signed it or by none. */
static enum sc_err verify(bool by_key, struct sc_diag *d, struct audit_report *r)
{
	const struct audit_verify_ask ask = { .dir = dir, .key = by_key ? &signer.key : NULL };

	return audit_verify(&ask, d, r);
}

static void test_good(void)
{
	struct audit_report r;
	struct sc_diag d;
	enum sc_err err;

	make_log(600);
	err = verify(true, &d, &r);
	if (err != SC_OK)
		printf("# %s: %s\n", d.file, d.text);
	NEED(err == SC_OK);
	CHECK(r.signed_size == 600 && r.unsigned_entries == 0 && r.journal_entries == 0);
	CHECK(r.signature_checked && r.bundles == 3 && r.tiles == 4);
	CHECK(verify(false, &d, &r) == SC_OK && !r.signature_checked);
	remove_log(dir);
}

static void test_unsigned(void)
{
	struct audit_report r;
	struct sc_diag d;
	struct tlog *w;

	w = open_log(dir, false);
	for (uint64_t i = 0; i < 10; i++)
		add(w, i);
	tlog_close(w);
	CHECK(verify(true, &d, &r) == SC_OK && !r.has_checkpoint && !r.signature_checked);
	CHECK(verify(false, &d, &r) == SC_OK && r.unsigned_entries == 10);
	make_log(0);
	CHECK(verify(true, &d, &r) == SC_OK && r.signed_size == 10);
	w = open_log(dir, false);
	for (uint64_t i = 10; i < 700; i++)
		add(w, i);
	tlog_close(w);
	CHECK(verify(true, &d, &r) == SC_OK);
	CHECK(r.signed_size == 10 && r.unsigned_entries == 690);
	remove_log(dir);
}

static void test_while_written(void)
{
	struct audit_report r;
	struct sc_diag d;
	struct tlog *w = open_log(dir, true);
	unsigned good = 0;

	for (uint64_t i = 0; i < 3000; i++) {
		add(w, i);
		if (i % 300 != 299)
			continue;
		if (verify(false, &d, &r) == SC_OK)
			good++;
		else
			printf("# %s: %s\n", d.file, d.text);
		usleep(15000);
	}
	CHECK(good == 10);
	tlog_close(w);
	remove_log(dir);
}

/* ---- every kind of change ------------------------------------------------------- */

static void shell(const char *fmt)
{
	char cmd[512];

	snprintf(cmd, sizeof(cmd), "cd %s && %s", dir, fmt);
	if (system(cmd) != 0)
		abort();
}

static void edit(const char *name, off_t at, const char *bytes)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR);
	if (fd < 0 || pwrite(fd, bytes, strlen(bytes), at) != (ssize_t)strlen(bytes))
		abort();
	close(fd);
}

/* Where entry I of a bundle begins, its length field included. */
static off_t offset_of(const char *name, unsigned i, size_t *n)
{
	uint8_t head[2];
	char path[160];
	off_t at = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	for (;; i--) {
		if (fd < 0 || pread(fd, head, 2, at) != 2)
			abort();
		*n = 2 + (size_t)(head[0] << 8 | head[1]);
		if (i == 0)
			break;
		at += (off_t)*n;
	}
	close(fd);
	return at;
}

static void flip_entry(void)
{
	size_t n;

	edit("tile/entries/000", offset_of("tile/entries/000", 17, &n) + 20, "#");
}

static void flip_tile(void)
{
	edit("tile/0/001", 32 * 5 + 3, "#~");
}
static void flip_upper(void)
{
	edit("tile/1/000.p/2", 40, "#~");
}
static void cut_tile(void)
{
	shell("truncate -s 8000 tile/0/001");
}
static void delete_bundle(void)
{
	shell("rm tile/entries/001");
}
static void old_checkpoint(void)
{
	shell("cp old checkpoint");
}
static void new_state(void)
{
	shell("sed -i s/^600$/500/ state");
}

static void swap_entries(void)
{
	uint8_t a[2048], b[2048];
	size_t na, nb;
	off_t at = offset_of("tile/entries/000", 30, &na);
	char path[160];
	int fd;

	(void)offset_of("tile/entries/000", 31, &nb);
	snprintf(path, sizeof(path), "%s/tile/entries/000", dir);
	fd = open(path, O_RDWR);
	if (fd < 0 || pread(fd, a, na, at) != (ssize_t)na ||
	    pread(fd, b, nb, at + (off_t)na) != (ssize_t)nb ||
	    pwrite(fd, b, nb, at) != (ssize_t)nb ||
	    pwrite(fd, a, na, at + (off_t)nb) != (ssize_t)na)
		abort();
	close(fd);
}

static void test_changes(void)
{
	static const struct {
		void (*change)(void);
		const char *file, *text;
	} t[] = {
		{ flip_entry, "tile/entries/000", "entry 17 does not match" },
		{ swap_entries, "tile/entries/000", "entry 30 does not match" },
		{ flip_tile, "tile/0/001", "does not match entry 261" },
		{ flip_upper, "tile/1/000.p/2", "does not match the tiles below" },
		{ cut_tile, "tile/0/001", "cut" },
		{ delete_bundle, "tile/entries/001", "is missing" },
		{ old_checkpoint, "checkpoint", "older" },
		{ new_state, "state", "" },
	};
	char cmd[256];

	make_log(300);
	shell("cp checkpoint old");
	make_log(300);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct audit_report r;
		struct sc_diag d;
		enum sc_err err;

		snprintf(cmd, sizeof(cmd), "rm -rf %s.b && cp -a %s %s.b", dir, dir, dir);
		if (system(cmd) != 0)
			abort();
		t[i].change();
		err = verify(true, &d, &r);
		if (err != SC_CORRUPT || strcmp(d.file, t[i].file) != 0 ||
		    strstr(d.text, t[i].text) == NULL) {
			printf("# %zu: %s %s: %s\n", i, sc_err_name(err), d.file, d.text);
			CHECK(false);
		}
		snprintf(cmd, sizeof(cmd), "rm -rf %s && mv %s.b %s", dir, dir, dir);
		if (system(cmd) != 0)
			abort();
	}
	remove_log(dir);
}

/* ---- proofs ------------------------------------------------------------------------ */

static void test_proofs(void)
{
	struct audit_proven p;
	struct sc_buf proof, entry;
	struct sc_diag d;

	make_log(600);
	sc_buf_init(&proof, 16384);
	sc_buf_init(&entry, 65536);
	for (uint64_t i = 0; i < 600; i += 23) {
		sc_buf_clear(&proof);
		sc_buf_clear(&entry);
		NEED(audit_prove(dir, i, &d, &proof, &entry) == SC_OK);
		CHECK(audit_proof_check(sc_buf_span(&proof), sc_buf_span(&entry), vkey, &d, &p) ==
		    SC_OK);
		CHECK(p.index == i && p.head.size == 600 && p.signature_checked);
		entry.p[i % entry.n] ^= 1;
		CHECK(audit_proof_check(sc_buf_span(&proof), sc_buf_span(&entry), vkey, &d, &p) ==
		    SC_AUTH);
		entry.p[i % entry.n] ^= 1;
		/* no byte of a proof can change: title, index, hashes, checkpoint, signature */
		for (size_t k = i % 7; k < proof.n; k += 7) {
			proof.p[k] ^= 1;
			if (audit_proof_check(sc_buf_span(&proof), sc_buf_span(&entry), vkey, &d,
				&p) == SC_OK) {
				printf("# byte %zu\n", k);
				CHECK(false);
			}
			proof.p[k] ^= 1;
		}
	}
	CHECK(audit_prove(dir, 600, &d, &proof, NULL) == SC_LIMIT);
	sc_buf_fini(&proof);
	sc_buf_fini(&entry);
	remove_log(dir);
}

/* ---- show, stats ----------------------------------------------------------------------- */

static enum sc_err count(void *arg, uint64_t index, struct sc_span json)
{
	(void)index;
	(void)json;
	++*(unsigned *)arg;
	return SC_OK;
}

static unsigned shown(struct audit_filter f)
{
	struct sc_diag d;
	struct audit_found found;
	unsigned n = 0;

	CHECK(audit_show(dir, &f, count, &n, &d, &found) == SC_OK && found.matched == n);
	return n;
}

static void test_show(void)
{
	struct audit_stats *s = malloc(sizeof(*s));
	struct sc_diag d;

	make_log(600);
	CHECK(shown((struct audit_filter){ .since = 0 }) == 600);
	CHECK(shown((struct audit_filter){ .since = 590 }) == 10);
	CHECK(shown((struct audit_filter){ .since = 590, .limit = 3 }) == 3);
	CHECK(shown((struct audit_filter){ .kind = "reveal" }) == 200);
	CHECK(shown((struct audit_filter){ .kind = "reveal", .principal = "alice" }) == 100);
	CHECK(shown((struct audit_filter){ .principal = "carol" }) == 0);
	CHECK(shown((struct audit_filter){ .op = "write", .outcome = "ok" }) == 400);
	CHECK(shown((struct audit_filter){ .subject = "bb000000000000000000000000000000" }) == 120);
	CHECK(shown((struct audit_filter){ .request_id = 77 }) == 1);
	CHECK(shown((struct audit_filter){ .from_ms = 1100, .until_ms = 1200 }) == 100);
	NEED(s != NULL && audit_stats(dir, &d, s) == SC_OK);
	CHECK(s->entries == 600 && s->kinds[AUDIT_REVEAL] == 200 && s->revealed == 400 &&
	    s->sealed == 800 && s->unreadable == 0 && s->first_ms == 1000 && s->last_ms == 1599);
	CHECK(strcmp(s->classes[0].name, "phone") == 0 && s->classes[0].n == 1200);
	CHECK(s->principals[0].n == 300 && s->principals[1].n == 300 &&
	    s->principals[2].name[0] == '\0');
	free(s);
	remove_log(dir);
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	make_key();
	RUN(test_good, "a log that was written verifies");
	RUN(test_unsigned, "entries after the signed head are counted apart");
	RUN(test_while_written, "a log verifies while it is being written");
	RUN(test_changes, "each kind of change is found and named");
	RUN(test_proofs, "a proof holds offline, and no byte of it can change");
	RUN(test_show, "filters and statistics tell what is there");
	return tap_done();
}
