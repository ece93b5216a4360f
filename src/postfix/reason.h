/* What a reason text says. The texts are made by Postfix's delivery agents and end up in defer
 * logs, listings and log lines alike (smtp/smtp_proto.c, smtp_trouble.c, qmgr_deliver.c):
 *
 *     host mx.example.com[192.0.2.1] said: 450 4.2.0 Greylisted (in reply to RCPT TO command)
 *     host mx.example.com[192.0.2.1] refused to talk to me: 421 4.7.0 ...
 *     connect to mx.example.com[192.0.2.1]:25: Connection refused
 *     lost connection with mx.example.com[192.0.2.1] while receiving the initial server greeting
 *     conversation with ...[..] timed out while sending MAIL FROM
 *     Host or domain name not found. Name service error for name=example.com type=MX: ...
 *     delivery temporarily suspended: <one of these>
 */
#ifndef POSTFIX_REASON_H
#define POSTFIX_REASON_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Where in the SMTP dialogue it failed. */
enum reason_phase {
	REASON_PHASE_NONE,     /* not said */
	REASON_PHASE_DNS,      /* looking the destination up */
	REASON_PHASE_CONNECT,  /* making the connection */
	REASON_PHASE_GREETING, /* the server's first line */
	REASON_PHASE_EHLO,     /* EHLO, HELO, LHLO */
	REASON_PHASE_TLS,      /* STARTTLS and the handshake */
	REASON_PHASE_AUTH,
	REASON_PHASE_MAIL,
	REASON_PHASE_RCPT,
	REASON_PHASE_DATA,    /* the DATA command */
	REASON_PHASE_CONTENT, /* the message, or its end */
	REASON_PHASE_QUIT,
};

struct reason {
	bool suspended;	   /* "delivery temporarily suspended: ": no attempt was made this time */
	struct slice text; /* without that prefix */
	struct slice host; /* the remote host's name; empty when not said */
	struct slice address; /* its address, or a socket's path; empty when not said */
	struct slice reply;   /* the remote's own words, from the SMTP code on; empty when none */
	unsigned code;	      /* SMTP reply code, 0 when none */
	struct slice dsn;     /* the enhanced status code in the reply, "4.2.0"; empty when none */
	enum reason_phase phase;
};

/* Takes a text apart; the slices point into it. Never fails: what is not recognised is empty. */
void reason_parse(struct slice text, struct reason *reason);

/* The remote's own words, as in struct reason. */
struct slice reason_reply(struct slice text);

/* Whether the text names a next hop of our own: a socket's path, a loopback or private address, or
 * localhost. */
bool reason_hop_is_ours(struct slice text);

/* Whether the remote's reply has several lines, so that reason_one_line gives another text. */
bool reason_has_lines(struct slice text);

/* The text with a reply of one line (reply_join), written into `out`, which takes `size` bytes; it
 * is never longer than the text. What does not fit is left out of the reply; what Postfix says
 * behind it stays. `reply` is where the reply stands in it. Linear in the text's length. */
#define REASON_ONE_LINE_MAX 4096
struct slice reason_one_line(char *out, size_t size, struct slice text, struct slice *reply);

/* "rcpt", "connect", ...: a stable word for each phase; "" for none. */
const char *reason_phase_name(enum reason_phase phase);

/* Appends the reason's class: the text with everything put out that differs from message to message
 * (addresses <*>, hosts and IP addresses, IDs, numbers, times), so that two texts of one cause give
 * equal bytes. SMTP and enhanced codes stay, once: where a reply's lines end makes no other class.
 * It is a text that a person can read, cut at REASON_CLASS_MAX bytes. Linear in the text's length.
 */
#define REASON_CLASS_MAX 512
void reason_class(struct buffer *out, struct slice text);

#endif
