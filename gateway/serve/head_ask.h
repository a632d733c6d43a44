/*
 * head_ask.h - a log's head on its way to keyd: left by any thread, asked by a worker's loop.
 *
 * One is under way at a time; a newer one replaces one that was not sent yet. keyd refuses
 * what does not extend the last head it signed, and says which that was.
 */
#ifndef GATEWAY_SERVE_HEAD_ASK_H
#define GATEWAY_SERVE_HEAD_ASK_H

#include "crypto/tlog/note.h"
#include "gateway/serve/worker.h"

#include <pthread.h>

enum head_answer {
	HEAD_UNANSWERED, /* keyd was away, or has no room */
	HEAD_UNKNOWN,    /* keyd does not sign this log: its keyd.json does not name it */
	HEAD_SIGNED,
	HEAD_BEHIND, /* keyd signed another size last: prove it from there */
	HEAD_FOREIGN /* it is no continuation of what keyd signed, and never will be */
};

struct head_ask;

/* What keyd said, on the worker's thread. Spans are borrowed. */
struct head_told {
	enum head_answer answer;
	uint64_t asked;           /* the size it is about */
	uint64_t remembered;      /* of the head keyd signed last; 0: none, or not told */
	struct sc_span note, own; /* HEAD_SIGNED: the signed head; keyd's own log's, or empty */
	struct sc_span vkey;      /* the key of NOTE, or empty */
};
typedef void head_told_fn(struct head_ask *a, const struct head_told *told);

struct head_ask { /* the owner's storage; does not move */
	head_told_fn *told;
	pthread_mutex_t lock;
	/* guarded by it: what was left */
	bool waiting;
	char origin[256];
	uint64_t size, old_size;
	uint8_t root[HASH_BYTES];
	uint8_t proof[CRYPTO_PROOF_MAX][HASH_BYTES];
	size_t n_proof;
	struct worker *worker;
	struct loop_wake wake;
	/* the worker's thread only */
	struct keyc_call call;
	struct loop_timer retry;
	uint64_t asked, asked_from; /* sizes of the head under way */
	bool asking;
};

void head_ask_init(struct head_ask *a, head_told_fn *told);
void head_ask_fini(struct head_ask *a); /* after head_ask_unbind() */

/* Have HEAD signed. From any thread. */
void head_ask_put(struct head_ask *a, const struct tlog_head *head);

/* From now on ask through W's keyd client, on W's loop. */
void head_ask_bind(struct head_ask *a, struct worker *w);
/* No longer; called when W's loop has stopped. Harmless when it was not bound. */
void head_ask_unbind(struct head_ask *a);

/* The checkpoint inside the signed note RAW; false when it is none. */
bool head_ask_parse(struct sc_span raw, struct note_head *out);

#endif
