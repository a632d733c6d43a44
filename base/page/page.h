/*
 * page.h - pages that need nothing: one file of HTML, its styles and pictures inside it, no
 * script, nothing fetched (a policy in its head forbids it).
 *
 * Text always goes through page_text(): it is escaped. Two languages stand side by side, and a
 * switch that needs no script shows one. A page is written from top to bottom:
 *
 *	page_begin, page_under..., page_body, page_nav, page_section..., page_end
 *
 * What opens something (section, cards, card, tiles, tile, findings, list, facts, table) is
 * closed by page_close(), the innermost first. Wherever two languages are asked for, zh NULL
 * means the same as en.
 */
#ifndef BASE_PAGE_PAGE_H
#define BASE_PAGE_PAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum page_language { PAGE_EN = 1, PAGE_ZH = 2, PAGE_BOTH = 3 };

#define PAGE_DEPTH_MAX 8    /* things open inside one another */
#define PAGE_COLUMNS_MAX 24 /* of a table */

struct page {
	struct sc_buf *out;
	enum page_language languages;
	enum sc_err err; /* the first trouble; then nothing more is written */

	/* the page's own */
	bool in_body;
	size_t depth;
	const char *closing[PAGE_DEPTH_MAX]; /* what ends each open thing */
	unsigned char kinds[PAGE_COLUMNS_MAX];
	size_t n_columns, column; /* of the open table; of the cell that is open, from 1 */
	unsigned tables;
	bool in_fact;
	unsigned split, card; /* of the cards that are open; which one is, from 1 */
};

/* Begin: head, styles, title, and the switch where there are both languages. */
void page_begin(struct page *p, struct sc_buf *out, enum page_language languages, const char *en,
    const char *zh);
/* A line under the title: the first says what the page is about, the second what vouches for it. */
void page_under(struct page *p, const char *en, const char *zh);
/* The head is over; without this the page is a bug. */
void page_body(struct page *p);
/* The end of it; P->err: SC_BUG when something is open still. */
SC_CHECKED enum sc_err page_end(struct page *p);
/* Close what was opened last. */
void page_close(struct page *p);

/* Markup of ours, as it is: never with anything in it that came from outside. */
void page_raw(struct page *p, const char *html);
/*
 * Text, escaped for content and for quoted attributes alike; what is not UTF-8, or would not be
 * seen (control characters, marks that turn the direction of others), becomes U+FFFD.
 */
void page_text(struct page *p, struct sc_span text);
void page_textf(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same thing in both languages; the page shows the one that is chosen. Escaped. */
void page_say(struct page *p, const char *en, const char *zh);

/* An amount with thousands in groups, "12,345"; below 0 with U+2212. */
void page_number(struct page *p, int64_t v);
#define PAGE_NUMBER_MAX 32 /* bytes of either, with its NUL */
void page_number_print(int64_t v, char out[static PAGE_NUMBER_MAX]);

/* ---- parts ------------------------------------------------------------------------------ */

/* What a section is found by (letters, digits and hyphens, of ours) and what it is called. */
struct page_link {
	const char *id, *en, *zh;
};
void page_nav(struct page *p, const struct page_link *links, size_t n);
void page_section(struct page *p, struct page_link link);
void page_lead(struct page *p, const char *en, const char *zh); /* under a section's title */
void page_paragraph(struct page *p, const char *en, const char *zh);

/* Cards beside one another, below one another on a phone. */
enum page_split { PAGE_WHOLE, PAGE_HALVES, PAGE_THIRDS, PAGE_WIDE_LEFT, PAGE_WIDER_LEFT };
void page_cards(struct page *p, enum page_split split);
void page_card(struct page *p, const char *en, const char *zh); /* en NULL: without a title */

/* Small boxes with a figure in each; what stands in one before page_close() stands below it. */
void page_tiles(struct page *p);
void page_tile(struct page *p, const char *en, const char *zh, const char *figure,
    const char *note_en, const char *note_zh);

/* How sure something is: a shape and a word, in a colour. */
enum page_verdict {
	PAGE_SURE,
	PAGE_LIKELY,
	PAGE_CANNOT_TELL,
	PAGE_NOT_AN_EFFECT,
	PAGE_KEPT,
	PAGE_NOT_KEPT,
	PAGE_NOT_MEASURED,
};
void page_pill(struct page *p, enum page_verdict v);
/* Sentences with a verdict each. */
void page_findings(struct page *p);
void page_finding(struct page *p, enum page_verdict v, const char *en, const char *zh);
/* One verdict over the whole width, with a sentence below it. */
void page_banner(struct page *p, enum page_verdict v, const char *en, const char *zh);

/* A plain list. */
void page_list(struct page *p);
void page_item(struct page *p, const char *en, const char *zh);

/* Where figures come from, with its mark: a small line below them. */
enum page_source { PAGE_NO_SOURCE, PAGE_FROM_RELEASE, PAGE_FROM_CUBE, PAGE_FROM_NOISE };
void page_note(struct page *p, enum page_source source, const char *en, const char *zh);

/* Names and what they are: page_fact(), then the value by page_text() and its like. */
void page_facts(struct page *p);
void page_fact(struct page *p, const char *en, const char *zh);

/* A table; its first column heads the rows. */
enum page_kind { PAGE_WORDS, PAGE_FIGURES, PAGE_PICTURE, PAGE_REMARK };
struct page_column {
	const char *en, *zh;
	enum page_kind kind;
};
void page_table(struct page *p, const char *en, const char *zh, const struct page_column *columns,
    size_t n);
void page_row(struct page *p);
/* The row's next cell; what is written then stands in it. */
void page_cell(struct page *p);
void page_cell_say(struct page *p, const char *en, const char *zh);
void page_cell_number(struct page *p, int64_t v);
/* A second line in a cell, smaller. */
void page_small(struct page *p, const char *en, const char *zh);
/* Text of a program: a hash, a name in a file. */
void page_code(struct page *p, const char *text);

#endif
