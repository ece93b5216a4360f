/* One frame after the other, until there is none or the role ends. */
#include "wire/control_channel.h"

#include "base/log.h"
#include "wire/control_proto.h"

static void take_frame(
    struct channel *control, const struct control_taker *taker, struct frame *frame)
{
	switch (frame->type) {
	case CONTROL_CONFIG:
		taker->config(taker->context, frame);
		break;
	case CONTROL_PEER:
		taker->peer(taker->context, frame);
		break;
	case CONTROL_PING:
		control_answer_ping(control);
		break;
	default:
		log_warning("the supervisor sent a frame of unknown type %u", frame->type);
	}
}

bool control_take(struct channel *control, const struct control_taker *taker)
{
	for (;;) {
		struct frame frame;
		enum channel_result result = channel_receive(control, &frame);
		bool stop;

		if (result == CHANNEL_EMPTY)
			return true;
		if (result != CHANNEL_FRAME)
			return false;
		stop = frame.type == CONTROL_STOP;
		if (!stop)
			take_frame(control, taker, &frame);
		frame_close(&frame);
		if (stop)
			return false;
	}
}
