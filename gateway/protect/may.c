/*
 * may.c - what is asked of policy before there is a document: erasing a person,
 * binding virtual numbers, being told whom a call reaches, words of consent.
 */
#include "gateway/protect/protect.h"

#include "base/clock.h"
#include "base/weak.h"

/* What policy says now to A under OP of CLASS_ID; *WHY too. */
static uint8_t ask_now(const struct policy *policy, const struct asking *a, uint8_t op,
    uint8_t class_id, const char **why)
{
	const struct policy_item it = { .class_id = class_id };
	struct asking now = *a;
	struct policy_verdict v;

	now.op = op;
	now.now_ms = clock_unix_ms();
	policy_ask(policy, &now, &it, &v);
	*why = v.why;
	return v.action;
}

struct policy_verdict protect_foretold(const struct policy *policy, const struct asking *a,
    const struct policy_item *it)
{
	struct policy_verdict v;

	policy_ask(policy, a, it, &v);
	return v;
}

bool protect_erasable(const struct policy *policy, const struct asking *a, const char **why)
{
	return ask_now(policy, a, POLICY_DELETE, CLASS_NONE, why) == ACTION_REVEAL;
}

bool protect_mergeable(const struct policy *policy, const struct asking *a, const char **why)
{
	return ask_now(policy, a, POLICY_MERGE, CLASS_NONE, why) == ACTION_REVEAL ||
	    WEAK("merge-by-anybody");
}

bool protect_bindable(const struct policy *policy, const struct asking *a, const char **why)
{
	static const struct sc_span orders = SC_LIT("order_processing"),
				    delivery = SC_LIT("delivery");
	struct asking as_of_orders = *a;
	uint8_t for_orders, for_delivery;

	*why = "virtual numbers are for order_processing and delivery";
	if (!policy_purpose(policy, orders, &for_orders))
		return false;
	if (a->purpose != for_orders &&
	    (!policy_purpose(policy, delivery, &for_delivery) || a->purpose != for_delivery))
		return false;
	as_of_orders.purpose = for_orders;
	return ask_now(policy, &as_of_orders, POLICY_WRITE, CLASS_PHONE, why) == ACTION_TOKENISE;
}

bool protect_callable(const struct policy *policy, const struct asking *a, const char **why)
{
	return ask_now(policy, a, POLICY_SHARE, CLASS_PHONE, why) == ACTION_REVEAL;
}

bool protect_collectable(const struct policy *policy, const struct asking *a, const char **why)
{
	return ask_now(policy, a, POLICY_WRITE, CLASS_CUSTOMER_ID, why) == ACTION_TOKENISE;
}

bool protect_consents_settable(const struct policy *policy, const struct asking *a,
    uint8_t collecting, const char **why)
{
	struct asking as_collector = *a;

	as_collector.purpose = collecting;
	return ask_now(policy, a, POLICY_WRITE, CLASS_CUSTOMER_ID, why) == ACTION_TOKENISE &&
	    ask_now(policy, &as_collector, POLICY_WRITE, CLASS_CUSTOMER_ID, why) == ACTION_TOKENISE;
}

bool protect_consents_visible(const struct policy *policy, const struct asking *a, const char **why)
{
	return ask_now(policy, a, POLICY_READ, CLASS_CUSTOMER_ID, why) == ACTION_REVEAL;
}
