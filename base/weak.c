/*
 * weak.c - which weaknesses were asked for. Empty but in the weakened build.
 */
#include "base/weak.h"

#ifdef SCRIM_WEAKENED

#include <stdlib.h>
#include <string.h>

bool weak_is(const char *name)
{
	const char *at = getenv("SCRIM_WEAK");
	size_t n = strlen(name), len;

	for (; at != NULL && *at != '\0'; at += len + (at[len] == ',')) {
		len = strcspn(at, ",");
		if (len == n && memcmp(at, name, n) == 0)
			return true;
	}
	return false;
}

#else

typedef int weak_is_not_here; /* a file without a declaration is not C */

#endif
