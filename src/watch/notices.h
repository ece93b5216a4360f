/* What is degraded now, by code: the warnings of GET /queue. Each has a text made where the cause
 * is known, the fix, and since when. */
#ifndef WATCH_NOTICES_H
#define WATCH_NOTICES_H

#include <stdint.h>

#include "base/said.h"
#include "watch/warning.h"
#include "wire/problem.h"

struct notices;

struct notices *notices_create(void);
void notices_destroy(struct notices **notices);

/* Sets a notice; `owner` tells whose it is (a constant string), so that one part can take back all
 * of its own. The same code of the same owner is replaced and keeps its `since`. `fix` NULL: none.
 * Both are copied. */
void notices_set(struct notices *notices, const char *owner, const char *code, const char *severity,
    const struct said *text, const struct said *fix);
/* Also for `seconds` only, when not 0. */
void notices_set_for(struct notices *notices, const char *owner, const char *code,
    const char *severity, const struct said *text, const struct said *fix, int64_t seconds);
void notices_clear(struct notices *notices, const char *owner, const char *code);
/* Replaces all notices of `owner` by these problems. */
void notices_set_problems(
    struct notices *notices, const char *owner, const struct problem_list *problems);

/* The most serious first. */
void notices_each(
    struct notices *notices, void (*each)(void *data, const struct warning *warning), void *data);
/* Counts changes. */
uint64_t notices_version(const struct notices *notices);

#endif
