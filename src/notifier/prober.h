/* The probe that the server has asked for (wire/probe_proto.h): one at a time. */
#ifndef NOTIFIER_PROBER_H
#define NOTIFIER_PROBER_H

#include <stdint.h>

#include "notifier/notifier.h"
#include "wire/frame.h"

struct prober;

struct prober *prober_create(const struct notifier_parts *parts);
/* Accepts a pointer to NULL. */
void prober_destroy(struct prober **prober);

/* A PROBE frame. Its answers come by parts->answer; where one runs already, its end does at once.
 */
void prober_begin(struct prober *prober, const struct frame *frame);
/* Nobody waits for that one any more. One that is not there is nothing. */
void prober_cancel(struct prober *prober, uint32_t request);
/* Whichever runs. */
void prober_drop(struct prober *prober);

#endif
