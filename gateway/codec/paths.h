/*
 * paths.h - JSONPath selectors compiled into one automaton over object keys
 * and array indices.
 *
 * The subset of RFC 9535 that needs no array's length and no function:
 *
 *	$                  the root
 *	.name  ['name']  ["name"]   a member (bracket names with §2.3.1.1 escapes)
 *	[7]                an element, 0 to 2^53-1
 *	[1:3]  [2:]  [:2]  [:]      elements from the first on, up to and without the second
 *	.*  [*]            every child
 *	['a','b',0,*]      any of these
 *	[?@.name=='phone'] every child that has this member, a text or a number
 *	..name  ..*  ..[...]        the same at any depth below
 *
 * Names are found in letters of either case (keys.h), so two selectors that differ in case
 * alone are about the same places, and the first of them has those.
 *
 * A path has one filter at most, which stands alone in its bracket and compares
 * one member of the child with ==. Functions, negative indices and steps are refused
 * with the column at which they stand. Who uses a filter has documents in which
 * it holds scanned twice; nobody else pays.
 *
 * In a document without arrays (XML) a bracket that takes elements, [*], [7] or [1:3], is that of
 * the step before it, however often that stands there: $.Order[*].Phone is $.Order.Phone.
 *
 * A selector applies to the whole of what it selects: when that is an object
 * or an array, to every scalar beneath it. So `$` means every scalar, and a
 * selector never silently matches nothing because the upstream sent an object
 * where a string was expected.
 *
 * The reverse, a scalar or an array where the path goes on to a member (or an
 * object where it goes on to an element), is told for strict selectors: every
 * scalar at or beneath such a place is a span that went astray, unless another
 * strict path goes on there or has taken the place as a whole. A member that is
 * missing is no such place, and behind `..` nothing is expected.
 */
#ifndef GATEWAY_CODEC_PATHS_H
#define GATEWAY_CODEC_PATHS_H

#include "base/diag.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define CODEC_STATES_MAX 4096 /* states of one automaton */
#define CODEC_SELECTORS_MAX 1024
#define CODEC_SELECTOR_BYTES_MAX 4096
#define CODEC_SEGMENTS_MAX 64 /* segments of one selector */

/* What a selector is like. */
#define CODEC_STRICT 0x01   /* tell what went astray of it */
#define CODEC_PARTIAL 0x02  /* does not settle what it selects by way of `..` */
#define CODEC_POINT 0x04    /* takes a scalar at its very place, beside what else does ... */
#define CODEC_POINTS_MAX 31 /* ... and has a number below this, which no other point has */
#define CODEC_EACH 0x08     /* a point at the last [*] of its text, told where an element begins */
#define CODEC_INSIDE 0x20   /* a point, of CODEC_POINT_INSIDE: a text there is JSON (inside.h) */
#define CODEC_EXCEPT 0x10   /* at and beneath it those of this action, no points, do not apply */

#define CODEC_POINT_INSIDE CODEC_POINTS_MAX /* the number that all of these have */

struct codec_selector {
	const char *text; /* UTF-8, NUL-ended; needed only during the call */
	uint16_t action;  /* the caller's number, below CODEC_FINDING; of a point, see there */
	uint16_t rank;    /* where several match, the highest wins, then the first */
	uint8_t how;      /* CODEC_* above */
};

/*
 * What is to be known of a span. Mostly one selector took it, and codec_field has
 * that one's action; else it has CODEC_FINDING, and codec_paths_finding() tells.
 */
#define CODEC_FINDING 0x8000
#define CODEC_NONE 0xFFFF /* no selector */

struct codec_finding {
	uint16_t action; /* of the selector that took it */
	uint16_t astray; /* of the first selector that cannot go on there */
	uint32_t points; /* 1 << action of each CODEC_POINT selector whose place it is */
};

struct codec_paths; /* immutable: any number of threads may share one */

/*
 * Compile SEL[0..N-1]. N may be 0: nothing matches.
 * On SC_OK *OUT is the caller's, to release with codec_paths_free().
 * Fails with SC_SYNTAX (a selector is malformed or outside the subset: D names
 * it, D->column is the 1-based byte in it), SC_LIMIT (too long, too many, or
 * more than CODEC_STATES_MAX states: D names the selector that broke it),
 * SC_NOMEM. *OUT is then NULL. D may be NULL.
 */
SC_CHECKED enum sc_err codec_paths_new(const struct codec_selector *sel, size_t n,
    struct sc_diag *d, struct codec_paths **out);
void codec_paths_free(struct codec_paths *p); /* NULL is fine */

/* What ACTION, of a span that P gave and with CODEC_FINDING, stands for. */
struct codec_finding codec_paths_finding(const struct codec_paths *p, uint16_t action);

/* How large the automaton became; for config check. */
size_t codec_paths_states(const struct codec_paths *p);

#endif
