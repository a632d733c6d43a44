/*
 * page.c - pages that need nothing: head, end, and every byte of text between them.
 *
 * What is written is XML as well as HTML, so that a test can read all of it with a small parser.
 */
#include "base/page/page_private.h"

#include "base/text/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void page_put(struct page *p, const void *bytes, size_t n)
{
	if (p->err == SC_OK)
		p->err = sc_buf_put(p->out, bytes, n);
}

void page_raw(struct page *p, const char *html)
{
	page_put(p, html, strlen(html));
}

void page_bug(struct page *p)
{
	if (p->err == SC_OK)
		p->err = SC_BUG;
}

/* ---- text ----------------------------------------------------------------------------- */

/* What stands for a character that cannot stand for itself, or NULL. */
static const char *stand_in(uint32_t cp)
{
	switch (cp) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	case '\t':
	case '\n':
	case '\r': return " ";
	default: break;
	}
	/* an emoji's parts are joined by U+200D; U+FFFE and its like are no characters */
	if ((utf8_invisible(cp) && cp != 0x200D) || (cp & 0xFFFE) == 0xFFFE)
		return "\xEF\xBF\xBD";
	return NULL;
}

void page_text(struct page *p, struct sc_span text)
{
	size_t done = 0;

	for (size_t i = 0; i < text.n;) {
		uint32_t cp;
		const size_t n = utf8_decode(sc_span_from(text, i), &cp);
		const char *other = n == 0 ? "\xEF\xBF\xBD" : stand_in(cp);

		if (other != NULL) {
			page_put(p, text.p + done, i - done);
			page_raw(p, other);
			done = i + (n == 0 ? 1 : n);
		}
		i += n == 0 ? 1 : n;
	}
	if (done < text.n)
		page_put(p, text.p + done, text.n - done);
}

void page_textf(struct page *p, const char *fmt, ...)
{
	struct sc_buf b;
	uint8_t *room;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		page_bug(p);
	if (p->err != SC_OK || n <= 0)
		return;
	sc_buf_init(&b, (size_t)n + 1);
	if ((p->err = sc_buf_grow(&b, (size_t)n + 1, &room)) == SC_OK) {
		va_start(ap, fmt);
		vsnprintf((char *)room, (size_t)n + 1, fmt, ap);
		va_end(ap);
		page_text(p, sc_span(room, (size_t)n));
	}
	sc_buf_fini(&b);
}

bool page_same(const char *en, const char *zh)
{
	return zh == NULL || (en != NULL && strcmp(en, zh) == 0);
}

void page_say(struct page *p, const char *en, const char *zh)
{
	if (p->languages == PAGE_EN || page_same(en, zh)) {
		page_text(p, sc_span_str(en));
	} else if (p->languages == PAGE_ZH) {
		page_text(p, sc_span_str(zh));
	} else {
		page_raw(p, "<span class=\"en\" lang=\"en\">");
		page_text(p, sc_span_str(en));
		page_raw(p, "</span><span class=\"zh\" lang=\"zh-CN\">");
		page_text(p, sc_span_str(zh));
		page_raw(p, "</span>");
	}
}

/* ---- numbers -------------------------------------------------------------------------- */

/* U in groups of three digits, with its sign. */
static void grouped(uint64_t u, bool negative, char out[static PAGE_NUMBER_MAX])
{
	char digits[24];
	const int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)u);
	size_t at = 0;

	if (negative) {
		memcpy(out, "\xE2\x88\x92", 3);
		at = 3;
	}
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
}

static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

void page_number_print(int64_t v, char out[static PAGE_NUMBER_MAX])
{
	grouped(magnitude(v), v < 0, out);
}

void page_number(struct page *p, int64_t v)
{
	char text[PAGE_NUMBER_MAX];

	page_number_print(v, text);
	page_raw(p, text);
}

/* ---- the page ------------------------------------------------------------------------- */

static const char head[] =
    "<meta charset=\"utf-8\"/>"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>"
    "<meta name=\"referrer\" content=\"no-referrer\"/><title>";

/* Two radio buttons before all they switch; their labels are in the head, where they are seen. */
static const char inputs[] =
    "<input class=\"lang\" type=\"radio\" name=\"lang\" id=\"lang-en\" checked=\"checked\"/>"
    "<input class=\"lang\" type=\"radio\" name=\"lang\" id=\"lang-zh\"/>";
static const char labels[] =
    "<div class=\"switch\"><label for=\"lang-en\" lang=\"en\">English</label>"
    "<label for=\"lang-zh\" lang=\"zh-CN\">中文</label></div>";

static void page_title(struct page *p, const char *en, const char *zh)
{
	const bool same = page_same(en, zh);

	if ((p->languages & PAGE_EN) != 0 || same)
		page_text(p, sc_span_str(en));
	if (p->languages == PAGE_BOTH && !same)
		page_raw(p, " / ");
	if ((p->languages & PAGE_ZH) != 0 && !same)
		page_text(p, sc_span_str(zh));
}

void page_begin(struct page *p, struct sc_buf *out, enum page_language languages, const char *en,
    const char *zh)
{
	*p = (struct page){ .out = out, .languages = languages };
	page_raw(p, "<!DOCTYPE html>\n<html lang=\"");
	page_raw(p, languages == PAGE_ZH ? "zh-CN" : "en");
	page_raw(p, "\"><head>");
	page_raw(p, head);
	page_title(p, en, zh);
	page_raw(p, "</title><style>\n");
	page_raw(p, page_style);
	page_raw(p, "</style></head><body><main>\n");
	if (languages == PAGE_BOTH)
		page_raw(p, inputs);
	page_raw(p, "<header><div><h1>");
	page_say(p, en, zh);
	page_raw(p, "</h1>");
	page_raw(p, languages == PAGE_BOTH ? labels : "<div></div>");
}

void page_under(struct page *p, const char *en, const char *zh)
{
	if (p->in_body)
		page_bug(p);
	page_raw(p, "<p>");
	page_say(p, en, zh);
	page_raw(p, "</p>");
}

void page_body(struct page *p)
{
	if (p->in_body)
		page_bug(p);
	p->in_body = true;
	page_raw(p, "</div></header><div class=\"body\">\n");
}

enum sc_err page_end(struct page *p)
{
	if (!p->in_body || p->depth != 0)
		page_bug(p);
	page_raw(p, "</div></main></body></html>\n");
	return p->err;
}
