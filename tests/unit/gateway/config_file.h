/*
 * config_file.h - a good configuration of tests/data, and changes of it: fragments
 * in which ' stands for ".
 */
#ifndef TESTS_UNIT_GATEWAY_CONFIG_FILE_H
#define TESTS_UNIT_GATEWAY_CONFIG_FILE_H

#include "config_change.h"
#include "tap.h"

#include <fcntl.h>
#include <unistd.h>

#define FRAGMENT_MAX 1024

static char good[16384];

/* The text of the file at PATH, which fits. */
static inline bool read_text(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[n < 0 ? 0 : n] = '\0';
	return n > 0 && n < (ssize_t)size - 1;
}

/* S with " for each '. */
static inline const char *quoted(const char *s, char out[static FRAGMENT_MAX])
{
	snprintf(out, FRAGMENT_MAX, "%s", s);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return out;
}

static inline bool refused(const char *old, const char *new_, const char *says, size_t n)
{
	char a[FRAGMENT_MAX], b[FRAGMENT_MAX], c[FRAGMENT_MAX];

	return config_refused(good, quoted(old, a), quoted(new_, b), quoted(says, c), n);
}
#define REFUSED(old, new_, says) CHECK(refused(old, new_, says, 1))

/* The good file with a change, which is loaded; NULL, and told, when it is refused. */
static inline struct config *loaded(const char *old, const char *new_)
{
	char a[FRAGMENT_MAX], b[FRAGMENT_MAX];
	struct sc_diags all = { .n = 0 };
	struct config *c = NULL;
	struct sc_buf text;
	unsigned line, column;

	if (config_changed(good, quoted(old, a), quoted(new_, b), &text, &line, &column) &&
	    config_parse(sc_buf_span(&text), FILE_NAME, &all, &c) != SC_OK)
		printf("# %u:%u: %s\n", all.v[0].line, all.v[0].column, all.v[0].text);
	sc_buf_fini(&text);
	return c;
}

static inline bool loads(const char *old, const char *new_)
{
	struct config *c = loaded(old, new_);
	bool ok = c != NULL;

	config_free(c);
	return ok;
}

static inline bool is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

#endif
