/*
 * views_publish.c - `scrim views publish`: a release that was made is recorded by scrimd, and
 * put where it is served from, with the receipt that says so.
 *
 *	draft, held against its manifest -> scrimd's record -> its head is signed -> receipt
 *	-> checked as those who serve it will -> published
 *
 * It may be asked again after a crash anywhere: what is there already stays, and the rest is
 * done. Nothing of scrimd's answer is believed but the place in the log.
 */
#include "analytics/query/receipt.h"
#include "audit/review/review.h"
#include "base/text/doc.h"
#include "cli/remote.h"
#include "cli/views.h"
#include "cli/views_load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNED_WAIT_MS 60000
#define LOOK_MS 100

struct publishing {
	const struct cli_call *call;
	struct views_places places;
	uint64_t number;
	char draft_path[FILE_PATH_MAX], path[FILE_PATH_MAX]; /* where it is, and will be */
	struct shelf_release draft, published;
	uint64_t index; /* of scrimd's record */
	char *vkey;
	struct sc_buf entry, receipt;
	bool already, loaded_already;
};

/* ---- which ---------------------------------------------------------------------------- */

/* Which release; the newest that was made unless it is told. */
static int find_number(struct publishing *p)
{
	const struct cli_call *c = p->call;
	struct sc_diag d = { .line = 0 };
	enum sc_err err;

	if (c->n_words > 1)
		return sc_span_u64(sc_span_str(c->words[1]), &p->number) && p->number != 0 &&
			p->number <= SHELF_NUMBER_MAX ?
		    CLI_GO_ON :
		    cli_fail(CLI_USAGE, "NUMBER counts releases, from 1");
	if (p->places.drafts[0] == '\0')
		return cli_fail(CLI_USAGE,
		    "say --drafts DIR, or which NUMBER: the configuration has no section "
		    "\"views\"");
	if ((err = shelf_newest(p->places.drafts, c->words[0], &d, &p->number)) != SC_OK)
		return cli_fail_err(err, &d);
	return p->number != 0 ?
	    CLI_GO_ON :
	    cli_fail(CLI_NO, "there is no release of %s in %s", c->words[0], p->places.drafts);
}

static int find_paths(struct publishing *p)
{
	const char *dataset = p->call->words[0];

	if (shelf_path(p->places.drafts, dataset, p->number, p->draft_path,
		sizeof(p->draft_path)) != SC_OK ||
	    shelf_path(p->places.published, dataset, p->number, p->path, sizeof(p->path)) != SC_OK)
		return cli_fail(CLI_USAGE, "the path of a shelf is too long");
	return CLI_GO_ON;
}

/* ---- is it there? ------------------------------------------------------------------------ */

/* It is in its place: is it this very release, and does its receipt hold? */
static int check_published(struct publishing *p)
{
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	int rc;

	if ((err = shelf_release_open(p->path, &d, &p->published)) != SC_OK)
		return cli_fail_err(err, &d);
	if (p->draft.folder != NULL &&
	    memcmp(p->draft.sha256, p->published.sha256, SHELF_SHA_BYTES) != 0)
		return cli_fail(CLI_NO,
		    "release %" PRIu64 " of %s is published with another manifest than the "
		    "draft's: give the draft a number of its own",
		    p->number, p->call->words[0]);
	if (p->vkey == NULL && (rc = views_vkey(p->call, &p->places, &p->vkey)) != CLI_GO_ON)
		return rc;
	if ((err = receipt_check(&p->published, p->vkey, &d)) != SC_OK)
		return cli_fail_err(err, &d);
	return CLI_GO_ON;
}

/* What must hold before anybody says that it is published. */
static int check_draft(const struct publishing *p)
{
	const struct shelf_manifest *m = &p->draft.manifest;

	if (!m->checked)
		return cli_fail(CLI_NO,
		    "release %" PRIu64 " of %s was not checked: only checked ones are published",
		    m->number, m->dataset.s);
	if (p->places.tenant.s[0] != '\0' && strcmp(p->places.tenant.s, m->tenant.s) != 0)
		return cli_fail(CLI_NO, "the release is of tenant %s, the configuration of %s",
		    m->tenant.s, p->places.tenant.s);
	return CLI_GO_ON;
}

/* The release before it, where it is published, must be the one that it was made after. */
static int check_previous(const struct publishing *p)
{
	struct sc_diag d = { .line = 0 };
	char path[FILE_PATH_MAX];
	struct shelf_release before;
	enum sc_err err;
	bool same;

	if (p->number == 1 ||
	    shelf_path(p->places.published, p->call->words[0], p->number - 1, path, sizeof(path)) !=
		SC_OK ||
	    !file_exists(path))
		return CLI_GO_ON;
	if ((err = shelf_release_look(path, &d, &before)) != SC_OK)
		return cli_fail_err(err, &d);
	same = memcmp(before.sha256, p->draft.manifest.previous, SHELF_SHA_BYTES) == 0;
	shelf_release_fini(&before);
	return same ? CLI_GO_ON :
		      cli_fail(CLI_NO,
			  "the draft was not made after the release %" PRIu64
			  " that is published: make it anew",
			  p->number - 1);
}

static int open_draft(struct publishing *p)
{
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	int rc;

	if ((err = shelf_release_open(p->draft_path, &d, &p->draft)) != SC_OK)
		return cli_fail_err(err, &d);
	if (p->already)
		return CLI_GO_ON;
	return (rc = check_draft(p)) != CLI_GO_ON ? rc : check_previous(p);
}

/* ---- scrimd's record ---------------------------------------------------------------------- */

static enum sc_err put_question(const struct publishing *p, struct sc_buf *out)
{
	struct jsonw w = jsonw(out);

	jsonw_object(&w);
	jsonw_kstr(&w, "dataset", p->draft.manifest.dataset.s);
	jsonw_ku64(&w, "number", p->number);
	jsonw_key(&w, "manifest_sha256");
	jsonw_hex(&w, p->draft.sha256, SHELF_SHA_BYTES);
	jsonw_object_end(&w);
	return w.err;
}

static bool take_index(struct sc_span answer, uint64_t *index)
{
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *node;
	struct sc_diag d;
	struct doc doc;
	bool ok;

	ok = doc_load_sent(&arena, answer, 16, &d, &doc) == SC_OK &&
	    (node = doc_find(doc.root, "index")) != NULL && node->kind == DOC_NUMBER &&
	    sc_span_u64(sc_span_str(node->text), index);
	sc_arena_fini(&arena);
	return ok;
}

static int ask(struct publishing *p)
{
	struct remote *remote = NULL;
	struct sc_buf body, answer;
	int rc;

	sc_buf_init(&body, 4096);
	sc_buf_init(&answer, 65536);
	if (put_question(p, &body) != SC_OK)
		rc = cli_fail(CLI_NO, "%s", cli_err_text(SC_NOMEM));
	else if ((rc = remote_open(p->call, "application/json", &remote)) == CLI_GO_ON)
		rc = remote_ask(remote, "POST", "/v1/views/publish", sc_buf_span(&body), &answer);
	if (rc == CLI_GO_ON && !take_index(sc_buf_span(&answer), &p->index))
		rc = cli_fail(CLI_NO, "scrimd's answer is malformed");
	sc_buf_fini(&body);
	sc_buf_fini(&answer);
	remote_close(remote);
	return rc;
}

/* ---- the receipt ----------------------------------------------------------------------------- */

/* The proof, once the record is under a signed head. */
static int wait_for_proof(struct publishing *p)
{
	struct sc_diag d = { .line = 0 };
	enum sc_err err;

	for (unsigned ms = 0;; ms += LOOK_MS) {
		err = audit_prove(p->places.log, p->index, &d, &p->receipt, &p->entry);
		if ((err != SC_AGAIN && err != SC_LIMIT) || ms >= SIGNED_WAIT_MS)
			break;
		cli_progress("entry %" PRIu64 " of the access log is being signed: %u s", p->index,
		    ms / 1000);
		usleep(LOOK_MS * 1000);
	}
	cli_progress(NULL);
	if (err == SC_AGAIN || err == SC_LIMIT)
		return cli_fail(CLI_NO,
		    "entry %" PRIu64 " of the log in %s is not under a signature after %u s: is it "
		    "scrimd's log, and is keyd up? What is done stays; ask again",
		    p->index, p->places.log, SIGNED_WAIT_MS / 1000);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

static int make_receipt(struct publishing *p)
{
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	int rc;

	if ((rc = wait_for_proof(p)) != CLI_GO_ON ||
	    (p->vkey == NULL && (rc = views_vkey(p->call, &p->places, &p->vkey)) != CLI_GO_ON))
		return rc;
	err = receipt_check_texts(&p->draft, sc_buf_span(&p->entry), sc_buf_span(&p->receipt),
	    p->vkey, &d);
	return err == SC_OK ? CLI_GO_ON : cli_fail_err(err, &d);
}

/* ---- all of it --------------------------------------------------------------------------------- */

static int publish_draft(struct publishing *p)
{
	struct sc_diag d = { .line = 0 };
	enum sc_err err;
	int rc;

	if ((rc = ask(p)) != CLI_GO_ON || (rc = make_receipt(p)) != CLI_GO_ON)
		return rc;
	err = shelf_publish(&p->draft, p->places.published, sc_buf_span(&p->entry),
	    sc_buf_span(&p->receipt), &d);
	/* somebody else was faster: is theirs the same? */
	p->already = err == SC_STALE;
	return err == SC_OK || err == SC_STALE ? check_published(p) : cli_fail_err(err, &d);
}

static int publish(struct publishing *p)
{
	int rc;

	if ((rc = views_find(p->call, &p->places)) != CLI_GO_ON ||
	    (rc = find_number(p)) != CLI_GO_ON || (rc = find_paths(p)) != CLI_GO_ON)
		return rc;
	p->already = file_exists(p->path);
	/* a draft may be gone once it is published */
	if ((!p->already || file_exists(p->draft_path)) && (rc = open_draft(p)) != CLI_GO_ON)
		return rc;
	if ((rc = p->already ? check_published(p) : publish_draft(p)) != CLI_GO_ON ||
	    p->call->views.to == NULL)
		return rc;
	return views_load(&p->published, p->call->views.to, &p->loaded_already);
}

static int tell(const struct publishing *p)
{
	struct sc_buf out;
	struct jsonw w = jsonw(&out);

	if (!p->call->json) {
		printf("%s: release %" PRIu64 " of %s, in %s\n",
		    p->already ? "was published already" : "published", p->number,
		    p->call->words[0], p->path);
		if (p->call->views.to != NULL)
			printf("%s the database: release %" PRIu64 " is the one that is read\n",
			    p->loaded_already ? "was already in" : "loaded into", p->number);
		return cli_flush(CLI_DONE);
	}
	sc_buf_init(&out, 4 * FILE_PATH_MAX);
	jsonw_object(&w);
	jsonw_kstr(&w, "dataset", p->call->words[0]);
	jsonw_ku64(&w, "number", p->number);
	jsonw_key(&w, "manifest_sha256");
	jsonw_hex(&w, p->published.sha256, SHELF_SHA_BYTES);
	jsonw_key(&w, "already");
	jsonw_bool(&w, p->already);
	if (!p->already)
		jsonw_ku64(&w, "index", p->index);
	jsonw_kstr(&w, "folder", p->path);
	if (p->call->views.to != NULL)
		jsonw_kstr(&w, "database", p->loaded_already ? "was loaded" : "loaded");
	jsonw_object_end(&w);
	return cli_out_json(&w);
}

int cli_views_publish(const struct cli_call *c)
{
	struct publishing p = { .call = c };
	int rc;

	sc_buf_init(&p.entry, RECEIPT_MAX);
	sc_buf_init(&p.receipt, RECEIPT_MAX);
	umask(022); /* a release is for another user to serve, whatever ours keeps to itself */
	rc = publish(&p);
	if (rc == CLI_GO_ON)
		rc = tell(&p);
	shelf_release_fini(&p.draft);
	shelf_release_fini(&p.published);
	sc_buf_fini(&p.entry);
	sc_buf_fini(&p.receipt);
	free(p.vkey);
	return rc;
}
