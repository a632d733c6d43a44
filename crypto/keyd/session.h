/*
 * session.h - handles on one connection, each of which stands for a caller whose API key was
 * shown there.
 *
 * Whoever asks draws them, at random; keyd takes one for nothing but the connection it came
 * by, for a quarter of an hour, and none beyond a reload.
 */
#ifndef CRYPTO_KEYD_SESSION_H
#define CRYPTO_KEYD_SESSION_H

#include "policy/asking.h"
#include "policy/principal/principal.h"

#define SESSION_MS 900000u
#define SESSIONS_MAX 8192 /* places for those of one connection, of which half are used */

struct session {
	uint8_t handle[ASKING_SESSION];
	const struct policy_principal *who; /* NULL: a wrong key was shown */
	uint64_t until_ms;                  /* monotonic; 0: this place is free */
};

/* All zero is empty. */
struct sessions {
	struct session *v; /* a table by handle */
	size_t cap, n;
};

/*
 * From NOW_MS on HANDLE is WHO's, who outlives it; what is over goes. Fails with SC_LIMIT when
 * there are too many, SC_NOMEM.
 */
SC_CHECKED enum sc_err sessions_put(struct sessions *s, const uint8_t handle[static ASKING_SESSION],
    const struct policy_principal *who, uint64_t now_ms);
/* NULL: there is none of that handle, or it is over. */
const struct session *sessions_find(const struct sessions *s,
    const uint8_t handle[static ASKING_SESSION], uint64_t now_ms);
void sessions_fini(struct sessions *s); /* empty afterwards */

#endif
