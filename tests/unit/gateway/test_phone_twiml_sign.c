/*
 * test_phone_twiml_sign.c - a webhook is the vendor's or it is not: signatures
 * as the vendors' own packages make them, keys with an end, and one parse for each.
 *
 * tests/data/twiml.tsv was written by tests/telephony/vectors.js.
 */
#include "gateway/twiml/twiml.h"

#include "crypto/tlog/note.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define PATH "/v1/telephony/twiml/acme/voice"

static struct sc_arena arena;
static struct web_form form;
static struct phone_vendor vendor;
static struct phone_settings settings = { .vendors = &vendor, .n_vendors = 1 };
static char files[2][64] = { "", "" };
static char dir[] = "/tmp/scrim-twiml.XXXXXX";

static void put_file(unsigned i, const char *text, mode_t mode)
{
	int fd;

	snprintf(files[i], sizeof(files[i]), "%s/key%u", dir, i);
	unlink(files[i]);
	fd = open(files[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    fchmod(fd, mode) != 0)
		abort();
	close(fd);
	vendor.key_files[i] = files[i];
}

static void begin(const char *kind, const char *key, bool sha256)
{
	vendor = (struct phone_vendor){ .name = { "acme" }, .kind = kind, .sha256 = sha256 };
	put_file(0, key, 0600);
}

enum verdict { GENUINE, FORGED, BENT };

static enum verdict judge(struct twiml *t, const struct twiml_sent *s, unsigned *which)
{
	if (!twiml_genuine(t, twiml_vendor_find(vendor.kind), &vendor, s, which))
		return FORGED;
	return twiml_one_parse(t, &vendor, s) ? GENUINE : BENT;
}

/* Has TEXT's signature SIG by the vendor's keys at NOW? -1: no; else which key. */
static int which_key(struct twiml *t, const char *base, const char *path, const char *body,
    const char *sig, uint64_t now, enum verdict want)
{
	struct twiml_sent s = { .base = base,
		.path = sc_span_str(path),
		.signature = sc_span_str(sig),
		.body = sc_span_str(body),
		.form = &form,
		.arena = &arena,
		.now = now };
	unsigned which = 9;

	sc_arena_fini(&arena);
	if (web_form_parse(s.body, &arena, &form) != SC_OK)
		abort();
	if (judge(t, &s, &which) != want)
		return -2;
	return want == GENUINE ? (int)which : -1;
}

static bool genuine(const char *base, const char *path, const char *body, const char *sig)
{
	struct sc_diag d;
	struct twiml *t;
	bool ok;

	if (twiml_new(&settings, &d, &t) != SC_OK)
		return false;
	ok = which_key(t, base, path, body, sig, 1000, GENUINE) == 0;
	twiml_free(t);
	return ok;
}

static void sign_sha1(const char *key, const char *text, char out[64])
{
	struct hmac_sha1_key k;
	const struct sc_span part = sc_span_str(text);
	uint8_t mac[SHA1_BYTES];
	struct sc_buf b;

	hmac_sha1_key_init(&k, (const uint8_t *)key, strlen(key));
	hmac_sha1(&k, &part, 1, mac);
	sc_buf_init(&b, 63);
	if (note_base64_print(mac, sizeof(mac), &b) != SC_OK)
		abort();
	memcpy(out, b.p, b.n);
	out[b.n] = '\0';
	sc_buf_fini(&b);
}

/* ---- what the vendors' packages sign ---------------------------------------------------- */

struct vector {
	char *who, *hash, *key, *base, *path, *body, *sig;
};

static size_t load(struct vector *v, size_t max)
{
	static char text[1 << 16];
	FILE *f = fopen("tests/data/twiml.tsv", "re");
	size_t n = 0;
	char *at = text;

	if (f == NULL)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	for (char *line; (line = strsep(&at, "\n")) != NULL && *line != '\0' && n < max; n++) {
		char **const parts[] = { &v[n].who, &v[n].hash, &v[n].key, &v[n].base, &v[n].path,
			&v[n].body, &v[n].sig };

		for (size_t i = 0; i < 7; i++)
			if ((*parts[i] = strsep(&line, "\t")) == NULL)
				abort();
	}
	return n;
}

static void test_vectors(void)
{
	struct vector v[64];
	size_t n = load(v, 64);

	CHECK(n == 28);
	for (size_t i = 0; i < n; i++) {
		begin(v[i].who, v[i].key, strcmp(v[i].hash, "sha256") == 0);
		CHECK(genuine(v[i].base, v[i].path, v[i].body, v[i].sig));
		CHECK(!genuine("https://staging.example", v[i].path, v[i].body, v[i].sig));
		CHECK(!genuine(v[i].base, PATH "x", v[i].body, v[i].sig));
		vendor.sha256 = !vendor.sha256;
		CHECK(!genuine(v[i].base, v[i].path, v[i].body, v[i].sig));
		begin(v[i].who, "another", !vendor.sha256);
		CHECK(!genuine(v[i].base, v[i].path, v[i].body, v[i].sig));
	}
}

static void test_ports(void)
{
	static const struct {
		const char *ours, *theirs;
		bool ok;
	} cases[] = {
		{ "https://gw.example", "https://gw.example", true },
		{ "https://gw.example", "https://gw.example:443", true },
		{ "https://gw.example", "https://gw.example:8443", false },
		{ "https://gw.example:8443", "https://gw.example", true },
		{ "https://gw.example:8443", "https://gw.example:8443", true },
		{ "https://gw.example:8443", "https://gw.example:443", true },
		{ "https://gw.example:8443", "https://gw.example:80", false },
		{ "https://gw.example", "http://gw.example", false },
		{ "http://127.0.0.1:8080", "http://127.0.0.1", true },
		{ "http://127.0.0.1:8080", "http://127.0.0.1:80", true },
		{ "http://127.0.0.1:8080", "http://127.0.0.1:8080", true },
		{ "http://127.0.0.1:8080", "http://127.0.0.1:443", false },
		{ "https://[2001:db8::1]", "https://[2001:db8::1]:443", true },
		{ "https://[2001:db8::1]:9", "https://[2001:db8::1]", true },
		{ "https://[2001:db8::1]", "https://[2001:db8:", false },
		{ "https://GW.example", "https://gw.example", false },
	};

	begin("twilio", KEY "\n", false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256], sig[64];

		snprintf(text, sizeof(text), "%s" PATH "a1", cases[i].theirs);
		sign_sha1(KEY, text, sig);
		CHECK(genuine(cases[i].ours, PATH, "a=1", sig) == cases[i].ok);
	}
}

/* Duplicates: as sent, sorted, sorted and once. */
static void test_duplicates(void)
{
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {
		{ "xa3a1a3a2b0", true },
		{ "xa1a2a3a3b0", true },
		{ "xa1a2a3b0", true },
		{ "xa3b0", false },
		{ "xa2b0", false },
		{ "xa3a1a2b0", false },
		{ "xa3132b0", false },
		{ "xb0a1a2a3a3", false },
	};

	begin("twilio", KEY, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sig[64];

		sign_sha1(KEY, cases[i].text, sig);
		CHECK(genuine("x", "", "a=3&b=0&a=1&a=3&a=2", sig) == cases[i].ok);
	}
}

static void test_headers(void)
{
	char sig[64], bad[160];

	begin("twilio", KEY, false);
	sign_sha1(KEY, "x" PATH, sig);
	CHECK(genuine("x", PATH, "", sig));
	CHECK(!genuine("x", PATH, "", ""));
	snprintf(bad, sizeof(bad), "%s=", sig);
	CHECK(!genuine("x", PATH, "", bad));
	snprintf(bad, sizeof(bad), "%.27s", sig);
	CHECK(!genuine("x", PATH, "", bad));
	snprintf(bad, sizeof(bad), "%.24s", sig);
	CHECK(!genuine("x", PATH, "", bad));
	snprintf(bad, sizeof(bad), "%sAAAA", sig);
	CHECK(!genuine("x", PATH, "", bad));
	snprintf(bad, sizeof(bad), "%s %s", sig, sig);
	CHECK(!genuine("x", PATH, "", bad));
	/* each byte counts */
	for (size_t i = 0; i < 27; i++) {
		snprintf(bad, sizeof(bad), "%s", sig);
		bad[i] = bad[i] == 'Q' ? 'g' : 'Q';
		CHECK(!genuine("x", PATH, "", bad));
	}
	CHECK(!genuine("x", PATH, "", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
}

/* ---- keys ------------------------------------------------------------------------------ */

static void test_two_keys(void)
{
	char first[64], second[64], none[64];
	struct sc_diag d;
	struct twiml *t;

	begin("twilio", "first", false);
	put_file(1, "second\n", 0400);
	vendor.key_until[0] = 1000;
	sign_sha1("first", "x/a", first);
	sign_sha1("second", "x/a", second);
	sign_sha1("second\n", "x/a", none);
	NEED(twiml_new(&settings, &d, &t) == SC_OK);
	CHECK(which_key(t, "x", "/a", "", first, 999, GENUINE) == 0);
	CHECK(which_key(t, "x", "/a", "", second, 999, GENUINE) == 1);
	CHECK(which_key(t, "x", "/a", "", first, 1000, FORGED) == -1);
	CHECK(which_key(t, "x", "/a", "", second, 1u << 30, GENUINE) == 1);
	CHECK(which_key(t, "x", "/a", "", none, 999, FORGED) == -1);
	/* read anew: all or nothing */
	put_file(1, "third", 0600);
	CHECK(which_key(t, "x", "/a", "", second, 999, GENUINE) == 1);
	put_file(0, "fourth", 0644);
	CHECK(twiml_reload(t, &settings, &d) == SC_AUTH);
	CHECK(which_key(t, "x", "/a", "", second, 999, GENUINE) == 1);
	put_file(0, "fourth", 0600);
	CHECK(twiml_reload(t, &settings, &d) == SC_OK);
	CHECK(which_key(t, "x", "/a", "", second, 999, FORGED) == -1);
	sign_sha1("third", "x/a", second);
	CHECK(which_key(t, "x", "/a", "", second, 999, GENUINE) == 1);
	/* a vendor that came with a reload is nobody's until its keys are read */
	vendor.name = (struct sc_name){ "other" };
	CHECK(which_key(t, "x", "/a", "", second, 999, FORGED) == -1);
	twiml_free(t);
	/* a key that is not there is no key of zeros */
	{
		static const struct hmac_sha1_key zeros;
		const struct sc_span part = sc_span_str("x/z");
		uint8_t mac[SHA1_BYTES];
		struct sc_buf b;

		begin("twilio", KEY, false);
		NEED(twiml_new(&settings, &d, &t) == SC_OK);
		hmac_sha1(&zeros, &part, 1, mac);
		sc_buf_init(&b, 63);
		CHECK(note_base64_print(mac, sizeof(mac), &b) == SC_OK &&
		    sc_buf_put(&b, "", 1) == SC_OK);
		CHECK(which_key(t, "x", "/z", "", (char *)b.p, 999, FORGED) == -1);
		sc_buf_fini(&b);
		twiml_free(t);
	}
	/* keys of nobody */
	NEED(twiml_new(NULL, &d, &t) == SC_OK);
	CHECK(which_key(t, "x", "/a", "", second, 999, FORGED) == -1);
	twiml_free(t);
	twiml_free(NULL);
}

static void test_key_files(void)
{
	static const struct {
		const char *text;
		mode_t mode;
		enum sc_err err;
		const char *why;
	} cases[] = {
		{ "k", 0600, SC_OK, "" },
		{ "k\n", 0400, SC_OK, "" },
		{ "k", 0640, SC_AUTH, "the vendor's key's mode must be 0600 or 0400, not 0640" },
		{ "k", 0604, SC_AUTH, "the vendor's key's mode must be 0600 or 0400, not 0604" },
		{ "", 0600, SC_IO,
		    "cannot read the vendor's key: it is empty, or longer than 512 bytes" },
		{ "\n", 0600, SC_SYNTAX, NULL },
		{ "a b", 0600, SC_SYNTAX, NULL },
		{ "a\nb\n", 0600, SC_SYNTAX, NULL },
		{ "a\n\n", 0600, SC_SYNTAX, NULL },
		{ "a\r\n", 0600, SC_SYNTAX, NULL },
		{ "\xc3\xa9", 0600, SC_SYNTAX, NULL },
	};
	char text[514];
	struct sc_diag d;
	struct twiml *t;

	begin("twilio", KEY, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_file(0, cases[i].text, cases[i].mode);
		CHECK(twiml_new(&settings, &d, &t) == cases[i].err);
		CHECK((t != NULL) == (cases[i].err == SC_OK));
		CHECK(t != NULL || strcmp(d.file, files[0]) == 0);
		CHECK(t != NULL ||
		    strcmp(d.text,
			cases[i].why != NULL ? cases[i].why :
					       "a vendor's key is one line without blanks") == 0);
		twiml_free(t);
	}
	memset(text, 'k', sizeof(text));
	text[512] = '\0';
	put_file(0, text, 0600);
	CHECK(twiml_new(&settings, &d, &t) == SC_OK);
	twiml_free(t);
	text[512] = 'k';
	text[513] = '\0';
	put_file(0, text, 0600);
	CHECK(twiml_new(&settings, &d, &t) == SC_LIMIT && t == NULL);
	vendor.key_files[0] = "/nonexistent/key";
	CHECK(twiml_new(&settings, &d, &t) == SC_IO && t == NULL);
	vendor.kind = "unheard-of";
	put_file(0, KEY, 0600);
	CHECK(twiml_new(&settings, &d, &t) == SC_BUG);
}

/* ---- Ed25519 ---------------------------------------------------------------------------- */

static int telnyx(struct twiml *t, const char *at, const char *body, const char *sig)
{
	struct twiml_sent s = { .base = "x",
		.path = sc_span_str("/a"),
		.signature = sc_span_str(sig),
		.timestamp = sc_span_str(at),
		.body = sc_span_str(body),
		.form = &form,
		.arena = &arena,
		.now = 1000000 };
	unsigned which;

	sc_arena_fini(&arena);
	if (web_form_parse(s.body, &arena, &form) != SC_OK)
		abort();
	return (int)judge(t, &s, &which);
}

static void sign_telnyx(const char *text, struct sc_buf *sig)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = { 1, 2, 3 };
	struct sign_public pk;
	struct sign_secret sk;
	uint8_t raw[SIGN_BYTES];

	sign_keypair_from_seed(seed, &pk, &sk);
	sign_detached(&sk, sc_span_str(text), raw);
	sc_buf_clear(sig);
	if (note_base64_print(raw, sizeof(raw), sig) != SC_OK || sc_buf_put(sig, "", 1) != SC_OK)
		abort();
}

static void test_telnyx(void)
{
	static const uint8_t seed[SIGN_SEED_BYTES] = { 1, 2, 3 };
	static const char *const good[] = { "1000000", "999700", "1000300" },
				 *const bad[] = { "999699", "1000301", "", "x", "-1" };
	struct sign_public pk;
	struct sign_secret sk;
	struct sc_buf key, sig;
	struct sc_diag d;
	struct twiml *t;
	char text[64];

	sc_buf_init(&key, 256);
	sc_buf_init(&sig, 256);
	sign_keypair_from_seed(seed, &pk, &sk);
	CHECK(note_base64_print(pk.b, sizeof(pk.b), &key) == SC_OK &&
	    sc_buf_put(&key, "", 1) == SC_OK);
	begin("telnyx", (const char *)key.p, true);
	NEED(twiml_new(&settings, &d, &t) == SC_OK);
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s|a=%zu", good[i], i);
		sign_telnyx(text, &sig);
		CHECK(telnyx(t, good[i], strchr(text, '|') + 1, (char *)sig.p) == GENUINE);
		CHECK(telnyx(t, good[i], "a=9", (char *)sig.p) == FORGED);
		CHECK(telnyx(t, good[(i + 1) % 3], strchr(text, '|') + 1, (char *)sig.p) == FORGED);
	}
	for (size_t i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "%s|a=1", bad[i]);
		sign_telnyx(text, &sig);
		CHECK(telnyx(t, bad[i], "a=1", (char *)sig.p) == FORGED);
	}
	CHECK(telnyx(t, "1000000", "a=1", "") == FORGED);
	vendor.key_until[0] = 1000000;
	CHECK(twiml_reload(t, &settings, &d) == SC_OK);
	sign_telnyx("1000000|a=0", &sig);
	CHECK(telnyx(t, "1000000", "a=0", (char *)sig.p) == FORGED);
	put_file(0, KEY, 0600);
	CHECK(twiml_reload(t, &settings, &d) == SC_SYNTAX);
	CHECK(strcmp(d.text, "a public key of this vendor is 32 bytes in base64") == 0);
	twiml_free(t);
	sc_buf_fini(&key);
	sc_buf_fini(&sig);
}

/* ---- one parse a signature ----------------------------------------------------------------- */

static void test_one_parse(void)
{
	struct sc_diag d;
	struct twiml *t;
	char sig[64];

	begin("twilio", KEY, false);
	NEED(twiml_new(&settings, &d, &t) == SC_OK);
	sign_sha1(KEY, "x/aNumSegments1OptOutTypeSTOP", sig);
	CHECK(which_key(t, "x", "/a", "NumSegments=1&OptOutType=STOP", sig, 1, GENUINE) == 0);
	CHECK(which_key(t, "x", "/a", "OptOutType=STOP&NumSegments=1", sig, 1, GENUINE) == 0);
	CHECK(which_key(t, "x", "/a", "NumSegments=1OptOutTypeSTOP", sig, 1, BENT) == -1);
	CHECK(which_key(t, "x", "/a", "NumSegments=1&OptOutTypeSTOP=", sig, 1, BENT) == -1);
	CHECK(which_key(t, "x", "/a", "NumSegments=1&OptOut=TypeSTOP", sig, 1, BENT) == -1);
	CHECK(which_key(t, "x", "/aNumSegments1", "OptOutType=STOP", sig, 1, BENT) == -1);
	/* a bent one changes nothing of what is remembered */
	CHECK(which_key(t, "x", "/a", "NumSegments=1&OptOutType=STOP", sig, 1, GENUINE) == 0);
	/* another vendor's is another signature */
	twiml_free(t);
}

/* Every way of cutting a signed text in two, at every place: the first is taken, no other. */
static void test_every_boundary(void)
{
	static const char whole[] = "AccountSidACxCallSidCAy";
	char text[64], sig[64];
	struct sc_diag d;
	struct twiml *t;
	unsigned taken = 0;

	begin("twilio", KEY, false);
	NEED(twiml_new(&settings, &d, &t) == SC_OK);
	snprintf(text, sizeof(text), "x/a%s", whole);
	sign_sha1(KEY, text, sig);
	CHECK(which_key(t, "x", "/a", "AccountSid=ACx&CallSid=CAy", sig, 1, GENUINE) == 0);
	for (size_t name = 1; name <= strlen(whole); name++) {
		char body[80];
		struct twiml_sent s = { .base = "x",
			.path = sc_span_str("/a"),
			.signature = sc_span_str(sig),
			.form = &form,
			.arena = &arena };
		unsigned which;

		snprintf(body, sizeof(body), "%.*s=%s", (int)name, whole, whole + name);
		sc_arena_fini(&arena);
		s.body = sc_span_str(body);
		NEED(web_form_parse(s.body, &arena, &form) == SC_OK);
		taken += judge(t, &s, &which) == GENUINE;
	}
	CHECK(taken == 0);
	twiml_free(t);
}

static void test_seen_is_bounded(void)
{
	uint8_t sig[SEEN_BYTES] = { 0 }, parse[SEEN_BYTES] = { 0 }, other[SEEN_BYTES] = { 1 };
	struct twiml_seen *s;

	NEED(seen_new(&s) == SC_OK);
	/* eight of one bucket are remembered, the ninth takes the first's place */
	for (uint8_t i = 0; i < 8; i++) {
		sig[15] = i;
		CHECK(seen_note(s, sig, parse) == SEEN_NEW);
	}
	for (uint8_t i = 0; i < 8; i++) {
		sig[15] = i;
		CHECK(seen_note(s, sig, parse) == SEEN_SAME &&
		    seen_note(s, sig, other) == SEEN_OTHER);
	}
	sig[15] = 8;
	CHECK(seen_note(s, sig, parse) == SEEN_NEW);
	sig[15] = 1;
	CHECK(seen_note(s, sig, other) == SEEN_OTHER);
	sig[15] = 0;
	CHECK(seen_note(s, sig, other) == SEEN_NEW);
	/* another bucket has nothing to do with it */
	sig[3] = 1;
	CHECK(seen_note(s, sig, parse) == SEEN_NEW);
	seen_free(s);
	seen_free(NULL);
}

int main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	RUN(test_vectors,
	    "what the vendors' packages sign is genuine, for one URL, one hash and one key");
	RUN(test_ports,
	    "our URL is taken with our port, with none and with the scheme's, and no other");
	RUN(test_duplicates, "a field sent twice is taken as any of the packages signs it");
	RUN(test_headers, "a signature is whole, single and right in every byte");
	RUN(test_two_keys,
	    "two keys sign, each until its end, and are read anew together or not at all");
	RUN(test_key_files, "a key that others can read, or that is none, is refused");
	RUN(test_telnyx, "Ed25519 signs time and body, and ages");
	RUN(test_one_parse, "one signature is good for one parse");
	RUN(test_every_boundary, "no other way of cutting a signed text is taken");
	RUN(test_seen_is_bounded, "what is remembered is bounded, the oldest goes");
	sc_arena_fini(&arena);
	for (size_t i = 0; i < 2; i++)
		unlink(files[i]);
	rmdir(dir);
	return tap_done();
}
