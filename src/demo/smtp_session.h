/* One SMTP session of the demo's world, without any I/O: lines in, replies out. */
#ifndef DEMO_SMTP_SESSION_H
#define DEMO_SMTP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "demo/world.h"

/* Recipients that were greylisted are remembered here, the oldest forgotten first. */
#define SMTP_SESSION_SEEN_MAX 1024

struct smtp_session_seen {
	struct {
		uint64_t key;
		int64_t first; /* monotonic milliseconds */
	} recipients[SMTP_SESSION_SEEN_MAX];
	size_t next;
	uint64_t serial; /* for {id} */
	int64_t began;	 /* of the first session; 0: none yet */
};

struct smtp_session {
	const struct world_host *host;
	struct smtp_session_seen *seen; /* shared by all sessions */
	bool in_data;
	bool closing;	    /* hang up when the replies are written */
	int64_t hold_until; /* replies wait until then (monotonic ms); 0: no wait */
	struct buffer replies;
};

/* Starts a session: its greeting goes to `replies`. Freed with smtp_session_free. */
void smtp_session_start(struct smtp_session *s, const struct world_host *host,
    struct smtp_session_seen *seen, int64_t now);
void smtp_session_free(struct smtp_session *s);

/* One line without its line end. `now` is monotonic milliseconds. */
void smtp_session_line(struct smtp_session *s, struct slice line, int64_t now);

#endif
