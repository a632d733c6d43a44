/*
 * strangers.c - a ring of entries, each in a chain of those whose handles begin alike.
 *
 * Any page can say no under a made-up id, as often as it likes: what that costs must not
 * grow. So a no of a device that no account was ever linked to is kept in this table alone,
 * and the 65,536 that came last are known. To be forgotten means little here: the
 * page's own word decides again, and where that says nothing, unknown is no.
 */
#include "gateway/consent/strangers.h"

#include <stdlib.h>
#include <string.h>

#define NONE 0 /* entries are numbered from 1 */

struct stranger {
	uint8_t handle[HANDLE_BYTES];
	struct consent_word word; /* word 0: the entry is empty */
	uint32_t next;            /* in its chain */
	uint8_t purpose;
};

struct strangers {
	uint32_t oldest; /* the entry that is taken next */
	uint32_t chains[STRANGERS_MAX];
	struct stranger v[STRANGERS_MAX + 1];
};

enum sc_err strangers_new(struct strangers **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return SC_NOMEM;
	(*out)->oldest = 1;
	return SC_OK;
}

void strangers_free(struct strangers *t)
{
	free(t);
}

static uint32_t chain_of(const uint8_t *handle)
{
	uint64_t hash;

	memcpy(&hash, handle, sizeof(hash));
	return (uint32_t)hash & (STRANGERS_MAX - 1);
}

static bool is(const struct stranger *e, const uint8_t *handle, uint8_t purpose)
{
	return e->purpose == purpose && memcmp(e->handle, handle, HANDLE_BYTES) == 0;
}

static uint32_t find(const struct strangers *t, const uint8_t *handle, uint8_t purpose)
{
	uint32_t i = t->chains[chain_of(handle)];

	while (i != NONE && !is(&t->v[i], handle, purpose))
		i = t->v[i].next;
	return i;
}

/* Entry I becomes empty; where it is in the ring it stays. */
static void clear(struct strangers *t, uint32_t i)
{
	uint32_t *p = &t->chains[chain_of(t->v[i].handle)];

	if (t->v[i].word.word == 0)
		return;
	while (*p != i)
		p = &t->v[*p].next;
	*p = t->v[i].next;
	memset(&t->v[i], 0, sizeof(t->v[i]));
}

void strangers_put(struct strangers *t, const uint8_t handle[static HANDLE_BYTES], uint8_t purpose,
    const struct consent_word *w)
{
	uint32_t i = find(t, handle, purpose), *chain = &t->chains[chain_of(handle)];

	if (i != NONE) {
		t->v[i].word = *w;
		return;
	}
	i = t->oldest;
	t->oldest = i == STRANGERS_MAX ? 1 : i + 1;
	clear(t, i);
	t->v[i] = (struct stranger){ .word = *w, .next = *chain, .purpose = purpose };
	memcpy(t->v[i].handle, handle, HANDLE_BYTES);
	*chain = i;
}

struct consent_word strangers_word(const struct strangers *t,
    const uint8_t handle[static HANDLE_BYTES], uint8_t purpose)
{
	return t->v[find(t, handle, purpose)].word; /* [NONE] is all zero */
}

void strangers_drop(struct strangers *t, const uint8_t handle[static HANDLE_BYTES], uint8_t purpose)
{
	uint32_t i = find(t, handle, purpose);

	if (i != NONE)
		clear(t, i);
}
