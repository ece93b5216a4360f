/* What the handlers share. One file for each resource; each exports its route table, which
 * api_register() adds to the router (routes.c). Everything runs on the server's loop; nothing
 * blocks.
 *
 * The log is asked over an exchange (exchange/log_lookup.h). What is said of other processes, and
 * the content of a message, which comes from a viewer of its own, goes through `struct
 * api_services`, which server/ fills in. */
#ifndef API_API_H
#define API_API_H

#include <jansson.h>

#include "api/numbers.h"
#include "http/events.h"
#include "http/router.h"
#include "query/query.h"
#include "watch/metrics/metrics.h"
#include "wire/control_proto.h"
#include "wire/log_proto.h"
#include "wire/viewer_proto.h"

struct exchange;
struct http_server;
struct store;
struct jobs;
struct settings;
struct pauses;
struct auth;
struct incident_watch;
struct alert_watch;
struct hashing;
struct otp_waiting;
struct strangers;
struct audit;
struct audit_reading;
struct api_audit;
struct warning;
struct api_scopes;
struct api_probes;
struct oidc;

json_t *api_warning_json(const struct warning *warning);

/* What a view of one message gives: frames of viewer_proto.h as they come. */
struct api_content_reader {
	void (*frame)(void *data, const struct frame *frame);
	/* The last call. NULL: ended well (an END frame came); else why not: helper_unavailable,
	 * message_not_found, view_failed, timed_out. */
	void (*end)(void *data, const struct error *err);
	void *data;
};

struct api_services {
	void *context;
	/* The state of the log as the log reader last said; NULL when it is not there. */
	const struct log_proto_status *(*log_status)(void *context);
	/* Opens one message in the viewer; `end` is called exactly once unless it is cancelled, and
	 * never from within this call. Returns a number for the two below, never 0. `queue` is
	 * where it was last seen, `text_bytes` how much of each text part is wanted
	 * (viewer_limits).
	 */
	uint64_t (*content_open)(void *context, struct slice id, enum queue queue,
	    enum viewer_mode mode, uint32_t part, uint32_t text_bytes,
	    const struct api_content_reader *reader);
	void (*content_cancel)(void *context, uint64_t content);
	/* A slow reader: stop and go on delivering frames. */
	void (*content_pause)(void *context, uint64_t content, bool pause);
	/* Calls `each` for everything that is degraded now. */
	void (*warnings)(
	    void *context, void (*each)(void *data, const struct warning *warning), void *data);
	/* 1 yes, 0 no, -1 not known. */
	int (*postfix_running)(void *context);
	/* "spool", "listing", or NULL while not known; and whether the source cannot be read now.
	 */
	const char *(*source_kind)(void *context);
	bool (*source_failed)(void *context);
	/* Appends all metrics (watch/metrics). */
	void (*metrics)(void *context, enum metrics_format format, struct buffer *out);
	/* Calls `each` for everybody who has something under way or has lately used something. */
	void (*people)(
	    void *context, void (*each)(void *data, const struct http_person *person), void *data);
};

struct api {
	struct query *query;
	struct api_scopes *scopes;
	struct numbers *numbers;
	struct store *store;
	struct jobs *jobs;
	struct settings *settings;
	struct pauses *pauses;
	struct metrics *metrics; /* to count what happens (watch/metrics/metrics.h) */
	struct incident_watch *incidents;
	struct alert_watch *alerts;
	struct http_events *events;
	struct http_server *http; /* NULL before it listens */
	struct auth *auth;
	struct hashing *hashing;
	struct otp_waiting *otp_waiting;
	struct strangers *strangers;
	struct audit *audit;
	struct audit_reading *audit_reading;
	struct api_audit *audit_memory;
	const struct role_config
	    *config;		    /* configuration and Postfix's facts; replaced as a whole */
	struct exchange *logreader; /* for log_lookup.h */
	struct exchange *notifier;  /* for exchange/notify.h */
	struct exchange *helper;    /* for exchange/pause_ports.h */
	struct exchange *identity;  /* for exchange/identity.h */
	struct oidc *oidc;
	struct api_probes *probes;
	struct api_services services;
};

/* Who asks, for query/ and whatever stands on it: what the caller may see and act on
 * (access/caller.h). Valid until the handler returns. */
const struct query_scope *api_scope(const struct api *api, const struct http_request *rq);

/* What he is told in the place of a generation of the queue (scopes.h). */
uint64_t api_generation(const struct api *api, const struct http_request *rq, uint64_t generation);
/* For numbers.h: NULL for who sees everything, who gets numbers as they are. */
const struct numbers *api_numbers(const struct api *api, const struct http_request *rq);
/* Whether something that was made within `scope` (NULL or "": within none) is in that of who
 * asks. */
bool api_made_within(const struct http_request *rq, const char *scope);

/* One of the six times of Postfix's configuration ("maximal_queue_lifetime"), in seconds; false
 * when it is not known or cannot be understood. */
bool api_time_setting(const struct api *api, const char *name, int64_t *seconds);
/* The lifetimes of mail, and of mail from the null sender, which Postfix keeps no longer than other
 * mail whatever is set; -1 for one that is not known. */
void api_lifetimes(const struct api *api, int64_t *maximal, int64_t *bounce);

/* JSON for what comes from outside: a string with U+FFFD for bytes that are not UTF-8. */
json_t *api_string(struct slice s);
/* null for an empty slice */
json_t *api_string_or_null(struct slice s);
/* The words of a text (base/said.h) as they came; null where they are empty or no JSON. */
json_t *api_words(struct slice words);
/* The words of a diagnosis: of its "title", "cause" or "advice". */
struct diagnosis;
json_t *api_diagnosis_words(const struct diagnosis *diagnosis, const char *part);
/* RFC 3339 of Unix seconds; api_time_or_null gives null for 0 */
json_t *api_time(int64_t seconds);
json_t *api_time_or_null(int64_t seconds);

/* Every table of routes of api/. */
const struct http_route *const *api_tables(size_t *count);
/* Adds them to the router, with `api` as their context. */
void api_register(struct api *api, struct http_router *router);

#endif
