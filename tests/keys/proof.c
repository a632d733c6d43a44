/*
 * proof.c - the proofs of the keys that can be forgotten, as one command:
 *
 *	keys_proof cuts IMAGES		power cuts
 *	keys_proof kills N		kill -9 at work
 *	keys_proof mixes N		files from before, after and elsewhere put together
 *	keys_proof points STEP		ended at every STEP-th call
 *	keys_proof odd EVERY		every EVERY-th of what hands make of the files
 *	keys_proof carving PEOPLE	all files and the root key
 *	keys_proof slots ROUNDS		a database of a moment before put back after kill -9
 *
 * SEED draws differently. SCRIM_BIN names another folder of programs; SCRIM_KEEP keeps what was
 * found wrong.
 */
#include "keys/proof.h"

#include "disk/rebuild.h"
#include "tap.h"

#include "base/log.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct keys_proof proof;
static size_t amount;
static bool (*chosen)(struct keys_proof *, size_t);

static bool can_connect(const struct fixture *fx)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char path[256];
	bool ok;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	fixture_path(fx, "run/k.sock", path);
	snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", path);
	ok = fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool folder(const struct keys_proof *k, const char *name)
{
	char path[256];

	fixture_path(&k->fx, name, path);
	return mkdir(path, 0700) == 0 || access(path, W_OK) == 0;
}

bool proof_config(const struct keys_proof *k, bool twin, bool mirror)
{
	char text[16384];

	snprintf(text, sizeof(text),
	    "{\"tenant\":\"demo\",\"socket\":\"run/k.sock\","
	    "\"store\":\"run/keyd/keyd.db\",\"log\":\"run/keyd/log\","
	    "\"epoch\":\"run/keyd/keyd.epoch\",%s%s"
	    "\"root\":\"keys/root.json\",\"policy\":\"policy.json\","
	    "%s\"demo\":true}",
	    twin ? "\"epoch_twin\":\"run/twin/keyd.epoch\"," : "",
	    mirror ? "\"mirror\":\"run/mirror\"," : "", fixture_callers((unsigned)geteuid()));
	return fixture_write(&k->fx, "keyd.json", text) && (!twin || folder(k, "run/twin")) &&
	    (!mirror || folder(k, "run/mirror"));
}

static bool is_ready(void *arg)
{
	return keyc_ready(((struct fixture *)arg)->kc);
}

/* With a client made when there is somebody to connect to: one that was there before waits. */
bool proof_start(struct keys_proof *k)
{
	const uint64_t end = clock_mono_ms() + FIXTURE_WAIT_MS;
	static const char *const args[] = { "--demo", NULL };
	char address[300];
	int status;

	k->fx.pid = fixture_spawn(&k->fx, args);
	while (k->fx.pid > 0 && !can_connect(&k->fx)) {
		if (waitpid(k->fx.pid, &status, WNOHANG) == k->fx.pid)
			k->fx.pid = 0; /* it refuses */
		if (clock_mono_ms() > end)
			return false;
		usleep(1000);
	}
	if (k->fx.pid <= 0)
		return false;
	keyc_free(k->fx.kc);
	k->fx.kc = NULL;
	snprintf(address, sizeof(address), "unix:%s/run/k.sock", k->fx.dir);
	return keyc_new(k->fx.loop, address, a_name("scrimd"), &k->fx.kc) == SC_OK &&
	    fixture_turn_until(&k->fx, is_ready, &k->fx);
}

void proof_end(struct keys_proof *k)
{
	if (k->fx.pid > 0)
		(void)fixture_stop(&k->fx, SIGKILL);
}

void proof_keep(struct keys_proof *k, const char *name)
{
	char cmd[400];

	if (getenv("SCRIM_KEEP") == NULL)
		return;
	snprintf(cmd, sizeof(cmd), "rm -rf '%s.%s'; cp -a '%s' '%s.%s'", k->fx.dir, name, k->fx.dir,
	    k->fx.dir, name);
	if (system(cmd) == 0)
		printf("# kept as %s.%s\n", k->fx.dir, name);
}

bool proof_carve(struct keys_proof *k, struct keys_world *w, uint64_t cut, bool everywhere,
    size_t *living, size_t *back)
{
	char folder[256], root[256];
	struct carve_from from = { .folder = folder,
		.root = root,
		.tenant = "demo",
		.everywhere = everywhere,
		.scratch = k->scratch };
	struct carve_found found;
	struct carve_ring *ring;
	struct keys_event *why;

	*living = *back = 0;
	fixture_path(&k->fx, "run", folder);
	fixture_path(&k->fx, "keys/root.json", root);
	memcpy(from.store_id, k->store_id, STORE_ID_BYTES);
	if (!carve_files(&from, &found)) {
		printf("# the files cannot be carved\n");
		return false;
	}
	ring = carve_ring_new(&found);
	for (size_t i = 0; i < w->n_people; i++)
		for (size_t j = 0; j < w->person[i].n; j++) {
			const struct keys_event *e = &w->person[i].ev[j];
			enum keys_must must;

			if (e->what != KEYS_SEALED || e->answered > cut)
				continue;
			must = keys_person_must(&w->person[i], j, cut, &why);
			if (must == KEYS_MAY_BE_EITHER ||
			    carve_opens(ring, "demo", e->token) == SIZE_MAX)
				continue;
			*living += must == KEYS_MUST_OPEN;
			*back += must == KEYS_MUST_BE_GONE;
		}
	if (everywhere)
		printf("# carved: %zu epochs' keys, %zu places, %zu boxes, %zu keys\n",
		    found.epochs, found.places, found.boxes, found.n);
	carve_ring_free(ring);
	carve_free(&found);
	return true;
}

static bool set_up(struct keys_proof *k)
{
	char db[256], *slash;
	ssize_t n = readlink("/proc/self/exe", k->build, sizeof(k->build) - 1);

	if (n <= 0)
		return false;
	k->build[n] = '\0';
	for (int up = 0; up < 2; up++) /* build/<variant>/tools/keys_proof */
		if ((slash = strrchr(k->build, '/')) != NULL)
			*slash = '\0';
	if (getenv("SCRIM_BIN") == NULL) {
		char bin[600];

		snprintf(bin, sizeof(bin), "%s/bin", k->build);
		setenv("SCRIM_BIN", bin, 1);
	}
	/* what counts is which calls were made: a disk's own time is no part of it */
	if (access("/dev/shm", W_OK) == 0)
		setenv("FIXTURE_DIR", "/dev/shm", 0);
	if (!fixture_make(&k->fx))
		return false;
	snprintf(k->scratch, sizeof(k->scratch), "%s/scratch", k->fx.dir);
	fixture_path(&k->fx, "run/keyd/keyd.db", db);
	return mkdir(k->scratch, 0700) == 0 && carve_store_id(db, k->scratch, k->store_id);
}

static void run_chosen(void)
{
	CHECK(chosen(&proof, amount));
}

static const struct {
	const char *name, *promise;
	bool (*run)(struct keys_proof *, size_t);
} rows[] = {
	{ "cuts",
	    "after power cuts nobody is lost, nobody comes back, and every erasure has its record",
	    proof_cuts },
	{ "kills", "after kill -9 likewise", proof_kills },
	{ "mixes", "files put together from before and after erasures get the right word",
	    proof_mixes },
	{ "points", "ended at any call of what it does, keyd starts, and what it answered stands",
	    proof_points },
	{ "odd", "files that were swapped, cut, moved or taken from elsewhere get the right word",
	    proof_odd },
	{ "carving", "all files and the root key open the living and none of the erased",
	    proof_carving },
	{ "slots",
	    "no key is given out twice where kill -9 and the database of a moment before make keyd "
	    "forget",
	    proof_slots },
};

int main(int argc, char **argv)
{
	const char *seed = getenv("SEED");

	log_setup("keys_proof", LOG_ERROR);
	for (size_t i = 0; argc == 3 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(argv[1], rows[i].name) != 0)
			continue;
		amount = strtoul(argv[2], NULL, 10);
		chosen = rows[i].run;
		proof.seed = seed != NULL ? strtoull(seed, NULL, 10) : 1;
		proof.people = 40;
		proof.answers = 160;
		proof.bad_max = 5;
		if (!set_up(&proof)) {
			printf("Bail out! scrim-keyd cannot be set up in %s\n", proof.fx.dir);
			return 1;
		}
		RUN(run_chosen, rows[i].promise);
		fixture_remove(&proof.fx);
		return tap_done();
	}
	fputs("usage: keys_proof cuts|kills|mixes|points|odd|carving|slots AMOUNT\n", stderr);
	return 2;
}
