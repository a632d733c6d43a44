/*
 * path.c - the paths of webhooks.
 */
#include "gateway/twiml/path.h"

#include "base/text/hex.h"

#include <stdio.h>
#include <string.h>

#define CALL_FIELDS \
	(TWIML_BIT(TWIML_ACCOUNT) | TWIML_BIT(TWIML_CALL) | TWIML_BIT(TWIML_FROM) | \
	    TWIML_BIT(TWIML_TO) | TWIML_BIT(TWIML_DIRECTION) | TWIML_BIT(TWIML_CALL_STATUS))
#define MESSAGE_FIELDS \
	(TWIML_BIT(TWIML_ACCOUNT) | TWIML_BIT(TWIML_MESSAGE) | TWIML_BIT(TWIML_FROM) | \
	    TWIML_BIT(TWIML_TO) | TWIML_BIT(TWIML_BODY))

static const struct hook_row {
	const char *word;
	bool step, token;
	uint32_t need, may;
} rows[TWIML_HOOKS] = {
	[TWIML_VOICE] = { "voice", false, false, CALL_FIELDS, 0 },
	[TWIML_STEP] = { "voice", true, true, CALL_FIELDS | TWIML_BIT(TWIML_DIGITS), 0 },
	[TWIML_DIAL] = { "dial", false, true,
	    TWIML_BIT(TWIML_ACCOUNT) | TWIML_BIT(TWIML_CALL) | TWIML_BIT(TWIML_DIAL_STATUS),
	    TWIML_BIT(TWIML_DIAL_CALL) },
	[TWIML_STATUS] = { "status", false, true,
	    TWIML_BIT(TWIML_ACCOUNT) | TWIML_BIT(TWIML_CALL) | TWIML_BIT(TWIML_PARENT) |
		TWIML_BIT(TWIML_CALL_STATUS),
	    0 },
	[TWIML_INBOX] = { "message", false, false, MESSAGE_FIELDS, TWIML_BIT(TWIML_OPT_OUT) },
	[TWIML_MESSAGE_SENT] = { "message-status", false, false,
	    TWIML_BIT(TWIML_ACCOUNT) | TWIML_BIT(TWIML_MESSAGE) | TWIML_BIT(TWIML_MESSAGE_STATUS),
	    TWIML_BIT(TWIML_ERROR_CODE) | TWIML_BIT(TWIML_FROM) | TWIML_BIT(TWIML_TO) },
	/* the failed request's fields, whichever it was; read once more as that one's */
	[TWIML_FALLBACK] = { "fallback", false, false, TWIML_BIT(TWIML_ACCOUNT),
	    TWIML_BIT(TWIML_CALL) | TWIML_BIT(TWIML_MESSAGE) },
};

/* Take the segment at the front of *REST, up to the next '/'. False when it is empty. */
static bool take_segment(struct sc_span *rest, struct sc_span *out)
{
	const uint8_t *slash = rest->n == 0 ? NULL : memchr(rest->p, '/', rest->n);

	*out = sc_span(rest->p, slash == NULL ? rest->n : (size_t)(slash - rest->p));
	/* a slash at the end leaves an empty segment, which nothing is called */
	*rest = slash == NULL ? sc_span(NULL, 0) : sc_span_from(*rest, out->n + 1);
	return out->n != 0;
}

static bool is_token(struct sc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hex_digit(s.p[i]) < 0 || (s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
	return s.n == TWIML_TOKEN_MAX;
}

/* Is REST what ROW has behind its word? */
static bool ends_as(const struct hook_row *row, struct sc_span rest, bool more,
    struct twiml_path *out)
{
	struct sc_span step;

	if (row->step) {
		if (!take_segment(&rest, &step) || step.n != 1 || step.p[0] < '1' ||
		    step.p[0] > '0' + TWIML_STEPS)
			return false;
		out->step = (unsigned)(step.p[0] - '0');
	}
	if (!row->token)
		return !more;
	out->token = rest;
	return is_token(rest);
}

bool twiml_path_parse(struct sc_span path, struct twiml_path *out)
{
	struct sc_span rest = sc_span_from(path, strlen(TWIML_PREFIX)), word;

	*out = (struct twiml_path){ .step = 0 };
	if (!sc_span_starts(path, TWIML_PREFIX) || !take_segment(&rest, &out->vendor) ||
	    !take_segment(&rest, &word))
		return false;
	for (unsigned i = 0; i < TWIML_HOOKS; i++) {
		struct twiml_path p = { .vendor = out->vendor, .hook = (enum twiml_hook)i };

		if (!sc_span_is(word, rows[i].word) || !ends_as(&rows[i], rest, rest.p != NULL, &p))
			continue;
		*out = p;
		return true;
	}
	return false;
}

bool twiml_url_print(const char *base, const struct sc_name *vendor, enum twiml_hook hook,
    unsigned step, const char *token, char out[static TWIML_URL_MAX])
{
	const struct hook_row *row = &rows[hook];
	int n = snprintf(out, TWIML_URL_MAX, "%s" TWIML_PREFIX "%s/%s", base, vendor->s, row->word);

	if (n > 0 && n < TWIML_URL_MAX && row->step)
		n += snprintf(out + n, (size_t)(TWIML_URL_MAX - n), "/%u", step);
	if (n > 0 && n < TWIML_URL_MAX && row->token)
		n += snprintf(out + n, (size_t)(TWIML_URL_MAX - n), "/%s", token);
	return n > 0 && n < TWIML_URL_MAX;
}

const char *twiml_hook_word(enum twiml_hook hook)
{
	return rows[hook].word;
}

uint32_t twiml_hook_needs(enum twiml_hook hook)
{
	return rows[hook].need;
}

uint32_t twiml_hook_may(enum twiml_hook hook)
{
	return rows[hook].may;
}
