/*
 * test_witness_settings.c - witness.json: what is kept, what is refused, and that its schema says
 * the same.
 */
#include "audit/witness/settings.h"

#include "schema.h"

#include <unistd.h>

static char path[] = "/tmp/scrim-witness-XXXXXX";
static struct note_key log_key;
static char vkey[NOTE_VKEY_MAX + 1], cosigner[NOTE_VKEY_MAX + 1];

static void print_key(const char *name, uint8_t type, char out[static NOTE_VKEY_MAX + 1])
{
	const uint8_t pub[NOTE_PUB_BYTES] = { 7 };
	struct sc_buf b;

	sc_buf_init(&b, NOTE_VKEY_MAX);
	if (note_key_make(name, type, pub, &log_key) != SC_OK ||
	    note_key_print(&log_key, &b) != SC_OK)
		abort();
	snprintf(out, NOTE_VKEY_MAX + 1, "%.*s", SC_SPAN_ARG(sc_buf_span(&b)));
	sc_buf_fini(&b);
}

static enum sc_err load(const char *logs, const char *more, struct witness_settings *out)
{
	struct sc_diags all = { .n = 0 };
	FILE *f = fopen(path, "we");

	if (f == NULL ||
	    fprintf(f,
		"{\"name\":\"w.example\",\"key\":\"w.key\",\"state\":\"/seen\","
		"\"listen\":{\"address\":\"127.0.0.1:0\"},\"logs\":[%s]%s}",
		logs, more) < 0 ||
	    fclose(f) != 0)
		abort();
	return witness_settings_load(path, &all, out);
}

static void test_kept(void)
{
	struct witness_settings s;
	char logs[1024];

	snprintf(logs, sizeof(logs),
	    "{\"origin\":\"demo/one\",\"vkey\":\"%s\"},{\"origin\":\"demo/two\",\"vkey\":\"%s\"}",
	    vkey, vkey);
	NEED(load(logs, "", &s) == SC_OK);
	CHECK(s.n_logs == 2 && strcmp(s.logs[1].origin, "demo/two") == 0);
	CHECK(s.logs[0].key.type == NOTE_ED25519 && s.listen.cert == NULL);
	CHECK(strcmp(s.key, "/tmp/w.key") == 0 && strcmp(s.state, "/seen") == 0);
	witness_settings_fini(&s);
	CHECK(load("", "", &s) == SC_OK && s.n_logs == 0);
	witness_settings_fini(&s);
}

static void test_refused(void)
{
	struct witness_settings s;
	char logs[1024];

	/* twice the same log, a witness's key, half a key, a name that is none */
	snprintf(logs, sizeof(logs),
	    "{\"origin\":\"demo/one\",\"vkey\":\"%s\"},{\"origin\":\"demo/one\",\"vkey\":\"%s\"}",
	    vkey, vkey);
	CHECK(load(logs, "", &s) == SC_SYNTAX);
	snprintf(logs, sizeof(logs), "{\"origin\":\"demo/one\",\"vkey\":\"%s\"}", cosigner);
	CHECK(load(logs, "", &s) == SC_SYNTAX);
	snprintf(logs, sizeof(logs), "{\"origin\":\"demo/one\",\"vkey\":\"%.30s\"}", vkey);
	CHECK(load(logs, "", &s) == SC_SYNTAX);
	snprintf(logs, sizeof(logs), "{\"origin\":\"demo one\",\"vkey\":\"%s\"}", vkey);
	CHECK(load(logs, "", &s) == SC_SYNTAX);
	snprintf(logs, sizeof(logs), "{\"origin\":\"demo/one\"}");
	CHECK(load(logs, "", &s) == SC_SYNTAX);
	CHECK(load("", ",\"vkey\":\"x\"", &s) == SC_SYNTAX);
}

static void test_schema(void)
{
	schema_agrees("docs/witness.schema.json", &witness_settings_shape);
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	print_key("w.example", NOTE_COSIGNATURE, cosigner);
	print_key("demo/one", NOTE_ED25519, vkey);
	RUN(test_kept, "what a witness needs is kept, its paths beside the file");
	RUN(test_refused, "what it would trip over is refused");
	RUN(test_schema, "docs/witness.schema.json has the keys that are read, and no other");
	unlink(path);
	return tap_done();
}
