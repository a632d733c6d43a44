/*
 * fuzz_zone.c - any bytes as a file of a time zone, and as a rule: refused, or with an
 * offset that a clock can show at any moment.
 */
#include "base/zone.h"
#include "base/zone_rule.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t moments[] = { INT64_MIN, -9999999999999, -1, 0, 1, 951782400, 1774746000,
	4102444800, 9999999999999, INT64_MAX };

static void check(int32_t offset_s)
{
	/* an hour more where a rule's saving is its own */
	if (offset_s <= -27 * 3600 || offset_s >= 27 * 3600)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sc_span s = sc_span(data, size);
	struct sc_diag d = { .text = "" };
	struct zone_rule rule;
	struct zone *z;
	enum sc_err err = zone_parse(s, &d, &z);

	if ((err == SC_OK) != (z != NULL) || (err != SC_OK && d.text[0] == '\0'))
		abort();
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		if (z != NULL)
			check(zone_offset_s(z, moments[i]));
		if (zone_rule_parse(s, &rule))
			check(zone_rule_offset_s(&rule, moments[i]));
	}
	zone_free(z);
	return 0;
}
