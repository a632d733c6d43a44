/*
 * main.c - scrim-market, marketing's page of a week: composition root.
 *
 *	scrim-market report --server URL --key FILE --out DIR [...]
 *
 * It asks queryd as the role marketing and has nothing else: no store, no log, no key of the
 * gateway's. All is asked before anything is written, and each file is there whole or not.
 */
#include "analytics/market/page.h"
#include "analytics/market/save.h"
#include "base/program.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct asker_settings server;
	struct data_wish wish;
	const char *out, *lang;
	enum page_language language;
};

static const char help[] =
    "usage: scrim-market report --server URL --key FILE --out DIR [options]\n"
    "\n"
    "Writes the marketing report of a week: report.html, report.json, terminal.txt and CSV "
    "tables.\n"
    "\n"
    "  --server URL     scrim-queryd, such as https://127.0.0.1:8446\n"
    "  --key FILE       the key of a principal whose role is marketing\n"
    "  --ca FILE        who signed the server's certificate (PEM)\n"
    "  --purpose NAME   what for, as it was granted (campaign)\n"
    "  --week WEEK      such as 2026-W47 (the last that is published)\n"
    "  --out DIR        where to write; made where it is missing\n"
    "  --lang LANG      en, zh or both (both)\n"
    "  --cube NAME      the dataset of the weekly cube (week)\n"
    "  --view NAME      the dataset of the released view (rfm)\n"
    "  --version        print the version and exit\n"
    "  --help           print this and exit\n"
    "\n"
    "Exit status: 0 written, 1 nothing was written, 2 wrong usage.\n";

/* May NAME stand in a path? As datasets are called. */
static bool is_dataset(const char *name)
{
	const size_t n = strlen(name);

	return n > 0 && n <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static bool language_of(const char *text, enum page_language *out)
{
	static const char
	    *const names[] = { [PAGE_EN] = "en", [PAGE_ZH] = "zh", [PAGE_BOTH] = "both" };

	for (size_t i = PAGE_EN; i <= PAGE_BOTH; i++)
		if (strcmp(names[i], text) == 0) {
			*out = (enum page_language)i;
			return true;
		}
	return false;
}

static bool complete(struct options *o)
{
	return o->server.url != NULL && o->server.key != NULL && o->out != NULL &&
	    is_dataset(o->wish.cube) && is_dataset(o->wish.view) &&
	    language_of(o->lang, &o->language);
}

/* ---- writing ------------------------------------------------------------------------- */

static enum sc_err save(const struct options *o, const char *name, enum sc_err made,
    struct sc_buf *b, struct sc_diag *d)
{
	const enum sc_err err = made != SC_OK ? made : save_file(o->out, name, sc_buf_span(b), d);

	if (made != SC_OK)
		sc_diag_set(d, "%s cannot be made: %s", name, sc_err_name(made));
	sc_buf_clear(b);
	return err;
}

static enum sc_err save_all(const struct options *o, const struct market_report *r,
    struct sc_diag *d)
{
	const bool zh = o->language == PAGE_ZH;
	struct sc_buf b;
	enum sc_err err;

	sc_buf_init(&b, MARKET_PAGE_MAX);
	err = save(o, "report.html", market_page_write(r, o->language, &b), &b, d);
	if (err == SC_OK)
		err = save(o, "report.json", market_numbers_write(r, &b), &b, d);
	for (size_t i = 0; i < market_n_csvs && err == SC_OK; i++)
		err = save(o, market_csvs[i].name, market_csvs[i].write(r, &b), &b, d);
	if (err == SC_OK)
		err = save(o, "terminal.txt", market_terminal_write(r, zh, &b), &b, d);
	if (err == SC_OK && (err = market_terminal_write(r, zh, &b)) == SC_OK)
		fwrite(b.p, 1, b.n, stdout);
	sc_buf_fini(&b);
	return err;
}

static enum sc_err run(const struct options *o, struct sc_diag *d)
{
	static struct market_report report;
	struct market_asker *k = NULL;
	struct market_data data = { 0 };
	enum sc_err err;

	if ((err = asker_open(&o->server, d, &k)) == SC_OK &&
	    (err = market_data_ask(k, &o->wish, d, &data)) == SC_OK &&
	    (err = report_make(&data, &report)) == SC_OK)
		err = save_all(o, &report, d);
	asker_close(k);
	market_data_fini(&data);
	return err;
}

int main(int argc, char **argv)
{
	struct options o = { .server = { .purpose = "campaign" },
		.wish = { .cube = "week", .view = "rfm" },
		.lang = "both" };
	const struct program_option options[] = { { .name = "server", .text = &o.server.url },
		{ .name = "key", .text = &o.server.key }, { .name = "ca", .text = &o.server.ca },
		{ .name = "purpose", .text = &o.server.purpose },
		{ .name = "week", .text = &o.wish.week }, { .name = "out", .text = &o.out },
		{ .name = "lang", .text = &o.lang }, { .name = "cube", .text = &o.wish.cube },
		{ .name = "view", .text = &o.wish.view } };
	const struct program program = { "scrim-market", help, options,
		sizeof(options) / sizeof(options[0]), "report" };
	struct sc_diag d = { 0 };
	char line[768];
	int code;

	if (!program_options(&program, argc, argv, &code))
		return code;
	if (!complete(&o))
		return program_misused(&program);
	signal(SIGPIPE, SIG_IGN);
	const enum sc_err err = run(&o, &d);

	if (err == SC_OK)
		return fflush(stdout) == 0 ? 0 : 1;
	if (d.text[0] == '\0')
		sc_diag_set(&d, "%s", sc_err_name(err));
	sc_diag_print(&d, line, sizeof(line));
	fprintf(stderr, "scrim-market: %s\n", line);
	return 1;
}
