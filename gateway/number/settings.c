/*
 * settings.c - the modes of virtual numbers, and the kinds of vendors, by name.
 */
#include "gateway/number/settings.h"

#include <stddef.h>

const char *const phone_mode_names[] = { [PHONE_AXE] = "AXE",
	[PHONE_AXB] = "AXB",
	[PHONE_AXN] = "AXN",
	[PHONE_MODE_COUNT] = NULL };

const char *const phone_vendor_kinds[] = { "twilio", "signalwire", "telnyx", NULL };
