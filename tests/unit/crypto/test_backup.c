/*
 * test_backup.c - what was there when a backup was taken is there when it is restored, and
 * nothing else.
 */
#include "backup_rig.h"
#include "tap.h"

#include "base/bytes.h"
#include "crypto/backup/ring.h"
#include "crypto/keystore/restoring.h"
#include "crypto/rows/tables.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct backup_rig rig;
static struct backup_taken taken;
static struct sc_diag diag;

/* ---- a second installation, to restore into ---- */

struct other {
	char store[160], epoch[160];
	struct settings settings;
	struct store *db;
	struct epoch_file *file;
	struct tree *tree;
	struct backup_rebuilt built;
	uint64_t weeks, people;
	uint64_t orders[256]; /* by the first byte of their alias, the slot and 1 */
	unsigned n_orders;
};

static void other_init(struct other *o)
{
	memset(o, 0, sizeof(*o));
	o->settings = rig.settings;
	snprintf(o->store, sizeof(o->store), "%s/other.db", rig.dir);
	snprintf(o->epoch, sizeof(o->epoch), "%s/other.epoch", rig.dir);
	o->settings.store = o->store;
	o->settings.epoch = o->epoch;
	memset(&diag, 0, sizeof(diag));
}

static struct sc_secret *under; /* a drill's own root */

static enum sc_err restore(struct other *o, const char *const *sources, size_t n)
{
	struct backup_chain chain;
	const struct backup_rebuild how = { .settings = &o->settings,
		.root = rig.root,
		.under = under,
		.chain = &chain };
	enum sc_err err;

	other_init(o);
	if ((err = backup_chain_find(sources, n, &o->settings.tenant, &diag, &chain)) == SC_OK &&
	    (err = backup_chain_verify(&chain, NULL, &how.watch, &diag)) == SC_OK)
		err = backup_rebuild(&how, &diag, &o->built);
	backup_chain_fini(&chain);
	return err;
}

static bool other_open(struct other *o)
{
	struct epoch_place at = { .path = o->epoch, .tenant = sc_span_str("demo") };
	char url[200];
	struct sc_diag d;
	bool repaired;

	memcpy(at.store_id, rig.now.store_id, STORE_ID_BYTES);
	snprintf(url, sizeof(url), "sqlite:%s", o->store);
	return store_open(url, &keyd_tables, &d, &o->db) == SC_OK &&
	    epoch_file_open(&at, rig.root, &d, &repaired, &o->file) == SC_OK &&
	    tree_new(sc_span_str("demo"), rig.now.store_id, 64, &o->tree) == SC_OK;
}

static void other_close(struct other *o)
{
	store_close(o->db);
	epoch_file_close(o->file);
	tree_free(o->tree);
	if (o->settings.store != NULL)
		backup_places_clear(&o->settings, true);
	memset(o, 0, sizeof(*o));
}

struct looking {
	struct store_job job; /* first */
	struct other *o;
	uint64_t slots, live, gone, wrong;
};

static enum sc_err count_person(void *arg, size_t i, const struct store_value *v)
{
	struct other *o = arg;

	(void)i;
	(void)v;
	o->people++;
	return SC_OK;
}

static enum sc_err count_week(void *arg, size_t i, const struct store_value *v)
{
	struct other *o = arg;

	(void)i;
	(void)v;
	o->weeks++;
	return SC_OK;
}

static enum sc_err take_order(void *arg, size_t i, const struct store_value *v)
{
	struct other *o = arg;

	(void)i;
	o->orders[v[0].bytes.p[0]] = (uint64_t)v[1].number + 1;
	o->n_orders++;
	return SC_OK;
}

static bool bind_all(void *arg, size_t i, struct store_value *v)
{
	(void)arg;
	(void)i;
	v[0] = store_blob("", 0);
	v[1] = store_number(1000000);
	return true;
}

static bool bind_from_0(void *arg, size_t i, struct store_value *v)
{
	(void)arg;
	(void)i;
	v[0] = v[1] = store_number(0);
	return true;
}

static enum sc_err look(struct store_job *j, struct store_tx *tx)
{
	struct looking *l = (struct looking *)j;
	const struct tree_rows rows = backup_tree_rows(tx);
	struct tree_person who;
	enum sc_err err;
	bool gone;

	if ((err = tree_open(l->o->tree, &rows,
		 epoch_file_key(l->o->file, l->o->built.header.epoch))) != SC_OK)
		return err;
	for (uint64_t s = 0; s < l->slots; s++) {
		if ((err = tree_look(l->o->tree, &rows, s, &who, &gone)) != SC_OK)
			return err;
		l->gone += gone;
		l->live += !gone;
		l->wrong += !gone && sc_be64_load(who.secret) != s;
	}
	if ((err = store_ask(tx,
		 &(struct store_batch){ PERSON_RANGE, 1, bind_all, count_person, l->o })) != SC_OK)
		return err;
	if ((err = store_ask(tx,
		 &(struct store_batch){ WEEK_SINCE, 1, bind_from_0, count_week, l->o })) != SC_OK)
		return err;
	return store_ask(tx,
	    &(struct store_batch){ ALIAS_SINCE, 1, bind_from_0, take_order, l->o });
}

/* Of the first SLOTS, as the restored store has them. */
static struct looking look_at(struct other *o, uint64_t slots)
{
	struct looking l = { .job = { .run = look }, .o = o, .slots = slots };

	CHECK(other_open(o));
	CHECK(store_run(o->db, &l.job) == SC_OK);
	CHECK(l.wrong == 0);
	return l;
}

static char *path_of(const struct backup_taken *b, char out[400])
{
	snprintf(out, 400, "%s/%s", rig.target, b->name);
	return out;
}

/* ---- */

static void test_chain(void)
{
	const char *folder = rig.target;
	struct looking l;
	struct other o;

	NEED(backup_rig_make(&rig));
	folder = rig.target;
	NEED(backup_rig_add(&rig, 1000));
	CHECK(backup_rig_week(&rig, 3, 2900) && backup_rig_week(&rig, 500, 2901));
	CHECK(backup_rig_erase(&rig, 10, 3, 1));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(taken.header.whole && taken.header.people == 997 && taken.why[0] == '\0');
	CHECK(restore(&o, &folder, 1) == SC_OK);
	CHECK(o.built.people == 997);
	l = look_at(&o, 1000);
	CHECK(l.live == 997 && l.gone == 3 && o.people == 997 && o.weeks == 2);
	other_close(&o);

	/* a whole leaf, single ones, the last leaf that was begun; new people */
	CHECK(backup_rig_erase(&rig, 80, 80, 1));
	CHECK(backup_rig_erase(&rig, 500, 1, 1) && backup_rig_erase(&rig, 999, 1, 1));
	CHECK(backup_rig_add(&rig, 500));
	CHECK(backup_rig_week(&rig, 1400, 2902));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(!taken.header.whole && taken.header.from_high == 1000);
	CHECK(taken.end.rows[BACKUP_REMOVED] == 1);
	CHECK(taken.end.rows[BACKUP_BOXES] < 20);
	CHECK(restore(&o, &folder, 1) == SC_OK);
	CHECK(o.built.people == 1415);
	l = look_at(&o, 1500);
	CHECK(l.live == 1415 && o.people == 1415 && o.weeks == 2);
	other_close(&o);

	CHECK(backup_rig_erase(&rig, 1499, 1, 1));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(!taken.header.whole);
	CHECK(restore(&o, &folder, 1) == SC_OK && o.built.people == 1414);
	other_close(&o);
	/* by themselves, a moment later: nothing but the way to the last leaf */
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(taken.end.rows[BACKUP_BOXES] <= TREE_LEVELS);
	backup_rig_remove(&rig);
}

/*
 * Whose orders are: an increment has those that are new, of whomever, and what is left of who
 * was erased between two of them is nobody's, though there be new people in the meantime.
 */
static void test_orders(void)
{
	const char *folder;
	struct other o;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 300));
	folder = rig.target;
	CHECK(backup_rig_order(&rig, 1, 10) && backup_rig_order(&rig, 2, 90) &&
	    backup_rig_order(&rig, 3, 250));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(taken.header.whole && taken.end.rows[BACKUP_ALIASES] == 3);
	/* one of an old person, one that is another's now, one erased alone and one with all its leaf */
	CHECK(backup_rig_order(&rig, 4, 10) && backup_rig_order(&rig, 3, 251));
	CHECK(backup_rig_erase(&rig, 10, 1, 1) && backup_rig_erase(&rig, 80, 80, 1));
	CHECK(backup_rig_add(&rig, 10) && backup_rig_order(&rig, 5, 305) &&
	    backup_rig_order(&rig, 6, 11));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(!taken.header.whole && taken.end.rows[BACKUP_ALIASES] == 3);
	CHECK(restore(&o, &folder, 1) == SC_OK);
	(void)look_at(&o, 310);
	CHECK(o.n_orders == 3 && o.orders[3] == 252 && o.orders[5] == 306 && o.orders[6] == 12);
	other_close(&o);
	/* and nothing is told again */
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(!taken.header.whole && taken.end.rows[BACKUP_ALIASES] == 0);
	backup_rig_remove(&rig);
}

static void test_order(void)
{
	char a[400], b[400], c[400];
	struct other o;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 200));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	path_of(&taken, a);
	CHECK(backup_rig_erase(&rig, 1, 1, 1));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	path_of(&taken, b);
	CHECK(backup_rig_add(&rig, 1));
	NEED(backup_rig_take(&rig, a, false, &taken, &diag) == SC_OK);
	CHECK(unlink(path_of(&taken, c)) == 0);
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	path_of(&taken, c);

	CHECK(restore(&o, (const char *[]){ a, b, c }, 3) == SC_OK);
	other_close(&o);
	CHECK(restore(&o, (const char *[]){ a, c, b }, 3) == SC_SYNTAX);
	CHECK(strstr(diag.text, "out of order") != NULL);
	CHECK(restore(&o, (const char *[]){ a, c }, 2) == SC_SYNTAX);
	CHECK(strstr(diag.text, "is missing") != NULL);
	CHECK(restore(&o, (const char *[]){ b }, 1) == SC_SYNTAX);
	CHECK(restore(&o, (const char *[]){ a, a }, 2) == SC_SYNTAX);
	CHECK(strstr(diag.text, "whole") != NULL);
	CHECK(unlink(b) == 0);
	CHECK(restore(&o, (const char *[]){ rig.target }, 1) == SC_SYNTAX);
	CHECK(strstr(diag.text, "missing in the folder") != NULL);
	backup_rig_remove(&rig);
}

/* Each way in which what is on the disk is not what was written. */
static void test_damaged(void)
{
	char a[400];
	struct other o;
	uint8_t byte;
	struct stat st;
	int fd;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 100));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	path_of(&taken, a);
	NEED((fd = open(a, O_RDWR)) >= 0 && fstat(fd, &st) == 0);
	for (off_t at = 0; at < st.st_size; at += 97) {
		CHECK(pread(fd, &byte, 1, at) == 1);
		byte ^= 0x10;
		CHECK(pwrite(fd, &byte, 1, at) == 1);
		CHECK(restore(&o, (const char *[]){ a }, 1) != SC_OK && diag.text[0] != '\0');
		CHECK(access(o.store, F_OK) != 0 && access(o.epoch, F_OK) != 0);
		byte ^= 0x10;
		CHECK(pwrite(fd, &byte, 1, at) == 1);
	}
	CHECK(restore(&o, (const char *[]){ a }, 1) == SC_OK);
	other_close(&o);
	CHECK(ftruncate(fd, st.st_size - 1) == 0);
	close(fd);
	CHECK(restore(&o, (const char *[]){ a }, 1) == SC_SYNTAX);
	CHECK(strstr(diag.text, "cut") != NULL);
	CHECK(restore(&o, (const char *[]){ rig.target }, 1) == SC_SYNTAX);
	backup_rig_remove(&rig);
}

static void test_never_over(void)
{
	char a[400];
	struct other o;
	int fd;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 100));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	path_of(&taken, a);
	other_init(&o);
	fd = open(o.epoch, O_CREAT | O_WRONLY, 0600);
	close(fd);
	CHECK(restore(&o, (const char *[]){ a }, 1) == SC_LIMIT);
	CHECK(strstr(diag.text, "already") != NULL && access(o.epoch, F_OK) == 0);
	CHECK(unlink(o.epoch) == 0);
	CHECK(restore(&o, (const char *[]){ a }, 1) == SC_OK);
	CHECK(restoring_check(o.store, &diag) == SC_CORRUPT);
	CHECK(restoring_clear(o.store, &diag) == SC_OK);
	CHECK(restoring_check(o.store, &diag) == SC_OK);
	CHECK(restore(&o, (const char *[]){ a }, 1) == SC_LIMIT);
	other_close(&o);
	backup_rig_remove(&rig);
}

/*
 * What forgets erasures that an increment would need, and a store that never took the one
 * before.
 */
static void test_what_goes_on(void)
{
	char a[400], since[400], b[400];

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 100));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	path_of(&taken, a);
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(!taken.header.whole);
	path_of(&taken, since);
	CHECK(backup_rig_erase(&rig, 5, 1, 1));
	NEED(backup_rig_take(&rig, NULL, true, &taken, &diag) == SC_OK);
	CHECK(taken.header.whole);
	path_of(&taken, b);
	CHECK(backup_rig_take(&rig, a, false, &taken, &diag) == SC_STALE);
	CHECK(strstr(diag.text, "whole backup was taken since") != NULL);
	CHECK(backup_rig_take(&rig, since, false, &taken, &diag) == SC_STALE);
	CHECK(strstr(diag.text, "whole backup was taken since") != NULL);
	CHECK(backup_rig_take(&rig, b, false, &taken, &diag) == SC_OK);
	/* the folder's newest is none that the store remembers: a whole one, and why */
	CHECK(unlink(b) == 0 && unlink(path_of(&taken, b)) == 0);
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(taken.header.whole && strstr(taken.why, "whole backup was taken since") != NULL);
	backup_rig_remove(&rig);
}

/* A month's key that is destroyed takes its backups along. */
static void test_expired(void)
{
	char a[400];
	struct other o;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 100));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	path_of(&taken, a);
	CHECK(unlink(rig.months_path) == 0);
	CHECK(restore(&o, (const char *[]){ a }, 1) == SC_IO);
	CHECK(strstr(diag.text, "no file of backup keys") != NULL);
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(restore(&o, (const char *[]){ a }, 1) == SC_AUTH);
	CHECK(strstr(diag.text, "not among the backup keys") != NULL);
	CHECK(access(o.store, F_OK) != 0);
	backup_rig_remove(&rig);
}

static const atomic_bool stopped = true;

static void test_stopped(void)
{
	const struct backup_order order = { .settings = &rig.settings, .target = rig.target };
	struct backup_found *all;
	size_t n;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 100));
	struct backup_order o = order;

	o.root = rig.root;
	o.watch.stop = &stopped;
	memset(&diag, 0, sizeof(diag));
	CHECK(backup_take(&o, &diag, &taken) == SC_AGAIN && diag.text[0] != '\0');
	CHECK(backup_list(rig.target, &diag, &all, &n) == SC_OK && n == 0);
	free(all);
	CHECK(rmdir(rig.target) == 0);
	CHECK(mkdir(rig.target, 0700) == 0);
	backup_rig_remove(&rig);
}

/* Whoever may write into the folder of backups lays pipes there, which nobody ever writes to. */
static void test_pipes(void)
{
	const char *const names[] = { "keys-demo-z.backup", ".keys-demo-z.backup.part" };
	const char *folder;
	char path[200];
	struct other o;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 10));
	folder = rig.target;
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", rig.target, names[i]);
		NEED(mkfifo(path, 0600) == 0);
	}
	alarm(60);
	CHECK(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	CHECK(restore(&o, &folder, 1) == SC_OK && o.built.people == 10);
	other_close(&o);
	snprintf(path, sizeof(path), "%s/%s", rig.target, names[0]);
	folder = path;
	CHECK(restore(&o, &folder, 1) == SC_SYNTAX && strstr(diag.text, "no file") != NULL);
	alarm(0);
	CHECK(unlink(path) == 0);
	backup_rig_remove(&rig);
}

/* Nobody reads what is written into it. */
static void test_stalled(void)
{
	static const uint8_t much[1 << 18];
	struct backup_target t;
	int fd[2];

	NEED(pipe(fd) == 0 && backup_target_open("/tmp", &diag, &t) == SC_OK);
	close(t.folder);
	t.folder = -1;
	t.fd = fd[1];
	t.patience_ms = 20;
	CHECK(t.sink.write(t.sink.arg, sc_span(much, 100)) == SC_OK && !t.stalled);
	CHECK(t.sink.write(t.sink.arg, sc_span(much, sizeof(much))) == SC_IO && t.stalled);
	backup_target_close(&t);
	close(fd[0]);
	close(fd[1]);
}

static enum sc_err opens(const char *path, struct sc_secret *root)
{
	struct epoch_place at = { .path = path, .tenant = sc_span_str("demo") };
	struct epoch_file *f = NULL;
	struct sc_diag d;
	bool repaired;
	enum sc_err err;

	memcpy(at.store_id, rig.now.store_id, STORE_ID_BYTES);
	err = epoch_file_open(&at, root, &d, &repaired, &f);
	epoch_file_close(f);
	return err;
}

/* What a drill makes opens under its own root, and what is removed is written over first. */
static void test_leaves_no_key(void)
{
	uint8_t key[32] = "of one drill";
	const char *folder = rig.target;
	char kept[200];
	struct other o;

	NEED(backup_rig_make(&rig) && backup_rig_add(&rig, 100));
	NEED(backup_rig_take(&rig, NULL, false, &taken, &diag) == SC_OK);
	NEED(sc_secret_new_take(key, sizeof(key), &under) == SC_OK);
	CHECK(restore(&o, &folder, 1) == SC_OK && o.built.people == 100);
	CHECK(opens(o.epoch, rig.root) == SC_AUTH && opens(o.epoch, under) == SC_OK);
	snprintf(kept, sizeof(kept), "%s/kept.epoch", rig.dir);
	CHECK(link(o.epoch, kept) == 0);
	other_close(&o);
	CHECK(opens(kept, under) == SC_AUTH && unlink(kept) == 0);
	sc_secret_free(under);
	under = NULL;
	backup_rig_remove(&rig);
}

int main(void)
{
	RUN(test_chain,
	    "a whole backup and two since: restored, everybody is there, and nobody else");
	RUN(test_orders, "whose orders are is in the chain, and of whom is erased nowhere");
	RUN(test_order, "links out of order, missing or foreign are told apart");
	RUN(test_damaged, "a file with a byte flipped or cut is refused, and leaves nothing");
	RUN(test_never_over, "a restore goes where nothing is, and is marked until it is done");
	RUN(test_what_goes_on, "what a backup cannot go on from is told");
	RUN(test_expired, "without its month's key a backup opens nothing");
	RUN(test_pipes, "a pipe in the folder holds nobody up");
	RUN(test_stalled, "a pipe that nobody reads is given up");
	RUN(test_leaves_no_key, "what was made and is removed leaves no key behind");
	RUN(test_stopped, "one that is stopped leaves nothing");
	return tap_done();
}
