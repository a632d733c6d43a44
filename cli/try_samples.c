/*
 * try_samples.c - sample bodies, cut into documents as a codec cuts them.
 *
 * Without --type a file is one JSON text, NDJSON when its first line is one by itself, or XML
 * when it begins as that does.
 */
#include "cli/file.h"
#include "cli/try.h"

#include <string.h>

#define SAMPLE_MAX CONFIG_BODY_CEILING

/* Is the first line of BODY, blank ones apart, a JSON text by itself, and not the last? */
static bool is_lines(struct sc_span body)
{
	struct codec_fields none;
	struct sc_span record = { 0 };
	struct sc_diag d = { .line = 0 };
	size_t from = 0;
	bool is = false;

	codec_fields_init(&none);
	while (codec_ndjson.next(body, true, &from, &record) && codec_blank(record))
		;
	if (from < body.n && record.n != 0)
		is = codec_ndjson.scan(NULL, record, &none, &d) == SC_OK;
	codec_fields_fini(&none);
	return is;
}

/* What BODY is, when nobody says so. */
static const struct codec *guess(struct sc_span body)
{
	size_t i = body.n >= 3 && memcmp(body.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	while (i < body.n && body.p[i] <= ' ')
		i++;
	if (i < body.n && body.p[i] == '<')
		return &codec_xml;
	return is_lines(body) ? &codec_ndjson : &codec_json;
}

static int take_records(struct trial *t, const struct codec *c, struct sc_span body)
{
	struct sc_span record;
	size_t from = 0;
	int rc = CLI_GO_ON;

	while (rc == CLI_GO_ON && c->next(body, true, &from, &record))
		if (!codec_blank(record))
			rc = try_document(t, c, record);
	return rc;
}

/* Without the end of the last line, which is the file's and none of a form's. */
static void cut_end(struct sc_buf *b)
{
	while (b->n != 0 && (b->p[b->n - 1] == '\n' || b->p[b->n - 1] == '\r'))
		sc_buf_truncate(b, b->n - 1);
}

static int take_body(struct trial *t, struct sc_buf *b)
{
	const struct codec *c = t->codec;

	cut_end(b);
	if (b->n == 0)
		return CLI_GO_ON;
	if (codec_pad(b) != SC_OK)
		return cli_fail(CLI_NO, "out of memory");
	if (c == NULL)
		c = guess(sc_buf_span(b));
	return c->next != NULL ? take_records(t, c, sc_buf_span(b)) :
				 try_document(t, c, sc_buf_span(b));
}

static int take_file(struct trial *t, const char *path)
{
	struct sc_diag d = { .line = 0 };
	struct sc_buf b;
	enum sc_err err;
	int rc;

	t->file = path;
	t->in_file = 0;
	sc_buf_init(&b, SAMPLE_MAX);
	err = file_read(path, &b, &d);
	rc = err == SC_OK ? take_body(t, &b) : cli_fail_err(err, &d);
	sc_buf_fini(&b);
	return rc;
}

int try_samples(struct trial *t)
{
	const struct cli_call *c = t->call;
	int rc = c->n_words == 1 ? take_file(t, "-") : CLI_GO_ON;

	for (size_t i = 1; i < c->n_words && rc == CLI_GO_ON; i++)
		rc = take_file(t, c->words[i]);
	if (rc == CLI_GO_ON && t->n == 0)
		rc = cli_fail(CLI_NO, "there is no sample");
	return rc;
}
