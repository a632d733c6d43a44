/*
 * test_root.c - the root key is read from its owner's file or from what systemd handed
 * over, from nowhere else, and whatever is refused says what to do.
 */
#include "crypto/keyring/root.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define GOOD \
	"{\"scrim_root\":1,\"kind\":\"file\"," \
	"\"key\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"}"
#define DEMO \
	"{\"scrim_root\":1,\"kind\":\"file\",\"demo\":true," \
	"\"key\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"}"

static char dir[] = "/tmp/scrim-root-XXXXXX";
static struct sc_diag d;

static const char *at(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(fchmod(fd, mode) == 0);
	close(fd);
}

/* SC_OK: and it is the key above. */
static enum sc_err load(const char *root, bool demo)
{
	struct sc_secret *key = NULL;
	enum sc_err err;

	d = (struct sc_diag){ .line = 0 };
	err = root_load(root, demo, &d, &key);
	CHECK((err == SC_OK) == (key != NULL));
	CHECK((err == SC_OK) == (d.text[0] == '\0'));
	if (key != NULL) {
		const uint8_t *p = sc_secret_open(key);

		for (uint8_t i = 0; i < ROOT_BYTES; i++)
			CHECK(p[i] == i);
		sc_secret_close(key);
	}
	sc_secret_free(key);
	return err;
}

static bool says(const char *what)
{
	if (strstr(d.text, what) != NULL)
		return true;
	printf("# %s: %s\n", d.file, d.text);
	return false;
}

static void file(void)
{
	put("root.json", GOOD, 0600);
	CHECK(root_there(at("root.json")) && load(at("root.json"), false) == SC_OK);
	put("root.json", GOOD, 0400);
	CHECK(load(at("root.json"), false) == SC_OK);
	put("root.json", GOOD, 0640);
	CHECK(load(at("root.json"), false) == SC_AUTH && says("mode must be 0600 or 0400"));
	put("root.json", DEMO, 0600);
	CHECK(load(at("root.json"), false) == SC_AUTH && says("demo key"));
	CHECK(load(at("root.json"), true) == SC_OK);
	unlink(at("root.json"));
	CHECK(!root_there(at("root.json")));
	CHECK(load(at("root.json"), false) == SC_IO && says("put back its copy"));
	CHECK(strstr(d.text, "init") == NULL);
}

static void owner(void)
{
	const struct {
		uid_t uid;
		mode_t mode;
		const char *says;
	} rows[] = { { 65533, 0600, "belongs to user 65533, and must belong to 0" },
		{ 65533, 0400, "belongs to user 65533" } };

	if (geteuid() != 0) {
		printf("# only root can give a file away\n");
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put("other.json", GOOD, rows[i].mode);
		CHECK(chown(at("other.json"), rows[i].uid, 0) == 0);
		CHECK(load(at("other.json"), false) == SC_AUTH && says(rows[i].says));
		unlink(at("other.json"));
	}
	/* and as somebody else, who may not even open it */
	put("other.json", GOOD, 0600);
	CHECK(chmod(dir, 0755) == 0 && seteuid(65533) == 0);
	CHECK(load(at("other.json"), false) == SC_IO && says("may not be read by user 65533"));
	CHECK(seteuid(0) == 0);
}

static void text(void)
{
	static const struct {
		const char *json, *says;
	} bad[] = {
		{ "", "" },
		{ "{}", "missing" },
		{ "{\"scrim_root\":2,\"kind\":\"file\",\"key\":\"AA==\"}", "scrim_root" },
		{ "{\"scrim_root\":1,\"kind\":\"token\",\"key\":\"AA==\"}", "kind" },
		{ "{\"scrim_root\":1,\"kind\":\"file\",\"key\":\"AA==\"}", "32 bytes" },
		{ "{\"scrim_root\":1,\"kind\":\"file\",\"key\":7}", "32 bytes" },
		{ "{\"scrim_root\":1,\"kind\":\"file\",\"key\":"
		  "\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\"}",
		    "32 bytes" },
	};
	struct sc_secret *key;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		d = (struct sc_diag){ .line = 0 };
		CHECK(root_parse(sc_span_str(bad[i].json), "r", false, &d, &key) == SC_SYNTAX);
		CHECK(key == NULL && says(bad[i].says));
		CHECK(strstr(d.text, "AAEC") == NULL); /* nothing of it is repeated */
	}
}

static void example(void)
{
	char path[300];

	CHECK(mkdir(at("keys-example"), 0700) == 0);
	put("keys-example/root.json", GOOD, 0600);
	snprintf(path, sizeof(path), "%s", at("keys-example/root.json"));
	CHECK(load(path, false) == SC_AUTH && says("known to everyone"));
	CHECK(load(path, true) == SC_OK);
	CHECK(load("keys-example/root.json", false) == SC_AUTH && says("known to everyone"));
	CHECK(load("my-keys-example/root.json", false) == SC_IO);
}

static void credential(void)
{
	static const struct {
		mode_t folder, file;
		enum sc_err err;
	} modes[] = {
		{ 0500, 0400, SC_OK },
		{ 0700, 0600, SC_OK },
		{ 0550, 0440, SC_OK }, /* as systemd's access list shows */
		{ 0500, 0404, SC_AUTH },
		{ 0500, 0420, SC_AUTH },
		{ 0500, 0401, SC_AUTH },
		{ 0501, 0400, SC_AUTH },
		{ 0505, 0400, SC_AUTH },
		{ 0520, 0400, SC_AUTH },
		{ 0502, 0400, SC_AUTH },
	};

	unsetenv("CREDENTIALS_DIRECTORY");
	CHECK(!root_there("credential:scrim-root"));
	CHECK(load("credential:scrim-root", false) == SC_IO);
	CHECK(says("$CREDENTIALS_DIRECTORY is not set") &&
	    says("LoadCredentialEncrypted=scrim-root"));
	CHECK(mkdir(at("given"), 0700) == 0);
	setenv("CREDENTIALS_DIRECTORY", "given", 1); /* systemd's is whole */
	CHECK(load("credential:scrim-root", false) == SC_IO && says("is not set"));
	setenv("CREDENTIALS_DIRECTORY", at("none"), 1);
	CHECK(load("credential:scrim-root", false) == SC_IO && says("no such credential"));
	setenv("CREDENTIALS_DIRECTORY", at("given"), 1);
	CHECK(load("credential:scrim-root", false) == SC_IO && says("no such credential"));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		CHECK(chmod(at("given"), 0700) == 0);
		put("given/scrim-root", GOOD, modes[i].file);
		CHECK(chmod(at("given"), modes[i].folder) == 0);
		if (load("credential:scrim-root", false) != modes[i].err) {
			printf("# %04o %04o: %s\n", (unsigned)modes[i].folder,
			    (unsigned)modes[i].file, d.text);
			CHECK(false);
		}
	}
	CHECK(chmod(at("given"), 0700) == 0);
	CHECK(root_there("credential:scrim-root") && !root_there("credential:other"));
	put("given/demo", DEMO, 0400);
	CHECK(load("credential:demo", false) == SC_AUTH && says("demo key"));
	unlink(at("given/link"));
	CHECK(symlink("demo", at("given/link")) == 0);
	CHECK(load("credential:link", true) == SC_IO);
	CHECK(mkfifo(at("given/pipe"), 0400) == 0);
	CHECK(load("credential:pipe", true) == SC_AUTH);
}

static void strangers_credential(void)
{
	if (geteuid() != 0) {
		printf("# only root can give a file away\n");
		return;
	}
	setenv("CREDENTIALS_DIRECTORY", at("given"), 1);
	put("given/theirs", GOOD, 0400);
	CHECK(chown(at("given/theirs"), 65533, 0) == 0);
	CHECK(load("credential:theirs", false) == SC_AUTH && says("user 65533"));
	put("given/ours", GOOD, 0400);
	CHECK(chown(at("given"), 65533, 0) == 0);
	CHECK(load("credential:ours", false) == SC_AUTH && says("folder"));
	CHECK(chown(at("given"), 0, 0) == 0);
	CHECK(load("credential:ours", false) == SC_OK);
}

static void made(void)
{
	struct sc_secret *a = NULL, *b = NULL;
	struct stat st;

	CHECK(root_make(at("new.json"), false, &d) == SC_OK);
	CHECK(stat(at("new.json"), &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK(root_make(at("new.json"), false, &d) == SC_IO && says("File exists"));
	CHECK(root_make(at("demo.json"), true, &d) == SC_OK);
	CHECK(root_load(at("demo.json"), false, &d, &b) == SC_AUTH && b == NULL);
	NEED(root_load(at("new.json"), false, &d, &a) == SC_OK);
	NEED(root_load(at("demo.json"), true, &d, &b) == SC_OK);
	CHECK(memcmp(sc_secret_open(a), sc_secret_open(b), ROOT_BYTES) != 0);
	sc_secret_close(a);
	sc_secret_close(b);
	sc_secret_free(a);
	sc_secret_free(b);
	CHECK(root_make("credential:x", false, &d) == SC_AUTH);
	CHECK(says("systemd-creds encrypt --name=x") && says("/etc/credstore.encrypted/x"));
}

int main(void)
{
	char rm[64];

	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(file, "a file that is its owner's alone; a lost one is to be put back");
	RUN(owner, "another user's file is refused, with both users named");
	RUN(text, "a malformed one is refused, and nothing of it repeated");
	RUN(example, "the example keys are for the demo");
	RUN(credential, "a credential, as systemd lays it out and not otherwise");
	RUN(strangers_credential, "and not another user's");
	RUN(made, "new ones differ, replace nothing, and are files");
	snprintf(rm, sizeof(rm), "rm -r %s", dir);
	return system(rm) == 0 ? tap_done() : 1;
}
