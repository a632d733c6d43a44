/*
 * main.c - scrim-viewd, which makes what analysts may see: composition root.
 */
#include "analytics/log/log.h"
#include "analytics/features/fold.h"

int main(void)
{
	return 2;
}
