/*
 * test_view_settings.c - viewd.json: what may stand in it, as its schema says, and who is
 * let in when nothing is said.
 */
#include "analytics/viewd/settings.h"

#include "base/feed/rule.h"
#include "schema.h"
#include "tap.h"

#include <unistd.h>

static char dir[] = "/tmp/scrim-test-XXXXXX";
static char text[300];

#define HEAD \
	"\"tenant\":\"t\",\"feed\":\"f.sock\",\"operator\":\"/run/o.sock\",\"data\":\"d\",\"words\":\"w.json\""

/* Load what begins with HEAD; its first complaint, if there is one, in TEXT. */
static enum sc_err load(const char *json, struct view_settings *out)
{
	struct sc_diags all = { .n = 0 };
	char path[64];
	enum sc_err err;
	FILE *f;

	snprintf(path, sizeof(path), "%s/viewd.json", dir);
	if ((f = fopen(path, "w")) == NULL)
		abort();
	fputs(json, f);
	fclose(f);
	err = view_settings_load(path, &all, out);
	snprintf(text, sizeof(text), "%s", all.v[0].text);
	return err;
}

static void test_usual(void)
{
	struct view_settings s;
	char path[64];

	NEED(load("{" HEAD "}", &s) == SC_OK);
	snprintf(path, sizeof(path), "%s/f.sock", dir);
	CHECK(strcmp(s.feed, path) == 0 && strcmp(s.operator_, "/run/o.sock") == 0);
	CHECK(strcmp(s.tenant.s, "t") == 0 && s.purpose == NULL);
	CHECK(s.keep_days == 400 && s.keep_device_days == 90 && s.keep_aside_days == 30);
	CHECK(
	    s.n_peers == 0 && s.n_operators == 0 && s.rules_off == 0 && !s.join_devices && s.live);
	view_settings_fini(&s);
	view_settings_fini(&s);
}

static void test_all(void)
{
	struct view_settings s;

	NEED(
	    load(
		"{" HEAD ", \"purpose\": \"offers\", \"peers\": [{\"uid\": 7}],"
		"\"operators\": [{\"uid\": 0}, {\"uid\": 8}], \"keep_days\": 1,"
		"\"keep_device_days\": 2, \"keep_aside_days\": 3, \"rules_off\": [\"focus\", \"ring\"],"
		"\"join_devices\": true, \"live\": false}",
		&s) == SC_OK);
	CHECK(strcmp(s.purpose, "offers") == 0 && s.join_devices && !s.live);
	CHECK(s.n_peers == 1 && s.peers[0] == 7 && s.n_operators == 2 && s.operators[1] == 8);
	CHECK(s.keep_days == 1 && s.keep_device_days == 2 && s.keep_aside_days == 3);
	CHECK(s.rules_off == (1u << FEED_FOCUS | 1u << FEED_RING));
	view_settings_fini(&s);
}

static void test_wrong(void)
{
	static const struct {
		const char *json, *says;
	} rows[] = {
		{ "{}", "tenant" },
		{ "{" HEAD ",\"port\": 1}", "port" },
		{ "{" HEAD ",\"keep_days\": 0}", "keep_days" },
		{ "{" HEAD ",\"keep_aside_days\": 36501}", "keep_aside_days" },
		{ "{" HEAD ",\"peers\": []}", "peers" },
		{ "{" HEAD ",\"peers\": [{\"uid\": -1}]}", "uid" },
		{ "{" HEAD ",\"rules_off\": [\"webdriver\"]}", "webdriver" },
		{ "{" HEAD ",\"join_devices\": 1}", "join_devices" },
	};
	struct view_settings s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(load(rows[i].json, &s) == SC_SYNTAX);
		if (strstr(text, rows[i].says) == NULL)
			printf("# %s: %s\n", rows[i].json, text);
		CHECK(strstr(text, rows[i].says) != NULL);
		CHECK(s.arena.blocks == NULL);
	}
}

static void test_long_socket(void)
{
	struct view_settings s;
	char json[400], name[120];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t n = 107; n <= 108; n++) {
		snprintf(json, sizeof(json),
		    "{\"tenant\":\"t\",\"feed\":\"/%.*s\",\"operator\":\"o\",\"data\":\"d\",\"words\":\"w\"}",
		    (int)n - 1, name);
		CHECK((load(json, &s) == SC_OK) == (n == 107));
		view_settings_fini(&s);
	}
}

static void test_who(void)
{
	const uid_t two[] = { 5, 6 };
	const uid_t us = geteuid();

	CHECK(view_uid_is_among(5, two, 2, false) && view_uid_is_among(6, two, 2, false));
	CHECK(!view_uid_is_among(7, two, 2, true) && !view_uid_is_among(0, two, 2, true));
	CHECK(view_uid_is_among(us, NULL, 0, false) && view_uid_is_among(us, NULL, 0, true));
	CHECK(view_uid_is_among(0, NULL, 0, true));
	CHECK(!view_uid_is_among(us + 1, NULL, 0, true));
	CHECK(us == 0 || !view_uid_is_among(0, NULL, 0, false));
}

static void test_schema(void)
{
	schema_agrees("docs/viewd.schema.json", &view_settings_shape);
}

/* What the repository shows as an example is one. */
static void test_example(void)
{
	struct sc_diags all = { .n = 0 };
	struct view_settings s;

	NEED(view_settings_load("keys-example/viewd.json", &all, &s) == SC_OK);
	CHECK(strcmp(s.cube_dataset, "week") == 0 && s.drafts != NULL && s.views != NULL);
	view_settings_fini(&s);
}

int main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(test_usual, "what is not said is as usual, and paths are the file's own");
	RUN(test_all, "everything that may be said is kept");
	RUN(test_example, "the example is one");
	RUN(test_wrong, "what is wrong is named");
	RUN(test_long_socket, "a socket's path is no longer than the kernel takes");
	RUN(test_who, "only who is named is let in; else ourselves, and root where it may ask");
	RUN(test_schema, "the schema says the same as the rows");
	snprintf(text, sizeof(text), "%s/viewd.json", dir);
	(void)unlink(text);
	(void)rmdir(dir);
	return tap_done();
}
