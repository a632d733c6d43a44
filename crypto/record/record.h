/*
 * record.h - what an entry of either log says, and its canonical JSON.
 *
 * Typed fields only: configured names, ids, counts, keyed handles, checked
 * reasons. No field takes raw bytes, so no record can carry a value.
 *
 * It stands in crypto/ because scrim-keyd writes records too and may not see
 * the audit floor, which reads them back (audit/record/read.h).
 */
#ifndef CRYPTO_RECORD_RECORD_H
#define CRYPTO_RECORD_RECORD_H

#include "base/buf.h"
#include "base/name.h"
#include "crypto/limits.h"
#include "policy/asking.h"

#define AUDIT_NONE UINT64_MAX /* no index, no number */
#define AUDIT_UNSET 255u      /* no op, action, tier */
#define AUDIT_HANDLE_BYTES HANDLE_BYTES
#define AUDIT_HANDLES_MAX HANDLES_MAX
#define AUDIT_PART_MAX 224 /* handles of an AUDIT_PEOPLE record */
#define AUDIT_BINDING_BYTES 16
#define AUDIT_WHOSE_MAX 48
#define AUDIT_NUMBER_MAX ((UINT64_C(1) << 53) - 1) /* that every reader of JSON keeps whole */
#define AUDIT_CLASSES_MAX 32
#define AUDIT_RULES_MAX 4
#define AUDIT_RECORD_MAX 8192 /* bytes of the longest record */

enum audit_kind {
	AUDIT_REQUEST, /* a routed request and its outcome */
	AUDIT_DENIAL,  /* something was refused */
	AUDIT_SEAL,    /* values were sealed (keyd: one record a batch) */
	AUDIT_REVEAL,  /* values were opened, or will be once this is durable */
	AUDIT_EXPORT,
	AUDIT_REWRITE, /* `scrim rewrite` */
	AUDIT_ERASE,   /* a subject's key was destroyed */
	AUDIT_SEARCH,
	AUDIT_ADMIN, /* an act named in `act`: keys, approvals, configuration */
	AUDIT_START,
	AUDIT_STOP,
	AUDIT_RELOAD,
	AUDIT_HEAD,   /* the other log's head */
	AUDIT_PEOPLE, /* further people of the record behind it, which tells how many such parts */
	AUDIT_QUERY,  /* a question to a release: before it is answered, and what became of it */
	AUDIT_CHANGE, /* at places of a known order another token stands than before */
	AUDIT_DRIFT,  /* personal values stand where no rule of the route speaks of */
	AUDIT_KIND_COUNT
};

enum audit_auth {
	AUDIT_AUTH_NONE,
	AUDIT_AUTH_API_KEY,
	AUDIT_AUTH_CERTIFICATE,
	AUDIT_AUTH_PEER,      /* Unix socket peer */
	AUDIT_AUTH_SIGNATURE, /* the request's own, by a vendor's key */
	/* as keyd has seen it: a gateway's word, a key, the caller's own signature */
	AUDIT_AUTH_ASSERTED,
	AUDIT_AUTH_PROVED,
	AUDIT_AUTH_SIGNED,
	AUDIT_AUTH_COUNT
};

enum audit_outcome {
	AUDIT_OUTCOME_NONE, /* an intent: what follows is in a later record */
	AUDIT_OK,
	AUDIT_PARTIAL,
	AUDIT_REFUSED,
	AUDIT_FAILED,
	AUDIT_OUTCOME_COUNT
};

/*
 * A class and how many values of it. NAME: of a class a policy file added; NULL: built in. BY: of
 * them by what was done, ACTION_COUNT counts; NULL: not told apart.
 */
struct audit_class {
	uint8_t id;
	uint32_t n;
	const struct sc_name *name;
	const uint32_t *by;
};

/* Values by what became of them, in the order they are printed; zeros are not. */
#define AUDIT_COUNTS(X) \
	X(sealed) \
	X(indexed) \
	X(revealed) \
	X(masked) \
	X(generalised) \
	X(tokenised) \
	X(dropped) \
	X(denied) \
	X(gone) \
	X(bad) \
	X(unknown) \
	X(broken) \
	X(dormant) \
	X(queued) \
	X(pseudonymised) \
	X(foreign) \
	X(adopted) \
	X(claimed) \
	X(limit) \
	X(unowned)

struct audit_counts {
#define AUDIT_COUNT(name) uint32_t name;
	AUDIT_COUNTS(AUDIT_COUNT)
#undef AUDIT_COUNT
};

/* An address cut to its network: IPv4 /24 (3 bytes), IPv6 /48 (6 bytes). */
struct audit_prefix {
	uint8_t family; /* 0: none, 4, 6 */
	uint8_t bytes[6];
};

struct policy;

/* A word of consent that was said, by which its proof is found again: no proof is in a log. */
struct audit_consent {
	const char *purpose; /* a name of the policy's; [A-Za-z0-9._-] */
	const char *word;    /* a literal: "grant", "refuse", "withdraw" */
	uint32_t version;    /* of the text it was said to */
	const struct sc_name *source, *method;
	const uint8_t *text, *evidence; /* SHA-256 of each, 32 bytes; NULL: not said */
	uint64_t said_ms;               /* as the sender says; 0: not said */
};
#define AUDIT_CONSENTS_MAX 16

/* An anonymised release that an act is about, or what was asked of one. */
struct audit_release {
	const struct sc_name *dataset;
	uint64_t number;           /* of the dataset's releases, from 1 to AUDIT_NUMBER_MAX */
	const uint8_t *manifest;   /* its SHA-256, 32 bytes */
	const uint8_t *question;   /* likewise: of a statement without its values; NULL: none */
	const char *const *tables; /* that it reads; [A-Za-z0-9._-] */
	size_t n_tables;
};

/* Where something undeclared stands, and what became of it. */
struct audit_place {
	const char *path; /* a JSONPath, UTF-8, that names nobody */
	const char *by;   /* a literal: how it was noticed; [A-Za-z0-9._-] */
	const char *did;  /* the same: what was done */
};

/* What left as an answer. */
struct audit_answer {
	uint64_t rows, bytes, ms;
	bool cut; /* there was more */
};

/* Commits, slots given out, and slots that may be, of keyd's store. */
struct audit_store {
	uint64_t gen, high, lease;
};
#define AUDIT_KEYS_MAX 64

/* Pointers are borrowed until printed; NULL is "not said". */
#define AUDIT_DAY_MS 86400000u
struct audit_record {
	enum audit_kind kind;
	uint64_t at_ms;       /* Unix milliseconds */
	const char *act;      /* a literal, such as "keys.rotate"; [A-Za-z0-9._-] */
	struct asking asking; /* who, why and what for; its numbers are told by ... */
	const struct sc_name *role, *purpose; /* ... their names, which the policy gave */
	const struct sc_name *recipient_role, *recipient_purpose; /* the same, of a share */
	enum audit_auth auth;
	const struct sc_name *basis; /* legal basis code */
	/* what */
	uint8_t tier;  /* highest tier touched, or AUDIT_UNSET */
	uint8_t shown; /* bits by tier: something of such a value left, whole or masked */
	const struct audit_class *classes;
	size_t n_classes;                              /* past AUDIT_CLASSES_MAX: SC_LIMIT */
	const uint8_t (*subjects)[AUDIT_HANDLE_BYTES]; /* keyed handles */
	size_t n_subjects;       /* those given; past AUDIT_HANDLES_MAX (or _PART_MAX): SC_LIMIT */
	uint64_t subjects_total; /* distinct subjects, when more than given; else 0 */
	uint64_t unnamed; /* values of nobody that were opened: each counts as one more person */
	unsigned parts;   /* records of people right before it; of one: which it is */
	const uint8_t *
	    subjects_root; /* RFC 6962 §2.1 root over all handles, theirs behind its own; NULL: no parts */
	const uint8_t *whose;   /* for keyd: who they are (key_year.h) */
	size_t n_whose;         /* at most AUDIT_WHOSE_MAX; 0: not said */
	const uint8_t *binding; /* the virtual number's, AUDIT_BINDING_BYTES; NULL: none */
	const struct audit_consent *said; /* past AUDIT_CONSENTS_MAX: SC_LIMIT */
	size_t n_said;
	const struct audit_release *release; /* NULL: none */
	const struct audit_place *place;     /* NULL: none */
	/* decision */
	uint8_t action;                     /* enum policy_action, or AUDIT_UNSET */
	const char *rules[AUDIT_RULES_MAX]; /* from policy_rule_name(); NULL ends */
	const struct policy *policy;        /* names asking.consents; NULL: they are not told */
	/* where */
	const struct sc_name *node;
	struct audit_prefix address;
	/* outcome */
	enum audit_outcome outcome;
	uint16_t status; /* HTTP status answered; 0: not said */
	const char *why; /* a literal: why refused; letters, digits, space, ._-'(), */
	struct audit_counts counts;
	const struct audit_answer *answer; /* NULL: none */
	uint64_t keyd_index;               /* keyd's own record of the same, or AUDIT_NONE */
	const uint64_t *keys; /* ids of the keys that it is about; past AUDIT_KEYS_MAX: SC_LIMIT */
	size_t n_keys;
	const struct audit_store *store; /* how far keyd's store has come; NULL: not told */
	/* AUDIT_HEAD */
	const char *head_origin; /* NULL: no head */
	uint64_t head_size;
	const uint8_t *head_root; /* 32 bytes */
};

/* Everything unset, of KIND, now. */
void audit_record_init(struct audit_record *r, enum audit_kind kind);

/*
 * Append R as one line of canonical JSON, without a newline. The order of the
 * fields is fixed and stands above the function in record.c.
 * Fails with SC_LIMIT, SC_NOMEM, SC_BUG (text outside the alphabets above, a
 * number out of range); OUT is then as before.
 */
SC_CHECKED enum sc_err audit_record_print(const struct audit_record *r, struct sc_buf *out);

/* Every one of FROM's counts onto TO's. */
void audit_counts_add(struct audit_counts *to, const struct audit_counts *from);

/* "reveal" and so on; NULL past the end. */
const char *audit_kind_name(unsigned kind);
/* "ok" and so on; "" for none, NULL past the end. */
const char *audit_outcome_name(unsigned outcome);

#endif
