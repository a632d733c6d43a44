/*
 * world.h - people who are sealed for, leave and come back at a real scrim-keyd, and
 * what must be so of each after a power cut or a kill, from what keyd answered alone.
 *
 * The oracle knows nothing of boxes, epochs or logs' insides: a token that was answered
 * opens, unless an erasure was asked for after it; once that was answered it is gone,
 * and in between it is one of the two, for good from the next start on.
 */
#ifndef TESTS_KEYS_WORLD_H
#define TESTS_KEYS_WORLD_H

#include "unit/crypto/keyd_fixture.h"

#include <stdatomic.h>

#define KEYS_TOKEN 200
#define KEYS_NEVER UINT64_MAX

struct keys_event {
	enum { KEYS_SEALED, KEYS_ERASED } what;
	uint64_t asked, answered; /* by the world's clock; KEYS_NEVER */
	uint64_t record, request;
	bool found; /* an erasure that was answered: there was somebody */
	char token[KEYS_TOKEN];
};

/* One thing at a time is asked of a person, so their events are in order. */
struct keys_person {
	char subject[32], value[40];
	struct keys_event *ev;
	size_t n, room;
	bool busy;
};

struct keys_call; /* one under way */

struct keys_world {
	struct fixture *fx;
	const _Atomic uint64_t *clock; /* NULL: the world's own */
	_Atomic uint64_t own_clock;
	struct keys_person *person;
	size_t n_people;
	struct keys_call *call;
	unsigned n_calls, leave_percent, open_percent;
	uint64_t luck, next_request;
	size_t sealed, erased, opened, lost, bad; /* answers; lost: keyd ended before one */
};

/* For at most PEOPLE different people, CALLS under way at once. FX is borrowed. */
void keys_world_init(struct keys_world *w, struct fixture *fx, size_t people, unsigned calls,
    uint64_t seed);
void keys_world_fini(struct keys_world *w);
uint64_t keys_draw(struct keys_world *w);

/* Until ANSWERS more have come, with as much as may be under way at the end. */
bool keys_world_work(struct keys_world *w, size_t answers);
/* Wait for what is under way, asking for nothing more. */
bool keys_world_rest(struct keys_world *w);
/* Seal for, or erase, people FIRST .. FIRST + N - 1, many at once; false: not all was answered so. */
bool keys_world_seal(struct keys_world *w, size_t first, size_t n);
bool keys_world_erase(struct keys_world *w, size_t first, size_t n);

struct keys_verdict {
	size_t tokens, open, gone;
	size_t lost;    /* of living people, that do not open */
	size_t back;    /* of erased people, that open, or are anything but gone */
	size_t broken;  /* that are told to be damaged */
	size_t silent;  /* erasures done without a record, or with one that lacks the keys */
	size_t undone;  /* erasures recorded and not done */
	size_t started; /* erasures without an answer that were done */
};
/* keyd runs: ask it for everything that was answered by CUT. */
bool keys_world_judge(struct keys_world *w, uint64_t cut, struct keys_verdict *v);
bool keys_verdict_good(const struct keys_verdict *v);
void keys_verdict_print(const struct keys_verdict *v);

enum keys_must { KEYS_MUST_OPEN, KEYS_MUST_BE_GONE, KEYS_MAY_BE_EITHER };
/* Of the token of P's event I, as things were answered by CUT. *WHY: the erasure that decides. */
enum keys_must keys_person_must(const struct keys_person *p, size_t i, uint64_t cut,
    struct keys_event **why);

#endif
