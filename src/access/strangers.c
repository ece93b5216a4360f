/* Sums of what strangers were refused, and the few records and log lines that they become. */
#include "access/strangers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/accounts.h"
#include "audit/audit.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"

#define STATUSES 600
#define PEER_SIZE 80

struct failed {
	char name[ACCOUNTS_NAME_MAX + 1];
	char peer[PEER_SIZE]; /* of the last one, without its port */
	uint64_t count;
};

struct strangers {
	uint64_t statuses[STATUSES], refused;
	char peer[PEER_SIZE];
	struct failed failed[STRANGERS_NAMES];
	size_t failed_count;
	uint64_t others; /* sign-ins with other names */
	int64_t due_ms;	 /* 0: nothing has come */
	int64_t interval_ms, written_ms;
};

struct strangers *strangers_create(void)
{
	struct strangers *s = memory_zero(1, sizeof(*s));

	s->interval_ms = STRANGERS_FIRST_MS;
	return s;
}

void strangers_destroy(struct strangers **strangers)
{
	free(*strangers);
	*strangers = NULL;
}

/* Without the port, which differs for each connection and tells nothing. */
static void copy_peer(char out[PEER_SIZE], const char *peer)
{
	const char *port = strrchr(peer, ':');

	snprintf(out, PEER_SIZE, "%.*s",
	    strncmp(peer, "unix:", 5) != 0 && port != NULL ? (int)(port - peer) : (int)strlen(peer),
	    peer);
}

/* The first one since the last summary sets when the next comes. A calm time makes it soon again.
 */
static void note_time(struct strangers *s, int64_t now_ms)
{
	if (s->due_ms != 0)
		return;
	if (now_ms - s->written_ms > s->interval_ms)
		s->interval_ms = STRANGERS_FIRST_MS;
	s->due_ms = now_ms + s->interval_ms;
}

void strangers_refused(
    struct strangers *strangers, unsigned status, const char *peer, int64_t now_ms)
{
	strangers->statuses[status < STATUSES ? status : 0]++;
	if (strangers->refused++ == 0)
		copy_peer(strangers->peer, peer);
	note_time(strangers, now_ms);
}

void strangers_sign_in_failed(
    struct strangers *strangers, struct slice name, const char *peer, int64_t now_ms)
{
	BUFFER_AUTO struct buffer valid = {0};
	struct failed *f = strangers->failed;
	char from[PEER_SIZE];
	size_t i = 0;

	note_time(strangers, now_ms);
	/* A header may hold any bytes, and what is cut must not end within a letter: who reads the
	 * audit would stop at it. */
	utf8_append_valid(&valid, utf8_first(name, ACCOUNTS_NAME_MAX));
	name = utf8_first(buffer_slice(&valid), ACCOUNTS_NAME_MAX);
	copy_peer(from, peer);
	while (i < strangers->failed_count &&
	       (!slice_is(name, f[i].name) || strcmp(f[i].peer, from) != 0))
		i++;
	/* Whoever tries thousands of names must not make thousands of records. */
	if (i == STRANGERS_NAMES) {
		strangers->others++;
		return;
	}
	if (i == strangers->failed_count) {
		strangers->failed_count++;
		memcpy(f[i].name, name.data, name.len);
		f[i].name[name.len] = '\0';
		memcpy(f[i].peer, from, sizeof(from));
		f[i].count = 0;
	}
	f[i].count++;
}

/* ---- Writing ---- */

static void record(const struct strangers *s, const char *refused, struct audit *audit)
{
	for (size_t i = 0; i < s->failed_count; i++)
		audit_record(
		    audit, &(struct audit_entry){.action = AUDIT_SIGN_IN_FAILED,
			       .who = slice_of(s->failed[i].name),
			       .from = slice_of(s->failed[i].peer),
			       .outcome = SLICE("refused"),
			       .text = s->failed[i].name[0] != '\0' ? SLICE("")
								    : SLICE("by a one-time link"),
			       .times = s->failed[i].count});
	if (s->others > 0)
		audit_record(
		    audit, &(struct audit_entry){.action = AUDIT_SIGN_IN_FAILED,
			       .outcome = SLICE("refused"),
			       .text = SLICE("with still other names or from other addresses"),
			       .times = s->others});
	if (s->refused > 0)
		audit_record(audit, &(struct audit_entry){.action = AUDIT_REFUSED,
					.from = slice_of(s->peer),
					.outcome = SLICE("refused"),
					.text = slice_of(refused),
					.times = s->refused});
}

/* "1204 (1200 with 401, 4 with 403)" */
static void describe(const struct strangers *s, char out[200])
{
	BUFFER_AUTO struct buffer text = {0};

	buffer_printf(&text, "%llu", (unsigned long long)s->refused);
	for (size_t status = 0, n = 0; status < STATUSES; status++)
		if (s->statuses[status] > 0)
			buffer_printf(&text, "%s%llu with %zu", n++ == 0 ? " (" : ", ",
			    (unsigned long long)s->statuses[status], status);
	buffer_append_string(&text, ")");
	snprintf(out, 200, "%s", buffer_string(&text));
}

static void say(const struct strangers *s, const char *refused)
{
	unsigned long long failed = s->others;

	for (size_t i = 0; i < s->failed_count; i++)
		failed += s->failed[i].count;
	if (failed > 0)
		log_info("failed sign-ins: %llu, the first as %s from %s", failed,
		    s->failed[0].name[0] != '\0' ? s->failed[0].name : "a one-time link",
		    s->failed[0].peer);
	if (s->refused > 0)
		log_info("requests refused before anybody had signed in: %s, the first from %s",
		    refused, s->peer);
}

void strangers_write(struct strangers *strangers, struct audit *audit, int64_t now_ms, bool all_now)
{
	int64_t interval_ms = strangers->interval_ms;
	char refused[200];

	if (strangers->due_ms == 0 || (now_ms < strangers->due_ms && !all_now))
		return;
	describe(strangers, refused);
	say(strangers, refused);
	record(strangers, refused, audit);
	*strangers = (struct strangers){.written_ms = now_ms,
	    .interval_ms =
		/* Twice as long each time while it goes on: the first attack is seen soon, a long
		 * one costs few records. */
	    interval_ms * 2 < STRANGERS_LONGEST_MS ? interval_ms * 2 : STRANGERS_LONGEST_MS};
}
