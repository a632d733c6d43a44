/*
 * test_secret.c - a closed secret cannot be read, and brackets are enforced.
 */
#include "crypto/prim/secret.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* Run FN in a child; true when it did not come back from it. */
static bool dies(void (*fn)(struct sc_secret *), struct sc_secret *s)
{
	int status = 0, null;
	pid_t pid = fork();

	if (pid == 0) {
		if ((null = open("/dev/null", O_WRONLY)) >= 0)
			dup2(null, STDERR_FILENO);
		fn(s);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	    !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void read_closed(struct sc_secret *s)
{
	const volatile uint8_t *p = sc_secret_open(s);

	sc_secret_close(s);
	(void)*p;
}

static void write_open(struct sc_secret *s)
{
	volatile uint8_t *p = (volatile uint8_t *)(uintptr_t)sc_secret_open(s);

	*p = 1;
}

enum { SIZE = 48 };

static void read_past(struct sc_secret *s)
{
	const volatile uint8_t *p = sc_secret_open(s);

	(void)p[SIZE];
}

static void close_closed(struct sc_secret *s)
{
	sc_secret_close(s);
}

static void read_open(struct sc_secret *s)
{
	const volatile uint8_t *p = sc_secret_open(s);

	(void)*p;
	sc_secret_close(s);
}

static struct sc_secret *secret(void)
{
	uint8_t bytes[SIZE] = { [3] = 42 };
	struct sc_secret *s;

	return sc_secret_new_take(bytes, sizeof(bytes), &s) == SC_OK ? s : NULL;
}

static void guarded(void)
{
	struct sc_secret *s = NULL;

	NEED((s = secret()) != NULL);
	CHECK(!dies(read_open, s)); /* so that the others die of what they do */
	CHECK(dies(read_closed, s));
	CHECK(dies(write_open, s));
	CHECK(dies(read_past, s));
	sc_secret_free(s);
}

static void brackets(void)
{
	struct sc_secret *s = NULL;
	const uint8_t *a, *b;

	NEED((s = secret()) != NULL);
	CHECK(dies(close_closed, s));
	a = sc_secret_open(s);
	b = sc_secret_open(s);
	sc_secret_close(s);
	CHECK(a == b && a[3] == 42); /* still open: brackets nest */
	sc_secret_close(s);
	CHECK(dies(read_closed, s));
	sc_secret_free(s);
}

static void content(void)
{
	static const uint8_t zero[48];
	uint8_t key[48], kept[48];
	struct sc_secret *s = NULL;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = kept[i] = (uint8_t)(i + 1);
	NEED(sc_secret_new_take(key, sizeof(key), &s) == SC_OK);
	CHECK(memcmp(key, zero, sizeof(key)) == 0);
	CHECK(memcmp(sc_secret_open(s), kept, sizeof(kept)) == 0);
	sc_secret_close(s);
	sc_secret_free(s);
	sc_secret_free(NULL);
}

static void sizes(void)
{
	static uint8_t big[SC_SECRET_MAX + 1];
	struct sc_secret *s;

	CHECK(sc_secret_new_take(big, 0, &s) == SC_LIMIT && s == NULL);
	big[7] = 1;
	CHECK(sc_secret_new_take(big, sizeof(big), &s) == SC_LIMIT && s == NULL);
	CHECK(big[7] == 0);
	NEED(sc_secret_new_take(big, SC_SECRET_MAX, &s) == SC_OK);
	sc_secret_free(s);
}

int main(void)
{
	RUN(guarded, "a closed secret cannot be read, an open one not written or overrun");
	RUN(brackets, "brackets nest, and a wrong one ends the program");
	RUN(content, "a secret holds what it was given, and the giver's copy is wiped");
	RUN(sizes, "sizes outside the range are refused");
	return tap_done();
}
