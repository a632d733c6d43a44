/*
 * private.h - inside gateway/witness only: the logs, the witnesses, and a submission for each pair.
 */
#ifndef GATEWAY_WITNESS_PRIVATE_H
#define GATEWAY_WITNESS_PRIVATE_H

#include "crypto/tlog/cosignature.h"
#include "crypto/tlog/submission.h"
#include "gateway/witness/witnesses.h"

#include <pthread.h>
#include <stdatomic.h>

#define WATCHED_LOGS 2
#define COSIGNED_NAME_MAX (SC_NAME_MAX + sizeof(".cosigned"))

enum witness_trouble {
	WITNESS_NEW, /* it was not asked yet */
	WITNESS_WELL,
	WITNESS_AWAY,     /* no answer, or one of no use */
	WITNESS_STRANGER, /* it does not know the log, or not by this key */
	WITNESS_DISAGREES /* it saw another past, or more than there is */
};

/* A log and the newest head of it that anybody has cosigned. The thread only. */
struct watched_log {
	bool keyds;
	const char *label; /* of metrics and files */
	char file[COSIGNED_NAME_MAX];
	uint64_t size;
	struct sc_buf bare;                        /* the head with its log's signature */
	struct sc_buf lines[CONFIG_WITNESSES_MAX]; /* what each witness says of it */
};

/*
 * One log's head on its way to one witness: idle -> (keyd asked) -> posted -> answered -> idle.
 */
struct submitting {
	struct witnesses *all;
	unsigned witness;
	struct watched_log *log;
	struct http_origin *origin;
	/* told to other threads */
	_Atomic uint64_t size, time; /* cosigned last: entries, Unix seconds */
	atomic_int trouble;          /* enum witness_trouble */
	/* the thread only */
	bool busy;
	uint64_t from; /* what the witness has seen, as far as we know */
	uint64_t due_ms, wait_ms;
	unsigned conflicts; /* one after the other */
	struct http_exchange *exchange;
	struct sc_buf sent;          /* the head under way, bare */
	struct note_head head, last; /* what it says; what was cosigned last */
};

/* keyd's head and its proof from s->from. An empty NOTE: there is none, or keyd did not answer. */
typedef void keyd_told_fn(struct submitting *s, struct sc_span note,
    const struct merkle_proof *proof);

/* keyd's head and proof, asked on a worker's loop for this thread. */
struct keyd_head {
	pthread_mutex_t lock;
	/* under it */
	bool wanted, there;
	uint64_t from;
	enum sc_err err;
	struct sc_buf note;
	struct merkle_proof proof;
	struct worker *worker;
	struct loop_wake ask;  /* on the worker's loop */
	struct loop_wake told; /* on ours */
	struct keyc_call call; /* the worker's thread only */
	bool asking;
	/* this thread only */
	struct submitting *whose; /* NULL: free */
	keyd_told_fn *then;
};

struct witnesses {
	struct worker_shared *shared;
	const struct config *config;
	int dirfd; /* of the signed heads */
	struct loop *loop;
	struct http_client *client;
	struct tls_context *tls[CONFIG_WITNESSES_MAX];
	struct loop_timer tick;
	struct keyd_head keyd;
	pthread_t thread;
	bool running;
	struct watched_log logs[WATCHED_LOGS];
	size_t n;
	struct submitting v[]; /* WATCHED_LOGS of each witness */
};

/* ---- keyd_head.c ---- */
void keyd_head_init(struct keyd_head *k, struct loop *loop);
void keyd_head_fini(struct keyd_head *k);
void keyd_head_bind(struct keyd_head *k, struct worker *w);
void keyd_head_unbind(struct keyd_head *k); /* when its loop has stopped */
/* Ask for S's next; THEN follows. False: somebody else's is under way. */
bool keyd_head_ask(struct keyd_head *k, struct submitting *s, keyd_told_fn *then);

/* ---- submission.c ---- */
/* It is due: find the head and its proof. */
void submission_begin(struct submitting *s);

/* ---- cosigned.c ---- */
/* Append NOTE without what others than its own log have signed. Fails with SC_SYNTAX, SC_NOMEM. */
SC_CHECKED enum sc_err cosigned_bare(struct sc_span note, struct sc_buf *out,
    struct note_head *head);
/* S's witness says LINE of what was sent: keep it, and put it under the checkpoint. */
void cosigned_keep(struct submitting *s, struct sc_span line);

#endif
