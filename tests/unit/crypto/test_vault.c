/*
 * test_vault.c - the region of keys: what is given out is zero and nobody else's, what
 * comes back is wiped, what is wrong ends the program; and OpenSSL lives in it.
 */
#include "crypto/prim/vault.h"

#include "base/sandbox.h"
#include "crypto/prim/siv.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

enum { BYTES = 1 << 20, SLOTS = 512, STEPS = 200000 };

static uint64_t state = 42;

static uint32_t draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

static bool is_all(const uint8_t *p, uint8_t b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != b)
			return false;
	return true;
}

/* ---- before it is opened ---- */

static void plain(void)
{
	uint8_t *p = vault_alloc(100);

	NEED(p != NULL && is_all(p, 0, 100) && !vault_holds(p));
	memset(p, 7, 100);
	NEED((p = vault_realloc(p, 300)) != NULL);
	CHECK(is_all(p, 7, 100) && is_all(p + 100, 0, 200));
	NEED((p = vault_realloc(p, 50)) != NULL);
	NEED((p = vault_realloc(p, 100)) != NULL);
	CHECK(is_all(p, 7, 50) && is_all(p + 50, 0, 50));
	CHECK(vault_realloc(p, 0) == NULL);
	vault_free(NULL);
	CHECK(vault_alloc(SIZE_MAX) == NULL && vault_alloc(SIZE_MAX / 2 + 1) == NULL);
}

static uint8_t *from_before; /* given back once the region is there */

static void opened(void)
{
	struct sc_diag d = { .text = "" };
	struct vault_use use;
	bool locked = true;

	CHECK(vault_open(0, &locked, &d) == SC_BUG && !locked);
	CHECK(vault_open(VAULT_MAX + 1, &locked, &d) == SC_BUG);
	from_before = vault_alloc(64);
	NEED(from_before != NULL && vault_open(BYTES - 100, &locked, &d) == SC_OK);
	CHECK(vault_open(BYTES, &locked, &d) == SC_BUG); /* once */
	vault_count(&use);
	CHECK(use.bytes == BYTES && use.now == 0 && use.allocations == 0);
	CHECK(!vault_holds(from_before) && !vault_holds(NULL) && !vault_holds(&d));
	vault_free(from_before);
}

/* ---- held against a model ---- */

struct slot {
	uint8_t *p;
	size_t n;
	uint8_t fill;
};
static struct slot slots[SLOTS];

static size_t some_size(void)
{
	static const size_t edges[] = { 0, 1, 15, 16, 17, 31, 32, 33, 240, 255, 256, 257, 3840 };

	switch (draw(4)) {
	case 0: return edges[draw(sizeof(edges) / sizeof(edges[0]))];
	case 1: return draw(64);
	case 2: return draw(1024);
	default: return draw(12000);
	}
}

static void release(struct slot *s)
{
	CHECK(is_all(s->p, s->fill, s->n));
	vault_free(s->p);
	s->p = NULL;
}

/* Zero, and afterwards the model's own: neighbours that overlap would show. */
static bool fill_in(struct slot *s, size_t n, size_t old)
{
	if (!is_all(s->p + old, 0, n - old))
		return false;
	s->n = n;
	s->fill = (uint8_t)(1 + draw(255));
	memset(s->p, s->fill, n);
	return vault_holds(s->p) && (uintptr_t)s->p % 16 == 0;
}

static void step(struct slot *s)
{
	const size_t n = some_size();
	uint8_t *p;

	if (s->p == NULL) {
		if ((s->p = vault_alloc(n)) != NULL)
			CHECK(fill_in(s, n, 0));
	} else if (draw(3) == 0 && n != 0) {
		const size_t kept = n < s->n ? n : s->n;

		if ((p = vault_realloc(s->p, n)) == NULL)
			return;
		s->p = p;
		CHECK(is_all(p, s->fill, kept) && fill_in(s, n, kept));
	} else {
		release(s);
	}
}

static void model(void)
{
	struct vault_use before, after;

	vault_count(&before);
	for (unsigned i = 0; i < STEPS && tap_ok; i++)
		step(&slots[draw(SLOTS)]);
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots[i].p != NULL)
			release(&slots[i]);
	vault_count(&after);
	CHECK(after.now == before.now);
	CHECK(after.most > BYTES / 2 && after.allocations > STEPS / 8);
}

/* All of it can be had, in one piece, before and after it was in many. */
static void whole(void)
{
	static uint8_t *all[BYTES / 32];
	const size_t most = BYTES / 2 + BYTES / 4; /* lists round up by a sixteenth */
	unsigned n = 0;
	uint8_t *p = vault_alloc(most);

	NEED(p != NULL && is_all(p, 0, most));
	memset(p, 9, most);
	vault_free(p);
	CHECK(vault_alloc(BYTES) == NULL && vault_alloc(BYTES + 1) == NULL);
	CHECK(vault_alloc(SIZE_MAX) == NULL);
	while (n < BYTES / 32 && (all[n] = vault_alloc(16)) != NULL)
		memset(all[n++], 5, 16);
	CHECK(n > BYTES / 32 - 64);
	CHECK(vault_alloc(1) == NULL); /* full is an answer */
	for (unsigned i = 0; i < n; i += 2)
		vault_free(all[i]);
	for (unsigned i = 1; i < n; i += 2)
		vault_free(all[i]);
	NEED((p = vault_alloc(most)) != NULL);
	CHECK(is_all(p, 0, most));
	vault_free(p);
}

/* ---- what is wrong ---- */

static uint8_t *victim, *behind_it;

static void free_twice(void)
{
	vault_free(victim);
	vault_free(victim);
}

static void free_twice_later(void)
{
	vault_free(behind_it);
	vault_free(victim);
	vault_free(behind_it); /* by now in the middle of a free chunk */
}

static void free_inside(void)
{
	vault_free(victim + 16);
}

static void free_odd(void)
{
	vault_free(victim + 1);
}

static void free_forged(void)
{
	memcpy(victim, victim - 16, 16); /* a head from elsewhere */
	vault_free(victim + 16);
}

static void free_heap(void)
{
	static uint64_t other[8] = { 64, 1, 2 };

	vault_free(other + 2);
}

static void realloc_freed(void)
{
	vault_free(victim);
	victim = vault_realloc(victim, 4000);
}

static void overrun(void)
{
	memset(victim, 1, 65);
	vault_free(victim);
}

static void underrun(void)
{
	victim[-1] ^= 1;
	vault_free(victim);
}

static void written_when_free(void)
{
	vault_free(victim);
	victim[-8] ^= 1;
	(void)vault_alloc(40);
}

static void fine(void)
{
	vault_free(behind_it);
	vault_free(victim);
}

/* A child has none of the region: these come to their end in a thread of a copy of the program. */
static bool dies(const char *name, const char *self)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		const int null = open("/dev/null", O_WRONLY);
		const struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		if (null >= 0)
			dup2(null, STDERR_FILENO);
		execl(self, self, name, (char *)NULL);
		_exit(99);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGABRT;
}

static const struct {
	const char *name;
	void (*run)(void);
	bool dies;
} wrongs[] = {
	{ "fine", fine, false },
	{ "twice", free_twice, true },
	{ "twice-later", free_twice_later, true },
	{ "inside", free_inside, true },
	{ "odd", free_odd, true },
	{ "forged", free_forged, true },
	{ "heap", free_heap, true },
	{ "realloc-freed", realloc_freed, true },
	{ "overrun", overrun, true },
	{ "underrun", underrun, true },
	{ "written-when-free", written_when_free, true },
};
#define N_WRONGS (sizeof(wrongs) / sizeof(wrongs[0]))

static const char *self;

static void wrong(void)
{
	for (size_t i = 0; i < N_WRONGS; i++) {
		const bool died = dies(wrongs[i].name, self);

		if (died != wrongs[i].dies)
			printf("# %s\n", wrongs[i].name);
		CHECK(died == wrongs[i].dies);
	}
}

/* The other side of dies(). */
static int do_wrong(const char *name)
{
	struct sc_diag d;
	bool locked;

	if (vault_open(BYTES, &locked, &d) != SC_OK || (victim = vault_alloc(64)) == NULL ||
	    (behind_it = vault_alloc(64)) == NULL)
		return 98;
	for (size_t i = 0; i < N_WRONGS; i++)
		if (strcmp(wrongs[i].name, name) == 0)
			wrongs[i].run();
	return 0;
}

/* ---- the kernel's word ---- */

/* The flags of the mapping that P lies in. */
static bool flags_at(const void *p, char flags[256], unsigned long *from, unsigned long *to)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long a, b;
	bool here = false;
	char line[512];

	flags[0] = '\0';
	while (f != NULL && flags[0] == '\0' && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &a, &b) == 2) {
			here = (uintptr_t)p >= a && (uintptr_t)p < b;
			*from = here ? a : *from;
			*to = here ? b : *to;
		} else if (here && strncmp(line, "VmFlags:", 8) == 0) {
			snprintf(flags, 256, "%.255s", line + 8);
		}
	}
	if (f != NULL)
		fclose(f);
	return flags[0] != '\0';
}

static void kernel(void)
{
	unsigned long from = 0, to = 0, a = 0, b = 0;
	uint8_t *p = vault_alloc(16);
	char flags[256];

	NEED(p != NULL && flags_at(p, flags, &from, &to));
	CHECK(strstr(flags, " rd") != NULL && strstr(flags, " wr") != NULL);
	CHECK(strstr(flags, " ex") == NULL);
	CHECK(strstr(flags, " dd") != NULL && strstr(flags, " dc") != NULL);
	CHECK(SANDBOX_SANITIZED || strstr(flags, " lo") != NULL);
	CHECK(to - from == BYTES);
	/* what stands before and behind it nobody may touch */
	NEED(flags_at((const uint8_t *)from - 1, flags, &a, &b) && b == from);
	CHECK(strstr(flags, " rd") == NULL && strstr(flags, " wr") == NULL);
	NEED(flags_at((const uint8_t *)to, flags, &a, &b) && a == to);
	CHECK(strstr(flags, " rd") == NULL && strstr(flags, " wr") == NULL);
	CHECK(vault_holds((const uint8_t *)to - 1) && !vault_holds((const uint8_t *)to));
	CHECK(vault_holds((const uint8_t *)from) && !vault_holds((const uint8_t *)from - 1));
	vault_free(p);
}

/* ---- OpenSSL ---- */

static void openssl(void)
{
	const uint8_t key[SIV_KEY_BYTES] = { 1, 2, 3 };
	struct vault_use before, after;
	struct siv_ctx *c = NULL;
	uint8_t out[80];
	bool ok = false;
	void *p;

	NEED(siv_ctx_new(&c) == SC_OK);
	CHECK(vault_holds(c));
	p = OPENSSL_malloc(10);
	CHECK(vault_holds(p));
	p = OPENSSL_realloc(p, 5000);
	CHECK(vault_holds(p));
	OPENSSL_free(p);
	CHECK(OPENSSL_malloc(0) == NULL);
	/* a key's whole life takes nothing: it costs no lock, and cannot fail for want of memory */
	vault_count(&before);
	for (unsigned i = 0; i < 100; i++) {
		NEED(siv_set_key(c, key) == SC_OK);
		NEED(siv_seal(c, NULL, 0, sc_span_str("value"), out) == SC_OK);
		NEED(siv_open(c, NULL, 0, sc_span(out, 21), out + 21, &ok) == SC_OK && ok);
		siv_clear(c);
	}
	vault_count(&after);
	CHECK(after.allocations == before.allocations && after.now == before.now);
	siv_ctx_free(c);
}

/* A full region is want of memory, which the callers know. */
static void full(void)
{
	static void *all[BYTES / 32];
	struct siv_ctx *c = NULL;
	unsigned n = 0;

	while (n < BYTES / 32 && (all[n] = vault_alloc(16)) != NULL)
		n++;
	CHECK(siv_ctx_new(&c) == SC_NOMEM && c == NULL);
	CHECK(OPENSSL_malloc(100) == NULL && EVP_CIPHER_CTX_new() == NULL);
	while (n > 0)
		vault_free(all[--n]);
	NEED(siv_ctx_new(&c) == SC_OK);
	siv_ctx_free(c);
}

/* ---- threads ---- */

static void *work(void *arg)
{
	uint8_t *mine[16] = { NULL }, me = *(const uint8_t *)arg;
	uintptr_t bad = 0;

	for (unsigned i = 0; i < 20000; i++) {
		const unsigned k = i * 7 % 16;

		if (mine[k] != NULL && !is_all(mine[k], me, 100))
			bad = 1;
		vault_free(mine[k]);
		if ((mine[k] = vault_alloc(100)) == NULL || !is_all(mine[k], 0, 100))
			bad = 1;
		else
			memset(mine[k], me, 100);
	}
	for (unsigned k = 0; k < 16; k++)
		vault_free(mine[k]);
	return (void *)bad;
}

static void threads(void)
{
	uint8_t names[4] = { 1, 2, 3, 4 };
	pthread_t t[4];
	void *bad;

	for (unsigned i = 0; i < 4; i++)
		NEED(pthread_create(&t[i], NULL, work, &names[i]) == 0);
	for (unsigned i = 0; i < 4; i++)
		CHECK(pthread_join(t[i], &bad) == 0 && bad == NULL);
}

/* ---- what is left on the stack ---- */

static uintptr_t left_at;

__attribute__((noinline)) static void leave_something(void)
{
	volatile uint8_t deep[8192];

	for (size_t i = 0; i < sizeof(deep); i++)
		deep[i] = 0xa5;
	left_at = (uintptr_t)deep;
}

__attribute__((noinline, no_sanitize_address)) static unsigned found_below(void)
{
	const volatile uint8_t *p = (const volatile uint8_t *)left_at;
	unsigned n = 0;

	for (size_t i = 0; i < 8192; i++)
		n += p[i] == 0xa5;
	return n;
}

static void sweep(void)
{
	if (SANDBOX_SANITIZED) /* it lays stacks out by itself */
		return;
	leave_something();
	CHECK(found_below() > 7000);
	vault_sweep();
	CHECK(found_below() == 0);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1)
		return do_wrong(argv[1]);
	RUN(plain, "before it is opened it is ordinary memory");
	RUN(opened, "it is opened once, and takes back what was given out before");
	RUN(kernel, "it is locked, not dumped, not inherited, and guarded");
	RUN(model, "what is given out is zero, aligned and nobody else's, whatever the order");
	RUN(whole, "when all is given back it is whole again; full is an answer");
	RUN(wrong, "what is given back twice, was never given out or overrun ends the program");
	RUN(openssl, "OpenSSL's memory is its; setting a key and sealing allocate nothing");
	RUN(full, "a full region is want of memory");
	RUN(threads, "any thread");
	RUN(sweep, "what was left on the stack is wiped");
	return tap_done();
}
