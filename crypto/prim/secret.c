/*
 * secret.c - keys at rest in guarded memory, opened only in brackets.
 */
#include "crypto/prim/secret.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "base/buf.h"
#include "crypto/prim/random.h"

struct sc_secret {
	uint8_t *p; /* sodium_malloc()ed; no access while depth is 0 */
	size_t n;
	unsigned depth; /* open brackets */
	bool writable;  /* the outermost one writes */
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "secret: %s\n", what);
	abort();
}

/* A writable secret, in an open bracket. */
static enum sc_err make(size_t n, struct sc_secret **out)
{
	struct sc_secret *s;

	*out = NULL;
	if (n == 0 || n > SC_SECRET_MAX)
		return SC_LIMIT;
	/* does nothing after the first time; needed before sodium_malloc() */
	if (sodium_init() < 0 || (s = calloc(1, sizeof(*s))) == NULL)
		return SC_NOMEM;
	if ((s->p = sodium_malloc(n)) == NULL) {
		free(s);
		return SC_NOMEM;
	}
	s->n = n;
	s->depth = 1;
	s->writable = true;
	*out = s;
	return SC_OK;
}

enum sc_err sc_secret_new(size_t n, struct sc_secret **out)
{
	enum sc_err err;

	if ((err = make(n, out)) != SC_OK)
		return err;
	memset((*out)->p, 0, n); /* sodium_malloc() leaves 0xdb */
	sc_secret_close(*out);
	return SC_OK;
}

enum sc_err sc_secret_new_random(size_t n, struct sc_secret **out)
{
	enum sc_err err;

	if ((err = make(n, out)) != SC_OK)
		return err;
	random_bytes((*out)->p, n);
	sc_secret_close(*out);
	return SC_OK;
}

enum sc_err sc_secret_new_take(void *p, size_t n, struct sc_secret **out)
{
	enum sc_err err = make(n, out);

	if (err == SC_OK) {
		memcpy((*out)->p, p, n);
		sc_secret_close(*out);
	}
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

size_t sc_secret_size(const struct sc_secret *s)
{
	return s->n;
}

const uint8_t *sc_secret_open(struct sc_secret *s)
{
	if (s->depth == 0) {
		must(sodium_mprotect_readonly(s->p) == 0, "cannot be opened");
		s->writable = false;
	}
	s->depth++;
	must(s->depth != 0, "opened too often");
	return s->p;
}

uint8_t *sc_secret_open_write(struct sc_secret *s)
{
	if (s->depth == 0) {
		must(sodium_mprotect_readwrite(s->p) == 0, "cannot be opened");
		s->writable = true;
	}
	must(s->writable, "opened for writing inside a reading bracket");
	s->depth++;
	return s->p;
}

void sc_secret_close(struct sc_secret *s)
{
	must(s->depth != 0, "closed more often than opened");
	if (--s->depth == 0)
		must(sodium_mprotect_noaccess(s->p) == 0, "cannot be closed");
}
