/*
 * op_seal.c - SEAL: values in, tokens out, with their blind indexes where they are asked for.
 *
 * A value that already is an authentic token of this tenant and class, and of the item's
 * person, is given back as it is, so that sealing twice is sealing once; but what somebody
 * sealed with a nonce becomes, for a role that stores, what it would have been there. A token
 * of somebody else is only a text.
 *
 * Who may seal a guess and compare has an oracle. So equal values are equal tokens for roles
 * that store alone, and for them so many different ones of a person, class and day: from the
 * first that is too many, and whenever that cannot be counted, all tokens of that person, class
 * and day have a nonce. An order is never refused.
 */
#include "crypto/keyd/key_request.h"

#include "base/bytes.h"
#include "base/weak.h"
#include "crypto/prim/index.h"
#include "policy/words/class.h"

#define TOKEN_ASKED (TOKEN_KIND_MASK | TOKEN_EMAIL_SHAPE)
#define SEAL_FLAGS (TOKEN_ASKED | TOKEN_RANDOM | WIRE_FOREIGN_REFUSE | WIRE_ADOPT | WIRE_INDEXED)
#define NOBODYS_MAX 4096 /* different values without a person, of a principal a day */
/* behind the token: the newest version's index and the oldest's, each behind a blank */
#define INDEXES_ROOM (2 * (1 + INDEX_KIND_COUNT * INDEX_ENTRY_MAX))

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

/* ---- what is told apart --------------------------------------------------------------- */

/*
 * ID is one of at most MAX that the principal has in BOOKS today. One that is too many ends
 * it for all: else the guess that is still answered would be the one that was right.
 */
static bool count_in(struct key_request *req, struct quota *books, struct quota_book **book,
    uint64_t id, uint32_t max)
{
	const struct asking *a = &req->who.asking;

	if (*book == NULL && quota_book(books, a->principal, a->counted_ms, book) != SC_OK)
		return false;
	return quota_count(*book) <= max && quota_add(*book, id) == SC_OK &&
	    quota_count(*book) <= max;
}

/*
 * May the value that was sealed to MARK be known by it: is it among those that HANDLE, whose
 * key T names (NULL: nobody, so the principal), is given today? Equal tokens come of the key,
 * so the key counts, whoever has it by now: a merge begins no new count.
 */
static bool is_given(struct key_request *req, const uint8_t *handle, const struct token_parts *t,
    uint64_t mark)
{
	struct engine *e = req->e;
	enum mark m;

	if (WEAK("seal-unlimited"))
		return true;
	if (handle == NULL)
		return count_in(req, e->nobodys, &req->sealing.nobodys, mark, NOBODYS_MAX);
	m = marks_see(e->marks, req->sealing.day,
	    WEAK("marks-by-name") ? sc_be64_load(handle) : t->key_id, t->class_id,
	    (uint32_t)(mark >> 32));
	return m == MARK_KNOWN || m == MARK_NEW;
}

static const struct class_key *oldest_that_opens(const struct class_key *newest)
{
	const struct class_key *oldest = newest;

	for (const struct class_key *c = newest; c != NULL; c = c->older)
		if (c->seal != NULL)
			oldest = c;
	return oldest;
}

/* One index behind a blank, or the blank alone when VALUE has no normal form. */
static enum sc_err put_index(struct key_request *req, const struct class_key *c,
    struct sc_span value)
{
	struct sc_buf *b = req->answer.b;
	enum sc_err err = sc_buf_put(b, " ", 1);

	if (err != SC_OK || value.n > INDEX_VALUE_MAX)
		return err;
	err = index_print_class(&c->index, c->epoch, c->class_id, value, b);
	return err == SC_SYNTAX ? SC_OK : err;
}

/* What is stored beside the token: what a search of today finds, and what people are known by. */
static enum sc_err put_indexes(struct key_request *req, uint8_t class_id, struct sc_span value,
    uint64_t mark)
{
	const struct class_key *newest = keyring_class(req->e->p.keyring, class_id), *oldest;
	enum sc_err err;

	if (newest == NULL ||
	    !count_in(req, req->e->indexes, &req->sealing.indexed, mark, req->sealing.indexes))
		return SC_OK;
	oldest = oldest_that_opens(newest);
	keyring_sealed(req->e->p.keyring, newest);
	if (oldest != newest)
		keyring_sealed(req->e->p.keyring, oldest);
	req->e->tally.counts.indexed++;
	err = put_index(req, newest, value);
	return err == SC_OK && oldest != newest ? put_index(req, oldest, value) : err;
}

/* ---- a value ---------------------------------------------------------------------------- */

/* Whom something is sealed for, once a request. */
static enum sc_err tell_subject(struct key_request *req, uint16_t subject,
    const struct person_key *k)
{
	struct engine *e = req->e;
	const uint8_t *told;
	enum sc_err err;

	if (e->subject[subject].told)
		return SC_OK;
	if ((err = people_told(e->p.people, k, people_year(e->p.people, req->who.asking.counted_ms),
		 &told)) != SC_OK)
		return err;
	e->subject[subject].told = true;
	tally_subject(&e->tally, told);
	return SC_OK;
}

/*
 * The key that an item is sealed under: its subject's, else its class's. *SIV NULL: it is
 * broken, as *STATUS says, or was noted as missing.
 */
static enum sc_err seal_key(struct key_request *req, const struct wire_item *it,
    struct token_parts *head, const uint8_t **handle, struct siv_ctx **siv,
    enum wire_status *status)
{
	struct engine *e = req->e;
	const struct class_key *c;
	const struct person_key *k;
	bool *wanted;
	enum sc_err err;

	*siv = NULL;
	*handle = NULL;
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
	*handle = key_request_handle(req, it->subject);
	if (!e->subject[it->subject].told && (err = key_request_claim(req, *handle)) != SC_OK)
		return err;
	if ((k = people_by_handle(e->p.people, *handle)) == NULL) {
		wanted = &e->subject[it->subject].wanted;
		/* what is missing is noted once */
		err = *wanted ? SC_OK : key_request_want(req, 0, *handle);
		*wanted = true;
		return err;
	}
	if ((err = tell_subject(req, it->subject, k)) != SC_OK)
		return err;
	if ((*status = key_request_status(req, k)) != WIRE_OK)
		return SC_OK;
	head->key_id = k->id;
	if ((err = key_request_use(req, k)) != SC_OK)
		return err;
	people_sealed(e->p.people, k, req->who.asking.now_ms, req->peer->row);
	*siv = e->siv;
	return SC_OK;
}

/*
 * T, the item's own token, as it came; an address in the domain that is set here, as whoever
 * sent it may have written another into it, to which mail would go.
 */
static enum sc_err put_as_it_came(struct key_request *req, const struct wire_item *it,
    const struct token_parts *own)
{
	struct answer_frames *a = &req->answer;
	struct token_parts t = *own;
	enum sc_err err;
	size_t at;

	if ((t.flags & TOKEN_EMAIL_SHAPE) == 0 || WEAK("token-domain"))
		return answer_put(a, WIRE_OK, ACTION_TOKENISE, it->class_id,
		    it->flags & TOKEN_KIND_MASK, it->value);
	t.domain = req->e->p.email_domain;
	if ((err = answer_value_begin(a, it->value.n + TOKEN_DOMAIN_MAX, ACTION_TOKENISE,
		 it->class_id, it->flags & TOKEN_KIND_MASK, &at)) != SC_OK ||
	    (err = token_print(&t, a->b)) != SC_OK)
		return err;
	answer_value_end(a, at);
	return SC_OK;
}

/* What is to be sealed for an item. */
struct seal_wanted {
	struct sc_span value;
	struct token_parts head;       /* flags, class, tier, and in the end the key */
	const struct token_parts *own; /* the random token that VALUE came out of, or NULL */
	uint8_t more;                  /* bits of the result's kind beside the value's */
	bool compares;                 /* equal values are to be equal */
	bool indexed;
};

/* Its token under SIV, onto the result that began at AT. *GIVEN: it may be known by what it was sealed to. */
static enum sc_err put_token(struct key_request *req, struct seal_wanted *w, struct siv_ctx *siv,
    const uint8_t *handle, bool *given)
{
	struct sc_buf *b = req->answer.b;
	const size_t at = b->n;
	uint64_t mark = 0;
	enum sc_err err;

	*given = true;
	if (!w->compares && !w->indexed)
		w->head.flags |= TOKEN_RANDOM;
	err = token_seal_marked(siv, &w->head, req->tenant, w->value, b, &mark);
	if (err != SC_OK || (w->head.flags & TOKEN_RANDOM) != 0)
		return err;
	/* of nobody, an index counts as such alone: calls come from whom nobody knows */
	if (w->compares || handle != NULL)
		*given = is_given(req, handle, &w->head, mark);
	if (!w->compares || !*given) {
		sc_buf_truncate(b, at);
		w->head.flags |= TOKEN_RANDOM;
		err = token_seal(siv, &w->head, req->tenant, w->value, b);
	}
	if (err == SC_OK && w->indexed && *given)
		err = put_indexes(req, w->head.class_id, w->value, mark);
	return err;
}

static bool is_same_key(const struct token_parts *a, const struct token_parts *b)
{
	return a->key_id == b->key_id && ((a->flags ^ b->flags) & TOKEN_CLASS_KEY) == 0;
}

/* What a token of it comes to at most: with a nonce, but that an address may have no room for it. */
static size_t longest_text(const struct seal_wanted *w)
{
	struct token_parts t = w->head;
	size_t random, plain;

	t.flags |= TOKEN_RANDOM;
	random = token_text_length(&t, w->value.n);
	if ((t.flags & TOKEN_EMAIL_SHAPE) == 0)
		return random;
	plain = token_text_length(&w->head, w->value.n);
	return random > plain ? random : plain;
}

static enum sc_err put_sealed(struct key_request *req, const struct wire_item *it,
    struct seal_wanted *w)
{
	struct answer_frames *a = &req->answer;
	const uint8_t kind = (w->head.flags & TOKEN_KIND_MASK) | w->more;
	const uint8_t *handle;
	enum wire_status status;
	struct siv_ctx *siv;
	bool given;
	enum sc_err err;
	size_t at;

	if ((err = seal_key(req, it, &w->head, &handle, &siv, &status)) != SC_OK)
		return err;
	if (siv == NULL)
		return status == WIRE_OK ? SC_OK : key_request_refuse(req, it, status);
	if (w->own != NULL && !is_same_key(w->own, &w->head))
		return put_as_it_came(req, it, w->own);
	if ((err = answer_value_begin(a, longest_text(w) + (w->indexed ? INDEXES_ROOM : 0),
		 ACTION_TOKENISE, it->class_id, kind, &at)) != SC_OK ||
	    (err = put_token(req, w, siv, handle, &given)) != SC_OK)
		return err;
	req->e->tally.counts.limit += !given;
	if (w->own != NULL && !given) {
		sc_buf_truncate(a->b, at);
		return put_as_it_came(req, it, w->own);
	}
	if (!given)
		wire_result_mark(a->b, at, WIRE_PAST_LIMIT);
	answer_value_end(a, at);
	req->e->tally.counts.sealed++;
	req->e->tally.counts.unowned += handle == NULL;
	return SC_OK;
}

/* IT is a token of the item's own person, T, whose text lies in e->plain. */
static enum sc_err seal_own(struct key_request *req, const struct wire_item *it,
    const struct token_parts *t, struct seal_wanted *w)
{
	enum sc_err err;

	/* who orders anew out of the shop's records has an order like any other */
	if (it->subject != WIRE_NO_SUBJECT &&
	    (err = key_request_claim(req, key_request_handle(req, it->subject))) != SC_OK)
		return err;
	if (!w->compares || (t->flags & TOKEN_RANDOM) == 0)
		return put_as_it_came(req, it, t);
	w->own = t;
	w->value = sc_buf_span(&req->e->plain);
	w->head.flags = t->flags & TOKEN_ASKED;
	w->indexed = false;
	return put_sealed(req, it, w);
}

/* IT is a class's token, T, whose text lies in e->plain: that goes under the person's key. */
static enum sc_err adopt(struct key_request *req, const struct wire_item *it,
    const struct token_parts *t, struct seal_wanted *w)
{
	w->value = sc_buf_span(&req->e->plain);
	w->head.flags = (w->head.flags & ~TOKEN_KIND_MASK) | (t->flags & TOKEN_KIND_MASK);
	req->e->tally.counts.adopted++;
	return put_sealed(req, it, w);
}

/* As the text that it is, whatever it is else. */
static enum sc_err seal_text(struct key_request *req, const struct wire_item *it,
    struct seal_wanted *w, bool foreign)
{
	if (foreign && (it->flags & WIRE_FOREIGN_REFUSE) != 0)
		return key_request_refuse(req, it, WIRE_FOREIGN);
	if (it->value.n > CRYPTO_VALUE_MAX)
		return key_request_refuse(req, it, WIRE_TOO_LARGE);
	if (!token_value_ok(it->value))
		return key_request_refuse(req, it, WIRE_BAD_VALUE);
	w->more = foreign ? WIRE_RESEALED : 0;
	req->e->tally.counts.foreign += foreign;
	return put_sealed(req, it, w);
}

static enum sc_err seal_value(struct key_request *req, const struct wire_item *it, uint8_t tier)
{
	struct seal_wanted w = { .value = it->value,
		.head = { .flags = it->flags & TOKEN_ASKED,
		    .class_id = it->class_id,
		    .tier = tier,
		    .domain = req->e->p.email_domain },
		.compares = req->sealing.stores && (it->flags & TOKEN_RANDOM) == 0,
		.indexed = (it->flags & WIRE_INDEXED) != 0 && req->sealing.indexes > 0 };
	enum token_whose whose = TOKEN_NONE;
	struct token_parts t;
	enum sc_err err;

	/* most values are none, and are not asked about */
	if (token_seems(it->value) && (err = key_request_whose(req, it, &t, &whose)) != SC_OK)
		return err;
	switch (whose) {
	case TOKEN_OWN: err = seal_own(req, it, &t, &w); break;
	case TOKEN_ADOPTED: err = adopt(req, it, &t, &w); break;
	default: err = seal_text(req, it, &w, whose == TOKEN_FOREIGN);
	}
	sc_buf_clear(&req->e->plain);
	return err;
}

/*
 * *IT is of whoever its order is somebody's, and becomes OF, which is theirs. False: it is refused,
 * or waits for the store, or *ERR.
 */
static bool is_somebodys(struct key_request *req, const struct wire_item **it, struct wire_item *of,
    enum sc_err *err)
{
	enum wire_status status;

	*of = **it;
	*err = key_request_of_order(req, of, &status);
	if (*err == SC_OK && status != WIRE_OK)
		*err = key_request_refuse(req, *it, status);
	*it = of;
	return *err == SC_OK && status == WIRE_OK && of->subject != WIRE_OF_ORDER;
}

static enum sc_err seal_item(struct key_request *req, const struct wire_item *it)
{
	struct policy_verdict v;
	struct wire_item of;
	enum sc_err err;
	uint8_t tier = (uint8_t)policy_class_tier(req->e->policy, it->class_id);

	if ((it->flags & ~SEAL_FLAGS) != 0 || (it->flags & TOKEN_KIND_MASK) > TOKEN_LITERAL ||
	    ((it->flags & TOKEN_EMAIL_SHAPE) != 0 && it->class_id != CLASS_EMAIL))
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
	if (it->subject == WIRE_OF_ORDER && !is_somebodys(req, &it, &of, &err))
		return err;
	return seal_value(req, it, tier);
}

enum sc_err op_seal(struct key_request *req, struct sc_reader *r)
{
	const struct policy *p = req->e->policy;
	const uint8_t role = req->who.asking.role;

	req->sealing.stores = policy_role_stores(p, role) || WEAK("seal-deterministic-for-all");
	req->sealing.indexes = policy_role_indexes(p, role);
	req->sealing.day = marks_day(req->e->marks, req->who.asking.counted_ms);
	return key_request_each(req, r, seal_item);
}
