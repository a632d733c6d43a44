/*
 * fold_kit.h - frames of a log made by hand or by lot, and folds of them.
 */
#ifndef TESTS_FOLD_KIT_H
#define TESTS_FOLD_KIT_H

#include "analytics/features/fold.h"

#define KIT_FRAMES 1024
#define KIT_START UINT64_C(1767225600000) /* the first of January 2026, a Thursday, in UTC */
#define KIT_HOUR UINT64_C(3600000)
#define KIT_DAY (24 * KIT_HOUR)
#define KIT_WEEK (7 * KIT_DAY)

struct fold_kit {
	struct feed_frame v[KIT_FRAMES];
	size_t n;
	struct feed_words words;
	struct fold_settings settings; /* its find() looks among V */
};

/* No frames; purpose 1, text version 2, bands of 10, 20, 40, 80, 160. */
void kit_init(struct fold_kit *k);

/* Append; what is returned is in the kit, to be changed. */
struct feed_event *kit_event(struct fold_kit *k, uint8_t kind, uint64_t person, uint64_t device,
    uint64_t at_ms);
struct feed_consent *kit_word(struct fold_kit *k, uint8_t kind, uint64_t who, uint8_t word,
    uint64_t at_ms);
struct feed_link *kit_link(struct fold_kit *k, uint64_t device, uint64_t person, uint64_t from_ms,
    uint64_t to_ms);
struct feed_attribute *kit_attribute(struct fold_kit *k, uint64_t person, uint8_t attribute,
    uint8_t value, uint64_t at_ms);
/* Of EVENT; of RULE where it is 0. */
struct feed_verdict *kit_verdict(struct fold_kit *k, uint64_t event, uint8_t rule, uint8_t action,
    uint64_t at_ms);
void kit_erase(struct fold_kit *k, uint8_t kind, uint64_t who);

/* A fold of all frames in two passes; the caller's. Without memory the test ends. */
struct fold *kit_fold(const struct fold_kit *k);
/* The same into F. */
void kit_fold_into(const struct fold_kit *k, struct fold *f);
/* A new fold of none. */
struct fold *kit_fold_new(const struct fold_kit *k);
/* Frames [FROM, TO) as they arrive. */
void kit_take(const struct fold_kit *k, struct fold *f, size_t from, size_t to);

/* By lot, the same for the same seed. */
void kit_seed(uint64_t seed);
uint32_t kit_any(uint32_t n); /* below N */
void kit_shuffle(struct fold_kit *k);

#endif
