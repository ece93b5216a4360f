/* `Incident` and `IncidentDetail` of api/openapi.yaml. */
#ifndef API_INCIDENT_JSON_H
#define API_INCIDENT_JSON_H

#include <jansson.h>

#include "api/numbers.h"
#include "query/scope.h"
#include "watch/incident_tracking.h"

/* Whom they are told to. */
struct incident_asker {
	const struct incident_tracking *tracking; /* knows which others an incident explains */
	const struct query_scope *scope;
	const struct numbers *numbers;
};

/* Whether an incident may be told within a scope: all that it is about is in it, whatever comes.
 * One about the host, a service, or a destination of many domains is about other mail, too. */
bool api_incident_within(const struct query_scope *scope, const struct incident_row *row);

/* Of one that may be told. Within a scope without what people wrote about it or did, who may see
 * more. */
json_t *api_incident_json(const struct incident_record *record, const struct incident_asker *asker);
/* The same with its timeline. */
json_t *api_incident_detail_json(
    const struct incident_record *record, const struct incident_asker *asker);
json_t *api_incident_note_json(const struct incident_note *note);

#endif
