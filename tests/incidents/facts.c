/* What the server would gather for a turn: counts by queue, the largest groups and cells, the disk,
 * the log's state and its problems. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "postfix/log_line.h"

#include "world.h"

/* As many as the server asks for. */
#define LARGEST 50
#define PROBLEMS_MAX 16
#define ACTIVE_LIMIT 20000
#define SOON (6 * HOUR)
/* Held for longer than a day. */
#define HELD_LONG DAY

struct tally {
	uint64_t messages, recipients;
	int oldest;
	uint32_t last; /* the message that was counted last, + 1 */
	uint32_t spread;
};

struct tallies {
	struct tally *of;
	uint32_t room;
	uint32_t *touched, touched_count, touched_room;
};

enum tallied {
	BY_LOGIN,
	BY_CLIENT,
	BY_SENDER,
	BY_DOMAIN,
	BY_CAUSE,
	BY_EXPIRING_SENDER,
	CELL_DOMAIN,
	CELL_HOST,
	CELL_PROVIDER,
	TALLIED
};

struct facts {
	struct incident_facts out;
	struct rates *rates;
	struct world *world;
	struct tallies tallies[TALLIED];
	struct incident_group groups[CELL_DOMAIN][LARGEST];
	struct incident_cell cells[TALLIED - CELL_DOMAIN][LARGEST];
	struct incident_repeat repeats[REPEATS_MAX];
	struct incident_problem problems[PROBLEMS_MAX];
	char problem_texts[PROBLEMS_MAX][200];
	struct incident_notice notice;
};

/* ---- Tallies ---- */

static struct tally *tally_at(struct tallies *t, uint32_t key)
{
	if (key >= t->room) {
		uint32_t old = t->room;

		t->room = key * 2 + 64;
		t->of = memory_resize(t->of, t->room, sizeof(*t->of));
		memset(t->of + old, 0, (t->room - old) * sizeof(*t->of));
	}
	return &t->of[key];
}

/* Whether the key is new. */
static bool tally(
    struct tallies *t, uint32_t key, uint32_t message, const struct message *m, uint32_t recipients)
{
	struct tally *one = tally_at(t, key);
	bool is_new = one->messages == 0;

	if (is_new) {
		if (t->touched_count == t->touched_room) {
			t->touched_room = t->touched_room * 2 + 256;
			t->touched =
			    memory_resize(t->touched, t->touched_room, sizeof(*t->touched));
		}
		t->touched[t->touched_count++] = key;
		one->oldest = m->arrival;
	}
	if (one->last != message + 1)
		one->messages++;
	one->last = message + 1;
	one->recipients += recipients;
	if (m->arrival < one->oldest)
		one->oldest = m->arrival;
	return is_new;
}

static int larger(const void *a, const void *b, void *tallies)
{
	const struct tallies *t = tallies;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	if (t->of[left].messages != t->of[right].messages)
		return t->of[left].messages > t->of[right].messages ? -1 : 1;
	return left < right ? -1 : left > right;
}

/* Keys with at least so many messages are all among the largest; 255 stands for more. */
static uint64_t threshold(const struct tallies *t)
{
	uint32_t with[256] = {0}, sum = 0;
	uint64_t least = 255;

	for (uint32_t i = 0; i < t->touched_count; i++) {
		uint64_t messages = t->of[t->touched[i]].messages;

		with[messages < 255 ? messages : 255]++;
	}
	while (least > 0 && sum + with[least] <= LARGEST)
		sum += with[least--];
	return least + 1;
}

/* Brings the largest to the front. Sorting all of them would be most of a minute's work. */
static size_t largest(struct tallies *t)
{
	uint64_t least = threshold(t);
	uint32_t front = 0;

	for (int equal = 0; equal < 2; equal++)
		for (uint32_t i = front; i < t->touched_count && (!equal || front < LARGEST); i++) {
			uint32_t key = t->touched[i];

			if (t->of[key].messages < least - (uint64_t)equal)
				continue;
			t->touched[i] = t->touched[front];
			t->touched[front++] = key;
		}
	if (front > 0)
		qsort_r(t->touched, front, sizeof(*t->touched), larger, t);
	return front < LARGEST ? front : LARGEST;
}

static void tallies_clear(struct facts *f)
{
	for (int i = 0; i < TALLIED; i++) {
		struct tallies *t = &f->tallies[i];

		for (uint32_t j = 0; j < t->touched_count; j++)
			t->of[t->touched[j]] = (struct tally){0};
		t->touched_count = 0;
	}
}

static int64_t seconds(const struct world *w, int minute)
{
	return w->start_s + (int64_t)minute * 60;
}

/* ---- The queue ---- */

static void tally_recipient(struct facts *f, uint32_t i, const struct recipient *r)
{
	struct world *w = f->world;
	const struct message *m = &w->messages[i];
	enum reply class = reply_class(r->reply);

	tally(&f->tallies[BY_DOMAIN], r->domain, i, m, 1);
	if (m->sender == w->null_sender &&
	    tally_at(&f->tallies[BY_DOMAIN], r->domain)->spread == 0) {
		tally_at(&f->tallies[BY_DOMAIN], r->domain)->spread = 1;
		f->out.null_sender_domains++;
	}
	if (class == REPLY_NONE)
		return;
	tally(&f->tallies[BY_CAUSE], class, i, m, 1);
	if (tally(&f->tallies[CELL_DOMAIN], r->domain * REPLIES + class, i, m, 1))
		tally_at(&f->tallies[BY_CAUSE], class)->spread++;
	if (!reply_has_host(r->reply))
		return;
	tally(&f->tallies[CELL_HOST], r->host * REPLIES + class, i, m, 1);
	if (r->host != w->filter_host && r->host != w->lmtp_host)
		tally(&f->tallies[CELL_PROVIDER], w->domains[r->domain].provider * REPLIES + class,
		    i, m, 1);
}

static bool expires_soon(const struct world *w, const struct message *m)
{
	return m->queue != QUEUE_HOLD && m->created + w->lifetime - w->now <= SOON;
}

static void tally_message(struct facts *f, uint32_t i)
{
	struct world *w = f->world;
	const struct message *m = &w->messages[i];
	int64_t *oldest = &f->out.oldest[m->queue];

	f->out.counts[m->queue]++;
	f->out.messages++;
	if (*oldest == 0 || seconds(w, m->arrival) < *oldest)
		*oldest = seconds(w, m->arrival);
	if (m->login != NAME_NONE)
		tally(&f->tallies[BY_LOGIN], m->login, i, m, m->waiting);
	if (m->client != NAME_NONE)
		tally(&f->tallies[BY_CLIENT], m->client, i, m, m->waiting);
	tally(&f->tallies[BY_SENDER], m->sender, i, m, m->waiting);
	for (uint32_t r = 0; r < m->count; r++)
		if (!m->recipients[r].done)
			tally_recipient(f, i, &m->recipients[r]);
	if (expires_soon(w, m)) {
		f->out.expiring++;
		tally(&f->tallies[BY_EXPIRING_SENDER], m->sender, i, m, m->waiting);
	}
	f->out.held_long += m->queue == QUEUE_HOLD && w->now - m->held > HELD_LONG;
}

static struct incident_groups groups(struct facts *f, enum tallied by, const struct names *names)
{
	struct tallies *t = &f->tallies[by];
	size_t count = largest(t);

	for (size_t i = 0; i < count; i++) {
		uint32_t key = t->touched[i];
		const struct tally *one = &t->of[key];

		f->groups[by][i] = (struct incident_group){
		    .key = names ? names_text(names, key) : reply_cause((enum reply)key),
		    .messages = one->messages,
		    .recipients = one->recipients,
		    .oldest_arrival = seconds(f->world, one->oldest),
		    .spread = names ? 0 : one->spread};
	}
	return (struct incident_groups){f->groups[by], count};
}

static struct incident_cells cells(struct facts *f, enum tallied by, const struct names *names)
{
	struct tallies *t = &f->tallies[by];
	struct incident_cell *items = f->cells[by - CELL_DOMAIN];
	size_t count = largest(t);

	for (size_t i = 0; i < count; i++) {
		uint32_t key = t->touched[i];
		enum reply class = (enum reply)(key % REPLIES);
		const struct tally *one = &t->of[key];

		items[i] = (struct incident_cell){.key = names_text(names, key / REPLIES),
		    .cause = reply_cause(class),
		    .messages = one->messages,
		    .recipients = one->recipients,
		    .oldest_arrival = seconds(f->world, one->oldest),
		    .quote = reply_text(class)};
	}
	return (struct incident_cells){items, count};
}

static void queue_facts(struct facts *f)
{
	struct world *w = f->world;
	struct incident_facts *out = &f->out;

	for (uint32_t i = 0; i < w->message_count; i++)
		if (w->messages[i].used)
			tally_message(f, i);
	out->logins = groups(f, BY_LOGIN, &w->names[KEY_LOGIN]);
	out->clients = groups(f, BY_CLIENT, &w->names[KEY_CLIENT]);
	out->senders = groups(f, BY_SENDER, &w->names[KEY_SENDER]);
	out->domains = groups(f, BY_DOMAIN, &w->names[KEY_DOMAIN]);
	out->causes = groups(f, BY_CAUSE, NULL);
	out->expiring_senders = groups(f, BY_EXPIRING_SENDER, &w->names[KEY_SENDER]);
	out->domain_causes = cells(f, CELL_DOMAIN, &w->names[KEY_DOMAIN]);
	out->host_causes = cells(f, CELL_HOST, &w->names[KEY_HOST]);
	out->provider_causes = cells(f, CELL_PROVIDER, &w->names[KEY_PROVIDER]);
	out->domains_waiting = f->tallies[BY_DOMAIN].touched_count;
	for (int q = 0; q < QUEUE_COUNT; q++)
		if (out->oldest[q] &&
		    (out->oldest_arrival == 0 || out->oldest[q] < out->oldest_arrival))
			out->oldest_arrival = out->oldest[q];
	w->expiring = (unsigned)out->expiring;
	w->held_long = (unsigned)out->held_long;
}

/* What stands in active longer than a minute: a flush under way, or far too much mail. */
static void active_facts(struct facts *f)
{
	struct world *w = f->world;
	const struct truth *full = w->acting[PLOT_ACTIVE_FULL];
	int64_t *counts = f->out.counts;

	if (w->now < w->flush_until) {
		int64_t moved = counts[QUEUE_DEFERRED] * 2 / 3;

		counts[QUEUE_DEFERRED] -= moved;
		counts[QUEUE_ACTIVE] += moved;
		if (f->out.oldest[QUEUE_ACTIVE] == 0)
			f->out.oldest[QUEUE_ACTIVE] = f->out.oldest[QUEUE_DEFERRED];
	}
	if (full) {
		int age = w->now - full->from;

		counts[QUEUE_ACTIVE] = age < 25 ? ACTIVE_LIMIT * age / 25 : ACTIVE_LIMIT;
		counts[QUEUE_INCOMING] += age < 25 ? 0 : 30 * (age - 25);
		f->out.oldest[QUEUE_ACTIVE] = seconds(w, full->from);
		f->out.oldest[QUEUE_INCOMING] = age < 26 ? 0 : seconds(w, full->from + 25);
		f->out.messages += counts[QUEUE_ACTIVE] + counts[QUEUE_INCOMING];
	}
}

/* ---- What incidents ask back ---- */

static bool is_own_client(void *context, struct slice address)
{
	return slice_starts_with(address, "127.") || slice_starts_with(address, "10.") ||
	       slice_starts_with(address, "192.0.2.");
}

static bool recipient_meets(
    const struct world *w, const struct recipient *r, const struct incident_term *term)
{
	switch (term->field) {
	case INCIDENT_OF_DOMAIN:
		return slice_equal(names_text(&w->names[KEY_DOMAIN], r->domain), term->value);
	case INCIDENT_OF_REMOTE_HOST:
		return r->reply && reply_has_host(r->reply) &&
		       slice_equal(names_text(&w->names[KEY_HOST], r->host), term->value);
	case INCIDENT_OF_PROVIDER:
		return r->reply && reply_has_host(r->reply) &&
		       slice_equal(
			   names_text(&w->names[KEY_PROVIDER], w->domains[r->domain].provider),
			   term->value);
	default:
		return slice_equal(reply_cause((enum reply)r->reply), term->value);
	}
}

static bool message_meets(
    const struct world *w, const struct message *m, const struct incident_term *term)
{
	const struct names *names = w->names;

	switch (term->field) {
	case INCIDENT_OF_LOGIN:
		return m->login != NAME_NONE &&
		       slice_equal(names_text(&names[KEY_LOGIN], m->login), term->value);
	case INCIDENT_OF_CLIENT:
		return m->client != NAME_NONE &&
		       slice_equal(names_text(&names[KEY_CLIENT], m->client), term->value);
	case INCIDENT_OF_SENDER:
		return slice_equal(names_text(&names[KEY_SENDER], m->sender), term->value);
	default:
		for (uint32_t r = 0; r < m->count; r++)
			if (!m->recipients[r].done && recipient_meets(w, &m->recipients[r], term))
				return true;
		return false;
	}
}

static int64_t count_messages(void *context, const struct incident_term *terms, size_t count)
{
	const struct world *w = ((struct facts *)context)->world;
	int64_t found = 0;

	for (uint32_t i = 0; i < w->message_count; i++) {
		bool meets = w->messages[i].used;

		for (size_t t = 0; t < count && meets; t++)
			meets = message_meets(w, &w->messages[i], &terms[t]);
		found += meets;
	}
	return found;
}

/* ---- The rest of the host ---- */

static void disk_facts(struct facts *f)
{
	struct world *w = f->world;
	const struct truth *disk = w->acting[PLOT_DISK], *inodes = w->acting[PLOT_INODES];
	double free = w->bytes_free - w->log_grown - w->dip;
	double left = w->inodes_free - w->log_grown / 1e6;

	if (disk)
		free *= (double)(disk->to - w->now) / (disk->to - disk->from);
	if (inodes)
		left *= (double)(inodes->to - w->now) / (inodes->to - inodes->from);
	f->out.spool_bytes = (int64_t)w->bytes;
	f->out.spool_bytes_free = free < 0 ? 0 : (int64_t)free;
	f->out.spool_inodes = (int64_t)w->inodes;
	f->out.spool_inodes_free = left < 0 ? 0 : (int64_t)left;
	f->out.queue_minfree = w->minfree;
}

static void problem(struct facts *f, const char *process, enum log_severity severity,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
static void problem(
    struct facts *f, const char *process, enum log_severity severity, const char *format, ...)
{
	size_t i = f->out.problem_count;
	va_list args;

	if (i == PROBLEMS_MAX)
		return;
	va_start(args, format);
	vsnprintf(f->problem_texts[i], sizeof(f->problem_texts[i]), format, args);
	va_end(args);
	f->problems[i] = (struct incident_problem){.at = world_now_s(f->world) - 30,
	    .process = slice_of(process),
	    .severity = (uint8_t)severity,
	    .text = slice_of(f->problem_texts[i])};
	f->out.problem_count++;
}

/* What any host on the internet logs all day, and a slip of the operator's now and then. */
static void noise(struct facts *f)
{
	struct world *w = f->world;
	struct dice *dice = &w->dice;
	unsigned n = w->has_bots ? dice_poisson(dice, .7) : 0;
	unsigned from = (unsigned)dice_between(dice, 1, 250);

	while (n-- > 0)
		if (dice_chance(dice, .7))
			problem(f, "smtpd", LOG_WARNING_LINE,
			    "warning: unknown[198.51.100.%u]: SASL LOGIN authentication failed: "
			    "authentication failure",
			    from);
		else
			problem(f, "smtpd", LOG_WARNING_LINE,
			    "warning: hostname host%u.dyn.example does not resolve to address "
			    "198.51.100.%u: Name or service not known",
			    from, from);
	if (dice_chance(dice, .4 / DAY))
		problem(f, "postmap", LOG_FATAL_LINE,
		    "fatal: open /etc/postfix/transprot: No such file or directory");
	if (dice_chance(dice, .4 / DAY))
		problem(f, "sendmail", LOG_FATAL_LINE, "fatal: usage: sendmail [options]");
	if (dice_chance(dice, .3 / DAY))
		problem(f, "smtpd", LOG_FATAL_LINE,
		    "fatal: non-null host address bits in "
		    "\"192.0.2.9/24\", perhaps you should use "
		    "\"192.0.2.0/24\" instead");
}

static void throttled(struct facts *f, const struct truth *t)
{
	const char *service = t->strength > .5 ? "smtp" : "smtpd";

	plan_hit(f->world, f->world->acting[PLOT_THROTTLED]);
	problem(f, service, LOG_FATAL_LINE,
	    "fatal: open database /etc/postfix/%s_map.db: No such "
	    "file or directory",
	    service);
	problem(f, "master", LOG_WARNING_LINE,
	    "warning: process /usr/lib/postfix/sbin/%s pid %d exit status 1", service,
	    f->world->pid++);
	problem(f, "master", LOG_WARNING_LINE,
	    "warning: /usr/lib/postfix/sbin/%s: bad command startup -- throttling", service);
}

static void lookups(struct facts *f)
{
	struct world *w = f->world;
	unsigned n = dice_poisson(&w->dice, 3);

	while (n-- > 0) {
		plan_hit(w, w->acting[PLOT_LOOKUPS]);
		problem(f, dice_chance(&w->dice, .5) ? "trivial-rewrite" : "cleanup",
		    LOG_WARNING_LINE,
		    "warning: mysql:/etc/postfix/aliases.cf lookup error for \"%s\"",
		    "info@office.example");
	}
}

static void problem_facts(struct facts *f)
{
	struct world *w = f->world;

	if (w->acting[PLOT_THROTTLED])
		throttled(f, w->acting[PLOT_THROTTLED]);
	if (w->acting[PLOT_LOOKUPS])
		lookups(f);
	noise(f);
	if (w->acting[PLOT_LOG_UNREAD] || w->acting[PLOT_LOG_SILENT])
		f->out.problem_count = 0;
}

static void notice(struct facts *f, const char *code, const char *severity, const char *text)
{
	f->notice = (struct incident_notice){.code = slice_of(code),
	    .severity = slice_of(severity),
	    .text = slice_of(text),
	    .fix = SLICE(""),
	    .since = world_now_s(f->world) - 60};
	f->out.notices = &f->notice;
	f->out.notice_count = 1;
}

static void log_facts(struct facts *f)
{
	struct world *w = f->world;
	const struct truth *silent = w->acting[PLOT_LOG_SILENT];

	f->out.log_known = true;
	f->out.log_oldest = w->start_s;
	f->out.log_newest = seconds(w, w->log_newest) + 30;
	if (silent && f->out.log_newest > seconds(w, silent->from))
		f->out.log_newest = seconds(w, silent->from) - 1;
	if (w->acting[PLOT_LOG_UNREAD]) {
		f->out.log_known = false;
		notice(f, "log_unavailable", "warning",
		    "The mail log cannot be read: Permission denied.");
	}
}

static void rates_facts(struct facts *f)
{
	struct world *w = f->world;
	bool silent = w->acting[PLOT_LOG_UNREAD] || w->acting[PLOT_LOG_SILENT];

	if (w->acting[PLOT_LOG_UNREAD])
		return;
	rates_begin(f->rates, seconds(w, w->now));
	for (int kind = 0; kind < RATE_KINDS && !silent; kind++)
		for (uint32_t i = 0; i < w->counts[kind].touched_count; i++) {
			uint32_t key = w->counts[kind].touched[i];

			rates_put(f->rates, seconds(w, w->now), (enum rate_kind)kind,
			    counts_key(w, (enum rate_kind)kind, key), &w->counts[kind].of[key]);
		}
}

/* As the log reader tells them (src/logreader/log_repeats.h): nothing of what came less often. */
#define REPEATS_LEAST 6

static void repeat_facts(struct facts *f)
{
	struct world *w = f->world;

	for (int i = 0; i < REPEATS_MAX; i++) {
		unsigned times = repeat_times(w, &w->repeats[i]);

		if (times < REPEATS_LEAST)
			continue;
		f->repeats[f->out.repeat_count++] =
		    (struct incident_repeat){.text = slice_of(w->repeats[i].text),
			.sender = names_text(&w->names[KEY_SENDER], w->repeats[i].sender),
			.times = times,
			.message_id = w->repeats[i].message_id};
	}
	f->out.repeats = f->repeats;
}

static void source_facts(struct facts *f)
{
	f->out.queue_known = !f->world->acting[PLOT_SOURCE];
	if (!f->out.queue_known)
		notice(f, "helper_unavailable", "error", "The helper does not answer.");
}

const struct incident_facts *facts_of(struct facts *f, struct world *w)
{
	f->world = w;
	f->out = (struct incident_facts){.now = world_now_s(w),
	    .rates = f->rates,
	    .active_limit = ACTIVE_LIMIT,
	    .postfix_running = 1,
	    .postfix_since = w->start_s - 86400,
	    .problems = f->problems,
	    .is_own_client = is_own_client,
	    .count_messages = count_messages,
	    .context = f};
	tallies_clear(f);
	queue_facts(f);
	active_facts(f);
	disk_facts(f);
	problem_facts(f);
	log_facts(f);
	rates_facts(f);
	repeat_facts(f);
	source_facts(f);
	return &f->out;
}

struct facts *facts_create(void)
{
	struct facts *f = memory_zero(1, sizeof(*f));

	f->rates = rates_create();
	return f;
}

void facts_free(struct facts *f)
{
	rates_free(f->rates);
	for (int i = 0; i < TALLIED; i++) {
		free(f->tallies[i].of);
		free(f->tallies[i].touched);
	}
	free(f);
}
