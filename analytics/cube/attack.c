/*
 * attack.c - the attacker's way: read, build, relate, settle, ask.
 */
#include "analytics/cube/attack_private.h"

#include <stdio.h>
#include <string.h>

static enum sc_err since_of(const char *since, struct attack_asked *asked, struct sc_diag *d)
{
	if (since[0] == '\0')
		return SC_OK;
	if (!attack_week_parse(sc_span_str(since), &asked->since_week)) {
		sc_diag_set(d, "%.20s is no week: write it as 2026-W40", since);
		return SC_SYNTAX;
	}
	asked->since_month = attack_month_of(attack_week_day(asked->since_week));
	return SC_OK;
}

static const char *reason_of(uint16_t tag)
{
	return tag < attack_n_relations ? attack_relations[tag].reason : "a row is of its cells";
}

enum sc_err cube_attack(const char *path, uint32_t floor, const char *since, attack_found_fn *found,
    bool (*progress)(void *arg, unsigned permille), void *arg, struct sc_diag *d,
    struct cube_attack *out)
{
	struct attack_asked asked = { .found = found, .progress = progress, .arg = arg };
	struct attack_book b = { .floor = floor };
	uint16_t tag = UINT16_MAX;
	enum sc_err err;

	*out = (struct cube_attack){ 0 };
	if ((err = since_of(since, &asked, d)) == SC_OK &&
	    (err = attack_read(&b, path, d)) == SC_OK && (err = attack_build(&b, d)) == SC_OK)
		err = attack_relate(&b);
	if (err == SC_OK && (err = attack_system_settle(&b.system, &tag)) == SC_CORRUPT) {
		sc_diag_set(d, "the cube contradicts itself: no people fit its rows (%s)",
		    reason_of(tag));
		err = SC_SYNTAX;
	}
	if (err == SC_OK)
		err = attack_ask(&b, &asked, out);
	if (err == SC_LIMIT && d != NULL && d->text[0] == '\0')
		sc_diag_set(d,
		    "the attacker cannot see through the cube: it is not to be published");
	out->programs = b.system.programs;
	out->contradicted = b.system.contradicted;
	attack_book_fini(&b);
	return err;
}
