/*
 * up.c - a small supervisor for one machine, which `scrim up` is and `scrim down` ends.
 *
 * Where root starts it, keyd and the others have a user each (users.h, layout.h).
 *
 * It starts scrim-keyd, then scrim-viewd where events are collected and viewd.json stands
 * beside the configuration, then scrimd, then scrim-queryd where queryd.json does, and stays.
 * When keyd or scrimd ends, the others are stopped and the end reported; restarting is left
 * to a service manager, which does it better. When viewd or queryd ends that is said, and
 * nothing else: no order waits for them, and events do in their spool. SIGHUP is passed on
 * (reload).
 */
#include "base/weak.h"
#include "cli/cli.h"

#include "cli/daemon.h"
#include "cli/demo.h"
#include "cli/layout.h"
#include "cli/queryd_file.h"
#include "cli/remote.h"
#include "cli/viewd_file.h"
#include "crypto/settings/settings.h"
#include "gateway/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_TENTHS 300 /* a daemon has 30 s to become ready */

struct up {
	const struct cli_call *call;
	struct config *cfg;
	char config[FILE_PATH_MAX], keyd_config[FILE_PATH_MAX], viewd_config[FILE_PATH_MAX];
	char queryd_config[FILE_PATH_MAX];
	char pid_file[FILE_PATH_MAX];
	struct daemon keyd, viewd, scrimd, queryd;
	struct user users[USERS];
	bool apart;  /* the daemons run as those */
	int signals; /* signalfd */
	int tell;    /* pipe to who waits for a detached start, or -1 */
};

/* ---- waiting ------------------------------------------------------------ */

/* Did somebody ask us to stop? Passes SIGHUP on. */
static bool stop_wanted(struct up *u)
{
	struct signalfd_siginfo si;

	while (read(u->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGTERM || si.ssi_signo == SIGINT)
			return true;
		if (si.ssi_signo == SIGHUP && u->keyd.fd >= 0)
			pidfd_send_signal(u->keyd.fd, SIGHUP, NULL, 0);
		if (si.ssi_signo == SIGHUP && u->scrimd.fd >= 0)
			pidfd_send_signal(u->scrimd.fd, SIGHUP, NULL, 0);
	}
	return false;
}

/* Wait until P is ready: SOCKET answers, or PATH of REMOTE. CLI_GO_ON, or a code (said). */
static int await_ready(struct up *u, struct daemon *p, const char *socket, struct remote *remote,
    const char *path)
{
	struct sc_buf readyz;
	int rc = CLI_NO, left = READY_TENTHS;
	bool up = false, stop = false, ended = false;

	sc_buf_init(&readyz, 4096);
	for (; !up && !stop && !ended && left > 0; left--) {
		up = remote == NULL ?
		    daemon_answers(p->as == NULL ? NULL : &u->users[USER_SCRIMD], socket) :
		    remote_status(remote, path, &readyz) == 200;
		stop = !up && stop_wanted(u);
		ended = !up && !stop && proc_ended(p->fd, 100);
	}
	if (up)
		rc = CLI_GO_ON;
	else if (ended)
		rc = daemon_report(p);
	else if (!stop)
		rc = daemon_unready(p, READY_TENTHS / 10, sc_buf_span(&readyz));
	sc_buf_fini(&readyz);
	return rc;
}

/* Stay until one of them ends or we are asked to stop. */
static int watch(struct up *u)
{
	struct pollfd fds[] = {
		{ .fd = u->signals, .events = POLLIN },
		{ .fd = u->scrimd.fd, .events = POLLIN },
		{ .fd = u->keyd.fd, .events = POLLIN },
		{ .fd = u->viewd.fd, .events = POLLIN },
		{ .fd = u->queryd.fd, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 5, -1) < 0 && errno != EINTR)
			return cli_fail(CLI_NO, "poll: %s", strerror(errno));
		if (fds[0].revents != 0 && stop_wanted(u))
			return CLI_DONE;
		if (fds[1].revents != 0)
			return daemon_report(&u->scrimd);
		if (fds[2].revents != 0)
			return daemon_report(&u->keyd);
		if (fds[3].revents != 0) {
			(void)daemon_report(&u->viewd);
			cli_fail(CLI_NO,
			    "events wait in the spool until it runs again: "
			    "scrim-viewd --config %s",
			    u->viewd_config);
			fds[3].fd = -1;
		}
		if (fds[4].revents != 0) {
			(void)daemon_report(&u->queryd);
			cli_fail(CLI_NO,
			    "releases are not served until it runs again: "
			    "scrim-queryd --config %s",
			    u->queryd_config);
			fds[4].fd = -1;
		}
	}
}

/* ---- up ----------------------------------------------------------------- */

/*
 * `scrim-keyd --init --demo` makes what is missing of root key and store. The
 * mode of a root key that came out of a repository is put right first: git
 * does not keep it.
 */
static int init_keyd(struct up *u)
{
	char words[][16] = { "--config", "--init", "--demo" };
	char *argv[] = { u->keyd.exe, words[0], u->keyd_config, words[1], words[2], NULL };
	char why[DAEMON_WORDS_MAX];
	struct sc_diag d = { .line = 0 };
	struct settings s;
	pid_t pid;
	int st = 0, rc, fd;

	if ((rc = cli_settings(u->keyd_config, &s)) != CLI_GO_ON)
		return rc;
	fd = open(s.root, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fchmod(fd, 0600) != 0)
		cli_fail(CLI_NO, "%s: %s", s.root, strerror(errno));
	if (fd >= 0)
		close(fd);
	settings_fini(&s);
	if ((pid = proc_start(argv, u->keyd.log, u->keyd.as, &d)) < 0)
		return cli_fail_diag(CLI_NO, &d);
	if (waitpid(pid, &st, 0) == pid && st == 0)
		return CLI_GO_ON;
	daemon_last_words(&u->keyd, why);
	return cli_fail(CLI_NO, "scrim-keyd --init failed: %s; its log is %s", why, u->keyd.log);
}

/* Where events are collected, and it is ours to start. */
static int start_viewd(struct up *u)
{
	struct sc_diags all = { .n = 0 };
	int rc;

	if (u->cfg->collect == NULL)
		return CLI_GO_ON;
	if (!file_exists(u->viewd_config)) {
		cli_fail(CLI_NO, "there is no %s: scrim-viewd must run by other means",
		    u->viewd_config);
		return CLI_GO_ON;
	}
	viewd_file_check(u->viewd_config, u->cfg, &all);
	if (all.n > 0)
		return cli_fail_diags(CLI_NO, &all);
	if ((rc = daemon_start(&u->viewd, u->viewd_config, false)) != CLI_GO_ON)
		return rc;
	return await_ready(u, &u->viewd, u->cfg->collect->feed, NULL, NULL);
}

/*
 * Where releases are served, and that is ours to start. It is up when it answers: that some
 * release is not as it should be is told by its readyz, and stops nobody here.
 */
static int start_queryd(struct up *u)
{
	struct remote_place at = { .service = "scrim-queryd" };
	struct remote *remote = NULL;
	struct queryd_file f;
	int rc;

	if (!file_exists(u->queryd_config))
		return CLI_GO_ON;
	if ((rc = queryd_file_read(u->call, &f)) != CLI_GO_ON)
		return rc;
	at.url = f.url;
	at.cert = f.cert[0] == '\0' ? NULL : f.cert;
	at.socket = f.socket[0] == '\0' ? NULL : f.socket;
	if ((rc = daemon_start(&u->queryd, u->queryd_config, false)) == CLI_GO_ON &&
	    (rc = remote_open_at(u->call, &at, "application/json", &remote)) == CLI_GO_ON)
		rc = await_ready(u, &u->queryd, NULL, remote, "/healthz");
	remote_close(remote);
	return rc;
}

static int start_all(struct up *u)
{
	struct remote *remote = NULL;
	int rc = CLI_GO_ON;

	if (u->cfg->keyd == NULL)
		fprintf(stderr, "keyd is on another host, %s: it is started there\n",
		    u->cfg->keyd_far.address);
	else if (file_exists(u->keyd_config)) {
		if (u->call->demo && (rc = init_keyd(u)) != CLI_GO_ON)
			return rc;
		rc = daemon_start(&u->keyd, u->keyd_config, u->call->demo);
		if (rc == CLI_GO_ON)
			rc = await_ready(u, &u->keyd, u->cfg->keyd + 5, NULL, NULL);
	} else
		cli_fail(CLI_NO, "there is no %s: scrim-keyd must run by other means",
		    u->keyd_config);
	if (rc == CLI_GO_ON)
		rc = start_viewd(u);
	if (rc == CLI_GO_ON)
		rc = daemon_start(&u->scrimd, u->config, false);
	if (rc == CLI_GO_ON)
		rc = remote_open(u->call, "application/json", &remote);
	if (rc == CLI_GO_ON)
		rc = await_ready(u, &u->scrimd, NULL, remote, "/readyz");
	remote_close(remote);
	return rc == CLI_GO_ON ? start_queryd(u) : rc;
}

static void announce(const struct up *u)
{
	const struct config_listener *l = config_first_address(u->cfg);

	if (u->call->json)
		printf("{\"up\":true,\"scrimd\":\"%s://%s\",\"pid\":%ld}\n",
		    l->tls_cert == NULL ? "http" : "https", l->address, (long)u->scrimd.pid);
	else
		printf("scrim-keyd%s%s and scrimd are up (%s://%s)%s\n",
		    u->viewd.fd >= 0 ? ", scrim-viewd" : "",
		    u->queryd.fd >= 0 ? ", scrim-queryd" : "",
		    l->tls_cert == NULL ? "http" : "https", l->address,
		    u->call->detach ? "; `scrim down` stops them" : "; Ctrl-C stops them");
	if (u->apart && !u->call->json)
		for (size_t i = 0; i < USERS; i++)
			printf("%s as user %u (%s%s)\n",
			    i == USER_KEYD ? "keyd runs" : "scrimd and what belongs to it run",
			    (unsigned)u->users[i].uid, u->users[i].nameless ? "no user " : "",
			    u->users[i].name);
	fflush(stdout);
}

/* From here on nobody reads what we print: send it to our own log. */
static void leave_terminal(struct up *u)
{
	char log[FILE_PATH_MAX];
	int fd, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	uint8_t byte = CLI_DONE;

	file_beside(u->config, "run/scrim-up.log", log);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (write(u->tell, &byte, 1) == 1 && null >= 0) {
		dup2(null, 0);
		dup2(fd < 0 ? null : fd, 1);
		dup2(fd < 0 ? null : fd, 2);
	}
	if (fd > 2)
		close(fd);
	if (null > 2)
		close(null);
	close(u->tell);
	u->tell = -1;
}

static int supervise(struct up *u)
{
	struct sc_diag d = { .line = 0 };
	int rc, claim = proc_claim(u->pid_file, &d);

	if (claim < 0)
		return cli_fail_diag(CLI_NO, &d);
	rc = start_all(u);
	if (rc == CLI_GO_ON) {
		announce(u);
		if (u->tell >= 0)
			leave_terminal(u);
		rc = watch(u);
	}
	daemon_stop(&u->queryd); /* while scrimd has the heads of its log signed */
	daemon_stop(&u->scrimd); /* drains while it still has keyd, and feeds viewd */
	daemon_stop(&u->viewd);
	daemon_stop(&u->keyd);
	unlink(u->pid_file);
	close(claim);
	return rc;
}

/* Go on in a process of its own; the one that was called waits until it is up. */
static int detach(struct up *u)
{
	uint8_t code = CLI_NO;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		return cli_fail(CLI_NO, "cannot fork: %s", strerror(errno));
	if (pid == 0) {
		close(ends[0]);
		setsid();
		u->tell = ends[1];
		return supervise(u);
	}
	close(ends[1]);
	if (read(ends[0], &code, 1) != 1) { /* it ended before it was up */
		int st = 0;

		waitpid(pid, &st, 0);
		code = WIFEXITED(st) && WEXITSTATUS(st) != 0 ? (uint8_t)WEXITSTATUS(st) : CLI_NO;
	}
	close(ends[0]);
	return code;
}

static int block_signals(struct up *u)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 ||
	    (u->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
		return cli_fail(CLI_NO, "signals: %s", strerror(errno));
	return CLI_GO_ON;
}

/* Whom the daemons run as: two users where root starts them, and is not told otherwise. */
static int choose_users(struct up *u)
{
	struct sc_diag d = { .line = 0 };

	if (geteuid() != 0)
		return CLI_GO_ON;
	if (u->call->one_user || WEAK("users-not-parted")) {
		fprintf(stderr,
		    "--one-user: all daemons run as root; who takes one over has the keys too\n");
		return CLI_GO_ON;
	}
	if (users_find(u->users, &d) != SC_OK)
		return cli_fail_diag(CLI_NO, &d);
	u->apart = true;
	return CLI_GO_ON;
}

static void name_daemons(struct up *u)
{
	const struct user *keyd = u->apart ? &u->users[USER_KEYD] : NULL;
	const struct user *scrimd = u->apart ? &u->users[USER_SCRIMD] : NULL;

	file_beside(u->config, UP_PID_FILE, u->pid_file);
	file_beside(u->config, "keyd.json", u->keyd_config);
	file_beside(u->config, "viewd.json", u->viewd_config);
	file_beside(u->config, "queryd.json", u->queryd_config);
	daemon_init(&u->keyd, "scrim-keyd", u->config);
	daemon_init(&u->viewd, "scrim-viewd", u->config);
	daemon_init(&u->scrimd, "scrimd", u->config);
	daemon_init(&u->queryd, "scrim-queryd", u->config);
	u->keyd.as = keyd;
	u->viewd.as = u->scrimd.as = u->queryd.as = scrimd;
}

static int prepare(struct up *u)
{
	struct layout_files files = { u->config, u->keyd_config, u->viewd_config, u->queryd_config,
		u->call->demo };
	struct sc_diag d = { .line = 0 };
	char run[FILE_PATH_MAX];
	pid_t pid;
	int rc, fd;

	file_path(u->config, "%s", cli_config_path(u->call));
	if ((rc = choose_users(u)) != CLI_GO_ON)
		return rc;
	if (u->call->demo &&
	    demo_prepare(u->config, u->apart ? u->users[USER_SCRIMD].uid : getuid(), &d) != SC_OK)
		return cli_fail_diag(CLI_NO, &d);
	if ((rc = cli_config(u->call, &u->cfg)) != CLI_GO_ON)
		return rc;
	name_daemons(u);
	file_beside(u->config, "run", run);
	if (file_folder(run, &d) != SC_OK)
		return cli_fail_diag(CLI_NO, &d);
	if ((fd = proc_find(u->pid_file, &pid)) < 0)
		return layout_give(&files, u->cfg, u->apart ? u->users : NULL);
	close(fd);
	return cli_fail(CLI_NO, "it is up already (process %ld); `scrim down` stops it", (long)pid);
}

int cli_up(const struct cli_call *c)
{
	struct up u = { .call = c,
		.signals = -1,
		.tell = -1,
		.keyd.fd = -1,
		.viewd.fd = -1,
		.scrimd.fd = -1,
		.queryd.fd = -1 };
	int rc;

	if ((rc = prepare(&u)) == CLI_GO_ON && (rc = block_signals(&u)) == CLI_GO_ON)
		rc = c->detach ? detach(&u) : supervise(&u);
	config_free(u.cfg);
	if (u.signals >= 0)
		close(u.signals);
	return rc;
}
