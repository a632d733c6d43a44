/*
 * log_writer.c - another process's log, as scrim-queryd writes its own: unsigned, for scrimd to
 * look after.
 *
 *	log_writer DIR ORIGIN	each line of standard input becomes an entry; "N\n" says that
 *				N of them are durable
 */
#include "crypto/tlog/writer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct tlog_options o = { .publish_ms = 100 };
	struct sc_diag d = { .text = "" };
	char line[4096];
	struct tlog *log;
	uint64_t index;

	if (argc != 3)
		return 2;
	o.dir = argv[1];
	o.origin = argv[2];
	if (tlog_open(&o, &d, &log) != SC_OK) {
		fprintf(stderr, "log_writer: %s: %s\n", d.file, d.text);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (tlog_append(log, sc_span_str(line), true, &index) != SC_OK)
			return 1;
		while (tlog_durable(log) <= index && !tlog_failed(log))
			usleep(1000);
		printf("%llu\n", (unsigned long long)tlog_durable(log));
	}
	tlog_close(log);
	return 0;
}
