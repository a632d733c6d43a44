/*
 * tests.h - the tests of filters: numbered when selectors are compiled.
 */
#ifndef GATEWAY_CODEC_TESTS_H
#define GATEWAY_CODEC_TESTS_H

#include "gateway/codec/automaton.h"

/*
 * Number what the SEGMENT_TESTs among SEG[0..N-1] want, whose symbols are those of their names,
 * from the symbol P->first_test on. Their symbols are then the tests' own, and P's are complete.
 * Fails with SC_LIMIT, SC_NOMEM.
 */
SC_CHECKED enum sc_err tests_number(struct codec_paths *p, struct segment *seg, size_t n,
    struct sc_diag *d);

#endif
