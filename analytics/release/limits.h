/*
 * limits.h - the ceilings of released views.
 */
#ifndef ANALYTICS_RELEASE_LIMITS_H
#define ANALYTICS_RELEASE_LIMITS_H

#define RELEASE_COLUMNS_MAX 16      /* quasi-identifiers */
#define RELEASE_SENSITIVE_MAX 4     /* sensitive columns */
#define RELEASE_VALUES_MAX 256      /* values of all sensitive columns together */
#define RELEASE_ROWS_MAX (1u << 26) /* rows of a table */
#define RELEASE_KEY_BYTES 16        /* the key of a release: ties and noise are drawn under it */
#define RELEASE_PPM 1000000u        /* shares, distances and losses are told in millionths */

#define HIERARCHY_LEAVES_MAX 32000      /* values of a column; a leaf fits 15 bits */
#define HIERARCHY_LEVELS_MAX 24         /* from the value itself to "*" */
#define HIERARCHY_LABEL_MAX 255         /* bytes of a value or a label */
#define HIERARCHY_TEXT_MAX (16ul << 20) /* bytes of a file */

#endif
