/*
 * options.h - scrimd's command line.
 */
#ifndef GATEWAY_SCRIMD_OPTIONS_H
#define GATEWAY_SCRIMD_OPTIONS_H

#include "base/log.h"

#include <stdbool.h>

struct scrimd_options {
	const char *config;
	enum log_level level;
};

/* True to go on; false to exit with *CODE (help, version, or wrong usage: 2). */
bool options_parse(int argc, char **argv, struct scrimd_options *out, int *code);

#endif
