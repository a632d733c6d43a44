/*
 * keys.c - `scrim keys init|status|erase-subject`: key custody.
 *
 * Status asks keyd over its socket, so it must run as a user that keyd
 * accepts. Erasing goes through scrimd, which records who wanted it.
 */
#include "cli/keys_status.h"

#include "cli/file.h"

#include "cli/daemon.h"
#include "cli/keys_versions.h"
#include "cli/operate.h"
#include "cli/remote.h"
#include "base/text/doc.h"
#include "base/text/utf8.h"
#include "crypto/keyc/keyc.h"
#include "crypto/settings/settings.h"
#include "gateway/config/config.h"
#include "net/loop/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYD_WAIT_MS 5000

/* ---- init: scrim-keyd --init ------------------------------------------- */

/* What to do with keys that are about to be made; lost ones cannot be made again. */
static int tell_root(const char *keyd_config)
{
	struct settings s;
	int rc = cli_settings(keyd_config, &s);

	if (rc != CLI_GO_ON)
		return rc;
	if (settings_credential(s.root) == NULL && !file_exists(s.root) && !file_exists(s.store) &&
	    !file_exists(s.epoch))
		printf(
		    "root key: %s. Keep a copy of it elsewhere, apart from backups: without it "
		    "nothing opens.\n"
		    "epoch file: %s. Give it a twin on another disk (\"epoch_twin\"), and copy it "
		    "by no other\nmeans: an old copy, with the root key, opens what was erased "
		    "since.\n"
		    "To have systemd hand the root key over, encrypted on disk and bound to this "
		    "machine:\n"
		    "  systemd-creds encrypt --name=scrim-root %s \\\n"
		    "    /etc/credstore.encrypted/scrim-root\n"
		    "  \"root\": \"credential:scrim-root\" in %s,\n"
		    "  and LoadCredentialEncrypted=scrim-root in the unit\n"
		    "  (share/scrim/systemd/scrim-keyd.service); then take the file away\n",
		    s.root, s.epoch, s.root, keyd_config);
	if (file_exists(s.root) && file_exists(s.store) && file_exists(s.epoch))
		printf("root key, epoch file and database are there; only a key that the policy "
		       "wants and is not there is made\n");
	settings_fini(&s);
	return CLI_GO_ON;
}

int cli_keys_init(const struct cli_call *c)
{
	char exe[FILE_PATH_MAX], path[FILE_PATH_MAX];
	char words[][16] = { "--config", "--init", "--demo" };
	char *child[] = { exe, words[0], path, words[1], c->demo ? words[2] : NULL, NULL };
	int rc;

	if (c->keyd_config != NULL)
		file_path(path, "%s", c->keyd_config);
	else
		file_beside(cli_config_path(c), "keyd.json", path);
	if (!file_exists(path))
		return cli_fail(CLI_USAGE,
		    "there is no %s: run this where keyd's configuration is, or give "
		    "--keyd-config; docs/OPERATIONS.md shows one",
		    path);
	if (!c->demo && (rc = tell_root(path)) != CLI_GO_ON)
		return rc;
	proc_sibling("scrim-keyd", exe);
	fflush(stdout);
	execv(exe, child);
	return cli_fail(CLI_NO, "%s cannot be started: %s", exe, strerror(errno));
}

/* ---- status: ask keyd --------------------------------------------------- */

struct status_call {
	struct keyc_call call; /* first */
	struct loop *loop;
	enum sc_err err;
	struct sc_buf text;
	bool answered;
};

static void on_status(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct status_call *s = loop_owner(call, struct status_call, call);

	s->answered = true;
	s->err = reply->err;
	if (reply->err == SC_OK && reply->n > 0)
		s->err = sc_buf_put_span(&s->text, reply->results[0].value);
	loop_stop(s->loop);
}

/* Wait for keyd to say hello, then for its answer. */
static enum sc_err ask_keyd(struct status_call *s, struct keyc *kc, const struct asking *asking)
{
	enum sc_err err = loop_turn_once(s->loop, 0);
	uint64_t until = loop_now_ms(s->loop) + KEYD_WAIT_MS;
	bool asked = false;

	s->call.done = on_status;
	while (err == SC_OK && !s->answered) {
		if (!asked && keyc_ready(kc)) {
			if ((err = keyc_status(kc, &s->call, asking)) != SC_OK)
				return err;
			asked = true;
		} else if (loop_now_ms(s->loop) >= until)
			err = SC_AGAIN;
		else
			err = loop_turn_once(s->loop, 50);
	}
	if (asked && !s->answered)
		keyc_cancel(&s->call);
	return err == SC_OK ? s->err : err;
}

/* "name  value" lines of keyd's JSON; inner objects as name.name. */
static void print_status(const struct doc *doc, const struct doc_node *object, const char *prefix)
{
	char name[128];

	for (const struct doc_node *it = object->first; it != NULL; it = it->next) {
		snprintf(name, sizeof(name), "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".",
		    it->key == NULL ? "-" : it->key);
		if (it->kind == DOC_OBJECT)
			print_status(doc, it, name);
		else
			printf("%-32s %.*s\n", name, SC_SPAN_ARG(doc_said(doc, it)));
	}
}

/* What nobody sees in numbers. */
static void tell_drill(const struct doc *doc)
{
	const struct doc_node *backups = doc_find(doc->root, "backups");
	const struct doc_node *age = backups == NULL ? NULL : doc_find(backups, "drill_age_s");
	const unsigned long long days = age == NULL ? 0 : strtoull(age->text, NULL, 10) / 86400;

	if (backups == NULL)
		return;
	if (age == NULL)
		printf("No drill was ever made: scrim keys drill FOLDER tells whether a restore "
		       "would work\n");
	else if (days > KEYS_DRILL_DAYS)
		printf("The last drill was %llu days ago: scrim keys drill FOLDER, every three "
		       "months\n",
		    days);
}

/* The members of keyd's own, then what only operators are told. */
static int json_status(const struct cli_call *c, const struct doc *doc)
{
	struct sc_buf out;
	struct jsonw w;
	int rc;

	sc_buf_init(&out, 8u << 20);
	w = jsonw(&out);
	jsonw_object(&w);
	for (const struct doc_node *it = doc->root->first; it != NULL; it = it->next) {
		jsonw_key(&w, it->key);
		jsonw_raw(&w, sc_span(doc->text.p + it->at, it->end - it->at));
	}
	rc = keys_versions_json(c, &w);
	jsonw_object_end(&w);
	if (rc == CLI_GO_ON)
		return cli_out_json(&w);
	sc_buf_fini(&out);
	return rc;
}

static int show_status(const struct cli_call *c, struct sc_span text)
{
	struct sc_arena arena = { .left = 0 };
	const bool more = operate_may(c);
	struct doc doc;
	int rc = CLI_DONE;

	if (c->json && !more)
		return cli_out(text);
	if (doc_load(&arena, text, NULL, NULL, &doc) != SC_OK)
		rc = cli_fail(CLI_NO, "keyd's answer is malformed");
	else if (c->json)
		rc = json_status(c, &doc);
	else {
		print_status(&doc, doc.root, "");
		tell_drill(&doc);
		if (more && (rc = cli_flush(CLI_DONE)) == CLI_DONE)
			rc = keys_versions_table(c);
	}
	sc_arena_fini(&arena);
	return rc;
}

static int tell_unreachable(const struct config *c, enum sc_err err)
{
	if (err == SC_AUTH)
		return cli_fail(CLI_REFUSED,
		    "keyd refuses: it has another policy or tenant than this configuration");
	if (err != SC_AGAIN)
		return cli_fail(CLI_NO, "keyd: %s", cli_err_text(err));
	return cli_fail(CLI_UNREACHABLE,
	    "keyd does not answer at %s: is it up, and does it accept this user?", c->keyd);
}

/* keyd answers gateways alone: root asks as scrimd's user, whose the log is. */
static bool as_gateway(const struct config *c)
{
	struct stat st;

	return geteuid() == 0 && stat(c->log_dir, &st) == 0 && st.st_uid != 0 &&
	    seteuid(st.st_uid) == 0;
}

enum sc_err keys_status_ask(const struct config *c, struct sc_buf *out)
{
	static const struct sc_name cli = { "scrim-cli" };
	struct status_call s = { .err = SC_AGAIN };
	struct asking asking = { .principal = &cli,
		.tenant = &c->tenant,
		.policy_hash = c->policy_hash };
	const bool lent = as_gateway(c);
	struct keyc *kc = NULL;
	enum sc_err err;

	sc_buf_init(&s.text, 1u << 20);
	if ((err = loop_new(&s.loop)) == SC_OK &&
	    (err = keyc_new(s.loop, c->keyd, &c->node, &kc)) == SC_OK &&
	    (err = ask_keyd(&s, kc, &asking)) == SC_OK)
		err = sc_buf_put_span(out, sc_buf_span(&s.text));
	keyc_free(kc);
	loop_free(s.loop);
	sc_buf_fini(&s.text);
	if (lent && seteuid(0) != 0)
		err = SC_AUTH;
	return err;
}

int cli_keys_status(const struct cli_call *call)
{
	struct config *c = NULL;
	struct sc_buf text;
	enum sc_err err;
	int rc;

	if ((rc = cli_config(call, &c)) != CLI_GO_ON)
		return rc;
	sc_buf_init(&text, 1u << 20);
	err = keys_status_ask(c, &text);
	rc = err == SC_OK ? show_status(call, sc_buf_span(&text)) : tell_unreachable(c, err);
	sc_buf_fini(&text);
	config_free(c);
	return rc;
}

/* ---- erase-subject ------------------------------------------------------ */

/* {"subject":ID}: in a body, an id's characters mean nothing to whoever is on the way. */
static bool erase_body(const char *id, struct sc_buf *out)
{
	struct sc_span text = sc_span_str(id);
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_key(&w, "subject");
	jsonw_span(&w, text);
	jsonw_object_end(&w);
	return text.n != 0 && text.n <= CRYPTO_SUBJECT_MAX && utf8_valid(text) && w.err == SC_OK;
}

/* Values that were sealed for nobody, in ANSWER: they may be the subject's, too. */
static void tell_not_reached(struct sc_span answer)
{
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *list = NULL;
	struct doc doc;

	if (doc_load(&arena, answer, NULL, NULL, &doc) == SC_OK)
		list = doc_find(doc.root, "not_reached");
	if (list != NULL && list->first != NULL)
		printf("not reached: values of documents that named nobody, which may be theirs "
		       "too\n");
	for (const struct doc_node *x = list == NULL ? NULL : list->first; x != NULL; x = x->next) {
		const char *route = doc_find_text(x, "route"), *since = doc_find_text(x, "since");
		const struct doc_node *n = doc_find(x, "values");

		printf("  %s on %s since %s\n", n == NULL || n->text == NULL ? "?" : n->text,
		    route == NULL ? "no route" : route, since == NULL ? "?" : since);
	}
	sc_arena_fini(&arena);
}

int cli_keys_erase(const struct cli_call *c)
{
	struct remote *remote = NULL;
	struct sc_buf body, answer;
	int rc;

	sc_buf_init(&body, 65536);
	sc_buf_init(&answer, 65536);
	if (!erase_body(c->words[0], &body))
		rc = cli_fail(CLI_USAGE, "ID is a subject: UTF-8 text of 1 to %d bytes",
		    CRYPTO_SUBJECT_MAX);
	else if ((rc = remote_open(c, "application/json", &remote)) == CLI_GO_ON)
		rc = remote_ask(remote, "POST", "/v1/subjects/erase", sc_buf_span(&body), &answer);
	if (rc == CLI_GO_ON && c->json)
		rc = cli_out(sc_buf_span(&answer));
	else if (rc == CLI_GO_ON) {
		bool unknown = answer.n > 0 && memmem(answer.p, answer.n, "\"unknown\"", 9) != NULL;

		const bool waits = answer.n > 0 &&
		    memmem(answer.p, answer.n, "\"waits\"", 7) != NULL;

		printf("%s\n",
		    unknown ? "there was no key for that subject" :
			waits ?
			      "erased: that subject's tokens open no more; the keys are destroyed "
			      "when keyd's grace is over (scrim keys erasures)" :
			      "erased: that subject's tokens can no longer be opened");
		tell_not_reached(sc_buf_span(&answer));
		rc = CLI_DONE;
	}
	sc_buf_fini(&body);
	sc_buf_fini(&answer);
	remote_close(remote);
	return rc;
}
