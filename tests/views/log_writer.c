/*
 * log_writer.c - another process's log, as scrim-queryd writes its own: unsigned, for scrimd to
 * look after.
 *
 *	log_writer DIR ORIGIN [SEED [all]]
 *				each line of standard input becomes an entry; "N\n" says that N of
 *				them are durable. With SEED, a number, it signs its heads with a key
 *				of that, as a forger would. With "all" nothing is said, and no line
 *				waited for, before the last.
 */
#include "crypto/prim/sign.h"
#include "crypto/tlog/note.h"
#include "crypto/tlog/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct forger {
	struct sign_secret secret;
	struct note_signer signer;
};

static enum sc_err sign(void *arg, struct sc_span msg, uint8_t sig[NOTE_SIG_BYTES])
{
	sign_detached(arg, msg, sig);
	return SC_OK;
}

static void sign_now(void *arg, struct tlog *log, const struct tlog_head *head)
{
	struct forger *f = arg;
	struct sc_buf note;

	sc_buf_init(&note, NOTE_MAX);
	if (note_sign_head(&f->signer, head->origin, head->size, head->root, &note) != SC_OK ||
	    tlog_signed(log, sc_buf_span(&note)) != SC_OK)
		fprintf(stderr, "log_writer: not signed\n");
	sc_buf_fini(&note);
}

/* The key of SEED for ORIGIN. */
static bool make_key(struct forger *f, const char *seed, const char *origin)
{
	const uint8_t bytes[SIGN_SEED_BYTES] = { (uint8_t)strtoul(seed, NULL, 10) };
	struct sign_public pk;

	sign_keypair_from_seed(bytes, &pk, &f->secret);
	f->signer.sign = sign;
	f->signer.arg = &f->secret;
	return note_key_make(origin, NOTE_ED25519, pk.b, &f->signer.key) == SC_OK;
}

static bool write_vkey(const struct note_key *key, const char *dir)
{
	struct sc_buf text;
	char path[4096];
	FILE *out = NULL;
	bool ok;

	snprintf(path, sizeof(path), "%s/vkey", dir);
	sc_buf_init(&text, NOTE_VKEY_MAX);
	ok = note_key_print(key, &text) == SC_OK && (out = fopen(path, "w")) != NULL &&
	    fprintf(out, "%.*s\n", SC_SPAN_ARG(sc_buf_span(&text))) > 0;
	if (out != NULL)
		fclose(out);
	sc_buf_fini(&text);
	return ok;
}

/* One entry; with WAIT it is durable, and N is said. */
static bool put(struct tlog *log, const char *line, bool wait)
{
	uint64_t index;
	enum sc_err err;

	while ((err = tlog_append(log, sc_span_str(line), wait, &index)) == SC_AGAIN)
		usleep(1000);
	if (err != SC_OK || !wait)
		return err == SC_OK;
	while (tlog_durable(log) <= index && !tlog_failed(log))
		usleep(1000);
	printf("%llu\n", (unsigned long long)tlog_durable(log));
	return true;
}

int main(int argc, char **argv)
{
	struct tlog_options o = { .publish_ms = 100 };
	struct forger f;
	struct sc_diag d = { .text = "" };
	char line[TLOG_ENTRY_MAX + 2];
	struct tlog *log;

	if (argc < 3 || argc > 5)
		return 2;
	o.dir = argv[1];
	o.origin = argv[2];
	if (argc >= 4) {
		if (!make_key(&f, argv[3], o.origin))
			return 1;
		o.sign = sign_now;
		o.sign_arg = &f;
	}
	if (tlog_open(&o, &d, &log) != SC_OK) {
		fprintf(stderr, "log_writer: %s: %s\n", d.file, d.text);
		return 1;
	}
	if (argc >= 4 && !write_vkey(&f.signer.key, o.dir))
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (!put(log, line, argc < 5))
			return 1;
	}
	tlog_close(log);
	return 0;
}
