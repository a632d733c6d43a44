/*
 * mixes.c - database, epoch file, twin and log put together from before one erasure, after
 * it, after some more, from another store, or from nowhere.
 *
 * What must come of each is said by mix_wanted() below from the five words for where each
 * comes from, and from nothing that is in them.
 */
#include "keys/mixes.h"

#include "disk/rebuild.h"
#include "keys/words.h"

enum mix_from { FROM_BEFORE, FROM_ONE, FROM_MORE, FROM_OTHER, FROM_NOWHERE, FROM_COUNT };
enum mix_part { MIX_STORE, MIX_EPOCH, MIX_TWIN, MIX_LOG, MIX_PARTS };
#define OLD_ONES 30 /* people of the beginning; the first few are erased */

static const char *const from_names[FROM_COUNT] = { "before", "one", "more", "other", "nowhere" };
static const char *const part_names[MIX_PARTS] = { "store", "epoch", "twin", "log" };
static const char *const part_files[MIX_PARTS] = { "keyd/keyd.db", "keyd/keyd.epoch",
	"twin/keyd.epoch", "keyd/log" };

struct mix {
	enum mix_from part[MIX_PARTS];
};

/* The epoch in which each left the store: every erasure of these was a commit of its own. */
static const unsigned epoch_of[] = { 0, 1, 5 };
static uint64_t cut_of[3]; /* the world's clock then */

static bool is_ours(enum mix_from f)
{
	return f < FROM_OTHER;
}

/* ---- what must come of it ------------------------------------------------------------ */

/* The newest of epoch file and twin, of those that are ours. */
static enum mix_from newest_epoch(const struct mix *m)
{
	const enum mix_from a = m->part[MIX_EPOCH], b = m->part[MIX_TWIN];

	if (!is_ours(a) || !is_ours(b))
		return is_ours(a) ? a : b;
	return a > b ? a : b;
}

static enum mix_word epochs_wanted(const struct mix *m)
{
	const enum mix_from e = newest_epoch(m);
	unsigned store, newest;

	if (m->part[MIX_EPOCH] == FROM_NOWHERE && m->part[MIX_TWIN] == FROM_NOWHERE)
		return WORD_NO_EPOCH;
	/* not even beside one that is ours: whoever put it there is asked which is meant */
	if (!is_ours(e) || m->part[MIX_EPOCH] == FROM_OTHER || m->part[MIX_TWIN] == FROM_OTHER)
		return WORD_OTHER_EPOCH;
	store = epoch_of[m->part[MIX_STORE]];
	newest = epoch_of[e];
	if (newest > store)
		return WORD_STORE_OLDER;
	/* the file of n has the key of n + 1 too */
	return newest + 1 < store ? WORD_EPOCH_OLDER : WORD_RUNS;
}

/* Another store with all that is its own; of epoch file and twin either will do. */
static bool is_whole_other(const struct mix *m)
{
	const enum mix_from e = m->part[MIX_EPOCH], t = m->part[MIX_TWIN];

	return m->part[MIX_LOG] == FROM_OTHER && (e == FROM_OTHER || t == FROM_OTHER) &&
	    !is_ours(e) && !is_ours(t);
}

static enum mix_word mix_wanted(const struct mix *m)
{
	const enum mix_from store = m->part[MIX_STORE], log = m->part[MIX_LOG];
	enum mix_word w;

	if (store == FROM_OTHER)
		return is_whole_other(m) ? WORD_RUNS : WORD_REFUSED;
	if (store == FROM_NOWHERE)
		return WORD_REFUSED;
	if ((w = epochs_wanted(m)) != WORD_RUNS)
		return w;
	if (!is_ours(log))
		return WORD_REFUSED;
	return log < store ? WORD_LOG_SHORT : log > store ? WORD_REPLAYS : WORD_RUNS;
}

/* ---- making them ------------------------------------------------------------------------ */

/* What is there now, kept as FROM. */
static bool keep(const struct keys_proof *k, const char *from)
{
	char run_dir[256], cmd[800];

	fixture_path(&k->fx, "run", run_dir);
	snprintf(cmd, sizeof(cmd), "cp -a '%s' '%s/%s'", run_dir, k->scratch, from);
	return system(cmd) == 0;
}

/* Nothing of what was: a store is made anew under the same root. */
static bool anew(struct keys_proof *k)
{
	static const char *const args[] = { "--demo", "--init", NULL };
	char run_dir[256];

	fixture_path(&k->fx, "run", run_dir);
	disk_remove(run_dir, false);
	return proof_config(k, true, false) && fixture_run(&k->fx, args) == 0;
}

static bool make_other(struct keys_proof *k)
{
	struct keys_world w;
	bool ok;

	keys_world_init(&w, &k->fx, 8, 8, 7);
	ok = anew(k) && proof_start(k) && keys_world_seal(&w, 0, 8) && keys_world_erase(&w, 0, 1) &&
	    fixture_stop(&k->fx, SIGTERM) == 0 && keep(k, "other");
	keys_world_fini(&w);
	return ok;
}

/* One at a time, so that each ends an epoch. */
static bool erase_each(struct keys_world *w, size_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!keys_world_erase(w, first + i, 1))
			return false;
	return true;
}

static bool make_ours(struct keys_proof *k, struct keys_world *w)
{
	if (!anew(k) || !proof_start(k) || !keys_world_seal(w, 0, OLD_ONES) ||
	    fixture_stop(&k->fx, SIGTERM) != 0 || !keep(k, "before"))
		return false;
	cut_of[FROM_BEFORE] = w->own_clock;
	/* killed: its journal is full of what the database lacks */
	if (!proof_start(k) || !erase_each(w, 0, 1) || !keys_world_seal(w, OLD_ONES, 10) ||
	    fixture_stop(&k->fx, SIGKILL) != -1 || !keep(k, "one"))
		return false;
	cut_of[FROM_ONE] = w->own_clock;
	if (!proof_start(k) || !erase_each(w, 1, 4) || !keys_world_seal(w, 0, 2) ||
	    !keys_world_seal(w, OLD_ONES + 10, 10) || fixture_stop(&k->fx, SIGTERM) != 0 ||
	    !keep(k, "more"))
		return false;
	cut_of[FROM_MORE] = w->own_clock;
	return true;
}

static bool put(const struct keys_proof *k, const struct mix *m)
{
	char run_dir[256], cmd[4096];
	size_t n = 0;

	fixture_path(&k->fx, "run", run_dir);
	disk_remove(run_dir, false);
	n += (size_t)snprintf(cmd + n, sizeof(cmd) - n, "mkdir -p -m 700 '%s/keyd' '%s/twin'",
	    run_dir, run_dir);
	for (unsigned i = 0; i < MIX_PARTS; i++) {
		const char *from = from_names[m->part[i]];

		if (m->part[i] == FROM_NOWHERE)
			continue;
		n += (size_t)snprintf(cmd + n, sizeof(cmd) - n, " && cp -a '%s/%s/%s' '%s/%s'",
		    k->scratch, from, part_files[i], run_dir, part_files[i]);
		if (i == MIX_STORE)
			n += (size_t)snprintf(cmd + n, sizeof(cmd) - n,
			    " && { [ ! -e '%s/%s/keyd/keyd.db-wal' ] || "
			    "cp -a '%s/%s/keyd/keyd.db-wal' '%s/keyd/'; }",
			    k->scratch, from, k->scratch, from, run_dir);
	}
	return system(cmd) == 0;
}

/* ---- judging ---------------------------------------------------------------------------------- */

/* What a store of STORE and a log of LOG know of the token of P's event I. */
static void judge_token(const struct keys_person *p, size_t i, uint64_t store, uint64_t log,
    enum wire_status st, struct mix_tokens *t)
{
	struct keys_event *why;
	enum wire_status want = WIRE_UNKNOWN_KEY;

	if (p->ev[i].answered <= store)
		want = keys_person_must(p, i, log, &why) == KEYS_MUST_OPEN ? WIRE_OK : WIRE_GONE;
	else if (keys_person_must(p, i, log, &why) != KEYS_MUST_OPEN)
		want = WIRE_GONE; /* given out by the newer store, and erased there */
	if (st == want || (st == WIRE_UNKNOWN_KEY && p->ev[i].answered > store))
		t->right++;
	else if (want == WIRE_OK)
		t->lost++, t->taken += st == WIRE_GONE;
	else if (st == WIRE_OK)
		t->back++;
	else
		t->strange++;
}

bool mix_judge(struct keys_proof *k, struct keys_world *w, uint64_t store, uint64_t log,
    struct mix_tokens *t)
{
	const struct asking a = fixture_context(&k->fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < w->n_people; i++)
		for (size_t j = 0; j < w->person[i].n; j++) {
			struct keyc_item it = item_of(0, 0, NULL, w->person[i].ev[j].token);
			struct answer *got;

			if (w->person[i].ev[j].what != KEYS_SEALED)
				continue;
			got = fixture_ask(&k->fx, keyc_open, &a, &it, 1);
			if (got->err == SC_OK && got->n == 1)
				judge_token(&w->person[i], j, store, log, got->r[0].status, t);
			else
				t->strange++;
			answer_free(got);
		}
	return t->lost + t->back + t->strange == 0;
}

static bool forget_words(const struct fixture *f)
{
	return fixture_write(f, "stderr", "");
}

static bool holds(struct keys_proof *k, struct keys_world *w, const struct mix *m)
{
	const enum mix_word want = mix_wanted(m);
	struct mix_tokens t = { .right = 0 };
	bool runs, ok;
	int status = 0;

	if (!put(k, m) || !forget_words(&k->fx))
		return false;
	runs = proof_start(k);
	ok = runs == (want == WORD_RUNS || want == WORD_REPLAYS) &&
	    word_was_said(&k->fx, want,
		is_ours(m->part[MIX_STORE]) ? epoch_of[m->part[MIX_STORE]] : 0);
	if (ok && runs && is_ours(m->part[MIX_STORE]))
		ok = mix_judge(k, w, cut_of[m->part[MIX_STORE]], cut_of[m->part[MIX_LOG]], &t);
	if (runs)
		status = fixture_stop(&k->fx, SIGTERM);
	else if (!fixture_said(&k->fx, "scrim-keyd: "))
		ok = false; /* it ended without a word */
	if (ok && status == 0)
		return true;
	printf("# wanted: %s; it %s; %zu right, %zu lost, %zu back, %zu strange\n",
	    word_names[want], runs ? "runs" : "does not run", t.right, t.lost, t.back, t.strange);
	word_print_said(&k->fx);
	return false;
}

/* The first 32: all of before and one, and all of before and more. Then any. */
static struct mix mix_of(struct keys_world *w, size_t i)
{
	struct mix m;

	for (unsigned p = 0; p < MIX_PARTS; p++)
		if (i < 32)
			m.part[p] = (i >> p & 1) == 0 ? FROM_BEFORE : i < 16 ? FROM_ONE : FROM_MORE;
		else
			m.part[p] = (enum mix_from)(keys_draw(w) % FROM_COUNT);
	return m;
}

/* With 657 of them every one of five to the fourth is among them. */
static struct mix mix_at(size_t i)
{
	struct mix m;

	for (unsigned p = 0; p < MIX_PARTS; p++, i /= FROM_COUNT)
		m.part[p] = (enum mix_from)(i % FROM_COUNT);
	return m;
}

bool proof_mixes(struct keys_proof *k, size_t most)
{
	size_t done = 0, bad = 0, kinds[WORD_COUNT] = { 0 };
	struct keys_world w;
	bool ok;

	keys_world_init(&w, &k->fx, OLD_ONES + 20, 8, k->seed);
	if (!(ok = make_other(k) && make_ours(k, &w)))
		printf("# keyd did not make the files\n");
	for (; ok && done < most && bad < k->bad_max; done++) {
		const struct mix m = most >= 657 && done >= 32 ? mix_at(done - 32) :
								 mix_of(&w, done);

		kinds[mix_wanted(&m)]++;
		if (!holds(k, &w, &m)) {
			printf("#   of");
			for (unsigned p = 0; p < MIX_PARTS; p++)
				printf(" %s %s%s", part_names[p], from_names[m.part[p]],
				    p + 1 < MIX_PARTS ? "," : "\n");
			if (bad++ == 0)
				proof_keep(k, "mix");
		}
		proof_end(k);
	}
	printf("# %zu mixes, %zu bad:", done, bad);
	for (unsigned i = 0; i < WORD_COUNT; i++)
		printf(" %zu %s%s", kinds[i], word_names[i], i + 1 < WORD_COUNT ? "," : "\n");
	keys_world_fini(&w);
	return ok && bad == 0;
}
