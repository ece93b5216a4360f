/* Sums of what strangers were refused, and the few rows and log lines that they become. The sums of
 * an interval are copied before they are written, so that counting goes on meanwhile. */
#include "access/strangers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/accounts.h"
#include "access/audit.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/store.h"

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
	struct failed *f = strangers->failed;
	size_t i = 0;

	note_time(strangers, now_ms);
	name = slice_first(name, ACCOUNTS_NAME_MAX);
	while (i < strangers->failed_count && !slice_is(name, f[i].name))
		i++;
	/* Whoever tries thousands of names must not make thousands of rows. */
	if (i == STRANGERS_NAMES) {
		strangers->others++;
		return;
	}
	if (i == strangers->failed_count) {
		strangers->failed_count++;
		memcpy(f[i].name, name.data, name.len);
		f[i].name[name.len] = '\0';
		f[i].count = 0;
	}
	f[i].count++;
	copy_peer(f[i].peer, peer);
}

/* ---- Writing ---- */

/* The rows of one interval, on their way into the store. */
struct summary {
	int64_t at;
	struct strangers counted;
	char refused[200];
};

static enum db_result append_row(
    struct db *db, const struct summary *summary, const struct audit_entry *row, struct error *err)
{
	struct audit_entry entry = *row;

	entry.at = summary->at;
	return audit_append(db, &entry, err);
}

static enum db_result append(struct db *db, void *context, struct error *err)
{
	const struct summary *summary = context;
	const struct strangers *s = &summary->counted;
	enum db_result result = DB_OK;
	char detail[100];

	for (size_t i = 0; i < s->failed_count && result == DB_OK; i++) {
		snprintf(
		    detail, sizeof(detail), "%llu times", (unsigned long long)s->failed[i].count);
		result = append_row(db, summary,
		    &(struct audit_entry){.who = s->failed[i].name[0] != '\0'
						     ? slice_of(s->failed[i].name)
						     : SLICE("-"),
			.source = slice_of(s->failed[i].peer),
			.action = SLICE("sign-in failed"),
			.target = SLICE(""),
			.detail = slice_of(detail)},
		    err);
	}
	if (s->others > 0 && result == DB_OK) {
		snprintf(detail, sizeof(detail), "%llu times with still other names",
		    (unsigned long long)s->others);
		result = append_row(db, summary,
		    &(struct audit_entry){.who = SLICE("-"),
			.source = SLICE(""),
			.action = SLICE("sign-in failed"),
			.target = SLICE(""),
			.detail = slice_of(detail)},
		    err);
	}
	if (s->refused > 0 && result == DB_OK)
		result = append_row(db, summary,
		    &(struct audit_entry){.who = SLICE("-"),
			.source = slice_of(s->peer),
			.action = SLICE("refused"),
			.target = SLICE(""),
			.detail = slice_of(summary->refused)},
		    err);
	return result;
}

static void appended(void *context, enum db_result result, const struct error *err)
{
	if (result != DB_OK)
		log_warning("a summary of refusals is not in the audit: %s", err->text);
	free(context);
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

static void say(const struct summary *summary)
{
	const struct strangers *s = &summary->counted;
	unsigned long long failed = s->others;

	for (size_t i = 0; i < s->failed_count; i++)
		failed += s->failed[i].count;
	if (failed > 0)
		log_info("failed sign-ins: %llu, the first as %s from %s", failed,
		    s->failed[0].name[0] != '\0' ? s->failed[0].name : "a one-time link",
		    s->failed[0].peer);
	if (s->refused > 0)
		log_info("requests refused before anybody had signed in: %s, the first from %s",
		    summary->refused, s->peer);
}

void strangers_write(struct strangers *strangers, struct store *store, int64_t now_ms, bool all_now)
{
	struct summary *summary;
	int64_t interval_ms = strangers->interval_ms;

	if (strangers->due_ms == 0 || (now_ms < strangers->due_ms && !all_now))
		return;
	summary = memory_zero(1, sizeof(*summary));
	summary->at = clock_now();
	summary->counted = *strangers;
	describe(strangers, summary->refused);
	say(summary);
	/* On a full disk the reserve is for jobs. */
	store_write_optional(store, append, appended, summary);
	*strangers = (struct strangers){.written_ms = now_ms,
	    .interval_ms =
		/* Twice as long each time while it goes on: the first attack is seen soon, a long
		 * one costs few rows. */
	    interval_ms * 2 < STRANGERS_LONGEST_MS ? interval_ms * 2 : STRANGERS_LONGEST_MS};
}
