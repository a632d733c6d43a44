/*
 * plan.h - what is to happen to one document, decided before anything happens.
 *
 * The scan of a body gives spans of declared fields; the plan turns them into
 * edits: seal this range, open that token, write this text instead. Everything
 * that needs no key is decided here, so a document that may not pass is
 * refused before keyd is asked.
 */
#ifndef GATEWAY_PROTECT_PLAN_H
#define GATEWAY_PROTECT_PLAN_H

#include "base/buf.h"
#include "base/diag.h"
#include "gateway/codec/json.h"
#include "gateway/codec/text.h"
#include "gateway/protect/rules.h"
#include "policy/decide/decide.h"
#include "policy/detect/detect.h"

/* Which way the document travels. */
enum plan_way {
	PLAN_STORE,   /* towards storage: values are sealed */
	PLAN_READ,    /* towards a reader: tokens are opened as policy says */
	PLAN_RESTORE, /* a bulk restore: every token, declared or not, under `export` */
};

enum plan_op { PLAN_SEAL, PLAN_OPEN, PLAN_TEXT };

struct plan_edit {
	uint32_t start, end; /* raw bytes of the document that are replaced */
	uint32_t value;      /* offset of the value (or new text) ... */
	uint32_t value_n;    /* ... and its length */
	uint8_t op;          /* enum plan_op */
	uint8_t class_id;    /* declared or detected; of the token when opening */
	uint8_t flags;       /* PLAN_* below */
	uint8_t token_flags; /* TOKEN_* wanted when sealing */
};

#define PLAN_SCRATCH 0x01 /* the value lies in plan->scratch, not in the document */
#define PLAN_QUOTED 0x02  /* the range lies inside a string's quotes */
#define PLAN_WHOLE 0x04   /* the range is the whole string: its quotes may go too */

struct plan {
	struct plan_edit *v;
	size_t n, cap;
	struct sc_buf scratch;               /* unescaped values and local replacements */
	struct sc_span subject;              /* whose document it is; empty when unknown */
	struct sc_buf subject_text;          /* its storage when it had escapes */
	const struct config_rule *unmatched; /* the first rule whose path could not go on */
	uint32_t unmatched_at;               /* what stood in its way */
	/* working storage, kept between documents */
	struct json_spans spans;
	struct detect_hits hits;
	struct sc_buf text;  /* one decoded text */
	struct sc_buf token; /* one token's bytes */
	struct json_text_map map;
	/* what the plan holds, for the record */
	uint32_t masked, dropped;
};

enum plan_refusal {
	PLAN_ACCEPTED = 0,
	PLAN_MALFORMED, /* not strict JSON; diag->offset */
	PLAN_FORBIDDEN, /* policy does not let this caller write the class */
	PLAN_UNFIT,     /* a value that its rule refuses (a number, too long) */
	PLAN_UNMATCHED, /* another shape where a rule's path goes on */
};

/* Who writes and who reads; policy answers for both. */
struct plan_parties {
	const struct policy *policy;
	const struct asking *writer, *reader;
};

void plan_init(struct plan *p);
void plan_fini(struct plan *p);

/*
 * Make P the plan for DOC (>= 64 zero bytes must follow it). P borrows DOC.
 * "No" is in *REFUSAL, with why and where in DIAG (never a value).
 * Fails with SC_NOMEM, SC_LIMIT; P then holds nothing.
 */
SC_CHECKED enum sc_err plan_make(struct plan *p, const struct protect_rules *rules,
    enum plan_way way, const struct plan_parties *who, struct sc_span doc,
    enum plan_refusal *refusal, struct sc_diag *diag);

/* The bytes an edit is about. */
struct sc_span plan_value(const struct plan *p, struct sc_span doc, const struct plan_edit *e);

#endif
