/* /pauses: mail that is held back for a time, and the set-up of Postfix that it needs; the preview
 * of a pause, for previews.c. */
#ifndef API_PAUSES_H
#define API_PAUSES_H

#include "api/api.h"

struct pause;

/* Answers POST /previews with a `pause` in its body. */
void api_pauses_preview(struct http_request *rq, struct api *api, const json_t *pause);

extern const struct http_route api_pauses_routes[];

#endif
