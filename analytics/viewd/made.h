/*
 * made.h - which features were made last: snapshot.json in the data folder, in its place
 * only after the file of features is.
 */
#ifndef ANALYTICS_VIEWD_MADE_H
#define ANALYTICS_VIEWD_MADE_H

#include "base/diag.h"
#include "base/err.h"

#include <stdint.h>

#define MADE_NAME_BYTES 32

struct view_made {
	uint64_t number, at_ms; /* of the snapshot; zeros: none was made yet */
	uint64_t previous;      /* number of the one before, which is kept beside it */
	uint64_t people, visits, unconsented;
	uint8_t sha256[32]; /* of the file */
};

/* Nothing is said when it is not there. Fails with SC_CORRUPT, SC_IO, SC_NOMEM; D says why. */
SC_CHECKED enum sc_err view_made_read(const char *dir, struct sc_diag *d, struct view_made *out);
/* Replace it, durably. Fails with SC_IO, SC_NOMEM. */
SC_CHECKED enum sc_err view_made_write(const char *dir, const struct view_made *m);

/* "features-12". */
void view_made_name(uint64_t number, char out[static MADE_NAME_BYTES]);
/* Remove all files of features but those of two numbers. */
void view_made_tidy(const char *dir, uint64_t number, uint64_t other);

#endif
