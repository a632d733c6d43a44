/*
 * page_private.h - what page.c, its parts and its plots share.
 */
#ifndef BASE_PAGE_PAGE_PRIVATE_H
#define BASE_PAGE_PAGE_PRIVATE_H

#include "base/page/page.h"

/* The style sheet of every page, without its tags. */
extern const char page_style[];

/* Something opens with HTML (ours) and ends with CLOSING, a string that stays. */
void page_open(struct page *p, const char *html, const char *closing);
/* A caller broke the contract. */
void page_bug(struct page *p);
/* Whether the text is one for both languages. */
bool page_same(const char *en, const char *zh);
/* Pixels from side to side in the card that is open. */
int64_t page_room(const struct page *p);

#endif
