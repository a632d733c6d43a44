/*
 * grow.h - how arrays grow.
 */
#ifndef BASE_GROW_H
#define BASE_GROW_H

#include <stddef.h>

/* The room to make where CAP elements are full: so that all appending together is linear. */
static inline size_t sc_grown(size_t cap)
{
	return cap < 16 ? 16 : 2 * cap;
}

#endif
