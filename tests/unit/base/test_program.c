/*
 * test_program.c - the first steps of a program: options, folders, signals.
 */
#include "base/program.h"

#include "tap.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *config;
static bool check;
static const struct program_option options[] = { { .name = "config", .text = &config },
	{ .name = "check", .flag = &check } };
static struct program program = { "scrim-test", "usage: scrim-test\n", options, 2, NULL };

/* The words up to NULL; 0 to 2: it ends with that; -1: it goes on. */
static int given(const char *a, const char *b, const char *c)
{
	char *argv[] = { (char *)(uintptr_t) "scrim-test", (char *)(uintptr_t)a,
		(char *)(uintptr_t)b, (char *)(uintptr_t)c, NULL };
	const int argc = 1 + (a != NULL) + (b != NULL) + (c != NULL);
	int code = 9;

	config = NULL;
	check = false;
	optind = 0; /* from the beginning */
	return program_options(&program, argc, argv, &code) ? -1 : code;
}

static void test_options(void)
{
	CHECK(given(NULL, NULL, NULL) == -1 && config == NULL && !check);
	CHECK(given("--config", "a.json", NULL) == -1 && strcmp(config, "a.json") == 0 && !check);
	CHECK(given("--check", "--config=b", NULL) == -1 && strcmp(config, "b") == 0 && check);
	CHECK(given("--help", NULL, NULL) == 0 && given("--version", NULL, NULL) == 0);
	CHECK(given("--config", NULL, NULL) == 2); /* a text is missing */
	CHECK(given("--verbose", NULL, NULL) == 2);
	CHECK(given("-c", NULL, NULL) == 2);
	CHECK(given("word", NULL, NULL) == 2);
	program.word = "report";
	CHECK(given("report", "--check", NULL) == -1 && check);
	CHECK(given("--check", "report", NULL) == -1);
	CHECK(given("reports", NULL, NULL) == 2 && given(NULL, NULL, NULL) == 2);
	CHECK(given("report", "report", NULL) == 2);
	program.word = NULL;
	CHECK(program_misused(&program) == 2);
}

static void test_folders(void)
{
	char dir[] = "/tmp/scrim-test-XXXXXX", path[128];
	struct sc_diag d = { .text = "" };
	struct stat st;

	NEED(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/a/b/c.sock", dir);
	CHECK(program_folders(path, false, &d) == SC_OK && stat(path, &st) != 0);
	path[strlen(path) - strlen("/c.sock")] = '\0';
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700);
	CHECK(program_folders(path, true, &d) == SC_OK); /* they are there */
	snprintf(path, sizeof(path), "%s/d", dir);
	CHECK(program_folders(path, true, &d) == SC_OK && stat(path, &st) == 0);
	CHECK(program_folders("/proc/nobody/makes/this", true, &d) == SC_IO);
	CHECK(strcmp(d.file, "/proc/nobody") == 0 && d.text[0] != '\0');
	snprintf(path, sizeof(path), "rm -rf '%s'", dir);
	CHECK(system(path) == 0);
}

static void test_signals(void)
{
	struct sc_diag d = { .text = "" };
	struct signalfd_siginfo s;
	int fd = -1;

	NEED(program_signals(&fd, &d) == SC_OK && fd >= 0);
	CHECK(read(fd, &s, sizeof(s)) == -1 && errno == EAGAIN);
	CHECK(raise(SIGTERM) == 0 && read(fd, &s, sizeof(s)) == sizeof(s));
	CHECK(s.ssi_signo == SIGTERM);
	CHECK(raise(SIGHUP) == 0 && read(fd, &s, sizeof(s)) == sizeof(s));
	CHECK(s.ssi_signo == SIGHUP);
	CHECK(raise(SIGPIPE) == 0); /* and we are still there */
	close(fd);
}

int main(void)
{
	RUN(test_options, "options are read, and anything else is wrong usage");
	RUN(test_folders, "folders are made as far as they are missing");
	RUN(test_signals, "signals are read, none ends the program");
	return tap_done();
}
