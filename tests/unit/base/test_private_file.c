/*
 * test_private_file.c - a file with a secret is read only when nobody else can.
 */
#include "base/private_file.h"

#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/private-XXXXXX";
static struct sc_buf got;
static struct sc_diag d;

/* A file of N bytes with that mode; its path. */
static const char *make(const char *name, mode_t mode, size_t n)
{
	static char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (size_t i = 0; fd >= 0 && i < n; i++)
		CHECK(write(fd, "k", 1) == 1);
	CHECK(fd >= 0 && fchmod(fd, mode) == 0);
	close(fd);
	return path;
}

static enum sc_err read_it(const char *path, size_t max)
{
	sc_buf_fini(&got);
	sc_buf_init(&got, max);
	d = (struct sc_diag){ .line = 0 };
	return private_file_read(path, "test key", &got, &d);
}

static void test_modes(void)
{
	static const mode_t open_to_others[] = { 0640, 0604, 0660, 0606, 0610, 0601, 0777 };

	CHECK(read_it(make("a", 0600, 3), 16) == SC_OK && got.n == 3);
	CHECK(read_it(make("a", 0400, 3), 16) == SC_OK && got.n == 3);
	for (size_t i = 0; i < sizeof(open_to_others) / sizeof(open_to_others[0]); i++) {
		CHECK(read_it(make("a", open_to_others[i], 3), 16) == SC_AUTH && got.n == 0);
		CHECK(strstr(d.text, "the test key's mode must be 0600 or 0400") != NULL);
		CHECK(strstr(d.file, "/a") != NULL);
	}
}

static void test_sizes(void)
{
	CHECK(read_it(make("b", 0600, 15), 16) == SC_OK && got.n == 15);
	CHECK(read_it(make("b", 0600, 16), 16) == SC_LIMIT);
	CHECK(strstr(d.text, "longer than 15 bytes") != NULL);
	CHECK(read_it(make("b", 0600, 0), 16) == SC_IO);
	CHECK(read_it(make("b", 0600, 9000), 10000) == SC_OK && got.n == 9000);
}

static void test_no_file(void)
{
	char path[128], link[128];

	snprintf(path, sizeof(path), "%s/none", dir);
	CHECK(read_it(path, 16) == SC_IO && strstr(d.text, "cannot open the test key") != NULL);
	CHECK(read_it(dir, 16) == SC_AUTH);
	snprintf(link, sizeof(link), "%s/link", dir);
	CHECK(symlink(make("c", 0600, 3), link) == 0);
	CHECK(read_it(link, 16) == SC_IO);
	snprintf(path, sizeof(path), "%s/pipe", dir);
	CHECK(mkfifo(path, 0600) == 0 && read_it(path, 16) == SC_AUTH);
}

static enum sc_err read_handed(const char *folder, const char *name)
{
	sc_buf_fini(&got);
	sc_buf_init(&got, 16);
	d = (struct sc_diag){ .line = 0 };
	return private_file_read_handed(folder, name, "test key", &got, &d);
}

static void test_handed(void)
{
	static const struct {
		mode_t folder, file;
		enum sc_err err;
	} rows[] = { { 0700, 0600, SC_OK }, { 0550, 0440, SC_OK }, { 0700, 0604, SC_AUTH },
		{ 0700, 0620, SC_AUTH }, { 0701, 0600, SC_AUTH }, { 0720, 0600, SC_AUTH } };
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/handed", dir);
	CHECK(mkdir(folder, 0700) == 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(chmod(folder, 0700) == 0);
		(void)make("handed/x", rows[i].file, 3);
		CHECK(chmod(folder, rows[i].folder) == 0);
		CHECK(read_handed(folder, "x") == rows[i].err);
		CHECK(got.n == (rows[i].err == SC_OK ? 3 : 0));
		CHECK(strstr(d.file, "/handed/x") != NULL);
	}
	CHECK(chmod(folder, 0700) == 0);
	CHECK(read_handed(folder, "none") == SC_IO && d.text[0] != '\0');
	CHECK(read_handed("/nowhere", "x") == SC_IO && strstr(d.text, "folder") != NULL);
	(void)make("handed/x", 0600, 16);
	CHECK(read_handed(folder, "x") == SC_LIMIT);
	CHECK(mkdir(make("handed/y", 0600, 0), 0700) != 0); /* a file, no folder */
	CHECK(read_handed(folder, "y") == SC_IO);
}

int main(void)
{
	char rm[64];

	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(test_modes, "a secret that others can touch is not read");
	RUN(test_sizes, "a secret is read whole or not at all");
	RUN(test_no_file, "what is no plain file is no secret, and makes nobody wait");
	RUN(test_handed, "what was handed over is ours or root's, and nobody else's to write");
	sc_buf_fini(&got);
	snprintf(rm, sizeof(rm), "rm -r %s", dir);
	return system(rm) == 0 ? tap_done() : 1;
}
