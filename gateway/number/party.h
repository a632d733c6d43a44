/*
 * party.h - a person as the book knows one: the blind index of a number, as an integer.
 */
#ifndef GATEWAY_NUMBER_PARTY_H
#define GATEWAY_NUMBER_PARTY_H

#include "base/span.h"

/*
 * The `pf` entry of INDEX (crypto/prim/index.h: ".l4a7k2.pfa0q9dw3ta."), as
 * (epoch's digit + 1) << 40 and its 40 bits. 0, nobody, when there is not
 * exactly one.
 */
uint64_t phone_party(struct sc_span index);

#endif
