/*
 * principal.c - looking up who calls.
 */
#include "policy/principal/principal.h"

#include <string.h>

/*
 * Plain comparison is enough: what is compared are hashes, and a caller who
 * learns how much of a hash agrees is no closer to a key that hashes to it.
 */
const struct policy_principal *policy_principal_find(const struct policy_principal *v, size_t n,
    enum policy_auth auth, const uint8_t digest[static 32])
{
	for (size_t i = 0; i < n; i++)
		if (v[i].auth == auth && memcmp(v[i].digest, digest, sizeof(v[i].digest)) == 0)
			return &v[i];
	return NULL;
}

const struct policy_principal *policy_principal_of_socket(const struct policy_principal *v,
    size_t n, const struct sc_name *name)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].auth == POLICY_AUTH_SOCKET && strcmp(v[i].name.s, name->s) == 0)
			return &v[i];
	return NULL;
}

bool policy_principal_may(const struct policy_principal *p, uint8_t purpose)
{
	return p->any_purpose || p->purposes[purpose];
}
