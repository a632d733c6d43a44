/*
 * try.c - `scrim try`: what a route would do with sample documents, from the configuration alone.
 *
 * What decides is scrimd's own: its rules, its plan. Nobody is asked for keys, and nothing goes
 * anywhere.
 */
#include "cli/try.h"

#include "gateway/protect/protect.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* ---- the route ------------------------------------------------------------------------------------ */

static int load(struct trial *t)
{
	const char *name = t->call->words[0];
	struct sc_diags all = { .n = 0 };
	enum sc_err err = generation_load(cli_config_path(t->call), &all, &t->gen);
	const struct served_route *route;

	if (err != SC_OK) {
		if (all.v[0].text[0] == '\0')
			sc_diag_set(&all.v[0], "%s", cli_err_text(err));
		return cli_fail_diags(CLI_NO, &all);
	}
	route = generation_route_named(t->gen, sc_span_str(name));
	if (route == NULL)
		return cli_fail(CLI_NO, "%s has no route \"%s\"", t->gen->config->file, name);
	t->route = route->config;
	t->policy = t->gen->config->policy;
	t->rules = t->answer ? route->response : route->request;
	return CLI_GO_ON;
}

/* A side without rules is one of none, of which all passes. */
static enum sc_err take_rules(struct trial *t)
{
	const struct protect_points points = { .subject = &t->route->subject,
		.order = t->route->order };
	struct sc_diag d = { .line = 0 };
	enum sc_err err = SC_OK;

	if (t->rules == NULL)
		err = rules_new(NULL, 0, points, UNMATCHED_PASS, &d, &t->empty);
	if (t->rules == NULL)
		t->rules = t->empty;
	return err;
}

static enum sc_err make_probe(struct trial *t)
{
	const size_t n = t->rules->n;

	if ((t->passing = calloc(n + 1, sizeof(*t->passing))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < n; i++)
		t->passing[i] = (struct field_rule){ .at = t->rules->v[i].at, .form = &form_pass };
	t->probe = *t->rules;
	t->probe.v = t->passing;
	t->probe.unmatched = UNMATCHED_PASS;
	t->probe.undeclared = (struct undeclared){ UNDECLARED_REPORT, UNDECLARED_REPORT };
	t->probe.subject.required = false;
	return SC_OK;
}

/* Each rule by itself, with where it does not apply. */
static enum sc_err compile(struct trial *t)
{
	struct codec_selector sel[CONFIG_EXCEPT_MAX + 1];
	struct sc_diag d = { .line = 0 };
	enum sc_err err = SC_OK;

	if ((t->of = calloc(t->rules->n + 1, sizeof(*t->of))) == NULL)
		return SC_NOMEM;
	for (size_t i = 0; i < t->rules->n && err == SC_OK; i++) {
		const struct field_rule *r = &t->rules->v[i];
		size_t n = 0;

		sel[n++] = (struct codec_selector){ .text = r->at };
		for (size_t k = 0; k < r->n_except && n <= CONFIG_EXCEPT_MAX; k++)
			sel[n++] =
			    (struct codec_selector){ .text = r->except[k].at, .how = CODEC_EXCEPT };
		err = codec_paths_new(sel, n, &d, &t->of[i].alone);
	}
	return err;
}

/* ---- who asks ------------------------------------------------------------------------------------- */

static int find_purpose(struct trial *t)
{
	const char *said = t->call->purpose;

	t->writer.purpose = t->route->purpose;
	if (said != NULL && !policy_purpose(t->policy, sc_span_str(said), &t->writer.purpose))
		return cli_fail(CLI_NO, "the policy has no purpose \"%s\"", said);
	return CLI_GO_ON;
}

/* For how many of the rules' fields may ROLE do what they say? */
static size_t may(struct trial *t, uint8_t role)
{
	size_t n = 0;

	t->writer.role = t->reader.role = role;
	for (size_t i = 0; i < t->rules->n; i++) {
		const struct policy_item it = { .class_id = t->rules->v[i].class_id == CLASS_NONE ?
			    CLASS_PHONE :
			    t->rules->v[i].class_id };
		const struct policy_verdict v =
		    protect_foretold(t->policy, t->way == PLAN_READ ? &t->reader : &t->writer, &it);

		n += t->way == PLAN_READ ? v.action > ACTION_DENY : v.action == ACTION_TOKENISE;
	}
	return n;
}

/* Whom nobody named: of the roles that may call the route the one that may do most of it. */
static int choose_role(struct trial *t)
{
	const unsigned roles = policy_role_count(t->policy);
	unsigned best = roles;
	size_t most = 0;

	for (unsigned role = 0; role < roles; role++) {
		size_t n;

		if (!config_route_takes(t->route, (uint8_t)role))
			continue;
		n = may(t, (uint8_t)role) + 1;
		if (n > most) {
			most = n;
			best = role;
		}
	}
	if (best == roles)
		return cli_fail(CLI_NO, "no role may call the route");
	t->writer.role = t->reader.role = (uint8_t)best;
	return CLI_GO_ON;
}

static int find_role(struct trial *t)
{
	const char *said = t->call->filter.role;
	uint8_t role;

	if (said == NULL)
		return choose_role(t);
	if (!policy_role(t->policy, sc_span_str(said), &role))
		return cli_fail(CLI_NO, "the policy has no role \"%s\"", said);
	if (!config_route_takes(t->route, role))
		return cli_fail(CLI_REFUSED, "the route's \"from\" does not name %s", said);
	t->writer.role = t->reader.role = role;
	return CLI_GO_ON;
}

static int find_asking(struct trial *t)
{
	const struct config_route *r = t->route;
	int rc;

	t->writer = (struct asking){ .tenant = &t->gen->config->tenant,
		.route = &r->name,
		.op = POLICY_WRITE,
		.recipient_role = ASKING_UNSET,
		.recipient_purpose = ASKING_UNSET,
		.records = 1,
		.now_ms = clock_unix_ms() };
	if ((rc = find_purpose(t)) != CLI_GO_ON)
		return rc;
	t->reader = t->writer;
	t->reader.op = POLICY_READ;
	t->way = t->answer || r->has_to ? PLAN_READ : PLAN_STORE;
	if (!t->answer && r->has_to) {
		t->reader.op = POLICY_SHARE;
		asking_share(&t->reader, r->to_role, r->to_purpose, &r->recipient);
	}
	return find_role(t);
}

/* What does not stand in the body is taken to be there. */
static void stand_in(struct trial *t)
{
	static const char id[] = "somebody";

	for (size_t i = 0; i < t->route->subject.n; i++)
		if (t->route->subject.v[i].where != SUBJECT_BODY)
			t->given[i].id = sc_span_str(id);
}

/* ---- the command ---------------------------------------------------------------------------------- */

static int take_options(struct trial *t)
{
	const struct cli_call *c = t->call;

	if (c->side != NULL && strcmp(c->side, "request") != 0 && strcmp(c->side, "response") != 0)
		return cli_fail(CLI_USAGE, "--side is request or response");
	t->answer = c->side != NULL && strcmp(c->side, "response") == 0;
	if (t->answer && c->filter.role == NULL)
		return cli_fail(CLI_USAGE, "an answer is for somebody: give --role");
	if (c->type != NULL && (t->codec = codec_for(sc_span_str(c->type), NULL)) == NULL)
		return cli_fail(CLI_NO,
		    "no codec reads %s: a route with rules refuses it, or lets it pass unread "
		    "(\"unmatched_body\")",
		    c->type);
	return CLI_GO_ON;
}

static int prepare(struct trial *t)
{
	enum sc_err err;
	int rc;

	if ((rc = take_options(t)) != CLI_GO_ON || (rc = load(t)) != CLI_GO_ON)
		return rc;
	if ((err = take_rules(t)) == SC_OK && (err = make_probe(t)) == SC_OK)
		err = compile(t);
	if (err != SC_OK)
		return cli_fail(CLI_NO, "%s", cli_err_text(err));
	stand_in(t);
	return find_asking(t);
}

static void trial_free(struct trial *t)
{
	for (size_t i = 0; t->of != NULL && i < t->rules->n; i++)
		codec_paths_free(t->of[i].alone);
	free(t->of);
	free(t->passing);
	rules_free(t->empty);
	generation_release(t->gen);
	plan_fini(&t->plan);
	plan_fini(&t->probing);
	free(t);
}

int cli_try(const struct cli_call *c)
{
	struct trial *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return cli_fail(CLI_NO, "out of memory");
	t->call = c;
	plan_init(&t->plan);
	plan_init(&t->probing);
	rc = prepare(t);
	if (rc == CLI_GO_ON)
		rc = try_samples(t);
	if (rc == CLI_GO_ON)
		rc = c->json ? try_tell_json(t) : try_tell(t);
	if (rc == CLI_DONE && !try_ok(t))
		rc = CLI_NO;
	trial_free(t);
	return rc;
}
