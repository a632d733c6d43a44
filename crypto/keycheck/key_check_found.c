/*
 * key_check_found.c - what each part of a check does on its way: it notes what it found,
 * and adds up whose keys it saw.
 */
#include "crypto/keycheck/key_check_int.h"

#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>

void key_check_add(struct key_check_report *r, enum key_check_part part, enum key_check_grade grade,
    const char *fmt, ...)
{
	struct key_check_finding *f = &r->part[part];
	va_list ap;

	if (grade >= KEY_CHECK_WARNING)
		f->n++;
	if (grade <= f->grade)
		return;
	f->grade = grade;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

uint64_t key_check_sum(const uint8_t handle[static HANDLE_BYTES], uint64_t slot)
{
	uint64_t x = sc_be64_load(handle) * UINT64_C(0x9e3779b97f4a7c15) ^
	    sc_be64_load(handle + 8) * UINT64_C(0xc2b2ae3d27d4eb4f) ^
	    (slot + 1) * UINT64_C(0x165667b19e3779f9);

	x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
	return (x ^ x >> 29) * UINT64_C(0x94d049bb133111eb) ^ x >> 32;
}
