/*
 * test_confine.c - what keyd gave up: the kernel's own word for a running keyd,
 * and what happens to a process that tries it all the same.
 */
#include "tap.h"
#include "unit/crypto/keyd_fixture.h"

#include "base/sandbox.h"
#include "base/text/doc.h"
#include "crypto/keyd/confine.h"
#include "crypto/prim/siv.h"
#include "crypto/prim/vault.h"
#include "crypto/tlog/note.h"

#include <dirent.h>
#include <dlfcn.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The system as the test has it, for the part that decides about locking. */
static struct {
	bool ours; /* else it is the system itself */
	bool capable;
	struct rlimit limit;
	int set, locked; /* calls; how it was locked */
} sys;

/*
 * The calls themselves, in front of the C library's: keyd's code, linked into
 * this test, calls these.
 */
long syscall(long call, ...)
{
	static long (*real)(long, ...);
	struct __user_cap_data_struct *caps;
	long a[6];
	va_list ap;

	va_start(ap, call);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	if (!sys.ours || call != SYS_capget)
		return real(call, a[0], a[1], a[2], a[3], a[4], a[5]);
	memcpy(&caps, &a[1], sizeof(caps));
	memset(caps, 0, 2 * sizeof(*caps));
	caps[0].effective = sys.capable ? 1u << CAP_IPC_LOCK : ~(1u << CAP_IPC_LOCK);
	return 0;
}

int getrlimit(__rlimit_resource_t what, struct rlimit *out)
{
	if (!sys.ours)
		return prlimit(0, what, NULL, out);
	*out = sys.limit;
	return what == RLIMIT_MEMLOCK ? 0 : -1;
}

int setrlimit(__rlimit_resource_t what, const struct rlimit *r)
{
	if (!sys.ours)
		return prlimit(0, what, r, NULL);
	sys.set++;
	sys.limit = *r;
	return what == RLIMIT_MEMLOCK ? 0 : -1;
}

int mlockall(int flags)
{
	sys.locked = flags;
	return 0;
}

static struct fixture fx;

static void test_decision(void)
{
	const rlim_t enough = (rlim_t)4 << 30;
	const struct {
		bool capable;
		rlim_t soft, hard;
		bool locks;
	} rows[] = {
		{ true, 65536, 65536, true },
		{ false, 65536, 65536, false },
		{ false, 65536, enough - 1, false },
		{ false, 65536, enough, true },
		{ false, enough, enough, true },
		{ false, 65536, RLIM_INFINITY, true },
		{ false, RLIM_INFINITY, RLIM_INFINITY, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&sys, 0, sizeof(sys));
		sys.ours = true;
		sys.capable = rows[i].capable;
		sys.limit = (struct rlimit){ rows[i].soft, rows[i].hard };
		CHECK(confine_memory(i % 2 == 0) == rows[i].locks);
		CHECK(sys.locked == (rows[i].locks ? MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT : 0));
		CHECK(sys.set == 0 ||
		    (sys.limit.rlim_cur == rows[i].hard && sys.limit.rlim_max == rows[i].hard));
		CHECK(rows[i].capable || !rows[i].locks || sys.set == 1);
	}
	sys.ours = false;
}

/* ---- a child of our own under keyd's filter ---- */

typedef void trial_fn(void);

/* How a child ends that confines itself and then tries FN: 0, or minus the signal. */
static int confined(trial_fn *fn)
{
	int st = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct sc_diag d = { .text = "" };

		/* the log line is of no interest here */
		dup2(open("/dev/null", O_WRONLY), 2);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || confine_calls(&d) != SC_OK)
			_exit(99);
		fn();
		_exit(0);
	}
	if (waitpid(pid, &st, 0) != pid)
		return -1000;
	return WIFSIGNALED(st) ? -WTERMSIG(st) : WEXITSTATUS(st);
}

static void *map(int prot)
{
	return mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_nothing(void)
{
}
static void try_memory(void)
{
	char *p = map(PROT_READ | PROT_WRITE);

	if (p == MAP_FAILED || (p[0] = 1, mprotect(p, 4096, PROT_READ)) != 0 ||
	    munmap(p, 4096) != 0)
		_exit(98);
}
static void try_map_rwx(void)
{
	(void)map(PROT_READ | PROT_WRITE | PROT_EXEC);
}
static void try_map_exec(void)
{
	(void)map(PROT_EXEC);
}
static void try_protect_exec(void)
{
	(void)mprotect(map(PROT_READ | PROT_WRITE), 4096, PROT_READ | PROT_EXEC);
}
static void try_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}
static void try_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}
static void try_fork(void)
{
	(void)fork();
}
static void try_ptrace(void)
{
	(void)syscall(SYS_ptrace, 0, 0, 0, 0);
}

static void test_filter(void)
{
	static const struct {
		trial_fn *fn;
		const char *what;
		bool allowed;
	} rows[] = {
		{ try_nothing, "nothing", true },
		{ try_memory, "memory to read and write", true },
		{ try_map_rwx, "map writable and executable", false },
		{ try_map_exec, "map executable", false },
		{ try_protect_exec, "make executable", false },
		{ try_socket, "a socket", false },
		{ try_exec, "another program", false },
		{ try_fork, "another process", false },
		{ try_ptrace, "tracing", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int got = confined(rows[i].fn);

		CHECK(got == (rows[i].allowed ? 0 : -SIGSYS));
		if (got != (rows[i].allowed ? 0 : -SIGSYS))
			printf("# %s: %d\n", rows[i].what, got);
	}
}

/* ---- a running keyd ---- */

/* A number of /proc/PID/TASK/status; -1 when it is not there. */
static long status_of(const char *dir, const char *key)
{
	char path[300], line[256];
	long v = -1;
	FILE *in;

	snprintf(path, sizeof(path), "%s/status", dir);
	if ((in = fopen(path, "r")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':')
			v = strtol(line + strlen(key) + 1, NULL, 10);
	fclose(in);
	return v;
}

static long keyd_status(const char *key)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "/proc/%d", (int)fx.pid);
	return status_of(dir, key);
}

static void test_every_thread(void)
{
	char tasks[64], dir[330];
	struct dirent *e;
	unsigned n = 0;
	DIR *d;

	snprintf(tasks, sizeof(tasks), "/proc/%d/task", (int)fx.pid);
	NEED((d = opendir(tasks)) != NULL);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(dir, sizeof(dir), "%s/%s", tasks, e->d_name);
		CHECK(status_of(dir, "Seccomp") == 2);
		CHECK(status_of(dir, "NoNewPrivs") == 1);
		n++;
	}
	closedir(d);
	CHECK(n >= 3); /* the loop, the store, the log */
	CHECK(fixture_said(&fx, "sandbox.landlock") || fixture_said(&fx, "sandbox.no_landlock"));
}

static bool works(void)
{
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann Example");
	bool ok = t != NULL && fixture_opens_to(&fx, t, "Ann Example");

	free(t);
	return ok;
}

/* From now on what keyd says is of its next start alone. */
static void forget_what_it_said(void)
{
	char path[256];

	fixture_path(&fx, "stderr", path);
	(void)unlink(path);
}

static bool restart_with(void (*before)(void))
{
	int st = fx.pid > 0 ? fixture_stop(&fx, SIGTERM) : 0;

	if (st != 0) {
		printf("# keyd ended with %d\n", st);
		return false;
	}
	forget_what_it_said();
	fx.before_exec = before;
	return fixture_start(&fx);
}

static rlim_t soft_limit, hard_limit;

static void without_privilege(void)
{
	const struct rlimit r = { soft_limit, hard_limit };

	if (prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0) != 0 ||
	    setrlimit(RLIMIT_MEMLOCK, &r) != 0)
		_exit(97);
}

static void test_locked(void)
{
	NEED(restart_with(NULL));
	CHECK(fixture_said(&fx, "keyd.memory_locked"));
	CHECK(!fixture_said(&fx, "memory_not_locked"));
	CHECK(keyd_status("VmLck") >= keyd_status("VmRSS"));
	CHECK(works());
}

/* Too low a limit must not become failing allocations later. */
static void test_low_limit(void)
{
	static const struct {
		rlim_t hard;
		const char *says, *not ;
		long locked; /* KiB */
	} low[] = {
		{ 65536, "keyd.memory_not_locked", "keyd.keys_locked", 0 },
		{ (rlim_t)8 << 20, "keyd.keys_locked", "keyd.memory_not_locked",
		    VAULT_BYTES / 1024 },
	};

	for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
		soft_limit = 65536;
		hard_limit = low[i].hard;
		NEED(restart_with(without_privilege));
		CHECK(fixture_said(&fx, low[i].says) && !fixture_said(&fx, low[i].not ));
		CHECK(fixture_said(&fx, "CAP_IPC_LOCK") == (i == 0)); /* what to do about it */
		CHECK(keyd_status("VmLck") >= low[i].locked);
		CHECK(!fixture_said(&fx, "keyd.memory_locked"));
		CHECK(keyd_status("VmLck") < keyd_status("VmRSS"));
		CHECK(works());
	}
}

/* ---- the key that wraps the others ---- */

/* What the root key file's key becomes: HKDF, 64 bytes. */
static bool wrapping_key(uint8_t out[64])
{
	struct sc_arena arena = { .left = 0 };
	struct doc doc;
	struct sc_diag d = { .text = "" };
	uint8_t root[33];
	size_t n = sizeof(root);
	char path[256];
	const char *text;
	bool ok;

	fixture_path(&fx, "keys/root.json", path);
	ok = doc_load_file(&arena, path, &d, &doc) == SC_OK &&
	    (text = doc_find_text(doc.root, "key")) != NULL &&
	    note_base64_parse(sc_span_str(text), root, &n) == SC_OK && n == 32 &&
	    hkdf_sha256(sc_span(root, 32), sc_span(NULL, 0), sc_span_str("scrim1|ring"), out, 64) ==
		SC_OK;
	sc_arena_fini(&arena);
	return ok;
}

/* How often any of the N pieces of 16 bytes at WHAT is in keyd's writable memory. -1: it cannot be read. */
static int times_in_memory(const uint8_t *what, size_t n)
{
	char path[64], line[512];
	unsigned long from, to;
	int found = 0, mem;
	FILE *maps;
	char w;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)fx.pid);
	if ((mem = open(path, O_RDONLY)) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)fx.pid);
	if ((maps = fopen(path, "r")) == NULL) {
		close(mem);
		return -1;
	}
	while (fgets(line, sizeof(line), maps) != NULL) {
		uint8_t *bytes;
		ssize_t got;

		if (sscanf(line, "%lx-%lx r%c", &from, &to, &w) != 3 || w != 'w' ||
		    to - from > ((unsigned long)256 << 20) || (bytes = malloc(to - from)) == NULL)
			continue;
		got = pread(mem, bytes, to - from, (off_t)from);
		for (size_t i = 0; i < n && got > 0; i++)
			found += memmem(bytes, (size_t)got, what + 16 * i, 16) != NULL;
		free(bytes);
	}
	fclose(maps);
	close(mem);
	return found;
}

static void test_root_is_gone(void)
{
	uint8_t key[64], handle[16];
	char *t = fixture_seal(&fx, CLASS_NAME, 0, "cust-1", "Ann Example");
	struct answer *a;
	int n;

	NEED(t != NULL && wrapping_key(key));
	if ((n = times_in_memory(key, 4)) < 0) {
		printf("# keyd's memory cannot be read here\n");
		free(t);
		return;
	}
	CHECK(n == 0);
	/* the search does find what is there: a handle in the cache of rows */
	a = fixture_open(&fx, ROLE_SHOP, FOR_ORDERS, t);
	NEED(a->n_subjects == 1);
	memcpy(handle, a->subjects[0], 16);
	CHECK(times_in_memory(handle, 1) > 0);
	answer_free(a);
	free(t);
}

/* ---- as somebody else than root ---- */

#define NOBODY 65534

static void as_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)
		_exit(96);
}

/* The kernel gives a process that may not be dumped or traced to root. */
static void test_not_dumpable(void)
{
	char cmd[128], path[64];
	struct stat st;

	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	forget_what_it_said();
	snprintf(cmd, sizeof(cmd), "chown -R %d:%d '%s'", NOBODY, NOBODY, fx.dir);
	NEED(system(cmd) == 0);
	fx.before_exec = as_nobody;
	NEED(fixture_start(&fx));
	CHECK(works());
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)fx.pid);
	CHECK(stat(path, &st) == 0 && st.st_uid == 0);
	CHECK(keyd_status("Uid") == NOBODY);
}

int main(void)
{
	if (SANDBOX_SANITIZED) {
		tap_skip("confinement", "a sanitizer needs what keyd gives up");
		return tap_done();
	}
	if (!fixture_make(&fx) || !fixture_start(&fx)) {
		printf("Bail out! scrim-keyd does not start in %s\n", fx.dir);
		return 1;
	}
	RUN(test_decision, "memory is locked by privilege or a limit that is enough, raised first");
	RUN(test_filter, "nothing executable, no socket, no program, no process, under the filter");
	RUN(test_every_thread, "every thread of a running keyd is under it");
	RUN(test_root_is_gone, "the key that wraps all others is not in memory while serving");
	if (geteuid() == 0) {
		RUN(test_locked, "memory is locked where keyd may");
		RUN(test_low_limit,
		    "too low a limit: where keys lie is locked, or it is said loudly, and keyd works");
		RUN(test_not_dumpable, "keyd cannot be dumped or traced");
	} else {
		tap_skip("locked memory and dumps", "only root can lower and raise the limits");
	}
	CHECK(fixture_stop(&fx, SIGTERM) == 0);
	fixture_remove(&fx);
	return tap_done();
}
