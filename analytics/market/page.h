/*
 * page.h - a report as files: the page, the numbers, the tables, what a terminal shows.
 */
#ifndef ANALYTICS_MARKET_PAGE_H
#define ANALYTICS_MARKET_PAGE_H

#include "analytics/market/say.h"
#include "base/page/plot.h"

#define MARKET_PAGE_MAX ((size_t)1 << 20)

/* Append the page. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err market_page_write(const struct market_report *r, enum page_language l,
    struct sc_buf *out);
/* Append report.json, in both languages always. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err market_numbers_write(const struct market_report *r, struct sc_buf *out);
/* Append what a terminal shows, in Chinese where ZH says so. Fails like sc_buf_put(). */
SC_CHECKED enum sc_err market_terminal_write(const struct market_report *r, bool zh,
    struct sc_buf *out);

/* The tables of a page: a file's name, and what it holds as CSV (RFC 4180). */
struct market_csv {
	const char *name;
	enum sc_err (*write)(const struct market_report *r, struct sc_buf *out);
};
extern const struct market_csv market_csvs[];
extern const size_t market_n_csvs;

/* The page's parts, in their order; each a section of its own. */
void page_who(struct page *p, const struct market_report *r);
void page_want(struct page *p, const struct market_report *r);
void page_when(struct page *p, const struct market_report *r);
void page_stay(struct page *p, const struct market_report *r);

/* Under the figures: which release they are of. */
void page_of_cube(struct page *p, const struct market_report *r, const char *en, const char *zh);
void page_of_view(struct page *p, const struct market_report *r, const char *en, const char *zh);
/* In the place of figures that are not there: why. */
void page_blank(struct page *p, const char *why_en, const char *why_zh);

#endif
