/*
 * consent.c - who may be learned from: which word of an identifier counts, and
 * whether those of all that an event is tied to let it in.
 */
#include "base/feed/consent.h"

static bool says_no(const struct consent_word *w)
{
	return w->word == FEED_REFUSE || w->word == FEED_WITHDRAW;
}

static bool says_yes(const struct consent_word *w, uint32_t version)
{
	return w->word == FEED_GRANT && w->version >= version;
}

/*
 * Does NEW_ count before OLD, both being a back end's or both a page's? A whole
 * order, so that any order of hearing ends alike: after time and word, the older text.
 */
static bool goes_before(const struct consent_word *new_, const struct consent_word *old)
{
	if (old->word == 0)
		return new_->word != 0;
	if (new_->at_ms != old->at_ms)
		return new_->at_ms > old->at_ms;
	if (new_->word != old->word)
		return new_->word > old->word;
	return new_->version < old->version;
}

bool consent_hear(struct consent_words *of, const struct consent_word *w)
{
	struct consent_word *mine = w->verified ? &of->verified : &of->asserted;

	if (w->word == 0 || !goes_before(w, mine))
		return false;
	*mine = *w;
	return true;
}

const struct consent_word *consent_counting(const struct consent_words *of)
{
	const struct consent_word *back_end = &of->verified, *page = &of->asserted;

	if (back_end->word == 0)
		return page;
	return says_no(page) && page->at_ms >= back_end->at_ms ? page : back_end;
}

/* A device that said nothing stops nobody: most devices of an account never were asked. */
static bool lets_in(const struct consent_word *linked, uint32_t version)
{
	return linked->kind == FEED_DEVICE ? !says_no(linked) : says_yes(linked, version);
}

/*
 * Whose word is newer is not asked: by "the newest counts" a page's yes would undo
 * what its account refused, by "the account counts" an account's yes what was refused
 * on the device.
 */
bool consent_enters(const struct consent_word *own, const struct consent_word *linked, size_t n,
    uint32_t version)
{
	if (!says_yes(own, version))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!lets_in(&linked[i], version))
			return false;
	return true;
}
