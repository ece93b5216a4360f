/* An exchange over a channel that base/loop polls: what reader and log reader ask the helper with.
 * When the peer dies its questions end, and the supervisor sends a new channel. */
#ifndef EXCHANGE_LOOP_EXCHANGE_H
#define EXCHANGE_LOOP_EXCHANGE_H

#include <stdbool.h>

#include "base/loop.h"
#include "exchange/exchange.h"

struct loop_exchange;

/* `peer` names the process in the log; it and the loop outlive this. */
struct loop_exchange *loop_exchange_create(struct loop *loop, const char *peer);
/* Open questions end without a word. Accepts a pointer to NULL. */
void loop_exchange_destroy(struct loop_exchange **pointer);

/* A new channel takes the place of the old one, whose questions end first. Takes the descriptor. */
void loop_exchange_connect(struct loop_exchange *x, int fd);
/* To ask with; it stays ours. Its deadlines are of the monotonic clock. */
struct exchange *loop_exchange_questions(struct loop_exchange *x);
/* Ends the questions that are due; once between two waits, when what is asked next may be asked. */
void loop_exchange_tick(struct loop_exchange *x);
/* Once right before each wait: tells the loop what to wait for. */
void loop_exchange_update(struct loop_exchange *x);

#endif
