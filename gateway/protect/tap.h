/*
 * tap.h - what passed, already protected, for those who only listen: a copy in
 * a bounded spool, which one thread hands to a row of listeners.
 *
 * Nobody who listens can slow an order or fail one: what finds no room in the
 * spool is dropped and counted, and the thread is the listeners' own. The worker copies what
 * passed and no more; the fields that rules collect are looked for by the thread.
 *
 * Of a field whose rule says "tag" the listeners get a keyed hash of the value that stood there
 * before it was protected: they can tell equal ones, and not what they are.
 */
#ifndef GATEWAY_PROTECT_TAP_H
#define GATEWAY_PROTECT_TAP_H

#include "base/err.h"
#include "base/name.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define TAP_FIELDS_MAX 256                /* of one body; more are not told */
#define TAP_SPOOL_BYTES ((size_t)4 << 20) /* waiting at most */
#define TAP_KEY_BYTES 16
#define TAP_TAG_BYTES 8

/* Kinds of fields, beside enum codec_kind's. */
#define TAP_TAG 0x80    /* its text is the TAP_TAG_BYTES of its tag */
#define TAP_SEALED 0x81 /* what stands where a rule seals, of a route whose changes are told */
#define TAP_ORDER 0x82  /* the order's reference, of such a route */

/* A field that a rule collects, as it stood in the document, or one of the above. */
struct tap_field {
	struct sc_span at;   /* the rule's JSONPath */
	struct sc_span text; /* decoded; a number or literal as it was written */
	uint8_t kind;        /* enum codec_kind, or TAP_... */
	uint8_t class_id;    /* the rule's */
	uint32_t record;     /* of which record of the body; from 0 */
};

/* One body that passed. Borrowed from the spool during the call. */
struct tap_body {
	struct sc_name principal, route; /* "" when there is none */
	uint64_t request_id, at_ms;
	uint8_t way;             /* enum plan_way */
	struct sc_span document; /* as it was passed on; of a listener who wants it */
	const struct tap_field *fields;
	uint32_t n_fields;
};

struct tap_listener {
	const char *name;
	bool documents; /* wants them; otherwise it hears of bodies that something is told of */
	void (*take)(void *arg, const struct tap_body *b); /* on the tap's thread */
	void *arg;
};

struct tap;
struct protect_job;

/*
 * Start a tap of N listeners (borrowed for its life) that spools up to MAX
 * bytes. *OUT is the caller's, to tap_free(). Fails with SC_NOMEM.
 */
SC_CHECKED enum sc_err tap_new(const struct tap_listener *listeners, size_t n, size_t max,
    struct tap **out);
/* Hand out what waits, and end. NULL is fine. */
void tap_free(struct tap *t);

/*
 * The key of tags from now on, from any thread; before the first there are none.
 * Tags under two keys have nothing in common.
 */
void tap_set_key(struct tap *t, const uint8_t key[static TAP_KEY_BYTES]);

/* For protect.c: who makes tags. */
struct tag_key;
const struct tag_key *tap_tag_key(const struct tap *t);
/*
 * Offer the body that JOB is done with, from any thread; its result says when
 * there was no room. For protect.c.
 */
void protect_tap(struct protect_job *job);

#endif
