/*
 * signer.c - `scrim keys signer`, and what `scrim reveal --sign` signs. Format: signer.h.
 */
#include "cli/signer.h"

#include "base/clock.h"
#include "base/private_file.h"
#include "base/text/hex.h"
#include "base/text/shape.h"
#include "cli/file.h"
#include "crypto/prim/random.h"
#include "crypto/settings/settings.h"
#include "crypto/tlog/note.h"

#include <stdio.h>
#include <string.h>

#define SIGNER_FILE_MAX 4096

/* ---- the file ---- */

struct signer_file {
	uint32_t format;
	struct sc_name tenant, principal;
	const char *keyd;
	uint8_t seed[SIGN_SEED_BYTES];
};

static const struct shape_row rows[] = {
	{ "scrim_signing_key", shape_count, SHAPE_AT(struct signer_file, format), .need = true,
	    .min = 1, .max = 1 },
	{ "tenant", shape_name, SHAPE_AT(struct signer_file, tenant), .need = true },
	{ "keyd", shape_text, SHAPE_AT(struct signer_file, keyd), .need = true,
	    .max = SIGNER_KEYD_MAX },
	{ "principal", shape_name, SHAPE_AT(struct signer_file, principal), .need = true },
	{ "seed", shape_digest, SHAPE_AT(struct signer_file, seed), .need = true },
	{ .key = NULL },
};
static const struct shape file_shape = { .what = "signing key", .rows = rows };

static void take(const struct signer_file *f, struct signer *out)
{
	struct sign_public pk;

	out->tenant = f->tenant;
	out->principal = f->principal;
	snprintf(out->keyd, sizeof(out->keyd), "%s", f->keyd);
	sign_keypair_from_seed(f->seed, &pk, &out->key);
	for (size_t i = 0; i < sizeof(pk.b); i++)
		snprintf(out->public_hex + 2 * i, 3, "%02x", pk.b[i]);
}

int signer_load(const char *path, struct signer *out)
{
	struct sc_diags all = { .n = 0 };
	struct sc_arena arena = { .left = 0 };
	struct shape_ctx c = { .arena = &arena, .all = &all };
	struct signer_file f = { .format = 0 };
	struct sc_diag d = { .line = 0 };
	int rc = CLI_GO_ON;
	struct sc_buf b;

	memset(out, 0, sizeof(*out));
	sc_buf_init(&b, SIGNER_FILE_MAX);
	if (private_file_read(path, "signing key", &b, &d) != SC_OK)
		rc = cli_fail_diag(CLI_USAGE, &d);
	else if (shape_load(&c, sc_buf_span(&b), path, &file_shape, &f) != SC_OK)
		rc = cli_fail_diags(CLI_USAGE, &all);
	else
		take(&f, out);
	sc_wipe(&f, sizeof(f));
	sc_arena_fini(&arena);
	sc_buf_fini(&b);
	return rc;
}

void signer_fini(struct signer *s)
{
	sc_wipe(s, sizeof(*s));
}

enum sc_err signer_make(const char *path, const char *tenant, const char *keyd,
    const char *principal, struct sc_diag *d)
{
	uint8_t seed[SIGN_SEED_BYTES];
	char text[2 * SIGN_SEED_BYTES + 1];
	struct sc_buf b;
	enum sc_err err;

	random_bytes(seed, sizeof(seed));
	for (size_t i = 0; i < sizeof(seed); i++)
		snprintf(text + 2 * i, 3, "%02x", seed[i]);
	sc_buf_init(&b, SIGNER_FILE_MAX);
	err = sc_buf_printf(&b,
	    "{ \"scrim_signing_key\": 1, \"tenant\": \"%s\", \"keyd\": \"%s\",\n"
	    "  \"principal\": \"%s\", \"seed\": \"%s\" }\n",
	    tenant, keyd, principal, text);
	if (err == SC_OK)
		err = file_write(path, 0600, false, sc_buf_span(&b), d);
	sc_wipe(seed, sizeof(seed));
	sc_wipe(text, sizeof(text));
	sc_buf_fini(&b);
	return err;
}

/* ---- scrim keys signer ---- */

int cli_keys_signer(const struct cli_call *c)
{
	char path[FILE_PATH_MAX];
	struct signer made;
	struct sc_diag d = { .line = 0 };
	struct sc_name principal;
	struct settings s;
	enum sc_err err;
	int rc;

	if (sc_name_parse(sc_span_str(c->words[0]), &principal) != SC_OK)
		return cli_fail(CLI_USAGE, "\"%s\" is no name of a principal", c->words[0]);
	if (c->out == NULL)
		return cli_fail(CLI_USAGE, "say where the key goes: --out FILE");
	if (file_exists(c->out))
		return cli_fail(CLI_NO, "%s is there already, and is left as it is", c->out);
	if (c->keyd_config != NULL)
		file_path(path, "%s", c->keyd_config);
	else
		file_beside(cli_config_path(c), "keyd.json", path);
	if ((rc = cli_settings(path, &s)) != CLI_GO_ON)
		return rc;
	err = signer_make(c->out, s.tenant.s, s.origin, principal.s, &d);
	settings_fini(&s);
	if (err != SC_OK)
		return cli_fail_err(err, &d);
	if ((rc = signer_load(c->out, &made)) != CLI_GO_ON)
		return rc;
	printf(c->json ? "{\"principal\":\"%s\",\"sign_key\":\"%s\"}\n" :
			 "{ \"name\": \"%s\", ..., \"sign_key\": \"%s\" }\n",
	    principal.s, made.public_hex);
	signer_fini(&made);
	return cli_flush(CLI_DONE);
}

/* ---- signing ---- */

static struct sc_span words(const char *text)
{
	return sc_span_str(text == NULL ? "" : text);
}

enum sc_err signer_put(const struct signer *s, const struct cli_call *c, struct statement *st,
    uint32_t for_ms, struct sc_buf *out)
{
	struct sc_buf b;
	enum sc_err err;

	st->tenant = sc_span_str(s->tenant.s);
	st->keyd = sc_span_str(s->keyd);
	st->not_before_ms = clock_unix_ms();
	st->not_after_ms = st->not_before_ms + for_ms;
	st->words.principal = sc_span_str(s->principal.s);
	st->words.reason = words(c->reason);
	st->words.ticket = words(c->ticket);
	random_bytes(st->nonce, sizeof(st->nonce));
	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	if ((err = statement_sign(st, &s->key, &b)) == SC_OK)
		err = note_base64_print(b.p, b.n, out);
	sc_buf_fini(&b);
	return err;
}

int signer_sign(const struct signer *s, const struct cli_call *c, const char *op,
    const struct statement_scope *scope, struct sc_buf *out)
{
	struct statement st = { .type = STATEMENT_OPEN,
		.words = { .op = sc_span_str(op), .purpose = words(c->purpose) } };
	enum sc_err err;

	statement_scope_root(scope, st.scope);
	err = signer_put(s, c, &st, STATEMENT_OPEN_MS, out);
	if (err == SC_SYNTAX)
		return cli_fail(CLI_USAGE,
		    "--purpose, --reason and --ticket are at most %d bytes each",
		    STATEMENT_FIELD_MAX);
	return err == SC_OK ? CLI_GO_ON : cli_fail(CLI_NO, "%s", cli_err_text(err));
}
