/*
 * What keyd.json may say, and that all that is wrong with it is told at once.
 */
#include "crypto/settings/settings.h"

#include "schema.h"
#include "tap.h"

#include <unistd.h>

#define FOLDER "/tmp/scrim-settings-XXXXXX"

static char folder[] = FOLDER;
static char file[sizeof(FOLDER) + 16];
static struct sc_diags all;
static struct settings got;

static enum sc_err load(const char *text)
{
	FILE *f = fopen(file, "w");
	enum sc_err err = SC_IO;

	all = (struct sc_diags){ .n = 0 };
	if (f == NULL)
		return SC_BUG;
	if (fputs(text, f) >= 0 && fclose(f) == 0)
		err = settings_load(file, &all, &got);
	return err;
}

#define PLACES \
	"\"socket\": \"s\", \"store\": \"a/k.db\", \"log\": \"/l\", \"root\": \"r\", \"policy\": \"p\""

static void test_read(void)
{
	char want[128];

	NEED(
	    load(
		"{ // comment\n\"tenant\": \"t\", " PLACES
		", \"principals\": [], \"gateways\": [{ \"node\": \"a\", \"uid\": 0 }, { \"node\": \"b\",\"uid\": 4294967294 }] }") ==
	    SC_OK);
	CHECK(strcmp(got.tenant.s, "t") == 0 && !got.demo);
	snprintf(want, sizeof(want), "%s/a/k.db", folder);
	CHECK(strcmp(got.store, want) == 0 && strcmp(got.log, "/l") == 0);
	CHECK(strcmp(got.origin, "scrim/t/keyd") == 0);
	CHECK(strcmp(got.email_domain, "scrim.example.com") == 0);
	CHECK(got.n_gateways == 2 && got.gateways[0].uid == 0 && got.gateways[1].uid == 4294967294);
	/* nobody says whom it may assert: nobody's data, and nobody */
	CHECK(got.gateways[0].asserts.n == 0 && got.gateways[0].people_per_day.tier[2] == 0 &&
	    got.gateways[0].people_per_day.tier[4] == 0);
	CHECK(got.gateways[0].people_per_day.tier[1] == SETTINGS_UNLIMITED &&
	    got.gateways[0].people_per_day.all == SETTINGS_UNLIMITED);
	settings_fini(&got);
	NEED(load("{\"tenant\": \"t\", " PLACES ", \"principals\": [{ \"name\": \"pbx\","
		  " \"role\": \"telephony\", \"socket\": true }], \"gateways\": [{ \"node\": \"a\","
		  " \"uid\": 1, \"asserts\": [\"telephony\"],"
		  " \"people_per_day\": { \"T2\": 7, \"all\": 9 } }] }") == SC_OK);
	CHECK(got.principals.n == 1 && strcmp(got.gateways[0].asserts.v[0].s, "telephony") == 0);
	CHECK(
	    got.gateways[0].people_per_day.tier[2] == 7 && got.gateways[0].people_per_day.all == 9);
	settings_fini(&got);
	CHECK(got.origin == NULL && got.n_gateways == 0);
	settings_fini(&got);
	NEED(
	    load(
		"{\"tenant\": \"t\", " PLACES
		", \"email_domain\": \"m.shop.example\", \"origin\": \"x/y\", \"demo\": true, \"principals\": [], \"gateways\": [{ \"node\": \"n\", \"uid\": 7 }] }") ==
	    SC_OK);
	CHECK(strcmp(got.email_domain, "m.shop.example") == 0);
	CHECK(got.demo && strcmp(got.origin, "x/y") == 0 && got.epoch_twin == NULL);
	settings_fini(&got);
	/* a mirror has a twin of the epoch file, in it unless it is elsewhere */
	NEED(
	    load(
		"{\"tenant\": \"t\", " PLACES
		", \"mirror\": \"/m\", \"principals\": [], \"gateways\": [{ \"node\": \"n\", \"uid\": 7 }] }") ==
	    SC_OK);
	CHECK(strcmp(got.epoch_twin, "/m/keyd.epoch") == 0);
	settings_fini(&got);
	NEED(load("{\"tenant\": \"t\", " PLACES ", \"mirror\": \"/m\", \"epoch_twin\": \"/e\","
		  " \"principals\": [], \"gateways\": [{ \"node\": \"n\", \"uid\": 7 }] }") ==
	    SC_OK);
	CHECK(strcmp(got.mirror, "/m") == 0 && strcmp(got.epoch_twin, "/e") == 0);
	settings_fini(&got);
}

#define ROOT(value) \
	"{\"tenant\": \"t\", \"socket\": \"s\", \"store\": \"a/k.db\", \"log\": \"l\", \"policy\": \"p\", " \
	"\"principals\": [], \"gateways\": [{ \"node\": \"n\", \"uid\": 7 }],\n\"root\": \"" value \
	"\"}"

/* A credential is no path, and nothing can be written beside it. */
static void test_credential(void)
{
	char want[128];

	NEED(load(ROOT("credential:scrim-root")) == SC_OK);
	CHECK(strcmp(got.root, "credential:scrim-root") == 0);
	CHECK(strcmp(settings_credential(got.root), "scrim-root") == 0);
	snprintf(want, sizeof(want), "%s/a/backup.keys", folder);
	CHECK(strcmp(got.backup_keys, want) == 0);
	settings_fini(&got);
	NEED(load(ROOT("k/root.json")) == SC_OK);
	CHECK(settings_credential(got.root) == NULL);
	snprintf(want, sizeof(want), "%s/k/backup.keys", folder);
	CHECK(strcmp(got.backup_keys, want) == 0);
	settings_fini(&got);
}

static bool one(const char *text, const char *says)
{
	if (load(text) == SC_SYNTAX && all.n == 1 && all.v[0].line == 2 &&
	    strcmp(all.v[0].file, file) == 0 && strcmp(all.v[0].text, says) == 0 &&
	    got.arena.blocks == NULL)
		return true;
	printf("# %zu, %u:%u: %s\n", all.n, all.v[0].line, all.v[0].column, all.v[0].text);
	return false;
}

static void test_signers(void)
{
	NEED(load("{\"tenant\": \"t\", " PLACES ", \"anew_signers\": [\"pbx\"], \"principals\": [{"
		  " \"name\": \"pbx\", \"role\": \"telephony\", \"socket\": true, \"sign_key\":"
		  " \"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\" }],"
		  " \"gateways\": [{ \"node\": \"a\", \"uid\": 1 }] }") == SC_OK);
	CHECK(got.anew_signers.n == 1 && strcmp(got.anew_signers.v[0].s, "pbx") == 0);
	settings_fini(&got);
}

static void test_refused(void)
{
#define GOOD "{\"tenant\": \"t\", " PLACES
#define PEER ", \"principals\": [], \"gateways\": [{ \"node\": \"n\", \"uid\": 7 }]"
	static char text[4096];

	CHECK(one(GOOD PEER ",\n\"orign\": \"x\"}",
	    "unknown key \"orign\": did you mean \"origin\"?"));
	CHECK(one(GOOD PEER ",\n\"email_domain\": \"localhost\"}",
	    "\"email_domain\" must be a domain such as \"scrim.example.com\", of 4 to 35 characters"));
#define NOBODY ", \"principals\": []"
	CHECK(one(GOOD NOBODY ",\n\"gateways\": []}", "\"gateways\" must not be an empty list"));
	CHECK(one(GOOD NOBODY ",\n\"gateways\": [{ \"node\": \"n\", \"uid\": 4294967295 }]}",
	    "\"uid\" must be a whole number from 0 to 4294967294"));
	CHECK(one(GOOD NOBODY ",\n\"gateways\": [{ \"node\": \"n\", \"uid\": -1 }]}",
	    "\"uid\" must be a whole number from 0 to 4294967294"));
	CHECK(one(GOOD NOBODY ",\n\"gateways\": [{ \"node\": \"n\" }]}",
	    "a gateway is known by \"uid\", on this host, or by \"cert_spki_sha256\", on another"));
	CHECK(one(GOOD NOBODY ",\n\"gateways\": [{ \"uid\": 1 }]}",
	    "\"node\" is missing in this gateway"));
	CHECK(one(GOOD NOBODY ",\n\"gateways\": [{ \"node\": \"n\", \"uid\": 1 },"
			      " { \"node\": \"n\", \"uid\": 2 }]}",
	    "two gateways have the same \"node\", n"));
	CHECK(one(GOOD NOBODY ",\n\"gateways\": [{ \"node\": \"n\", \"uid\": 1,"
			      " \"people_per_day\": { \"T5\": 1 } }]}",
	    "unknown key \"T5\": did you mean \"T0\" or \"T1\" or \"T2\"?"));
	for (size_t
		 i = 0,
		 n = (size_t)snprintf(text, sizeof(text), "%s", GOOD NOBODY ",\n\"gateways\": [");
	     i < 33; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "{\"node\":\"n%zu\",\"uid\":1}%s",
		    i, i < 32 ? "," : "]}");
	CHECK(one(text, "\"gateways\" must not have more than 32 entries"));
	CHECK(one(GOOD PEER ",\n\"demo\": 1}", "\"demo\" must be true or false"));
#define CREDENTIAL_MUST \
	"\"root\" must be a path, or \"credential:\" and 1 to 63 letters, digits, '.', '_' or '-'"
	CHECK(one(ROOT("credential:"), CREDENTIAL_MUST));
	CHECK(one(ROOT("credential:a/b"), CREDENTIAL_MUST));
	CHECK(one(ROOT("credential:.."), CREDENTIAL_MUST));
	CHECK(one("\n{" PLACES PEER "}", "\"tenant\" is missing in this file"));
#define KEYLESS \
	", \"gateways\": [{ \"node\": \"n\", \"uid\": 7 }], \"principals\": [{ \"name\": \"pbx\"," \
	" \"role\": \"telephony\", \"socket\": true }]"
	CHECK(one(GOOD KEYLESS ",\n\"anew_signers\": [\"pbx\"]}",
	    "this must name principals that have a \"sign_key\""));
	CHECK(one(GOOD PEER ",\n\"anew_signers\": [\"nobody\"]}",
	    "this must name principals that have a \"sign_key\""));
	CHECK(one(GOOD PEER ",\n\"anew_signers\": []}",
	    "\"anew_signers\" must not be an empty list: nothing would be allowed"));
	/* the whole path, not what stands in the file, is what must fit */
	for (size_t n = 1023 - strlen(folder) - 1; n < 1023 - strlen(folder) + 1; n++) {
		snprintf(text, sizeof(text),
		    "{\"tenant\":\"t\",\"socket\":\"s\",\"store\":\"k\",\"log\":\"l\",\"root\":\"r\",\n"
		    "\"policy\":\"%0*d\"" PEER "}",
		    (int)n, 0);
		if (n + 1 + strlen(folder) <= 1023) {
			CHECK(load(text) == SC_OK && strlen(got.policy) == 1023);
			settings_fini(&got);
		} else
			CHECK(one(text,
			    "\"policy\" must be a path of at most 1023 bytes with its folder"));
	}
}

static void test_all_at_once(void)
{
	CHECK(load("{\"tenant\": \"a b\",\n\"sockt\": \"s\",\n\"log\": 7, \"gateways\": {}}") ==
	    SC_SYNTAX);
	CHECK(all.n == 9 && all.more == 0);
	CHECK(all.v[0].line == 1 && all.v[8].line == 3);
	CHECK(strcmp(all.v[8].text, "\"gateways\" must be a list [ ]") == 0);
	CHECK(load("{\"tenant\": ") == SC_SYNTAX && all.n == 1);
	unlink(file);
	all.n = 0;
	CHECK(settings_load(file, &all, &got) == SC_IO && all.n == 1 && all.v[0].text[0] != '\0');
}

static void test_schema(void)
{
	schema_agrees("docs/keyd.schema.json", &settings_shape);
}

int main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(file, sizeof(file), "%s/keyd.json", folder);
	RUN(test_read, "what it says comes out, paths joined to its folder");
	RUN(test_credential, "the root key may be a credential of systemd's");
	RUN(test_signers, "who signs that a log begins anew has a key to sign with");
	RUN(test_refused, "a setting keyd could not use is refused where it stands");
	RUN(test_all_at_once, "all that is wrong is told at once");
	RUN(test_schema, "docs/keyd.schema.json has the keys that are read, and no other");
	rmdir(folder);
	return tap_done();
}
