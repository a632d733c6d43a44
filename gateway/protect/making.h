/*
 * making.h - what the files of a plan share while one is made. Private to plan*.c.
 */
#ifndef GATEWAY_PROTECT_MAKING_H
#define GATEWAY_PROTECT_MAKING_H

#include "crypto/token/token.h"
#include "gateway/protect/plan.h"

#define PLAN_SCRATCH_MAX (256u << 20)
#define PLAN_TEXT_MAX (64u << 20)

/* What the functions below share while one plan is made. */
struct making {
	struct plan *p;
	const struct protect_rules *rules;
	const struct plan_parties *who;
	enum plan_way way;
	struct sc_span doc;
	enum plan_refusal refusal;
	bool nobody; /* the subject's place holds what names nobody */
	struct sc_diag *diag;
};

/*
 * All below give SC_OK when the document is refused, with m->refusal set; other
 * codes are failures (no memory, a ceiling).
 */

/* ---- edits (plan_edit.c) ---- */

SC_CHECKED enum sc_err plan_add(struct plan *p, const struct plan_edit *e);
/* Refuse the document. TEXT quotes nothing of it. */
SC_CHECKED enum sc_err plan_refuse(struct making *m, enum plan_refusal why, size_t offset,
    const char *text);

static inline struct sc_span plan_raw(const struct making *m, const struct json_span *s)
{
	return sc_span(m->doc.p + s->start, s->end - s->start);
}

/* An edit over the span S, value untouched in the document. */
struct plan_edit plan_edit_over(const struct json_span *s, uint8_t op, uint8_t class_id);
/* The whole scalar becomes null, its quotes with it. */
SC_CHECKED enum sc_err plan_add_null(struct making *m, const struct json_span *s, uint8_t class_id);
/* The decoded value of a span; borrowed from the document or from plan->text. */
SC_CHECKED enum sc_err plan_decode(struct making *m, const struct json_span *s,
    struct sc_span *out);
/*
 * Bytes [START, END) of the document become the mask (or the generalised
 * form) of VALUE. A number's mask is a string, so it brings its own quotes.
 */
SC_CHECKED enum sc_err plan_add_masked(struct making *m, uint32_t start, uint32_t end, bool quoted,
    const struct policy_verdict *how, uint8_t class_id, struct sc_span value);

/* What policy says of storing, and of reading, a value of the class. */
struct policy_verdict plan_writer(const struct making *m, uint8_t class_id);
struct policy_verdict plan_reader(const struct making *m, uint8_t class_id, uint8_t tier);

/* ---- whole values (plan_value.c) ---- */

SC_CHECKED enum sc_err plan_seal(struct making *m, const struct json_span *s,
    const struct config_rule *r);
SC_CHECKED enum sc_err plan_policy(struct making *m, const struct json_span *s,
    const struct config_rule *r);
SC_CHECKED enum sc_err plan_mask(struct making *m, const struct json_span *s,
    const struct config_rule *r);
/* A value in clear where a token was expected: what may the reader see of it? */
SC_CHECKED enum sc_err plan_clear(struct making *m, const struct json_span *s,
    const struct config_rule *r);
/* One token at [START, END) of the document: open, leave or withhold it. */
SC_CHECKED enum sc_err plan_open(struct making *m, const struct json_span *s, uint32_t start,
    uint32_t end, struct sc_span text, bool whole);

/* ---- free text (plan_text.c) ---- */

/*
 * Tokens and finds of one text, in the order they stand. Towards storage,
 * tokens stay and finds are sealed; towards a reader, policy says of both.
 */
SC_CHECKED enum sc_err plan_text(struct making *m, const struct json_span *s, bool detect);
/* A number in a scanned field is sealed whole when anything is found in it. */
SC_CHECKED enum sc_err plan_scan_number(struct making *m, const struct json_span *s);

#endif
