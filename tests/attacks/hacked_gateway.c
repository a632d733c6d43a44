/*
 * hacked_gateway.c - asks keyd whatever its caller likes, as a scrimd could that
 * was taken over: any principal, role, purpose and number of approvals.
 *
 *	hacked_gateway --socket PATH --policy FILE --role NAME --purpose NAME
 *	    [--node NAME] [--principal NAME] [--key FILE | --keys FOLDER]
 *	    [--op read|share|export|write|search|delete]
 *	    [--approvals N] [--reason TEXT] [--ticket TEXT] [--class NAME]
 *	    [--statement FILE]
 *	    open|seal|seal-indexed|index|erase <lines
 *
 * With --key it shows what passed through it; with --keys that is FOLDER/ROLE.key, and the
 * principal is ROLE-1, as tests/lib/world.sh has them.
 *
 * A line of standard input is a token to open, a value to seal or index, or a
 * subject to erase; to seal it may be SUBJECT<tab>VALUE. Prints a line for
 * each: "status action value". Exit status 0 when keyd answered at all, 3 when
 * it refused the whole call (its error is printed), 2 for wrong usage.
 */
#include "base/clock.h"
#include "crypto/keyc/keyc.h"
#include "crypto/prim/hash.h"
#include "crypto/tlog/note.h"
#include "net/loop/loop.h"
#include "policy/words/class.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 10000

struct hack {
	struct loop *loop;
	struct keyc *kc;
	struct policy *policy;
	struct asking ctx;
	struct sc_name tenant, principal;
	struct policy_reason reason, ticket;
	uint8_t policy_hash[ASKING_HASH];
	struct sc_name node;
	struct asking_proof proof;
	uint8_t key[ASKING_KEY_MAX + 1];
	uint8_t statement[CRYPTO_STATEMENT_MAX];
	uint8_t class_id;
	struct keyc_call call;
	bool over;
	enum sc_err err;
	char *lines[CRYPTO_ITEMS_MAX];
	struct keyc_item items[CRYPTO_ITEMS_MAX];
	size_t n;
};

static int usage(const char *why)
{
	fprintf(stderr, "hacked_gateway: %s\n", why);
	return 2;
}

static void on_answer(struct keyc_call *call, const struct keyc_reply *reply)
{
	static const char *const names[WIRE_STATUS_COUNT] = {
		[WIRE_OK] = "ok",
		[WIRE_DENIED] = "denied",
		[WIRE_GONE] = "gone",
		[WIRE_BAD_TOKEN] = "bad_token",
		[WIRE_TOO_LARGE] = "too_large",
		[WIRE_QUOTA] = "quota",
		[WIRE_UNKNOWN_CLASS] = "unknown_class",
		[WIRE_BAD_VALUE] = "bad_value",
		[WIRE_UNKNOWN_KEY] = "unknown_key",
		[WIRE_BROKEN_KEY] = "broken_key",
		[WIRE_DORMANT] = "dormant",
		[WIRE_QUEUED] = "queued",
		[WIRE_FOREIGN] = "foreign",
		[WIRE_UNSIGNED] = "unsigned",
	};
	struct hack *h = loop_owner(call, struct hack, call);

	h->over = true;
	h->err = reply->err;
	for (size_t i = 0; i < reply->n; i++) {
		const struct wire_result *r = &reply->results[i];

		printf("%s %s %.*s\n",
		    r->status < WIRE_STATUS_COUNT && names[r->status] != NULL ? names[r->status] :
										"other",
		    policy_action_name(r->action), (int)r->value.n,
		    r->value.n == 0 ? "" : (const char *)r->value.p);
	}
}

static bool turn_until(struct hack *h, const bool *flag)
{
	uint64_t end = clock_mono_ms() + WAIT_MS;

	while (flag == NULL ? !keyc_ready(h->kc) : !*flag)
		if (clock_mono_ms() > end || loop_turn_once(h->loop, 20) != SC_OK)
			return false;
	return true;
}

static bool read_lines(struct hack *h)
{
	size_t cap = 0;
	ssize_t n;

	while (h->n < CRYPTO_ITEMS_MAX && (n = getline(&h->lines[h->n], &cap, stdin)) > 0) {
		struct keyc_item *it = &h->items[h->n];
		char *text = h->lines[h->n], *tab;

		text[strcspn(text, "\n")] = '\0';
		it->class_id = h->class_id;
		if ((tab = strchr(text, '\t')) != NULL) {
			*tab = '\0';
			it->subject = sc_span_str(text);
			text = tab + 1;
		}
		it->value = sc_span_str(text);
		h->n++;
		cap = 0;
	}
	return h->n > 0;
}

static bool is_seal(const char *what)
{
	return strcmp(what, "seal") == 0 || strcmp(what, "seal-indexed") == 0;
}

static enum sc_err ask(struct hack *h, const char *what, size_t i)
{
	if (strcmp(what, "open") == 0)
		return keyc_open(h->kc, &h->call, &h->ctx, h->items, h->n);
	if (is_seal(what))
		return keyc_seal(h->kc, &h->call, &h->ctx, h->items, h->n);
	if (strcmp(what, "index") == 0)
		return keyc_index(h->kc, &h->call, &h->ctx, h->items, h->n);
	return keyc_erase_subject(h->kc, &h->call, &h->ctx, h->items[i].value);
}

/* What each kind of question is asked under when the caller does not say. */
static uint8_t usual_op(const char *what)
{
	return strcmp(what, "open") == 0 ? POLICY_READ :
	    is_seal(what)                ? POLICY_WRITE :
	    strcmp(what, "index") == 0   ? POLICY_SEARCH :
					   POLICY_DELETE;
}

static int op_named(const char *name)
{
	static const struct {
		const char *name;
		int op;
	} rows[] = {
		{ "read", POLICY_READ },
		{ "share", POLICY_SHARE },
		{ "export", POLICY_EXPORT },
		{ "write", POLICY_WRITE },
		{ "search", POLICY_SEARCH },
		{ "delete", POLICY_DELETE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].op;
	return -1;
}

static bool words(const char *text, struct policy_reason *to, const struct policy_reason **out)
{
	if (text == NULL)
		return true;
	*out = to;
	return policy_reason_parse(sc_span_str(text), to, NULL) == SC_OK;
}

enum {
	O_SOCKET,
	O_POLICY,
	O_ROLE,
	O_PURPOSE,
	O_PRINCIPAL,
	O_OP,
	O_APPROVALS,
	O_REASON,
	O_TICKET,
	O_CLASS,
	O_TENANT,
	O_STATEMENT,
	O_TO_ROLE,
	O_TO_PURPOSE,
	O_NODE,
	O_KEY,
	O_KEYS,
	O_COUNT
};

/* As what a share's recipient reads: as the caller itself, where nothing is said. */
static bool name_recipient(struct hack *h, const char *role, const char *purpose)
{
	asking_share(&h->ctx, h->ctx.role, h->ctx.purpose, NULL);
	return (role == NULL ||
		   policy_role(h->policy, sc_span_str(role), &h->ctx.recipient_role)) &&
	    (purpose == NULL ||
		policy_purpose(h->policy, sc_span_str(purpose), &h->ctx.recipient_purpose));
}

static bool read_key(struct hack *h, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = f == NULL ? 0 : fread(h->key, 1, sizeof(h->key), f);

	if (f != NULL)
		fclose(f);
	h->proof.key = sc_span(h->key, n);
	hash_sha256(h->proof.key, h->proof.digest);
	h->ctx.proof = &h->proof;
	return n > 0 && n <= ASKING_KEY_MAX;
}

/* Who it is that asks, and the key that passed, if one did. */
static bool name_caller(struct hack *h, const char *const o[O_COUNT])
{
	char path[512], name[SC_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s%s", o[O_KEYS] == NULL ? "nobody" : o[O_ROLE],
	    o[O_KEYS] == NULL ? "" : "-1");
	snprintf(path, sizeof(path), "%s/%s.key", o[O_KEYS], o[O_ROLE]);
	return sc_name_parse(sc_span_str(o[O_PRINCIPAL] == NULL ? name : o[O_PRINCIPAL]),
		   &h->principal) == SC_OK &&
	    sc_name_parse(sc_span_str(o[O_NODE] == NULL ? "scrimd" : o[O_NODE]), &h->node) ==
	    SC_OK &&
	    (o[O_KEYS] == NULL || read_key(h, path)) && (o[O_KEY] == NULL || read_key(h, o[O_KEY]));
}

/* The base64 in FILE, as a caller sent it in its head. */
static bool statement_of(struct hack *h, const char *file)
{
	char text[2 * CRYPTO_STATEMENT_MAX];
	FILE *f = file == NULL ? NULL : fopen(file, "r");
	size_t n = sizeof(h->statement), len;

	if (file == NULL || f == NULL)
		return file == NULL;
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	if (note_base64_parse(sc_span(text, len), h->statement, &n) != SC_OK)
		return false;
	h->ctx.statement = sc_span(h->statement, n);
	return true;
}

static bool fill_context(struct hack *h, const char *const o[O_COUNT], const char *what)
{
	int op = o[O_OP] == NULL ? usual_op(what) : op_named(o[O_OP]);

	h->ctx.tenant = &h->tenant;
	h->ctx.principal = &h->principal;
	h->ctx.policy_hash = h->policy_hash;
	h->ctx.records = 1;
	h->ctx.op = (uint8_t)op;
	h->ctx.request_id = 1;
	h->ctx.approvals = o[O_APPROVALS] == NULL ? 0 : (uint8_t)strtoul(o[O_APPROVALS], NULL, 10);
	hash_sha256(policy_text(h->policy), h->policy_hash);
	return op >= 0 && policy_role(h->policy, sc_span_str(o[O_ROLE]), &h->ctx.role) &&
	    policy_purpose(h->policy, sc_span_str(o[O_PURPOSE]), &h->ctx.purpose) &&
	    name_recipient(h, o[O_TO_ROLE], o[O_TO_PURPOSE]) && name_caller(h, o) &&
	    sc_name_parse(sc_span_str(o[O_TENANT] == NULL ? "demo" : o[O_TENANT]), &h->tenant) ==
	    SC_OK &&
	    (o[O_CLASS] == NULL ||
		policy_class(h->policy, sc_span_str(o[O_CLASS]), &h->class_id)) &&
	    statement_of(h, o[O_STATEMENT]) && words(o[O_REASON], &h->reason, &h->ctx.reason) &&
	    words(o[O_TICKET], &h->ticket, &h->ctx.ticket);
}

static int run(struct hack *h, const char *socket, const char *what)
{
	size_t rounds = strcmp(what, "erase") == 0 ? h->n : 1;
	char address[300];

	snprintf(address, sizeof(address), "unix:%s", socket);
	if (loop_new(&h->loop) != SC_OK || keyc_new(h->loop, address, &h->node, &h->kc) != SC_OK ||
	    !turn_until(h, NULL))
		return usage("keyd does not answer");
	for (size_t i = 0; i < rounds; i++) {
		h->call.done = on_answer;
		h->over = false;
		if ((h->err = ask(h, what, i)) == SC_OK && !turn_until(h, &h->over))
			h->err = SC_AGAIN;
		if (h->err != SC_OK) {
			printf("refused: %s\n", sc_err_name(h->err));
			return 3;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option rows[] = {
		{ "socket", required_argument, NULL, O_SOCKET },
		{ "policy", required_argument, NULL, O_POLICY },
		{ "role", required_argument, NULL, O_ROLE },
		{ "purpose", required_argument, NULL, O_PURPOSE },
		{ "principal", required_argument, NULL, O_PRINCIPAL },
		{ "op", required_argument, NULL, O_OP },
		{ "approvals", required_argument, NULL, O_APPROVALS },
		{ "reason", required_argument, NULL, O_REASON },
		{ "ticket", required_argument, NULL, O_TICKET },
		{ "class", required_argument, NULL, O_CLASS },
		{ "tenant", required_argument, NULL, O_TENANT },
		{ "statement", required_argument, NULL, O_STATEMENT },
		{ "to-role", required_argument, NULL, O_TO_ROLE },
		{ "to-purpose", required_argument, NULL, O_TO_PURPOSE },
		{ "node", required_argument, NULL, O_NODE },
		{ "key", required_argument, NULL, O_KEY },
		{ "keys", required_argument, NULL, O_KEYS },
		{ NULL, 0, NULL, 0 },
	};
	static struct hack h;
	const char *o[O_COUNT] = { NULL };
	struct sc_diags all = { .n = 0 };
	int c, code;

	while ((c = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		if (c == '?')
			return usage("wrong option");
		o[c] = optarg;
	}
	if (optind + 1 != argc || o[O_SOCKET] == NULL || o[O_POLICY] == NULL || o[O_ROLE] == NULL ||
	    o[O_PURPOSE] == NULL)
		return usage("give --socket, --policy, --role, --purpose and what to do");
	if (policy_load_file(o[O_POLICY], &all, &h.policy) != SC_OK)
		return usage(all.v[0].text);
	if (!fill_context(&h, o, argv[optind]))
		return usage("a name is not in the policy, or a reason is not allowed");
	if (!read_lines(&h))
		return usage("nothing on standard input");
	for (size_t i = 0; i < h.n && strcmp(argv[optind], "seal-indexed") == 0; i++)
		h.items[i].flags = KEYC_INDEXED;
	code = run(&h, o[O_SOCKET], argv[optind]);
	keyc_free(h.kc);
	loop_free(h.loop);
	policy_free(h.policy);
	for (size_t i = 0; i < h.n; i++)
		free(h.lines[i]);
	return code;
}
