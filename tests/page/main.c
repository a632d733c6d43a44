/*
 * main.c - page_samples FOLDER: the pages that the tests of pages look at, as files.
 */
#include "page/samples.h"

#include <stdio.h>

static int page_write(const char *folder, const char *name, struct sc_buf *b)
{
	char path[4096];
	FILE *f;
	int rc = 1;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((f = fopen(path, "w")) == NULL)
		return 1;
	if (fwrite(b->p, 1, b->n, f) == b->n)
		rc = 0;
	if (fclose(f) != 0)
		rc = 1;
	sc_buf_clear(b);
	return rc;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum sc_err (*make)(struct sc_buf *out, enum page_language languages);
		enum page_language languages;
	} pages[] = {
		{ "marks.html", sample_marks, PAGE_BOTH },
		{ "marks_en.html", sample_marks, PAGE_EN },
		{ "marks_zh.html", sample_marks, PAGE_ZH },
		{ "report.html", sample_report, PAGE_BOTH },
		{ "report_largest.html", sample_report_largest, PAGE_BOTH },
	};
	struct sc_buf b;
	int rc = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: page_samples FOLDER\n");
		return 2;
	}
	sc_buf_init(&b, 1 << 20);
	for (size_t i = 0; rc == 0 && i < sizeof(pages) / sizeof(pages[0]); i++) {
		const enum sc_err err = pages[i].make(&b, pages[i].languages);

		if (err != SC_OK) {
			fprintf(stderr, "%s: %s\n", pages[i].name, sc_err_name(err));
			rc = 1;
		} else {
			rc = page_write(argv[1], pages[i].name, &b);
		}
	}
	sc_buf_fini(&b);
	return rc;
}
