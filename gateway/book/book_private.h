/*
 * book_private.h - the book from inside: private to book*.c of gateway/book/.
 *
 * Things are called by their number within a slab (32 bits), and chained by the
 * numbers they hold. Slabs and tables grow by a chunk at a time and never move:
 * ten million bindings are 160 bytes each with all that finds them, and no call
 * ever waits for something to be doubled.
 */
#ifndef GATEWAY_BOOK_BOOK_PRIVATE_H
#define GATEWAY_BOOK_BOOK_PRIVATE_H

#include "gateway/book/book.h"

#define BOOK_CHUNK 4096u       /* things in a chunk */
#define BOOK_DUE_CHUNK 1024u   /* rows in a chunk of a heap */
#define BOOK_MAX 0x7fffffffu   /* of one kind: some tables number two nodes of each */
#define BOOK_EXT_NONE 0xfffffu /* no extension, in 20 bits */
#define BOOK_CALLERS 4         /* remembered of a binding */
#define BOOK_GIVE_UP_S 300     /* past the longest call: its end will not be told any more */
#define BOOK_KEY_BYTES 16      /* of SipHash */
#define BOOK_TOKEN_SIZES 17    /* granules of the longest token, with its head */

/* ---- book_slab.c: room that grows by chunks ---- */

struct book_chunks {
	void **v;
	uint32_t n, room; /* chunks; pointers there is room for */
	size_t bytes;
};
SC_CHECKED enum sc_err book_chunks_add(struct book_chunks *c, size_t bytes);
void book_chunks_fini(struct book_chunks *c);

/* Things of SIZE bytes; zero when taken. */
struct book_slab {
	struct book_chunks chunks;
	uint32_t size;
	uint32_t fresh, free, n; /* the next never taken; the last given back; in use */
};
void book_slab_init(struct book_slab *s, size_t size);
void book_slab_fini(struct book_slab *s);
/* Fails with SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err book_slab_take(struct book_slab *s, uint32_t *at);
void book_slab_give(struct book_slab *s, uint32_t at);

static inline void *book_slab_at(const struct book_slab *s, uint32_t at)
{
	return (uint8_t *)s->chunks.v[at / BOOK_CHUNK] + (size_t)(at % BOOK_CHUNK) * s->size;
}

/* ---- book_index.c: hash tables that grow by a bucket at a time ---- */

struct book_index {
	struct book_chunks heads;
	uint32_t buckets, n;
	uint64_t (*hash)(const struct phone_book *b, uint32_t node);
	uint32_t *(*next)(const struct phone_book *b, uint32_t node);
	/* The link back, where many may have one key: out again without a walk. NULL: few have. */
	uint32_t *(*before)(const struct phone_book *b, uint32_t node);
};
SC_CHECKED enum sc_err book_index_init(struct book_index *x);
void book_index_fini(struct book_index *x);
/* Cannot fail: without memory the chains only grow longer. */
void book_index_add(const struct phone_book *b, struct book_index *x, uint32_t node);
void book_index_remove(const struct phone_book *b, struct book_index *x, uint32_t node);
/* The chain in which everything of that hash is, or BOOK_NONE; follow it by x->next(). */
uint32_t book_index_first(const struct book_index *x, uint64_t hash);

/* ---- book_tokens.c: packed tokens, in granules of eight bytes ---- */

struct book_tokens {
	struct book_chunks chunks;
	uint32_t fresh;                      /* the next granule never taken */
	uint32_t free[BOOK_TOKEN_SIZES + 1]; /* by granules */
};
void book_tokens_init(struct book_tokens *t);
/* A copy of TOKEN. Fails with SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err book_token_new(struct phone_book *b, struct sc_span token, uint32_t *at);
void book_token_drop(struct phone_book *b, uint32_t at);
struct sc_span book_token_span(const struct phone_book *b, uint32_t at);
uint32_t *book_token_next(const struct phone_book *b, uint32_t at);

/* ---- what there is ---- */

/* Two more states than others see. */
enum {
	BOOK_TAKEN_BACK = BOOK_RELEASING +
	    1,        /* cooling, while its slot is another's that is PENDING */
	BOOK_NOWHERE, /* being made */
};

struct book_binding {
	uint8_t id[PHONE_ID_BYTES];
	uint8_t order[16]; /* the first of its orders */
	uint64_t a_party;
	uint32_t a_token;
	uint32_t made_at, expires_at, ended_at;
	uint32_t version;
	uint32_t
	    place; /* in the heap of its state; of a PENDING one: whom it takes the slot from */
	uint32_t by_id, by_slot, by_order; /* the next of each chain */
	uint32_t orders, called;           /* or BOOK_NONE */
	union {
		uint32_t pair;           /* of one that is PAIRED */
		uint32_t before_cooling; /* of another: the one before in BY_COOLING */
	};
	uint16_t line, refs;
	uint32_t ext : 20, state : 3, directions : 2, channels : 2, used : 1, paired : 1;
};

/* What only a binding of two has. */
struct book_pair {
	uint64_t b_party;
	uint32_t b_token, at;
	uint32_t by_party[2], by_pair, before_cooling;
};

/* One more order of a binding. */
struct book_order {
	uint8_t key[16];
	uint32_t at, more, by_order;
};

/* What calls have left at a binding. */
struct book_called {
	uint32_t callers;                /* the last first */
	uint32_t began_at, last_call_at; /* when the last one began, and one ended */
	uint32_t day_from;               /* by the steady clock: since when calls are counted */
	uint32_t by_person, before_person;
	uint16_t under_way, in_day;
};

/* One caller of one binding. */
struct book_caller {
	uint32_t known, more, by_caller, before_caller;
	uint16_t line;
};

/* Who is a caller of any: a courier calls many. */
struct book_known {
	uint64_t party;
	uint32_t token; /* the last that was told, for calling back; or BOOK_NONE */
	uint32_t refs, by_party;
};

/* ---- book_due.c: heaps of what becomes due, by pool ---- */

struct book_due_row {
	uint32_t due, at;
};
struct book_heap {
	struct book_due_row **chunks;
	uint32_t n, n_chunks, room;
};
/* So that a binding more can be in either heap of the pool. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err book_due_reserve(struct phone_book *b, uint16_t pool);
void book_due_fini(struct phone_book *b, uint16_t pool);
/* AT is LIVE or COOLING from now on, or is so no more; its time has changed. */
void book_due_add(struct phone_book *b, uint32_t at);
void book_due_remove(struct phone_book *b, uint32_t at);
void book_due_changed(struct phone_book *b, uint32_t at);

/* ---- book_lines.c: numbers, pools, and how much of them is free ---- */

struct book_line {
	uint32_t taken; /* slots that could be drawn; bindings of pairs */
	uint32_t live, cooling;
	uint32_t group; /* BOOK_NONE: nothing new is bound here */
	uint32_t rank;  /* where it stands in book.active */
	uint32_t by_number;
};

/* Active lines of one pool and region, which stand together in book.active. */
struct book_group {
	const char *region;
	uint32_t first, n;
	uint64_t free;
};

/* How many live ones were made in which hour, in order. */
struct book_hour {
	uint32_t hour, n;
};
struct book_hours {
	struct book_hour *v;
	uint32_t n, room;
};

struct book_pool {
	struct book_group all;
	uint32_t first_group, n_groups;
	uint32_t span, slots; /* extensions there are, and that may be drawn, of one line */
	uint32_t n;           /* bindings */
	uint64_t live, cooling;
	struct book_heap due[2]; /* LIVE, COOLING */
	void *spare;             /* chunks of the heaps */
	uint32_t due_chunks;
	struct book_hours hours;
};
SC_CHECKED enum sc_err book_lines_init(struct phone_book *b);
void book_lines_fini(struct phone_book *b);
uint64_t book_line_free(const struct phone_book *b, uint32_t line);
/* AT's slot is taken (BY 1) or given back (-1). */
void book_line_take(struct phone_book *b, uint32_t at, int by);
/* The active lines of POOL in REGION; NULL: there are none. Without a region: all. */
const struct book_group *book_group_find(const struct phone_book *b, uint16_t pool,
    const struct sc_name *region);

/* ---- book_hours.c: how old the live ones are ---- */

/* So that one that was made at AT can be counted. Fails with SC_NOMEM. */
SC_CHECKED enum sc_err book_hours_reserve(struct book_hours *h);
void book_hours_add(struct book_hours *h, uint32_t at);
void book_hours_remove(struct book_hours *h, uint32_t at);
/* When the oldest was made, to the hour; NOW when there is none. */
uint64_t book_hours_oldest(const struct book_hours *h, uint64_t now);

/* ---- the book ---- */

enum book_by {
	BY_ID,
	BY_SLOT,    /* line, extension: all but pairs */
	BY_ORDER,   /* nodes: 2 x binding, 2 x order + 1 */
	BY_PARTY,   /* line, party of a pair; nodes: 2 x pair + side */
	BY_PAIR,    /* pool, both parties; nodes: pairs */
	BY_PERSON,  /* line, A: those that A may call back by */
	BY_CALLER,  /* line, caller; nodes: callers */
	BY_KNOWN,   /* those who are callers of any */
	BY_COOLING, /* pool, A's token */
	BY_NUMBER,  /* lines */
	BOOK_INDEXES
};

/* Random words, drawn in blocks. */
struct book_random {
	uint32_t v[256], left;
};

struct phone_book {
	const struct phone_settings *settings;
	uint8_t key[BOOK_KEY_BYTES];
	struct book_random random;
	struct book_slab bindings, pairs, orders, called, callers, known;
	struct book_tokens tokens;
	struct book_index index[BOOK_INDEXES];
	struct book_line *lines;
	struct book_pool *pools;
	uint32_t *active; /* lines, by pool and region */
	struct book_group *groups;
	size_t fixed; /* bytes of the last four */
	uint32_t sweep_from;
};

static inline struct book_binding *book_at(const struct phone_book *b, uint32_t at)
{
	return book_slab_at(&b->bindings, at);
}
/* The same of a number that somebody kept: NULL when there is nothing any more. */
static inline struct book_binding *book_used(const struct phone_book *b, uint32_t at)
{
	struct book_binding *bd = at < b->bindings.fresh ? book_at(b, at) : NULL;

	return bd != NULL && bd->used ? bd : NULL;
}
static inline struct book_pair *book_pair_at(const struct phone_book *b, uint32_t pair)
{
	return book_slab_at(&b->pairs, pair);
}
static inline struct book_called *book_called_at(const struct phone_book *b, uint32_t called)
{
	return book_slab_at(&b->called, called);
}
static inline struct book_caller *book_caller_at(const struct phone_book *b, uint32_t caller)
{
	return book_slab_at(&b->callers, caller);
}
static inline struct book_known *book_known_at(const struct phone_book *b, uint32_t known)
{
	return book_slab_at(&b->known, known);
}
static inline uint16_t book_pool_of(const struct phone_book *b, const struct book_binding *bd)
{
	return b->settings->lines[bd->line].pool;
}
static inline const struct phone_pool *book_pool_set(const struct phone_book *b,
    const struct book_binding *bd)
{
	return &b->settings->pools[book_pool_of(b, bd)];
}

/* Neither clock may shorten a cooldown, and either ends a binding. */
static inline uint64_t book_earliest(const struct phone_now *now)
{
	return now->wall < now->steady ? now->wall : now->steady;
}
static inline uint64_t book_latest(const struct phone_now *now)
{
	return now->wall > now->steady ? now->wall : now->steady;
}
/* As it is kept: up to 2106, which stands for never. */
static inline uint32_t book_seconds(uint64_t s)
{
	return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}
/* What would have expired already expires now: its cooldown begins when it is closed, not before. */
static inline uint64_t book_expiry(uint64_t wanted, const struct phone_now *now)
{
	return wanted > book_latest(now) ? wanted : book_latest(now);
}
static inline bool book_is_live(const struct book_binding *bd, const struct phone_now *now)
{
	return bd->state == BOOK_LIVE && book_latest(now) < bd->expires_at;
}

/* ---- book_find.c ---- */

SC_CHECKED enum sc_err book_find_init(struct phone_book *b);
uint32_t book_slot_find(const struct phone_book *b, uint32_t line, uint32_t ext);
/* The pair at LINE of which PARTY is one, and which: 0 is A. */
uint32_t book_party_find(const struct phone_book *b, uint32_t line, uint64_t party, int *side);
/* The first of a chain in which those may be, with others. */
uint32_t book_pairs_of(const struct phone_book *b, uint16_t pool, uint64_t a, uint64_t b_party);
uint32_t book_people_of(const struct phone_book *b, uint32_t line, uint64_t party);
uint32_t book_callers_of(const struct phone_book *b, uint32_t line, uint64_t party);
uint32_t book_cooling_of(const struct phone_book *b, uint16_t pool, struct sc_span a);
/* Who that is among those who have called, or BOOK_NONE. */
uint32_t book_known_find(const struct phone_book *b, uint64_t party);
uint32_t book_nodes_of(const struct phone_book *b, const uint8_t order[static 16]);
/* Of a node of BY_ORDER: the binding and the order's key. */
uint32_t book_node_order(const struct phone_book *b, uint32_t node, const uint8_t **key);
static inline uint32_t book_next(const struct phone_book *b, enum book_by by, uint32_t node)
{
	return *b->index[by].next(b, node);
}
static inline void book_link(struct phone_book *b, enum book_by by, uint32_t node)
{
	book_index_add(b, &b->index[by], node);
}
static inline void book_unlink(struct phone_book *b, enum book_by by, uint32_t node)
{
	book_index_remove(b, &b->index[by], node);
}

/* ---- book_slots.c ---- */

/* Uniform below N, which is not 0. */
uint32_t book_draw(struct phone_book *b, uint32_t n);
/* Is EXT of DIGITS one that people try first, and so never drawn? */
bool book_ext_guessable(uint32_t ext, unsigned digits);
unsigned book_ext_guessables(unsigned digits);
/* Find a free slot for W. *HOW is NEW when there is one at *LINE and *EXT. */
void book_slot_choose(struct phone_book *b, const struct book_wanted *w, uint32_t *line,
    uint32_t *ext, enum book_bound *how);
/* Are both of the pair free at LINE, but for the binding BUT (or BOOK_NONE)? */
bool book_pair_fits(const struct phone_book *b, uint32_t line, uint64_t a, uint64_t b_party,
    uint32_t but);

/* ---- book_states.c ---- */

/* A binding as ROW says, in state NOWHERE and without its slot. Fails with SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err book_make(struct phone_book *b, const struct phone_binding *row,
    const uint8_t order[static 16], uint32_t *at);
/* Undo book_make(); it has no slot any more. */
void book_unmake(struct phone_book *b, uint32_t at);
void book_slot_take(struct phone_book *b, uint32_t at);
void book_slot_give(struct phone_book *b, uint32_t at);
void book_enter(struct phone_book *b, uint32_t at, unsigned state);

/* ---- book_orders.c ---- */

SC_CHECKED enum sc_err book_order_add(struct phone_book *b, uint32_t at,
    const uint8_t order[static 16]);
bool book_order_has(const struct phone_book *b, uint32_t at, const uint8_t order[static 16]);
/* ORDER rests on it no more; the last one stays by name, so that it can be found. */
void book_order_drop(struct phone_book *b, uint32_t at, const uint8_t order[static 16]);
void book_orders_forget(struct phone_book *b, uint32_t at);

/* ---- book_callers.c ---- */

/* Room for what calls leave at AT. Fails with SC_NOMEM, SC_LIMIT. */
SC_CHECKED enum sc_err book_called_need(struct phone_book *b, uint32_t at,
    struct book_called **out);
void book_called_forget(struct phone_book *b, uint32_t at);
/* Before and after A's blind index changes. */
void book_person_unlink(struct phone_book *b, uint32_t at);
void book_person_link(struct phone_book *b, uint32_t at);
/* Of AT's last caller, for calling back; or BOOK_NONE. */
uint32_t book_last_token(const struct phone_book *b, uint32_t at);
/* Was CALLER connected by AT, in either direction? */
bool book_was_connected(const struct phone_book *b, uint32_t at, uint64_t caller);
bool book_is_party(const struct phone_book *b, uint32_t at, uint64_t caller);
/* When the last call of AT was over; later than now: one may be under way. 0: there was none. */
uint64_t book_calls_over(const struct phone_book *b, uint32_t at);
/* A call under way stands in the way of another, not of a text. */
bool book_is_busy(const struct phone_book *b, uint32_t at, const struct phone_now *now,
    uint8_t channel);

#endif
