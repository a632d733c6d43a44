/*
 * key_check_rows.c - the rows that speak of slots, held against the leaves.
 */
#include "crypto/keycheck/key_check_int.h"

#include "base/clock.h"
#include "crypto/rows/tables.h"

#include <stdlib.h>
#include <string.h>

#define TELL_EACH 1000000 /* rows */

/* ---- people ---- */

static bool bind_all_people(void *arg, size_t i, struct store_value *v)
{
	(void)arg;
	(void)i;
	v[0] = store_blob("", 0);
	v[1] = store_number(INT64_MAX);
	return true;
}

static enum sc_err take_person(void *arg, size_t i, const struct store_value *v)
{
	struct key_checking *k = arg;
	uint64_t slot = (uint64_t)v[2].number;

	(void)i;
	if (v[0].bytes.n != HANDLE_BYTES) {
		key_check_add(k->r, KEY_CHECK_PEOPLE, KEY_CHECK_WRONG,
		    "the row of slot %llu names nobody", (unsigned long long)slot);
		return SC_OK;
	}
	if (k->rows == 0 || memcmp(k->last, v[0].bytes.p, HANDLE_BYTES) != 0)
		k->people++;
	memcpy(k->last, v[0].bytes.p, HANDLE_BYTES);
	k->rows++;
	if (!key_check_lives(k, slot))
		key_check_add(k->r, KEY_CHECK_PEOPLE, KEY_CHECK_WRONG,
		    "a person's row names slot %llu, which has no key", (unsigned long long)slot);
	k->row_sum += key_check_sum(v[0].bytes.p, slot);
	if (k->rows % TELL_EACH != 0)
		return SC_OK;
	return key_check_go_on(k, "people", k->rows, k->keys);
}

enum sc_err key_check_people(struct key_checking *k)
{
	const struct store_batch all = { PERSON_RANGE, 1, bind_all_people, take_person, k };
	enum sc_err err;

	if ((err = store_ask(k->tx, &all)) != SC_OK)
		return err;
	/* without the keys of a box that does not open, the others cannot agree */
	if (k->r->part[KEY_CHECK_BOXES].grade == KEY_CHECK_WRONG)
		key_check_add(k->r, KEY_CHECK_PEOPLE, KEY_CHECK_WARNING,
		    "%llu rows; which are right is not known while boxes do not open",
		    (unsigned long long)k->rows);
	else if (k->rows != k->keys)
		key_check_add(k->r, KEY_CHECK_PEOPLE, KEY_CHECK_WRONG,
		    "%llu keys are alive, and %llu rows say whose", (unsigned long long)k->keys,
		    (unsigned long long)k->rows);
	else if (k->row_sum != k->sum)
		key_check_add(k->r, KEY_CHECK_PEOPLE, KEY_CHECK_WRONG,
		    "some rows give a key to somebody else than its leaf does");
	if (k->people != k->now.people)
		key_check_add(k->r, KEY_CHECK_PEOPLE, KEY_CHECK_WRONG,
		    "there are %llu people, and %llu were counted", (unsigned long long)k->people,
		    (unsigned long long)k->now.people);
	key_check_add(k->r, KEY_CHECK_PEOPLE, KEY_CHECK_FINE, "%llu people with %llu keys",
	    (unsigned long long)k->people, (unsigned long long)k->rows);
	k->r->people = k->people;
	return SC_OK;
}

/* ---- what speaks of slots ---- */

static bool bind_all_weeks(void *arg, size_t i, struct store_value *v)
{
	(void)arg;
	(void)i;
	v[0] = store_number(INT64_MAX);
	v[1] = store_number(0);
	v[2] = store_number(INT64_MAX);
	v[3] = store_number(INT64_MAX);
	return true;
}

static enum sc_err take_week(void *arg, size_t i, const struct store_value *v)
{
	struct key_checking *k = arg;
	uint64_t slot = (uint64_t)v[0].number;
	uint64_t week = clock_unix_ms() / (UINT64_C(7) * 86400000);

	(void)i;
	if (!key_check_lives(k, slot))
		key_check_add(k->r, KEY_CHECK_WEEKS, KEY_CHECK_WRONG,
		    "slot %llu was sealed for, and has no key", (unsigned long long)slot);
	else if ((uint64_t)v[1].number > week + 1)
		key_check_add(k->r, KEY_CHECK_WEEKS, KEY_CHECK_WARNING,
		    "slot %llu was sealed for in a week that is to come: the clock was wrong",
		    (unsigned long long)slot);
	if (++k->seen % TELL_EACH != 0)
		return SC_OK;
	return key_check_go_on(k, "weeks", k->seen, k->keys);
}

enum sc_err key_check_weeks(struct key_checking *k)
{
	const struct store_batch all = { WEEK_BEFORE, 1, bind_all_weeks, take_week, k };
	enum sc_err err = store_ask(k->tx, &all);

	/* which of them live is not known while boxes do not open */
	if (k->r->part[KEY_CHECK_BOXES].grade == KEY_CHECK_WRONG)
		k->r->part[KEY_CHECK_WEEKS] = (struct key_check_finding){ .n = 0 };
	else
		key_check_add(k->r, KEY_CHECK_WEEKS, KEY_CHECK_FINE, "%llu rows",
		    (unsigned long long)k->seen);
	return err;
}

static bool bind_all_orders(void *arg, size_t i, struct store_value *v)
{
	(void)arg;
	(void)i;
	v[0] = store_number(INT64_MIN);
	return true;
}

struct orders_seen {
	struct key_checking *k;
	uint64_t n;
};

static enum sc_err take_order(void *arg, size_t i, const struct store_value *v)
{
	struct orders_seen *o = arg;
	struct key_checking *k = o->k;
	const uint64_t slot = (uint64_t)v[1].number, gen = (uint64_t)v[2].number;

	(void)i;
	if (v[0].bytes.n != HANDLE_BYTES)
		key_check_add(k->r, KEY_CHECK_ORDERS, KEY_CHECK_WRONG, "a row names no order");
	else if (!key_check_lives(k, slot))
		key_check_add(k->r, KEY_CHECK_ORDERS, KEY_CHECK_WRONG,
		    "an order is slot %llu's, which has no key", (unsigned long long)slot);
	else if (gen > k->now.gen)
		key_check_add(k->r, KEY_CHECK_ORDERS, KEY_CHECK_WRONG,
		    "an order of slot %llu is of commit %llu, which this store has not come to",
		    (unsigned long long)slot, (unsigned long long)gen);
	if (++o->n % TELL_EACH != 0)
		return SC_OK;
	return key_check_go_on(k, "orders", o->n, k->keys);
}

enum sc_err key_check_orders(struct key_checking *k)
{
	struct orders_seen o = { .k = k };
	const struct store_batch all = { ALIAS_SINCE, 1, bind_all_orders, take_order, &o };
	enum sc_err err = store_ask(k->tx, &all);

	/* as with weeks */
	if (k->r->part[KEY_CHECK_BOXES].grade == KEY_CHECK_WRONG)
		k->r->part[KEY_CHECK_ORDERS] = (struct key_check_finding){ .n = 0 };
	else
		key_check_add(k->r, KEY_CHECK_ORDERS, KEY_CHECK_FINE, "%llu rows",
		    (unsigned long long)o.n);
	return err;
}

enum sc_err key_check_lost(struct key_checking *k)
{
	struct slot_range *lost = NULL;
	uint64_t slots[2] = { 0 };
	size_t n = 0;
	enum sc_err err = store_rows_lost(k->tx, &lost, &n);

	for (size_t i = 0; i < n && err == SC_OK; i++) {
		if (lost[i].last < lost[i].first || lost[i].last >= k->now.high) {
			key_check_add(k->r, KEY_CHECK_LOST, KEY_CHECK_WRONG,
			    "slots %llu to %llu are lost, and none past %llu was given out",
			    (unsigned long long)lost[i].first, (unsigned long long)lost[i].last,
			    (unsigned long long)k->now.high);
			continue;
		}
		slots[lost[i].skipped] += lost[i].last - lost[i].first + 1;
		for (uint64_t slot = lost[i].first; slot <= lost[i].last; slot++)
			if (key_check_lives(k, slot))
				key_check_add(k->r, KEY_CHECK_LOST, KEY_CHECK_WRONG,
				    "slot %llu is lost, and has a key", (unsigned long long)slot);
	}
	free(lost);
	if (slots[false] > 0)
		key_check_add(k->r, KEY_CHECK_LOST, KEY_CHECK_WARNING,
		    "%llu slots were given out by a store that was newer than this one",
		    (unsigned long long)slots[false]);
	if (slots[true] > 0)
		key_check_add(k->r, KEY_CHECK_LOST, KEY_CHECK_FINE,
		    "none; %llu slots were skipped after crashes", (unsigned long long)slots[true]);
	key_check_add(k->r, KEY_CHECK_LOST, KEY_CHECK_FINE, "none");
	return err;
}

struct backups_seen {
	struct key_checking *k;
	uint64_t n;
};

static enum sc_err take_backup(void *arg, size_t i, const struct store_value *v)
{
	struct backups_seen *b = arg;
	struct key_checking *k = b->k;

	(void)i;
	b->n++;
	if ((uint64_t)v[1].number > k->now.epoch || (uint64_t)v[2].number > k->now.high)
		key_check_add(k->r, KEY_CHECK_BACKUPS, KEY_CHECK_WRONG,
		    "one is of epoch %llu and %llu slots, which this store has not come to",
		    (unsigned long long)v[1].number, (unsigned long long)v[2].number);
	else if (v[5].bytes.n != HASH_BYTES)
		key_check_add(k->r, KEY_CHECK_BACKUPS, KEY_CHECK_WRONG,
		    "one is remembered without its hash");
	return SC_OK;
}

enum sc_err key_check_backups(struct key_checking *k)
{
	struct backups_seen b = { .k = k };
	enum sc_err err =
	    store_ask(k->tx, &(struct store_batch){ BACKUP_ALL, 1, NULL, take_backup, &b });

	if (b.n == 0)
		key_check_add(k->r, KEY_CHECK_BACKUPS, KEY_CHECK_WARNING, "none was ever taken");
	key_check_add(k->r, KEY_CHECK_BACKUPS, KEY_CHECK_FINE, "%llu remembered",
	    (unsigned long long)b.n);
	return err;
}
