/*
 * doctor_live.c - what `scrim doctor` asks of those that run, and sees of the logs they
 * write. What does not run is skipped, but for what its files tell.
 */
#include "cli/doctor.h"

#include "base/clock.h"
#include "cli/daemon.h"
#include "cli/keys_status.h"
#include "cli/logs.h"
#include "cli/remote.h"
#include "crypto/tlog/state.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNSIGNED_WARN_S 60
#define CLOCK_BAD_MS (60 * 1000)
#define CLOCK_DOUBT_MS (86400 * 1000)
#define BACKUP_WARN_S (2 * 86400u)
#define CHECK_WARN_S (2 * 86400u)

static uint64_t number_of(const struct doc_node *object, const char *key)
{
	const struct doc_node *n = object == NULL ? NULL : doc_find(object, key);

	return n == NULL || n->kind != DOC_NUMBER ? 0 : strtoull(n->text, NULL, 10);
}

static const struct doc_node *part(const struct doctor *x, const char *name)
{
	return x->has_status ? doc_find(x->status.root, name) : NULL;
}

/* ---- who answers ---- */

static void look_keyd(struct doctor *x, struct doctor_seen *s)
{
	if (!x->has_settings)
		return;
	if (!daemon_answers(NULL, x->settings.socket))
		doctor_see(s, DOCTOR_SKIPPED, NULL, "nobody answers at %.200s: it does not run",
		    x->settings.socket);
	else if (!x->has_status)
		doctor_see(s, DOCTOR_WARN, "run this as root, keyd's user, or one of its peers",
		    "it runs, and does not answer this user or this policy");
	else
		doctor_see(s, DOCTOR_OK, NULL, "up for %llu s",
		    (unsigned long long)number_of(x->status.root, "uptime_s"));
}

/* Is KEY true in the object TEXT? */
static bool says_true(const struct sc_buf *text, const char *key)
{
	struct sc_arena arena = { .left = 0 };
	struct sc_diag d = { .line = 0 };
	const struct doc_node *n;
	struct doc doc;
	bool ok = doc_load(&arena, sc_buf_span(text), NULL, &d, &doc) == SC_OK &&
	    (n = doc_find(doc.root, key)) != NULL && sc_span_is(doc_said(&doc, n), "true");

	sc_arena_fini(&arena);
	return ok;
}

static void look_scrimd(struct doctor *x, struct doctor_seen *s)
{
	const struct config_listener *l = x->config == NULL ? NULL : x->config->listeners;
	struct remote_place at = { .url = NULL };
	struct remote *r = NULL;
	struct sc_buf out;
	char url[300];
	long status = 0;

	if (l == NULL)
		return;
	if (strncmp(l->address, "unix:", 5) == 0) {
		at.socket = l->address + 5;
		at.url = "http://scrimd";
	} else {
		snprintf(url, sizeof(url), "%s://%.250s", l->tls_cert != NULL ? "https" : "http",
		    l->address);
		at.url = url;
		at.cert = l->tls_cert;
	}
	sc_buf_init(&out, 65536);
	if (remote_open_at(x->call, &at, "application/json", &r) == CLI_GO_ON)
		status = remote_status(r, "/readyz", &out);
	if (status == 200 && !says_true(&out, "witnesses_heard"))
		doctor_see(s, DOCTOR_WARN,
		    "start it, or see the network: gateway.witness in scrimd's output says which",
		    "ready, and a witness is away, or does not know our logs");
	else if (status == 200)
		doctor_see(s, DOCTOR_OK, NULL, "ready at %.200s", l->address);
	else if (status == 0)
		doctor_see(s, DOCTOR_SKIPPED, NULL, "nobody answers at %.200s: it does not run",
		    l->address);
	else
		doctor_see(s, DOCTOR_BAD, "what is false there is what it lacks",
		    "/readyz says %ld: %.*s", status, (int)(out.n < 200 ? out.n : 200),
		    (const char *)out.p);
	remote_close(r);
	sc_buf_fini(&out);
}

static void look_sockets(struct doctor *x, struct doctor_seen *s)
{
	const char *paths[2];
	struct stat st;

	if (!x->has_settings)
		return;
	paths[0] = x->settings.socket;
	paths[1] = x->settings.operator_;
	for (unsigned i = 0; i < 2; i++) {
		if (paths[i] == NULL || stat(paths[i], &st) != 0)
			continue;
		if (i == 1 && (st.st_mode & 077) != 0)
			doctor_see(s, DOCTOR_BAD, "stop keyd and start it anew: it makes it 0600",
			    "the operators' socket is open to others");
		else
			doctor_see(s, DOCTOR_OK, NULL, "of user %u", st.st_uid);
		if (x->has_settings && i == 0) {
			struct stat db;

			if (stat(x->settings.store, &db) == 0 && db.st_uid != st.st_uid)
				doctor_see(s, DOCTOR_WARN, "run keyd as the user whose store it is",
				    "the socket is user %u's, the store user %u's", st.st_uid,
				    db.st_uid);
		}
	}
}

/* ---- logs ---- */

static void look_log(struct doctor_seen *s, const char *dir, bool runs)
{
	int fd = dir == NULL ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct tlog_checkpoint *c = malloc(sizeof(*c));
	struct sc_diag d = { .text = "" };
	struct tlog_state state;
	bool found = false, signed_once = false;
	struct stat st = { .st_mtime = 0 };
	uint64_t now = clock_unix_ms() / 1000, age;

	if (fd < 0 || c == NULL)
		goto out;
	if (state_read(fd, &state, &found, &d) != SC_OK ||
	    checkpoint_read(fd, "checkpoint", NULL, c, &signed_once, &d) != SC_OK) {
		doctor_see(s, DOCTOR_BAD, "scrim audit verify tells more", "%.150s: %.30s %.100s",
		    dir, d.file, d.text);
		goto out;
	}
	if (!found)
		goto out;
	if (state.signed_size > (signed_once ? c->head.size : 0)) {
		doctor_see(s, DOCTOR_BAD, "put the newest copy of it back: scrim audit verify",
		    "%.180s: %llu entries were signed, its checkpoint covers %llu", dir,
		    (unsigned long long)state.signed_size,
		    (unsigned long long)(signed_once ? c->head.size : 0));
		goto out;
	}
	/* of one that was never signed, since when it is there */
	(void)fstatat(fd, signed_once ? "checkpoint" : "lock", &st, 0);
	age = (uint64_t)st.st_mtime < now ? now - (uint64_t)st.st_mtime : 0;
	if (!signed_once)
		c->head.size = 0;
	if (runs && c->head.size < state.size && age > UNSIGNED_WARN_S)
		doctor_see(s, DOCTOR_WARN, "keyd signs them: does it answer?",
		    "%.180s: %llu entries have waited %llu s for a signature", dir,
		    (unsigned long long)(state.size - c->head.size), (unsigned long long)age);
	else
		doctor_see(s, DOCTOR_OK, NULL, "%.180s: %llu entries signed, the newest %llu s ago",
		    dir, (unsigned long long)c->head.size, (unsigned long long)age);
out:
	if (fd >= 0)
		close(fd);
	free(c);
}

static void look_keyd_log(struct doctor *x, struct doctor_seen *s)
{
	const struct doc_node *log = part(x, "log"), *failed;

	if (log != NULL && (failed = doc_find(log, "failed")) != NULL &&
	    sc_span_is(doc_said(&x->status, failed), "true"))
		doctor_see(s, DOCTOR_BAD,
		    "keyd's own log says which file (tlog.failed); scrim audit verify",
		    "it has failed: nothing is opened");
	if (x->has_settings)
		look_log(s, x->settings.log, x->has_status);
}

static void look_scrimd_log(struct doctor *x, struct doctor_seen *s)
{
	if (x->config != NULL)
		look_log(s, x->config->log_dir, x->has_status);
}

/* What keyd believes goes on by itself, towards the clock: a week a day. */
static void look_believed(struct doctor *x, struct doctor_seen *s, uint64_t now)
{
	uint64_t believed = number_of(x->status.root, "believed_ms"), apart;

	if (!x->has_status || believed == 0)
		return;
	apart = now > believed ? now - believed : believed - now;
	if (apart > CLOCK_DOUBT_MS)
		doctor_see(s, DOCTOR_WARN,
		    "set the clock (NTP); when it is right: scrim-keyd --believe-clock",
		    "keyd believes another time, %llu h %s", (unsigned long long)(apart / 3600000),
		    now > believed ? "earlier" : "later");
}

/* The newest files of the log were written when this machine's clock said so. */
static void look_clock(struct doctor *x, struct doctor_seen *s)
{
	uint64_t now = clock_unix_ms();
	char path[FILE_PATH_MAX];
	struct stat st;

	look_believed(x, s, now);
	if (!x->has_settings)
		return;
	file_path(path, "%s/state", x->settings.log);
	if (stat(path, &st) != 0)
		return;
	if ((uint64_t)st.st_mtime * 1000 > now + CLOCK_BAD_MS)
		doctor_see(s, DOCTOR_BAD, "set the clock (NTP): days, weeks and grants go by it",
		    "keyd's log was written %llu s from now",
		    (unsigned long long)((uint64_t)st.st_mtime - now / 1000));
	else
		doctor_see(s, DOCTOR_OK, NULL, "not before the newest entry");
}

/* ---- what keyd says of its store ---- */

/* At its start keyd found the log to tell of more than the database has. */
static void see_older(struct doctor_seen *s, const struct doc_node *older)
{
	if (older == NULL)
		return;
	doctor_see(s, DOCTOR_BAD,
	    "put the newest database back, or restore the newest backup (scrim keys restore)",
	    "an older database was put back: %llu commits behind, %llu entries of the log read, "
	    "%llu erasures done again, %llu slots lost",
	    (unsigned long long)number_of(older, "commits"),
	    (unsigned long long)number_of(older, "entries"),
	    (unsigned long long)number_of(older, "erased_again"),
	    (unsigned long long)number_of(older, "slots_lost"));
}

static void look_people(struct doctor *x, struct doctor_seen *s)
{
	const struct doc_node *store = part(x, "store");
	uint64_t lost = number_of(store, "lost"), unknown = number_of(store, "unknown"),
		 broken = number_of(store, "broken"),
		 waiting = number_of(part(x, "returning"), "waiting");

	if (store == NULL)
		return;
	see_older(s, doc_find(store, "older"));
	if (broken > 0)
		doctor_see(s, DOCTOR_BAD, "scrim keys check says which boxes, and what to do",
		    "%llu keys that were asked for do not open", (unsigned long long)broken);
	if (waiting > 0)
		doctor_see(s, DOCTOR_WARN,
		    "see who seals for so many, then raise returning_per_day in keyd.json",
		    "%llu people returned after long and wait for a day on which they may",
		    (unsigned long long)waiting);
	if (lost > 0 || unknown > 0)
		doctor_see(s, DOCTOR_BAD,
		    "an older store was put back: restore the newest backup (scrim keys restore)",
		    "%llu slots are lost, %llu tokens of such were asked for",
		    (unsigned long long)lost, (unsigned long long)unknown);
	doctor_see(s, DOCTOR_OK, NULL, "%llu, none lost or broken",
	    (unsigned long long)number_of(x->status.root, "people"));
}

static void look_check(struct doctor *x, struct doctor_seen *s)
{
	const struct doc_node *check = part(x, "check");
	const char *result = check == NULL ? NULL : doc_find_text(check, "result");
	uint64_t age = number_of(check, "age_s");

	if (result == NULL)
		return;
	if (strcmp(result, "bad") == 0)
		doctor_see(s, DOCTOR_BAD, "scrim keys check tells all of it, and what to do",
		    "the check in the background found: %.200s", doc_find_text(check, "seen"));
	else if (strcmp(result, "none") == 0)
		doctor_see(s, DOCTOR_SKIPPED, NULL, "none was over since keyd's start");
	else if (age > CHECK_WARN_S)
		doctor_see(s, DOCTOR_WARN, "scrim keys check", "the last is %llu s old",
		    (unsigned long long)age);
	else
		doctor_see(s, DOCTOR_OK, NULL, "in the background, %llu s ago",
		    (unsigned long long)age);
}

static void look_backup(struct doctor *x, struct doctor_seen *s)
{
	const struct doc_node *backups = part(x, "backups");
	uint64_t age = number_of(backups, "newest_age_s");

	if (backups == NULL)
		return;
	if (number_of(backups, "taken") == 0)
		doctor_see(s, DOCTOR_WARN,
		    "scrim keys backup FOLDER, daily, and a drill now and then",
		    "none was ever taken: who loses this disk loses all keys");
	else if (age > BACKUP_WARN_S)
		doctor_see(s, DOCTOR_WARN, "scrim keys backup FOLDER, daily",
		    "the newest is %llu days old", (unsigned long long)(age / 86400));
	else
		doctor_see(s, DOCTOR_OK, NULL, "the newest is %llu h old",
		    (unsigned long long)(age / 3600));
}

static void look_drill(struct doctor *x, struct doctor_seen *s)
{
	const struct doc_node *backups = part(x, "backups");
	uint64_t age = number_of(backups, "drill_age_s");

	if (backups == NULL)
		return;
	if (number_of(backups, "drills") == 0)
		doctor_see(s, DOCTOR_WARN, "scrim keys drill FOLDER, every three months",
		    "none was ever made: nobody knows whether a restore would work");
	else if (age > KEYS_DRILL_DAYS * UINT64_C(86400))
		doctor_see(s, DOCTOR_WARN, "scrim keys drill FOLDER, every three months",
		    "the last is %llu days old", (unsigned long long)(age / 86400));
	else
		doctor_see(s, DOCTOR_OK, NULL, "the last was %llu days ago",
		    (unsigned long long)(age / 86400));
}

/* What backups are sealed under dies in time, or those of long ago open still. */
static void look_backup_keys(struct doctor *x, struct doctor_seen *s)
{
	const struct doc_node *keys = part(x, "backup_keys");
	const char *result = keys == NULL ? NULL : doc_find_text(keys, "result"), *seen, *last;

	if (result == NULL || strcmp(result, "none") == 0)
		return;
	seen = doc_find_text(keys, "seen");
	last = doc_find_text(keys, "destroyed_last");
	if (strcmp(result, "ok") != 0)
		doctor_see(s, DOCTOR_BAD,
		    "until it is mended, no month's key is destroyed; keyd tries daily, and at its "
		    "start",
		    "%.80s: %.200s", x->has_settings ? x->settings.backup_keys : "",
		    seen == NULL ? "" : seen);
	else
		doctor_see(s, DOCTOR_OK, NULL, "%llu alive, destroyed last: that of %s",
		    (unsigned long long)number_of(keys, "live"), last == NULL ? "none" : last);
}

const struct doctor_row doctor_live[] = {
	{ "keyd", look_keyd },
	{ "scrimd", look_scrimd },
	{ "sockets", look_sockets },
	{ "keyd's log", look_keyd_log },
	{ "scrimd's log", look_scrimd_log },
	{ "clock", look_clock },
	{ "people", look_people },
	{ "check", look_check },
	{ "backup", look_backup },
	{ "drill", look_drill },
	{ "backup keys", look_backup_keys },
	{ NULL, NULL },
};
