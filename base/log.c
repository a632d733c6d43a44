/*
 * log.c - writing the operational log.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static const char *program_name = "scrim";
static enum log_level lowest = LOG_INFO;

void log_setup(const char *program, enum log_level level)
{
	program_name = program;
	lowest = level;
}

struct line {
	char s[LINE_MAX_BYTES];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	size_t room = sizeof(l->s) - l->n;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->s + l->n, room, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < room)
		l->n += (size_t)n; /* a field that does not fit is left out */
}

static void line_add_field(struct line *l, const struct log_field *f)
{
	switch (f->type) {
	case LOG_T_STR: line_add(l, ",\"%s\":\"%s\"", f->key, f->v.str); break;
	case LOG_T_U64:
	case LOG_T_LEN: line_add(l, ",\"%s\":%llu", f->key, (unsigned long long)f->v.u64); break;
	case LOG_T_HEX64:
		line_add(l, ",\"%s\":\"%016llx\"", f->key, (unsigned long long)f->v.u64);
		break;
	case LOG_T_NAME: line_add(l, ",\"%s\":\"%s\"", f->key, f->v.name->s); break;
	case LOG_T_ERR: line_add(l, ",\"%s\":\"%s\"", f->key, sc_err_name(f->v.err)); break;
	case LOG_T_ERRNO:
		line_add(l, ",\"%s\":\"%s\"", f->key, strerrordesc_np(f->v.errnum));
		break;
	case LOG_T_END: break;
	}
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	struct timespec now;
	struct line l = { .n = 0 };
	struct tm tm;
	int saved = errno;

	if (level < lowest)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	line_add(&l,
	    "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\","
	    "\"level\":\"%s\",\"program\":\"%s\",\"event\":\"%s\"",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    now.tv_nsec / 1000000, names[level], program_name, event);
	for (; fields->type != LOG_T_END; fields++)
		line_add_field(&l, fields);
	if (l.n > sizeof(l.s) - 3)
		l.n = sizeof(l.s) - 3;
	l.s[l.n++] = '}';
	l.s[l.n++] = '\n';
	/* one write a line, so that lines of several threads do not mix */
	if (write(STDERR_FILENO, l.s, l.n) < 0)
		errno = saved;
	errno = saved;
}
