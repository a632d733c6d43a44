/*
 * owner.c - who signs that a lost log begins anew: what keyd asked for, by a key of the tests'.
 */
#include "unit/crypto/owner.h"

#include "crypto/statement/anew.h"
#include "crypto/tlog/note.h"

static const uint8_t seed[SIGN_SEED_BYTES] = "the tests' owner signs with this";

static void keypair(struct sign_public *pk, struct sign_secret *sk)
{
	sign_keypair_from_seed(seed, pk, sk);
}

const char *owner_key(void)
{
	static char hex[2 * SIGN_PUBLIC_BYTES + 1];
	struct sign_public pk;
	struct sign_secret sk;

	keypair(&pk, &sk);
	for (size_t i = 0; i < sizeof(pk.b); i++)
		snprintf(hex + 2 * i, 3, "%02x", pk.b[i]);
	return hex;
}

/* The last that keyd asked to be signed: origin, size and root. */
static bool asked(const struct fixture *f, char origin[128], char size[24], char root[64])
{
	static const char words[] = "scrim keys anew ";
	char path[256], line[1024];
	bool found = false;
	FILE *in;

	fixture_path(f, "stderr", path);
	if ((in = fopen(path, "r")) == NULL)
		return false;
	while (fgets(line, sizeof(line), in) != NULL) {
		const char *at = strstr(line, words);

		if (at != NULL)
			found = sscanf(at + sizeof(words) - 1, "%127s %23s %63s", origin, size,
				    root) == 3;
	}
	fclose(in);
	return found;
}

static bool sign(const struct anew_lost *lost, struct sc_buf *out)
{
	struct statement st = { .type = STATEMENT_ANEW,
		.tenant = sc_span_str("demo"),
		.keyd = sc_span_str("scrim/demo/keyd"),
		.not_before_ms = clock_unix_ms(),
		.words = { .op = sc_span_str(ANEW_OP),
		    .principal = sc_span_str(OWNER),
		    .reason = sc_span_str("the disk was lost") } };
	struct sign_public pk;
	struct sign_secret sk;
	struct sc_buf b;
	bool ok;

	keypair(&pk, &sk);
	st.not_after_ms = st.not_before_ms + STATEMENT_ANEW_MS;
	anew_scope(lost, st.scope);
	sc_buf_init(&b, CRYPTO_STATEMENT_MAX);
	ok = statement_sign(&st, &sk, &b) == SC_OK && note_base64_print(b.p, b.n, out) == SC_OK &&
	    sc_buf_put(out, "", 1) == SC_OK;
	sc_buf_fini(&b);
	return ok;
}

bool owner_signs(const struct fixture *f, const char *const args[], char path[256])
{
	char origin[128], size[24], root[64];
	struct anew_lost lost = { .origin = origin };
	size_t n = sizeof(lost.root);
	struct sc_buf text;
	bool ok;

	if (fixture_run(f, args) == 0 || !asked(f, origin, size, root))
		return false;
	lost.size = strtoull(size, NULL, 10);
	if (note_base64_parse(sc_span_str(root), lost.root, &n) != SC_OK)
		return false;
	sc_buf_init(&text, ANEW_TEXT_MAX);
	ok = sign(&lost, &text) && fixture_write(f, "anew", (const char *)text.p);
	sc_buf_fini(&text);
	fixture_path(f, "anew", path);
	return ok && chmod(path, 0600) == 0;
}
