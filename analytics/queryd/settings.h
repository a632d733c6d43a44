/*
 * settings.h - queryd.json: where queryd listens, what it serves, and how much of it.
 *
 *	{ "tenant": "demo", "listen": { "address": "127.0.0.1:8445" }, "views": "views",
 *	  "log": "run/queryd/log", "grants": "grants/grants.json", "log_vkey": "run/log/vkey" }
 *
 * Relative paths are relative to the file itself.
 */
#ifndef ANALYTICS_QUERYD_SETTINGS_H
#define ANALYTICS_QUERYD_SETTINGS_H

#include "analytics/query/query.h"
#include "net/http/listen_shape.h"

#define QUERYD_THREADS_MAX 64
#define QUERYD_QUEUE_MAX 1024
#define QUERYD_SQL_MAX 65536u

struct queryd_settings {
	struct sc_name tenant;
	struct listen_settings listen;
	const char *views;    /* the folder of releases */
	const char *log;      /* the folder of its own log */
	const char *grants;   /* a file, in a folder of its own */
	const char *log_vkey; /* a file: the key of the gateway's log */
	uint32_t threads;     /* that answer */
	struct query_limits limits;
	uint32_t queue;   /* questions that wait, of all */
	uint32_t at_once; /* questions of one principal, waiting or being answered */
	struct sc_arena arena;
};

/* Every key that the file may have. */
extern const struct shape queryd_settings_shape;

/*
 * On SC_OK OUT is the caller's to queryd_settings_fini(). Fails with SC_SYNTAX, SC_LIMIT,
 * SC_IO, SC_NOMEM; ALL (empty) tells what is wrong, and where.
 */
SC_CHECKED enum sc_err queryd_settings_load(const char *path, struct sc_diags *all,
    struct queryd_settings *out);
void queryd_settings_fini(struct queryd_settings *s); /* all zero is fine */

#endif
