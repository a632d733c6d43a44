/*
 * page_parts.c - what a page is made of: sections, cards, tiles, verdicts, tables.
 */
#include "base/page/page_private.h"

#include <stdio.h>
#include <string.h>

static const char table_end[] = "</tbody></table></div>\n";
static const char facts_end[] = "</dl>\n";

void page_open(struct page *p, const char *html, const char *closing)
{
	if (!p->in_body || p->depth == PAGE_DEPTH_MAX) {
		page_bug(p);
		return;
	}
	p->closing[p->depth++] = closing;
	page_raw(p, html);
}

static void say_in(struct page *p, const char *before, const char *en, const char *zh,
    const char *after)
{
	page_raw(p, before);
	page_say(p, en, zh);
	page_raw(p, after);
}

/* ---- sections ------------------------------------------------------------------------- */

void page_nav(struct page *p, const struct page_link *links, size_t n)
{
	page_raw(p, "<nav>");
	for (size_t i = 0; i < n; i++) {
		page_raw(p, "<a href=\"#");
		page_text(p, sc_span_str(links[i].id));
		say_in(p, "\">", links[i].en, links[i].zh, "</a>");
	}
	page_raw(p, "</nav>\n");
}

void page_section(struct page *p, struct page_link link)
{
	page_open(p, "<section id=\"", "</section>\n");
	page_text(p, sc_span_str(link.id));
	say_in(p, "\"><h2>", link.en, link.zh, "</h2>\n");
}

void page_lead(struct page *p, const char *en, const char *zh)
{
	say_in(p, "<p class=\"lead\">", en, zh, "</p>\n");
}

void page_paragraph(struct page *p, const char *en, const char *zh)
{
	say_in(p, "<p>", en, zh, "</p>\n");
}

/* ---- cards and tiles ------------------------------------------------------------------ */

void page_cards(struct page *p, enum page_split split)
{
	static const char *const begin[] = {
		[PAGE_WHOLE] = "<div class=\"cards\">",
		[PAGE_HALVES] = "<div class=\"cards two\">",
		[PAGE_THIRDS] = "<div class=\"cards three\">",
		[PAGE_WIDE_LEFT] = "<div class=\"cards two wide\">",
		[PAGE_WIDER_LEFT] = "<div class=\"cards two wider\">",
	};

	p->split = split;
	p->card = 0;
	page_open(p, begin[split], "</div>\n");
}

int64_t page_room(const struct page *p)
{
	/* inside a card of a page at its usual size: of the first card, of the others */
	static const int64_t room[][2] = {
		[PAGE_WHOLE] = { 1000, 1000 },
		[PAGE_HALVES] = { 474, 474 },
		[PAGE_THIRDS] = { 299, 299 },
		[PAGE_WIDE_LEFT] = { 531, 417 },
		[PAGE_WIDER_LEFT] = { 666, 282 },
	};

	return room[p->split][p->card > 1];
}

void page_card(struct page *p, const char *en, const char *zh)
{
	p->card++;
	page_open(p, "<div class=\"card\">", "</div>\n");
	if (en != NULL)
		say_in(p, "<h3>", en, zh, "</h3>");
}

void page_tiles(struct page *p)
{
	page_open(p, "<div class=\"tiles\">", "</div>\n");
}

void page_tile(struct page *p, const char *en, const char *zh, const char *figure,
    const char *note_en, const char *note_zh)
{
	page_open(p, "<div class=\"tile\">", "</div>\n");
	say_in(p, "<p class=\"name\">", en, zh, "</p><p class=\"figure\">");
	page_text(p, sc_span_str(figure));
	say_in(p, "</p><p class=\"small\">", note_en, note_zh, "</p>");
}

/* ---- verdicts ------------------------------------------------------------------------- */

/* A shape of 12 by 12, so that no colour is needed to tell them apart. */
static const struct page_mark {
	const char *class, *shape, *en, *zh;
} marks[] = {
	[PAGE_SURE] = { "good", "<circle class=\"f\" cx=\"6\" cy=\"6\" r=\"5\"/>", "Sure", "确定" },
	[PAGE_LIKELY] = { "fair",
	    "<circle cx=\"6\" cy=\"6\" r=\"4.5\"/><path class=\"f\" d=\"M6 1.5a4.5 4.5 0 0 0 0 "
	    "9z\"/>",
	    "Likely", "很可能" },
	[PAGE_CANNOT_TELL] = { "open", "<circle cx=\"6\" cy=\"6\" r=\"4.5\"/>", "Cannot tell",
	    "无法判断" },
	[PAGE_NOT_AN_EFFECT] = { "bad", "<path class=\"f\" d=\"M6 1l5.5 10h-11z\"/>",
	    "Not an effect", "不是效果" },
	[PAGE_KEPT] = { "good", "<path d=\"M1.5 6.5l3 3.5 6-8\"/>", "Kept", "已遵守" },
	[PAGE_NOT_KEPT] = { "bad", "<path d=\"M2 2l8 8M10 2l-8 8\"/>", "Not kept", "未遵守" },
	[PAGE_NOT_MEASURED] = { "open", "<path d=\"M1 6h10\"/>", "Not yet measured", "尚未测量" },
};

static void page_mark(struct page *p, enum page_verdict v)
{
	page_raw(p, marks[v].class);
	page_raw(p, "\"><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\">");
	page_raw(p, marks[v].shape);
	say_in(p, "</svg>", marks[v].en, marks[v].zh, "</b>");
}

void page_pill(struct page *p, enum page_verdict v)
{
	page_raw(p, "<b class=\"pill ");
	page_mark(p, v);
}

void page_findings(struct page *p)
{
	page_open(p, "<ol class=\"findings\" role=\"list\">", "</ol>\n");
}

void page_finding(struct page *p, enum page_verdict v, const char *en, const char *zh)
{
	page_raw(p, "<li>");
	page_pill(p, v);
	say_in(p, "<span>", en, zh, "</span></li>\n");
}

void page_banner(struct page *p, enum page_verdict v, const char *en, const char *zh)
{
	page_raw(p, "<div class=\"banner ");
	page_raw(p, marks[v].class);
	page_raw(p, "\"><b class=\"");
	page_mark(p, v);
	say_in(p, "<p>", en, zh, "</p></div>\n");
}

void page_list(struct page *p)
{
	page_open(p, "<ul>", "</ul>\n");
}

void page_item(struct page *p, const char *en, const char *zh)
{
	say_in(p, "<li>", en, zh, "</li>\n");
}

void page_note(struct page *p, enum page_source source, const char *en, const char *zh)
{
	static const char *const begin[] = {
		[PAGE_NO_SOURCE] = "<p class=\"note\">",
		[PAGE_FROM_RELEASE] = "<p class=\"note from release\">",
		[PAGE_FROM_CUBE] = "<p class=\"note from cube\">",
		[PAGE_FROM_NOISE] = "<p class=\"note from noise\">",
	};

	say_in(p, begin[source], en, zh, "</p>\n");
}

/* ---- facts ---------------------------------------------------------------------------- */

static void fact_done(struct page *p)
{
	if (p->in_fact)
		page_raw(p, "</dd></div>");
	p->in_fact = false;
}

void page_facts(struct page *p)
{
	page_open(p, "<dl>", facts_end);
}

void page_fact(struct page *p, const char *en, const char *zh)
{
	fact_done(p);
	say_in(p, "<div><dt>", en, zh, "</dt><dd>");
	p->in_fact = true;
}

void page_code(struct page *p, const char *text)
{
	page_raw(p, "<code>");
	page_text(p, sc_span_str(text));
	page_raw(p, "</code>");
}

/* ---- tables --------------------------------------------------------------------------- */

static const char *const kinds[] = {
	[PAGE_WORDS] = "",
	[PAGE_FIGURES] = " class=\"r\"",
	[PAGE_PICTURE] = " class=\"p\"",
	[PAGE_REMARK] = " class=\"k\"",
};

void page_table(struct page *p, const char *en, const char *zh, const struct page_column *columns,
    size_t n)
{
	if (n == 0 || n > PAGE_COLUMNS_MAX || p->n_columns > 0) {
		page_bug(p);
		return;
	}
	/* who has a keyboard alone can scroll what can be focused, which then wants a name */
	page_open(p, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"t",
	    table_end);
	page_textf(p, "%u", ++p->tables);
	page_raw(p, "\"><table><caption id=\"t");
	page_textf(p, "%u", p->tables);
	say_in(p, "\">", en, zh, "</caption><thead><tr>");
	for (size_t i = 0; i < n; i++) {
		p->kinds[i] = (unsigned char)columns[i].kind;
		page_raw(p, "<th scope=\"col\"");
		page_raw(p, kinds[columns[i].kind]);
		say_in(p, ">", columns[i].en, columns[i].zh, "</th>");
	}
	page_raw(p, "</tr></thead><tbody>");
	p->n_columns = n;
	p->column = 0;
}

/* The cell that is open, if one is, ends. */
static void cell_done(struct page *p)
{
	if (p->column > 1)
		page_raw(p, p->column == 2 ? "</th>" : "</td>");
}

static void row_done(struct page *p)
{
	if (p->column == 0)
		return;
	while (p->column <= p->n_columns)
		page_cell(p);
	cell_done(p);
	page_raw(p, "</tr>\n");
	p->column = 0;
}

void page_row(struct page *p)
{
	if (p->n_columns == 0)
		page_bug(p);
	row_done(p);
	page_raw(p, "<tr>");
	p->column = 1;
}

void page_cell(struct page *p)
{
	if (p->column == 0 || p->column > p->n_columns) {
		page_bug(p);
		p->column = p->n_columns + 1; /* and so an end of the row */
		return;
	}
	cell_done(p);
	page_raw(p, p->column == 1 ? "<th scope=\"row\"" : "<td");
	page_raw(p, kinds[p->kinds[p->column - 1]]);
	page_raw(p, ">");
	p->column++;
}

void page_cell_say(struct page *p, const char *en, const char *zh)
{
	page_cell(p);
	page_say(p, en, zh);
}

void page_cell_number(struct page *p, int64_t v)
{
	page_cell(p);
	page_number(p, v);
}

void page_small(struct page *p, const char *en, const char *zh)
{
	say_in(p, "<small>", en, zh, "</small>");
}

/* ---- what was open -------------------------------------------------------------------- */

void page_close(struct page *p)
{
	if (p->depth == 0) {
		page_bug(p);
		return;
	}
	const char *closing = p->closing[--p->depth];

	if (closing == table_end) {
		row_done(p);
		p->n_columns = 0;
	}
	if (closing == facts_end)
		fact_done(p);
	page_raw(p, closing);
}
