/* Every table of the API. tools/check reads the tables and compares them with api/openapi.yaml. */
#include "api/accounts.h"
#include "api/content.h"
#include "api/live.h"

void api_register(struct api *api, struct http_router *router)
{
	http_router_add(router, api_accounts_routes, api);
	http_router_add(router, api_content_routes, api);
	http_router_add(router, api_live_routes, api);
}
