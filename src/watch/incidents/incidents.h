/* What is wrong, since when, how much, who or what causes it, and what to do. Pure: what is known
 * and the time go in, incidents come out; no I/O and no clock. The same facts in the same order
 * give the same incidents.
 *
 * Every INCIDENTS_TURN seconds whoever owns it gathers the facts and takes a turn. Between turns
 * the list stands still. docs/decisions/incidents.md says how each kind is told and what must not
 * fool it. */
#ifndef WATCH_INCIDENTS_H
#define WATCH_INCIDENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cursor.h"
#include "base/queue.h"
#include "base/slice.h"
#include "watch/rates/rates.h"

/* Seconds between two turns. */
#define INCIDENTS_TURN 10

/* The numbers are in the store: append only. */
enum incident_kind {
	INCIDENT_FLOOD,		    /* a login, client or sender sends far more than it does */
	INCIDENT_DESTINATION,	    /* a domain, remote host or provider refuses or is dead */
	INCIDENT_REPUTATION,	    /* our address is on a blocklist, or refused by policy */
	INCIDENT_NAME_SERVICE,	    /* many domains at once cannot be looked up */
	INCIDENT_LOCAL_SERVICE,	    /* a content filter, LMTP or other own next hop */
	INCIDENT_SPOOL_FULL,	    /* bytes or inodes run out */
	INCIDENT_POSTFIX,	    /* a service does not start, configuration or lookup errors */
	INCIDENT_LOOP,		    /* mail that goes round */
	INCIDENT_BACKSCATTER,	    /* notices to many who never wrote */
	INCIDENT_EXPIRING,	    /* much mail will soon be returned */
	INCIDENT_NOTHING_DELIVERED, /* attempts, and no success at all */
	INCIDENT_INCOMING_OLD,	    /* the queue manager does not take, or pickup does not */
	INCIDENT_ACTIVE_FULL,
	INCIDENT_HELD_FORGOTTEN,
	INCIDENT_BLIND, /* log unread, source failing, a role down, clock */
	INCIDENT_KINDS
};

enum incident_severity {
	INCIDENT_NOTE,	/* good to know; nothing to do */
	INCIDENT_WATCH, /* look at it */
	INCIDENT_ACT	/* somebody is needed now */
};

enum incident_state {
	INCIDENT_OPEN,
	INCIDENT_QUIET, /* its evidence is gone; it ends when that stays so */
	INCIDENT_ENDED
};

/* What `key` names. */
enum incident_subject {
	INCIDENT_OF_NONE, /* the whole host; the key is empty */
	INCIDENT_OF_LOGIN,
	INCIDENT_OF_CLIENT,
	INCIDENT_OF_SENDER,
	INCIDENT_OF_DOMAIN,
	INCIDENT_OF_REMOTE_HOST,
	INCIDENT_OF_PROVIDER,
	INCIDENT_OF_SERVICE, /* a Postfix service or transport: "smtp", "amavis" */
	INCIDENT_OF_CAUSE,   /* the key of a diagnosis */
	INCIDENT_SUBJECTS
};

/* What can be pressed, or-ed; each acts on what `filter` matches, with the preview as ever. */
enum incident_action {
	INCIDENT_DO_HOLD = 1 << 0,
	INCIDENT_DO_RETRY = 1 << 1,
	INCIDENT_DO_RETRY_GENTLY = 1 << 2,
	INCIDENT_DO_RELEASE = 1 << 3,
	INCIDENT_DO_DELETE = 1 << 4,
	INCIDENT_DO_BOUNCE = 1 << 5,
	INCIDENT_DO_FLUSH = 1 << 6,
	INCIDENT_DO_LIFETIME = 1 << 7, /* Settings: how long Postfix keeps trying */
	INCIDENT_DO_HELP = 1 << 8,     /* a diagnosis says what to do: its key is in `cause_key` */
	INCIDENT_DO_PAUSE = 1 << 9     /* hold back mail, new mail too, for its subject */
};

/* ---- What goes in ---- */

/* Some of the queue: the largest by one key, as query_groups gives them. */
struct incident_group {
	struct slice key; /* of a client: its address, or "name[address]" */
	uint64_t messages, recipients;
	int64_t oldest_arrival; /* Unix seconds */
	uint64_t spread;	/* of a cause: recipient domains that wait with it; 0: not told */
};
struct incident_groups {
	const struct incident_group *items; /* most messages first */
	size_t count;
};

/* Recipients that wait, by a destination and the diagnosis of why. */
struct incident_cell {
	struct slice key;   /* a domain, a remote host, or a provider */
	struct slice cause; /* the key of the diagnosis ("greylisted"); empty: not told */
	uint64_t messages, recipients;
	int64_t oldest_arrival;
	struct slice quote; /* one reply, as it was given; empty: none */
};
struct incident_cells {
	const struct incident_cell *items; /* most messages first */
	size_t count;
};

/* A condition on messages: what `field` names is exactly `value`. Several must all hold. A client
 * is named by its address, a provider stands for all its hosts, a cause is the key of a diagnosis,
 * and
 * "<>" is the null sender. */
struct incident_term {
	enum incident_subject field; /* not INCIDENT_OF_NONE or _SERVICE */
	struct slice value;
};

/* The same message ID of the same sender to the same recipient, or the same sender and recipient,
 * that the log has seen again and again. */
struct incident_repeat {
	struct slice text; /* "<id@host>", or "sender recipient" */
	struct slice sender;
	uint32_t times; /* received in the last 30 minutes */
	bool message_id;
};

/* A warning or worse that a Postfix program logged since the last turn. */
struct incident_problem {
	int64_t at;
	struct slice process; /* "master", "smtpd", ... */
	uint8_t severity;     /* enum log_severity */
	struct slice text;
};

/* A notice of our own (watch/notices.h). */
struct incident_notice {
	struct slice code, severity, text, fix;
	int64_t since;
	struct slice words, fix_words; /* of both, base/said.h */
};

/* What is not known is -1, and of the groups nothing. */
struct incident_facts {
	int64_t now; /* Unix seconds */

	bool queue_known; /* the source of the queue can be read; else no count below is believed */
	int64_t counts[QUEUE_COUNT];
	int64_t oldest[QUEUE_COUNT]; /* arrival of the oldest there; 0: none */
	int64_t messages, oldest_arrival;
	struct incident_groups logins, clients, senders, domains, causes;
	struct incident_cells domain_causes, host_causes, provider_causes;
	uint64_t domains_waiting;    /* domains with anything that waits, also beyond `domains` */
	int64_t null_sender_domains; /* recipient domains of the null sender's mail that waits */
	/* Messages whose lifetime ends within 6 h, and the largest senders of them. */
	int64_t expiring;
	struct incident_groups expiring_senders;
	/* On hold, more than a day old, and not by a job here; no more than there are, perhaps
	 * less. */
	int64_t held_long;
	int64_t active_limit; /* qmgr_message_active_limit */

	const struct rates *rates;
	bool log_known;	    /* the log can be read, and rates go up to log_newest */
	bool log_counting;  /* it can be read, and the rates do not go so far yet */
	int64_t log_newest; /* Unix seconds of its last line; 0: none */
	int64_t log_oldest; /* how far back it is counted */

	int64_t spool_bytes_free, spool_bytes, spool_inodes_free, spool_inodes, queue_minfree;
	int postfix_running; /* 1, 0, -1 */
	int64_t postfix_since;

	const struct incident_problem *problems;
	size_t problem_count;
	const struct incident_notice *notices;
	size_t notice_count;

	/* The most seen again, by times; none where the log tells nothing of the kind. */
	const struct incident_repeat *repeats;
	size_t repeat_count;

	/* mynetworks and loopback: clients of these are no culprits. True for an address in them.
	 * NULL: none is. */
	bool (*is_own_client)(void *context, struct slice address);
	/* Whether new mail of a login or sender goes on hold, by a pause. NULL: none does. */
	bool (*is_held_back)(void *context, enum incident_subject subject, struct slice key);
	/* How many messages of the queue meet all terms; -1: not known. At most
	 * INCIDENTS_COUNTS_MAX calls in a turn. NULL: not known. */
	int64_t (*count_messages)(void *context, const struct incident_term *terms, size_t count);
	void *context;
};

/* A count costs the server about a millisecond with a million messages. */
#define INCIDENTS_COUNTS_MAX 6

/* ---- What comes out ---- */

/* One line of why: a number in words, and perhaps the words of another. */
struct incident_evidence {
	char *text;  /* "412 recipients in 10 minutes, usually 2" */
	char *quote; /* a reply or a log line, as it was given; NULL: none */
};
#define INCIDENT_EVIDENCE_MAX 8
/* Points of its small chart: messages in the queue, one an hour, the newest last; -1: not known. */
#define INCIDENT_POINTS 24

#define INCIDENT_GROWTH_UNKNOWN INT64_MIN

struct incident {
	uint64_t id; /* never used twice; after a restart as far as `first_id` knows */
	enum incident_kind kind;
	enum incident_severity severity; /* the worst since it opened, until it is quiet */
	enum incident_state state;
	enum incident_subject subject;
	char *key;	 /* as subject says */
	char *cause_key; /* the diagnosis that it is about; "" for none */
	char *title;	 /* "Login info@office.example sends 412 a minute"; about 60 characters */
	char *text;	 /* what it means and what to do: one or two sentences */
	char *baseline;	 /* "usually 2 a minute"; NULL: nothing to compare with yet */
	/* The words (base/said.h) of title, text, baseline and each evidence as a JSON array, null
	 * where there are none. NULL: none at all, until it is claimed again after a restart. */
	char *words;
	char *filter;	    /* of the filter language; NULL: no messages belong to it */
	int64_t since;	    /* Unix seconds: when its evidence began, not when it was noticed */
	int64_t noticed;    /* when it was first told */
	int64_t until;	    /* ended: when its evidence was last seen; else 0 */
	int64_t messages;   /* that `filter` matches now, as far as the facts tell; -1: unknown */
	int64_t growth;	    /* of them in the last hour; or INCIDENT_GROWTH_UNKNOWN */
	unsigned actions;   /* enum incident_action, or-ed */
	uint64_t caused_by; /* the incident that explains this one (it is hidden then); 0: none */
	struct incident_evidence evidence[INCIDENT_EVIDENCE_MAX];
	size_t evidence_count;
	int32_t points[INCIDENT_POINTS];
};

struct incidents;

/* Empty. `first_id`: above every ID that was ever given (the store knows). */
struct incidents *incidents_create(uint64_t first_id);
/* Accepts NULL. */
void incidents_free(struct incidents *incidents);

/* One turn. Facts are only read during the call. A `now` before the last turn's by less than an
 * hour (a clock that was set back) is taken as the last turn's. One further back says that the
 * clock was wrong: what it put into the future is taken as of now. */
void incidents_turn(struct incidents *incidents, const struct incident_facts *facts);

/* Past minutes, oldest first, before the first turn or whenever the log's history is read: the
 * peaks of logins, clients and senders are learned from them, and when a domain last took mail.
 * Counts of one minute of one key; other kinds of keys, and a minute told twice, do no harm. No
 * minute that is younger than INCIDENTS_LEARN_AFTER: it is judged yet, and a flood must not become
 * usual while it lasts. Each turn learns from `rates` what has become old enough. */
#define INCIDENTS_LEARN_AFTER                                                                      \
	3000 /* seconds: a flood has been noticed by then, and is kept out                         \
	      */
void incidents_learn(struct incidents *incidents, int64_t minute, enum rate_kind kind,
    struct slice key, const struct rate_counts *counts);

/* When a domain last took mail, Unix seconds to the minute; 0: never seen. Known of the domains
 * that did so last, INCIDENTS_KEYS_MAX of them. */
int64_t incidents_last_took(const struct incidents *incidents, struct slice domain);

/* Each incident that is open or quiet, or has ended in the last turn: the worst first, then the
 * largest. Pointers live until the next turn. */
size_t incidents_count(const struct incidents *incidents);
const struct incident *incidents_at(const struct incidents *incidents, size_t i);
/* By its ID; NULL where there is none. */
const struct incident *incidents_find(const struct incidents *incidents, uint64_t id);
/* Counts changes of the list that people would see. */
uint64_t incidents_version(const struct incidents *incidents);

/* What must outlive a restart: open incidents and the peaks that were learned, bounded in size
 * (INCIDENTS_STATE_MAX). Restoring takes anything: what cannot be read is as if it had never been,
 * and false. */
#define INCIDENTS_STATE_MAX ((size_t)4 << 20)
/* Incidents that are open or quiet at once, and the keys of each kind whose peaks are kept: those
 * that were seen last. */
#define INCIDENTS_MAX 256
#define INCIDENTS_KEYS_MAX 4096
void incidents_save(const struct incidents *incidents, struct buffer *out);
bool incidents_restore(struct incidents *incidents, struct slice bytes);

/* The filter that matches what meets all terms, quoted as postroom-filter(7) wants it. False, with
 * nothing appended, where no filter says it. */
bool incident_terms_filter(struct buffer *out, const struct incident_term *terms, size_t count);

/* "flood", "destination", ...; NULL for other numbers. */
const char *incident_kind_name(enum incident_kind kind);
const char *incident_severity_name(enum incident_severity severity);
const char *incident_state_name(enum incident_state state);
/* The page of docs/runbooks that says what to do about this kind: "dead-destination". Never NULL
 * for a kind that there is. */
const char *incident_kind_runbook(enum incident_kind kind);
/* "login", "recipient_domain", ..., as fields of the filter are called. */
const char *incident_subject_name(enum incident_subject subject);

#endif
