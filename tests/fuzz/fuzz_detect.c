/*
 * fuzz_detect.c - any bytes as free text: hits ascend, are disjoint, stay
 * inside and never cut an UTF-8 character; what is seen plainly is seen in disguise too, and
 * nothing changes when it is asked again.
 */
#include "policy/words/class.h"
#include "policy/detect/detect.h"
#include "policy/detect/disguise.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static bool tail(const uint8_t *p, size_t n, size_t i)
{
	return i < n && (p[i] & 0xC0) == 0x80;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct detect_hits h;
	uint32_t at = 0;

	detect_hits_init(&h);
	must(detect_scan(sc_span(data, size), &h) == SC_OK);
	for (size_t i = 0; i < h.n; i++) {
		const struct detect_hit *v = &h.v[i];

		must(v->start >= at && v->end > v->start && v->end <= size);
		must(class_name(v->class_id) != NULL);
		must((data[v->start] & 0xC0) != 0x80);
		/* behind a hit a stray tail byte may stand, inside none may be cut */
		must(!tail(data, size, v->end) || data[v->end - 1] < 0x80);
		at = v->end;
	}
	must(detect_any(sc_span(data, size)) == (h.n != 0));
	must(!detect_nothing(sc_span(data, size)) || h.n == 0);
	if (size > DISGUISE_MAX) {
		must(detect_disguised(sc_span(data, size)));
	} else {
		bool found = detect_disguised(sc_span(data, size));

		must(found || h.n == 0);
		must(found == detect_disguised(sc_span(data, size)));
	}
	detect_hits_fini(&h);
	return 0;
}
