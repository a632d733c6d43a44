/*
 * cosigned.c - what witnesses say of the newest head of a log, kept beneath it.
 */
#include "gateway/witness/private.h"

#include "base/log.h"
#include "crypto/tlog/files.h"
#include "crypto/tlog/witnessed.h"

#include <stdlib.h>

enum sc_err cosigned_bare(struct sc_span raw, struct sc_buf *out, struct note_head *head)
{
	struct note *note = malloc(sizeof(*note));
	enum sc_err err = SC_NOMEM;

	if (note == NULL || (err = note_parse(raw, note)) != SC_OK ||
	    (err = note_head_parse(note->text, head)) != SC_OK ||
	    (err = sc_buf_put_span(out, note->text)) != SC_OK ||
	    (err = sc_buf_put_str(out, "\n")) != SC_OK)
		goto out;
	for (size_t i = 0; i < note->n_sigs && err == SC_OK; i++)
		if (sc_span_is(note->sigs[i].name, head->origin))
			err = sc_buf_put_span(out, note->sigs[i].line);
out:
	free(note);
	return err;
}

/* The head with all lines, in the witnesses' own order: where others look for it. */
static void publish(struct watched_log *l, struct witnesses *s)
{
	struct sc_diag d;
	struct sc_buf note;
	enum sc_err err;

	sc_buf_init(&note, NOTE_MAX);
	err = sc_buf_put_span(&note, sc_buf_span(&l->bare));
	for (size_t i = 0; i < s->config->n_witnesses && err == SC_OK; i++)
		err = sc_buf_put_span(&note, sc_buf_span(&l->lines[i]));
	if (err == SC_OK)
		err = files_replace(s->dirfd, l->file, sc_buf_span(&note), &d);
	/* keyd takes nothing into its folder from us */
	if (err == SC_OK && !l->keyds)
		err = tlog_cosigned(s->shared->log, sc_buf_span(&note));
	if (err != SC_OK)
		log_event(LOG_ERROR, "gateway.cosigned_not_kept", LOG_END);
	sc_buf_fini(&note);
}

void cosigned_keep(struct submitting *s, struct sc_span line)
{
	struct watched_log *l = s->log;
	const size_t n = s->all->config->n_witnesses;

	if (l->bare.n > 0 && s->head.size < l->size)
		return; /* it was slow: others are further */
	if (!sc_span_eq(sc_buf_span(&l->bare), sc_buf_span(&s->sent))) {
		sc_buf_clear(&l->bare);
		for (size_t i = 0; i < n; i++)
			sc_buf_clear(&l->lines[i]);
		if (sc_buf_put_span(&l->bare, sc_buf_span(&s->sent)) != SC_OK)
			return;
		l->size = s->head.size;
	}
	sc_buf_clear(&l->lines[s->witness]);
	if (sc_buf_put_span(&l->lines[s->witness], line) == SC_OK)
		publish(l, s->all);
}
