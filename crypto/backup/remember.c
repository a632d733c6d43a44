/*
 * remember.c - writing beside the store's owner.
 */
#include "crypto/backup/remember.h"

#include "base/clock.h"
#include "crypto/backup/show.h"
#include "crypto/rows/tables.h"
#include "crypto/settings/settings.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRIES 40
#define WAIT_MS 20

enum sc_err backup_remember_in(struct store *s, struct store_job *j)
{
	const struct timespec wait = { .tv_nsec = WAIT_MS * 1000000L };
	const struct store_job fresh = *j;
	enum sc_err err = SC_OK;

	for (unsigned i = 0; i < TRIES; i++) {
		*j = fresh;
		if ((err = store_run(s, j)) != SC_IO)
			break;
		nanosleep(&wait, NULL);
	}
	return err;
}

struct drill_row {
	struct store_job job; /* first */
	const struct backup_header *header;
	uint64_t people;
};

static bool bind_drill(void *arg, size_t i, struct store_value *v)
{
	const struct drill_row *r = arg;

	(void)i;
	v[0] = store_number(clock_unix_ms());
	v[1] = store_number(r->header->at_ms);
	v[2] = store_number(r->people);
	return true;
}

static enum sc_err add_drill(struct store_job *j, struct store_tx *tx)
{
	struct drill_row *r = (struct drill_row *)j;
	struct backup_header here = *r->header;
	enum sc_err err = backup_show_store(tx, &here);

	if (err == SC_OK && memcmp(here.store_id, r->header->store_id, STORE_ID_BYTES) != 0)
		err = SC_STALE;
	return err != SC_OK ?
	    err :
	    store_ask(tx, &(struct store_batch){ DRILL_ADD, 1, bind_drill, NULL, r });
}

enum sc_err backup_remember_drill(const char *path, const struct backup_header *h, uint64_t people,
    struct sc_diag *d)
{
	char url[sizeof("sqlite:") + SETTINGS_PATH_MAX];
	struct drill_row r = { .job = { .run = add_drill }, .header = h, .people = people };
	struct store *s = NULL;
	enum sc_err err;

	snprintf(url, sizeof(url), "sqlite:%s", path);
	if ((err = store_open_beside(url, &keyd_tables, d, &s)) == SC_OK &&
	    (err = backup_remember_in(s, &r.job)) != SC_OK)
		sc_diag_set(d,
		    err == SC_STALE ? "the store here is another than the backup's" :
				      "the store here cannot be written");
	store_close(s);
	return err;
}
