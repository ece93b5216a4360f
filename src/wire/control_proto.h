/* Supervisor and role: the frames on descriptor 3 of every role.
 *
 * The supervisor sends CONFIG first, then LISTEN (to the server), then a PEER for each role that
 * this one talks to. A role's rights are dropped before it reads anything; READY, its first frame,
 * says so (role_enter sends it before the role runs). The role serves until STOP or until
 * the control channel closes (the supervisor is gone: the role ends). A PEER for a role that is
 * known already replaces it: the old process died. */
#ifndef WIRE_CONTROL_PROTO_H
#define WIRE_CONTROL_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "wire/frame.h"

/* The descriptor on which every role finds its control channel. */
#define CONTROL_FD 3

enum control_type {
	CONTROL_CONFIG = 1, /* supervisor -> role: struct role_config; again after SIGHUP */
	CONTROL_PEER,	    /* supervisor -> role: struct control_peer and one descriptor */
	CONTROL_LISTEN,	    /* supervisor -> server: struct control_listen and one descriptor */
	CONTROL_STOP, /* supervisor -> role: finish what is under way, save, exit 0; no body */
	CONTROL_ROLE_STATE, /* supervisor -> server: struct control_role_state */
	CONTROL_READY,	    /* role -> supervisor: struct control_ready, by role_enter */
	CONTROL_SERVING,    /* server -> supervisor: it answers requests now; no body */
	CONTROL_PING,	    /* supervisor -> role: are you there? no body */
	CONTROL_PONG,	    /* role -> supervisor: the answer, from its loop; no body */
	/* A helper that the service manager started -> supervisor, before READY: no body, and two
	 * descriptors, its /proc/self/status and its executable (role/connected.h). */
	CONTROL_CONNECTED,
};

enum control_role {
	CONTROL_ROLE_HELPER = 1,
	CONTROL_ROLE_READER,
	CONTROL_ROLE_LOGREADER,
	CONTROL_ROLE_SERVER,
	CONTROL_ROLE_VIEWER, /* started by the helper, has no control channel to the supervisor */
	CONTROL_ROLE_NOTIFIER,
	CONTROL_ROLE_IDENTITY, /* runs where access.oidc_issuer is set */
};
#define CONTROL_ROLES 8 /* for arrays indexed by role */

/* "helper", "reader", ...; NULL for no role. */
const char *control_role_name(enum control_role role);

/* One key of the configuration, "section.key", with its value as text (after defaults). */
struct config_pair {
	char *key, *value;
};

/* What Postfix says about itself (`postconf -x`), as text; "" where unknown. */
struct postfix_facts {
	bool known;  /* postconf answered */
	char *error; /* why not, for people; "" when known */
	char *config_directory, *queue_directory, *command_directory, *daemon_directory,
	    *data_directory;
	char *mail_owner, *setgid_group;
	char *hash_queue_names; /* "deferred, defer" */
	char *hash_queue_depth; /* decimal */
	char *mail_version;	/* "3.7.11" */
	char *maillog_file, *syslog_name, *multi_instance_name, *myhostname;
	char *enable_long_queue_ids; /* "yes", "no" */
	char *queue_run_delay, *minimal_backoff_time, *maximal_backoff_time;
	char *maximal_queue_lifetime, *bounce_queue_lifetime, *delay_warning_time;
	char *queue_minfree, *message_size_limit; /* decimal, bytes; 0: none */
	char *mynetworks, *qmgr_message_active_limit;
	/* How its SMTP client finds, reaches and greets a destination: for probes. */
	char *relayhost, *default_transport, *relay_transport, *transport_maps;
	char *smtp_dns_support_level, *disable_dns_lookups, *smtp_host_lookup, *inet_protocols;
	char *smtp_helo_name, *smtp_bind_address, *smtp_bind_address6;
	char *smtp_tls_security_level, *smtp_tls_ca_file;
};

/* Owns everything in it. Zero-initialised is empty and may be freed. */
struct role_config {
	struct config_pair *pairs;
	size_t pair_count;
	struct postfix_facts facts;
	char *config_path; /* the configuration file in use, "" for none */
	bool privileged; /* the supervisor is root: roles drop to run.user; else all run as they are
			  */
	char *prefix;	 /* postfix.command_prefix; "" = Postfix is on this machine */
};

#define CONTROL_PAIRS_MAX 256
#define CONTROL_VALUE_MAX 4096

/* The value of a key, or "" (never NULL). */
const char *role_config_get(const struct role_config *config, const char *key);
/* Adds or replaces; both texts are copied. */
void role_config_set(struct role_config *config, const char *key, const char *value);
/* The fact with postconf's name for it, "" when unknown (never NULL); NULL when there is no such
 * fact. */
const char *role_config_fact(const struct role_config *config, const char *name);
/* False when there is no such fact. */
bool role_config_set_fact(struct role_config *config, const char *name, struct slice value);
/* postconf's name of fact number `index`; NULL after the last. */
const char *role_config_fact_name(size_t index);
void role_config_free(struct role_config *config);
#define ROLE_CONFIG_AUTO __attribute__((cleanup(role_config_free)))

void role_config_encode(struct buffer *frame, const struct role_config *config);
/* Replaces what is in `config` (zero-initialised or filled); false leaves it empty. */
bool role_config_decode(const struct frame *frame, struct role_config *config);

struct control_peer {
	enum control_role role; /* who is at the other end of the descriptor */
};

void control_peer_encode(struct buffer *frame, const struct control_peer *peer);
/* Also false when the frame carries no descriptor, or more than one. */
bool control_peer_decode(const struct frame *frame, struct control_peer *peer);

enum control_listen_kind {
	CONTROL_LISTEN_TCP = 1,
	CONTROL_LISTEN_UNIX = 2,
	CONTROL_LISTEN_METRICS = 3 /* TCP, for /metrics alone */
};

struct control_listen {
	enum control_listen_kind kind;
	struct slice address; /* "127.0.0.1:8025", or the path of the socket */
};

void control_listen_encode(struct buffer *frame, const struct control_listen *listen);
bool control_listen_decode(const struct frame *frame, struct control_listen *listen);

/* STOP, SERVING, PING, PONG: frames without a body. */
void control_plain_encode(struct buffer *frame, enum control_type type);
/* A role's answer to a PING. One that cannot be sent is asked for again. */
struct channel;
void control_answer_ping(struct channel *channel);

/* Sent to the server when a role starts, becomes ready, falls silent or dies, so that it can say
 * so.
 */
#define CONTROL_SILENT "does not answer" /* the detail of one that is there, and silent */
struct control_role_state {
	enum control_role role;
	bool running; /* and it answers */
	uint32_t restarts;
	struct slice detail; /* why it ended the last time, "" at first */
};

void control_role_state_encode(struct buffer *frame, const struct control_role_state *state);
bool control_role_state_decode(const struct frame *frame, struct control_role_state *state);

/* What the process is, as the kernel tells it (see role/confine.h). */
struct control_ready {
	enum control_role role;
	uint32_t uid, gid, groups; /* effective user and group; count of supplementary groups */
	uint64_t cap_permitted, cap_effective, cap_bounding, cap_ambient;
	bool no_new_privs, dumpable;
	uint32_t open_fds;
};

void control_ready_encode(struct buffer *frame, const struct control_ready *ready);
bool control_ready_decode(const struct frame *frame, struct control_ready *ready);

#endif
