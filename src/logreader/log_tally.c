/* What each line counts as, for whom (log_lives.h), and in which minute: a short window of minutes
 * is held, each with a table for each kind (base/rate_table.h). */
#include "logreader/log_tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "logreader/log_lives.h"
#include "postfix/diagnosis.h"
#include "postfix/queue_id.h"
#include "postfix/reason.h"

#define MINUTE 60
#define NEVER INT64_MIN

struct held_minute {
	int64_t at; /* 0: none */
	int64_t quiet;
	int64_t told_at; /* by the clock; NEVER: not yet */
	bool changed;	 /* since it was told */
	struct rate_table kinds[RATE_KINDS];
	struct rate_sums sums;
};

struct log_tally {
	log_tally_fn *fn;
	void *context;
	char *instance; /* NULL: any */
	struct log_lives *lives;
	struct log_repeats *repeats;
	int64_t from, now;
	int64_t newest;
	struct held_minute minutes[LOG_TALLY_MINUTES]; /* at its number, modulo their count */
	unsigned late;				       /* lines in a row */
	uint64_t left_out;
	struct held_minute *minute; /* of the line in hand; NULL: it counts nothing */
};

/* Whom and what a recipient is counted for; empty: nothing. */
struct counted {
	enum rate_result result;
	uint32_t recipients;
	const struct log_life *life; /* NULL: not known */
	struct slice domain, host;
	const struct diagnosis *cause;
};

/* ---- minutes ---- */

static void clear_minute(struct held_minute *minute)
{
	minute->at = 0;
	minute->changed = false;
	minute->sums = (struct rate_sums){.delay_ms = 0};
	for (int kind = 0; kind < RATE_KINDS; kind++)
		rate_table_clear(&minute->kinds[kind]);
}

static void tell(struct log_tally *t, struct held_minute *minute)
{
	struct log_tally_minute told = {minute->at, minute->quiet, minute->kinds, &minute->sums};

	minute->changed = false;
	minute->told_at = t->now;
	if (minute->at < t->from)
		return;
	if (told.quiet < t->from)
		told.quiet = t->from - t->from % MINUTE;
	if (told.quiet > told.minute)
		told.quiet = told.minute;
	t->fn(t->context, &told);
	minute->quiet = minute->at;
}

static void let_go(struct log_tally *t, struct held_minute *minute)
{
	if (minute->at != 0 && minute->changed)
		tell(t, minute);
	clear_minute(minute);
}

/* Oldest first: whoever keeps the last hour of what is told loses nothing. */
static void let_all_go(struct log_tally *t)
{
	for (int64_t at = t->newest - (LOG_TALLY_MINUTES - 1) * MINUTE; at <= t->newest;
	     at += MINUTE) {
		struct held_minute *minute =
		    &t->minutes[(uint64_t)(at / MINUTE) % LOG_TALLY_MINUTES];

		if (minute->at == at)
			let_go(t, minute);
	}
	t->newest = 0;
}

static struct held_minute *place_of(struct log_tally *t, int64_t at)
{
	return &t->minutes[at / MINUTE % LOG_TALLY_MINUTES];
}

/* A minute begins that is newer than all before. */
static void advance(struct log_tally *t, int64_t at)
{
	int64_t before = t->newest;
	struct held_minute *minute;

	/* Those that fall out of the window, oldest first. */
	if (before > 0)
		for (int64_t old = before - (LOG_TALLY_MINUTES - 1) * MINUTE;
		     old <= before && old <= at - LOG_TALLY_MINUTES * MINUTE; old += MINUTE)
			if (old > 0 && place_of(t, old)->at == old)
				let_go(t, place_of(t, old));
	minute = place_of(t, at);
	minute->at = at;
	minute->quiet = at;
	if (before > 0 && at - before - MINUTE <= LOG_TALLY_QUIET)
		minute->quiet = before + MINUTE;
	minute->told_at = NEVER;
	minute->changed = true;
	t->newest = at;
}

/* A minute in the window that had no line so far: it was among the quiet ones of a later one. */
static struct held_minute *fill(struct log_tally *t, int64_t at)
{
	struct held_minute *minute = place_of(t, at);

	if (minute->at == at)
		return minute;
	clear_minute(minute);
	minute->at = minute->quiet = at;
	minute->told_at = NEVER;
	/* Those quiet ones are told first, and this one replaces what they say of it. */
	for (int64_t later = at + MINUTE; later <= t->newest; later += MINUTE)
		if (place_of(t, later)->at == later && place_of(t, later)->quiet <= at) {
			minute->quiet = place_of(t, later)->quiet;
			place_of(t, later)->quiet = at + MINUTE;
			break;
		}
	return minute;
}

static struct held_minute *minute_of(struct log_tally *t, const struct log_line *line)
{
	int64_t at = line->time_us / (1000000 * (int64_t)MINUTE) * MINUTE;

	if (line->time_us == LOG_TIME_UNKNOWN || at <= 0 || at > t->now + LOG_TALLY_AHEAD) {
		t->left_out++;
		return NULL;
	}
	if (t->newest > 0 && at <= t->newest - LOG_TALLY_MINUTES * MINUTE) {
		if (++t->late < LOG_TALLY_JUMP) {
			t->left_out++;
			return NULL;
		}
		let_all_go(t);
	}
	t->late = 0;
	if (at > t->newest)
		advance(t, at);
	return fill(t, at);
}

void log_tally_clock(struct log_tally *t, int64_t now)
{
	t->now = now;
	if (t->newest > now + LOG_TALLY_AHEAD)
		let_all_go(t);
}

void log_tally_flush(struct log_tally *t)
{
	int64_t over = (t->now - LOG_TALLY_GRACE) / MINUTE * MINUTE - MINUTE;

	/* Nothing was logged since. */
	if (t->newest > 0 && over > t->newest)
		advance(t, over);
	for (int64_t at = t->newest - (LOG_TALLY_MINUTES - 1) * MINUTE; at <= over && at > 0;
	     at += MINUTE) {
		struct held_minute *minute = place_of(t, at);

		if (minute->at == at && minute->changed &&
		    (minute->told_at == NEVER || minute->told_at > t->now ||
			t->now >= minute->told_at + LOG_TALLY_AGAIN))
			tell(t, minute);
	}
}

/* ---- counting ---- */

static void lower_case(char *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		out[i] = (char)(s.data[i] >= 'A' && s.data[i] <= 'Z' ? s.data[i] + 'a' - 'A'
								     : s.data[i]);
}

static void add(
    struct log_tally *t, enum rate_kind kind, struct slice key, const struct rate_counts *counts)
{
	if (key.len > 0 || kind == RATE_TOTAL)
		rate_table_add(&t->minute->kinds[kind], key, counts);
}

/* Names of hosts and domains in lower case. */
static void add_name(
    struct log_tally *t, enum rate_kind kind, struct slice name, const struct rate_counts *counts)
{
	char lower[RATES_KEY_MAX + 1];
	struct slice cut = slice_first(name, sizeof(lower));

	lower_case(lower, cut);
	add(t, kind, slice_make(lower, cut.len), counts);
}

static void count(struct log_tally *t, const struct counted *what)
{
	struct rate_counts counts = {{0}};

	if (t->minute == NULL || what->recipients == 0)
		return;
	t->minute->changed = true;
	counts.n[what->result] = what->recipients;
	add(t, RATE_TOTAL, SLICE(""), &counts);
	add_name(t, RATE_DOMAIN, what->domain, &counts);
	add_name(t, RATE_REMOTE_HOST, what->host, &counts);
	if (what->cause != NULL)
		add(t, RATE_CAUSE, slice_of(what->cause->key), &counts);
	if (what->life == NULL)
		return;
	add(t, RATE_LOGIN, log_lives_text(t->lives, what->life->login), &counts);
	add(t, RATE_CLIENT, log_lives_text(t->lives, what->life->client), &counts);
	add(t, RATE_SENDER, log_lives_text(t->lives, what->life->sender), &counts);
}

/* ---- lives ---- */

/* "name[address]", perhaps with a port behind it. */
static struct slice address_of(struct slice client)
{
	ptrdiff_t open = slice_find_char(client, '['), close;

	if (open < 0)
		return SLICE("");
	client = slice_from(client, (size_t)open + 1);
	close = slice_find_char(client, ']');
	return close < 0 ? SLICE("") : slice_first(client, (size_t)close);
}

static struct log_life *begin_life(struct log_tally *t, struct slice id, enum rate_way way)
{
	struct log_life *life = log_lives_get(t->lives, id);

	log_lives_renew(t->lives, life);
	life->begun = true;
	life->way = (uint8_t)way;
	return life;
}

/* Who gave the message in is who gave it in before. */
static void inherit(struct log_tally *t, struct log_life *life, const struct log_life *former)
{
	if (life->login == 0)
		log_lives_share(t->lives, &life->login, former->login);
	if (former->client != 0)
		log_lives_share(t->lives, &life->client, former->client);
}

static void on_client(struct log_tally *t, const struct log_line *line)
{
	struct log_life *life = begin_life(t, line->id, RATE_WAY_SMTP), *former;

	log_lives_set(t->lives, life, &life->login, line->status);
	log_lives_set(t->lives, life, &life->client, address_of(line->relay));
	if (line->other_id.len == 0 || slice_equal(line->other_id, line->id))
		return;
	former = log_lives_find(t->lives, line->other_id);
	/* From a content filter. Where it is not known it may be another host's ID. */
	if (former == NULL)
		return;
	life->received = former->received;
	life->parent = former->id;
	inherit(t, life, former);
}

static void on_pickup(struct log_tally *t, const struct log_line *line)
{
	struct log_life *life = begin_life(t, line->id, RATE_WAY_LOCAL), *former;

	if (line->other_id.len == 0 || slice_equal(line->other_id, line->id))
		return;
	former = log_lives_find(t->lives, line->other_id);
	/* Not known: it was received before what is counted here. */
	life->received = former == NULL || former->received;
	if (former != NULL)
		inherit(t, life, former);
	log_lives_remove(t->lives, line->other_id);
}

/* cleanup's line is the only one before the queue manager's of a notice. */
static void on_message_id(struct log_tally *t, const struct log_line *line)
{
	struct log_life *life = log_lives_find(t->lives, line->id);

	/* Taken up already: the short ID is used again. */
	if (life == NULL || life->ours)
		life = begin_life(t, line->id, RATE_WAY_NOTICE);
	log_lives_set(t->lives, life, &life->message_id, line->address);
}

static bool is_watched(const struct log_tally *t, const struct log_line *line)
{
	return t->instance == NULL || line->instance.len == 0 ||
	       slice_is(line->instance, t->instance);
}

static void on_active(struct log_tally *t, const struct log_line *line)
{
	struct log_life *life;
	bool first;

	if (!is_watched(t, line))
		return;
	life = log_lives_get(t->lives, line->id);
	first = life->begun && !life->received;
	life->ours = life->received = true;
	life->fresh = first;
	life->deferred = life->deferred_so = 0;
	log_lives_set(
	    t->lives, life, &life->sender, line->address.len > 0 ? line->address : SLICE("<>"));
	if (!first)
		return;
	count(t, &(struct counted){RATE_RECEIVED, line->recipients, life, .cause = NULL});
	if (t->minute != NULL) {
		t->minute->sums.messages[life->way]++;
		t->minute->changed = true;
	}
}

/* A line of the watched instance, or about one of its messages; a message of another's is not
 * ours whatever the line's program is called. */
static bool is_ours(
    const struct log_tally *t, const struct log_line *line, const struct log_life *life)
{
	return is_watched(t, line) || (life != NULL && life->ours);
}

/* ---- recipients ---- */

static struct slice domain_of(struct slice address)
{
	for (size_t i = address.len; i > 0; i--)
		if (address.data[i - 1] == '@')
			return slice_from(address, i);
	return SLICE("");
}

/* "host[address]:port" or "host[socket]"; of what was not tried, the host that the reason names. */
static struct slice host_of(const struct log_line *line)
{
	ptrdiff_t bracket = slice_find_char(line->relay, '[');
	struct reason reason;

	if (bracket >= 0)
		return slice_first(line->relay, (size_t)bracket);
	if (!slice_is(line->relay, "none"))
		return SLICE("");
	reason_parse(line->reason, &reason);
	return reason.host;
}

static const struct diagnosis *cause_of(const struct log_line *line)
{
	char text[REASON_ONE_LINE_MAX];
	struct slice reply;

	return diagnosis_find(reason_one_line(text, sizeof(text), line->reason, &reply), line->dsn);
}

/* Remembers for when it expires. */
static void note_deferral(struct log_tally *t, struct log_life *life, const struct counted *what)
{
	uint16_t cause = what->cause != NULL ? (uint16_t)(diagnosis_index(what->cause) + 1) : 0;

	/* Mail that waits would keep the texts of all message IDs. */
	log_lives_set(t->lives, life, &life->message_id, SLICE(""));
	if (life->deferred++ == 0) {
		log_lives_set(t->lives, life, &life->domain, what->domain);
		log_lives_set(t->lives, life, &life->host, what->host);
		life->cause = cause;
	}
	life->deferred_so += life->cause == cause &&
			     slice_equal(log_lives_text(t->lives, life->domain),
				 slice_first(what->domain, RATES_KEY_MAX + 1)) &&
			     slice_equal(log_lives_text(t->lives, life->host),
				 slice_first(what->host, RATES_KEY_MAX + 1));
}

/* The server that took one message gave the other in: a filter. All servers of the world may say
 * "queued as" and an ID of ours. What listens on this host alone is no stranger, whatever the
 * address that it answers from. */
static bool came_back(
    const struct log_tally *t, const struct log_line *line, const struct log_life *next)
{
	struct slice relay = address_of(line->relay);

	return slice_starts_with(relay, "127.") || slice_is(relay, "::1") ||
	       slice_find_char(relay, '/') >= 0 ||
	       (relay.len > 0 && slice_equal(relay, log_lives_text(t->lives, next->client)));
}

/* A content filter that passed the queue ID on has given the message back under another one, and
 * says so: "250 2.0.0 Ok: queued as ID". It goes on there. Of a filter that did not, what is
 * learned is who gave the other one in; `again` says that it is in the queue again. */
static bool is_handed_over(struct log_tally *t, const struct log_line *line, bool *again)
{
	ptrdiff_t at = slice_find(line->reason, SLICE("queued as "));
	struct slice id = SLICE("");
	const struct log_life *life;
	struct log_life *next;

	if (at >= 0)
		id = slice_from(line->reason, (size_t)at + strlen("queued as "));
	at = slice_find_char(id, ')');
	if (at >= 0)
		id = slice_first(id, (size_t)at);
	id = slice_trim(id);
	if (!queue_id_valid(id) || slice_equal(id, line->id))
		return false;
	next = log_lives_find(t->lives, id);
	life = log_lives_find(t->lives, line->id);
	if (next == NULL || life == NULL)
		return false;
	*again = true;
	if (next->parent == 0 && came_back(t, line, next))
		inherit(t, next, life);
	return next->parent == life->id;
}

static bool result_of(struct slice status, enum rate_result *result)
{
	static const struct {
		const char *status;
		enum rate_result result;
	} results[] = {{"sent", RATE_DELIVERED}, {"deferred", RATE_DEFERRED},
	    {"SOFTBOUNCE", RATE_DEFERRED}, {"bounced", RATE_BOUNCED}};

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (slice_is(status, results[i].status)) {
			*result = results[i].result;
			return true;
		}
	return false; /* probes, mail that was only looked at */
}

/* By the address that the sender wrote to, where that was rewritten to another. */
static void note_repeat(
    struct log_tally *t, const struct log_life *life, const struct log_line *line)
{
	bool rewritten = slice_find_char(line->orig_to, '@') > 0;

	if (t->minute != NULL)
		log_repeats_add(t->repeats, t->minute->at,
		    log_lives_text(t->lives, life->message_id),
		    log_lives_text(t->lives, life->sender),
		    rewritten ? line->orig_to : line->address);
}

static void on_delivery(struct log_tally *t, const struct log_line *line)
{
	struct log_life *life = log_lives_find(t->lives, line->id);
	struct counted what = {.recipients = 1};
	bool again = false;

	if (!is_ours(t, line, life) || !result_of(line->status, &what.result))
		return;
	if (what.result == RATE_DELIVERED && is_handed_over(t, line, &again))
		return;
	/* A filter took it, not the domain: that may be dead. */
	what.domain = again ? SLICE("") : domain_of(line->address);
	what.host = host_of(line);
	if (what.result != RATE_DELIVERED)
		what.cause = cause_of(line);
	life = log_lives_find(t->lives, line->id);
	if (life != NULL && life->fresh && !again)
		note_repeat(t, life, line);
	if (life != NULL && what.result == RATE_DEFERRED)
		note_deferral(t, life, &what);
	what.life = life;
	count(t, &what);
	if (t->minute != NULL && what.result == RATE_DELIVERED)
		rate_sums_delivered(&t->minute->sums, line->delay_ms);
}

static void on_expired(struct log_tally *t, const struct log_line *line)
{
	struct log_life *life = log_lives_find(t->lives, line->id);
	struct counted what = {.result = RATE_EXPIRED, .recipients = 1, .life = life};
	uint32_t others;

	if (!is_ours(t, line, life))
		return;
	if (life == NULL || life->deferred == 0) {
		count(t, &what);
		return;
	}
	others = life->deferred - life->deferred_so;
	what.recipients = others;
	count(t, &what);
	what.recipients = life->deferred_so;
	what.domain = log_lives_text(t->lives, life->domain);
	what.host = log_lives_text(t->lives, life->host);
	what.cause = life->cause > 0 ? diagnosis_at(life->cause - 1U) : NULL;
	count(t, &what);
	life->deferred = life->deferred_so = 0;
}

static void on_removed(struct log_tally *t, const struct log_line *line)
{
	const struct log_life *life = log_lives_find(t->lives, line->id);

	if (is_ours(t, line, life))
		log_lives_remove(t->lives, line->id);
}

/* ---- all ---- */

void log_tally_line(struct log_tally *t, const struct log_line *line)
{
	if (line->id.len == 0 || line->event == LOG_EVENT_NONE)
		return;
	t->minute = minute_of(t, line);
	switch (line->event) {
	case LOG_EVENT_CLIENT:
		on_client(t, line);
		break;
	case LOG_EVENT_PICKUP:
		on_pickup(t, line);
		break;
	case LOG_EVENT_MESSAGE_ID:
		on_message_id(t, line);
		break;
	case LOG_EVENT_ACTIVE:
		on_active(t, line);
		break;
	case LOG_EVENT_DELIVERY:
		on_delivery(t, line);
		break;
	case LOG_EVENT_EXPIRED:
		on_expired(t, line);
		break;
	case LOG_EVENT_REMOVED:
		on_removed(t, line);
		break;
	default:
		break;
	}
}

struct log_tally *log_tally_create(log_tally_fn *fn, void *context)
{
	struct log_tally *t = memory_zero(1, sizeof(*t));

	t->fn = fn;
	t->context = context;
	t->now = INT64_MAX / 2;
	for (int i = 0; i < LOG_TALLY_MINUTES; i++)
		for (int kind = 0; kind < RATE_KINDS; kind++)
			rate_table_init(&t->minutes[i].kinds[kind], LOG_TALLY_KEYS);
	t->lives = log_lives_create(LOG_TALLY_MESSAGES, LOG_TALLY_TEXT);
	t->repeats = log_repeats_create();
	return t;
}

void log_tally_destroy(struct log_tally **tally)
{
	struct log_tally *t = *tally;

	if (t == NULL)
		return;
	for (int i = 0; i < LOG_TALLY_MINUTES; i++)
		clear_minute(&t->minutes[i]);
	log_lives_destroy(&t->lives);
	log_repeats_destroy(&t->repeats);
	free(t->instance);
	free(t);
	*tally = NULL;
}

void log_tally_set_instance(struct log_tally *t, struct slice syslog_name)
{
	ptrdiff_t slash = slice_find_char(syslog_name, '/');

	if (slash >= 0)
		syslog_name = slice_first(syslog_name, (size_t)slash);
	free(t->instance);
	t->instance =
	    syslog_name.len > 0 ? memory_strndup(syslog_name.data, syslog_name.len) : NULL;
}

void log_tally_reset(struct log_tally *t, int64_t from)
{
	for (int i = 0; i < LOG_TALLY_MINUTES; i++)
		clear_minute(&t->minutes[i]);
	log_lives_destroy(&t->lives);
	t->lives = log_lives_create(LOG_TALLY_MESSAGES, LOG_TALLY_TEXT);
	log_repeats_reset(t->repeats);
	t->from = from > 0 ? from : 0;
	t->newest = 0;
	t->late = 0;
	t->left_out = 0;
}

size_t log_tally_repeats(struct log_tally *t, struct log_repeat out[2 * LOG_REPEATS_TOLD])
{
	return log_repeats_find(t->repeats, t->newest, out);
}

int64_t log_tally_newest(const struct log_tally *t)
{
	return t->newest;
}

uint64_t log_tally_left_out(const struct log_tally *t)
{
	return t->left_out;
}

size_t log_tally_memory(const struct log_tally *t)
{
	size_t memory = sizeof(*t) + log_lives_memory(t->lives) + log_repeats_memory(t->repeats);

	for (int i = 0; i < LOG_TALLY_MINUTES; i++)
		for (int kind = 0; kind < RATE_KINDS; kind++)
			memory += rate_table_memory(&t->minutes[i].kinds[kind]);
	return memory;
}
