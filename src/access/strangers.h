/* What strangers were refused: counted, never written down one by one, so that nobody can fill the
 * database, the log or the memory from outside. What has come together goes into the audit and the
 * log as a few records: soon after the first, then at intervals that double up to an hour while it
 * goes on. */
#ifndef ACCESS_STRANGERS_H
#define ACCESS_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct audit;
struct strangers;

/* Names, each with an address, that are kept of failed sign-ins in one interval; the others are
 * counted together. */
#define STRANGERS_NAMES 64
#define STRANGERS_FIRST_MS 5000
#define STRANGERS_LONGEST_MS 3600000

struct strangers *strangers_create(void);
/* Accepts a pointer to NULL. */
void strangers_destroy(struct strangers **strangers);

/* A request was answered with an error before anybody knew who sent it. */
void strangers_refused(
    struct strangers *strangers, unsigned status, const char *peer, int64_t now_ms);
/* A sign-in failed; `name` as it was tried, "" for a one-time link. */
void strangers_sign_in_failed(
    struct strangers *strangers, struct slice name, const char *peer, int64_t now_ms);

/* Writes what has come together when it is time, or at once (`all_now`). */
void strangers_write(
    struct strangers *strangers, struct audit *audit, int64_t now_ms, bool all_now);

#endif
