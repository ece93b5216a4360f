/* Numbers of jobs, incidents, sessions and the like as whoever sees a part of the queue knows them.
 * The counters themselves would tell him how much is done outside of his part: a job of today and
 * one of tomorrow say how many there were between. So he gets another number for each, by a
 * permutation with a key: nobody without the key can tell what comes before it or behind it. */
#ifndef API_NUMBERS_H
#define API_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct numbers;

/* One thing never has the number of another kind's. */
enum number_kind {
	NUMBER_JOB,
	NUMBER_INCIDENT,
	NUMBER_PROBE,
	NUMBER_SAVED_VIEW,
	NUMBER_PAUSE,
	NUMBER_TIME,
	NUMBER_SESSION,
	NUMBER_TOKEN
};

/* Numbers from 1 to this, and so are those that are shown: more than anybody makes. */
#define NUMBERS_MAX ((INT64_C(1) << 40) - 1)

/* With a key by chance, until numbers_use_secret. */
struct numbers *numbers_create(void);
/* Accepts a pointer to NULL. */
void numbers_destroy(struct numbers **numbers);
/* The key is made from this secret of `size` bytes from now on: what somebody has noted down holds
 * after a restart. A second call changes nothing. */
void numbers_use_secret(struct numbers *numbers, const void *secret, size_t size);

/* The number that is shown for `number`, and the other way round. What is not between 1 and
 * NUMBERS_MAX becomes 0. With `numbers` NULL (for who sees everything) both give what they get. */
int64_t numbers_shown(const struct numbers *numbers, enum number_kind kind, int64_t number);
int64_t numbers_meant(const struct numbers *numbers, enum number_kind kind, int64_t shown);

/* Some bytes as a text that tells nothing of them, and back: for what somebody brings again that he
 * must not read. The same bytes give the same text. `size`: NUMBERS_SEALED_SIZE of `len`. False
 * where it was not made here. */
#define NUMBERS_SEALED_SIZE(len) (((len) + 40 + 2) / 3 * 4 + 1)
void numbers_seal(
    const struct numbers *numbers, const void *bytes, size_t len, char *text, size_t size);
bool numbers_open(const struct numbers *numbers, struct slice text, void *bytes, size_t len);

#endif
