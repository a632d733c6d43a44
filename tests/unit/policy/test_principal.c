/*
 * Who calls: known by a credential's hash and its kind, for some purposes or all.
 */
#include "policy/principal/principal.h"
#include "tap.h"

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
	return policy_principal_find(table, n, auth, digest);
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

int main(void)
{
	RUN(test_find, "a caller is known by the whole hash, of the right kind");
	RUN(test_socket, "a socket's principal is known by its name, and by nothing else");
	RUN(test_purposes, "only the purposes that are named, or all");
	return tap_done();
}
