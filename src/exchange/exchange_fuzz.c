/* Questions to a peer that says what it likes, when it likes. Input: pairs of bytes, what happens
 * and with what. Each question ends exactly once, or is cancelled and hears nothing more; and it is
 * open until then. */
#include "base/must_fuzz.h"
#include "exchange/exchange.h"

#define QUESTIONS_MAX 64

static struct world {
	struct exchange *exchange;
	struct channel *near, *far;
	int64_t now_ms;
	bool calling; /* exchange_frame or exchange_tick is under way */
	struct asked {
		uint32_t number;
		bool over; /* it has ended, or was cancelled */
	} asked[QUESTIONS_MAX];
	size_t count;
	uint8_t during; /* what a function does while it is called */
} world;

static struct asked *pick(uint8_t which)
{
	return world.count > 0 ? &world.asked[which % world.count] : NULL;
}

static bool hear(void *context, struct frame *frame, enum exchange_failure failure);

static void ask(uint8_t patience)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct asked *asked = &world.asked[world.count];

	if (world.count == QUESTIONS_MAX)
		return;
	world.count++;
	frame_begin(&frame, 1, 0);
	asked->number = exchange_ask(world.exchange, &frame,
	    patience == 255 ? EXCHANGE_NO_DEADLINE : world.now_ms + patience, hear, asked);
	must(asked->number != 0);
}

static void cancel(struct asked *asked)
{
	void *context;

	if (asked == NULL)
		return;
	context = exchange_cancel(world.exchange, asked->number);
	must(context == (asked->over ? NULL : asked));
	asked->over = true;
}

static void attach(bool somebody)
{
	int ends[2];
	struct channel *near = NULL, *far = NULL;

	if (somebody) {
		must(channel_pair(ends, NULL));
		near = channel_create(ends[0]);
		far = channel_create(ends[1]);
	}
	exchange_attach(world.exchange, near);
	channel_destroy(&world.near);
	channel_destroy(&world.far);
	world.near = near;
	world.far = far;
	must(exchange_is_up(world.exchange) == somebody);
}

/* The type of a frame says whether it is the last one of its answer. */
static bool hear(void *context, struct frame *frame, enum exchange_failure failure)
{
	struct asked *asked = context;
	bool last = frame == NULL || frame->type % 2 != 0;

	must(world.calling && !asked->over);
	must((frame != NULL) == (failure == EXCHANGE_ANSWERED));
	asked->over = last;
	if (world.during % 4 == 1)
		ask(world.during);
	else if (world.during % 4 == 2 && pick(world.during) != asked)
		cancel(pick(world.during));
	else if (world.during % 4 == 3)
		exchange_attach(world.exchange, NULL);
	return last;
}

static void say(uint8_t type, uint32_t number)
{
	struct frame frame = {.type = type, .request = number};
	enum exchange_taken taken;
	bool open = exchange_is_open(world.exchange, number);

	world.calling = true;
	taken = exchange_frame(world.exchange, &frame);
	world.calling = false;
	must(open || taken != EXCHANGE_TAKEN);
	must(number != 0 || taken == EXCHANGE_UNASKED);
}

static void tick(uint8_t ms)
{
	world.now_ms += ms;
	world.calling = true;
	exchange_tick(world.exchange, world.now_ms);
	world.calling = false;
}

static void step(uint8_t what, uint8_t with)
{
	struct asked *asked = pick(with);

	switch (what % 8) {
	case 0:
		ask(with);
		break;
	case 1:
		say(what / 8, asked != NULL ? asked->number : with);
		break;
	case 2:
		say(what / 8, (uint32_t)with << 24 | with);
		break;
	case 3:
		cancel(asked);
		break;
	case 4:
		tick(with);
		break;
	case 5:
		attach(with % 2);
		break;
	default:
		world.during = with;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	world = (struct world){.exchange = exchange_create()};
	attach(true);
	for (size_t i = 0; i + 1 < size && i < 1000; i += 2) {
		step(data[i], data[i + 1]);
		for (size_t n = 0; n < world.count; n++)
			must(exchange_is_open(world.exchange, world.asked[n].number) ==
			     !world.asked[n].over);
	}
	/* Nobody waits for ever once the peer is gone: what asks again then is told as well. */
	attach(false);
	world.during = 0;
	tick(0);
	for (size_t n = 0; n < world.count; n++)
		must(world.asked[n].over);
	must(exchange_deadline_ms(world.exchange) == -1);
	exchange_destroy(&world.exchange);
	return 0;
}
