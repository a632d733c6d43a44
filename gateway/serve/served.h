/*
 * served.h - one request from its head to its record: who asks, for what, and
 * what the handler of its path keeps meanwhile.
 *
 * A request is made when a head arrives and ends with exactly one answer (or a
 * client that left) and exactly one record. Handlers are rows in a table
 * (dispatch.c); each fills in the callbacks it needs.
 */
#ifndef GATEWAY_SERVE_SERVED_H
#define GATEWAY_SERVE_SERVED_H

#include "gateway/protect/protect.h"
#include "gateway/serve/worker.h"

struct served_ops {
	void (*on_body)(struct served_request *rq, struct sc_span bytes); /* streamed bodies */
	void (*on_end)(struct served_request *rq, struct sc_span body);
	void (*on_writable)(struct served_request *rq);
	/* it is over, answered or not: cancel what is under way and free the state */
	void (*on_leave)(struct served_request *rq);
};

struct beside;

struct served_request {
	struct worker *worker;
	struct http_call *call; /* NULL once answered */
	struct generation *gen; /* held */
	const struct served_ops *ops;
	/* who and why */
	const struct policy_principal *principal;
	struct policy_reason reason, ticket; /* "" when not given */
	struct asking_proof proof;           /* of an API key, whose text is kept for no longer: */
	uint8_t key[ASKING_KEY_MAX];
	struct asking reader; /* record.asking, or its recipient's */
	bool named;           /* reason or ticket may name whom it was about: not for the record */
	/* where */
	const struct served_route *route; /* NULL for the API's own paths */
	struct http_origin *origin;       /* its upstream, as of this generation */
	/* what happened, for the record */
	struct audit_record record;
	struct audit_class classes[AUDIT_CLASSES_MAX];
	uint8_t subjects[AUDIT_HANDLES_MAX][AUDIT_HANDLE_BYTES];
	uint8_t binding[AUDIT_BINDING_BYTES];
	/* one body */
	const struct codec *codec; /* of the one under way, where rules ask; NULL: none reads it */
	uint8_t fit;               /* enum codec_fit */
	struct protect_job *job;
	struct beside *beside;  /* its query and fields, where they were looked at; NULL: not ... */
	struct sc_span leaving; /* ... and the body that waits for them */
	struct sc_buf unpacked; /* of one that came packed */
	struct sc_buf out;
	struct lent *lent; /* what a recipient was shown; NULL: there is none */
	/* whose its documents are, where the path, the query or a field says it */
	struct subject_found given[SUBJECT_PLACES_MAX];
	struct sc_buf whose; /* what GIVEN borrows; wiped with the request */
	/* upstream */
	struct http_exchange *exchange;
	uint8_t withhold; /* enum protect_outcome: why its answer's body will not pass */
	bool paused;      /* the exchange waits for the client */
	bool answered;    /* a streamed answer has begun */
	/* what API handlers keep */
	struct keyc_call key_call;
	struct durable_wait wait;
	void *state;                 /* the handler's own, freed by its on_leave */
	struct served_request *next; /* in the worker's spare list */
};

#define VISIT_OUT_MAX (256u << 20)
#define WHOSE_MAX (1u << 20)

/* A request for CALL, from the spare list when there is one. NULL: no memory. */
struct served_request *served_begin(struct worker *w, struct http_call *call);
/* Write the record, give everything back. The request is gone afterwards. */
void served_end(struct served_request *rq);

/*
 * Find out who asks and why: credential (the socket it came by, Scrim-Key,
 * Authorization: Bearer or client certificate), Scrim-Purpose (or FALLBACK, a
 * purpose id; -1: required), Scrim-Reason, Scrim-Ticket. False when the request
 * was refused and answered.
 */
bool served_identify(struct served_request *rq, int fallback_purpose);
/* The same by KEY, an API key that stood elsewhere; empty: as above. */
bool served_identify_by(struct served_request *rq, struct sc_span key, int fallback_purpose);

/*
 * The same of a vendor, who was recognised by its signature: NAME, as which it
 * asks under ROLE for PURPOSE, lives as long as RQ's generation. NULL: the signature
 * is nobody's, which is counted and will be recorded as a denial.
 */
void served_identify_signed(struct served_request *rq, const struct sc_name *name, uint8_t role,
    uint8_t purpose);

/* What the request asks for: OP is what the reader does, for a share the route's recipient. */
void served_ask(struct served_request *rq, uint8_t op);
/* What came back is read by the caller, whoever the request was for; the record goes on telling that. */
void served_ask_back(struct served_request *rq);

/*
 * Answer with a problem and end the request. Always false. NAME, DETAIL:
 * literals or a parser's diagnosis that quotes nothing. OFFSET: byte of the
 * body, or SIZE_MAX.
 */
bool served_refuse(struct served_request *rq, unsigned status, const char *name,
    const char *detail);
/* The same for a method that nobody here knows (501), or that the path does not take (405): it
 * takes those of ALLOW. */
bool served_refuse_method(struct served_request *rq, const struct http_allow *allow);
bool served_refuse_at(struct served_request *rq, unsigned status, const char *name,
    const char *detail, size_t offset);
/* The same for want of memory. */
bool served_refuse_busy(struct served_request *rq);

/*
 * Append the problem document of RQ's request to OUT, without answering: NAME,
 * DETAIL and OFFSET as above. Fails like sc_buf_put().
 */
SC_CHECKED enum sc_err served_problem(const struct served_request *rq, unsigned status,
    const char *name, const char *detail, size_t offset, struct sc_buf *out);

/* The name of the problem that belongs to an outcome. */
const char *served_outcome_name(enum protect_outcome outcome);
/* Answer with the problem that belongs to a document's outcome (not PROTECT_DONE). */
void served_refuse_outcome(struct served_request *rq, const struct protect_result *r);
/* The same for a whole call to keyd that failed. */
void served_refuse_keys(struct served_request *rq, enum sc_err err);

/* Answer with a JSON (or other) body and end the request. */
void served_answer(struct served_request *rq, unsigned status, const char *type,
    struct sc_span body);

/* Add what a document's protection did to the request's record and the counters. */
void served_note_result(struct served_request *rq, const struct protect_result *r);

/*
 * The same of R, which was observed: what was seen is told and counted, and the record says that
 * nothing was done. NULL: of a body that could not be read.
 */
void served_note_observed(struct served_request *rq, const struct protect_result *r);

/*
 * Put the request's record as it stands, an intent, into the log now, and call
 * ON_DURABLE on this thread when it is on disk (ok) or the log has failed.
 * Fails like access_log_append(); ON_DURABLE is then not called.
 */
SC_CHECKED enum sc_err served_record_intent(struct served_request *rq,
    void (*on_durable)(struct durable_wait *w, bool ok));

/* True when requests may be taken: the access log can be written, and is the one keyd knows. */
bool served_log_ready(struct served_request *rq);

#endif
