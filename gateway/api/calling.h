/*
 * calling.h - who calls or writes to which X: what /v1/route and /v1/sms share.
 */
#ifndef GATEWAY_API_CALLING_H
#define GATEWAY_API_CALLING_H

#include "base/text/jsonw.h"
#include "base/text/shape.h"
#include "gateway/phone/attempt.h"

/* As it was said. */
struct calling_said {
	const char *x, *ext, *caller, *id;
	uint8_t kind; /* /v1/route: enum calling_kind */
	const char *body;
	bool confirm;
};
enum calling_kind { CALLING_INVITE, CALLING_MESSAGE };

struct calling_opting;

/* The state of a request of either. */
struct calling {
	struct sc_arena arena; /* wipes: the body's tree */
	struct calling_said said;
	uint32_t line; /* PHONE_NO_LINE: none of ours */
	uint32_t ext;  /* PHONE_NO_EXT: none was said */
	uint8_t ext_digits;
	char caller[PHONE_E164_MAX + 1]; /* "": withheld */
	struct phone_attempt *attempt;
	struct calling_opting *opting; /* a STOP or START that is not durable yet */
	struct sc_buf text;            /* a message as it is let through */
	bool hides;                    /* ... with digits hidden */
	uint8_t word;                  /* enum phone_text_word */
};

/*
 * Take a telephony peer's request and its state; OPS are what follows. False
 * when it was refused and answered.
 */
bool calling_begin(struct served_request *rq, const struct served_ops *ops, size_t body_max);
/* Read BODY as SHAPE says. False when it was refused and answered. */
bool calling_read(struct served_request *rq, struct sc_span body, const struct shape *shape);
/* Begin the attempt of IN, but for what C says. False when it was refused and answered. */
bool calling_attempt(struct served_request *rq, struct phone_attempt_in *in);
/* The pool of C's line; NULL: it has none. */
const struct phone_pool *calling_pool(const struct served_request *rq);
/* Who is writing wants no more texts from X (OUT), or wants them again: DONE when that is durable. */
bool calling_opt(struct served_request *rq, bool out,
    void (*done)(struct served_request *rq, bool out, enum sc_err err));
/* Wipe and free it. */
void calling_leave(struct served_request *rq);

/* const char *: any text of at most MAX bytes, or none; rows of both shapes. */
shape_reader calling_take_text;
/* The same, and no control character in it. */
shape_reader calling_take_id;

#endif
