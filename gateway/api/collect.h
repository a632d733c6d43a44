/*
 * collect.h - events for analysis: what the files gateway/api/collect*.c share.
 *
 *	collect.c         a body of events, from its head to its answer
 *	collect_who.c     whose key it came with, and from which page
 *	collect_answer.c  what a page, a back end, an SDK is told
 *	collect_script.c  collect.js, and what a library or a browser asks before it sends
 *	collect_ask.c     an operator's questions
 *	collect_erase.c   a person who is erased; as whom keyd is asked
 */
#ifndef GATEWAY_API_COLLECT_H
#define GATEWAY_API_COLLECT_H

#include "gateway/collect/service.h"
#include "gateway/serve/served.h"

/* Who sends. */
struct collect_sender {
	const struct collect_site *site; /* NULL: not known yet */
	uint16_t shop;
	bool vouched;          /* a back end */
	struct sc_span origin; /* of a page that the site lists: may read the answer; empty: none */
};

/* ---- collect_who.c ---- */

/*
 * Who sends, by the head alone; OUT->site stays NULL where no credential stands there
 * (the body may have one). False when the request was refused and answered.
 */
bool collect_who(struct served_request *rq, struct collect_sender *out);
/* The same by a write key that stood in the body. */
bool collect_who_by(struct served_request *rq, struct sc_span write_key,
    struct collect_sender *out);
/* Does any site list ORIGIN? */
bool collect_origin_known(const struct collect_settings *s, struct sc_span origin);

/* ---- collect_answer.c ---- */

/*
 * Answer, readable for the page at ORIGIN (empty: for none), and end the request.
 * RETRY: seconds, or NULL. Pages' answers are no records one by one
 * (gateway/collect/pages.c counts them).
 */
void collect_answer(struct served_request *rq, unsigned status, const char *type,
    struct sc_span body, struct sc_span origin, const char *retry);
/*
 * The fields by which a page at ORIGIN may read an answer, behind the N of F: 2 at
 * most. How many there are then.
 */
size_t collect_put_origin(struct http_field *f, size_t n, struct sc_span origin);
/* A problem instead. Always false. */
bool collect_refuse(struct served_request *rq, unsigned status, const char *name,
    const char *detail, struct sc_span origin);

/* ---- collect_erase.c ---- */

/*
 * As whom keyd is asked for whose an identifier of RQ's is: as collecting does, since most who
 * ask have no right to a pseudonym, and none is shown to them.
 */
struct asking collect_asking(const struct served_request *rq);
/* Who it is, as the registry and analytics know them; false: keyd did not say. */
bool collect_take_handle(const struct keyc_reply *reply, struct collect_handle *out);

/*
 * Forget what SUBJECT (borrowed until then) said and did; THEN goes on, or RQ was
 * refused and answered.
 */
void collect_forget(struct served_request *rq, struct sc_span subject,
    void (*then)(struct served_request *rq));

#endif
