/*
 * sandbox_calls.c - seccomp: a daemon's list of system calls becomes all there are.
 */
#include "base/sandbox.h"

#include "base/log.h"
#include "base/weak.h"

#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

/* Both have their protection in the third argument. */
static int allow_unless_exec(scmp_filter_ctx f, int call)
{
	if (WEAK("memory-executable"))
		return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 0);
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

enum sc_err sandbox_calls(const int *calls, size_t n, struct sc_diag *d)
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
