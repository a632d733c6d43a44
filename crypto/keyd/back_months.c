/*
 * back_months.c - one look at the file of backup keys a day.
 *
 *	due > overwritten in place > durable > record "keys.backup-key" > durable > "told"
 *
 * Killed before the last step, keyd tells of it again: twice is better than never. What a backup or
 * restore destroyed itself is told here too.
 */
#include "crypto/keyd/back_months.h"

#include "base/clock.h"
#include "base/log.h"
#include "crypto/backup/months.h"
#include "crypto/keyd/daily.h"
#include "crypto/keyd/own_log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_MS 2000u
#define BUSY_MS 60000u

struct back_months {
	struct daily daily; /* first */
	const struct settings *settings;
	struct keylog *keylog;
	struct tlog *log;
	/* under the daily's lock */
	bool any;
	enum sc_err err;
	struct months_left left;
	struct sc_diag d;
};

static enum sc_err tell(void *arg, uint32_t month)
{
	struct back_months *b = arg;
	struct sc_diag unheard;
	enum sc_err err = keylog_month(b->keylog, month);

	return err != SC_OK ? err : own_log_durable(b->log, &unheard);
}

static void keep(struct back_months *b, enum sc_err err, const struct months_left *left,
    const struct sc_diag *d)
{
	pthread_mutex_lock(&b->daily.lock);
	b->any = true;
	b->err = err;
	b->left = *left;
	b->d = *d;
	pthread_mutex_unlock(&b->daily.lock);
	if (err != SC_OK)
		log_event(LOG_ERROR, "keyd.backup_keys_kept", LOG_ERR("err", err),
		    LOG_STR("do", "scrim doctor says what is wrong with them"), LOG_END);
	else if (left->destroyed > 0)
		log_event(LOG_INFO, "keyd.backup_keys_destroyed", LOG_U64("n", left->destroyed),
		    LOG_END);
}

static uint64_t end_daily(struct daily *x)
{
	struct back_months *b = (struct back_months *)x;
	const struct settings *s = b->settings;
	const struct months_place at = { s->backup_keys, &s->tenant, s->backup_keep_days,
		clock_unix_ms() };
	struct sc_diag d = { .text = "" };
	struct months_left left;
	enum sc_err err = months_end(&at, &d, tell, b, &left);

	if (err == SC_AGAIN)
		return BUSY_MS;
	keep(b, err, &left, &d);
	return DAILY_MS;
}

/* ---- what came of it ---- */

static void put_month(struct jsonw *w, const char *name, uint32_t month)
{
	char text[16];

	snprintf(text, sizeof(text), "%04u-%02u", month / 12 % 10000, month % 12 + 1);
	jsonw_kstr(w, name, text);
}

void back_months_print(struct jsonw *w, struct back_months *b)
{
	if (b == NULL)
		return;
	pthread_mutex_lock(&b->daily.lock);
	jsonw_key(w, "backup_keys");
	jsonw_object(w);
	jsonw_kstr(w, "result", !b->any ? "none" : b->err == SC_OK ? "ok" : "failed");
	if (b->any && b->err == SC_OK)
		jsonw_ku64(w, "live", b->left.live);
	if (b->left.last != 0)
		put_month(w, "destroyed_last", b->left.last);
	if (b->err != SC_OK)
		jsonw_kstr(w, "seen", b->d.text[0] != '\0' ? b->d.text : sc_err_name(b->err));
	jsonw_object_end(w);
	pthread_mutex_unlock(&b->daily.lock);
}

/* ---- life ---- */

enum sc_err back_months_start(const struct settings *s, struct keylog *kl, struct tlog *log,
    struct back_months **out)
{
	struct back_months *b = calloc(1, sizeof(*b));
	enum sc_err err;

	*out = NULL;
	if (b == NULL)
		return SC_NOMEM;
	b->settings = s;
	b->keylog = kl;
	b->log = log;
	b->daily.chore = end_daily;
	b->daily.first_ms = FIRST_MS;
	if ((err = daily_start(&b->daily)) == SC_OK)
		*out = b;
	else
		free(b);
	return err;
}

void back_months_stop(struct back_months *b)
{
	if (b == NULL)
		return;
	daily_stop(&b->daily);
	free(b);
}
