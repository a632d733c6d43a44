/*
 * samples.h - pages that the tests of pages look at.
 */
#ifndef TESTS_PAGE_SAMPLES_H
#define TESTS_PAGE_SAMPLES_H

#include "base/page/plot.h"

/* Every part and every plot, as a marketing page uses them. */
SC_CHECKED enum sc_err sample_marks(struct sc_buf *out, enum page_language languages);

#endif
