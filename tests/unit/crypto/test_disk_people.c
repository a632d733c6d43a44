/*
 * test_disk_people.c - a disk that refuses while somebody is forgotten, and a process that
 * dies at any of its writes: nothing is answered that is not so, and nothing that was
 * answered is otherwise after the next start.
 *
 * DEEP=1: dying at every write, and more often.
 */
#include "disk/disk.h"
#include "disk/rebuild.h"
#include "tap.h"
#include "unit/crypto/people_world.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct people_world w;
static char base[64], root[96], control[96];
static struct disk_control *disk;

/* An empty test disk, and an empty store on it. */
static bool fresh(void)
{
	disk_free(disk);
	disk_remove(root, true);
	memset(&w, 0, sizeof(w));
	snprintf(w.dir, sizeof(w.dir), "%.60s", root);
	if (mkdir(root, 0700) != 0 || (disk = disk_new(control)) == NULL ||
	    !disk_attach(control, root) || world_start(&w, true, false) != SC_OK)
		return false;
	return true;
}

static bool again(void)
{
	world_stop(&w);
	return world_start(&w, false, false) == SC_OK;
}

static enum person_state state_of(const struct used_key *k)
{
	struct used_key is;
	enum sc_err err = world_open(&w, k->id, &is);

	return err != SC_OK ? (enum person_state)(100 + err) :
	    is.state == PERSON_LIVE && memcmp(is.proof, k->proof, 32) != 0 ? PERSON_BROKEN :
									     is.state;
}

static struct disk_rule *refuse(uint32_t ops, const char *file)
{
	struct disk_rule *r = disk_rule(disk, 0, DISK_OFF, ops, file);

	r->err = EIO;
	atomic_store(&r->act, DISK_FAIL);
	return r;
}

/* ---- the dead epoch's block cannot be written over ---- */

static void test_block_refused(void)
{
	struct used_key ann, bob, k;
	struct disk_rule *r;
	struct people_counts c;
	bool found;

	NEED(fresh() && world_seal(&w, "ann", &ann) == SC_OK &&
	    world_seal(&w, "bob", &bob) == SC_OK);
	r = refuse(DISK_WRITE | DISK_SYNC, "keyd.epoch");
	CHECK(world_erase(&w, "ann", &found) == SC_IO);
	CHECK(atomic_load(&r->hits) > 0);
	/* nobody is told that she is gone while her epoch's key lies there, nor that she is not */
	CHECK(world_erase(&w, "ann", &found) == SC_IO);
	CHECK(state_of(&ann) == (enum person_state)(100 + SC_IO));
	CHECK(world_seal(&w, "cat", &k) == SC_IO);
	/* whose key is at hand is served */
	CHECK(state_of(&bob) == PERSON_LIVE);
	disk_release(r);
	CHECK(world_erase(&w, "ann", &found) == SC_OK && !found);
	CHECK(state_of(&ann) == PERSON_GONE && world_seal(&w, "cat", &k) == SC_OK);
	people_count(w.pp, &c);
	CHECK(c.epoch == 1 && c.people == 2);
	NEED(again());
	CHECK(state_of(&ann) == PERSON_GONE && state_of(&bob) == PERSON_LIVE);
	/* and when it never can: the next start does it */
	r = refuse(DISK_WRITE | DISK_SYNC, "keyd.epoch");
	CHECK(world_erase(&w, "bob", &found) == SC_IO);
	world_stop(&w);
	CHECK(world_start(&w, false, false) == SC_IO);
	disk_release(r);
	NEED(world_start(&w, false, false) == SC_OK);
	CHECK(state_of(&bob) == PERSON_GONE && state_of(&k) == PERSON_LIVE);
	world_stop(&w);
}

/* ---- the commit fails ---- */

static void test_commit_refused(void)
{
	struct used_key ann, bob, k;
	struct disk_rule *r;
	struct people_counts c;
	bool found;

	NEED(fresh() && world_seal(&w, "ann", &ann) == SC_OK);
	r = refuse(DISK_WRITE | DISK_SYNC, "keyd.db-wal");
	CHECK(world_seal(&w, "bob", &bob) == SC_IO && atomic_load(&r->hits) > 0);
	CHECK(world_erase(&w, "ann", &found) == SC_IO);
	disk_release(r);
	/* nothing has happened: the tree is as the rows are */
	CHECK(state_of(&ann) == PERSON_LIVE);
	people_count(w.pp, &c);
	CHECK(c.people == 1 && c.epoch == 0);
	NEED(world_seal(&w, "bob", &bob) == SC_OK && world_seal(&w, "cat", &k) == SC_OK);
	people_count(w.pp, &c);
	CHECK(c.people == 3);
	r = refuse(DISK_SYNC, "keyd.db-wal");
	CHECK(world_erase(&w, "bob", &found) == SC_IO && world_turn(&w) == SC_IO);
	disk_release(r);
	CHECK(state_of(&bob) == PERSON_LIVE);
	CHECK(world_erase(&w, "bob", &found) == SC_OK && found && state_of(&bob) == PERSON_GONE);
	people_count(w.pp, &c);
	CHECK(c.people == 2 && c.epoch == 1);
	/* who was told that it failed has to ask again */
	NEED(again());
	CHECK(state_of(&ann) == PERSON_LIVE && state_of(&k) == PERSON_LIVE);
	CHECK(state_of(&bob) == PERSON_GONE);
	world_stop(&w);
}

/* ---- dying at any write ---- */

/* What the process was told before it died, in memory that both have. */
static struct told {
	struct used_key key[64];
	enum { KEPT, ASKED, DYING } fate[64]; /* ASKED: its intent may be durable, DYING: it is */
	char of[64];                          /* whose it is: the first letter */
	unsigned n;
	bool over;
} * told;

static unsigned index_of(uint64_t id)
{
	unsigned i = 0;

	while (i < told->n && told->key[i].id != id)
		i++;
	return i;
}

static bool sealed(const char *name)
{
	struct used_key k;

	if (world_seal(&w, name, &k) != SC_OK || k.state != PERSON_LIVE)
		return false;
	if (index_of(k.id) == told->n) {
		told->key[told->n] = k;
		told->of[told->n] = name[0];
		told->n++;
	}
	return true;
}

static void on_found(void *owner, enum sc_err err, bool found)
{
	*(bool *)owner = err == SC_OK && found;
}

static bool forgotten(const char *name)
{
	uint64_t ids[PEOPLE_SLOTS_MAX], intent, record;
	uint8_t h[HANDLE_BYTES];
	bool found = false;
	size_t n;

	for (unsigned i = 0; i < told->n; i++)
		if (told->of[i] == name[0] && told->fate[i] == KEPT)
			told->fate[i] = ASKED;
	if (world_intend(&w, name, ids, &n, &intent) != SC_OK)
		return false;
	for (size_t i = 0; i < n; i++)
		told->fate[index_of(ids[i])] = DYING;
	world_handle(&w, name, h);
	if (people_erase(w.pp, ids, n, intent, &found, on_found) != SC_OK || !world_wait(&w))
		return false;
	return found && world_log_erase(&w, h, NULL, 0, true, &record) == SC_OK;
}

static bool merged(const char *from, const char *into)
{
	bool found;

	for (unsigned i = 0; i < told->n; i++)
		if (told->of[i] == from[0])
			told->of[i] = into[0];
	return world_merge(&w, from, into, &found) == SC_OK && found;
}

static bool story(void)
{
	return world_start(&w, false, false) == SC_OK && sealed("ann") && sealed("bob") &&
	    sealed("cat") && forgotten("ann") && sealed("ann") && forgotten("bob") &&
	    merged("cat", "ann") && sealed("dan") && world_turn(&w) == SC_OK && forgotten("ann") &&
	    sealed("ann") && sealed("bob");
}

static bool stands(void)
{
	unsigned wrong = 0;

	if (world_start(&w, false, false) != SC_OK) {
		printf("# does not open: %s\n", w.d.text);
		return false;
	}
	for (unsigned i = 0; i < told->n; i++) {
		enum person_state is = state_of(&told->key[i]);

		if ((is == PERSON_LIVE && told->fate[i] != DYING) ||
		    (is == PERSON_GONE && told->fate[i] != KEPT))
			continue;
		wrong++;
		printf("# key %u of %c, fate %d: %d\n", i, told->of[i], told->fate[i], is);
	}
	/* and it goes on */
	wrong += !sealed("ann") || !forgotten("ann") || !sealed("eve");
	world_stop(&w);
	return wrong == 0;
}

/* A child that dies at its call number N; *OVER: it came to its end before. */
static bool died_at(uint32_t n, bool *over)
{
	struct disk_rule *r =
	    disk_rule(disk, 0, DISK_OFF, DISK_WRITE | DISK_SYNC | DISK_SIZE | DISK_NAME, "*");
	pid_t pid;
	int status;

	memset(told, 0, sizeof(*told));
	if (fflush(stdout) != 0 || (pid = fork()) < 0)
		return false;
	if (pid == 0) {
		r->first = n;
		r->count = 1;
		atomic_store(&r->act, DISK_CRASH);
		told->over = story();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return false;
	disk_release(r);
	*over = told->over;
	return true;
}

static void test_dying(void)
{
	uint32_t step = getenv("DEEP") != NULL ? 1 : 25, n = 1;
	unsigned wrong = 0, deaths = 0;
	bool over = false;

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	NEED(told != MAP_FAILED);
	for (; !over && n < 2000; n += step) {
		NEED(fresh());
		world_stop(&w);
		NEED(died_at(n, &over));
		deaths += !over;
		if (!stands()) {
			wrong++;
			printf("# died at write %u\n", n);
		}
	}
	CHECK(wrong == 0 && deaths > 150 / step && over);
	printf("# %u deaths\n", deaths);
}

int main(void)
{
	if (!disk_folder(base))
		return 1;
	snprintf(root, sizeof(root), "%.55s/run", base);
	snprintf(control, sizeof(control), "%.55s/control", base);
	RUN(test_block_refused,
	    "who is erased is told so when the epoch's key is gone, not before");
	RUN(test_commit_refused, "a commit that fails has changed nothing, in memory neither");
	RUN(test_dying, "whatever was answered stands after a death at any write");
	disk_free(disk);
	disk_remove(base, true);
	return tap_done();
}
