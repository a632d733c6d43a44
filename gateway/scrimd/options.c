/*
 * options.c - scrimd's command line.
 */
#include "gateway/scrimd/options.h"
#include "base/version.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "usage: scrimd --config FILE [--verbose]\n"
    "\n"
    "The gateway: orders pass through it, the personal data in them does not.\n"
    "\n"
    "  --config FILE  the configuration, usually scrim.json\n"
    "  --verbose      log debugging events too\n"
    "  --version      print the version and exit\n"
    "  --help         print this and exit\n"
    "\n"
    "SIGHUP reloads configuration and policy, SIGTERM drains and stops.\n"
    "`scrim config check FILE` tells beforehand what scrimd would refuse.\n";

bool options_parse(int argc, char **argv, struct scrimd_options *out, int *code)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	out->config = NULL;
	out->level = LOG_INFO;
	*code = 2;
	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (c) {
		case 'c': out->config = optarg; break;
		case 'v': out->level = LOG_DEBUG; break;
		case 'V':
			printf("scrimd %s\n", SCRIM_VERSION);
			*code = 0;
			return false;
		case 'h':
			fputs(help, stdout);
			*code = 0;
			return false;
		default: fputs(help, stderr); return false;
		}
	}
	if (out->config != NULL && optind == argc)
		return true;
	fputs(help, stderr);
	return false;
}
