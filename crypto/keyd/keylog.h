/*
 * keylog.h - keyd's own log: who opened what and why, and what became of keys.
 *
 * An opening's record is urgent, and its reply waits for it. Sealings are
 * counted, and told together within 50 ms, with whom they were of; so are searches, apart.
 */
#ifndef CRYPTO_KEYD_KEYLOG_H
#define CRYPTO_KEYD_KEYLOG_H

#include "crypto/keyd/key_tally.h"
#include "crypto/keyring/key_year.h"
#include "crypto/keyring/keyring.h"
#include "crypto/keystore/keystore.h"
#include "crypto/keystore/people.h"
#include "crypto/record/record.h"
#include "crypto/rows/signed_heads.h"
#include "crypto/tlog/writer.h"
#include "net/loop/loop.h"
#include "policy/decide/decide.h"

struct keylog;

SC_CHECKED enum sc_err keylog_new(struct loop *l, struct tlog *log, const struct sc_name *tenant,
    struct keylog **out);
/* Tells what was counted; before tlog_close(). NULL is fine. */
void keylog_free(struct keylog *kl);
/* The policy that names classes and rules from now on, and its SHA-256. */
void keylog_policy(struct keylog *kl, const struct policy *p,
    const uint8_t hash[static HASH_BYTES]);

/* Record an opening (or its refusal), at once. Fails as tlog_append() does: nothing may leave then. */
SC_CHECKED enum sc_err keylog_opening(struct keylog *kl, const struct asking *a,
    const struct key_tally *t, uint64_t *record);
/*
 * Whom FN tells of the values that were sealed for nobody, by route ("" of none), as soon as the
 * log has been told.
 */
typedef void keylog_unowned_fn(void *arg, const struct sc_name *route, uint64_t at_ms, uint32_t n);
void keylog_unowned(struct keylog *kl, keylog_unowned_fn *fn, void *arg);
/* Count a sealing, or (A->op) a search. A log that cannot be written shows in keylog_lost(). */
void keylog_sealing(struct keylog *kl, const struct asking *a, const struct key_tally *t);
uint64_t keylog_lost(const struct keylog *kl);
/* What was counted until now, into the log. */
void keylog_tell(struct keylog *kl);

/* By whose keys people are called in what follows; until then nothing of anybody can be told. Borrowed. */
void keylog_names(struct keylog *kl, const struct keyring *kr);
/*
 * Erasing X: what is about to be done (without an outcome: the intent, *RECORD is its
 * entry), and what was. X->intent is of no interest here, and its handle
 * is the store's, as in all that follows: the record has that of its year.
 */
SC_CHECKED enum sc_err keylog_erase(struct keylog *kl, const struct asking *a,
    const struct logged_erasure *x, enum audit_outcome outcome, const char *why, uint64_t *record);
/*
 * The erasure X waits from now on, or (ACT) is taken back; its outcome where it has one. As above.
 */
SC_CHECKED enum sc_err keylog_leaving(struct keylog *kl, const struct asking *a, const char *act,
    const struct logged_erasure *x, enum audit_outcome outcome, uint64_t *record);
/* The person of handle FROM becomes that of INTO: intent, outcome and *RECORD as above. */
SC_CHECKED enum sc_err keylog_merge(struct keylog *kl, const struct asking *a,
    const uint8_t from[static AUDIT_HANDLE_BYTES], const uint8_t into[static AUDIT_HANDLE_BYTES],
    enum audit_outcome outcome, const char *why, uint64_t *record);
/* Somebody was told what the person of HANDLE is called in records. */
SC_CHECKED enum sc_err keylog_person(struct keylog *kl, const struct asking *a,
    const uint8_t handle[static AUDIT_HANDLE_BYTES], uint64_t *record);
/* What an earlier run intended was carried out at this start, or its outcome was not told. */
SC_CHECKED enum sc_err keylog_erased_late(struct keylog *kl, const struct logged_erasure *x);
/* Sealings tell how far PP's store has come, where that is news; NULL: no more. Borrowed. */
void keylog_people(struct keylog *kl, const struct people *pp);
/*
 * The people_log's progress(). ARG is the keylog; any thread. A lease that was not told
 * before is urgent: whoever wants to use it waits until *RECORD is durable.
 */
void keylog_leased(struct keylog *kl, uint64_t lease); /* by an earlier run, up to there */
SC_CHECKED enum sc_err keylog_progress(void *arg, const struct store_progress *p, uint64_t *record);
/* The people_log's returned(), likewise from any thread. */
void keylog_returned(void *arg, uint64_t returned, uint64_t waiting);
/*
 * The log is about to be taken as it is (NOW NULL), and was: LAST is the head of it that was
 * signed last, NOW how far the store has come. BY whose word, that of anew_word.h.
 */
SC_CHECKED enum sc_err keylog_start_anew(struct keylog *kl, const struct asking *by,
    const struct signed_head *last, const struct store_progress *now);
/* A head of another log that was signed, or (REFUSED) was not. */
SC_CHECKED enum sc_err keylog_head(struct keylog *kl, const struct asking *a, const char *origin,
    uint64_t size, const uint8_t root[static HASH_BYTES], enum audit_outcome outcome,
    uint64_t *record);
/* N requests that were turned away (turned_away.h): of kind ACT by A; NULL: of several kinds. */
SC_CHECKED enum sc_err keylog_turned_away(struct keylog *kl, const struct asking *a,
    const char *act, uint64_t n);
/* What was signed last of a log is not remembered any more, BY likewise. */
SC_CHECKED enum sc_err keylog_forget(struct keylog *kl, const struct asking *by,
    const struct signed_head *last);
/* keyd's stop, behind all that was counted: only how far the store has come follows. */
SC_CHECKED enum sc_err keylog_stop(struct keylog *kl);
/* Start, stop, reload; ACT and WHY are literals or NULL. */
SC_CHECKED enum sc_err keylog_event(struct keylog *kl, enum audit_kind kind, const char *act,
    enum audit_outcome outcome);
/* What an operator does with the keys IDS (at most AUDIT_KEYS_MAX): about to (OUTCOME none), or done. */
SC_CHECKED enum sc_err keylog_keys(struct keylog *kl, const struct asking *a, const char *act,
    const uint64_t *ids, size_t n, enum audit_outcome outcome, uint64_t *record);
/* The key of the backups of MONTH (months.h) is destroyed. Any thread. */
SC_CHECKED enum sc_err keylog_month(struct keylog *kl, uint32_t month);
/* The key of a year was made. */
void keylog_made_year(void *keylog, const struct year_key *y);
/* A class key was made. */
void keylog_made_key(void *keylog, const struct class_key *k, uint8_t tier);

#endif
