/*
 * page_source.c - where figures come from, and why some are not there.
 */
#include "analytics/market/page.h"

#include <stdio.h>

#define TEXT 512

void page_of_cube(struct page *p, const struct market_report *r, const char *en, const char *zh)
{
	char a[TEXT], b[TEXT];

	snprintf(a, sizeof(a), "weekly cube, release %llu, groups under %u people folded%s%s",
	    (unsigned long long)r->data->cube, (unsigned)r->data->floor, en[0] != '\0' ? " · " : "",
	    en);
	snprintf(b, sizeof(b), "每周汇总，第 %llu 期，不足 %u 人的组已并入邻组%s%s",
	    (unsigned long long)r->data->cube, (unsigned)r->data->floor, zh[0] != '\0' ? " · " : "",
	    zh);
	page_note(p, PAGE_FROM_CUBE, a, b);
}

void page_of_view(struct page *p, const struct market_report *r, const char *en, const char *zh)
{
	const struct market_manifest *f = &r->data->view.manifest;
	char a[TEXT], b[TEXT];

	snprintf(a, sizeof(a), "released view %llu, k %u%s%s", (unsigned long long)f->number,
	    (unsigned)f->k, en[0] != '\0' ? " · " : "", en);
	snprintf(b, sizeof(b), "匿名视图第 %llu 期，k %u%s%s", (unsigned long long)f->number,
	    (unsigned)f->k, zh[0] != '\0' ? " · " : "", zh);
	page_note(p, PAGE_FROM_RELEASE, a, b);
}

void page_blank(struct page *p, const char *why_en, const char *why_zh)
{
	char a[TEXT], b[TEXT];

	snprintf(a, sizeof(a), "Not shown: %s.", why_en);
	snprintf(b, sizeof(b), "未显示：%s。", why_zh);
	page_paragraph(p, a, b);
}
