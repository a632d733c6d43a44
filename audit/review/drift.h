/*
 * drift.h - what an access log tells of personal values that stood where no rule spoke of, place
 * by place.
 */
#ifndef AUDIT_REVIEW_DRIFT_H
#define AUDIT_REVIEW_DRIFT_H

#include "base/diag.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct audit_drift_place {
	char route[64], class_name[64], by[16], did[16];
	char place[256];
	uint64_t first_ms, last_ms;
	uint64_t n; /* values */
};

struct audit_drift {
	struct audit_drift_place *v; /* the newest first */
	size_t n, cap;
};

/*
 * Of ROUTE (NULL: of all). Release OUT with audit_drift_fini(), whatever is returned. Fails like
 * audit_show(), and with SC_LIMIT past a million places.
 */
SC_CHECKED enum sc_err audit_drift(const char *dir, const char *route, struct sc_diag *d,
    struct audit_drift *out);
void audit_drift_fini(struct audit_drift *v);

#endif
