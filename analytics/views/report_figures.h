/*
 * report_figures.h - the parts of report.html that are figures: loss, reasons, risk.
 */
#ifndef ANALYTICS_VIEWS_REPORT_FIGURES_H
#define ANALYTICS_VIEWS_REPORT_FIGURES_H

#include "analytics/views/report.h"
#include "base/page/page.h"

/* A section each, called LINK. */
void report_cost(struct page *p, const struct view_report *r, struct page_link link);
void report_why(struct page *p, const struct view_report *r, struct page_link link);
void report_risk(struct page *p, const struct view_report *r, struct page_link link);

/* V in groups of digits; what is beyond INT64_MAX is told as that. */
void number_print(uint64_t v, char out[static PAGE_NUMBER_MAX]);

#endif
