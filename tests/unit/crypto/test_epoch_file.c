/*
 * test_epoch_file.c - keyd.epoch: what was laid is there, what lay under it is not.
 */
#include "crypto/keytree/epoch_file.h"
#include "tap.h"

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

int main(void)
{
	char path[64];

	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/keyd.epoch", dir);
	place.path = path;
	RUN(test_basics, "what was laid is there, and what lay under it is not");
	rmdir(dir);
	return tap_done();
}
