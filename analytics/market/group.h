/*
 * group.h - members that were folded together, as the cube writes them: "a | b | c".
 *
 * A group is never taken apart: what is asked of some members is answered only from rows
 * that lie wholly within them.
 */
#ifndef ANALYTICS_MARKET_GROUP_H
#define ANALYTICS_MARKET_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#define GROUP_SEPARATOR " | "

/* How many members GROUP has. */
size_t group_size(const char *group);
/* Is every member of GROUP one of SET's? */
bool group_within(const char *group, const char *set);
/* Is any? */
bool group_meets(const char *group, const char *set);

#endif
