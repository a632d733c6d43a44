/*
 * Who calls: known by a credential's hash and its kind, for some purposes or all.
 */
#include "policy/principal/principal.h"

#include "policy/decide/decide.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct policy_principal table[] = {
	{ .name = { "shop" }, .auth = POLICY_AUTH_API_KEY, .digest = { 1 }, .any_purpose = true },
	{ .name = { "gate" }, .auth = POLICY_AUTH_CERT, .digest = { 2 }, .purposes[3] = true },
	{ .name = { "oms" }, .auth = POLICY_AUTH_API_KEY, .digest = { 2 }, .purposes[255] = true },
	{ .name = { "pbx" }, .auth = POLICY_AUTH_SOCKET, .any_purpose = true },
};

static const struct policy_principal *find(size_t n, enum policy_auth auth, uint8_t first,
    uint8_t last)
{
	uint8_t digest[32] = { first };

	digest[31] = last;
	return policy_principal_find(table, n, auth, digest, 1);
}

static void test_find(void)
{
	CHECK(find(3, POLICY_AUTH_API_KEY, 1, 0) == &table[0]);
	CHECK(find(3, POLICY_AUTH_CERT, 2, 0) == &table[1]);
	CHECK(find(3, POLICY_AUTH_API_KEY, 2, 0) == &table[2]);
	/* another kind, another last byte, behind the end, nobody there at all */
	CHECK(find(3, POLICY_AUTH_CERT, 1, 0) == NULL);
	CHECK(find(3, POLICY_AUTH_API_KEY, 1, 1) == NULL);
	CHECK(find(2, POLICY_AUTH_API_KEY, 2, 0) == NULL);
	CHECK(find(0, POLICY_AUTH_API_KEY, 1, 0) == NULL);
}

static void test_socket(void)
{
	const struct sc_name pbx = { "pbx" }, shop = { "shop" }, none = { "" };

	CHECK(policy_principal_of_socket(table, 4, &pbx) == &table[3]);
	CHECK(policy_principal_of_socket(table, 3, &pbx) == NULL);
	/* somebody with a credential is not whoever opens a socket */
	CHECK(policy_principal_of_socket(table, 4, &shop) == NULL);
	CHECK(policy_principal_of_socket(table, 4, &none) == NULL);
	/* nor is a socket's known by a key, whatever that hashes to */
	CHECK(
	    find(4, POLICY_AUTH_API_KEY, 0, 0) == NULL && find(4, POLICY_AUTH_CERT, 0, 0) == NULL);
}

static void test_purposes(void)
{
	for (unsigned i = 0; i < 256; i++) {
		CHECK(policy_principal_may(&table[0], (uint8_t)i));
		CHECK(policy_principal_may(&table[1], (uint8_t)i) == (i == 3));
		CHECK(policy_principal_may(&table[2], (uint8_t)i) == (i == 255));
	}
}

/* ---- as files have them -------------------------------------------------------------- */

#define A "00000000000000000000000000000000000000000000000000000000000000aa"
#define B "00000000000000000000000000000000000000000000000000000000000000bb"
#define C "00000000000000000000000000000000000000000000000000000000000000cc"

static const struct shape_row file_rows[] = {
	{ "principals", policy_principals_read, .at = 0, .need = true,
	    .shape = &policy_principal_shape },
	{ .key = NULL },
};
static const struct shape file_shape = { .what = "file", .rows = file_rows };

static struct sc_arena arena;
static struct policy_principals got;
static struct sc_diags all;

static enum sc_err load(const char *text, const struct policy *p)
{
	struct shape_ctx c = { .arena = &arena, .all = &all };

	memcpy(&c.arg, &p, sizeof(p));
	sc_arena_fini(&arena);
	memset(&got, 0, sizeof(got));
	all.n = 0;
	return shape_load(&c, sc_span_str(text), "/tmp/scrim-principals/x.json", &file_shape, &got);
}

static bool refused(const char *list, const char *says)
{
	char text[2048];

	snprintf(text, sizeof(text), "{\"principals\": [%s]}", list);
	if (load(text, NULL) == SC_SYNTAX && strstr(all.v[0].text, says) != NULL)
		return true;
	printf("# %s\n", all.v[0].text);
	return false;
}

#define ONE \
	"{\"name\":\"oms\",\"role\":\"order_system\",\"purposes\":[\"delivery\"]," \
	"\"api_key_sha256\":\"" A "\",\"nodes\":[\"east\"],\"sign_key\":\"" C "\"," \
	"\"previous\":{\"api_key_sha256\":\"" B "\",\"until\":\"2027-01-31\"}}"

static struct policy *shipped(void)
{
	struct sc_diags d = { .n = 0 };
	struct policy *p = NULL;

	if (policy_load_file("policy/default.json", &d, &p) != SC_OK)
		abort();
	return p;
}

static void test_file(void)
{
	const struct sc_name east = { "east" }, west = { "west" };
	const uint64_t end = UINT64_C(1801440000000); /* 2027-02-01 */
	struct policy *p = shipped();
	struct sc_diag d = { .line = 0 };
	uint8_t a[32] = { [31] = 0xaa }, b[32] = { [31] = 0xbb }, id;

	/* by a policy, and without one, which comes later */
	for (int later = 0; later < 2; later++) {
		NEED(load("{\"principals\": [" ONE "]}", later ? NULL : p) == SC_OK && got.n == 1);
		if (later)
			NEED(policy_principals_resolve(got.v, got.n, p, &d) == SC_OK);
		CHECK(policy_role(p, sc_span_str("order_system"), &id) && got.v[0].role == id);
		CHECK(policy_purpose(p, sc_span_str("delivery"), &id) &&
		    policy_principal_may(&got.v[0], id));
		CHECK(policy_purpose(p, sc_span_str("service"), &id) &&
		    !policy_principal_may(&got.v[0], id));
	}
	CHECK(policy_principal_at(&got.v[0], &east) && !policy_principal_at(&got.v[0], &west));
	CHECK(got.v[0].signs && got.v[0].sign_key[31] == 0xcc);
	/* two keys at a time, the older one until its day is over, and never by a clock that failed */
	CHECK(policy_principal_find(got.v, 1, POLICY_AUTH_API_KEY, a, end) == got.v);
	CHECK(policy_principal_find(got.v, 1, POLICY_AUTH_API_KEY, b, end - 1) == got.v);
	CHECK(policy_principal_find(got.v, 1, POLICY_AUTH_API_KEY, b, end) == NULL);
	CHECK(policy_principal_find(got.v, 1, POLICY_AUTH_API_KEY, b, 0) == NULL);
	/* what the policy does not have is nobody's */
	NEED(load("{\"principals\": [{\"name\":\"x\",\"role\":\"nobody\",\"asserted\":true}]}",
		 NULL) == SC_OK);
	CHECK(got.v[0].auth == POLICY_AUTH_ASSERTED);
	CHECK(policy_principals_resolve(got.v, got.n, p, &d) == SC_AUTH &&
	    strcmp(d.text, "principal x: the policy has no role nobody") == 0);
	NEED(load("{\"principals\": [{\"name\":\"x\",\"role\":\"shop\",\"purposes\":[\"fun\"],"
		  "\"socket\":true}]}",
		 NULL) == SC_OK);
	CHECK(policy_principals_resolve(got.v, got.n, p, &d) == SC_AUTH &&
	    strcmp(d.text, "principal x: the policy has no purpose fun") == 0);
	CHECK(load("{\"principals\": [{\"name\":\"x\",\"role\":\"nobody\",\"socket\":true}]}", p) ==
	    SC_SYNTAX);
	policy_free(p);
}

static void test_refused(void)
{
#define KEY(name, digest) "{\"name\":\"" name "\",\"role\":\"r\",\"api_key_sha256\":\"" digest "\""
	CHECK(refused("{\"name\":\"x\",\"role\":\"r\"}", "exactly one"));
	CHECK(refused(KEY("x", A) ",\"asserted\":true}", "exactly one"));
	CHECK(refused("{\"name\":\"x\",\"role\":\"r\",\"asserted\":false}", "must be true"));
	CHECK(refused(KEY("x", A) ",\"nodes\":[]}", "empty list"));
	CHECK(refused(KEY("x", A) ",\"sign_key\":\"AAAA\"}", "64 hexadecimal"));
	CHECK(refused(KEY("x", A) ",\"previous\":{\"api_key_sha256\":\"" B
				  "\",\"until\":\"2027-02-30\"}}",
	    "day"));
	CHECK(refused(KEY("x", A) ",\"previous\":{\"api_key_sha256\":\"" B "\"}}", "until"));
	CHECK(refused("{\"name\":\"x\",\"role\":\"r\",\"socket\":true,\"previous\":{"
		      "\"api_key_sha256\":\"" B "\",\"until\":\"2027-02-03\"}}",
	    "of an API key"));
	/* one key is one principal's, whichever of the two it is */
	CHECK(refused(KEY("x", A) "}," KEY("y", A) "}", "credential"));
	CHECK(refused(KEY("x", A) "}," KEY("y", B) ",\"previous\":{\"api_key_sha256\":\"" A
						   "\",\"until\":\"2027-02-03\"}}",
	    "credential"));
	CHECK(refused(KEY("x", A) "}," KEY("x", B) "}", "two principals"));
}

/* The same list in a file of its own is told of as that file's. */
static void test_own_file(void)
{
	char dir[] = "/tmp/scrim-principals-XXXXXX", path[64], text[200];
	FILE *f;

	NEED(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/p.json", dir);
	snprintf(text, sizeof(text), "{\"principals\": \"%s\"}", path);
	CHECK(load(text, NULL) == SC_SYNTAX && strcmp(all.v[0].file, path) == 0);
	NEED((f = fopen(path, "w")) != NULL);
	fputs("// who calls\n[" ONE "]", f);
	fclose(f);
	NEED(load(text, NULL) == SC_OK);
	CHECK(got.n == 1 && strcmp(got.v[0].name.s, "oms") == 0 && strcmp(got.file, path) == 0);
	NEED((f = fopen(path, "w")) != NULL);
	fputs("\n[{}]", f);
	fclose(f);
	CHECK(load(text, NULL) == SC_SYNTAX && strcmp(all.v[0].file, path) == 0 &&
	    all.v[0].line == 2);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	RUN(test_find, "a caller is known by the whole hash, of the right kind");
	RUN(test_socket, "a socket's principal is known by its name, and by nothing else");
	RUN(test_purposes, "only the purposes that are named, or all");
	RUN(test_file, "a file's principals have the policy's numbers, at once or later");
	RUN(test_refused, "a principal that nobody could be, or two could, is refused");
	RUN(test_own_file, "a list in a file of its own reads alike");
	sc_arena_fini(&arena);
	return tap_done();
}
