/*
 * test_rule.c - every rule has a name and a sentence, and a verdict can be said
 * in words with its own numbers.
 */
#include "base/feed/rule.h"

#include "base/feed/feed.h"
#include "tap.h"

static void test_rows(void)
{
	for (unsigned i = 1; i < FEED_RULE_END; i++) {
		const struct feed_rule_row *r = &feed_rules[i];

		CHECK(r->name[0] != '\0' && r->says[0] != '\0' && r->version == 1);
		CHECK(strspn(r->name, "abcdefghijklmnopqrstuvwxyz_") == strlen(r->name));
		CHECK(r->does == (i <= FEED_IMPOSSIBLE ? FEED_RULE_REFUSES : FEED_RULE_SETS_ASIDE));
		CHECK(feed_rule_find(r->name) == i);
		for (unsigned k = 1; k < i; k++)
			CHECK(strcmp(r->says, feed_rules[k].says) != 0);
	}
	CHECK(feed_rules[0].name[0] == '\0');
	CHECK(feed_rule_find("") == FEED_NO_RULE && feed_rule_find("Focus") == FEED_NO_RULE);
	CHECK(feed_rule_find("foc") == FEED_NO_RULE && feed_rule_find("focuss") == FEED_NO_RULE);
	CHECK(feed_rule_find("bad_form") == FEED_BAD_FORM &&
	    feed_rule_find("same_device") == FEED_SAME_DEVICE);
	CHECK(feed_rule_find("ring") == FEED_RING && feed_rule_find("untapped") == FEED_UNTAPPED);
}

static void says(struct feed_verdict v, const char *want)
{
	char got[FEED_SAY_MAX];

	memset(got, 'x', sizeof(got));
	feed_verdict_say(&v, got, sizeof(got));
	if (strcmp(got, want) != 0)
		printf("# %s\n# %s\n", got, want);
	CHECK(strcmp(got, want) == 0);
}

static void test_words(void)
{
	says((struct feed_verdict){ .action = FEED_QUARANTINE,
		 .rule = FEED_FOCUS,
		 .n = 40,
		 .expected = 107,
		 .threshold = 6 },
	    "set aside by focus: its network looked at this product 40 times where 1.07 are usual; up to 6 "
	    "times the usual is borne");
	says((struct feed_verdict){ .action = FEED_QUARANTINE,
		 .rule = FEED_CADENCE,
		 .n = 45,
		 .threshold = 120 },
	    "set aside by cadence: its device's events come as evenly as a clock's: their gaps spread by "
	    "0.045, people's by 0.120 or more");
	says((struct feed_verdict){ .action = FEED_QUARANTINE,
		 .rule = FEED_BARREN,
		 .n = 5,
		 .expected = 312,
		 .threshold = 60 },
	    "set aside by barren: 0.5 % of its network's visits' events are searches, lists or carts, "
	    "where 31.2 % are usual and 6.0 % are borne, or its devices that only look are too many "
	    "for the others");
	says((struct feed_verdict){ .rule = FEED_TOO_OLD, .n = 500, .threshold = 400 },
	    "refused by too_old: it was 500 days old when it came; 400 are kept");
	says((struct feed_verdict){ .rule = FEED_OVER_CEILING, .n = UINT32_MAX, .threshold = 0 },
	    "refused by over_ceiling: its site sent 4294967295 events in that minute; 0 may come");
	says((struct feed_verdict){ .action = FEED_RELEASE,
		 .scope = FEED_OF_EVENT,
		 .operator_uid = 1000,
		 .because = FEED_KNOWN_PARTNER,
		 .rule = FEED_RING },
	    "released by user 1000 (known_partner), against ring");
	says((struct feed_verdict){ .action = FEED_CONDEMN,
		 .scope = FEED_OF_RULE,
		 .rule = FEED_AWAKE,
		 .because = FEED_ATTACK },
	    "condemned by user 0 (attack): all that awake set aside");
	says((struct feed_verdict){ .action = FEED_CONDEMN,
		 .scope = FEED_OF_EVENT,
		 .operator_uid = 7 },
	    "condemned by user 7");
	/* what no decoder lets through still is told, not read past the tables */
	says((struct feed_verdict){ .action = FEED_RELEASE, .rule = 255, .because = 255 },
	    "released by user 0");
	says((struct feed_verdict){ .rule = FEED_RULE_END }, "refused");
}

static void test_room(void)
{
	struct feed_verdict v = { .action = FEED_QUARANTINE,
		.n = UINT32_MAX,
		.expected = UINT32_MAX,
		.threshold = UINT32_MAX };
	char whole[FEED_SAY_MAX], part[FEED_SAY_MAX + 1];

	for (v.rule = 0; v.rule < FEED_RULE_END; v.rule++) {
		feed_verdict_say(&v, whole, sizeof(whole));
		CHECK(strlen(whole) < sizeof(whole) - 1 && strchr(whole, '\n') == NULL);
		for (size_t n = 1; n <= strlen(whole) + 1; n++) {
			memset(part, 'x', sizeof(part));
			feed_verdict_say(&v, part, n);
			CHECK(strlen(part) == n - 1 && memcmp(part, whole, n - 1) == 0 &&
			    part[n] == 'x');
		}
	}
}

int main(void)
{
	RUN(test_rows, "every rule has a name and a sentence of its own");
	RUN(test_words, "a verdict says itself, with its numbers in their places");
	RUN(test_room, "every verdict fits, and never takes more room than there is");
	return tap_done();
}
