/*
 * test_witness.c - a witness answers each submission as c2sp.org/tlog-witness says, and never says
 * less than it said before, whatever stops it.
 */
#include "audit/witness/witness.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/prim/sign.h"
#include "crypto/tlog/cosignature.h"
#include "crypto/tlog/submission.h"
#include "tap.h"
#include "unit/audit/witness_rig.h"

#define NOW 1700000000
#define LEAVES 40

static char dir[64], key_path[128];
static struct witness_settings settings = { .name = "witness.example/w1",
	.logs = log_settings,
	.n_logs = 2 };
static struct witness w;

static char answer[WITNESS_ANSWER_MAX + 1];

static unsigned add(struct sc_span body)
{
	struct witness_answer a = { .status = 0 };

	sc_buf_init(&a.body, WITNESS_ANSWER_MAX);
	witness_add(&w, body, NOW, &a);
	snprintf(answer, sizeof(answer), "%.*s", SC_SPAN_ARG(sc_buf_span(&a.body)));
	CHECK((a.why == NULL) == (a.status == 200 || a.status == 409));
	sc_buf_fini(&a.body);
	return a.status;
}

static unsigned submit(unsigned i, struct tree *t, uint64_t old, uint64_t size)
{
	struct sc_buf b;
	unsigned status;

	body_of(i, t, old, size, &b);
	status = add(sc_buf_span(&b));
	sc_buf_fini(&b);
	return status;
}

static bool start(void)
{
	struct sc_diags all = { .n = 0 };

	return witness_open(&settings, &all, &w) == SC_OK;
}

/* Everything of a run before is gone. */
static void fresh(void)
{
	char cmd[256];

	if (w.settings != NULL)
		witness_close(&w);
	snprintf(cmd, sizeof(cmd), "rm -rf %s && mkdir -p %s", dir, dir);
	if (system(cmd) != 0)
		abort();
	make_witness_key(key_path, settings.name);
	if (!start())
		abort();
}

static struct tree one = { 1 }, other = { 2 };

static void test_grows(void)
{
	fresh();
	for (uint64_t from = 0, to = 0; to <= LEAVES; from = to, to += 1 + to % 3)
		if (submit(0, &one, from, to) != 200) {
			printf("# %llu -> %llu\n", (unsigned long long)from,
			    (unsigned long long)to);
			CHECK(false);
		}
	CHECK(w.refused == 0);
}

static void test_answer(void)
{
	struct note_head head;
	struct cosigned c;
	struct sc_buf b;
	struct note *n = malloc(sizeof(*n));

	fresh();
	NEED(n != NULL && submit(0, &one, 0, 7) == 200);
	CHECK(strncmp(answer, "\xe2\x80\x94 witness.example/w1 ", 22) == 0);
	sc_buf_init(&b, NOTE_MAX);
	NEED(seen_read(&w.seen, seen_find(&w.seen, "demo/one"), &b) == SC_OK);
	NEED(note_parse(sc_buf_span(&b), n) == SC_OK && n->n_sigs == 2);
	CHECK(note_head_parse(n->text, &head) == SC_OK && head.size == 7);
	CHECK(cosignature_check(n, &w.key.signer.key, 1, 0, &c) == SC_OK &&
	    c.state == COSIGNED_HOLDS && c.time == NOW);
	CHECK(sc_span_is(n->sigs[1].line, answer));
	sc_buf_fini(&b);
	free(n);
}

static void test_conflict(void)
{
	fresh();
	CHECK(submit(0, &one, 3, 9) == 409 && strcmp(answer, "0\n") == 0);
	CHECK(submit(0, &one, 0, 9) == 200);
	CHECK(submit(0, &one, 0, 12) == 409 && strcmp(answer, "9\n") == 0);
	CHECK(submit(0, &one, 8, 12) == 409 && strcmp(answer, "9\n") == 0);
	CHECK(submit(0, &one, 10, 12) == 409 && strcmp(answer, "9\n") == 0);
	CHECK(submit(0, &one, 0, 5) == 409 && strcmp(answer, "9\n") == 0);
	/* a smaller tree than was seen: with the size that was seen it is no request at all */
	CHECK(submit(0, &one, 9, 5) == 400);
	CHECK(submit(0, &one, 9, 9) == 200); /* once more, for whoever lost the answer */
	CHECK(submit(0, &one, 9, 12) == 200);
}

static void test_fork(void)
{
	struct seen_log *l;
	char fork[SEEN_NAME_BYTES + 8];

	fresh();
	CHECK(submit(0, &one, 0, 15) == 200);
	CHECK(submit(0, &other, 15, 19) == 200); /* they part only at twenty */
	CHECK(submit(0, &one, 19, 25) == 200);
	l = seen_find(&w.seen, "demo/one");
	snprintf(fork, sizeof(fork), "%s.fork", l->name);
	CHECK(submit(0, &other, 25, 30) == 422);
	CHECK(faccessat(w.seen.dirfd, fork, F_OK, 0) != 0); /* nothing is proved by that */
	CHECK(submit(0, &other, 25, 25) == 422);
	CHECK(faccessat(w.seen.dirfd, fork, F_OK, 0) == 0);
	CHECK(l->size == 25 && submit(0, &one, 25, 30) == 200);
}

static void test_proofs(void)
{
	struct sc_buf b;
	char *p;

	fresh();
	CHECK(submit(0, &one, 0, 6) == 200);
	body_of(0, &one, 6, 11, &b);
	p = strchr((char *)b.p, '\n') + 1; /* the first hash */
	*p = *p == 'A' ? 'B' : 'A';
	CHECK(add(sc_buf_span(&b)) == 422);
	sc_buf_fini(&b);
	/* a proof where none is due */
	fresh();
	body_of(0, &one, 6, 11, &b);
	memcpy(b.p + 4, "0", 1);
	CHECK(add(sc_buf_span(&b)) == 422);
	sc_buf_fini(&b);
	CHECK(seen_find(&w.seen, "demo/one")->any == false);
}

static void test_empty(void)
{
	struct submission s = { .old = 0 };
	struct sc_buf note, b;
	uint8_t root[HASH_BYTES] = { 1 };

	fresh();
	sc_buf_init(&note, NOTE_MAX);
	sc_buf_init(&b, SUBMISSION_MAX);
	NEED(note_sign_head(&logs[0], "demo/one", 0, root, &note) == SC_OK);
	s.checkpoint = sc_buf_span(&note);
	NEED(submission_print(&s, &b) == SC_OK);
	CHECK(add(sc_buf_span(&b)) == 422);
	CHECK(submit(0, &one, 0, 0) == 200);
	CHECK(submit(0, &one, 0, 4) == 200);
	sc_buf_fini(&note);
	sc_buf_fini(&b);
}

static void test_who(void)
{
	struct note_signer stranger = logs[1];
	struct sc_buf b;
	char *p;

	fresh();
	/* another log's key under this log's origin */
	NEED(note_key_make("demo/one", NOTE_ED25519, logs[1].key.pub, &stranger.key) == SC_OK);
	struct note_signer was = logs[0];

	logs[0] = stranger;
	CHECK(submit(0, &one, 0, 5) == 403);
	logs[0] = was;
	/* the signature itself */
	body_of(0, &one, 0, 5, &b);
	p = (char *)b.p + b.n - 10;
	*p = *p == 'A' ? 'B' : 'A';
	CHECK(add(sc_buf_span(&b)) == 403);
	sc_buf_fini(&b);
	/* a log that is not ours: 404 before anything else is said of it */
	NEED(note_key_make("demo/three", NOTE_ED25519, logs[1].key.pub, &logs[0].key) == SC_OK);
	CHECK(submit(0, &one, 3, 5) == 404);
	logs[0] = was;
	CHECK(add(sc_span_str("old 0\n\nnothing\n")) == 400);
	CHECK(add(sc_span_str("")) == 400);
	/* one log's checkpoints are not another's */
	CHECK(submit(0, &one, 0, 5) == 200 && submit(1, &other, 0, 30) == 200);
	CHECK(submit(0, &one, 5, 6) == 200 && submit(1, &other, 30, 31) == 200);
}

static void test_again(void)
{
	struct sc_diags all = { .n = 0 };
	struct witness second;
	char path[256];
	FILE *f;

	fresh();
	CHECK(submit(0, &one, 0, 9) == 200);
	/* one at a time */
	CHECK(witness_open(&settings, &all, &second) == SC_AGAIN);
	witness_close(&w);
	NEED(start());
	CHECK(submit(0, &one, 0, 12) == 409 && strcmp(answer, "9\n") == 0);
	CHECK(submit(0, &one, 9, 12) == 200);
	/* what somebody else wrote there is not believed */
	snprintf(path, sizeof(path), "%s/%s", dir, seen_find(&w.seen, "demo/one")->name);
	witness_close(&w);
	NEED((f = fopen(path, "r+")) != NULL);
	CHECK(fseek(f, 9, SEEK_SET) == 0 && fputs("3", f) >= 0 && fclose(f) == 0);
	CHECK(!start());
}

/* A folder in which nothing can be made: no cosignature leaves, and what was seen stays. */
static void test_not_kept(void)
{
	char tmp[256];
	struct seen_log *l;

	fresh();
	CHECK(submit(0, &one, 0, 9) == 200);
	l = seen_find(&w.seen, "demo/one");
	snprintf(tmp, sizeof(tmp), "%s/%s.tmp", dir, l->name);
	NEED(mkdir(tmp, 0700) == 0);
	CHECK(submit(0, &one, 9, 12) == 500 && answer[0] == '\0');
	CHECK(l->size == 9);
	NEED(rmdir(tmp) == 0);
	CHECK(submit(0, &one, 9, 12) == 200);
}

static void test_key(void)
{
	struct sc_diags all = { .n = 0 };
	struct witness_key key;

	fresh();
	CHECK(witness_key_load(key_path, "witness.example/w2", &all, &key) == SC_SYNTAX);
	NEED(chmod(key_path, 0644) == 0);
	all.n = 0;
	CHECK(witness_key_load(key_path, settings.name, &all, &key) == SC_AUTH);
	witness_key_fini(&key);
}

int main(void)
{
	char cmd[256];

	log_setup("test", LOG_ERROR + 1);
	snprintf(dir, sizeof(dir), "/tmp/scrim-witness-XXXXXX");
	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(key_path, sizeof(key_path), "%s.key", dir);
	settings.key = key_path;
	settings.state = dir;
	make_log(0, "demo/one");
	make_log(1, "demo/two");
	RUN(test_grows, "a log that only grows is cosigned, size by size");
	RUN(test_answer, "the answer is the cosignature that was kept, with the log's own");
	RUN(test_conflict, "who does not know where the witness is, is told");
	RUN(test_fork, "another past is refused; two roots of one size are kept as proof");
	RUN(test_proofs, "a proof that does not hold is refused, and one where none is due");
	RUN(test_empty, "the empty tree has one root");
	RUN(test_who, "only the log's own key counts, and only for that log");
	RUN(test_again, "it goes on where it was, alone, and from nothing that others wrote");
	RUN(test_not_kept, "what cannot be kept is not cosigned");
	RUN(test_key, "the key is that witness's, and for nobody else to read");
	witness_close(&w);
	snprintf(cmd, sizeof(cmd), "rm -rf %s %s", dir, key_path);
	return system(cmd) == 0 ? tap_done() : 1;
}
