/* Every table of the API. tools/check reads the tables and compares them with api/openapi.yaml. */
#include "api/accounts.h"
#include "api/alert_setup.h"
#include "api/alerts.h"
#include "api/audit.h"
#include "api/completions.h"
#include "api/content.h"
#include "api/filters.h"
#include "api/groups.h"
#include "api/history.h"
#include "api/incidents.h"
#include "api/jobs.h"
#include "api/messages.h"
#include "api/metrics.h"
#include "api/oidc.h"
#include "api/otp.h"
#include "api/own_password.h"
#include "api/pauses.h"
#include "api/previews.h"
#include "api/probes.h"
#include "api/queue.h"
#include "api/queue_events.h"
#include "api/saved_views.h"
#include "api/series.h"
#include "api/sessions.h"
#include "api/settings.h"
#include "api/trace.h"
#include "api/usage.h"
#include "api/views.h"

static const struct http_route *const tables[] = {
    api_login_routes,
    api_login_otp_routes,
    api_otp_routes,
    api_own_password_routes,
    api_usage_routes,
    api_users_routes,
    api_accounts_routes,
    api_alert_setup_routes,
    api_alerts_routes,
    api_audit_routes,
    api_completions_routes,
    api_content_routes,
    api_filters_routes,
    api_groups_routes,
    api_history_routes,
    api_incidents_routes,
    api_jobs_routes,
    api_queue_events_routes,
    api_messages_routes,
    api_metrics_routes,
    api_oidc_routes,
    api_pauses_routes,
    api_previews_routes,
    api_print_routes,
    api_probes_routes,
    api_queue_routes,
    api_saved_views_routes,
    api_sessions_routes,
    api_series_routes,
    api_settings_routes,
    api_trace_routes,
    api_views_routes,
};

const struct http_route *const *api_tables(size_t *count)
{
	*count = sizeof(tables) / sizeof(tables[0]);
	return tables;
}

void api_register(struct api *api, struct http_router *router)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		http_router_add(router, tables[i], api);
}
