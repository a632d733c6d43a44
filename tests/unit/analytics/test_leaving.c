/*
 * test_leaving.c - who and what leaves the log: a row for each reason, and for what
 * looks like it and stays.
 */
#include "analytics/viewd/leaving.h"

#include "tap.h"

#define ANN 1u
#define BOB 2u
#define PHONE 3u
#define DAY_MS 86400000u
#define NOW ((uint64_t)20700 * DAY_MS)

static struct feed_words words;
static struct feed_frame v[16];
static size_t n;
static bool left[16];

static struct feed_frame *add(uint8_t type)
{
	v[n] = (struct feed_frame){ .type = type };
	return &v[n++];
}

static void add_event_at(uint64_t id, uint64_t person, uint64_t device, uint64_t at_ms)
{
	add(FEED_EVENT)->u.event = (struct feed_event){ .id = id,
		.person = person,
		.device = device,
		.at_ms = at_ms,
		.kind = FEED_PAGE };
}

static void add_event(uint64_t id, uint64_t person, uint64_t device)
{
	add_event_at(id, person, device, NOW - 1000);
}

static void add_consent(uint64_t who, uint8_t kind, uint8_t word, uint8_t purpose, uint64_t at_ms)
{
	add(FEED_CONSENT)->u.consent =
	    (struct feed_consent){ who, at_ms, 1, kind, purpose, word, true };
}

static void add_verdict(uint64_t event, uint8_t action, uint8_t rule)
{
	add(FEED_VERDICT)->u.verdict = (struct feed_verdict){ .event = event,
		.at_ms = NOW,
		.action = action,
		.scope = event == 0 ? FEED_OF_RULE : FEED_OF_EVENT,
		.rule = rule };
}

static void add_erase(uint64_t who, uint8_t kind)
{
	add(FEED_ERASE)->u.erase = (struct feed_erase){ who, kind };
}

static uint64_t dropped;

/* Hear all, ask all. */
static void go(const struct leaving_wish *more)
{
	const struct fold_settings s = { .purpose = 1, .words = &words };
	struct leaving_wish w = *more;
	struct leaving *l = NULL;
	struct fold *f = NULL;

	w.now_ms = NOW;
	w.purpose = 1;
	if (fold_new(&s, &f) != SC_OK || leaving_new(&w, f, &l) != SC_OK)
		abort();
	fold_begin(f);
	for (size_t i = 0; i < n; i++)
		if (fold_words(f, &v[i]) != SC_OK || leaving_hear(l, &v[i]) != SC_OK)
			abort();
	for (size_t i = 0; i < n; i++)
		left[i] = leaving_takes(l, &v[i]);
	dropped = leaving_dropped(l);
	leaving_free(l);
	fold_free(f);
}

static const struct leaving_wish usual = { .keep_aside_days = 30 };

/* Do those leave whose letter is an 'x'? */
static bool leaves(const char *wanted)
{
	bool ok = strlen(wanted) == n;

	for (size_t i = 0; i < n && ok; i++)
		ok = left[i] == (wanted[i] == 'x');
	for (size_t i = 0; i < n && !ok; i++)
		printf("# %zu %s\n", i, left[i] ? "leaves" : "stays");
	n = 0;
	return ok;
}

static void add_all_of(uint64_t person, uint64_t device)
{
	add_event(person * 100 + 1, person, 0);
	add_event(person * 100 + 2, person, device);
	add_event(person * 100 + 3, 0, device);
	add_consent(person, FEED_PERSON, FEED_GRANT, 1, NOW - 5000);
	add_consent(device, FEED_DEVICE, FEED_GRANT, 1, NOW - 5000);
	add(FEED_LINK)->u.link = (struct feed_link){ device, person, 1, 0 };
	add(FEED_ATTRIBUTE)->u.attribute = (struct feed_attribute){ person, 1, 1, 1 };
}

static void test_erased(void)
{
	add_all_of(ANN, PHONE);
	add_erase(ANN, FEED_PERSON);
	add_event(9, ANN, 0);
	go(&usual);
	CHECK(leaves("xx.x.xx..")); /* what the device did alone stays, and who comes back */
	add_all_of(ANN, PHONE);
	add_erase(PHONE, FEED_DEVICE);
	go(&usual);
	CHECK(leaves(".xx.xx.."));
	/* a person's number is no device's */
	add_all_of(ANN, PHONE);
	add_erase(ANN, FEED_DEVICE);
	add_erase(PHONE, FEED_PERSON);
	add_erase(BOB, FEED_PERSON);
	go(&usual);
	CHECK(leaves(".........."));
	/* twice: all before the second */
	add_event(1, ANN, 0);
	add_erase(ANN, FEED_PERSON);
	add_event(2, ANN, 0);
	add_erase(ANN, FEED_PERSON);
	go(&usual);
	CHECK(leaves("x.x."));
}

static void test_nobody(void)
{
	add_event(1, 0, 0);
	add_event(2, ANN, 0);
	add_erase(BOB, FEED_PERSON);
	go(&usual);
	CHECK(leaves("..."));
}

static void test_withdrew(void)
{
	add_all_of(ANN, PHONE);
	add_consent(ANN, FEED_PERSON, FEED_WITHDRAW, 1, NOW);
	go(&usual);
	CHECK(leaves("xx....x."));
	add_all_of(ANN, PHONE);
	add_consent(PHONE, FEED_DEVICE, FEED_WITHDRAW, 1, NOW);
	go(&usual);
	CHECK(leaves("..x....."));
	/* another purpose, and a no that takes nothing back */
	add_all_of(ANN, PHONE);
	add_consent(ANN, FEED_PERSON, FEED_WITHDRAW, 2, NOW);
	go(&usual);
	CHECK(leaves("........"));
	add_all_of(ANN, PHONE);
	add_consent(ANN, FEED_PERSON, FEED_REFUSE, 1, NOW);
	go(&usual);
	CHECK(leaves("........"));
}

/* She grants again; the old word may be told once more. */
static void test_came_back(void)
{
	add_event_at(1, ANN, 0, NOW - 900000);
	add_consent(ANN, FEED_PERSON, FEED_WITHDRAW, 1, NOW - 800000);
	add_consent(ANN, FEED_PERSON, FEED_GRANT, 1, NOW - 700000);
	add_event_at(2, ANN, 0, NOW - 600000);
	add_consent(ANN, FEED_PERSON, FEED_WITHDRAW, 1, NOW - 800000);
	go(&usual);
	CHECK(leaves("x...."));
	/* the time that counts is when it came */
	add_event_at(1, ANN, 0, NOW - 800000 + 60000);
	add_event_at(2, ANN, 0, NOW - 800000 + 60001);
	add_event_at(3, ANN, 0, NOW - 900000);
	v[2].u.event.late_s = 161;
	add_consent(ANN, FEED_PERSON, FEED_WITHDRAW, 1, NOW - 800000);
	go(&usual);
	CHECK(leaves("x..."));
}

static void test_set_aside(void)
{
	const uint64_t edge = NOW - (uint64_t)30 * DAY_MS;

	add_event_at(1, ANN, 0, edge - 1);
	add_verdict(1, FEED_QUARANTINE, FEED_FOCUS);
	add_event_at(2, ANN, 0, edge);
	add_verdict(2, FEED_QUARANTINE, FEED_FOCUS);
	add_event_at(3, ANN, 0, edge - 1);
	add_verdict(3, FEED_QUARANTINE, FEED_FOCUS);
	add_verdict(3, FEED_RELEASE, FEED_FOCUS);
	add_event_at(4, ANN, 0, edge - 1);
	add_verdict(4, FEED_CONDEMN, 0);
	add_event_at(5, ANN, 0, edge - 1);
	add_event_at(6, ANN, 0, edge - 1000);
	v[n - 1].u.event.late_s = 1;
	add_verdict(6, FEED_QUARANTINE, FEED_FOCUS);
	go(&usual);
	CHECK(dropped == 0);
	CHECK(leaves("xx.....xx..."));
	/* for ever */
	add_event_at(1, ANN, 0, 1000);
	add_verdict(1, FEED_QUARANTINE, FEED_FOCUS);
	go(&(struct leaving_wish){ .keep_aside_days = 0 });
	CHECK(leaves(".."));
	/* its rule was released */
	add_event_at(1, ANN, 0, edge - 1);
	add_verdict(1, FEED_QUARANTINE, FEED_FOCUS);
	add_verdict(0, FEED_RELEASE, FEED_FOCUS);
	go(&usual);
	CHECK(leaves("..."));
	/* verdicts go with an event that goes for another reason */
	add_event(1, ANN, 0);
	add_verdict(1, FEED_QUARANTINE, FEED_FOCUS);
	add_erase(ANN, FEED_PERSON);
	go(&usual);
	CHECK(leaves("xx."));
}

static void some_set_aside(void)
{
	add_event(1, ANN, 0);
	add_verdict(1, FEED_QUARANTINE, FEED_RING);
	add_event(2, ANN, 0);
	add_verdict(2, FEED_QUARANTINE, FEED_FOCUS);
	add_verdict(2, FEED_QUARANTINE, FEED_RING);
	add_event(3, ANN, 0);
	add_verdict(3, FEED_QUARANTINE, FEED_FOCUS);
	add_event(4, ANN, 0);
	add_verdict(4, FEED_QUARANTINE, FEED_RING);
	add_verdict(4, FEED_RELEASE, FEED_RING);
	add_event(5, ANN, 0);
}

static void test_drop(void)
{
	some_set_aside();
	go(&(struct leaving_wish){ .drop = DROP_EVENT, .event = 3 });
	CHECK(dropped == 1 && leaves(".....xx...."));
	some_set_aside();
	go(&(struct leaving_wish){ .drop = DROP_EVENT, .event = 4 });
	CHECK(dropped == 0 && leaves("..........."));
	/* of a rule: also where it is not the only one */
	some_set_aside();
	go(&(struct leaving_wish){ .drop = DROP_RULE, .rule = FEED_RING });
	CHECK(dropped == 2 && leaves("xxxxx......"));
	some_set_aside();
	go(&(struct leaving_wish){ .drop = DROP_ALL });
	CHECK(dropped == 3 && leaves("xxxxxxx...."));
}

/* More people than the table begins with. */
static void test_many(void)
{
	const struct fold_settings s = { .purpose = 1, .words = &words };
	struct leaving *l = NULL;
	struct fold *f = NULL;
	size_t wrong = 0;

	NEED(fold_new(&s, &f) == SC_OK && leaving_new(&usual, f, &l) == SC_OK);
	for (uint64_t i = 1; i <= 5000; i++) {
		n = 0;
		add_event(i, i, 0);
		add_erase(i, i % 2 == 0 ? FEED_PERSON : FEED_DEVICE);
		NEED(leaving_hear(l, &v[0]) == SC_OK && leaving_hear(l, &v[1]) == SC_OK);
	}
	for (uint64_t i = 1; i <= 5000; i++) {
		n = 0;
		add_event(i, i, 0);
		add_erase(i, FEED_PERSON);
		wrong += leaving_takes(l, &v[0]) != (i % 2 == 0);
		wrong += leaving_takes(l, &v[1]);
	}
	CHECK(wrong == 0);
	n = 0;
	leaving_free(l);
	leaving_free(NULL);
	fold_free(f);
}

int main(void)
{
	words.text_version = 1;
	RUN(test_erased, "of who was erased all leaves that stands before the word");
	RUN(test_nobody, "nobody is not a person");
	RUN(test_withdrew, "of who withdrew events and traits leave; words and links stay");
	RUN(test_came_back, "who came back stays, whichever word is told again");
	RUN(test_set_aside, "what is set aside leaves when its days are over, with its verdicts");
	RUN(test_drop, "an operator drops what is set aside, and nothing else");
	RUN(test_many, "of many each has their own");
	return tap_done();
}
