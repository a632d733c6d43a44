/*
 * asking.c - keeping a question beyond the request that asked it.
 */
#include "policy/asking.h"

#include <string.h>

static void keep_name(struct sc_name *to, const struct sc_name **p)
{
	if (*p == NULL)
		return;
	*to = **p;
	*p = to;
}

static void keep_words(struct policy_reason *to, const struct policy_reason **p)
{
	if (*p == NULL)
		return;
	*to = **p;
	*p = to;
}

void asking_keep(struct asking_kept *k, const struct asking *a)
{
	struct asking *to = &k->asking;

	*to = *a;
	to->proof = NULL;
	to->session = NULL;
	to->statement = sc_span(NULL, 0);
	keep_name(&k->tenant, &to->tenant);
	keep_name(&k->principal, &to->principal);
	keep_name(&k->route, &to->route);
	keep_name(&k->recipient, &to->recipient);
	keep_name(&k->node, &to->node);
	keep_words(&k->reason, &to->reason);
	keep_words(&k->ticket, &to->ticket);
	if (to->policy_hash != NULL) {
		memcpy(k->policy_hash, to->policy_hash, sizeof(k->policy_hash));
		to->policy_hash = k->policy_hash;
	}
}
