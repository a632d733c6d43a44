/*
 * rebuild.c - playing the record back up to a cut, and writing what is left.
 */
#include "disk/rebuild.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.h"

#define FILES 4096

struct call {
	struct disk_op op;
	char name[DISK_PATH], to[DISK_PATH];
	const uint8_t *data;
	struct node *node; /* a call on names: whose, while a cut is made */
};

struct content {
	uint8_t *p;
	size_t n, room;
};

/* A file, whatever names it has; a folder is one without content. */
struct node {
	uint64_t file; /* inode number while it is the newest with that number */
	bool folder;
	struct content disk;
	size_t *late, n_late; /* calls since the last sync */
};

struct name {
	char path[DISK_PATH];
	struct node *node;
};

/* Names: as the program sees them, and as the disk has them. */
struct view {
	struct name name[FILES];
	size_t n;
};

struct disk_story {
	uint8_t *bytes;
	struct call *call;
	size_t n;
	struct view before;
	struct node *old; /* the nodes of BEFORE */
	size_t n_old;
	/* while one cut is made */
	struct view now, disk;
	struct node *node[FILES];
	size_t n_nodes;
	size_t *late, n_late; /* calls on names that no folder's sync followed */
	uint64_t luck;
};

static void *need(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

static uint64_t draw(struct disk_story *s)
{
	uint64_t z = s->luck += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* ---- names ------------------------------------------------------------------------------- */

static struct name *name_find(struct view *v, const char *path)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->name[i].path, path) == 0)
			return &v->name[i];
	return NULL;
}

static void name_set(struct view *v, const char *path, struct node *node)
{
	struct name *n = name_find(v, path);

	if (n == NULL) {
		if (v->n == FILES)
			abort();
		n = &v->name[v->n++];
		snprintf(n->path, DISK_PATH, "%s", path);
	}
	n->node = node;
}

static void name_drop(struct view *v, const char *path)
{
	struct name *n = name_find(v, path);

	if (n != NULL)
		*n = v->name[--v->n];
}

/* Is PATH directly in FOLDER? */
static bool lies_in(const char *path, const char *folder)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);

	return strlen(folder) == n && memcmp(path, folder, n) == 0;
}

/* What is in a folder that was moved is found under its new name. */
static void names_move(struct view *v, const char *from, const char *to)
{
	const size_t n = strlen(from);
	char path[DISK_PATH];

	for (size_t i = 0; i < v->n; i++) {
		struct name *e = &v->name[i];

		if (strncmp(e->path, from, n) != 0 || e->path[n] != '/')
			continue;
		if (snprintf(path, sizeof(path), "%s%s", to, e->path + n) >= (int)sizeof(path))
			abort();
		memcpy(e->path, path, sizeof(path));
	}
}

static void name_call(struct view *v, const struct call *c)
{
	switch (c->op.kind) {
	case DISK_DID_CREATE:
	case DISK_DID_MKDIR: name_set(v, c->name, c->node); break;
	case DISK_DID_RENAME:
		name_drop(v, c->name);
		name_set(v, c->to, c->node);
		names_move(v, c->name, c->to);
		break;
	default: name_drop(v, c->name);
	}
}

/* ---- contents ------------------------------------------------------------------------------ */

static void resize(struct content *c, size_t n)
{
	if (n > c->room) {
		c->room = n * 2;
		c->p = need(realloc(c->p, c->room));
	}
	if (n > c->n) /* so there is room */
		memset(c->p + c->n, 0, n - c->n);
	c->n = n;
}

static void put(struct content *c, size_t at, const uint8_t *p, size_t n)
{
	if (at + n > c->n)
		resize(c, at + n);
	if (n > 0)
		memcpy(c->p + at, p, n);
}

static void apply(struct content *c, const struct call *k)
{
	if (k->op.kind == DISK_DID_SIZE)
		resize(c, (size_t)k->op.at);
	else
		put(c, (size_t)k->op.at, k->data, k->op.n_data);
}

/* Of one write the sectors that chance picks. */
static void apply_some(struct disk_story *s, struct content *c, const struct call *k)
{
	size_t at = (size_t)k->op.at, end = at + k->op.n_data, next;

	if (k->op.kind == DISK_DID_SIZE) {
		if (draw(s) % 2 == 0)
			apply(c, k);
		return;
	}
	for (; at < end; at = next) {
		next = (at / DISK_SECTOR + 1) * DISK_SECTOR;
		next = next < end ? next : end;
		if (draw(s) % 2 == 0)
			put(c, at, k->data + (at - (size_t)k->op.at), next - at);
	}
}

/* ---- reading the record ---------------------------------------------------------------------- */

static uint8_t *read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *p;

	*n = 0;
	if (f == NULL || fstat(fileno(f), &st) != 0)
		return NULL;
	p = need(malloc((size_t)st.st_size + 1));
	*n = fread(p, 1, (size_t)st.st_size, f);
	fclose(f);
	return p;
}

static void cut_calls(struct disk_story *s, size_t bytes)
{
	size_t room = 0, at = 0;

	while (bytes - at >= sizeof(struct disk_op)) {
		struct call *c;

		if (s->n == room)
			s->call = need(realloc(s->call, (room = room * 2 + 64) * sizeof(*c)));
		c = &s->call[s->n];
		memset(c, 0, sizeof(*c));
		memcpy(&c->op, s->bytes + at, sizeof(c->op));
		at += sizeof(c->op);
		if (bytes - at < (size_t)c->op.n_name + c->op.n_to + c->op.n_data)
			break;
		memcpy(c->name, s->bytes + at, c->op.n_name);
		memcpy(c->to, s->bytes + at + c->op.n_name, c->op.n_to);
		at += c->op.n_name + c->op.n_to;
		c->data = s->bytes + at;
		at += c->op.n_data;
		s->n++;
	}
}

static void walk(struct disk_story *s, const char *root, const char *path)
{
	char whole[512], sub[DISK_PATH];
	struct dirent *e;
	DIR *d;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	d = need(opendir(whole));
	while ((e = readdir(d)) != NULL) {
		struct node *node = &s->old[s->n_old];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    (e->d_type != DT_DIR && e->d_type != DT_REG))
			continue;
		if (snprintf(sub, sizeof(sub), "%s%s%s", path, *path == '\0' ? "" : "/",
			e->d_name) >= DISK_PATH ||
		    ++s->n_old == FILES)
			abort();
		snprintf(whole, sizeof(whole), "%s/%s", root, sub);
		node->folder = e->d_type == DT_DIR;
		name_set(&s->before, sub, node);
		if (node->folder)
			walk(s, root, sub);
		else
			node->disk.p = need(read_file(whole, &node->disk.n));
	}
	closedir(d);
}

struct disk_story *disk_story_new(const char *control, const char *before)
{
	struct disk_story *s = need(calloc(1, sizeof(*s)));
	char path[300];
	size_t n;

	snprintf(path, sizeof(path), "%s.ops", control);
	if ((s->bytes = read_file(path, &n)) == NULL) {
		free(s);
		return NULL;
	}
	cut_calls(s, n);
	s->old = need(calloc(FILES, sizeof(*s->old)));
	s->late = need(calloc(s->n + 1, sizeof(*s->late)));
	if (before != NULL)
		walk(s, before, "");
	return s;
}

void disk_story_free(struct disk_story *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_old; i++)
		free(s->old[i].disk.p);
	free(s->old);
	free(s->late);
	free(s->call);
	free(s->bytes);
	free(s);
}

size_t disk_story_length(const struct disk_story *s)
{
	return s->n;
}

void disk_story_tell(const struct disk_story *s, size_t i, char *out, size_t n)
{
	static const char *const kinds[] = { "open", "create", "mkdir", "rename", "unlink", "write",
		"size", "sync", "sync folder", "sync all" };
	const struct call *c = &s->call[i];

	if (i >= s->n)
		snprintf(out, n, "the end");
	else
		snprintf(out, n, "%s %s %s %llu+%u%s", kinds[c->op.kind], c->name, c->to,
		    (unsigned long long)c->op.at, c->op.n_data, c->op.synced ? " synced" : "");
}

/* ---- playing it back ----------------------------------------------------------------------------- */

static struct node *node_of(struct disk_story *s, uint64_t file)
{
	for (size_t i = s->n_nodes; i-- > 0;)
		if (s->node[i]->file == file)
			return s->node[i];
	return NULL;
}

/* An inode number comes back when its file was removed: the newest file has it. */
static void node_number(struct disk_story *s, struct node *n, uint64_t file)
{
	struct node *was = file == 0 ? NULL : node_of(s, file);

	if (was != NULL)
		was->file = 0;
	n->file = file;
}

static struct node *node_new(struct disk_story *s, uint64_t file, bool folder)
{
	struct node *n = need(calloc(1, sizeof(*n)));

	if (s->n_nodes == FILES)
		abort();
	node_number(s, n, file);
	n->folder = folder;
	return s->node[s->n_nodes++] = n;
}

static void begin(struct disk_story *s, uint64_t seed)
{
	s->luck = seed;
	s->now.n = s->disk.n = s->n_nodes = s->n_late = 0;
	for (size_t i = 0; i < s->before.n; i++) {
		const struct node *old = s->before.name[i].node;
		struct node *n = node_new(s, 0, old->folder);

		put(&n->disk, 0, old->disk.p, old->disk.n);
		name_set(&s->now, s->before.name[i].path, n);
		name_set(&s->disk, s->before.name[i].path, n);
	}
}

static void late_add(struct node *n, size_t i)
{
	if ((n->n_late & (n->n_late + 1)) == 0) /* room doubles at 0, 1, 3, 7 ... */
		n->late = need(realloc(n->late, (n->n_late + 1) * 2 * sizeof(*n->late)));
	n->late[n->n_late++] = i;
}

/* The folder's entries are on the disk now, with all that happened to them. */
static void sync_folder(struct disk_story *s, const char *folder)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_late; i++) {
		const struct call *c = &s->call[s->late[i]];
		const char *last = c->op.kind == DISK_DID_RENAME ? c->to : c->name;

		if (lies_in(last, folder))
			name_call(&s->disk, c);
		else
			s->late[kept++] = s->late[i];
	}
	s->n_late = kept;
}

/* A call on names: NOW has it at once. */
static void on_name(struct disk_story *s, size_t i)
{
	struct call *c = &s->call[i];
	struct name *was = name_find(&s->now, c->name);

	c->node = was == NULL ? NULL : was->node;
	if (c->op.kind == DISK_DID_CREATE)
		c->node = node_new(s, c->op.file, false);
	else if (c->op.kind == DISK_DID_MKDIR)
		c->node = node_new(s, 0, true);
	name_call(&s->now, c);
	s->late[s->n_late++] = i;
}

static void sync_file(struct disk_story *s, struct node *n)
{
	for (size_t k = 0; k < n->n_late; k++)
		apply(&n->disk, &s->call[n->late[k]]);
	n->n_late = 0;
}

static void sync_all(struct disk_story *s)
{
	for (size_t i = 0; i < s->n_nodes; i++)
		sync_file(s, s->node[i]);
	for (size_t i = 0; i < s->n_late; i++)
		name_call(&s->disk, &s->call[s->late[i]]);
	s->n_late = 0;
}

static void on_file(struct disk_story *s, size_t i)
{
	const struct call *c = &s->call[i];
	struct node *n = node_of(s, c->op.file);

	if (n == NULL)
		abort();
	if (c->op.kind == DISK_DID_SYNC) {
		sync_file(s, n);
	} else if (c->op.synced) {
		apply(&n->disk, c);
	} else {
		late_add(n, i);
	}
}

static void play(struct disk_story *s, size_t i)
{
	const struct call *c = &s->call[i];
	struct name *name;

	switch (c->op.kind) {
	case DISK_DID_OPEN:
		if ((name = name_find(&s->now, c->name)) == NULL)
			abort();
		node_number(s, name->node, c->op.file);
		break;
	case DISK_DID_SYNC_DIR: sync_folder(s, c->name); break;
	case DISK_DID_SYNC_ALL: sync_all(s); break;
	case DISK_DID_WRITE:
	case DISK_DID_SIZE:
	case DISK_DID_SYNC: on_file(s, i); break;
	default: on_name(s, i);
	}
}

/* ---- the cut ------------------------------------------------------------------------------------------ */

static void settle_file(struct disk_story *s, struct node *n, enum disk_luck luck)
{
	size_t whole = luck == LUCK_KEEP ? n->n_late :
	    luck == LUCK_PREFIX          ? (size_t)(draw(s) % (n->n_late + 1)) :
					   0;

	if (luck == LUCK_LOSE)
		return;
	for (size_t k = 0; k < n->n_late; k++) {
		const struct call *c = &s->call[n->late[k]];

		if (k < whole)
			apply(&n->disk, c);
		else if (luck == LUCK_ANY || luck == LUCK_TORN || k == whole)
			apply_some(s, &n->disk, c);
	}
}

/* Of each folder's calls the first few: one that is lost takes the later ones with it. */
static void settle_names(struct disk_story *s, enum disk_luck luck)
{
	char lost[64][DISK_PATH];
	size_t n_lost = 0, k;

	for (size_t i = 0; i < s->n_late && luck != LUCK_LOSE; i++) {
		const struct call *c = &s->call[s->late[i]];
		const char *last = c->op.kind == DISK_DID_RENAME ? c->to : c->name;
		const char *slash = strrchr(last, '/');

		for (k = 0; k < n_lost && !lies_in(last, lost[k]); k++)
			;
		if (k < n_lost)
			continue;
		if (luck == LUCK_KEEP || draw(s) % 4 != 0)
			name_call(&s->disk, c);
		else if (n_lost < 64)
			snprintf(lost[n_lost++], DISK_PATH, "%.*s",
			    slash == NULL ? 0 : (int)(slash - last), last);
		else
			return;
	}
}

static bool write_out(const struct content *c, const char *path)
{
	static const uint8_t zeros[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && ftruncate(fd, (off_t)c->n) == 0;

	for (size_t at = 0, n; ok && at < c->n; at += n) {
		n = c->n - at < sizeof(zeros) ? c->n - at : sizeof(zeros);
		if (memcmp(c->p + at, zeros, n) != 0)
			ok = pwrite(fd, c->p + at, n, (off_t)at) == (ssize_t)n;
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->path, ((const struct name *)b)->path);
}

/* Folders sort before what is in them; what is in a lost one is lost. */
static bool write_tree(struct disk_story *s, const char *out)
{
	char path[512], parent[512];
	bool ok = true;

	qsort(s->disk.name, s->disk.n, sizeof(s->disk.name[0]), by_path);
	for (size_t i = 0; i < s->disk.n && ok; i++) {
		const struct name *n = &s->disk.name[i];

		snprintf(path, sizeof(path), "%s/%s", out, n->path);
		snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(path, '/') - path), path);
		if (access(parent, F_OK) != 0)
			continue;
		ok = n->node->folder ? mkdir(path, 0700) == 0 : write_out(&n->node->disk, path);
	}
	return ok;
}

bool disk_story_cut(struct disk_story *s, size_t cut, enum disk_luck luck, uint64_t seed,
    const char *out)
{
	struct disk_op *under_way = cut < s->n ? &s->call[cut].op : NULL;
	uint32_t synced;
	bool ok;

	begin(s, seed);
	for (size_t i = 0; i < cut && i < s->n; i++)
		play(s, i);
	/* a sync that did not return promises nothing */
	if (luck == LUCK_TORN && under_way != NULL && under_way->kind < DISK_DID_SYNC) {
		synced = under_way->synced;
		under_way->synced = 0;
		play(s, cut);
		under_way->synced = synced;
	}
	for (size_t i = 0; i < s->n_nodes; i++)
		settle_file(s, s->node[i], luck);
	settle_names(s, luck);
	ok = write_tree(s, out);
	for (size_t i = 0; i < s->n_nodes; i++) {
		free(s->node[i]->disk.p);
		free(s->node[i]->late);
		free(s->node[i]);
	}
	return ok;
}

/* ---- folders ------------------------------------------------------------------------------------------- */

void disk_remove(const char *dir, bool whole)
{
	char sub[512];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", dir, e->d_name);
		if (e->d_type == DT_DIR)
			disk_remove(sub, true);
		else
			unlink(sub);
	}
	if (d != NULL)
		closedir(d);
	if (whole)
		rmdir(dir);
}

bool disk_folder(char out[static 64])
{
	snprintf(out, 64, "/dev/shm/scrim-disk-XXXXXX");
	if (mkdtemp(out) != NULL)
		return true;
	snprintf(out, 64, "/tmp/scrim-disk-XXXXXX");
	return mkdtemp(out) != NULL;
}
