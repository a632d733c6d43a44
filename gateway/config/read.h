/*
 * read.h - inside gateway/config only: typed reading of one JSON item.
 *
 * Every function here either gives a value of the asked type or fails with a
 * diagnosis at the item's own line and column. Memory comes from the box that
 * holds the config, so that nothing needs to be released on the way out.
 */
#ifndef GATEWAY_CONFIG_READ_H
#define GATEWAY_CONFIG_READ_H

#include "base/text/jsonc.h"
#include "gateway/config/config.h"

struct config_cell;

/* A config and all memory it points to, released together. */
struct config_box {
	struct config c; /* first: config_free() finds the box by it */
	struct policy *policy;
	struct config_cell *cells;
};

struct config_reader {
	struct config_box *box;
	struct config *c; /* &box->c */
	struct jsonc *doc;
	struct sc_diag *d; /* never NULL */
};

/* N zero bytes (at least one) that live as long as the box, or NULL. */
void *config_alloc(struct config_box *box, size_t n);
/* A NUL-ended copy of S. */
char *config_copy(struct config_box *box, struct sc_span s);
void config_box_free(struct config_box *box);

/* Fail with SC_SYNTAX at IT, saying what is wrong and what to do. */
SC_CHECKED enum sc_err config_refuse(struct config_reader *r, const cJSON *it, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Nothing but the keys in ALLOWED (NULL-ended), and IT is an object. */
SC_CHECKED enum sc_err config_keys(struct config_reader *r, const cJSON *it, const char *what,
    const char *const allowed[]);
/* The member KEY of OBJ; without it an error at OBJ that says WHAT needs it. */
SC_CHECKED enum sc_err config_need(struct config_reader *r, const cJSON *obj, const char *what,
    const char *key, const cJSON **out);
/* The member KEY, or NULL. */
const cJSON *config_get(const cJSON *obj, const char *key);

/* A list of at most MAX objects; *N is how many. */
SC_CHECKED enum sc_err config_list(struct config_reader *r, const cJSON *it, size_t max, size_t *n);

/* Text of 1 to MAX bytes without control characters; borrows IT. */
SC_CHECKED enum sc_err config_text(struct config_reader *r, const cJSON *it, size_t max,
    struct sc_span *out);
SC_CHECKED enum sc_err config_name(struct config_reader *r, const cJSON *it, struct sc_name *out);
SC_CHECKED enum sc_err config_bool(struct config_reader *r, const cJSON *it, bool *out);
/* A whole number from MIN to MAX. */
SC_CHECKED enum sc_err config_count(struct config_reader *r, const cJSON *it, uint32_t min,
    uint32_t max, uint32_t *out);
/* Bytes: a whole number, or text such as "64KiB" or "8MiB"; at least 1. */
SC_CHECKED enum sc_err config_size(struct config_reader *r, const cJSON *it, size_t max,
    size_t *out);
/* Milliseconds from text such as "500ms", "10s", "5m" or "1h"; at least 1. */
SC_CHECKED enum sc_err config_duration(struct config_reader *r, const cJSON *it, uint32_t max_ms,
    uint32_t *out);
/* A path, joined to the config's folder unless it is absolute. */
SC_CHECKED enum sc_err config_path(struct config_reader *r, const cJSON *it, char **out);
/* TEXT (a path) joined to the config's folder, with PREFIX before it. */
SC_CHECKED enum sc_err config_join(struct config_reader *r, const char *prefix, struct sc_span text,
    char **out);
/* 64 hexadecimal digits. The text is never quoted: it may be a key. */
SC_CHECKED enum sc_err config_digest(struct config_reader *r, const cJSON *it, const char *key,
    uint8_t out[static 32]);

/* Names that the policy gives. */
SC_CHECKED enum sc_err config_role(struct config_reader *r, const cJSON *it, uint8_t *id);
SC_CHECKED enum sc_err config_purpose(struct config_reader *r, const cJSON *it, uint8_t *id);
SC_CHECKED enum sc_err config_class(struct config_reader *r, const cJSON *it, uint8_t *id);

/* The sections of the file, each in a source file of its own. */
SC_CHECKED enum sc_err config_read_listen(struct config_reader *, const cJSON *);
SC_CHECKED enum sc_err config_read_limits(struct config_reader *, const cJSON *);
SC_CHECKED enum sc_err config_read_principals(struct config_reader *, const cJSON *);
SC_CHECKED enum sc_err config_read_routes(struct config_reader *, const cJSON *);
SC_CHECKED enum sc_err config_read_upstream(struct config_reader *, const cJSON *,
    struct config_upstream *);
SC_CHECKED enum sc_err config_read_rules(struct config_reader *, const cJSON *,
    struct config_route *, bool response);
void config_limits_default(struct config_limits *l);

/* "1.2.3.4:80" or "[::1]:80" as a socket address; false when it is neither. */
bool config_address(struct sc_span text, struct sockaddr_storage *addr, socklen_t *len,
    bool *loopback);

#endif
