/*
 * op_handles.c - OPERATE's word "handles": what records of each year call a person, for whoever
 * asks of the logs who saw them.
 *
 *	"ID"	{"years":[{"year":2025,"destroyed":true},{"year":2026,"handle":"..."}]}
 *
 * Who knows a person's handles can read in every log what became of them: so it is recorded, as a
 * search for that person by whoever asked, before anything is answered. Whether there is such a
 * person nobody learns: a handle is made of any name.
 */
#include "crypto/keyd/key_request.h"

#include "base/text/jsonw.h"

#define ANSWER_MAX (KEY_YEARS * 96u)

static enum sc_err put_year(struct jsonw *w, const struct keyring *kr, const struct year_key *y,
    const uint8_t *handle)
{
	uint8_t told[HANDLE_BYTES];
	enum sc_err err = SC_OK;

	jsonw_object(w);
	jsonw_ku64(w, "year", y->year);
	jsonw_key(w, y->state == KEY_DESTROYED ? "destroyed" : "handle");
	if (y->state == KEY_DESTROYED)
		jsonw_bool(w, true);
	else if ((err = keyring_year_handle(kr, y->year, handle, told)) == SC_OK)
		jsonw_hex(w, told, sizeof(told));
	jsonw_object_end(w);
	return err;
}

static enum sc_err print(const struct keyring *kr, const uint8_t *handle, struct sc_buf *text)
{
	struct jsonw w = jsonw(text);
	enum sc_err err = SC_OK;

	jsonw_object(&w);
	jsonw_key(&w, "years");
	jsonw_array(&w);
	for (unsigned y = KEY_YEAR_FIRST; y < KEY_YEAR_FIRST + KEY_YEARS && err == SC_OK; y++)
		if (keyring_year(kr, y) != NULL)
			err = put_year(&w, kr, keyring_year(kr, y), handle);
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return err != SC_OK ? err : w.err;
}

static enum sc_err record(const struct key_request *req, const uint8_t *handle, uint64_t *index)
{
	struct asking_kept who;

	asking_keep(&who, &req->who.asking);
	operate_name(req, &who.principal);
	return keylog_person(req->e->p.keylog, &who.asking, handle, index);
}

enum sc_err operate_handles(struct key_request *req, struct sc_span words)
{
	struct engine *e = req->e;
	uint8_t handle[HANDLE_BYTES];
	struct sc_buf text;
	uint64_t index;
	enum sc_err err;

	if (words.n == 0 || words.n > CRYPTO_SUBJECT_MAX)
		return SC_SYNTAX;
	people_handle(e->p.people, words, handle);
	sc_buf_init(&text, ANSWER_MAX);
	if ((err = print(e->p.keyring, handle, &text)) == SC_OK &&
	    (err = operate_put(&req->answer, &req->peer->held, req->op, req->req_id,
		 sc_buf_span(&text))) == SC_OK) {
		if (record(req, handle, &index) != SC_OK)
			err = SC_LIMIT;
		else if ((err = answer_end(&req->answer, index, NULL, 0)) == SC_OK)
			err = peer_hold(req->peer, req->answer.start, index, req->op, req->req_id);
	}
	sc_buf_fini(&text);
	return err;
}
