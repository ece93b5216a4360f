/* What each person has under way and has used, so that one of them cannot take what is there for
 * all: requests that have not been taken to their end, downloads, event streams, jobs that are
 * written down, bytes of messages' content. A person is a number (router.c), whatever his sessions
 * and tokens are. Only who has shown who he is gets in here. */
#ifndef HTTP_HOLDERS_H
#define HTTP_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/said.h"

/* What a request holds until its answer has been taken, and of which one caller may have only so
 * many at once, so that there is always room for the others. */
enum http_hold {
	HTTP_HOLD_REQUEST,  /* 64: the default */
	HTTP_HOLD_DOWNLOAD, /* 3: a process that reads the message, of eight for all */
	HTTP_HOLD_EVENTS,   /* 16: a browser needs one for all its tabs */
	HTTP_HOLD_JOB,	    /* 8: a job that is being written down, of 64 for all */
	HTTP_HOLDS,
};
unsigned http_hold_max(enum http_hold hold);
/* What the one is told who has too many, with `who` and `count`. */
enum said_code http_hold_says(enum http_hold hold);

/* Persons that are remembered with what they have used; of those who have nothing under way the one
 * goes who was not there for the longest time. */
#define HOLDERS_KEPT 1024

struct holders;

struct holders *holders_create(void);
/* Accepts a pointer to NULL. */
void holders_destroy(struct holders **holders);

/* Who wants what. */
struct holder_claim {
	uint64_t person;
	const char *name, *via; /* as he is shown (http_person_number) */
	enum http_hold hold;
	/* It reads what is in a message, of which so many bytes in an hour are for him; 0: as many
	 * as he likes. */
	bool is_content;
	int64_t content_per_hour;
};
enum holders_answer { HOLDERS_TAKEN, HOLDERS_TOO_MANY, HOLDERS_CONTENT_USED_UP };
/* Takes one of a kind. HOLDERS_CONTENT_USED_UP: with `*seconds` until he may go on. `now_ms` never
 * steps. */
enum holders_answer holders_take(
    struct holders *holders, const struct holder_claim *claim, int64_t now_ms, int64_t *seconds);
void holders_give(struct holders *holders, uint64_t person, enum http_hold hold);
/* So many bytes of an answer went out to him. */
void holders_sent(struct holders *holders, uint64_t person, size_t bytes, bool is_content);
/* The loop was at work for him for so long. */
void holders_worked(struct holders *holders, uint64_t person, int64_t us);

/* What somebody has and has used since the service began, or since he was last forgotten. */
struct http_person {
	uint64_t person;
	char name[65]; /* of the session, token or user that came last */
	const char *via;
	unsigned now[HTTP_HOLDS]; /* under way */
	uint64_t requests;	  /* all of them */
	uint64_t refused;	  /* that were too many */
	uint64_t bytes, content_bytes;
	int64_t worked_us;
	int64_t last_ms; /* when he came last, by the clock of holders_take */
};
/* Calls for each of them, in no order. */
void holders_each(const struct holders *holders,
    void (*each)(void *context, const struct http_person *person), void *context);

#endif
