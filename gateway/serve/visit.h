/*
 * visit.h - one request from its head to its record: who asks, for what, and
 * what the handler of its path keeps meanwhile.
 *
 * A visit is made when a head arrives and ends with exactly one answer (or a
 * client that left) and exactly one record. Handlers are rows in a table
 * (dispatch.c); each fills in the callbacks it needs.
 */
#ifndef GATEWAY_SERVE_VISIT_H
#define GATEWAY_SERVE_VISIT_H

#include "gateway/protect/protect.h"
#include "gateway/serve/worker.h"

struct visit_ops {
	void (*on_body)(struct visit *v, struct sc_span bytes); /* streamed bodies */
	void (*on_end)(struct visit *v, struct sc_span body);
	void (*on_writable)(struct visit *v);
	void (*on_leave)(struct visit *v); /* the client is gone: cancel what is under way */
};

struct visit {
	struct worker *worker;
	struct http_call *call; /* NULL once answered */
	struct generation *gen; /* held */
	const struct visit_ops *ops;
	/* who and why */
	const struct policy_principal *principal;
	struct policy_reason reason, ticket; /* "" when not given */
	struct asking reader;                /* record.asking, or its recipient's */
	/* where */
	const struct served_route *route; /* NULL for the API's own paths */
	struct http_origin *origin;       /* its upstream, as of this generation */
	/* what happened, for the record */
	struct audit_record record;
	struct audit_class classes[AUDIT_CLASSES_MAX];
	uint8_t subjects[AUDIT_HANDLES_MAX][AUDIT_HANDLE_BYTES];
	/* one body */
	const struct codec *codec; /* of the one under way, where rules ask; NULL: none reads it */
	uint8_t fit;               /* enum codec_fit */
	struct protect_job *job;
	struct sc_buf out;
	/* upstream */
	struct http_exchange *exchange;
	uint8_t withhold; /* enum protect_outcome: why its answer's body will not pass */
	bool paused;      /* the exchange waits for the client */
	bool answered;    /* a streamed answer has begun */
	/* what API handlers keep */
	struct keyc_call key_call;
	struct durable_wait wait;
	void *state;        /* the handler's own, freed by its on_leave/finish */
	struct visit *next; /* in the worker's spare list */
};

#define VISIT_OUT_MAX (256u << 20)

/* A visit for CALL, from the spare list when there is one. NULL: no memory. */
struct visit *visit_begin(struct worker *w, struct http_call *call);
/* Write the record, give everything back. The visit is gone afterwards. */
void visit_end(struct visit *v);

/*
 * Find out who asks and why: credential (Scrim-Key, Authorization: Bearer or
 * client certificate), Scrim-Purpose (or FALLBACK, a purpose id; -1: required),
 * Scrim-Reason, Scrim-Ticket. False when the visit was refused and answered.
 */
bool visit_identify(struct visit *v, int fallback_purpose);

/* What the visit asks for: OP is what the reader does, for a share the route's recipient. */
void visit_ask(struct visit *v, uint8_t op);

/*
 * Answer with a problem and end the visit. NAME, DETAIL: literals or a parser's
 * diagnosis that quotes nothing. OFFSET: byte of the body, or SIZE_MAX.
 */
void visit_refuse(struct visit *v, unsigned status, const char *name, const char *detail,
    size_t offset);

/*
 * Append the problem document of V's request to OUT, without answering: NAME,
 * DETAIL and OFFSET as above. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err visit_problem(const struct visit *v, unsigned status, const char *name,
    const char *detail, size_t offset, struct sc_buf *out);

/* The name of the problem that belongs to an outcome. */
const char *visit_outcome_name(enum protect_outcome outcome);
/* Answer with the problem that belongs to a document's outcome (not PROTECT_DONE). */
void visit_refuse_outcome(struct visit *v, const struct protect_result *r);
/* The same for a whole call to keyd that failed. */
void visit_refuse_keys(struct visit *v, enum sc_err err);

/* Answer with a JSON (or other) body and end the visit. */
void visit_answer(struct visit *v, unsigned status, const char *type, struct sc_span body);

/* Add what a document's protection did to the visit's record and the counters. */
void visit_note_result(struct visit *v, const struct protect_result *r);

/*
 * Put the visit's record as it stands, an intent, into the log now, and call
 * ON_DURABLE on this thread when it is on disk (ok) or the log has failed.
 * Fails like trail_append(); ON_DURABLE is then not called.
 */
SC_CHECKED enum sc_err visit_record_intent(struct visit *v,
    void (*on_durable)(struct durable_wait *w, bool ok));

/* True when requests may be taken: the access log can be written, and is the one keyd knows. */
bool visit_log_ready(struct visit *v);

#endif
