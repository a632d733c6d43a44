/*
 * names.h - names and words for tests that need to point at them: each text
 * once, kept for good.
 */
#ifndef TESTS_NAMES_H
#define TESTS_NAMES_H

#include "base/name.h"
#include "policy/reason.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NULL for NULL or "". */
static inline const struct sc_name *a_name(const char *text)
{
	static struct sc_name kept[256];
	static size_t n;

	if (text == NULL || text[0] == '\0')
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(kept[i].s, text) == 0)
			return &kept[i];
	if (n == sizeof(kept) / sizeof(kept[0]))
		abort();
	snprintf(kept[n].s, sizeof(kept[n].s), "%s", text);
	return &kept[n++];
}

/* The same for reasons and tickets, whatever they say. */
static inline const struct policy_reason *a_reason(const char *text)
{
	static struct policy_reason kept[64];
	static size_t n;

	if (text == NULL || text[0] == '\0')
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(kept[i].s, text) == 0)
			return &kept[i];
	if (n == sizeof(kept) / sizeof(kept[0]))
		abort();
	snprintf(kept[n].s, sizeof(kept[n].s), "%s", text);
	return &kept[n++];
}

#endif
