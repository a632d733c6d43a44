/*
 * fold_history.c - few people, many ways to be somebody else's, and times that collide.
 */
#include "fold_history.h"

#define DEVICES 6u
#define OWNED 4u /* devices of the accounts of the same number, mostly; the others are visitors' */

static struct fold_kit *kit;
static uint64_t unit;
static bool tidy; /* devices are their owners', links hold, back ends speak */

static uint64_t any_time(void)
{
	return KIT_START + kit_any(40) * unit;
}

static uint64_t any_person(void)
{
	return PERSON(kit_any(HISTORY_PEOPLE));
}

static uint64_t any_device(void)
{
	return DEVICE(kit_any(DEVICES));
}

/* Of account OF, mostly: else no device would ever have one account only. */
static uint64_t owned_device(uint32_t of)
{
	return DEVICE(!tidy && kit_any(8) == 0 ? kit_any(OWNED) : of);
}

static void any_event(void)
{
	static const int8_t offsets[] = { 0, 4, 8, 32, 56, -48 };
	const uint32_t of = kit_any(HISTORY_PEOPLE);
	struct feed_event *e;
	uint64_t device;

	if (kit_any(4) == 0)
		device = DEVICE(OWNED + kit_any(DEVICES - OWNED));
	else if (kit_any(2) == 0)
		device = owned_device(of);
	else
		device = 0;
	e = kit_event(kit, (uint8_t)(1 + kit_any(FEED_KIND_END - 1)),
	    DEVICE(OWNED) <= device || kit_any(3) == 0 ? 0 : PERSON(of), device, any_time());
	e->price = kit_any(5) == 0 ? 0 : kit_any(200);
	e->category = (uint16_t)kit_any(70);
	e->channel = (uint8_t)kit_any(20);
	e->campaign = (uint16_t)kit_any(12);
	e->arm = (uint8_t)kit_any(3);
	e->offset = offsets[kit_any(6)];
	if (kit_any(4) == 0)
		e->flags &= (uint8_t)~FEED_VOUCHED;
}

static void any_word(void)
{
	const bool person = kit_any(2) == 0;
	static const uint8_t words[] = { FEED_GRANT, FEED_GRANT, FEED_GRANT, FEED_GRANT, FEED_GRANT,
		FEED_REFUSE, FEED_WITHDRAW };
	struct feed_consent *c = kit_word(kit, person ? FEED_PERSON : FEED_DEVICE,
	    person ? any_person() : any_device(), words[kit_any(7)], any_time());

	if (c->word == FEED_GRANT && kit_any(2) == 0)
		c->at_ms = KIT_START + kit_any(5) * unit;
	c->version = 1 + (kit_any(5) != 0) + (kit_any(5) == 0);
	c->purpose = kit_any(10) == 0 ? 2 : 1;
	c->verified = tidy || kit_any(3) != 0;
}

static void any_link(void)
{
	const uint64_t from = any_time(), to = tidy || kit_any(2) == 0 ? 0 : any_time();
	const uint32_t of = kit_any(HISTORY_PEOPLE);

	kit_link(kit, !tidy && kit_any(12) == 0 ? any_device() : owned_device(of), PERSON(of), from,
	    to);
}

static void any_verdict(void)
{
	static const uint8_t rules[] = { FEED_FOCUS, FEED_RING, FEED_BARREN, FEED_AWAKE };
	const bool of_rule = kit_any(5) == 0;
	const uint64_t event = 1000 + 1 + kit_any(150);
	const uint8_t action = (uint8_t)(of_rule ? FEED_RELEASE + kit_any(2) :
		kit_any(2) == 0                  ? FEED_QUARANTINE :
						   1 + kit_any(3));

	kit_verdict(kit, of_rule ? 0 : event, rules[kit_any(4)], action, any_time());
}

uint64_t history_by_lot(struct fold_kit *k, uint64_t s)
{
	static const uint64_t units[] = { 1, KIT_HOUR, KIT_DAY, KIT_WEEK };
	const size_t events = 20 + s % 100;
	bool erases;

	kit = k;
	kit_init(k);
	kit_seed(s);
	unit = units[kit_any(4)];
	tidy = kit_any(2) == 0;
	erases = kit_any(3) == 0;
	k->settings.join_devices = kit_any(2) == 0;
	k->settings.rules_off = kit_any(4) == 0 ? 1u << FEED_RING : 0;
	for (size_t i = 0; i < events; i++)
		any_event();
	for (size_t i = 0; i < 20; i++)
		any_word();
	for (size_t i = kit_any(8); i > 0; i--)
		any_link();
	for (size_t i = kit_any(30); i > 0; i--)
		any_verdict();
	for (size_t i = 0; i < 6; i++)
		kit_attribute(kit, any_person(), (uint8_t)(1 + kit_any(8)),
		    (uint8_t)(1 + kit_any(9)), any_time());
	if (erases)
		kit_erase(kit, FEED_PERSON, any_person());
	if (erases && kit_any(2) == 0)
		kit_erase(kit, FEED_DEVICE, any_device());
	kit_shuffle(k);
	return unit;
}

static bool tells_of_events(const struct feed_frame *f)
{
	return f->type != FEED_EVENT && f->type != FEED_ATTRIBUTE;
}

void history_words_first(struct fold_kit *k)
{
	for (size_t i = 0, to = 0; i < k->n; i++) {
		const struct feed_frame f = k->v[i];

		if (!tells_of_events(&f) || kit_any(8) == 0)
			continue;
		k->v[i] = k->v[to];
		k->v[to++] = f;
	}
}
