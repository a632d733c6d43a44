/*
 * xml_read.c - what the codec reads in XML, for whoever holds it against another reader.
 *
 *	xml_read SELECTOR... <BODIES
 *
 * A body is its length, u32le, and its bytes. For each a line: "refused", or its pieces in
 * hexadecimal, "n" in front of a name and "t" in front of a text, a blank before each; then for
 * each selector " |" and the texts that it takes, a blank before each.
 */
#include "gateway/codec/codec.h"

#include <stdio.h>
#include <stdlib.h>

static struct codec_paths *paths[16];
static size_t n_paths;

static void fatal(const char *what)
{
	fprintf(stderr, "xml_read: %s\n", what);
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

static void print_text(struct sc_span doc, uint32_t start, uint32_t end, bool escaped)
{
	const struct codec_field f = { .start = start, .end = end, .escaped = escaped };
	struct sc_buf scratch;
	struct sc_span text;

	sc_buf_init(&scratch, 1 << 20);
	if (codec_text(&codec_xml, doc, &f, &scratch, NULL, &text) != SC_OK)
		fatal("a text of what was accepted is malformed");
	for (size_t i = 0; i < text.n; i++)
		printf("%02x", text.p[i]);
	sc_buf_fini(&scratch);
}

static void print_pieces(struct sc_span doc)
{
	struct codec_piece p = { .kind = 0 };
	size_t from = 0;

	while (codec_xml.piece(doc, &from, &p)) {
		printf(" %c", p.name ? 'n' : 't');
		print_text(doc, p.start, p.end, p.escaped);
	}
}

static void print_taken(struct sc_span doc, const struct codec_fields *f)
{
	printf(" |");
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind != CODEC_TEXT)
			continue;
		printf(" t");
		print_text(doc, f->v[i].start, f->v[i].end, f->v[i].escaped);
	}
}

int main(int argc, char **argv)
{
	struct codec_fields fields;
	struct sc_buf body;

	for (; (int)n_paths + 1 < argc && n_paths < 16; n_paths++) {
		const struct codec_selector sel = { argv[n_paths + 1], 1, 0, 0 };

		if (codec_paths_new(&sel, 1, NULL, &paths[n_paths]) != SC_OK)
			fatal("a selector is none");
	}
	codec_fields_init(&fields);
	sc_buf_init(&body, 1 << 20);
	while (read_body(&body)) {
		struct sc_span doc = sc_buf_span(&body);

		if (codec_xml.scan(NULL, doc, &fields, NULL) != SC_OK) {
			puts("refused");
			continue;
		}
		print_pieces(doc);
		for (size_t i = 0; i < n_paths; i++) {
			if (codec_xml.scan(paths[i], doc, &fields, NULL) != SC_OK)
				fatal("accepted once, and not again");
			print_taken(doc, &fields);
		}
		putchar('\n');
	}
	for (size_t i = 0; i < n_paths; i++)
		codec_paths_free(paths[i]);
	codec_fields_fini(&fields);
	sc_buf_fini(&body);
	return 0;
}
