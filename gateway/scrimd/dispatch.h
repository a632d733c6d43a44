/*
 * dispatch.h - which handler answers which path.
 */
#ifndef GATEWAY_SCRIMD_DISPATCH_H
#define GATEWAY_SCRIMD_DISPATCH_H

#include "net/http/server.h"

/* The callbacks of every server of the gateway; arg is the worker. */
extern const struct http_handler dispatch_handler;

#endif
