/*
 * secret.c - keys at rest in guarded memory, opened only in brackets.
 */
#include "crypto/prim/secret.h"

#include "base/buf.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sc_secret {
	uint8_t *p;     /* sodium_malloc()ed; no access while depth is 0 */
	unsigned depth; /* open brackets */
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "secret: %s\n", what);
	abort();
}

enum sc_err sc_secret_new_take(void *p, size_t n, struct sc_secret **out)
{
	struct sc_secret *s = NULL;
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (n == 0 || n > SC_SECRET_MAX) {
		err = SC_LIMIT;
		goto out;
	}
	/* does nothing after the first time; needed before sodium_malloc() */
	if (sodium_init() < 0 || (s = calloc(1, sizeof(*s))) == NULL ||
	    (s->p = sodium_malloc(n)) == NULL)
		goto out;
	memcpy(s->p, p, n);
	must(sodium_mprotect_noaccess(s->p) == 0, "cannot be closed");
	*out = s;
	s = NULL;
	err = SC_OK;
out:
	free(s);
	sc_wipe(p, n); /* in any case: the caller meant to be rid of it */
	return err;
}

void sc_secret_free(struct sc_secret *s)
{
	if (s == NULL)
		return;
	sodium_free(s->p); /* wipes, and checks the canary before it */
	sc_wipe(s, sizeof(*s));
	free(s);
}

const uint8_t *sc_secret_open(struct sc_secret *s)
{
	if (s->depth == 0)
		must(sodium_mprotect_readonly(s->p) == 0, "cannot be opened");
	s->depth++;
	must(s->depth != 0, "opened too often");
	return s->p;
}

void sc_secret_close(struct sc_secret *s)
{
	must(s->depth != 0, "closed more often than opened");
	if (--s->depth == 0)
		must(sodium_mprotect_noaccess(s->p) == 0, "cannot be closed");
}
