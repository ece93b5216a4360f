/* A short command whose output is wanted at once, bounded in time and size. */
#ifndef SUPERVISOR_CAPTURE_H
#define SUPERVISOR_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

#define CAPTURE_MAX ((size_t)256 << 10)

/* Runs argv (NULL-terminated; argv[0] is looked up in a fixed PATH) with an environment of its own
 * and waits for it. True when it exits with 0; then `out` holds its standard output. Otherwise
 * command_failed with its status or its first line of standard error, or timed_out: its process
 * group is killed then. */
bool capture_run(char *const *argv, int timeout_ms, struct buffer *out, struct error *err);

#endif
