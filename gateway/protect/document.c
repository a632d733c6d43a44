/*
 * document.c - a whole body through the enforcement point.
 *
 * Lines that need no key end at once; a loop takes them one by one, so that a
 * body of a million short lines does not recurse a million times.
 */
#include "gateway/protect/document.h"

static void finish(struct document *d)
{
	struct protect_result *r = &d->priv.result;

	if (r->outcome != PROTECT_DONE) {
		sc_buf_truncate(d->in.out, d->priv.out_start);
		r->diag.offset += d->priv.line_start;
	}
	if (d->priv.ended != NULL)
		*d->priv.ended = true;
	d->done(d->arg, r);
}

static void on_text(struct protect_job *job, void *arg);

/* The next line that is not blank; false when there is none, or no room. Blank ones pass. */
static bool next_line(struct document *d, struct sc_span *line)
{
	struct sc_span body = d->priv.body;

	for (;;) {
		d->priv.line_start = d->priv.from;
		if (!ndjson_next(body, true, &d->priv.from, line))
			return false;
		if (!ndjson_blank(*line))
			return true;
		if (sc_buf_put(d->in.out, body.p + d->priv.line_start,
			d->priv.from - d->priv.line_start) != SC_OK) {
			d->priv.result.outcome = PROTECT_TOO_LARGE;
			return false;
		}
	}
}

/* Begin texts until one has to wait for keyd, or none is left. */
static void step(struct document *d)
{
	bool ended = false;

	d->priv.stepping = true;
	d->priv.ended = &ended;
	do {
		d->priv.again = false;
		if (!next_line(d, &d->in.body)) {
			finish(d);
			return;
		}
		protect_start(d->job, &d->in);
		if (ended)
			return;
	} while (d->priv.again);
	d->priv.stepping = false;
	d->priv.ended = NULL;
}

static void on_line(struct document *d)
{
	/* the line's own end: LF, or nothing after the last */
	size_t end = (size_t)(d->in.body.p - d->priv.body.p) + d->in.body.n;

	if (d->priv.from > end && sc_buf_put(d->in.out, "\n", 1) != SC_OK) {
		d->priv.result.outcome = PROTECT_TOO_LARGE;
		finish(d);
		return;
	}
	d->priv.again = true;
	if (!d->priv.stepping)
		step(d);
}

static void on_text(struct protect_job *job, void *arg)
{
	struct document *d = arg;

	d->priv.result = *protect_result(job);
	if (d->priv.result.outcome == PROTECT_DONE && d->note != NULL)
		d->note(d->arg, &d->priv.result);
	if (d->priv.result.outcome != PROTECT_DONE || !d->lines)
		finish(d);
	else
		on_line(d);
}

void document_start(struct document *d)
{
	memset(&d->priv, 0, sizeof(d->priv));
	d->priv.body = d->in.body;
	d->priv.out_start = d->in.out->n;
	d->priv.result.outcome = PROTECT_DONE;
	d->in.done = on_text;
	d->in.arg = d;
	if (d->lines)
		step(d);
	else
		protect_start(d->job, &d->in);
}
