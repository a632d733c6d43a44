/*
 * spec_private.h - what the parts of the file of datasets share: readers of its values.
 */
#ifndef ANALYTICS_VIEWS_SPEC_PRIVATE_H
#define ANALYTICS_VIEWS_SPEC_PRIVATE_H

#include "analytics/views/spec.h"
#include "base/text/shape.h"

#define VIEW_TEXT_MAX 255 /* bytes of a title, a meaning, a column's name in the source */
#define VIEW_UNIT_MAX 60

extern const struct shape view_column_shape; /* struct view_column */

shape_reader view_read_table; /* const char *: a word that is fit for SQL (shelf/names.h) */
shape_reader view_read_share; /* uint32_t in millionths: 0 to MAX, written as 0.05 */

#endif
