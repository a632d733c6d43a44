/*
 * op_index.c - INDEX: a value in, and out what a search looks for.
 *
 * Policy is asked for a search, whose people are counted. What is stored beside a token is not
 * asked for here: it comes with the sealing (op_seal.c), so that no guess is without one.
 */
#include "crypto/keyd/key_request.h"

#include "base/bytes.h"
#include "base/weak.h"
#include "crypto/prim/index.h"

/*
 * How many different people this principal has searched for today, this value
 * included. *ID is what the value counts as.
 */
static enum sc_err count_search(struct key_request *req, const struct wire_item *it,
    struct quota_book **book, uint64_t *id, uint32_t *n)
{
	const struct sc_span parts[] = { SC_LIT("search\0"), sc_span(&it->class_id, 1), it->value };
	uint8_t full[HASH_BYTES];
	enum sc_err err;

	if ((err = quota_book(req->e->searches, req->who.asking.principal,
		 req->who.asking.counted_ms, book)) != SC_OK)
		return err;
	hmac_sha256(keyring_handle_key(req->e->p.keyring), parts, 3, full);
	*id = sc_be64_load(full);
	*n = quota_count_with(*book, *id);
	return SC_OK;
}

/* What is looked for may have been stored under any version that still opens: the newest first. */
static enum sc_err put_indexes(struct key_request *req, const struct class_key *newest,
    struct sc_span value)
{
	enum sc_err err = SC_OK;

	for (const struct class_key *c = newest; c != NULL && err == SC_OK; c = c->older)
		if (c->seal != NULL)
			err = index_print_class(&c->index, c->epoch, c->class_id, value,
			    req->answer.b);
	/* a value that is no text has none: an answer, as it is for one that is blank */
	return err == SC_SYNTAX ? SC_OK : err;
}

static enum sc_err index_item(struct key_request *req, const struct wire_item *it)
{
	const struct class_key *c = keyring_class(req->e->p.keyring, it->class_id);
	struct answer_frames *a = &req->answer;
	struct policy_verdict v;
	struct quota_book *book;
	uint64_t id;
	uint32_t people;
	enum sc_err err;
	size_t at;

	if (it->flags != 0)
		return SC_BUG;
	if (policy_class_name(req->e->policy, it->class_id) == NULL || c == NULL)
		return key_request_refuse(req, it, WIRE_UNKNOWN_CLASS);
	if ((err = count_search(req, it, &book, &id, &people)) != SC_OK)
		return err;
	policy_ask(req->e->policy, &req->who.asking,
	    &(struct policy_item){ .class_id = it->class_id, .subjects_today = people }, &v);
	tally_item(&req->e->tally, it->class_id, 0, (uint8_t)v.action);
	if (v.action != ACTION_REVEAL && !(v.action == ACTION_TOKENISE && WEAK("index-alone")))
		return key_request_refuse(req, it,
		    people > v.limits.subjects ? WIRE_QUOTA : WIRE_DENIED);
	if (it->value.n > INDEX_VALUE_MAX)
		return key_request_refuse(req, it, WIRE_TOO_LARGE);
	if ((err = answer_value_begin(a, KEY_VERSIONS * INDEX_KIND_COUNT * INDEX_ENTRY_MAX,
		 ACTION_TOKENISE, it->class_id, 0, &at)) != SC_OK ||
	    (err = put_indexes(req, c, it->value)) != SC_OK)
		return err;
	/* no UTF-8, no digits, blanks only: an empty text would stand in every index */
	if (a->b->n == at + WIRE_RESULT_HEAD) {
		sc_buf_truncate(a->b, at);
		return key_request_refuse(req, it, WIRE_BAD_VALUE);
	}
	if ((err = quota_add(book, id)) != SC_OK)
		return err;
	answer_value_end(a, at);
	req->e->tally.counts.indexed++;
	return SC_OK;
}

enum sc_err op_index(struct key_request *req, struct sc_reader *r)
{
	return key_request_each(req, r, index_item);
}
