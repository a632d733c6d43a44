/*
 * principal.h - who may call: a name, a role, and the purposes to act for.
 *
 * A table of these is known by what credentials hash to, so it gives nobody a
 * credential. Pure: whoever reads a file fills it, whoever is asked looks up.
 */
#ifndef POLICY_PRINCIPAL_PRINCIPAL_H
#define POLICY_PRINCIPAL_PRINCIPAL_H

#include "base/name.h"

enum policy_auth {
	POLICY_AUTH_API_KEY,
	POLICY_AUTH_CERT,
	POLICY_AUTH_SOCKET /* who can open its socket, and no other way */
};

struct policy_principal {
	struct sc_name name;
	uint8_t role; /* policy role id */
	enum policy_auth auth;
	uint8_t digest[32]; /* SHA-256 of the API key's text, or of the
				   certificate's SubjectPublicKeyInfo (DER);
				   zeros of a socket's */
	bool any_purpose;   /* false: only those set in purposes[] */
	bool purposes[256]; /* by policy purpose id */
};

/* The first of the N at V whose credential of this kind has DIGEST, or NULL. */
const struct policy_principal *policy_principal_find(const struct policy_principal *v, size_t n,
    enum policy_auth auth, const uint8_t digest[static 32]);

/* The one called NAME when it is a socket's, or NULL. */
const struct policy_principal *policy_principal_of_socket(const struct policy_principal *v,
    size_t n, const struct sc_name *name);

/* May this principal act for the purpose? (The policy decides as well.) */
bool policy_principal_may(const struct policy_principal *p, uint8_t purpose);

#endif
