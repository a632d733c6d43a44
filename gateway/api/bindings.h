/*
 * bindings.h - what the endpoints of virtual numbers share: what was said of a
 * binding, what is answered, and a write that may outlive its request.
 */
#ifndef GATEWAY_API_BINDINGS_H
#define GATEWAY_API_BINDINGS_H

#include "base/text/jsonw.h"
#include "base/text/shape.h"
#include "gateway/api/numbers.h"
#include "gateway/phone/service.h"

/* ---- what may become of a binding that was asked for -------------------------------- */

enum binding_status {
	BINDING_BOUND,
	BINDING_SAME,
	BINDING_CHANGED,
	BINDING_ENDED, /* it was to end, and has */
	/* refused */
	BINDING_BAD_ITEM,
	BINDING_POOL_UNKNOWN,
	BINDING_NUMBER_INVALID,
	BINDING_DENIED,
	BINDING_TTL,
	BINDING_PAIR_CONFLICT,
	BINDING_EXT_TAKEN,
	BINDING_EXHAUSTED,
	BINDING_KEY_REUSED,
	BINDING_UNKNOWN,
	BINDING_OVER, /* it is live no more */
	BINDING_VERSION,
	BINDING_STATUS_COUNT
};
struct binding_status_row {
	const char *name;    /* of an item */
	unsigned http;       /* of a request about one */
	const char *problem; /* its name; NULL: it is none */
	const char *detail;
};
extern const struct binding_status_row binding_statuses[BINDING_STATUS_COUNT];

/* ---- what was said of one ------------------------------------------------------------- */

/* As it was sent; NULL, 0 or empty where it was not. */
struct binding_said {
	struct sc_name pool, region;
	const char *order_ref, *a, *b, *x, *ext, *expires_at, *key;
	const struct doc_node *subject;
	uint64_t ttl_s;
	uint32_t version;
	uint8_t directions, channels; /* PHONE_TO_A ..., PHONE_VOICE ... */
};
/* What may change of one that is there. */
extern const struct shape binding_patch_shape;

struct binding_item {
	struct binding_said said;
	struct sc_span subject;
	bool guest; /* nobody said it: it is the order's */
	enum binding_status status;
	const char *why; /* of a bad item, in the arena */
	uint16_t pool;
	uint32_t line, ext;
	uint64_t expires_at, ttl_s; /* as struct phone_want has them */
	struct api_number *a, *b;   /* NULL: not said */
	struct phone_want *want;    /* NULL: refused before */
};

/*
 * What NODE asks for into IT, by the pools of S: BAD_ITEM, or what else is wrong, in it->status,
 * which is else BOUND. C's arena keeps what is needed.
 */
void binding_take(struct shape_ctx *c, const struct phone_service *s, const struct doc_node *node,
    struct binding_item *it);
/* Whose numbers they are, in C's arena; c->err when there is no memory. */
struct sc_span binding_take_subject(struct shape_ctx *c, const struct binding_said *said);
/* The end of a binding of POOL that was said so; false: out of range. */
bool binding_take_end(const struct phone_service *s, const struct phone_pool *pool,
    const struct binding_said *said, uint64_t *expires_at, uint64_t *ttl_s);

/* ---- what is answered ------------------------------------------------------------------ */

/* Members of a binding as it is now: id, pool, state, x, ext, display, expires_at, version. */
void binding_print(struct jsonw *w, const struct phone_settings *set, const struct phone_binding *b,
    struct sc_span masked);
void binding_print_time(struct jsonw *w, const char *key, uint64_t at); /* RFC 3339, UTC */
/* Refuse RQ, which was about one binding, by STATUS. Always false. */
bool binding_refuse(struct served_request *rq, enum binding_status status, const char *why);
/* A write of RQ's failed, ERR says how. Always false. */
bool binding_refuse_store(struct served_request *rq, enum sc_err err);
/* A body that is no JSON, or too much of it: ERR and D are doc_load_sent()'s. Always false. */
bool binding_refuse_body(struct served_request *rq, enum sc_err err, const struct sc_diag *d);
/* RQ's record is about the binding ID, which is one of ours: nobody else's bytes get into a record. */
void binding_note(struct served_request *rq, const uint8_t id[static PHONE_ID_BYTES]);
/* "record" and "request_id", which close an answer. */
void binding_print_request(struct jsonw *w, const struct served_request *rq);
/* The status of what the service said of a change or an end. */
enum binding_status binding_status_of(enum phone_changed got);

/* ---- a request ---------------------------------------------------------------------------- */

/*
 * Who asks, and may they bind? False when the request was refused and answered.
 * ACT (a literal) and KIND are for the record. It has then asked to write.
 */
bool binding_begin(struct served_request *rq, enum audit_kind kind, const char *act);
/* The id that RQ's path ends in; false when it is none, which was answered. */
bool binding_path_id(struct served_request *rq, uint8_t id[static PHONE_ID_BYTES]);
/* The version in If-Match, 0 without it; false when it is none, which was answered. */
bool binding_if_match(struct served_request *rq, uint32_t *version);
/* The order_ref of RQ's query, decoded into OUT; false when it is none, which was answered. */
bool binding_query_order(struct served_request *rq, struct sc_buf *out);
/* The Idempotency-Key, in ARENA; empty without it. False when it is none, which was answered. */
bool binding_key(struct served_request *rq, struct sc_arena *arena, struct sc_span *key);

/*
 * Something of a request's that writes: the first member of its state, which
 * lives until the write is over even when the request has ended.
 */
struct binding_task {
	struct served_request *rq; /* NULL: it has ended */
	struct phone_write write;
	bool writing;
	void (*on_written)(struct binding_task *t, enum sc_err err); /* RQ is there */
	void (*release)(struct binding_task *t);
};
/* T is RQ's state from now on, and OPS, whose on_leave is binding_task_leave(), its handler. */
void binding_task_begin(struct binding_task *t, struct served_request *rq,
    const struct served_ops *ops);
/* Before phone_bind() and the like; when that fails, binding_task_failed(), which refuses. */
struct phone_write *binding_task_write(struct binding_task *t);
void binding_task_failed(struct binding_task *t, enum sc_err err);
void binding_task_leave(struct served_request *rq);

#endif
