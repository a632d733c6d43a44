/*
 * keyd_fixture.h - a real scrim-keyd on a folder of its own, and questions to
 * it that wait for the answer. For the tests of this folder.
 */
#ifndef TESTS_UNIT_CRYPTO_KEYD_FIXTURE_H
#define TESTS_UNIT_CRYPTO_KEYD_FIXTURE_H

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/keyc/keyc.h"
#include "crypto/prim/hash.h"
#include "crypto/token/token.h"
#include "net/loop/loop.h"
#include "names.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FIXTURE_WAIT_MS 20000
#define FIXTURE_RESULTS 4200

/* roles: 0 shop, 1 support, 2 officer; purposes: 0 orders, 1 service, 2 audit */
#define FIXTURE_POLICY_MAX 8192
extern const char fixture_policy[];
enum { ROLE_SHOP, ROLE_SUPPORT, ROLE_OFFICER };
enum { FOR_ORDERS, FOR_SERVICE, FOR_AUDIT };

struct fixture {
	char dir[64];
	char bin[512];
	pid_t pid;
	struct loop *loop;
	struct keyc *kc;
	uint8_t policy_hash[32];
	void (*before_exec)(void); /* in the child; NULL: nothing */
};

/* The answer to one call, copied. */
struct answer {
	struct keyc_call call;
	bool over;
	enum sc_err err;
	uint64_t record;
	size_t n, n_subjects;
	uint8_t subjects[16][16];
	struct {
		enum wire_status status;
		enum policy_action action;
		uint8_t class_id, kind;
		char *text;
		size_t len;
	} r[FIXTURE_RESULTS];
};

/*
 * keyd.json's principals and gateways, and a comma: the gateway "scrimd", which is this process when
 * UID is its own, may assert all roles; whom the tests ask as. In one buffer.
 */
const char *fixture_callers(unsigned uid);
/* A key that "keyholder" (shop) proves, at any gateway. */
#define FIXTURE_KEY "key of a shop that proves it"
void fixture_path(const struct fixture *f, const char *name, char out[256]);
bool fixture_write(const struct fixture *f, const char *name, const char *text);
bool fixture_config(const struct fixture *f, unsigned uid);
/* The same with LOGS, a list of {"name":...}, whose heads are signed. */
bool fixture_config_logs(const struct fixture *f, unsigned uid, const char *logs);
/* Where scrim-keyd is: $SCRIM_BIN, or beside this test in the same build. */
bool fixture_bin(char out[512]);
/* Run it with standard error in a file; ARGS end with NULL. */
pid_t fixture_spawn(const struct fixture *f, const char *const args[]);
int fixture_run(const struct fixture *f, const char *const args[]);
/* Everything it said so far. */
bool fixture_said(const struct fixture *f, const char *text);
bool fixture_turn_until(struct fixture *f, bool (*done)(void *), void *arg);
bool fixture_start(struct fixture *f);
int fixture_stop(struct fixture *f, int sig);
bool fixture_has_hash(void *arg);
/* Another policy file: keyd decides by it, and what is asked from now on says so. */
bool fixture_reload(struct fixture *f, const char *text);
/* A folder, a config, a policy, keys; not started. */
bool fixture_make(struct fixture *f);
void fixture_remove(struct fixture *f);
struct asking fixture_context(const struct fixture *f, uint8_t role, uint8_t purpose, uint8_t op);
struct answer *answer_new(void);
void answer_free(struct answer *a);
bool answer_is_over(void *arg);

typedef enum sc_err ask_fn(struct keyc *, struct keyc_call *, const struct asking *,
    const struct keyc_item *, size_t);

/* Ask and wait. Never NULL; a->err tells. */
struct answer *fixture_ask(struct fixture *f, ask_fn *ask, const struct asking *c,
    const struct keyc_item *items, size_t n);
struct keyc_item item_of(uint8_t class_id, uint8_t flags, const char *subject, const char *value);
/* Seal one value as the shop; the caller frees the token. NULL on any refusal. */
char *fixture_seal(struct fixture *f, uint8_t class_id, uint8_t flags, const char *subject,
    const char *value);
/* Open one token; the caller frees the answer. */
struct answer *fixture_open(struct fixture *f, uint8_t role, uint8_t purpose, const char *token);
/* Does it open, for the shop, to VALUE? */
bool fixture_opens_to(struct fixture *f, const char *token, const char *value);
bool file_has(const char *path, const void *what, size_t n);

#endif
