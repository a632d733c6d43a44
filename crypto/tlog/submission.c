/*
 * submission.c - bodies of add-checkpoint, both ways.
 */
#include "crypto/tlog/submission.h"

#include <string.h>

#define HASH_TEXT 44 /* base64 of 32 bytes */

static enum sc_err parse_hash(struct sc_span line, struct submission *out)
{
	size_t n = sizeof(out->proof[0].b);

	if (out->n_proof == SUBMISSION_PROOF_MAX)
		return SC_LIMIT;
	if (line.n != HASH_TEXT ||
	    note_base64_parse(line, out->proof[out->n_proof].b, &n) != SC_OK ||
	    n != sizeof(out->proof[0].b))
		return SC_SYNTAX;
	out->n_proof++;
	return SC_OK;
}

enum sc_err submission_parse(struct sc_span body, struct submission *out)
{
	struct sc_span line;
	enum sc_err err;

	memset(out, 0, sizeof(*out));
	if (body.n > SUBMISSION_MAX)
		return SC_LIMIT;
	if (!note_line(&body, &line) || !sc_span_starts(line, "old ") ||
	    !note_number(sc_span_from(line, 4), &out->old))
		return SC_SYNTAX;
	for (;;) {
		if (!note_line(&body, &line))
			return SC_SYNTAX;
		if (line.n == 0)
			break;
		if ((err = parse_hash(line, out)) != SC_OK)
			return err;
	}
	out->checkpoint = body;
	return body.n == 0 ? SC_SYNTAX : SC_OK;
}

enum sc_err submission_print(const struct submission *s, struct sc_buf *out)
{
	const size_t from = out->n;
	enum sc_err err;

	if (s->n_proof > SUBMISSION_PROOF_MAX)
		return SC_LIMIT;
	err = sc_buf_printf(out, "old %llu\n", (unsigned long long)s->old);
	for (size_t i = 0; i < s->n_proof && err == SC_OK; i++)
		if ((err = note_base64_print(s->proof[i].b, sizeof(s->proof[i].b), out)) == SC_OK)
			err = sc_buf_put_str(out, "\n");
	if (err == SC_OK && (err = sc_buf_put_str(out, "\n")) == SC_OK)
		err = sc_buf_put_span(out, s->checkpoint);
	if (err != SC_OK)
		sc_buf_truncate(out, from);
	return err;
}
