/*
 * test_kept.c - what is lost is named and to be put back, and nothing new is made or offered
 * in its place while anything of the old is there.
 */
#include "crypto/keystore/kept.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static const struct settings places = { .root = "/r/root.json",
	.store = "/s/keyd.db",
	.epoch = "/s/keyd.epoch" };

enum { R = KEPT_ROOT, E = KEPT_EPOCH, S = KEPT_STORE, L = KEPT_LOG };

static const struct {
	unsigned parts;
	bool serves, inits;  /* may it go on */
	const char *says[4]; /* when it may not serve */
	const char *file;
} rows[] = {
	{ 0, false, true, { "scrim keys init", "scrim keys restore" }, "/r/root.json" },
	{ R, false, true, { "scrim keys init", "scrim keys restore" }, "/s/keyd.db" },
	{ L, false, false,
	    { "root key, epoch file and database are lost", "put back the copy",
		"scrim keys restore" },
	    "/r/root.json" },
	{ R | L, false, false, { "epoch file and database are lost", "scrim keys restore" },
	    "/s/keyd.db" },
	{ E, false, false, { "root key and database are lost", "put back", "scrim keys restore" },
	    "/r/root.json" },
	{ S, false, false, { "root key and epoch file are lost", "put back", "same epoch" },
	    "/r/root.json" },
	{ E | S, false, false, { "the root key is lost", "put back its copy", "opens none" },
	    "/r/root.json" },
	/* these keystore_open() looks into */
	{ R | E, true, true, { NULL }, NULL },
	{ R | S, true, true, { NULL }, NULL },
	/* it may be an empty one: beside a log none is made in its place */
	{ R | S | L, false, false,
	    { "the log is there, and keyd.epoch", "put it or its twin back" }, "/s/keyd.db" },
	{ R | E | S, true, true, { NULL }, NULL },
};

static void one(unsigned parts, bool init, bool goes_on, const char *const says[4],
    const char *file)
{
	struct sc_diag d = { .text = "" };
	const enum sc_err err = kept_check(&places, parts, init, &d);

	CHECK(err == (goes_on ? SC_OK : SC_AUTH));
	CHECK(goes_on == (d.text[0] == '\0'));
	if (goes_on)
		return;
	CHECK(strcmp(d.file, file) == 0);
	CHECK(strlen(d.text) < sizeof(d.text) - 1); /* not cut */
	for (unsigned i = 0; i < 4 && says[i] != NULL; i++)
		if (strstr(d.text, says[i]) == NULL) {
			printf("# %u: %s\n", parts, d.text);
			CHECK(false);
		}
	if ((parts & ~(unsigned)R) != 0)
		CHECK(strstr(d.text, "init") == NULL);
}

static void table(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		one(rows[i].parts, false, rows[i].serves, rows[i].says, rows[i].file);
		one(rows[i].parts, true, rows[i].inits, rows[i].says, rows[i].file);
		if ((rows[i].parts & (E | S)) != 0 &&
		    rows[i].parts != (R | S)) /* it says no more */
			one(rows[i].parts | L, true, rows[i].inits, rows[i].says, rows[i].file);
	}
}

static char dir[] = "/tmp/scrim-kept-XXXXXX";

static void touch(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	close(fd);
}

static void found(void)
{
	char root[64], epoch[64], twin[64], store[64], log[64], checkpoint[96];
	struct settings s = { .root = root, .epoch = epoch, .store = store, .log = log };

	snprintf(root, sizeof(root), "%s/root", dir);
	snprintf(epoch, sizeof(epoch), "%s/epoch", dir);
	snprintf(twin, sizeof(twin), "%s/twin", dir);
	snprintf(store, sizeof(store), "%s/store", dir);
	snprintf(log, sizeof(log), "%s/log", dir);
	snprintf(checkpoint, sizeof(checkpoint), "%s/checkpoint", log);
	CHECK(kept_parts(&s) == 0);
	touch(root);
	CHECK(kept_parts(&s) == R);
	touch(store);
	CHECK(kept_parts(&s) == (R | S));
	touch(twin);
	CHECK(kept_parts(&s) == (R | S));
	s.epoch_twin = twin; /* one of both is enough */
	CHECK(kept_parts(&s) == (R | E | S));
	touch(epoch);
	unlink(twin);
	CHECK(kept_parts(&s) == (R | E | S));
	CHECK(mkdir(log, 0700) == 0);
	CHECK(kept_parts(&s) == (R | E | S)); /* an empty folder is no log */
	touch(checkpoint);
	CHECK(kept_parts(&s) == (R | E | S | L));
	s.root = "/nowhere";
	CHECK(kept_parts(&s) == (E | S | L));
	s.root = "credential:x"; /* which root_load() asks for */
	CHECK(kept_parts(&s) == (R | E | S | L));
}

int main(void)
{
	char rm[64];

	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(table,
	    "each set of what is there gets its word, and a new one is offered with nothing");
	RUN(found, "what is there is found");
	snprintf(rm, sizeof(rm), "rm -r %s", dir);
	return system(rm) == 0 ? tap_done() : 1;
}
