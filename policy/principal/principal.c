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
    enum policy_auth auth, const uint8_t digest[static 32], uint64_t now_ms)
{
	for (size_t i = 0; i < n; i++) {
		const struct policy_key_before *before = &v[i].previous;

		if (v[i].auth != auth)
			continue;
		if (memcmp(v[i].digest, digest, sizeof(v[i].digest)) == 0)
			return &v[i];
		/* a clock that failed is 0: then it is over */
		if (now_ms != 0 && now_ms < before->until_ms &&
		    memcmp(before->digest, digest, sizeof(before->digest)) == 0)
			return &v[i];
	}
	return NULL;
}

const struct policy_principal *policy_principal_named(const struct policy_principal *v, size_t n,
    const struct sc_name *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name.s, name->s) == 0)
			return &v[i];
	return NULL;
}

const struct policy_principal *policy_principal_of_socket(const struct policy_principal *v,
    size_t n, const struct sc_name *name)
{
	const struct policy_principal *p = policy_principal_named(v, n, name);

	return p != NULL && p->auth == POLICY_AUTH_SOCKET ? p : NULL;
}

bool policy_principal_may(const struct policy_principal *p, uint8_t purpose)
{
	return p->any_purpose || p->purposes[purpose];
}

bool policy_principal_at(const struct policy_principal *p, const struct sc_name *node)
{
	for (size_t i = 0; i < p->nodes.n; i++)
		if (strcmp(p->nodes.v[i].s, node->s) == 0)
			return true;
	return p->nodes.n == 0;
}
