/*
 * form_read.c - what the codec reads in forms, for whoever holds it against another reader.
 *
 *	form_read [--multipart] SELECTOR... <BODIES
 *
 * A body is its length, u32le, and its bytes. For each a line: "refused", or its pieces, names
 * and values in hexadecimal, "name=value" or "name" where it has none, a blank between (of parts
 * the names, an empty value and a file alike); then for
 * each selector " |" and the raw ranges that it takes, "start-end", or "refused" for a file there.
 */
#include "gateway/codec/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct codec *codec = &codec_form;
static struct codec_paths *paths[16];
static size_t n_paths;

static void fatal(const char *what)
{
	fprintf(stderr, "form_read: %s\n", what);
	exit(1);
}

static bool read_body(struct sc_buf *body)
{
	uint8_t n[4], *p;
	uint32_t len;

	if (fread(n, 1, 4, stdin) != 4)
		return false;
	len = n[0] | (uint32_t)n[1] << 8 | (uint32_t)n[2] << 16 | (uint32_t)n[3] << 24;
	sc_buf_clear(body);
	if (sc_buf_grow(body, len, &p) != SC_OK || fread(p, 1, len, stdin) != len ||
	    codec_pad(body) != SC_OK)
		fatal("a body ends too early");
	return true;
}

static void print_piece(struct sc_span doc, const struct codec_piece *p)
{
	const struct codec_field f = { .start = p->start, .end = p->end, .escaped = p->escaped };
	struct sc_buf scratch;
	struct sc_span text;

	sc_buf_init(&scratch, 1 << 20);
	if (codec_text(codec, doc, &f, &scratch, NULL, &text) != SC_OK)
		fatal("a piece of what was accepted is malformed");
	for (size_t i = 0; i < text.n; i++)
		printf("%02x", text.p[i]);
	sc_buf_fini(&scratch);
}

static void print_pairs(struct sc_span doc)
{
	struct codec_piece p = { .kind = 0 };
	size_t from = 0;

	while (codec->piece(doc, &from, &p)) {
		if (p.name)
			putchar(' ');
		else if (codec != &codec_form)
			putchar('=');
		print_piece(doc, &p);
		if (codec == &codec_form && p.name && p.end < doc.n && doc.p[p.end] == '=')
			putchar('=');
	}
}

static void print_taken(const struct codec_fields *f)
{
	printf(" |");
	for (size_t i = 0; i < f->n; i++)
		printf(" %u-%u", f->v[i].start, f->v[i].end);
}

int main(int argc, char **argv)
{
	struct codec_fields fields;
	struct sc_buf body;

	if (argc > 1 && strcmp(argv[1], "--multipart") == 0) {
		codec = &codec_multipart;
		argc--;
		argv++;
	}
	for (; (int)n_paths + 1 < argc && n_paths < 16; n_paths++) {
		const struct codec_selector sel = { argv[n_paths + 1], 1, 0, 0 };

		if (codec_paths_new(&sel, 1, NULL, &paths[n_paths]) != SC_OK)
			fatal("a selector is none");
	}
	codec_fields_init(&fields);
	sc_buf_init(&body, 1 << 20);
	while (read_body(&body)) {
		struct sc_span doc = sc_buf_span(&body);

		if (codec->scan(NULL, doc, &fields, NULL) != SC_OK) {
			puts("refused");
			continue;
		}
		print_pairs(doc);
		for (size_t i = 0; i < n_paths; i++) {
			if (codec->scan(paths[i], doc, &fields, NULL) == SC_OK)
				print_taken(&fields);
			else if (codec != &codec_form)
				printf(" | refused");
			else
				fatal("accepted once, and not again");
		}
		putchar('\n');
	}
	for (size_t i = 0; i < n_paths; i++)
		codec_paths_free(paths[i]);
	codec_fields_fini(&fields);
	sc_buf_fini(&body);
	return 0;
}
