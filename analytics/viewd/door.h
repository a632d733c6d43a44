/*
 * door.h - a socket that somebody listens at: SOCK_SEQPACKET, a Unix path, and who is
 * there by the kernel's word.
 */
#ifndef ANALYTICS_VIEWD_DOOR_H
#define ANALYTICS_VIEWD_DOOR_H

#include "base/diag.h"
#include "base/err.h"
#include "net/loop/loop.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

struct view_door {
	struct loop *loop;
	struct loop_io io;
	const char *path;
	bool others; /* users other than ours may be let in: all can connect */
	void (*on_peer)(struct view_door *door, int fd, uid_t uid); /* FD is its to close */
};

/*
 * Listen at PATH (borrowed; a stale socket is replaced), and let nobody in before
 * view_door_start(). Fails with SC_IO, SC_LIMIT; D says why.
 */
SC_CHECKED enum sc_err view_door_open(struct view_door *door, struct loop *l, const char *path,
    bool others, struct sc_diag *d);
/* Fails like loop_add(). */
SC_CHECKED enum sc_err view_door_start(struct view_door *door);
void view_door_close(struct view_door *door); /* all zero, with fd -1, is fine */

/*
 * One packet of FD into BUF. *N is its length, which may be more than SIZE: the rest is
 * lost. False: there is none now, or *ENDED, ever.
 */
bool view_door_receive(int fd, void *buf, size_t size, size_t *n, bool *ended);

#endif
