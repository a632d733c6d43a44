/*
 * crc32c.h - the Castagnoli sum (RFC 3720 §12.1), which finds what chance did to bytes:
 * every change of up to 32 neighbouring bits, and of up to five bits of a frame.
 *
 * It finds no attack: whoever may write the bytes may write their sum.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The sum of N bytes at P; by the processor's own instruction where it has one. */
uint32_t crc32c(const void *p, size_t n);
/* The same by tables, on any processor. */
uint32_t crc32c_portable(const void *p, size_t n);

#endif
