/*
 * document.h - a whole body through the enforcement point: one JSON text, or
 * the lines of NDJSON one after another.
 */
#ifndef GATEWAY_PROTECT_DOCUMENT_H
#define GATEWAY_PROTECT_DOCUMENT_H

#include "gateway/protect/protect.h"

struct document {
	struct protect_job *job; /* the caller's, for as long as it takes */
	struct protect_input in; /* in.body: the whole body; in.done, in.arg: private */
	bool lines;              /* NDJSON */
	/* Called for each text that was protected, before done(). */
	void (*note)(void *arg, const struct protect_result *r);
	/*
	 * Called once, possibly before document_start() returns. When the
	 * outcome is not PROTECT_DONE, in.out is as it was before, and the
	 * diagnosis' offset counts from the body's beginning.
	 */
	void (*done)(void *arg, const struct protect_result *r);
	void *arg;
	struct {
		struct sc_span body;
		size_t from, line_start, out_start;
		bool stepping, again;
		bool *ended; /* told when done() was called: D may be gone then */
		struct protect_result result;
	} priv;
};

void document_start(struct document *d);

#endif
