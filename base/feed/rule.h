/*
 * rule.h - why an event was refused or set aside: the numbers and words that
 * the gateway, analytics and the command share.
 */
#ifndef BASE_FEED_RULE_H
#define BASE_FEED_RULE_H

#include <stddef.h>
#include <stdint.h>

struct feed_verdict;

enum feed_rule {
	FEED_NO_RULE,
	/* the form: nothing is judged */
	FEED_BAD_FORM,   /* not the shape of an event */
	FEED_UNDECLARED, /* a kind of event that the configuration does not take from there */
	FEED_TOO_OLD,    /* older than the log keeps */
	FEED_NO_CONSENT, /* unknown, refused or withdrawn */
	FEED_OVER_CEILING,
	/* again */
	FEED_SAME_ID,
	FEED_SAME_CONTENT,
	/* what needs no judgement: refused */
	FEED_BOT_AGENT,
	FEED_WEBDRIVER,
	FEED_HONEYPOT,
	FEED_IMPOSSIBLE, /* a page's purchase without a view, a cart, a reorder or an exposure */
	/* what does: set aside, at arrival or at the snapshot */
	FEED_NO_HINTS,
	FEED_NO_INPUT,
	FEED_CADENCE,
	FEED_AWAKE,
	FEED_PREFIX_BURST,
	FEED_UNTAPPED, /* a page's purchase that never was an order */
	FEED_FOCUS,
	FEED_BARREN,
	FEED_RING,
	FEED_REPLAY,      /* acts in another visit's step, later */
	FEED_SAME_DEVICE, /* the rest of what is false for the most part */
	FEED_RULE_END,
};

enum feed_rule_does { FEED_RULE_REFUSES = 1, FEED_RULE_SETS_ASIDE };

struct feed_rule_row {
	const char *name; /* "focus" */
	uint8_t does;     /* enum feed_rule_does */
	uint8_t version;
	/*
	 * What it says of one event, in words: %n, %e, %t stand for a verdict's n,
	 * expected and threshold, as SCALE says. Any other % is one.
	 */
	const char *says;
	uint32_t n_scale, expected_scale,
	    threshold_scale; /* divided by, when printed: 1, 10, 100, 1000; 0 is 1 */
};
/* By number; [0] is empty. */
extern const struct feed_rule_row feed_rules[FEED_RULE_END];

/* The number of the rule called NAME; FEED_NO_RULE: none is. */
uint8_t feed_rule_find(const char *name);

/*
 * V in words that an operator understands, into OUT (SIZE bytes, at least 1; always
 * NUL-ended, cut where it does not fit): what was done, by which rule or whom, and
 * what was counted. An action of 0 is told as a refusal.
 */
void feed_verdict_say(const struct feed_verdict *v, char *out, size_t size);
#define FEED_SAY_MAX 320 /* SIZE in which every verdict fits */

#endif
