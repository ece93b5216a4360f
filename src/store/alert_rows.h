/* Alerts as they are kept: where they go (channels), which incidents are told (rules), what is not
 * told for a while (silences), and the outbox: each message, written down before it is sent. The
 * numbers of kinds and severities of incidents are those of watch/incidents/incidents.h.
 *
 * Secrets of channels stand here as they were given, because they have to be sent. */
#ifndef STORE_ALERT_ROWS_H
#define STORE_ALERT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "store/db.h"

/* ---- What is set ---- */

#define ALERT_CHANNELS_MAX 50
#define ALERT_RULES_MAX 50
#define ALERT_RULE_CHANNELS_MAX 10
#define ALERT_SILENCES_MAX 200
#define ALERT_ID_MAX 32
#define ALERT_NAME_MAX 100
#define ALERT_URL_MAX 2048
#define ALERT_HEADERS_MAX 20
#define ALERT_HEADER_NAME_MAX 100
#define ALERT_HEADER_VALUE_MAX 2000
#define ALERT_HMAC_MIN 16
#define ALERT_HMAC_MAX 256
#define ALERT_TEMPLATE_MAX 4096
#define ALERT_COMMAND_MAX 64
#define ALERT_ARGUMENTS_MAX 20
#define ALERT_ARGUMENT_MAX 500
#define ALERT_RELAY_MAX 300
#define ALERT_ADDRESS_MAX 320
#define ALERT_RECIPIENTS_MAX 20
#define ALERT_USER_MAX 200
#define ALERT_PASSWORD_MAX 256
#define ALERT_KEY_MAX 500
#define ALERT_REASON_MAX 500
#define ALERT_WHO_MAX 64

/* The numbers are in the store: append only. */
enum alert_channel_kind {
	ALERT_WEBHOOK,
	ALERT_SLACK,
	ALERT_TEAMS,
	ALERT_MATRIX,
	ALERT_NTFY,
	ALERT_DISCORD,
	ALERT_ALERTMANAGER,
	ALERT_COMMAND,
	ALERT_MAIL,
	ALERT_CHANNEL_KINDS
};
enum alert_group { ALERT_GROUP_NONE, ALERT_GROUP_KIND, ALERT_GROUP_ALL };

/* Names and values are without control characters. */
struct alert_header {
	char *name, *value;
};

struct alert_channel {
	char id[ALERT_ID_MAX + 1];
	char *name;
	enum alert_channel_kind kind;
	bool enabled;
	/* Never NULL; "" where there is none. `url`, `hmac`, `password` and values of headers are
	 * secret. */
	char *url, *hmac, *template, *command, *relay, *from, *user, *password;
	struct alert_header *headers;
	size_t header_count;
	char **arguments;
	size_t argument_count;
	char **to;
	size_t to_count;
	bool allow_local; /* it may be on this host */
	bool resolved;	  /* it is told of ends, too */
	uint32_t limit_per_hour;
};

/* By the clock of the host; `to` <= `from`: over midnight. */
struct alert_hours {
	bool set;
	bool outside;	   /* all other times are meant */
	uint16_t from, to; /* minutes of the day */
	uint8_t days;	   /* on which they begin: bit 0 is Monday; 0: every day */
};

struct alert_rule {
	char id[ALERT_ID_MAX + 1];
	char *name;
	bool enabled, resolved;
	uint32_t kinds;	     /* bits; 0: all */
	uint32_t severities; /* bits; never 0 */
	char *key;	     /* a pattern; "": any */
	char channels[ALERT_RULE_CHANNELS_MAX][ALERT_ID_MAX + 1];
	size_t channel_count;
	struct alert_hours hours, quiet;
	enum alert_group group;
	int64_t group_wait, repeat; /* seconds; repeat 0: never */
};

struct alert_silence {
	int64_t id;
	int kind, severity; /* -1: any */
	char *key;	    /* a pattern; "": any */
	int64_t until, at;  /* Unix seconds */
	char *reason;
	char by[ALERT_WHO_MAX + 1];
};

struct alert_heartbeat {
	char *url;     /* never NULL; a secret */
	int64_t every; /* seconds */
	bool enabled, allow_local;
};

/* All of it, at most as many as the limits say. */
struct alert_setup {
	uint64_t channels_revision, rules_revision; /* count changes */
	struct alert_channel *channels;
	size_t channel_count;
	struct alert_rule *rules;
	size_t rule_count;
	struct alert_silence *silences; /* the first to end first */
	size_t silence_count;
	struct alert_heartbeat heartbeat;
};
/* Each frees what is in it, and leaves it empty. */
void alert_channel_clear(struct alert_channel *channel);
void alert_rule_clear(struct alert_rule *rule);
void alert_silence_clear(struct alert_silence *silence);
void alert_setup_clear(struct alert_setup *setup);

/* NULL where there is none. */
const struct alert_channel *alert_setup_channel(const struct alert_setup *setup, const char *id);
const struct alert_rule *alert_setup_rule(const struct alert_setup *setup, const char *id);

/* All that is set; of silences those that have not ended by `now`. */
enum db_result alert_rows_setup(
    struct db *db, int64_t now, struct alert_setup *out, struct error *err);
/* Replace all channels and the heartbeat; all rules. `revision` is the one that was read; the new
 * one is written there. DB_CONFLICT (alerts_changed): it is another by now. */
enum db_result alert_rows_put_channels(
    struct db *db, const struct alert_setup *setup, uint64_t *revision, struct error *err);
enum db_result alert_rows_put_rules(
    struct db *db, const struct alert_setup *setup, uint64_t *revision, struct error *err);
/* Fills in the number. DB_CONFLICT (silences_full). Those that have ended are removed. */
enum db_result alert_rows_add_silence(
    struct db *db, struct alert_silence *silence, struct error *err);
/* DB_NOT_FOUND (silence_not_found). */
enum db_result alert_rows_delete_silence(struct db *db, int64_t id, struct error *err);

/* ---- The outbox ---- */

/* Kept so long after it was settled, and at most so many. */
#define ALERT_ROWS_KEPT_DAYS 90
#define ALERT_ROWS_KEPT_MAX 20000
#define ALERT_ROWS_ANSWER_MAX 4500

/* The numbers are in the store: append only. */
enum alert_state {
	ALERT_WAITING,	/* to be sent, at next_attempt */
	ALERT_SENDING,	/* handed to the notifier; after a restart it is not known what became of it
			 */
	ALERT_SENT,	/* it was taken */
	ALERT_GIVEN_UP, /* never taken */
	ALERT_SILENCED, /* not to be sent, as somebody wanted */
	ALERT_STATES
};
enum alert_what { ALERT_FIRED, ALERT_REPEATED, ALERT_RESOLVED, ALERT_TEST, ALERT_WHATS };

struct alert_row {
	int64_t id;
	char *key; /* of this state of these incidents, for this channel by this rule: unique */
	char channel[ALERT_ID_MAX + 1], rule[ALERT_ID_MAX + 1];
	enum alert_what what;
	enum alert_state state;
	int64_t at;	      /* Unix seconds */
	int64_t next_attempt; /* waiting */
	int64_t settled;      /* sent or given up; 0 */
	uint32_t attempts, refused;
	int status;	 /* of the last attempt; 0: none */
	int64_t took_ms; /* -1: there was none */
	char *title, *text;
	char *answer;	       /* NULL: none */
	struct buffer content; /* watch/alerts/message.h */
};
void alert_row_clear(struct alert_row *row);

struct alert_rows {
	struct alert_row *items;
	size_t count;
};
void alert_rows_free(struct alert_rows *rows);

/* Fills in the number. A key that is there already: DB_OK, nothing is written, and id is 0. */
enum db_result alert_rows_add(struct db *db, struct alert_row *row, struct error *err);
/* State, attempts, and what was answered. */
enum db_result alert_rows_settle(struct db *db, const struct alert_row *row, struct error *err);
/* Those that wait or were being sent, the oldest first. */
enum db_result alert_rows_open(
    struct db *db, size_t max, struct alert_rows *out, struct error *err);

struct alert_rows_query {
	size_t limit;
	int64_t before;	     /* 0: from the newest */
	const char *channel; /* NULL: all */
	int state;	     /* -1: all */
	int tried;	     /* 1: with an attempt, 0: without, -1: both */
};
/* The newest first. */
enum db_result alert_rows_list(
    struct db *db, const struct alert_rows_query *query, struct alert_rows *out, struct error *err);
enum db_result alert_rows_expire(struct db *db, int64_t now, struct error *err);

/* What the engine remembers. Reading appends; nothing where there is none. */
enum db_result alert_rows_keep_memory(struct db *db, struct slice bytes, struct error *err);
enum db_result alert_rows_memory(struct db *db, struct buffer *out, struct error *err);

#endif
