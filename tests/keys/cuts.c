/*
 * cuts.c - power cuts: a keyd at work on the test disk, and what is left when the power
 * goes after any of its calls. KEYS_MIRROR: with a mirror, on a disk that loses its power too.
 * KEYS_SLOW_LOG: the log's disk is the slower one by so many milliseconds a flush, so that
 * whatever does not wait for it is seen.
 */
#include "keys/proof.h"

#include "disk/disk.h"
#include "disk/rebuild.h"

static char base[64], control[128], before[128];

/* The library stands beside the tools. */
static bool watch_next(const struct keys_proof *k)
{
	char so[600], root[256];

	snprintf(so, sizeof(so), "%s/tools/testdisk.so", k->build);
	fixture_path(&k->fx, "run", root);
	return access(so, R_OK) == 0 && setenv("LD_PRELOAD", so, 1) == 0 &&
	    setenv("SCRIM_DISK", control, 1) == 0 && setenv("SCRIM_DISK_ROOT", root, 1) == 0 &&
	    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1) == 0;
}

static void watch_no_more(void)
{
	unsetenv("LD_PRELOAD");
	unsetenv("SCRIM_DISK");
	unsetenv("SCRIM_DISK_ROOT");
}

static void slow_log(struct disk_control *disk)
{
	const char *ms = getenv("KEYS_SLOW_LOG");
	struct disk_rule *flush;

	if (ms == NULL)
		return;
	flush = disk_rule(disk, 0, DISK_DELAY, DISK_SYNC, "*log/*");
	flush->arg = (uint32_t)strtoul(ms, NULL, 10);
}

struct cut {
	size_t at;
	enum disk_luck luck;
	uint64_t seed;
};

/* The attacker comes first, then keyd starts on what is left and is asked. */
static bool stands(struct keys_proof *k, struct keys_world *w, struct disk_story *s,
    const struct cut *c, struct keys_verdict *v, size_t *carved)
{
	char run_dir[256];
	size_t back;

	fixture_path(&k->fx, "run", run_dir);
	disk_remove(run_dir, false);
	memset(v, 0, sizeof(*v));
	if (!disk_story_cut(s, c->at, c->luck, c->seed, run_dir)) {
		printf("# the image cannot be made\n");
		return false;
	}
	if (!proof_carve(k, w, c->at, false, carved, &back))
		return false;
	if (back > 0)
		printf("# %zu erased keys are carved from the image\n", back);
	if (!proof_start(k)) {
		printf("# keyd does not start\n");
		return false;
	}
	if (!keys_world_judge(w, c->at, v)) {
		printf("# keyd does not answer\n");
		return false;
	}
	if (keys_verdict_good(v))
		return back == 0;
	keys_verdict_print(v);
	return false;
}

/* Some erasure that was under way, by lot; NULL: none was met in a few tries. */
static const struct keys_event *erasing_by_lot(struct keys_world *w)
{
	for (int tries = 0; tries < 1000; tries++) {
		const struct keys_person *p = &w->person[keys_draw(w) % w->n_people];
		const struct keys_event *e = p->n > 0 ? &p->ev[keys_draw(w) % p->n] : NULL;

		if (e != NULL && e->what == KEYS_ERASED && e->answered != KEYS_NEVER &&
		    e->asked < e->answered)
			return e;
	}
	return NULL;
}

/*
 * Every image is some call's, by lot, so that runs differ by their seed; every second one
 * lies while somebody is being erased, where order matters most.
 */
static struct cut cut_by_lot(struct keys_world *w, size_t calls, size_t i)
{
	const struct keys_event *e = i % 2 != 0 ? erasing_by_lot(w) : NULL;

	return (struct cut){ .at = e != NULL ? e->asked + keys_draw(w) % (e->answered - e->asked) :
					       keys_draw(w) % (calls + 1),
		.luck = (enum disk_luck)(keys_draw(w) % LUCK_COUNT),
		.seed = keys_draw(w) };
}

static size_t all_images(struct keys_proof *k, struct keys_world *w, struct disk_story *s,
    size_t images)
{
	const size_t calls = disk_story_length(s);
	size_t bad = 0, done = 0, carved = 0, started = 0, tokens = 0, one;
	struct keys_verdict v;
	char what[300];

	for (; done < images && bad < k->bad_max; done++) {
		const struct cut c = cut_by_lot(w, calls, done);

		one = 0;
		if (!stands(k, w, s, &c, &v, &one)) {
			disk_story_tell(s, c.at, what, sizeof(what));
			printf("# cut %zu before '%s', luck %d, seed %llu\n", c.at, what,
			    (int)c.luck, (unsigned long long)c.seed);
			if (bad++ == 0)
				proof_keep(k, "cut");
		}
		proof_end(k);
		carved += one;
		started += v.started;
		tokens += v.tokens;
		if (done % 100 == 99)
			fprintf(stderr, "%zu of %zu images, %zu bad\n", done + 1, images, bad);
	}
	printf(
	    "# %zu calls, %zu images, %zu bad; %zu tokens asked for, %zu tokens' keys carved, %zu "
	    "tokens of erasures finished at a start\n",
	    calls, done, bad, tokens, carved, started);
	return bad;
}

bool proof_cuts(struct keys_proof *k, size_t images)
{
	struct disk_control *disk = NULL;
	struct disk_story *s = NULL;
	struct keys_world w;
	char cmd[400], run_dir[256];
	bool ok = false;

	fixture_path(&k->fx, "run", run_dir);
	if (!disk_folder(base))
		return false;
	snprintf(control, sizeof(control), "%s/control", base);
	snprintf(before, sizeof(before), "%s/before", base);
	if (getenv("KEYS_MIRROR") != NULL && !proof_config(k, false, true))
		return false;
	keys_world_init(&w, &k->fx, k->people, 12, k->seed);
	/* some were there before the disk was watched */
	if (!proof_start(k) || !keys_world_seal(&w, 0, 20) || fixture_stop(&k->fx, SIGTERM) != 0)
		goto out;
	for (size_t i = 0; i < 20; i++)
		w.person[i].ev[0].asked = w.person[i].ev[0].answered = 0;
	snprintf(cmd, sizeof(cmd), "cp -a '%s' '%s'", run_dir, before);
	if (system(cmd) != 0 || (disk = disk_new(control)) == NULL || !watch_next(k))
		goto out;
	slow_log(disk);
	w.clock = &disk->ops;
	ok = proof_start(k);
	watch_no_more();
	ok = ok && keys_world_work(&w, k->answers);
	ok = fixture_stop(&k->fx, SIGKILL) == -1 && keys_world_rest(&w) && ok;
	printf("# %zu sealed, %zu erased, %zu opened, %zu under way at the end\n", w.sealed,
	    w.erased, w.opened, w.lost);
	if (!ok || (s = disk_story_new(control, before)) == NULL) {
		printf("# keyd did not work on the test disk; %zu answers were wrong\n", w.bad);
		ok = false;
		goto out;
	}
	ok = all_images(k, &w, s, images) == 0;
out:
	keys_world_fini(&w);
	disk_story_free(s);
	disk_free(disk);
	disk_remove(base, true);
	return ok;
}
