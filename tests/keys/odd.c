/*
 * odd.c - what hands, half copies and tired disks make of the files: swapped blocks, a journal
 * beside another database, parts of a log from two times, a file that is a folder, somebody
 * else's store, a mirror that is newer than what it mirrors.
 *
 * Each is made by a line of shell in an empty folder, from the folders of five moments, m0 .. m4,
 * each an erasure later than the one before, and held to the word that is right for it.
 */
#include "keys/mixes.h"

#include "disk/rebuild.h"
#include "keys/words.h"

#define OLD_ONES 90 /* more than a leaf has */
#define PEOPLE 110
#define MOMENTS 5

enum odd_end {
	ENDS_RUNNING, /* and everybody is as they should be */
	ENDS_REFUSED, /* in these words */
	ENDS_SAFE     /* either; but nobody comes back, and nobody who lives is called gone */
};

static uint64_t moment[MOMENTS + 2]; /* by the world's clock; then those of the mirror */
enum { N0 = MOMENTS, N1 };           /* of the mirrored store, without an erasure between */

#define NOW "cp -a \"$S/m4/.\" . && "
#define BLOCK(from, n) \
	"dd if=\"$S/" from "/keyd/keyd.epoch\" of=keyd/keyd.epoch bs=4096 count=1 conv=notrunc " \
	"status=none skip=" n " seek=" n

static const struct odd {
	const char *name, *make;
	enum odd_end end;
	const char *says[2];
	int store, log; /* moments */
	bool mirror;
} odds[] = {
	/* ---- the epoch file and its twin ---- */
	{ "epoch file and twin of one erasure ago",
	    NOW "cp -a \"$S/m3/twin\" \"$S/m3/keyd/keyd.epoch\" . && mv keyd.epoch keyd/",
	    ENDS_RUNNING, { NULL }, 4, 4, false },
	{ "epoch file and twin of two erasures ago, with the newest log",
	    NOW "cp -a \"$S/m2/twin\" \"$S/m2/keyd/keyd.epoch\" . && mv keyd.epoch keyd/",
	    ENDS_REFUSED, { "an older keyd.epoch", "epoch 4" }, 4, 4, false },
	{ "a twin of two erasures ago", NOW "cp -a \"$S/m2/twin\" .", ENDS_RUNNING,
	    { "keyd.epoch_mended" }, 4, 4, false },
	{ "an epoch file of two erasures ago", NOW "cp -a \"$S/m2/keyd/keyd.epoch\" keyd/",
	    ENDS_RUNNING, { "keyd.epoch_mended" }, 4, 4, false },
	{ "the spare's block of three erasures ago, no twin",
	    NOW "rm twin/keyd.epoch && " BLOCK("m1", "1"), ENDS_RUNNING, { "keyd.epoch_finished" },
	    4, 4, false },
	{ "the key's block of two erasures ago, no twin",
	    NOW "rm twin/keyd.epoch && " BLOCK("m2", "0"), ENDS_REFUSED, { "an older keyd.epoch" },
	    4, 4, false },
	{ "one block from each file",
	    NOW BLOCK("m1",
		"1") " && dd if=/dev/zero of=twin/keyd.epoch bs=4096 count=1 conv=notrunc "
		     "status=none",
	    ENDS_RUNNING, { "keyd.epoch_mended" }, 4, 4, false },
	{ "the two blocks swapped, no twin",
	    NOW "rm twin/keyd.epoch && "
		"{ tail -c 4096 keyd/keyd.epoch; head -c 4096 keyd/keyd.epoch; } >x && cat x "
		">keyd/keyd.epoch",
	    ENDS_REFUSED, { "no block of the epoch file" }, 4, 4, false },
	{ "the two blocks swapped, beside a good twin",
	    NOW "{ tail -c 4096 keyd/keyd.epoch; head -c 4096 keyd/keyd.epoch; } >x && "
		"cat x >keyd/keyd.epoch",
	    ENDS_REFUSED, { "epoch file" }, 4, 4, false },
	{ "the same block twice, no twin",
	    NOW "rm twin/keyd.epoch && "
		"{ head -c 4096 keyd/keyd.epoch; head -c 4096 keyd/keyd.epoch; } >x && cat x "
		">keyd/keyd.epoch",
	    ENDS_RUNNING, { "keyd.epoch_finished" }, 4, 4, false },
	{ "an epoch file of zeros, beside a good twin",
	    NOW "head -c 8192 /dev/zero >keyd/keyd.epoch", ENDS_RUNNING, { "keyd.epoch_mended" }, 4,
	    4, false },
	{ "an epoch file of zeros, no twin",
	    NOW "rm twin/keyd.epoch && head -c 8192 /dev/zero >keyd/keyd.epoch", ENDS_REFUSED,
	    { "no block of the epoch file" }, 4, 4, false },
	{ "an empty epoch file, no twin", NOW "rm twin/keyd.epoch && : >keyd/keyd.epoch",
	    ENDS_REFUSED, { "not 8192 bytes" }, 4, 4, false },
	{ "an empty epoch file, beside a good twin", NOW ": >keyd/keyd.epoch", ENDS_RUNNING,
	    { "keyd.epoch_mended" }, 4, 4, false },
	{ "half an epoch file, beside half a twin",
	    NOW "truncate -s 4096 keyd/keyd.epoch twin/keyd.epoch", ENDS_REFUSED,
	    { "not 8192 bytes" }, 4, 4, false },
	{ "an epoch file and a byte", NOW "echo >>keyd/keyd.epoch", ENDS_REFUSED,
	    { "not 8192 bytes" }, 4, 4, false },
	{ "a folder for an epoch file", NOW "rm keyd/keyd.epoch && mkdir keyd/keyd.epoch",
	    ENDS_REFUSED, { "epoch file" }, 4, 4, false },
	{ "a link for an epoch file",
	    NOW "rm keyd/keyd.epoch && ln -s ../twin/keyd.epoch keyd/keyd.epoch", ENDS_REFUSED,
	    { "symbolic link" }, 4, 4, false },
	{ "a pipe for an epoch file", NOW "rm keyd/keyd.epoch && mkfifo -m 600 keyd/keyd.epoch",
	    ENDS_REFUSED, { "epoch file" }, 4, 4, false },
	{ "the twin and the epoch file one file", NOW "ln -f twin/keyd.epoch keyd/keyd.epoch",
	    ENDS_REFUSED, { "the same file" }, 4, 4, false },
	{ "an epoch file that others may read", NOW "chmod 640 keyd/keyd.epoch", ENDS_REFUSED,
	    { "mode must be 0600" }, 4, 4, false },
	{ "another store's twin beside ours", NOW "cp -a \"$S/other/twin\" .", ENDS_REFUSED,
	    { "another store's than its twin" }, 4, 4, false },
	/* ---- the database and its journal ---- */
	{ "no journal where keyd was killed",
	    "cp -a \"$S/m1/.\" . && rm -f keyd/keyd.db-wal keyd/keyd.db-shm", ENDS_REFUSED,
	    { "an older database" }, 1, 1, false },
	{ "a journal cut in its middle",
	    "cp -a \"$S/m1/.\" . && "
	    "truncate -s \"$(($(stat -c %s keyd/keyd.db-wal) / 2))\" keyd/keyd.db-wal",
	    ENDS_SAFE, { NULL }, 1, 1, false },
	{ "a journal without its last byte",
	    "cp -a \"$S/m1/.\" . && truncate -s -1 keyd/keyd.db-wal", ENDS_SAFE, { NULL }, 1, 1,
	    false },
	{ "the journal beside the database it grew on",
	    "cp -a \"$S/m1/.\" . && cp -a \"$S/m0/keyd/keyd.db\" keyd/", ENDS_RUNNING, { NULL }, 1,
	    1, false },
	{ "an older journal beside a newer database", NOW "cp -a \"$S/m1/keyd/keyd.db-wal\" keyd/",
	    ENDS_REFUSED, { "Put back the newest" }, 4, 4, false },
	{ "an older journal, epoch file and log beside a newer database",
	    "cp -a \"$S/m1/.\" . && cp -a \"$S/m4/keyd/keyd.db\" keyd/", ENDS_SAFE, { NULL }, 1, 1,
	    false },
	{ "a journal of noise", NOW "head -c 65536 /dev/urandom >keyd/keyd.db-wal", ENDS_RUNNING,
	    { NULL }, 4, 4, false },
	{ "an index of noise beside the journal",
	    "cp -a \"$S/m1/.\" . && head -c 32768 /dev/urandom >keyd/keyd.db-shm", ENDS_RUNNING,
	    { NULL }, 1, 1, false },
	{ "a database cut in its middle",
	    NOW "truncate -s \"$(($(stat -c %s keyd/keyd.db) / 8192 * 4096))\" keyd/keyd.db",
	    ENDS_SAFE, { NULL }, 4, 4, false },
	{ "the first page of an older database",
	    NOW
	    "dd if=\"$S/m2/keyd/keyd.db\" of=keyd/keyd.db bs=4096 count=1 conv=notrunc status=none",
	    ENDS_SAFE, { NULL }, 4, 4, false },
	{ "the middle pages of an older database",
	    NOW "dd if=\"$S/m2/keyd/keyd.db\" of=keyd/keyd.db bs=4096 skip=3 seek=3 "
		"count=12 conv=notrunc status=none",
	    ENDS_SAFE, { NULL }, 4, 4, false },
	{ "a folder for a database", NOW "rm keyd/keyd.db && mkdir keyd/keyd.db", ENDS_REFUSED,
	    { "cannot open the store" }, 4, 4, false },
	{ "an older database, epoch file and twin, with the newest log",
	    NOW "cp -a \"$S/m2/keyd/keyd.db\" \"$S/m2/keyd/keyd.epoch\" keyd/ && "
		"cp -a \"$S/m2/twin\" .",
	    ENDS_RUNNING, { "an older database was put back", "keyd.store_older" }, 2, 4, false },
	/* ---- the log ---- */
	{ "an older log, the rest newest", NOW "rm -r keyd/log && cp -a \"$S/m3/keyd/log\" keyd/",
	    ENDS_REFUSED, { "older", "put back" }, 4, 4, false },
	{ "a log one byte short in its newest entries",
	    NOW "f=$(find keyd/log/tile/entries -type f | sort | tail -1) && truncate -s -1 \"$f\"",
	    ENDS_REFUSED, { "keyd's own log" }, 4, 4, false },
	{ "a log whose state is older than its tiles",
	    NOW "cp -a \"$S/m3/keyd/log/state\" keyd/log/", ENDS_SAFE, { NULL }, 4, 4, false },
	{ "a log whose state is newer than its tiles",
	    "cp -a \"$S/m3/.\" . && cp -a \"$S/m4/keyd/log/state\" keyd/log/", ENDS_REFUSED,
	    { "keyd's own log" }, 3, 3, false },
	{ "a log whose checkpoint is newer than its tiles",
	    "cp -a \"$S/m3/.\" . && cp -a \"$S/m4/keyd/log/checkpoint\" keyd/log/", ENDS_SAFE,
	    { NULL }, 3, 3, false },
	{ "a log without its newest entries",
	    NOW "find keyd/log/tile/entries -type f | sort | tail -1 | xargs rm", ENDS_REFUSED,
	    { "keyd's own log" }, 4, 4, false },
	{ "an empty folder for a log", NOW "rm -r keyd/log && mkdir -m 700 keyd/log", ENDS_REFUSED,
	    { "keyd's own log" }, 4, 4, false },
	{ "the journals of an older log", NOW "cp -a \"$S\"/m3/keyd/log/journal.* keyd/log/",
	    ENDS_SAFE, { NULL }, 4, 4, false },
	{ "a killed log's journal without its last byte",
	    "cp -a \"$S/m1/.\" . && f=$(ls -t keyd/log/journal.* | head -1) && "
	    "truncate -s -1 \"$f\"",
	    ENDS_SAFE, { NULL }, 1, 1, false },
	/* ---- somebody else's ---- */
	{ "another tenant's folder", "cp -a \"$S/rival/.\" .", ENDS_REFUSED, { "scrim-keyd: " }, 4,
	    4, false },
	{ "another tenant's database", NOW "cp -a \"$S/rival/keyd/keyd.db\" keyd/", ENDS_REFUSED,
	    { "another store's" }, 4, 4, false },
	{ "another tenant's database and epoch file",
	    NOW "cp -a \"$S/rival/keyd/keyd.db\" \"$S/rival/keyd/keyd.epoch\" keyd/ && "
		"rm -r twin && mkdir -m 700 twin",
	    ENDS_REFUSED, { "another store's" }, 4, 4, false },
	{ "another tenant's log", NOW "rm -r keyd/log && cp -a \"$S/rival/keyd/log\" keyd/",
	    ENDS_REFUSED, { "another origin" }, 4, 4, false },
	{ "another store's log of the same tenant",
	    NOW "rm -r keyd/log && cp -a \"$S/other/keyd/log\" keyd/", ENDS_REFUSED,
	    { "keyd's own log" }, 4, 4, false },
	/* ---- the mirror ---- */
	{ "a mirror newer than the database, of one epoch",
	    "cp -a \"$S/n1/.\" . && cp -a \"$S/n0/keyd/keyd.db\" keyd/", ENDS_REFUSED,
	    { "the mirror has commit", "move the mirror away" }, N0, N1, true },
	{ "a mirror newer than database and log",
	    "cp -a \"$S/n0/.\" . && rm -r mirror && cp -a \"$S/n1/mirror\" .", ENDS_REFUSED,
	    { "the mirror has commit" }, N0, N0, true },
	{ "the older database, the newer mirror moved away",
	    "cp -a \"$S/n1/.\" . && cp -a \"$S/n0/keyd/keyd.db\" keyd/ && "
	    "find mirror ! -name keyd.epoch -type f -delete",
	    ENDS_RUNNING, { "an older database was put back" }, N0, N1, true },
	{ "an older mirror", "cp -a \"$S/n1/.\" . && rm -r mirror && cp -a \"$S/n0/mirror\" .",
	    ENDS_RUNNING, { "keyd.mirror_behind" }, N1, N1, true },
	{ "a mirror whose journal is cut", "cp -a \"$S/n1/.\" . && truncate -s -1 mirror/journal",
	    ENDS_RUNNING, { "keyd.mirror_behind" }, N1, N1, true },
};

/* ---- the moments ------------------------------------------------------------------------------ */

static bool shell(const struct keys_proof *k, const char *text)
{
	char cmd[1600];

	snprintf(cmd, sizeof(cmd), "cd '%s/run' && S='%s' && { %s; }", k->fx.dir, k->scratch, text);
	return system(cmd) == 0;
}

static bool keep(const struct keys_proof *k, struct keys_world *w, int i, const char *name)
{
	char cmd[100];

	if (i >= 0)
		moment[i] = w->own_clock;
	snprintf(cmd, sizeof(cmd), "rm -rf \"$S/%s\" && cp -a . \"$S/%s\"", name, name);
	return shell(k, cmd);
}

static bool anew(struct keys_proof *k, bool mirror)
{
	static const char *const args[] = { "--demo", "--init", NULL };
	char run_dir[256];

	fixture_path(&k->fx, "run", run_dir);
	disk_remove(run_dir, false);
	return proof_config(k, !mirror, mirror) && fixture_run(&k->fx, args) == 0;
}

static bool begin_and_end(struct keys_proof *k)
{
	return proof_start(k) && fixture_stop(&k->fx, SIGTERM) == 0;
}

static bool make_others(struct keys_proof *k, struct keys_world *w)
{
	static const char *const args[] = { "--demo", "--init", NULL };

	if (!anew(k, false) || !begin_and_end(k) || !keep(k, w, -1, "other"))
		return false;
	return shell(k,
		   "find . -mindepth 1 -delete && mkdir -m 700 twin && "
		   "sed -i 's/\"tenant\":\"demo\"/\"tenant\":\"rival\"/' ../keyd.json") &&
	    fixture_run(&k->fx, args) == 0 && begin_and_end(k) && keep(k, w, -1, "rival");
}

static bool make_mirrored(struct keys_proof *k, struct keys_world *w)
{
	if (!anew(k, true) || !proof_start(k) || !keys_world_seal(w, 0, 10) ||
	    fixture_stop(&k->fx, SIGTERM) != 0 || !keep(k, w, N0, "n0"))
		return false;
	return proof_start(k) && keys_world_seal(w, 10, 10) && fixture_stop(&k->fx, SIGTERM) == 0 &&
	    keep(k, w, N1, "n1");
}

static bool make_moments(struct keys_proof *k, struct keys_world *w)
{
	char name[8];

	if (!anew(k, false) || !proof_start(k) || !keys_world_seal(w, 0, OLD_ONES) ||
	    fixture_stop(&k->fx, SIGTERM) != 0 || !keep(k, w, 0, "m0"))
		return false;
	for (int i = 1; i < MOMENTS; i++) {
		/* the first is killed: its journal is full of what the database lacks */
		const bool ends = i > 1;

		snprintf(name, sizeof(name), "m%d", i);
		if (!proof_start(k) || !keys_world_erase(w, (size_t)i, 1) ||
		    !keys_world_seal(w, OLD_ONES + 4 * (size_t)i, 4) ||
		    fixture_stop(&k->fx, ends ? SIGTERM : SIGKILL) != (ends ? 0 : -1) ||
		    !keep(k, w, i, name))
			return false;
	}
	return true;
}

/* ---- one -------------------------------------------------------------------------------------- */

static bool all_said(const struct keys_proof *k, const struct odd *o)
{
	for (unsigned i = 0; i < 2 && o->says[i] != NULL; i++)
		if (!fixture_said(&k->fx, o->says[i]))
			return false;
	return true;
}

static bool ended_well(const struct keys_proof *k, const struct odd *o, bool runs, bool right,
    const struct mix_tokens *t)
{
	switch (o->end) {
	case ENDS_RUNNING: return runs && right && all_said(k, o);
	case ENDS_REFUSED: return !runs && fixture_said(&k->fx, "scrim-keyd: ") && all_said(k, o);
	case ENDS_SAFE: break;
	}
	return runs ? t->back + t->taken == 0 : fixture_said(&k->fx, "scrim-keyd: ");
}

static bool one(struct keys_proof *k, struct keys_world *w, const struct odd *o)
{
	struct mix_tokens t = { .right = 0 };
	char run_dir[256];
	bool runs, right = false, ok;

	fixture_path(&k->fx, "run", run_dir);
	disk_remove(run_dir, false);
	if (!proof_config(k, !o->mirror, o->mirror) || !shell(k, "find . -mindepth 1 -delete") ||
	    !shell(k, o->make) || !fixture_write(&k->fx, "stderr", "")) {
		printf("# %s: cannot be made\n", o->name);
		return false;
	}
	if ((runs = proof_start(k)))
		right = mix_judge(k, w, moment[o->store], moment[o->log], &t);
	ok = ended_well(k, o, runs, right, &t);
	printf("# %s: %s\n", o->name, runs ? "runs" : "refused");
	if (!ok || getenv("ODD_WORDS") != NULL) {
		printf("# %zu right, %zu lost, %zu taken, %zu back, %zu strange\n", t.right, t.lost,
		    t.taken, t.back, t.strange);
		word_print_said(&k->fx);
	}
	proof_end(k);
	return ok;
}

bool proof_odd(struct keys_proof *k, size_t every)
{
	const size_t n = sizeof(odds) / sizeof(odds[0]);
	struct keys_world w, mirrored;
	size_t bad = 0, done = 0;
	bool ok;

	keys_world_init(&w, &k->fx, PEOPLE, 8, k->seed);
	keys_world_init(&mirrored, &k->fx, 20, 8, k->seed + 1);
	ok = make_others(k, &w) && make_mirrored(k, &mirrored) && make_moments(k, &w);
	if (!ok) {
		printf("# keyd did not make the files\n");
		word_print_said(&k->fx);
	}
	if (every == 0)
		every = 1;
	for (size_t i = keys_draw(&w) % every; ok && i < n; i += every, done++)
		if (!one(k, odds[i].mirror ? &mirrored : &w, &odds[i])) {
			printf("# BAD: %s\n", odds[i].name);
			if (bad++ == 0)
				proof_keep(k, "odd");
		}
	printf("# %zu of %zu odd things, %zu bad\n", done, n, bad);
	keys_world_fini(&mirrored);
	keys_world_fini(&w);
	return ok && bad == 0;
}
