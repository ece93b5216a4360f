/* What the requests that act on messages have in common: which messages are meant, and how a
 * request waits for the store or the job engine. */
#ifndef API_ACT_H
#define API_ACT_H

#include "api/api.h"
#include "jobs/selection.h"
#include "store/job_rows.h"

struct act {
	enum job_action action;
	struct selection *selection; /* owned: act_clear */
	struct selection_left left;
	char *filter;	     /* of the view; NULL for explicit IDs */
	uint64_t generation; /* of the queue that the selection was made from */
};

/* Reads action and selection (`view` and `except`, or `ids`). False: the request has been answered.
 */
bool act_read(struct http_request *rq, struct api *api, const json_t *body, struct act *act);
void act_clear(struct act *act);

/* Answers from an error of the store, the jobs or the settings. */
void act_reply_error(struct http_request *rq, const struct error *err);

#endif
