/* Between server and notifier: what is to leave this host, and how it went.
 *
 *   SEND   -> SENT
 *   PROBE  -> PROBE_STEP* PROBE_END
 *   CANCEL: nobody waits for the answer to that request any more. What is under way is dropped, and
 *           there is no answer.
 *
 * The notifier keeps nothing and decides nothing: when to send, what, how often and to whom is the
 * server's. It holds no secret beyond the frame that it works on. */
#ifndef WIRE_NOTIFIER_PROTO_H
#define WIRE_NOTIFIER_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/frame.h"

/* The numbers travel: append only. */
enum notifier_type {
	/* server to notifier */
	NOTIFIER_SEND = 1,
	NOTIFIER_PROBE,
	NOTIFIER_CANCEL,
	/* notifier to server */
	NOTIFIER_SENT = 128,
	NOTIFIER_PROBE_STEP,
	NOTIFIER_PROBE_END,
};

enum notifier_way {
	NOTIFIER_HTTP = 1, /* a request to a URL */
	NOTIFIER_COMMAND,  /* a program that root has put into alerts.commands */
	NOTIFIER_MAIL,	   /* a message to a named relay, never to the local queue */
};

/* Of HTTP. The numbers travel: append only. */
enum notifier_method {
	NOTIFIER_POST,
	NOTIFIER_PUT, /* a chat that names each message by its address */
	NOTIFIER_GET, /* a heartbeat: without a body */
};

/* All of them together, at their longest, stay within one frame (WIRE_BODY_MAX). */
#define NOTIFIER_URL_MAX 2048
#define NOTIFIER_HEADERS_MAX 8192
#define NOTIFIER_BODY_MAX 40960
#define NOTIFIER_COMMAND_MAX 64
#define NOTIFIER_ARGUMENTS_MAX 4096
#define NOTIFIER_ARGUMENTS_COUNT_MAX 64
#define NOTIFIER_RELAY_MAX 300
#define NOTIFIER_ADDRESS_MAX 320
#define NOTIFIER_RECIPIENTS_MAX 4096
#define NOTIFIER_SECRET_MAX 256
/* Longer than any receiver that will still answer, shorter than what an operator waits for. */
#define NOTIFIER_TIMEOUT_MAX_MS 120000

/* What a way does not use is empty. */
struct notifier_send {
	enum notifier_way way;
	enum notifier_method method; /* HTTP; else 0 */
	/* HTTP. http:// or https://, without user:password. "Name: value" lines, each ended by \n;
	 * those that libcurl makes itself (Host, Content-Length, ...) are refused. */
	struct slice url, headers;
	/* HTTP: the body; COMMAND: standard input; MAIL: the whole message with \r\n. */
	struct slice body;
	/* COMMAND. A file name in alerts.commands, and arguments, each ended by \0. */
	struct slice command, arguments;
	/* MAIL. smtp://host[:port] or smtps://host[:port]; one sender, recipients each ended by
	 * \n; user and
	 * password, which are told over TLS only, may be empty. */
	struct slice relay, from, to, user, password;
	uint32_t timeout_ms; /* of the whole, 1 to NOTIFIER_TIMEOUT_MAX_MS */
	/* Loopback and this host's own addresses may be connected to: somebody asked for it. */
	bool allow_local;
};

/* Whether that is a URL that can be asked: http:// or https://, a host and maybe a port, no user,
 * no blank, at most NOTIFIER_URL_MAX bytes. False with bad_channel. */
bool notifier_url_check(struct slice url, struct error *err);

/* Whether it can be sent at all: lengths, schemes, names, no line that could become another header
 * or SMTP command. False with bad_channel, and what is wrong in words for people. Both sides ask:
 * the server before it keeps a channel, the notifier because it need not believe the server. */
bool notifier_send_check(const struct notifier_send *send, struct error *err);

/* `send` has passed notifier_send_check. */
void notifier_send_encode(struct buffer *frame, uint32_t request, const struct notifier_send *send);
/* Only what passes notifier_send_check. */
bool notifier_send_decode(const struct frame *frame, struct notifier_send *send);

/* The numbers travel: append only. */
enum notifier_result {
	NOTIFIER_DONE, /* taken: HTTP 2xx, exit status 0, SMTP 250 at the end of the message */
	/* Not taken, and may be later: no connection, no answer in time, HTTP 5xx, 408, 425 or 429,
	 * SMTP 4yz, a program that was ended or says 75 (of sysexits(3): a temporary failure). */
	NOTIFIER_TRY_AGAIN,
	/* Not taken, and not as long as nobody changes something: any other HTTP status, a
	 * redirect, a certificate that proves nothing, an address of this host, SMTP 5yz, any other
	 * exit status, no such program. */
	NOTIFIER_REFUSED,
};

#define NOTIFIER_TEXT_MAX 500
/* What is kept of an answer; the rest is not read. */
#define NOTIFIER_ANSWER_MAX 4096
/* Nobody is told to wait for longer than a day. */
#define NOTIFIER_RETRY_AFTER_MAX_S 86400

struct notifier_sent {
	enum notifier_result result;
	int32_t status;		/* HTTP status, exit status, SMTP code; 0: there was none */
	uint32_t retry_after_s; /* of Retry-After; 0: none */
	uint32_t took_ms;
	struct slice text;   /* one sentence for people; cut at NOTIFIER_TEXT_MAX */
	struct slice answer; /* what it answered or printed, any bytes; cut at NOTIFIER_ANSWER_MAX
			      */
};

/* Longer texts are cut. */
void notifier_sent_encode(struct buffer *frame, uint32_t request, const struct notifier_sent *sent);
bool notifier_sent_decode(const struct frame *frame, struct notifier_sent *sent);

void notifier_cancel_encode(struct buffer *frame, uint32_t request);
bool notifier_cancel_decode(const struct frame *frame, uint32_t *request);

#endif
