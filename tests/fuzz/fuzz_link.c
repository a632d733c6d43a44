/*
 * fuzz_link.c - frames over a stream, cut anywhere: what is taken is what was sent, in its order
 * and in whole frames; one that is too long ends it, and so does an end within one.
 *
 * The first byte says how the others are cut.
 */
#include "crypto/wire/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t in[WIRE_PACKET_MAX + 1];

static void must(bool promise)
{
	if (!promise)
		abort();
}

/* Bytes of whole frames that SENT begins with; *LONG: one follows that nobody takes. */
static size_t whole(struct sc_span sent, bool *too_long)
{
	size_t at = 0;

	*too_long = false;
	while (sent.n - at >= WIRE_HEAD) {
		size_t n = WIRE_HEAD + (size_t)sc_be32_load(sent.p + at + 16);

		*too_long = n > WIRE_PACKET_MAX;
		if (n > sent.n - at)
			break;
		at += n;
	}
	return at;
}

/* Take what there is. *TAKEN bytes of SENT were had before. */
static enum sc_err take(struct wire_link *l, struct sc_span sent, size_t *taken)
{
	enum sc_err err;
	bool too_long;
	size_t n;

	while ((err = wire_link_receive(l, in, &n)) == SC_OK) {
		must(n > 0 && n <= WIRE_PACKET_MAX && n <= sent.n - *taken);
		must(memcmp(in, sent.p + *taken, n) == 0);
		must(whole(sc_span(in, n), &too_long) == n);
		*taken += n;
	}
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_link l = { .streams = true };
	struct sc_span sent = sc_span(data + 1, size - 1);
	enum sc_err err = SC_AGAIN;
	size_t taken = 0, at = 0, step;
	bool too_long;
	int fd[2];

	if (size < 1)
		return 0;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
	l.stream = (struct net_stream){ .fd = fd[0], .established = true };
	sc_buf_init(&l.had, 2 * WIRE_PACKET_MAX);
	/* small steps in a long stream are as many calls, and show nothing new */
	for (step = 1 + data[0] + sent.n / 64; at < sent.n && err == SC_AGAIN; at += step) {
		if (step > sent.n - at)
			step = sent.n - at;
		must(write(fd[1], sent.p + at, step) == (ssize_t)step);
		err = take(&l, sc_span(sent.p, at + step), &taken);
	}
	close(fd[1]);
	if (err == SC_AGAIN)
		err = take(&l, sent, &taken);
	/* whoever sends a frame that is too long may lose what was sent together with it */
	must(taken <= whole(sent, &too_long) && (too_long || taken == whole(sent, &too_long)));
	must(err == (too_long ? SC_SYNTAX : SC_IO));
	wire_link_close(&l);
	return 0;
}
