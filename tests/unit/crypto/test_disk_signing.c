/*
 * test_disk_signing.c - what becomes a log's checkpoint: the answer to the head
 * that was asked for, under the right key, and nothing else; and what happens
 * when nobody answers, or the disk does not take the answer.
 */
#include "crypto/tlog/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/prim/sign.h"
#include "crypto/tlog/journal.h"
#include "crypto/tlog/state.h"
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"
#include "unit/crypto/log_signer.h"

#define NEVER 3600000u /* ms: longer than any test */

static char base[64], root[128], dir[160], control[128];
static struct disk_control *disk;

#define WAIT(cond) \
	do { \
		for (unsigned wait_ = 0; !(cond) && wait_ < 10000; wait_++) \
			usleep(1000); \
		CHECK(cond); \
	} while (0)

/* Keeps the head that was asked for last; the test answers. */
struct asked {
	pthread_mutex_t lock;
	unsigned n;
	struct tlog_head head;
	struct merkle_hash proof[CRYPTO_PROOF_MAX];
	char origin[64];
};
static struct asked asked = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void keep(void *arg, struct tlog *w, const struct tlog_head *head)
{
	(void)arg;
	(void)w;
	pthread_mutex_lock(&asked.lock);
	asked.n++;
	asked.head = *head;
	snprintf(asked.origin, sizeof(asked.origin), "%s", head->origin);
	memcpy(asked.proof, head->proof, head->n_proof * sizeof(asked.proof[0]));
	pthread_mutex_unlock(&asked.lock);
}

static unsigned times_asked(void)
{
	unsigned n;

	pthread_mutex_lock(&asked.lock);
	n = asked.n;
	pthread_mutex_unlock(&asked.lock);
	return n;
}

static struct tlog_head asked_for(void)
{
	struct tlog_head h;

	pthread_mutex_lock(&asked.lock);
	h = asked.head;
	pthread_mutex_unlock(&asked.lock);
	return h;
}

static struct tlog *open_log(uint32_t resign_ms, bool with_key)
{
	struct tlog_options o = { .dir = dir,
		.origin = "test.example/log",
		.vkey = with_key ? vkey : NULL,
		.journal_bytes = JOURNAL_MIN,
		.publish_ms = 10,
		.delay_ms = 5,
		.resign_ms = resign_ms,
		.sign = keep };
	struct tlog *w;
	struct sc_diag d;

	asked.n = 0;
	if (tlog_open(&o, &d, &w) != SC_OK)
		printf("# %s: %s\n", d.file, d.text);
	return w;
}

static struct tlog *fresh(uint32_t resign_ms, bool with_key)
{
	disk_free(disk);
	disk_remove(root, true);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root))
		abort();
	return open_log(resign_ms, with_key);
}

static bool append(struct tlog *w, unsigned count)
{
	char text[32];
	uint64_t index;

	for (unsigned i = 0; i < count; i++) {
		int n =
		    snprintf(text, sizeof(text), "entry %llu", (unsigned long long)tlog_next(w));

		if (tlog_append(w, sc_span(text, (size_t)n), true, &index) != SC_OK)
			return false;
	}
	return true;
}

static struct tlog_status status(struct tlog *w)
{
	struct tlog_status st;

	tlog_status(w, &st);
	return st;
}

/* Hand in a note over these, by S. */
static void hand_in(struct tlog *w, const struct note_signer *s, const char *origin, uint64_t size,
    const uint8_t hash[32], struct sc_buf *text)
{
	sc_buf_init(text, NOTE_MAX);
	if (note_sign_head(s, origin, size, hash, text) != SC_OK ||
	    tlog_signed(w, sc_buf_span(text)) != SC_OK)
		abort();
}

static bool file_is(const char *name, struct sc_span want)
{
	char path[200];
	uint8_t got[NOTE_MAX];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, O_RDONLY)) < 0)
		return false;
	n = read(fd, got, sizeof(got));
	close(fd);
	return n >= 0 && sc_span_eq(sc_span(got, (size_t)n), want);
}

static bool there(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

/* What the log says it has as its newest checkpoint. */
static bool checkpoint_is(struct tlog *w, struct sc_span want)
{
	struct sc_buf text;
	bool ok;

	sc_buf_init(&text, NOTE_MAX);
	ok = tlog_checkpoint(w, &text) == SC_OK && sc_span_eq(sc_buf_span(&text), want);
	sc_buf_fini(&text);
	return ok;
}

static uint64_t state_says_signed(void)
{
	struct tlog_state s;
	struct sc_diag d;
	bool found = false;
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	enum sc_err err = state_read(fd, &s, &found, &d);

	close(fd);
	return err == SC_OK && found ? s.signed_size : UINT64_MAX;
}

static enum sc_err sign_with(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

/* Signers with another key: under the same name, and under another. */
static void others(struct note_signer out[2], struct sign_secret *sk)
{
	static const char *const names[] = { "test.example/log", "other.example/log" };
	uint8_t seed[SIGN_SEED_BYTES] = { 9, 9, 9 };
	struct sign_public pk;

	sign_keypair_from_seed(seed, &pk, sk);
	for (unsigned i = 0; i < 2; i++) {
		if (note_key_make(names[i], NOTE_ED25519, pk.b, &out[i].key) != SC_OK)
			abort();
		out[i].sign = sign_with;
		out[i].arg = sk;
	}
}

static void test_only_the_answer(void)
{
	struct tlog *w = fresh(NEVER, true);
	struct note_signer other[2];
	struct sign_secret sk;
	struct tlog_head h;
	struct sc_buf text;
	uint8_t bent[32];
	uint64_t bad;

	NEED(w != NULL);
	memset(bent, 0, sizeof(bent));
	others(other, &sk);
	hand_in(w, &signer, "test.example/log", 1, bent, &text); /* nothing was asked */
	sc_buf_fini(&text);
	WAIT(status(w).bad_notes == 1);
	bad = 1;
	CHECK(append(w, 7));
	WAIT(times_asked() == 1);
	h = asked_for();
	CHECK(strcmp(asked.origin, "test.example/log") == 0 && h.old_size == 0 && h.n_proof == 0);
	memcpy(bent, h.root, 32);
	bent[31] ^= 1;
	for (unsigned i = 0; i < 7; i++) {
		if (i == 0)
			hand_in(w, &signer, "test.example/log", h.size, bent, &text);
		else if (i == 1)
			hand_in(w, &signer, "test.example/log", h.size + 1, h.root, &text);
		else if (i == 2)
			hand_in(w, &signer, "test.example/log", h.size - 1, h.root, &text);
		else if (i == 3)
			hand_in(w, &signer, "test.example/lo", h.size, h.root, &text);
		else if (i < 6)
			hand_in(w, &other[i - 4], "test.example/log", h.size, h.root, &text);
		else {
			sc_buf_init(&text, NOTE_MAX);
			CHECK(sc_buf_put_str(&text, "no note at all\n") == SC_OK);
			CHECK(tlog_signed(w, sc_buf_span(&text)) == SC_OK);
		}
		sc_buf_fini(&text);
		WAIT(status(w).bad_notes == bad + 1);
		bad++;
		CHECK(status(w).signed_size == 0 && !status(w).failed && !there("checkpoint"));
		CHECK(checkpoint_is(w, sc_span("", 0)));
	}
	hand_in(w, &signer, "test.example/log", h.size, h.root, &text);
	WAIT(status(w).signed_size == h.size);
	CHECK(status(w).bad_notes == bad && file_is("checkpoint", sc_buf_span(&text)));
	CHECK(checkpoint_is(w, sc_buf_span(&text)) && state_says_signed() == h.size);
	/* the same once more: nothing is asked any longer, unless the log grew meanwhile */
	if (status(w).published == h.size) {
		CHECK(tlog_signed(w, sc_buf_span(&text)) == SC_OK);
		WAIT(status(w).bad_notes == bad + 1);
	}
	CHECK(file_is("checkpoint", sc_buf_span(&text)));
	sc_buf_fini(&text);
	tlog_close(w);
}

/* A log that knows no key holds a note against the head only. */
static void test_without_key(void)
{
	struct tlog *w = fresh(NEVER, false);
	struct note_signer other[2];
	struct sign_secret sk;
	struct tlog_head h;
	struct sc_buf text;

	NEED(w != NULL);
	others(other, &sk);
	CHECK(append(w, 1));
	WAIT(times_asked() == 1);
	h = asked_for();
	hand_in(w, &other[1], "test.example/log", h.size + 1, h.root, &text);
	sc_buf_fini(&text);
	WAIT(status(w).bad_notes == 1);
	hand_in(w, &other[1], "test.example/log", h.size, h.root, &text);
	WAIT(status(w).signed_size == h.size);
	CHECK(file_is("checkpoint", sc_buf_span(&text)));
	sc_buf_fini(&text);
	tlog_close(w);
}

/* A head that nobody answers is asked for once, then again and again when its time is over. */
static void test_asking(void)
{
	struct tlog *w = fresh(NEVER, true);
	struct tlog_head h;
	struct sc_buf text;

	NEED(w != NULL);
	usleep(30000);
	CHECK(times_asked() == 0); /* an empty log has nothing to sign */
	CHECK(append(w, 3));
	WAIT(times_asked() == 1);
	h = asked_for();
	CHECK(append(w, 300));
	WAIT(status(w).published == 303);
	usleep(50000);
	CHECK(times_asked() == 1);
	hand_in(w, &signer, "test.example/log", h.size, h.root, &text);
	sc_buf_fini(&text);
	WAIT(times_asked() == 2); /* the next one at once, from there */
	CHECK(asked_for().size > h.size && asked_for().old_size == h.size);
	tlog_close(w);
	NEED((w = open_log(20, true)) != NULL);
	WAIT(times_asked() >= 4);
	CHECK(asked_for().size == 303 && asked_for().old_size == h.size && asked_for().n_proof > 0);
	/* the same head again, though the log has grown */
	CHECK(append(w, 5));
	WAIT(status(w).published == 308);
	WAIT(times_asked() >= 8);
	CHECK(asked_for().size == 303);
	tlog_close(w);
}

/* The signer's memory decides from where the proof is; what it cannot know ends the log. */
static void test_sign_from(void)
{
	struct tlog *w = fresh(NEVER, true);
	struct merkle_hash root_at;
	struct tlog_head h;
	struct sc_buf text;

	NEED(w != NULL);
	CHECK(append(w, 1));
	WAIT(times_asked() == 1);
	h = asked_for();
	memcpy(root_at.b, h.root, 32);
	hand_in(w, &signer, "test.example/log", h.size, h.root, &text);
	sc_buf_fini(&text);
	WAIT(status(w).signed_size == 1);
	CHECK(append(w, 9));
	WAIT(status(w).published == 10);
	WAIT(times_asked() == 2);
	tlog_sign_from(w, 1); /* no news */
	usleep(30000);
	CHECK(times_asked() == 2);
	tlog_sign_from(w, 0);
	WAIT(times_asked() == 3);
	CHECK(asked_for().old_size == 0 && asked_for().n_proof == 0);
	tlog_sign_from(w, 1);
	WAIT(times_asked() == 4);
	h = asked_for();
	CHECK(h.old_size == 1 && h.n_proof > 0);
	{
		struct merkle_hash now;

		memcpy(now.b, h.root, 32);
		CHECK(merkle_check_consistency(1, h.size, &root_at, &now, asked.proof, h.n_proof) ==
		    SC_OK);
	}
	/* it signed all there is: asked for a head of that size, not of the smaller one */
	tlog_sign_from(w, 10);
	WAIT(times_asked() == 5);
	CHECK(asked_for().size == 10 && asked_for().old_size == 10 && !tlog_failed(w));
	tlog_sign_from(w, 11);
	WAIT(tlog_failed(w));
	CHECK(strcmp(status(w).why.file, "state") == 0);
	CHECK(strstr(status(w).why.text, "11 entries were signed, the log holds 10") != NULL);
	tlog_close(w);
}

/* No space for the checkpoint: it is asked for again. A disk that fails ends the log. */
static void test_disk(void)
{
	static const struct {
		const char *file;
		int err;
		bool ends;
	} t[] = {
		{ "log/checkpoint.tmp", ENOSPC, false },
		{ "log/checkpoint.tmp", EIO, true },
		{ "log/state.tmp", EIO, true },
	};

	for (unsigned i = 0; i < 3; i++) {
		struct tlog *w = fresh(20, true);
		struct disk_rule *r;
		struct tlog_head h;
		struct sc_buf text;
		unsigned before;

		NEED(w != NULL);
		CHECK(append(w, 4));
		WAIT(times_asked() > 0 && status(w).published == 4);
		h = asked_for();
		r = disk_rule(disk, 0, DISK_FAIL, DISK_SYNC, t[i].file);
		r->err = t[i].err;
		hand_in(w, &signer, "test.example/log", h.size, h.root, &text);
		if (t[i].ends) {
			WAIT(tlog_failed(w));
			CHECK(strncmp(status(w).why.file, t[i].file + 4, 5) == 0);
			CHECK(status(w).signed_size == 0);
		} else {
			WAIT(atomic_load(&r->hits) == 1);
			before = times_asked();
			WAIT(times_asked() > before + 1);
			CHECK(
			    !tlog_failed(w) && status(w).signed_size == 0 && !there("checkpoint"));
			CHECK(status(w).bad_notes == 0);
			disk_release(r);
			CHECK(tlog_signed(w, sc_buf_span(&text)) == SC_OK);
			WAIT(status(w).signed_size == h.size);
		}
		disk_release(r);
		sc_buf_fini(&text);
		tlog_close(w);
	}
}

/* A log that has failed asks nobody and takes no answer. */
static void test_after_the_end(void)
{
	struct tlog *w = fresh(20, true);
	struct disk_rule *r;
	struct tlog_head h;
	struct sc_buf text;
	unsigned n;

	NEED(w != NULL);
	CHECK(append(w, 2));
	WAIT(times_asked() > 0);
	h = asked_for();
	r = disk_rule(disk, 0, DISK_FAIL, DISK_WRITE, "log/journal.*");
	CHECK(append(w, 1));
	WAIT(tlog_failed(w));
	disk_release(r);
	usleep(30000);
	n = times_asked();
	hand_in(w, &signer, "test.example/log", h.size, h.root, &text);
	sc_buf_fini(&text);
	usleep(60000);
	CHECK(times_asked() == n && status(w).signed_size == 0 && !there("checkpoint"));
	tlog_close(w);
}

int main(void)
{
	log_setup("test", LOG_ERROR);
	make_key();
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%s/root", base);
	snprintf(dir, sizeof(dir), "%s/log", root);
	snprintf(control, sizeof(control), "%s/control", base);
	RUN(test_only_the_answer,
	    "only the head that was asked for, under the right key, becomes the checkpoint");
	RUN(test_without_key, "without a key the head still counts");
	RUN(test_asking, "a head is asked for once, and again when nobody answers");
	RUN(test_sign_from, "the signer's memory decides where the proof begins");
	RUN(test_disk, "without space a head is asked for again, a failing disk ends the log");
	RUN(test_after_the_end, "a log that has failed neither asks nor takes an answer");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
