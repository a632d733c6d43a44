/*
 * book.h - which virtual number leads to whom: the image in memory.
 *
 * Pure: no clock, disk, key or lock of its own; the service (service.h) has
 * those. It holds packed tokens and blind indexes, never a number in clear.
 *
 *	          bind            expire, end            sweep
 *	 free ---------> LIVE ----------------> COOLING ---------> free
 *	        PENDING until durable     never routed       RELEASING until durable
 *
 * A slot is (X, extension), (X, caller) for a pair, or X alone. Slots of an X
 * are drawn uniformly (CSPRNG, rejection), an X by the better of two draws.
 * Whether a binding has expired is asked of the clock in each look-up; the
 * sweep only recycles. Cooldown runs from the latest of expiry, end and the
 * last call's end. A binding has expired when either clock says so, a slot is
 * free when both do: no jump of the wall clock revives the one or shortens
 * the other.
 */
#ifndef GATEWAY_BOOK_BOOK_H
#define GATEWAY_BOOK_BOOK_H

#include "base/err.h"
#include "base/span.h"
#include "gateway/number/answer.h"
#include "gateway/number/settings.h"

#define PHONE_ID_BYTES 16
#define PHONE_NO_LINE UINT32_MAX
#define BOOK_NONE UINT32_MAX /* no binding */

/* Seconds: Unix time, and the same as it would be had nobody set the clock since the start. */
struct phone_now {
	uint64_t wall, steady;
};

enum book_state { BOOK_PENDING, BOOK_LIVE, BOOK_COOLING, BOOK_RELEASING };

enum { PHONE_TO_A = 1, PHONE_TO_B = 2 }; /* directions that are open */
enum { PHONE_VOICE = 1, PHONE_SMS = 2 }; /* channels that are open */

/* A binding as it is kept. Spans are borrowed: from the book until its next call. */
struct phone_binding {
	uint8_t id[PHONE_ID_BYTES]; /* its time and 80 random bits */
	uint8_t mode, state;        /* enum phone_mode, book_state */
	uint8_t directions, channels;
	uint16_t pool;
	uint32_t line, ext;        /* which X; PHONE_NO_EXT */
	struct sc_span a, b;       /* packed tokens (phone_token_pack()); B of a pair only */
	uint64_t a_party, b_party; /* blind indexes; 0: not known (yet) */
	uint64_t made_at, expires_at;
	uint64_t ended_at;     /* by somebody; 0: not */
	uint64_t last_call_at; /* the last call's end; 0: none */
	uint32_t version;      /* 1 at birth, one more at each change */
	uint32_t refs;         /* orders that rest on it */
};

struct phone_book;

/* SETTINGS are borrowed for the book's life: pools and lines by index. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err book_new(const struct phone_settings *settings, struct phone_book **out);
void book_free(struct phone_book *b); /* NULL is fine */

/* ---- making ---- */

struct book_wanted {
	uint8_t id[PHONE_ID_BYTES];
	uint8_t order[16]; /* a keyed hash of the order's reference */
	uint16_t pool;
	const struct sc_name *region; /* NULL: any */
	uint32_t line;                /* PHONE_NO_LINE: any */
	uint32_t ext;                 /* PHONE_NO_EXT: any */
	struct sc_span a, b;
	uint64_t a_party, b_party; /* both of a pair */
	uint64_t expires_at;
	uint8_t directions, channels;
};

enum book_bound {
	BOOK_NEW,
	BOOK_SAME, /* the same order and person again, anywhere in the ladder: as it is (LIVE or PENDING) */
	BOOK_AGAIN,  /* a cooling slot of the same person, taken back under a new id; PENDING */
	BOOK_SHARED, /* the same pair for another order: one more reference, its expiry as it is */
	BOOK_EXHAUSTED, /* no slot in this pool, or it has no such X: walk on */
	BOOK_EXT_TAKEN, /* the slot that was named is not free */
	BOOK_CONFLICT,  /* the X that was named joins one of the two to somebody else */
};

/*
 * Find a slot for W in its pool (not in pool.next: the caller walks the
 * ladder). *AT is then PENDING for NEW and AGAIN: it holds the slot and is not
 * routed until book_confirm(). Fails with SC_NOMEM, SC_LIMIT (2 G bindings),
 * SC_BUG (no such pool, an id that is there, a pair without both blind indexes);
 * nothing has then changed, and *AT and *HOW mean nothing.
 */
SC_CHECKED enum sc_err book_bind(struct phone_book *b, const struct phone_now *now,
    const struct book_wanted *w, uint32_t *at, enum book_bound *how);
/* Of one that is PENDING after AGAIN: the id it had, whose row goes. False: it had none. */
bool book_was(const struct phone_book *b, uint32_t at, uint8_t id[static PHONE_ID_BYTES]);
/* It is durable: LIVE, or COOLING when it was ended meanwhile. */
void book_confirm(struct phone_book *b, uint32_t at);
/*
 * It never became durable: ORDER's reference is taken back, and without another
 * the slot is as before (free, or cooling for AGAIN). One that others rest on
 * stays PENDING, routed for nobody, until they have abandoned it as well.
 */
void book_abandon(struct phone_book *b, uint32_t at, enum book_bound how,
    const uint8_t order[static 16]);
/*
 * At start: a binding as it was kept, with one of its orders. Its pool is the one
 * that its line is in now; a line that is there no more, or whose pool has another mode:
 * SC_SYNTAX, and it is left out. SC_CORRUPT when its slot or id is taken. Also SC_NOMEM.
 * One that has ended, or whose state is said to be COOLING, is; others are LIVE.
 */
SC_CHECKED enum sc_err book_load(struct phone_book *b, const struct phone_binding *row,
    const uint8_t order[static 16]);
/* One more order of a binding that was loaded. */
SC_CHECKED enum sc_err book_load_order(struct phone_book *b, uint32_t at,
    const uint8_t order[static 16]);

/* ---- finding ---- */

uint32_t book_line(const struct phone_book *b, struct sc_span e164); /* or PHONE_NO_LINE */
uint32_t book_find(const struct phone_book *b, const uint8_t id[static PHONE_ID_BYTES]);
/* The I-th binding (from 0) of an order that is not being released; BOOK_NONE: no more. */
uint32_t book_of_order(const struct phone_book *b, const uint8_t order[static 16], size_t i);
/* All zero when there is nothing at AT any more. */
void book_view(const struct phone_book *b, uint32_t at, struct phone_binding *out);
/*
 * When the cooldown of AT ends, as far as is known now: the pool's cooldown_s
 * after the latest of its expiry, its end and its last call's end. A call whose
 * end was not told counts as long as calls may be and five minutes more.
 */
uint64_t book_cools_until(const struct phone_book *b, uint32_t at);

struct book_call {
	uint32_t line, ext;
	uint64_t caller; /* blind index; 0: none */
	uint8_t channel; /* PHONE_VOICE or PHONE_SMS */
};
struct book_way {
	enum phone_answer answer;
	uint32_t at;   /* BOOK_NONE unless CONNECT, LATE, ONE_WAY, BUSY */
	bool callback; /* to the last caller, not to A or B */
	bool to_b;
	struct sc_span to; /* the packed token of whom to reach, of a CONNECT */
};
/*
 * Who is reached by this call? O(1), changes nothing. A party is whoever was
 * connected by that binding, or is one of the two it joins. BUSY is by max_parallel
 * (of calls alone) and max_calls_day (texts too, in 24 hours from the first); 0 is
 * no limit. Gives CONNECT, COLLECT, NOBODY, LATE, ONE_WAY or BUSY; guesses are the
 * guard's affair (guard.h).
 */
void book_route(const struct phone_book *b, const struct phone_now *now, const struct book_call *c,
    struct book_way *out);
/* Has CALLER been connected at this X before, within what is remembered? */
bool book_knows(const struct phone_book *b, uint32_t line, uint64_t caller);

/* ---- changing ---- */

/*
 * CALLER (its packed TOKEN) is being connected to the person of AT: remembered
 * for calling back and for late calls (the last four of a binding; of each, the
 * token that was told last anywhere). TO_PARTY, when not 0, is that person's
 * blind index, if it was not known. One more call under way. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err book_connected(struct phone_book *b, uint32_t at,
    const struct phone_now *now, uint64_t caller, struct sc_span token, uint64_t to_party);
/* The same at start, from what was kept, the oldest first; no call is under way. */
SC_CHECKED enum sc_err book_load_caller(struct phone_book *b, uint32_t at, uint64_t caller,
    struct sc_span token, uint64_t seen_at);
/* A call of AT has ended (or was given up). */
void book_call_ended(struct phone_book *b, uint32_t at, const struct phone_now *now);
/* The same of one that began before the start: it has no place here that it could free. */
void book_old_call_ended(struct phone_book *b, uint32_t at, const struct phone_now *now);

struct book_change {
	bool expiry, parties, ways;
	uint64_t expires_at;
	struct sc_span a, b; /* an empty one stays as it is */
	uint64_t a_party, b_party;
	uint8_t directions, channels;
};
/*
 * Change a LIVE binding whose version is VERSION (0: any). An expiry that has
 * passed already is now, here and in book_bind(). *DONE is false, and
 * nothing changed, when it is another version, not live, or (a pair) its new
 * party is joined to somebody at X already. Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err book_change(struct phone_book *b, const struct phone_now *now, uint32_t at,
    uint32_t version, const struct book_change *c, bool *done);
/*
 * ORDER's reference less, or (ALL) all: at none it is COOLING from now on, and
 * has another version. True when it became so. One that is PENDING becomes so by
 * book_confirm(), and true says that it will.
 */
bool book_end(struct phone_book *b, const struct phone_now *now, uint32_t at, const uint8_t *order,
    bool all);

enum book_due { BOOK_EXPIRED, BOOK_RELEASE };
/*
 * What has become due, at most MAX of them: EXPIRED once for a LIVE one, which
 * is then COOLING; RELEASE for one whose cooldown is over, which is then
 * RELEASING until book_release(). Returns how many.
 */
size_t book_sweep(struct phone_book *b, const struct phone_now *now, size_t max,
    void (*due)(void *arg, uint32_t at, enum book_due what), void *arg);
/* Its row is gone: the slot is free. */
void book_release(struct phone_book *b, uint32_t at);
/* Its row could not be removed: it goes on cooling, and is swept again. */
void book_keep(struct phone_book *b, uint32_t at);

/* ---- counting ---- */

struct book_stats {
	/*
	 * Slots: TOTAL and FREE of active lines only, LIVE and COOLING of all. Of
	 * pairs: bindings, TOTAL is lines and FREE those where nobody is joined.
	 */
	uint64_t total, live, cooling, free;
	/* of a pool only: */
	uint64_t next_release; /* when the first cooling one becomes free; 0: none */
	uint64_t oldest_s;     /* age of the oldest live one, to the hour */
};
void book_pool_stats(const struct phone_book *b, const struct phone_now *now, uint16_t pool,
    struct book_stats *out);
void book_line_stats(const struct phone_book *b, uint32_t line, struct book_stats *out);
size_t book_count(const struct phone_book *b);  /* bindings in any state */
size_t book_memory(const struct phone_book *b); /* bytes */

/* ---- tokens in few bytes ---- */

#define PHONE_TOKEN_PACKED_MAX 128
/*
 * A token's text as its bytes, and back ("sct1-..." , NUL-ended). False when
 * TEXT is not a token, or too long for a number's.
 */
bool phone_token_pack(struct sc_span text, uint8_t out[static PHONE_TOKEN_PACKED_MAX], size_t *n);
#define PHONE_TOKEN_TEXT_MAX 224
size_t phone_token_text(struct sc_span packed, char out[static PHONE_TOKEN_TEXT_MAX]);

#endif
