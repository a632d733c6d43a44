/*
 * op_seal.c - SEAL and INDEX: values in, tokens or blind indexes out.
 *
 * A value that already is an authentic token of this tenant and class, and of the
 * item's person, is given back as it is, so that sealing twice is sealing once. One
 * of somebody else is only a text.
 */
#include "crypto/keyd/key_request.h"

#include "base/bytes.h"
#include "crypto/prim/index.h"

#define TOKEN_ASKED (TOKEN_KIND_MASK | TOKEN_RANDOM | TOKEN_EMAIL_SHAPE)
#define SEAL_FLAGS (TOKEN_ASKED | WIRE_FOREIGN_REFUSE | WIRE_ADOPT)

/* The policy wants something poorer than a token to go on. */
static enum sc_err put_poorer(struct key_request *req, const struct wire_item *it,
    const struct policy_verdict *v)
{
	struct sc_buf *out = &req->e->plain;
	uint8_t kind = it->flags & TOKEN_KIND_MASK;
	enum sc_err err;

	sc_buf_clear(out);
	if ((err = key_request_mask(req, v, it->class_id, it->value, out)) == SC_OK)
		err = answer_put(&req->answer, WIRE_OK, v->action, it->class_id, kind,
		    sc_buf_span(out));
	sc_buf_clear(out);
	return err;
}

/*
 * The key that an item is sealed under: its subject's, else its class's. *SIV NULL: it is
 * broken, as *STATUS says, or was noted as missing.
 */
static enum sc_err seal_key(struct key_request *req, const struct wire_item *it,
    struct token_parts *head, struct siv_ctx **siv, enum wire_status *status)
{
	struct engine *e = req->e;
	const struct class_key *c;
	const struct person_key *k;
	const uint8_t *handle;
	bool *wanted;
	enum sc_err err;

	*siv = NULL;
	*status = WIRE_OK;
	if (it->subject == WIRE_NO_SUBJECT) {
		if ((c = keyring_class(e->p.keyring, it->class_id)) == NULL)
			return SC_CORRUPT;
		head->flags |= TOKEN_CLASS_KEY;
		head->key_id = c->id;
		*siv = c->seal;
		keyring_sealed(e->p.keyring, c);
		return SC_OK;
	}
	handle = key_request_handle(req, it->subject);
	if ((k = people_by_handle(e->p.people, handle)) == NULL) {
		wanted = &e->subject[it->subject].wanted;
		/* what is missing is noted once */
		err = *wanted ? SC_OK : key_request_want(req, 0, handle);
		*wanted = true;
		return err;
	}
	if ((*status = key_request_status(req, k)) != WIRE_OK)
		return SC_OK;
	head->key_id = k->id;
	if ((err = key_request_use(req, k)) != SC_OK)
		return err;
	people_sealed(e->p.people, k, req->who.asking.now_ms);
	*siv = e->siv;
	return SC_OK;
}

/* MORE: bits of the result's kind beside the value's. */
static enum sc_err put_sealed(struct key_request *req, const struct wire_item *it, uint8_t tier,
    uint8_t more)
{
	struct token_parts head = { .flags = it->flags & TOKEN_ASKED,
		.class_id = it->class_id,
		.tier = tier };
	struct answer_frames *a = &req->answer;
	enum wire_status status;
	struct siv_ctx *siv;
	enum sc_err err;
	size_t at;

	if ((err = seal_key(req, it, &head, &siv, &status)) != SC_OK)
		return err;
	if (siv == NULL)
		return status == WIRE_OK ? SC_OK : key_request_refuse(req, it, status);
	if ((err = answer_value_begin(a, token_text_length(it->value.n, head.flags),
		 ACTION_TOKENISE, it->class_id, (it->flags & TOKEN_KIND_MASK) | more, &at)) !=
		SC_OK ||
	    (err = token_seal(siv, &head, req->tenant, it->value, a->b)) != SC_OK)
		return err;
	answer_value_end(a, at);
	req->e->tally.counts.sealed++;
	return SC_OK;
}

/* The value of a class's token, which is in e->plain, under the key of the item's person. */
static enum sc_err put_adopted(struct key_request *req, const struct wire_item *it, uint8_t tier,
    uint8_t kind)
{
	struct wire_item value = *it;
	enum sc_err err;

	value.value = sc_buf_span(&req->e->plain);
	value.flags = (uint8_t)((it->flags & ~TOKEN_KIND_MASK) | kind);
	if ((err = put_sealed(req, &value, tier, 0)) == SC_OK)
		req->e->tally.counts.adopted++;
	sc_buf_clear(&req->e->plain);
	return err;
}

static enum sc_err seal_item(struct key_request *req, const struct wire_item *it)
{
	struct policy_verdict v;
	uint8_t tier = (uint8_t)policy_class_tier(req->e->policy, it->class_id);
	enum token_whose whose;
	uint8_t kind;
	enum sc_err err;

	if ((it->flags & ~SEAL_FLAGS) != 0 || (it->flags & TOKEN_KIND_MASK) > TOKEN_LITERAL)
		return SC_BUG;
	if (policy_class_name(req->e->policy, it->class_id) == NULL)
		return key_request_refuse(req, it, WIRE_UNKNOWN_CLASS);
	policy_ask(req->e->policy, &req->who.asking,
	    &(struct policy_item){ .class_id = it->class_id }, &v);
	tally_item(&req->e->tally, it->class_id, tier, (uint8_t)v.action);
	if (v.action == ACTION_DENY)
		return key_request_refuse(req, it, WIRE_DENIED);
	if (v.action != ACTION_TOKENISE && v.action != ACTION_REVEAL)
		return put_poorer(req, it, &v);
	if ((err = key_request_whose(req, it, &whose, &kind)) != SC_OK)
		return err;
	if (whose == TOKEN_OWN)
		return answer_put(&req->answer, WIRE_OK, ACTION_TOKENISE, it->class_id,
		    it->flags & TOKEN_KIND_MASK, it->value);
	if (whose == TOKEN_ADOPTED)
		return put_adopted(req, it, tier, kind);
	if (whose == TOKEN_FOREIGN && (it->flags & WIRE_FOREIGN_REFUSE) != 0)
		return key_request_refuse(req, it, WIRE_FOREIGN);
	if (it->value.n > CRYPTO_VALUE_MAX)
		return key_request_refuse(req, it, WIRE_TOO_LARGE);
	req->e->tally.counts.foreign += whose == TOKEN_FOREIGN;
	return put_sealed(req, it, tier, whose == TOKEN_FOREIGN ? WIRE_RESEALED : 0);
}

/*
 * How many different people this principal has searched for today, this value
 * included; 0 when it is not a search. *ID is what the value counts as.
 */
static enum sc_err count_search(struct key_request *req, const struct wire_item *it,
    struct quota_book **book, uint64_t *id, uint32_t *n)
{
	const struct sc_span parts[] = { SC_LIT("search\0"), sc_span(&it->class_id, 1), it->value };
	uint8_t full[HASH_BYTES];
	enum sc_err err;

	*book = NULL;
	*n = 0;
	if (req->who.asking.op != POLICY_SEARCH)
		return SC_OK;
	if ((err = quota_book(req->e->searches, req->who.asking.principal, req->who.asking.now_ms,
		 book)) != SC_OK)
		return err;
	hmac_sha256(keyring_handle_key(req->e->p.keyring), parts, 3, full);
	*id = sc_be64_load(full);
	*n = quota_count_with(*book, *id);
	return SC_OK;
}

static const struct class_key *oldest_that_opens(const struct class_key *newest)
{
	const struct class_key *oldest = newest;

	for (const struct class_key *c = newest; c != NULL; c = c->older)
		if (c->seal != NULL)
			oldest = c;
	return oldest;
}

/*
 * What is stored bears the newest version's index, or the oldest's where it is what
 * people are known by. What is looked for may have been stored under any that still
 * opens, so a search is given all, the newest first.
 */
static enum sc_err put_indexes(struct key_request *req, const struct class_key *newest,
    const struct wire_item *it)
{
	const bool search = req->who.asking.op == POLICY_SEARCH;
	const struct class_key *c = it->flags == 0 ? newest : oldest_that_opens(newest);
	enum sc_err err = SC_OK;

	for (; c != NULL && err == SC_OK; c = search ? c->older : NULL)
		if (c->seal != NULL) {
			if (!search)
				keyring_sealed(req->e->p.keyring, c);
			err = index_print_class(&c->index, c->epoch, c->class_id, it->value,
			    req->answer.b);
		}
	/* a value that is no text has none: an answer, as it is for one that is blank */
	return err == SC_SYNTAX ? SC_OK : err;
}

static enum sc_err index_item(struct key_request *req, const struct wire_item *it)
{
	const struct class_key *c = keyring_class(req->e->p.keyring, it->class_id);
	struct answer_frames *a = &req->answer;
	struct policy_verdict v;
	struct quota_book *book;
	uint64_t id = 0;
	uint32_t people;
	enum sc_err err;
	size_t at;

	/* a search has all versions: it asks for none of them */
	if (it->flags != 0 &&
	    (it->flags != WIRE_INDEX_OLDEST || req->who.asking.op == POLICY_SEARCH))
		return SC_BUG;
	if (policy_class_name(req->e->policy, it->class_id) == NULL || c == NULL)
		return key_request_refuse(req, it, WIRE_UNKNOWN_CLASS);
	if ((err = count_search(req, it, &book, &id, &people)) != SC_OK)
		return err;
	policy_ask(req->e->policy, &req->who.asking,
	    &(struct policy_item){ .class_id = it->class_id, .subjects_today = people }, &v);
	tally_item(&req->e->tally, it->class_id, 0, (uint8_t)v.action);
	if (v.action != ACTION_REVEAL &&
	    !(req->who.asking.op == POLICY_WRITE && v.action == ACTION_TOKENISE))
		return key_request_refuse(req, it,
		    people > v.subjects_limit ? WIRE_QUOTA : WIRE_DENIED);
	if (it->value.n > INDEX_VALUE_MAX)
		return key_request_refuse(req, it, WIRE_TOO_LARGE);
	if ((err = answer_value_begin(a, KEY_VERSIONS * INDEX_KIND_COUNT * INDEX_ENTRY_MAX,
		 ACTION_TOKENISE, it->class_id, 0, &at)) != SC_OK ||
	    (err = put_indexes(req, c, it)) != SC_OK)
		return err;
	/* no UTF-8, no digits, blanks only: an empty text would stand in every index */
	if (a->b->n == at + WIRE_RESULT_HEAD) {
		sc_buf_truncate(a->b, at);
		return key_request_refuse(req, it, WIRE_BAD_VALUE);
	}
	if (book != NULL && (err = quota_add(book, id)) != SC_OK)
		return err;
	answer_value_end(a, at);
	req->e->tally.counts.indexed++;
	return SC_OK;
}

enum sc_err op_seal(struct key_request *req, struct sc_reader *r)
{
	return key_request_each(req, r, seal_item);
}

enum sc_err op_index(struct key_request *req, struct sc_reader *r)
{
	return key_request_each(req, r, index_item);
}
