/*
 * shelf_rig.h - a small release of our own, for tests: two tables, a report.
 */
#ifndef TESTS_SHELF_RIG_H
#define TESTS_SHELF_RIG_H

#include "analytics/shelf/shelf.h"

#define RIG_DATASET "portrait"
#define RIG_REPORT "{\"gcp\":0.05}\n"

/* A manifest of release NUMBER that nothing is missing from but what shelf_finish() fills in. */
void rig_manifest(uint64_t number, struct shelf_manifest *m);
/* Begin release NUMBER of the dataset below ROOT and write all of it but the manifest. */
enum sc_err rig_begin(const char *root, uint64_t number, struct sc_diag *d,
    struct shelf_writer **w);
/* Make it whole; SHA256 is the manifest's. */
enum sc_err rig_release(const char *root, uint64_t number, struct sc_diag *d,
    uint8_t sha256[static SHELF_SHA_BYTES]);

#endif
