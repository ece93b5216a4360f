/* `Incident` and `IncidentDetail` of api/openapi.yaml. */
#ifndef API_INCIDENT_JSON_H
#define API_INCIDENT_JSON_H

#include <jansson.h>

#include "watch/incident_tracking.h"

/* `tracking` knows which others it explains. */
json_t *api_incident_json(
    const struct incident_record *record, const struct incident_tracking *tracking);
/* The same with its timeline. */
json_t *api_incident_detail_json(
    const struct incident_record *record, const struct incident_tracking *tracking);
json_t *api_incident_note_json(const struct incident_note *note);

#endif
