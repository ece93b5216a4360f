/* Probes: "test this destination now" and "test our address". The server asks the notifier, which
 * looks names up, connects, and tells each step when it is done; over the notifier's channel
 * (wire/notifier_proto.h):
 *
 *   PROBE -> PROBE_STEP* PROBE_END
 *
 * What a step says comes from strangers' servers: a text is UTF-8 without control characters (an
 * answer has \n between its lines), cut, and may still hold invisible and bidi ones: whoever shows
 * it makes them harmless. */
#ifndef WIRE_PROBE_PROTO_H
#define WIRE_PROBE_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cursor.h"

enum probe_kind { PROBE_DESTINATION = 1, PROBE_OWN_ADDRESS };
/* "destination", "own_address". */
const char *probe_kind_name(enum probe_kind kind);

/* What Postfix asks of a server's TLS (smtp_tls_security_level, and the policy of a destination).
 */
enum probe_tls {
	PROBE_TLS_NONE,
	PROBE_TLS_MAY,	       /* if it is offered; no certificate is looked at */
	PROBE_TLS_ENCRYPT,     /* always; no certificate is looked at */
	PROBE_TLS_FINGERPRINT, /* a certificate of a known digest, which a probe does not compare */
	PROBE_TLS_DANE,	       /* what TLSA records say; as MAY where there are none */
	PROBE_TLS_DANE_ONLY,   /* what TLSA records say; nothing is sent where there are none */
	PROBE_TLS_VERIFY,      /* a trusted chain, for a name that MX gave */
	PROBE_TLS_SECURE,      /* a trusted chain, for the name of the destination itself */
	PROBE_TLS_LEVELS
};
const char *probe_tls_name(enum probe_tls tls); /* "none", "may", ... */
/* One of Postfix's names, in whatever case. */
bool probe_tls_parse(struct slice name, enum probe_tls *tls);

/* Bounds of a question; each is far beyond what a person has. */
#define PROBE_NEXT_HOP_MAX 300	/* a domain of 253 bytes, brackets and a port */
#define PROBE_BLOCKLISTS_MAX 20 /* zones; each is a question to somebody's name server */
#define PROBE_ZONES_BYTES (PROBE_BLOCKLISTS_MAX * 256)
#define PROBE_ADDRESS_MAX 64
#define PROBE_PATH_MAX 4096
#define PROBE_MATCH_MAX 512 /* as much of a policy as the helper tells */

struct probe_question {
	enum probe_kind kind;
	/* Of a destination: a next hop as Postfix writes it: "domain" or "domain:port" (MX is
	 * asked), "[host]" or "[host]:port" (it is not). An address without brackets is one that a
	 * recipient's address names, not Postfix's configuration: it is not connected to where it
	 * is private. Empty for our own address. */
	struct slice next_hop;
	struct slice helo; /* what is said in EHLO: smtp_helo_name */
	/* Our own address where it is known; else it is found out. */
	struct slice address;
	struct slice blocklists; /* DNS zones, each ended by \n */
	enum probe_tls tls;
	/* For VERIFY and SECURE, as smtp_tls_secure_cert_match: "hostname", "nexthop",
	 * "dot-nexthop", or names, with blanks, commas or colons between; "": the level's own. */
	struct slice match;
	/* The certificates that are trusted: a file, a directory; both "": the system's. */
	struct slice ca_file, ca_path;
	struct slice bind4, bind6; /* where connections come from; "": as the system chooses */
	struct slice resolver;	   /* "127.0.0.1:5353"; "": as /etc/resolv.conf says */
	bool mx;		   /* false: no MX is asked for (DNS is off in Postfix) */
	bool hosts;		   /* /etc/hosts is asked, too (smtp_host_lookup = native) */
	bool ipv4, ipv6;	   /* inet_protocols */
	bool allow_local;	   /* loopback and our own addresses may be connected to */
};
void probe_put_question(struct buffer *b, const struct probe_question *question);
/* Slices point into what the cursor reads. */
bool probe_get_question(struct cursor *c, struct probe_question *question);

enum probe_outcome { PROBE_OK, PROBE_WARNING, PROBE_BAD, PROBE_SKIPPED, PROBE_OUTCOMES };
const char *probe_outcome_name(enum probe_outcome outcome); /* "ok", "warning", ... */

/* What was done, in the order in which it is done. */
enum probe_step_name {
	PROBE_STEP_ROUTE, /* where Postfix sends it: told by the server, never by the notifier */
	PROBE_STEP_MX,
	PROBE_STEP_ADDRESS,
	PROBE_STEP_TLSA,
	PROBE_STEP_CONNECT,
	PROBE_STEP_GREETING,
	PROBE_STEP_EHLO,
	PROBE_STEP_STARTTLS,
	PROBE_STEP_CERTIFICATE,
	PROBE_STEP_EHLO_TLS,
	PROBE_STEP_QUIT,
	PROBE_STEP_OWN_ADDRESS,
	PROBE_STEP_PTR,
	PROBE_STEP_FORWARD,
	PROBE_STEP_HELO,
	PROBE_STEP_BLOCKLIST,
	PROBE_STEP_NAMES
};
const char *probe_step_name(enum probe_step_name name); /* "route", "mx", ... */

#define PROBE_HOST_MAX 320    /* "host[address]:port" */
#define PROBE_TEXT_MAX 600    /* a few sentences */
#define PROBE_ANSWER_MAX 2048 /* of what a server said: a reply of many lines, cut */
/* More than the largest probe has: a few hosts with a few addresses each, or the blocklists. */
#define PROBE_STEPS_MAX 120

struct probe_step {
	enum probe_step_name name;
	enum probe_outcome outcome;
	struct slice host; /* the host, address or zone that it is about; "" */
	uint32_t took_ms;
	struct slice text;   /* what happened, in words */
	struct slice answer; /* the server's own words, cut; "" */
};
/* Texts are cut. */
void probe_put_step(struct buffer *b, const struct probe_step *step);
bool probe_get_step(struct cursor *c, struct probe_step *step);

struct probe_end {
	bool complete; /* false: given up before its last step */
	enum probe_outcome outcome;
	struct slice text; /* one sentence: what the steps come to, or why it was given up */
};
void probe_put_end(struct buffer *b, const struct probe_end *end);
bool probe_get_end(struct cursor *c, struct probe_end *end);

#endif
