/*
 * demo_callers.c - who may call in a demo: one file of principals, which scrimd and keyd
 * both read, and the gateway that asks for them.
 */
#include "cli/demo_private.h"

#include "cli/file.h"
#include "cli/signer.h"
#include "crypto/prim/hash.h"
#include "crypto/prim/random.h"
#include "policy/decide/decide.h"

#include <stdio.h>
#include <string.h>

#define KEY_BYTES 32
#define PRINCIPALS_FILE "principals.json"
#define VENDOR_ROLE "telephony" /* of a vendor whose role the configuration leaves out */

/* The key of ROLE, made when missing, and the SHA-256 of its text. */
static enum sc_err role_key(struct demo *m, const char *role, uint8_t digest[32])
{
	uint8_t raw[KEY_BYTES];
	char name[128], text[2 * KEY_BYTES + 2], path[FILE_PATH_MAX];
	struct sc_buf b;
	enum sc_err err = SC_OK;

	snprintf(name, sizeof(name), "keys/%s.key", role);
	file_beside(m->path, name, path);
	sc_buf_init(&b, sizeof(text));
	if (!file_exists(path)) {
		random_bytes(raw, sizeof(raw));
		for (size_t i = 0; i < KEY_BYTES; i++)
			snprintf(text + 2 * i, 3, "%02x", raw[i]);
		text[2 * KEY_BYTES] = '\n';
		err = file_write(path, 0600, false, sc_span(text, 2 * KEY_BYTES + 1), m->d);
	}
	if (err == SC_OK)
		err = file_read(path, &b, m->d);
	while (err == SC_OK && b.n > 0 && b.p[b.n - 1] == '\n')
		sc_buf_truncate(&b, b.n - 1);
	if (err == SC_OK)
		hash_sha256(sc_buf_span(&b), digest);
	sc_wipe(raw, sizeof(raw));
	sc_wipe(text, sizeof(text));
	sc_buf_fini(&b);
	return err;
}

/* Does a listener say that whoever can open it is ROLE? Then there is no key. */
static bool has_socket(struct demo *m, const char *role)
{
	const struct doc_node *listen = doc_find(m->doc.root, "listen");

	for (const struct doc_node *l = listen == NULL ? NULL : listen->first; l != NULL;
	     l = l->next) {
		const char *principal = doc_find_text(l, "principal");

		if (principal != NULL && strcmp(principal, role) == 0)
			return true;
	}
	return false;
}

/* What ROLE shows to be itself, as a member of its principal. */
static enum sc_err print_credential(struct demo *m, const char *role, struct sc_buf *out)
{
	uint8_t digest[32];
	enum sc_err err;

	if (has_socket(m, role))
		return sc_buf_put_str(out, "\"socket\": true");
	if ((err = role_key(m, role, digest)) == SC_OK)
		err = sc_buf_put_str(out, "\"api_key_sha256\": \"");
	for (size_t i = 0; i < sizeof(digest) && err == SC_OK; i++)
		err = sc_buf_printf(out, "%02x", digest[i]);
	return err == SC_OK ? sc_buf_put_str(out, "\"") : err;
}

/* What ROLE signs with, where the policy has it sign for anything: a comma and a member. */
static enum sc_err print_signer(struct demo *m, const struct policy *p, uint8_t role,
    struct sc_buf *out)
{
	const char *tenant = doc_find_text(m->doc.root, "tenant");
	const char *name = policy_role_name(p, role)->s;
	char file[128], path[FILE_PATH_MAX], keyd[SIGNER_KEYD_MAX + 1];
	struct signer made;
	enum sc_err err;

	if (tenant == NULL || !policy_role_signs(p, role))
		return SC_OK;
	snprintf(file, sizeof(file), "keys/%s.sign", name);
	snprintf(keyd, sizeof(keyd), "scrim/%s/keyd", tenant);
	file_beside(m->path, file, path);
	if ((err = signer_make(path, tenant, keyd, name, m->d)) != SC_OK)
		return err;
	if (signer_load(path, &made) != CLI_GO_ON) {
		sc_diag_set(m->d, "%s: take it away, or put it right", path);
		return SC_IO;
	}
	err = sc_buf_printf(out, ",\n      \"sign_key\": \"%s\"", made.public_hex);
	signer_fini(&made);
	return err;
}

/* ---- whom scrimd asks for itself ------------------------------------------------------------ */

/* Whoever is in LIST asks in its own name, under its role or else ROLE. */
static enum sc_err print_asserted(const struct doc_node *list, const char *role, struct sc_buf *out,
    bool first)
{
	enum sc_err err = SC_OK;

	for (const struct doc_node *e = list == NULL ? NULL : list->first;
	     e != NULL && err == SC_OK; e = e->next) {
		const char *name = doc_find_text(e, "name"), *own = doc_find_text(e, "role");

		/* whoever comes as a principal shows its own key */
		if (name == NULL || role == NULL || doc_find(e, "principal") != NULL)
			continue;
		err = sc_buf_printf(out,
		    "%s\n    { \"name\": \"%s\", \"role\": \"%s\", \"asserted\": true }",
		    first ? "" : ",", name, own != NULL ? own : role);
		first = false;
	}
	return err;
}

/* Sites that events come from, and vendors of numbers. */
static enum sc_err print_own(const struct demo *m, struct sc_buf *out, bool first)
{
	const struct doc_node *collect = doc_find(m->doc.root, "collect");
	const struct doc_node *vendors = doc_find(doc_find(m->doc.root, "phone"), "vendors");
	const struct doc_node *sites = doc_find(collect, "sites");
	const char *role = doc_find_text(collect, "role");
	enum sc_err err = print_asserted(sites, role, out, first);

	first = first && (sites == NULL || sites->n == 0 || role == NULL);
	return err == SC_OK ? print_asserted(vendors, VENDOR_ROLE, out, first) : err;
}

/* ---- principals.json ---------------------------------------------------------------------------- */

/* A principal per role of the policy, and those. */
static enum sc_err print_principals(struct demo *m, const struct policy *p, struct sc_buf *out)
{
	enum sc_err err = sc_buf_put_str(out,
	    "// Who may call: scrim.json and keyd.json both name this file.\n[");

	for (unsigned i = 0; i < policy_role_count(p) && err == SC_OK; i++) {
		const char *role = policy_role_name(p, (uint8_t)i)->s;

		err = sc_buf_printf(out, "%s\n    { \"name\": \"%s\", \"role\": \"%s\",\n      ",
		    i == 0 ? "" : ",", role, role);
		if (err == SC_OK && (err = print_credential(m, role, out)) == SC_OK &&
		    (err = print_signer(m, p, (uint8_t)i, out)) == SC_OK)
			err = sc_buf_put_str(out, " }");
	}
	if (err == SC_OK)
		err = print_own(m, out, policy_role_count(p) == 0);
	return err == SC_OK ? sc_buf_put_str(out, "\n]\n") : err;
}

/* An empty list, in which nothing is said: what is, is left as it is. */
static bool is_to_fill(const struct demo *m, const struct doc_node *list)
{
	size_t end;

	if (list == NULL || list->kind != DOC_LIST || list->n != 0)
		return false;
	end = list->at + 1;
	while (end < m->text.n && strchr(" \t\r\n", m->text.p[end]) != NULL)
		end++;
	return end < m->text.n && m->text.p[end] == ']';
}

enum sc_err demo_principals(struct demo *m, const char *policy_path)
{
	struct sc_diags all = { .n = 0 };
	char path[FILE_PATH_MAX];
	struct policy *p = NULL;
	struct sc_buf b;
	enum sc_err err = SC_OK;

	sc_buf_init(&b, DOC_BYTES_MAX);
	if (policy_path[0] == '\0' || !is_to_fill(m, doc_find(m->doc.root, "principals")))
		goto out;
	file_beside(m->path, PRINCIPALS_FILE, path);
	if (!file_exists(path)) {
		if ((err = policy_load_file(policy_path, &all, &p)) != SC_OK)
			*m->d = all.v[0];
		else if ((err = print_principals(m, p, &b)) == SC_OK)
			err = file_write(path, 0644, false, sc_buf_span(&b), m->d);
	}
	if (err == SC_OK &&
	    (err = demo_replace(m, "principals", sc_span_str("\"" PRINCIPALS_FILE "\""))) == SC_OK)
		err = file_write(m->path, 0644, true, sc_buf_span(&m->text), m->d);
out:
	policy_free(p);
	sc_buf_fini(&b);
	return err;
}

/* ---- keyd.json ------------------------------------------------------------------------------------ */

/* The same file, or what the configuration's own list says, and whom it leaves out. */
static enum sc_err print_same(const struct demo *m, struct sc_buf *out)
{
	const struct doc_node *list = doc_find(m->doc.root, "principals");
	enum sc_err err;

	if (list == NULL || (list->kind != DOC_LIST && list->kind != DOC_TEXT))
		return sc_buf_put_str(out, "\"principals\":[],");
	if ((err = sc_buf_put_str(out, "\"principals\":")) == SC_OK)
		err = sc_buf_put(out, m->text.p + list->at,
		    list->end - list->at - (list->kind == DOC_LIST));
	if (err == SC_OK && list->kind == DOC_LIST &&
	    (err = print_own(m, out, list->n == 0)) == SC_OK)
		err = sc_buf_put_str(out, "]");
	return err == SC_OK ? sc_buf_put_str(out, ",") : err;
}

enum sc_err demo_print_callers(const struct demo *m, struct sc_buf *out)
{
	const char *role = doc_find_text(doc_find(m->doc.root, "collect"), "role");
	const struct sc_span node = demo_quoted(m, m->doc.root, "node");
	enum sc_err err = print_same(m, out);

	if (err == SC_OK)
		err = sc_buf_printf(out, "\"gateways\":[{\"node\":%.*s,\"uid\":%u,",
		    node.n == 0 ? 8 : (int)node.n,
		    node.n == 0 ? "\"scrimd\"" : (const char *)node.p, (unsigned)m->gateway);
	return err != SC_OK ?
	    err :
	    sc_buf_printf(out,
		"\"asserts\":[\"telephony\"%s%s%s],"
		"\"people_per_day\":{\"T2\":20000}}],",
		role == NULL ? "" : ",\"", role == NULL ? "" : role, role == NULL ? "" : "\"");
}
