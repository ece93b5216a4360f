/* Every table of the API. tools/check reads the tables and compares them with api/openapi.yaml. */
#include "api/accounts.h"
#include "api/completions.h"
#include "api/content.h"
#include "api/filters.h"
#include "api/groups.h"
#include "api/history.h"
#include "api/incidents.h"
#include "api/jobs.h"
#include "api/messages.h"
#include "api/previews.h"
#include "api/queue.h"
#include "api/queue_events.h"
#include "api/saved_views.h"
#include "api/series.h"
#include "api/settings.h"
#include "api/trace.h"
#include "api/views.h"

void api_register(struct api *api, struct http_router *router)
{
	http_router_add(router, api_login_routes, api);
	http_router_add(router, api_users_routes, api);
	http_router_add(router, api_accounts_routes, api);
	http_router_add(router, api_completions_routes, api);
	http_router_add(router, api_content_routes, api);
	http_router_add(router, api_filters_routes, api);
	http_router_add(router, api_groups_routes, api);
	http_router_add(router, api_history_routes, api);
	http_router_add(router, api_incidents_routes, api);
	http_router_add(router, api_jobs_routes, api);
	http_router_add(router, api_queue_events_routes, api);
	http_router_add(router, api_messages_routes, api);
	http_router_add(router, api_previews_routes, api);
	http_router_add(router, api_print_routes, api);
	http_router_add(router, api_queue_routes, api);
	http_router_add(router, api_saved_views_routes, api);
	http_router_add(router, api_series_routes, api);
	http_router_add(router, api_settings_routes, api);
	http_router_add(router, api_trace_routes, api);
	http_router_add(router, api_views_routes, api);
}
