/* Which message came from whom: what the log said of each queue ID that later lines of it do not
 * say again. Bounded; those that were told of longest ago are forgotten first. */
#ifndef LOGREADER_LOG_LIVES_H
#define LOGREADER_LOG_LIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* What is remembered of a message. Texts are numbers (log_lives_text); 0: not told. */
struct log_life {
	uint64_t id;	 /* hash of the queue ID */
	uint64_t parent; /* the same of the ID that it had before a content filter; 0: none */
	uint32_t login, client, sender;
	uint32_t message_id; /* until its first attempt has failed */
	uint32_t deferred;   /* recipients since it was taken up */
	/* Of the first of these; the others are not remembered. */
	uint32_t domain, host;
	uint32_t deferred_so;  /* how many of them had that domain, host and cause */
	uint16_t cause;	       /* index of a diagnosis, and 1; 0: none */
	bool begun;	       /* its first line was seen */
	bool received;	       /* it was counted, or its former life was */
	uint8_t way;	       /* enum rate_way, of its first line */
	bool fresh;	       /* received here, and not taken up again since */
	bool ours;	       /* the watched instance's queue manager took it up */
	uint32_t older, newer; /* log_lives.c's own */
};

struct log_lives;

/* At most so many messages, and so many bytes of texts. */
struct log_lives *log_lives_create(uint32_t messages_max, size_t text_max);
/* Accepts a pointer to NULL. */
void log_lives_destroy(struct log_lives **lives);

/* NULL where it is not known. Valid until the next log_lives_get or log_lives_set. */
struct log_life *log_lives_find(struct log_lives *lives, struct slice id);
/* Made where it is not known. */
struct log_life *log_lives_get(struct log_lives *lives, struct slice id);
void log_lives_remove(struct log_lives *lives, struct slice id);
/* Forgets what is said of it, and keeps it. */
void log_lives_renew(struct log_lives *lives, struct log_life *life);
uint64_t log_lives_hash(const struct log_lives *lives, struct slice id);

/* Puts a text in the place of what a field of a life has; empty: none. Longer than RATES_KEY_MAX:
 * cut so that it is seen to be. May forget other messages, never this one. */
void log_lives_set(
    struct log_lives *lives, struct log_life *life, uint32_t *field, struct slice text);
/* The same text as another's. */
void log_lives_share(struct log_lives *lives, uint32_t *field, uint32_t text);
/* Empty for 0. Until the next log_lives_set. */
struct slice log_lives_text(const struct log_lives *lives, uint32_t text);

size_t log_lives_memory(const struct log_lives *lives);

#endif
