/*
 * months_int.h - the file of backup keys in memory, shared by who keeps it and who seals
 * under it.
 */
#ifndef CRYPTO_BACKUP_MONTHS_INT_H
#define CRYPTO_BACKUP_MONTHS_INT_H

#include "crypto/backup/months.h"

#define MONTH_BLOCK 4096
#define MONTH_BLOCKS_MAX 1024 /* far more months than anybody keeps backups */
#define MONTH_SEALED (SIV_BYTES + EPOCH_KEY_BYTES)
#define MONTH_DAY_MS UINT64_C(86400000)

struct backup_months {
	struct months_place at;
	int fd;
	struct siv_ctx *root;
	size_t n; /* blocks */
	struct month_block {
		uint32_t month; /* 0: nothing of worth */
		uint8_t id[BACKUP_KEY_ID];
		uint8_t sealed[MONTH_SEALED]; /* of one that lives */
		uint64_t died_ms;             /* 0: it lives */
		bool told;
	} blocks[MONTH_BLOCKS_MAX];
};

bool month_lives(const struct month_block *b);
/* B, one of M's, onto the disk, over what is there. SC_IO; D says why. */
SC_CHECKED enum sc_err month_lay(struct backup_months *m, const struct month_block *b,
    struct sc_diag *d);

/* What a month's key is bound to; MONTH is room for it. */
void month_ads(const struct backup_months *m, const struct month_block *b, uint8_t month[static 4],
    struct sc_span ads[static 3]);
/* That of the month's own key. Fails with SC_AUTH: the root does not open it. */
SC_CHECKED enum sc_err month_open(struct backup_months *m, const struct month_block *b,
    struct siv_ctx **out);

#endif
