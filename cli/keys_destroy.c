/*
 * keys_destroy.c - `scrim keys destroy`, `destroy-year` and `certificate`: a version of a class's
 * key that ends, or a year's, and the word for it.
 *
 * What a version sealed is gone with it, so that without --yes it is only told what
 * still uses it.
 */
#include "cli/file.h"

#include "cli/keys_versions.h"
#include "cli/operate.h"
#include "crypto/record/key_certificate.h"
#include "crypto/settings/settings.h"
#include "crypto/tlog/note.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- what still uses it ---- */

struct usage {
	const char *class, *version;
	bool found;
};

static const char *said(const struct doc_node *key, const char *name)
{
	const struct doc_node *m = doc_find(key, name);

	return m == NULL || (m->kind != DOC_TEXT && m->kind != DOC_NUMBER) ? NULL : m->text;
}

static bool is_one(const struct usage *u, const struct doc_node *key)
{
	const char *name = said(key, "name"), *version = said(key, "version"),
		   *kind = said(key, "kind");

	return name != NULL && version != NULL && kind != NULL && strcmp(kind, "class") == 0 &&
	    strcmp(name, u->class) == 0 && strcmp(version, u->version) == 0;
}

static int tell_usage(void *arg, const struct doc *doc, const struct doc_node *key)
{
	struct usage *u = arg;
	const char *sealed, *opened, *last;

	(void)doc;
	if (!is_one(u, key))
		return CLI_GO_ON;
	u->found = true;
	sealed = said(key, "sealed");
	opened = said(key, "opened");
	last = said(key, "last_opened");
	printf("%s %s (%s) sealed %s values, opened %s times%s%s\n", u->class, u->version,
	    said(key, "state"), sealed == NULL ? "?" : sealed, opened == NULL ? "?" : opened,
	    last == NULL ? "" : ", last on ", last == NULL ? "" : last);
	return CLI_GO_ON;
}

static int only_tell(const struct cli_call *c)
{
	struct usage u = { c->words[0], c->words[1], false };
	int rc = keys_versions_each(c, tell_usage, NULL, &u);

	if (rc != CLI_GO_ON || (rc = cli_flush(CLI_GO_ON)) != CLI_GO_ON)
		return rc;
	if (!u.found)
		return cli_fail(CLI_NO,
		    "there is no version %s of %s: scrim keys status lists them", u.version,
		    u.class);
	return cli_fail(CLI_NO,
	    "nothing was destroyed: what it sealed can then never be opened again, here or in any "
	    "copy; --yes if that is meant");
}

/* ---- destroying ---- */

static int keep_certificate(const struct cli_call *c, struct sc_span text)
{
	struct sc_diag d = { .text = "" };

	if (c->out == NULL)
		return c->json ? CLI_DONE : cli_out(text);
	if (file_write(c->out, 0644, true, text, &d) == SC_OK)
		return CLI_DONE;
	/* the only copy: better on the terminal than nowhere */
	(void)cli_out(text);
	return cli_fail(CLI_NO, "the key is destroyed, but its certificate cannot be kept: %s",
	    d.text);
}

/* A certificate is given once: whether it can be kept is known before anything ends. */
static int make_room(const struct cli_call *c)
{
	struct sc_diag d = { .text = "" };

	if (c->out == NULL)
		return CLI_GO_ON;
	if (file_exists(c->out))
		return cli_fail(CLI_USAGE, "%s is there already", c->out);
	if (file_write(c->out, 0644, false, (struct sc_span){ NULL, 0 }, &d) == SC_OK)
		return CLI_GO_ON;
	return cli_fail(CLI_NO, "nothing was destroyed: %s %s", c->out, d.text);
}

int cli_keys_destroy(const struct cli_call *c)
{
	struct operate_answer a = { .text = { 0 } };
	const char *certificate;
	char words[256];
	int rc;

	if (!c->yes)
		return only_tell(c);
	if ((rc = make_room(c)) != CLI_GO_ON)
		return rc;
	snprintf(words, sizeof(words), "%s %s", c->words[0], c->words[1]);
	rc = operate_ask(c, WIRE_KEYS_DESTROY, words, &a);
	if (rc != CLI_GO_ON && c->out != NULL)
		(void)unlink(c->out);
	if (rc == CLI_GO_ON && (!c->json || (rc = cli_out(sc_buf_span(&a.text))) == CLI_DONE)) {
		certificate = doc_find_text(a.doc.root, "certificate");
		rc = certificate == NULL ? cli_fail(CLI_NO, "keyd's answer is malformed") :
					   keep_certificate(c, sc_span_str(certificate));
	}
	operate_fini(&a);
	return rc;
}

int cli_keys_destroy_year(const struct cli_call *c)
{
	struct operate_answer a = { .text = { 0 } };
	char words[64];
	int rc;

	if (strlen(c->words[0]) != 4 || strspn(c->words[0], "0123456789") != 4)
		return cli_fail(CLI_USAGE, "YEAR has four digits");
	if (!c->yes)
		return cli_fail(CLI_NO,
		    "nothing was destroyed: of whom any entry of %s is can then never be asked "
		    "again, by anybody; --yes if that is meant",
		    c->words[0]);
	snprintf(words, sizeof(words), "year %s", c->words[0]);
	if ((rc = operate_ask(c, WIRE_KEYS_DESTROY, words, &a)) == CLI_GO_ON && c->json)
		rc = cli_out(sc_buf_span(&a.text));
	else if (rc == CLI_GO_ON) {
		printf("the key of %s is destroyed: nobody can say any more of whom its entries "
		       "are\n",
		    c->words[0]);
		rc = cli_flush(CLI_DONE);
	}
	operate_fini(&a);
	return rc;
}

/* ---- the certificate ---- */

/* The key that must have signed it: --vkey, else the one in the folder of keyd's log. */
static int load_vkey(const struct cli_call *c, struct note_key *key)
{
	struct settings s = { .n_gateways = 0 };
	struct sc_diag d = { .text = "" };
	char path[FILE_PATH_MAX];
	struct sc_buf text;
	int rc = CLI_GO_ON;

	if (c->vkey != NULL)
		file_path(path, "%s", c->vkey);
	else {
		file_beside(cli_config_path(c), "keyd.json", path);
		if ((rc = cli_settings(c->keyd_config != NULL ? c->keyd_config : path, &s)) !=
		    CLI_GO_ON)
			return rc;
		file_path(path, "%s/vkey", s.log);
		settings_fini(&s);
	}
	sc_buf_init(&text, NOTE_VKEY_MAX + 2);
	if (file_read(path, &text, &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	else if (note_key_parse(sc_buf_span(&text), key) != SC_OK)
		rc = cli_fail(CLI_NO, "%s holds no key of a log", path);
	sc_buf_fini(&text);
	return rc;
}

static int verify(const char *path, struct sc_span raw, const struct note_key *key,
    struct key_certificate *out)
{
	struct note note;
	bool found;

	if (note_parse(raw, &note) != SC_OK || key_certificate_parse(note.text, out) != SC_OK)
		return cli_fail(CLI_NO, "%s is no certificate of a destroyed key, or was changed",
		    path);
	if (note_verify(&note, key, &found) != SC_OK)
		return cli_fail(CLI_NO, "%s: the signature is false", path);
	if (!found)
		return cli_fail(CLI_NO, "%s is not signed by %s", path, key->name);
	return CLI_GO_ON;
}

static int tell_verified(const struct cli_call *c, const struct key_certificate *x,
    const char *signer)
{
	struct sc_buf out;
	struct jsonw w;

	if (!c->json) {
		printf("%s says: version %c of %s (tenant %s) was destroyed with epoch %llu; entry "
		       "%llu of its log\n",
		    signer, x->version, x->class.s, x->tenant.s, (unsigned long long)x->epoch,
		    (unsigned long long)x->record);
		return cli_flush(CLI_DONE);
	}
	sc_buf_init(&out, 4096);
	w = jsonw(&out);
	jsonw_object(&w);
	jsonw_kstr(&w, "signer", signer);
	jsonw_kstr(&w, "tenant", x->tenant.s);
	jsonw_kstr(&w, "class", x->class.s);
	jsonw_kstr(&w, "version", (const char[2]){ x->version, '\0' });
	jsonw_ku64(&w, "epoch", x->epoch);
	jsonw_ku64(&w, "record", x->record);
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

int cli_keys_certificate(const struct cli_call *c)
{
	struct sc_diag d = { .text = "" };
	struct key_certificate x;
	struct note_key key;
	struct sc_buf raw;
	int rc;

	if ((rc = load_vkey(c, &key)) != CLI_GO_ON)
		return rc;
	sc_buf_init(&raw, NOTE_MAX);
	if (file_read(c->words[0], &raw, &d) != SC_OK)
		rc = cli_fail_diag(CLI_NO, &d);
	else
		rc = verify(c->words[0], sc_buf_span(&raw), &key, &x);
	sc_buf_fini(&raw);
	return rc == CLI_GO_ON ? tell_verified(c, &x, key.name) : rc;
}
