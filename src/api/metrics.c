/* The numbers for Prometheus: everything that is told stands in src/watch/metrics. Asked with a
 * token here, or without one on metrics.listen. */
#include "api/metrics.h"

static void get_metrics(struct http_request *rq, void *context)
{
	struct api *api = context;
	BUFFER_AUTO struct buffer text = {0};
	struct slice accept = SLICE("");
	enum metrics_format format;

	http_header(rq, "Accept", &accept);
	format = metrics_format_of(accept);
	api->services.metrics(api->services.context, format, &text);
	http_set_header(rq, "Vary", "Accept");
	http_reply_bytes(rq, 200, metrics_content_type(format), text.data, text.len);
}

const struct http_route api_metrics_routes[] = {
    {HTTP_GET, "/metrics", RIGHT_VIEWER, 0, NULL, get_metrics},
    {.path = NULL},
};
