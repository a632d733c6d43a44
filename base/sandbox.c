/*
 * sandbox.c - no dumps, no tracing, no other files.
 */
#include "base/sandbox.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ull << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ull << 14)
#endif

enum sc_err sandbox_process(struct sc_diag *d)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    (!SANDBOX_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)) {
		sc_diag_set(d, "cannot give up privileges: %s", strerror(errno));
		return SC_IO;
	}
	return SC_OK;
}

/* ---- files ---- */

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE \
	(ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR)
#define ACCESS_ALL \
	(ACCESS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
	    LANDLOCK_ACCESS_FS_MAKE_SYM)

static const uint64_t rights[] = {
	[SANDBOX_READ] = ACCESS_READ,
	[SANDBOX_WRITE] = ACCESS_WRITE | LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE,
	[SANDBOX_SOCKET] = LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE,
	[SANDBOX_OVERWRITE] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE,
};

static enum sc_err allow(int ruleset, const struct sandbox_path *p, uint64_t handled)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = -1 };
	char folder[1024];
	const char *slash = strrchr(p->path, '/');
	long r;

	if (!p->is_file || p->right == SANDBOX_OVERWRITE)
		snprintf(folder, sizeof(folder), "%s", p->path);
	else if (slash == NULL)
		snprintf(folder, sizeof(folder), ".");
	else
		snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash == p->path ? 1 : slash - p->path), p->path);
	rule.allowed_access = rights[p->right] & handled;
	/*
	 * A rule is about the file that is there now, and who replaces a configuration lays another
	 * in its place: so its folder, for whoever knows what to look for.
	 */
	if (p->is_file && p->right == SANDBOX_READ)
		rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	rule.parent_fd = open(folder, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return p->right == SANDBOX_OVERWRITE && errno == ENOENT ? SC_OK : SC_IO;
	r = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return r == 0 ? SC_OK : SC_IO;
}

enum sc_err sandbox_files(const struct sandbox_path *paths, size_t n, struct sc_diag *d)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = ACCESS_ALL };
	enum sc_err err = SC_OK;
	long abi;
	int set;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (SANDBOX_SANITIZED || abi < 1) {
		log_event(LOG_WARN, "sandbox.no_landlock", LOG_END);
		return SC_OK;
	}
	if (abi >= 2)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	set = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (set < 0)
		err = SC_IO;
	for (size_t i = 0; i < n && err == SC_OK; i++)
		err = allow(set, &paths[i], attr.handled_access_fs);
	if (err == SC_OK && syscall(SYS_landlock_restrict_self, set, 0) != 0)
		err = SC_IO;
	if (err != SC_OK)
		sc_diag_set(d, "Landlock refused: %s", strerror(errno));
	else
		log_event(LOG_INFO, "sandbox.landlock", LOG_U64("abi", (uint64_t)abi),
		    LOG_LEN("folders", n), LOG_END);
	if (set >= 0)
		close(set);
	return err;
}
