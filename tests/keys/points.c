/*
 * points.c - keyd ended at its every call on the disk, one after the other: while it erases,
 * gives the first slot of a run, stops, starts with an intent that is not carried out, makes a
 * missing twin, finds an older database, takes a log as it is.
 *
 * Each deed begins from the same files and is done again and again; the I-th time keyd ends
 * before the I-th call, or with a part of the I-th write done. Then it is started as anybody would
 * start it and held to all it ever answered, and to one record an erasure. KEYS_DEED: only those
 * with that in their name.
 */
#include "keys/proof.h"

#include "disk/disk.h"
#include "disk/rebuild.h"
#include "keys/log_entries.h"
#include "keys/words.h"
#include "unit/crypto/owner.h"

#include <sys/wait.h>

#define PEOPLE 12
#define LEAVER 2    /* erased by a deed */
#define INTENDED 1  /* whose intent is logged and not carried out */
#define NEWEST 9    /* who came when the older database was kept already */
#define NEWCOMER 10 /* sealed for by a deed */
#define AFTER_MS 120
#define TORN 100 /* bytes of a write that arrive */

struct points {
	struct keys_proof *k;
	struct keys_world w;
	struct disk_control *disk;
	char base[64], control[128];
	size_t kept[PEOPLE]; /* events of each when the deed begins */
	size_t done, bad, finished;
};

/* ---- the test disk ---------------------------------------------------------------------- */

static bool watch_next(struct points *x)
{
	char so[600], root[256];

	disk_free(x->disk);
	snprintf(so, sizeof(so), "%s/tools/testdisk.so", x->k->build);
	fixture_path(&x->k->fx, "run", root);
	return (x->disk = disk_new(x->control)) != NULL && access(so, R_OK) == 0 &&
	    setenv("LD_PRELOAD", so, 1) == 0 && setenv("SCRIM_DISK", x->control, 1) == 0 &&
	    setenv("SCRIM_DISK_ROOT", root, 1) == 0 &&
	    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1) == 0;
}

static void watch_no_more(void)
{
	unsetenv("LD_PRELOAD");
	unsetenv("SCRIM_DISK");
	unsetenv("SCRIM_DISK_ROOT");
}

static bool start_watched(struct points *x)
{
	bool ok = watch_next(x) && proof_start(x->k);

	watch_no_more();
	return ok;
}

/* Where keyd ends: before its AT-th call from now on, or, TORN, within its AT-th write. */
struct point {
	uint32_t at;
	bool torn;
};

static struct disk_rule *end_at(struct points *x, const struct point *p)
{
	struct disk_rule *r = disk_rule(x->disk, 0, DISK_DELAY,
	    p->torn ? DISK_WRITE : DISK_WRITE | DISK_SYNC | DISK_SIZE | DISK_NAME, "*");

	r->first = p->at;
	r->err = 0;
	r->arg = p->torn ? TORN : 0;
	atomic_store(&r->seen, 0);
	atomic_store(&r->hits, 0);
	atomic_store(&r->act, p->torn ? DISK_TEAR : DISK_CRASH);
	return r;
}

/* ---- files and events, kept and put back -------------------------------------------------- */

static bool shell(struct points *x, const char *text)
{
	char cmd[1200];

	snprintf(cmd, sizeof(cmd), "cd '%s/run' && S='%s' && { %s; }", x->k->fx.dir, x->k->scratch,
	    text);
	return system(cmd) == 0;
}

static bool keep_as(struct points *x, const char *name)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "rm -rf \"$S/%s\" && cp -a . \"$S/%s\"", name, name);
	return shell(x, cmd);
}

static bool put_back(struct points *x, const char *name)
{
	char cmd[300];

	snprintf(cmd, sizeof(cmd), "find . -mindepth 1 -delete && cp -a \"$S/%s/.\" .", name);
	return shell(x, cmd);
}

static void events_keep(struct points *x)
{
	for (size_t i = 0; i < PEOPLE; i++)
		x->kept[i] = x->w.person[i].n;
}

static void events_put_back(struct points *x)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		struct keys_person *p = &x->w.person[i];

		p->n = x->kept[i];
		for (size_t j = 0; j < p->n; j++)
			if (p->ev[j].what == KEYS_ERASED && p->ev[j].answered == KEYS_NEVER)
				p->ev[j].found = false;
	}
	x->w.lost = x->w.bad = 0;
}

/* ---- the deeds ---------------------------------------------------------------------------- */

static bool clock_is(void *arg)
{
	return clock_mono_ms() >= *(const uint64_t *)arg;
}

static void turn_for(struct points *x, uint64_t ms)
{
	uint64_t until = clock_mono_ms() + ms;

	(void)fixture_turn_until(&x->k->fx, clock_is, &until);
}

/* Weeks and progress of what was before are written: they are no part of the deed. */
static bool at_rest(struct points *x)
{
	if (!start_watched(x))
		return false;
	turn_for(x, AFTER_MS);
	return true;
}

static void erase_deed(struct points *x, const struct point *p)
{
	if (!at_rest(x))
		return;
	end_at(x, p);
	(void)keys_world_erase(&x->w, LEAVER, 1);
	turn_for(x, AFTER_MS);
}

static void seal_deed(struct points *x, const struct point *p)
{
	if (!at_rest(x))
		return;
	end_at(x, p);
	(void)keys_world_seal(&x->w, NEWCOMER, 2);
	turn_for(x, AFTER_MS);
}

static void stop_deed(struct points *x, const struct point *p)
{
	if (!at_rest(x))
		return;
	(void)keys_world_seal(&x->w, NEWCOMER, 1);
	end_at(x, p);
	(void)fixture_stop(&x->k->fx, SIGTERM);
}

static void start_deed(struct points *x, const struct point *p)
{
	if (watch_next(x)) {
		end_at(x, p);
		(void)proof_start(x->k);
	}
	watch_no_more();
	turn_for(x, AFTER_MS);
}

/* The owner's word is there before the disk is watched. */
static void anew_deed(struct points *x, const struct point *p)
{
	static const char *const ask[] = { "--demo", "--start-anew", NULL };
	char path[256];
	const char *const args[] = { "--demo", "--start-anew", "--statement", path, NULL };

	if (!owner_signs(&x->k->fx, ask, path))
		return;
	if (watch_next(x)) {
		end_at(x, p);
		(void)fixture_run(&x->k->fx, args);
	}
	watch_no_more();
}

static const struct deed {
	const char *name, *from;
	void (*run)(struct points *x, const struct point *p);
	bool anew;  /* if it does not start, the log may be taken as it is, again */
	bool older; /* who was sealed for last is unknown, as their slots are lost */
} deeds[] = {
	{ "an erasure", "ready", erase_deed, false, false },
	{ "the first new people of a run", "ready", seal_deed, false, false },
	{ "a stop", "ready", stop_deed, false, false },
	{ "a start that carries out an intent", "intended", start_deed, false, false },
	{ "a start that makes a missing twin", "twinless", start_deed, false, false },
	{ "a start that makes a missing epoch file", "fileless", start_deed, false, false },
	{ "a start that finds an older twin", "twin-older", start_deed, false, false },
	{ "a start on an older database", "older", start_deed, false, true },
	{ "a log taken as it is", "log-lost", anew_deed, true, false },
};

/* ---- the files from which they begin -------------------------------------------------------- */

static bool is_held(void *rule)
{
	return atomic_load(&((struct disk_rule *)rule)->waiting) > 0;
}

/* Keyd is ended exactly between the intent, durable in the log, and the commit. */
static bool end_before_commit(struct points *x)
{
	struct asking a = fixture_context(&x->k->fx, ROLE_OFFICER, FOR_AUDIT, POLICY_DELETE);
	struct keys_person *who = &x->w.person[INTENDED];
	struct answer *got = answer_new();
	struct disk_rule *r;
	bool held;

	if (!at_rest(x))
		return false;
	turn_for(x, 1500); /* weeks are written by the second */
	r = disk_rule(x->disk, 0, DISK_BLOCK, DISK_WRITE, "keyd/keyd.db-wal");
	a.request_id = x->w.next_request;
	who->ev = realloc(who->ev, (who->n + 1) * sizeof(*who->ev));
	if (who->ev == NULL)
		abort();
	who->room = who->n + 1;
	who->ev[who->n++] = (struct keys_event){ .what = KEYS_ERASED,
		.asked = atomic_fetch_add(&x->w.own_clock, 1) + 1,
		.answered = KEYS_NEVER,
		.record = KEYS_NEVER,
		.request = x->w.next_request++ };
	held = keyc_erase_subject(x->k->fx.kc, &got->call, &a, sc_span_str(who->subject)) ==
		SC_OK &&
	    fixture_turn_until(&x->k->fx, is_held, r);
	held = fixture_stop(&x->k->fx, SIGKILL) == -1 && held;
	answer_free(got);
	return held;
}

static bool make_files(struct points *x)
{
	struct keys_world *w = &x->w;

	if (!proof_config(x->k, true, false) || !proof_start(x->k) || !keys_world_seal(w, 0, 5))
		return false;
	turn_for(x, 1500);
	if (fixture_stop(&x->k->fx, SIGKILL) != -1 || !keep_as(x, "short") || !proof_start(x->k) ||
	    !keys_world_seal(w, 5, 4) || !keys_world_erase(w, 0, 1) ||
	    fixture_stop(&x->k->fx, SIGTERM) != 0 || !keep_as(x, "ready") ||
	    !shell(x,
		"cp -a \"$S/ready\" \"$S/twinless\" && rm \"$S/twinless/twin/keyd.epoch\" &&"
		"cp -a \"$S/ready\" \"$S/fileless\" && rm \"$S/fileless/keyd/keyd.epoch\" &&"
		"cp -a \"$S/ready\" \"$S/twin-older\" &&"
		"cp -a \"$S/short/twin/keyd.epoch\" \"$S/twin-older/twin/\" &&"
		"cp -a \"$S/ready\" \"$S/log-lost\" && rm -r \"$S/log-lost/keyd/log\" &&"
		"cp -a \"$S/short/keyd/log\" \"$S/log-lost/keyd/\""))
		return false;
	events_keep(x);
	if (!end_before_commit(x) || !keep_as(x, "intended"))
		return false;
	x->w.person[INTENDED].n--;
	/* an older one of the same epoch, beside the newest log and epoch file */
	return put_back(x, "ready") && proof_start(x->k) && keys_world_seal(w, NEWEST, 1) &&
	    fixture_stop(&x->k->fx, SIGTERM) == 0 &&
	    shell(x, "cp -a \"$S/ready/keyd/keyd.db\" keyd/") && keep_as(x, "older") &&
	    x->w.person[NEWEST].n-- == 1;
}

/* ---- judging ---------------------------------------------------------------------------------- */

/* Each intent has one outcome, of the same keys. */
static size_t unmatched(const struct log_entries *log)
{
	size_t wrong = 0;

	for (size_t i = 0; i < log->n; i++) {
		const char *keys = strstr(log->v[i].text, "\"keys\":["), *end;
		size_t intents = 0, outcomes = 0;

		if (keys == NULL || (end = strchr(keys, ']')) == NULL)
			continue;
		for (size_t j = 0; j < log->n; j++)
			if (memmem(log->v[j].text, strlen(log->v[j].text), keys,
				(size_t)(end - keys)) != NULL) {
				if (strstr(log->v[j].text, "\"result\"") == NULL)
					intents++;
				else
					outcomes++;
			}
		wrong += intents != 1 || outcomes != 1;
	}
	return wrong;
}

static bool starts(struct points *x, const struct deed *d)
{
	static const char *const ask[] = { "--demo", "--start-anew", NULL };
	char path[256];
	const char *const args[] = { "--demo", "--start-anew", "--statement", path, NULL };

	if (proof_start(x->k))
		return true;
	return d->anew && owner_signs(&x->k->fx, ask, path) && fixture_run(&x->k->fx, args) == 0 &&
	    proof_start(x->k);
}

/* The newest people of an older database: never anybody else's key, nor gone. */
static bool newest_is_unknown(struct points *x)
{
	const struct keys_person *p = &x->w.person[NEWEST];
	struct answer *got = fixture_open(&x->k->fx, ROLE_SHOP, FOR_ORDERS, p->ev[0].token);
	bool ok = got->err == SC_OK && got->n == 1 && got->r[0].status == WIRE_UNKNOWN_KEY;

	answer_free(got);
	return ok;
}

static bool stands(struct points *x, const struct deed *d)
{
	struct keys_verdict v;
	struct log_entries log;
	size_t wrong = 0;

	if (!starts(x, d)) {
		printf("# keyd does not start\n");
		word_print_said(&x->k->fx);
		return false;
	}
	if (d->older && !newest_is_unknown(x)) {
		printf("# who is newer than the database is not unknown\n");
		return false;
	}
	x->w.person[NEWEST].n -= d->older;
	if (!keys_world_judge(&x->w, KEYS_NEVER - 1, &v)) {
		printf("# keyd does not answer\n");
		return false;
	}
	x->finished += v.started;
	if (log_entries_read(&x->k->fx, &log)) {
		/* an older database is erased in again, and that is told again; a log that was
		 * lost tells of less */
		wrong = d->older || d->anew ? 0 : unmatched(&log);
		log_entries_free(&log);
	}
	if (d->anew)
		v.silent = 0;
	if (keys_verdict_good(&v) && wrong == 0)
		return true;
	keys_verdict_print(&v);
	printf("# %zu records of erasures have none, or too many, that match\n", wrong);
	return false;
}

/* False: the deed came to its end before the point. */
static bool one(struct points *x, const struct deed *d, const struct point *p)
{
	bool hit;

	if (!put_back(x, d->from) || !fixture_write(&x->k->fx, "stderr", "")) {
		x->bad++;
		return false;
	}
	events_put_back(x);
	d->run(x, p);
	hit = x->disk != NULL && atomic_load(&x->disk->rule[0].hits) > 0;
	proof_end(x->k);
	x->done++;
	if (!stands(x, d)) {
		printf("# %s, ended %s %u\n", d->name, p->torn ? "within write" : "before call",
		    p->at);
		if (x->bad++ == 0)
			proof_keep(x->k, "point");
	}
	proof_end(x->k);
	return hit;
}

/* Every STEP-th point of D, or all; the first is drawn. */
static void each_point(struct points *x, const struct deed *d, uint32_t step)
{
	uint32_t n[2];

	events_put_back(x);
	if (strcmp(d->from, "intended") == 0)
		x->kept[INTENDED] = ++x->w.person[INTENDED].n;
	if (d->older)
		x->kept[NEWEST] = ++x->w.person[NEWEST].n;
	for (unsigned torn = 0; torn < 2; torn++) {
		struct point p = { (uint32_t)(keys_draw(&x->w) % step), torn == 1 };

		while (x->bad < x->k->bad_max && one(x, d, &p))
			p.at += step;
		n[torn] = p.at;
	}
	printf("# %s: before each of %u calls, within each of %u writes\n", d->name, n[0], n[1]);
	events_put_back(x);
	if (strcmp(d->from, "intended") == 0)
		x->kept[INTENDED] = --x->w.person[INTENDED].n;
	if (d->older)
		x->kept[NEWEST] = --x->w.person[NEWEST].n;
}

bool proof_points(struct keys_proof *k, size_t step)
{
	const char *only = getenv("KEYS_DEED");
	struct points x = { .k = k };
	bool ok = disk_folder(x.base);

	keys_world_init(&x.w, &k->fx, PEOPLE, 4, k->seed);
	snprintf(x.control, sizeof(x.control), "%s/control", x.base);
	if (!ok || !make_files(&x)) {
		printf("# keyd did not make the files\n");
		word_print_said(&k->fx);
		ok = false;
	}
	for (size_t i = 0; ok && i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (only == NULL || strstr(deeds[i].name, only) != NULL)
			each_point(&x, &deeds[i], step == 0 ? 1 : (uint32_t)step);
	printf("# %zu ends, %zu bad; %zu tokens of erasures finished at a start\n", x.done, x.bad,
	    x.finished);
	keys_world_fini(&x.w);
	disk_free(x.disk);
	disk_remove(x.base, true);
	return ok && x.bad == 0;
}
