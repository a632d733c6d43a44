/*
 * problem.c - what went wrong with a request, in one line and an exit code.
 *
 * scrimd's problem+json holds its own words only, never a value; what is shown
 * of it is cut and freed of control characters all the same.
 */
#include "base/text/doc.h"
#include "cli/remote.h"

#include <string.h>

/* Text of scrimd's own words, fit for one line of a terminal. */
static void one_line(const struct doc_node *problem, const char *key, char out[300])
{
	const char *text = doc_find_text(problem, key);
	size_t n = 0;

	if (text != NULL)
		for (const char *p = text; *p != '\0' && n < 299; p++)
			out[n++] = (unsigned char)*p < ' ' || *p == 0x7f ? ' ' : *p;
	out[n] = '\0';
}

/* What scrimd asks for in terms of HTTP, in terms of the command line. */
static const char *advice(long status, const struct doc_node *problem)
{
	const char *type = doc_find_text(problem, "type");

	if (status == 401)
		return "; give --key FILE with a key it knows";
	if (type != NULL && strcmp(type, "urn:scrim:problem:purpose-missing") == 0)
		return "; give --purpose NAME";
	return "";
}

static int code_of(long status)
{
	if (status == 401 || status == 403 || status == 429)
		return CLI_REFUSED;
	return status >= 502 && status <= 504 ? CLI_UNREACHABLE : CLI_NO;
}

static int tell_problem(const char *service, long status, struct sc_span answer)
{
	struct sc_arena arena = { .left = 0 };
	const struct doc_node *p = NULL;
	struct doc doc;
	char title[300], detail[300], id[300];
	const char *hint;

	if (doc_load(&arena, answer, NULL, NULL, &doc) == SC_OK)
		p = doc.root;
	one_line(p, "title", title);
	one_line(p, "detail", detail);
	one_line(p, "request_id", id);
	hint = advice(status, p);
	sc_arena_fini(&arena);
	return cli_fail(code_of(status), "%s answers %ld%s%s%s%s%s%s%s%s", service, status,
	    title[0] == '\0' ? "" : ": ", title, detail[0] == '\0' ? "" : ": ", detail, hint,
	    id[0] == '\0' ? "" : " (request ", id, id[0] == '\0' ? "" : ")");
}

/* What went wrong before there was an answer, where something can be done about it. */
static const struct transport_fault {
	CURLcode rc;
	int code;
	const char *text;
} faults[] = {
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, CLI_REFUSED,
	    "what answers there does not show the certificate of the configuration: nothing was "
	    "sent" },
	{ CURLE_PEER_FAILED_VERIFICATION, CLI_REFUSED,
	    "the server's certificate is not trusted: nothing was sent; give --ca FILE" },
	{ CURLE_SSL_CACERT_BADFILE, CLI_USAGE, "the file that --ca names cannot be read" },
	{ CURLE_SSL_CONNECT_ERROR, CLI_UNREACHABLE,
	    "what answers there does not take TLS: does it want http://?" },
	{ CURLE_GOT_NOTHING, CLI_UNREACHABLE,
	    "what answers there hung up without a word: does it want https://?" },
	{ CURLE_ABORTED_BY_CALLBACK, CLI_NO, "taken back" },
};

int remote_result(CURL *h, CURLcode rc, struct sc_span answer)
{
	long status = 0;
	char *service = NULL;

	curl_easy_getinfo(h, CURLINFO_PRIVATE, &service);
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_WRITE_ERROR)
		return cli_fail(CLI_NO, "the answer cannot be taken: %s", curl_easy_strerror(rc));
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (rc == faults[i].rc)
			return cli_fail(faults[i].code, "%s", faults[i].text);
	if (status >= 400)
		return tell_problem(service, status, answer);
	if (rc != CURLE_OK)
		return cli_fail(CLI_UNREACHABLE,
		    "cannot reach %s (%s): is it up? `scrim up` starts it", service,
		    curl_easy_strerror(rc));
	if (status < 200 || status > 299)
		return cli_fail(CLI_NO, "%s answers %ld, which was not expected", service, status);
	return CLI_GO_ON;
}
