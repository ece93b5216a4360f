/* The server's questions go to the issuer (issuer.h), and its answers come back. */
#include "identity/identity.h"

#include "base/log.h"
#include "identity/issuer.h"
#include "role/answerer.h"
#include "wire/identity_proto.h"

struct identity {
	struct answerer *answerer;
	struct issuer *issuer;
};

static void take_frame(void *context, const struct frame *frame)
{
	struct identity *id = context;
	uint32_t request;

	if (identity_cancel_decode(frame, &request))
		issuer_cancel(id->issuer, request);
	else if (!issuer_begin(id->issuer, frame))
		log_warning("the server sent a frame of unknown type %u", frame->type);
}

static void drop(void *context)
{
	struct identity *id = context;

	issuer_drop(id->issuer);
}

static void answer(void *context, const struct buffer *frame)
{
	struct identity *id = context;

	answerer_send(id->answerer, frame);
}

int identity_main(int control_fd)
{
	struct identity id = {0};
	bool ok;

	/* Without a configuration: every question brings what of it is needed. */
	id.answerer = answerer_create(
	    control_fd, &(struct answerer_work){.take = take_frame, .drop = drop, .context = &id});
	id.issuer = issuer_create(answerer_loop(id.answerer), answer, &id);
	ok = answerer_run(id.answerer);
	issuer_destroy(&id.issuer);
	answerer_destroy(&id.answerer);
	return ok ? 0 : 1;
}
