/* One message from the descriptors that the helper opened: its queue file and its defer log. */
#ifndef READER_MESSAGE_FILE_H
#define READER_MESSAGE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "postfix/defer_log.h"
#include "postfix/message.h"
#include "postfix/queue_file.h"

/* Scratch for any number of messages. Zero-initialise; message_file_free at the end. */
struct message_file {
	struct message message; /* the last one read */
	struct queue_file parser;
	struct defer_log log;
	struct buffer window;
	struct queue_file_stat stat; /* what the file system said of it */
};

enum message_file_result {
	MESSAGE_FILE_READ,	/* `message` has it, damaged or not */
	MESSAGE_FILE_NOT_READY, /* still being written */
	MESSAGE_FILE_ERROR,	/* errno */
};

/* A file as the helper gives it: a descriptor, which stays the caller's, or all its bytes. With
 * neither (-1, NULL) there is no such file. */
struct message_file_part {
	int fd; /* -1: none */
	struct slice bytes;
};

/* One message. `stat` is of the queue file, `log_stamp` of the defer log (helper_record), both from
 * before they were read: what changes them afterwards gives others, and it is read again. */
struct message_file_parts {
	struct queue_file_stat stat;
	uint32_t log_stamp;
	struct message_file_part queue_file, defer_log, bounce_log;
};

/* Reads by pread, never with a lock. */
enum message_file_result message_file_read(
    struct message_file *f, const struct message_file_parts *parts);
void message_file_free(struct message_file *f);

/* What tells a changed file from an unchanged one, in message.signature: inode, size, mtime, and of
 * the mode what Postfix says by it; not the queue, since a rename changes nothing in the file.
 * Never 0. Nearly always a defer log changes together with it: the queue manager removes the log on
 * activation, and sets a new mtime when the attempt that wrote it ends. For the rest there is
 * message.log_stamp: an attempt that ends when the message is on hold already, and two attempts in
 * the same second. */
uint32_t message_file_signature(const struct queue_file_stat *stat);

#endif
