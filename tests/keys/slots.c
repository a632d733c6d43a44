/*
 * slots.c - an attacker who has keyd forget whom it answered just now: a token is answered, keyd
 * is killed at once, and the database of a moment before is put back. Of the new one nothing
 * is in keyd's own log yet.
 */
#include "keys/proof.h"

#include "crypto/token/token.h"

enum { OLD = 3, FORGOTTEN = 2, NEW = 2, PER_ROUND = OLD + FORGOTTEN + NEW };

struct slots_count {
	uint64_t *ids; /* of every key that was answered */
	size_t n, noticed, twice, wrong;
};

static bool database(const struct keys_proof *k, bool put_back)
{
	char here[256], cmd[1000];

	fixture_path(&k->fx, "run/keyd", here);
	if (put_back)
		snprintf(cmd, sizeof(cmd), "rm -f '%s'/keyd.db* && cp -p '%s'/moment/* '%s/'", here,
		    k->scratch, here);
	else
		snprintf(cmd, sizeof(cmd),
		    "rm -rf '%s/moment' && mkdir '%s/moment' && cp -p '%s/keyd.db' "
		    "'%s/keyd.db-wal' '%s/moment/'",
		    k->scratch, k->scratch, here, here, k->scratch);
	return system(cmd) == 0;
}

static const char *newest(const struct keys_person *p)
{
	return p->ev[p->n - 1].token;
}

/* N people have a key each that nobody had. */
static bool note_keys(struct keys_world *w, size_t first, size_t n, struct slots_count *c)
{
	struct token_parts t;
	struct sc_buf scratch;
	bool ok = true;

	sc_buf_init(&scratch, TOKEN_BYTES_MAX);
	for (size_t i = first; ok && i < first + n; i++) {
		ok = token_parse(sc_span_str(newest(&w->person[i])), &scratch, &t) == SC_OK;
		for (size_t j = 0; ok && j < c->n; j++)
			c->twice += c->ids[j] == t.key_id;
		c->ids[c->n++] = t.key_id;
	}
	sc_buf_fini(&scratch);
	return ok;
}

static bool seal(struct keys_world *w, size_t first, size_t n, struct slots_count *c)
{
	return keys_world_seal(w, first, n) && note_keys(w, first, n, c);
}

/* What keyd says of the token of each one's event I. */
static void ask(struct keys_proof *k, struct keys_world *w, size_t first, size_t n,
    enum wire_status want, struct slots_count *c)
{
	const struct asking a = fixture_context(&k->fx, ROLE_SHOP, FOR_ORDERS, POLICY_READ);

	for (size_t i = first; i < first + n; i++) {
		const struct keyc_item it = item_of(0, 0, NULL, w->person[i].ev[0].token);
		struct answer *got = fixture_ask(&k->fx, keyc_open, &a, &it, 1);
		const bool right = got->err == SC_OK && got->n == 1 && got->r[0].status == want &&
		    (want != WIRE_OK || strcmp(got->r[0].text, w->person[i].value) == 0);

		c->wrong += !right;
		if (!right)
			printf("# person %zu: %d, not %d\n", i,
			    got->n == 1 ? (int)got->r[0].status : -1, (int)want);
		answer_free(got);
	}
}

static bool one_round(struct keys_proof *k, struct keys_world *w, size_t base,
    struct slots_count *c)
{
	const size_t gone = base + OLD;

	if (!seal(w, base, OLD, c) || !database(k, false) || !seal(w, gone, FORGOTTEN, c) ||
	    fixture_stop(&k->fx, SIGKILL) != -1 || !database(k, true) ||
	    !fixture_write(&k->fx, "stderr", "") || !proof_start(k))
		return false;
	c->noticed += fixture_said(&k->fx, "an older database was put back");
	/* others come, and those who were forgotten come again */
	if (!seal(w, gone + FORGOTTEN, NEW, c) || !seal(w, gone, FORGOTTEN, c))
		return false;
	ask(k, w, base, OLD, WIRE_OK, c);
	ask(k, w, gone, FORGOTTEN, WIRE_UNKNOWN_KEY, c);
	ask(k, w, gone + FORGOTTEN, NEW, WIRE_OK, c);
	return true;
}

bool proof_slots(struct keys_proof *k, size_t rounds)
{
	struct slots_count c = { .n = 0 };
	struct keys_world w;
	size_t done = 0;
	bool ok;

	keys_world_init(&w, &k->fx, rounds * PER_ROUND, 8, k->seed);
	c.ids = calloc(rounds, (PER_ROUND + FORGOTTEN) * sizeof(*c.ids));
	for (ok = c.ids != NULL && proof_start(k); ok && done < rounds; done++) {
		ok = one_round(k, &w, done * PER_ROUND, &c);
		/* the log tells more of a run that stopped as it should */
		if (ok && done % 3 == 2)
			ok = fixture_stop(&k->fx, SIGTERM) == 0 && proof_start(k);
	}
	if (!ok)
		printf("# keyd did not do what it was to do in round %zu\n", done);
	proof_end(k);
	printf("# %zu rounds, %zu seen by the log; %zu keys, %zu given out before, %zu wrong\n",
	    done, c.noticed, c.n, c.twice, c.wrong);
	ok = ok && c.twice + c.wrong == 0 && c.noticed < rounds;
	free(c.ids);
	keys_world_fini(&w);
	return ok;
}
