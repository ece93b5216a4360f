/* The part of the helper's protocol that is about pauses: Postfix's tables of what is held back,
 * the lines of main.cf that name them, and what Postfix would do with an address. Types and rules
 * are those of helper_proto.h.
 *
 *   question        who      answers (the last is final)
 *   PAUSE_TABLE     server   none but for the last piece: PAUSE_WRITTEN
 *   PAUSE_SETUP     server   PAUSE_STATE
 *   PAUSE_QUERY     server   PAUSE_ANSWERS
 *   PAUSE_FOREIGN   server   PAUSE_FOUND
 *
 * A peer says what is to be held back by typed keys: a domain, an address, a login. It never says
 * where mail goes, nor a path, an option or a text of a table: the helper makes those by itself. */
#ifndef WIRE_PAUSE_PROTO_H
#define WIRE_PAUSE_PROTO_H

#include "wire/helper_proto.h"

/* The tables; each has its kind of key. */
enum pause_table {
	PAUSE_TABLE_TRANSPORT, /* recipient domains */
	PAUSE_TABLE_SENDER,    /* envelope senders */
	PAUSE_TABLE_LOGIN,     /* SASL logins */
	PAUSE_TABLES
};

/* Commands of root's for such questions at the same time; more questions are refused as busy. */
#define PAUSE_AT_ONCE 8

/* More would be another kind of configuration. At 300 bytes each they fit into the memory that one
 * peer may use. */
#define PAUSE_ENTRIES_MAX 20000
/* An address: 64 bytes, @, 255 bytes (RFC 5321). A login is no longer. */
#define PAUSE_KEY_MAX 320
/* Seconds between two messages of a throttle: few, because each is a transport of its own in
 * master.cf. Ended by 0. */
#define PAUSE_THROTTLES                                                                            \
	{                                                                                          \
		1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 0                              \
	}
/* Whether it is one of them; 0 is none. */
bool pause_throttle_valid(uint32_t seconds);

/* The grammar of the keys, by both ends: lower case, ASCII, no blank, nothing that a table or a
 * regular expression reads as anything but itself. */
bool pause_domain_valid(struct slice key);
bool pause_address_valid(struct slice key);
bool pause_login_valid(struct slice key);
/* Of PAUSE_QUERY_CLIENT: they become words of commands and keys of tables. */
bool pause_transport_valid(struct slice key);
bool pause_next_hop_valid(struct slice key);

struct pause_entry {
	uint64_t pause;	     /* its number, for the log line of what goes to hold */
	bool subdomains;     /* transport only */
	uint32_t throttle_s; /* transport only; 0: held back */
	struct slice key;
};

/* A table is sent whole, in pieces: the first has at = 0, the others go on where the one before
 * ended. With the last piece the table is written. A piece out of order is refused. */
struct pause_piece {
	enum pause_table table;
	uint32_t at; /* entries in the pieces before it */
	bool last;
};
/* Begins the frame; entries follow, as many as a frame takes (pause_ports.c of src/exchange). */
void pause_piece_encode(struct buffer *frame, uint32_t request, const struct pause_piece *piece);
void pause_entry_put(struct buffer *frame, const struct pause_entry *entry);
/* Gives the cursor on the entries. */
bool pause_piece_decode(
    const struct frame *frame, struct pause_piece *piece, struct cursor *entries);
/* False at the end and on malformed bytes: ask cursor_finished afterwards. */
bool pause_entry_get(struct cursor *entries, struct pause_entry *entry);

/* The table is in place, whole, and on disk. */
struct pause_written {
	uint32_t entries;
	bool reloaded;	      /* a pattern table: Postfix was reloaded, and knows it already */
	bool in_use;	      /* main.cf names this table where it must stand */
	struct slice trouble; /* written, but: "postfix reload failed: ..."; "" none */
};
void pause_written_encode(
    struct buffer *frame, uint32_t request, const struct pause_written *written);
bool pause_written_decode(const struct frame *frame, struct pause_written *written);

/* ---- The set-up ---- */

enum pause_setup_action {
	PAUSE_SETUP_LOOK = 1,
	PAUSE_SETUP_DO,	  /* makes the tables, writes main.cf, reloads */
	PAUSE_SETUP_UNDO, /* writes main.cf, reloads; the tables stay */
};

enum pause_setup_state {
	PAUSE_SETUP_NONE = 1,	/* main.cf names none of it */
	PAUSE_SETUP_DONE,	/* all of it, in its place */
	PAUSE_SETUP_CHANGED,	/* a part of it: somebody else has edited main.cf since */
	PAUSE_SETUP_IMPOSSIBLE, /* cannot be done from here: `why`, and `by_hand` says how */
};

struct pause_setup_ask {
	enum pause_setup_action action;
	uint64_t seen; /* what the asker has seen (pause_setup.seen); 0 with LOOK */
};
/* The encoders begin the frame; the decoders refuse what is malformed. */
void pause_setup_ask_encode(
    struct buffer *frame, uint32_t request, const struct pause_setup_ask *ask);
bool pause_setup_ask_decode(const struct frame *frame, struct pause_setup_ask *ask);

#define PAUSE_SETUP_LINES_MAX 4
struct pause_setup_line {
	struct slice name;
	bool set; /* main.cf sets it now */
	struct slice before, after;
};
struct pause_setup {
	enum pause_setup_state state;
	uint64_t seen;	     /* a number made of all that decides about the lines */
	bool pattern_tables; /* our table is a regexp: table in front, with a reload for each change
			      */
	bool no_logins;	     /* no service knows SASL logins: a pause of one would hold nothing */
	struct slice why, by_hand, pattern_why, warning;
	/* What would be written; with DONE what stands there. */
	struct pause_setup_line lines[PAUSE_SETUP_LINES_MAX];
	size_t count;
};
void pause_setup_encode(struct buffer *frame, uint32_t request, const struct pause_setup *setup);
bool pause_setup_decode(const struct frame *frame, struct pause_setup *setup);

/* ---- What Postfix would do ---- */

enum pause_query_kind {
	PAUSE_QUERY_TRANSPORT = 1, /* addresses: what transport_maps says of each */
	PAUSE_QUERY_OWN,	   /* domains: the list of our own domains that has it */
	PAUSE_QUERY_BESIDE,	   /* as TRANSPORT, of the tables beside our own: where mail
				    * goes when a pause ends */
	/* How the SMTP client of a transport is set, which a probe does as well. Two keys: the name
	 * of a service of master.cf, and a next hop as Postfix writes it. */
	PAUSE_QUERY_CLIENT,
};
/* Keys and answers, however long, fit into one frame each. */
#define PAUSE_QUERY_MAX 50

struct pause_query {
	enum pause_query_kind kind;
	struct slice keys[PAUSE_QUERY_MAX];
	size_t count;
};
/* At most PAUSE_QUERY_MAX keys; a decoded one has at least one. */
void pause_query_encode(struct buffer *frame, uint32_t request, const struct pause_query *query);
bool pause_query_decode(const struct frame *frame, struct pause_query *query);

/* One for each key, in the order asked. ANSWERS' body is these to its end.
 *
 * CLIENT: the first is of the next hop in smtp_tls_policy_maps: the key that was found and its
 * policy, or `unsure` where the tables could not be asked. The others are parameters: name, value,
 * and `ours` where it is a -o of master.cf and not main.cf that says so. */
struct pause_answer {
	struct slice found;  /* TRANSPORT: the key that was found (the address, its domain,
			      * ".parent");  OWN: "mydestination", ...; "" where there is nothing */
	struct slice answer; /* TRANSPORT: what stands there */
	bool ours;	     /* it comes from our own table */
	bool unsure; /* OWN: a list could not be asked, and it may be one of ours: `answer` says why
		      */
};
#define PAUSE_ANSWER_MAX 512 /* bytes of each text; longer ones are cut */
void pause_answer_put(struct buffer *frame, const struct pause_answer *answer);
/* False at the end and on malformed bytes: ask cursor_finished afterwards. */
bool pause_answer_get(struct cursor *c, struct pause_answer *answer);

/* FOUND's body is pairs of texts to its end: where, and what stands there. */
struct pause_found {
	struct slice what, text;
};
#define PAUSE_FOUND_MAX 100
void pause_found_put(struct buffer *frame, const struct pause_found *found);
bool pause_found_get(struct cursor *c, struct pause_found *found);

#endif
