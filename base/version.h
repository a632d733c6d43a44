/*
 * version.h - the version all programs report.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define SCRIM_VERSION "0.1.0"

#endif
