/*
 * script.h - collect.js as pages get it.
 */
#ifndef GATEWAY_COLLECT_SCRIPT_H
#define GATEWAY_COLLECT_SCRIPT_H

#define COLLECT_SCRIPT_MAX 2048 /* bytes */

extern const char collect_script[];
extern const unsigned collect_script_n; /* bytes, without the NUL */

#endif
