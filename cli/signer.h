/*
 * signer.h - a caller's own signing key: made on the caller's machine, and what it signs.
 *
 * A gateway never sees it, so whoever holds a gateway opens nothing that a policy wants
 * signed. Its public half stands in keyd's list of principals ("sign_key").
 *
 *	{ "scrim_signing_key": 1, "tenant": "demo", "keyd": "scrim/demo/keyd",
 *	  "principal": "finance", "seed": "HEX" }
 *
 * The file says whom its statements are for: were that asked of a gateway, it could have
 * them made out to another keyd.
 */
#ifndef CLI_SIGNER_H
#define CLI_SIGNER_H

#include "base/name.h"
#include "cli/cli.h"
#include "crypto/statement/statement.h"

#define SIGNER_KEYD_MAX 127

struct signer {
	struct sc_name tenant, principal;
	char keyd[SIGNER_KEYD_MAX + 1];
	struct sign_secret key;
	char public_hex[2 * SIGN_PUBLIC_BYTES + 1]; /* as keyd's file has it */
};

/* Read the file at PATH, which nobody else may read. CLI_GO_ON and OUT to signer_fini(), or a code (said). */
int signer_load(const char *path, struct signer *out);
void signer_fini(struct signer *s);
/*
 * Make one for PRINCIPAL with keyd KEYD of TENANT at PATH; a file that is there is left
 * alone. Fails with SC_IO, SC_NOMEM, SC_LIMIT; D says why.
 */
SC_CHECKED enum sc_err signer_make(const char *path, const char *tenant, const char *keyd,
    const char *principal, struct sc_diag *d);

/*
 * Append the base64 of ST, good for FOR_MS from now. It has a type, a scope, an op and a purpose;
 * who signs, for whom, and C's reason and ticket are put into it. Fails with SC_SYNTAX (a word is
 * too long), SC_NOMEM.
 */
SC_CHECKED enum sc_err signer_put(const struct signer *s, const struct cli_call *c,
    struct statement *st, uint32_t for_ms, struct sc_buf *out);

/*
 * Append the base64 of a statement, good for a minute from now, that C's purpose, reason and
 * ticket are why OP, such as "read", is done with the tokens of SCOPE. CLI_GO_ON or a code (said).
 */
int signer_sign(const struct signer *s, const struct cli_call *c, const char *op,
    const struct statement_scope *scope, struct sc_buf *out);

#endif
