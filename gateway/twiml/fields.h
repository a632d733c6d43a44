/*
 * fields.h - which fields of a webhook are read, and what each may be.
 *
 * The signed string has no separators: one signature fits every way of cutting
 * it into names and values. So each field that is read has an exact pattern, a
 * field that is read stands there once, and the others are not looked at. New
 * ones come without notice.
 */
#ifndef GATEWAY_TWIML_FIELDS_H
#define GATEWAY_TWIML_FIELDS_H

#include "gateway/twiml/web_form.h"

enum twiml_field {
	TWIML_ACCOUNT,
	TWIML_CALL,
	TWIML_FROM, /* the caller, as the vendor believes */
	TWIML_TO,
	TWIML_DIRECTION,
	TWIML_CALL_STATUS,
	TWIML_DIGITS,
	TWIML_DIAL_STATUS,
	TWIML_DIAL_CALL,
	TWIML_PARENT,
	TWIML_MESSAGE,
	TWIML_BODY,
	TWIML_OPT_OUT,
	TWIML_MESSAGE_STATUS,
	TWIML_ERROR_CODE,
	TWIML_FIELDS
};
#define TWIML_BIT(f) (1u << (f))

enum twiml_pattern_kind {
	TWIML_TEXT,  /* any, MIN to MAX bytes */
	TWIML_CHARS, /* MIN to MAX of the characters in OF */
	TWIML_WORD,  /* one of the words in OF, which blanks part */
	TWIML_SID,   /* the prefix OF, two letters a choice ("SM|MM"), and 32 hexadecimal digits */
	TWIML_UUID,  /* 8-4-4-4-12 hexadecimal digits in lower case */
	TWIML_V3,    /* "v3:" and 1 to MAX of the characters of base64url */
	TWIML_X,     /* a number of ours: E.164 */
	TWIML_PARTY  /* somebody: E.164, or one of the ways of saying that there is no number */
};

struct twiml_pattern {
	const char *name; /* of the field */
	uint8_t kind;     /* enum twiml_pattern_kind */
	uint16_t min, max;
	const char *of;
};

/* Does S fit P, whole? */
bool twiml_fits(const struct twiml_pattern *p, struct sc_span s);

/* The fields of one webhook; those that are not there are empty, with p NULL. */
struct twiml_read {
	struct sc_span v[TWIML_FIELDS];
};

/*
 * Read the fields in NEED, which must be there, and in MAY. False when one is
 * missing, stands there twice or does not fit; then OUT is not to be used.
 */
bool twiml_fields_read(const struct twiml_pattern patterns[static TWIML_FIELDS],
    const struct web_form *f, uint32_t need, uint32_t may, struct twiml_read *out);

/*
 * Is ID the only one that stands in the signed text JOINED behind the name of P? Who
 * writes a text message, or a header, can put another call's or message's name and id
 * into it; were the text cut there, the id would be new, and every replay a first.
 */
bool twiml_only_id(const struct twiml_pattern *p, struct sc_span joined, struct sc_span id);

/*
 * The caller's number in FROM; empty when it is withheld: words, addresses, the numbers that
 * spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE, short codes.
 */
struct sc_span twiml_caller(struct sc_span from);

#endif
