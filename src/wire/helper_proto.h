/* The helper's protocol: what the server, the reader and the log reader may ask of the one process
 * that is root. A question carries a request number of the asker's choice (not 0); every answer to
 * it carries the same number. Each question ends with exactly one final frame: the one named
 * "final" below, or REFUSED. Who may ask what is a column of the helper's table
 * (src/helper/requests.c).
 *
 *   question      who               answers (the last is final)
 *   LIST          reader            LIST_BATCH* LIST_END
 *   OPEN          reader            OPENED+ (descriptors, bytes)
 *   LOOK          reader            LOOKED
 *   WATCH         reader            [STREAM (inotify)] [WATCHES | LIST_BATCH]* WATCH_END
 *   SHOWQ         reader            STREAM (a connected socket)
 *   LISTING       reader            STREAM (a pipe) [OUTPUT of stderr]* EXIT
 *   LOG_LIST      logreader         LOG_FILES
 *   LOG_OPEN      logreader         STREAM (a file, read-only)
 *   LOG_COMMAND   logreader         STREAM (a pipe) [OUTPUT of stderr]* EXIT
 *   RUN           server            [OUTPUT | RETRIED]* EXIT
 *   RECALL        server            as RUN, from the start; REFUSED unknown_token
 *   TAKEN         server            none
 *   VIEW          server            STREAM (a channel, viewer_proto.h)
 *   STATUS        server, check     STATUS_REPLY
 *   QMGR_STATE    server            QMGR
 *   PAUSE_...     server            see pause_proto.h
 *
 * Slices in decoded structs point into the frame. Decoders that take memory have a _free. */
#ifndef WIRE_HELPER_PROTO_H
#define WIRE_HELPER_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cursor.h"
#include "base/queue.h"
#include "wire/frame.h"
#include "wire/problem.h"
#include "wire/viewer_proto.h"

enum helper_type {
	HELPER_LIST = 1,
	HELPER_OPEN,
	HELPER_SHOWQ,	 /* no body */
	HELPER_LISTING,	 /* no body */
	HELPER_LOG_LIST, /* no body */
	HELPER_LOG_OPEN,
	HELPER_LOG_COMMAND,
	HELPER_RUN,
	HELPER_RECALL, /* struct helper_token */
	HELPER_TAKEN,  /* struct helper_token */
	HELPER_VIEW,
	HELPER_STATUS,	   /* no body */
	HELPER_QMGR_STATE, /* no body */
	HELPER_LOOK,
	HELPER_WATCH,
	HELPER_PAUSE_TABLE,
	HELPER_PAUSE_SETUP,
	HELPER_PAUSE_QUERY,
	HELPER_PAUSE_FOREIGN, /* no body */

	HELPER_REFUSED = 128, /* struct helper_refused; final */
	HELPER_LIST_BATCH,
	HELPER_LIST_END,
	HELPER_OPENED,
	HELPER_STREAM, /* one descriptor, no body */
	HELPER_OUTPUT,
	HELPER_EXIT,
	HELPER_RETRIED,
	HELPER_LOG_FILES,
	HELPER_STATUS_REPLY,
	HELPER_QMGR,
	HELPER_LOOKED,
	HELPER_WATCHES,
	HELPER_WATCH_END,
	HELPER_PAUSE_WRITTEN,
	HELPER_PAUSE_STATE,
	HELPER_PAUSE_ANSWERS,
	HELPER_PAUSE_FOUND,
};

/* A question without a body. */
void helper_plain_encode(struct buffer *frame, enum helper_type type, uint32_t request);

/* Why not: a stable code (bad_request, not_allowed, bad_id, bad_value, busy, unknown_token,
 * not_found, no_spool, postfix_missing, postfix_down, no_log, spawn_failed, io_error) and a
 * sentence. */
struct helper_refused {
	struct slice code, text;
};
void helper_refused_encode(
    struct buffer *frame, uint32_t request, const char *code, const char *text);
bool helper_refused_decode(const struct frame *frame, struct helper_refused *refused);

/* Short strings that point into a frame. */
struct helper_strings {
	struct slice *items;
	size_t count;
};
void helper_strings_free(struct helper_strings *strings);
#define HELPER_ID_MAX 255 /* bytes of a queue ID on the wire (u8 length) */
#define HELPER_RUN_IDS_MAX 1000
#define HELPER_POSTCAT_IDS_MAX 100

/* ---- The queue directories ---------------------------------------------------------------- */

/* Queues are enum queue, and enum queue_directory where logs may be meant (base/queue.h). */
#define HELPER_QUEUE_ANY 255
/* Of a LOOK only: it was seen to be removed. */
#define HELPER_QUEUE_GONE 254
#define HELPER_QUEUE_BIT(queue) (1u << (queue))

/* Lists queue directories, in the order in which messages move (maildrop, incoming, active,
 * deferred, hold), so that one that moves on during the scan is seen at least once. Every regular
 * file whose name passes queue_id_valid is listed, ready or not: the mode says. */
struct helper_list {
	uint32_t queues; /* HELPER_QUEUE_BIT of each */
	bool names; /* for one who opens them all: of what is in the queues before `corrupt` only
		     * names and inodes, as the directory has them; the mode is that of a file which
		     * is ready, time and size are 0 */
};
void helper_list_encode(struct buffer *frame, uint32_t request, const struct helper_list *list);
bool helper_list_decode(const struct frame *frame, struct helper_list *list);

/* One file. LIST_BATCH's body is records to its end:
 *     u8 queue  u32 mode  i64 mtime (ns)  u64 inode  u64 size  u32 log  u8 length of name, name */
struct helper_record {
	uint8_t queue;
	uint32_t mode; /* st_mode */
	int64_t mtime_ns;
	uint64_t inode, size;
	struct slice name;
	int64_t changed_ns; /* st_ctime: of OPENED and LOOKED only; not in LIST_BATCH */
	/* Of the message's defer log: its inode, time and size, mixed, which tell that it changed;
	 * a log that is not there has a number, too. 0: it was not looked at. OPENED has it always,
	 * LOOKED of all but active messages, LIST_BATCH of held ones, and of deferred ones where
	 * there are no watches. */
	uint32_t log_stamp;
};
void helper_record_put(struct buffer *frame, const struct helper_record *record);
/* False at the end and on malformed bytes: ask cursor_finished afterwards. */
bool helper_record_get(struct cursor *c, struct helper_record *record);

/* The end: complete, or not, and why (then what came before must not be taken for the queue). */
struct helper_list_end {
	uint32_t error;	   /* 0, or an errno value */
	struct slice text; /* "deferred: Permission denied" */
	uint64_t records;
};
void helper_list_end_encode(
    struct buffer *frame, uint32_t request, const struct helper_list_end *end);
bool helper_list_end_decode(const struct frame *frame, struct helper_list_end *end);

enum helper_open_kind {
	HELPER_OPEN_MESSAGE = 1,   /* queue files */
	HELPER_OPEN_DEFER,	   /* defer logs */
	HELPER_OPEN_BOUNCE,	   /* bounce logs */
	HELPER_OPEN_MESSAGE_DEFER, /* both: two descriptors an ID, or their bytes */
};
#define HELPER_OPEN_IDS_MAX WIRE_FDS_MAX	 /* one descriptor an ID */
#define HELPER_OPEN_PAIRS_MAX (WIRE_FDS_MAX / 2) /* HELPER_OPEN_MESSAGE_DEFER */

struct helper_open {
	enum helper_open_kind kind;
	uint8_t queue; /* tried first; the others after it, in the order deferred active incoming
			* hold maildrop; HELPER_QUEUE_ANY for no hint. QUEUE_CORRUPT: that
			* one only. */
	struct helper_strings ids;
};
/* The encoders begin the frame; the decoders refuse what is malformed. */
void helper_open_encode(struct buffer *frame, uint32_t request, const struct helper_open *open);
bool helper_open_decode(const struct frame *frame, struct helper_open *open); /* free ids */

/* The answer, one for each ID in the order asked, in as many frames as they need: that of the last
 * ID is the final one. */
struct helper_opened {
	uint32_t error; /* 0 or errno of the message (or the log asked for): ENOENT; EINVAL for a
			 * bad ID; EAGAIN: not ready, still being written (docs/POSTFIX.md, "Reading
			 * beside Postfix"); ELOOP, EISDIR: no file */
	uint8_t fd;	/* index of the descriptor in the frame, HELPER_NO_FD when there is none */
	uint32_t defer_error; /* the same for the defer log of HELPER_OPEN_MESSAGE_DEFER */
	uint8_t defer_fd;
	/* Message kinds: what fstat said when it was opened, and the queue where it was found.
	 * `name` is not on the wire: it is the ID asked for. */
	struct helper_record record;
	/* Of HELPER_OPEN_MESSAGE_DEFER, without an error and without a descriptor: all that is in
	 * the file. */
	struct slice bytes, defer_bytes;
};
#define HELPER_NO_FD 255
/* A file up to this size whose pages are in memory comes as its bytes: that costs less than what a
 * descriptor does on its way. What has to be fetched from a disk is left to the asker, so that the
 * helper does not wait for it. Nearly all defer logs, and the queue files of all but large mail. */
#define HELPER_OPEN_BYTES_MAX 16384
void helper_opened_put(
    struct buffer *frame, const struct helper_opened *opened); /* after frame_begin */
/* False at the end and on malformed bytes: ask cursor_finished afterwards. */
bool helper_opened_get(struct cursor *c, struct helper_opened *opened);

/* What is there of these IDs, without opening anything: the hinted queue first, then the others, as
 * OPEN does: twice, and at other depths too. With HELPER_QUEUE_GONE each is looked into once: most
 * events are of mail that is delivered at once, and if it comes back there are more events. */
struct helper_look_id {
	uint8_t queue; /* hint, as in helper_open, or HELPER_QUEUE_GONE */
	struct slice id;
};
struct helper_look {
	struct helper_look_id *ids;
	size_t count; /* 1 to HELPER_LOOK_IDS_MAX */
};
#define HELPER_LOOK_IDS_MAX 1000 /* one batch of a job; the answers fit into one frame */
void helper_look_encode(struct buffer *frame, uint32_t request, const struct helper_look *look);
bool helper_look_decode(const struct frame *frame, struct helper_look *look); /* helper_look_free */
void helper_look_free(struct helper_look *look); /* the array, not what it points to */

/* The answer, one for each ID in the order asked; LOOKED's body is these to its end. */
struct helper_looked {
	uint32_t error; /* 0; ENOENT: it is in no queue; EINVAL: no ID, or no regular file;
			 * anything else says nothing about whether it is there */
	struct helper_record record; /* with error 0; ready or not: the mode says. `name` is not on
				      * the wire: it is the ID asked for */
};
void helper_looked_put(struct buffer *frame, const struct helper_looked *looked);
/* False at the end and on malformed bytes: ask cursor_finished afterwards. */
bool helper_looked_get(struct cursor *c, struct helper_looked *looked);

/* Watches the queue directory, each directory of the queues HELPER_WATCH_QUEUES and the hashed
 * directories below them. `fresh` makes a new inotify descriptor and passes it (the one of an
 * earlier WATCH gets no new watches); without it they are added to that one, and all directories
 * are named again, those that were watched already too. With a queue it is about that directory, or
 * with a path ("A", "A/B": one-letter directories in it) about that one, and those below; then it
 * lists in LIST_BATCH what is in them already: files may have come before the watch. */
#define HELPER_WATCH_QUEUES                                                                        \
	(HELPER_QUEUE_BIT(QUEUE_MAILDROP) | HELPER_QUEUE_BIT(QUEUE_INCOMING) |                     \
	    HELPER_QUEUE_BIT(QUEUE_ACTIVE) | HELPER_QUEUE_BIT(QUEUE_DEFERRED) |                    \
	    HELPER_QUEUE_BIT(QUEUE_HOLD) | HELPER_QUEUE_BIT(QUEUE_CORRUPT) |                       \
	    HELPER_QUEUE_BIT(QUEUE_DEFER_LOGS) | HELPER_QUEUE_BIT(QUEUE_BOUNCE_LOGS))
/* "A/B/C": eight one-letter directories (postfix/queue_id.h, QUEUE_ID_DEPTH_MAX), no end slash. */
#define HELPER_WATCH_PATH_MAX 15
struct helper_watch {
	bool fresh;	   /* only for everything */
	uint8_t queue;	   /* HELPER_QUEUE_ANY: everything anew; then the path is empty */
	struct slice path; /* "" or one-letter directories below the queue's */
};
void helper_watch_encode(struct buffer *frame, uint32_t request, const struct helper_watch *watch);
bool helper_watch_decode(const struct frame *frame, struct helper_watch *watch);

/* Which watch descriptor is which directory. WATCHES' body is records to its end:
 *     u32 watch descriptor  u8 queue  u8 length of path, path
 * The same watch descriptor is the same directory, under another name where it was renamed: the
 * last record counts. */
struct helper_watched {
	uint32_t descriptor;
	uint8_t queue; /* HELPER_QUEUE_ANY: the queue directory that they are in */
	struct slice path;
};
void helper_watched_put(struct buffer *frame, const struct helper_watched *watched);
/* False at the end and on malformed bytes: ask cursor_finished afterwards. */
bool helper_watched_get(struct cursor *c, struct helper_watched *watched);

/* The end: complete, or not, and why. Not complete means that changes will be missed; then the
 * helper gives its end of the descriptor up (but not for ENOENT of a path): the next has to be
 * fresh. */
struct helper_watch_end {
	uint32_t error;	   /* 0, or errno: ENOSPC is fs.inotify.max_user_watches, EMFILE is
			    * fs.inotify.max_user_instances, EOPNOTSUPP a file system whose changes
			    * are made elsewhere; ENOENT the directory of the path is gone */
	struct slice text; /* for people: what failed, and the line to type where there is one */
	uint64_t watches;  /* that this request added or found */
};
void helper_watch_end_encode(
    struct buffer *frame, uint32_t request, const struct helper_watch_end *end);
bool helper_watch_end_decode(const struct frame *frame, struct helper_watch_end *end);

/* ---- Commands ------------------------------------------------------------------------------ */

enum helper_verb {
	HELPER_VERB_HOLD = 1, /* postsuper -h - */
	HELPER_VERB_RELEASE,  /* postsuper -H - */
	HELPER_VERB_DELETE,   /* postsuper -d - [hold] */
	HELPER_VERB_REQUEUE,  /* postsuper -r - [hold] */
	HELPER_VERB_EXPIRE,   /* postsuper -e -; Postfix 3.5 and later */
	HELPER_VERB_RETRY, /* flush(8), or `<prefix> postqueue -i ID` one by one: RETRIED frames */
	HELPER_VERB_FLUSH, /* postqueue -f */
	HELPER_VERB_POSTCONF_GET,   /* postconf in one of helper_postconf_form, the names on argv */
	HELPER_VERB_POSTCONF_SET,   /* postconf -e name=value ... */
	HELPER_VERB_POSTCONF_UNSET, /* postconf -X name ... */
	HELPER_VERB_RELOAD,	    /* postfix reload */
	HELPER_VERB_VERSION,	    /* postconf -h mail_version */
	HELPER_VERB_POSTCAT,	    /* postcat -q in one of helper_postcat_form, the IDs on argv */
	HELPER_VERB_HOLD_DEFERRED,  /* postsuper -h - deferred */
};
#define HELPER_VERBS 15
const char *helper_verb_name(unsigned verb); /* "hold", ...; NULL when there is none */

enum helper_postconf_form {
	HELPER_POSTCONF_RAW = 0,  /* postconf NAME...: as set, $ unexpanded */
	HELPER_POSTCONF_EXPANDED, /* -x */
	HELPER_POSTCONF_DEFAULTS, /* -d */
	HELPER_POSTCONF_EXPLICIT, /* -n: only what main.cf sets */
	HELPER_POSTCONF_SERVICES, /* -P: all -o overrides in master.cf; no names */
};
enum helper_postcat_form {
	HELPER_POSTCAT_ENVELOPE = 0, /* -e */
	HELPER_POSTCAT_HEADERS,	     /* -h */
	HELPER_POSTCAT_BODY,	     /* -b */
	HELPER_POSTCAT_MESSAGE,	     /* -bh */
};

/* Settings that POSTCONF_SET and _UNSET accept: queue_run_delay, minimal_backoff_time,
 * maximal_backoff_time, maximal_queue_lifetime, bounce_queue_lifetime, delay_warning_time. A value
 * is
 * ^[0-9]{1,9}[smhdw]$; to put back what an operator wrote, also ^[0-9]{1,9}$ and $name of one of
 * the six. POSTCONF_GET reads these and the facts of control_proto.h. */
struct helper_setting {
	struct slice name, value; /* value is "" for GET and UNSET */
};
#define HELPER_SETTINGS_MAX 64

/* A RUN whose token is known already is not run again: its output is given from the start. */
struct helper_run {
	uint64_t token; /* the caller's choice, never 0, never used for anything else */
	enum helper_verb verb;
	bool hold_only; /* DELETE, REQUEUE: only messages in the hold queue */
	uint8_t form;	/* of POSTCONF_GET and POSTCAT */
	struct helper_strings ids;
	struct helper_setting *settings;
	size_t setting_count;
};
void helper_run_encode(struct buffer *frame, uint32_t request, const struct helper_run *run);
bool helper_run_decode(
    const struct frame *frame, struct helper_run *run); /* then helper_run_free */
void helper_run_free(struct helper_run *run);		/* the two arrays, not what they point to */

struct helper_token {
	uint64_t token;
};
/* type is HELPER_TAKEN or HELPER_RECALL */
void helper_token_encode(struct buffer *frame, enum helper_type type, uint32_t request,
    const struct helper_token *token);
bool helper_token_decode(const struct frame *frame, struct helper_token *token);

struct helper_output {
	uint8_t stream; /* 1 standard output, 2 standard error */
	struct slice bytes;
};
/* At most HELPER_OUTPUT_CHUNK bytes. */
void helper_output_encode(
    struct buffer *frame, uint32_t request, const struct helper_output *output);
bool helper_output_decode(const struct frame *frame, struct helper_output *output);
#define HELPER_OUTPUT_CHUNK 32768

/* How a command ended. Under a command prefix, or after the deadline, the command itself may still
 * be at work elsewhere: look at the queue before going on. */
struct helper_exit {
	int32_t status;	 /* exit status, -1 when a signal ended it */
	uint32_t signal; /* 0 when none */
	bool deadline;	 /* it was killed because it took too long */
	bool cut;	 /* its output was longer than the bound, the rest was dropped */
	uint64_t took_ms;
};
void helper_exit_encode(struct buffer *frame, uint32_t request, const struct helper_exit *end);
bool helper_exit_decode(const struct frame *frame, struct helper_exit *end);

/* flush(8)'s answer for each ID (docs/POSTFIX.md, "Retry and flush"). 0 means that the request was
 * taken, also for an ID that is not in the queue. */
enum helper_retry {
	HELPER_RETRY_OK = 0,
	HELPER_RETRY_FAILED = 1, /* flush(8) failed, or postqueue exited with an error */
	HELPER_RETRY_BAD = 3,	 /* FLUSH_STAT_BAD */
	HELPER_RETRY_DENIED = 4, /* FLUSH_STAT_DENY */
	HELPER_RETRY_UNREACHABLE =
	    5, /* no connection to public/flush, or it did not answer in time */
};
struct helper_retried {
	uint32_t first;	       /* index into the IDs of the RUN */
	struct slice statuses; /* one byte for each, enum helper_retry */
};
void helper_retried_encode(
    struct buffer *frame, uint32_t request, const struct helper_retried *retried);
bool helper_retried_decode(const struct frame *frame, struct helper_retried *retried);

/* ---- The mail log -------------------------------------------------------------------------- */

enum helper_log_kind {
	HELPER_LOG_NONE = 0, /* not found: `text` says where it was looked for */
	HELPER_LOG_PLAIN, /* plain files: LOG_OPEN; rotated ones too, compressed ones as they are */
	HELPER_LOG_JOURNAL,  /* LOG_COMMAND gives `journalctl -o json` */
	HELPER_LOG_COMMANDS, /* LOG_COMMAND gives the output of postfix.log_command, plain lines */
};
struct helper_log_file {
	struct slice name; /* base name: "mail.log", "mail.log.1", "mail.log.2.gz" */
	uint64_t inode, size;
	int64_t mtime_ns;
};
struct helper_log_files {
	enum helper_log_kind kind;
	struct slice text;	       /* for people: the path, the command, or what is missing */
	struct helper_log_file *files; /* the current one first, then by mtime, newest first */
	size_t count;
};
#define HELPER_LOG_FILES_MAX 400 /* more are the oldest and are left out */
/* At most HELPER_LOG_FILES_MAX files. */
void helper_log_files_encode(
    struct buffer *frame, uint32_t request, const struct helper_log_files *files);
bool helper_log_files_decode(
    const struct frame *frame, struct helper_log_files *files); /* free files */

/* Opens one of the files that LOG_LIST names; a name that it would not list is refused. */
struct helper_log_open {
	struct slice name;
};
void helper_log_open_encode(
    struct buffer *frame, uint32_t request, const struct helper_log_open *open);
bool helper_log_open_decode(const struct frame *frame, struct helper_log_open *open);

/* Starts the log's command; one at a time: an earlier one is ended. It runs until its output is
 * closed, the channel closes or another is started. */
struct helper_log_command {
	int64_t since; /* journal: Unix seconds, 0 = as far back as it goes; else ignored */
	bool follow;   /* journal: go on with what comes; else ignored */
};
void helper_log_command_encode(
    struct buffer *frame, uint32_t request, const struct helper_log_command *command);
bool helper_log_command_decode(const struct frame *frame, struct helper_log_command *command);

/* ---- One message, state ------------------------------------------------------------------- */

struct helper_view {
	uint8_t queue; /* hint, as in helper_open */
	struct slice id;
	enum viewer_mode mode;
	uint32_t part;
	struct viewer_limits limits;
};
/* The answer's channel speaks viewer_proto.h. */
void helper_view_encode(struct buffer *frame, uint32_t request, const struct helper_view *view);
bool helper_view_decode(const struct frame *frame, struct helper_view *view);

/* What works now, tried and not guessed, and what is missing with its fix. */
struct helper_status {
	bool root;	   /* the helper runs as root */
	bool prefix;	   /* postfix.command_prefix is set: there is no spool */
	bool postfix;	   /* the commands are there and answer */
	bool running;	   /* the mail system runs */
	bool spool;	   /* the queue directories can be listed and read */
	bool showq, flush; /* the sockets answer a connect */
	bool actions;	   /* postsuper can be run (root) */
	bool settings; /* main.cf can be replaced (its directory is writable, it is no mount point)
			*/
	bool log;      /* the mail log can be read */
	/* When the mail system was started, Unix seconds; 0: it does not run, or nobody knows. */
	int64_t running_since;
	/* Of the file system of the queue, for others than root; -1: not known, or (inodes) without
	 * a limit. */
	int64_t bytes_free, bytes, inodes_free, inodes;
	struct problem_list problems;
};
void helper_status_encode(
    struct buffer *frame, uint32_t request, const struct helper_status *status);
bool helper_status_decode(
    const struct frame *frame, struct helper_status *status); /* free problems */

/* The queue manager of this instance. Under a prefix, or without the right
 * to read pid/master.pid, nothing is known. */
struct helper_qmgr {
	bool known, alive;
	uint32_t pid;
	int64_t started_us;	 /* Unix time in microseconds (to a clock tick); 0 when not alive */
	int64_t started_boot_us; /* the same on the clock that never steps (CLOCK_BOOTTIME), rounded
				  * down to a clock tick */
	uint32_t master_pid;	 /* 0 when there is none */
	int64_t master_started_us; /* of master, as started_us */
};
void helper_qmgr_encode(struct buffer *frame, uint32_t request, const struct helper_qmgr *qmgr);
bool helper_qmgr_decode(const struct frame *frame, struct helper_qmgr *qmgr);

#endif
