/*
 * record.h - records, as the floors above crypto know them: writing is
 * crypto/tlog/record.h (keyd writes too), reading back is audit/record/read.h.
 */
#ifndef AUDIT_RECORD_RECORD_H
#define AUDIT_RECORD_RECORD_H

#include "crypto/tlog/record.h"

#endif
