/*
 * phone_load.c - one request after the other over many connections, from a file of
 * bodies: what neither wrk (no Unix sockets) nor curl (no figures) can do.
 *
 *	phone_load (--unix PATH | --port N) --path /v1/route --bodies FILE
 *	           [--key FILE] [--connections N] [--expect TEXT]
 *
 * Each line of FILE is one POST body, sent once. Prints one JSON line: how many,
 * how many a second, latency quantiles in milliseconds, and how many answers had
 * another status than 2xx or did not contain TEXT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 512
#define ANSWER_MAX (256 * 1024)

struct load {
	const char *unix_path, *path, *expect;
	int port;
	char key[256];
	char **bodies;
	size_t n_bodies, next, done, bad;
	double *ms;
};

struct connection {
	int fd;
	char *out, *in;
	size_t out_n, out_at, in_n;
	double began;
};

static void die(const char *what)
{
	fprintf(stderr, "phone_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void read_bodies(struct load *l, const char *file)
{
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t cap = 0, room = 0;
	ssize_t n;

	if (f == NULL)
		die(file);
	while ((n = getline(&line, &cap, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (l->n_bodies == room) {
			room = room == 0 ? 1024 : room * 2;
			if ((l->bodies = realloc(l->bodies, room * sizeof(char *))) == NULL)
				die("memory");
		}
		if ((l->bodies[l->n_bodies++] = strdup(line)) == NULL)
			die("memory");
	}
	free(line);
	fclose(f);
	if ((l->ms = calloc(l->n_bodies + 1, sizeof(double))) == NULL)
		die("memory");
}

static int dial(const struct load *l)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)l->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(l->unix_path != NULL ? AF_UNIX : AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	if (l->unix_path != NULL) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", l->unix_path);
		if (connect(fd, (struct sockaddr *)&un, sizeof(un)) != 0)
			die(l->unix_path);
	} else {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (connect(fd, (struct sockaddr *)&in, sizeof(in)) != 0)
			die("connect");
	}
	return fd;
}

/* The next body on C; false when there is none. */
static bool begin(struct load *l, struct connection *c)
{
	const char *body;
	int n;

	if (l->next == l->n_bodies)
		return false;
	body = l->bodies[l->next++];
	free(c->out);
	n = asprintf(&c->out,
	    "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	    "%s%s%sContent-Length: %zu\r\n\r\n%s",
	    l->path, l->key[0] == '\0' ? "" : "Authorization: Bearer ", l->key,
	    l->key[0] == '\0' ? "" : "\r\n", strlen(body), body);
	if (n < 0)
		die("memory");
	c->out_n = (size_t)n;
	c->out_at = c->in_n = 0;
	c->began = now_ms();
	return true;
}

/* Is the answer whole? */
static bool whole(const struct connection *c)
{
	const char *end, *length;

	c->in[c->in_n] = '\0';
	if ((end = strstr(c->in, "\r\n\r\n")) == NULL)
		return false;
	if ((length = strcasestr(c->in, "\r\nContent-Length:")) == NULL || length > end)
		return true;
	return c->in_n >= (size_t)(end + 4 - c->in) + strtoul(length + 17, NULL, 10);
}

static void take(struct load *l, struct connection *c)
{
	ssize_t n = read(c->fd, c->in + c->in_n, ANSWER_MAX - 1 - c->in_n);

	if (n <= 0)
		die("the server closed");
	c->in_n += (size_t)n;
	if (!whole(c))
		return;
	l->ms[l->done++] = now_ms() - c->began;
	if (strncmp(c->in, "HTTP/1.1 2", 10) != 0 ||
	    (l->expect != NULL && strstr(c->in, l->expect) == NULL)) {
		if (l->bad++ == 0)
			fprintf(stderr, "phone_load: %.300s\n", c->in);
	}
	if (!begin(l, c)) {
		close(c->fd);
		c->fd = -1;
	}
}

static void give(struct connection *c)
{
	ssize_t n = write(c->fd, c->out + c->out_at, c->out_n - c->out_at);

	if (n < 0)
		die("write");
	c->out_at += (size_t)n;
}

static void run(struct load *l, size_t n)
{
	static struct connection c[CONNECTIONS_MAX];
	struct pollfd p[CONNECTIONS_MAX];

	for (size_t i = 0; i < n; i++) {
		c[i].fd = dial(l);
		if ((c[i].in = malloc(ANSWER_MAX)) == NULL)
			die("memory");
		if (!begin(l, &c[i])) {
			close(c[i].fd);
			c[i].fd = -1;
		}
	}
	while (l->done < l->n_bodies) {
		for (size_t i = 0; i < n; i++)
			p[i] = (struct pollfd){ c[i].fd,
				c[i].out_at < c[i].out_n ? POLLOUT : POLLIN, 0 };
		if (poll(p, n, 30000) <= 0)
			die("nothing came for 30 s");
		for (size_t i = 0; i < n; i++) {
			if ((p[i].revents & POLLOUT) != 0)
				give(&c[i]);
			else if (p[i].revents != 0)
				take(l, &c[i]);
		}
	}
	for (size_t i = 0; i < n; i++) {
		free(c[i].in);
		free(c[i].out);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void report(struct load *l, size_t connections, double seconds)
{
	size_t n = l->done;

	qsort(l->ms, n, sizeof(double), compare);
	printf("{\"requests\":%zu,\"connections\":%zu,\"per_second\":%.0f,\"p50_ms\":%.3f,"
	       "\"p99_ms\":%.3f,\"max_ms\":%.3f,\"bad\":%zu}\n",
	    n, connections, (double)n / seconds, l->ms[n / 2], l->ms[n * 99 / 100], l->ms[n - 1],
	    l->bad);
}

static void read_key(struct load *l, const char *file)
{
	FILE *f = fopen(file, "r");

	if (f == NULL || fgets(l->key, sizeof(l->key), f) == NULL)
		die(file);
	l->key[strcspn(l->key, "\n")] = '\0';
	fclose(f);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "unix", required_argument, NULL, 'u' },
		{ "port", required_argument, NULL, 'p' }, { "path", required_argument, NULL, 'P' },
		{ "bodies", required_argument, NULL, 'b' }, { "key", required_argument, NULL, 'k' },
		{ "connections", required_argument, NULL, 'c' },
		{ "expect", required_argument, NULL, 'e' }, { NULL, 0, NULL, 0 } };
	struct load l = { .path = "/" };
	size_t connections = 16;
	double began;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case 'u': l.unix_path = optarg; break;
		case 'p': l.port = (int)strtoul(optarg, NULL, 10); break;
		case 'P': l.path = optarg; break;
		case 'b': read_bodies(&l, optarg); break;
		case 'k': read_key(&l, optarg); break;
		case 'c': connections = strtoul(optarg, NULL, 10); break;
		case 'e': l.expect = optarg; break;
		default: return 2;
		}
	}
	if (l.n_bodies == 0 || connections == 0 || connections > CONNECTIONS_MAX)
		return 2;
	began = now_ms();
	run(&l, connections);
	report(&l, connections, (now_ms() - began) / 1e3);
	for (size_t i = 0; i < l.n_bodies; i++)
		free(l.bodies[i]);
	free(l.bodies);
	free(l.ms);
	return l.bad == 0 ? 0 : 1;
}
