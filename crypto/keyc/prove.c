/*
 * prove.c - whose keys keyd has seen on this connection: each is shown once, and then a
 * handle stands for it.
 *
 * The handle is drawn here, so that the key can leave in one packet with the first question
 * that uses it. keyd takes it for nothing but this connection and that key. No key is
 * kept: only what it hashes to.
 */
#include "crypto/keyc/internal.h"

#include "base/clock.h"
#include "crypto/prim/random.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 600000u /* well below what keyd believes it for */
#define SESSIONS_MIN 16
#define SESSIONS_MAX (2 * SC_PRINCIPALS_MAX) /* places, of which half are used */

void keyc_forget_sessions(struct keyc *kc)
{
	if (kc->n_sessions > 0)
		sc_wipe(kc->sessions, kc->sessions_cap * sizeof(*kc->sessions));
	kc->n_sessions = 0;
}

/* Where DIGEST is, or would go. It is a hash: its first bytes are as good as any. */
static struct keyc_session *place_of(struct keyc_session *v, size_t cap, const uint8_t *digest)
{
	size_t i = sc_be32_load(digest);

	while (v[i & (cap - 1)].proved_ms != 0 &&
	    memcmp(v[i & (cap - 1)].digest, digest, HASH_BYTES) != 0)
		i++;
	return &v[i & (cap - 1)];
}

static struct keyc_session *find(const struct keyc *kc, const uint8_t *digest)
{
	return kc->sessions_cap == 0 ? NULL : place_of(kc->sessions, kc->sessions_cap, digest);
}

/* Room for one more; where there is none, everybody proves anew. */
static enum sc_err make_room(struct keyc *kc)
{
	size_t cap = kc->sessions_cap == 0 ? SESSIONS_MIN : 2 * kc->sessions_cap;
	struct keyc_session *v;

	if (2 * kc->n_sessions < kc->sessions_cap)
		return SC_OK;
	if (cap > SESSIONS_MAX) {
		keyc_forget_sessions(kc);
		return SC_OK;
	}
	if ((v = calloc(cap, sizeof(*v))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < kc->sessions_cap; i++)
		if (kc->sessions[i].proved_ms != 0)
			*place_of(v, cap, kc->sessions[i].digest) = kc->sessions[i];
	free(kc->sessions);
	kc->sessions = v;
	kc->sessions_cap = cap;
	return SC_OK;
}

static enum sc_err show(struct keyc *kc, const uint8_t *handle, struct sc_span key)
{
	const struct wire_proof proof = { handle, key };
	size_t at;
	enum sc_err err = wire_frame_begin(&kc->out, WIRE_PROVE, 0, &at);

	if (err != SC_OK)
		return err;
	if ((err = wire_proof_encode(&kc->out, &proof)) != SC_OK) {
		sc_buf_truncate(&kc->out, at);
		return err;
	}
	wire_frame_end(&kc->out, at, 0);
	return SC_OK;
}

/* Of a place that is free or old. */
static enum sc_err begin(struct keyc *kc, struct keyc_session *s, const struct asking_proof *proof,
    uint64_t now)
{
	uint8_t handle[ASKING_SESSION];
	enum sc_err err;

	random_bytes(handle, sizeof(handle));
	if ((err = show(kc, handle, proof->key)) != SC_OK)
		return err;
	if (s->proved_ms == 0)
		kc->n_sessions++;
	memcpy(s->digest, proof->digest, HASH_BYTES);
	memcpy(s->handle, handle, sizeof(handle));
	s->proved_ms = now;
	return SC_OK;
}

enum sc_err keyc_prove(struct keyc *kc, const struct asking *a, struct asking *out)
{
	struct keyc_session *s;
	uint64_t now;
	enum sc_err err;

	*out = *a;
	out->session = NULL;
	if (a->proof == NULL)
		return SC_OK;
	now = clock_mono_ms() + 1;
	s = find(kc, a->proof->digest);
	if (s == NULL || s->proved_ms == 0) {
		if ((err = make_room(kc)) != SC_OK)
			return err;
		s = find(kc, a->proof->digest);
	}
	if ((s->proved_ms == 0 || now - s->proved_ms >= AGAIN_MS) &&
	    (err = begin(kc, s, a->proof, now)) != SC_OK)
		return err;
	out->session = s->handle;
	return SC_OK;
}
