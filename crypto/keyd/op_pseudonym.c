/*
 * op_pseudonym.c - PSEUDONYM: identifiers in, what stands for them in analytics out.
 *
 *	handle	   = HMAC(analytics' index key, kind u8 | identifier), cut to 16 bytes
 *	pseudonym  = HMAC(dataset key, handle), cut to 8 bytes
 *
 * Policy is asked as for sealing, and told of as sealing is. There is no quota of people: who asks
 * names each identifier himself, and learns of it nothing but a number that the
 * answer to the next asking would be too. A gateway that was taken over can so number
 * all ids it can guess, and find out which of them stand in analytics' files, if it has those
 * as well; that it cannot without keyd is what these keys are for.
 */
#include "crypto/keyd/key_request.h"

#include "base/bytes.h"

#include <string.h>

uint64_t pseudonym_number(const uint8_t hash[static HASH_BYTES])
{
	uint64_t n = sc_be64_load(hash);

	return n != 0 ? n : 1;
}

static enum sc_err put_pseudonym(struct key_request *req, const struct wire_item *it)
{
	const struct keyring *kr = req->e->p.keyring;
	const struct sc_span identifier[] = { sc_span(&it->flags, 1), it->value };
	uint8_t full[HASH_BYTES], of_handle[HASH_BYTES], value[HANDLE_BYTES + PSEUDONYM_BYTES];
	struct sc_span handle = sc_span(value, HANDLE_BYTES);

	hmac_sha256(keyring_analytics_key(kr), identifier, 2, full);
	memcpy(value, full, HANDLE_BYTES);
	hmac_sha256(keyring_dataset_key(kr), &handle, 1, of_handle);
	sc_be64_store(value + HANDLE_BYTES, pseudonym_number(of_handle));
	req->e->tally.counts.pseudonymised++;
	return answer_put(&req->answer, WIRE_OK, ACTION_TOKENISE, it->class_id, 0,
	    sc_span(value, sizeof(value)));
}

static enum sc_err pseudonym_item(struct key_request *req, const struct wire_item *it)
{
	struct policy_verdict v;

	if (it->flags == 0 || it->flags >= WIRE_IDENTIFIER_END || it->subject != WIRE_NO_SUBJECT)
		return SC_BUG;
	if (policy_class_name(req->e->policy, it->class_id) == NULL)
		return key_request_refuse(req, it, WIRE_UNKNOWN_CLASS);
	policy_ask(req->e->policy, &req->who.asking,
	    &(struct policy_item){ .class_id = it->class_id }, &v);
	tally_item(&req->e->tally, it->class_id,
	    (uint8_t)policy_class_tier(req->e->policy, it->class_id), (uint8_t)v.action);
	if (v.action != ACTION_TOKENISE && v.action != ACTION_REVEAL)
		return key_request_refuse(req, it, WIRE_DENIED);
	if (it->value.n == 0)
		return key_request_refuse(req, it, WIRE_BAD_VALUE);
	if (it->value.n > CRYPTO_IDENTIFIER_MAX)
		return key_request_refuse(req, it, WIRE_TOO_LARGE);
	return put_pseudonym(req, it);
}

enum sc_err op_pseudonym(struct key_request *req, struct sc_reader *r)
{
	return key_request_each(req, r, pseudonym_item);
}
