/* What a record of the audit is about. The words stand in the files of the audit, in the API and on
 * the page; the table of routes (http/router.h) says which record each route makes. */
#ifndef AUDIT_ACTION_H
#define AUDIT_ACTION_H

#include <stdbool.h>

#include "base/slice.h"

enum audit_action {
	AUDIT_NOTHING, /* the default of a table entry: makes no record */
	/* who comes in */
	AUDIT_SIGN_IN,
	AUDIT_SIGN_IN_FAILED, /* summed up by name and address */
	AUDIT_SIGN_OUT,
	AUDIT_REFUSED, /* what strangers asked for, summed up */
	/* what was read */
	AUDIT_CONTENT_READ,
	AUDIT_SOURCE_READ,
	AUDIT_EXPORT,
	AUDIT_READ, /* the audit itself */
	/* what was done to mail */
	AUDIT_JOB,
	AUDIT_CANCEL,
	AUDIT_UNDO,
	AUDIT_FLUSH,
	AUDIT_PAUSE,
	/* what was set */
	AUDIT_SETTINGS, /* Postfix's, and the set-up of pauses */
	AUDIT_ALERTS,	/* channels, rules, silences */
	AUDIT_INCIDENT, /* a note, a snooze */
	AUDIT_PROBE,
	AUDIT_SAVED_VIEW,
	/* who may come in */
	AUDIT_ACCOUNT,
	AUDIT_TOKEN,
	AUDIT_SESSION,
	AUDIT_OTP, /* a one-time password was set up or taken off */
	/* the service */
	AUDIT_SERVICE_STARTED,
	AUDIT_SERVICE_STOPPED,
	AUDIT_ROLE_STARTED, /* one of its processes */
	AUDIT_ROLE_STOPPED,
	AUDIT_SANDBOX_MISSING,
	/* the audit's own */
	AUDIT_BEGIN, /* the first record of a file */
	AUDIT_SEAL,
	AUDIT_CUT,    /* the oldest files were removed */
	AUDIT_KEY,    /* seals are made with another key from here on */
	AUDIT_TORN,   /* an unfinished record at the end was dropped after a crash */
	AUDIT_LOST,   /* records that could not be kept */
	AUDIT_FORMER, /* a row of the audit of an earlier version */
	AUDIT_ACTIONS
};

/* When something is refused because its record could not be kept. */
enum audit_need {
	AUDIT_NEVER_REFUSED, /* else nobody could come in to see what is wrong */
	AUDIT_NEEDS_SPACE,   /* reading: the reserve is not for it */
	AUDIT_NEEDS_WRITING, /* acting: goes on from the reserve on a full disk */
};

/* "sign_in", ...; "" for AUDIT_NOTHING and what is no action. */
const char *audit_action_name(enum audit_action action);
/* False, and `*action` stays, for any other text. */
bool audit_action_parse(struct slice text, enum audit_action *action);
enum audit_need audit_action_need(enum audit_action action);

#endif
