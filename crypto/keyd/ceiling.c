/*
 * ceiling.c - a gateway's books: of everybody whom it was shown, and by tier of those whom it
 * was shown on its own word.
 */
#include "crypto/keyd/ceiling.h"

#include "base/weak.h"

/* Which book, of the request's own list: all, then one a tier. */
enum { BOOK_ALL, BOOK_TIER };

static enum sc_err book_of(struct key_request *req, unsigned i, struct quota_book **out)
{
	static const enum quota_kind
	    kinds[] = { [BOOK_ALL] = QUOTA_NODE, [BOOK_TIER] = QUOTA_ASSERTED };
	const enum quota_kind kind =
	    i < BOOK_TIER ? kinds[i] : kinds[BOOK_TIER] + (enum quota_kind)(i - BOOK_TIER);
	enum sc_err err = SC_OK;

	if (req->books[i] == NULL)
		err = quota_book(quota_rows_books(req->e->rows, kind), &req->peer->node,
		    req->who.asking.counted_ms, &req->books[i]);
	*out = req->books[i];
	return err;
}

/* The ceiling that book I has for REQ. */
static uint32_t limit_of(const struct key_request *req, unsigned i)
{
	const struct settings_people *p = &req->peer->gateway->row->people_per_day;

	if (WEAK("no-ceiling"))
		return SETTINGS_UNLIMITED;
	if (i == BOOK_ALL)
		return p->all;
	return req->who.asking.auth == ASKING_ASSERTED ? p->tier[i - BOOK_TIER] :
							 SETTINGS_UNLIMITED;
}

static enum sc_err is_over(struct key_request *req, unsigned i, uint64_t subject, bool *over)
{
	const uint32_t limit = limit_of(req, i);
	struct quota_book *book;
	enum sc_err err;

	if (limit == SETTINGS_UNLIMITED)
		return SC_OK;
	if ((err = book_of(req, i, &book)) == SC_OK && quota_count_with(book, subject) > limit)
		*over = true;
	return err;
}

bool ceiling_counts(const struct key_request *req)
{
	for (unsigned i = BOOK_ALL; i < BOOK_TIER + TIER_X; i++)
		if (limit_of(req, i) != SETTINGS_UNLIMITED)
			return true;
	return false;
}

enum sc_err ceiling_ask(struct key_request *req, uint8_t tier, uint64_t subject, bool *over)
{
	enum sc_err err;

	*over = tier >= TIER_X; /* nothing of it is for anybody */
	if (*over || (err = is_over(req, BOOK_ALL, subject, over)) != SC_OK)
		return *over ? SC_OK : err;
	return is_over(req, BOOK_TIER + tier, subject, over);
}

static enum sc_err note(struct key_request *req, unsigned i, uint64_t subject)
{
	struct quota_book *book;
	enum sc_err err;

	if (limit_of(req, i) == SETTINGS_UNLIMITED)
		return SC_OK;
	return (err = book_of(req, i, &book)) != SC_OK ? err : quota_add(book, subject);
}

enum sc_err ceiling_note(struct key_request *req, uint8_t tier, uint64_t subject)
{
	enum sc_err err = note(req, BOOK_ALL, subject);

	return err != SC_OK ? err : note(req, BOOK_TIER + tier, subject);
}
