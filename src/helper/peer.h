/* The other ends of the helper's channels, and what all of the helper's files share. */
#ifndef HELPER_PEER_H
#define HELPER_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"
#include "wire/channel.h"
#include "wire/control_proto.h"
#include "wire/helper_proto.h"

struct runs;
struct walk;
struct log_tail;
struct child;
struct peer;
struct peer_events;
struct pause_tables;

/* Whether the journal has mail that is newer than a log file that nobody writes to (logs.c). */
struct journal_look {
	struct child *child; /* the look under way */
	int64_t file_mtime;  /* the file that it is about, by its time */
	int64_t again_ms;    /* monotonic: not asked before */
	bool seen, newer;    /* in the look under way; by the last one */
};

struct helper {
	struct loop *loop;
	const struct peer_events *peer_events;
	struct role_config config;
	struct channel *control;
	struct loop_watch *control_watch;
	struct peer *peers[CONTROL_ROLES]; /* by role; NULL where there is none */
	struct runs *runs;
	struct walk *walks;	   /* a list */
	int inotify;		   /* the reader's (watches.h); -1 for none */
	struct log_tail *log_tail; /* the running log command */
	struct journal_look journal;
	unsigned readers; /* listings and views under way */
	unsigned tools;	  /* commands of work that takes several (tool.h) */
	struct pause_tables *pause_tables;
	int viewer_program; /* what a viewer is started from (role/program.h) */
};

/* Listings and views that run at the same time; each is one or two processes. */
#define HELPER_READERS_MAX 8

struct peer {
	struct helper *helper;
	enum control_role role;
	struct channel *channel;
	struct loop_watch *watch;
	uint64_t serial; /* tells a later peer at the same address from this one */
	unsigned bad_frames;
};

/* What is done with the frames of a peer, and when it is gone; requests.h. */
struct peer_events {
	/* The frame is closed afterwards. */
	void (*frame)(struct peer *peer, const struct frame *frame);
	void (*gone)(struct peer *peer);
};

/* Takes the descriptor over; an earlier peer of that role is closed. */
void peer_open(struct helper *helper, enum control_role role, int fd);
void peer_close(struct peer **peer);

/* Sends or queues one frame. A peer that is gone is noticed by its watch, not here. */
void peer_send(struct peer *peer, const struct buffer *frame, const int *fds, size_t fd_count);
void peer_refuse(struct peer *peer, uint32_t request, const char *code, const char *text);
void peer_refuse_error(struct peer *peer, uint32_t request, const struct error *err);
/* Logs what was refused of a peer, up to a bound: one that goes on is not worth more lines. */
void peer_complain(struct peer *peer, const char *what);
/* STREAM with one descriptor, which stays the caller's. */
void peer_stream(struct peer *peer, uint32_t request, int fd);

/* A peer remembered across time: peer_of gives NULL once it is gone. */
struct peer_ref {
	enum control_role role;
	uint64_t serial;
	uint32_t request;
};
struct peer_ref peer_ref(const struct peer *peer, uint32_t request);
struct peer *peer_of(struct helper *helper, const struct peer_ref *ref);

#endif
