/*
 * replay.c - feeds a fuzz target its committed corpus, as a test.
 *
 * Linked in place of libFuzzer. The corpus of build/…/fuzz/fuzz_NAME is
 * tests/fuzz/corpus/NAME/; other files or folders may be given as arguments.
 * Each input is handed over in a block of its own size, so that a reader of
 * one byte too many is caught by the address sanitiser.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long count;

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data = NULL;
	int rc = 1;

	if (f == NULL || fstat(fileno(f), &st) != 0)
		goto out;
	data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	if (data == NULL || fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		goto out;
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	count++;
	rc = 0;
out:
	if (rc != 0)
		printf("# cannot read %s\n", path);
	free(data);
	if (f != NULL)
		fclose(f);
	return rc;
}

static int run_path(const char *path)
{
	struct stat st;
	struct dirent *e;
	DIR *d;
	int rc = 0;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return run_file(path);
	if ((d = opendir(path)) == NULL) {
		printf("# no corpus at %s\n", path);
		return 1;
	}
	while ((e = readdir(d)) != NULL) {
		char name[4096];

		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		rc |= run_file(name);
	}
	closedir(d);
	return rc;
}

int main(int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	char corpus[512];
	int rc = 0;

	base = base == NULL ? argv[0] : base + 1;
	if (strncmp(base, "fuzz_", 5) == 0)
		base += 5;
	snprintf(corpus, sizeof(corpus), "tests/fuzz/corpus/%s", base);
	if (argc < 2)
		rc = run_path(corpus);
	for (int i = 1; i < argc; i++)
		rc |= run_path(argv[i]);
	if (count == 0)
		rc = 1;
	printf("%sok 1 - %s: %lu inputs of the corpus\n1..1\n", rc ? "not " : "", base, count);
	return rc;
}
