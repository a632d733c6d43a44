/*
 * doctor_see.c - what a row of `scrim doctor` saw: the worst of it.
 */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>

void doctor_see(struct doctor_seen *s, enum doctor_grade grade, const char *todo, const char *fmt,
    ...)
{
	va_list ap;

	if (grade < s->grade || (grade == s->grade && s->text[0] != '\0'))
		return;
	s->grade = grade;
	s->todo = todo;
	va_start(ap, fmt);
	vsnprintf(s->text, sizeof(s->text), fmt, ap);
	va_end(ap);
}
