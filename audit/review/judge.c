/*
 * judge.c - one log after the other, keyd's last, whose log tells what it signed of the others;
 * then what each is called.
 *
 *	audit_judge -> open_all -> choose_keys -> verify_one ... -> conclude
 *
 * A head's signature leaves keyd when its record is on disk: read after the others, keyd's log
 * tells of every head that they have.
 *
 * What one log tells of another is in tells.c.
 */
#include "audit/review/judge_int.h"

#include "crypto/tlog/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ------------------------------------------------------------------------- */

static bool there(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* An empty folder, or none, is a log that is missing; one with parts of a log is a broken log. */
static void open_one(struct judged *d)
{
	struct audit_log *l = d->log;
	struct sc_diag why;
	enum sc_err err;
	int fd;

	d->tree.dirfd = -1;
	if (l->dir[0] == '\0') {
		judge_say(d, AUDIT_INCOMPLETE,
		    "its folder is not known here: no keyd.json beside the configuration can be "
		    "read. Name it with --keyd-log");
		return;
	}
	err = head_tree_open(&d->tree, l->dir, &why);
	d->open = err == SC_OK;
	if (d->open)
		return;
	fd = d->tree.dirfd;
	if (err == SC_IO)
		judge_say(d, AUDIT_INCOMPLETE, "%.150s cannot be read from here: %.60s", l->dir,
		    fd < 0 ? why.text : "not all files");
	else if (!there(fd, "state") && !there(fd, "checkpoint") && !there(fd, "tile"))
		judge_say(d, AUDIT_INCOMPLETE, "there is no log in %.150s", l->dir);
	else
		judge_say(d, AUDIT_BROKEN, "%.60s %.150s", why.file, why.text);
}

static const struct judged *by_origin_wanted(const struct judge *j, const char *origin)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].log->origin != NULL && strcmp(j->v[i].log->origin, origin) == 0)
			return &j->v[i];
	return NULL;
}

/* Each folder has the log that it should have, and no two the same. */
static void check_origin(struct judge *j, struct judged *d)
{
	const struct judged *other;
	const char *have = d->tree.state.origin;

	if (!d->open)
		return;
	if (d->log->origin != NULL && strcmp(d->log->origin, have) != 0) {
		other = by_origin_wanted(j, have);
		judge_say(d, AUDIT_BROKEN,
		    other == NULL ? "the folder has the log %.100s, which is not %.100s" :
				    "the folder has the log %.100s, where %.100s should be: "
				    "were the logs exchanged?",
		    have, d->log->origin);
	}
	for (other = j->v; other < j->v + j->n && d->log->word < AUDIT_BROKEN; other++)
		if (other != d && other->open && strcmp(other->tree.state.origin, have) == 0)
			judge_say(d, AUDIT_BROKEN,
			    "the folder has the log %.100s, which %.60s's has too", have,
			    other->log->label);
}

static void open_all(struct judge *j)
{
	for (size_t i = 0; i < j->n; i++)
		open_one(&j->v[i]);
	for (size_t i = 0; i < j->n; i++)
		check_origin(j, &j->v[i]);
	for (size_t i = 0; i < j->n; i++)
		j->v[i].open = j->v[i].open && j->v[i].log->word < AUDIT_BROKEN;
}

/* ---- keys ------------------------------------------------------------------------------ */

static void read_vkey(struct judged *d)
{
	uint8_t text[NOTE_VKEY_MAX + 2];
	size_t n = sizeof(text);
	char path[4096];
	struct sc_diag why;
	bool found;
	enum sc_err err;

	if (!d->open)
		return;
	if (d->log->vkey == NULL)
		snprintf(path, sizeof(path), "%s/vkey", d->log->dir);
	else
		snprintf(path, sizeof(path), "%s", d->log->vkey);
	err = files_read(AT_FDCWD, path, text, &n, &found, &why);
	if (err == SC_IO)
		judge_say(d, AUDIT_INCOMPLETE, "the key beside it (vkey) cannot be read from here");
	else if (err == SC_OK && !found)
		judge_say(d, AUDIT_INCOMPLETE,
		    "vkey is missing: the key that verifies it should lie beside it");
	else if (err != SC_OK || note_key_parse(sc_span(text, n), &d->beside) != SC_OK ||
	    d->beside.type != NOTE_ED25519)
		judge_say(d, AUDIT_BROKEN, "vkey is malformed: it should be name+id+base64");
	else if (strcmp(d->beside.name, d->tree.state.origin) != 0)
		judge_say(d, AUDIT_BROKEN, "vkey is the key of another log: %.100s",
		    d->beside.name);
	else
		d->has_beside = true;
}

static bool same_public(const struct note_key *a, const struct note_key *b)
{
	return memcmp(a->pub, b->pub, NOTE_PUB_BYTES) == 0;
}

/* The public key that the auditor brought: one keyd signs all of them. */
static const struct note_key *pinned(const struct judge *j)
{
	if (j->asked->pin != NULL)
		return j->asked->pin;
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].row != NULL)
			return &j->v[i].row->key;
	return NULL;
}

/* With nothing to hold them against, keys must at least be one keyd's. */
static void check_one_keyd(struct judge *j, struct judged *d)
{
	for (struct judged *other = j->v; other < d; other++) {
		if (!d->has_beside || !other->has_beside || same_public(&d->beside, &other->beside))
			continue;
		judge_say(d, AUDIT_BROKEN,
		    "its key is not the one of %.60s's log: they are not signed by one keyd",
		    other->log->label);
		judge_say(other, AUDIT_BROKEN,
		    "its key is not the one of %.60s's log: they are not signed by one keyd",
		    d->log->label);
	}
}

static void choose_key(struct judge *j, struct judged *d, const struct note_key *pin)
{
	if (pin == NULL) {
		if (d->has_beside)
			d->log->key = d->beside;
		return;
	}
	d->pinned = true;
	if ((d->row != NULL && !same_public(&d->row->key, pin)) ||
	    (d->has_beside && !same_public(&d->beside, pin)))
		judge_say(d, AUDIT_BROKEN, "its key is not the one that you trust");
	if (note_key_make(d->tree.state.origin, NOTE_ED25519, pin->pub, &d->log->key) != SC_OK)
		j->err = SC_NOMEM;
}

static void choose_keys(struct judge *j)
{
	const struct note_key *pin;

	for (size_t i = 0; i < j->n; i++) {
		struct judged *d = &j->v[i];

		read_vkey(d);
		if (d->open && j->asked->trust != NULL)
			d->row = trust_find(j->asked->trust, d->tree.state.origin);
	}
	pin = pinned(j);
	for (size_t i = 0; i < j->n; i++) {
		if (pin == NULL)
			check_one_keyd(j, &j->v[i]);
		if (j->v[i].open)
			choose_key(j, &j->v[i], pin);
	}
}

/* ---- each log ----------------------------------------------------------------------------- */

static void verify_one(struct judge *j, struct judged *d)
{
	struct audit_log *l = d->log;
	struct audit_verify_ask ask = { .dir = l->dir,
		.checkpoint = l->checkpoint,
		.key = l->key.name[0] == '\0' ? NULL : &l->key,
		.seen = d->row == NULL ? NULL : &d->row->head,
		.entry = tells_entry,
		.arg = d };
	struct sc_diag why;
	enum sc_err err;

	if (!d->open)
		return;
	err = audit_verify(&ask, &why, &l->report);
	d->whole = err == SC_OK;
	if (err == SC_NOMEM || err == SC_BUG)
		j->err = err;
	if (err == SC_IO)
		judge_say(d, AUDIT_INCOMPLETE, "%.100s cannot be read from here: %.100s", why.file,
		    why.text);
	else if (err != SC_OK)
		judge_say(d, AUDIT_BROKEN, "%.100s%s%.140s", why.file,
		    why.file[0] == '\0' ? "it " : " ", why.text);
	else if (!l->report.has_checkpoint)
		judge_say(d, AUDIT_INCOMPLETE, "there is no checkpoint: nothing here is signed");
}

static struct judged *keyd_of(struct judge *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].log->keyd)
			return &j->v[i];
	return NULL;
}

static void conclude_one(struct judge *j, struct judged *d, const struct judged *keyd)
{
	struct audit_log *l = d->log;

	if (!d->open)
		return;
	tells_conclude(j, d);
	if (keyd != NULL && keyd->whole && !l->keyd && l->report.has_checkpoint && !d->told)
		judge_say(d, AUDIT_INCOMPLETE,
		    "keyd's log does not tell that its newest head (%llu entries) was signed",
		    (unsigned long long)l->report.signed_size);
	if (d->unsigned_ms != 0 && j->newest_ms > d->unsigned_ms &&
	    j->newest_ms - d->unsigned_ms > AUDIT_UNSIGNED_MS)
		judge_say(d, AUDIT_INCOMPLETE,
		    "entries from %llu on have been without a signature for %llu seconds",
		    (unsigned long long)l->report.signed_size,
		    (unsigned long long)(j->newest_ms - d->unsigned_ms) / 1000);
	if (!d->pinned)
		judge_say(d, AUDIT_UNPINNED,
		    "the key is only the one that lies beside it: see scrim audit trust");
}

enum sc_err audit_judge(const struct audit_judging *asked, enum audit_word *worst)
{
	struct judge *j = calloc(1, sizeof(*j));
	struct judged *keyd;
	enum sc_err err;

	*worst = AUDIT_VERIFIED;
	if (j == NULL || asked->n > AUDIT_LOGS_MAX) {
		free(j);
		return j == NULL ? SC_NOMEM : SC_LIMIT;
	}
	j->asked = asked;
	j->n = asked->n;
	for (size_t i = 0; i < j->n; i++) {
		j->v[i].of = j;
		j->v[i].log = &asked->logs[i];
	}
	open_all(j);
	choose_keys(j);
	keyd = keyd_of(j);
	for (size_t i = 0; i < j->n; i++)
		if (&j->v[i] != keyd)
			verify_one(j, &j->v[i]);
	if (keyd != NULL)
		verify_one(j, keyd);
	for (size_t i = 0; i < j->n; i++)
		conclude_one(j, &j->v[i], keyd);
	for (size_t i = 0; i < j->n; i++) {
		if (asked->logs[i].word > *worst)
			*worst = asked->logs[i].word;
		head_tree_close(&j->v[i].tree);
		people_list_fini(&j->v[i].people);
	}
	err = j->err;
	free(j);
	return err;
}
