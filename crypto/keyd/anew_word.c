/*
 * anew_word.c - the word of an owner that a log begins anew.
 */
#include "crypto/keyd/anew_word.h"

#include "base/clock.h"
#include "base/private_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What to do where no statement was brought. Always SC_AUTH. */
static enum sc_err ask_for_one(const struct settings *s, const struct anew_lost *lost,
    struct sc_diag *d)
{
	char root[ANEW_ROOT_MAX + 1];

	if (s->anew_signers.n == 0) {
		sc_diag_set(d,
		    "nobody may say so: keyd.json names none in \"anew_signers\" "
		    "(docs/OPERATIONS.md)");
		return SC_AUTH;
	}
	anew_root(lost, root);
	sc_diag_set(d,
	    "%s is to sign for it, where their key is: scrim keys anew %s %" PRIu64
	    " %s --sign KEY --reason WHY --out FILE; then the same again with --statement FILE",
	    s->anew_signers.v[0].s, lost->origin, lost->size, root);
	return SC_AUTH;
}

enum sc_err anew_word_take(const struct settings *s, const char *path, const char *origin,
    const struct signed_head *last, struct anew_word *out, struct sc_diag *d)
{
	struct anew_lost lost = { .tenant = &s->tenant,
		.keyd = s->origin,
		.origin = origin,
		.size = last->size };
	const struct anew_signers signers = { &s->anew_signers, &s->principals };
	const char *why;
	struct sc_buf text;
	enum sc_err err;

	if (last->size > 0)
		memcpy(lost.root, last->root, sizeof(lost.root));
	if (path == NULL)
		return ask_for_one(s, &lost, d);
	sc_buf_init(&text, ANEW_TEXT_MAX);
	if ((err = private_file_read(path, "statement", &text, d)) == SC_OK &&
	    (why = anew_check(&lost, &signers, sc_buf_span(&text), clock_unix_ms(), out)) != NULL) {
		sc_diag_set(d, "%s", why);
		err = SC_AUTH;
	}
	sc_buf_fini(&text);
	return err;
}
