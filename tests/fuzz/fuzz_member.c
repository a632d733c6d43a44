/*
 * fuzz_member.c - any bytes as the name of a member: what it says is a class there is, the same
 * when it is asked again or remembered, and no other for digits or marks behind it.
 */
#include "policy/detect/member.h"

#include <stdlib.h>
#include <string.h>

#define SHORT 64 /* of a longer one only the beginning is read */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static bool same(const struct member *a, const struct member *b)
{
	return a->class_id == b->class_id && a->of == b->of && a->needs == b->needs &&
	    a->person == b->person && a->same == b->same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct member_memory memory;
	struct member first, again, v[3];
	uint8_t longer[SHORT + 3];

	member_read(sc_span(data, size), &first);
	must(first.class_id < CLASS_BUILTIN_END && first.of <= MEMBER_SHOP);
	member_read(sc_span(data, size), &again);
	must(same(&first, &again));
	member_recall(&memory, sc_span(data, size), &again);
	must(same(&first, &again));
	member_recall(&memory, sc_span(data, size), &again);
	must(same(&first, &again));
	if (size != 0 && size <= SHORT && data[size - 1] < 0x80) {
		memcpy(longer, data, size);
		memcpy(longer + size, "_12", 3);
		member_read(sc_span(longer, size + 3), &again);
		must(same(&first, &again));
	}
	v[0] = v[1] = v[2] = first;
	for (size_t n = 0; n <= 3; n++)
		must(member_class(v, n) < CLASS_BUILTIN_END);
	return 0;
}
