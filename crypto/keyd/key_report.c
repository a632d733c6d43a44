/*
 * key_report.c - every version of every key, and what still uses it.
 */
#include "crypto/keyd/key_report.h"

#include "base/bytes.h"
#include "crypto/keyring/key_year.h"

#include <stdio.h>
#include <time.h>

#define CLASS_BYTES (KEY_VERSIONS * 256u) /* of a class's versions, at most */

static const char *const states[KEY_STATE_COUNT] = { NULL, "active", "decrypt-only", "disabled",
	"destroyed" };
static const char *const tiers[] = { "T0", "T1", "T2", "T3", "T4" };

/* What a class is called, or its number when the policy has forgotten it. */
static const char *name_or_number(const struct policy *p, uint8_t class_id, char number[static 8])
{
	const struct sc_name *name = policy_class_name(p, class_id);

	snprintf(number, 8, "%u", class_id);
	return name == NULL ? number : name->s;
}

static void put_id(struct jsonw *w, uint64_t id)
{
	uint8_t bytes[8];

	sc_be64_store(bytes, id);
	jsonw_key(w, "key");
	jsonw_hex(w, bytes, sizeof(bytes));
}

static void put_version(struct jsonw *w, char version)
{
	const char text[2] = { version, '\0' };

	jsonw_kstr(w, "version", text);
}

static void put_day(struct jsonw *w, uint32_t day)
{
	const time_t t = (time_t)day * 86400;
	struct tm tm;
	char text[32];

	if (day == 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 0)
		return;
	jsonw_kstr(w, "last_opened", text);
}

static void put_tier(struct jsonw *w, const struct keyring *kr, unsigned tier)
{
	struct tier_key k;

	if (!keyring_tier(kr, (uint8_t)tier, &k))
		return;
	jsonw_object(w);
	jsonw_kstr(w, "kind", "tier");
	jsonw_kstr(w, "name", tiers[tier]);
	put_version(w, k.version);
	jsonw_kstr(w, "state", states[KEY_ACTIVE]);
	put_id(w, k.id);
	jsonw_ku64(w, "since_ms", k.since_ms);
	jsonw_object_end(w);
}

static void put_class(struct jsonw *w, const struct policy *p, const struct class_key *k)
{
	const struct key_use_counts n = keyring_used(k);
	char number[8];

	jsonw_object(w);
	jsonw_kstr(w, "kind", "class");
	jsonw_kstr(w, "name", name_or_number(p, k->class_id, number));
	if (k->tier < sizeof(tiers) / sizeof(tiers[0]))
		jsonw_kstr(w, "tier", tiers[k->tier]);
	put_version(w, k->epoch);
	jsonw_kstr(w, "state", states[k->state]);
	put_id(w, k->id);
	jsonw_ku64(w, "since_ms", k->since_ms);
	jsonw_ku64(w, "sealed", n.sealed);
	jsonw_ku64(w, "opened", n.opened);
	put_day(w, n.last_opened);
	jsonw_object_end(w);
}

/* What people are called in the records of a year by. */
static void put_year(struct jsonw *w, const struct year_key *y)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", y->year);
	jsonw_object(w);
	jsonw_kstr(w, "kind", "year");
	jsonw_kstr(w, "name", name);
	jsonw_kstr(w, "state", states[y->state]);
	put_id(w, y->id);
	jsonw_ku64(w, "since_ms", y->since_ms);
	jsonw_object_end(w);
}

static void put_years(struct jsonw *w, const struct keyring *kr)
{
	for (unsigned y = KEY_YEAR_FIRST; y < KEY_YEAR_FIRST + KEY_YEARS; y++)
		if (keyring_year(kr, y) != NULL)
			put_year(w, keyring_year(kr, y));
}

void key_report_name(struct jsonw *w, const struct policy *p, const struct class_key *k)
{
	char number[8];

	jsonw_object(w);
	jsonw_kstr(w, "class", name_or_number(p, k->class_id, number));
	put_version(w, k->epoch);
	put_id(w, k->id);
	jsonw_object_end(w);
}

void key_report(struct jsonw *w, const struct keyring *kr, const struct policy *p, unsigned from)
{
	unsigned id = from;

	jsonw_key(w, "keys");
	jsonw_array(w);
	for (unsigned t = 0; from == 0 && t < sizeof(tiers) / sizeof(tiers[0]); t++)
		put_tier(w, kr, t);
	if (from == 0)
		put_years(w, kr);
	for (; id <= CLASS_MAX && w->out->n + CLASS_BYTES < w->out->max; id++)
		for (const struct class_key *k = keyring_class_newest(kr, (uint8_t)id); k != NULL;
		     k = k->older)
			put_class(w, p, k);
	jsonw_array_end(w);
	if (id <= CLASS_MAX)
		jsonw_ku64(w, "more", id);
}
