/*
 * test_epoch_file.c - keyd.epoch: what was laid is there, what lay under it is not.
 */
#include "crypto/keytree/epoch_file.h"
#include "tap.h"

#include <sys/stat.h>
#include <unistd.h>

static struct epoch_place place = { .tenant = SC_LIT("shop"), .store_id = "a store" };
static char dir[] = "/tmp/scrim-epoch-XXXXXX";

static struct sc_secret *root_of(uint8_t first)
{
	uint8_t key[32] = { first };
	struct sc_secret *s = NULL;

	if (sc_secret_new_take(key, sizeof(key), &s) != SC_OK)
		abort();
	return s;
}

static void test_basics(void)
{
	struct sc_secret *root = root_of(1);
	uint8_t zero[EPOCH_KEY_BYTES], one[EPOCH_KEY_BYTES];
	struct epoch_file *f;
	bool repaired;

	NEED(epoch_file_make(&place, root, NULL, &f) == SC_OK);
	memcpy(zero, epoch_file_key(f, 0), sizeof(zero));
	memcpy(one, epoch_file_key(f, 1), sizeof(one));
	CHECK(memcmp(zero, one, sizeof(one)) != 0);
	CHECK(epoch_file_key(f, 2) == NULL);
	epoch_file_close(f);
	NEED(epoch_file_open(&place, root, NULL, &repaired, &f) == SC_OK);
	CHECK(!repaired && !memcmp(zero, epoch_file_key(f, 0), sizeof(zero)));
	NEED(epoch_file_write(f, 2) == SC_OK);
	CHECK(epoch_file_key(f, 0) == NULL && epoch_file_key(f, 2) != NULL);
	CHECK(!memcmp(one, epoch_file_key(f, 1), sizeof(one)));
	epoch_file_close(f);
	NEED(epoch_file_open(&place, root, NULL, &repaired, &f) == SC_OK);
	CHECK(epoch_file_key(f, 0) == NULL && epoch_file_key(f, 2) != NULL);
	epoch_file_close(f);
	unlink(place.path);
	sc_secret_free(root);
}

/* ---- files as they may be found ---------------------------------------------------- */

enum { LENGTH = 2 * EPOCH_BLOCK, HEAD = 4 + 8 + 16 + EPOCH_KEY_BYTES };

static struct epoch_place both; /* with a twin */
static struct sc_secret *the_root;

static void load(const char *path, uint8_t out[LENGTH])
{
	FILE *f = fopen(path, "rb");

	if (f == NULL || fread(out, 1, LENGTH, f) != LENGTH)
		abort();
	fclose(f);
}

static void save(const char *path, const uint8_t *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0 || chmod(path, 0600) != 0)
		abort();
}

/* Make AT, at epochs 2 and 1, after 0 was laid over. */
static void fresh(const struct epoch_place *at, uint8_t before[LENGTH], uint8_t after[LENGTH])
{
	struct epoch_file *f;

	unlink(both.path);
	unlink(both.twin);
	if (epoch_file_make(at, the_root, NULL, &f) != SC_OK)
		abort();
	load(at->path, before);
	if (epoch_file_write(f, 2) != SC_OK)
		abort();
	epoch_file_close(f);
	load(at->path, after);
}

/* What opening AT gives: its epochs as digits ('-': none), "~" when one is behind, or an error. */
static const char *opens(const struct epoch_place *at)
{
	static char out[32];
	struct sc_diag d = { .text = "" };
	struct epoch_held held[2];
	struct epoch_file *f;
	bool repaired;
	enum sc_err err = epoch_file_open(at, the_root, &d, &repaired, &f);

	if (err != SC_OK)
		return d.text[0] == '\0' || f != NULL ? "no word" : sc_err_name(err);
	epoch_file_held(f, held);
	for (unsigned i = 0; i < 2; i++) {
		out[i] = (char)(held[i].opens ? '0' + (char)held[i].epoch : '-');
		if (held[i].opens != (epoch_file_key(f, held[i].epoch) != NULL))
			out[i] = '?';
	}
	strcpy(out + 2, repaired ? "~" : "");
	epoch_file_close(f);
	return out;
}

static bool is(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		printf("# %s, not %s\n", got, want);
	return strcmp(got, want) == 0;
}

/* Bring both up to date; they are then the same, and stay so. */
static bool mends(void)
{
	struct epoch_held held[2][2];
	uint8_t key[2][EPOCH_KEY_BYTES];
	struct epoch_place alone = both;
	struct epoch_file *f;
	bool repaired, ok;

	if (epoch_file_open(&both, the_root, NULL, &repaired, &f) != SC_OK)
		return false;
	ok = epoch_file_mend(f) == SC_OK;
	epoch_file_close(f);
	alone.twin = NULL;
	for (unsigned k = 0; k < 2 && ok; k++) {
		alone.path = k == 0 ? both.path : both.twin;
		if (epoch_file_open(&alone, the_root, NULL, &repaired, &f) != SC_OK)
			return false;
		epoch_file_held(f, held[k]);
		ok = held[k][0].opens && held[k][1].opens && !repaired;
		memcpy(key[k], epoch_file_key(f, held[k][0].epoch), EPOCH_KEY_BYTES);
		epoch_file_close(f);
	}
	return ok && strlen(opens(&both)) == 2 && memcmp(key[0], key[1], sizeof(key[0])) == 0 &&
	    held[0][0].epoch == held[1][0].epoch && held[0][1].epoch == held[1][1].epoch;
}

static void test_flips(void)
{
	uint8_t old[LENGTH], now[LENGTH];

	fresh(&place, old, now);
	CHECK(is(opens(&place), "21"));
	for (size_t at = 0; at < LENGTH; at++) {
		const char *want = "21";

		if (at < HEAD)
			want = "-1";
		else if (at >= EPOCH_BLOCK && at < EPOCH_BLOCK + HEAD)
			want = "2-";
		now[at] ^= 1 << at % 8;
		save(place.path, now, LENGTH);
		now[at] ^= 1 << at % 8;
		if (!is(opens(&place), want)) {
			printf("# at %zu\n", at);
			CHECK(false);
		}
	}
}

static void test_torn(void)
{
	uint8_t old[LENGTH], now[LENGTH], torn[LENGTH];

	fresh(&place, old, now);
	for (size_t at = 0; at <= EPOCH_BLOCK; at += at < HEAD ? 1 : 512 - at % 512) {
		/* "SCE1" and the zeros before the epoch are the same in both */
		const char *want = at < 12 ? "01" : at < HEAD ? "-1" : "21";

		memcpy(torn, now, LENGTH);
		memcpy(torn + at, old + at, EPOCH_BLOCK - at);
		save(place.path, torn, LENGTH);
		CHECK(is(opens(&place), want));
	}
	/* a block that stands in the other's place is none */
	memcpy(torn, now + EPOCH_BLOCK, EPOCH_BLOCK);
	memcpy(torn + EPOCH_BLOCK, now, EPOCH_BLOCK);
	save(place.path, torn, LENGTH);
	CHECK(is(opens(&place), "SC_AUTH"));
}

static void test_twin(void)
{
	uint8_t old[LENGTH], now[LENGTH], half[LENGTH], zero[LENGTH] = { 0 };

	for (unsigned k = 0; k < 2; k++) {
		const char *bad = k == 0 ? both.path : both.twin;

		fresh(&both, old, now);
		CHECK(is(opens(&both), "21"));
		unlink(bad);
		CHECK(is(opens(&both), "21~"));
		CHECK(access(bad, F_OK) != 0); /* who reads writes nothing */
		CHECK(mends());
		save(bad, old, LENGTH); /* behind */
		CHECK(is(opens(&both), "21~") && mends());
		load(bad, half);
		CHECK(memcmp(half, old, HEAD) != 0); /* and the old key is no more */
		for (unsigned i = 0; i < 2; i++) {
			load(bad, half);
			memset(half + (size_t)i * EPOCH_BLOCK + 20, 0, 512);
			save(bad, half, LENGTH);
			CHECK(is(opens(&both), "21~") && mends());
		}
		save(bad, zero, LENGTH);
		CHECK(is(opens(&both), "21~") && mends());
	}
	/* each has lost another block */
	load(both.path, now);
	memcpy(half, now, LENGTH);
	memset(half, 0, EPOCH_BLOCK);
	save(both.path, half, LENGTH);
	load(both.twin, half);
	memset(half + EPOCH_BLOCK, 0, EPOCH_BLOCK);
	save(both.twin, half, LENGTH);
	CHECK(is(opens(&both), "21~") && mends());
}

static void test_write_mends(void)
{
	uint8_t old[LENGTH], now[LENGTH], key[EPOCH_KEY_BYTES] = "a key that is known";
	struct epoch_file *f;
	bool repaired;

	fresh(&both, old, now);
	save(both.twin, old, LENGTH);
	NEED(epoch_file_open(&both, the_root, NULL, &repaired, &f) == SC_OK && repaired);
	CHECK(epoch_file_put(f, 3, key) == SC_OK);
	CHECK(memcmp(epoch_file_key(f, 3), key, sizeof(key)) == 0);
	epoch_file_close(f);
	CHECK(is(opens(&both), "23"));
	NEED(epoch_file_open(&both, the_root, NULL, &repaired, &f) == SC_OK);
	CHECK(memcmp(epoch_file_key(f, 3), key, sizeof(key)) == 0);
	epoch_file_close(f);
	/* nothing of one block lies in the other, nor of the old in the new */
	load(both.path, now);
	for (size_t at = 0; at < EPOCH_BLOCK; at += 16) {
		CHECK(memcmp(now + at, now + EPOCH_BLOCK + at, 16) != 0);
		CHECK(memcmp(now + at, old + at, 16) != 0);
		CHECK(memcmp(now + EPOCH_BLOCK + at, old + EPOCH_BLOCK + at, 16) != 0);
	}
}

/* Two that write would each destroy what the other lives by. Who only reads is let in. */
static void test_owned(void)
{
	uint8_t old[LENGTH], now[LENGTH];
	struct epoch_place owner = both;
	struct epoch_file *f, *other;
	struct sc_diag d = { .line = 0 };
	bool repaired;

	fresh(&both, old, now);
	owner.owner = true;
	NEED(epoch_file_open(&owner, the_root, NULL, &repaired, &f) == SC_OK);
	CHECK(epoch_file_open(&owner, the_root, &d, &repaired, &other) == SC_AGAIN);
	CHECK(other == NULL && strstr(d.text, "another keyd") != NULL);
	CHECK(is(opens(&both), "21"));
	epoch_file_close(f);
	/* the twin alone, as another's file */
	NEED(epoch_file_open(&owner, the_root, NULL, &repaired, &f) == SC_OK);
	owner.path = both.twin;
	owner.twin = NULL;
	CHECK(epoch_file_open(&owner, the_root, &d, &repaired, &other) == SC_AGAIN);
	epoch_file_close(f);
	NEED(epoch_file_open(&owner, the_root, NULL, &repaired, &f) == SC_OK);
	epoch_file_close(f);
	/* one that is made anew is owned too */
	owner = both;
	owner.owner = true;
	unlink(both.twin);
	NEED(epoch_file_open(&owner, the_root, NULL, &repaired, &f) == SC_OK && repaired);
	NEED(epoch_file_mend(f) == SC_OK);
	owner.path = both.twin;
	owner.twin = NULL;
	CHECK(epoch_file_open(&owner, the_root, &d, &repaired, &other) == SC_AGAIN);
	epoch_file_close(f);
}

/* A start that made it anew was ended in that: beside the other it is made whole. */
static void test_part(void)
{
	static const size_t lengths[] = { 0, 100, EPOCH_BLOCK, LENGTH - 1 };
	uint8_t whole[LENGTH], now[LENGTH];

	for (size_t i = 0; i < 2 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		const char *path = i % 2 == 0 ? both.path : both.twin;

		fresh(&both, whole, now);
		save(path, whole, lengths[i / 2]);
		CHECK(is(opens(&both), "21~"));
		CHECK(mends() && is(opens(&both), "21"));
	}
	fresh(&both, whole, now);
	save(both.path, whole, LENGTH - 1);
	save(both.twin, whole, EPOCH_BLOCK);
	CHECK(is(opens(&both), "SC_SYNTAX"));
}

static void test_refused(void)
{
	uint8_t old[LENGTH], now[LENGTH + 1] = { 0 };
	struct epoch_place other = place;
	struct epoch_file *f;
	struct stat st;

	fresh(&place, old, now);
	CHECK(stat(place.path, &st) == 0 && (st.st_mode & 07777) == 0600);
	/* it is never made anew */
	CHECK(epoch_file_make(&place, the_root, NULL, &f) == SC_IO && f == NULL);
	CHECK(is(opens(&place), "21"));
	chmod(place.path, 0640);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	chmod(place.path, 0604);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	chmod(place.path, 0600);
	save(place.path, now, LENGTH - 1);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	save(place.path, now, LENGTH + 1);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	save(place.path, now, EPOCH_BLOCK);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	save(place.path, now, 0);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	save(both.twin, now, LENGTH);
	unlink(place.path);
	NEED(symlink(both.twin, place.path) == 0);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	unlink(place.path);
	NEED(mkfifo(place.path, 0600) == 0);
	CHECK(is(opens(&place), "SC_SYNTAX"));
	unlink(place.path);
	NEED(mkdir(place.path, 0700) == 0);
	CHECK(is(opens(&place), "SC_IO"));
	rmdir(place.path);
	CHECK(is(opens(&place), "SC_IO"));
	other.path = "/nowhere/keyd.epoch";
	CHECK(is(opens(&other), "SC_IO"));
	CHECK(epoch_file_make(&other, the_root, NULL, &f) == SC_IO);
	other = both;
	other.path = both.twin;
	CHECK(is(opens(&other), "SC_SYNTAX")); /* its own twin */
	/* a twin that cannot be made leaves no file either */
	unlink(both.path);
	CHECK(epoch_file_make(&both, the_root, NULL, &f) == SC_IO);
	CHECK(access(both.path, F_OK) != 0 && access(both.twin, F_OK) == 0);
	unlink(both.twin);
	CHECK(is(opens(&both), "SC_IO"));
}

static void test_others(void)
{
	uint8_t old[LENGTH], now[LENGTH];
	struct epoch_place other = place;
	struct sc_secret *was = the_root;

	fresh(&place, old, now);
	the_root = root_of(99);
	CHECK(is(opens(&place), "SC_AUTH"));
	sc_secret_free(the_root);
	the_root = was;
	other.store_id[15] = 1;
	CHECK(is(opens(&other), "SC_AUTH"));
	other = place;
	other.tenant.n--;
	CHECK(is(opens(&other), "SC_AUTH"));
	/* another store's file as a twin is left alone */
	fresh(&place, old, now);
	save(both.twin, now, LENGTH);
	unlink(both.path);
	other = place;
	other.store_id[0]++;
	fresh(&other, old, old);
	save(both.twin, now, LENGTH);
	other.twin = both.twin;
	CHECK(is(opens(&other), "SC_AUTH"));
	CHECK(is(opens(&both), "SC_AUTH"));
	load(both.twin, old);
	CHECK(memcmp(old, now, LENGTH) == 0);
}

/* Both files in the folder that MADE of its pattern. */
static void live_in(const char *made, char path[64], char twin[64])
{
	snprintf(path, 64, "%s/keyd.epoch", made);
	snprintf(twin, 64, "%s/twin.epoch", made);
}

int main(void)
{
	char path[64], twin[64], fast[] = "/dev/shm/scrim-epoch-XXXXXX";

	if (mkdtemp(dir) == NULL)
		return 1;
	live_in(dir, path, twin);
	place.path = path;
	both = place;
	both.twin = twin;
	the_root = root_of(1);
	RUN(test_basics, "what was laid is there, and what lay under it is not");
	RUN(test_write_mends, "a write brings both forward, in blocks that share nothing");
	/* the others write so often that a disk would take half a minute */
	if (mkdtemp(fast) != NULL)
		live_in(fast, path, twin);
	RUN(test_flips, "a flipped bit of a key's block makes it none, and never another key");
	RUN(test_torn, "a torn block is the old, the new, or none");
	RUN(test_twin, "what one file lacks comes from its twin, and is mended before it is used");
	RUN(test_owned, "one process owns it, and others may read");
	RUN(test_part, "one that is short beside its whole twin is made whole");
	RUN(test_refused, "what is no such file, or could be read by others, is refused");
	RUN(test_others, "another root's or store's file opens nothing, and is never written over");
	sc_secret_free(the_root);
	unlink(path);
	unlink(twin);
	rmdir(fast);
	live_in(dir, path, twin);
	unlink(path);
	unlink(twin);
	rmdir(dir);
	return tap_done();
}
