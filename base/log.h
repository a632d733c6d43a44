/*
 * log.h - the operational log: one JSON object a line on standard error.
 *
 * Fields are typed and no type takes raw bytes, so no call can leak a value:
 * text is a literal in our own source, a configured name, or an error code.
 * The audit log is another thing: see crypto/tlog and audit/record.
 *
 *	log_event(LOG_WARN, "keyd.peer_refused", LOG_STR("why", "uid"),
 *	    LOG_U64("pid", pid), LOG_END);
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"
#include "base/name.h"

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

enum log_type {
	LOG_T_END,
	LOG_T_STR,
	LOG_T_U64,
	LOG_T_LEN,
	LOG_T_HEX64,
	LOG_T_NAME,
	LOG_T_ERR,
	LOG_T_ERRNO
};

struct log_field {
	enum log_type type;
	const char *key;
	union {
		const char *str;
		uint64_t u64;
		const struct sc_name *name;
		enum sc_err err;
		int errnum;
	} v;
};

/* Keys and LOG_STR text must be string literals: "" lit "" enforces it. */
#define LOG_END ((struct log_field){ .type = LOG_T_END })
#define LOG_STR(k, s) ((struct log_field){ .type = LOG_T_STR, .key = "" k "", .v.str = "" s "" })
#define LOG_U64(k, n) ((struct log_field){ .type = LOG_T_U64, .key = "" k "", .v.u64 = (n) })
/* The length of something, never the thing. */
#define LOG_LEN(k, n) ((struct log_field){ .type = LOG_T_LEN, .key = "" k "", .v.u64 = (n) })
/* A random id of ours, such as a request id. */
#define LOG_HEX64(k, n) ((struct log_field){ .type = LOG_T_HEX64, .key = "" k "", .v.u64 = (n) })
#define LOG_NAME(k, n) ((struct log_field){ .type = LOG_T_NAME, .key = "" k "", .v.name = (n) })
#define LOG_ERR(k, e) ((struct log_field){ .type = LOG_T_ERR, .key = "" k "", .v.err = (e) })
#define LOG_ERRNO(k, e) ((struct log_field){ .type = LOG_T_ERRNO, .key = "" k "", .v.errnum = (e) })

/* Name this program in every line, and drop lines below LEVEL. Call once. */
void log_setup(const char *program, enum log_level level);

/* Write one line. EVENT is "module.what_happened". Safe from any thread. */
#define log_event(level, event, ...) \
	log_write((level), "" event "", (const struct log_field[]){ __VA_ARGS__ })
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#endif
