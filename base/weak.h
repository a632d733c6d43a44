/*
 * weak.h - named weaknesses, switched on at run time in one build only.
 *
 * An attack test that finds nothing proves something only if it finds the hole
 * when there is one. `make WEAK=1` builds everything into build/weak, where
 * SCRIM_WEAK=name[,name] in the environment takes the named defences away;
 * every test in tests/attacks must then succeed as an attack. In any other
 * build WEAK() is false, and neither the names nor the switch are in a binary.
 */
#ifndef BASE_WEAK_H
#define BASE_WEAK_H

#include <stdbool.h>

#ifdef SCRIM_WEAKENED
/* Is NAME among the names in SCRIM_WEAK? Any thread. */
bool weak_is(const char *name);
#define WEAK(name) weak_is(name)
#else
#define WEAK(name) false
#endif

#endif
