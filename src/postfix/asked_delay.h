/* How long a server asks us to wait before the next attempt, from the words of its reply:
 *
 *     451 4.7.1 Greylisted, please come back in 180 seconds
 *     450 4.7.1 Greylisted by policy, retry in 00:05:00
 *     451 DT:SPM 163 mx13, please try again 15min later
 */
#ifndef POSTFIX_ASKED_DELAY_H
#define POSTFIX_ASKED_DELAY_H

#include <stdint.h>

#include "base/slice.h"

/* More than this is no delay that a server would ask for. */
#define ASKED_DELAY_MAX (UINT32_C(7) * 86400)

/* The seconds that the reply in a reason asks for; 0 when it asks for none. Only what stands behind
 * words such as "try again" or "wait" counts, so that "100 messages in 60 seconds" does not. Linear
 * in the reason's length. */
uint32_t asked_delay(struct slice reason);

#endif
