/*
 * attack_rig.c - cubes made by hand.
 */
#include "attack_rig.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const schema =
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
    "CREATE TABLE week(week TEXT, visitors INT, buyers INT, orders INT, revenue INT,"
    "  bought_before INT);"
    "CREATE TABLE visitors_category(week TEXT, category TEXT, folded INT, visitors INT);"
    "CREATE TABLE buyers_category(week TEXT, category TEXT, folded INT, buyers INT, orders INT,"
    "  revenue INT);"
    "CREATE TABLE buyers_band(week TEXT, band TEXT, folded INT, buyers INT, lines INT);"
    "CREATE TABLE visitors_hour(week TEXT, channel TEXT, hour TEXT, folded INT, visitors INT);"
    "CREATE TABLE buyers_weekday(week TEXT, weekday TEXT, folded INT, buyers INT);"
    "CREATE TABLE segments(week TEXT, segment TEXT, folded INT, people INT, buyers INT,"
    "  orders INT, revenue INT);"
    "CREATE TABLE segment_age(week TEXT, segment TEXT, value TEXT, folded INT, people INT);"
    "CREATE TABLE segment_sex(week TEXT, segment TEXT, value TEXT, folded INT, people INT);"
    "CREATE TABLE segment_channel(week TEXT, segment TEXT, channel TEXT, folded INT, people INT);"
    "CREATE TABLE cohorts(first_month TEXT, month TEXT, folded INT, buyers INT);"
    "CREATE TABLE month_category_band(month TEXT, category TEXT, band TEXT, folded INT,"
    "  buyers INT);"
    "CREATE TABLE quarters(quarter TEXT, segment TEXT, folded INT, people INT, buyers INT,"
    "  orders INT);"
    "CREATE TABLE caps(week TEXT, cap INT);"
    "CREATE TABLE calendar(number INT, from_day TEXT, to_day TEXT, made TEXT, next TEXT);";

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! attack_rig: %s\n", what);
	exit(1);
}

void attack_rig_init(struct attack_rig *r)
{
	int fd;

	memset(r, 0, sizeof(*r));
	snprintf(r->path, sizeof(r->path), "/tmp/attack_rig.XXXXXX");
	must((fd = mkstemp(r->path)) >= 0, r->path);
	close(fd);
	must(sqlite3_open(r->path, &r->db) == SQLITE_OK, r->path);
	attack_rig_sql(r, "%s", schema);
}

void attack_rig_fini(struct attack_rig *r)
{
	sqlite3_close(r->db);
	unlink(r->path);
}

void attack_rig_sql(struct attack_rig *r, const char *fmt, ...)
{
	char sql[8192], *why = NULL;
	va_list ap;

	va_start(ap, fmt);
	must(vsnprintf(sql, sizeof(sql), fmt, ap) < (int)sizeof(sql), "too long");
	va_end(ap);
	must(sqlite3_exec(r->db, sql, NULL, NULL, &why) == SQLITE_OK, why != NULL ? why : sql);
}

void attack_rig_week(struct attack_rig *r, const char *week, int visitors, int buyers, int before)
{
	attack_rig_sql(r, "INSERT INTO week VALUES('%s',%d,%d,%d,%d,%d)", week, visitors, buyers,
	    buyers, buyers * 100, before);
}

static void found(void *arg, const char *table, const char *what, uint64_t lo, uint64_t hi)
{
	struct attack_rig *r = arg;
	struct attack_finding *f = &r->found[r->n_found];

	if (r->n_found == sizeof(r->found) / sizeof(r->found[0]))
		return;
	snprintf(f->table, sizeof(f->table), "%s", table);
	snprintf(f->what, sizeof(f->what), "%s", what);
	f->lo = lo;
	f->hi = hi;
	r->n_found++;
}

enum sc_err attack_rig_run(struct attack_rig *r, const char *since)
{
	enum sc_err err;

	r->n_found = 0;
	r->d = (struct sc_diag){ 0 };
	err = cube_attack(r->path, 10, since, found, NULL, r, &r->d, &r->out);
	if (err != SC_OK)
		printf("# %s: %s\n", sc_err_name(err), r->d.text);
	for (size_t i = 0; i < r->n_found && getenv("TELL") != NULL; i++)
		printf("# %s: %s: %llu..%llu\n", r->found[i].table, r->found[i].what,
		    (unsigned long long)r->found[i].lo, (unsigned long long)r->found[i].hi);
	return err;
}

const struct attack_finding *attack_rig_find(const struct attack_rig *r, const char *table,
    const char *part)
{
	for (size_t i = 0; i < r->n_found; i++)
		if (strcmp(r->found[i].table, table) == 0 && strstr(r->found[i].what, part) != NULL)
			return &r->found[i];
	return NULL;
}
