/*
 * sys.h - three system calls without the C library's thread cancellation
 * bookkeeping, which costs a loop that never cancels 4 % of its time.
 *
 * The thread sanitizer follows what passes through sockets by the library's
 * own functions, so a build with it uses those.
 */
#ifndef NET_LOOP_SYS_H
#define NET_LOOP_SYS_H

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__

static inline ssize_t sys_send(int fd, const void *p, size_t n)
{
	return send(fd, p, n, MSG_NOSIGNAL);
}

static inline ssize_t sys_recv(int fd, void *p, size_t n)
{
	return recv(fd, p, n, 0);
}

static inline int sys_epoll_wait(int fd, struct epoll_event *e, int n, int timeout_ms)
{
	return epoll_wait(fd, e, n, timeout_ms);
}

#else

/* send() with MSG_NOSIGNAL. */
static inline ssize_t sys_send(int fd, const void *p, size_t n)
{
	return syscall(SYS_sendto, fd, p, n, MSG_NOSIGNAL, NULL, (socklen_t)0);
}

static inline ssize_t sys_recv(int fd, void *p, size_t n)
{
	return syscall(SYS_recvfrom, fd, p, n, 0, NULL, NULL);
}

static inline int sys_epoll_wait(int fd, struct epoll_event *e, int n, int timeout_ms)
{
	return (int)syscall(SYS_epoll_pwait, fd, e, n, timeout_ms, NULL, (size_t)0);
}

#endif
#endif
