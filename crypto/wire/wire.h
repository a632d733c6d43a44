/*
 * wire.h - the messages between keyd and those who ask it, both directions.
 *
 * A packet (one SOCK_SEQPACKET message, at most WIRE_PACKET_MAX bytes) holds
 * one or more whole frames. All integers are big-endian.
 *
 *	frame    magic "SKD1" | op u16 | flags u16 | req_id u64 | len u32 | body
 *
 *	request  SEAL OPEN INDEX PSEUDONYM
 *	                           context | n_subjects u16 | subject field16 ...
 *	                           | n_items u16 | item ...
 *	                           | of SEAL and OPEN, if there is one: order
 *	         ERASE_SUBJECT     context | subject field16
 *	         MERGE             context | from field16 | into field16
 *	         SIGN_HEAD         context | origin field8 | size u64 | root 32
 *	                           | n u8 | hash 32 ...
 *	         PROVE_LOG         context | old size u64
 *	         STATUS            context
 *	         OPERATE           context | verb u8 | text field16
 *	         HELLO             version u16 | node field8, empty: no gateway's
 *	         PROVE             handle 16 | API key field8
 *	context  tenant field8 | principal field8 | session 16 | role u8 | purpose u8 | op u8
 *	         | approvals u8 | recipient_role u8 | recipient_purpose u8
 *	         | consents u32 | records u32 | request_id u64 | route field8
 *	         | recipient field8 | reason field8 | ticket field8 | policy hash 32
 *	         | statement field16, signed (crypto/statement/statement.h), of OPEN alone
 *	         of all but a share, recipient_role and recipient_purpose are 255
 *	order    id field16, not empty | flags u8, WIRE_ORDER_* | person field16
 *	item     class u8 | flags u8 | subject u16 (0xffff none, 0xfffe the order's person)
 *	         | value field32
 *	         of SEAL: flags of the token, WIRE_FOREIGN_REFUSE, WIRE_ADOPT, WIRE_INDEXED
 *	         of OPEN: flags 0 or WIRE_ADOPT
 *	         of INDEX: flags 0
 *	         of PSEUDONYM: flags enum wire_identifier, no subject, an identifier
 *
 *	reply    err u8 | record u64 | n_results u16 | result ...
 *	         | n_handles u8 | handle 16 ...
 *	result   status u8 | action u8 | class u8 | kind u8 | value field32
 *	         of SEAL: kind may have WIRE_RESEALED and WIRE_PAST_LIMIT
 *	         of PSEUDONYM: handle 16 | pseudonym u64, never 0
 *	HELLO    version u16 | node field8; its reply: version u16 | policy hash 32 | trouble u8
 *	PROVE    session 16 | API key field8
 *
 * A reply bears the request's op | 0x8000 and its req_id. When it does not fit
 * one packet it goes on in further frames: all but the last are flagged MORE,
 * and only the last one's err, record and handles count. HELLO's reply comes
 * again, with req_id 0, when keyd has taken over another policy and when what
 * is wrong with it (trouble) has changed.
 *
 * PROVE has no answer: it makes the handle, which whoever asks has drawn at random, mean the
 * principal whose key it is, in contexts of this connection and for a while. A session of
 * zeros is none: the gateway says by itself who asks. With one that is not known (any
 * more) a request is answered SC_STALE, with one that a wrong key was shown for SC_AUTH.
 *
 * Decoders take nothing on trust: every length is bounded, every byte is
 * accounted for, and what they give are spans into the packet.
 */
#ifndef CRYPTO_WIRE_WIRE_H
#define CRYPTO_WIRE_WIRE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/name.h"
#include "crypto/limits.h"
#include "crypto/wire/result.h"
#include "policy/asking.h"

#define WIRE_MAGIC 0x534b4431u /* "SKD1" */
#define WIRE_VERSION 1
#define WIRE_HEAD 20                  /* bytes before a frame's body */
#define WIRE_PACKET_MAX (192u * 1024) /* fits Linux' default socket buffer */
#define WIRE_FRAME_MAX (1u << 20)     /* a body's length past this is malformed */
#define WIRE_TEXT_MAX \
	(128u * 1024) /* bytes of an item's value field: a token's text is longer than the value */
#define WIRE_NO_SUBJECT 0xffffu
#define WIRE_OF_ORDER 0xfffeu /* whoever the frame's order is somebody's: keyd knows */

enum wire_op {
	WIRE_HELLO = 1,
	WIRE_SEAL,
	WIRE_OPEN,
	WIRE_INDEX,
	WIRE_ERASE_SUBJECT,
	WIRE_SIGN_HEAD,
	WIRE_STATUS,
	WIRE_PSEUDONYM,
	WIRE_OPERATE, /* on the operators' socket alone */
	WIRE_PROVE,   /* without an answer */
	WIRE_MERGE,
	WIRE_PROVE_LOG,
	WIRE_OP_END,
	WIRE_REPLY = 0x8000,
};

enum {
	WIRE_F_MORE = 1,
	WIRE_F_NAMED = 2 /* of the last frame: reason or ticket has words of what was opened */
};
enum {
	WIRE_LOG_FAILED = 1,
	WIRE_SPACE_LOW = 2,
	WIRE_STORE_WRONG = 4,
	WIRE_RETURNS_QUEUED = 8, /* people who returned wait for their turn */
	WIRE_TROUBLE_ALL = 15
};

/* What an operator asks for; each answers with one value, JSON. */
enum wire_verb {
	WIRE_KEYS_STATUS = 1, /* versions of all keys, and what still uses each */
	WIRE_KEYS_ROTATE,     /* text: "epoch", "tier T2", "class phone" or "classes" */
	/* text: a class and a version, "phone a": answers with a certificate; or "year 2024" */
	WIRE_KEYS_DESTROY,
	WIRE_KEYS_DORMANT, /* text: a day, and for a list the id to go on behind */
	WIRE_KEYS_ERASURES, /* text: an entry to list on behind; or "cancel", a handle and a reason */
	WIRE_KEYS_HANDLES, /* text: a subject: what records of each year call them */
	WIRE_VERB_END
};

struct wire_frame {
	uint16_t op, flags;
	uint64_t req_id;
	struct sc_span body;
};

/*
 * Take the next frame off PACKET (which becomes what is left).
 * Fails with SC_SYNTAX: bad magic, a length past the packet, an unknown flag.
 */
SC_CHECKED enum sc_err wire_frame_decode(struct sc_span *packet, struct wire_frame *out);
/* Append a frame's head; *AT is where, for wire_frame_end(). */
SC_CHECKED enum sc_err wire_frame_begin(struct sc_buf *b, uint16_t op, uint64_t req_id, size_t *at);
/* Fill in the length (all bytes since), and the flags. */
void wire_frame_end(struct sc_buf *b, size_t at, uint16_t flags);

/* Bytes of the longest question on the wire. */
#define WIRE_ASKING_MAX \
	(62 + ASKING_SESSION + 4 * SC_NAME_MAX + 2 * POLICY_REASON_MAX + CRYPTO_STATEMENT_MAX)

/* Append who asks and why; A has a tenant, a principal and a policy hash. */
SC_CHECKED enum sc_err wire_asking_encode(struct sc_buf *b, const struct asking *a);
/*
 * Read one at R into OUT, whose policy_hash and statement stay in the packet and whose time
 * is unset. Fails with SC_SYNTAX, and R's remaining state is then meaningless;
 * with SC_AUTH when the words of the reason or the ticket are none that a log
 * may carry, and R is then behind it all the same.
 */
SC_CHECKED enum sc_err wire_asking_decode(struct sc_reader *r, struct asking_kept *out);

struct wire_item {
	uint8_t class_id, flags;
	uint16_t subject; /* index among the frame's subjects, or WIRE_NO_SUBJECT */
	struct sc_span value;
};

#define WIRE_ITEM_HEAD 8 /* bytes of an item before its value */
SC_CHECKED enum sc_err wire_item_encode(struct sc_buf *b, const struct wire_item *it);

/*
 * The order that a document is about. SAYS: it names PERSON, and only asks that keyd remembers
 * whose the order is; of SEAL alone. Otherwise items may be of whoever that is, or of PERSON
 * (empty: nobody's), and with REQUIRED must be somebody's.
 */
enum { WIRE_ORDER_SAYS = 1, WIRE_ORDER_REQUIRED = 2 };
struct wire_order {
	struct sc_span id; /* empty: there is none */
	uint8_t flags;
	struct sc_span person;
};
SC_CHECKED enum sc_err wire_order_encode(struct sc_buf *b, const struct wire_order *o);

/* The subjects and items of a request: counts known, members read one by one. */
struct wire_list {
	struct sc_span subjects; /* n_subjects field16 */
	struct sc_reader items;  /* n_items items; each is checked already */
	uint16_t n_subjects, n_items;
	struct wire_order order;
};

/*
 * Read and check subjects and items at R up to its end: bounds, counts, that
 * every item's subject exists, or its order does, that nothing is left over. SC_SYNTAX otherwise.
 */
SC_CHECKED enum sc_err wire_list_decode(struct sc_reader *r, struct wire_list *out);
/* The next item of a checked list; call at most n_items times. */
void wire_list_item(struct wire_list *l, struct wire_item *out);

SC_CHECKED enum sc_err wire_head_encode(struct sc_buf *b, const struct wire_head *h);
SC_CHECKED enum sc_err wire_head_decode(struct sc_reader *r, struct wire_head *h);

struct wire_reply {
	uint8_t err;     /* enum sc_err */
	uint64_t record; /* or WIRE_NO_RECORD */
	uint16_t n_results;
	struct sc_reader results; /* each is checked already */
	uint8_t n_handles;
	const uint8_t *handles; /* n_handles * 16 bytes, in the packet */
};

#define WIRE_RESULT_HEAD 8 /* bytes of a result before its value */

/*
 * Append a reply: begin, results (whole, or begun, their value appended to B,
 * and ended), end. What stands only at the end is filled in by it.
 * wire_reply_end() wants room for 1 + 16 * n_handles more bytes.
 */
SC_CHECKED enum sc_err wire_reply_begin(struct sc_buf *b, uint16_t op, uint64_t req_id, size_t *at);
SC_CHECKED enum sc_err wire_result_encode(struct sc_buf *b, const struct wire_result *r);
SC_CHECKED enum sc_err wire_result_begin(struct sc_buf *b, const struct wire_result *head,
    size_t *at);
/* BITS too in the kind of the result that began at AT. */
void wire_result_mark(struct sc_buf *b, size_t at, uint8_t bits);
void wire_result_end(struct sc_buf *b, size_t at);
/* REP gives err, record, handles and n_results. */
SC_CHECKED enum sc_err wire_reply_end(struct sc_buf *b, size_t at, const struct wire_reply *rep,
    uint16_t flags);

SC_CHECKED enum sc_err wire_reply_decode(struct sc_span body, struct wire_reply *out);
void wire_reply_result(struct wire_reply *rep, struct wire_result *out);

struct wire_hello {
	uint16_t version;
	struct sc_name node;             /* of a request; "": no gateway's */
	uint8_t policy_hash[HASH_BYTES]; /* these in a reply only */
	uint8_t trouble;
};
struct wire_proof {
	const uint8_t *handle; /* ASKING_SESSION bytes, not all zero */
	struct sc_span key;    /* 1 to ASKING_KEY_MAX bytes */
};
SC_CHECKED enum sc_err wire_proof_encode(struct sc_buf *b, const struct wire_proof *p);
/* Fails with SC_SYNTAX; OUT's spans are into BODY. */
SC_CHECKED enum sc_err wire_proof_decode(struct sc_span body, struct wire_proof *out);

SC_CHECKED enum sc_err wire_hello_encode(struct sc_buf *b, bool reply, const struct wire_hello *h);
SC_CHECKED enum sc_err wire_hello_decode(struct sc_span body, bool reply, struct wire_hello *out);

#endif
