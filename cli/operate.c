/*
 * operate.c - one question to keyd as an operator, and the answer taken apart.
 */
#include "cli/operate.h"

#include "cli/file.h"
#include "crypto/keyc/keyc.h"
#include "crypto/settings/settings.h"
#include "net/loop/loop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELLO_MS 5000
#define ACT_MS 60000 /* a disk that is busy */

/* ---- the socket ---- */

/* What keyd.json says; RC otherwise, said unless QUIET. */
static int find_settings(const struct cli_call *c, bool quiet, struct settings *out)
{
	char path[FILE_PATH_MAX];
	int rc;

	if (c->keyd_config != NULL)
		file_path(path, "%s", c->keyd_config);
	else
		file_beside(cli_config_path(c), "keyd.json", path);
	if (!file_exists(path))
		return quiet ?
		    CLI_NO :
		    cli_fail(CLI_USAGE,
			"there is no %s: run this where keyd's configuration is, or give "
			"--keyd-config",
			path);
	if ((rc = cli_settings(path, out)) != CLI_GO_ON || out->operator_ != NULL)
		return rc;
	settings_fini(out);
	return quiet ? CLI_NO :
		       cli_fail(CLI_NO,
			   "%s says no \"operator\": name a socket there, such as "
			   "run/keyd/operator.sock, and start keyd anew",
			   path);
}

static int tell_closed(const char *path)
{
	struct stat st;

	if (errno != EACCES)
		return cli_fail(CLI_UNREACHABLE, "keyd does not answer at %s: is it up?", path);
	if (stat(path, &st) != 0)
		return cli_fail(CLI_REFUSED,
		    "%s is closed to this user: only keyd's own user and root operate keys", path);
	return cli_fail(CLI_REFUSED,
	    "only keyd's own user (%u) and root operate keys; this is user %u", st.st_uid,
	    geteuid());
}

bool operate_may(const struct cli_call *c)
{
	struct settings s = { .n_gateways = 0 };
	bool may = find_settings(c, true, &s) == CLI_GO_ON && access(s.operator_, W_OK) == 0;

	settings_fini(&s);
	return may;
}

/* ---- asking ---- */

struct operate_call {
	struct keyc_call call; /* first */
	struct loop *loop;
	struct sc_buf *text;
	enum sc_err err;
	bool answered;
};

static void on_answer(struct keyc_call *call, const struct keyc_reply *reply)
{
	struct operate_call *o = loop_owner(call, struct operate_call, call);

	o->answered = true;
	o->err = reply->err;
	if (reply->err == SC_OK && reply->n > 0)
		o->err = sc_buf_put_span(o->text, reply->results[0].value);
}

/* Turn until DONE is set, or MS have passed: SC_AGAIN. */
static enum sc_err turn_until(struct loop *l, const bool *done, uint64_t ms)
{
	uint64_t until = loop_now_ms(l) + ms;
	enum sc_err err = SC_OK;

	while (err == SC_OK && !*done)
		err = loop_now_ms(l) >= until ? SC_AGAIN : loop_turn_once(l, 50);
	return err;
}

static enum sc_err await_hello(struct loop *l, const struct keyc *kc)
{
	uint64_t until;
	enum sc_err err = loop_turn_once(l, 0);

	until = loop_now_ms(l) + HELLO_MS;
	while (err == SC_OK && !keyc_ready(kc))
		err = loop_now_ms(l) >= until ? SC_AGAIN : loop_turn_once(l, 50);
	return err;
}

static enum sc_err ask(struct loop *l, struct keyc *kc, const struct settings *s, uint8_t verb,
    const char *words, struct sc_buf *text)
{
	static const struct sc_name cli = { "scrim-cli" };
	static const uint8_t no_policy[HASH_BYTES] = { 0 };
	const struct asking asking = { .tenant = &s->tenant,
		.principal = &cli,
		.policy_hash = no_policy };
	struct operate_call o = { .call.done = on_answer, .loop = l, .text = text };
	enum sc_err err;

	if ((err = await_hello(l, kc)) != SC_OK ||
	    (err = keyc_operate(kc, &o.call, &asking, verb, sc_span_str(words))) != SC_OK)
		return err;
	if ((err = turn_until(l, &o.answered, ACT_MS)) != SC_OK)
		keyc_cancel(&o.call);
	return err != SC_OK ? err : o.err;
}

static enum sc_err ask_at(const struct settings *s, uint8_t verb, const char *words,
    struct sc_buf *text)
{
	char address[SETTINGS_PATH_MAX + 8];
	struct loop *l = NULL;
	struct keyc *kc = NULL;
	enum sc_err err;

	snprintf(address, sizeof(address), "unix:%s", s->operator_);
	if ((err = loop_new(&l)) == SC_OK && (err = keyc_new(l, address, NULL, &kc)) == SC_OK)
		err = ask(l, kc, s, verb, words, text);
	keyc_free(kc);
	loop_free(l);
	return err;
}

static int tell(const struct settings *s, enum sc_err err)
{
	switch (err) {
	case SC_AGAIN:
		return cli_fail(CLI_UNREACHABLE,
		    "keyd does not answer at %s, or another change is under way: ask again",
		    s->operator_);
	case SC_AUTH: return cli_fail(CLI_REFUSED, "keyd refuses: it has another tenant than this");
	case SC_LIMIT:
		return cli_fail(CLI_NO,
		    "keyd's own log cannot be written, so no key is changed: see scrim keys "
		    "status");
	default: return cli_fail(CLI_NO, "keyd: %s", cli_err_text(err));
	}
}

/* What it says, taken apart; a refusal is told in its words. */
static int take(struct operate_answer *a)
{
	const char *why;

	if (doc_load(&a->arena, sc_buf_span(&a->text), NULL, NULL, &a->doc) != SC_OK ||
	    a->doc.root->kind != DOC_OBJECT)
		return cli_fail(CLI_NO, "keyd's answer is malformed");
	if ((why = doc_find_text(a->doc.root, "refused")) != NULL)
		return cli_fail(CLI_NO, "%s", why);
	return CLI_GO_ON;
}

int operate_ask(const struct cli_call *c, enum wire_verb verb, const char *words,
    struct operate_answer *out)
{
	struct settings s = { .n_gateways = 0 };
	enum sc_err err;
	int rc;

	sc_buf_init(&out->text, 1u << 20);
	if ((rc = find_settings(c, false, &s)) != CLI_GO_ON)
		return rc;
	if (access(s.operator_, W_OK) != 0)
		rc = tell_closed(s.operator_);
	else if ((err = ask_at(&s, (uint8_t)verb, words, &out->text)) != SC_OK)
		rc = tell(&s, err);
	else
		rc = take(out);
	settings_fini(&s);
	return rc;
}

void operate_fini(struct operate_answer *a)
{
	sc_buf_fini(&a->text);
	sc_arena_fini(&a->arena);
}
