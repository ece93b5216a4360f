/* The probe that runs, and those of the last hour with their steps. In memory alone: after a
 * restart nobody waits for them, and an hour later they say nothing any more. */
#ifndef API_PROBE_RUNS_H
#define API_PROBE_RUNS_H

#include "api/api.h"
#include "wire/probe_proto.h"

/* A result is of a moment; so long it helps whoever looks at the incident. */
#define PROBE_RUNS_KEPT_S 3600
/* An hour of them at the pace below would be 600; nobody looks at more than the newest. */
#define PROBE_RUNS_KEPT_MAX 100
/* One at a time, and so many in a minute: a probe is seen by somebody else's server, and must not
 * look like an attack, nor make one. */
#define PROBE_RUNS_PER_MINUTE 10

struct probe_run {
	int64_t id;
	enum probe_kind kind;
	char *domain;	  /* NULL: our own address */
	int64_t incident; /* 0: none */
	char *by;
	char *scope;	    /* of who began it, "": none */
	int64_t at;	    /* Unix seconds */
	int64_t started_ms; /* monotonic */
	enum probe_run_state { PROBE_RUN_RUNNING, PROBE_RUN_DONE, PROBE_RUN_FAILED } state;
	enum probe_outcome outcome; /* once it is done */
	uint32_t took_ms;	    /* once it is over */
	char *summary;
	json_t *steps;
};

struct api_probes;

struct api_probes *api_probes_create(struct api *api);
/* The probe that runs is given up. Before the exchanges go that it asks over. Accepts a
 * pointer to NULL. */
void api_probes_destroy(struct api_probes **probes);

/* Whether one may begin now: probe_busy, probe_too_many, notifier_unavailable in `err`; and after
 * how many seconds. What is tested now is named to `rq` only where he may know of it. */
bool api_probes_may_begin(struct api_probes *probes, const struct http_request *rq,
    int64_t *retry_after, struct error *err);
/* Begins one, which api_probes_may_begin has allowed; texts are copied. Of a destination its first
 * step is where Postfix sends its mail, as the configuration and the helper (postmap -q) say. */
struct probe_asked {
	const char *domain; /* in lower case and ASCII; NULL: our own address */
	int64_t incident;
	const char *by;
	const char *scope; /* NULL: none */
};
const struct probe_run *api_probes_begin(
    struct api_probes *probes, const struct probe_asked *asked, const struct probe_question *own);

/* The newest first; those older than an hour are forgotten here. Valid until the next call. */
size_t api_probes_count(struct api_probes *probes);
const struct probe_run *api_probes_at(const struct api_probes *probes, size_t i);

/* `Probe` of api/openapi.yaml. */
json_t *api_probe_json(const struct numbers *numbers, const struct probe_run *run);

#endif
