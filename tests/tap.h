/*
 * tap.h - the test harness: Test Anything Protocol on standard output.
 *
 *	static void test_inverse(void) { CHECK(x == y); }
 *	int main(void) { RUN(test_inverse, "a token opens to what was sealed"); return tap_done(); }
 *
 * A test is a void function named for the promise it keeps; RUN prints one
 * TAP line for it. CHECK fails the running test and goes on; NEED fails it
 * and returns.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;
static bool tap_ok;

/* Told at once: whoever waits for the first failure need not wait for the test's end. */
static inline void tap_failed_at(const char *file, int line, const char *cond)
{
	tap_ok = false;
	printf("# %s:%d: %s\n", file, line, cond);
	fflush(stdout);
}

#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			tap_failed_at(__FILE__, __LINE__, #cond); \
		} \
	} while (0)

#define NEED(cond) \
	do { \
		if (!(cond)) { \
			tap_failed_at(__FILE__, __LINE__, #cond); \
			return; \
		} \
	} while (0)

/* Run FN (a void function of no arguments) as the test NAME. */
static inline void tap_run(void (*fn)(void), const char *name)
{
	tap_ok = true;
	fn();
	tap_count++;
	if (!tap_ok)
		tap_failed++;
	printf("%sok %d - %s\n", tap_ok ? "" : "not ", tap_count, name);
	fflush(stdout);
}
#define RUN(fn, name) tap_run((fn), (name))

/* Say loudly that something was not tested, and why. */
static inline void tap_skip(const char *name, const char *why)
{
	tap_count++;
	printf("ok %d - %s # SKIP %s\n", tap_count, name, why);
}

/* Print the plan; main() returns this. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed == 0 ? 0 : 1;
}

#endif
