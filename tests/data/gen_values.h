/*
 * gen_values.h - made-up customers: names from short lists of our own, phones
 * from ranges nobody can be reached at, documents with right check digits.
 *
 * Phones: Ofcom 07700 900xxx, 020 7946 0xxx and 01632 960xxx, NANP 555-01xx,
 * AU 0491 570 156-159. Addresses of the network are documentation ranges.
 * Resident ids belong to people born 1900-1909, cards to test ranges.
 */
#ifndef TESTS_DATA_GEN_VALUES_H
#define TESTS_DATA_GEN_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64: small, and the same on every machine. */
struct gen_rng {
	uint64_t s;
};
uint64_t gen_next(struct gen_rng *r);
unsigned gen_below(struct gen_rng *r, unsigned n);
bool gen_chance(struct gen_rng *r, unsigned percent);

#define GEN_VALUE 160

/* One customer; the same number of the same seed is the same person. */
struct gen_person {
	bool western;
	unsigned number;
	char id[32], name[GEN_VALUE], first[64], last[64];
	char mobile[32], landline[32], mobile_digits[32];
	char email[64], province[64], city[64], district[64], town[64], postcode[16];
	char address[GEN_VALUE], resident_id[24], card[24], iban[36], passport[12];
	char dob[12], ip[48], wechat[24], qq[12], plate[16], lat[16], lng[16];
};

void gen_person(uint64_t seed, unsigned number, bool western, struct gen_person *p);

/* Check digits; TEXT holds the digits before it. */
char gen_resident_check(const char *text17);
char gen_luhn_check(const char *digits);

#endif
