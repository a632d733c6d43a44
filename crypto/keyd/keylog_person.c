/*
 * keylog_person.c - records of what becomes of one person's keys: erased, merged, asked about.
 *
 * Whoever calls has the store's handle; no record does.
 */
#include "crypto/keyd/keylog_int.h"
#include "crypto/keyd/keylog_name.h"

#include <string.h>

/*
 * R is about the N people of HANDLES, the store's, who are called in it as its year has it. What a
 * start carries out by them (CARRIED) says them too. What nobody asked for counts on the day that
 * is believed.
 */
static enum sc_err put_people(const struct keylog *kl, struct audit_record *r,
    const uint8_t *handles, size_t n, bool carried, struct keylog_named *out)
{
	if (r->asking.counted_ms == 0 && kl->people != NULL)
		r->asking.counted_ms = people_time(kl->people);
	return keylog_name(kl->keyring, r, handles, n, carried, out);
}

/* R of KIND is about X, called as NAMED has it. */
static enum sc_err begin_erasure(const struct keylog *kl, struct audit_record *r,
    enum audit_kind kind, const struct asking *a, const struct logged_erasure *x, bool intent,
    struct keylog_named *named)
{
	keylog_begin(kl, r, kind, a);
	r->keys = x->ids;
	r->n_keys = x->n;
	return put_people(kl, r, x->handle, 1, intent, named);
}

enum sc_err keylog_erase(struct keylog *kl, const struct asking *a, const struct logged_erasure *x,
    enum audit_outcome outcome, const char *why, uint64_t *record)
{
	struct keylog_named named;
	struct audit_record r;
	enum sc_err err;

	if ((err = begin_erasure(kl, &r, AUDIT_ERASE, a, x, outcome == AUDIT_OUTCOME_NONE,
		 &named)) != SC_OK)
		return err;
	r.outcome = outcome;
	r.why = why;
	return keylog_append(kl, &r, true, record);
}

enum sc_err keylog_leaving(struct keylog *kl, const struct asking *a, const char *act,
    const struct logged_erasure *x, enum audit_outcome outcome, uint64_t *record)
{
	struct keylog_named named;
	struct audit_record r;
	enum sc_err err;

	if ((err = begin_erasure(kl, &r, AUDIT_ADMIN, a, x, outcome == AUDIT_OUTCOME_NONE,
		 &named)) != SC_OK)
		return err;
	r.act = act;
	r.outcome = outcome;
	return keylog_append(kl, &r, true, record);
}

enum sc_err keylog_merge(struct keylog *kl, const struct asking *a,
    const uint8_t from[static AUDIT_HANDLE_BYTES], const uint8_t into[static AUDIT_HANDLE_BYTES],
    enum audit_outcome outcome, const char *why, uint64_t *record)
{
	uint8_t both[2 * AUDIT_HANDLE_BYTES];
	struct keylog_named named;
	struct audit_record r;
	enum sc_err err;

	memcpy(both, from, AUDIT_HANDLE_BYTES);
	memcpy(both + AUDIT_HANDLE_BYTES, into, AUDIT_HANDLE_BYTES);
	keylog_begin(kl, &r, AUDIT_ADMIN, a);
	/* only what was done is carried out again */
	if ((err = put_people(kl, &r, both, 2, outcome == AUDIT_OK, &named)) != SC_OK)
		return err;
	r.act = "subjects.merge";
	r.outcome = outcome;
	r.why = why;
	return keylog_append(kl, &r, true, record);
}

enum sc_err keylog_erased_late(struct keylog *kl, const struct logged_erasure *x)
{
	uint64_t record;

	return keylog_erase(kl, NULL, x, AUDIT_OK, "done (at restart)", &record);
}

enum sc_err keylog_person(struct keylog *kl, const struct asking *a,
    const uint8_t handle[static AUDIT_HANDLE_BYTES], uint64_t *record)
{
	struct keylog_named named;
	struct audit_record r;
	enum sc_err err;

	keylog_begin(kl, &r, AUDIT_SEARCH, a);
	if ((err = put_people(kl, &r, handle, 1, false, &named)) != SC_OK)
		return err;
	r.act = "subjects.handles";
	r.outcome = AUDIT_OK;
	return keylog_append(kl, &r, true, record);
}
