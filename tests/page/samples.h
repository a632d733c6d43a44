/*
 * samples.h - pages that the tests of pages look at.
 */
#ifndef TESTS_PAGE_SAMPLES_H
#define TESTS_PAGE_SAMPLES_H

#include "base/page/plot.h"

/* Every part and every plot, as a marketing page uses them. */
SC_CHECKED enum sc_err sample_marks(struct sc_buf *out, enum page_language languages);
/* Reports of releases that were never made; LANGUAGES is not asked. */
SC_CHECKED enum sc_err sample_report(struct sc_buf *out, enum page_language languages);
/* As many columns as there can be, and a rule that does not hold. */
SC_CHECKED enum sc_err sample_report_largest(struct sc_buf *out, enum page_language languages);

#endif
