/*
 * vendor.c - the rows.
 */
#include "gateway/twiml/vendor.h"

#include <string.h>

#define CALL_STATES \
	"queued initiated ringing in-progress answered completed busy failed no-answer canceled"

/* Names and patterns are alike with all who speak TwiML; ids are not. */
#define SHARED_FIELDS \
	[TWIML_FROM] = { "From", TWIML_PARTY, 0, 0, NULL }, \
	[TWIML_TO] = { "To", TWIML_X, 0, 0, NULL }, \
	[TWIML_DIRECTION] = { "Direction", TWIML_WORD, 0, 0, "inbound" }, \
	[TWIML_CALL_STATUS] = { "CallStatus", TWIML_WORD, 0, 0, CALL_STATES }, \
	[TWIML_DIGITS] = { "Digits", TWIML_CHARS, 0, 32, "0123456789#*" }, \
	[TWIML_DIAL_STATUS] = { "DialCallStatus", TWIML_WORD, 0, 0, \
		"completed answered busy no-answer failed canceled" }, \
	[TWIML_BODY] = { "Body", TWIML_TEXT, 0, 8192, NULL }, \
	[TWIML_OPT_OUT] = { "OptOutType", TWIML_WORD, 0, 0, "STOP START HELP" }, \
	[TWIML_MESSAGE_STATUS] = { "MessageStatus", TWIML_WORD, 0, 0, \
		"accepted scheduled queued sending sent receiving received delivered " \
		"undelivered failed read canceled" }, \
	[TWIML_ERROR_CODE] = { "ErrorCode", TWIML_CHARS, 0, 8, "0123456789" }

static const struct twiml_pattern twilio_fields[TWIML_FIELDS] = {
	SHARED_FIELDS,
	[TWIML_ACCOUNT] = { "AccountSid", TWIML_SID, 0, 0, "AC" },
	[TWIML_CALL] = { "CallSid", TWIML_SID, 0, 0, "CA" },
	[TWIML_DIAL_CALL] = { "DialCallSid", TWIML_SID, 0, 0, "CA" },
	[TWIML_PARENT] = { "ParentCallSid", TWIML_SID, 0, 0, "CA" },
	[TWIML_MESSAGE] = { "MessageSid", TWIML_SID, 0, 0, "SM|MM" },
};

static const struct twiml_pattern signalwire_fields[TWIML_FIELDS] = {
	SHARED_FIELDS,
	[TWIML_ACCOUNT] = { "AccountSid", TWIML_UUID, 0, 0, NULL },
	[TWIML_CALL] = { "CallSid", TWIML_UUID, 0, 0, NULL },
	[TWIML_DIAL_CALL] = { "DialCallSid", TWIML_UUID, 0, 0, NULL },
	[TWIML_PARENT] = { "ParentCallSid", TWIML_UUID, 0, 0, NULL },
	[TWIML_MESSAGE] = { "MessageSid", TWIML_UUID, 0, 0, NULL },
};

/* Letters and digits of base64url behind "v3:". */
static const struct twiml_pattern telnyx_fields[TWIML_FIELDS] = {
	SHARED_FIELDS,
	[TWIML_ACCOUNT] = { "AccountSid", TWIML_UUID, 0, 0, NULL },
	[TWIML_CALL] = { "CallSid", TWIML_V3, 0, 128, NULL },
	[TWIML_DIAL_CALL] = { "DialCallSid", TWIML_V3, 0, 128, NULL },
	[TWIML_PARENT] = { "ParentCallSid", TWIML_V3, 0, 128, NULL },
	[TWIML_MESSAGE] = { "MessageSid", TWIML_UUID, 0, 0, NULL },
};

static const struct twiml_vendor rows[] = {
	{ "twilio", &twiml_by_fields_twilio, twilio_fields, &twiml_xml, 1 },
	{ "signalwire", &twiml_by_fields_signalwire, signalwire_fields, &twiml_xml, 1 },
	{ "telnyx", &twiml_by_body_telnyx, telnyx_fields, &twiml_xml, 60 },
};

const struct twiml_vendor *twiml_vendor_find(const char *kind)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, kind) == 0)
			return &rows[i];
	return NULL;
}

enum twiml_key_kind twiml_vendor_key(const struct twiml_vendor *row, const struct phone_vendor *v)
{
	return v->sha256 && row->verifier->any_hash ? TWIML_KEY_SHA256 : row->verifier->key;
}
