/* What people who are known were refused. Each of their first refusals is a record of its own; when
 * one person is refused again and again the rest of ten minutes becomes one record, so that nobody
 * who may look at the queue can fill the disk with records of what he may not. Pure: times are
 * given, and records are told to a function. */
#ifndef ACCESS_REFUSALS_H
#define ACCESS_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/record.h"

struct refusals;

/* So many of one person are told one by one, in ten minutes: 7 MB a day at most. */
#define REFUSALS_EACH 120
#define REFUSALS_MS 600000
/* People who are refused anything within that time; the refusals of still others are counted
 * together. */
#define REFUSALS_PEOPLE 128

struct refusals *refusals_create(void);
/* Accepts a pointer to NULL. */
void refusals_destroy(struct refusals **refusals);

/* A refused request of somebody known, as it would be recorded. True: it is to be recorded; false:
 * it was counted. */
bool refusals_take(struct refusals *refusals, const struct audit_entry *entry, int64_t now_ms);

/* Tells what was counted, when its ten minutes are over, or at once (`all_now`). Slices of an entry
 * are good for the call. */
typedef void refusals_tell(void *context, const struct audit_entry *entry);
void refusals_write(
    struct refusals *refusals, int64_t now_ms, bool all_now, refusals_tell *tell, void *context);

#endif
