/*
 * sandbox_calls.c - seccomp: a daemon's list of system calls becomes all there are.
 */
#include "base/sandbox.h"

#include "base/log.h"
#include "base/weak.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Both have their protection in the third argument. */
static int allow_unless_exec(scmp_filter_ctx f, int call)
{
	if (WEAK("memory-executable"))
		return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 0);
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/*
 * A thread, in the namespaces that are. What clone3() is asked for lies in memory, where a filter
 * does not see it: it is not there, and the C library takes clone().
 */
static int allow_threads(scmp_filter_ctx f)
{
	const unsigned spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
	int r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	return r |
	    seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | spaces, CLONE_THREAD));
}

static int allow_socket(scmp_filter_ctx f, int family, int type)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0),
	    SCMP_A1(SCMP_CMP_MASKED_EQ, (scmp_datum_t) ~(SOCK_CLOEXEC | SOCK_NONBLOCK) & 0xffffffff,
		(scmp_datum_t)type));
}

/*
 * The C library looks for this machine's addresses by netlink before it asks for a name's, and
 * does without where there is none. It asks how long an answer of a name server is (FIONREAD).
 */
static int allow_dials(scmp_filter_ctx f)
{
	int r = seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
	    SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0));

	r |= allow_socket(f, AF_UNIX, SOCK_STREAM) | allow_socket(f, AF_UNIX, SOCK_SEQPACKET);
	r |= allow_socket(f, AF_INET, SOCK_STREAM) | allow_socket(f, AF_INET, SOCK_DGRAM);
	r |= allow_socket(f, AF_INET6, SOCK_STREAM) | allow_socket(f, AF_INET6, SOCK_DGRAM);
	r |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(connect), 0);
	r |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(getsockname), 0);
	r |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(sendmmsg), 0);
	return r |
	    seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, FIONREAD));
}

enum sc_err sandbox_calls(const int *calls, size_t n, enum sandbox_more more, struct sc_diag *d)
{
	scmp_filter_ctx f;
	int r = 0;

	if (SANDBOX_SANITIZED) {
		log_event(LOG_WARN, "sandbox.no_seccomp", LOG_STR("why", "sanitizer"), LOG_END);
		return SC_OK;
	}
	if ((f = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		return SC_NOMEM;
	r |= seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	for (size_t i = 0; i < n && r == 0; i++)
		r |= seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);
	/* memory is never made executable, and none is mapped that is: libraries are loaded */
	r |= allow_unless_exec(f, SCMP_SYS(mprotect));
	r |= allow_unless_exec(f, SCMP_SYS(mmap));
	if ((more & SANDBOX_THREADS) != 0)
		r |= allow_threads(f);
	if ((more & SANDBOX_DIALS) != 0)
		r |= allow_dials(f);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	if (r != 0) {
		sc_diag_set(d, "seccomp refused: %s", strerror(-r));
		return SC_IO;
	}
	log_event(LOG_INFO, "sandbox.seccomp", LOG_LEN("calls", n + 2), LOG_END);
	return SC_OK;
}
