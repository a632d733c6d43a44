/*
 * key_request.h - one request being worked on: the inside of the engine, shared by its ops.
 *
 * An op goes through its items once, writing results as it goes. When it
 * meets a key that is not at hand it notes it, and goes on only to note what
 * else is missing; then its answer so far is taken back, the request is
 * parked, and it starts over when the store has delivered the keys.
 */
#ifndef CRYPTO_KEYD_KEY_REQUEST_H
#define CRYPTO_KEYD_KEY_REQUEST_H

#include "crypto/keyd/engine.h"
#include "crypto/keyd/signed.h"
#include "crypto/keyd/turned_away.h"
#include "crypto/marks/marks.h"
#include "crypto/quota/quota_rows.h"
#include "crypto/quota/unowned.h"
#include "crypto/token/seal.h"
#include "policy/said.h"

/* An answer under construction; it goes on in a new frame when one is full. */
struct answer_frames {
	struct sc_buf *b;
	size_t start; /* of its first frame */
	size_t at;    /* of the present one */
	uint16_t op, n;
	uint16_t flags; /* of its last frame */
	uint64_t req_id;
};

SC_CHECKED enum sc_err answer_begin(struct answer_frames *a, struct sc_buf *b, uint16_t op,
    uint64_t req_id);
/* Make sure that a value of up to MAX bytes fits the present frame. */
SC_CHECKED enum sc_err answer_room(struct answer_frames *a, size_t max);
/* A result of what the policy let through, whose value of up to MAX bytes the caller appends to A->b. */
SC_CHECKED static inline enum sc_err answer_value_begin(struct answer_frames *a, size_t max,
    enum policy_action action, uint8_t class_id, uint8_t kind, size_t *at)
{
	const struct wire_result r = { WIRE_OK, (uint8_t)action, class_id, kind, { NULL, 0 } };
	enum sc_err err = answer_room(a, max);

	return err != SC_OK ? err : wire_result_begin(a->b, &r, at);
}

static inline void answer_value_end(struct answer_frames *a, size_t at)
{
	wire_result_end(a->b, at);
	a->n++;
}

/* A result with a value at hand (room is made), or without one. */
SC_CHECKED enum sc_err answer_put(struct answer_frames *a, enum wire_status status,
    enum policy_action action, uint8_t class_id, uint8_t kind, struct sc_span value);
/* Close the last frame. */
SC_CHECKED enum sc_err answer_end(struct answer_frames *a, uint64_t record, const uint8_t *handles,
    uint8_t n_handles);
/* Take all of it back. */
void answer_drop(struct answer_frames *a);

#define SEEN_SLOTS (2 * CRYPTO_ITEMS_MAX)

/* People of the frame in work; marked slots are those of `round`. */
struct seen_people {
	uint32_t round;
	struct {
		uint64_t id;
		uint32_t round;
	} slot[SEEN_SLOTS];
};

struct engine {
	struct engine_parts p;
	struct policy *policy;
	struct callers *callers;
	struct sessions shared; /* of the weakened build alone: any connection's */
	uint8_t hash[HASH_BYTES];
	uint64_t started_ms;
	size_t pending;

	struct siv_ctx *siv; /* holds the key of siv_id */
	uint64_t siv_id;
	bool siv_set;
	struct sc_buf token, plain; /* scratch */
	struct key_tally tally;
	struct unowned *unowned; /* what was sealed for nobody; NULL: engine_restore() comes */
	struct quota_rows *rows; /* what the next two are kept by */
	struct quota *quota, *searches;  /* people shown; people searched for */
	struct quota *indexes, *nobodys; /* values indexed; values of nobody */
	struct marks *marks;             /* values of each person */
	struct signed_used *signed_;     /* callers' statements */
	struct quota *merged;            /* people whom others became, by role */
	struct quota *erased;            /* people erased, by gateway */
	struct erase *intents;           /* erasures that wait for the log, oldest first */
	struct merge *merges;            /* the same of merges */
	struct turned_away *away;        /* who has no answer */
	struct staying *staying;         /* an erasure that is taken back, or NULL */
	uint64_t due_ran;                /* when was looked last whose time has come */
	uint64_t year_ends_ms;       /* the year whose key is known to be there, and the next's */
	bool store_wrong;            /* an older one was put back, or a key is unknown or broken */
	uint64_t wrong_told_ms;      /* in keyd's own messages, once a minute */
	struct operation *operation; /* an operator's act under way, or NULL */
	struct note_signer signer;   /* of other logs' heads; the loop thread's */

	/* the subjects of the frame in work */
	struct {
		uint8_t handle[HANDLE_BYTES];
		bool known;              /* the handle is made, ... */
		bool wanted;             /* noted as missing, ... */
		bool told;               /* and in the tally */
	} subject[CRYPTO_ITEMS_MAX + 1]; /* and, behind them, its order's person */
	struct sc_span subject_name[CRYPTO_ITEMS_MAX];
	uint8_t more[CRYPTO_ITEMS_MAX][HANDLE_BYTES]; /* of those, who have no room in its tally */
	struct seen_people about;                     /* whom the frame in work is about */
	struct seen_people shown;                     /* whose values it shows ... */
	uint64_t shown_list[CRYPTO_ITEMS_MAX];        /* ... in the order they came */
	struct said said; /* with it, and what its values have of that */
};

struct key_request {
	struct engine *e;
	struct peer *peer;
	uint16_t op;
	uint64_t req_id;
	struct sc_span body;
	struct sc_span tenant;
	struct asking_kept who;
	struct answer_frames answer;
	struct quota_book *books[1 + TIER_X]; /* its gateway's, as they are needed: ceiling.c */
	struct key_fetch *fetch;              /* what is missing; NULL: nothing */
	unsigned tries;
	struct {
		struct wire_order said; /* what the frame says of its order, if it has one */
		const struct order_person *known; /* what the store says; NULL: not asked yet */
		struct order_person ask;          /* to go with FETCH, if WANTED */
		bool wanted, counted;
		uint16_t subject; /* the number that its person has among the frame's */
	} order;
	struct {
		bool stores;      /* who asks: equal values may be equal tokens */
		uint32_t indexes; /* values a day that may have one */
		struct marks_day *day;
		struct quota_book *nobodys, *indexed; /* the principal's; NULL: not asked for yet */
	} sealing;
};

/*
 * Fails with SC_SYNTAX (the bytes are malformed: drop the peer), SC_AGAIN
 * with req->fetch (park it), else the answer is that error.
 */
typedef enum sc_err op_fn(struct key_request *req, struct sc_reader *r);
op_fn op_seal, op_open, op_index, op_pseudonym, op_erase, op_merge, op_head, op_prove_log,
    op_status, op_operate;

/* Take the list at R apart for L; the tally begins anew. Fails with SC_SYNTAX. */
SC_CHECKED enum sc_err key_request_list(struct key_request *req, struct sc_reader *r,
    struct wire_list *l);
void key_request_name(struct key_request *req, uint16_t subject); /* for what follows */
/* Of such a list, the handle of subject number SUBJECT. */
static inline const uint8_t *key_request_handle(struct key_request *req, uint16_t subject)
{
	if (!req->e->subject[subject].known)
		key_request_name(req, subject);
	return req->e->subject[subject].handle;
}
/*
 * IT, of the order's person (WIRE_OF_ORDER), becomes one of a subject, or of none; or stays what it
 * is: the store is asked, and it comes again. *STATUS not WIRE_OK: it is refused so.
 */
SC_CHECKED enum sc_err key_request_of_order(struct key_request *req, struct wire_item *it,
    enum wire_status *status);
/* Something of HANDLE's is stored: if the frame says that its order is theirs, it is remembered. */
SC_CHECKED enum sc_err key_request_claim(struct key_request *req,
    const uint8_t handle[static HANDLE_BYTES]);
/*
 * Answer what ONE puts for each item of the list at R, and count it in keyd's log
 * with other sealings. ONE fails as an op does, but never with SC_SYNTAX.
 */
typedef enum sc_err key_item_fn(struct key_request *req, const struct wire_item *it);
SC_CHECKED enum sc_err key_request_each(struct key_request *req, struct sc_reader *r,
    key_item_fn *one);
/* A result without a value, counted. */
SC_CHECKED enum sc_err key_request_refuse(struct key_request *req, const struct wire_item *it,
    enum wire_status status);

/* A pseudonym out of a hash: its first eight bytes, but that 0 is none. */
uint64_t pseudonym_number(const uint8_t hash[static HASH_BYTES]);

void erase_forget(struct engine *e); /* all that wait, without telling anybody; people are gone */
size_t erase_waiting(const struct engine *e);

/* A merge goes on when its intent is below DURABLE, or the log has FAILED; the others as above. */
void merge_go_on(struct engine *e, uint64_t durable, bool failed);
void merge_forget(struct engine *e);
size_t merge_waiting(const struct engine *e);

/* An operator's act goes on when its intent is below DURABLE, or the log has FAILED. */
void operate_go_on(struct engine *e, uint64_t durable, bool failed);
size_t operate_waiting(const struct engine *e);
void operate_forget(struct engine *e); /* without telling anybody; the store is closed */

/* Note that a key is missing: ID's, or the one of a subject's HANDLE (NULL: by ID). */
SC_CHECKED enum sc_err key_request_want(struct key_request *req, uint64_t id,
    const uint8_t *handle);
/* What the person of HANDLE is called in the records of this request. SC_LIMIT: its year has no key. */
SC_CHECKED enum sc_err key_request_told(const struct key_request *req,
    const uint8_t handle[static HANDLE_BYTES], uint8_t out[static HANDLE_BYTES]);
/* The answer comes later: what is needed to find the way back. */
struct reply_address {
	struct engine *e;
	uint64_t peer, req_id;
	uint16_t op;
};
struct reply_address key_request_address(const struct key_request *req);
/* The peer that waits for it, or NULL. */
struct peer *reply_peer(const struct reply_address *to);
/* Answer an error to P. One that cannot even be told has far too much waiting: it goes. */
void reply_error(struct peer *p, uint16_t op, uint64_t req_id, enum sc_err err);
/* The same to ADDRESS, if it is still there. */
void reply_fail(const struct reply_address *to, enum sc_err err);
/* What was put into `held` from START on may leave with RECORD. */
void reply_hold(const struct reply_address *to, struct peer *p, size_t start, uint64_t record);
/*
 * Answer STATUS with VALUE, the entry INTENT and the N people of HANDLES to ADDRESS, if it is
 * still there. It may leave when the entry DONE is on disk.
 */
void reply_people(const struct reply_address *to, enum wire_status status, struct sc_span value,
    uint64_t intent, uint64_t done, const uint8_t *handles, uint8_t n);

/* The state of a person's key as an answer has it. What should not be makes the store wrong, and is told. */
enum wire_status key_request_status(struct key_request *req, const struct person_key *k);
/*
 * Put the key that a token names into a context: *SIV is set when it is at
 * hand; otherwise *STATUS says why there is none, or is WIRE_OK: it was noted as missing.
 * PERSON (may be NULL) is the subject's, when there is one; valid until the next fetch.
 */
SC_CHECKED enum sc_err key_request_token_key(struct key_request *req, const struct token_parts *t,
    struct siv_ctx **siv, enum wire_status *status, const struct person_key **person);
/* The same for a person's own, which is LIVE. */
SC_CHECKED enum sc_err key_request_use(struct key_request *req, const struct person_key *k);

/*
 * Is a token under the key of whom HANDLE stands for (NULL: under a class key) none of the
 * person's whom IT names? Never, where it names nobody.
 */
bool key_request_foreign(struct key_request *req, const struct wire_item *it,
    const uint8_t *handle);

/* What an item's value is to the person whom the item names. */
enum token_whose {
	TOKEN_NONE,    /* no token that is authentic, or another class's: a text */
	TOKEN_OWN,     /* theirs; anybody's where it names nobody */
	TOKEN_FOREIGN, /* somebody else's, or a class's */
	TOKEN_ADOPTED, /* a class's, and to be theirs */
};
/*
 * Of IT, which is to be sealed: *WHOSE. Of one that is OWN or ADOPTED, T is the token, whose value
 * lies in e->plain. What is missing for that is noted, and WHOSE is NONE meanwhile.
 */
SC_CHECKED enum sc_err key_request_whose(struct key_request *req, const struct wire_item *it,
    struct token_parts *t, enum token_whose *whose);

/* What V leaves of VALUE (masked, generalised, nothing), counted, onto OUT. */
SC_CHECKED enum sc_err key_request_mask(struct key_request *req, const struct policy_verdict *v,
    uint8_t class_id, struct sc_span value, struct sc_buf *out);

/* What OPERATE answers at once: a text, or that it refuses ACT, which is recorded; and who it is. */
SC_CHECKED enum sc_err operate_answer(struct key_request *req, struct sc_span text);
SC_CHECKED enum sc_err operate_refuse(struct key_request *req, const char *act,
    const struct sc_diag *d);
void operate_name(const struct key_request *req, struct sc_name *out);
/* TEXT as the one value of an answer into TO, which is not ended yet. */
SC_CHECKED enum sc_err operate_put(struct answer_frames *a, struct sc_buf *to, uint16_t op,
    uint64_t req_id, struct sc_span text);
/* OPERATE's word "erasures", of op_leaving.c: those that wait, and taking one back. */
SC_CHECKED enum sc_err operate_erasures(struct key_request *req, struct sc_span words);
void staying_go_on(struct engine *e, uint64_t durable, bool failed);
void staying_forget(struct engine *e);
size_t staying_waiting(const struct engine *e);

/* OPERATE's word "handles", of op_handles.c: what records of all years call somebody; recorded first. */
SC_CHECKED enum sc_err operate_handles(struct key_request *req, struct sc_span words);

/* OPERATE's word "dormant", of op_dormant.c: answered when all was counted. */
SC_CHECKED enum sc_err operate_dormant(struct key_request *req, struct sc_span words);

#endif
