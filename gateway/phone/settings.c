/*
 * settings.c - the modes of virtual numbers by name.
 */
#include "gateway/phone/settings.h"

#include <stddef.h>

const char *const phone_mode_names[] = { [PHONE_AXE] = "AXE",
	[PHONE_AXB] = "AXB",
	[PHONE_AXN] = "AXN",
	[PHONE_MODE_COUNT] = NULL };
