/* /settings and the history of changes. */
#ifndef API_SETTINGS_H
#define API_SETTINGS_H

#include "api/api.h"
#include "store/settings_rows.h"

extern const struct http_route api_settings_routes[];

/* `SettingsChange` in api/openapi.yaml; a new reference. */
json_t *api_settings_change_json(const struct settings_rows_change *change);

#endif
