/*
 * words.c - a log gets the worst word that is said of it, and the reason that came first.
 */
#include "audit/review/judge_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *audit_word_name(enum audit_word word)
{
	static const char *const names[] = { "verified", "unpinned", "incomplete", "broken" };

	return names[word];
}

void judge_say(struct judged *d, enum audit_word word, const char *fmt, ...)
{
	va_list ap;

	if (d->log->word >= word)
		return;
	d->log->word = word;
	memset(&d->log->why, 0, sizeof(d->log->why));
	va_start(ap, fmt);
	vsnprintf(d->log->why.text, sizeof(d->log->why.text), fmt, ap);
	va_end(ap);
}
