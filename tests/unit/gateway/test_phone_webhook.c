/*
 * test_phone_webhook.c - Standard Webhooks: the published example, and what a
 * signature must not be.
 */
#include "gateway/phone/webhook.h"

#include "tap.h"

#include <sys/stat.h>
#include <unistd.h>

/* The example that the specification's own libraries are tested with. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define SENT 1614265330u
#define BODY "{\"test\": 2432232314}"
#define MAC "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
/* the same under another secret, made by openssl */
#define SECRET_2 "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define MAC_2 "O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI="

#define S(text) sc_span_str(text)

static struct webhook_secret parsed(const char *text)
{
	struct webhook_secret s;

	CHECK(webhook_secret_parse(S(text), &s) == SC_OK);
	return s;
}

static bool verifies(const char *secret, const char *id, const char *timestamp,
    const char *signatures, const char *body, uint64_t now)
{
	struct webhook_secret s = parsed(secret);
	bool ok = webhook_verify(&s, S(id), S(timestamp), S(signatures), S(body), now);

	webhook_secret_fini(&s);
	return ok;
}
#define SIGNED(signatures) verifies(SECRET, ID, "1614265330", signatures, BODY, SENT)

static void test_published(void)
{
	struct webhook_secret s = parsed(SECRET);
	char out[WEBHOOK_SIGNATURE_MAX];

	webhook_sign(&s, S(ID), SENT, S(BODY), out);
	CHECK(strcmp(out, "v1," MAC) == 0);
	CHECK(SIGNED("v1," MAC));
	webhook_secret_fini(&s);
	/* what was signed is each byte of it */
	CHECK(!verifies(SECRET, ID, "1614265331", "v1," MAC, BODY, SENT));
	CHECK(!verifies(SECRET, ID, "1614265330", "v1," MAC, "{\"test\":2432232314}", SENT));
	CHECK(!verifies(SECRET, ID "x", "1614265330", "v1," MAC, BODY, SENT));
	CHECK(!verifies(SECRET, "", "1614265330", "v1," MAC, BODY, SENT));
	CHECK(!verifies(SECRET_2, ID, "1614265330", "v1," MAC, BODY, SENT));
}

static void test_replacing(void)
{
	struct webhook_secret s = parsed(SECRET_2 "\n" SECRET "\n");
	char out[WEBHOOK_SIGNATURE_MAX];

	CHECK(s.n == 2);
	webhook_sign(&s, S(ID), SENT, S(BODY), out);
	CHECK(strcmp(out, "v1," MAC_2 " v1," MAC) == 0);
	webhook_secret_fini(&s);
	CHECK(verifies(SECRET, ID, "1614265330", out, BODY, SENT));
	CHECK(verifies(SECRET_2, ID, "1614265330", out, BODY, SENT));
	CHECK(verifies(SECRET_2 "\n" SECRET, ID, "1614265330", "v1," MAC, BODY, SENT));
	CHECK(verifies(SECRET_2 "\n" SECRET, ID, "1614265330", "v1," MAC_2, BODY, SENT));
}

static void test_window(void)
{
	static const struct {
		const char *sent;
		uint64_t now;
		bool ok;
	} rows[] = {
		{ "1614265330", SENT + 300, true },
		{ "1614265330", SENT + 301, false },
		{ "1614265330", SENT - 300, true },
		{ "1614265330", SENT - 301, false },
		{ "1614265330", 0, false },
		{ "1614265330", UINT64_MAX, false },
		{ "01614265330", SENT, false },
		{ " 1614265330", SENT, false },
		{ "1614265330 ", SENT, false },
		{ "+1614265330", SENT, false },
		{ "-1", 0, false },
		{ "1614265330.0", SENT, false },
		{ "", SENT, false },
		{ "99999999999999999999", SENT, false },
		{ "0", 300, true },
		{ "0", 301, false },
	};
	struct webhook_secret s = parsed(SECRET);
	char made[WEBHOOK_SIGNATURE_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		webhook_sign(&s, S(ID), strtoull(rows[i].sent, NULL, 10), S(BODY), made);
		if (webhook_verify(&s, S(ID), S(rows[i].sent), S(made), S(BODY), rows[i].now) !=
		    rows[i].ok) {
			printf("# %s at %llu\n", rows[i].sent, (unsigned long long)rows[i].now);
			tap_ok = false;
		}
	}
	webhook_secret_fini(&s);
}

static void test_lists(void)
{
	/* one of several, others' versions and other lengths between them */
	CHECK(
	    SIGNED("v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3m"
		   "Nl8EM+m7TBAg== v1," MAC));
	CHECK(SIGNED("v1," MAC_2 " v2," MAC " v1," MAC));
	CHECK(SIGNED("v1,AAAA v1," MAC));
	CHECK(SIGNED("  v1," MAC "  "));
	/* none of several */
	CHECK(!SIGNED("v1a," MAC));
	CHECK(!SIGNED("v2," MAC " v1," MAC_2));
	CHECK(!SIGNED("V1," MAC));
	CHECK(!SIGNED("v1 ," MAC));
	CHECK(!SIGNED("v1, " MAC));
	CHECK(!SIGNED("v1=" MAC));
	CHECK(!SIGNED(MAC));
	CHECK(!SIGNED(""));
	CHECK(!SIGNED("v1,"));
	/* the sixteenth is looked at, the seventeenth is not */
#define FIVE "v1,AAAA v1,AAAA v1,AAAA v1,AAAA v1,AAAA "
	CHECK(SIGNED(FIVE FIVE FIVE "v1," MAC));
	CHECK(!SIGNED(FIVE FIVE FIVE "v1,AAAA v1," MAC));
}

static void test_base64(void)
{
	/* too short by a byte, too long by one, without padding, with another alphabet, loose bits */
	CHECK(!SIGNED("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1A=="));
	CHECK(!SIGNED("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OEA"));
	CHECK(!SIGNED("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE"));
	CHECK(!SIGNED("v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE="));
	CHECK(!SIGNED("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="));
	CHECK(!SIGNED("v1," MAC "="));
	CHECK(!SIGNED("v1," MAC "AAAA"));
	CHECK(!SIGNED("v1,\n" MAC));
}

/* No dot may move what stands behind it from the id to the time. */
static void test_dot(void)
{
	struct webhook_secret s = parsed(SECRET);
	char made[WEBHOOK_SIGNATURE_MAX];

	webhook_sign(&s, S("msg.1614265330"), SENT, S(BODY), made);
	CHECK(!webhook_verify(&s, S("msg.1614265330"), S("1614265330"), S(made), S(BODY), SENT));
	webhook_secret_fini(&s);
}

static void test_secrets(void)
{
	static const char *const bad[] = {
		"",
		"\n",
		"whsec_",
		"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",                  /* 23 bytes */
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 65 bytes */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		SECRET " x",
		SECRET "\n" SECRET_2 "\n" SECRET,
	};
	struct webhook_secret s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (webhook_secret_parse(S(bad[i]), &s) != SC_SYNTAX || s.n != 0) {
			printf("# taken: %s\n", bad[i]);
			tap_ok = false;
		}
	/* 64 bytes, and a file from Windows */
	s = parsed("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\r\n");
	CHECK(s.n == 1);
	webhook_secret_fini(&s);
}

static void test_file(void)
{
	char path[] = "/tmp/webhook-XXXXXX";
	int fd = mkstemp(path);
	struct webhook_secret s;
	struct sc_diag d = { .line = 0 };

	NEED(fd >= 0 && write(fd, SECRET "\n", strlen(SECRET) + 1) > 0);
	CHECK(webhook_secret_load(path, &d, &s) == SC_OK && s.n == 1);
	webhook_secret_fini(&s);
	CHECK(fchmod(fd, 0640) == 0 && webhook_secret_load(path, &d, &s) == SC_AUTH);
	CHECK(strstr(d.text, "webhook secret's mode must be 0600") != NULL);
	CHECK(fchmod(fd, 0600) == 0 && pwrite(fd, "x", 1, 0) == 1);
	CHECK(webhook_secret_load(path, &d, &s) == SC_SYNTAX && s.n == 0);
	CHECK(strstr(d.text, "whsec_ and base64") != NULL && strstr(d.text, "MfKQ9r8") == NULL);
	CHECK(d.text[strlen(d.text) - 1] == ')');
	close(fd);
	unlink(path);
	CHECK(webhook_secret_load(path, &d, &s) == SC_IO);
}

int main(void)
{
	RUN(test_published, "the published example is signed and verified, each byte of it");
	RUN(test_replacing, "while a secret is replaced both sign, and both are taken");
	RUN(test_window, "300 seconds either way, not one more, and one spelling of a time");
	RUN(test_lists, "one good signature of several is enough; other versions are none");
	RUN(test_base64, "a signature has one spelling");
	RUN(test_dot, "a dot in an id is refused");
	RUN(test_secrets, "a secret is 24 to 64 bytes behind whsec_, one or two of them");
	RUN(test_file, "a secret that others can read is refused, and never quoted");
	return tap_done();
}
