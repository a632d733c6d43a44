/*
 * path.h - the paths of webhooks, and the state that stands in them.
 *
 *	/v1/telephony/twiml/{vendor}/voice			an inbound call
 *	/v1/telephony/twiml/{vendor}/voice/{step}/{token}	digits were typed
 *	/v1/telephony/twiml/{vendor}/dial/{token}		what was dialled is over
 *	/v1/telephony/twiml/{vendor}/status/{token}		the dialled leg rings, and so on
 *	/v1/telephony/twiml/{vendor}/message			an inbound message
 *	/v1/telephony/twiml/{vendor}/message-status		what became of one
 *	/v1/telephony/twiml/{vendor}/fallback			one of the above again
 *
 * State goes into path segments and not into a query, which vendors sort and
 * encode anew after signing. A token binds a path to the call it was made for.
 */
#ifndef GATEWAY_TWIML_PATH_H
#define GATEWAY_TWIML_PATH_H

#include "base/name.h"
#include "gateway/twiml/fields.h"

#define TWIML_PREFIX "/v1/telephony/twiml/"
#define TWIML_TOKEN_MAX 32 /* hexadecimal digits */
#define TWIML_STEPS 3      /* how often digits are asked for in one call */

enum twiml_hook {
	TWIML_VOICE,
	TWIML_STEP,
	TWIML_DIAL,
	TWIML_STATUS,
	TWIML_INBOX, /* message */
	TWIML_MESSAGE_SENT,
	TWIML_FALLBACK,
	TWIML_HOOKS
};

struct twiml_path {
	struct sc_span vendor;
	enum twiml_hook hook;
	unsigned step;        /* of TWIML_STEP, from 1; else 0 */
	struct sc_span token; /* empty for hooks without one */
};
/* Is PATH exactly one of the above? Borrows it. */
bool twiml_path_parse(struct sc_span path, struct twiml_path *out);

/* Room for a URL of ours: a base and the longest path. */
#define TWIML_URL_MAX 512
/* Write the URL of HOOK under BASE; false when it does not fit. TOKEN: "" for hooks without one. */
bool twiml_url_print(const char *base, const struct sc_name *vendor, enum twiml_hook hook,
    unsigned step, const char *token, char out[static TWIML_URL_MAX]);

const char *twiml_hook_word(enum twiml_hook hook); /* its first segment */
/* The fields of a webhook: those that must be there, and those that are read when they are. */
uint32_t twiml_hook_needs(enum twiml_hook hook);
uint32_t twiml_hook_may(enum twiml_hook hook);

#endif
