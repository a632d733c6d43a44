/*
 * say.h - words and amounts in both languages.
 */
#ifndef ANALYTICS_MARKET_SAY_H
#define ANALYTICS_MARKET_SAY_H

#include "analytics/market/report.h"

#define SAY_CURRENCY "\xc2\xa5" /* the sign of the shop's currency */
#define SAY_MINUS "\xe2\x88\x92"
#define SAY_DASH "\xe2\x80\x93"

/* A name and what goes with it; zh never NULL. */
struct say_words {
	const char *en, *zh;
};

extern const struct say_words say_verdicts[VERDICTS];
extern const struct say_words say_tiles[TILES];
extern const struct say_words say_portraits[REPORT_PORTRAITS];
extern const struct say_words say_days[7], say_long_days[7];

/* Of a segment: its name, its rule, what to do. */
struct say_segment {
	const char *id;
	struct say_words name, rule, advice;
};
/* NULL: no segment of ours is called so. */
const struct say_segment *say_segment_of(const char *id);

/* A word of a cube or view, as people know it: "mini_program"; itself where it is not known. */
struct say_words say_word(const char *word);
/* The same of a group, its members with " + " between them, cut where OUT ends. */
void say_group(const char *group, bool zh, char *out, size_t size);

/* A short name stays in one line: its spaces become such as do not break. SIZE is of TEXT. */
void say_together(char *text, size_t size);

/* "12,345"; "-613" with a true minus. */
#define SAY_NUMBER 32
void say_number(double v, char out[static SAY_NUMBER]);
void say_signed(double v, char out[static SAY_NUMBER]);  /* "+25", "no sign" at 0 */
void say_percent(double v, char out[static SAY_NUMBER]); /* of a ratio: "12 %" */
void say_change(double v, char out[static SAY_NUMBER]);  /* "+12 %" */

/* "16 - 22 November 2026" of the week that begins on MONDAY. */
void say_week(int64_t monday, bool zh, char *out, size_t size);
/* "Nov", "11 月" of a month. */
struct say_words say_month(int64_t month);

#endif
