/*
 * The operational log: one JSON object a line, whatever the fields.
 */
#include "base/log.h"
#include "tap.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <unistd.h>

static char text[65536];

/* What FN writes to standard error, in text. */
static void capture(void (*fn)(void))
{
	int fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	if (pipe(fds) != 0 || dup2(fds[1], STDERR_FILENO) < 0)
		abort();
	close(fds[1]);
	fn();
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(fds[0], text, sizeof(text) - 1);
	close(fds[0]);
	text[n > 0 ? n : 0] = '\0';
}

static void every_field(void)
{
	struct sc_name name;

	if (sc_name_parse(sc_span_str("route-1"), &name) != SC_OK)
		abort();
	errno = ENOENT;
	log_event(LOG_WARN, "test.event", LOG_STR("why", "because"), LOG_U64("n", UINT64_MAX),
	    LOG_LEN("len", 3), LOG_HEX64("id", 0xAB), LOG_NAME("route", &name),
	    LOG_ERR("err", SC_LIMIT), LOG_ERRNO("errno", EPIPE), LOG_END);
	CHECK(errno == ENOENT);
}

static void test_fields(void)
{
	cJSON *o;

	log_setup("prog", LOG_INFO);
	capture(every_field);
	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
	NEED((o = cJSON_Parse(text)) != NULL);
	CHECK(strcmp(cJSON_GetObjectItem(o, "level")->valuestring, "warn") == 0);
	CHECK(strcmp(cJSON_GetObjectItem(o, "program")->valuestring, "prog") == 0);
	CHECK(strcmp(cJSON_GetObjectItem(o, "event")->valuestring, "test.event") == 0);
	CHECK(strcmp(cJSON_GetObjectItem(o, "why")->valuestring, "because") == 0);
	CHECK(strstr(text, "\"n\":18446744073709551615,") != NULL);
	CHECK(strstr(text, "\"len\":3,") != NULL);
	CHECK(strcmp(cJSON_GetObjectItem(o, "id")->valuestring, "00000000000000ab") == 0);
	CHECK(strcmp(cJSON_GetObjectItem(o, "route")->valuestring, "route-1") == 0);
	CHECK(strcmp(cJSON_GetObjectItem(o, "err")->valuestring, "SC_LIMIT") == 0);
	CHECK(strcmp(cJSON_GetObjectItem(o, "errno")->valuestring, "Broken pipe") == 0);
	cJSON_Delete(o);
}

static void quiet(void)
{
	log_event(LOG_DEBUG, "test.debug", LOG_END);
	log_event(LOG_INFO, "test.info", LOG_END);
}

static void test_level(void)
{
	log_setup("prog", LOG_INFO);
	capture(quiet);
	CHECK(strstr(text, "test.debug") == NULL && strstr(text, "test.info") != NULL);
	log_setup("prog", LOG_ERROR);
	capture(quiet);
	CHECK(text[0] == '\0');
}

static void very_long(void)
{
	struct log_field f[101];
	struct sc_name name;

	memset(name.s, 'n', SC_NAME_MAX);
	name.s[SC_NAME_MAX] = '\0';
	for (size_t i = 0; i < 100; i++)
		f[i] = LOG_NAME("name", &name);
	f[100] = LOG_END;
	log_write(LOG_ERROR, "test.long", f);
}

static void test_too_much(void)
{
	cJSON *o;

	log_setup("prog", LOG_INFO);
	capture(very_long);
	CHECK(strlen(text) <= 1024);
	o = cJSON_Parse(text);
	CHECK(o != NULL);
	cJSON_Delete(o);
}

int main(void)
{
	RUN(test_fields, "every type of field, one line, errno untouched");
	RUN(test_level, "lines below the level are dropped");
	RUN(test_too_much, "fields that do not fit are left out, the line stays JSON");
	return tap_done();
}
