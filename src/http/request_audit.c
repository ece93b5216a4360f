/* What the audit is told of a request. */
#include <string.h>

#include "audit/record.h"
#include "http/request_state.h"
#include "http/router.h"

static struct slice outcome(unsigned status)
{
	if (status == 0)
		/* What he asked for may have been done. */
		return SLICE("left");
	return status < 400 ? SLICE("done") : status < 500 ? SLICE("refused") : SLICE("failed");
}

struct slice http_audit_address(const char *peer)
{
	struct slice all = slice_of(peer);
	const char *port = strrchr(peer, ':');

	return slice_starts_with(all, "unix:") || port == NULL
		   ? all
		   : slice_first(all, (size_t)(port - peer));
}

/* Who stands behind a name that he could choose: that of a token, or of a link that he has made. */
static struct slice owner(const struct caller *caller)
{
	bool chosen = caller->via == VIA_TOKEN || strcmp(caller->owner, caller->name) != 0;

	return slice_of(chosen ? caller->owner : "");
}

struct audit_entry http_audit_entry(const struct http_request *rq, unsigned status)
{
	const struct caller *caller = &rq->caller;
	enum audit_action action = rq->route->audit;
	bool of_message = action == AUDIT_CONTENT_READ || action == AUDIT_SOURCE_READ;

	return (struct audit_entry){.action = action,
	    .who = slice_of(caller->name[0] != '\0' ? caller->name : "-"),
	    .role = slice_of(access_role_name(caller->role)),
	    .scope = slice_of(caller->scope != NULL ? caller->scope : ""),
	    .via = slice_of(caller_via_name(caller->via)),
	    .token = caller->via == VIA_TOKEN ? (int64_t)caller->id : 0,
	    .owner = owner(caller),
	    .uid = caller->via == VIA_SOCKET ? (int64_t)rq->socket_peer.uid + 1 : 0,
	    .from = http_audit_address(rq->peer),
	    .object = rq->target.path,
	    .message = of_message ? http_path_param(rq, "id") : SLICE(""),
	    .job = rq->audit_job,
	    .filter = buffer_slice(&rq->audit_filter),
	    .count = rq->audit_count,
	    .outcome = outcome(status),
	    .status = status,
	    .reference = slice_of(http_reference(rq)),
	    .text = slice_trim(slice_of(rq->audit_text))};
}
