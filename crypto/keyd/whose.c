/*
 * whose.c - whose a token is: a token belongs to its person.
 *
 * Where an item names somebody, a token of another person in its place is foreign. Otherwise
 * whoever has stolen tokens, and may write an order of their own, types them there and has
 * them printed on their own parcel. A person is known by the handle, whichever of their keys
 * a token is under.
 */
#include "crypto/keyd/key_request.h"

#include "base/weak.h"

#include <string.h>

bool key_request_foreign(struct key_request *req, const struct wire_item *it, const uint8_t *handle)
{
	if (it->subject == WIRE_NO_SUBJECT || WEAK("token-of-another"))
		return false;
	if (handle == NULL)
		return (it->flags & WIRE_ADOPT) == 0;
	return memcmp(key_request_handle(req, it->subject), handle, HANDLE_BYTES) != 0;
}

/* T, which is authentic. Of another class than the item's it is a text like any other. */
static enum token_whose judge(struct key_request *req, const struct wire_item *it,
    const struct token_parts *t, const uint8_t *handle)
{
	if (key_request_foreign(req, it, handle))
		return TOKEN_FOREIGN;
	if (t->class_id != it->class_id)
		return TOKEN_NONE;
	if (handle != NULL || it->subject == WIRE_NO_SUBJECT)
		return TOKEN_OWN;
	return (it->flags & WIRE_ADOPT) != 0 ? TOKEN_ADOPTED : TOKEN_OWN;
}

enum sc_err key_request_whose(struct key_request *req, const struct wire_item *it,
    struct token_parts *t, enum token_whose *whose)
{
	struct engine *e = req->e;
	const struct person_key *person;
	struct siv_ctx *siv;
	enum wire_status status;
	enum sc_err err;
	bool ok;

	*whose = TOKEN_NONE;
	/* most values are none */
	if (!token_seems(it->value) || token_parse(it->value, &e->token, t) != SC_OK)
		return SC_OK;
	if (it->subject == WIRE_NO_SUBJECT && t->class_id != it->class_id)
		return SC_OK;
	if ((err = key_request_token_key(req, t, &siv, &status, &person)) != SC_OK || siv == NULL)
		return err;
	sc_buf_clear(&e->plain);
	err = token_open(siv, t, req->tenant, &e->plain, &ok);
	if (err == SC_OK && ok)
		*whose = judge(req, it, t, person == NULL ? NULL : person->handle);
	if (*whose == TOKEN_ADOPTED)
		keyring_opened(e->p.keyring, keyring_class_by_id(e->p.keyring, t->key_id),
		    req->who.asking.now_ms);
	else if (*whose != TOKEN_OWN)
		sc_buf_clear(&e->plain);
	return err;
}
