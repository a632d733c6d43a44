/*
 * fold.c - ranges of Unicode whose letters differ by a constant.
 */
#include "crypto/prim/fold.h"

uint32_t fold_width(uint32_t cp)
{
	if (cp >= 0xff01 && cp <= 0xff5e)
		return cp - 0xff01 + '!';
	if (cp == 0x3000 || cp == 0xa0 || cp == 0x202f || (cp >= 0x2000 && cp <= 0x200d) ||
	    cp == 0xfeff)
		return ' ';
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212)
		return '-';
	return cp;
}

uint32_t fold_case(uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		return cp + ('a' - 'A');
	if ((cp >= 0xc0 && cp <= 0xde && cp != 0xd7) || /* Latin-1 */
	    (cp >= 0x391 && cp <= 0x3ab) ||             /* Greek */
	    (cp >= 0x410 && cp <= 0x42f))               /* Cyrillic */
		return cp + 0x20;
	if (cp >= 0x400 && cp <= 0x40f)
		return cp + 0x50;
	if (cp == 0x132 || cp == 0x14a || cp == 0x152) /* what drop_accent() leaves */
		return cp + 1;
	return cp;
}
