/* Questions to one other process, and their answers: request numbers, deadlines, cancelling, a peer
 * that dies, a peer that takes nothing, answers of several frames.
 *
 * Bound to no loop. Whoever owns the channel polls it, gives each frame that it receives to
 * exchange_frame, and calls exchange_tick before each wait (loop_exchange.h does so on base/loop,
 * the server on libuv). Bound to no clock either: times are given, in milliseconds of whatever
 * clock the owner goes by.
 *
 * A question that is not cancelled ends exactly once. Its function is only ever called from within
 * exchange_frame and exchange_tick, never from within the call that asked or attached. */
#ifndef EXCHANGE_EXCHANGE_H
#define EXCHANGE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "wire/channel.h"
#include "wire/frame.h"

struct exchange;

/* Nothing more is asked while so many bytes wait for a peer that does not take them: a question
 * fails then (EXCHANGE_FULL) instead of eating the memory. */
#define EXCHANGE_QUEUE_MAX CHANNEL_QUEUE_HIGH
/* Patience without an end. */
#define EXCHANGE_NO_DEADLINE INT64_MAX

/* Why a question ended without the last frame of its answer. */
enum exchange_failure {
	EXCHANGE_ANSWERED, /* it did not: there is a frame */
	EXCHANGE_GONE,	   /* the peer is not there, or went away; what it did is not known */
	EXCHANGE_LATE,	   /* its deadline came; what the peer says later is dropped */
	EXCHANGE_FULL,	   /* not asked: the peer takes nothing (EXCHANGE_QUEUE_MAX) */
};

/* One frame of the answer, which may be taken descriptors from; or NULL and why there is none: then
 * no more will come. True when the answer is complete (ignored with NULL). It may ask, cancel and
 * attach, but not destroy. */
typedef bool exchange_fn(void *context, struct frame *frame, enum exchange_failure failure);

/* With nobody to ask, until exchange_attach. */
struct exchange *exchange_create(void);
/* Open questions end without a word. Accepts a pointer to NULL. */
void exchange_destroy(struct exchange **exchange);

/* A (new) channel to the peer, which stays the caller's and has to outlive the next call of this;
 * NULL: the peer is gone. What was asked before ends by the next exchange_tick. */
void exchange_attach(struct exchange *exchange, struct channel *channel);
bool exchange_is_up(const struct exchange *exchange);

/* Asks: `frame` is one whole frame, and gets its request number here. Returns that number, never 0:
 * it names the question for the calls below, and no other for the next 2^32. Where there is nobody
 * to ask, the next exchange_tick says so. */
uint32_t exchange_ask(struct exchange *exchange, struct buffer *frame, int64_t deadline_ms,
    exchange_fn *fn, void *context);
/* Sends a frame that no answer is expected to. False when the peer is gone. */
bool exchange_send(struct exchange *exchange, struct buffer *frame);
/* The question ends without a word; frames that still come for it are dropped. Returns its context,
 * or NULL when it has ended already. */
void *exchange_cancel(struct exchange *exchange, uint32_t number);
/* The same with all questions of that context. */
void exchange_forget(struct exchange *exchange, const void *context);
/* Whether it has not ended: a function that calls others asks this between two of them. */
bool exchange_is_open(const struct exchange *exchange, uint32_t number);

enum exchange_taken {
	EXCHANGE_TAKEN,	  /* it was of an answer */
	EXCHANGE_STALE,	  /* of a question that has ended, or been cancelled */
	EXCHANGE_UNASKED, /* of none that was ever asked; an event, where the number is 0 */
};
/* A frame of the peer; the caller closes it afterwards. */
enum exchange_taken exchange_frame(struct exchange *exchange, struct frame *frame);

/* Ends the questions whose time has come, and those whose peer is gone. What their functions ask
 * waits for the next call. */
void exchange_tick(struct exchange *exchange, int64_t now_ms);
/* When exchange_tick has something to do: a time, 0 for at once, -1 for never. */
int64_t exchange_deadline_ms(const struct exchange *exchange);

#endif
