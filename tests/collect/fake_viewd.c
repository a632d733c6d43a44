/*
 * fake_viewd.c - a viewd that knows little and says so as told: for tests of
 * those who ask one.
 *
 *	fake_viewd SOCKET [good|torn|sum|alien|behind|hang-up|mute]
 *
 * Each question is a line on standard output. It knows the event 00..0ab, against which
 * two things are held, 00..0cd, against which nothing is, and the rule focus. What it is told of
 * barren it does not take from this user; about event 00..01 it is at work, and 00..02 is gone.
 */
#include "base/feed/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HELD UINT64_C(0xab)
#define CLEAN UINT64_C(0xcd)
#define BUSY UINT64_C(1)
#define GONE UINT64_C(2)

struct answer {
	int fd;
	uint8_t packet[64 * FEED_FRAME_BYTES];
	size_t n, per_packet;
};

static const char *mode = "good";

static void leave(struct answer *a)
{
	if (a->n > 0 && send(a->fd, a->packet, a->n, MSG_NOSIGNAL) < 0)
		perror("send");
	a->n = 0;
}

static void put(struct answer *a, const struct feed_frame *f)
{
	if (feed_encode(f, a->packet + a->n) != SC_OK)
		abort();
	a->n += FEED_FRAME_BYTES;
	if (a->n >= a->per_packet * FEED_FRAME_BYTES)
		leave(a);
}

static void put_tally(struct answer *a, uint8_t of, uint8_t by, uint8_t b, uint64_t value)
{
	put(a,
	    &(struct feed_frame){ .type = FEED_TALLY,
		.u.tally = { .value = value, .of = of, .a = by, .b = b } });
}

static void put_verdict(struct answer *a, uint64_t event, uint8_t action)
{
	struct feed_verdict v = { .event = event,
		.at_ms = UINT64_C(1795003200000),
		.action = action,
		.scope = FEED_OF_EVENT,
		.rule = FEED_FOCUS,
		.rule_version = 1 };

	if (action == FEED_QUARANTINE) {
		v.n = 120;
		v.expected = 850;
		v.threshold = 6;
	} else {
		v.operator_uid = 1000;
		v.because = FEED_MISTAKE;
	}
	put(a, &(struct feed_frame){ .type = FEED_VERDICT, .u.verdict = v });
}

/* The third time it is asked it has made a snapshot. */
static void status(struct answer *a, const struct feed_ask *ask)
{
	static unsigned asked;

	(void)ask;
	put_tally(a, FEED_N_EVENTS, FEED_PRODUCT, 0, 900);
	put_tally(a, FEED_N_EVENTS, FEED_PURCHASE, 0, 12);
	put_tally(a, FEED_N_QUARANTINED, FEED_FOCUS, 0, 40);
	put_tally(a, FEED_N_REFUSED, FEED_BOT_AGENT, FEED_PRODUCT, 7);
	put_tally(a, FEED_N_REFUSED, FEED_BOT_AGENT, FEED_PAGE, 2);
	put_tally(a, FEED_N_PEOPLE, 0, 0, 34);
	put_tally(a, FEED_N_SNAPSHOT, 0, 0, ++asked >= 3 ? 8 : 7);
	put_tally(a, FEED_N_SNAPSHOT_AT, 0, 0, UINT64_C(1795003200000));
	put_tally(a, FEED_N_DIGEST, 0, 0, UINT64_C(0x0123456789abcdef));
	put_tally(a, FEED_N_LIVE, 0, 0, 33);
	put_tally(a, FEED_N_STALE, 0, 0, 2);
	put_tally(a, FEED_N_LIVE_BYTES, 0, 0, 40960);
}

static void why_event(struct answer *a, const struct feed_ask *ask)
{
	if (ask->event != HELD && ask->event != CLEAN)
		return;
	put(a,
	    &(struct feed_frame){ .type = FEED_EVENT,
		.u.event = { .id = ask->event,
		    .kind = FEED_PRODUCT,
		    .at_ms = UINT64_C(1795003200000),
		    .shop = 2,
		    .flags = FEED_LATE } });
	if (ask->event == CLEAN)
		return;
	put_verdict(a, ask->event, FEED_QUARANTINE);
	put_verdict(a, ask->event, FEED_RELEASE);
}

static void why_rule(struct answer *a, const struct feed_ask *ask)
{
	if (ask->rule != FEED_FOCUS)
		return;
	for (uint32_t i = 0; i < 40 && i < ask->max; i++)
		put_verdict(a, HELD + i, FEED_QUARANTINE);
	put_tally(a, FEED_N_QUARANTINED, FEED_FOCUS, 0, 40);
}

static void say(struct answer *a, const struct feed_ask *ask)
{
	put_verdict(a, ask->event, ask->question == FEED_DO_CONDEMN ? FEED_CONDEMN : FEED_RELEASE);
}

static void drop(struct answer *a, const struct feed_ask *ask)
{
	put_tally(a, FEED_N_QUARANTINED, ask->rule, 0, 40);
}

static void rebuild(struct answer *a, const struct feed_ask *ask)
{
	(void)ask;
	for (uint64_t done = 0; done <= 1000; done += 250) {
		put(a, &(struct feed_frame){ .type = FEED_PROGRESS, .u.progress = { done, 1000 } });
		leave(a);
	}
}

static void (*const questions[FEED_QUESTION_END])(struct answer *, const struct feed_ask *) = {
	[FEED_STATUS] = status,
	[FEED_WHY_EVENT] = why_event,
	[FEED_WHY_RULE] = why_rule,
	[FEED_DO_RELEASE] = say,
	[FEED_DO_CONDEMN] = say,
	[FEED_DO_DROP] = drop,
	[FEED_DO_REBUILD] = rebuild,
};

static uint8_t judge(const struct feed_ask *ask)
{
	if (ask->question < FEED_DO_RELEASE)
		return SC_OK;
	return ask->rule == FEED_BARREN ? SC_AUTH :
	    ask->event == BUSY          ? SC_AGAIN :
	    ask->event == GONE          ? SC_STALE :
					  SC_OK;
}

static void serve(int fd)
{
	struct answer a = { .fd = fd, .per_packet = 3 };
	struct feed_frame f, end = { .type = FEED_END };
	uint8_t in[FEED_FRAME_BYTES + 1];

	if (recv(fd, in, sizeof(in), 0) != FEED_FRAME_BYTES || feed_decode(in, &f) != SC_OK ||
	    f.type != FEED_ASK) {
		puts("malformed");
		return;
	}
	printf("question %u event %016llx rule %u because %u max %u\n", f.u.ask.question,
	    (unsigned long long)f.u.ask.event, f.u.ask.rule, f.u.ask.because, f.u.ask.max);
	fflush(stdout);
	if (strcmp(mode, "hang-up") == 0)
		return;
	if (strcmp(mode, "mute") == 0)
		pause();
	end.u.end.err = judge(&f.u.ask);
	if (end.u.end.err == SC_OK)
		questions[f.u.ask.question](&a, &f.u.ask);
	leave(&a);
	if (strcmp(mode, "alien") == 0)
		put(&a, &(struct feed_frame){ .type = FEED_AT, .u.at = { 1, 2 } });
	put(&a, &end);
	if (strcmp(mode, "behind") == 0)
		put(&a, &end);
	if (strcmp(mode, "torn") == 0)
		a.n--;
	if (strcmp(mode, "sum") == 0)
		a.packet[a.n - 1] ^= 1;
	leave(&a);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listener, fd;

	if (argc < 2 || strlen(argv[1]) >= sizeof(at.sun_path))
		return 2;
	if (argc > 2)
		mode = argv[2];
	memcpy(at.sun_path, argv[1], strlen(argv[1]) + 1);
	(void)unlink(argv[1]);
	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(listener, 16) != 0) {
		perror("fake_viewd");
		return 1;
	}
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		serve(fd);
		close(fd);
	}
	return 0;
}
