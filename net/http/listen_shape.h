/*
 * listen_shape.h - where a daemon with one listener listens, as its file says:
 *
 *	"listen": { "address": "unix:run/query.sock" }
 *	"listen": { "address": "0.0.0.0:7690", "tls": { "cert": "w.crt", "key": "w.key" } }
 */
#ifndef NET_HTTP_LISTEN_SHAPE_H
#define NET_HTTP_LISTEN_SHAPE_H

struct shape;

struct listen_settings {
	const char *address;
	const char *cert, *key; /* PEM; both NULL: plain */
};
/* Of a struct listen_settings. */
extern const struct shape listen_settings_shape;

#endif
