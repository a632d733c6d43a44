/*
 * sections.h - inside gateway/config only: the shapes of the sections, a source
 * file each, and readers that more than one of them uses.
 *
 * The context's argument is the struct config that is being filled.
 */
#ifndef GATEWAY_CONFIG_SECTIONS_H
#define GATEWAY_CONFIG_SECTIONS_H

#include "base/text/shape.h"
#include "gateway/config/config.h"

extern const struct shape config_limits, config_listener_shape, config_route_shape,
    config_rule_shape, config_phone_shape, config_collect_shape, config_log_shape,
    config_views_shape, config_witness_shape;

/* Is whoever a listener of CONFIG is for among its principals, as one of a socket? */
bool config_check_listeners(struct shape_ctx *c, const struct doc_node *object,
    const struct config *config);

/*
 * The rules of an answer of RT that has none, or that says "mirror", out of those of the
 * request: whatever is called as a field of it. False when there is no memory.
 */
bool config_mirror(struct shape_ctx *c, struct config_route *rt);

/* struct config_rules: the rules of one side, those of sets included; of an answer also "mirror". */
shape_reader config_read_rules, config_read_answer;
/* struct config: the named sets of rules. */
shape_reader config_read_sets;
/* const char *: one selector of a rule. */
shape_reader config_read_selector;
/* Is NODE's text a selector? */
bool config_check_selector(struct shape_ctx *c, const struct doc_node *node);
/* Where the file says KEY of rule I: in the rule, or where its set is used. */
const struct doc_node *config_rule_said(const struct config_rules *rules, size_t i,
    const char *key);

/* Who is behind a route: a URL, or an object with one. */
shape_reader config_read_upstream;
/* The rows of that object. */
extern const struct shape config_upstream_shape;

/*
 * Is TEXT "HOST", "HOST:PORT", "[IPV6]" or "[IPV6]:PORT"? ADDR is then the
 * number and the port it says (AF_UNSPEC for a name), PORT its digits.
 */
bool config_authority(struct sc_span text, struct sockaddr_storage *addr, struct sc_span *port);
/* Is it the address of this machine alone? AF_UNSPEC is not. */
bool config_loopback(const struct sockaddr_storage *addr);

/* struct phone_settings *: the section about virtual numbers. */
shape_reader config_read_phone;

/* struct collect_settings *: the section about events. It has files open to free. */
shape_reader config_read_collect;
void config_free_collect(struct collect_settings *s); /* NULL is fine */

/* const char *: "unix:PATH" and "sqlite:PATH", PATH joined to the folder. */
shape_reader config_read_socket, config_read_store;
/* struct config *: keyd, or keyd_far. */
shape_reader config_read_keyd;

/*
 * const char *: "https://HOST" or "https://HOST:PORT", and with MIN 1 in the
 * row a path; http:// to a loopback address alone.
 */
shape_reader config_read_public_url;

/* struct subject_places: where documents say whose they are. The rows of its long form. */
shape_reader config_read_subject;
extern const struct shape config_subject_shape;
/* NODE, a JSONPath of KEY, leads to one place, where WHAT stands; as in EXAMPLE. */
bool config_check_point(struct shape_ctx *c, const struct doc_node *node, const char *key,
    const char *what, const char *example);

/* NODE, a JSONPath, leads to strings by their names or numbers: none that anybody could add. */
bool config_check_inside(struct shape_ctx *c, const struct doc_node *node);

/*
 * PLACE, a JSONPath, leads to one place in each element of an array that the rule at AT goes
 * through as well (*EACH), or to one of the document. NODE is where that is said.
 */
bool config_check_shared(struct shape_ctx *c, const struct doc_node *node, const char *place,
    const char *at, bool *each);

/* Where AT, a rule's place, is: the body's are selectors. */
enum subject_where config_where(const char *at);
/* NODE, such a place in the query or a header field, is well-formed. */
bool config_check_beside(struct shape_ctx *c, const struct doc_node *node);
/* RULE, whose place NODE is, may be about it. */
bool config_fits_beside(struct shape_ctx *c, const struct doc_node *node,
    const struct field_rule *rule);
/* RT's rules of those go into lists of their own, as selectors. False when there is no memory. */
bool config_part_beside(struct shape_ctx *c, struct config_route *rt);

/* struct undeclared: a word, or an object with one of each. */
shape_reader config_read_undeclared;
/* The rows of that object. */
extern const struct shape config_undeclared_shape;
/* What RT does where it does not say. */
void config_usual_undeclared(struct config_route *rt);

/* A uint8_t: the number of a role, a purpose or a class of the policy. */
shape_reader config_read_known;
/* bool[256] by that number, from a list of names. */
shape_reader config_read_known_set;
extern const struct shape_words config_roles, config_purposes, config_classes;

#endif
