/*
 * memory.c - going through /proc/PID/mem and all files for keys in clear.
 */
#include "keys/memory.h"

#include "base/bytes.h"

#include <dirent.h>
#include <errno.h>

#define TABLE 16384u /* of the first bytes of secrets; a power of two */
#define BITE ((size_t)4 << 20)

struct search {
	const struct memory_secrets *s;
	uint32_t *table; /* index + 1 of who leaves */
	bool *seen;
	size_t hits;
};

static const uint8_t *secret_of(const struct memory_secrets *s, size_t i)
{
	return s->found.v[s->which[i]].secret;
}

static uint32_t slot_of(const uint8_t *p)
{
	return ((uint32_t)p[0] << 8 | p[1]) & (TABLE - 1);
}

static bool search_init(struct search *x, const struct memory_secrets *s)
{
	memset(x, 0, sizeof(*x));
	x->s = s;
	x->table = calloc(TABLE, sizeof(*x->table));
	x->seen = calloc(s->n + 1, sizeof(*x->seen));
	if (x->table == NULL || x->seen == NULL)
		abort();
	for (size_t i = 0; i < s->n; i++) {
		uint32_t at = slot_of(secret_of(s, i));

		while (x->table[at] != 0)
			at = (at + 1) & (TABLE - 1);
		x->table[at] = (uint32_t)i + 1;
	}
	return true;
}

static void search_fini(struct search *x)
{
	free(x->table);
	free(x->seen);
}

/* Half of a key is enough to tell that it is there. */
static void look(struct search *x, const uint8_t *p, size_t n)
{
	for (size_t k = 0; k + TREE_SECRET_BYTES / 2 <= n; k++)
		for (uint32_t at = slot_of(p + k); x->table[at] != 0; at = (at + 1) & (TABLE - 1)) {
			const size_t i = x->table[at] - 1;

			if (memcmp(secret_of(x->s, i), p + k, TREE_SECRET_BYTES / 2) != 0)
				continue;
			x->hits++;
			x->seen[i] = true;
		}
}

static size_t different(const struct search *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->s->n; i++)
		n += x->seen[i];
	return n;
}

/* False: nobody but keyd may read it here. */
static bool look_in_memory(struct search *x, pid_t pid)
{
	char path[64], line[600], rights[8];
	unsigned long from, to;
	uint8_t *p = malloc(BITE);
	bool any = false;
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	while (fd >= 0 && maps != NULL && p != NULL && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[0] != 'r')
			continue;
		for (unsigned long at = from; at < to; at += BITE - TREE_SECRET_BYTES) {
			const size_t n = to - at < BITE ? to - at : BITE;
			const ssize_t got = pread(fd, p, n, (off_t)at);

			if (got <= 0)
				break;
			any = true;
			look(x, p, (size_t)got);
		}
	}
	if (fd >= 0)
		close(fd);
	if (maps != NULL)
		fclose(maps);
	if (p != NULL)
		sc_wipe(p, BITE);
	free(p);
	return any;
}

static void look_in_files(struct search *x, const char *folder)
{
	char path[600];
	struct dirent *e;
	uint8_t *p = malloc(BITE);
	DIR *d = opendir(folder);

	while (d != NULL && p != NULL && (e = readdir(d)) != NULL) {
		off_t at = 0;
		ssize_t got;
		int fd;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (e->d_type == DT_DIR)
			look_in_files(x, path);
		if (e->d_type != DT_REG || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
			continue;
		for (; (got = pread(fd, p, BITE, at)) > TREE_SECRET_BYTES;
		     at += got - TREE_SECRET_BYTES)
			look(x, p, (size_t)got);
		close(fd);
	}
	if (d != NULL)
		closedir(d);
	free(p);
}

bool memory_secrets_take(struct keys_proof *k, struct keys_world *w, size_t leave,
    struct memory_secrets *out)
{
	char folder[256], root[256];
	struct carve_from from = { .folder = folder,
		.root = root,
		.tenant = "demo",
		.scratch = k->scratch };
	struct carve_ring *ring;

	fixture_path(&k->fx, "run", folder);
	fixture_path(&k->fx, "keys/root.json", root);
	memcpy(from.store_id, k->store_id, STORE_ID_BYTES);
	if ((out->which = calloc(leave + 1, sizeof(*out->which))) == NULL ||
	    !carve_files(&from, &out->found))
		return false;
	ring = carve_ring_new(&out->found);
	for (size_t i = 0; i < leave; i++) {
		const size_t at = carve_opens(ring, "demo", w->person[i].ev[0].token);

		if (at != SIZE_MAX)
			out->which[out->n++] = at;
	}
	carve_ring_free(ring);
	return out->n == leave;
}

void memory_secrets_free(struct memory_secrets *s)
{
	free(s->which);
	carve_free(&s->found);
}

static bool search_all(struct keys_proof *k, const struct memory_secrets *s, const char *when,
    bool wanted)
{
	char folder[256];
	struct search mem, files;
	bool readable, ok;

	if (!search_init(&mem, s) || !search_init(&files, s))
		return false;
	readable = look_in_memory(&mem, k->fx.pid);
	fixture_path(&k->fx, "run", folder);
	look_in_files(&files, folder);
	if (!readable)
		printf("# %s: keyd's memory cannot be read here\n", when);
	printf("# %s: in clear, of %zu keys of those who leave, %zu in memory and %zu in files\n",
	    when, s->n, different(&mem), different(&files));
	ok = files.hits == 0 && (!readable || (mem.hits > 0) == wanted);
	search_fini(&mem);
	search_fini(&files);
	return ok;
}

bool memory_before(struct keys_proof *k, const struct memory_secrets *s)
{
	return search_all(k, s, "before", true);
}

bool memory_after(struct keys_proof *k, const struct memory_secrets *s)
{
	return search_all(k, s, "after", false);
}
