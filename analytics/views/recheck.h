/*
 * recheck.h - does a release keep what its manifest claims: by whoever has it, from its files.
 */
#ifndef ANALYTICS_VIEWS_RECHECK_H
#define ANALYTICS_VIEWS_RECHECK_H

#include "analytics/check/check.h"
#include "analytics/views/spec.h"
#include "analytics/views/views.h"

/*
 * Derive k, l, t and the other rules of R, a view, from its tables alone: whose a row is
 * stands nowhere in them, so each counts as a person; "*" is a value as any other. Its
 * report's figures are held against what is counted. Fails with SC_CORRUPT (it does not keep
 * what the manifest claims; D says what), SC_SYNTAX (no view), SC_LIMIT, SC_IO, SC_NOMEM.
 */
SC_CHECKED enum sc_err view_recheck(const struct shelf_release *r, struct check_report *out,
    struct sc_diag *d);

/*
 * The same with the table that it was made of: that every cell generalises its own row's
 * value and no other row is in it, and that no more are left out than SPEC allows. Which
 * row became which nobody kept: there must be a way to tell it that is sound. Also SC_STALE.
 */
SC_CHECKED enum sc_err view_recheck_source(const struct shelf_release *r,
    const struct view_spec *spec, struct view_source *source, struct check_report *out,
    struct sc_diag *d);

#endif
