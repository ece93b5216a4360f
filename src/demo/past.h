/* What had been before the demo began, so that its page has a day to tell of: a mail log of the
 * last day with an outage that is over, the depth of the queue at those times, and mail that
 * has waited for minutes to days. From the moment that Postfix runs all of it is Postfix's own:
 * what waits is tried again like any other mail. */
#ifndef DEMO_PAST_H
#define DEMO_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "demo/instance.h"

/* Writes the log of the PAST_SECONDS before `now` (Unix seconds) as one that was rotated, beside
 * the instance's own. Before Postfix starts. Errors: io_error. */
bool past_write_log(
    const struct instance *in, const struct network *net, int64_t now, struct error *err);

/* Puts mail that was received up to three days before `now` into the deferred queue, with the
 * reasons why it waits. When Postfix runs, as its start makes the directories. Errors: io_error,
 * no_postfix. */
bool past_plant_mail(
    const struct instance *in, const struct network *net, int64_t now, struct error *err);

/* Writes depths of the queue before `now`, and the outage as an incident that has ended, into the
 * service's database, which is made. Becomes `user` for good, so it is for a process that does
 * nothing else. Before the service starts. Errors: those of db_open. */
bool past_write_store(const char *database, const char *user, int64_t now, struct error *err);

/* ---- What the three agree on ---- */

/* While customer.example refused connections; in seconds before now. */
#define PAST_OUTAGE_FROM (9 * 3600)
#define PAST_OUTAGE_TO (7 * 3600 + 1800)
/* More than the day that a baseline needs. */
#define PAST_SECONDS (26 * 3600)

/* Mail that waits, by destination, and with which reason. */
struct past_waiting {
	const char *domain;
	unsigned messages;
	unsigned youngest, oldest; /* minutes ago */
	const char *dsn;
	const char *reason; /* "{host}" is the server's name and address, "{rcpt}" the recipient */
};
const struct past_waiting *past_waiting(size_t *count);
/* Letter `i` of one of them was received so many seconds before now. */
int64_t past_age(const struct past_waiting *waiting, unsigned i);

/* Postfix's long queue ID of a message that was received at `seconds` in a file of that inode
 * (global/mail_queue.h); the microseconds follow from `inode`. */
#define PAST_ID_SIZE 32
void past_queue_id(char out[PAST_ID_SIZE], int64_t seconds, uint64_t inode);
/* The directory of that ID below deferred and defer (hash_queue_depth 1): one of 16 digits. */
char past_queue_hash(uint64_t inode);

#endif
