/*
 * words.c - the words themselves, as operators read them.
 */
#include "keys/words.h"

const char *const word_names[WORD_COUNT] = { "run", "replay", "older store", "older epoch file",
	"no epoch file", "another's epoch file", "shorter log", "refused" };

/* One of several wordings each, NULL ends. */
static const char *const words[WORD_COUNT][3] = {
	[WORD_RUNS] = { NULL },
	[WORD_REPLAYS] = { "keyd.store_behind", NULL },
	[WORD_STORE_OLDER] = { "epoch", "older", NULL },
	[WORD_EPOCH_OLDER] = { "epoch", "older", NULL },
	[WORD_NO_EPOCH] = { "epoch", NULL },
	[WORD_OTHER_EPOCH] = { "epoch", NULL },
	[WORD_LOG_SHORT] = { "log", NULL },
	[WORD_REFUSED] = { NULL },
};

bool word_was_said(const struct fixture *f, enum mix_word w)
{
	for (unsigned i = 0; i < 3 && words[w][i] != NULL; i++)
		if (!fixture_said(f, words[w][i]))
			return false;
	return true;
}

void word_print_said(const struct fixture *f)
{
	char path[256], line[600];
	FILE *in;

	fixture_path(f, "stderr", path);
	if ((in = fopen(path, "r")) == NULL)
		return;
	while (fgets(line, sizeof(line), in) != NULL)
		printf("#   %s", line);
	fclose(in);
}
