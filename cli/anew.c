/*
 * anew.c - `scrim keys anew`: an owner signs that a log whose end is lost begins anew.
 *
 * Where the key is, which is neither keyd's host nor a gateway's. What is signed are the three
 * words that keyd or scrimd printed; they say of which loss it is.
 */
#include "cli/cli.h"

#include "cli/file.h"
#include "cli/signer.h"
#include "crypto/statement/anew.h"
#include "crypto/tlog/note.h"
#include "policy/reason.h"

#include <stdio.h>
#include <string.h>

#define ORIGIN_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-"

static int take_lost(const struct cli_call *c, struct anew_lost *out)
{
	size_t n = sizeof(out->root);

	out->origin = c->words[0];
	if (strspn(out->origin, ORIGIN_CHARS) != strlen(out->origin) || out->origin[0] == '\0')
		return cli_fail(CLI_USAGE, "ORIGIN is a log's name, as it was printed");
	if (!note_number(sc_span_str(c->words[1]), &out->size))
		return cli_fail(CLI_USAGE, "\"%s\" is no number of entries", c->words[1]);
	if (note_base64_parse(sc_span_str(c->words[2]), out->root, &n) != SC_OK ||
	    n != sizeof(out->root))
		return cli_fail(CLI_USAGE, "ROOT is the base64 of 32 bytes, as it was printed");
	return CLI_GO_ON;
}

/* What would be refused where it is brought is refused here. */
static int check_words(const struct cli_call *c)
{
	struct sc_diag d = { .line = 0 };
	struct policy_reason r;

	if (c->sign == NULL || c->out == NULL || c->reason == NULL)
		return cli_fail(CLI_USAGE,
		    "say who signs, why, and where it goes: "
		    "--sign FILE --reason TEXT --out FILE");
	if (policy_reason_parse(sc_span_str(c->reason), &r, &d) != SC_OK ||
	    (c->ticket != NULL && policy_reason_parse(sc_span_str(c->ticket), &r, &d) != SC_OK))
		return cli_fail_diag(CLI_USAGE, &d);
	if (file_exists(c->out))
		return cli_fail(CLI_NO, "%s is there already, and is left as it is", c->out);
	return CLI_GO_ON;
}

static enum sc_err sign(const struct signer *s, const struct cli_call *c,
    const struct anew_lost *lost, struct sc_buf *out)
{
	struct statement st = { .type = STATEMENT_ANEW, .words = { .op = sc_span_str(ANEW_OP) } };
	enum sc_err err;

	anew_scope(lost, st.scope);
	err = signer_put(s, c, &st, STATEMENT_ANEW_MS, out);
	return err == SC_OK ? sc_buf_put(out, "\n", 1) : err;
}

int cli_keys_anew(const struct cli_call *c)
{
	struct anew_lost lost = { .origin = NULL };
	struct sc_diag d = { .line = 0 };
	struct signer s;
	struct sc_buf text;
	enum sc_err err;
	int rc;

	if ((rc = take_lost(c, &lost)) != CLI_GO_ON || (rc = check_words(c)) != CLI_GO_ON ||
	    (rc = signer_load(c->sign, &s)) != CLI_GO_ON)
		return rc;
	sc_buf_init(&text, 2 * CRYPTO_STATEMENT_MAX);
	if ((err = sign(&s, c, &lost, &text)) == SC_OK)
		err = file_write(c->out, 0600, false, sc_buf_span(&text), &d);
	sc_buf_fini(&text);
	if (err == SC_OK)
		printf(c->json ?
			"{\"principal\":\"%s\",\"origin\":\"%s\",\"size\":%s}\n" :
			"%s signed that %s begins anew behind %s entries; good for an hour\n",
		    s.principal.s, lost.origin, c->words[1]);
	signer_fini(&s);
	return err != SC_OK ? cli_fail_err(err, &d) : cli_flush(CLI_DONE);
}
