/*
 * disguise.h - personal data that is spelled so that a plain look does not see it.
 *
 * For short texts that people write and that are kept for ever, such as reasons. Digits of any
 * script and width, worded one by one in English or Chinese, letters that stand for digits, and
 * whatever stands between them; and what base64 or hexadecimal digits stand for. It finds what
 * somebody writes so by habit, or to get past a check once; whoever is set on hiding a value in
 * 200 bytes can.
 */
#ifndef POLICY_DETECT_DISGUISE_H
#define POLICY_DETECT_DISGUISE_H

#include "base/span.h"

#define DISGUISE_MAX 256 /* bytes */

/*
 * Does TEXT, of at most DISGUISE_MAX bytes (a longer one does), hold what detect_scan() takes for
 * personal data, plain or disguised? Nothing is allocated, and what was decoded is wiped.
 */
bool detect_disguised(struct sc_span text);

#endif
