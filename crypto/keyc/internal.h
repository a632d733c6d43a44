/*
 * internal.h - what the files of crypto/keyc/ share; private to it. Who calls
 * whom: ask.c (requests) and keyc.c (the connection), which hands replies to
 * answer.c; all of them calls.c, and that gather.c.
 */
#ifndef CRYPTO_KEYC_INTERNAL_H
#define CRYPTO_KEYC_INTERNAL_H

#include "crypto/keyc/keyc.h"
#include "crypto/wire/link.h"
#include "net/address/address.h"
#include "net/loop/loop.h"

#include <stdatomic.h>

#define KEYC_BUCKETS 256
#define KEYC_PART_BITS 13 /* of a req_id: which part of a call; <= CRYPTO_ITEMS_MAX parts */
#define KEYC_OUT_MAX ((size_t)32 << 20) /* bytes that wait to be sent */
#define KEYC_SILENCE_MS 10000           /* calls wait, and nothing at all comes: keyd hangs */
#define KEYC_GATHER_MAX ((size_t)512 << 20)

/* How keyd is reached. */
struct keyc_way {
	struct address address;
	struct tls_context *tls; /* NULL: on this host, by packets */
	struct tls_pins pins;
	uint8_t spki[TLS_SPKI_BYTES]; /* of keyd's key */
};

struct keyc {
	struct loop *loop;
	struct keyc_way way;
	struct loop_io io; /* its descriptor is the link's */
	struct wire_link link;
	struct loop_timer retry, kick;
	struct loop_timer silence; /* runs while calls wait */
	struct loop_timer again;   /* more has arrived than was read */
	bool told_stranger;        /* that it could not be met; once until it is */
	bool heard;                /* from keyd, since it was set */
	struct loop_turn turn;
	uint64_t backoff_ms;
	bool connected; /* or about to be */
	bool met;       /* keyd has proved its key, where that is asked for */
	bool ready;
	void (*examine)(void *arg); /* NULL: every keyd is taken as it is */
	void *examine_arg;
	bool admitted;      /* what is examined may be asked for keys */
	atomic_bool serves; /* all of that, for other threads */
	uint8_t policy_hash[HASH_BYTES];
	uint8_t trouble; /* wire_hello */

	struct sc_buf out; /* frames; the first `sent` bytes have left */
	size_t sent;
	uint8_t *in; /* one packet */

	struct keyc_call *calls[KEYC_BUCKETS]; /* under way, by id */
	size_t n_calls;
	uint64_t next_id;

	struct sc_name node; /* "": no gateway */
	struct keyc_session {
		uint8_t digest[HASH_BYTES]; /* of whose key; as drawn: */
		uint8_t handle[ASKING_SESSION];
		uint64_t proved_ms; /* monotonic; 0: this place is free */
	} * sessions;               /* a table by digest */
	size_t sessions_cap, n_sessions;

	struct wire_result *results; /* of the reply being told */
	struct sc_span *subjects;    /* of the request being encoded */
	uint16_t *subject_of;        /* of each of its items */
};

/* What a call collects that is answered in more than one frame. */
struct keyc_gather {
	struct sc_buf bytes;         /* of all values, in the order they came */
	struct wire_result *results; /* n_items; value.p is set at the end */
	size_t *offset;              /* n_items: where in bytes */
	uint32_t *next;              /* for each part: where its next result goes */
	uint32_t *end;               /* and where its results end */
	uint32_t n_parts;
	uint8_t subjects[HANDLES_MAX][HANDLE_BYTES];
	size_t n_subjects;
};

/* Room for a call of N_ITEMS in at most N_PARTS parts. */
SC_CHECKED enum sc_err keyc_gather_new(size_t n_items, uint32_t n_parts, struct keyc_gather **out);
void keyc_gather_free(struct keyc_gather *g); /* NULL is fine */

/* Put CALL among those under way, or take it out. */
void keyc_call_add(struct keyc *kc, struct keyc_call *call);
void keyc_call_remove(struct keyc *kc, struct keyc_call *call);
struct keyc_call *keyc_call_find(struct keyc *kc, uint64_t id);

/* Tell CALL that it failed; it is under way no more. */
void keyc_call_fail(struct keyc *kc, struct keyc_call *call, enum sc_err err);

/*
 * The way to FAR's keyd, or, where FAR is NULL, to the one at "unix:PATH". WAY does not move, and
 * is keyc_way_fini()'s either way. Fails with SC_SYNTAX, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err keyc_way_init(struct keyc_way *way, const char *address,
    const struct keyc_far *far, struct sc_diag *d);
void keyc_way_fini(struct keyc_way *way);
/* Begin to connect. Fails with SC_IO, SC_NOMEM; LINK is to be closed either way. */
SC_CHECKED enum sc_err keyc_way_dial(const struct keyc_way *way, struct wire_link *link);

/* Take in one reply frame. SC_SYNTAX: keyd does not speak our language. */
SC_CHECKED enum sc_err keyc_answer(struct keyc *kc, const struct wire_frame *f);

/*
 * Put the proof that A has, if any, ahead of what is asked next, unless keyd had it lately.
 * *OUT is what A's frames carry. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err keyc_prove(struct keyc *kc, const struct asking *a, struct asking *out);
/* Prove everybody anew. */
void keyc_forget_sessions(struct keyc *kc);

/* May keyd be asked for more than what it is examined by? */
bool keyc_usable(const struct keyc *kc);

/* See to it that what is in `out` leaves at the end of this turn. */
void keyc_kick(struct keyc *kc);

#endif
