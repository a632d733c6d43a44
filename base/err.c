/*
 * err.c - names of the error codes.
 */
#include "base/err.h"

const char *sc_err_name(enum sc_err err)
{
	static const char *const names[] = {
		[SC_OK] = "SC_OK",
		[SC_AGAIN] = "SC_AGAIN",
		[SC_NOMEM] = "SC_NOMEM",
		[SC_LIMIT] = "SC_LIMIT",
		[SC_SYNTAX] = "SC_SYNTAX",
		[SC_AUTH] = "SC_AUTH",
		[SC_CORRUPT] = "SC_CORRUPT",
		[SC_IO] = "SC_IO",
		[SC_STALE] = "SC_STALE",
		[SC_BUG] = "SC_BUG",
	};

	if ((unsigned)err >= sizeof(names) / sizeof(names[0]))
		return "SC_UNKNOWN";
	return names[err];
}
