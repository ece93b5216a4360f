/* Mail that the log has seen again and again: the same message ID of the same sender to the same
 * recipient, and the same sender and recipient. Pure and bounded: steps of five minutes, each with
 * a table of the keys that came most (base/rate_table.h), and a short list of those that came
 * often.
 *
 * What gives way in a table is a key that has just come once: a circle comes back within seconds or
 * minutes, so it stays where fewer than LOG_REPEATS_KEYS others come between two of its rounds. */
#ifndef LOGREADER_LOG_REPEATS_H
#define LOGREADER_LOG_REPEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* What is told counts the last half hour: between 25 and 30 minutes, in steps. */
#define LOG_REPEATS_STEP 300
#define LOG_REPEATS_STEPS 6
/* Keys of each kind in a step; of 100 bytes each all of them take 5 MB. */
#define LOG_REPEATS_KEYS 2048
/* Nothing is told of what came less often. Half of what is a loop for two addresses, of which one
 * answers less often than the other (watch/incidents/mail.c). */
#define LOG_REPEATS_LEAST 6
/* Of each kind: those that came most often. */
#define LOG_REPEATS_TOLD 16
/* A longer address or message ID is nobody's: such mail is not counted here. */
#define LOG_REPEATS_TEXT_MAX 150

struct log_repeats;

struct log_repeat {
	bool message_id;
	uint32_t times;
	struct slice sender, text; /* text: the message ID as it was logged, or the recipient */
};

struct log_repeats *log_repeats_create(void);
/* Accepts a pointer to NULL. */
void log_repeats_destroy(struct log_repeats **repeats);
void log_repeats_reset(struct log_repeats *repeats);

/* One message to one recipient, logged at that time (Unix seconds), by its message ID (empty: none)
 * and by its addresses. What is older than the half hour before the newest counts nothing; a jump
 * back by more begins anew. The null sender ("<>") makes no pair: nobody answers it. */
void log_repeats_add(struct log_repeats *repeats, int64_t at, struct slice message_id,
    struct slice sender, struct slice recipient);

/* Those that came LOG_REPEATS_LEAST times or more in the half hour before `now`, the most often
 * first within each kind. How many; at most 2 * LOG_REPEATS_TOLD. Valid until the next call of
 * anything here. */
size_t log_repeats_find(
    struct log_repeats *repeats, int64_t now, struct log_repeat out[2 * LOG_REPEATS_TOLD]);

size_t log_repeats_memory(const struct log_repeats *repeats);

#endif
