/*
 * subject_call.h - what requests about subjects begin and end with: erasing one, merging two.
 * Private to gateway/api.
 */
#ifndef GATEWAY_API_SUBJECT_CALL_H
#define GATEWAY_API_SUBJECT_CALL_H

#include "gateway/serve/served.h"

#define SUBJECT_BODY_MAX 4096 /* 512 bytes, each of them escaped */

/* One of protect.h's: may they? *WHY not. */
typedef bool subject_may_fn(const struct policy *policy, const struct asking *a, const char **why);

/* Who asks, and MAY they do OP? RQ's record has its kind. False when it was refused and answered. */
bool subject_call_begin(struct served_request *rq, uint8_t op, subject_may_fn *may);
/* The subject of the path, ID as it stands there, into rq->out; false when refused and answered. */
bool subject_call_path(struct served_request *rq, struct sc_span id);
/* The subject that BODY names as MEMBER, and nothing else, into OUT; false as above. */
bool subject_call_body(struct served_request *rq, const char *member, struct sc_span body,
    struct sc_buf *out);

/* keyd's REPLY into RQ's record, what it says into STATUS; false as above. */
bool subject_call_reply(struct served_request *rq, const struct keyc_reply *reply,
    enum wire_status *status);
/* It was DONE, or there was nobody (WIRE_GONE): the answer. */
void subject_call_answer(struct served_request *rq, const struct keyc_reply *reply,
    enum wire_status status, const char *done);

#endif
