/* ports.h over two exchanges, with the helper and with the reader. */
#ifndef EXCHANGE_WIRE_PORTS_H
#define EXCHANGE_WIRE_PORTS_H

#include "exchange/exchange.h"
#include "exchange/ports.h"

struct wire_ports;

/* Both exchanges stay the caller's, who gives them their frames and ticks, by the monotonic clock;
 * they outlive this. */
struct wire_ports *wire_ports_create(struct exchange *helper, struct exchange *reader);
/* Answers nothing that is still open. Accepts a pointer to NULL. */
void wire_ports_destroy(struct wire_ports **ports);
/* The functions to give to jobs_create and settings_create; valid as long as `ports`. */
const struct ports *wire_ports_functions(struct wire_ports *ports);

#endif
