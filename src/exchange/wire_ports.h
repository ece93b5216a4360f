/* ports.h over the channels to the helper and the reader. The server owns the channels and their
 * polling; it hands over the frames whose request number is ours (WIRE_PORTS_REQUEST is set in it).
 */
#ifndef EXCHANGE_WIRE_PORTS_H
#define EXCHANGE_WIRE_PORTS_H

#include <stdbool.h>

#include "exchange/ports.h"
#include "wire/channel.h"

/* Request numbers with this bit are ours on both channels; the server uses the others. */
#define WIRE_PORTS_REQUEST 0x80000000u

struct wire_ports;

/* `sent` (may be NULL) is called after frames were given to a channel, for owners that have to poll
 * it for writing then. */
struct wire_ports *wire_ports_create(void (*sent)(void *owner), void *owner);
/* Answers nothing that is still open. */
void wire_ports_destroy(struct wire_ports **ports);
/* The functions to give to jobs_create and settings_create; valid as long as `ports`. */
const struct ports *wire_ports_functions(struct wire_ports *ports);

/* A new channel to the role, not owned, or NULL when it is gone: what was asked over the old one is
 * answered with PORTS_LOST or FOUND_NOBODY by the next wire_ports_tick. */
void wire_ports_helper(struct wire_ports *ports, struct channel *channel);
void wire_ports_reader(struct wire_ports *ports, struct channel *channel);

/* A frame of that channel with our bit in its request number; the caller closes it. */
void wire_ports_helper_frame(struct wire_ports *ports, const struct frame *frame);
void wire_ports_reader_frame(struct wire_ports *ports, const struct frame *frame);

/* Deadlines of answers, and callbacks that are due: as in jobs.h. */
int64_t wire_ports_deadline_ms(const struct wire_ports *ports);
void wire_ports_tick(struct wire_ports *ports);

#endif
