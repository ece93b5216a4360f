/* One set of facts, filled in anew for each turn. The survey's result is kept until the next survey
 * has come to its end, so that a turn never sees half a queue. */
#include "watch/incident_gathering.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "query/survey.h"
#include "watch/own_networks.h"

/* What counting for incidents may take of one turn; beyond it counts are not known. A filter of a
 * million messages takes about a millisecond, one by reason up to ten. */
#define COUNTS_MS 8

/* The log reader tells once a minute. What is older is not the last half hour. */
#define REPEATS_FRESH 600

struct kept_problem {
	struct incident_problem problem; /* whose texts are the following */
	char *process, *text;
};

struct incident_gathering {
	struct query *query;
	struct notices *notices;
	const struct log_rates *rates;
	struct query_survey *survey;
	bool surveying;
	int64_t begun, looked_at; /* Unix seconds */
	uint64_t begun_generation, generation;
	struct survey_result found;
	/* `found` in the words of incidents.h; keys point into it. */
	struct incident_group *groups;
	struct incident_cell *cells;
	struct kept_problem problems[INCIDENT_PROBLEMS_MAX];
	struct incident_problem told[INCIDENT_PROBLEMS_MAX];
	size_t problem_count, told_count;
	struct incident_repeat repeats[INCIDENT_REPEATS_MAX];
	size_t repeat_count;
	int64_t repeats_at; /* Unix seconds */
	struct buffer repeat_texts;
	struct buffer held_back; /* lines: the subject's name, a blank, the key */
	struct incident_notice *warnings;
	size_t warning_count;
	struct incident_host host;
	int64_t active_limit, queue_minfree, held_here;
	struct own_networks *own;
	int64_t counts_ms; /* what counts took in this turn */
	int64_t now;
	struct incident_facts facts;
};

static bool is_own_client(void *context, struct slice address)
{
	const struct incident_gathering *g = context;

	return own_networks_contain(g->own, address);
}

static bool is_held_back(void *context, enum incident_subject subject, struct slice key)
{
	const struct incident_gathering *g = context;
	struct slice rest = buffer_slice(&g->held_back), line, name;

	name = slice_of(incident_subject_name(subject));
	while (slice_split(&rest, '\n', &line))
		if (slice_starts_with(line, incident_subject_name(subject)) &&
		    slice_equal_nocase(slice_from(line, name.len + 1), key))
			return true;
	return false;
}

/* Messages that a count may leave undecided: what comes in while it is asked, and one in so many.
 */
#define UNDECIDED_LEAST 20
#define UNDECIDED_PART 20

static int64_t count_messages(void *context, const struct incident_term *terms, size_t count)
{
	struct incident_gathering *g = context;
	BUFFER_AUTO struct buffer text = {0};
	struct index_match match;
	int64_t begun = clock_monotonic_ms();
	struct filter *filter;

	if (g->counts_ms >= COUNTS_MS || !incident_terms_filter(&text, terms, count))
		return -1;
	filter = filter_parse(buffer_slice(&text), NULL);
	if (filter == NULL)
		return -1;
	query_count(g->query, query_scope_all(), filter, g->now, &match);
	filter_free(filter);
	g->counts_ms += clock_monotonic_ms() - begun;
	/* A few are always being read; many make it a guess. */
	if (match.too_costly || match.undecided > UNDECIDED_LEAST + match.messages / UNDECIDED_PART)
		return -1;
	return (int64_t)match.messages;
}

struct incident_gathering *incident_gathering_create(
    struct query *query, struct notices *notices, const struct log_rates *rates)
{
	struct incident_gathering *g = memory_zero(1, sizeof(*g));

	g->query = query;
	g->notices = notices;
	g->rates = rates;
	g->survey = query_survey_create(query, query_scope_all());
	g->own = own_networks_create(SLICE(""));
	g->active_limit = g->queue_minfree = g->held_here = -1;
	g->host = (struct incident_host){-1, 0, -1, -1, -1, -1};
	return g;
}

static void forget_problems(struct incident_gathering *g, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(g->problems[i].process);
		free(g->problems[i].text);
	}
	g->problem_count -= count;
	memmove(&g->problems[0], &g->problems[count], g->problem_count * sizeof(g->problems[0]));
}

void incident_gathering_destroy(struct incident_gathering **gathering)
{
	struct incident_gathering *g = *gathering;

	if (g == NULL)
		return;
	forget_problems(g, g->problem_count);
	query_survey_free(&g->survey);
	survey_result_free(&g->found);
	own_networks_free(&g->own);
	free(g->groups);
	free(g->cells);
	free(g->warnings);
	buffer_free(&g->repeat_texts);
	buffer_free(&g->held_back);
	free(g);
	*gathering = NULL;
}

/* ---- What others tell ---- */

/* Keys of pauses have no line end (wire/pause_proto.h). */
void incident_gathering_set_held_back(
    struct incident_gathering *g, const struct incident_held_back *held, size_t count)
{
	buffer_clear(&g->held_back);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&g->held_back, "%s %.*s\n", incident_subject_name(held[i].subject),
		    SLICE_ARGS(held[i].key));
}

void incident_gathering_set_repeats(struct incident_gathering *g, int64_t as_of,
    const struct incident_repeat_seen *repeats, size_t count)
{
	size_t at = 0;

	g->repeat_count = count < INCIDENT_REPEATS_MAX ? count : INCIDENT_REPEATS_MAX;
	g->repeats_at = as_of;
	buffer_clear(&g->repeat_texts);
	for (size_t i = 0; i < g->repeat_count; i++) {
		buffer_append_slice(&g->repeat_texts, repeats[i].sender);
		buffer_append_char(&g->repeat_texts, ' ');
		buffer_append_slice(&g->repeat_texts, repeats[i].text);
	}
	/* Only now do the texts stay where they are. Of a pair both are the text. */
	for (size_t i = 0; i < g->repeat_count; i++) {
		size_t sender = repeats[i].sender.len, both = sender + 1 + repeats[i].text.len;
		struct slice text =
		    slice_first(slice_from(buffer_slice(&g->repeat_texts), at), both);
		g->repeats[i] = (struct incident_repeat){.message_id = repeats[i].message_id,
		    .times = repeats[i].times,
		    .sender = slice_first(text, sender),
		    .text = repeats[i].message_id ? slice_from(text, sender + 1) : text};
		at += both;
	}
}

void incident_gathering_set_host(struct incident_gathering *g, const struct incident_host *host)
{
	g->host = *host;
}

const struct incident_host *incident_gathering_host(const struct incident_gathering *g)
{
	return &g->host;
}

void incident_gathering_set_settings(
    struct incident_gathering *g, const struct incident_settings *settings)
{
	own_networks_free(&g->own);
	g->own = own_networks_create(settings->mynetworks);
	g->active_limit = settings->active_limit;
	g->queue_minfree = settings->queue_minfree;
}

void incident_gathering_set_held_here(struct incident_gathering *g, int64_t held)
{
	g->held_here = held;
}

void incident_gathering_add_problem(
    struct incident_gathering *g, const struct incident_problem *problem)
{
	struct kept_problem *p;

	/* A program that complains a thousand times a second says the same each time. */
	if (g->problem_count == INCIDENT_PROBLEMS_MAX) {
		forget_problems(g, 1);
		g->told_count -= g->told_count > 0;
	}
	p = &g->problems[g->problem_count++];
	p->problem = *problem;
	p->process = memory_strndup(problem->process.data, problem->process.len);
	p->text = memory_strndup(problem->text.data, problem->text.len);
	p->problem.process = slice_of(p->process);
	p->problem.text = slice_of(p->text);
}

/* ---- The queue ---- */

void incident_gathering_look(struct incident_gathering *g, int64_t now)
{
	struct index_status status;

	if (g->surveying)
		return;
	query_status(g->query, query_scope_all(), now, &status);
	/* What is old, and what expires, goes by the clock: looked at again after a while. */
	if (status.generation == g->generation && g->looked_at != 0 &&
	    now - g->looked_at < 5 * 60 && now >= g->looked_at)
		return;
	g->surveying = true;
	g->begun = now;
	g->begun_generation = status.generation;
	query_survey_begin(g->survey, now);
}

static struct incident_groups groups_of(
    const struct survey_groups *from, struct incident_group **to)
{
	struct incident_groups groups = {*to, from->count};

	for (size_t i = 0; i < from->count; i++) {
		const struct survey_group *g = &from->items[i];

		*(*to)++ = (struct incident_group){
		    g->key, g->messages, g->recipients, g->oldest_arrival, g->spread};
	}
	return groups;
}

static struct incident_cells cells_of(const struct survey_cells *from, struct incident_cell **to)
{
	struct incident_cells cells = {*to, from->count};

	for (size_t i = 0; i < from->count; i++) {
		const struct survey_cell *c = &from->items[i];

		*(*to)++ = (struct incident_cell){
		    c->key, c->cause, c->messages, c->recipients, c->oldest_arrival, c->quote};
	}
	return cells;
}

static void translate(struct incident_gathering *g)
{
	const struct survey_result *found = &g->found;
	size_t groups = found->logins.count + found->clients.count + found->senders.count +
			found->domains.count + found->causes.count + found->expiring_senders.count;
	size_t cells =
	    found->domain_causes.count + found->host_causes.count + found->provider_causes.count;
	struct incident_group *group;
	struct incident_cell *cell;

	free(g->groups);
	free(g->cells);
	group = g->groups = memory_alloc((groups + 1) * sizeof(*group));
	cell = g->cells = memory_alloc((cells + 1) * sizeof(*cell));
	g->facts.logins = groups_of(&found->logins, &group);
	g->facts.clients = groups_of(&found->clients, &group);
	g->facts.senders = groups_of(&found->senders, &group);
	g->facts.domains = groups_of(&found->domains, &group);
	g->facts.causes = groups_of(&found->causes, &group);
	g->facts.expiring_senders = groups_of(&found->expiring_senders, &group);
	g->facts.domain_causes = cells_of(&found->domain_causes, &cell);
	g->facts.host_causes = cells_of(&found->host_causes, &cell);
	g->facts.provider_causes = cells_of(&found->provider_causes, &cell);
}

bool incident_gathering_step(struct incident_gathering *g)
{
	if (!g->surveying)
		return false;
	if (query_survey_step(g->survey, INCIDENT_GATHERING_ROWS))
		return true;
	survey_result_free(&g->found);
	query_survey_result(g->survey, &g->found);
	translate(g);
	g->surveying = false;
	g->looked_at = g->begun;
	g->generation = g->begun_generation;
	return false;
}

int64_t incident_gathering_looked_at(const struct incident_gathering *g)
{
	return g->looked_at;
}

const struct survey_result *incident_gathering_found(const struct incident_gathering *g)
{
	return g->looked_at != 0 ? &g->found : NULL;
}

struct incident_settings incident_gathering_settings(const struct incident_gathering *g)
{
	return (struct incident_settings){SLICE(""), g->active_limit, g->queue_minfree};
}

/* ---- A turn's facts ---- */

static void add_warning(void *data, const struct warning *w)
{
	struct incident_gathering *g = data;

	g->warnings = memory_resize(g->warnings, g->warning_count + 1, sizeof(*g->warnings));
	g->warnings[g->warning_count++] = (struct incident_notice){slice_of(w->code),
	    slice_of(w->severity), slice_of(w->text), slice_of(w->fix != NULL ? w->fix : ""),
	    w->since, slice_of(w->words != NULL ? w->words : ""),
	    slice_of(w->fix_words != NULL ? w->fix_words : "")};
}

static void fill_queue(struct incident_gathering *g, struct incident_facts *f, bool queue_read)
{
	struct index_status status;

	query_status(g->query, query_scope_all(), f->now, &status);
	f->queue_known = queue_read && status.state == INDEX_CURRENT && g->looked_at != 0;
	for (int q = 0; q < QUEUE_COUNT; q++) {
		f->counts[q] = (int64_t)status.counts[q];
		f->oldest[q] = status.counts[q] > 0 ? g->found.oldest[q] : 0;
	}
	/* What a delete has on hold is not held. */
	f->counts[QUEUE_HOLD] -= (int64_t)status.deleting;
	f->counts[QUEUE_CORRUPT] = status.corrupt_known ? (int64_t)status.corrupt : -1;
	f->messages = (int64_t)status.messages;
	f->oldest_arrival = status.messages > 0 ? status.oldest_arrival : 0;
	f->domains_waiting = g->found.domains_waiting;
	f->null_sender_domains = (int64_t)g->found.null_sender_domains;
	f->expiring = g->found.expiring_known ? (int64_t)g->found.expiring : -1;
	f->held_long = -1;
	/* Nobody knows which of them our jobs hold: each may be of the old ones. So it tells too
	 * few, and never blames a hold of today for old mail. */
	if (g->held_here >= 0)
		f->held_long = (int64_t)g->found.held_long > g->held_here
				   ? (int64_t)g->found.held_long - g->held_here
				   : 0;
}

static void fill_host(const struct incident_gathering *g, struct incident_facts *f)
{
	f->active_limit = g->active_limit;
	f->queue_minfree = g->queue_minfree;
	f->spool_bytes_free = g->host.bytes_free;
	f->spool_bytes = g->host.bytes;
	f->spool_inodes_free = g->host.inodes_free;
	f->spool_inodes = g->host.inodes;
	f->postfix_running = g->host.postfix_running;
	f->postfix_since = g->host.postfix_since;
}

/* What was told in the turn before is forgotten now. */
static void fill_problems(struct incident_gathering *g, struct incident_facts *f)
{
	forget_problems(g, g->told_count);
	for (size_t i = 0; i < g->problem_count; i++)
		g->told[i] = g->problems[i].problem;
	g->told_count = g->problem_count;
	f->problems = g->told;
	f->problem_count = g->told_count;
}

const struct incident_facts *incident_gathering_facts(
    struct incident_gathering *g, int64_t now, bool queue_read, const struct incident_log *log)
{
	struct incident_facts *f = &g->facts;

	g->now = f->now = now;
	g->counts_ms = 0;
	fill_queue(g, f, queue_read);
	fill_host(g, f);
	fill_problems(g, f);
	f->rates = log_rates_minutes(g->rates);
	f->log_known = log->known && log_rates_are_current(g->rates, now);
	f->log_counting = log->known && !f->log_known;
	f->log_newest = log->newest;
	f->log_oldest = log->oldest;
	g->warning_count = 0;
	notices_each(g->notices, add_warning, g);
	f->notices = g->warnings;
	f->notice_count = g->warning_count;
	f->repeats = g->repeats;
	f->repeat_count = now - g->repeats_at < REPEATS_FRESH ? g->repeat_count : 0;
	f->is_own_client = is_own_client;
	f->is_held_back = is_held_back;
	f->count_messages = count_messages;
	f->context = g;
	return f;
}
