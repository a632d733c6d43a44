/*
 * words.c - the words themselves, as operators read them.
 */
#include "keys/words.h"

const char *const word_names[WORD_COUNT] = { "run", "replay", "older store", "older epoch file",
	"no epoch file", "another's epoch file", "shorter log", "refused" };

/* All of these; NULL ends. The number is the store's epoch. */
static const char *const words[WORD_COUNT][3] = {
	[WORD_RUNS] = { NULL },
	[WORD_REPLAYS] = { "an older database was put back", "entries of the log were read" },
	[WORD_STORE_OLDER] = { "the database is of epoch %u, keyd.epoch holds",
	    "an older database" },
	[WORD_EPOCH_OLDER] = { "the database is of epoch %u, keyd.epoch holds",
	    "an older keyd.epoch" },
	[WORD_NO_EPOCH] = { "keyd.epoch, without which", "is not: put it or its twin back" },
	[WORD_OTHER_EPOCH] = { "epoch file", NULL },
	[WORD_LOG_SHORT] = { "log", "an older", "was put back" },
	[WORD_REFUSED] = { NULL },
};

bool word_was_said(const struct fixture *f, enum mix_word w, unsigned epoch)
{
	for (unsigned i = 0; i < 3 && words[w][i] != NULL; i++) {
		const char *number = strstr(words[w][i], "%u");
		char text[120];

		if (number == NULL)
			snprintf(text, sizeof(text), "%s", words[w][i]);
		else
			snprintf(text, sizeof(text), "%.*s%u%s", (int)(number - words[w][i]),
			    words[w][i], epoch, number + 2);
		if (!fixture_said(f, text))
			return false;
	}
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
