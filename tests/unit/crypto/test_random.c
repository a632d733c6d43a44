/*
 * test_random.c - random bytes fill exactly what was asked for.
 */
#include "crypto/prim/random.h"

#include <stdint.h>

#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static void exact(void)
{
	uint8_t b[64];
	int changed[64] = { 0 };

	for (int round = 0; round < 20; round++) {
		memset(b, 0, sizeof(b));
		random_bytes(b + 8, 48);
		for (int i = 0; i < 64; i++)
			changed[i] |= b[i];
	}
	for (int i = 0; i < 64; i++) /* 20 zeros in a row: 2^-160 */
		CHECK((changed[i] != 0) == (i >= 8 && i < 56));
	random_bytes(NULL, 0);
}

static void spread(void)
{
	static uint8_t b[1 << 16]; /* past 256, getrandom() may give less than asked */
	unsigned count[256] = { 0 };

	random_bytes(b, sizeof(b));
	for (size_t i = 0; i < sizeof(b); i++)
		count[b[i]]++;
	for (int i = 0; i < 256; i++) /* expected 256 each, deviation 16 */
		CHECK(count[i] > 100 && count[i] < 450);
}

static void after_fork(void)
{
	uint8_t ours[16], theirs[16] = { 0 };
	int fd[2], status;
	pid_t pid;

	NEED(pipe(fd) == 0);
	if ((pid = fork()) == 0) {
		random_bytes(theirs, sizeof(theirs));
		_exit(write(fd[1], theirs, sizeof(theirs)) == sizeof(theirs) ? 0 : 1);
	}
	random_bytes(ours, sizeof(ours));
	CHECK(read(fd[0], theirs, sizeof(theirs)) == sizeof(theirs));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(memcmp(ours, theirs, sizeof(ours)) != 0);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	RUN(exact, "every byte asked for is filled, and no other");
	RUN(spread, "all byte values come about equally often");
	RUN(after_fork, "parent and child draw different bytes");
	return tap_done();
}
