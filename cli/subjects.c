/*
 * subjects.c - `scrim subjects merge`: two ids that are one person.
 */
#include "cli/cli.h"
#include "cli/remote.h"

#include "base/text/jsonw.h"
#include "base/text/utf8.h"
#include "crypto/limits.h"

#include <stdio.h>
#include <string.h>

static bool is_subject(struct sc_span s)
{
	return s.n != 0 && s.n <= CRYPTO_SUBJECT_MAX && utf8_valid(s);
}

/* The path of INTO, each byte of it escaped that is not a letter or digit. */
static bool put_path(struct sc_span into, struct sc_buf *out)
{
	enum sc_err err = sc_buf_put_str(out, "/v1/subjects/");

	for (size_t i = 0; i < into.n && err == SC_OK; i++) {
		uint8_t c = into.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c == '-' || c == '_';

		err = plain ? sc_buf_put(out, &c, 1) : sc_buf_printf(out, "%%%02X", c);
	}
	return err == SC_OK && sc_buf_put(out, "/merge", sizeof("/merge")) == SC_OK;
}

static bool put_body(struct sc_span from, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_key(&w, "from");
	jsonw_span(&w, from);
	jsonw_object_end(&w);
	return w.err == SC_OK;
}

static int tell(const struct cli_call *c, struct sc_span answer)
{
	bool unknown = answer.n > 0 && memmem(answer.p, answer.n, "\"unknown\"", 9) != NULL;

	if (c->json)
		return cli_out(answer);
	printf(unknown ?
		"there was no key for the first\n" :
		"merged: what was sealed for the first is the second's, and is erased with it\n");
	return CLI_DONE;
}

int cli_subjects_merge(const struct cli_call *c)
{
	struct sc_span from = sc_span_str(c->words[0]), into = sc_span_str(c->words[1]);
	struct remote *remote = NULL;
	struct sc_buf path, body, answer;
	int rc;

	sc_buf_init(&path, 4096);
	sc_buf_init(&body, 4096);
	sc_buf_init(&answer, 65536);
	if (!is_subject(from) || !is_subject(into) || sc_span_eq(from, into))
		rc = cli_fail(CLI_USAGE,
		    "FROM and INTO are two subjects: UTF-8 text of 1 to %d bytes each",
		    CRYPTO_SUBJECT_MAX);
	else if (!put_path(into, &path) || !put_body(from, &body))
		rc = cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
	else if ((rc = remote_open(c, "application/json", &remote)) == CLI_GO_ON)
		rc = remote_ask(remote, "POST", (const char *)path.p, sc_buf_span(&body), &answer);
	if (rc == CLI_GO_ON)
		rc = tell(c, sc_buf_span(&answer));
	sc_buf_fini(&path);
	sc_buf_fini(&body);
	sc_buf_fini(&answer);
	remote_close(remote);
	return rc;
}
