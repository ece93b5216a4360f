/* Routes beneath /api/v1/audit. */
#ifndef API_AUDIT_H
#define API_AUDIT_H

#include "http/router.h"

extern const struct http_route api_audit_routes[];

struct api;
struct api_audit;
struct audit_known;

/* What is remembered of the audit between requests: how the last look at all of it ended. */
struct api_audit *api_audit_create(void);
/* With nothing asked of api->audit_reading any more. Accepts a pointer to NULL. */
void api_audit_destroy(struct api_audit **audit);
/* A record that must be among them, from here on. */
void api_audit_know(struct api_audit *audit, const struct audit_known *known);

#endif
