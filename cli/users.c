/*
 * users.c - finding the daemons' users, and becoming one of them.
 */
#include "cli/users.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Numbers for a machine where nobody made the users: between Debian's last system user and the
 * first that systemd gives out, so that nothing else runs under them.
 */
#define FIRST_NUMBER 61001
#define ENTRY_BYTES 4096         /* of passwd: names, folders */
#define LOCKED_BYTES (64u << 20) /* root may lock as much as it likes, and keyd locks its keys */

/* ---- who ------------------------------------------------------------------------------------ */

static enum sc_err find(struct user *u, uid_t number, struct sc_diag *d)
{
	struct passwd entry, *pw = NULL;
	char text[ENTRY_BYTES];

	(void)getpwnam_r(u->name, &entry, text, sizeof(text), &pw);
	u->nameless = pw == NULL;
	if (pw != NULL) {
		u->uid = pw->pw_uid;
		u->gid = pw->pw_gid;
	} else if (getpwuid_r(number, &entry, text, sizeof(text), &pw) == 0 && pw == NULL) {
		u->uid = number;
		u->gid = number;
	} else {
		sc_diag_set(d,
		    "there is no user %s, and the number left to it, %u, is %s's: "
		    "adduser --system --group --no-create-home %s",
		    u->name, (unsigned)number, pw == NULL ? "perhaps somebody" : pw->pw_name,
		    u->name);
		return SC_AUTH;
	}
	if (u->uid != 0)
		return SC_OK;
	sc_diag_set(d, "the user %s is root: give it a number of its own", u->name);
	return SC_AUTH;
}

enum sc_err users_find(struct user out[static USERS], struct sc_diag *d)
{
	static const struct user names[USERS] = {
		[USER_KEYD] = { .name = "scrim-keyd", .of = "keyd" },
		[USER_SCRIMD] = { .name = "scrimd", .of = "scrimd" },
	};
	enum sc_err err;

	for (unsigned i = 0; i < USERS; i++) {
		out[i] = names[i];
		if ((err = find(&out[i], FIRST_NUMBER + i, d)) != SC_OK)
			return err;
	}
	if (out[USER_KEYD].uid != out[USER_SCRIMD].uid)
		return SC_OK;
	sc_diag_set(d, "the users %s and %s are the same: give each a number of its own",
	    out[USER_KEYD].name, out[USER_SCRIMD].name);
	return SC_AUTH;
}

/* ---- becoming ------------------------------------------------------------------------------- */

/* What keyd locks was root's to allow. */
static void leave_memory(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_MEMLOCK, &l) != 0 || l.rlim_cur >= LOCKED_BYTES)
		return;
	l.rlim_cur = LOCKED_BYTES;
	if (l.rlim_max < l.rlim_cur)
		l.rlim_max = l.rlim_cur;
	(void)setrlimit(RLIMIT_MEMLOCK, &l);
}

/* Also none that a program could get by being run. */
static bool drop_bounding(void)
{
	for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c) >= 0; c++)
		if (prctl(PR_CAPBSET_DROP, c) != 0)
			return false;
	return true;
}

static bool has_nothing(const struct user *u)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];
	uid_t r, e, s;
	gid_t gr, ge, gs;

	if (syscall(SYS_capget, &head, caps) != 0 || getresuid(&r, &e, &s) != 0 ||
	    getresgid(&gr, &ge, &gs) != 0)
		return false;
	for (unsigned i = 0; i < 2; i++)
		if ((caps[i].effective | caps[i].permitted | caps[i].inheritable) != 0)
			return false;
	return r == u->uid && e == u->uid && s == u->uid && gr == u->gid && ge == u->gid &&
	    gs == u->gid && getgroups(0, NULL) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

bool user_become(const struct user *u)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[2] = { { .effective = 0 } };

	leave_memory();
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 || !drop_bounding() ||
	    setgroups(0, NULL) != 0 || setresgid(u->gid, u->gid, u->gid) != 0 ||
	    setresuid(u->uid, u->uid, u->uid) != 0 || syscall(SYS_capset, &head, none) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	return has_nothing(u) && setuid(0) != 0 && setgid(0) != 0;
}

bool user_reads(const struct user *u, const char *path)
{
	const pid_t pid = fork();
	int st = 1;

	if (pid == 0)
		_exit(user_become(u) && access(path, R_OK) == 0 ? 0 : 1);
	while (pid > 0 && waitpid(pid, &st, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && st == 0;
}
