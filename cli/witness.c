/*
 * witness.c - `scrim witness init|run`: somebody else who remembers how long a log was.
 */
#include "audit/witness/key.h"
#include "audit/witness/serve.h"
#include "base/log.h"
#include "base/private_file.h"
#include "base/program.h"
#include "cli/cli.h"
#include "cli/file.h"

#include <stdio.h>
#include <string.h>

static int load(const char *path, struct witness_settings *s)
{
	struct sc_diags all = { .n = 0 };

	if (witness_settings_load(path, &all, s) == SC_OK)
		return CLI_GO_ON;
	return cli_fail_diags(CLI_USAGE, &all);
}

static int make_key(const struct witness_settings *s)
{
	struct sc_diag d = { .line = 0 };
	struct sc_buf text;
	enum sc_err err;

	sc_buf_init(&text, 1024);
	if ((err = witness_key_make(s->name, &text)) == SC_OK)
		err = file_write(s->key, 0600, false, sc_buf_span(&text), &d);
	sc_buf_fini(&text);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

static int print_vkey(const struct witness_settings *s, bool json)
{
	struct sc_diags all = { .n = 0 };
	struct witness_key key;
	struct sc_buf vkey;
	int rc = CLI_DONE;

	if (witness_key_load(s->key, s->name, &all, &key) != SC_OK)
		return cli_fail_diags(CLI_NO, &all);
	sc_buf_init(&vkey, NOTE_VKEY_MAX);
	if (note_key_print(&key.signer.key, &vkey) != SC_OK)
		rc = cli_fail(CLI_NO, "there is no memory");
	else
		printf(json ? "{\"vkey\":\"%.*s\"}\n" : "%.*s\n", SC_SPAN_ARG(sc_buf_span(&vkey)));
	sc_buf_fini(&vkey);
	witness_key_fini(&key);
	return cli_flush(rc);
}

/* What is there already is left as it is: a second run prints the vkey once more. */
int cli_witness_init(const struct cli_call *c)
{
	struct sc_diag d = { .line = 0 };
	struct witness_settings s;
	int rc;

	if ((rc = load(c->words[0], &s)) != CLI_GO_ON)
		return rc;
	if (!file_exists(s.key))
		rc = make_key(&s);
	if (rc == CLI_GO_ON && program_folders(s.state, true, &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	if (rc == CLI_GO_ON)
		rc = print_vkey(&s, c->json);
	witness_settings_fini(&s);
	return rc;
}

static void up(const char *vkey, uint16_t port)
{
	printf("witness up, port %u: %s\n", (unsigned)port, vkey);
	(void)fflush(stdout);
}

int cli_witness_run(const struct cli_call *c)
{
	struct sc_diags all = { .n = 0 };
	struct witness_settings s;
	enum sc_err err;
	int rc;

	if ((rc = load(c->words[0], &s)) != CLI_GO_ON)
		return rc;
	log_setup("scrim-witness", LOG_INFO);
	err = witness_serve(&s, up, &all);
	witness_settings_fini(&s);
	if (err == SC_OK)
		return CLI_DONE;
	return all.v[0].text[0] != '\0' ? cli_fail_diags(CLI_NO, &all) :
					  cli_fail_err(err, &all.v[0]);
}
