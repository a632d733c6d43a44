/*
 * principal.h - who may call: a name, a role, the purposes to act for, and what shows
 * that it is them.
 *
 * The one table of callers, which scrimd and keyd both read (principal_file.c). It is known by
 * what credentials hash to, so it gives nobody a credential. Pure: whoever reads a
 * file fills it, whoever is asked looks up.
 */
#ifndef POLICY_PRINCIPAL_PRINCIPAL_H
#define POLICY_PRINCIPAL_PRINCIPAL_H

#include "base/diag.h"
#include "base/err.h"
#include "base/name.h"
#include "base/text/shape.h"

enum policy_auth {
	POLICY_AUTH_API_KEY,
	POLICY_AUTH_CERT,
	POLICY_AUTH_SOCKET,  /* who can open its socket, and no other way */
	POLICY_AUTH_ASSERTED /* nobody comes as it: the gateway itself asks in its name */
};

/* Names as a file has them; V lives in the file's arena. */
struct policy_names {
	struct sc_name *v;
	size_t n;
};

/* The API key before the last one, until its holder has changed over. */
struct policy_key_before {
	uint8_t digest[32];
	uint64_t until_ms; /* Unix time from which on it is none any more; 0: there is none */
};

struct policy_principal {
	struct sc_name name;
	struct sc_name role_name; /* as the file says, and the policy's number of it: */
	uint8_t role;
	enum policy_auth auth;
	uint8_t digest[32]; /* SHA-256 of the API key's text, or of the
				   certificate's SubjectPublicKeyInfo (DER);
				   zeros of others */
	struct policy_key_before previous;
	bool any_purpose;   /* false: only those set in purposes[] */
	bool purposes[256]; /* by policy purpose id */
	struct policy_names purpose_names;
	struct policy_names nodes; /* gateways that it comes by; none: any */
	bool signs;                /* it has a key that it signs with: */
	uint8_t sign_key[32];      /* Ed25519, the public half */
};

struct policy_principals {
	struct policy_principal *v;
	size_t n;
	const char *file; /* of their own that they stand in; NULL: none */
};

/*
 * The first of the N at V whose credential of this kind has DIGEST, or NULL. An API key
 * before the last one counts until its end; NOW_MS is Unix time.
 */
const struct policy_principal *policy_principal_find(const struct policy_principal *v, size_t n,
    enum policy_auth auth, const uint8_t digest[static 32], uint64_t now_ms);

/* The one called NAME, or NULL. */
const struct policy_principal *policy_principal_named(const struct policy_principal *v, size_t n,
    const struct sc_name *name);

/* The one called NAME when it is a socket's, or NULL. */
const struct policy_principal *policy_principal_of_socket(const struct policy_principal *v,
    size_t n, const struct sc_name *name);

/* May this principal act for the purpose? (The policy decides as well.) */
bool policy_principal_may(const struct policy_principal *p, uint8_t purpose);

/* May it come by the gateway NODE? */
bool policy_principal_at(const struct policy_principal *p, const struct sc_name *node);

/* ---- as files have them (principal_file.c) ------------------------------------------- */

struct policy;

/*
 * struct policy_principals: a list of them, or the path of a JSON file that is one. The
 * context's argument is the policy whose names they use, which they are then resolved by; NULL:
 * that comes later. The row's shape is policy_principal_shape, for the list and the file.
 */
shape_reader policy_principals_read;
extern const struct shape policy_principal_shape;

/* struct policy_names: a list of names, MIN to MAX. */
shape_reader policy_names_read;

/* Is each of NAMES, which stand at NODE (NULL: nowhere), one of ALL who has a key to sign with? Says which is not. */
bool policy_names_sign(struct shape_ctx *c, const struct doc_node *node,
    const struct policy_names *names, const struct policy_principals *all);

/*
 * Give the N at V the numbers that P has for their roles and purposes. Fails with SC_AUTH
 * when P does not know one; D says which. V is then good for another try only.
 */
SC_CHECKED enum sc_err policy_principals_resolve(struct policy_principal *v, size_t n,
    const struct policy *p, struct sc_diag *d);

#endif
