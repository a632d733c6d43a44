/*
 * visit.h - one webhook from its head to its answer, for the hooks of this folder.
 *
 *	head ---> path, vendor, kind of body			gateway/api/twiml.c
 *	body ---> fields, signature, account, patterns		the same
 *	hook ---> voice.c: calls  message.c: texts  optout.c: who wants none
 *		  event.c: what became of calls
 *
 * A hook answers once, at once or later, by twiml_answer(), twiml_heard() or
 * one of the served_refuse...(); the visit is gone then.
 */
#ifndef GATEWAY_TWIML_VISIT_H
#define GATEWAY_TWIML_VISIT_H

#include "gateway/phone/attempt.h"
#include "gateway/twiml/token.h"
#include "gateway/twiml/vendor.h"

struct twiml_visit;

/* A write under way for a visit, which it outlives when the vendor leaves. */
struct twiml_write {
	struct twiml_visit *visit; /* NULL: it has left */
};

struct twiml_visit {
	struct served_request *rq;
	struct phone_service *phone;
	const struct phone_vendor *vendor; /* of the request's generation */
	const struct twiml_vendor *row;
	struct twiml_path path;
	struct sc_arena arena;
	struct web_form form;
	struct twiml_read read;
	uint32_t line;      /* what was called: an X of this vendor, once a hook has found it */
	struct sc_buf out;  /* the answer */
	struct sc_buf text; /* what a message may tell */
	struct phone_call known;
	struct phone_attempt *attempt;
	struct twiml_write *write; /* NULL: none */
};

/* ---- hooks: the request is the vendor's, its path its call's, its fields are read ---------------------- */

void twiml_on_voice(struct twiml_visit *v);
void twiml_on_step(struct twiml_visit *v);
void twiml_on_dial(struct twiml_visit *v);
void twiml_on_status(struct twiml_visit *v);
void twiml_on_message(struct twiml_visit *v);
void twiml_on_message_sent(struct twiml_visit *v);
/* A word that stops texts (OUT) or begins them again, from the sender; answered with nothing to be sent. */
void twiml_on_optout(struct twiml_visit *v, bool out);

/* ---- answers ---------------------------------------------------------------------------- */

/* Answer with A, and end the request. Its record's outcome is set. */
void twiml_answer(struct twiml_visit *v, const struct twiml_answer *a);
/* The same with a document that asks for nothing. */
void twiml_nothing(struct twiml_visit *v);
/*
 * Is A's call or message known, by the same step, with other fields than V's? One
 * signature was cut in two ways, the first of them before a restart or long ago. Then it
 * was answered, as a forgery is, and told.
 */
bool twiml_bent(struct twiml_visit *v, const struct phone_attempt *a);
/* 204: heard, and there is nothing to do. */
void twiml_heard(struct twiml_visit *v);

/* ---- what hooks share -------------------------------------------------------------------- */

/* Find the line that the call or message is to; false when it is none of this vendor's. */
bool twiml_find_line(struct twiml_visit *v);
/* Its pool. */
const struct phone_pool *twiml_pool(const struct twiml_visit *v);
/* The key of the call or message SID, and of what was read of this one. */
void twiml_key(const struct twiml_visit *v, struct sc_span sid, uint8_t out[static CALL_KEY_BYTES]);
void twiml_digest(const struct twiml_visit *v, uint8_t out[static CALL_DIGEST_BYTES]);

#endif
