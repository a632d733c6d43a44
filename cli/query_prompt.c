/*
 * query_prompt.c - statements one after another, each up to a semicolon.
 *
 * On a terminal with editing and a history (libedit), which holds what was asked: its file is
 * its owner's alone, and there is none without a $HOME. Ctrl-C takes a question back.
 */
#include "cli/query_prompt.h"

#include "base/text/doc.h"
#include "cli/file.h"
#include "cli/text_table.h"

#include <errno.h>
#include <histedit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATEMENT_MAX 65536
#define HISTORY_LINES 1000

static const char help[] = "A statement ends with ; and may have several lines.\n"
			   "  \\datasets       what may be asked\n"
			   "  \\dataset NAME   ask this one from now on\n"
			   "  \\d              its tables\n"
			   "  \\d TABLE        a table's columns, and what they mean\n"
			   "  \\purpose NAME   what for, from now on\n"
			   "  \\q              end\n";

struct prompt {
	struct query_session *s;
	struct sc_buf statement;
	EditLine *el; /* NULL: input is no terminal */
	History *history;
	char history_file[FILE_PATH_MAX]; /* "": none */
	struct sc_buf line;               /* with its NUL */
	int rc;
	bool over;
};

static volatile int stopped;

static void on_interrupt(int sig)
{
	(void)sig;
	stopped = 1;
}

/* ---- commands ----------------------------------------------------------------------------- */

/* The named dataset's newest release in DOC; NULL: it has none. */
static const struct doc_node *find_release(const struct prompt *p, const struct doc *doc)
{
	const struct doc_node *all = doc_find(doc->root, "datasets"), *releases;

	for (const struct doc_node *d = all == NULL ? NULL : all->first; d != NULL; d = d->next) {
		const char *name = doc_find_text(d, "name");

		if (name != NULL && strcmp(name, p->s->dataset) == 0)
			return (releases = doc_find(d, "releases")) == NULL ? NULL :
									      releases->first;
	}
	return NULL;
}

/* The members of LIST's objects that KEYS name, as a table. */
static int print_members(const struct doc_node *list, const char *const *keys, size_t n)
{
	struct text_table t = { .n_columns = 0 };
	struct text_cell cells[4] = { { .right = false } };
	struct sc_buf out;
	enum sc_err err = SC_OK;

	sc_buf_init(&out, 1u << 20);
	for (int turn = 0; turn < 2 && err == SC_OK; turn++) {
		for (size_t i = 0; i < n; i++)
			cells[i].text = sc_span_str(keys[i]);
		if (turn == 0)
			text_table_measure(&t, cells, n);
		else
			err = text_table_print(&t, cells, n, &out);
		for (const struct doc_node *o = list->first; o != NULL && err == SC_OK;
		     o = o->next) {
			for (size_t i = 0; i < n; i++)
				cells[i].text = sc_span_str(doc_find_text(o, keys[i]));
			if (turn == 0)
				text_table_measure(&t, cells, n);
			else
				err = text_table_print(&t, cells, n, &out);
		}
	}
	if (err == SC_OK)
		fwrite(out.p, 1, out.n, stdout);
	sc_buf_fini(&out);
	return err == SC_OK ? cli_flush(CLI_DONE) : CLI_NO;
}

static int print_tables(const struct doc_node *release, const char *only)
{
	static const char *const table_keys[] = { "name", "means" };
	static const char *const column_keys[] = { "name", "type", "unit", "means" };
	const struct doc_node *tables = release == NULL ? NULL : doc_find(release, "tables");

	if (tables == NULL)
		return cli_fail(CLI_NO, "no such dataset is served");
	if (only[0] == '\0')
		return print_members(tables, table_keys, 2);
	for (const struct doc_node *t = tables->first; t != NULL; t = t->next) {
		const char *name = doc_find_text(t, "name");

		if (name != NULL && strcmp(name, only) == 0 && doc_find(t, "columns") != NULL)
			return print_members(doc_find(t, "columns"), column_keys, 4);
	}
	return cli_fail(CLI_NO, "there is no table of that name");
}

/* What GET /v1/datasets tells, handed to one of those above. */
static int with_datasets(struct prompt *p, const char *word, bool list)
{
	static const char *const keys[] = { "name" };
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *all;
	struct doc doc;
	int rc;

	if ((!list && p->s->dataset[0] == '\0' && (rc = query_session_choose(p->s)) != CLI_GO_ON) ||
	    (rc = query_session_datasets(p->s)) != CLI_GO_ON)
		return rc;
	if (doc_load(&arena, sc_buf_span(&p->s->answer), NULL, NULL, &doc) != SC_OK ||
	    (all = doc_find(doc.root, "datasets")) == NULL)
		rc = cli_fail(CLI_NO, "scrim-queryd's answer does not fit the question");
	else if (list)
		rc = print_members(all, keys, 1);
	else
		rc = print_tables(find_release(p, &doc), word);
	sc_arena_fini(&arena);
	return rc;
}

static int do_help(struct prompt *p, const char *word)
{
	(void)p;
	(void)word;
	fputs(help, stdout);
	return cli_flush(CLI_DONE);
}

static int do_datasets(struct prompt *p, const char *word)
{
	return with_datasets(p, word, true);
}

static int do_describe(struct prompt *p, const char *word)
{
	return with_datasets(p, word, false);
}

static int do_dataset(struct prompt *p, const char *word)
{
	snprintf(p->s->dataset, sizeof(p->s->dataset), "%s", word);
	return CLI_DONE;
}

static int do_purpose(struct prompt *p, const char *word)
{
	snprintf(p->s->purpose, sizeof(p->s->purpose), "%s", word);
	return CLI_DONE;
}

static int do_quit(struct prompt *p, const char *word)
{
	(void)word;
	p->over = true;
	return CLI_DONE;
}

static const struct {
	const char *name;
	int (*run)(struct prompt *p, const char *word);
} commands[] = {
	{ "\\?", do_help },
	{ "\\h", do_help },
	{ "\\d", do_describe },
	{ "\\dataset", do_dataset },
	{ "\\datasets", do_datasets },
	{ "\\purpose", do_purpose },
	{ "\\q", do_quit },
};

static int command(struct prompt *p, char *line)
{
	char *rest = NULL, *name = strtok_r(line, " \t\n", &rest),
	     *word = strtok_r(NULL, " \t\n;", &rest);

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(p, word == NULL ? "" : word);
	return cli_fail(CLI_USAGE, "there is no such command; \\? lists them");
}

/* ---- lines -------------------------------------------------------------------------------- */

static char *prompt_text(EditLine *el)
{
	static char first[] = "scrim> ", more[] = "  ...> ";
	struct prompt *p = NULL;

	el_get(el, EL_CLIENTDATA, &p);
	return p->statement.n == 0 ? first : more;
}

/*
 * The next line (a part of it, where a pipe has a very long one) is P's; false: there is none.
 * *BROKEN: Ctrl-C instead.
 */
static bool next_line(struct prompt *p, bool *broken)
{
	char chunk[4096];
	const char *got;
	int n = 0;

	stopped = 0;
	errno = 0;
	sc_buf_clear(&p->line);
	if (p->el == NULL)
		got = fgets(chunk, sizeof(chunk), stdin);
	else
		got = el_gets(p->el, &n);
	*broken = stopped != 0 || (got == NULL && errno == EINTR);
	if (got == NULL || *broken)
		return false;
	return sc_buf_put(&p->line, got, strlen(got) + 1) == SC_OK;
}

/* Does what was gathered end with a semicolon? */
static bool is_whole(const struct sc_buf *b)
{
	size_t n = b->n;

	while (n > 0 && strchr(" \t\r\n", b->p[n - 1]) != NULL)
		n--;
	return n > 0 && b->p[n - 1] == ';';
}

static void remember(struct prompt *p)
{
	HistEvent ev;

	if (p->history == NULL || sc_buf_put(&p->statement, "", 1) != SC_OK)
		return;
	history(p->history, &ev, H_ENTER, (const char *)p->statement.p);
	sc_buf_truncate(&p->statement, p->statement.n - 1);
}

static void take_line(struct prompt *p, char *line)
{
	int rc = CLI_DONE;

	if (p->statement.n == 0 && line[strspn(line, " \t\r\n")] == '\0')
		return;
	if (p->statement.n == 0 && line[0] == '\\') {
		rc = command(p, line);
	} else if (sc_buf_put_str(&p->statement, line) != SC_OK) {
		rc = cli_fail(CLI_USAGE, "the statement is too long");
		sc_buf_clear(&p->statement);
	} else if (is_whole(&p->statement)) {
		remember(p);
		rc = query_session_ask(p->s, sc_buf_span(&p->statement));
		sc_buf_clear(&p->statement);
	}
	if (rc > p->rc)
		p->rc = rc;
}

/* ---- begin and end ------------------------------------------------------------------------ */

static void begin_editing(struct prompt *p)
{
	const char *home = getenv("HOME");
	HistEvent ev;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    (p->el = el_init("scrim", stdin, stdout, stderr)) == NULL)
		return;
	el_set(p->el, EL_CLIENTDATA, p);
	el_set(p->el, EL_PROMPT, prompt_text);
	el_set(p->el, EL_EDITOR, "emacs");
	if ((p->history = history_init()) != NULL) {
		history(p->history, &ev, H_SETSIZE, HISTORY_LINES);
		el_set(p->el, EL_HIST, history, p->history);
	}
	if (home != NULL && home[0] != '\0')
		file_path(p->history_file, "%s/.scrim_query_history", home);
	if (p->history != NULL && p->history_file[0] != '\0')
		history(p->history, &ev, H_LOAD, p->history_file);
	printf("\\? for help, \\q to end\n");
}

static void end_editing(struct prompt *p)
{
	HistEvent ev;

	if (p->history != NULL && p->history_file[0] != '\0') {
		umask(0077);
		history(p->history, &ev, H_SAVE, p->history_file);
	}
	if (p->history != NULL)
		history_end(p->history);
	if (p->el != NULL)
		el_end(p->el);
	sc_buf_fini(&p->line);
	sc_buf_fini(&p->statement);
}

int query_prompt(struct query_session *s)
{
	const struct sigaction act = { .sa_handler = on_interrupt };
	struct prompt p = { .s = s, .rc = CLI_DONE };
	bool broken;

	sc_buf_init(&p.statement, STATEMENT_MAX);
	sc_buf_init(&p.line, STATEMENT_MAX);
	begin_editing(&p);
	if (p.el != NULL) {
		sigaction(SIGINT, &act, NULL);
		s->stop = &stopped;
	}
	for (;;) {
		broken = false;
		if (p.over || (!next_line(&p, &broken) && !broken))
			break;
		if (broken) {
			sc_buf_clear(&p.statement);
			printf("\n");
		} else {
			take_line(&p, (char *)p.line.p);
		}
	}
	/* what a pipe ends with needs no semicolon */
	if (!p.over && p.el == NULL && p.statement.n > 0) {
		const int rc = query_session_ask(s, sc_buf_span(&p.statement));

		p.rc = rc > p.rc ? rc : p.rc;
	}
	end_editing(&p);
	return p.el == NULL ? p.rc : CLI_DONE;
}
