/*
 * internal.h - what the files of crypto/keyc/ share; private to it. Who calls
 * whom: ask.c (requests) and keyc.c (the connection), which hands replies to
 * answer.c; all of them calls.c, and that gather.c.
 */
#ifndef CRYPTO_KEYC_INTERNAL_H
#define CRYPTO_KEYC_INTERNAL_H

#include "crypto/keyc/keyc.h"
#include "crypto/wire/wire.h"
#include "net/loop/loop.h"

#include <sys/un.h>

#define KEYC_BUCKETS 256
#define KEYC_PART_BITS 13 /* of a req_id: which part of a call; <= CRYPTO_ITEMS_MAX parts */
#define KEYC_OUT_MAX ((size_t)32 << 20) /* bytes that wait to be sent */
#define KEYC_SILENCE_MS 10000           /* calls wait, and nothing at all comes: keyd hangs */
#define KEYC_GATHER_MAX ((size_t)512 << 20)

struct keyc {
	struct loop *loop;
	struct sockaddr_un address;
	struct loop_io io;
	struct loop_timer retry, kick;
	struct loop_timer silence; /* runs while calls wait */
	bool heard;                /* from keyd, since it was set */
	struct loop_turn turn;
	uint64_t backoff_ms;
	bool connected, ready;
	uint8_t policy_hash[HASH_BYTES];
	uint8_t trouble; /* wire_hello */

	struct sc_buf out; /* frames; the first `sent` bytes have left */
	size_t sent;
	uint8_t *in; /* one packet */

	struct keyc_call *calls[KEYC_BUCKETS]; /* under way, by id */
	size_t n_calls;
	uint64_t next_id;

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

/* Take in one reply frame. SC_SYNTAX: keyd does not speak our language. */
SC_CHECKED enum sc_err keyc_answer(struct keyc *kc, const struct wire_frame *f);

/* See to it that what is in `out` leaves at the end of this turn. */
void keyc_kick(struct keyc *kc);

#endif
