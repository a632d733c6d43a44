/*
 * framing_client.c - says the framing table to a live gateway over raw sockets.
 *
 *	framing_client --port N [--row K] [--cut BYTES]
 *	framing_client --list | --key
 *
 * Every row, or the K-th (from 1); --cut is the most that is sent at once.
 * --list prints the rows' names, --key the API key they carry; both send nothing.
 *
 * A line per row, its parts between tabs: name, how many requests it is (0:
 * malformed), the status codes answered ("-": none, "?": bytes that are no
 * answer), how many of the answers are the gateway's own refusals, and what
 * became of the connection: closed, reset, or open. Behind a malformed row a
 * whole request for /SMUGGLED is sent at once; behind a legal one, when it is
 * answered, one for /healthz, which tells whether the connection is of further
 * use and never reaches an upstream.
 * Judges nothing and links nothing of the product.
 */
#define FRAMING_KEY "framing-1d0e7c5a9b3f48c2"
#define FRAMING_HOST(eol) "Host: a" eol "Scrim-Key: " FRAMING_KEY eol
#include "unit/net/framing_rows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define WAIT_SECONDS 5 /* for what must happen */
#define TEXT_MAX 65536
#define ANSWERS_MAX 8

enum ending { OPEN, CLOSED, RESET };

struct talk {
	int fd;
	size_t cut; /* the most that is sent at once */
	enum ending ending;
	size_t n, at; /* bytes received, and how many of them are read as answers */
	int status[ANSWERS_MAX];
	size_t n_status, n_final; /* final: not 1xx */
	char text[TEXT_MAX];
};

static void fatal(const char *what)
{
	perror(what);
	exit(1);
}

static void talk_open(struct talk *t, uint16_t port, size_t cut)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct timeval wait = { .tv_sec = WAIT_SECONDS };

	memset(t, 0, sizeof(*t));
	t->cut = cut;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	t->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t->fd < 0 || connect(t->fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    setsockopt(t->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0 ||
	    setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) != 0)
		fatal("connect");
}

static void talk_send(struct talk *t, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(t->fd, p, n < t->cut ? n : t->cut, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* the other side has closed; reading tells */
		p += sent;
		n -= (size_t)sent;
	}
}

/* Read the next answer of the text, when it is there whole. */
static bool next_answer(struct talk *t)
{
	char *p = t->text + t->at, *end = strstr(p, "\r\n\r\n"), *length;
	size_t body = 0;
	int status;

	if (end == NULL || sscanf(p, "HTTP/1.1 %3d ", &status) != 1 || t->n_status == ANSWERS_MAX)
		return false;
	*end = '\0';
	length = strcasestr(p, "\r\nContent-Length:");
	if (length != NULL)
		body = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	*end = '\r';
	if (body > t->n - (size_t)(end + 4 - t->text))
		return false;
	t->at = (size_t)(end + 4 - t->text) + body;
	t->status[t->n_status++] = status;
	t->n_final += status >= 200;
	return true;
}

/* Receive once; false when nothing more will come. */
static bool talk_receive(struct talk *t)
{
	ssize_t got = recv(t->fd, t->text + t->n, TEXT_MAX - 1 - t->n, 0);

	if (got > 0) {
		t->n += (size_t)got;
		while (next_answer(t))
			;
		return true;
	}
	t->ending = got == 0 ? CLOSED : errno == ECONNRESET ? RESET : OPEN;
	return false;
}

static void say_malformed(struct talk *t, const struct framing_row *r)
{
	static char bytes[FRAMING_BYTES_MAX];
	size_t n = framing_print(r, bytes);

	memcpy(bytes + n, framing_after, sizeof(framing_after) - 1);
	talk_send(t, bytes, n + sizeof(framing_after) - 1);
	while (talk_receive(t))
		;
}

static void say_legal(struct talk *t, const struct framing_row *r)
{
	static const char last[] = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

	talk_send(t, r->bytes, r->n);
	if (r->then != NULL) {
		while (t->n_status == 0 && talk_receive(t))
			;
		if (t->status[0] == 100)
			talk_send(t, r->then, strlen(r->then));
	}
	while (t->n_final < r->serves && talk_receive(t))
		;
	if (t->n_final != r->serves)
		return;
	talk_send(t, last, sizeof(last) - 1);
	while (talk_receive(t))
		;
	if (t->n_final == r->serves + 1 && t->status[t->n_status - 1] == 200) {
		t->n_status--;
		t->ending = OPEN;
	}
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word)) != NULL) {
		text += strlen(word);
		n++;
	}
	return n;
}

static void say_row(const struct framing_row *r, uint16_t port, size_t cut)
{
	static const char *const endings[] = { "open", "closed", "reset" };
	static struct talk t;

	talk_open(&t, port, cut);
	if (r->serves == 0)
		say_malformed(&t, r);
	else
		say_legal(&t, r);
	close(t.fd);
	printf("%s\t%zu\t", r->name, r->serves);
	for (size_t i = 0; i < t.n_status; i++)
		printf("%s%d", i == 0 ? "" : ",", t.status[i]);
	printf("%s%s\t%zu\t%s\n", t.n == 0 ? "-" : "", t.at < t.n ? "?" : "",
	    count(t.text, "urn:scrim:problem:"), endings[t.ending]);
}

int main(int argc, char **argv)
{
	long port = 0, row = 0, cut = TEXT_MAX;

	if (argc == 2 && strcmp(argv[1], "--key") == 0) {
		puts(FRAMING_KEY);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i < FRAMING_ROWS; i++)
			puts(framing_rows[i].name);
		return 0;
	}
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--port") == 0)
			port = strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--row") == 0)
			row = strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--cut") == 0)
			cut = strtol(argv[i + 1], NULL, 10);
	}
	if (port <= 0 || port > 65535 || row < 0 || cut <= 0 || argc % 2 == 0) {
		fprintf(stderr,
		    "usage: framing_client --port N [--row K] [--cut BYTES] | --list | --key\n");
		return 2;
	}
	if (row > (long)FRAMING_ROWS) {
		fprintf(stderr, "framing_client: there are %zu rows\n", FRAMING_ROWS);
		return 2;
	}
	for (size_t i = 0; i < FRAMING_ROWS; i++)
		if (row == 0 || (size_t)row == i + 1)
			say_row(&framing_rows[i], (uint16_t)port, (size_t)cut);
	return 0;
}
