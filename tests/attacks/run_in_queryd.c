/*
 * run_in_queryd.c - what code of the attacker's own could do in queryd's process: this is such
 * code, under all that queryd gives up before it serves, by its own settings.
 *
 *	run_in_queryd CONFIG read|write|list|connect|run PATH
 *
 * Exit status 42 when it got what it wanted.
 */
#include "analytics/queryd/confine.h"
#include "base/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GOT 42

static bool try_read(const char *path)
{
	char byte;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, &byte, 1) == 1;
}

static bool try_write(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

static bool try_list(const char *path)
{
	return opendir(path) != NULL;
}

static bool try_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
}

/* It would end as the program does: "sh -c 'exit 42'". */
static bool try_run(const char *path)
{
	execl(path, path, "-c", "exit 42", (char *)NULL);
	return false;
}

static const struct {
	const char *name;
	bool (*get)(const char *path);
} wishes[] = {
	{ "read", try_read },
	{ "write", try_write },
	{ "list", try_list },
	{ "connect", try_connect },
	{ "run", try_run },
};

int main(int argc, char **argv)
{
	struct sc_diags all = { .n = 0 };
	struct queryd_settings s;

	if (argc != 4 || queryd_settings_load(argv[1], &all, &s) != SC_OK ||
	    sandbox_process(&all.v[0]) != SC_OK || queryd_confine_files(&s, &all.v[0]) != SC_OK ||
	    queryd_confine(&all.v[0]) != SC_OK) {
		fprintf(stderr, "run_in_queryd: %s\n", all.v[0].text);
		return 1;
	}
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		if (strcmp(argv[2], wishes[i].name) == 0 && wishes[i].get(argv[3]))
			return GOT;
	return 0;
}
