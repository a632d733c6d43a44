/*
 * session.c - an open-addressing table of handles; those that are over go when it grows.
 */
#include "crypto/keyd/session.h"

#include "base/buf.h"
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#define SESSIONS_MIN 16

/* Where HANDLE is, or would go. */
static struct session *place_of(struct session *v, size_t cap, const uint8_t *handle)
{
	size_t i = sc_be32_load(handle);

	while (v[i & (cap - 1)].until_ms != 0 &&
	    memcmp(v[i & (cap - 1)].handle, handle, ASKING_SESSION) != 0)
		i++;
	return &v[i & (cap - 1)];
}

static size_t count_live(const struct sessions *s, uint64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < s->cap; i++)
		n += s->v[i].until_ms > now_ms;
	return n;
}

/* Room for one more: what is over goes first. */
static enum sc_err make_room(struct sessions *s, uint64_t now_ms)
{
	const size_t live = count_live(s, now_ms);
	size_t cap = s->cap == 0 ? SESSIONS_MIN : s->cap;
	struct session *v;

	while (2 * (live + 1) > cap)
		cap *= 2;
	if (cap > SESSIONS_MAX)
		return SC_LIMIT;
	if ((v = calloc(cap, sizeof(*v))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < s->cap; i++)
		if (s->v[i].until_ms > now_ms)
			*place_of(v, cap, s->v[i].handle) = s->v[i];
	sessions_fini(s);
	*s = (struct sessions){ v, cap, live };
	return SC_OK;
}

enum sc_err sessions_put(struct sessions *s, const uint8_t handle[static ASKING_SESSION],
    const struct policy_principal *who, uint64_t now_ms)
{
	struct session *place;
	enum sc_err err;

	if (2 * (s->n + 1) > s->cap && (err = make_room(s, now_ms)) != SC_OK)
		return err;
	place = place_of(s->v, s->cap, handle);
	s->n += place->until_ms == 0;
	memcpy(place->handle, handle, ASKING_SESSION);
	place->who = who;
	place->until_ms = now_ms + SESSION_MS;
	return SC_OK;
}

const struct session *sessions_find(const struct sessions *s,
    const uint8_t handle[static ASKING_SESSION], uint64_t now_ms)
{
	const struct session *place = s->cap == 0 ? NULL : place_of(s->v, s->cap, handle);

	return place != NULL && place->until_ms > now_ms ? place : NULL;
}

void sessions_fini(struct sessions *s)
{
	if (s->v != NULL)
		sc_wipe(s->v, s->cap * sizeof(*s->v));
	free(s->v);
	*s = (struct sessions){ NULL, 0, 0 };
}
