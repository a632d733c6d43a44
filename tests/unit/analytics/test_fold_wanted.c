/*
 * test_fold_wanted.c - whose an event is, whether it is wanted and whether it is real; and who
 * is hidden when something of that changes.
 */
#include "fold_kit.h"
#include "tap.h"

#define ANNA 11u
#define BERT 12u
#define PHONE 21u
#define TABLET 22u
#define T (KIT_START + 100)

static struct fold_kit kit;
static struct fold *f;

static void begin(void)
{
	kit_init(&kit);
	fold_free(f);
	f = NULL;
}

/* A word of a back end's at so many milliseconds before or after the event's time. */
static struct feed_consent *word(uint64_t who, uint8_t said, int at)
{
	return kit_word(&kit, who >= PHONE ? FEED_DEVICE : FEED_PERSON, who, said,
	    (uint64_t)((int64_t)T + at));
}

static struct fold_stats folded(void)
{
	struct fold_stats s;

	fold_free(f);
	f = kit_fold(&kit);
	fold_count(f, &s);
	return s;
}

/* How many pages PERSON has looked at; folded anew. */
static uint32_t seen_of(uint64_t person)
{
	struct feature_row row;

	(void)folded();
	return fold_row(f, person, &row) ? row.by_channel[0] : 0;
}

static uint64_t visits(void)
{
	return folded().visits;
}

/* ---- an account's words --------------------------------------------------------------- */

static void test_own_word(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	CHECK(seen_of(ANNA) == 0 && folded().unconsented == 1); /* unknown is no */
	word(ANNA, FEED_GRANT, 1);
	CHECK(seen_of(ANNA) == 0); /* not then */
	word(ANNA, FEED_GRANT, 0);
	CHECK(seen_of(ANNA) == 1 && folded().unconsented == 0);
	word(ANNA, FEED_WITHDRAW, 2);
	CHECK(seen_of(ANNA) == 0 && folded().unconsented == 1); /* not now */
	word(ANNA, FEED_GRANT, 3);
	CHECK(seen_of(ANNA) == 1);
	word(ANNA, FEED_REFUSE, 0); /* of the same time the no counts */
	CHECK(seen_of(ANNA) == 0);
}

static void test_other_purpose(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	word(ANNA, FEED_GRANT, 0)->purpose = 2;
	CHECK(seen_of(ANNA) == 0);
	word(ANNA, FEED_GRANT, 0);
	word(ANNA, FEED_WITHDRAW, 1)->purpose = 2;
	CHECK(seen_of(ANNA) == 1);
}

static void test_versions(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	word(ANNA, FEED_GRANT, -1)->version = 1;
	CHECK(seen_of(ANNA) == 0); /* a newer text is asked now */
	word(ANNA, FEED_GRANT, 9)->version = 2;
	CHECK(seen_of(ANNA) == 1);
	word(ANNA, FEED_WITHDRAW, 10)->version = 1; /* a no is one to any text */
	CHECK(seen_of(ANNA) == 0);
	word(ANNA, FEED_GRANT, 11)->version = 3;
	CHECK(seen_of(ANNA) == 1);
}

static void test_asserted(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	word(ANNA, FEED_GRANT, 0)->verified = false;
	CHECK(seen_of(ANNA) == 0); /* a page's yes makes no portrait */
	word(ANNA, FEED_GRANT, 0);
	CHECK(seen_of(ANNA) == 1);
	word(ANNA, FEED_REFUSE, 5)->verified = false; /* its no stops one */
	CHECK(seen_of(ANNA) == 0);
	word(ANNA, FEED_GRANT, 6)->verified = false;
	CHECK(seen_of(ANNA) == 1);
}

/* ---- devices' words ------------------------------------------------------------------------ */

static void test_linked_no(void)
{
	struct feed_link *l;

	begin();
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	word(ANNA, FEED_GRANT, 0);
	word(PHONE, FEED_REFUSE, -5);
	CHECK(seen_of(ANNA) == 1); /* a stranger's */
	l = kit_link(&kit, PHONE, ANNA, T - 50, 0);
	CHECK(seen_of(ANNA) == 0);
	l->to_ms = T + 1; /* it was linked then */
	CHECK(seen_of(ANNA) == 0);
	l->to_ms = T;
	CHECK(seen_of(ANNA) == 1);
	l->from_ms = T + 1; /* only now */
	l->to_ms = 0;
	CHECK(seen_of(ANNA) == 0);
	word(PHONE, FEED_GRANT, -4);
	CHECK(seen_of(ANNA) == 1);
	kit_link(&kit, TABLET, ANNA, T - 50, 0); /* one that never was asked stops nobody */
	CHECK(seen_of(ANNA) == 1);
}

static void test_device_of_the_event(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, ANNA, PHONE, T);
	kit_event(&kit, FEED_PAGE, ANNA, TABLET, T);
	word(ANNA, FEED_GRANT, 0);
	CHECK(seen_of(ANNA) == 2);
	word(PHONE, FEED_WITHDRAW, 5);
	CHECK(seen_of(ANNA) == 1);
	word(PHONE, FEED_GRANT, 6);
	CHECK(seen_of(ANNA) == 2);
	word(PHONE, FEED_REFUSE, -1)->verified = false;
	CHECK(seen_of(ANNA) == 1);
}

static void test_ends(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	word(ANNA, FEED_GRANT, 0);
	word(PHONE, FEED_REFUSE, -90);
	kit_link(&kit, PHONE, ANNA, T - 50, 0);
	kit_link(&kit, PHONE, ANNA, T - 10, T - 5); /* an end ends what began before it */
	CHECK(seen_of(ANNA) == 1);
	kit_link(&kit, PHONE, ANNA, T - 5, 0); /* at one time the end counts */
	CHECK(seen_of(ANNA) == 1);
	kit_link(&kit, PHONE, ANNA, T - 4, 0);
	CHECK(seen_of(ANNA) == 0);
	kit_link(&kit, PHONE, ANNA, T - 3, T - 3); /* no longer than nothing: an end */
	CHECK(seen_of(ANNA) == 1);
	kit_link(&kit, PHONE, ANNA, T + 9, T - 2); /* the wrong way round: an end as well */
	CHECK(seen_of(ANNA) == 1);
}

/* ---- whose ------------------------------------------------------------------------------------- */

/* A page of PHONE's without login, at T; the phone and Anna said yes by a back end. */
static void begin_joined(void)
{
	begin();
	kit.settings.join_devices = true;
	kit_event(&kit, FEED_PAGE, 0, PHONE, T);
	word(ANNA, FEED_GRANT, 0);
	word(PHONE, FEED_GRANT, 0);
}

static void test_joined(void)
{
	struct feed_link *l;

	begin_joined();
	CHECK(seen_of(ANNA) == 0);
	l = kit_link(&kit, PHONE, ANNA, T + 50, 0);
	CHECK(seen_of(ANNA) == 1 && folded().visits == 0); /* a guest's past */
	kit.settings.join_devices = false;
	CHECK(seen_of(ANNA) == 0 && folded().visits == 0 && folded().unconsented == 0);
	kit.settings.join_devices = true;
	l->to_ms = T + 60;
	CHECK(seen_of(ANNA) == 0); /* ended: nothing is hers */
	l->to_ms = 0;
	kit_event(&kit, FEED_LOGIN, BERT, PHONE, T + 70);
	CHECK(seen_of(ANNA) == 0); /* two accounts: nobody's */
}

static void test_joined_by_one_link(void)
{
	begin_joined();
	kit_link(&kit, PHONE, ANNA, T + 50, 0);
	kit_link(&kit, PHONE, BERT, T + 10, T + 20);
	CHECK(seen_of(ANNA) == 0 && seen_of(BERT) == 0);
	/* seen together is no link */
	begin_joined();
	kit_event(&kit, FEED_LOGIN, ANNA, PHONE, T);
	CHECK(seen_of(ANNA) == 1);
}

static void test_joined_words(void)
{
	begin_joined();
	kit_link(&kit, PHONE, ANNA, T - 50, 0);
	CHECK(seen_of(ANNA) == 1);
	word(PHONE, FEED_WITHDRAW, 9);
	CHECK(seen_of(ANNA) == 0);
	word(PHONE, FEED_GRANT, 10);
	CHECK(seen_of(ANNA) == 1);
	word(ANNA, FEED_WITHDRAW, 9);
	CHECK(seen_of(ANNA) == 0);
	/* a page's own yes makes no portrait */
	begin_joined();
	kit_link(&kit, PHONE, ANNA, T - 50, 0);
	kit.v[2].u.consent.verified = false;
	CHECK(seen_of(ANNA) == 0 && folded().unconsented == 1);
	/* linked then, the account had to say yes then */
	begin_joined();
	kit_link(&kit, PHONE, ANNA, T - 50, 0);
	kit.v[1].u.consent.at_ms = T + 1;
	CHECK(seen_of(ANNA) == 0);
	/* linked later, it is a guest's past */
	kit.v[3].u.link.from_ms = T + 1;
	CHECK(seen_of(ANNA) == 1);
}

/* ---- visits ------------------------------------------------------------------------------------- */

static void test_visits(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, 0, PHONE, T);
	kit_event(&kit, FEED_PAGE, 0, PHONE, T);
	kit_event(&kit, FEED_PAGE, 0, 0, T); /* of nobody at all */
	CHECK(visits() == 0 && folded().unconsented == 2);
	word(PHONE, FEED_GRANT, 0)->verified = false;
	CHECK(visits() == 1 && folded().people == 0);
	kit_event(&kit, FEED_PAGE, 0, TABLET, T);
	word(TABLET, FEED_GRANT, 0);
	CHECK(visits() == 2);
	word(TABLET, FEED_WITHDRAW, 1);
	CHECK(visits() == 1);
	kit_event(&kit, FEED_LOGIN, ANNA, PHONE, T + 5);
	CHECK(visits() == 0);
}

static void test_visits_apart(void)
{
	begin();
	kit_event(&kit, FEED_PAGE, 0, PHONE, T);
	word(PHONE, FEED_GRANT, 0);
	kit_link(&kit, PHONE, ANNA, T, T + 1);
	CHECK(visits() == 0); /* it had an account once */
	begin();
	kit_event(&kit, FEED_PAGE, 0, PHONE, T)->id = 5;
	word(PHONE, FEED_GRANT, 0);
	kit_verdict(&kit, 5, FEED_BARREN, FEED_QUARANTINE, T);
	CHECK(visits() == 0);
	kit_verdict(&kit, 5, FEED_BARREN, FEED_RELEASE, T);
	CHECK(visits() == 1);
	kit_erase(&kit, FEED_DEVICE, PHONE);
	CHECK(visits() == 0 && folded().erased == 1);
}

/* ---- real ---------------------------------------------------------------------------------------- */

static enum fold_judgement judged(uint8_t *rule)
{
	(void)folded();
	return fold_judge(f, 5, rule);
}

static void test_verdicts(void)
{
	uint8_t rule;

	begin();
	word(ANNA, FEED_GRANT, 0);
	kit_event(&kit, FEED_PAGE, ANNA, 0, T)->id = 5;
	CHECK(judged(&rule) == FOLD_REAL && rule == FEED_NO_RULE && seen_of(ANNA) == 1);
	kit_verdict(&kit, 6, FEED_FOCUS, FEED_QUARANTINE, T);
	CHECK(judged(&rule) == FOLD_REAL && seen_of(ANNA) == 1);
	kit_verdict(&kit, 5, FEED_RING, FEED_QUARANTINE, T);
	CHECK(judged(&rule) == FOLD_SET_ASIDE && rule == FEED_RING && seen_of(ANNA) == 0);
	CHECK(folded().quarantined[FEED_RING] == 1);
	kit_verdict(&kit, 5, FEED_FOCUS, FEED_QUARANTINE, T);
	CHECK(judged(&rule) == FOLD_SET_ASIDE && rule == FEED_FOCUS);
	CHECK(folded().quarantined[FEED_RING] == 0 && folded().quarantined[FEED_FOCUS] == 1);
	kit_verdict(&kit, 0, FEED_FOCUS, FEED_RELEASE, T); /* the other still stands */
	CHECK(judged(&rule) == FOLD_SET_ASIDE && rule == FEED_RING);
	kit_verdict(&kit, 0, FEED_RING, FEED_RELEASE, T + 5);
	CHECK(judged(&rule) == FOLD_RELEASED && rule == FEED_FOCUS && seen_of(ANNA) == 1);
	CHECK(folded().released[FEED_FOCUS] == 1 && folded().quarantined[FEED_RING] == 0);
	kit_verdict(&kit, 0, FEED_RING, FEED_CONDEMN, T + 4); /* older */
	CHECK(judged(&rule) == FOLD_RELEASED);
	kit_verdict(&kit, 0, FEED_RING, FEED_CONDEMN, T + 5); /* of the same time */
	CHECK(judged(&rule) == FOLD_CONDEMNED && rule == FEED_RING && seen_of(ANNA) == 0);
	CHECK(folded().condemned[FEED_RING] == 1);
	/* whoever speaks of the event itself goes before */
	kit_verdict(&kit, 5, FEED_NO_RULE, FEED_RELEASE, T + 1);
	CHECK(judged(&rule) == FOLD_RELEASED && rule == FEED_FOCUS && seen_of(ANNA) == 1);
	kit_verdict(&kit, 5, FEED_NO_RULE, FEED_CONDEMN, T);
	CHECK(judged(&rule) == FOLD_RELEASED);
	kit_verdict(&kit, 5, FEED_NO_RULE, FEED_CONDEMN, T + 1);
	CHECK(judged(&rule) == FOLD_CONDEMNED && seen_of(ANNA) == 0);
	kit_verdict(&kit, 5, FEED_NO_RULE, FEED_RELEASE, T + 2);
	CHECK(judged(&rule) == FOLD_RELEASED);
}

static void test_rules_off(void)
{
	uint8_t rule;

	begin();
	word(ANNA, FEED_GRANT, 0);
	kit_event(&kit, FEED_PAGE, ANNA, 0, T)->id = 5;
	kit_verdict(&kit, 5, FEED_RING, FEED_QUARANTINE, T);
	kit.settings.rules_off = 1u << FEED_FOCUS;
	CHECK(judged(&rule) == FOLD_SET_ASIDE);
	kit.settings.rules_off = 1u << FEED_RING;
	CHECK(judged(&rule) == FOLD_REAL && rule == FEED_NO_RULE && seen_of(ANNA) == 1);
	/* an event without a number, and a rule that sets all aside: neither is anything */
	kit_verdict(&kit, 0, FEED_FOCUS, FEED_QUARANTINE, T);
	kit_verdict(&kit, 5, FEED_FOCUS, FEED_RELEASE, T)->event = 0;
	kit.v[kit.n - 1].u.verdict.scope = FEED_OF_EVENT;
	CHECK(seen_of(ANNA) == 1);
	/* condemned though no rule saw it */
	kit_verdict(&kit, 5, FEED_NO_RULE, FEED_CONDEMN, T);
	CHECK(judged(&rule) == FOLD_CONDEMNED && rule == FEED_NO_RULE);
	CHECK(folded().condemned[FEED_NO_RULE] == 1);
}

static void test_erased(void)
{
	begin();
	word(ANNA, FEED_GRANT, 0);
	word(BERT, FEED_GRANT, 0);
	kit_event(&kit, FEED_PAGE, ANNA, PHONE, T);
	kit_event(&kit, FEED_PAGE, BERT, PHONE, T);
	kit_event(&kit, FEED_PAGE, BERT, 0, T);
	kit_erase(&kit, FEED_PERSON, ANNA);
	CHECK(seen_of(ANNA) == 0 && seen_of(BERT) == 2 && folded().erased == 1);
	kit_erase(&kit, FEED_DEVICE, PHONE);
	CHECK(seen_of(BERT) == 1 && folded().erased == 2);
	/* a device that is named as a person is another */
	kit_erase(&kit, FEED_DEVICE, BERT);
	CHECK(seen_of(BERT) == 1);
	/* what it said is forgotten with it */
	word(TABLET, FEED_REFUSE, 1);
	kit_link(&kit, TABLET, BERT, T - 9, 0);
	CHECK(seen_of(BERT) == 0);
	kit_erase(&kit, FEED_DEVICE, TABLET);
	CHECK(seen_of(BERT) == 1);
}

/* ---- as it arrives ---------------------------------------------------------------------------------- */

/* Anna said yes, looked at a page (number 5) on her phone, which is hers; all folded. */
static void begin_live(void)
{
	begin();
	word(ANNA, FEED_GRANT, 0);
	word(BERT, FEED_GRANT, 0);
	kit_link(&kit, PHONE, ANNA, T, 0);
	kit_event(&kit, FEED_PAGE, ANNA, PHONE, T)->id = 5;
	kit_event(&kit, FEED_PAGE, BERT, TABLET, T)->id = 6;
	(void)folded();
}

/* The last frame arrives: does Anna wait, and nobody else? */
static bool waits(void)
{
	struct feature_row row;
	bool stale;

	kit_take(&kit, f, kit.n - 1, kit.n);
	stale = fold_stale(f, ANNA);
	CHECK(!fold_stale(f, BERT) && fold_row(f, BERT, &row));
	CHECK(fold_row(f, ANNA, &row) == !stale);
	return stale;
}

static void test_waits(void)
{
	begin_live();
	CHECK(!fold_stale(f, ANNA) && !fold_stale(f, 99));
	kit_event(&kit, FEED_PAGE, ANNA, TABLET, T);
	CHECK(!waits());
	word(ANNA, FEED_GRANT, 0); /* said before */
	CHECK(!waits());
	word(PHONE, FEED_GRANT, 0); /* of a device that never said no */
	CHECK(!waits());
	kit_verdict(&kit, 999, FEED_RING, FEED_QUARANTINE, T); /* of an event that is not there */
	CHECK(!waits());
	kit_verdict(&kit, 0, FEED_RING, FEED_RELEASE,
	    T); /* of a rule that set nothing of hers aside */
	CHECK(!waits());
	word(ANNA, FEED_WITHDRAW, 5);
	CHECK(waits());
	kit_fold_into(&kit, f);
	CHECK(!fold_stale(f, ANNA));
	begin_live();
	word(PHONE, FEED_REFUSE, 5);
	CHECK(waits());
	begin_live();
	kit_verdict(&kit, 5, FEED_RING, FEED_QUARANTINE, T);
	CHECK(waits());
	kit_fold_into(&kit, f);
	kit_verdict(&kit, 5, FEED_RING, FEED_QUARANTINE, T + 1); /* once more */
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(!fold_stale(f, ANNA));
	kit_verdict(&kit, 0, FEED_RING, FEED_RELEASE, T);
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(fold_stale(f, ANNA) && !fold_stale(f, BERT));
}

static void test_waits_for_links(void)
{
	begin_live();
	kit_link(&kit, TABLET, ANNA, T, 0);
	CHECK(!waits());
	begin_live();
	word(TABLET, FEED_REFUSE, 0);
	kit_event(&kit, FEED_PAGE, ANNA, 0, T);
	(void)folded();
	kit_link(&kit, TABLET, ANNA, T, 0);
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(fold_stale(f, ANNA) && fold_stale(f, BERT)); /* both had to do with it */
	(void)folded();
	kit_link(&kit, TABLET, ANNA, T, 0); /* said before */
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(!fold_stale(f, ANNA));
	begin_live();
	kit_erase(&kit, FEED_DEVICE, PHONE);
	CHECK(waits());
	begin_live();
	kit.settings.join_devices = true;
	(void)folded();
	kit_link(&kit, 30, ANNA, T, 0);
	CHECK(waits());
	/* a second account of a device that was joined */
	begin_joined();
	kit_link(&kit, PHONE, ANNA, T, 0);
	(void)folded();
	kit_event(&kit, FEED_PAGE, BERT, PHONE, T);
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(fold_stale(f, ANNA));
}

/* Neither what was queued, nor an operator's word, nor a count is left of what was begun before. */
static void test_begun_anew(void)
{
	struct feature_row row;
	struct fold_stats stats;

	begin_live();
	kit_verdict(&kit, 6, FEED_RING, FEED_QUARANTINE, T);
	kit_verdict(&kit, 0, FEED_RING, FEED_RELEASE, T);
	(void)folded();
	CHECK(fold_row(f, BERT, &row) && !fold_stale(f, BERT));
	fold_begin(f);
	for (size_t i = 0; i < kit.n; i++)
		CHECK(fold_words(f, &kit.v[i]) == SC_OK);
	for (size_t i = 0; i < kit.n; i++)
		CHECK(fold_event(f, &kit.v[i]) == SC_OK);
	kit.n--;
	kit_fold_into(&kit, f);
	CHECK(!fold_row(f, BERT, &row) && fold_row(f, ANNA, &row) && row.by_channel[0] == 1);
	fold_count(f, &stats);
	CHECK(stats.people == 1 && stats.counted[FEED_PAGE] == 1);
	CHECK(stats.quarantined[FEED_RING] == 1 && stats.released[FEED_RING] == 0);
	/* nothing at all */
	kit.n = 0;
	kit_fold_into(&kit, f);
	fold_count(f, &stats);
	CHECK(stats.people == 0 && stats.counted[FEED_PAGE] == 0 && !fold_row(f, ANNA, &row));
	/* words alone */
	begin_live();
	fold_begin(f);
	for (size_t i = 0; i < kit.n; i++)
		CHECK(fold_words(f, &kit.v[i]) == SC_OK);
	CHECK(fold_end(f) == SC_OK && !fold_row(f, ANNA, &row));
	kit_take(&kit, f, 3, 4);
	CHECK(fold_row(f, ANNA, &row));
}

static void test_hides_at_once(void)
{
	struct feature_row row;

	begin_live();
	kit_erase(&kit, FEED_PERSON, ANNA);
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(!fold_row(f, ANNA, &row) && !fold_stale(f, ANNA) && fold_row(f, BERT, &row));
	/* who cannot be looked up may be anybody */
	begin_live();
	kit.settings.find = NULL;
	(void)folded();
	CHECK(fold_row(f, BERT, &row));
	kit_verdict(&kit, 999, FEED_RING, FEED_QUARANTINE, T);
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(fold_stale(f, ANNA) && fold_stale(f, BERT) && !fold_row(f, BERT, &row));
	kit_fold_into(&kit, f);
	CHECK(!fold_stale(f, ANNA) && fold_row(f, BERT, &row));
	/* an event without a number is none */
	kit_verdict(&kit, 5, FEED_RING, FEED_QUARANTINE, T)->event = 0;
	kit_take(&kit, f, kit.n - 1, kit.n);
	CHECK(!fold_stale(f, ANNA) && fold_row(f, BERT, &row));
}

int main(void)
{
	RUN(test_own_word, "an account's own word is asked at the event's time and now");
	RUN(test_other_purpose, "a word on another purpose says nothing here");
	RUN(test_versions, "a yes to an old text will do for then, not for now");
	RUN(test_asserted, "a page's yes makes no portrait, its no ends one");
	RUN(test_linked_no, "a no of a device counts while the device is linked");
	RUN(test_device_of_the_event,
	    "a no of the device that an event came from stops that event");
	RUN(test_ends, "an end ends whatever began before it");
	RUN(test_joined, "a device with one account is joined where the settings say so");
	RUN(test_joined_by_one_link, "a second account ever, or no link, joins nothing");
	RUN(test_joined_words, "what is joined wants the device's word and the account's");
	RUN(test_visits, "devices without an account are visits, once each");
	RUN(test_visits_apart, "visits and people are never mixed, and visits are real");
	RUN(test_verdicts,
	    "operators go before rules, the newest first, to condemn before to release");
	RUN(test_rules_off, "a rule that is off sets nothing aside");
	RUN(test_erased, "what is an erased person's or device's counts for nobody");
	RUN(test_waits, "whoever was seen by what changed waits, and nobody else");
	RUN(test_waits_for_links, "links make those wait whom they may concern");
	RUN(test_begun_anew, "a fold that is begun anew knows nothing of the one before");
	RUN(test_hides_at_once, "the erased are gone at once, and doubt hides everybody");
	fold_free(f);
	return tap_done();
}
