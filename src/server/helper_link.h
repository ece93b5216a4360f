/* The helper, as the server sees it: the channel to it, whether it works, and views of messages. */
#ifndef SERVER_HELPER_LINK_H
#define SERVER_HELPER_LINK_H

#include <uv.h>

#include "api/api.h"
#include "exchange/exchange.h"
#include "server/link.h"
#include "watch/notices.h"
#include "wire/helper_proto.h"

/* How often the helper is asked what works; one that has not answered by the next time is said to
 * be silent. */
#define HELPER_LINK_STATUS_MS 10000
/* A viewer that says nothing for so long is given up. */
#define HELPER_LINK_VIEW_TIMEOUT_MS 30000
/* Viewers at once, each a process of its own with up to 256 MiB. */
#define HELPER_LINK_VIEWS_MAX 8

struct helper_link;

struct helper_link_events {
	void *context;
	/* The helper said what works. */
	void (*status)(void *context, const struct helper_status *status);
	/* The helper came. */
	void (*came)(void *context);
};

/* Down until helper_link_attach. The exchange stays the caller's, who ticks it; it outlives this.
 */
struct helper_link *helper_link_create(uv_loop_t *loop, struct notices *notices,
    struct exchange *questions, const struct helper_link_events *events);
void helper_link_destroy(struct helper_link **client);
void helper_link_attach(struct helper_link *client, int fd);
struct link *helper_link_link(struct helper_link *client);
/* 1 yes, 0 no, -1 not known */
int helper_link_postfix_running(const struct helper_link *client);

/* As in struct api_services. */
uint64_t helper_link_view(struct helper_link *client, const struct helper_view *question,
    const struct api_content_reader *reader);
void helper_link_view_cancel(struct helper_link *client, uint64_t view);
void helper_link_view_pause(struct helper_link *client, uint64_t view, bool pause);

#endif
