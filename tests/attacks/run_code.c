/*
 * run_code.c - what whoever can make keyd call mmap() tries next: memory that is
 * writable and executable, with code of their own in it. The process is under
 * keyd's own filter. Exit status 42 when the code ran.
 */
#include "crypto/keyd/confine.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

int main(void)
{
	/* mov $42, %eax; ret */
	static const uint8_t code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	struct sc_diag d = { .text = "" };
	int (*run)(void);
	void *p;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || confine_calls(&d) != SC_OK)
		return 1;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);
	if (p == MAP_FAILED)
		return 2;
	memcpy(p, code, sizeof(code));
	memcpy(&run, &p, sizeof(run));
	return run();
}
