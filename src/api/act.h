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
	int64_t undoes;	     /* the job that it takes back, see act_read; 0: none */
	uint64_t generation; /* of the queue that the selection was made from */
};

/* Reads action and selection, and then calls `then`, unless the request has been answered (there is
 * an error) or its caller has gone. The selection is `view` and `except`; or `ids`; or `undoes`,
 * the number of a hold or release: what that job did and is still as it was, for the opposite
 * action. That is read from the store, so `then` may be called later; `body` is valid until it
 * returns. It takes `act` over: act_clear. */
typedef void act_then(
    struct http_request *rq, struct api *api, const json_t *body, struct act *act);
void act_read(struct http_request *rq, struct api *api, const json_t *body, act_then *then);
void act_clear(struct act *act);

/* Answers from an error of the store, the jobs or the settings. */
void act_reply_error(struct http_request *rq, const struct error *err);

#endif
