/* What the engine needs of the other processes, as requests that are answered later. The service
 * gives it wire_ports.h (helper and reader over their channels); tests give it their own peer.
 *
 * Every request is answered exactly once, also when the peer died (PORTS_LOST, FOUND_NOBODY), and
 * never from within the call that asked; after whoever owns the ports was destroyed, not at all.
 * Texts and arrays of an answer live until the callback returns. */
#ifndef EXCHANGE_PORTS_H
#define EXCHANGE_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "postfix/queue_id.h"

/* One command gets at most so many IDs: cancel works between batches, and a crash leaves at most so
 * many to be looked up. */
#define PORTS_BATCH_MAX 1000

enum ports_verb {
	PORTS_HOLD,    /* postsuper -h - */
	PORTS_RELEASE, /* postsuper -H - */
	PORTS_DELETE,  /* postsuper -d -          only for IDs that are never reused, or maildrop */
	PORTS_DELETE_HELD,   /* postsuper -d - hold */
	PORTS_REQUEUE,	     /* postsuper -r - */
	PORTS_REQUEUE_HELD,  /* postsuper -r - hold */
	PORTS_EXPIRE,	     /* postsuper -e - */
	PORTS_RETRY,	     /* flush(8) send_file, or postqueue -i, for each */
	PORTS_FLUSH,	     /* postqueue -f; no IDs */
	PORTS_HOLD_DEFERRED, /* postsuper -h - deferred */
};

/* Commands about Postfix as a whole, for settings.h. */
enum ports_command {
	PORTS_POSTCONF_EXPANDED, /* postconf -x NAME... */
	PORTS_POSTCONF_DEFAULTS, /* postconf -d NAME... */
	PORTS_POSTCONF_EXPLICIT, /* postconf -n NAME... */
	PORTS_POSTCONF_SERVICES, /* postconf -P */
	PORTS_POSTCONF_SET,	 /* postconf -e NAME=VALUE... */
	PORTS_POSTCONF_UNSET,	 /* postconf -X NAME... */
	PORTS_RELOAD,		 /* postfix reload */
};

struct ports_setting {
	struct slice name, value; /* value is only looked at by PORTS_POSTCONF_SET */
};

enum ports_end {
	PORTS_EXITED,  /* the command ended; `status` is its exit status */
	PORTS_KILLED,  /* by a signal, or at its deadline: what it did until then is in the lines */
	PORTS_REFUSED, /* the helper did not run it; `text` says why */
	PORTS_LOST,    /* the helper is gone; what it did is not known until looked at */
};

/* What the command said about one ID. */
enum ports_said {
	PORTS_NOTHING = 0,
	PORTS_OK,  /* removed, requeued, placed on hold, released from hold, expired; flush status 0
		    */
	PORTS_BAD, /* an invalid ID, or flush status 3 */
	PORTS_FAILED, /* any other flush status, or postqueue -i failed */
};

struct ports_ran {
	enum ports_end end;
	int status;
	struct slice text; /* the first error or warning that the command printed, or the reason */
	const enum ports_said *said; /* one for each ID, in their order */
	size_t count;
};

struct ports_output {
	enum ports_end end;
	int status;
	struct slice out, err; /* what it printed; err is the reason when end is PORTS_REFUSED */
};

/* What was found when looking for an ID. */
enum found_state {
	FOUND_MISSING, /* in no queue; looked twice */
	FOUND_HERE,
	FOUND_UNREADABLE, /* there, but its envelope cannot be read: never acted on */
	FOUND_NOBODY,	  /* the reader or helper did not answer */
};

struct found {
	enum found_state state;
	enum queue queue;
	int64_t arrival; /* Unix seconds; -1 unknown */
	uint64_t inode;
	int64_t changed_us;  /* its file's ctime, Unix time: on hold not before it was put there; 0
				not known */
	int64_t modified_us; /* its mtime */
	struct slice sender;
	bool expire_known, forced_expire; /* marked by postsuper -e */
};

struct ports_qmgr {
	bool known; /* false: nobody can tell (a command prefix, or the helper is gone) */
	bool alive;
	uint32_t pid;
	int64_t started_us;	 /* Unix time */
	int64_t started_boot_us; /* the same by clock_boot_us, rounded down */
};

typedef void ports_output_done(void *context, const struct ports_output *output);
typedef void ports_qmgr_done(void *context, const struct ports_qmgr *qmgr);
typedef void ports_ran_done(void *context, const struct ports_ran *ran);
typedef void ports_look_done(void *context, const struct found *found, size_t count);

/* None of these may be NULL. */
struct ports {
	void *owner;
	/* Runs `verb` on `count` IDs (at most PORTS_BATCH_MAX; copied). `token` names this run for
	 * ever: a new engine may ask `recall` for it. */
	void (*run)(void *owner, enum ports_verb verb, uint64_t token, const struct slice *ids,
	    size_t count, ports_ran_done *done, void *context);
	/* The outcome of a run that was started before this process died, if the helper still has
	 * it: PORTS_LOST when not. Waits for one that is still running. */
	void (*recall)(void *owner, uint64_t token, const struct slice *ids, size_t count,
	    ports_ran_done *done, void *context);
	/* The outcome of a run is on disk: the helper may forget it. */
	void (*taken)(void *owner, uint64_t token);
	/* Looks at the messages themselves, now: not at the index, which may be seconds old. */
	void (*look)(void *owner, const struct slice *ids, size_t count, ports_look_done *done,
	    void *context);
	void (*command)(void *owner, enum ports_command command,
	    const struct ports_setting *settings, size_t count, ports_output_done *done,
	    void *context);
	void (*qmgr)(void *owner, ports_qmgr_done *done, void *context);
	/* Whether helper and reader are there; with the reason where not. */
	bool (*ready)(void *owner, struct slice *reason);
};

#endif
