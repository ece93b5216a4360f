/* Hands the demo's letters to its Postfix over SMTP. */
#ifndef DEMO_FEEDER_H
#define DEMO_FEEDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "demo/letter.h"

/* Sends one letter to 127.0.0.1:port. Errors: io_error, refused. */
bool feeder_send(uint16_t port, const struct letter *letter, struct error *err);

/* Waits until something answers SMTP there, at most `seconds`. Errors: timed_out. */
bool feeder_wait(uint16_t port, int seconds, struct error *err);

/* Sends the first queue at once and then one letter every few seconds, for ever. A letter that is
 * not taken (Postfix stopped or reloading) is let go. */
_Noreturn void feeder_run(uint16_t port);

#endif
