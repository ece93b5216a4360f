/* TLS of a probe (OpenSSL): the handshake after STARTTLS, and what the certificate is, against what
 * Postfix's policy asks of it. The session goes on whatever the certificate is: it is looked at,
 * and nothing secret is sent. */
#ifndef NOTIFIER_PROBE_TLS_H
#define NOTIFIER_PROBE_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "notifier/dns_reply.h"
#include "wire/probe_proto.h"

struct probe_tls_session;

/* What the certificate is held against. All of it outlives the session. */
struct probe_tls_policy {
	enum probe_tls level;
	const char *host;     /* the server's name: sent as SNI; of PROBE_TLS_SECURE not compared */
	const char *next_hop; /* the destination's name, for PROBE_TLS_SECURE */
	struct slice match;   /* which names fit, as struct probe_question has it */
	struct slice ca_file, ca_path; /* both "": the system's */
	const struct dns_answer *tlsa; /* records that count (signed); NULL: none */
};

/* Whether Postfix delivers nothing where there is no TLS. */
bool probe_tls_needed(const struct probe_tls_policy *policy);

/* On a connected socket, which stays the caller's. NULL with tls_failed in `err`. */
struct probe_tls_session *probe_tls_create(
    int fd, const struct probe_tls_policy *policy, struct error *err);
/* Accepts a pointer to NULL. */
void probe_tls_destroy(struct probe_tls_session **session);

enum probe_tls_result {
	PROBE_TLS_DONE,
	PROBE_TLS_WANTS_READ,
	PROBE_TLS_WANTS_WRITE,
	PROBE_TLS_CLOSED, /* the other side has ended it */
	PROBE_TLS_FAILED, /* text in `err` */
};
/* Goes on with the handshake. */
enum probe_tls_result probe_tls_handshake(struct probe_tls_session *session, struct error *err);
/* Reads what has come, `*taken` bytes; writes all of a short text, or nothing. */
enum probe_tls_result probe_tls_read(
    struct probe_tls_session *session, char *data, size_t size, size_t *taken);
enum probe_tls_result probe_tls_write(
    struct probe_tls_session *session, const char *data, size_t len);

/* After the handshake: appends what was agreed and what the certificate is, in sentences, and
 * returns how good that is for this policy. */
enum probe_outcome probe_tls_judge(const struct probe_tls_session *session, struct buffer *text);

#endif
