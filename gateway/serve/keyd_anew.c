/*
 * keyd_anew.c - an owner's word that keyd's log begins anew: its file, and is it good?
 */
#include "gateway/serve/keyd_anew.h"

#include "base/clock.h"
#include "crypto/tlog/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "keyd.anew"
#define ASIDE FILE_NAME ".refused"

void keyd_anew_look(int dirfd, enum keyd_anew_state now, struct keyd_anew *out)
{
	struct sc_diag d = { .text = "" };
	bool found = false;

	out->state = KEYD_ANEW_NONE;
	out->n = sizeof(out->text);
	if (now == KEYD_ANEW_TAKEN)
		(void)unlinkat(dirfd, FILE_NAME, 0);
	else if (now == KEYD_ANEW_REFUSED)
		(void)renameat(dirfd, FILE_NAME, dirfd, ASIDE);
	else if (files_read(dirfd, FILE_NAME, out->text, &out->n, &found, &d) == SC_OK && found)
		out->state = KEYD_ANEW_BROUGHT;
	else if (found || faccessat(dirfd, FILE_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		(void)renameat(dirfd, FILE_NAME, dirfd, ASIDE); /* too long, or unreadable */
}

const char *keyd_anew_judge(const struct keyd_anew *a, const struct config *c,
    const struct seen_log *seen, const char *origin, struct anew_word *out)
{
	const struct anew_signers signers = { &c->anew_signers, &c->principals };
	struct anew_lost lost = { .tenant = &c->tenant, .keyd = origin, .origin = origin };

	if (seen != NULL) {
		lost.keyd = lost.origin = seen->head.origin;
		lost.size = seen->head.size;
		memcpy(lost.root, seen->head.root, sizeof(lost.root));
	}
	return anew_check(&lost, &signers, sc_span(a->text, a->n), clock_unix_ms(), out);
}
