/*
 * test_judge.c - two logs that tell of one another: what was done to either, or to both, gets the
 * right word, with and without what the auditor keeps; and no edit of a file that counts is
 * called verified.
 */
#include "audit/review/judge.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/prim/sign.h"
#include "crypto/record/record.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/state.h"
#include "crypto/tlog/tile.h"
#include "crypto/tlog/writer.h"
#include "tap.h"

#define GATE "demo/scrimd"
#define KEYD "scrim/demo/keyd"

static char top[64], gate[80], keyd[80];
static struct trust trust;

/* ---- logs ------------------------------------------------------------------------------- */

struct signing {
	struct sign_secret secret;
	struct note_signer signer;
};

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void sign_now(void *arg, struct tlog *w, const struct tlog_head *head)
{
	struct signing *s = arg;
	struct sc_buf text;

	sc_buf_init(&text, NOTE_MAX);
	if (note_sign_head(&s->signer, head->origin, head->size, head->root, &text) != SC_OK ||
	    tlog_signed(w, sc_buf_span(&text)) != SC_OK)
		abort();
	sc_buf_fini(&text);
}

static void make_key(struct signing *s, uint8_t seed, const char *origin)
{
	const uint8_t bytes[SIGN_SEED_BYTES] = { seed };
	struct sign_public pk;

	sign_keypair_from_seed(bytes, &pk, &s->secret);
	if (note_key_make(origin, NOTE_ED25519, pk.b, &s->signer.key) != SC_OK)
		abort();
	s->signer.sign = sign;
	s->signer.arg = &s->secret;
}

/* With the key of SEED; its vkey lies beside it. SIGNS is the log's for as long as it is open. */
static struct tlog *open_log(const char *dir, const char *origin, uint8_t seed,
    struct signing *signs)
{
	struct tlog_options o = { .dir = dir,
		.origin = origin,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 20,
		.sign = sign_now,
		.sign_arg = signs };
	char path[128];
	struct sc_buf text;
	struct tlog *w;
	FILE *f;

	make_key(signs, seed, origin);
	if (tlog_open(&o, NULL, &w) != SC_OK)
		abort();
	snprintf(path, sizeof(path), "%s/vkey", dir);
	sc_buf_init(&text, NOTE_VKEY_MAX);
	if (note_key_print(&signs->signer.key, &text) != SC_OK || (f = fopen(path, "w")) == NULL)
		abort();
	fprintf(f, "%.*s\n", SC_SPAN_ARG(sc_buf_span(&text)));
	fclose(f);
	sc_buf_fini(&text);
	return w;
}

static void append(struct tlog *w, const struct audit_record *r)
{
	struct sc_buf out;
	uint64_t index;

	sc_buf_init(&out, AUDIT_RECORD_MAX);
	if (audit_record_print(r, &out) != SC_OK ||
	    tlog_append(w, sc_buf_span(&out), false, &index) != SC_OK)
		abort();
	sc_buf_fini(&out);
}

static void fill(struct tlog *w, uint64_t n, uint64_t at, uint64_t named)
{
	static const struct sc_name alice = { "alice" };
	struct audit_record r;

	for (uint64_t i = 0; i < n; i++) {
		audit_record_init(&r, AUDIT_REVEAL);
		r.at_ms = at + i;
		r.asking.principal = &alice;
		r.outcome = AUDIT_OK;
		r.keyd_index = named;
		append(w, &r);
	}
}

static struct note_head head_of(const char *dir)
{
	struct tlog_checkpoint *c = malloc(sizeof(*c));
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	struct note_head head;
	struct sc_diag d;
	bool found;

	if (c == NULL || fd < 0 ||
	    checkpoint_read(fd, "checkpoint", NULL, c, &found, &d) != SC_OK || !found)
		abort();
	head = c->head;
	free(c);
	close(fd);
	return head;
}

static void tell_head(struct tlog *w, const struct note_head *head, uint64_t at, const char *act,
    enum audit_outcome outcome)
{
	struct audit_record r;

	audit_record_init(&r, act == NULL ? AUDIT_HEAD : AUDIT_ADMIN);
	r.at_ms = at;
	r.act = act;
	r.outcome = outcome;
	r.head_origin = head->origin;
	r.head_size = head->size;
	r.head_root = head->root;
	append(w, &r);
}

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *fmt, ...)
{
	char cmd[512], whole[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	snprintf(whole, sizeof(whole), "cd %s && { %s; }", top, cmd);
	if (system(whole) != 0)
		abort();
}

/* Some more of both, at the time AT: the gateway's tells of keyd's, keyd's of the gateway's. */
static void go_on(uint8_t seed, uint64_t at)
{
	struct signing a, b;
	struct tlog *k = open_log(keyd, KEYD, seed, &b), *g;
	struct note_head head;

	fill(k, 150, at, AUDIT_NONE);
	tlog_close(k);
	head = head_of(keyd);
	g = open_log(gate, GATE, seed, &a);
	fill(g, 140, at, head.size - 1);
	tell_head(g, &head, at, NULL, AUDIT_OUTCOME_NONE);
	tlog_close(g);
	head = head_of(gate);
	k = open_log(keyd, KEYD, seed, &b);
	tell_head(k, &head, at, NULL, AUDIT_OK);
	tlog_close(k);
}

static void make_world(void)
{
	snprintf(top, sizeof(top), "/tmp/scrim-judge-XXXXXX");
	if (mkdtemp(top) == NULL)
		abort();
	snprintf(gate, sizeof(gate), "%s/gate", top);
	snprintf(keyd, sizeof(keyd), "%s/keyd", top);
	go_on(9, 1000);
	shell("mkdir old && cp -a gate keyd old/");
	go_on(9, 2000);
	shell("mkdir good && cp -a gate keyd good/");
}

static void put_back(void)
{
	shell("rm -rf gate keyd && cp -a good/gate good/keyd .");
}

static void end_world(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", top);
	if (system(cmd) != 0)
		abort();
}

/* ---- judging ------------------------------------------------------------------------------ */

enum by { BY_NOTHING, BY_KEY, BY_HEADS };

static struct audit_log judged[3];
static bool unnamed; /* folders alone are known, and not whose they are */

static enum audit_word judge(enum by by, size_t n, bool give_up)
{
	struct signing pin;
	struct audit_judging j = { .logs = judged, .n = n, .give_up = give_up };
	enum audit_word worst;

	make_key(&pin, 9, KEYD);
	memset(judged, 0, sizeof(judged));
	judged[0] = (struct audit_log){ .label = "scrimd", .dir = gate, .origin = GATE };
	judged[1] =
	    (struct audit_log){ .label = "keyd", .dir = keyd, .origin = KEYD, .keyd = true };
	if (unnamed)
		judged[0].origin = judged[1].origin = NULL;
	if (by == BY_KEY)
		j.pin = &pin.signer.key;
	if (by == BY_HEADS)
		j.trust = &trust;
	if (audit_judge(&j, &worst) != SC_OK)
		abort();
	return worst;
}

static void learn(void)
{
	struct trust_row row;

	trust.n = 0;
	if (judge(BY_NOTHING, 2, true) > AUDIT_UNPINNED)
		abort();
	for (size_t i = 0; i < 2; i++) {
		memset(&row, 0, sizeof(row));
		row.key = judged[i].key;
		row.head = head_of(i == 0 ? gate : keyd);
		if (trust_put(&trust, &row) != SC_OK)
			abort();
	}
}

/* The words by nothing, by a key and by heads that were seen. */
static void expect(const char *what, enum audit_word nothing, enum audit_word key,
    enum audit_word heads)
{
	const enum audit_word want[] = { nothing, key, heads };

	for (unsigned by = BY_NOTHING; by <= BY_HEADS; by++) {
		enum audit_word got = judge((enum by)by, 2, false);

		if (got == want[by])
			continue;
		printf("# %s, by %u: %s (%s; %s), and should be %s\n", what, by,
		    audit_word_name(got), judged[0].why.text, judged[1].why.text,
		    audit_word_name(want[by]));
		CHECK(false);
	}
}

static void says(size_t i, const char *text)
{
	if (strstr(judged[i].why.text, text) == NULL) {
		printf("# %s\n", judged[i].why.text);
		CHECK(false);
	}
}

static void test_words(void)
{
	expect("untouched", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_VERIFIED);
	CHECK(judged[0].heads == 2 && judged[1].heads == 2);
	go_on(9, 3000);
	expect("longer", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_VERIFIED);
	put_back();
	shell("rm -rf gate && cp -a old/gate .");
	expect("scrimd's rolled back", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	CHECK(judge(BY_NOTHING, 2, false) == AUDIT_BROKEN);
	says(0, "rolled back: keyd's log saw 282 entries of it");
	put_back();
	shell("rm -rf keyd && cp -a old/keyd .");
	expect("keyd's rolled back", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	shell("rm -rf gate && cp -a old/gate .");
	expect("both rolled back", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_BROKEN);
	says(1, "it has 151 entries, and you have seen 302: it was rolled back");
	put_back();
	shell("mv gate x && mv keyd gate && mv x keyd");
	expect("exchanged", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	says(0, "were the logs exchanged?");
	unnamed = true;
	expect("exchanged, and nobody knows whose", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	says(1, "names one of keyd's, as a gateway's does");
	put_back();
	expect("in their places, likewise", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_VERIFIED);
	unnamed = false;
}

/* Of a log: its key, its checkpoint, itself. */
static void test_missing(void)
{
	shell("rm gate/vkey");
	expect("scrimd's key removed", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE, AUDIT_INCOMPLETE);
	put_back();
	shell("rm keyd/vkey");
	expect("keyd's key removed", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE, AUDIT_INCOMPLETE);
	put_back();
	shell("cp keyd/vkey gate/vkey");
	expect("another log's key", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	put_back();
	shell("rm gate/checkpoint");
	expect("no checkpoint", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE, AUDIT_INCOMPLETE);
	says(0, "no checkpoint");
	put_back();
	shell("rm -rf keyd");
	expect("keyd's missing", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE, AUDIT_INCOMPLETE);
	says(0, "heads of " KEYD ", which was not looked at");
	shell("mkdir keyd");
	expect("keyd's empty", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE, AUDIT_INCOMPLETE);
	says(1, "there is no log in");
	put_back();
	shell("rm keyd/state");
	expect("no state", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	put_back();
	CHECK(judge(BY_KEY, 1, false) == AUDIT_INCOMPLETE);
	shell("truncate -s -7 keyd/tile/entries/000");
	expect("cut", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	put_back();
}

/* The log in DIR, with the key of SEED for whoever signed it. */
static void sign_again(const char *dir, const char *origin, uint8_t seed)
{
	struct note_head head = head_of(dir);
	struct sc_buf text;
	struct signing s;
	char path[128];
	FILE *f;

	make_key(&s, seed, origin);
	sc_buf_init(&text, NOTE_MAX);
	snprintf(path, sizeof(path), "%s/checkpoint", dir);
	if (note_sign_head(&s.signer, origin, head.size, head.root, &text) != SC_OK ||
	    (f = fopen(path, "w")) == NULL)
		abort();
	fwrite(text.p, 1, text.n, f);
	fclose(f);
	sc_buf_clear(&text);
	snprintf(path, sizeof(path), "%s/vkey", dir);
	if (note_key_print(&s.signer.key, &text) != SC_OK || (f = fopen(path, "w")) == NULL)
		abort();
	fwrite(text.p, 1, text.n, f);
	fclose(f);
	sc_buf_fini(&text);
}

/* Both made anew by somebody with a key of their own, who takes care of the heads too. */
static void test_forged(void)
{
	shell("rm -rf gate");
	{
		struct signing s;
		struct tlog *g = open_log(gate, GATE, 7, &s);

		fill(g, 290, 1000, AUDIT_NONE);
		tlog_close(g);
	}
	expect("scrimd's forged", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	put_back();
	sign_again(keyd, KEYD, 7);
	expect("keyd's as it was, signed by another", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	CHECK(judge(BY_NOTHING, 2, false) == AUDIT_BROKEN);
	says(0, "they are not signed by one keyd");
	put_back();
	shell("rm -rf gate keyd");
	go_on(7, 1000);
	go_on(7, 2000);
	go_on(7, 3000);
	expect("both forged", AUDIT_UNPINNED, AUDIT_BROKEN, AUDIT_BROKEN);
	says(0, "its key is not the one that you trust");
	shell("rm -rf gate keyd");
	go_on(9, 1001);
	go_on(9, 2000);
	go_on(9, 3000);
	expect("another past by the right key", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_BROKEN);
	says(0, "its past was rewritten");
	put_back();
}

/* Heads that are signed and nowhere told, refused ones, and entries that nobody signs. */
static void test_untold(void)
{
	struct note_head other = { .origin = GATE, .size = 5, .root = { 1 } };
	struct signing s;
	struct tlog *w = open_log(gate, GATE, 9, &s);

	fill(w, 1, 2000, AUDIT_NONE);
	tlog_close(w);
	expect("a head that keyd's log does not tell", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE,
	    AUDIT_INCOMPLETE);
	says(0, "does not tell that its newest head (283 entries) was signed");
	put_back();
	w = open_log(keyd, KEYD, 9, &s);
	tell_head(w, &other, 2000, NULL, AUDIT_REFUSED);
	tlog_close(w);
	expect("a head that was refused", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_VERIFIED);
	CHECK(judged[1].refused_heads == 1);
	w = open_log(keyd, KEYD, 9, &s);
	tell_head(w, &other, 2000, NULL, AUDIT_OK);
	tlog_close(w);
	expect("a head of another past", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	says(0, "its past was rewritten");
	put_back();
	snprintf(other.origin, sizeof(other.origin), "demo/second");
	w = open_log(keyd, KEYD, 9, &s);
	tell_head(w, &other, 2000, NULL, AUDIT_OK);
	tlog_close(w);
	expect("a gateway nobody named", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE, AUDIT_INCOMPLETE);
	says(1, "demo/second");
	put_back();
	w = open_log(gate, GATE, 9, &s);
	fill(w, 1, 2000, 302);
	tlog_close(w);
	expect("an opening that keyd does not tell", AUDIT_BROKEN, AUDIT_BROKEN, AUDIT_BROKEN);
	says(1, "names its entry 302, it has 302");
	put_back();
}

static void test_unsigned(void)
{
	struct tlog_options o = { .dir = gate,
		.origin = GATE,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 20 };
	struct signing s;
	struct tlog *w;

	if (tlog_open(&o, NULL, &w) != SC_OK)
		abort();
	fill(w, 10, 3000, AUDIT_NONE);
	tlog_close(w);
	expect("some without a signature yet", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_VERIFIED);
	w = open_log(keyd, KEYD, 9, &s);
	fill(w, 1, 3000 + AUDIT_UNSIGNED_MS, AUDIT_NONE);
	tlog_close(w);
	expect("a minute", AUDIT_UNPINNED, AUDIT_VERIFIED, AUDIT_VERIFIED);
	w = open_log(keyd, KEYD, 9, &s);
	fill(w, 1, 3001 + AUDIT_UNSIGNED_MS, AUDIT_NONE);
	tlog_close(w);
	expect("and a bit", AUDIT_INCOMPLETE, AUDIT_INCOMPLETE, AUDIT_INCOMPLETE);
	says(0, "entries from 282 on have been without a signature for 60 seconds");
	put_back();
}

/* A log that is lost, given up as keyd's own log tells, and begun anew. */
static void test_begun_anew(void)
{
	struct note_head last = head_of(gate);
	struct signing s;
	struct tlog *w = open_log(keyd, KEYD, 9, &s);

	tell_head(w, &last, 2500, "head.forget", AUDIT_OK);
	tlog_close(w);
	shell("rm -rf gate");
	go_on(9, 3000);
	CHECK(judge(BY_HEADS, 2, false) == AUDIT_BROKEN);
	CHECK(judge(BY_KEY, 2, false) == AUDIT_INCOMPLETE && judged[0].given_up == 2);
	says(0, "audit trust --replace");
	learn();
	CHECK(judge(BY_HEADS, 2, false) == AUDIT_VERIFIED && judged[0].given_up == 2);
	put_back();
	learn();
	last = head_of(keyd);
	shell("rm -rf keyd && cp -a old/keyd .");
	w = open_log(keyd, KEYD, 9, &s);
	tell_head(w, &last, 2500, "store.start_anew", AUDIT_OK);
	tlog_close(w);
	go_on(9, 3000);
	CHECK(judge(BY_HEADS, 2, false) == AUDIT_BROKEN);
	CHECK(judge(BY_KEY, 2, false) == AUDIT_INCOMPLETE);
	says(1, "heads of it are from before it was given up");
	put_back();
}

/* ---- a thousand edits ---------------------------------------------------------------------- */

#define EDITS 1000
#define FILES_MAX 128

struct kept_file {
	char path[192], name[64]; /* the whole, and below its log's folder */
	uint8_t *p;
	size_t n;
	bool counts; /* is it read at all? */
};
static struct kept_file files[FILES_MAX];
static size_t n_files;

static uint64_t rnd(void)
{
	static uint64_t x = 25;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static void write_file(const struct kept_file *f, const uint8_t *p, size_t n)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

/* Of a tree only the files of its own size are read; of the rest all but lock and reserve. */
static bool counts(const char *dir, const char *name)
{
	uint64_t size = head_of(dir).size;
	char path[TILE_PATH_MAX];

	if (strncmp(name, "tile/", 5) != 0)
		return strcmp(name, "lock") != 0 && strcmp(name, "reserve") != 0;
	for (unsigned l = 0; l <= TILE_LEVELS; l++)
		for (uint64_t n = 0, w; (w = tile_width(l == TILE_LEVELS ? 0 : l, n, size)) > 0;
		     n++) {
			tile_path(l == TILE_LEVELS ? TILE_ENTRIES : l, n, (unsigned)w, path);
			if (strcmp(path, name) == 0)
				return true;
		}
	return false;
}

static void keep_files(const char *dir)
{
	char cmd[160], line[256];
	struct kept_file *f;
	struct stat st;
	FILE *list;
	int fd;

	snprintf(cmd, sizeof(cmd), "cd %s && find . -type f | sort", dir);
	if ((list = popen(cmd, "r")) == NULL)
		abort();
	while (fgets(line, sizeof(line), list) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (n_files == FILES_MAX)
			abort();
		f = &files[n_files++];
		snprintf(f->name, sizeof(f->name), "%.63s", line + 2);
		snprintf(f->path, sizeof(f->path), "%.100s/%.63s", dir, line + 2);
		if ((fd = open(f->path, O_RDONLY)) < 0 || fstat(fd, &st) != 0)
			abort();
		f->n = (size_t)st.st_size;
		f->p = malloc(f->n + 1);
		if (f->p == NULL || read(fd, f->p, f->n) != (ssize_t)f->n)
			abort();
		close(fd);
		f->counts = counts(dir, f->name);
	}
	pclose(list);
}

/* Must an edit that left A like B (both NULL: as it was) be noticed? -1: it may be. */
static int must_notice(const struct kept_file *f, const uint8_t *now, size_t n)
{
	bool journal = strncmp(f->name, "journal.", 8) == 0;
	const uint8_t *line = memmem(f->p, f->n, "\nsigned ", 8);

	if (!f->counts || (now != NULL && n == f->n && memcmp(now, f->p, n) == 0))
		return 0;
	if (now == NULL || !journal) {
		/* how much was signed once is a lower bound; behind a key a newline may be missing */
		if (strcmp(f->name, "state") == 0 && n == f->n &&
		    memcmp(now, f->p, (size_t)(line - f->p) + 8) == 0)
			return -1;
		return strcmp(f->name, "vkey") == 0 && n + 1 == f->n ? -1 : 1;
	}
	/* all of it is in the tree; whose a journal is nobody signed */
	return n != f->n ? 1 : -1;
}

static int edit(struct kept_file *f, struct kept_file *other, char *what, size_t size)
{
	uint8_t *now = malloc(f->n + 1);
	size_t n = f->n, at = n == 0 ? 0 : rnd() % n;
	int must;

	memcpy(now, f->p, f->n);
	switch (rnd() % 5) {
	case 0:
		snprintf(what, size, "bit of %s at %zu", f->path, at);
		now[at] ^= (uint8_t)(1u << rnd() % 8);
		break;
	case 1:
		snprintf(what, size, "cut %s at %zu", f->path, at);
		n = at;
		break;
	case 2:
		snprintf(what, size, "drop %s", f->path);
		unlink(f->path);
		must = must_notice(f, NULL, 0);
		free(now);
		return must;
	case 3:
		snprintf(what, size, "copy %s to %s", other->path, f->path);
		write_file(f, other->p, other->n);
		must = must_notice(f, other->p, other->n);
		free(now);
		return must;
	default:
		snprintf(what, size, "exchange %s and %s", other->path, f->path);
		write_file(f, other->p, other->n);
		write_file(other, f->p, f->n);
		must = must_notice(f, other->p, other->n);
		if (must != 1 && must_notice(other, f->p, f->n) != 0)
			must = must_notice(other, f->p, f->n);
		free(now);
		return must;
	}
	if (f->n > 0)
		write_file(f, now, n);
	must = f->n == 0 ? 0 : must_notice(f, now, n);
	free(now);
	return must;
}

static void test_edits(void)
{
	unsigned noticed = 0, ignored = 0;
	char what[512];

	n_files = 0;
	keep_files(gate);
	keep_files(keyd);
	for (unsigned i = 0; i < EDITS; i++) {
		struct kept_file *f = &files[rnd() % n_files], *other = &files[rnd() % n_files];
		int must = edit(f, other, what, sizeof(what));
		bool well = judge(BY_HEADS, 2, false) == AUDIT_VERIFIED;

		if (must >= 0 && well == (must == 1)) {
			printf("# edit %u: %s: %s %s\n", i, what, judged[0].why.text,
			    judged[1].why.text);
			CHECK(false);
		}
		noticed += !well;
		ignored += well;
		write_file(f, f->p, f->n);
		write_file(other, other->p, other->n);
	}
	printf("# %u edits were noticed, %u were of bytes that nobody reads\n", noticed, ignored);
	CHECK(noticed > EDITS / 2 && ignored > EDITS / 20);
	CHECK(judge(BY_HEADS, 2, false) == AUDIT_VERIFIED);
	for (size_t i = 0; i < n_files; i++)
		free(files[i].p);
}

/* ---- the auditor's file ---------------------------------------------------------------------- */

static void test_trust(void)
{
	struct trust *back = malloc(sizeof(*back));
	struct sc_buf text;
	struct sc_diag d;

	sc_buf_init(&text, TRUST_BYTES_MAX);
	NEED(back != NULL && trust_print(&trust, &text) == SC_OK);
	CHECK(trust_parse(sc_buf_span(&text), back, &d) == SC_OK && back->n == 2);
	CHECK(memcmp(back->v, trust.v, 2 * sizeof(trust.v[0])) == 0);
	CHECK(trust_find(back, GATE) == &back->v[0] && trust_find(back, "x") == NULL);
	for (size_t i = 0; i < text.n; i++) {
		text.p[i] ^= 1;
		/* another digit is another size, and another hash another hash */
		if (trust_parse(sc_buf_span(&text), back, &d) == SC_OK)
			CHECK(memcmp(back->v, trust.v, 2 * sizeof(trust.v[0])) != 0);
		text.p[i] ^= 1;
		CHECK(i + 1 == text.n || trust_parse(sc_span(text.p, i), back, &d) == SC_SYNTAX ||
		    text.p[i - 1] == '\n');
	}
	/* a line that is there already */
	NEED(sc_buf_reserve(&text, 120) == SC_OK && sc_buf_put(&text, text.p + 21, 120) == SC_OK);
	CHECK(trust_parse(sc_buf_span(&text), back, &d) == SC_SYNTAX);
	sc_buf_fini(&text);
	free(back);
}

/* A list that is not whole (test_people_list.c has all the ways) makes keyd's log broken. */
static void test_lists(void)
{
	for (unsigned which = 1; which <= 2; which++) {
		struct signing s;
		struct tlog *w = open_log(keyd, KEYD, 9, &s);
		struct audit_record r;

		audit_record_init(&r, AUDIT_PEOPLE);
		r.at_ms = 3000;
		r.parts = which;
		append(w, &r);
		tlog_close(w);
		expect(which == 1 ? "a part of what was never answered" : "a part alone",
		    which == 1 ? AUDIT_UNPINNED : AUDIT_BROKEN,
		    which == 1 ? AUDIT_VERIFIED : AUDIT_BROKEN,
		    which == 1 ? AUDIT_VERIFIED : AUDIT_BROKEN);
		if (which == 2)
			says(1, "a part of a list of people stands without the one before it");
		put_back();
	}
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	make_world();
	learn();
	RUN(test_words, "rolled back, exchanged: the right word, by nothing, a key, heads seen");
	RUN(test_missing, "what is missing is incomplete, what is cut is broken");
	RUN(test_forged, "logs forged with a key of one's own, one or both");
	RUN(test_untold, "heads that are nowhere told, refused, or of another past");
	RUN(test_unsigned, "entries may be without a signature for a minute");
	RUN(test_begun_anew, "a log begun anew is told as such until the auditor takes it");
	RUN(test_lists, "a list of people that is not as its record says is broken");
	RUN(test_edits, "of a thousand edits none that counts is verified");
	RUN(test_trust, "the auditor's file reads as it was written, and strictly");
	end_world();
	return tap_done();
}
