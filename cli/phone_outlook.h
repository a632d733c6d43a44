/*
 * phone_outlook.h - what `scrim phone simulate` prints beside what it played.
 */
#ifndef CLI_PHONE_OUTLOOK_H
#define CLI_PHONE_OUTLOOK_H

#include "gateway/book/simulate.h"

#include <stddef.h>

/* What follows from the settings for extensions of so many digits. */
struct outlook {
	unsigned digits;
	uint64_t needed;    /* numbers, for the fill that was asked for */
	double taken, live; /* shares, with the numbers there are: Little's law */
	double guess3, guess30;
	double wrong; /* misdelivered of a million calls, at most */
};

/* A row of numbers: one of the fields above for each length of extension. */
struct outlook_row {
	const char *name, *key; /* of the table; of the JSON */
	size_t at;
	double factor; /* in the table */
};
#define OUTLOOK_ROWS 5
extern const struct outlook_row outlook_rows[OUTLOOK_ROWS];

static inline double outlook_value(const struct outlook *o, size_t row)
{
	return *(const double *)(const void *)((const char *)o + outlook_rows[row].at);
}

/* Everything as one object on standard output; an exit code. */
int outlook_json(const struct phone_simulation *s, const struct phone_simulated *r,
    const struct outlook *v, size_t n);

#endif
