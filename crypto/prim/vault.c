/*
 * vault.c - memory for keys.
 */
#include "crypto/prim/vault.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct head {
	size_t n;
	size_t pad;
};

enum sc_err vault_open(size_t bytes, bool *locked, struct sc_diag *d)
{
	(void)bytes, (void)d;
	*locked = false;
	return SC_OK;
}

void *vault_alloc(size_t n)
{
	struct head *h = calloc(1, sizeof(*h) + n);

	if (h == NULL)
		return NULL;
	h->n = n;
	return h + 1;
}

void *vault_realloc(void *p, size_t n)
{
	struct head *h = p == NULL ? NULL : (struct head *)p - 1;
	void *q = vault_alloc(n);

	if (q != NULL && h != NULL)
		memcpy(q, p, h->n < n ? h->n : n);
	if (q != NULL)
		vault_free(p);
	return q;
}

void vault_free(void *p)
{
	struct head *h;

	if (p == NULL)
		return;
	h = (struct head *)p - 1;
	sc_wipe(p, h->n);
	free(h);
}

bool vault_holds(const void *p)
{
	(void)p;
	return false;
}
