/*
 * fields.h - which header fields travel on, in both directions.
 */
#ifndef GATEWAY_PROXY_FIELDS_H
#define GATEWAY_PROXY_FIELDS_H

#include "gateway/proxy/cached.h"
#include "gateway/proxy/forwarded.h"
#include "gateway/serve/served.h"

/*
 * The codec that reads the body by the fields that describe it, or NULL. *FIT
 * (enum codec_fit) is then CODEC_DOUBTFUL for what another reader may take for a
 * document but cannot be read here: no type or two, another charset, encoded by
 * other than gzip, a part of a document. Such never passes where there are rules.
 */
const struct codec *fields_codec(const struct http_head *h, uint8_t *fit);

/* Does the body come as long as there is something to tell (text/event-stream)? */
bool fields_is_endless(const struct http_head *h);
/* Does BODY begin as the head H says that a body of C's does? An empty one does. */
bool fields_begin(const struct http_head *h, const struct codec *c, struct sc_span body);

/* Does the body have a Content-Encoding other than identity? */
bool fields_is_encoded(const struct http_head *h);
/* Is that gzip alone, which is read (unpack.h)? */
bool fields_is_gzip(const struct http_head *h);

/*
 * What the upstream gets of RQ's request: never the credential by which the
 * caller was known, nor any Scrim-* field. Where the answer is to be protected
 * it is asked for plain and whole, and on no condition (cached.h); where the body
 * was (REWRITTEN), nothing tells the digest of what it was, nor that it was packed.
 * How it was called is told as the route says (forwarded.h). OUT has room for
 * HTTP_FIELDS_MAX + FIELDS_UPSTREAM_MORE; ID (17 bytes) must live as long as OUT.
 * Returns how many.
 */
#define FIELDS_UPSTREAM_MORE (2 + FORWARDED_MORE)
size_t fields_for_upstream(struct served_request *rq, struct http_field *out, bool rewritten,
    char id[static 17]);

/* Room for what the two below add of their own. */
#define FIELDS_MORE (CACHED_MORE + 1)
/*
 * What the client gets of an upstream's answer, whose body was REWRITTEN (and unpacked) or not:
 * nothing that L's recipient was shown (L may be NULL), and where it was nothing by which
 * it is known again or kept. OUT has room for HTTP_FIELDS_MAX + FIELDS_MORE.
 */
size_t fields_for_client(const struct http_head *h, const struct lent *l, struct http_field *out,
    bool rewritten);

/*
 * The same when the body is withheld and a problem document stands in its
 * place: nothing that speaks of the body, nor lets anybody keep what is answered.
 */
size_t fields_for_withheld(const struct http_head *h, const struct lent *l, struct http_field *out);

#endif
