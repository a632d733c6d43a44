/*
 * told.h - what those who listen are told of one side of a route: the fields
 * that its rules collect. Private to protect/.
 *
 * It has copies of all it needs, and several owners: bodies that wait in the tap's spool
 * outlive the configuration by which they passed.
 */
#ifndef GATEWAY_PROTECT_TOLD_H
#define GATEWAY_PROTECT_TOLD_H

#include "base/buf.h"
#include "gateway/codec/codec.h"
#include "gateway/protect/form.h"
#include "gateway/protect/tap.h"

struct told;

/*
 * Of the N RULES, whose N_SEL selectors SEL are, with room for one more; *OUT is the caller's, to
 * told_release(), and NULL when nothing is told. ORDER, a selector: what stands there and where
 * rules seal is told, too. NULL: it is not. Fails like codec_paths_new().
 */
SC_CHECKED enum sc_err told_new(const struct field_rule *rules, size_t n,
    struct codec_selector *sel, size_t n_sel, const char *order, struct sc_diag *diag,
    struct told **out);
/* One owner more, one less; NULL is fine. */
void told_keep(struct told *t);
void told_release(struct told *t);

/* The JSONPath of rule I. */
struct sc_span told_at(const struct told *t, uint16_t i);

/* What the thread keeps between bodies. */
struct told_search {
	struct codec_fields fields;
	struct sc_buf text;
};

/*
 * The fields of BODY (CODEC_PAD readable bytes behind it, the first of them 0) that are collected,
 * at most MAX, into OUT, which borrows of BODY, T and S. Returns how many.
 */
size_t told_fields(const struct told *t, const struct codec *c, struct sc_span body,
    struct told_search *s, struct tap_field *out, size_t max);

#endif
