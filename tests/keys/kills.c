/*
 * kills.c - kill -9, again and again, of a keyd at work with one store.
 */
#include "keys/proof.h"

/* What the last start decided is so from now on: an erasure was, or it never will be. */
static void settle(struct keys_world *w)
{
	for (size_t i = 0; i < w->n_people; i++) {
		struct keys_person *p = &w->person[i];
		struct keys_event *e = p->n == 0 ? NULL : &p->ev[p->n - 1];

		if (e == NULL || e->what != KEYS_ERASED || e->answered != KEYS_NEVER)
			continue;
		if (!e->found)
			p->n--; /* nothing happened */
		else
			e->answered = 0; /* and its record stays the one that was not told */
	}
}

bool proof_kills(struct keys_proof *k, size_t kills)
{
	struct keys_verdict v = { .tokens = 0 };
	struct keys_world w;
	size_t done = 0, started = 0;
	bool ok = true;

	keys_world_init(&w, &k->fx, k->people, 24, k->seed);
	while (ok && done < kills) {
		w.lost = 0;
		if (!(ok = proof_start(k))) {
			printf("# keyd does not start after %zu kills\n", done);
			break;
		}
		ok = keys_world_work(&w, 20 + keys_draw(&w) % (k->answers / 4 + 1));
		/* wherever it is by now */
		usleep((useconds_t)(keys_draw(&w) % 6000));
		ok = fixture_stop(&k->fx, SIGKILL) == -1 && keys_world_rest(&w) && ok;
		done++;
		if (!ok || !proof_start(k) || !keys_world_judge(&w, KEYS_NEVER - 1, &v)) {
			printf("# keyd does not start or answer after %zu kills\n", done);
			ok = false;
			break;
		}
		if (!(ok = keys_verdict_good(&v)))
			keys_verdict_print(&v);
		started += v.started;
		settle(&w);
		if (done % 50 == 0)
			fprintf(stderr, "%zu of %zu kills\n", done, kills);
	}
	if (!ok)
		proof_keep(k, "kill");
	proof_end(k);
	printf(
	    "# %zu kills: %zu sealed, %zu erased, %zu opened; at the end %zu tokens, %zu open, %zu "
	    "gone; %zu tokens of erasures finished at a start\n",
	    done, w.sealed, w.erased, w.opened, v.tokens, v.open, v.gone, started);
	keys_world_fini(&w);
	return ok;
}
