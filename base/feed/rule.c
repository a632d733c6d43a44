/*
 * rule.c - why an event was refused or set aside, as rows: a name, and a
 * sentence with the verdict's own numbers in it.
 */
#include "base/feed/rule.h"

#include "base/feed/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ROW(word, what, sentence, scale) \
	{ \
		.name = (word), .does = (what), .version = 1, .says = (sentence), \
		.n_scale = (scale), .expected_scale = (scale), .threshold_scale = (scale) \
	}
#define REFUSES(name, says) ROW(name, FEED_RULE_REFUSES, says, 1)
#define SETS_ASIDE(name, says) ROW(name, FEED_RULE_SETS_ASIDE, says, 1)
/* Of those that count in parts: N, what is usual and what is borne alike. */
#define SETS_ASIDE_BY(name, says, scale) ROW(name, FEED_RULE_SETS_ASIDE, says, scale)

const struct feed_rule_row feed_rules[FEED_RULE_END] = {
	[FEED_NO_RULE] = { .name = "", .says = "" },
	[FEED_BAD_FORM] = REFUSES("bad_form", "it does not have the shape of an event"),
	[FEED_UNDECLARED] =
	    REFUSES("undeclared", "the configuration takes no event of that kind from there"),
	[FEED_TOO_OLD] = REFUSES("too_old", "it was %n days old when it came; %t are kept"),
	[FEED_NO_CONSENT] =
	    REFUSES("no_consent", "who it is of has not said yes, or has said no since"),
	[FEED_OVER_CEILING] =
	    REFUSES("over_ceiling", "its site sent %n events in that minute; %t may come"),
	[FEED_SAME_ID] = REFUSES("same_id", "a message with its id had come before"),
	[FEED_SAME_CONTENT] = REFUSES("same_content",
	    "the same device had sent the same of that product, at the same millisecond"),
	[FEED_BOT_AGENT] = REFUSES("bot_agent", "its User-Agent is a known robot's"),
	[FEED_WEBDRIVER] = REFUSES("webdriver", "its browser said that a program drives it"),
	[FEED_HONEYPOT] = REFUSES("honeypot", "it is of a product that no page shows"),
	[FEED_IMPOSSIBLE] = REFUSES("impossible",
	    "a page told of a purchase before which nothing was viewed, put into a cart, bought or "
	    "shown"),
	[FEED_NO_HINTS] =
	    SETS_ASIDE("no_hints", "a browser of its name sends client hints, and this sent none"),
	[FEED_NO_INPUT] = SETS_ASIDE("no_input",
	    "%n events of its session came without a touch, a key or a move of the mouse; fewer "
	    "than %t are borne"),
	[FEED_CADENCE] = SETS_ASIDE_BY("cadence",
	    "its device's events come as evenly as a clock's: their gaps spread by %n, people's "
	    "by %t or more",
	    1000),
	[FEED_AWAKE] =
	    SETS_ASIDE("awake", "its device was awake in %n hours of 24; fewer than %t are borne"),
	[FEED_PREFIX_BURST] = SETS_ASIDE("prefix_burst",
	    "%n new devices came out of its network within an hour, most for one event only; "
	    "fewer than %t are borne"),
	[FEED_UNTAPPED] = SETS_ASIDE("untapped",
	    "a page told of a purchase, and no such order has passed in %n hours; %t are waited "
	    "for"),
	[FEED_FOCUS] = { .name = "focus",
	    .does = FEED_RULE_SETS_ASIDE,
	    .version = 1,
	    .says = "its network looked at this product %n times where %e are usual; up to %t "
		    "times the usual is borne",
	    .n_scale = 1,
	    .expected_scale = 100,
	    .threshold_scale = 1 },
	[FEED_BARREN] = SETS_ASIDE_BY("barren",
	    "%n % of its network's visits' events are searches, lists or carts, where %e % are "
	    "usual and %t % are borne, or its devices that only look are too many for the others",
	    10),
	[FEED_RING] = SETS_ASIDE_BY("ring",
	    "%n % of this product's orders went to addresses where several buyers take it in "
	    "turns; %e % are usual, below %t % is borne",
	    10),
	[FEED_REPLAY] = SETS_ASIDE("replay",
	    "%n acts in a row are what another visit had done before, in the same step; fewer than "
	    "%t are borne"),
	[FEED_SAME_DEVICE] = SETS_ASIDE_BY("same_device",
	    "%n % of what its device sent was set aside by other rules; from %t % on all of it is",
	    10),
};

uint8_t feed_rule_find(const char *name)
{
	for (uint8_t i = FEED_NO_RULE + 1; i < FEED_RULE_END; i++)
		if (strcmp(feed_rules[i].name, name) == 0)
			return i;
	return FEED_NO_RULE;
}

/* ---- in words ------------------------------------------------------------------- */

/* What is being written: AT never reaches SIZE. */
struct say_text {
	char *out;
	size_t at, size;
};

static void say(struct say_text *t, const char *text, size_t n)
{
	const size_t room = t->size - 1 - t->at;

	n = n < room ? n : room;
	memcpy(t->out + t->at, text, n);
	t->at += n;
	t->out[t->at] = '\0';
}

static void say_word(struct say_text *t, const char *text)
{
	say(t, text, strlen(text));
}

/* "12", "1.37": as many places as SCALE has zeros. */
static void say_number(struct say_text *t, uint32_t v, uint32_t scale)
{
	char text[16];

	if (scale == 0)
		scale = 1;
	(void)snprintf(text, sizeof(text), "%" PRIu32 "%s", v / scale, scale > 1 ? "." : "");
	say_word(t, text);
	for (v %= scale; (scale /= 10) > 0; v %= scale) {
		const char digit = (char)('0' + v / scale);

		say(t, &digit, 1);
	}
}

static void say_sentence(struct say_text *t, const struct feed_rule_row *r,
    const struct feed_verdict *v)
{
	for (const char *p = r->says; *p != '\0'; p++) {
		const char what = *p == '%' ? p[1] : '\0';

		if (what == 'n')
			say_number(t, v->n, r->n_scale);
		else if (what == 'e')
			say_number(t, v->expected, r->expected_scale);
		else if (what == 't')
			say_number(t, v->threshold, r->threshold_scale);
		else
			say(t, p, 1);
		p += what == 'n' || what == 'e' || what == 't';
	}
}

/* "released by user 1000 (mistake)". */
static void say_operator(struct say_text *t, const struct feed_verdict *v)
{
	say_word(t, v->action == FEED_RELEASE ? "released" : "condemned");
	say_word(t, " by user ");
	say_number(t, v->operator_uid, 1);
	if (v->because != 0 && v->because < FEED_BECAUSE_END) {
		say_word(t, " (");
		say_word(t, feed_because_names[v->because]);
		say_word(t, ")");
	}
}

void feed_verdict_say(const struct feed_verdict *v, char *out, size_t size)
{
	struct say_text t = { out, 0, size };
	const struct feed_rule_row *r = &feed_rules[v->rule < FEED_RULE_END ? v->rule : 0];
	const bool of_operator = v->action == FEED_RELEASE || v->action == FEED_CONDEMN;

	out[0] = '\0';
	if (of_operator)
		say_operator(&t, v);
	else
		say_word(&t, v->action == FEED_QUARANTINE ? "set aside" : "refused");
	if (r->name[0] == '\0')
		return;
	if (of_operator) {
		say_word(&t, v->scope == FEED_OF_RULE ? ": all that " : ", against ");
		say_word(&t, r->name);
		say_word(&t, v->scope == FEED_OF_RULE ? " set aside" : "");
		return;
	}
	say_word(&t, " by ");
	say_word(&t, r->name);
	say_word(&t, ": ");
	say_sentence(&t, r, v);
}
