/*
 * book_hours.c - how old the oldest live binding is, to the hour: a count for
 * each hour in which some were made. New ones come at the end; at a start,
 * when they come in any order, there are as few rows as hours.
 */
#include "gateway/book/book_private.h"

#include <stdlib.h>
#include <string.h>

/* The first row that is of HOUR or later. */
static uint32_t seek(const struct book_hours *h, uint32_t hour)
{
	uint32_t low = 0, high = h->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (h->v[mid].hour < hour)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

enum sc_err book_hours_reserve(struct book_hours *h)
{
	uint32_t room = h->room == 0 ? 64 : h->room * 2;
	struct book_hour *v;

	if (h->n < h->room)
		return SC_OK;
	if ((v = realloc(h->v, room * sizeof(v[0]))) == NULL)
		return SC_NOMEM;
	h->v = v;
	h->room = room;
	return SC_OK;
}

void book_hours_add(struct book_hours *h, uint32_t at)
{
	uint32_t hour = at / 3600, i = seek(h, hour);

	if (i == h->n || h->v[i].hour != hour) {
		memmove(&h->v[i + 1], &h->v[i], (h->n - i) * sizeof(h->v[0]));
		h->v[i] = (struct book_hour){ hour, 0 };
		h->n++;
	}
	h->v[i].n++;
}

void book_hours_remove(struct book_hours *h, uint32_t at)
{
	uint32_t i = seek(h, at / 3600);

	if (--h->v[i].n != 0)
		return;
	h->n--;
	memmove(&h->v[i], &h->v[i + 1], (h->n - i) * sizeof(h->v[0]));
}

uint64_t book_hours_oldest(const struct book_hours *h, uint64_t now)
{
	uint64_t oldest = h->n == 0 ? now : (uint64_t)h->v[0].hour * 3600;

	return oldest < now ? oldest : now;
}
