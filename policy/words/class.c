/*
 * class.c - the built-in classes of personal data.
 */
#include "policy/words/class.h"

static const struct {
	const char *name;
	enum policy_tier tier;
} classes[CLASS_BUILTIN_END] = {
	[CLASS_NAME] = { "name", TIER_T2 },
	[CLASS_PHONE] = { "phone", TIER_T2 },
	[CLASS_ADDRESS] = { "address", TIER_T2 },
	[CLASS_REGION] = { "region", TIER_T1 },
	[CLASS_POSTCODE] = { "postcode", TIER_T2 },
	[CLASS_EMAIL] = { "email", TIER_T2 },
	[CLASS_RESIDENT_ID] = { "resident_id", TIER_T3 },
	[CLASS_PASSPORT] = { "passport", TIER_T3 },
	[CLASS_BANK_CARD] = { "bank_card", TIER_T3 },
	[CLASS_IBAN] = { "iban", TIER_T3 },
	[CLASS_IP] = { "ip", TIER_T2 },
	[CLASS_LICENSE_PLATE] = { "license_plate", TIER_T2 },
	[CLASS_WECHAT] = { "wechat", TIER_T2 },
	[CLASS_QQ] = { "qq", TIER_T2 },
	[CLASS_DOB] = { "dob", TIER_T2 },
	[CLASS_GEO] = { "geo", TIER_T3 },
	[CLASS_CUSTOMER_ID] = { "customer_id", TIER_T1 },
	[CLASS_ORDER_ID] = { "order_id", TIER_T1 },
};

const char *class_name(uint8_t id)
{
	return id < CLASS_BUILTIN_END ? classes[id].name : NULL;
}

enum policy_tier class_tier(uint8_t id)
{
	if (class_name(id) == NULL)
		return TIER_T4; /* unlabelled counts as most sensitive */
	return classes[id].tier;
}

uint8_t class_find(struct sc_span name)
{
	for (uint8_t id = 1; id < CLASS_BUILTIN_END; id++)
		if (sc_span_is(name, classes[id].name))
			return id;
	return CLASS_NONE;
}
