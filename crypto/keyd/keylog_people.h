/*
 * keylog_people.h - an opening of more people than its record has room for: those for whom there
 * is none stand in records right before it.
 *
 *	people	part 1		{ what: { subjects, parts: 1 } }, at most AUDIT_PART_MAX of them
 *	...
 *	reveal			{ what: { subjects, subjects_total, parts: N, subjects_root } }
 *
 * The parts come first, so a log that a crash cut short has no opening whose people it does not
 * name: parts without their record are of an opening that was never answered.
 */
#ifndef CRYPTO_KEYD_KEYLOG_PEOPLE_H
#define CRYPTO_KEYD_KEYLOG_PEOPLE_H

#include "crypto/record/record.h"
#include "crypto/tlog/writer.h"

/*
 * Append R, whose own subjects are as many as there is room for, with the N of MORE; *RECORD is
 * R's index. Fails as tlog_append() does, and audit_record_print(): nothing may leave then.
 */
SC_CHECKED enum sc_err keylog_people_append(struct tlog *log, struct audit_record *r,
    const uint8_t (*more)[AUDIT_HANDLE_BYTES], size_t n, uint64_t *record);

#endif
