/*
 * door.c - listening, and letting in.
 */
#include "analytics/viewd/door.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16

static void on_ready(struct loop_io *io, uint32_t events)
{
	struct view_door *door = loop_owner(io, struct view_door, io);
	int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred c;
	socklen_t n = sizeof(c);

	(void)events;
	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n) == 0)
		door->on_peer(door, fd, c.uid);
	else
		close(fd);
}

static bool listen_at(struct view_door *door)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	mode_t before;
	bool ok;

	memcpy(a.sun_path, door->path, strlen(door->path) + 1);
	if (lstat(door->path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(door->path);
	door->io.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	before = umask(0177);
	ok = door->io.fd >= 0 && bind(door->io.fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
	umask(before);
	/* others need write access to connect at all; who they are is asked when they are there */
	return ok && chmod(door->path, door->others ? 0666 : 0600) == 0 &&
	    listen(door->io.fd, BACKLOG) == 0;
}

enum sc_err view_door_open(struct view_door *door, struct loop *l, const char *path, bool others,
    struct sc_diag *d)
{
	door->loop = l;
	door->path = path;
	door->others = others;
	door->io.on_ready = on_ready;
	snprintf(d->file, sizeof(d->file), "%.255s", path);
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		sc_diag_set(d, "a socket's path may have at most %zu bytes",
		    sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
		return SC_LIMIT;
	}
	if (listen_at(door))
		return SC_OK;
	sc_diag_set(d, "cannot listen: %s", strerror(errno));
	return SC_IO;
}

enum sc_err view_door_start(struct view_door *door)
{
	return loop_add(door->loop, &door->io, EPOLLIN);
}

void view_door_close(struct view_door *door)
{
	if (door->io.fd < 0)
		return;
	loop_remove(door->loop, &door->io);
	close(door->io.fd);
	(void)unlink(door->path);
	door->io.fd = -1;
}

bool view_door_receive(int fd, void *buf, size_t size, size_t *n, bool *ended)
{
	ssize_t r = recv(fd, buf, size, MSG_DONTWAIT | MSG_TRUNC);

	*n = r > 0 ? (size_t)r : 0;
	*ended = r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR);
	return r > 0;
}
