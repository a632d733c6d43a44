/*
 * page.h - pages that need nothing: one file of HTML, its styles and pictures inside it, no
 * script, nothing fetched (a policy in its head forbids it).
 *
 * Text always goes through page_text(): it is escaped. Two languages stand side by side, and a
 * switch that needs no script shows one.
 */
#ifndef BASE_PAGE_PAGE_H
#define BASE_PAGE_PAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum page_language { PAGE_EN = 1, PAGE_ZH = 2, PAGE_BOTH = 3 };

struct page {
	struct sc_buf *out;
	enum page_language languages;
	enum sc_err err; /* the first trouble; then nothing more is written */
};

/* Begin: head, styles, title, and the switch where there are both languages. */
void page_begin(struct page *p, struct sc_buf *out, enum page_language languages, const char *en,
    const char *zh);
/* The end of it; P->err. */
SC_CHECKED enum sc_err page_end(struct page *p);

/* Markup of ours, as it is: never with anything in it that came from outside. */
void page_raw(struct page *p, const char *html);
/* Text, escaped for content and for quoted attributes alike. */
void page_text(struct page *p, struct sc_span text);
void page_textf(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same thing in both languages; the page shows the one that is chosen. Escaped. */
void page_say(struct page *p, const char *en, const char *zh);

/* An amount with thousands in groups, "12,345"; of hundredths, "123.45". */
void page_number(struct page *p, int64_t v);
void page_hundredths(struct page *p, int64_t v);

#endif
