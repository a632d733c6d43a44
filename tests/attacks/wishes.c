/*
 * wishes.c - each as an attacker's code would do it.
 */
#include "attacks/wishes.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static bool try_read(const char *path)
{
	char byte;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, &byte, 1) == 1;
}

static bool try_write(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

static bool try_list(const char *path)
{
	return opendir(path) != NULL;
}

static bool try_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
}

/* It would end as the program does: "sh -c 'exit 42'". */
static bool try_run(const char *path)
{
	execl(path, path, "-c", "exit 42", (char *)NULL);
	return false;
}

static bool try_fork(const char *nothing)
{
	int st = 0;
	const pid_t pid = fork();

	(void)nothing;
	if (pid == 0)
		_exit(WISH_GOT);
	return pid > 0 && waitpid(pid, &st, 0) == pid && WIFEXITED(st) &&
	    WEXITSTATUS(st) == WISH_GOT;
}

static bool try_listen(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	return fd >= 0 && bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(fd, 1) == 0;
}

static bool try_sniff(const char *nothing)
{
	(void)nothing;
	return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP) >= 0;
}

static bool try_name(const char *name)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;

	if (getaddrinfo(name, "80", &hints, &list) != 0)
		return false;
	freeaddrinfo(list);
	return true;
}

static void *nothing_much(void *arg)
{
	return arg;
}

static bool try_thread(const char *nothing)
{
	pthread_t t;

	(void)nothing;
	return pthread_create(&t, NULL, nothing_much, NULL) == 0 && pthread_join(t, NULL) == 0;
}

static const struct {
	const char *name;
	bool (*get)(const char *what);
} wishes[] = {
	{ "read", try_read },
	{ "write", try_write },
	{ "list", try_list },
	{ "connect", try_connect },
	{ "run", try_run },
	{ "fork", try_fork },
	{ "listen", try_listen },
	{ "sniff", try_sniff },
	{ "name", try_name },
	{ "thread", try_thread },
};

int wish_try(const char *wish, const char *what)
{
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		if (strcmp(wish, wishes[i].name) == 0)
			return wishes[i].get(what) ? WISH_GOT : 0;
	fprintf(stderr, "no wish is called %s\n", wish);
	return 2;
}
