/*
 * render.h - what a vendor is told to do, and how it is written: TwiML.
 *
 * Nothing stands before "<?xml"; & < > " ' are escaped, control characters
 * dropped. Answers that must not be told apart are made from the same input here.
 */
#ifndef GATEWAY_TWIML_RENDER_H
#define GATEWAY_TWIML_RENDER_H

#include "base/buf.h"

#define TWIML_ANSWER_MAX (64u << 10) /* bytes that a vendor reads */

enum twiml_verb {
	TWIML_DO_DIAL,
	TWIML_DO_GATHER,
	TWIML_DO_HANGUP,
	TWIML_DO_BYE,    /* say so, and hang up */
	TWIML_DO_LATE,   /* say that the number is not in use any more, and hang up */
	TWIML_DO_REJECT, /* leave the call unanswered; before anything was said only */
	TWIML_DO_MESSAGE,
	TWIML_DO_NOTHING,
	TWIML_VERBS
};

struct twiml_answer {
	enum twiml_verb verb;
	const char *language; /* of what is said; see twiml_speech() */
	const char *x;        /* whose number is shown: X, never the caller's */
	const char *to;       /* whom to reach, E.164: personal */
	const char *action;   /* URL that hears what came of it */
	const char *status;   /* URL that hears how the dialled leg goes */
	unsigned digits;      /* of an extension */
	uint32_t max_call_s;
	struct sc_span text; /* of a message, UTF-8: personal */
};

/* The texts of a language. */
struct twiml_speech {
	const char *language; /* as the vendor calls it */
	const char *tone;     /* what a caller hears while it rings: a country */
	const char *ask, *bye, *late;
};
/* Those of LANGUAGE, of another one with its first letters, or English ones. */
const struct twiml_speech *twiml_speech(const char *language);

/* How answers are written for one vendor's kind: Plivo's own XML would be another. */
struct twiml_renderer {
	const char *type; /* Content-Type */
	/* Append A. Fails like sc_buf_put(), and with SC_SYNTAX when a text is not UTF-8. */
	enum sc_err (*print)(const struct twiml_answer *a, struct sc_buf *out);
};
extern const struct twiml_renderer twiml_xml;

#endif
