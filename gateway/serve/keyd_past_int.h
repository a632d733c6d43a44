/*
 * keyd_past_int.h - what the files of keyd_past share.
 *
 *	keyd_past.c   the thread that keeps what was seen, and reads an owner's word
 *	keyd_check.c  each worker's keyd: asked for a proof, judged, admitted
 *	keyd_word.c   an owner's word that its log begins anew
 */
#ifndef GATEWAY_SERVE_KEYD_PAST_INT_H
#define GATEWAY_SERVE_KEYD_PAST_INT_H

#include "gateway/serve/keyd_anew.h"
#include "gateway/serve/keyd_past.h"

#include <pthread.h>
#include <stdatomic.h>

struct keyd_past {
	struct worker_shared *shared;
	int dirfd;
	pthread_t thread;
	bool running;
	atomic_uint refused; /* workers whose keyd is no continuation */
	atomic_int told;     /* enum seen_word: what was said of it last */
	_Atomic uint64_t size;
	pthread_mutex_t lock;
	/* under it */
	pthread_cond_t news;
	bool over, unkept;
	bool forgotten;
	char shown[NOTE_NAME_MAX + 1]; /* the name of the log that keyd showed last */
	struct keyd_anew anew;
	struct seen_log seen;
	uint64_t times; /* that it was another head */
};

/* One worker's keyd. Its loop's alone. */
struct keyd_check {
	struct keyd_past *past;
	struct worker *worker;
	struct loop_timer tick;
	struct keyc_call call;
	struct durable_wait wait; /* for the record that keyd's log begins anew */
	struct anew_word word;
	bool asking, refused;
	uint64_t times; /* of the head that the proof was asked from */
};

/* Judge the word that was brought, if one was. */
void keyd_check_word(struct keyd_check *c);

/* S into the folder. False: the disk refused. */
bool keyd_past_keep(struct keyd_past *p, const struct seen_log *s);

#endif
