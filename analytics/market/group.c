/*
 * group.c - groups as lists of members.
 */
#include "analytics/market/group.h"

#include "base/span.h"

#include <string.h>

/* The first member of what is left in *REST; false: there is none. */
static bool next_member(const char **rest, struct sc_span *member)
{
	if (*rest == NULL)
		return false;
	const char *end = strstr(*rest, GROUP_SEPARATOR);

	*member = sc_span(*rest, end != NULL ? (size_t)(end - *rest) : strlen(*rest));
	*rest = end != NULL ? end + strlen(GROUP_SEPARATOR) : NULL;
	return true;
}

static bool has(const char *set, struct sc_span wanted)
{
	struct sc_span member;

	while (next_member(&set, &member))
		if (sc_span_eq(member, wanted))
			return true;
	return false;
}

size_t group_size(const char *group)
{
	struct sc_span member;
	size_t n = 0;

	while (next_member(&group, &member))
		n++;
	return n;
}

bool group_within(const char *group, const char *set)
{
	struct sc_span member;

	while (next_member(&group, &member))
		if (!has(set, member))
			return false;
	return true;
}

bool group_meets(const char *group, const char *set)
{
	struct sc_span member;

	while (next_member(&group, &member))
		if (has(set, member))
			return true;
	return false;
}
