/*
 * script.h - collect.js as pages get it: at most 2,048 bytes.
 */
#ifndef GATEWAY_COLLECT_SCRIPT_H
#define GATEWAY_COLLECT_SCRIPT_H

extern const char collect_script[];
extern const unsigned collect_script_n; /* bytes, without the NUL */

#endif
