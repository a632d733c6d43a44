/*
 * limits.c - the ceilings an operator may lower or raise, as a table of rows.
 */
#include "gateway/config/read.h"

#include <stddef.h>

enum limit_kind { LIMIT_COUNT, LIMIT_SIZE, LIMIT_DURATION };

struct limit_row {
	const char *key;
	enum limit_kind kind;
	size_t field; /* offset in struct config_limits */
	uint32_t usual;
	uint32_t min; /* of a count */
	uint32_t max;
};

#define FIELD(f) offsetof(struct config_limits, f)
#define HOUR_MS (3600u * 1000)

static const struct limit_row rows[] = {
	{ "body_max", LIMIT_SIZE, FIELD(body_max), 8u << 20, 1, CONFIG_BODY_CEILING },
	{ "connections_max", LIMIT_COUNT, FIELD(connections_max), 65536, 1, 1u << 20 },
	{ "body_min_rate", LIMIT_COUNT, FIELD(body_min_rate), 128, 0, 1u << 20 },
	{ "head", LIMIT_DURATION, FIELD(head_ms), 10000, 0, HOUR_MS },
	{ "body_idle", LIMIT_DURATION, FIELD(body_idle_ms), 20000, 0, HOUR_MS },
	{ "keepalive", LIMIT_DURATION, FIELD(keepalive_ms), 75000, 0, HOUR_MS },
	{ "connect", LIMIT_DURATION, FIELD(connect_ms), 5000, 0, HOUR_MS },
	{ "first_byte", LIMIT_DURATION, FIELD(first_byte_ms), 60000, 0, HOUR_MS },
	{ "total", LIMIT_DURATION, FIELD(total_ms), 300000, 0, 24 * HOUR_MS },
	{ "drain", LIMIT_DURATION, FIELD(drain_ms), 30000, 0, HOUR_MS },
	{ "upstream_idle", LIMIT_DURATION, FIELD(upstream_idle_ms), 30000, 0, HOUR_MS },
	{ "items_max", LIMIT_COUNT, FIELD(items_max), 4096, 1, 4096 },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static void *field_of(struct config_limits *l, const struct limit_row *row)
{
	return (char *)l + row->field;
}

void config_limits_default(struct config_limits *l)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].kind == LIMIT_SIZE)
			*(size_t *)field_of(l, &rows[i]) = rows[i].usual;
		else
			*(uint32_t *)field_of(l, &rows[i]) = rows[i].usual;
}

enum sc_err config_read_limits(struct config_reader *r, const cJSON *it)
{
	struct config_limits *l = &r->c->limits;
	const char *allowed[N_ROWS + 1] = { NULL };
	const cJSON *v;
	enum sc_err err;

	for (size_t i = 0; i < N_ROWS; i++)
		allowed[i] = rows[i].key;
	if ((err = config_keys(r, it, "\"limits\"", allowed)) != SC_OK)
		return err;
	for (size_t i = 0; i < N_ROWS && err == SC_OK; i++) {
		const struct limit_row *row = &rows[i];

		if ((v = config_get(it, row->key)) == NULL)
			continue;
		if (row->kind == LIMIT_SIZE)
			err = config_size(r, v, row->max, field_of(l, row));
		else if (row->kind == LIMIT_DURATION)
			err = config_duration(r, v, row->max, field_of(l, row));
		else
			err = config_count(r, v, row->min, row->max, field_of(l, row));
	}
	return err;
}
