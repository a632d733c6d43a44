/*
 * carving.c - a shop's worth of people, two thirds of whom leave in groups while others
 * come, and the attacker who then has everything: files, root key, memory of keyd.
 */
#include "keys/proof.h"

#include "keys/memory.h"

struct carve_count {
	size_t living, erased, living_open, erased_open;
};

static bool count_now(struct keys_proof *k, struct keys_world *w, struct carve_count *c)
{
	struct keys_event *why;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < w->n_people; i++)
		for (size_t j = 0; j < w->person[i].n; j++) {
			if (w->person[i].ev[j].what != KEYS_SEALED)
				continue;
			if (keys_person_must(&w->person[i], j, KEYS_NEVER - 1, &why) ==
			    KEYS_MUST_OPEN)
				c->living++;
			else
				c->erased++;
		}
	return proof_carve(k, w, KEYS_NEVER - 1, true, &c->living_open, &c->erased_open);
}

static bool all_well(const char *when, const struct carve_count *c)
{
	printf("# %s: %zu of %zu living and %zu of %zu erased are carved\n", when, c->living_open,
	    c->living, c->erased_open, c->erased);
	return c->living_open == c->living && c->erased_open == 0;
}

/* Groups of a fifth of LEAVE leave, and as many as half of a group come. */
static bool leave_in_groups(struct keys_world *w, size_t leave, size_t people)
{
	const size_t group = leave / 5, come = group / 2;

	for (size_t i = 0; i < 5; i++)
		if (!keys_world_erase(w, i * group, group) ||
		    !keys_world_seal(w, people + i * come, come))
			return false;
	/* some of them come back */
	return keys_world_seal(w, 0, group / 2);
}

/*
 * Files that are copied one after the other while keyd moves pages between them may lack some of
 * the living; at no moment do they have one of the erased.
 */
static bool well_while_running(struct keys_proof *k, struct keys_world *w)
{
	struct carve_count live;

	for (int tries = 0; tries < 3; tries++) {
		if (!count_now(k, w, &live))
			return false;
		if (all_well("running", &live))
			return true;
		if (live.erased_open > 0)
			return false;
	}
	return false;
}

bool proof_carving(struct keys_proof *k, size_t people)
{
	const size_t leave = people * 2 / 3 / 5 * 5;
	struct carve_count before, still;
	struct memory_secrets raw;
	struct keys_world w;
	bool ok;

	keys_world_init(&w, &k->fx, people + leave / 2, 32, k->seed);
	memset(&raw, 0, sizeof(raw));
	ok = proof_start(k) && keys_world_seal(&w, 0, people) && count_now(k, &w, &before) &&
	    all_well("before", &before) && memory_secrets_take(k, &w, leave, &raw) &&
	    memory_before(k, &raw);
	ok = ok && leave_in_groups(&w, leave, people) && memory_after(k, &raw);
	ok = ok && well_while_running(k, &w) && fixture_stop(&k->fx, SIGTERM) == 0 &&
	    count_now(k, &w, &still) && all_well("stopped", &still);
	memory_secrets_free(&raw);
	proof_end(k);
	keys_world_fini(&w);
	return ok;
}
