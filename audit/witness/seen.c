/*
 * seen.c - what a witness has cosigned last of each log.
 */
#include "audit/witness/seen.h"

#include "base/log.h"
#include "crypto/prim/hash.h"
#include "crypto/tlog/cosignature.h"
#include "crypto/tlog/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static enum sc_err failed(struct sc_diag *d, const char *file, enum sc_err err, const char *what)
{
	snprintf(d->file, sizeof(d->file), "%.255s", file);
	sc_diag_set(d, "%s", what);
	return err;
}

static void name_of(const char *origin, char out[static SEEN_NAME_BYTES])
{
	uint8_t hash[HASH_BYTES];

	hash_sha256(sc_span_str(origin), hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

/* Did we cosign NOTE, and is it of L's log? */
static bool is_ours(const struct note *note, const struct seen_log *l, const struct note_key *key,
    struct note_head *head)
{
	struct cosigned c;

	return note_head_parse(note->text, head) == SC_OK &&
	    strcmp(head->origin, l->settings->origin) == 0 &&
	    cosignature_check(note, key, 1, 0, &c) == SC_OK && c.state == COSIGNED_HOLDS;
}

static enum sc_err load(const struct seen *s, struct seen_log *l, const struct note_key *key,
    struct sc_diag *d)
{
	struct note *note = malloc(sizeof(*note));
	struct note_head head;
	struct sc_buf raw;
	enum sc_err err;

	sc_buf_init(&raw, NOTE_MAX);
	err = note == NULL ? SC_NOMEM : seen_read(s, l, &raw);
	if (err == SC_OK && raw.n > 0) {
		if (note_parse(sc_buf_span(&raw), note) != SC_OK || !is_ours(note, l, key, &head))
			err = failed(d, l->name, SC_CORRUPT,
			    "this is not what this witness wrote: its own cosignature does not "
			    "hold. Put the newest copy there, or begin with a new key");
		else {
			l->any = true;
			l->size = head.size;
			memcpy(l->root.b, head.root, sizeof(l->root.b));
		}
	} else if (err != SC_OK)
		(void)failed(d, l->name, err, "cannot be read");
	sc_buf_fini(&raw);
	free(note);
	return err;
}

static enum sc_err take_folder(struct seen *s, const char *dir, struct sc_diag *d)
{
	if ((s->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return failed(d, dir, SC_IO,
		    "the folder of what was seen is not there; `scrim witness init` makes it");
	s->lockfd = openat(s->dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lockfd < 0)
		return failed(d, dir, SC_IO, "cannot be written");
	if (flock(s->lockfd, LOCK_EX | LOCK_NB) != 0)
		return failed(d, dir, SC_AGAIN, "another witness serves from this folder");
	return SC_OK;
}

enum sc_err seen_open(const struct witness_settings *s, const struct note_key *key,
    struct sc_diag *d, struct seen *out)
{
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	out->dirfd = out->lockfd = -1;
	if ((err = take_folder(out, s->state, d)) != SC_OK)
		goto out;
	err = SC_NOMEM;
	if ((out->logs = calloc(s->n_logs, sizeof(out->logs[0]))) == NULL)
		goto out;
	for (err = SC_OK; out->n < s->n_logs && err == SC_OK; out->n++) {
		struct seen_log *l = &out->logs[out->n];

		l->settings = &s->logs[out->n];
		name_of(l->settings->origin, l->name);
		err = load(out, l, key, d);
	}
out:
	if (err != SC_OK)
		seen_close(out);
	return err;
}

void seen_close(struct seen *s)
{
	if (s->dirfd >= 0)
		close(s->dirfd);
	if (s->lockfd >= 0)
		close(s->lockfd);
	free(s->logs);
	memset(s, 0, sizeof(*s));
	s->dirfd = s->lockfd = -1;
}

struct seen_log *seen_find(const struct seen *s, const char *origin)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->logs[i].settings->origin, origin) == 0)
			return &s->logs[i];
	return NULL;
}

struct seen_log *seen_named(const struct seen *s, struct sc_span name)
{
	for (size_t i = 0; i < s->n; i++)
		if (sc_span_is(name, s->logs[i].name))
			return &s->logs[i];
	return NULL;
}

enum sc_err seen_advance(const struct seen *s, struct seen_log *l, const struct note_head *head,
    struct sc_span text, struct sc_diag *d)
{
	enum sc_err err;

	if ((err = files_replace(s->dirfd, l->name, text, d)) != SC_OK)
		return err;
	l->any = true;
	l->size = head->size;
	memcpy(l->root.b, head->root, sizeof(l->root.b));
	return SC_OK;
}

enum sc_err seen_read(const struct seen *s, const struct seen_log *l, struct sc_buf *out)
{
	uint8_t raw[NOTE_MAX];
	size_t n = sizeof(raw);
	struct sc_diag d;
	bool found;
	enum sc_err err;

	if ((err = files_read(s->dirfd, l->name, raw, &n, &found, &d)) != SC_OK || !found)
		return err;
	return n == 0 ? SC_CORRUPT : sc_buf_put(out, raw, n);
}

void seen_keep_fork(const struct seen *s, const struct seen_log *l, struct sc_span text)
{
	char name[SEEN_NAME_BYTES + 8];
	struct sc_diag d;

	snprintf(name, sizeof(name), "%s.fork", l->name);
	if (faccessat(s->dirfd, name, F_OK, 0) == 0)
		return;
	if (files_replace(s->dirfd, name, text, &d) != SC_OK)
		log_event(LOG_ERROR, "witness.fork_not_kept", LOG_END);
}
