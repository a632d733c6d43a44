/*
 * test_receipt.c - a receipt is good for the release, the log and the key it was made for, and
 * for nothing else.
 */
#include "analytics/query/receipt.h"

#include "audit/review/review.h"
#include "crypto/prim/sign.h"
#include "crypto/record/record.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/writer.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORIGIN "shop/scrimd"

/* A key, and a log whose heads it signs. */
struct rig_log {
	struct sign_secret secret;
	struct note_signer signer;
	char vkey[NOTE_VKEY_MAX + 1];
	char dir[128];
	struct tlog *log;
};

static char base[] = "/tmp/scrim-receipt-XXXXXX";
static struct rig_log ours;
static struct shelf_release release;
static struct sc_buf entry, receipt;
static struct sc_diag diag;

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void sign_head(void *arg, struct tlog *w, const struct tlog_head *head)
{
	struct rig_log *l = arg;
	struct sc_buf text;

	sc_buf_init(&text, NOTE_MAX);
	if (note_sign_head(&l->signer, head->origin, head->size, head->root, &text) != SC_OK ||
	    tlog_signed(w, sc_buf_span(&text)) != SC_OK)
		abort();
	sc_buf_fini(&text);
}

static void make_key(struct rig_log *l, const char *name, uint8_t seed_byte)
{
	uint8_t seed[SIGN_SEED_BYTES] = { seed_byte };
	struct sign_public pk;
	struct sc_buf text;

	sign_keypair_from_seed(seed, &pk, &l->secret);
	sc_buf_init(&text, NOTE_VKEY_MAX);
	if (note_key_make(name, NOTE_ED25519, pk.b, &l->signer.key) != SC_OK ||
	    note_key_print(&l->signer.key, &text) != SC_OK)
		abort();
	memcpy(l->vkey, text.p, text.n);
	l->vkey[text.n] = '\0';
	sc_buf_fini(&text);
	l->signer.sign = sign;
	l->signer.arg = &l->secret;
}

static void open_log(struct rig_log *l, const char *folder, const char *origin)
{
	struct tlog_options o = { .dir = l->dir,
		.origin = origin,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 20,
		.sign = sign_head,
		.sign_arg = l };

	snprintf(l->dir, sizeof(l->dir), "%s/%s", base, folder);
	if (tlog_open(&o, NULL, &l->log) != SC_OK)
		abort();
}

/* ---- what scrimd writes ---------------------------------------------------------------- */

static const struct sc_name tenant = { "shop" }, dataset = { "portrait" }, someone = { "officer" };

static void publish_record(struct audit_record *r, struct audit_release *v)
{
	*v = (struct audit_release){ .dataset = &dataset, .number = 3, .manifest = release.sha256 };
	audit_record_init(r, AUDIT_ADMIN);
	r->act = RECEIPT_ACT;
	r->asking.tenant = &tenant;
	r->asking.principal = &someone;
	r->release = v;
	r->outcome = AUDIT_OK;
}

/* R into L among others; ENTRY and RECEIPT are then its. */
static bool record(struct rig_log *l, const struct audit_record *r)
{
	struct tlog_status st = { .signed_size = 0 };
	struct sc_buf line;
	uint64_t index = 0;
	bool ok = true;

	sc_buf_init(&line, AUDIT_RECORD_MAX);
	ok = audit_record_print(r, &line) == SC_OK &&
	    tlog_append(l->log, sc_span_str("{\"v\":1}"), false, &index) == SC_OK &&
	    tlog_append(l->log, sc_buf_span(&line), true, &index) == SC_OK;
	sc_buf_fini(&line);
	for (unsigned i = 0; ok && i < 5000 && st.signed_size <= index; i++) {
		tlog_status(l->log, &st);
		usleep(1000);
	}
	sc_buf_clear(&entry);
	sc_buf_clear(&receipt);
	return ok && audit_prove(l->dir, index, &diag, &receipt, &entry) == SC_OK;
}

static bool record_publishing(struct rig_log *l)
{
	struct audit_release v;
	struct audit_record r;

	publish_record(&r, &v);
	return record(l, &r);
}

static void make_release(void)
{
	memset(&release, 0, sizeof(release));
	release.manifest.tenant = tenant;
	release.manifest.dataset = dataset;
	release.manifest.number = 3;
	memset(release.sha256, 0x5a, sizeof(release.sha256));
}

static bool says(enum sc_err want, const char *vkey, const char *what)
{
	enum sc_err got;

	diag = (struct sc_diag){ 0 };
	got =
	    receipt_check_texts(&release, sc_buf_span(&entry), sc_buf_span(&receipt), vkey, &diag);
	if (got == want && strstr(diag.text, what) != NULL)
		return true;
	printf("# %s: %s\n", sc_err_name(got), diag.text);
	return false;
}

/* ---- promises ------------------------------------------------------------------------ */

static void test_holds(void)
{
	make_release();
	NEED(record_publishing(&ours));
	CHECK(says(SC_OK, ours.vkey, ""));
	NEED(record_publishing(&ours));
	CHECK(says(SC_OK, ours.vkey, ""));
}

static void test_other_release(void)
{
	NEED(record_publishing(&ours));
	release.manifest.number = 4;
	CHECK(says(SC_AUTH, ours.vkey, "another release"));
	make_release();
	release.manifest.dataset = someone;
	CHECK(says(SC_AUTH, ours.vkey, "another release"));
	make_release();
	release.sha256[31] ^= 1;
	CHECK(says(SC_AUTH, ours.vkey, "another manifest"));
	make_release();
	release.manifest.tenant = someone;
	CHECK(says(SC_AUTH, ours.vkey, "another tenant"));
	make_release();
	CHECK(says(SC_OK, ours.vkey, ""));
}

/* Each of these is a record that scrimd could have written, and none is a publication. */
static void test_other_acts(void)
{
	struct audit_release v;
	struct audit_record r;

#define NO_RECEIPT(change) \
	do { \
		publish_record(&r, &v); \
		change; \
		NEED(record(&ours, &r)); \
		CHECK(says(SC_AUTH, ours.vkey, "is not published")); \
	} while (0)
	NO_RECEIPT(r.act = "views.refuse");
	NO_RECEIPT(r.act = NULL);
	NO_RECEIPT(r.kind = AUDIT_REQUEST);
	NO_RECEIPT(r.outcome = AUDIT_REFUSED);
	NO_RECEIPT(r.outcome = AUDIT_OUTCOME_NONE);
	NO_RECEIPT(r.release = NULL);
	sc_buf_clear(&entry);
	CHECK(sc_buf_put_str(&entry, "no record") == SC_OK);
	CHECK(says(SC_AUTH, ours.vkey, "no record"));
}

static void test_changed(void)
{
	NEED(record_publishing(&ours));
	for (size_t i = 0; i < entry.n; i++) {
		entry.p[i] ^= 1;
		CHECK(receipt_check_texts(&release, sc_buf_span(&entry), sc_buf_span(&receipt),
			  ours.vkey, &diag) == SC_AUTH);
		entry.p[i] ^= 1;
	}
	/* a blank behind it is the same record in other bytes */
	CHECK(sc_buf_put_str(&entry, " ") == SC_OK);
	CHECK(says(SC_AUTH, ours.vkey, "does not hold"));
}

static void test_cut(void)
{
	size_t n;

	NEED(record_publishing(&ours));
	for (n = receipt.n; n-- > 0;) {
		sc_buf_truncate(&receipt, n);
		CHECK(receipt_check_texts(&release, sc_buf_span(&entry), sc_buf_span(&receipt),
			  ours.vkey, &diag) == SC_AUTH);
	}
	CHECK(says(SC_AUTH, ours.vkey, "is not published"));
}

/* Every byte of the proof and of the signed head counts, but for the index' spelling. */
static void test_bent(void)
{
	NEED(record_publishing(&ours));
	for (size_t i = 0; i < receipt.n; i++) {
		receipt.p[i] ^= 1;
		CHECK(receipt_check_texts(&release, sc_buf_span(&entry), sc_buf_span(&receipt),
			  ours.vkey, &diag) == SC_AUTH);
		receipt.p[i] ^= 1;
	}
}

static void test_other_key(void)
{
	struct rig_log other = { .log = NULL };

	NEED(record_publishing(&ours));
	make_key(&other, ORIGIN, 8);
	CHECK(says(SC_AUTH, other.vkey, "not signed by that key"));
	CHECK(says(SC_SYNTAX, "shop/scrimd+00+00", "malformed"));
	CHECK(says(SC_SYNTAX, "", "malformed"));
}

/* The same signer looks after more than one log. */
static void test_other_log(void)
{
	struct rig_log keyd = { .log = NULL }, lent = { .log = NULL };

	make_key(&keyd, "shop/keyd", 7);
	open_log(&keyd, "keyd", "shop/keyd");
	NEED(record_publishing(&keyd));
	CHECK(says(SC_AUTH, ours.vkey, "not signed by that key"));
	CHECK(says(SC_OK, keyd.vkey, ""));
	tlog_close(keyd.log);
	/* our key's name under the head of another log */
	make_key(&lent, ORIGIN, 7);
	open_log(&lent, "lent", "shop/keyd");
	NEED(record_publishing(&lent));
	CHECK(says(SC_AUTH, ours.vkey, "another log than the key"));
	tlog_close(lent.log);
}

/* ---- files ------------------------------------------------------------------------------ */

static void put(const char *folder, const char *name, struct sc_span bytes)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && close(fd) == 0);
}

static bool file_says(enum sc_err want, const char *what)
{
	diag = (struct sc_diag){ 0 };
	return receipt_check(&release, ours.vkey, &diag) == want && strstr(diag.text, what) != NULL;
}

static void test_files(void)
{
	static uint8_t big[RECEIPT_MAX + 1];
	char folder[128], path[256], other[256];

	snprintf(folder, sizeof(folder), "%s/release", base);
	CHECK(mkdir(folder, 0700) == 0);
	NEED(record_publishing(&ours));
	release.folder = folder;
	CHECK(file_says(SC_AUTH, "no receipt"));
	release.has_receipt = true;
	CHECK(file_says(SC_IO, "entry cannot be read"));
	put(folder, SHELF_ENTRY, sc_buf_span(&entry));
	CHECK(file_says(SC_IO, "receipt cannot be read"));
	put(folder, SHELF_RECEIPT, sc_buf_span(&receipt));
	CHECK(file_says(SC_OK, ""));
	snprintf(path, sizeof(path), "%s/%s", folder, SHELF_RECEIPT);
	snprintf(other, sizeof(other), "%s/other", base);
	CHECK(rename(path, other) == 0 && symlink(other, path) == 0);
	CHECK(file_says(SC_IO, "receipt cannot be read"));
	CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
	CHECK(file_says(SC_IO, "receipt cannot be read"));
	put(folder, SHELF_RECEIPT, sc_span(big, sizeof(big)));
	CHECK(file_says(SC_AUTH, "receipt cannot be read"));
	release.folder = NULL;
}

int main(void)
{
	char remove[128];

	if (mkdtemp(base) == NULL)
		return 1;
	sc_buf_init(&entry, RECEIPT_MAX);
	sc_buf_init(&receipt, RECEIPT_MAX);
	make_release();
	make_key(&ours, ORIGIN, 7);
	open_log(&ours, "scrimd", ORIGIN);
	RUN(test_holds, "a receipt holds for its release, and a second one does too");
	RUN(test_other_release, "it is none of another dataset, number, manifest or tenant");
	RUN(test_other_acts, "an entry that says something else publishes nothing");
	RUN(test_changed, "an entry that was changed is not the one in the log");
	RUN(test_cut, "a receipt that was cut is none");
	RUN(test_bent, "nor is one with another byte in it");
	RUN(test_other_key, "a head that another key signed proves nothing");
	RUN(test_other_log, "nor does the head of another log");
	RUN(test_files, "the files are plain, and of a sensible length");
	tlog_close(ours.log);
	sc_buf_fini(&entry);
	sc_buf_fini(&receipt);
	snprintf(remove, sizeof(remove), "rm -rf '%s'", base);
	return tap_done() | (system(remove) != 0);
}
