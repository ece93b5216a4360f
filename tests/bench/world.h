/* The lifelike queue that the benchmarks are made of: who writes to whom, and what the world
 * answered. Message n is the same in every run. */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define WORLD_DOMAINS 2000
#define WORLD_RECIPIENTS_MAX 500

struct world_message {
	uint64_t seed; /* of what follows from it */
	char sender[80], subject[120], client_name[80], client_address[20], login[40], helo[80];
	unsigned recipients; /* 1 for nine in ten, up to WORLD_RECIPIENTS_MAX */
	bool long_id;
	int64_t arrival_us, next_retry;
	unsigned body; /* bytes of text */
};

/* Message `n`, arrived before `now` (Unix seconds). `only_one`: one recipient each. */
void world_message(uint64_t n, int64_t now, bool only_one, struct world_message *m);
/* Recipient `r` of it: its address, and why it was deferred with the code and host of that reply.
 * Four in ten reasons are long and unique, as large providers give them. */
struct world_recipient {
	char address[100], reason[900], dsn[12], host[80], diagnostic[600];
};
void world_recipient(const struct world_message *m, unsigned r, struct world_recipient *out);

#endif
