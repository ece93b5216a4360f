/* GET /api/v1/incidents: what is wrong, since when, who causes it; notes on it, and putting it
 * aside. */
#ifndef API_INCIDENTS_H
#define API_INCIDENTS_H

#include "api/api.h"

extern const struct http_route api_incidents_routes[];

/* Tells those who see a part of the queue that their list is another now, where it is. */
void api_incidents_changed(struct api *api);

#endif
