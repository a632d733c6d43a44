/*
 * framing_rows.h - the framing table: what is malformed, what is legal, and how
 * many requests each row is.
 *
 * One including file may define FRAMING_HOST(eol) first, to put a field of its
 * own (a credential) behind the Host line of every row that has one.
 */
#ifndef TESTS_FRAMING_ROWS_H
#define TESTS_FRAMING_ROWS_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#ifndef FRAMING_HOST
#define FRAMING_HOST(eol) "Host: a" eol
#endif

#define FRAMING_BYTES_MAX 65536 /* room for any row and what is sent behind it */

struct framing_row {
	const char *name;
	const char *bytes; /* NULL: too long to write out, framing_print() makes it */
	size_t n;
	size_t serves;    /* how many requests it is; 0: malformed, refused and closed */
	const char *then; /* sent when "100 Continue" came; NULL: nothing */
};

/* Behind each malformed request another is waiting to be smuggled. */
static const char framing_after[] = "GET /SMUGGLED HTTP/1.1\r\n" FRAMING_HOST("\r\n") "\r\n";

#define L "POST /x HTTP/1.1\r\n"
#define H FRAMING_HOST("\r\n")
#define P L H
#define TE "Transfer-Encoding: chunked\r\n"
#define EXPECT P "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
#define BAD 0
#define OK 1
#define ROW(name, serves, bytes) \
	{ \
		name, bytes, sizeof(bytes) - 1, serves, NULL \
	}

static const struct framing_row framing_rows[] = {
	ROW("dup CL same", BAD, P "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("dup CL differ (5,0)", BAD, P "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello"),
	ROW("dup CL differ (0,5)", BAD, P "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("CL list '5, 5'", BAD, P "Content-Length: 5, 5\r\n\r\nhello"),
	ROW("CL + TE chunked", BAD, P "Content-Length: 5\r\n" TE "\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE chunked + CL", BAD, P TE "Content-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE 'gzip, chunked'", BAD,
	    P "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE 'gzip, chunked' + CL", BAD,
	    P
	    "Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE 'chunked, gzip' +CL", BAD,
	    P "Transfer-Encoding: chunked, gzip\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("TE xchunked + CL", BAD,
	    P "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("TE identity + CL", BAD,
	    P "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("TE chunked twice", BAD, P TE TE "\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("TE VT chunked", BAD,
	    P "Transfer-Encoding: \x0b"
	      "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("HTTP/1.0 + TE", BAD, "POST /x HTTP/1.0\r\n" H TE "\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("obs-fold", BAD, P "X-A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("obs-fold on TE", BAD,
	    P "Transfer-Encoding:\r\n chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
	ROW("bare LF headers", BAD,
	    "POST /x HTTP/1.1\n" FRAMING_HOST("\n") "Content-Length: 5\n\nhello"),
	ROW("bare LF one hdr", BAD, P "X-A: b\nContent-Length: 5\r\n\r\nhello"),
	ROW("bare CR in value", BAD, P "X-A: b\rc\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("NUL in value", BAD, P "X-A: b\0c\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("space before colon", BAD, P "Content-Length : 5\r\n\r\nhello"),
	ROW("leading space hdr 1st", BAD, L " X-A: b\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("empty hdr name", BAD, P ": b\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("hdr w/o colon", BAD, P "novalue\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("ctl char in name", BAD,
	    P "X\x01"
	      "A: b\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("CL negative", BAD, P "Content-Length: -5\r\n\r\nhello"),
	ROW("CL +5", BAD, P "Content-Length: +5\r\n\r\nhello"),
	ROW("CL hex 0x5", BAD, P "Content-Length: 0x5\r\n\r\nhello"),
	ROW("CL '5 5'", BAD, P "Content-Length: 5 5\r\n\r\nhello"),
	ROW("CL empty", BAD, P "Content-Length:\r\n\r\nhello"),
	ROW("CL 2^64+5", BAD, P "Content-Length: 18446744073709551621\r\n\r\nhello"),
	ROW("chunk ext", BAD, P TE "\r\n5;a=b\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk ext w/ bare LF", BAD, P TE "\r\n5;a\nb\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk bare LF", BAD, P TE "\r\n5\nhello\r\n0\r\n\r\n"),
	ROW("chunk size 0x5", BAD, P TE "\r\n0x5\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size -5", BAD, P TE "\r\n-5\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size +5", BAD, P TE "\r\n+5\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size ' 5 '", BAD, P TE "\r\n 5 \r\nhello\r\n0\r\n\r\n"),
	ROW("chunk size 17 hex", BAD, P TE "\r\n00000000000000005\r\nhello\r\n0\r\n\r\n"),
	ROW("chunk data no CRLF", BAD, P TE "\r\n5\r\nhello0\r\n\r\n"),
	ROW("trailer Content-Length", BAD, P TE "\r\n5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"),
	ROW("GET w/ CL body", OK, "GET /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("no Host", BAD, L "Content-Length: 5\r\n\r\nhello"),
	ROW("two Hosts", BAD, P "Host: b\r\nContent-Length: 5\r\n\r\nhello"),
	ROW("HTTP/9.9", BAD, "POST /x HTTP/9.9\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("HTTP/1.1x", BAD, "POST /x HTTP/1.1x\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("HTTP/0.9 'GET /x'", BAD, "GET /x\r\n\r\n"),
	ROW("tab in req line", BAD, "POST\t/x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("space in URI", BAD, "POST /x y HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("high byte in URI", BAD, "POST /x\xe9 HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("abs-form URI", BAD, "POST http://a/x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	ROW("lowercase method", BAD, "post /x HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
	{ "hdrs 20 KiB (limit 16K)", NULL, 20480, BAD, NULL },
	{ "2000 small hdrs ~10K", NULL, 2000, BAD, NULL },
	ROW("pipelined 2", 2,
	    P "Content-Length: 5\r\n\r\nhello" P "Content-Length: 5\r\n\r\nhello"),
	ROW("Upgrade: h2c", OK,
	    P
	    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nContent-Length: 5\r\n\r\nhello"),
	{ "Expect: 100-continue", EXPECT, sizeof(EXPECT) - 1, OK, "hello" },
	ROW("Expect: bogus", BAD, P "Expect: bogus\r\nContent-Length: 5\r\n\r\nhello"),
};
#define FRAMING_ROWS (sizeof(framing_rows) / sizeof(framing_rows[0]))

/* The bytes of R into OUT; how many comes back. */
static inline size_t framing_print(const struct framing_row *r, char out[static FRAMING_BYTES_MAX])
{
	char *p = out;

	if (r->bytes != NULL) {
		memcpy(out, r->bytes, r->n);
		return r->n;
	}
	p += sprintf(p, P);
	if (r->n == 2000) {
		for (int i = 0; i < 2000; i++)
			p += sprintf(p, "a:b\r\n");
	} else {
		p += sprintf(p, "X-A: ");
		memset(p, 'a', r->n);
		p += r->n;
		p += sprintf(p, "\r\n");
	}
	p += sprintf(p, "Content-Length: 5\r\n\r\nhello");
	return (size_t)(p - out);
}

#undef L
#undef H
#undef P
#undef TE
#undef EXPECT
#undef BAD
#undef OK
#undef ROW

#endif
