/*
 * plan.h - what is to happen to one document, or to a batch of values, decided
 * before anything happens.
 *
 * The scan of a body gives declared fields; their forms turn them into edits:
 * ask for this range, write this text instead. Everything that needs no key is
 * decided here, so a document that may not pass is refused before keyd is asked.
 */
#ifndef GATEWAY_PROTECT_PLAN_H
#define GATEWAY_PROTECT_PLAN_H

#include "base/buf.h"
#include "base/diag.h"
#include "gateway/codec/codec.h"
#include "gateway/protect/form.h"
#include "gateway/protect/rules.h"
#include "gateway/protect/undeclared.h"
#include "policy/decide/decide.h"
#include "policy/detect/detect.h"

struct lent;
struct tag_key;

/* Which way the document travels. */
enum plan_way {
	PLAN_STORE,   /* towards storage: values are sealed */
	PLAN_READ,    /* towards a reader: tokens are opened as policy says */
	PLAN_RESTORE, /* a bulk restore: every token, declared or not, under `export` */
};

struct plan_edit {
	const struct form *form; /* whose ask brings the replacement; NULL: it is at hand */
	uint32_t start, end;     /* raw bytes of the document that are replaced */
	uint32_t value;          /* offset of the value asked about, or of the new text ... */
	uint32_t value_n;        /* ... and its length */
	uint32_t of;             /* of which value of a batch */
	uint8_t class_id;        /* declared or detected; of the token when opening */
	uint8_t flags;           /* PLAN_* below */
	uint8_t token_flags;     /* of the item: keyc.h */
	uint8_t action;          /* enum policy_action: what was decided here */
	uint8_t kind;            /* enum codec_kind of the new text */
	uint8_t tier;            /* the token's own, when opening */
	uint16_t rule;           /* number of the rule, where its form asks for more of it */
	uint16_t before, after;  /* as of the field ... */
	uint8_t nest;            /* ... and this */
	uint32_t person;         /* who its rule names, from 1; 0: whose the document is */
};

#define PLAN_SCRATCH 0x01 /* the value lies in plan->scratch, not in the document */
#define PLAN_PART 0x02    /* the range lies inside a text */
#define PLAN_TEXT 0x04    /* the range is a whole text, without what delimits it */
#define PLAN_WHOSE 0x08   /* a token in a text: asked for only to know whose it is */

/* Who is named where a rule says, in one array element or in the document (scopes.h). */
struct plan_person {
	uint32_t at, n; /* in the document, or in plan->people_text when COPIED; nothing: n is 0 */
	bool copied;
	bool guest; /* it is an order's id, until all was seen */
	bool bad;   /* what stands there names nobody */
};

/* A keyed hash of what stood in a field (tap.h). */
struct plan_tag {
	uint8_t tag[8];
	uint32_t record, rule; /* no gap behind them: it is copied into the spool as it is */
};

struct plan {
	struct plan_edit *v;
	size_t n, cap;
	struct sc_buf scratch;      /* decoded values and local replacements */
	struct sc_span subject;     /* whose document it is; empty when unknown */
	struct sc_buf subject_text; /* its storage when it is a guest's */
	bool subject_bad;           /* what stands at its place is no one person's id */
	/* the order whose person keyd remembers; empty: none, or the route does not ask ... */
	struct sc_span remembered;
	struct sc_span unless; /* ... and whose it is where keyd knows nobody; empty: nobody's */
	struct subject_found whose[SUBJECT_PLACES_MAX]; /* what its places in the body say */
	struct sc_buf whose_text[SUBJECT_PLACES_MAX];   /* their storage when they had escapes */
	struct plan_person *people;                     /* whom rules name, in their order */
	size_t n_people, cap_people;
	struct sc_buf people_text;
	struct sc_span order;     /* the order's reference; empty when unknown */
	struct sc_buf order_text; /* the same of it */
	struct undeclared_seen seen[UNDECLARED_SEEN]; /* of all records since plan_begin() ... */
	size_t n_seen;
	uint32_t n_undeclared; /* ... of how many undeclared values in all ... */
	uint32_t n_clear;      /* ... and of how many in clear where a rule of an answer has them */
	const struct field_rule *unmatched; /* the first rule whose path could not go on */
	uint32_t unmatched_at;              /* what stood in its way */
	struct plan_tag *tags;              /* of all records since plan_begin() */
	size_t n_tags, cap_tags;
	uint32_t record;    /* which record of the body DOC is, from 0 ... */
	uint32_t record_at; /* ... and where in the body it begins */
	/* working storage, kept between documents */
	struct codec_fields fields, inner; /* INNER lends room for a text that is JSON */
	struct detect_hits hits;
	struct member_memory members;
	struct sc_buf text;  /* one decoded text */
	struct sc_buf token; /* one token's bytes */
	struct codec_map map;
};

/* What became of a body; a plan says the first seven. */
enum protect_outcome {
	PROTECT_DONE,       /* of a plan: it may be carried out */
	PROTECT_MALFORMED,  /* no document of its format: diag, offset */
	PROTECT_FORBIDDEN,  /* policy says no: diag, offset */
	PROTECT_UNFIT,      /* a value its rule refuses: diag, offset */
	PROTECT_UNMATCHED,  /* another shape where a rule's path goes on: diag, offset */
	PROTECT_UNDECLARED, /* something personal that no rule speaks of: diag, offset */
	PROTECT_FOREIGN, /* a token of somebody else, where the route refuses them: diag, offset */
	PROTECT_NO_SUBJECT,        /* it names nobody, and the route says it must: diag */
	PROTECT_NO_ORDER,          /* a virtual number has no order to be bound to: diag, offset */
	PROTECT_TOO_LARGE,         /* a value or the result passes a ceiling */
	PROTECT_KEYS_AWAY,         /* keyd does not answer */
	PROTECT_LOG_FULL,          /* keyd cannot record, so nothing was opened */
	PROTECT_REFUSED,           /* keyd refuses: the question, an item, a quota */
	PROTECT_OTHER_POLICY,      /* keyd decides by another policy file at the moment */
	PROTECT_NUMBERS_EXHAUSTED, /* no virtual number is left, and there is no hotline */
	PROTECT_NUMBERS_AWAY,      /* what binds them cannot write */
	PROTECT_NO_CODEC,          /* told by callers: a body that no codec reads */
	PROTECT_FAILED,            /* no memory, or a bug */
	PROTECT_DORMANT,           /* to restore: of people for whom nothing was sealed lately */
	PROTECT_QUEUED,            /* of somebody whose return waits its turn */
	PROTECT_OUTCOME_COUNT
};

/* By what a plan is made. WRITER is who stores, READER who reads: both asked with their op. */
struct plan_terms {
	const struct policy *policy;
	const struct codec *codec;
	const struct protect_rules *rules; /* NULL for values */
	struct asking *writer, *reader;    /* of values, their consents are each value's */
	enum plan_way way;
	bool whole;                    /* what would be masked although no rule says so is sealed */
	const struct tag_key *tag_key; /* of tags; NULL: nobody is told any */
	const struct lent *lent;       /* whose virtual numbers pass in an answer; NULL: none */
	const struct subject_found *given; /* what the subject's other places say; NULL: nothing */
};

/* One value of a batch, and what became of it. */
struct protect_value {
	struct codec_field field; /* where it stands in the body */
	struct field_rule rule;   /* form, class, random */
	struct sc_span subject;   /* whose it is; empty: nobody's */
	bool skip;                /* the caller has its answer already */
	uint32_t consents;        /* bits by purpose: what SUBJECT has granted */
	/* the answer */
	uint8_t status;   /* enum wire_status */
	uint8_t action;   /* enum policy_action */
	uint8_t class_id; /* the token's, where it was one */
	uint8_t kind;     /* enum codec_kind of ... */
	size_t at, n;     /* ... the new text, in protect_input.out */
	size_t token_at,
	    token_n;     /* its token beside it, also there; of what is indexed to be stored */
	const char *why; /* static text, or NULL */
};

void plan_init(struct plan *p);
void plan_fini(struct plan *p);

/* A new body: tags are forgotten. */
void plan_begin(struct plan *p);

/*
 * Make P the plan for DOC (CODEC_PAD zero bytes must follow it). P borrows DOC.
 * "No" is in *REFUSAL, with why and where in DIAG (never a value).
 * Fails with SC_NOMEM, SC_LIMIT; P then holds nothing.
 */
SC_CHECKED enum sc_err plan_make(struct plan *p, const struct plan_terms *t, struct sc_span doc,
    enum protect_outcome *refusal, struct sc_diag *diag);
/*
 * Only whose document DOC is, p->subject: empty when it says so of nobody, or is none. Fails
 * with SC_NOMEM.
 */
SC_CHECKED enum sc_err plan_whose(struct plan *p, const struct plan_terms *t, struct sc_span doc);
/*
 * plan_make() for the N values V, which stand in DOC. What is refused is that
 * value's alone: its status says so. Fails as plan_make().
 */
SC_CHECKED enum sc_err plan_values(struct plan *p, const struct plan_terms *t, struct sc_span doc,
    struct protect_value *v, size_t n);

/* Whose E, an edit of P for DOC, is: empty when nobody's, or not known. */
struct sc_span plan_person_of(const struct plan *p, struct sc_span doc, const struct plan_edit *e);

/*
 * Is E of whoever P's order is somebody's, as keyd knows? plan_person_of() is empty then.
 */
bool plan_is_orders(const struct plan *p, const struct plan_edit *e);

/* The bytes an edit is about. */
static inline struct sc_span plan_text_of(const struct plan *p, struct sc_span doc,
    const struct plan_edit *e)
{
	const uint8_t *base = (e->flags & PLAN_SCRATCH) != 0 ? p->scratch.p : doc.p;

	return sc_span(e->value_n == 0 ? NULL : base + e->value, e->value_n);
}

#endif
