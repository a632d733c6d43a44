/*
 * session_elsewhere.c - proves a key on one connection to keyd, and asks on another with the
 * handle that it was proved as: what whoever reads a handle could do.
 *
 *	session_elsewhere SOCKET POLICY KEYFILE PRINCIPAL ROLE PURPOSE here|elsewhere <token
 *
 * Prints "ok VALUE", the status of the item, or the error of the request.
 */
#include "crypto/prim/hash.h"
#include "crypto/wire/packet.h"
#include "policy/decide/decide.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static uint8_t in[WIRE_PACKET_MAX + 1];

static int dial(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const struct wire_hello hello = { .version = WIRE_VERSION, .node = { "scrimd" } };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	struct sc_buf b;
	size_t at;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	sc_buf_init(&b, 1024);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    wire_frame_begin(&b, WIRE_HELLO, 0, &at) != SC_OK ||
	    wire_hello_encode(&b, false, &hello) != SC_OK)
		return -1;
	wire_frame_end(&b, at, 0);
	if (send(fd, b.p, b.n, 0) < 0 || recv(fd, in, sizeof(in), 0) <= 0)
		return -1;
	sc_buf_fini(&b);
	return fd;
}

static bool send_frame(int fd, uint16_t op, struct sc_span body)
{
	struct sc_buf b;
	size_t at;
	bool ok;

	sc_buf_init(&b, 1 << 16);
	ok = wire_frame_begin(&b, op, 1, &at) == SC_OK && sc_buf_put_span(&b, body) == SC_OK;
	if (ok)
		wire_frame_end(&b, at, 0);
	ok = ok && send(fd, b.p, b.n, 0) == (ssize_t)b.n;
	sc_buf_fini(&b);
	return ok;
}

static int tell(int fd)
{
	ssize_t n = recv(fd, in, sizeof(in), 0);
	struct sc_span p = sc_span(in, n > 0 ? (size_t)n : 0);
	struct wire_result r = { .status = WIRE_OK };
	struct wire_reply reply;
	struct wire_frame f;

	if (wire_frame_decode(&p, &f) != SC_OK || wire_reply_decode(f.body, &reply) != SC_OK)
		return 2;
	if (reply.err != SC_OK || reply.n_results != 1) {
		printf("refused: %s\n", sc_err_name(reply.err));
		return 0;
	}
	wire_reply_result(&reply, &r);
	printf("%s %.*s\n", r.status == WIRE_OK ? "ok" : "status", SC_SPAN_ARG(r.value));
	return 0;
}

int main(int argc, char **argv)
{
	static const uint8_t handle[ASKING_SESSION] = { 1, 2, 3 };
	struct sc_diags all = { .n = 0 };
	struct policy *policy = NULL;
	struct sc_name tenant = { "demo" }, principal;
	struct asking a = { .tenant = &tenant,
		.principal = &principal,
		.session = handle,
		.op = POLICY_READ,
		.records = 1 };
	struct wire_proof proof = { handle, { NULL, 0 } };
	char key[ASKING_KEY_MAX], token[512];
	uint8_t hash[HASH_BYTES];
	struct wire_item it = { .subject = WIRE_NO_SUBJECT };
	struct sc_buf b;
	int first, second;
	FILE *f;

	if (argc != 8 || (f = fopen(argv[3], "r")) == NULL ||
	    fgets(token, sizeof(token), stdin) == NULL)
		return 2;
	token[strcspn(token, "\n")] = '\0';
	it.value = sc_span_str(token);
	proof.key = sc_span(key, fread(key, 1, sizeof(key), f));
	fclose(f);
	if (policy_load_file(argv[2], &all, &policy) != SC_OK ||
	    !policy_role(policy, sc_span_str(argv[5]), &a.role) ||
	    !policy_purpose(policy, sc_span_str(argv[6]), &a.purpose) ||
	    sc_name_parse(sc_span_str(argv[4]), &principal) != SC_OK)
		return 2;
	asking_share(&a, ASKING_UNSET, ASKING_UNSET, NULL);
	hash_sha256(policy_text(policy), hash);
	a.policy_hash = hash;
	first = dial(argv[1]);
	second = strcmp(argv[7], "here") == 0 ? first : dial(argv[1]);
	sc_buf_init(&b, 1 << 16);
	if (first < 0 || second < 0 || wire_proof_encode(&b, &proof) != SC_OK ||
	    !send_frame(first, WIRE_PROVE, sc_buf_span(&b)))
		return 2;
	usleep(100000); /* it is worked on before what comes by the other connection */
	sc_buf_clear(&b);
	if (wire_asking_encode(&b, &a) != SC_OK || sc_buf_put_be16(&b, 0) != SC_OK ||
	    sc_buf_put_be16(&b, 1) != SC_OK || wire_item_encode(&b, &it) != SC_OK ||
	    !send_frame(second, WIRE_OPEN, sc_buf_span(&b)))
		return 2;
	sc_buf_fini(&b);
	policy_free(policy);
	return tell(second);
}
