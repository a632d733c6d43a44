/*
 * rules.c - compiling one side of a route.
 */
#include "gateway/protect/rules.h"

#include <stdlib.h>

/*
 * On one node the stricter rule wins. A dropped value says least; a declared
 * class says more about a value than a scan does.
 */
static uint16_t rule_rank(const struct config_rule *r)
{
	static const uint16_t ranks[] = {
		[CONFIG_SCAN] = 2,
		[CONFIG_POLICY] = 3,
		[CONFIG_SEAL] = 4,
		[CONFIG_MASK] = 5,
		[CONFIG_DROP] = 6,
	};

	return ranks[r->action];
}

enum sc_err rules_new(const struct config_rule *rules, size_t n, const char *subject,
    struct sc_diag *diag, struct protect_rules **out)
{
	struct codec_selector *sel = NULL;
	struct protect_rules *r = NULL;
	size_t count = n;
	enum sc_err err = SC_NOMEM;

	*out = NULL;
	if (n >= PROTECT_ACTION_ANY)
		return SC_LIMIT;
	if ((r = calloc(1, sizeof(*r))) == NULL || (sel = calloc(n + 1, sizeof(*sel))) == NULL)
		goto out;
	r->v = rules;
	r->n = n;
	r->subject_rule = n;
	for (size_t i = 0; i < n; i++) {
		sel[i].text = rules[i].at;
		sel[i].action = (uint16_t)i;
		sel[i].rank = rule_rank(&rules[i]);
		if (subject != NULL && strcmp(subject, rules[i].at) == 0)
			r->subject_rule = i;
	}
	if (subject != NULL && r->subject_rule == n) {
		sel[n].text = subject;
		sel[n].action = PROTECT_ACTION_SUBJECT;
		sel[n].rank = 1;	/* a rule for the same node must not be lost */
		count++;
	}
	if ((err = codec_paths_new(sel, count, diag, &r->paths)) != SC_OK)
		goto out;
	*out = r;
	r = NULL;
out:
	free(sel);
	rules_free(r);
	return err;
}

enum sc_err rules_new_restore(struct sc_diag *diag, struct protect_rules **out)
{
	static const struct codec_selector any = {
		.text = "$..*", .action = PROTECT_ACTION_ANY, .rank = 1,
	};
	struct protect_rules *r = calloc(1, sizeof(*r));
	enum sc_err err;

	*out = NULL;
	if (r == NULL)
		return SC_NOMEM;
	if ((err = codec_paths_new(&any, 1, diag, &r->paths)) != SC_OK) {
		rules_free(r);
		return err;
	}
	*out = r;
	return SC_OK;
}

void rules_free(struct protect_rules *r)
{
	if (r == NULL)
		return;
	codec_paths_free(r->paths);
	free(r);
}
