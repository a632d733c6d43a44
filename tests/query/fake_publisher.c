/*
 * fake_publisher.c - releases with receipts, without a gateway: for who serves them.
 *
 *	fake_publisher FOLDER DATASET NUMBER ROWS [HOW]
 *	HOW: --unpublished --draft --other-key --other-release
 *
 * FOLDER/views gets the release, FOLDER/vkey the key that the log's heads are signed with, and
 * FOLDER/log is that log; a draft stays in FOLDER/drafts. A table sales(category, channel,
 * orders, revenue), and one of words.
 */
#include "analytics/query/receipt.h"
#include "audit/review/review.h"
#include "crypto/prim/sign.h"
#include "crypto/record/record.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/note.h"
#include "crypto/tlog/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct publisher {
	const char *folder;
	struct sign_secret secret;
	struct note_signer signer;
	struct tlog *log;
	char dir[512];
	bool other_release;
};

static void must(bool ok, const char *what, const struct sc_diag *d)
{
	if (ok)
		return;
	fprintf(stderr, "fake_publisher: %s: %s\n", what, d == NULL ? "" : d->text);
	exit(1);
}

/* ---- the log ----------------------------------------------------------------------------- */

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void sign_head(void *arg, struct tlog *w, const struct tlog_head *head)
{
	struct publisher *p = arg;
	struct sc_buf text;

	sc_buf_init(&text, NOTE_MAX);
	must(note_sign_head(&p->signer, head->origin, head->size, head->root, &text) == SC_OK &&
		tlog_signed(w, sc_buf_span(&text)) == SC_OK,
	    "a head", NULL);
	sc_buf_fini(&text);
}

static void make_key(struct publisher *p, uint8_t byte)
{
	uint8_t seed[SIGN_SEED_BYTES] = { byte };
	char path[512];
	struct sign_public pk;
	struct sc_buf text;
	FILE *f;

	sign_keypair_from_seed(seed, &pk, &p->secret);
	sc_buf_init(&text, NOTE_VKEY_MAX);
	must(note_key_make("demo/scrimd", NOTE_ED25519, pk.b, &p->signer.key) == SC_OK &&
		note_key_print(&p->signer.key, &text) == SC_OK,
	    "a key", NULL);
	snprintf(path, sizeof(path), "%s/vkey", p->folder);
	if (byte == 1 && (f = fopen(path, "we")) != NULL) {
		fprintf(f, "%.*s\n", (int)text.n, (const char *)text.p);
		fclose(f);
	}
	sc_buf_fini(&text);
	p->signer.sign = sign;
	p->signer.arg = &p->secret;
}

static void open_log(struct publisher *p, const char *name)
{
	struct sc_diag d = { .text = "" };
	const struct tlog_options o = { .dir = p->dir,
		.origin = "demo/scrimd",
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 10,
		.sign = sign_head,
		.sign_arg = p };

	snprintf(p->dir, sizeof(p->dir), "%s/%s", p->folder, name);
	must(tlog_open(&o, &d, &p->log) == SC_OK, "the log", &d);
}

/* ---- the release ------------------------------------------------------------------------- */

static const struct shelf_column sales_columns[] = {
	{ "category", SHELF_TEXT, SHELF_DIMENSION, "", "What was bought.", "买了什么。" },
	{ "channel", SHELF_TEXT, SHELF_DIMENSION, "", "How they came.", "来自哪里。" },
	{ "orders", SHELF_INTEGER, SHELF_MEASURE, "", "Orders.", "订单数。" },
	{ "revenue", SHELF_INTEGER, SHELF_MEASURE, "cents", "What was paid.", "付款额。" },
};
static const struct shelf_column words_columns[] = {
	{ "word", SHELF_TEXT, SHELF_PLAIN, "", "A word.", "一个词。" },
};
static const struct shelf_table tables[] = {
	{ "sales", "What was sold.", "卖了什么。", sales_columns, 4, 0 },
	{ "words", "Awkward words.", "难写的词。", words_columns, 1, 0 },
};
static const char *const words[] = { "=1+1", "+44", "-x", "@SUM(A1)", "a,b", "say \"hi\"",
	"two\nlines", "", " edge", "门店", "plain" };
static const char *const channels[] = { "app", "web", "门店" };

static void put_sales(struct shelf_writer *w, uint64_t rows, struct sc_diag *d)
{
	char category[32];

	must(shelf_table(w, &tables[0], d) == SC_OK, "a table", d);
	for (uint64_t i = 0; i < rows; i++) {
		snprintf(category, sizeof(category), "category %" PRIu64, i % 7);
		const struct shelf_value v[] = { { sc_span_str(category), 0 },
			{ sc_span_str(channels[i % 3]), 0 }, { { NULL, 0 }, (int64_t)i },
			{ { NULL, 0 }, (int64_t)i * 100 } };

		must(shelf_row(w, v, d) == SC_OK, "a row", d);
	}
}

static void put_words(struct shelf_writer *w, struct sc_diag *d)
{
	must(shelf_table(w, &tables[1], d) == SC_OK, "a table", d);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct shelf_value v = { sc_span_str(words[i]), 0 };

		must(shelf_row(w, &v, d) == SC_OK, "a row", d);
	}
}

static void make_release(const char *root, const char *dataset, uint64_t number, uint64_t rows)
{
	struct shelf_table own[2];
	struct shelf_manifest m = { .tenant = { "demo" },
		.kind = SHELF_CUBE,
		.number = number,
		.from = "2026-11-16",
		.to = "2026-11-22",
		.made_ms = UINT64_C(1795600000000),
		.title = "What was sold in the week.",
		.title_zh = "一周卖了什么。",
		.k = 10,
		.profile = "cube",
		.checked = true,
		.tables = own,
		.n_tables = 2 };
	struct sc_diag d = { .text = "" };
	uint8_t sha256[SHELF_SHA_BYTES];
	struct shelf_writer *w;
	const char *path;

	memcpy(own, tables, sizeof(own));
	own[0].rows = rows;
	own[1].rows = sizeof(words) / sizeof(words[0]);
	snprintf(m.dataset.s, sizeof(m.dataset.s), "%s", dataset);
	must(shelf_begin(root, dataset, number, &d, &w) == SC_OK, "a release", &d);
	put_sales(w, rows, &d);
	put_words(w, &d);
	must(shelf_close_tables(w, &d, &path) == SC_OK, "its tables", &d);
	must(shelf_file(w, "report.json", sc_span_str("{\"report\":1}"), &d) == SC_OK &&
		shelf_file(w, "report.html", sc_span_str("<!doctype html><p>1"), &d) == SC_OK,
	    "its reports", &d);
	must(shelf_finish(w, &m, &d, sha256) == SC_OK, "its manifest", &d);
	shelf_manifest_fini(&m);
}

/* ---- publishing --------------------------------------------------------------------------- */

static void publish(struct publisher *p, const struct shelf_release *r, const char *root)
{
	static const struct sc_name somebody = { "officer" };
	struct audit_release rel = { .dataset = &r->manifest.dataset,
		.number = r->manifest.number + (p->other_release ? 1 : 0),
		.manifest = r->sha256 };
	struct tlog_status st = { .signed_size = 0 };
	struct sc_diag d = { .text = "" };
	struct sc_buf line, entry, receipt;
	struct audit_record record;
	uint64_t index = 0;

	sc_buf_init(&line, AUDIT_RECORD_MAX);
	sc_buf_init(&entry, RECEIPT_MAX);
	sc_buf_init(&receipt, RECEIPT_MAX);
	audit_record_init(&record, AUDIT_ADMIN);
	record.act = RECEIPT_ACT;
	record.asking.tenant = &r->manifest.tenant;
	record.asking.principal = &somebody;
	record.release = &rel;
	record.outcome = AUDIT_OK;
	must(audit_record_print(&record, &line) == SC_OK &&
		tlog_append(p->log, sc_buf_span(&line), true, &index) == SC_OK,
	    "a record", NULL);
	for (unsigned i = 0; i < 5000 && st.signed_size <= index; i++) {
		tlog_status(p->log, &st);
		usleep(1000);
	}
	must(audit_prove(p->dir, index, &d, &receipt, &entry) == SC_OK, "a receipt", &d);
	must(shelf_publish(r, root, sc_buf_span(&entry), sc_buf_span(&receipt), &d) == SC_OK,
	    "publishing", &d);
	sc_buf_fini(&line);
	sc_buf_fini(&entry);
	sc_buf_fini(&receipt);
}

int main(int argc, char **argv)
{
	const char *how = argc > 5 ? argv[5] : "";
	struct publisher p = { .folder = argc > 4 ? argv[1] : NULL,
		.other_release = strcmp(how, "--other-release") == 0 };
	struct sc_diag d = { .text = "" };
	struct shelf_release r;
	char drafts[512], views[512], folder[1024];
	const bool other_key = strcmp(how, "--other-key") == 0;

	if (argc < 5) {
		fprintf(stderr, "usage: fake_publisher FOLDER DATASET NUMBER ROWS [HOW]\n");
		return 2;
	}
	snprintf(drafts, sizeof(drafts), "%s/drafts", p.folder);
	snprintf(views, sizeof(views), "%s/views", p.folder);
	mkdir(views, 0700);
	make_release(strcmp(how, "--unpublished") == 0 ? views : drafts, argv[2],
	    strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	if (strcmp(how, "--unpublished") == 0 || strcmp(how, "--draft") == 0)
		return 0;
	must(shelf_path(drafts, argv[2], strtoull(argv[3], NULL, 10), folder, sizeof(folder)) ==
		SC_OK,
	    "its place", NULL);
	must(shelf_release_open(folder, &d, &r) == SC_OK, "the release", &d);
	make_key(&p, other_key ? 2 : 1);
	open_log(&p, other_key ? "other-log" : "log");
	publish(&p, &r, views);
	tlog_close(p.log);
	shelf_release_fini(&r);
	return 0;
}
