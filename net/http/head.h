/*
 * head.h - a strict pure parser for complete HTTP/1.1 heads, and a builder.
 *
 * RFC 9112 without its leniencies: one CRLF form, one framing, one Host. What
 * another implementation might read differently is refused, since two
 * opinions about framing are what request smuggling is made of. Heads are
 * always rebuilt for the next hop, never forwarded as bytes.
 */
#ifndef NET_HTTP_HEAD_H
#define NET_HTTP_HEAD_H

#include "base/buf.h"
#include "net/http/limits.h"

#include <string.h>

struct http_field {
	struct sc_span name;  /* 1+ tchar, as it came */
	struct sc_span value; /* no leading or trailing blanks, no controls but TAB */
};

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_PATCH,
	HTTP_OPTIONS,
	HTTP_OTHER,
};

enum http_framing {
	HTTP_NO_BODY, /* none, and none can follow */
	HTTP_LENGTH,  /* content_length bytes, possibly 0 */
	HTTP_CHUNKED,
	HTTP_UNTIL_CLOSE, /* responses only */
};

/* Spans borrow the block that was parsed. */
struct http_head {
	/* request */
	enum http_method method_id;
	struct sc_span method; /* [A-Z-]{1,20} */
	struct sc_span target; /* origin-form: "/path?query", only 0x21-0x7e, no '#', no '\' */
	struct sc_span path;   /* before '?', not decoded */
	struct sc_span query;  /* after '?', not decoded; p is NULL without '?' */
	struct sc_span host;   /* NULL span: HTTP/1.0, and none */
	bool expect_continue;
	bool expect_other; /* an expectation nobody here can meet: 417 */
	/* response */
	uint16_t status; /* 100-599 */
	/* both */
	uint8_t minor; /* HTTP/1.minor: 0 or 1 */
	bool close;    /* no further message after this one */
	enum http_framing framing;
	uint64_t content_length; /* with HTTP_LENGTH, and a HEAD/304 response that names one */
	size_t n_fields;
	struct http_field fields[HTTP_FIELDS_MAX];
};

enum http_scan { HTTP_SCAN_MORE, HTTP_SCAN_DONE, HTTP_SCAN_BAD };

/*
 * Is there a whole head at the front of the N bytes at P? Call it again when
 * more came, with the same *STATE (0 at first: how far it looked). DONE gives
 * its length in *LEN. BAD at once on a bare LF, a bare CR, a NUL, or more than
 * HTTP_HEAD_MAX bytes (then *too_long), so that nothing malformed is waited on.
 */
enum http_scan http_head_scan(const uint8_t *p, size_t n, size_t *state, size_t *len,
    bool *too_long);

/*
 * Parse a block that http_head_scan() delimited. Fails with SC_SYNTAX, or
 * SC_LIMIT for too many fields; *WHY (may be NULL) is then a static text
 * that quotes nothing.
 */
SC_CHECKED enum sc_err http_head_parse_request(struct sc_span block, struct http_head *out,
    const char **why);
/* METHOD is what was asked: a response to HEAD has no body. */
SC_CHECKED enum sc_err http_head_parse_response(struct sc_span block, enum http_method method,
    struct http_head *out, const char **why);

/* The first of the N fields that is called NAME (case ignored), or NULL. */
static inline const struct http_field *http_fields_find(const struct http_field *fields, size_t n,
    const char *name)
{
	for (size_t i = 0, len = strlen(name); i < n; i++)
		if (fields[i].name.n == len && sc_span_caseeq(fields[i].name, name))
			return &fields[i];
	return NULL;
}
/* The value of the first field NAME (case ignored); NULL span when there is none. */
struct sc_span http_head_find(const struct http_head *h, const char *name);
/* The value of the only field NAME; NULL span when there is none, or more than one. */
struct sc_span http_head_only(const struct http_head *h, const char *name);
/* How many fields are called NAME. */
size_t http_head_count(const struct http_head *h, const char *name);

/* GET, HEAD, PUT, DELETE, OPTIONS: safe to send twice (RFC 9110 §9.2.2). */
bool http_method_idempotent(enum http_method m);
enum http_method http_method_parse(struct sc_span name);
struct sc_span http_method_name(enum http_method m); /* empty of HTTP_OTHER */

/* The value of an Allow field (RFC 9110 §10.2.1): names of methods, each once. */
struct http_allow {
	char s[192];
	size_t n;
};
/* One that does not fit is left out: there is room for eight of the longest. */
void http_allow_add(struct http_allow *a, struct sc_span method);

/* "Not Found"; "" for a status that has no name. */
const char *http_status_text(unsigned status);

/*
 * Is PATH free of everything that two servers may resolve differently: dot
 * segments, "//", '\', ';', percent-encoded controls, '/', '\', '%', ';', letters,
 * digits, '-', '.', '_' or '~', malformed percent signs?
 * A gateway that decides by path should refuse the others.
 */
bool http_path_is_plain(struct sc_span path);

/*
 * Append what IN, percent-encoded, stands for (RFC 3986 §2.1). False when it is
 * malformed or does not fit OUT.
 */
bool http_percent_decode(struct sc_span in, struct sc_buf *out);

/* The value of NAME in a QUERY of plain name=value pairs, as it stands; empty when absent. */
struct sc_span http_query_value(struct sc_span query, const char *name);

/*
 * The fields of H that may travel on: not the hop-by-hop ones (RFC 9110
 * §7.6.1, those that Connection names, Keep-Alive, Proxy-*, TE, Trailer,
 * Upgrade), not Host, Expect, Content-Length or Transfer-Encoding, which the
 * next hop gets anew. OUT needs room for h->n_fields; returns how many.
 */
size_t http_head_forward(const struct http_head *h, struct http_field *out);

/* Is NAME one that http_head_forward() leaves out and the builders write themselves? */
bool http_field_is_framing(struct sc_span name);

#define HTTP_LENGTH_NONE UINT64_MAX          /* no body, no framing field */
#define HTTP_LENGTH_CHUNKED (UINT64_MAX - 1) /* Transfer-Encoding: chunked */

struct http_build {
	struct sc_span host;             /* requests: Host, unless FIELDS has one */
	const struct http_field *fields; /* framing and hop-by-hop fields among them are left out */
	size_t n_fields;
	uint64_t length; /* bytes, or one of the two above */
	bool close;      /* add "Connection: close" */
	bool keep_alive; /* else add "Connection: keep-alive" */
};

/*
 * Append a head to OUT. Fails with SC_SYNTAX when a part has bytes that would
 * break the framing (nothing is then appended), SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err http_head_build_request(struct sc_buf *out, struct sc_span method,
    struct sc_span target, const struct http_build *b);
SC_CHECKED enum sc_err http_head_build_response(struct sc_buf *out, unsigned status,
    const struct http_build *b);

#endif
