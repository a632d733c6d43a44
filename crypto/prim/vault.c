/*
 * vault.c - one locked mapping, given out in chunks by a two-level segregated fit.
 *
 *	guard page | granule 0, unused | chunk | chunk | ... | end | guard page
 *	chunk: before u32 | size u32 | seal u64 | what the caller has
 *
 * All is counted in granules of 16 bytes. Free chunks stand in lists by size, sixteen to
 * each power of two, and two levels of bits tell which lists have any: giving out, taking
 * back and joining neighbours never search. A free chunk holds zeros but for the two
 * links at its beginning, so that what is given out is zero without being written.
 *
 * The seal depends on the chunk's place, size and state and on a number of this run, so
 * that a pointer that is no chunk's, or one whose neighbour was written past, is
 * noticed when it is given back.
 */
#include "crypto/prim/vault.h"

#include "base/buf.h"
#include "base/sandbox.h"
#include "base/weak.h"
#include "crypto/prim/random.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#if SANDBOX_SANITIZED
#include <sanitizer/lsan_interface.h>
/* the sanitiser of threads looks for no leaks, and does not have it */
#pragma weak __lsan_register_root_region
#endif

enum { GRANULE = 16, CELL_BITS = 4, CELLS = 1 << CELL_BITS, ROWS = 24, CHUNK_MIN = 2 };

struct chunk {
	uint32_t before; /* size of the chunk in front; 0: there is none */
	uint32_t size;
	uint64_t seal;
	uint32_t next, prev; /* while it is free: in its list; 0: none */
};

/* What a chunk has before its caller's. */
#define HEAD offsetof(struct chunk, next)
_Static_assert(HEAD == GRANULE, "a chunk's head is a granule");
_Static_assert(sizeof(struct chunk) <= (size_t)CHUNK_MIN * GRANULE, "links fit into the least");

static struct {
	pthread_mutex_t lock;
	uint8_t *base; /* NULL: closed; set before there are threads */
	struct vault_use use;
	uint64_t number;
	uint32_t rows;        /* which rows have a chunk */
	uint32_t cells[ROWS]; /* and which of their cells */
	uint32_t first[ROWS][CELLS];
} vault = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "vault: %s\n", what);
	abort();
}

/* ---- chunks ---- */

static struct chunk *chunk_at(uint32_t place)
{
	void *at = vault.base + (size_t)place * GRANULE;

	return at;
}

static uint32_t place_of(const struct chunk *c)
{
	return (uint32_t)((size_t)((const uint8_t *)c - vault.base) / GRANULE);
}

static struct chunk *behind(const struct chunk *c)
{
	return chunk_at(place_of(c) + c->size);
}

static uint64_t seal_of(uint64_t number, uint64_t place, uint32_t size, bool used)
{
	return (number ^ (place << 32 | size)) * UINT64_C(0x9e3779b97f4a7c15) ^ (used ? 1 : 0);
}

static bool sealed(const struct chunk *c, bool used)
{
	return c->seal == seal_of(vault.number, place_of(c), c->size, used);
}

static void set_size(struct chunk *c, uint32_t size, bool used)
{
	c->size = size;
	c->seal = seal_of(vault.number, place_of(c), size, used);
	behind(c)->before = size;
}

/* ---- lists ---- */

struct list_at {
	uint32_t row, cell;
};

static uint32_t log_of(uint32_t size)
{
	return 31 - (uint32_t)__builtin_clz(size);
}

static struct list_at list_of(uint32_t size)
{
	uint32_t log;

	if (size < CELLS)
		return (struct list_at){ 0, size };
	log = log_of(size);
	return (struct list_at){ log - CELL_BITS + 1, size >> (log - CELL_BITS) & (CELLS - 1) };
}

static void list_add(struct chunk *c)
{
	const struct list_at at = list_of(c->size);
	uint32_t *first = &vault.first[at.row][at.cell];

	c->next = *first;
	c->prev = 0;
	if (*first != 0)
		chunk_at(*first)->prev = place_of(c);
	*first = place_of(c);
	vault.cells[at.row] |= 1u << at.cell;
	vault.rows |= 1u << at.row;
}

static void list_remove(struct chunk *c)
{
	const struct list_at at = list_of(c->size);

	if (c->prev != 0)
		chunk_at(c->prev)->next = c->next;
	else
		vault.first[at.row][at.cell] = c->next;
	if (c->next != 0)
		chunk_at(c->next)->prev = c->prev;
	if (vault.first[at.row][at.cell] == 0 && (vault.cells[at.row] &= ~(1u << at.cell)) == 0)
		vault.rows &= ~(1u << at.row);
	c->next = c->prev = 0;
}

/* A free chunk of SIZE or more: from the first list all of which are large enough. */
static struct chunk *list_find(uint32_t size)
{
	struct list_at at;
	uint32_t bits;

	if (size >= CELLS)
		size += (1u << (log_of(size) - CELL_BITS)) - 1;
	at = list_of(size);
	bits = vault.cells[at.row] & ~0u << at.cell;
	if (bits == 0) {
		bits = vault.rows & ~0u << (at.row + 1);
		if (bits == 0)
			return NULL;
		at.row = (uint32_t)__builtin_ctz(bits);
		bits = vault.cells[at.row];
	}
	return chunk_at(vault.first[at.row][__builtin_ctz(bits)]);
}

/* ---- giving out and taking back ---- */

/* What is left of C behind SIZE becomes a chunk of its own. */
static void split(struct chunk *c, uint32_t size)
{
	const uint32_t rest = c->size - size;
	struct chunk *r;

	if (rest < CHUNK_MIN) {
		set_size(c, c->size, true);
		return;
	}
	set_size(c, size, true);
	r = behind(c);
	set_size(r, rest, false);
	list_add(r);
}

static void *give(size_t n)
{
	const uint32_t size = n == 0 ? CHUNK_MIN : (uint32_t)((n + GRANULE - 1) / GRANULE) + 1;
	struct chunk *c = list_find(size);

	if (c == NULL)
		return NULL;
	must(sealed(c, false), "memory was written past its end, or after it was given back");
	list_remove(c);
	split(c, size);
	vault.use.allocations++;
	vault.use.now += (size_t)c->size * GRANULE;
	vault.use.most = vault.use.now > vault.use.most ? vault.use.now : vault.use.most;
	return (uint8_t *)c + HEAD;
}

/* The chunk that P was given out of. */
static struct chunk *chunk_of(void *p)
{
	void *head = (uint8_t *)p - HEAD;
	struct chunk *c = head;
	const struct chunk *b;

	must((uintptr_t)p % GRANULE == 0 && place_of(c) != 0, "this was never given out");
	must(!sealed(c, false), "this was given back already");
	must(sealed(c, true), "this was never given out, or the memory before it was overrun");
	b = behind(c);
	must(b->before == c->size && (sealed(b, true) || sealed(b, false)),
	    "memory was written past its end");
	return c;
}

static size_t room_of(const struct chunk *c)
{
	return (size_t)c->size * GRANULE - HEAD;
}

static void take(struct chunk *c)
{
	struct chunk *b = behind(c), *a = NULL;
	uint32_t size = c->size;

	vault.use.now -= (size_t)size * GRANULE;
	sc_wipe((uint8_t *)c + HEAD, room_of(c));
	if (c->before != 0 && sealed(a = chunk_at(place_of(c) - c->before), false)) {
		list_remove(a);
		size += a->size;
		sc_wipe(c, HEAD);
		c = a;
	}
	if (sealed(b, false)) {
		list_remove(b);
		size += b->size;
		sc_wipe(b, HEAD);
	}
	set_size(c, size, false);
	list_add(c);
}

/* ---- without a region ---- */

/* What ordinary memory has before the caller's. */
struct plain_head {
	size_t n;
	uint64_t seal;
};

static struct plain_head *plain_of(void *p)
{
	struct plain_head *h = (struct plain_head *)p - 1;

	must(h->seal == ((uint64_t)(uintptr_t)h ^ h->n), "this was never given out");
	return h;
}

static void *plain_alloc(size_t n)
{
	struct plain_head *h = n > SIZE_MAX / 2 ? NULL : calloc(1, sizeof(*h) + n);

	if (h == NULL)
		return NULL;
	h->n = n;
	h->seal = (uint64_t)(uintptr_t)h ^ n;
	return h + 1;
}

static void plain_free(void *p)
{
	struct plain_head *h = plain_of(p);

	sc_wipe(h, sizeof(*h) + h->n);
	free(h);
}

/* ---- what callers have ---- */

bool vault_holds(const void *p)
{
	const uintptr_t at = (uintptr_t)p, base = (uintptr_t)vault.base;

	return vault.base != NULL && at >= base && at - base < vault.use.bytes;
}

void *vault_alloc(size_t n)
{
	void *p;

	if (vault.base == NULL)
		return plain_alloc(n);
	if (n > vault.use.bytes)
		return NULL;
	(void)pthread_mutex_lock(&vault.lock);
	p = give(n);
	(void)pthread_mutex_unlock(&vault.lock);
	return p;
}

void vault_free(void *p)
{
	if (p == NULL)
		return;
	if (!vault_holds(p)) {
		plain_free(p);
		return;
	}
	(void)pthread_mutex_lock(&vault.lock);
	take(chunk_of(p));
	(void)pthread_mutex_unlock(&vault.lock);
}

/* How many bytes P's caller may use. */
static size_t room_at(void *p)
{
	size_t n;

	if (!vault_holds(p))
		return plain_of(p)->n;
	(void)pthread_mutex_lock(&vault.lock);
	n = room_of(chunk_of(p));
	(void)pthread_mutex_unlock(&vault.lock);
	return n;
}

void *vault_realloc(void *p, size_t n)
{
	size_t room;
	void *q;

	if (p == NULL)
		return vault_alloc(n);
	if (n == 0) {
		vault_free(p);
		return NULL;
	}
	room = room_at(p);
	if (n <= room) {
		sc_wipe((uint8_t *)p + n, room - n);
		return p;
	}
	if ((q = vault_alloc(n)) == NULL)
		return NULL;
	memcpy(q, p, room);
	vault_free(p);
	return q;
}

void vault_count(struct vault_use *out)
{
	(void)pthread_mutex_lock(&vault.lock);
	*out = vault.use;
	(void)pthread_mutex_unlock(&vault.lock);
}

enum { SWEEP_BYTES = 16 * 1024 };

__attribute__((noinline)) void vault_sweep(void)
{
	uint8_t below[SWEEP_BYTES];

	sc_wipe(below, sizeof(below));
}

/* ---- opening ---- */

static void *ossl_alloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return n == 0 ? NULL : vault_alloc(n);
}

static void *ossl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return vault_realloc(p, n);
}

static void ossl_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	vault_free(p);
}

/* As much as anybody may lock, so that the region fits if it can. */
static bool lock_memory(void *p, size_t n)
{
	struct rlimit r;

	if (mlock(p, n) == 0)
		return true;
	if (getrlimit(RLIMIT_MEMLOCK, &r) != 0 || r.rlim_cur == r.rlim_max)
		return false;
	r.rlim_cur = r.rlim_max;
	return setrlimit(RLIMIT_MEMLOCK, &r) == 0 && mlock(p, n) == 0;
}

/* BYTES between two pages that nobody may touch. */
static uint8_t *map_region(size_t bytes, size_t page, bool *locked)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	/* cppcheck-suppress invalidFunctionArg ; of no file */
	uint8_t *p = mmap(NULL, bytes + 2 * page, PROT_NONE, flags, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p + page, bytes, PROT_READ | PROT_WRITE) != 0 ||
	    madvise(p, bytes + 2 * page, MADV_DONTDUMP) != 0 ||
	    madvise(p, bytes + 2 * page, MADV_DONTFORK) != 0) {
		(void)munmap(p, bytes + 2 * page);
		return NULL;
	}
	*locked = lock_memory(p + page, bytes);
	return p + page;
}

/* One free chunk from granule 1 to the last, which is a chunk that is never free. */
static void lay_out(uint8_t *base, size_t bytes)
{
	const uint32_t end = (uint32_t)(bytes / GRANULE) - 1;
	struct chunk *c;

	vault.base = base;
	vault.use = (struct vault_use){ .bytes = bytes };
	random_bytes(&vault.number, sizeof(vault.number));
	c = chunk_at(end);
	c->size = 1;
	c->seal = seal_of(vault.number, end, 1, true);
	c = chunk_at(1);
	set_size(c, end - 1, false);
	list_add(c);
#if SANDBOX_SANITIZED
	if (__lsan_register_root_region != NULL)
		__lsan_register_root_region(base, bytes);
#endif
}

enum sc_err vault_open(size_t bytes, bool *locked, struct sc_diag *d)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *base;

	*locked = false;
	if (WEAK("keys-anywhere"))
		return SC_OK;
	if (vault.base != NULL || bytes == 0 || bytes > VAULT_MAX)
		return SC_BUG;
	bytes = (bytes + page - 1) / page * page;
	if ((base = map_region(bytes, page, locked)) == NULL) {
		sc_diag_set(d, "cannot set %zu bytes aside for keys: %s", bytes, strerror(errno));
		return SC_NOMEM;
	}
	lay_out(base, bytes);
	if (CRYPTO_set_mem_functions(ossl_alloc, ossl_realloc, ossl_free) == 1)
		return SC_OK;
	sc_diag_set(d, "OpenSSL has been used before memory was set aside for keys");
	return SC_BUG;
}
