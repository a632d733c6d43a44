/*
 * try.h - what a route does with sample documents, as it is found out from the configuration
 * alone. Private to try*.c.
 *
 * No value is kept, nor told: places, classes and counts are.
 */
#ifndef CLI_TRY_H
#define CLI_TRY_H

#include "cli/cli.h"
#include "gateway/protect/plan_place.h"
#include "gateway/protect/plan.h"
#include "gateway/serve/generation.h"

#define TRY_WHERE 3     /* places of a rule that are told */
#define TRY_BECAME 24   /* different things that become of a rule's places */
#define TRY_REFUSALS 20 /* are told; all are counted */
#define TRY_SEEN 256    /* the same of what is undeclared */

/* What becomes of a value. */
enum try_what {
	TRY_SEALED,
	TRY_NUMBER, /* a virtual one */
	TRY_REVEALED,
	TRY_MASKED,
	TRY_GENERALISED,
	TRY_TOKEN, /* it is one, and remains it */
	TRY_DROPPED,
	TRY_WITHHELD, /* null, as policy denies it */
	TRY_TOLD,     /* it passes, and analysis is told of it */
	TRY_PASSES,
	TRY_ASTRAY,  /* another shape stands there */
	TRY_REFUSED, /* with its document */
	TRY_WHATS
};
/* For people and for programs. */
extern const char *const try_what_said[TRY_WHATS], *const try_what_names[TRY_WHATS];

struct try_became {
	uint8_t what, class_id;
	uint64_t n;
};

struct try_rule {
	struct codec_paths *alone; /* what it would match if there were no other */
	uint64_t n;                /* places that are its own ... */
	uint64_t others;           /* ... and those that another rule takes */
	char where[TRY_WHERE][PLAN_PLACE_MAX];
	size_t n_where;
	struct try_became became[TRY_BECAME];
	size_t n_became;
};

struct try_refusal {
	const char *file;
	uint64_t document; /* of the file, from 1 */
	const char *name;  /* of the problem that is answered: "undeclared-field" */
	size_t offset;
	char place[PLAN_PLACE_MAX]; /* "": not told */
	char text[256];
};

struct try_seen {
	struct undeclared_seen what;
	uint64_t n;
};

struct trial {
	const struct cli_call *call;
	struct generation *gen;
	const struct config_route *route;
	const struct policy *policy;
	const struct protect_rules *rules;
	struct protect_rules *empty; /* of a side that has none */
	struct field_rule *passing;  /* the rules' places, where nothing is done ... */
	struct protect_rules probe;  /* ... so that what is undeclared is all seen */
	const struct codec *codec;   /* by --type; NULL: JSON or NDJSON, as the file is */
	bool answer;                 /* the response's side */
	enum plan_way way;
	struct asking writer, reader;
	struct subject_found given[SUBJECT_PLACES_MAX];
	struct plan plan, probing;
	/* what was found */
	struct try_rule *of; /* by rule */
	const char *file;
	uint64_t in_file, n; /* documents of the file, and of all */
	uint64_t n_refused, n_subject, n_elsewhere, n_remembered, n_bad, n_order, n_people,
	    n_nobodys;
	struct try_refusal refusals[TRY_REFUSALS];
	struct try_seen seen[TRY_SEEN];
	size_t n_seen;
	uint64_t n_undeclared, n_passing; /* values; places of which the route lets them pass */
	bool sealed[CLASS_MAX + 1];
};

/* Read the samples that T's call names, each document to try_document(). CLI_GO_ON, or a code (said). */
int try_samples(struct trial *t);
/* One more document, which C reads; CODEC_PAD bytes follow it. CLI_GO_ON, or a code (said). */
int try_document(struct trial *t, const struct codec *c, struct sc_span doc);

/* Who reads what: at best, with a reason, a ticket, consent, approvals and a signature; and without. */
struct try_reader {
	uint8_t class_id, role, purpose;
	uint8_t gives, else_gives; /* enum policy_action */
	const char *why;           /* what is wanting for the former; static text */
};
typedef void try_reader_fn(void *arg, const struct try_reader *r);
/* Tell FN each role and purpose that are given anything of a class that T sealed. */
void try_readers(const struct trial *t, try_reader_fn *fn, void *arg);

static inline bool try_ok(const struct trial *t)
{
	return t->n_refused == 0 && t->n_passing == 0;
}
static inline const char *try_class(const struct trial *t, uint8_t id)
{
	const struct sc_name *name = policy_class_name(t->policy, id);

	return name == NULL ? "" : name->s;
}

/* All that was found, to standard output. CLI_DONE, or CLI_NO (said). */
int try_tell(const struct trial *t);
int try_tell_json(const struct trial *t);

#endif
