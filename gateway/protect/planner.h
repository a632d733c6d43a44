/*
 * planner.h - what the forms share while a plan is made. Private to protect/.
 */
#ifndef GATEWAY_PROTECT_PLANNER_H
#define GATEWAY_PROTECT_PLANNER_H

#include "crypto/token/token.h"
#include "gateway/protect/plan.h"

#define PLAN_SCRATCH_MAX (256u << 20)
#define PLAN_TEXT_MAX (64u << 20)

struct planner {
	struct plan *p;
	const struct plan_terms *t;
	struct sc_span doc;
	enum protect_outcome refusal;
	bool no_order;                       /* the order's place holds what names none */
	bool bound;                          /* something of it is bound to its order ... */
	size_t bound_at;                     /* ... at this offset, the first */
	uint16_t rule;                       /* whose field is being planned */
	uint32_t person;                     /* ... and who it names, as of an edit */
	uint32_t people[PROTECT_SCOPES_MAX]; /* who each scope has at the moment */
	uint32_t texts;                      /* edits with PLAN_WHOSE */
	bool within;                         /* a text that is JSON is being gone through */
	uint32_t of;                         /* the value of a batch that is being planned */
	uint8_t part_flags;                  /* KEYC_* and TOKEN_* of what a text's parts become */
	struct sc_span parsed;               /* the text that is one token ... */
	struct token_parts token;            /* ... and what it is made of; empty: none is known */
	const char *why;                     /* what policy said last; static text ... */
	uint8_t class_id;                    /* ... and of which class */
	struct sc_diag *diag;
};

/*
 * All below give SC_OK when the document is refused, with m->refusal set; other
 * codes are failures (no memory, a ceiling).
 */

/* Refuse the document. TEXT quotes nothing of it. */
SC_CHECKED enum sc_err plan_refuse(struct planner *m, enum protect_outcome why, size_t offset,
    const char *text);

/* An empty text and what holds nothing have nothing to protect. */
static inline bool plan_holds(const struct codec_field *f)
{
	return f->kind != CODEC_NULL && f->start != f->end;
}

/* An edit over the field F, its value untouched in the document. */
struct plan_edit plan_edit_over(const struct codec_field *f, const struct form *form,
    uint8_t class_id);
/* Add E, over F, with F's value, decoded where it must be. */
SC_CHECKED enum sc_err plan_add_value(struct planner *m, const struct codec_field *f,
    struct plan_edit e);
/* The same with VALUE, which is copied. */
SC_CHECKED enum sc_err plan_add_copy(struct planner *m, struct plan_edit e, struct sc_span value);
/* The whole field becomes null, because of ACTION (drop or deny). */
SC_CHECKED enum sc_err plan_add_null(struct planner *m, const struct codec_field *f,
    uint8_t class_id, enum policy_action action);
/* What E is over becomes the mask (or the generalised form) of VALUE. */
SC_CHECKED enum sc_err plan_add_masked(struct planner *m, struct plan_edit e,
    const struct policy_verdict *how, struct sc_span value);
/* KEYC_* flags of a token that is asked for: what its route does with foreign ones. */
uint8_t plan_foreign(const struct planner *m);
/* The field F becomes its own mask. */
SC_CHECKED enum sc_err plan_mask_field(struct planner *m, const struct codec_field *f,
    const struct policy_verdict *how, uint8_t class_id);
/* The tap is told the tag of field F, of rule RULE, if its value is one in clear. */
SC_CHECKED enum sc_err plan_add_tag(struct planner *m, const struct codec_field *f, uint16_t rule);
/* S was seen in the document: told, with what was seen of the same at the same place. */
void plan_see(struct plan *p, const struct undeclared_seen *s);
/* Something at OFFSET is bound to the document's order: without one it is refused. */
void plan_bind(struct planner *m, size_t offset);
/* What a token remembers of what a field of KIND held: TOKEN_STRING, TOKEN_NUMBER, TOKEN_LITERAL. */
uint8_t plan_token_kind(enum codec_kind kind);
/* The decoded value of a field; borrowed from the document or from plan->text. */
SC_CHECKED enum sc_err plan_decode(struct planner *m, const struct codec_field *f,
    struct sc_span *out);

/* token_parse() of TEXT into plan->token, once where that text was parsed just now. */
SC_CHECKED enum sc_err plan_parse(struct planner *m, struct sc_span text, struct token_parts *out);

/* What policy says WHO, the terms' writer or reader, may do with a value of the class. */
struct policy_verdict plan_decide(struct planner *m, const struct asking *who, uint8_t class_id,
    uint8_t tier);

/* A value in clear where a token was expected: what may the reader see of it? */
SC_CHECKED enum sc_err plan_clear(struct planner *m, const struct codec_field *f,
    const struct field_rule *r);
/*
 * One token, TEXT, at [START, END) of the document, all of field F or (PART) in
 * its text: open, leave or withhold it.
 */
SC_CHECKED enum sc_err plan_open(struct planner *m, const struct codec_field *f, uint32_t start,
    uint32_t end, struct sc_span text, bool part);
/*
 * Tokens and (DETECT) finds of one text, in the order they stand. Towards
 * storage, tokens stay and finds are sealed; towards a reader, policy says of both.
 */
SC_CHECKED enum sc_err plan_free_text(struct planner *m, const struct codec_field *f, bool detect);
/*
 * The same, where all that stands beside tokens is of CLASS_ID: a part of a value, which shows
 * nothing of itself to whom policy does not show the whole.
 */
SC_CHECKED enum sc_err plan_named_text(struct planner *m, const struct codec_field *f,
    uint8_t class_id);

/* Is C of a word, so that it may say something of somebody? */
static inline bool plan_in_word(uint8_t c)
{
	return c >= 0x80 || (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10;
}

#endif
