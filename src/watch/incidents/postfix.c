/* What Postfix's own programs complain of: services that do not start, settings and tables that
 * cannot be read. One line is a test or an accident; the same again a minute later is not. Only the
 * form of Postfix's own lines counts, from the program that writes them: what a stranger put into a
 * header, an address or a reply stands behind other words. */
#include "watch/incidents/kinds.h"

#include <stdio.h>

#include "postfix/log_line.h"
#include "watch/incidents/words.h"

/* A complaint that is not repeated for so long is over: the master tries again after a minute. */
#define POSTFIX_OVER 300
/* So many lines, over so long, of what is no throttling. */
#define POSTFIX_LINES 3
#define POSTFIX_SPAN 20
/* Postfix does not run for so long: a restart is shorter. */
#define POSTFIX_DOWN_AFTER 20

enum complaint_kind {
	COMPLAINT_NONE,
	COMPLAINT_THROTTLED, /* the master does not start it for now */
	COMPLAINT_FATAL,     /* it ended itself: configuration, mostly */
	COMPLAINT_TABLE,     /* a map cannot be read */
	COMPLAINT_KINDS
};

static const struct complaint_words {
	enum said_code title, text;
} complaint_words[COMPLAINT_KINDS] = {
    [COMPLAINT_THROTTLED] = {SAID_INCIDENT_THROTTLED, SAID_INCIDENT_THROTTLED_TEXT},
    [COMPLAINT_FATAL] = {SAID_INCIDENT_FATAL, SAID_INCIDENT_FATAL_TEXT},
    [COMPLAINT_TABLE] = {SAID_INCIDENT_TABLE, SAID_INCIDENT_TABLE_TEXT},
};

/* "mysql:/etc/...", "hash:/etc/aliases": the type of a table and its name, at the beginning. */
static bool begins_with_table(struct slice text)
{
	ptrdiff_t colon = slice_find_char(text, ':');

	if (colon < 2 || colon > 12)
		return false;
	for (ptrdiff_t i = 0; i < colon; i++)
		if (text.data[i] < 'a' || text.data[i] > 'z')
			return false;
	return (size_t)colon + 1 < text.len && text.data[colon + 1] != ' ';
}

static bool is_table(struct slice text)
{
	if (slice_starts_with(text, "open database ") || slice_starts_with(text, "table ") ||
	    slice_starts_with(text, "connect to mysql server") ||
	    slice_starts_with(text, "connect to pgsql server") ||
	    slice_starts_with(text, "dict_ldap") || slice_starts_with(text, "mysql query failed") ||
	    slice_starts_with(text, "pgsql query failed"))
		return true;
	return begins_with_table(text) && (slice_find(text, SLICE(" lookup error")) > 0 ||
					      slice_find(text, SLICE(" is unavailable")) > 0 ||
					      slice_find(text, SLICE("table lookup problem")) > 0);
}

/* The text behind "warning: " and its like, which log lines still carry. */
static struct slice without_severity(struct slice text)
{
	static const char *const words[] = {"warning: ", "error: ", "fatal: ", "panic: "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_starts_with(text, words[i]))
			return slice_from(text, strlen(words[i]));
	return text;
}

/* "/usr/lib/postfix/sbin/smtpd: bad command startup -- throttling": the program's last part. */
static struct slice program_of(struct slice text)
{
	ptrdiff_t colon = slice_find_char(text, ':');
	struct slice path = slice_first(text, colon < 0 ? 0 : (size_t)colon), part, last = path;

	while (slice_split(&path, '/', &part))
		last = part;
	return last;
}

/* "mysql:/etc/postfix/x.cf" or "/etc/postfix/x.db": several programs complain of the same one. */
static struct slice table_of(struct slice text)
{
	ptrdiff_t end;

	if (slice_starts_with(text, "open database "))
		text = slice_from(text, strlen("open database "));
	end = slice_find_char(text, ' ');
	text = slice_first(text, end < 0 ? text.len : (size_t)end);
	return text.len > 0 && text.data[text.len - 1] == ':' ? slice_first(text, text.len - 1)
							      : text;
}

/* What a line says, and of which service. */
static enum complaint_kind judge_line(const struct incident_problem *problem, struct slice *key)
{
	struct slice text = without_severity(problem->text);

	*key = problem->process;
	if (slice_is(problem->process, "master")) {
		if (!slice_ends_with(text, "throttling"))
			return COMPLAINT_NONE;
		*key = program_of(text);
		return key->len > 0 ? COMPLAINT_THROTTLED : COMPLAINT_NONE;
	}
	if (is_table(text)) {
		*key = table_of(text);
		return COMPLAINT_TABLE;
	}
	return problem->severity >= LOG_FATAL_LINE ? COMPLAINT_FATAL : COMPLAINT_NONE;
}

/* The place of the one that said something longest ago. */
static struct incident_service *oldest(struct incident_memory *memory)
{
	struct incident_service *found = &memory->services[0];

	for (size_t i = 1; i < memory->service_count; i++)
		if (memory->services[i].last < found->last)
			found = &memory->services[i];
	return found;
}

static struct incident_service *service_of(
    struct incident_memory *memory, enum complaint_kind kind, struct slice key)
{
	struct incident_service *service;

	key = slice_first(key, INCIDENT_SERVICE_KEY - 1);
	for (size_t i = 0; i < memory->service_count; i++)
		if (memory->services[i].kind == (char)kind &&
		    slice_is(key, memory->services[i].key))
			return &memory->services[i];
	service = memory->service_count < INCIDENT_SERVICES_MAX
		      ? &memory->services[memory->service_count++]
		      : oldest(memory);
	*service = (struct incident_service){.kind = (char)kind};
	snprintf(service->key, sizeof(service->key), "%.*s", SLICE_ARGS(key));
	return service;
}

static void take_line(struct incident_turn *turn, const struct incident_problem *problem)
{
	struct slice key;
	enum complaint_kind kind = judge_line(problem, &key);
	struct incident_service *service;

	/* Lines of a past that is only read now, or of a clock that is wrong, tell nothing of now.
	 */
	if (kind == COMPLAINT_NONE || problem->at > turn->now + 60 ||
	    turn->now - problem->at > POSTFIX_OVER)
		return;
	service = service_of(turn->memory, kind, key);
	if (problem->at - service->last > POSTFIX_OVER || service->times == 0) {
		service->first = problem->at;
		service->times = 0;
	}
	service->times += service->times < UINT32_MAX;
	if (problem->at > service->last)
		service->last = problem->at;
	snprintf(service->quote, sizeof(service->quote), "%.*s", SLICE_ARGS(problem->text));
}

/* Whether it is more than one accident. The master says "throttling" only after a program ended at
 * once; twice means that it was tried again. */
static bool is_lasting(const struct incident_service *service)
{
	if (service->kind == COMPLAINT_THROTTLED)
		return service->times >= 2;
	return service->times >= POSTFIX_LINES && service->last - service->first >= POSTFIX_SPAN;
}

static void tell_service(struct incident_turn *turn, const struct incident_service *service)
{
	const struct complaint_words *words = &complaint_words[(int)service->kind];
	BUFFER_AUTO struct buffer key = {0}, name = {0};

	if (turn->now - service->last > POSTFIX_OVER)
		return;
	/* One service may be throttled because a table is missing: two things to see. */
	buffer_append_string(&key, service->key);
	buffer_append_string(&key, service->kind == COMPLAINT_TABLE   ? " table"
				   : service->kind == COMPLAINT_FATAL ? " fatal"
								      : "");
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_POSTFIX, INCIDENT_OF_SERVICE, buffer_slice(&key));
	claim.keeps_only = !is_lasting(service);
	claim.severity = service->kind == COMPLAINT_FATAL ? INCIDENT_WATCH : INCIDENT_ACT;
	claim.since = service->first;
	incident_words_put(&name, slice_of(service->key), INCIDENT_KEY_SHOWN);
	said_put(&claim.title, words->title, 1, said_text("name", buffer_slice(&name)));
	said_put(&claim.text, words->text, 0);
	incident_claim_evidence(&claim, slice_of(service->quote), SAID_INCIDENT_SAID_TIMES, 1,
	    said_number("times", service->times));
	incident_list_claim(turn->list, &claim, turn->now);
}

static void tell_down(struct incident_turn *turn)
{
	struct incident_memory *memory = turn->memory;
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_POSTFIX, INCIDENT_OF_SERVICE, SLICE("postfix"));

	if (turn->facts->postfix_running != 0)
		memory->postfix_lost = 0;
	else if (memory->postfix_lost == 0 || memory->postfix_lost > turn->now)
		memory->postfix_lost = turn->now;
	if (memory->postfix_lost == 0 || turn->now - memory->postfix_lost < POSTFIX_DOWN_AFTER)
		return;
	claim.severity = INCIDENT_ACT;
	claim.since = memory->postfix_lost;
	said_put(&claim.title, SAID_INCIDENT_POSTFIX_DOWN, 0);
	said_put(&claim.text, SAID_INCIDENT_POSTFIX_DOWN_TEXT, 0);
	incident_list_claim(turn->list, &claim, turn->now);
}

void incident_tell_postfix(struct incident_turn *turn)
{
	tell_down(turn);
	for (size_t i = 0; i < turn->facts->problem_count; i++)
		take_line(turn, &turn->facts->problems[i]);
	for (size_t i = 0; i < turn->memory->service_count; i++)
		tell_service(turn, &turn->memory->services[i]);
}
