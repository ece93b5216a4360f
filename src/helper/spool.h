/* Files beneath the queue directory, read-only. Paths are computed here from a queue and an ID that
 * passes queue_id_valid: nothing that a peer sends is ever part of a path otherwise. Never a lock
 * and never a write (docs/POSTFIX.md, "Reading beside Postfix"). */
#ifndef HELPER_SPOOL_H
#define HELPER_SPOOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/slice.h"
#include "postfix/queue_id.h"
#include "wire/control_proto.h"
#include "wire/helper_proto.h"

/* The directory that the last file was opened in: the next is mostly there too, and the way to it
 * is not walked again. */
struct spool_near {
	int fd; /* -1: none yet */
	unsigned queue;
	char hash[QUEUE_ID_HASH_SIZE];
};

/* For one question: it holds directories open, and another may be in their place by the next. */
struct spool {
	int root;	 /* the queue directory */
	unsigned depth;	 /* hash_queue_depth */
	uint32_t hashed; /* HELPER_QUEUE_BIT of the queues in hash_queue_names */
	struct spool_near messages, logs;
};

/* Opens the queue directory that the facts name; 0, or an errno value. spool_close in any case. */
int spool_open(struct spool *spool, const struct role_config *config);
void spool_close(struct spool *spool);

/* Mode, time, inode and size; queue and name are the caller's. */
void spool_record(struct helper_record *record, const struct stat *st);

/* What tells one state of a defer log from another: helper_record's log_stamp, never 0. `log` is
 * what fstat said of it, NULL where there is none. */
uint32_t spool_stamp(const struct stat *log);
/* The same, of a log that is not opened. */
uint32_t spool_log_stamp(struct spool *spool, struct slice id);

/* A directory below `at`, for listing; a descriptor, or -1 with errno. */
int spool_open_directory(int at, const char *name);

/* A file that was opened, and what fstat said of it then. */
struct spool_file {
	int fd; /* -1: none */
	struct stat st;
};

/* The queue file of `id`: in `hint` first, then where it may have moved to. 0 with *file and
 * *queue, or an errno value: ENOENT in no queue; EAGAIN still being written, or marked as corrupt;
 * EINVAL no ID. */
int spool_open_message(
    struct spool *spool, struct slice id, unsigned hint, struct spool_file *file, uint8_t *queue);

/* The same without opening it, and whether it is ready or not; `hint` may be HELPER_QUEUE_GONE: 0
 * with *st and *queue, or an errno value: ENOENT in no queue; EINVAL no ID, or no regular file. */
int spool_look(
    struct spool *spool, struct slice id, unsigned hint, struct stat *st, uint8_t *queue);

/* The log of `id` in QUEUE_DEFER_LOGS or QUEUE_BOUNCE_LOGS. 0, or an errno value. */
int spool_open_log(struct spool *spool, struct slice id, unsigned queue, struct spool_file *file);

/* Puts all of a file into `room` bytes, when there is room and none of it has to be fetched from a
 * disk. */
bool spool_read(const struct spool_file *file, char *place, size_t room);

/* A non-blocking connection to a socket in public/, "showq" or "flush"; -1 with errno (EAGAIN: its
 * listen queue is full). */
int spool_connect(const struct role_config *config, const char *service);
/* Whether some process has the socket of this service, without connecting to it: a showq that
 * somebody connects to lists the whole queue, even for one who has gone. errno says why not. */
bool spool_is_served(const struct role_config *config, const char *service);

#endif
