/*
 * anew.c - is that word theirs, about this loss, and of now?
 */
#include "crypto/statement/anew.h"

#include "base/weak.h"
#include "crypto/tlog/note.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void anew_root(const struct anew_lost *lost, char out[static ANEW_ROOT_MAX + 1])
{
	sodium_bin2base64(out, ANEW_ROOT_MAX + 1, lost->root, sizeof(lost->root),
	    sodium_base64_VARIANT_ORIGINAL);
}

void anew_scope(const struct anew_lost *lost, uint8_t out[static HASH_BYTES])
{
	struct statement_scope scope = { .leaves = { .size = 0 } };
	char size[24], root[ANEW_ROOT_MAX + 1];

	snprintf(size, sizeof(size), "%" PRIu64, lost->size);
	anew_root(lost, root);
	statement_scope_add(&scope, sc_span_str(lost->origin));
	statement_scope_add(&scope, sc_span_str(size));
	statement_scope_add(&scope, sc_span_str(root));
	statement_scope_root(&scope, out);
}

/* Whose the statement says it is, if their word counts; NULL: it does not. */
static const struct policy_principal *signer(const struct anew_signers *s, struct sc_span name)
{
	for (size_t i = 0; i < s->names->n; i++)
		if (sc_span_is(name, s->names->v[i].s))
			return policy_principal_named(s->principals->v, s->principals->n,
			    &s->names->v[i]);
	return NULL;
}

static bool is_signed_by(struct sc_span bytes, const struct policy_principal *p)
{
	struct sign_public key;

	_Static_assert(sizeof(p->sign_key) == sizeof(key.b), "a public key");
	memcpy(key.b, p->sign_key, sizeof(key.b));
	return p->signs && statement_is_by(bytes, &key);
}

static const char *check(const struct anew_lost *lost, const struct anew_signers *s,
    struct sc_span bytes, uint64_t now_ms, struct statement *st)
{
	const struct policy_principal *by;
	uint8_t scope[HASH_BYTES];

	if (statement_decode(bytes, st) != SC_OK || st->type != STATEMENT_ANEW ||
	    !sc_span_is(st->words.op, ANEW_OP))
		return "that is no statement to start anew";
	if (!sc_span_is(st->tenant, lost->tenant->s) || !sc_span_is(st->keyd, lost->keyd))
		return "the statement is for another keyd";
	if ((by = signer(s, st->words.principal)) == NULL)
		return "whoever signed is not among the anew_signers here";
	if (WEAK("anew-unsigned"))
		return NULL;
	if (!is_signed_by(bytes, by))
		return "the signature does not hold";
	if (now_ms < st->not_before_ms || now_ms >= st->not_after_ms)
		return "the statement is not of now: it holds for an hour";
	anew_scope(lost, scope);
	if (memcmp(scope, st->scope, HASH_BYTES) != 0)
		return "the statement is about another log, or another end of it";
	return NULL;
}

static bool take_words(const struct statement *st, struct anew_word *out)
{
	if (sc_name_parse(st->words.principal, &out->principal) != SC_OK ||
	    policy_reason_parse(st->words.reason, &out->reason, NULL) != SC_OK ||
	    (st->words.ticket.n != 0 &&
		policy_reason_parse(st->words.ticket, &out->ticket, NULL) != SC_OK))
		return false;
	out->asking = (struct asking){ .principal = &out->principal,
		.role = ASKING_UNSET,
		.purpose = ASKING_UNSET,
		.op = ASKING_UNSET,
		.recipient_role = ASKING_UNSET,
		.recipient_purpose = ASKING_UNSET,
		.reason = &out->reason,
		.ticket = st->words.ticket.n != 0 ? &out->ticket : NULL,
		.auth = ASKING_SIGNED };
	return true;
}

const char *anew_check(const struct anew_lost *lost, const struct anew_signers *s,
    struct sc_span text, uint64_t now_ms, struct anew_word *out)
{
	uint8_t bytes[CRYPTO_STATEMENT_MAX];
	size_t n = sizeof(bytes);
	struct statement st;
	const char *why;

	memset(out, 0, sizeof(*out));
	while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
		text.n--;
	if (note_base64_parse(text, bytes, &n) != SC_OK)
		return "that is no base64";
	if ((why = check(lost, s, sc_span(bytes, n), now_ms, &st)) != NULL)
		return why;
	return take_words(&st, out) ? NULL : "the statement has no reason that may be recorded";
}
