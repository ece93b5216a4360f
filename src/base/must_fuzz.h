/* For fuzz targets: what holds for every input. */
#ifndef BASE_MUST_FUZZ_H
#define BASE_MUST_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process where it does not hold: that is a finding. */
static inline void must(bool holds)
{
	if (!holds)
		abort();
}

/* `part` is empty or lies within `whole`. */
static inline void must_lie_in(struct slice part, struct slice whole)
{
	uintptr_t at = (uintptr_t)part.data, from = (uintptr_t)whole.data;

	must(part.len == 0 ||
	     (at >= from && part.len <= whole.len && at - from <= whole.len - part.len));
}

#endif
