/*
 * back_check.c - one moment of the store, shown beside its owner.
 *
 *	owner's thread	a job: copies the epoch's key, lets the other begin, and waits until
 *			that sees its moment: a millisecond in which nothing is committed
 *	store beside	key_check_moment() over that moment, for as long as it takes
 *
 * The key is wiped when the top box was opened.
 */
#include "crypto/keyd/back_check.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/keycheck/key_check.h"
#include "crypto/keyd/daily.h"
#include "crypto/prim/vault.h"
#include "crypto/rows/tables.h"
#include "net/loop/loop.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_MS 5000u

struct back_check {
	struct daily daily; /* first */
	struct keystore *ks;
	struct keystore_place at;
	atomic_bool wrong;
	sem_t begun;
	struct store *beside;
	struct store_job show, look;
	uint8_t *key;   /* of the vault */
	uint64_t epoch; /* whose it is */
	struct key_check check;
	struct key_check_report report; /* of the one under way */
	struct {
		bool any;
		uint64_t at_ms;
		struct key_check_report report;
	} last; /* under the lock */
};

static const uint8_t *key_of(void *arg, uint64_t epoch)
{
	const struct back_check *b = arg;

	return epoch == b->epoch ? b->key : NULL;
}

/* The first step has read: from there on its moment is its own. */
static void on_step(void *arg, const char *what, uint64_t done, uint64_t all)
{
	struct back_check *b = arg;

	(void)what;
	(void)all;
	if (done > 0)
		sem_post(&b->begun);
}

static enum sc_err run_look(struct store_job *job, struct store_tx *tx)
{
	struct back_check *b = loop_owner(job, struct back_check, look);
	enum sc_err err = key_check_moment(tx, &b->check, &b->report);

	sem_post(&b->begun);
	return err;
}

static enum sc_err run_show(struct store_job *job, struct store_tx *tx)
{
	struct back_check *b = loop_owner(job, struct back_check, show);
	const uint8_t *key = keystore_epoch_key(b->ks, &b->epoch);

	(void)tx;
	if (key == NULL)
		return SC_STALE;
	memcpy(b->key, key, EPOCH_KEY_BYTES);
	b->look = (struct store_job){ .run = run_look };
	store_submit(b->beside, &b->look);
	while (sem_wait(&b->begun) != 0)
		;
	return SC_OK;
}

static enum sc_err look_once(struct back_check *b)
{
	struct store_job last = { .run = NULL };
	enum sc_err err;

	sem_init(&b->begun, 0, 0);
	b->look.err = SC_STALE;
	b->show = (struct store_job){ .run = run_show };
	err = store_run(keystore_store(b->ks), &b->show);
	if (err == SC_OK)
		err = store_run(b->beside, &last); /* behind the look: that is over */
	sem_destroy(&b->begun);
	sc_wipe(b->key, EPOCH_KEY_BYTES);
	sc_wipe(b->report.ring, sizeof(b->report.ring));
	return err != SC_OK ? err : b->look.err;
}

static void keep(struct back_check *b)
{
	bool wrong = key_check_worst(&b->report) == KEY_CHECK_WRONG;

	pthread_mutex_lock(&b->daily.lock);
	b->last.any = true;
	b->last.at_ms = clock_unix_ms();
	b->last.report = b->report;
	pthread_mutex_unlock(&b->daily.lock);
	atomic_store(&b->wrong, wrong);
	log_event(wrong ? LOG_ERROR : LOG_INFO, "keyd.checked", LOG_U64("wrong", wrong),
	    LOG_U64("people", b->report.people), LOG_U64("boxes", b->report.boxes), LOG_END);
}

static uint64_t look_daily(struct daily *x)
{
	struct back_check *b = (struct back_check *)x;
	enum sc_err err = look_once(b);

	if (err == SC_OK)
		keep(b);
	else if (err != SC_AGAIN)
		log_event(LOG_WARN, "keyd.unchecked", LOG_ERR("err", err), LOG_END);
	return DAILY_MS;
}

/* ---- what was found ---- */

bool back_check_wrong(const struct back_check *b)
{
	return b != NULL && atomic_load(&b->wrong);
}

void back_check_print(struct jsonw *w, struct back_check *b)
{
	static const char *const words[] = { "none", "ok", "warn", "bad" };
	const struct key_check_report *r;
	uint64_t now = clock_unix_ms();
	enum key_check_grade worst;

	if (b == NULL)
		return;
	pthread_mutex_lock(&b->daily.lock);
	r = &b->last.report;
	worst = b->last.any ? key_check_worst(r) : KEY_CHECK_SKIPPED;
	jsonw_key(w, "check");
	jsonw_object(w);
	jsonw_kstr(w, "result", words[worst]);
	if (b->last.any)
		jsonw_ku64(w, "age_s", now > b->last.at_ms ? (now - b->last.at_ms) / 1000 : 0);
	for (unsigned i = 0; i < KEY_CHECK_PARTS && worst == KEY_CHECK_WRONG; i++)
		if (r->part[i].grade == KEY_CHECK_WRONG) {
			jsonw_kstr(w, "part", key_check_name(i));
			jsonw_kstr(w, "seen", r->part[i].text);
			break;
		}
	jsonw_object_end(w);
	pthread_mutex_unlock(&b->daily.lock);
}

/* ---- life ---- */

enum sc_err back_check_start(struct keystore *ks, const struct keystore_place *at,
    struct sc_diag *d, struct back_check **out)
{
	struct back_check *b = calloc(1, sizeof(*b));
	enum sc_err err;

	*out = NULL;
	if (b == NULL || (b->key = vault_alloc(EPOCH_KEY_BYTES)) == NULL) {
		free(b);
		return SC_NOMEM;
	}
	b->ks = ks;
	b->at = *at;
	b->check = (struct key_check){ .tenant = at->tenant,
		.node = at->node,
		.key = key_of,
		.arg = b,
		.watch = { on_step, b, &b->daily.stop } };
	/* now: no thread can be made when it is needed, once keyd is confined */
	if ((err = store_open_beside(at->store, &keyd_tables, d, &b->beside)) != SC_OK) {
		vault_free(b->key);
		free(b);
		return err;
	}
	b->daily.chore = look_daily;
	b->daily.first_ms = FIRST_MS;
	if ((err = daily_start(&b->daily)) != SC_OK) {
		store_close(b->beside);
		vault_free(b->key);
		free(b);
		return err;
	}
	*out = b;
	return SC_OK;
}

void back_check_stop(struct back_check *b)
{
	if (b == NULL)
		return;
	daily_stop(&b->daily);
	store_close(b->beside);
	vault_free(b->key);
	free(b);
}
