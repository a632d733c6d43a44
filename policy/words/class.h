/*
 * class.h - the built-in classes of personal data and the six tiers.
 *
 * Ids are part of every token and never change. Classes that a policy file
 * adds have ids from CLASS_FILE_FIRST on, given in the file.
 */
#ifndef POLICY_WORDS_CLASS_H
#define POLICY_WORDS_CLASS_H

#include "base/span.h"

enum policy_tier { TIER_T0, TIER_T1, TIER_T2, TIER_T3, TIER_T4, TIER_X };

enum policy_class_id {
	CLASS_NONE = 0, /* not a class */
	CLASS_NAME = 1,
	CLASS_PHONE = 2, /* mobile, landline and international alike */
	CLASS_ADDRESS = 3,
	CLASS_REGION = 4,
	CLASS_POSTCODE = 5,
	CLASS_EMAIL = 6,
	CLASS_RESIDENT_ID = 7,
	CLASS_PASSPORT = 8,
	CLASS_BANK_CARD = 9,
	CLASS_IBAN = 10,
	CLASS_IP = 11,
	CLASS_LICENSE_PLATE = 12,
	CLASS_WECHAT = 13,
	CLASS_QQ = 14,
	CLASS_DOB = 15,
	CLASS_GEO = 16,
	CLASS_CUSTOMER_ID = 17,
	CLASS_ORDER_ID = 18,
	CLASS_BUILTIN_END = 19,
	CLASS_FILE_FIRST = 64,
	CLASS_MAX = 255,
};

/* Name and usual tier of a built-in class; NULL, and TIER_T4, for others. */
const char *class_name(uint8_t id);
enum policy_tier class_tier(uint8_t id);
/* The built-in class called NAME, or CLASS_NONE. */
uint8_t class_find(struct sc_span name);

#endif
