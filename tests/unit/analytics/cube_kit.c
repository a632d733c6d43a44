/*
 * cube_kit.c - a small shop and its releases.
 */
#include "unit/analytics/cube_kit.h"

#include "base/grow.h"
#include "tap.h"

#include <unistd.h>

static const char *const categories[] = { "tea", "cups", "gifts", "pots", "sweets", "books" };
static const char *const channels[] = { "app", "web", "mail" };
static const char *const sexes[] = { "female", "male" };
static const int64_t ages[] = { 18, 30, 45, 60 };

static void *need(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

struct kit_shop *kit_new(void)
{
	struct kit_shop *k = need(calloc(1, sizeof(*k)));
	struct feed_words *w = &k->words;

	w->categories = (struct feed_list){ .v = categories, .n = 6 };
	w->channels = (struct feed_list){ .v = channels, .n = 3 };
	w->traits[0] = (struct feed_trait){ .name = "age",
		.kind = FEED_BIRTHDAY,
		.bands = ages,
		.n_bands = 4 };
	w->traits[1] = (struct feed_trait){ .name = "sex",
		.kind = FEED_WORD_OF_LIST,
		.words = { .v = sexes, .n = 2 } };
	w->n_traits = 2;
	memset(w->price_bands, 0xff, sizeof(w->price_bands));
	w->price_bands[0] = 50;
	w->price_bands[1] = 200;
	w->price_bands[2] = 500;
	w->price_step = 100;
	k->champion_steps = 1000;
	snprintf(k->root, sizeof(k->root), "/tmp/scrim-cube-XXXXXX");
	need(mkdtemp(k->root));
	return k;
}

void kit_free(struct kit_shop *k)
{
	char command[192];

	snprintf(command, sizeof(command), "chmod -R u+w %s; rm -rf %s", k->root, k->root);
	if (system(command) != 0)
		printf("# %s stays\n", k->root);
	free(k->v);
	free(k);
}

struct feed_event *cube_kit_event(struct kit_shop *k, uint64_t person, uint64_t at_ms, uint8_t kind)
{
	if (k->n == k->cap) {
		k->cap = sc_grown(k->cap);
		k->v = need(reallocarray(k->v, k->cap, sizeof(*k->v)));
	}
	k->v[k->n] = (struct feed_event){ .id = k->n + 1,
		.person = person,
		.at_ms = at_ms,
		.kind = kind,
		.flags = FEED_VOUCHED };
	return &k->v[k->n++];
}

void kit_look(struct kit_shop *k, uint64_t person, uint64_t at_ms, unsigned category,
    unsigned channel)
{
	struct feed_event *e = cube_kit_event(k, person, at_ms, FEED_PRODUCT);

	e->category = (uint16_t)category;
	e->channel = (uint8_t)channel;
}

void kit_buy(struct kit_shop *k, uint64_t person, uint64_t at_ms, unsigned category, uint32_t price)
{
	struct feed_event *e;

	cube_kit_event(k, person, at_ms, FEED_PURCHASE)->price = price;
	e = cube_kit_event(k, person, at_ms, FEED_ITEM);
	e->category = (uint16_t)category;
	e->price = price;
}

static uint32_t draw(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(*state >> 8) * n >> 24);
}

/* An order of one to three lines. */
static void history_order(struct kit_shop *k, uint64_t who, uint64_t at, uint32_t *s)
{
	const uint32_t lines = 1 + draw(s, 4) / 2;
	const size_t order = k->n;

	cube_kit_event(k, who, at, FEED_PURCHASE)->channel = (uint8_t)draw(s, 4);
	k->v[order].category = (uint16_t)draw(s, 7);
	for (uint32_t i = 0; i < lines && draw(s, 20) != 0; i++) {
		struct feed_event *e = cube_kit_event(k, who, at, FEED_ITEM);

		e->category = (uint16_t)(draw(s, 7) * draw(s, 7) / 6);
		e->price = draw(s, 10) == 0 ? 0 : 1 + draw(s, 30) * draw(s, 30);
		k->v[order].price += e->price;
	}
	if (draw(s, 12) == 0) {
		const uint32_t price = k->v[order].price;

		cube_kit_event(k, who, at + KIT_DAY, FEED_REFUND)->price = price;
	}
}

void kit_history(struct kit_shop *k, unsigned people, unsigned weeks, uint32_t seed)
{
	uint32_t s = seed;

	for (unsigned p = 1; p <= people; p++) {
		const uint32_t busy = 1 + draw(&s, 6);
		const uint32_t since = draw(&s, weeks);

		k->traits[p][0] = (uint8_t)draw(&s, 6);
		k->traits[p][1] = (uint8_t)(1 + draw(&s, 2));
		for (uint32_t i = 0; i < busy * (weeks - since) / 2; i++) {
			const uint64_t at = KIT_MONDAY + since * KIT_WEEK +
			    draw(&s, (weeks - since) * 168) * KIT_HOUR + draw(&s, 3600) * 1000;

			if (draw(&s, 4) == 0)
				history_order(k, p, at, &s);
			else if (draw(&s, 8) == 0)
				cube_kit_event(k, p, at, FEED_LOGIN)->channel =
				    (uint8_t)draw(&s, 4);
			else
				kit_look(k, p, at, draw(&s, 7), draw(&s, 4));
		}
	}
}

/* ---- releases ---------------------------------------------------------------------------- */

static enum sc_err tell(const struct kit_shop *k, struct cube *c)
{
	static bool there[KIT_PEOPLE];
	enum sc_err err = SC_OK;

	memset(there, 0, sizeof(there));
	for (size_t i = 0; i < k->n && err == SC_OK; i++) {
		const struct feed_event *e = &k->v[k->backwards ? k->n - 1 - i : i];

		if (e->kind == 0)
			continue; /* it was erased */
		there[e->person] = true;
		err = cube_event(c, e->person, e);
	}
	for (uint64_t p = 1; p < KIT_PEOPLE && err == SC_OK; p++)
		if (there[p])
			err = cube_person(c, p, k->traits[p]);
	return err;
}

enum sc_err kit_release(struct kit_shop *k, uint64_t last_ms)
{
	const struct cube_settings set = { .words = &k->words,
		.champion_steps = k->champion_steps,
		.last_ms = last_ms };
	char previous[128];
	struct cube_order o = { .tenant = "shop",
		.root = k->root,
		.dataset = KIT_DATASET,
		.number = k->made + 1,
		.made_ms = last_ms + KIT_HOUR,
		.previous = k->made == 0 ? NULL : previous };
	struct cube *c;
	enum sc_err err = cube_new(&set, &c);

	memset(o.key, 0x30 + k->key, sizeof(o.key));
	snprintf(previous, sizeof(previous), "%s/%s/%llu", k->root, KIT_DATASET,
	    (unsigned long long)k->made);
	k->d = (struct sc_diag){ .text = "" };
	if (err == SC_OK)
		err = tell(k, c);
	if (err == SC_OK)
		err = cube_make(c, &o, &k->d, &k->last);
	cube_free(c);
	k->made += err == SC_OK;
	if (err != SC_OK)
		printf("# %s: %s\n", sc_err_name(err), k->d.text);
	return err;
}

sqlite3 *kit_db(const struct kit_shop *k, uint64_t number)
{
	char path[160];
	sqlite3 *db = NULL;

	snprintf(path, sizeof(path), "%s/%s/%llu/%s", k->root, KIT_DATASET,
	    (unsigned long long)number, SHELF_DB);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		abort();
	return db;
}

int64_t kit_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		printf("# %s: %s\n", sql, sqlite3_errmsg(db));
	else if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* ---- as text ------------------------------------------------------------------------------- */

static bool is_period(const char *column)
{
	return strcmp(column, "week") == 0 || strcmp(column, "month") == 0 ||
	    strcmp(column, "quarter") == 0;
}

/* The row that S stands on; nothing when it is of a period after LAST. */
static void put_row(FILE *to, sqlite3_stmt *s, const char *table, const char *last)
{
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *text = (const char *)sqlite3_column_text(s, i);

		if (*last != '\0' && is_period(sqlite3_column_name(s, i)) && strcmp(text, last) > 0)
			return;
	}
	fprintf(to, "%s", table);
	for (int i = 0; i < sqlite3_column_count(s); i++)
		fprintf(to, "\t%s", (const char *)sqlite3_column_text(s, i));
	fprintf(to, "\n");
}

char *kit_text(sqlite3 *db, const char *last)
{
	sqlite3_stmt *tables = NULL, *s;
	char *text = NULL, sql[160];
	size_t n;
	FILE *to = need(open_memstream(&text, &n));

	if (sqlite3_prepare_v2(db,
		"SELECT name FROM sqlite_master WHERE name NOT IN ('calendar', 'dictionary') "
		"AND type = 'table'",
		-1, &tables, NULL) != SQLITE_OK)
		abort();
	while (sqlite3_step(tables) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(tables, 0);

		snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" ORDER BY rowid", name);
		if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
			abort();
		while (sqlite3_step(s) == SQLITE_ROW)
			put_row(to, s, name, last);
		sqlite3_finalize(s);
	}
	sqlite3_finalize(tables);
	fclose(to);
	return text;
}
